/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef UMDEV_LINUX_KERNEL_H
#define UMDEV_LINUX_KERNEL_H

#include_next <linux/kernel.h>
#include <linux/bitops.h>
#include <linux/bug.h>
#include <linux/byteorder/generic.h>
#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/printk.h>
#include <linux/stddef.h>
#include <linux/stringify.h>
#include <linux/types.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define ARRAY_SIZE(arr) \
	(sizeof(arr) / sizeof((arr)[0]) + BUILD_BUG_ON_ZERO(__same_type((arr), &(arr)[0])))

/* The structure of @type whose @member is at @ptr. */
#define container_of(ptr, type, member)                                    \
	({                                                                 \
		_Static_assert(__same_type(*(ptr), ((type *)0)->member) || \
				       __same_type(*(ptr), void),          \
			       "pointer type mismatch in container_of()"); \
		(type *)((char *)(ptr)-offsetof(type, member));            \
	})

#define __ALIGN_MASK(x, mask)	(((x) + (mask)) & ~(mask))
#define ALIGN(x, a)		__ALIGN_MASK(x, (typeof(x))(a)-1)
#define ALIGN_DOWN(x, a)	((x) & ~((typeof(x))(a)-1))
#define IS_ALIGNED(x, a)	(((x) & ((typeof(x))(a)-1)) == 0)
#define PTR_ALIGN(p, a)		((typeof(p))ALIGN((unsigned long)(p), (a)))
#define round_up(x, y)		((((x)-1) | ((typeof(x))(y)-1)) + 1)
#define round_down(x, y)	((x) & ~((typeof(x))(y)-1))
#define DIV_ROUND_UP(n, d)	(((n) + (d)-1) / (d))
#define DIV_ROUND_UP_ULL(n, d)	DIV_ROUND_UP((unsigned long long)(n), d)
#define DIV_ROUND_CLOSEST(x, d) (((x) + (d) / 2) / (d))
#define roundup(x, y)		((((x) + (y)-1) / (y)) * (y))
#define rounddown(x, y)		((x) - ((x) % (y)))
#define upper_32_bits(n)	((u32)(((n) >> 16) >> 16))
#define lower_32_bits(n)	((u32)((n)&0xffffffff))
#define might_sleep()		((void)0)
#define might_fault()		((void)0)
#define u64_to_user_ptr(x)	((void __user *)(uintptr_t)(u64)(x))

/* Text with the kernel's %p extensions (%pUl, %pV, %pe …); see runtime/vsprintf.c. */
__printf(3, 0) int kernel_vsnprintf(char *buf, size_t size, const char *fmt, va_list args);
__printf(3, 4) int kernel_snprintf(char *buf, size_t size, const char *fmt, ...);
__printf(2, 0) int kernel_vsprintf(char *buf, const char *fmt, va_list args);
__printf(2, 3) int kernel_sprintf(char *buf, const char *fmt, ...);
__printf(3, 0) int vscnprintf(char *buf, size_t size, const char *fmt, va_list args);
__printf(3, 4) int scnprintf(char *buf, size_t size, const char *fmt, ...);
__printf(2, 3) char *kasprintf(gfp_t gfp, const char *fmt, ...);
__printf(2, 0) char *kvasprintf(gfp_t gfp, const char *fmt, va_list args);
const char *kvasprintf_const(gfp_t gfp, const char *fmt, va_list args);

/*
 * A driver that says sprintf() means the kernel's. These come after <stdio.h>,
 * so that libc's own declarations keep their names.
 */
#undef vsnprintf
#undef snprintf
#undef vsprintf
#undef sprintf
#define vsnprintf kernel_vsnprintf
#define snprintf  kernel_snprintf
#define vsprintf  kernel_vsprintf
#define sprintf	  kernel_sprintf

int __must_check kstrtoull(const char *s, unsigned int base, unsigned long long *res);
int __must_check kstrtoll(const char *s, unsigned int base, long long *res);
int __must_check kstrtoul(const char *s, unsigned int base, unsigned long *res);
int __must_check kstrtol(const char *s, unsigned int base, long *res);
int __must_check kstrtouint(const char *s, unsigned int base, unsigned int *res);
int __must_check kstrtoint(const char *s, unsigned int base, int *res);
int __must_check kstrtou16(const char *s, unsigned int base, u16 *res);
int __must_check kstrtos16(const char *s, unsigned int base, s16 *res);
int __must_check kstrtou8(const char *s, unsigned int base, u8 *res);
int __must_check kstrtos8(const char *s, unsigned int base, s8 *res);
int __must_check kstrtobool(const char *s, bool *res);
#define kstrtou64(s, base, res) kstrtoull(s, base, (unsigned long long *)(res))
#define kstrtos64(s, base, res) kstrtoll(s, base, (long long *)(res))
#define kstrtou32(s, base, res) kstrtouint(s, base, res)
#define kstrtos32(s, base, res) kstrtoint(s, base, res)
unsigned long simple_strtoul(const char *cp, char **endp, unsigned int base);
unsigned long long simple_strtoull(const char *cp, char **endp, unsigned int base);
long simple_strtol(const char *cp, char **endp, unsigned int base);

int hex_to_bin(char ch);
int __must_check hex2bin(u8 *dst, const char *src, size_t count);

#endif /* UMDEV_LINUX_KERNEL_H */
