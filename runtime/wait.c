// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Wait queues. A queue's lock is held while those who wait are woken, and each
 * who leaves takes it, so an entry on a stack is not touched after its owner
 * went on.
 *
 * Lock order: queue lock > task->wait_lock.
 */
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/wait.h>

/**
 * init_waitqueue_head() - make a queue
 * @wq_head: the queue, empty afterwards
 *
 * Context: any.
 */
void init_waitqueue_head(struct wait_queue_head *wq_head)
{
	spin_lock_init(&wq_head->lock);
	INIT_LIST_HEAD(&wq_head->head);
}
EXPORT_SYMBOL(init_waitqueue_head);

/**
 * __add_wait_queue() - add an entry that is woken early
 * @wq_head: the queue
 * @wq_entry: the entry
 *
 * Context: under the queue's lock.
 */
void __add_wait_queue(struct wait_queue_head *wq_head, struct wait_queue_entry *wq_entry)
{
	list_add(&wq_entry->entry, &wq_head->head);
}
EXPORT_SYMBOL(__add_wait_queue);

/**
 * __add_wait_queue_entry_tail() - add an entry that is woken late
 * @wq_head: the queue
 * @wq_entry: the entry
 *
 * Context: under the queue's lock.
 */
void __add_wait_queue_entry_tail(struct wait_queue_head *wq_head, struct wait_queue_entry *wq_entry)
{
	list_add_tail(&wq_entry->entry, &wq_head->head);
}
EXPORT_SYMBOL(__add_wait_queue_entry_tail);

/**
 * __remove_wait_queue() - remove an entry
 * @wq_head: the queue
 * @wq_entry: the entry
 *
 * Context: under the queue's lock.
 */
void __remove_wait_queue(struct wait_queue_head *wq_head, struct wait_queue_entry *wq_entry)
{
	list_del_init(&wq_entry->entry);
}
EXPORT_SYMBOL(__remove_wait_queue);

/**
 * add_wait_queue() - add an entry
 * @wq_head: the queue
 * @wq_entry: the entry
 *
 * Context: any; takes the queue's lock.
 */
void add_wait_queue(struct wait_queue_head *wq_head, struct wait_queue_entry *wq_entry)
{
	wq_entry->flags &= ~(unsigned int)WQ_FLAG_EXCLUSIVE;
	spin_lock(&wq_head->lock);
	__add_wait_queue(wq_head, wq_entry);
	spin_unlock(&wq_head->lock);
}
EXPORT_SYMBOL(add_wait_queue);

/**
 * add_wait_queue_exclusive() - add an entry of which one is woken at a time
 * @wq_head: the queue
 * @wq_entry: the entry
 *
 * Context: any; takes the queue's lock.
 */
void add_wait_queue_exclusive(struct wait_queue_head *wq_head, struct wait_queue_entry *wq_entry)
{
	wq_entry->flags |= WQ_FLAG_EXCLUSIVE;
	spin_lock(&wq_head->lock);
	__add_wait_queue_entry_tail(wq_head, wq_entry);
	spin_unlock(&wq_head->lock);
}
EXPORT_SYMBOL(add_wait_queue_exclusive);

/**
 * remove_wait_queue() - remove an entry
 * @wq_head: the queue
 * @wq_entry: the entry; its function is not running afterwards
 *
 * Context: any; takes the queue's lock.
 */
void remove_wait_queue(struct wait_queue_head *wq_head, struct wait_queue_entry *wq_entry)
{
	spin_lock(&wq_head->lock);
	__remove_wait_queue(wq_head, wq_entry);
	spin_unlock(&wq_head->lock);
}
EXPORT_SYMBOL(remove_wait_queue);

/**
 * waitqueue_active() - whether anybody waits
 * @wq_head: the queue
 *
 * Context: any; takes the queue's lock, unlike in a kernel.
 * Return: whether somebody did.
 */
bool waitqueue_active(struct wait_queue_head *wq_head)
{
	bool active;

	spin_lock(&wq_head->lock);
	active = !list_empty(&wq_head->head);
	spin_unlock(&wq_head->lock);
	return active;
}
EXPORT_SYMBOL(waitqueue_active);

/**
 * wq_has_sleeper() - whether anybody waits
 * @wq_head: the queue
 *
 * Context and return: as waitqueue_active().
 */
bool wq_has_sleeper(struct wait_queue_head *wq_head)
{
	return waitqueue_active(wq_head);
}
EXPORT_SYMBOL(wq_has_sleeper);

static void queue_entry(struct wait_queue_head *wq_head, struct wait_queue_entry *wq_entry)
{
	if (!list_empty(&wq_entry->entry))
		return;
	if (wq_entry->flags & WQ_FLAG_EXCLUSIVE)
		__add_wait_queue_entry_tail(wq_head, wq_entry);
	else
		__add_wait_queue(wq_head, wq_entry);
}

/**
 * prepare_to_wait() - queue up, about to sleep
 * @wq_head: the queue
 * @wq_entry: the caller's entry; one that is queued stays where it is
 * @state: TASK_…, how the caller is about to sleep
 *
 * Look at the condition after this, then schedule(), at the end finish_wait().
 *
 * Context: any; takes the queue's lock.
 */
void prepare_to_wait(struct wait_queue_head *wq_head, struct wait_queue_entry *wq_entry,
		     unsigned int state)
{
	wq_entry->flags &= ~(unsigned int)WQ_FLAG_EXCLUSIVE;
	spin_lock(&wq_head->lock);
	queue_entry(wq_head, wq_entry);
	set_current_state(state);
	spin_unlock(&wq_head->lock);
}
EXPORT_SYMBOL(prepare_to_wait);

/**
 * prepare_to_wait_exclusive() - queue up as one of those woken one at a time
 * @wq_head: the queue
 * @wq_entry: the caller's entry
 * @state: TASK_…
 *
 * Context: as prepare_to_wait().
 */
void prepare_to_wait_exclusive(struct wait_queue_head *wq_head, struct wait_queue_entry *wq_entry,
			       unsigned int state)
{
	wq_entry->flags |= WQ_FLAG_EXCLUSIVE;
	spin_lock(&wq_head->lock);
	queue_entry(wq_head, wq_entry);
	set_current_state(state);
	spin_unlock(&wq_head->lock);
}
EXPORT_SYMBOL(prepare_to_wait_exclusive);

/**
 * prepare_to_wait_event() - queue up unless interrupted
 * @wq_head: the queue
 * @wq_entry: the caller's entry
 * @state: TASK_…
 *
 * An interrupted entry leaves the queue under its lock, so that a wake-up meant
 * for one exclusive waiter goes to the next and is not lost.
 *
 * Context: as prepare_to_wait().
 * Return: 0, or -ERESTARTSYS.
 */
long prepare_to_wait_event(struct wait_queue_head *wq_head, struct wait_queue_entry *wq_entry,
			   unsigned int state)
{
	long ret = 0;

	spin_lock(&wq_head->lock);
	if (signal_pending_state(state, current)) {
		list_del_init(&wq_entry->entry);
		ret = -ERESTARTSYS;
	} else {
		queue_entry(wq_head, wq_entry);
		set_current_state(state);
	}
	spin_unlock(&wq_head->lock);
	return ret;
}
EXPORT_SYMBOL(prepare_to_wait_event);

/**
 * finish_wait() - be done with waiting
 * @wq_head: the queue
 * @wq_entry: the caller's entry, whether it is still queued or not
 *
 * Context: any; takes the queue's lock.
 */
void finish_wait(struct wait_queue_head *wq_head, struct wait_queue_entry *wq_entry)
{
	__set_current_state(TASK_RUNNING);
	remove_wait_queue(wq_head, wq_entry);
}
EXPORT_SYMBOL(finish_wait);

/**
 * default_wake_function() - wake the task of an entry
 * @wq_entry: the entry
 * @mode: in which states tasks are woken
 * @flags: unused
 * @key: unused
 *
 * Context: under the queue's lock.
 * Return: 1 if the task slept, else 0.
 */
int default_wake_function(struct wait_queue_entry *wq_entry, unsigned int mode, int flags,
			  void *key)
{
	return wake_up_state(wq_entry->private, mode);
}
EXPORT_SYMBOL(default_wake_function);

/**
 * autoremove_wake_function() - wake the task of an entry and remove the entry
 * @wq_entry: the entry
 * @mode: in which states tasks are woken
 * @flags: unused
 * @key: unused
 *
 * Context and return: as default_wake_function().
 */
int autoremove_wake_function(struct wait_queue_entry *wq_entry, unsigned int mode, int flags,
			     void *key)
{
	int woken = default_wake_function(wq_entry, mode, flags, key);

	if (woken)
		list_del_init(&wq_entry->entry);
	return woken;
}
EXPORT_SYMBOL(autoremove_wake_function);

static void wake_entries(struct wait_queue_head *wq_head, unsigned int mode, int nr, void *key)
{
	struct wait_queue_entry *entry, *next;

	list_for_each_entry_safe(entry, next, &wq_head->head, entry) {
		bool exclusive = entry->flags & WQ_FLAG_EXCLUSIVE;

		if (entry->func(entry, mode, 0, key) && exclusive && !--nr)
			break;
	}
}

/**
 * __wake_up() - wake those who wait
 * @wq_head: the queue
 * @mode: in which states tasks are woken
 * @nr: how many exclusive ones, 0 for all of them; the others are all woken
 * @key: passed to the entries' functions
 *
 * Context: any; takes the queue's lock.
 */
void __wake_up(struct wait_queue_head *wq_head, unsigned int mode, int nr, void *key)
{
	spin_lock(&wq_head->lock);
	wake_entries(wq_head, mode, nr, key);
	spin_unlock(&wq_head->lock);
}
EXPORT_SYMBOL(__wake_up);

/**
 * __wake_up_locked_key() - wake those who wait, one of the exclusive ones
 * @wq_head: the queue
 * @mode: in which states tasks are woken
 * @key: passed to the entries' functions
 *
 * Context: under the queue's lock.
 */
void __wake_up_locked_key(struct wait_queue_head *wq_head, unsigned int mode, void *key)
{
	wake_entries(wq_head, mode, 1, key);
}
EXPORT_SYMBOL(__wake_up_locked_key);
