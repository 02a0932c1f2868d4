// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
#include <linux/completion.h>
#include <linux/export.h>
#include <linux/kernel.h>

#define DONE_FOR_ALL UINT_MAX

/**
 * reinit_completion() - make a completion as new
 * @x: the completion; nobody may wait for it
 *
 * Context: any.
 */
void reinit_completion(struct completion *x)
{
	spin_lock(&x->wait.lock);
	x->done = 0;
	spin_unlock(&x->wait.lock);
}
EXPORT_SYMBOL(reinit_completion);

/**
 * complete() - let one through
 * @x: the completion; if nobody waits, the next who comes goes through
 *
 * Context: any.
 */
void complete(struct completion *x)
{
	spin_lock(&x->wait.lock);
	if (x->done != DONE_FOR_ALL)
		x->done++;
	__wake_up_locked_key(&x->wait, TASK_NORMAL, NULL);
	spin_unlock(&x->wait.lock);
}
EXPORT_SYMBOL(complete);

/**
 * complete_all() - let everybody through, now and later
 * @x: the completion; reinit_completion() before it is used again
 *
 * Context: any.
 */
void complete_all(struct completion *x)
{
	struct wait_queue_entry *entry, *next;

	spin_lock(&x->wait.lock);
	x->done = DONE_FOR_ALL;
	list_for_each_entry_safe(entry, next, &x->wait.head, entry)
		entry->func(entry, TASK_NORMAL, 0, NULL);
	spin_unlock(&x->wait.lock);
}
EXPORT_SYMBOL(complete_all);

static bool take_locked(struct completion *x)
{
	if (!x->done)
		return false;
	if (x->done != DONE_FOR_ALL)
		x->done--;
	return true;
}

/**
 * try_wait_for_completion() - go through if that is possible now
 * @x: the completion
 *
 * Context: any.
 * Return: whether the caller is through.
 */
bool try_wait_for_completion(struct completion *x)
{
	bool taken;

	spin_lock(&x->wait.lock);
	taken = take_locked(x);
	spin_unlock(&x->wait.lock);
	return taken;
}
EXPORT_SYMBOL(try_wait_for_completion);

/**
 * completion_done() - whether somebody could go through
 * @x: the completion
 *
 * Context: any.
 * Return: whether it is complete.
 */
bool completion_done(struct completion *x)
{
	bool done;

	spin_lock(&x->wait.lock);
	done = x->done;
	spin_unlock(&x->wait.lock);
	return done;
}
EXPORT_SYMBOL(completion_done);

/* Jiffies left, at least 1; 0: the time is over; -ERESTARTSYS: interrupted. */
static long wait_for(struct completion *x, long timeout, unsigned int state)
{
	DEFINE_WAIT(wait);
	bool taken;

	wait.flags = WQ_FLAG_EXCLUSIVE;
	spin_lock(&x->wait.lock);
	while (!(taken = take_locked(x)) && timeout) {
		if (signal_pending_state(state, current)) {
			timeout = -ERESTARTSYS;
			break;
		}
		if (list_empty(&wait.entry))
			__add_wait_queue_entry_tail(&x->wait, &wait);
		set_current_state(state);
		spin_unlock(&x->wait.lock);
		timeout = schedule_timeout(timeout);
		spin_lock(&x->wait.lock);
	}
	list_del_init(&wait.entry);
	spin_unlock(&x->wait.lock);
	if (!taken)
		return timeout;
	return max(timeout, 1l);
}

/**
 * wait_for_completion() - wait
 * @x: the completion
 *
 * Context: sleeps.
 */
void wait_for_completion(struct completion *x)
{
	wait_for(x, MAX_SCHEDULE_TIMEOUT, TASK_UNINTERRUPTIBLE);
}
EXPORT_SYMBOL(wait_for_completion);

/**
 * wait_for_completion_interruptible() - wait unless interrupted
 * @x: the completion
 *
 * Context: sleeps.
 * Return: 0, or -ERESTARTSYS.
 */
int wait_for_completion_interruptible(struct completion *x)
{
	long left = wait_for(x, MAX_SCHEDULE_TIMEOUT, TASK_INTERRUPTIBLE);

	return left < 0 ? (int)left : 0;
}
EXPORT_SYMBOL(wait_for_completion_interruptible);

/**
 * wait_for_completion_killable() - wait unless killed
 * @x: the completion
 *
 * Context: sleeps.
 * Return: 0, or -ERESTARTSYS.
 */
int wait_for_completion_killable(struct completion *x)
{
	long left = wait_for(x, MAX_SCHEDULE_TIMEOUT, TASK_KILLABLE);

	return left < 0 ? (int)left : 0;
}
EXPORT_SYMBOL(wait_for_completion_killable);

/**
 * wait_for_completion_timeout() - wait for a time
 * @x: the completion
 * @timeout: jiffies
 *
 * Context: sleeps.
 * Return: jiffies left, at least 1; 0 if the time is over.
 */
unsigned long wait_for_completion_timeout(struct completion *x, unsigned long timeout)
{
	return (unsigned long)wait_for(x, (long)timeout, TASK_UNINTERRUPTIBLE);
}
EXPORT_SYMBOL(wait_for_completion_timeout);

/**
 * wait_for_completion_interruptible_timeout() - wait for a time unless interrupted
 * @x: the completion
 * @timeout: jiffies
 *
 * Context: sleeps.
 * Return: jiffies left, at least 1; 0 if the time is over; -ERESTARTSYS.
 */
long wait_for_completion_interruptible_timeout(struct completion *x, unsigned long timeout)
{
	return wait_for(x, (long)timeout, TASK_INTERRUPTIBLE);
}
EXPORT_SYMBOL(wait_for_completion_interruptible_timeout);
