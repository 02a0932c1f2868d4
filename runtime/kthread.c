// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* Threads of the runtime. They are detached: who stops one waits for its function to return. */
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/slab.h>
#include <signal.h>
#include "counts.h"
#include "fault.h"
#include "sched.h"

/* What a new thread is to do; the thread owns it. */
struct kthread {
	struct task_struct *task;
	int (*fn)(void *data);
	void *data;
};

static __thread bool counted_out;

void kthread_count_out(void)
{
	if (!counted_out)
		count_add(COUNT_THREADS, -1);
	counted_out = true;
}

static void report_exit(struct task_struct *task, int code)
{
	pthread_mutex_lock(&task->wait_lock);
	task->exit_code = code;
	task->exited = 1;
	pthread_cond_broadcast(&task->wakeup);
	pthread_mutex_unlock(&task->wait_lock);
}

static void *kthread_main(void *arg)
{
	struct kthread kthread = *(struct kthread *)arg;
	int code = -EINTR;

	kfree(arg);
	task_adopt(kthread.task);
	pthread_setname_np(pthread_self(), kthread.task->comm);
	schedule();
	if (!kthread_should_stop())
		code = kthread.fn(kthread.data);
	kthread_count_out();
	report_exit(kthread.task, code);
	return NULL;
}

/*
 * The new thread inherits the mask: signals are for the program's own threads. Those that a thread
 * raises itself, by an access to memory that is not there, would end the process if they were
 * blocked.
 */
static int start_detached(struct kthread *kthread)
{
	static const int own[] = { SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGSYS, SIGTRAP };
	sigset_t others, old;
	pthread_t thread;
	size_t i;
	int err;

	sigfillset(&others);
	for (i = 0; i < ARRAY_SIZE(own); i++)
		sigdelset(&others, own[i]);
	pthread_sigmask(SIG_SETMASK, &others, &old);
	err = pthread_create(&thread, NULL, kthread_main, kthread);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (!err)
		pthread_detach(thread);
	return -err;
}

static void wait_for_pid(struct task_struct *task)
{
	pthread_mutex_lock(&task->wait_lock);
	while (!task->pid)
		pthread_cond_wait(&task->wakeup, &task->wait_lock);
	pthread_mutex_unlock(&task->wait_lock);
}

/**
 * kthread_create() - make a thread that waits to be woken
 * @threadfn: what it does once wake_up_process() wakes it; its value is what kthread_stop() returns
 * @data: passed to @threadfn
 * @namefmt: format of its name
 *
 * The task stays as long as its thread runs. Whoever wants to stop a thread that
 * may end by itself takes a reference before it is woken.
 *
 * Context: sleeps.
 * Return: the task; ERR_PTR(-ENOMEM) or ERR_PTR(-EAGAIN).
 */
struct task_struct *kthread_create(int (*threadfn)(void *data), void *data, const char *namefmt,
				   ...)
{
	struct kthread *kthread = kmalloc(sizeof(*kthread), GFP_KERNEL);
	struct task_struct *task;
	va_list args;
	int err;

	if (!kthread)
		return ERR_PTR(-ENOMEM);
	task = fault_now() ? NULL : task_alloc();
	if (!task) {
		err = -ENOMEM;
		goto free_kthread;
	}
	*kthread = (struct kthread){ .task = task, .fn = threadfn, .data = data };
	va_start(args, namefmt);
	vsnprintf(task->comm, sizeof(task->comm), namefmt, args);
	va_end(args);
	task->state = TASK_UNINTERRUPTIBLE;
	count_add(COUNT_THREADS, 1);
	err = start_detached(kthread);
	if (err)
		goto put_task;
	wait_for_pid(task);
	return task;

put_task:
	count_add(COUNT_THREADS, -1);
	task_discard(task);
free_kthread:
	kfree(kthread);
	return ERR_PTR(err);
}
EXPORT_SYMBOL(kthread_create);

/**
 * kthread_should_stop() - whether the calling thread is to end
 *
 * Context: a thread from kthread_create().
 * Return: whether kthread_stop() was called for it.
 */
bool kthread_should_stop(void)
{
	return READ_ONCE(current->should_stop);
}
EXPORT_SYMBOL(kthread_should_stop);

/**
 * kthread_stop() - let a thread end and wait until it has
 * @k: the thread, which is woken
 *
 * Context: sleeps; not from @k.
 * Return: what its function returned; -EINTR if it was never woken.
 */
int kthread_stop(struct task_struct *k)
{
	int code;

	get_task_struct(k);
	WRITE_ONCE(k->should_stop, 1);
	wake_up_process(k);
	pthread_mutex_lock(&k->wait_lock);
	while (!k->exited)
		pthread_cond_wait(&k->wakeup, &k->wait_lock);
	code = k->exit_code;
	pthread_mutex_unlock(&k->wait_lock);
	put_task_struct(k);
	return code;
}
EXPORT_SYMBOL(kthread_stop);
