/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/* An eventfd of a client's, and the thread that watches for its signals. */
#ifndef RUNTIME_EVENTFD_H
#define RUNTIME_EVENTFD_H

#include <linux/kref.h>
#include <linux/wait.h>

/*
 * @fd is the context's own descriptor of the client's eventfd. @wqh is woken
 * when it is signalled, if it is watched. @watch_id, 0 while it is not, is under
 * the watcher's lock.
 */
struct eventfd_ctx {
	struct kref kref;
	int fd;
	struct wait_queue_head wqh;
	int watch_id;
};

/* Has @ctx->wqh woken at each signal from now on. Sleeps. 0, -ENOMEM or what epoll says. */
int eventfd_watch(struct eventfd_ctx *ctx);

/* The last reference on @ctx is gone: after this the watcher does not touch it. */
void eventfd_unwatch(struct eventfd_ctx *ctx);

#endif
