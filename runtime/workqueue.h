/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/* Work queues' items, from being claimed by somebody until they run or are taken back. */
#ifndef RUNTIME_WORKQUEUE_H
#define RUNTIME_WORKQUEUE_H

#include <linux/workqueue.h>

/*
 * Makes the caller the one who may put @work on a queue; false where somebody
 * else is, or while it is being cancelled. What was written before is seen by the
 * function also where the answer is no, since it has yet to be called then.
 */
bool work_claim(struct work_struct *work);

/* Puts claimed @work on a queue. False: the queue is going, which is warned of. */
bool work_queue_claimed(struct workqueue_struct *wq, struct work_struct *work);

/* Takes @work back if it is pending, perhaps with @timer, which may be NULL: whether it was. */
bool work_take_back(struct work_struct *work, struct timer_list *timer);

/* The same, and waits until @work does not run. It cannot be queued again meanwhile. */
bool work_cancel_sync(struct work_struct *work, struct timer_list *timer);

#endif /* RUNTIME_WORKQUEUE_H */
