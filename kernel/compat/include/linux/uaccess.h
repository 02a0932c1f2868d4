/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * Drivers' callbacks are called with kernel memory, too: from inside, by mdev_read() and its like, and
 * since 6.19 by the VFIO core for VFIO_DEVICE_GET_REGION_INFO. Their copy_from_user() would not take
 * it, and since 5.10 there is no set_fs() to make it. So the caller of a driver opens a window onto
 * that memory for the current task. User memory is tried first and costs what it always did.
 */
#ifndef UMDEV_COMPAT_UACCESS_H
#define UMDEV_COMPAT_UACCESS_H

#include <linux/types.h>
#include_next <linux/uaccess.h>

/**
 * struct user_access_window - kernel memory that the user copies of a task may touch
 * @node: in the list of windows, under its lock
 * @task: the task that opened it
 * @base: start of the memory
 * @size: its size in bytes
 *
 * The opener's, on whose stack it is, and constant while it is open.
 */
struct user_access_window {
	struct list_head node;
	struct task_struct *task;
	void *base;
	size_t size;
};

void user_access_window_push(struct user_access_window *window, void *base, size_t size);
void user_access_window_pop(struct user_access_window *window);

unsigned long umdev_copy_from_user(void *to, const void __user *from, unsigned long n);
unsigned long umdev_copy_to_user(void __user *to, const void *from, unsigned long n);
#define copy_from_user(to, from, n) umdev_copy_from_user(to, from, n)
#define copy_to_user(to, from, n)   umdev_copy_to_user(to, from, n)

/* Modules do not get at the kernel's. */
long umdev_copy_to_kernel_nofault(void *dst, const void *src, size_t size);
#define copy_to_kernel_nofault(dst, src, size) umdev_copy_to_kernel_nofault(dst, src, size)

#endif
