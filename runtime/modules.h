/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/* The module loader's parts. */
#ifndef RUNTIME_MODULES_H
#define RUNTIME_MODULES_H

#include <linux/kobject.h>
#include <linux/list.h>
#include <linux/module.h>
#include <umdev/error.h>

/*
 * What a module's file says of itself, read without loading it: the strings of
 * its .modinfo section, one after the other with NULs between, and the names of
 * the modules it is linked against, separated by commas.
 */
struct module_image {
	char *path;
	char *modinfo;
	size_t modinfo_len;
	char *depends;
	size_t size;
};

/*
 * Reads @path. 0; -ENOENT, -EACCES, … from opening it; -ENOEXEC if it is no
 * module; -ENOMEM. Says so in @err. On success module_image_free() is due.
 */
int module_image_read(struct module_image *image, const char *path, struct umdev_error *err);
void module_image_free(struct module_image *image);

/*
 * The next "key=value" string after @last, or the first for NULL; NULL at the
 * end. With @key, only those of that key, and what is returned is the value.
 */
const char *module_image_next(const struct module_image *image, const char *key, const char *last);

/* One module uses another, and holds a reference on it. Both lists are under modules.lock. */
struct module_use {
	struct list_head uses_entry;  /* in source->uses */
	struct list_head users_entry; /* in target->users */
	struct loaded_module *source;
	struct loaded_module *target;
};

/*
 * A module from the moment its name is taken until it is gone. @entry, @uses,
 * @users and @state are under modules.lock; the rest belongs to the thread that
 * loads or unloads it, of which @state lets there be one, and does not change
 * while the module is live.
 */
struct loaded_module {
	struct list_head entry;
	struct list_head uses;
	struct list_head users;
	char name[MODULE_NAME_LEN];
	struct module_image image;
	enum module_state state;
	void *handle;	       /* of dlopen() */
	struct module *module; /* in the shared object */
	struct module_kobject *mkobj;
};

/*
 * The directory of a module in sysfs. It may outlive the module, whose attributes then answer
 * ENODEV. @lm is NULL and @builtin_entry in use for what is built in, which has parameters and
 * nothing else.
 */
struct module_kobject {
	struct kobject kobj;
	struct loaded_module *lm;
	struct list_head builtin_entry;
	struct kobject *holders;
	struct attribute_group param_group;
	struct param_attribute *param_attrs;
};

/* module_list.c. Takes @lm's name: 0; -EEXIST, -EBUSY or -ELOOP, described in @err: it is taken. */
int module_register(struct loaded_module *lm, struct umdev_error *err);
void module_unregister(struct loaded_module *lm);
void module_set_state(struct loaded_module *lm, enum module_state state);

/* Lets @lm use module @name, which is loaded: 0; -EBUSY it is on its way out; -ENOMEM. */
int module_use(struct loaded_module *lm, const char *name, struct umdev_error *err);
void module_unuse_all(struct loaded_module *lm);

/*
 * Takes module @name out of service, for the caller to unload: it; ERR_PTR(-ENOENT) or
 * ERR_PTR(-EBUSY), described in @err.
 */
struct loaded_module *module_begin_unload(const char *name, struct umdev_error *err);

/* The latest module that can go now; false: none can. */
bool module_find_unloadable(char name[MODULE_NAME_LEN]);
/* Logs why each module that is left stays: how many. */
int module_tell_of_left(void);

/*
 * The first live module that @match likes, with a reference taken; NULL if there is none. @match is
 * called under modules.lock.
 */
struct module *module_get_matching(bool (*match)(struct loaded_module *lm, void *data), void *data);

/* Fills /sys/module/NAME. 0, or what the tree says. */
int module_sysfs_add(struct loaded_module *lm);
void module_sysfs_remove(struct loaded_module *lm);
/* "add" once the module is live; "remove" comes with module_sysfs_remove(). */
void module_sysfs_announce(struct loaded_module *lm);
int module_sysfs_add_holder(struct loaded_module *target, struct loaded_module *source);
void module_sysfs_remove_holder(struct loaded_module *target, struct loaded_module *source);
const char *module_state_name(enum module_state state);

/* Makes /sys/module/@name for that module's built-in parameters: the directory, or ERR_PTR(). */
struct module_kobject *module_sysfs_add_builtin(const char *name,
						const struct kernel_param *const *params,
						const struct kernel_param *const *end);
void module_sysfs_remove_builtin(struct module_kobject *mk);

/*
 * Sets parameters from "name=value …". An unknown name is logged. 0; -EINVAL
 * and the like for a bad value; -ENOMEM. Values set before a bad one stay until
 * module_params_free().
 */
int module_params_parse(struct module *module, const char *args, struct umdev_error *err);
void module_params_free(const struct kernel_param *const *params,
			const struct kernel_param *const *end);
/* param->ops->get() and ->set() under the lock of all parameters. */
ssize_t module_param_show(const struct kernel_param *param, char *buf);
int module_param_store(const struct kernel_param *param, const char *val);

#define for_each_module_param(module, p) for (p = (module)->params; p < (module)->params_end; p++)

/*
 * The file of module @name, or else of the one that has @name as an alias:
 * *@path is to be freed with kfree(). 0; -ENOENT; -EINVAL if @name can be no
 * module's; what reading the directory says; -ENOMEM.
 */
int module_find_file(const char *name, char **path, struct umdev_error *err);
/* The module's name for the file at @path, or for what a person typed: "-" is "_". */
void module_name_of(char name[MODULE_NAME_LEN], const char *path);

#endif
