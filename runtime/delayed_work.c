// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Work that is put on its queue by a timer. Whoever queues it claims it for the timer's function,
 * to which @wq of struct delayed_work belongs until the item is on the queue.
 */
#include <linux/export.h>
#include <linux/jiffies.h>
#include <linux/timer.h>

#include "workqueue.h"

/**
 * delayed_work_timer_fn() - the time of delayed work has come
 * @timer: its timer
 *
 * Context: the timers' thread.
 */
void delayed_work_timer_fn(struct timer_list *timer)
{
	struct delayed_work *dwork = from_timer(dwork, timer, timer);

	work_queue_claimed(dwork->wq, &dwork->work);
}
EXPORT_SYMBOL(delayed_work_timer_fn);

/**
 * queue_delayed_work() - have something done after a time
 * @wq: by whom
 * @dwork: what
 * @delay: jiffies
 *
 * Context: any.
 * Return: whether it was queued; not if it is pending or being cancelled.
 */
bool queue_delayed_work(struct workqueue_struct *wq, struct delayed_work *dwork,
			unsigned long delay)
{
	if (!delay)
		return queue_work(wq, &dwork->work);
	if (!work_claim(&dwork->work))
		return false;
	dwork->wq = wq;
	mod_timer(&dwork->timer, jiffies + delay);
	return true;
}
EXPORT_SYMBOL(queue_delayed_work);

/**
 * mod_delayed_work() - change the time of delayed work, or queue it
 * @wq: by whom
 * @dwork: what
 * @delay: jiffies from now
 *
 * Context: any.
 * Return: whether it was pending.
 */
bool mod_delayed_work(struct workqueue_struct *wq, struct delayed_work *dwork, unsigned long delay)
{
	bool was_pending = work_take_back(&dwork->work, &dwork->timer);

	queue_delayed_work(wq, dwork, delay);
	return was_pending;
}
EXPORT_SYMBOL(mod_delayed_work);

/**
 * cancel_delayed_work() - take delayed work back
 * @dwork: the work; it may be running afterwards
 *
 * Context: any.
 * Return: whether it was pending.
 */
bool cancel_delayed_work(struct delayed_work *dwork)
{
	return work_take_back(&dwork->work, &dwork->timer);
}
EXPORT_SYMBOL(cancel_delayed_work);

/**
 * cancel_delayed_work_sync() - take delayed work back and wait until it does not run
 * @dwork: the work; it cannot queue itself again meanwhile
 *
 * Context: sleeps; not from the work itself.
 * Return: whether it was pending.
 */
bool cancel_delayed_work_sync(struct delayed_work *dwork)
{
	return work_cancel_sync(&dwork->work, &dwork->timer);
}
EXPORT_SYMBOL(cancel_delayed_work_sync);

/**
 * flush_delayed_work() - have delayed work done now and wait for it
 * @dwork: the work
 *
 * Context: sleeps; not from the work itself.
 * Return: whether it was pending or running.
 */
bool flush_delayed_work(struct delayed_work *dwork)
{
	bool was_pending = del_timer_sync(&dwork->timer);

	if (was_pending)
		delayed_work_timer_fn(&dwork->timer);
	return flush_work(&dwork->work) || was_pending;
}
EXPORT_SYMBOL(flush_delayed_work);

/**
 * delayed_work_pending() - whether delayed work waits to run
 * @dwork: the work
 *
 * Context and return: as work_pending().
 */
bool delayed_work_pending(const struct delayed_work *dwork)
{
	return work_pending(&dwork->work);
}
EXPORT_SYMBOL(delayed_work_pending);
