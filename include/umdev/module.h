/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef UMDEV_MODULE_H
#define UMDEV_MODULE_H

#include <stddef.h>
#include <umdev/error.h>

/**
 * struct umdev_module_info - a loaded module
 * @name: its name
 * @path: the file it came from
 * @state: "live", "coming" or "going"
 * @size: bytes of memory that its file occupies
 * @refcnt: references, those of @holders included
 * @holders: names of the modules that use it; NULL at the end
 */
struct umdev_module_info {
	const char *name;
	const char *path;
	const char *state;
	size_t size;
	int refcnt;
	const char *const *holders;
};

/**
 * umdev_module_set_dir() - say where modules are
 * @dir: a directory that holds NAME.so files; copied
 * @err: the failure in words, or NULL
 *
 * Context: may sleep.
 * Return: 0; -ENOENT, -ENOTDIR or -EACCES if @dir is no readable directory (the
 * former one stays); -ENOMEM.
 */
int umdev_module_set_dir(const char *dir, struct umdev_error *err);

/**
 * umdev_module_load() - load a module and what it needs
 * @name: its name, or an alias that one of the modules declares ("-" and "_" are the same)
 * @params: "name=value" pairs with spaces between, values in double quotes if they hold spaces;
 *	NULL: none
 * @err: the failure in words, or NULL
 *
 * Modules it depends on are loaded first and referenced, soft dependencies "pre"
 * before and "post" after it; one of these that fails is logged, no error. If
 * the module's init function fails all is undone, modules loaded for it
 * included.
 *
 * Context: may sleep; one load at a time, others wait. Not from a module's init
 * function.
 * Return: 0; -EEXIST if it is loaded; -ENOENT if there is no such file; -ENOEXEC
 * if the file is no module of this runtime; -EINVAL or -ERANGE for a bad name or
 * value; -EBUSY if it, or one that it needs, is being unloaded; -ELOOP if it
 * needs itself; -ENOMEM; or what its init function returned.
 */
int umdev_module_load(const char *name, const char *params, struct umdev_error *err);

/**
 * umdev_module_unload() - unload a module
 * @name: its name ("-" and "_" are the same)
 * @err: the failure in words, or NULL
 *
 * Modules it depends on stay. Its exit function runs first, in the calling
 * thread, and may wait for the users of its devices.
 *
 * Context: may sleep. Not from a module's functions.
 * Return: 0; -ENOENT if it is not loaded; -EBUSY if other modules use it, it has references or no
 * exit function, or is on its way in or out.
 */
int umdev_module_unload(const char *name, struct umdev_error *err);

/**
 * umdev_module_unload_all() - unload all modules, users before what they use
 *
 * One that is in use is skipped and logged.
 *
 * Context: as umdev_module_unload().
 * Return: how many remain.
 */
int umdev_module_unload_all(void);

/**
 * umdev_module_for_each() - look at the loaded modules, the latest first
 * @fn: called for each; a value other than 0 stops. It must not load or unload.
 * @data: passed to @fn
 *
 * Context: may sleep; does not wait for loads and unloads in progress, but is
 * waited for when these begin and end.
 * Return: 0, what @fn returned to stop, or -ENOMEM.
 */
int umdev_module_for_each(int (*fn)(const struct umdev_module_info *info, void *data), void *data);

/**
 * umdev_modinfo() - what a module's file says of itself
 * @name_or_path: a module's name, or a path (it holds a "/")
 * @fn: called for each key ("filename" first, then "license", "parm", "depends", …) and value; a
 *	value other than 0 stops
 * @data: passed to @fn
 * @err: the failure in words, or NULL
 *
 * The file is read, not loaded.
 *
 * Context: may sleep.
 * Return: 0; -ENOENT, -EACCES, -ENOEXEC, -ENOMEM; or what @fn returned to stop.
 */
int umdev_modinfo(const char *name_or_path,
		  int (*fn)(const char *key, const char *value, void *data), void *data,
		  struct umdev_error *err);

#endif /* UMDEV_MODULE_H */
