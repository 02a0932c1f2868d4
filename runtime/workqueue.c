// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Work queues. A queue's workers are threads that come when there is work and
 * nobody idle, up to the queue's limit, and go when there has been none for a
 * while: a queue at rest costs no thread.
 *
 * One lock, wq_lock, covers all queues and all work: an item may move from one
 * queue to another. Functions are called, and threads made, without it.
 *
 * Lock order: wq_lock > a queue's @more or @done.
 */
#include <linux/export.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include "sched.h"

#define WORKER_IDLE_JIFFIES (5 * HZ)

/*
 * @pending lists work in the order of its numbers, drawn from @last_seq. Idle
 * workers wait at @more; @done is woken when work is done or a worker leaves.
 */
struct workqueue_struct {
	char name[TASK_COMM_LEN];
	int max_active;
	struct list_head pending;
	int nr_pending;
	u64 last_seq;
	struct list_head workers;
	int nr_workers; /* those being made included */
	int nr_idle;
	bool dying;
	struct wait_queue_head more;
	struct wait_queue_head done;
};

/*
 * A thread of a queue, on that thread's stack. @current_work is compared, never
 * followed: its function may have freed it.
 */
struct worker {
	struct list_head entry;
	struct work_struct *current_work;
	u64 seq;
};

static DEFINE_SPINLOCK(wq_lock);
struct workqueue_struct *system_wq;
EXPORT_SYMBOL(system_wq);

static struct worker *worker_of(const struct workqueue_struct *wq, const struct work_struct *work)
{
	struct worker *worker;

	list_for_each_entry(worker, &wq->workers, entry)
		if (worker->current_work == work)
			return worker;
	return NULL;
}

/* Both under wq_lock. */
static void insert_work(struct workqueue_struct *wq, struct work_struct *work)
{
	work->wq = wq;
	work->seq = ++wq->last_seq;
	list_add_tail(&work->entry, &wq->pending);
	wq->nr_pending++;
}

static void remove_work(struct work_struct *work)
{
	list_del_init(&work->entry);
	work->wq->nr_pending--;
	work->pending = false;
}

/* An item never runs twice at once: one that runs and was queued again has to wait. */
static bool take_work(struct workqueue_struct *wq, struct worker *worker)
{
	struct work_struct *work;

	list_for_each_entry(work, &wq->pending, entry) {
		if (worker_of(wq, work))
			continue;
		remove_work(work);
		worker->current_work = work;
		worker->seq = work->seq;
		return true;
	}
	return false;
}

static void run_work(struct workqueue_struct *wq, struct worker *worker)
{
	work_func_t func = worker->current_work->func;

	spin_unlock(&wq_lock);
	func(worker->current_work);
	spin_lock(&wq_lock);
	worker->current_work = NULL;
	wake_up_all(&wq->done);
}

/* Jiffies left of the time a worker may be idle. */
static long wait_for_work(struct workqueue_struct *wq)
{
	DEFINE_WAIT(wait);
	long left;

	wq->nr_idle++;
	prepare_to_wait_exclusive(&wq->more, &wait, TASK_UNINTERRUPTIBLE);
	spin_unlock(&wq_lock);
	left = schedule_timeout(WORKER_IDLE_JIFFIES);
	finish_wait(&wq->more, &wait);
	spin_lock(&wq_lock);
	wq->nr_idle--;
	return left;
}

static int worker_thread(void *data)
{
	struct workqueue_struct *wq = data;
	struct worker worker = { .current_work = NULL };
	long left = WORKER_IDLE_JIFFIES;

	spin_lock(&wq_lock);
	list_add(&worker.entry, &wq->workers);
	for (;;) {
		if (take_work(wq, &worker))
			run_work(wq, &worker);
		else if (wq->dying || !left)
			break;
		else
			left = wait_for_work(wq);
	}
	/* Whoever sees the queue without workers does not see this thread either. */
	kthread_count_out();
	list_del(&worker.entry);
	wq->nr_workers--;
	wake_up_all(&wq->done);
	spin_unlock(&wq_lock);
	return 0;
}

static void start_worker(struct workqueue_struct *wq)
{
	struct task_struct *thread = kthread_run(worker_thread, wq, "kworker/%s", wq->name);

	if (!IS_ERR(thread))
		return;
	spin_lock(&wq_lock);
	wq->nr_workers--;
	if (!wq->nr_workers)
		pr_crit("workqueue %s: work waits, no thread can be made for it (%pe)\n", wq->name,
			thread);
	wake_up_all(&wq->done);
	spin_unlock(&wq_lock);
}

/* Under wq_lock; true: the caller has to call start_worker() without it. */
static bool wake_worker(struct workqueue_struct *wq)
{
	wake_up(&wq->more);
	if (wq->nr_pending <= wq->nr_idle || wq->nr_workers >= wq->max_active)
		return false;
	wq->nr_workers++;
	return true;
}

/**
 * alloc_workqueue() - make a work queue
 * @fmt: format of its name, which its threads carry
 * @flags: WQ_…; they mean nothing here
 * @max_active: how many items may run at a time, 0 for the default; 1: one after the other
 *
 * Context: may sleep.
 * Return: the queue, or NULL without memory.
 */
struct workqueue_struct *alloc_workqueue(const char *fmt, unsigned int flags, int max_active, ...)
{
	struct workqueue_struct *wq = kzalloc(sizeof(*wq), GFP_KERNEL);
	va_list args;

	if (!wq)
		return NULL;
	va_start(args, max_active);
	vsnprintf(wq->name, sizeof(wq->name), fmt, args);
	va_end(args);
	wq->max_active = max_active ? clamp(max_active, 1, WQ_MAX_ACTIVE) : WQ_DFL_ACTIVE;
	INIT_LIST_HEAD(&wq->pending);
	INIT_LIST_HEAD(&wq->workers);
	init_waitqueue_head(&wq->more);
	init_waitqueue_head(&wq->done);
	return wq;
}
EXPORT_SYMBOL(alloc_workqueue);

/* Whether work numbered up to @seq is queued or running. */
static bool has_work_before(struct workqueue_struct *wq, u64 seq)
{
	struct work_struct *first;
	struct worker *worker;
	bool has = false;

	spin_lock(&wq_lock);
	first = list_first_entry_or_null(&wq->pending, struct work_struct, entry);
	if (first && first->seq <= seq)
		has = true;
	list_for_each_entry(worker, &wq->workers, entry)
		has |= worker->current_work && worker->seq <= seq;
	spin_unlock(&wq_lock);
	return has;
}

/**
 * flush_workqueue() - wait until what is queued now is done
 * @wq: the queue
 *
 * Context: sleeps; not from work of @wq.
 */
void flush_workqueue(struct workqueue_struct *wq)
{
	u64 seq;

	spin_lock(&wq_lock);
	seq = wq->last_seq;
	spin_unlock(&wq_lock);
	wait_event(wq->done, !has_work_before(wq, seq));
}
EXPORT_SYMBOL(flush_workqueue);

static bool has_workers(struct workqueue_struct *wq)
{
	bool has;

	spin_lock(&wq_lock);
	has = wq->nr_workers;
	spin_unlock(&wq_lock);
	return has;
}

/**
 * destroy_workqueue() - finish all work and give a queue up
 * @wq: the queue; nobody may queue to it any more but its own work
 *
 * Context: sleeps; not from work of @wq.
 */
void destroy_workqueue(struct workqueue_struct *wq)
{
	wait_event(wq->done, !has_work_before(wq, U64_MAX));
	spin_lock(&wq_lock);
	wq->dying = true;
	wake_up_all(&wq->more);
	spin_unlock(&wq_lock);
	wait_event(wq->done, !has_workers(wq));
	/* The last worker may still hold the lock under which it woke us. */
	spin_lock(&wq_lock);
	spin_unlock(&wq_lock);
	kfree(wq);
}
EXPORT_SYMBOL(destroy_workqueue);

/**
 * queue_work() - have something done
 * @wq: by whom
 * @work: what; must stay until its function is called, which may free it
 *
 * Context: any.
 * Return: whether it was queued; not if it is pending or being cancelled.
 */
bool queue_work(struct workqueue_struct *wq, struct work_struct *work)
{
	bool queued, start = false;

	spin_lock(&wq_lock);
	queued = !work->pending && !work->canceling && !WARN_ON_ONCE(wq->dying);
	if (queued) {
		work->pending = true;
		insert_work(wq, work);
		start = wake_worker(wq);
	}
	spin_unlock(&wq_lock);
	if (start)
		start_worker(wq);
	return queued;
}
EXPORT_SYMBOL(queue_work);

/* Whether @work, as queued under a number up to @seq, is queued or running. */
static bool is_busy(struct workqueue_struct *wq, struct work_struct *work, u64 seq)
{
	struct worker *worker;
	bool busy;

	spin_lock(&wq_lock);
	worker = worker_of(wq, work);
	busy = (work->pending && work->seq <= seq) || (worker && worker->seq <= seq);
	spin_unlock(&wq_lock);
	return busy;
}

/* Waits until @work is done as often as it was queued up to now; false: it was idle. */
static bool wait_for_done(struct work_struct *work, bool running_only)
{
	struct workqueue_struct *wq;
	struct worker *worker;
	bool busy;
	u64 seq;

	spin_lock(&wq_lock);
	wq = work->wq;
	worker = wq ? worker_of(wq, work) : NULL;
	seq = worker && running_only ? worker->seq : work->seq;
	busy = worker || (work->pending && !running_only);
	spin_unlock(&wq_lock);
	if (busy)
		wait_event(wq->done, !is_busy(wq, work, seq));
	return busy;
}

/**
 * flush_work() - wait until work is done
 * @work: the work; if it queues itself again, that is not waited for
 *
 * Context: sleeps; not from @work itself.
 * Return: whether it was pending or running.
 */
bool flush_work(struct work_struct *work)
{
	return wait_for_done(work, false);
}
EXPORT_SYMBOL(flush_work);

/*
 * Takes @work back if it is pending; true: it was. There is a moment when it is
 * neither with the timer nor in a queue, because one of mod_timer()'s caller
 * and the timer's function has it in hand.
 */
static bool take_back(struct work_struct *work, struct timer_list *timer)
{
	for (;;) {
		bool by_timer = timer && del_timer(timer);
		bool pending, taken;

		spin_lock(&wq_lock);
		pending = work->pending;
		taken = by_timer || !list_empty(&work->entry);
		if (by_timer) {
			work->pending = false;
		} else if (taken) {
			remove_work(work);
			wake_up_all(&work->wq->done);
		}
		spin_unlock(&wq_lock);
		if (taken || !pending)
			return taken;
		yield();
	}
}

static bool cancel_sync(struct work_struct *work, struct timer_list *timer)
{
	bool was_pending;

	spin_lock(&wq_lock);
	work->canceling++;
	spin_unlock(&wq_lock);
	was_pending = take_back(work, timer);
	wait_for_done(work, true);
	spin_lock(&wq_lock);
	work->canceling--;
	spin_unlock(&wq_lock);
	return was_pending;
}

/**
 * cancel_work_sync() - take work back and wait until it does not run
 * @work: the work; it cannot queue itself again meanwhile
 *
 * Context: sleeps; not from @work itself.
 * Return: whether it was pending.
 */
bool cancel_work_sync(struct work_struct *work)
{
	return cancel_sync(work, NULL);
}
EXPORT_SYMBOL(cancel_work_sync);

/**
 * work_pending() - whether work waits to run
 * @work: the work
 *
 * Context: any; the answer may be old when it arrives.
 * Return: whether it does.
 */
bool work_pending(const struct work_struct *work)
{
	bool pending;

	spin_lock(&wq_lock);
	pending = work->pending;
	spin_unlock(&wq_lock);
	return pending;
}
EXPORT_SYMBOL(work_pending);

/**
 * delayed_work_timer_fn() - the time of delayed work has come
 * @timer: its timer
 *
 * Context: the timers' thread.
 */
void delayed_work_timer_fn(struct timer_list *timer)
{
	struct delayed_work *dwork = from_timer(dwork, timer, timer);
	struct workqueue_struct *wq;
	bool start;

	spin_lock(&wq_lock);
	wq = dwork->wq;
	insert_work(wq, &dwork->work);
	start = wake_worker(wq);
	spin_unlock(&wq_lock);
	if (start)
		start_worker(wq);
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
	bool queued;

	if (!delay)
		return queue_work(wq, &dwork->work);
	spin_lock(&wq_lock);
	queued = !dwork->work.pending && !dwork->work.canceling;
	if (queued) {
		dwork->work.pending = true;
		dwork->wq = wq;
	}
	spin_unlock(&wq_lock);
	if (queued)
		mod_timer(&dwork->timer, jiffies + delay);
	return queued;
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
	bool was_pending = take_back(&dwork->work, &dwork->timer);

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
	return take_back(&dwork->work, &dwork->timer);
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
	return cancel_sync(&dwork->work, &dwork->timer);
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

static int init_system_wq(void)
{
	system_wq = alloc_workqueue("events", 0, 0);
	return system_wq ? 0 : -ENOMEM;
}
core_initcall(init_system_wq);

static void exit_system_wq(void)
{
	destroy_workqueue(system_wq);
	system_wq = NULL;
}
__exitcall(exit_system_wq);
