/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef UMDEV_LINUX_MODULEPARAM_H
#define UMDEV_LINUX_MODULEPARAM_H

#include <linux/compiler.h>
#include <linux/minmax.h>
#include <linux/stringify.h>
#include <linux/types.h>

#ifndef KBUILD_MODNAME
#define KBUILD_MODNAME "umdev"
#endif

/* A "tag=value" string in the section that modinfo and the loader read. */
#define __MODULE_INFO_NAME(tag) __minmax_paste(__minmax_paste(__modinfo_, tag), __COUNTER__)
#ifdef MODULE
#define __MODULE_INFO(tag, name, info)                                           \
	static const char __MODULE_INFO_NAME(tag)[] __used __section(".modinfo") \
		__aligned(1) = __stringify(tag) "=" info
#else
#define __MODULE_INFO(tag, name, info) extern int __umdev_modinfo_line
#endif

struct kernel_param;

#define KERNEL_PARAM_OPS_FL_NOARG (1u << 0) /* the name alone is a value: set() gets NULL */

/* How values of a parameter's type are parsed, shown and freed. */
struct kernel_param_ops {
	unsigned int flags;
	int (*set)(const char *val, const struct kernel_param *kp);
	int (*get)(char *buffer, const struct kernel_param *kp); /* at most PAGE_SIZE bytes */
	void (*free)(void *arg);
};

struct kparam_string {
	unsigned int maxlen;
	char *string;
};

struct kparam_array {
	unsigned int max;
	unsigned int elemsize;
	unsigned int *num;
	const struct kernel_param_ops *ops;
	void *elem;
};

/*
 * One parameter; @perm is the mode of its file in sysfs, 0 for no file. @modname is the module it is of,
 * which may be built in.
 */
struct kernel_param {
	const char *name;
	const struct kernel_param_ops *ops;
	u16 perm;
	union {
		void *arg;
		const struct kparam_string *str;
		const struct kparam_array *arr;
	};
	const char *modname;
};

/* The address of @name, after a check that it is of the type the parameter's functions want. */
#define __param_check(name, p, type) _Static_assert(__same_type((p), type *), "type of " #name)

#define __module_param_call(pname, pops, parg, pperm)                                 \
	_Static_assert((pperm) >= 0 && (pperm) <= 0777, "mode of parameter " #pname); \
	static const struct kernel_param __param_##pname = {                          \
		#pname, pops, pperm, { parg }, KBUILD_MODNAME                         \
	};                                                                            \
	static const struct kernel_param *const __param_ptr_##pname __used __section( \
		"umdev_params") = &__param_##pname

#define module_param_cb(name, ops, arg, perm) __module_param_call(name, ops, arg, perm)
#define __module_param(name, value, check, ops, type, perm) \
	check(name, &(value));                              \
	__module_param_call(name, &ops, &(value), perm);    \
	__MODULE_INFO(parmtype, name, #name ":" type)
#define __module_param_array(name, array, ops_, type, nump, perm)                       \
	static const struct kparam_array __param_arr_##name = {                         \
		.max = sizeof(array) / sizeof((array)[0]),                              \
		.elemsize = sizeof((array)[0]),                                         \
		.num = nump,                                                            \
		.ops = &ops_,                                                           \
		.elem = array,                                                          \
	};                                                                              \
	__module_param_call(name, &param_array_ops, (void *)&__param_arr_##name, perm); \
	__MODULE_INFO(parmtype, name, #name ":array of " type)

/* The type is pasted here and not further down, where "bool" would be replaced. */
#define module_param_named(name, value, type, perm) \
	__module_param(name, value, __param_check_##type, param_ops_##type, #type, perm)
#define module_param(name, type, perm) \
	__module_param(name, name, __param_check_##type, param_ops_##type, #type, perm)
#define module_param_array_named(name, array, type, nump, perm) \
	__module_param_array(name, array, param_ops_##type, #type, nump, perm)
#define module_param_array(name, type, nump, perm) \
	__module_param_array(name, name, param_ops_##type, #type, nump, perm)
#define module_param_string(name, pstring, len, perm)                                       \
	static const struct kparam_string __param_string_##name = { len, pstring };         \
	__module_param_call(name, &param_ops_string, (void *)&__param_string_##name, perm); \
	__MODULE_INFO(parmtype, name, #name ":string")
#define MODULE_PARM_DESC(_parm, desc) __MODULE_INFO(parm, _parm, #_parm ":" desc)

#define __param_check_byte(name, p)    __param_check(name, p, unsigned char)
#define __param_check_short(name, p)   __param_check(name, p, short)
#define __param_check_ushort(name, p)  __param_check(name, p, unsigned short)
#define __param_check_int(name, p)     __param_check(name, p, int)
#define __param_check_uint(name, p)    __param_check(name, p, unsigned int)
#define __param_check_long(name, p)    __param_check(name, p, long)
#define __param_check_ulong(name, p)   __param_check(name, p, unsigned long)
#define __param_check_ullong(name, p)  __param_check(name, p, unsigned long long)
#define __param_check_charp(name, p)   __param_check(name, p, char *)
#define __param_check_bool(name, p)    __param_check(name, p, bool)
#define __param_check_invbool(name, p) __param_check(name, p, bool)

extern const struct kernel_param_ops param_ops_byte, param_ops_short, param_ops_ushort,
	param_ops_int, param_ops_uint, param_ops_long, param_ops_ulong, param_ops_ullong,
	param_ops_charp, param_ops_bool, param_ops_invbool, param_ops_string, param_array_ops;

int param_set_int(const char *val, const struct kernel_param *kp);
int param_get_int(char *buffer, const struct kernel_param *kp);
int param_set_uint(const char *val, const struct kernel_param *kp);
int param_get_uint(char *buffer, const struct kernel_param *kp);
int param_set_bool(const char *val, const struct kernel_param *kp);
int param_get_bool(char *buffer, const struct kernel_param *kp);
int param_set_charp(const char *val, const struct kernel_param *kp);
int param_get_charp(char *buffer, const struct kernel_param *kp);
void param_free_charp(void *arg);

#endif /* UMDEV_LINUX_MODULEPARAM_H */
