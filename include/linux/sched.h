/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef UMDEV_LINUX_SCHED_H
#define UMDEV_LINUX_SCHED_H

#include <linux/atomic.h>
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/jiffies.h>
#include <linux/refcount.h>
#include <linux/types.h>
#include <pthread.h>

struct files_struct;
struct mm_struct;
struct user_access_window;

#define TASK_COMM_LEN 16

#define TASK_RUNNING	     0x0000u
#define TASK_INTERRUPTIBLE   0x0001u
#define TASK_UNINTERRUPTIBLE 0x0002u
#define TASK_WAKEKILL	     0x0100u
#define TASK_KILLABLE	     (TASK_WAKEKILL | TASK_UNINTERRUPTIBLE)
#define TASK_NORMAL	     (TASK_INTERRUPTIBLE | TASK_UNINTERRUPTIBLE)

#define MAX_SCHEDULE_TIMEOUT LONG_MAX

/*
 * A thread, as the kernel's code sees it. Threads that the runtime starts have
 * one from the beginning, any other gets one when it first says "current".
 *
 * @wait_lock, a leaf, covers @state, @comm, @exited and @exit_code.
 * @signal_pending and @should_stop are atomic. The rest is the thread's own or
 * does not change once others see it.
 */
struct task_struct {
	refcount_t usage;
	unsigned int state; /* TASK_… */
	pid_t pid;
	pid_t tgid;
	char comm[TASK_COMM_LEN];
	struct task_struct *group_leader;
	struct mm_struct *mm;		    /* NULL: the runtime has one address space */
	struct files_struct *files;	    /* a reference */
	struct user_access_window *uaccess; /* innermost window, NULL: kernel pointers */
	int signal_pending;		    /* interrupted */
	int should_stop;		    /* kthread_stop() was called */
	int exited;			    /* a kthread's function has returned, with @exit_code */
	int exit_code;
	pthread_mutex_t wait_lock;
	pthread_cond_t wakeup; /* @state, @pid of a new kthread or @exited changed */
};

struct task_struct *get_current(void);
#define current get_current()

void put_task_struct(struct task_struct *task);

static inline struct task_struct *get_task_struct(struct task_struct *task)
{
	refcount_inc(&task->usage);
	return task;
}

static inline pid_t task_pid_nr(const struct task_struct *task)
{
	return task->pid;
}

static inline pid_t task_tgid_nr(const struct task_struct *task)
{
	return task->tgid;
}

void __set_task_state(struct task_struct *task, unsigned int state);
#define set_current_state(value)   __set_task_state(current, value)
#define __set_current_state(value) __set_task_state(current, value)

void schedule(void);
long schedule_timeout(long timeout);
long schedule_timeout_interruptible(long timeout);
long schedule_timeout_uninterruptible(long timeout);
int wake_up_process(struct task_struct *task);
int wake_up_state(struct task_struct *task, unsigned int state);
void cond_resched(void);
void yield(void);
void set_task_comm(struct task_struct *task, const char *comm);
char *get_task_comm(char *buf, struct task_struct *task);

int signal_pending(struct task_struct *task);
#define fatal_signal_pending(task) signal_pending(task)
int signal_pending_state(unsigned int state, struct task_struct *task);
void umdev_task_interrupt(struct task_struct *task);
void umdev_task_clear_interrupt(struct task_struct *task);

#endif /* UMDEV_LINUX_SCHED_H */
