/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef UMDEV_LINUX_EVENTFD_H
#define UMDEV_LINUX_EVENTFD_H

#include <linux/err.h>
#include <linux/types.h>
#include <linux/wait.h>

struct eventfd_ctx;
struct file;

struct eventfd_ctx *eventfd_ctx_fdget(int fd);
struct eventfd_ctx *eventfd_ctx_fileget(struct file *file);
struct file *eventfd_fget(int fd);
void eventfd_ctx_put(struct eventfd_ctx *ctx);
__u64 eventfd_signal(struct eventfd_ctx *ctx, __u64 n);
int eventfd_ctx_remove_wait_queue(struct eventfd_ctx *ctx, wait_queue_entry_t *wait, __u64 *cnt);
void eventfd_ctx_do_read(struct eventfd_ctx *ctx, __u64 *cnt);

#endif /* UMDEV_LINUX_EVENTFD_H */
