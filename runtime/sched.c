// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Tasks, and how they sleep: a task says in which state it is, looks at what
 * it waits for, and calls schedule(), which returns once someone has set it
 * running again. A wake-up between any two of these steps is not lost.
 *
 * Lock order: task->wait_lock is a leaf; nothing is taken under it.
 */
#include <linux/bug.h>
#include <linux/delay.h>
#include <linux/export.h>
#include <linux/fdtable.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <errno.h>
#include <sched.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include "files.h"
#include "sched.h"

static __thread struct task_struct *current_task;
static pthread_key_t task_key;
static pthread_once_t task_key_once = PTHREAD_ONCE_INIT;

void task_discard(struct task_struct *task)
{
	put_files_struct(task->files);
	task->files = NULL;
	put_task_struct(task);
}

/* The last ->release() of a file may run here and may ask for current. */
static void task_thread_exits(void *arg)
{
	struct task_struct *task = arg;

	get_task_struct(task);
	task_discard(task);
	current_task = NULL;
	put_task_struct(task);
}

static void make_task_key(void)
{
	BUG_ON(pthread_key_create(&task_key, task_thread_exits));
}

struct task_struct *task_alloc(void)
{
	struct task_struct *task = calloc(1, sizeof(*task));
	pthread_condattr_t attr;

	if (!task)
		return NULL;
	refcount_set(&task->usage, 1);
	task->group_leader = task;
	task->tgid = getpid();
	task->files = get_shared_files();
	pthread_mutex_init(&task->wait_lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&task->wakeup, &attr);
	pthread_condattr_destroy(&attr);
	return task;
}

void task_adopt(struct task_struct *task)
{
	pthread_once(&task_key_once, make_task_key);
	current_task = task;
	pthread_mutex_lock(&task->wait_lock);
	task->pid = (pid_t)syscall(SYS_gettid);
	pthread_cond_broadcast(&task->wakeup);
	pthread_mutex_unlock(&task->wait_lock);
	BUG_ON(pthread_setspecific(task_key, task));
}

/* Threads that the runtime did not start have no way to hear that there is no memory for this. */
static noinline struct task_struct *adopt_foreign_thread(void)
{
	struct task_struct *task = task_alloc();

	BUG_ON(!task);
	pthread_getname_np(pthread_self(), task->comm, sizeof(task->comm));
	task_adopt(task);
	return task;
}

/**
 * get_current() - the calling thread's task, "current"
 *
 * Context: any thread.
 * Return: the task; not a reference, good as long as the thread lives.
 */
struct task_struct *get_current(void)
{
	return likely(current_task) ? current_task : adopt_foreign_thread();
}
EXPORT_SYMBOL(get_current);

/**
 * put_task_struct() - drop a reference on a task
 * @task: the task
 *
 * Context: any.
 */
void put_task_struct(struct task_struct *task)
{
	if (!refcount_dec_and_test(&task->usage))
		return;
	pthread_cond_destroy(&task->wakeup);
	pthread_mutex_destroy(&task->wait_lock);
	free(task);
}
EXPORT_SYMBOL(put_task_struct);

/**
 * __set_task_state() - say how the calling thread is about to sleep
 * @task: current
 * @state: TASK_…
 *
 * Context: the task's own thread. A full barrier, as set_current_state() is.
 */
void __set_task_state(struct task_struct *task, unsigned int state)
{
	pthread_mutex_lock(&task->wait_lock);
	task->state = state;
	pthread_mutex_unlock(&task->wait_lock);
	smp_mb();
}
EXPORT_SYMBOL(__set_task_state);

static struct timespec deadline_after(long timeout)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	ts.tv_sec += timeout / HZ;
	ts.tv_nsec += timeout % HZ * (NSEC_PER_SEC / HZ);
	if (ts.tv_nsec >= NSEC_PER_SEC) {
		ts.tv_nsec -= NSEC_PER_SEC;
		ts.tv_sec++;
	}
	return ts;
}

/**
 * schedule_timeout() - sleep until woken, or for a time
 * @timeout: jiffies; MAX_SCHEDULE_TIMEOUT: for ever
 *
 * Returns at once if the task is running, that is if it was woken since it set
 * its state, or if its state lets an interruption end the sleep and one is
 * pending. The task is running afterwards.
 *
 * Context: sleeps.
 * Return: jiffies left, 0 if the time is over, MAX_SCHEDULE_TIMEOUT if it was that.
 */
long schedule_timeout(long timeout)
{
	struct task_struct *task = current;
	unsigned long end = jiffies + (unsigned long)timeout;
	struct timespec deadline;
	int err = 0;

	timeout = max(timeout, 0l);
	if (timeout != MAX_SCHEDULE_TIMEOUT)
		deadline = deadline_after(timeout);
	pthread_mutex_lock(&task->wait_lock);
	while (task->state != TASK_RUNNING && !signal_pending_state(task->state, task) && !err) {
		if (timeout == MAX_SCHEDULE_TIMEOUT)
			pthread_cond_wait(&task->wakeup, &task->wait_lock);
		else
			err = pthread_cond_timedwait(&task->wakeup, &task->wait_lock, &deadline);
	}
	task->state = TASK_RUNNING;
	pthread_mutex_unlock(&task->wait_lock);
	if (timeout == MAX_SCHEDULE_TIMEOUT)
		return timeout;
	return err ? 0 : max((long)(end - jiffies), 0l);
}
EXPORT_SYMBOL(schedule_timeout);

/**
 * schedule() - sleep until woken
 *
 * Context: as schedule_timeout().
 */
void schedule(void)
{
	schedule_timeout(MAX_SCHEDULE_TIMEOUT);
}
EXPORT_SYMBOL(schedule);

/**
 * schedule_timeout_interruptible() - sleep for a time or until woken or interrupted
 * @timeout: jiffies
 *
 * Context: sleeps.
 * Return: jiffies left.
 */
long schedule_timeout_interruptible(long timeout)
{
	set_current_state(TASK_INTERRUPTIBLE);
	return schedule_timeout(timeout);
}
EXPORT_SYMBOL(schedule_timeout_interruptible);

/**
 * schedule_timeout_uninterruptible() - sleep for a time or until woken
 * @timeout: jiffies
 *
 * Context: sleeps.
 * Return: jiffies left.
 */
long schedule_timeout_uninterruptible(long timeout)
{
	set_current_state(TASK_UNINTERRUPTIBLE);
	return schedule_timeout(timeout);
}
EXPORT_SYMBOL(schedule_timeout_uninterruptible);

/**
 * wake_up_state() - set a task running if it sleeps in one of some states
 * @task: the task
 * @state: TASK_…, one or several
 *
 * Context: any.
 * Return: 1 if it slept so, else 0.
 */
int wake_up_state(struct task_struct *task, unsigned int state)
{
	int woken;

	pthread_mutex_lock(&task->wait_lock);
	woken = (task->state & state) != 0;
	if (woken) {
		task->state = TASK_RUNNING;
		pthread_cond_broadcast(&task->wakeup);
	}
	pthread_mutex_unlock(&task->wait_lock);
	return woken;
}
EXPORT_SYMBOL(wake_up_state);

/**
 * wake_up_process() - set a task running
 * @task: the task
 *
 * Context: any.
 * Return: 1 if it slept, else 0.
 */
int wake_up_process(struct task_struct *task)
{
	return wake_up_state(task, TASK_NORMAL);
}
EXPORT_SYMBOL(wake_up_process);

/**
 * cond_resched() - let others run
 *
 * Nothing to do: threads are preempted.
 *
 * Context: may sleep.
 */
void cond_resched(void)
{
}
EXPORT_SYMBOL(cond_resched);

/**
 * yield() - let others run first
 *
 * Context: may sleep.
 */
void yield(void)
{
	sched_yield();
}
EXPORT_SYMBOL(yield);

/**
 * set_task_comm() - name a task
 * @task: the task
 * @comm: its name; 15 bytes of it are kept
 *
 * Context: any.
 */
void set_task_comm(struct task_struct *task, const char *comm)
{
	pthread_mutex_lock(&task->wait_lock);
	strscpy(task->comm, comm, sizeof(task->comm));
	pthread_mutex_unlock(&task->wait_lock);
	if (task == current)
		pthread_setname_np(pthread_self(), task->comm);
}
EXPORT_SYMBOL(set_task_comm);

/**
 * get_task_comm() - a task's name
 * @buf: where to, TASK_COMM_LEN bytes
 * @task: the task
 *
 * Context: any.
 * Return: @buf.
 */
char *get_task_comm(char *buf, struct task_struct *task)
{
	pthread_mutex_lock(&task->wait_lock);
	strscpy(buf, task->comm, TASK_COMM_LEN);
	pthread_mutex_unlock(&task->wait_lock);
	return buf;
}
EXPORT_SYMBOL(get_task_comm);

/**
 * signal_pending() - whether a task was interrupted
 * @task: the task
 *
 * Context: any.
 * Return: 1 if it was, else 0.
 */
int signal_pending(struct task_struct *task)
{
	return READ_ONCE(task->signal_pending);
}
EXPORT_SYMBOL(signal_pending);

/**
 * signal_pending_state() - whether a task that sleeps in a state is to be woken by an interruption
 * @state: TASK_…
 * @task: the task
 *
 * Context: any.
 * Return: 1 if so, else 0.
 */
int signal_pending_state(unsigned int state, struct task_struct *task)
{
	return (state & (TASK_INTERRUPTIBLE | TASK_WAKEKILL)) && signal_pending(task);
}
EXPORT_SYMBOL(signal_pending_state);

/**
 * umdev_task_interrupt() - interrupt a task, as a signal does
 * @task: the task; the caller holds a reference
 *
 * Interruptible and killable waits of the task end, those it is in and those it
 * will begin, until umdev_task_clear_interrupt().
 *
 * Context: any.
 */
void umdev_task_interrupt(struct task_struct *task)
{
	WRITE_ONCE(task->signal_pending, 1);
	wake_up_state(task, TASK_INTERRUPTIBLE | TASK_WAKEKILL);
}
EXPORT_SYMBOL_GPL(umdev_task_interrupt);

/**
 * umdev_task_clear_interrupt() - be done with an interruption
 * @task: the task
 *
 * Context: any.
 */
void umdev_task_clear_interrupt(struct task_struct *task)
{
	WRITE_ONCE(task->signal_pending, 0);
}
EXPORT_SYMBOL_GPL(umdev_task_clear_interrupt);

/**
 * get_jiffies() - the time, "jiffies"
 *
 * Context: any.
 * Return: milliseconds since the machine started.
 */
unsigned long get_jiffies(void)
{
	return (unsigned long)ktime_to_ms(ktime_get());
}
EXPORT_SYMBOL(get_jiffies);

static ktime_t read_clock(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
}

/**
 * ktime_get() - the monotonic time
 *
 * Context: any.
 * Return: nanoseconds since the machine started.
 */
ktime_t ktime_get(void)
{
	return read_clock(CLOCK_MONOTONIC);
}
EXPORT_SYMBOL(ktime_get);

/**
 * ktime_get_real() - the time of day
 *
 * Context: any.
 * Return: nanoseconds since 1970.
 */
ktime_t ktime_get_real(void)
{
	return read_clock(CLOCK_REALTIME);
}
EXPORT_SYMBOL(ktime_get_real);

static void sleep_for(unsigned long nsecs)
{
	struct timespec ts = { (time_t)(nsecs / NSEC_PER_SEC), (long)(nsecs % NSEC_PER_SEC) };

	while (clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, &ts) == EINTR)
		;
}

/**
 * msleep() - sleep
 * @msecs: milliseconds
 *
 * Context: sleeps.
 */
void msleep(unsigned int msecs)
{
	sleep_for(msecs * (unsigned long)NSEC_PER_MSEC);
}
EXPORT_SYMBOL(msleep);

/**
 * msleep_interruptible() - sleep unless interrupted
 * @msecs: milliseconds
 *
 * Context: sleeps.
 * Return: milliseconds left.
 */
unsigned long msleep_interruptible(unsigned int msecs)
{
	long left = (long)msecs_to_jiffies(msecs) + 1;

	while (left && !signal_pending(current))
		left = schedule_timeout_interruptible(left);
	return jiffies_to_msecs((unsigned long)left);
}
EXPORT_SYMBOL(msleep_interruptible);

/**
 * usleep_range() - sleep
 * @min: microseconds at least
 * @max: microseconds at most, as far as the machine keeps it
 *
 * Context: sleeps.
 */
void usleep_range(unsigned long min, unsigned long max)
{
	sleep_for(min * (unsigned long)NSEC_PER_USEC);
}
EXPORT_SYMBOL(usleep_range);

/**
 * udelay() - wait
 * @usecs: microseconds
 *
 * Context: any in a kernel, where it does not sleep; here it does.
 */
void udelay(unsigned long usecs)
{
	sleep_for(usecs * (unsigned long)NSEC_PER_USEC);
}
EXPORT_SYMBOL(udelay);

/**
 * ndelay() - wait
 * @nsecs: nanoseconds
 *
 * Context: as udelay().
 */
void ndelay(unsigned long nsecs)
{
	sleep_for(nsecs);
}
EXPORT_SYMBOL(ndelay);
