/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/* How tasks are made, for kthread.c. */
#ifndef RUNTIME_SCHED_H
#define RUNTIME_SCHED_H

#include <linux/sched.h>

/* A task with one reference and the table of files that all share, or NULL. */
struct task_struct *task_alloc(void);

/* Makes @task, with a reference of the caller's, the calling thread's. */
void task_adopt(struct task_struct *task);

/* The thread of @task ends, or never began: drops its files and its reference. */
void task_discard(struct task_struct *task);

/* The calling kthread is about to end and is not to be counted any more. */
void kthread_count_out(void);

#endif
