// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Work queues. A queue's workers are threads that come when there is work and
 * nobody idle, up to the queue's limit, and go when there has been none for a
 * while: a queue at rest costs no thread.
 *
 * Each queue has a lock of its own, as queues have nothing to do with each other
 * but that an item may be on one of them today and on another tomorrow. Whose it
 * is to put on a queue is therefore settled in the item's state, without a lock.
 * Functions are called, and threads made, without a lock, too.
 *
 * Who wants to take an item back, or to wait for it, knows the queue from the
 * item only, and that may be gone. queues_lock, which is not taken to queue or to
 * run work, keeps a queue there while it is looked for among those there are;
 * from then on its lock does, and its count of waiters.
 *
 * Lock order: queues_lock > a queue's lock > its @more or @done.
 *
 * Work that waits for its time first is in delayed_work.c.
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
#include "workqueue.h"

#define WORKER_IDLE_JIFFIES (5 * HZ)

/* An item's state: whether it is queued or waits for its timer, and how many cancel it. */
#define WORK_PENDING   0x1
#define WORK_CANCELLER 0x2

/*
 * @lock covers all but @entry, which is in queues. @pending lists work in the
 * order of its numbers, drawn from @last_seq. Idle workers wait at @more; @done
 * is woken when work is done or taken back, and when a worker or a waiter leaves.
 */
struct workqueue_struct {
	struct list_head entry;
	spinlock_t lock;
	char name[TASK_COMM_LEN];
	int max_active;
	struct list_head pending;
	int nr_pending;
	u64 last_seq;
	struct list_head workers;
	int nr_workers; /* those being made included */
	int nr_idle;
	int nr_waiters; /* who wait for an item at @done */
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

static DEFINE_SPINLOCK(queues_lock);
static LIST_HEAD(queues); /* struct workqueue_struct, under queues_lock */
struct workqueue_struct *system_wq;
EXPORT_SYMBOL(system_wq);

bool work_claim(struct work_struct *work)
{
	int state = __atomic_fetch_or(&work->state, WORK_PENDING, __ATOMIC_SEQ_CST);

	if (state & WORK_PENDING)
		return false;
	/* It is given back only as long as it is being cancelled, lest it got lost for others. */
	state |= WORK_PENDING;
	while (state >= WORK_CANCELLER) {
		if (__atomic_compare_exchange_n(&work->state, &state, state & ~WORK_PENDING, false,
						__ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
			return false;
	}
	return true;
}

static void unclaim_work(struct work_struct *work)
{
	__atomic_fetch_and(&work->state, ~WORK_PENDING, __ATOMIC_SEQ_CST);
}

static bool is_claimed(const struct work_struct *work)
{
	return __atomic_load_n(&work->state, __ATOMIC_SEQ_CST) & WORK_PENDING;
}

static struct worker *worker_of(const struct workqueue_struct *wq, const struct work_struct *work)
{
	struct worker *worker;

	list_for_each_entry(worker, &wq->workers, entry)
		if (worker->current_work == work)
			return worker;
	return NULL;
}

static bool is_queued(const struct workqueue_struct *wq, const struct work_struct *work)
{
	const struct work_struct *pos;

	list_for_each_entry(pos, &wq->pending, entry)
		if (pos == work)
			return true;
	return false;
}

/* These two under the queue's lock; the first for whoever has claimed the item. */
static void insert_work(struct workqueue_struct *wq, struct work_struct *work)
{
	smp_store_release(&work->wq, wq);
	work->seq = ++wq->last_seq;
	list_add_tail(&work->entry, &wq->pending);
	wq->nr_pending++;
}

static void remove_work(struct workqueue_struct *wq, struct work_struct *work)
{
	list_del_init(&work->entry);
	wq->nr_pending--;
	unclaim_work(work);
}

/* An item never runs twice at once: one that runs and was queued again has to wait. */
static bool take_work(struct workqueue_struct *wq, struct worker *worker)
{
	struct work_struct *work;

	list_for_each_entry(work, &wq->pending, entry) {
		if (worker_of(wq, work))
			continue;
		worker->current_work = work;
		worker->seq = work->seq;
		remove_work(wq, work);
		return true;
	}
	return false;
}

static void run_work(struct workqueue_struct *wq, struct worker *worker)
{
	work_func_t func = worker->current_work->func;

	spin_unlock(&wq->lock);
	func(worker->current_work);
	spin_lock(&wq->lock);
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
	spin_unlock(&wq->lock);
	left = schedule_timeout(WORKER_IDLE_JIFFIES);
	finish_wait(&wq->more, &wait);
	spin_lock(&wq->lock);
	wq->nr_idle--;
	return left;
}

static int worker_thread(void *data)
{
	struct workqueue_struct *wq = data;
	struct worker worker = { .current_work = NULL };
	long left = WORKER_IDLE_JIFFIES;

	spin_lock(&wq->lock);
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
	spin_unlock(&wq->lock);
	return 0;
}

static void start_worker(struct workqueue_struct *wq)
{
	struct task_struct *thread = kthread_run(worker_thread, wq, "kworker/%s", wq->name);

	if (!IS_ERR(thread))
		return;
	spin_lock(&wq->lock);
	wq->nr_workers--;
	if (!wq->nr_workers)
		pr_crit("workqueue %s: work waits, no thread can be made for it (%pe)\n", wq->name,
			thread);
	wake_up_all(&wq->done);
	spin_unlock(&wq->lock);
}

/* Under the queue's lock; true: the caller has to call start_worker() without it. */
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
	spin_lock_init(&wq->lock);
	wq->max_active = max_active ? clamp(max_active, 1, WQ_MAX_ACTIVE) : WQ_DFL_ACTIVE;
	INIT_LIST_HEAD(&wq->pending);
	INIT_LIST_HEAD(&wq->workers);
	init_waitqueue_head(&wq->more);
	init_waitqueue_head(&wq->done);
	spin_lock(&queues_lock);
	list_add(&wq->entry, &queues);
	spin_unlock(&queues_lock);
	return wq;
}
EXPORT_SYMBOL(alloc_workqueue);

/* Whether work numbered up to @seq is queued or running. */
static bool has_work_before(struct workqueue_struct *wq, u64 seq)
{
	struct work_struct *first;
	struct worker *worker;
	bool has = false;

	spin_lock(&wq->lock);
	first = list_first_entry_or_null(&wq->pending, struct work_struct, entry);
	if (first && first->seq <= seq)
		has = true;
	list_for_each_entry(worker, &wq->workers, entry)
		has |= worker->current_work && worker->seq <= seq;
	spin_unlock(&wq->lock);
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

	spin_lock(&wq->lock);
	seq = wq->last_seq;
	spin_unlock(&wq->lock);
	wait_event(wq->done, !has_work_before(wq, seq));
}
EXPORT_SYMBOL(flush_workqueue);

static bool has_workers(struct workqueue_struct *wq)
{
	bool has;

	spin_lock(&wq->lock);
	has = wq->nr_workers;
	spin_unlock(&wq->lock);
	return has;
}

static bool has_waiters(struct workqueue_struct *wq)
{
	bool has;

	spin_lock(&wq->lock);
	has = wq->nr_waiters;
	spin_unlock(&wq->lock);
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
	spin_lock(&wq->lock);
	wq->dying = true;
	wake_up_all(&wq->more);
	spin_unlock(&wq->lock);
	wait_event(wq->done, !has_workers(wq));
	/* From here on nobody finds it any more who wants to wait for an item. */
	spin_lock(&queues_lock);
	list_del(&wq->entry);
	spin_unlock(&queues_lock);
	wait_event(wq->done, !has_waiters(wq));
	/* Who left last may still hold the lock under which it woke us. */
	spin_lock(&wq->lock);
	spin_unlock(&wq->lock);
	kfree(wq);
}
EXPORT_SYMBOL(destroy_workqueue);

bool work_queue_claimed(struct workqueue_struct *wq, struct work_struct *work)
{
	bool start = false;
	bool dying;

	spin_lock(&wq->lock);
	dying = WARN_ON_ONCE(wq->dying);
	if (!dying) {
		insert_work(wq, work);
		start = wake_worker(wq);
	}
	spin_unlock(&wq->lock);
	if (dying)
		unclaim_work(work);
	if (start)
		start_worker(wq);
	return !dying;
}

/**
 * queue_work() - have something done
 * @wq: by whom
 * @work: what; must stay until its function is called, which may free it
 *
 * Context: any; takes the queue's lock.
 * Return: whether it was queued; not if it is pending or being cancelled.
 */
bool queue_work(struct workqueue_struct *wq, struct work_struct *work)
{
	return work_claim(work) && work_queue_claimed(wq, work);
}
EXPORT_SYMBOL(queue_work);

/* The queue that @work was on last, with its lock held; NULL where that is gone. */
static struct workqueue_struct *lock_queue_of(const struct work_struct *work)
{
	struct workqueue_struct *wq, *last = smp_load_acquire(&work->wq);

	if (!last)
		return NULL;
	spin_lock(&queues_lock);
	list_for_each_entry(wq, &queues, entry) {
		if (wq == last) {
			spin_lock(&wq->lock);
			spin_unlock(&queues_lock);
			return wq;
		}
	}
	spin_unlock(&queues_lock);
	return NULL;
}

/* Whether @work, as queued under a number up to @seq, is queued or running. */
static bool is_busy(struct workqueue_struct *wq, const struct work_struct *work, u64 seq)
{
	struct worker *worker;
	bool busy;

	spin_lock(&wq->lock);
	worker = worker_of(wq, work);
	busy = (worker && worker->seq <= seq) || (is_queued(wq, work) && work->seq <= seq);
	spin_unlock(&wq->lock);
	return busy;
}

/* Waits until @work is done as often as it was queued up to now; false: it was idle. */
static bool wait_for_done(struct work_struct *work, bool running_only)
{
	struct workqueue_struct *wq = lock_queue_of(work);
	struct worker *worker;
	bool queued, busy;
	u64 seq = 0;

	if (!wq)
		return false;
	worker = worker_of(wq, work);
	queued = !running_only && is_queued(wq, work);
	if (queued)
		seq = work->seq;
	else if (worker)
		seq = worker->seq;
	busy = worker || queued;
	if (busy)
		wq->nr_waiters++;
	spin_unlock(&wq->lock);
	if (!busy)
		return false;

	wait_event(wq->done, !is_busy(wq, work, seq));
	spin_lock(&wq->lock);
	wq->nr_waiters--;
	wake_up_all(&wq->done);
	spin_unlock(&wq->lock);
	return true;
}

/**
 * flush_work() - wait until work is done
 * @work: the work; if it queues itself again, that is not waited for, nor is the time of delayed
 *	work
 *
 * Context: sleeps; not from @work itself.
 * Return: whether it was queued or running.
 */
bool flush_work(struct work_struct *work)
{
	return wait_for_done(work, false);
}
EXPORT_SYMBOL(flush_work);

/* Takes @work off its queue: whether it was on one. */
static bool dequeue_work(struct work_struct *work)
{
	struct workqueue_struct *wq = lock_queue_of(work);
	bool queued;

	if (!wq)
		return false;
	queued = is_queued(wq, work);
	if (queued) {
		remove_work(wq, work);
		wake_up_all(&wq->done);
	}
	spin_unlock(&wq->lock);
	return queued;
}

/*
 * There are moments when a pending item is neither with the timer nor on a queue, because whoever
 * has claimed it, or the timer's function, has it in hand.
 */
bool work_take_back(struct work_struct *work, struct timer_list *timer)
{
	while (is_claimed(work)) {
		if (timer && del_timer(timer)) {
			unclaim_work(work);
			return true;
		}
		if (dequeue_work(work))
			return true;
		yield();
	}
	return false;
}

bool work_cancel_sync(struct work_struct *work, struct timer_list *timer)
{
	bool was_pending;

	__atomic_fetch_add(&work->state, WORK_CANCELLER, __ATOMIC_SEQ_CST);
	was_pending = work_take_back(work, timer);
	wait_for_done(work, true);
	__atomic_fetch_sub(&work->state, WORK_CANCELLER, __ATOMIC_SEQ_CST);
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
	return work_cancel_sync(work, NULL);
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
	return is_claimed(work);
}
EXPORT_SYMBOL(work_pending);

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
