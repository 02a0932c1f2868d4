/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef UMDEV_LINUX_INIT_H
#define UMDEV_LINUX_INIT_H

#include <linux/compiler.h>
#include <linux/types.h>

#define __init
#define __initdata
#define __initconst
#define __exit
#define __exitdata
#define __ref
#define __refdata

typedef int (*initcall_t)(void);
typedef void (*exitcall_t)(void);

/* Like Linux's, these lines may stand with or without a semicolon. */
#ifndef MODULE

enum umdev_initcall_level {
	UMDEV_INITCALL_PURE,
	UMDEV_INITCALL_CORE,
	UMDEV_INITCALL_POSTCORE,
	UMDEV_INITCALL_ARCH,
	UMDEV_INITCALL_SUBSYS,
	UMDEV_INITCALL_FS,
	UMDEV_INITCALL_DEVICE,
	UMDEV_INITCALL_LATE,
	UMDEV_INITCALL_LEVELS,
};

/* One initcall of the runtime; umdev_runtime_init() finds them in a section of their own. */
struct umdev_initcall {
	initcall_t fn;
	const char *name;
	const char *file; /* the exit call of the same file undoes it */
	enum umdev_initcall_level level;
};

struct umdev_exitcall {
	exitcall_t fn;
	const char *file;
};

#define __define_initcall(func, lvl)                                                           \
	static const struct umdev_initcall __initcall_##func = { func, #func, __FILE__, lvl }; \
	static const struct umdev_initcall *const __initcall_ptr_##func __used __section(      \
		"umdev_initcalls") = &__initcall_##func;
#define __exitcall(func)                                                                  \
	static const struct umdev_exitcall __exitcall_##func = { func, __FILE__ };        \
	static const struct umdev_exitcall *const __exitcall_ptr_##func __used __section( \
		"umdev_exitcalls") = &__exitcall_##func;

#define pure_initcall(fn)     __define_initcall(fn, UMDEV_INITCALL_PURE)
#define core_initcall(fn)     __define_initcall(fn, UMDEV_INITCALL_CORE)
#define postcore_initcall(fn) __define_initcall(fn, UMDEV_INITCALL_POSTCORE)
#define arch_initcall(fn)     __define_initcall(fn, UMDEV_INITCALL_ARCH)
#define subsys_initcall(fn)   __define_initcall(fn, UMDEV_INITCALL_SUBSYS)
#define fs_initcall(fn)	      __define_initcall(fn, UMDEV_INITCALL_FS)
#define device_initcall(fn)   __define_initcall(fn, UMDEV_INITCALL_DEVICE)
#define late_initcall(fn)     __define_initcall(fn, UMDEV_INITCALL_LATE)
#define module_init(fn)	      device_initcall(fn)
#define module_exit(fn)	      __exitcall(fn)

#else

/* The loader finds both through struct module. */
int init_module(void) __attribute__((__weak__, __visibility__("hidden")));
void cleanup_module(void) __attribute__((__weak__, __visibility__("hidden")));

#define module_init(initfn) int init_module(void) __alias(initfn);
#define module_exit(exitfn) void cleanup_module(void) __alias(exitfn);

#define pure_initcall(fn)     module_init(fn)
#define core_initcall(fn)     module_init(fn)
#define postcore_initcall(fn) module_init(fn)
#define arch_initcall(fn)     module_init(fn)
#define subsys_initcall(fn)   module_init(fn)
#define fs_initcall(fn)	      module_init(fn)
#define device_initcall(fn)   module_init(fn)
#define late_initcall(fn)     module_init(fn)

#endif

#endif /* UMDEV_LINUX_INIT_H */
