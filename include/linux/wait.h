/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef UMDEV_LINUX_WAIT_H
#define UMDEV_LINUX_WAIT_H

#include <linux/list.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/types.h>

struct wait_queue_entry;
typedef struct wait_queue_entry wait_queue_entry_t;
typedef int (*wait_queue_func_t)(struct wait_queue_entry *wq_entry, unsigned int mode, int flags,
				 void *key);

int default_wake_function(struct wait_queue_entry *wq_entry, unsigned int mode, int flags,
			  void *key);
int autoremove_wake_function(struct wait_queue_entry *wq_entry, unsigned int mode, int flags,
			     void *key);

#define WQ_FLAG_EXCLUSIVE 0x01

/* Someone who waits: @func is called, with the queue's lock held, when the queue is woken. */
struct wait_queue_entry {
	unsigned int flags;
	void *private; /* for the usual functions: the task to wake */
	wait_queue_func_t func;
	struct list_head entry; /* under the queue's lock */
};

/* Those who wait for one thing. @lock covers @head and is held while they are woken. */
struct wait_queue_head {
	spinlock_t lock;
	struct list_head head;
};
typedef struct wait_queue_head wait_queue_head_t;

#define __WAIT_QUEUE_HEAD_INITIALIZER(name)                                                \
	{                                                                                  \
		.lock = __SPIN_LOCK_UNLOCKED(name.lock), .head = LIST_HEAD_INIT(name.head) \
	}
#define DECLARE_WAIT_QUEUE_HEAD(name) \
	struct wait_queue_head name = __WAIT_QUEUE_HEAD_INITIALIZER(name)
#define DECLARE_WAIT_QUEUE_HEAD_ONSTACK(name) DECLARE_WAIT_QUEUE_HEAD(name)

#define DECLARE_WAITQUEUE(name, tsk)           \
	struct wait_queue_entry name = {       \
		.private = tsk,                \
		.func = default_wake_function, \
		.entry = { NULL, NULL },       \
	}
#define DEFINE_WAIT_FUNC(name, function)               \
	struct wait_queue_entry name = {               \
		.private = current,                    \
		.func = function,                      \
		.entry = LIST_HEAD_INIT((name).entry), \
	}
#define DEFINE_WAIT(name) DEFINE_WAIT_FUNC(name, autoremove_wake_function)

void init_waitqueue_head(struct wait_queue_head *wq_head);

static inline void init_waitqueue_entry(struct wait_queue_entry *wq_entry, struct task_struct *p)
{
	wq_entry->flags = 0;
	wq_entry->private = p;
	wq_entry->func = default_wake_function;
	INIT_LIST_HEAD(&wq_entry->entry);
}

static inline void init_waitqueue_func_entry(struct wait_queue_entry *wq_entry,
					     wait_queue_func_t func)
{
	wq_entry->flags = 0;
	wq_entry->private = NULL;
	wq_entry->func = func;
	INIT_LIST_HEAD(&wq_entry->entry);
}

void add_wait_queue(struct wait_queue_head *wq_head, struct wait_queue_entry *wq_entry);
void add_wait_queue_exclusive(struct wait_queue_head *wq_head, struct wait_queue_entry *wq_entry);
void remove_wait_queue(struct wait_queue_head *wq_head, struct wait_queue_entry *wq_entry);
void __add_wait_queue(struct wait_queue_head *wq_head, struct wait_queue_entry *wq_entry);
void __add_wait_queue_entry_tail(struct wait_queue_head *wq_head,
				 struct wait_queue_entry *wq_entry);
void __remove_wait_queue(struct wait_queue_head *wq_head, struct wait_queue_entry *wq_entry);
bool waitqueue_active(struct wait_queue_head *wq_head);
bool wq_has_sleeper(struct wait_queue_head *wq_head);

void prepare_to_wait(struct wait_queue_head *wq_head, struct wait_queue_entry *wq_entry,
		     unsigned int state);
void prepare_to_wait_exclusive(struct wait_queue_head *wq_head, struct wait_queue_entry *wq_entry,
			       unsigned int state);
long prepare_to_wait_event(struct wait_queue_head *wq_head, struct wait_queue_entry *wq_entry,
			   unsigned int state);
void finish_wait(struct wait_queue_head *wq_head, struct wait_queue_entry *wq_entry);

void __wake_up(struct wait_queue_head *wq_head, unsigned int mode, int nr, void *key);
void __wake_up_locked_key(struct wait_queue_head *wq_head, unsigned int mode, void *key);

#define wake_up(x)			 __wake_up(x, TASK_NORMAL, 1, NULL)
#define wake_up_nr(x, nr)		 __wake_up(x, TASK_NORMAL, nr, NULL)
#define wake_up_all(x)			 __wake_up(x, TASK_NORMAL, 0, NULL)
#define wake_up_interruptible(x)	 __wake_up(x, TASK_INTERRUPTIBLE, 1, NULL)
#define wake_up_interruptible_all(x)	 __wake_up(x, TASK_INTERRUPTIBLE, 0, NULL)
#define poll_to_key(m)			 ((void *)(uintptr_t)(__u32)(m))
#define key_to_poll(m)			 ((__u32)(uintptr_t)(void *)(m))
#define wake_up_poll(x, m)		 __wake_up(x, TASK_NORMAL, 1, poll_to_key(m))
#define wake_up_locked_poll(x, m)	 __wake_up_locked_key(x, TASK_NORMAL, poll_to_key(m))
#define wake_up_interruptible_poll(x, m) __wake_up(x, TASK_INTERRUPTIBLE, 1, poll_to_key(m))

/*
 * The body of all that wait for @condition: @cmd sleeps. The value is 0, or
 * -ERESTARTSYS if @state lets an interruption end the wait and one did.
 */
#define ___wait_event(wq_head, condition, state, exclusive, ret, cmd)                            \
	({                                                                                       \
		struct wait_queue_entry __wq_entry;                                              \
		long __wait_ret = (ret);                                                         \
                                                                                                 \
		init_waitqueue_entry(&__wq_entry, current);                                      \
		__wq_entry.func = autoremove_wake_function;                                      \
		__wq_entry.flags = (exclusive) ? WQ_FLAG_EXCLUSIVE : 0;                          \
		for (;;) {                                                                       \
			long __wait_int = prepare_to_wait_event(&(wq_head), &__wq_entry, state); \
                                                                                                 \
			if (condition)                                                           \
				break;                                                           \
			if (__wait_int) {                                                        \
				__wait_ret = __wait_int;                                         \
				break;                                                           \
			}                                                                        \
			cmd;                                                                     \
		}                                                                                \
		finish_wait(&(wq_head), &__wq_entry);                                            \
		__wait_ret;                                                                      \
	})

/* The condition with the time left: true makes the time at least 1, no time left ends the wait. */
#define ___wait_cond_timeout(condition)           \
	({                                        \
		bool __wait_cond = !!(condition); \
                                                  \
		if (__wait_cond && !__wait_ret)   \
			__wait_ret = 1;           \
		__wait_cond || !__wait_ret;       \
	})
#define ___wait_event_timeout(wq_head, condition, timeout, state)                              \
	({                                                                                     \
		long __wait_left = (timeout);                                                  \
                                                                                               \
		___wait_event(wq_head, ___wait_cond_timeout(condition), state, 0, __wait_left, \
			      __wait_ret = schedule_timeout(__wait_ret));                      \
	})

/* Wait until @condition, checked at each wake-up, is true. */
#define wait_event(wq_head, condition) \
	((void)___wait_event(wq_head, condition, TASK_UNINTERRUPTIBLE, 0, 0, schedule()))
/* 0, or -ERESTARTSYS on an interruption. */
#define wait_event_interruptible(wq_head, condition) \
	((int)___wait_event(wq_head, condition, TASK_INTERRUPTIBLE, 0, 0, schedule()))
#define wait_event_interruptible_exclusive(wq_head, condition) \
	((int)___wait_event(wq_head, condition, TASK_INTERRUPTIBLE, 1, 0, schedule()))
#define wait_event_killable(wq_head, condition) \
	((int)___wait_event(wq_head, condition, TASK_KILLABLE, 0, 0, schedule()))
/* 0 if @timeout (jiffies) passed first, else the time left, at least 1. */
#define wait_event_timeout(wq_head, condition, timeout) \
	___wait_event_timeout(wq_head, condition, timeout, TASK_UNINTERRUPTIBLE)
/* The same, or -ERESTARTSYS on an interruption. */
#define wait_event_interruptible_timeout(wq_head, condition, timeout) \
	___wait_event_timeout(wq_head, condition, timeout, TASK_INTERRUPTIBLE)
#define wait_event_killable_timeout(wq_head, condition, timeout) \
	___wait_event_timeout(wq_head, condition, timeout, TASK_KILLABLE)

#endif /* UMDEV_LINUX_WAIT_H */
