/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * Threads that come and go on their own, and of which none must be left at the
 * end.
 */
#ifndef UMDEV_FS_THREAD_GROUP_H
#define UMDEV_FS_THREAD_GROUP_H

#include <pthread.h>
#include <stdbool.h>

/*
 * @lock covers what is below it and is a leaf. Each thread that ends joins the
 * one that ended before it, so that one at most is left to join.
 */
struct thread_group {
	pthread_mutex_t lock;
	pthread_cond_t empty; /* signalled when @running becomes 0 */
	unsigned int running;
	bool have_last;
	pthread_t last; /* ended most recently */
};

void thread_group_init(struct thread_group *group);

/**
 * thread_group_start - start a thread
 * @group: the group it belongs to
 * @fn: what it does
 * @data: for @fn
 *
 * Return: 0, -EAGAIN (too many threads) or -ENOMEM.
 */
int thread_group_start(struct thread_group *group, void (*fn)(void *data), void *data);

/**
 * thread_group_finish - wait until all threads have ended
 * @group: the group; no thread outside of it starts more
 */
void thread_group_finish(struct thread_group *group);

#endif
