/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/* Condition variables whose waits end after a time, by a clock that nobody sets. */
#ifndef VFIO_USER_COND_H
#define VFIO_USER_COND_H

#include <pthread.h>
#include <time.h>

static inline void vfio_user_cond_init(pthread_cond_t *cond)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(cond, &attr);
	pthread_condattr_destroy(&attr);
}

/* Wait, without @lock meanwhile, for a signal or the end of @msecs milliseconds, or for neither. */
static inline void vfio_user_cond_wait(pthread_cond_t *cond, pthread_mutex_t *lock, long msecs)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += msecs / 1000;
	until.tv_nsec += msecs % 1000 * 1000000;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	pthread_cond_timedwait(cond, lock, &until);
}

#endif /* VFIO_USER_COND_H */
