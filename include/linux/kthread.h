/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef UMDEV_LINUX_KTHREAD_H
#define UMDEV_LINUX_KTHREAD_H

#include <linux/err.h>
#include <linux/sched.h>

__printf(3, 4) struct task_struct *kthread_create(int (*threadfn)(void *data), void *data,
						  const char *namefmt, ...);
int kthread_stop(struct task_struct *k);
bool kthread_should_stop(void);

/* Creates a thread and lets it run at once. */
#define kthread_run(threadfn, data, namefmt, ...)                               \
	({                                                                      \
		struct task_struct *__kthread =                                 \
			kthread_create(threadfn, data, namefmt, ##__VA_ARGS__); \
                                                                                \
		if (!IS_ERR(__kthread))                                         \
			wake_up_process(__kthread);                             \
		__kthread;                                                      \
	})

#endif /* UMDEV_LINUX_KTHREAD_H */
