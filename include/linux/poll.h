/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef UMDEV_LINUX_POLL_H
#define UMDEV_LINUX_POLL_H

#include <linux/fs.h>
#include <linux/types.h>
#include <linux/uaccess.h>
#include <linux/wait.h>
#include <poll.h>
#include <sys/epoll.h>

#define DEFAULT_POLLMASK (EPOLLIN | EPOLLOUT | EPOLLRDNORM | EPOLLWRNORM)

struct poll_table_struct;
typedef void (*poll_queue_proc)(struct file *file, struct wait_queue_head *wq_head,
				struct poll_table_struct *pt);

/* Passed to ->poll(): what to do with each queue on which the file's state changes. */
typedef struct poll_table_struct {
	poll_queue_proc _qproc;
	__poll_t _key;
} poll_table;

static inline void init_poll_funcptr(poll_table *pt, poll_queue_proc qproc)
{
	pt->_qproc = qproc;
	pt->_key = ~(__poll_t)0;
}

static inline __poll_t poll_requested_events(const poll_table *pt)
{
	return pt ? pt->_key : ~(__poll_t)0;
}

static inline void poll_wait(struct file *filp, struct wait_queue_head *wait_address,
			     poll_table *pt)
{
	if (pt && pt->_qproc && wait_address)
		pt->_qproc(filp, wait_address, pt);
}

static inline bool file_can_poll(struct file *file)
{
	return file->f_op->poll;
}

__poll_t vfs_poll(struct file *file, struct poll_table_struct *pt);

#endif /* UMDEV_LINUX_POLL_H */
