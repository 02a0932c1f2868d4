/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef UMDEV_UACCESS_H
#define UMDEV_UACCESS_H

#include <stddef.h>

/**
 * struct user_access_window - memory that counts as user space in this thread
 * @base: first byte
 * @len: bytes
 * @prev: the window around it; user_access_window_push() sets it
 *
 * A thread that enters a driver on a client's behalf pushes the buffers of the
 * client's request. While there is a window, copy_from_user() and its like
 * reach what lies inside one of the thread's windows and nothing else. A thread
 * without a window is the kernel itself: every pointer but NULL is good.
 *
 * The structure lives on the stack of whoever pushes it.
 */
struct user_access_window {
	void *base;
	size_t len;
	struct user_access_window *prev;
};

/**
 * user_access_window_push() - let the calling thread's user copies reach a buffer
 * @w: the window; must stay until it is popped
 * @base: first byte; with @len 0 the window is empty but still shuts out kernel pointers
 * @len: bytes
 *
 * Windows nest; several can be pushed for one call (an ioctl's argument and the
 * buffers that it points to).
 *
 * Context: any thread; concerns that thread only.
 */
void user_access_window_push(struct user_access_window *w, void *base, size_t len);

/**
 * user_access_window_pop() - undo the last push
 * @w: the window that the calling thread pushed last
 *
 * Context: the thread that pushed it.
 */
void user_access_window_pop(struct user_access_window *w);

#endif /* UMDEV_UACCESS_H */
