/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/* Waiting for a lock that an interruption may end. */
#ifndef RUNTIME_LOCKS_H
#define RUNTIME_LOCKS_H

#include <time.h>

/* How long a wait sleeps before it looks for an interruption. */
#define LOCK_POLL_MSEC 20

/* The time LOCK_POLL_MSEC from now, as pthread_mutex_timedlock() wants it. */
struct timespec lock_poll_deadline(void);

#endif
