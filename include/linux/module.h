/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef UMDEV_LINUX_MODULE_H
#define UMDEV_LINUX_MODULE_H

#include <linux/atomic.h>
#include <linux/bug.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/idr.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/moduleparam.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/types.h>

#define MODULE_NAME_LEN (64 - sizeof(unsigned long))

enum module_state {
	MODULE_STATE_LIVE,
	MODULE_STATE_COMING,
	MODULE_STATE_GOING,
	MODULE_STATE_UNFORMED,
};

struct loaded_module;

/*
 * What a shared object says of itself, the same in each of its source files.
 * @loaded is the loader's own part (runtime/modules.h) and NULL before and
 * after it is loaded.
 */
struct module {
	enum module_state state; /* atomic, written under the loader's lock */
	atomic_t refcnt;	 /* users, plus 1 while it is not on its way out */
	char name[MODULE_NAME_LEN];
	int (*init)(void);
	void (*exit)(void);
	const struct kernel_param *const *params;
	const struct kernel_param *const *params_end;
	struct loaded_module *loaded;
};

#ifdef MODULE
/* The bounds of the parameter table; the linker leaves them 0 if there is none. */
extern const struct kernel_param *const __start_umdev_params[]
	__attribute__((__weak__, __visibility__("hidden")));
extern const struct kernel_param *const __stop_umdev_params[]
	__attribute__((__weak__, __visibility__("hidden")));

__attribute__((__weak__, __visibility__("protected"))) struct module __this_module = {
	.state = MODULE_STATE_UNFORMED,
	.name = KBUILD_MODNAME,
	.init = init_module,
	.exit = cleanup_module,
	.params = __start_umdev_params,
	.params_end = __stop_umdev_params,
};
#endif

#define MODULE_INFO(tag, info)		__MODULE_INFO(tag, tag, info)
#define MODULE_ALIAS(_alias)		MODULE_INFO(alias, _alias)
#define MODULE_SOFTDEP(_softdep)	MODULE_INFO(softdep, _softdep)
#define MODULE_LICENSE(_license)	MODULE_INFO(license, _license)
#define MODULE_AUTHOR(_author)		MODULE_INFO(author, _author)
#define MODULE_DESCRIPTION(_descr)	MODULE_INFO(description, _descr)
#define MODULE_VERSION(_version)	MODULE_INFO(version, _version)
#define MODULE_FIRMWARE(_firmware)	MODULE_INFO(firmware, _firmware)
#define MODULE_SUPPORTED_DEVICE(name)	extern int __umdev_modinfo_line
#define MODULE_DEVICE_TABLE(type, name) extern int __umdev_modinfo_line

bool try_module_get(struct module *module);
void __module_get(struct module *module);
void module_put(struct module *module);
int module_refcount(struct module *module);

void *__symbol_get(const char *symbol);
void __symbol_put(const char *symbol);
#define symbol_get(x) ((typeof(&x))(__symbol_get(#x)))
#define symbol_put(x) __symbol_put(#x)

struct kobject;
/* The directory of @module under /sys/module; NULL for built-in code and before it is loaded. */
struct kobject *module_kobject(struct module *module);

static inline const char *module_name(const struct module *module)
{
	return module ? module->name : "kernel";
}

static inline bool module_is_live(const struct module *module)
{
	return READ_ONCE(module->state) != MODULE_STATE_GOING;
}

#endif /* UMDEV_LINUX_MODULE_H */
