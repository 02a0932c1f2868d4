// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* Parameters of what is built in: /sys/module/NAME/parameters without a loaded module NAME. */
#include <linux/err.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/string.h>
#include "modules.h"

/* The section that <linux/moduleparam.h> fills; the linker names its bounds, or leaves them 0. */
extern const struct kernel_param *const __start_umdev_params[]
	__attribute__((__weak__, __visibility__("hidden")));
extern const struct kernel_param *const __stop_umdev_params[]
	__attribute__((__weak__, __visibility__("hidden")));

/* struct module_kobject; touched at the start and the end of the runtime only. */
static LIST_HEAD(builtin_modules);

static bool has_directory(const char *name)
{
	struct module_kobject *mk;

	list_for_each_entry(mk, &builtin_modules, builtin_entry)
		if (!strcmp(kobject_name(&mk->kobj), name))
			return true;
	return false;
}

static void remove_directories(void)
{
	struct module_kobject *mk, *next;

	list_for_each_entry_safe(mk, next, &builtin_modules, builtin_entry) {
		list_del(&mk->builtin_entry);
		module_sysfs_remove_builtin(mk);
	}
}

static int __init builtin_params_init(void)
{
	const struct kernel_param *const *p;

	for (p = __start_umdev_params; p < __stop_umdev_params; p++) {
		struct module_kobject *mk;

		if (!(*p)->perm || has_directory((*p)->modname))
			continue;
		mk = module_sysfs_add_builtin((*p)->modname, __start_umdev_params,
					      __stop_umdev_params);
		if (IS_ERR(mk)) {
			remove_directories();
			return PTR_ERR(mk);
		}
		list_add(&mk->builtin_entry, &builtin_modules);
	}
	return 0;
}
subsys_initcall(builtin_params_init);

static void __exit builtin_params_exit(void)
{
	remove_directories();
	module_params_free(__start_umdev_params, __stop_umdev_params);
}
module_exit(builtin_params_exit);
