/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef UMDEV_LINUX_UACCESS_H
#define UMDEV_LINUX_UACCESS_H

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/types.h>
#include <string.h>
#include <umdev/uaccess.h>

bool umdev_user_range_ok(const void __user *ptr, unsigned long size);
#define access_ok(addr, size) umdev_user_range_ok((const void __user *)(addr), size)

unsigned long __must_check copy_from_user(void *to, const void __user *from, unsigned long n);
unsigned long __must_check copy_to_user(void __user *to, const void *from, unsigned long n);
unsigned long __must_check clear_user(void __user *to, unsigned long n);
long strncpy_from_user(char *dst, const char __user *src, long count);
long strnlen_user(const char __user *str, long n);
void *memdup_user(const void __user *src, size_t len);
void *vmemdup_user(const void __user *src, size_t len);
void *memdup_user_nul(const void __user *src, size_t len);
char *strndup_user(const char __user *s, long n);
long copy_from_kernel_nofault(void *dst, const void *src, size_t size);
long copy_to_kernel_nofault(void *dst, const void *src, size_t size);
int count_pages_nofault(const unsigned long *pfn, int npage); /* umdev's own */

#define __copy_from_user(to, from, n) copy_from_user(to, from, n)
#define __copy_to_user(to, from, n)   copy_to_user(to, from, n)

/* 0, or -EFAULT and @x is 0. The size is that of what @ptr points at. */
#define get_user(x, ptr)                                                                         \
	({                                                                                       \
		typeof(*(ptr)) __gu_val;                                                         \
		int __gu_err = copy_from_user(&__gu_val, (ptr), sizeof(__gu_val)) ? -EFAULT : 0; \
                                                                                                 \
		(x) = (typeof(x))__gu_val;                                                       \
		__gu_err;                                                                        \
	})
/* 0, or -EFAULT and nothing is written. */
#define put_user(x, ptr)                                                        \
	({                                                                      \
		typeof(*(ptr)) __pu_val = (typeof(*(ptr)))(x);                  \
                                                                                \
		copy_to_user((ptr), &__pu_val, sizeof(__pu_val)) ? -EFAULT : 0; \
	})
#define __get_user(x, ptr) get_user(x, ptr)
#define __put_user(x, ptr) put_user(x, ptr)

#endif /* UMDEV_LINUX_UACCESS_H */
