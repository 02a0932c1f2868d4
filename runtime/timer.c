// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Timers: one thread, started with the first timer, calls each function when
 * its time has come. Functions run one after the other and may sleep, but
 * others are late then.
 *
 * Lock order: timers.lock > timers.done.lock > task->wait_lock.
 */
#include <linux/export.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/mutex.h>
#include <linux/timer.h>
#include <linux/wait.h>

/*
 * @lock covers @pending, which is ordered by time, @running (whose function is
 * being called) and the timers' members. @start_lock covers @thread's creation.
 */
static struct {
	spinlock_t lock;
	struct rb_root_cached pending;
	struct timer_list *running;
	struct wait_queue_head done; /* @running changed */
	struct mutex start_lock;
	struct task_struct *thread;
} timers = {
	.lock = __SPIN_LOCK_UNLOCKED(timers.lock),
	.done = __WAIT_QUEUE_HEAD_INITIALIZER(timers.done),
	.start_lock = __MUTEX_INITIALIZER(timers.start_lock),
};

static struct timer_list *first_timer(void)
{
	return rb_entry_safe(rb_first_cached(&timers.pending), struct timer_list, node);
}

static void enqueue(struct timer_list *timer)
{
	struct rb_node **link = &timers.pending.rb_root.rb_node, *parent = NULL;
	bool leftmost = true;

	while (*link) {
		parent = *link;
		if (time_before(timer->expires,
				rb_entry(parent, struct timer_list, node)->expires)) {
			link = &parent->rb_left;
		} else {
			link = &parent->rb_right;
			leftmost = false;
		}
	}
	rb_link_node(&timer->node, parent, link);
	rb_insert_color_cached(&timer->node, &timers.pending, leftmost);
	WRITE_ONCE(timer->pending, true);
}

static bool dequeue(struct timer_list *timer)
{
	if (!timer->pending)
		return false;
	rb_erase_cached(&timer->node, &timers.pending);
	WRITE_ONCE(timer->pending, false);
	return true;
}

/* The function may free the timer: nothing of it is used after the call. */
static void call_timer(struct timer_list *timer)
{
	void (*function)(struct timer_list *) = timer->function;

	dequeue(timer);
	timers.running = timer;
	spin_unlock(&timers.lock);
	function(timer);
	spin_lock(&timers.lock);
	timers.running = NULL;
	wake_up_all(&timers.done);
}

static int timer_thread(void *unused)
{
	while (!kthread_should_stop()) {
		struct timer_list *timer;
		long left = MAX_SCHEDULE_TIMEOUT;

		spin_lock(&timers.lock);
		timer = first_timer();
		if (timer)
			left = (long)(timer->expires - jiffies);
		if (left <= 0)
			call_timer(timer);
		else
			set_current_state(TASK_INTERRUPTIBLE);
		spin_unlock(&timers.lock);
		if (left > 0 && !kthread_should_stop())
			schedule_timeout(left);
		__set_current_state(TASK_RUNNING);
	}
	return 0;
}

static void start_thread(void)
{
	struct task_struct *thread;

	if (smp_load_acquire(&timers.thread))
		return;
	mutex_lock(&timers.start_lock);
	if (!timers.thread) {
		thread = kthread_run(timer_thread, NULL, "timers");
		if (IS_ERR(thread))
			pr_crit("timers stand still: no thread for them (%pe)\n", thread);
		else
			smp_store_release(&timers.thread, thread);
	}
	mutex_unlock(&timers.start_lock);
}

static void stop_thread(void)
{
	if (timers.thread)
		kthread_stop(timers.thread);
	timers.thread = NULL;
}
__exitcall(stop_thread);

/**
 * timer_setup() - make a timer
 * @timer: the timer, not pending afterwards
 * @function: called when its time has come, in a thread of the runtime
 * @flags: mean nothing here
 *
 * Context: any.
 */
void timer_setup(struct timer_list *timer, void (*function)(struct timer_list *),
		 unsigned int flags)
{
	*timer = (struct timer_list){ .function = function };
}
EXPORT_SYMBOL(timer_setup);

/**
 * mod_timer() - start a timer, or change its time
 * @timer: the timer
 * @expires: jiffies
 *
 * Context: any.
 * Return: 1 if it was pending, else 0.
 */
int mod_timer(struct timer_list *timer, unsigned long expires)
{
	struct task_struct *thread;
	bool was_pending;

	start_thread();
	spin_lock(&timers.lock);
	was_pending = dequeue(timer);
	timer->expires = expires;
	enqueue(timer);
	thread = READ_ONCE(timers.thread);
	if (first_timer() == timer && thread)
		wake_up_process(thread);
	spin_unlock(&timers.lock);
	return was_pending;
}
EXPORT_SYMBOL(mod_timer);

/**
 * add_timer() - start a timer
 * @timer: the timer, with @expires set; must not be pending
 *
 * Context: any.
 */
void add_timer(struct timer_list *timer)
{
	WARN_ON(timer_pending(timer));
	mod_timer(timer, timer->expires);
}
EXPORT_SYMBOL(add_timer);

/**
 * del_timer() - stop a timer
 * @timer: the timer; its function may be running afterwards
 *
 * Context: any.
 * Return: 1 if it was pending, else 0.
 */
int del_timer(struct timer_list *timer)
{
	bool was_pending;

	spin_lock(&timers.lock);
	was_pending = dequeue(timer);
	spin_unlock(&timers.lock);
	return was_pending;
}
EXPORT_SYMBOL(del_timer);

static bool try_del_timer(struct timer_list *timer, int *was_pending)
{
	bool stopped;

	spin_lock(&timers.lock);
	*was_pending |= dequeue(timer);
	stopped = timers.running != timer;
	spin_unlock(&timers.lock);
	return stopped;
}

/**
 * del_timer_sync() - stop a timer and wait for its function
 * @timer: the timer; nobody may start it meanwhile but its own function
 *
 * Context: sleeps; not from the timer's function, nor with a lock that it takes.
 * Return: 1 if it was pending, else 0.
 */
int del_timer_sync(struct timer_list *timer)
{
	int was_pending = 0;

	wait_event(timers.done, try_del_timer(timer, &was_pending));
	return was_pending;
}
EXPORT_SYMBOL(del_timer_sync);

/**
 * timer_pending() - whether a timer is started and its function not yet called
 * @timer: the timer
 *
 * Context: any; the answer may be old when it arrives.
 * Return: whether it is.
 */
bool timer_pending(const struct timer_list *timer)
{
	return READ_ONCE(timer->pending);
}
EXPORT_SYMBOL(timer_pending);
