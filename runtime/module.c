// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * The module loader: from a file to a live module, and back.
 *
 * Loads are made one at a time, under load_lock, with the modules that one
 * needs in the same go. An unload does not take it while the module's exit
 * function runs, which may wait for a device's user for as long as that likes.
 *
 * Lock order: load_lock > modules.lock (module_list.c), linker_lock. No lock is
 * held when a module's functions are called but load_lock while it is loaded.
 */
#include <linux/err.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <umdev/module.h>
#include <dlfcn.h>
#include "modules.h"
#include "sysfs_tree.h"

static DEFINE_MUTEX(load_lock);

/* Around dlopen() and dlclose(), whose own lock race detectors do not see. */
static DEFINE_MUTEX(linker_lock);

/* One call of umdev_module_load(): the names of what it loaded, the latest first. */
struct load {
	struct list_head done;
	struct umdev_error *err;
};

struct load_step {
	struct list_head entry;
	char name[MODULE_NAME_LEN];
};

static int load_module(struct load *load, const char *name, const char *params);

/* Loads what lm->image.depends names and takes references on it. */
static int load_dependencies(struct load *load, struct loaded_module *lm)
{
	char *names, *rest, *name;
	int ret = 0;

	if (!lm->image.depends)
		return 0;
	names = rest = kstrdup(lm->image.depends, GFP_KERNEL);
	if (!names)
		return umdev_error_set(load->err, -ENOMEM, "no memory to load module %s", lm->name);
	while (!ret && (name = strsep(&rest, ","))) {
		strreplace(name, '-', '_');
		ret = load_module(load, name, NULL);
		if (!ret || ret == -EEXIST)
			ret = module_use(lm, name, load->err);
	}
	kfree(names);
	return ret;
}

/* What a soft dependency names is wished for, not needed. */
static void load_softly(struct load *load, struct loaded_module *lm, const char *name)
{
	struct umdev_error err = { .code = 0 };
	struct umdev_error *outer = load->err;
	int ret;

	load->err = &err;
	ret = load_module(load, name, NULL);
	load->err = outer;
	if (ret && ret != -EEXIST && ret != -ELOOP)
		pr_warn("%s: soft dependency %s is not loaded: %s\n", lm->name, name, err.text);
}

/* "pre: a b post: c": loads those that follow @when. */
static void load_softdeps(struct load *load, struct loaded_module *lm, const char *when)
{
	const char *softdep = NULL;
	char *copy, *rest, *word;

	while ((softdep = module_image_next(&lm->image, "softdep", softdep))) {
		bool now = false;

		copy = rest = kstrdup(softdep, GFP_KERNEL);
		while (rest && (word = strsep(&rest, " \t"))) {
			if (strchr(word, ':'))
				now = !strcmp(word, when);
			else if (*word && now)
				load_softly(load, lm, word);
		}
		kfree(copy);
	}
}

static int open_object(struct loaded_module *lm, struct umdev_error *err)
{
	int ret = 0;

	mutex_lock(&linker_lock);
	lm->handle = dlopen(lm->image.path, RTLD_NOW | RTLD_LOCAL);
	if (!lm->handle) {
		ret = umdev_error_set(err, -ENOEXEC, "cannot load module %s: %s", lm->name,
				      dlerror());
		goto unlock;
	}
	lm->module = dlsym(lm->handle, "__this_module");
	if (!lm->module || strcmp(lm->module->name, lm->name)) {
		ret = umdev_error_set(
			err, -ENOEXEC,
			"%s is not a umdev module of this name: it calls itself \"%s\"",
			lm->image.path, lm->module ? lm->module->name : "");
		lm->module = NULL;
		dlclose(lm->handle);
	}
unlock:
	mutex_unlock(&linker_lock);
	return ret;
}

static void close_object(struct loaded_module *lm)
{
	/* No removal of its files has waited for callbacks that removed their own. */
	sysfs_wait_for_object(lm->module);
	lm->module->loaded = NULL;
	lm->module = NULL;
	mutex_lock(&linker_lock);
	dlclose(lm->handle);
	mutex_unlock(&linker_lock);
}

static void remove_holder_links(struct loaded_module *lm, struct module_use *end)
{
	struct module_use *use;

	list_for_each_entry(use, &lm->uses, uses_entry) {
		if (use == end)
			break;
		module_sysfs_remove_holder(use->target, lm);
	}
}

static int add_holder_links(struct loaded_module *lm)
{
	struct module_use *use;
	int ret;

	list_for_each_entry(use, &lm->uses, uses_entry) {
		ret = module_sysfs_add_holder(use->target, lm);
		if (ret) {
			remove_holder_links(lm, use);
			return ret;
		}
	}
	return 0;
}

static int show_module(struct loaded_module *lm, struct umdev_error *err)
{
	int ret = module_sysfs_add(lm);

	if (!ret) {
		ret = add_holder_links(lm);
		if (ret)
			module_sysfs_remove(lm);
	}
	if (ret)
		return umdev_error_set(err, ret, "/sys/module/%s cannot be made: %s", lm->name,
				       strerror(-ret));
	return 0;
}

static void hide_module(struct loaded_module *lm)
{
	remove_holder_links(lm, NULL);
	module_sysfs_remove(lm);
}

static int call_init(struct loaded_module *lm, struct umdev_error *err)
{
	int ret = lm->module->init ? lm->module->init() : 0;

	if (ret < 0)
		return umdev_error_set(err, ret, "module %s refuses to start: %s", lm->name,
				       strerror(-ret));
	if (ret)
		pr_warn("%s: its init function returned %d; 0 or a negative errno is expected\n",
			lm->name, ret);
	return 0;
}

/* From a shared object in memory to a live module. */
static int start_module(struct loaded_module *lm, const char *params, struct umdev_error *err)
{
	struct module *module = lm->module;
	int ret;

	module->loaded = lm;
	/* One reference for being there, one for being started. */
	atomic_set(&module->refcnt, 2);
	module_set_state(lm, MODULE_STATE_COMING);
	ret = module_params_parse(module, params, err);
	if (ret)
		goto free_params;
	ret = show_module(lm, err);
	if (ret)
		goto free_params;
	ret = call_init(lm, err);
	if (ret)
		goto hide;
	module_set_state(lm, MODULE_STATE_LIVE);
	atomic_dec(&module->refcnt);
	module_sysfs_announce(lm);
	return 0;

hide:
	module_set_state(lm, MODULE_STATE_GOING);
	hide_module(lm);
free_params:
	module_params_free(module->params, module->params_end);
	module_set_state(lm, MODULE_STATE_GOING);
	return ret;
}

static void free_module(struct loaded_module *lm)
{
	module_image_free(&lm->image);
	kfree(lm);
}

/* A module with its file read, or ERR_PTR(). */
static struct loaded_module *find_and_read(const char *name, struct umdev_error *err)
{
	struct loaded_module *lm = kzalloc(sizeof(*lm), GFP_KERNEL);
	char *path;
	int ret;

	if (!lm)
		return ERR_PTR(umdev_error_set(err, -ENOMEM, "no memory to load module %s", name));
	INIT_LIST_HEAD(&lm->uses);
	INIT_LIST_HEAD(&lm->users);
	lm->state = MODULE_STATE_UNFORMED;
	ret = module_find_file(name, &path, err);
	if (ret)
		goto free;
	ret = module_image_read(&lm->image, path, err);
	module_name_of(lm->name, path);
	kfree(path);
	if (ret)
		goto free;
	return lm;

free:
	kfree(lm);
	return ERR_PTR(ret);
}

static int note_done(struct load *load, struct loaded_module *lm)
{
	struct load_step *step = kmalloc(sizeof(*step), GFP_KERNEL);

	if (!step)
		return umdev_error_set(load->err, -ENOMEM, "no memory to load module %s", lm->name);
	strscpy(step->name, lm->name, sizeof(step->name));
	list_add(&step->entry, &load->done);
	return 0;
}

static void forget_last_done(struct load *load)
{
	struct load_step *step = list_first_entry(&load->done, struct load_step, entry);

	list_del(&step->entry);
	kfree(step);
}

static int load_module(struct load *load, const char *name, const char *params)
{
	struct loaded_module *lm = find_and_read(name, load->err);
	int ret;

	if (IS_ERR(lm))
		return (int)PTR_ERR(lm);
	ret = module_register(lm, load->err);
	if (ret)
		goto free;
	load_softdeps(load, lm, "pre:");
	ret = load_dependencies(load, lm);
	if (ret)
		goto unuse;
	ret = open_object(lm, load->err);
	if (ret)
		goto unuse;
	ret = note_done(load, lm);
	if (ret)
		goto close;
	ret = start_module(lm, params, load->err);
	if (ret)
		goto forget;
	load_softdeps(load, lm, "post:");
	return 0;

forget:
	forget_last_done(load);
close:
	close_object(lm);
unuse:
	module_unuse_all(lm);
	module_unregister(lm);
free:
	free_module(lm);
	return ret;
}

/* Keeps what was loaded, or, after a failure, unloads it again. */
static void finish_load(struct load *load, bool keep)
{
	struct load_step *step, *next;

	list_for_each_entry_safe(step, next, &load->done, entry) {
		if (!keep)
			umdev_module_unload(step->name, NULL);
		kfree(step);
	}
}

int umdev_module_load(const char *name, const char *params, struct umdev_error *err)
{
	struct umdev_error unheard;
	struct load load = { .err = err ? err : &unheard };
	int ret;

	INIT_LIST_HEAD(&load.done);
	mutex_lock(&load_lock);
	ret = load_module(&load, name, params);
	finish_load(&load, !ret);
	mutex_unlock(&load_lock);
	return ret;
}
EXPORT_SYMBOL_GPL(umdev_module_load);

int umdev_module_unload(const char *name, struct umdev_error *err)
{
	struct loaded_module *lm = module_begin_unload(name, err);

	if (IS_ERR(lm))
		return PTR_ERR(lm);
	if (lm->module->exit)
		lm->module->exit();
	hide_module(lm);
	module_params_free(lm->module->params, lm->module->params_end);
	close_object(lm);
	module_unuse_all(lm);
	module_unregister(lm);
	free_module(lm);
	return 0;
}
EXPORT_SYMBOL_GPL(umdev_module_unload);

int umdev_module_unload_all(void)
{
	char name[MODULE_NAME_LEN];

	while (module_find_unloadable(name))
		umdev_module_unload(name, NULL);
	return module_tell_of_left();
}
EXPORT_SYMBOL_GPL(umdev_module_unload_all);
