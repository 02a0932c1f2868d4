/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * Drivers' callbacks are called with kernel memory, too: from inside, by mdev_read() and its like, and
 * since 6.19 by the VFIO core for VFIO_DEVICE_GET_REGION_INFO. Their copy_from_user() would not take
 * it, and since 5.10 there is no set_fs() to make it. So the caller of a driver opens a window onto
 * that memory for the current task. User memory is tried first and costs what it always did.
 */
#ifndef UMDEV_COMPAT_UACCESS_H
#define UMDEV_COMPAT_UACCESS_H

#include <asm/page.h>
#include <linux/string.h>
#include_next <linux/uaccess.h>
#include "../../../../include/umdev/uaccess.h"

bool user_access_window_has(const void *addr, size_t n);

static inline unsigned long umdev_copy_from_user(void *to, const void __user *from, unsigned long n)
{
	if (access_ok(from, n) || !user_access_window_has((__force void *)from, n))
		return copy_from_user(to, from, n);
	memcpy(to, (__force void *)from, n);
	return 0;
}

static inline unsigned long umdev_copy_to_user(void __user *to, const void *from, unsigned long n)
{
	if (access_ok(to, n) || !user_access_window_has((__force void *)to, n))
		return copy_to_user(to, from, n);
	memcpy((__force void *)to, from, n);
	return 0;
}

#define copy_from_user umdev_copy_from_user
#define copy_to_user   umdev_copy_to_user

/* Modules do not get at the kernel's. Memory is what it maps one by one; elsewhere nothing is tried. */
#define copy_to_kernel_nofault(dst, src, size)                                   \
	((size) && (!virt_addr_valid(dst) || !virt_addr_valid((dst) + (size)-1)) \
		 ? -ERANGE                                                       \
		 : (memcpy(dst, src, size), 0))

#endif
