/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef UMDEV_LINUX_WORKQUEUE_H
#define UMDEV_LINUX_WORKQUEUE_H

#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/timer.h>
#include <linux/types.h>

struct workqueue_struct;
struct work_struct;
typedef void (*work_func_t)(struct work_struct *work);

/*
 * Something to do later. All but @func belong to runtime/workqueue.c, and @entry
 * and @seq to the lock of the queue it is on.
 */
struct work_struct {
	work_func_t func;
	struct list_head entry;
	struct workqueue_struct *wq; /* where it was queued last, which may be gone; atomic */
	u64 seq;
	int state; /* WORK_PENDING, and how many cancel it; atomic */
};

struct delayed_work {
	struct work_struct work;
	struct timer_list timer;
	struct workqueue_struct *wq;
};

#define WQ_UNBOUND	 0x02u
#define WQ_FREEZABLE	 0x04u
#define WQ_MEM_RECLAIM	 0x08u
#define WQ_HIGHPRI	 0x10u
#define WQ_CPU_INTENSIVE 0x20u
#define WQ_MAX_ACTIVE	 512
#define WQ_DFL_ACTIVE	 (WQ_MAX_ACTIVE / 2)

#define __WORK_INITIALIZER(n, f)                                \
	{                                                       \
		.func = (f), .entry = LIST_HEAD_INIT((n).entry) \
	}
#define DECLARE_WORK(n, f)		  struct work_struct n = __WORK_INITIALIZER(n, f)
#define INIT_WORK(work, function)	  init_work(work, function)
#define INIT_WORK_ONSTACK(work, function) INIT_WORK(work, function)
#define INIT_DELAYED_WORK(dwork, function)                              \
	do {                                                            \
		INIT_WORK(&(dwork)->work, function);                    \
		timer_setup(&(dwork)->timer, delayed_work_timer_fn, 0); \
		(dwork)->wq = NULL;                                     \
	} while (0)

static inline void init_work(struct work_struct *work, work_func_t func)
{
	*work = (struct work_struct){ .func = func };
	INIT_LIST_HEAD(&work->entry);
}

void delayed_work_timer_fn(struct timer_list *timer);

static inline struct delayed_work *to_delayed_work(struct work_struct *work)
{
	return container_of(work, struct delayed_work, work);
}

extern struct workqueue_struct *system_wq;
#define system_long_wq	  system_wq
#define system_unbound_wq system_wq
#define system_highpri_wq system_wq

__printf(1, 4) struct workqueue_struct *alloc_workqueue(const char *fmt, unsigned int flags,
							int max_active, ...);
#define alloc_ordered_workqueue(fmt, flags, args...) alloc_workqueue(fmt, flags, 1, ##args)
#define create_workqueue(name)			     alloc_workqueue("%s", 0, 1, (name))
#define create_singlethread_workqueue(name)	     alloc_workqueue("%s", 0, 1, (name))

void destroy_workqueue(struct workqueue_struct *wq);
void flush_workqueue(struct workqueue_struct *wq);
#define drain_workqueue(wq) flush_workqueue(wq)
bool queue_work(struct workqueue_struct *wq, struct work_struct *work);
bool flush_work(struct work_struct *work);
bool cancel_work_sync(struct work_struct *work);
bool work_pending(const struct work_struct *work);
bool queue_delayed_work(struct workqueue_struct *wq, struct delayed_work *dwork,
			unsigned long delay);
bool mod_delayed_work(struct workqueue_struct *wq, struct delayed_work *dwork, unsigned long delay);
bool cancel_delayed_work(struct delayed_work *dwork);
bool cancel_delayed_work_sync(struct delayed_work *dwork);
bool flush_delayed_work(struct delayed_work *dwork);
bool delayed_work_pending(const struct delayed_work *dwork);

#define schedule_work(work)		    queue_work(system_wq, work)
#define schedule_delayed_work(dwork, delay) queue_delayed_work(system_wq, dwork, delay)
#define flush_scheduled_work()		    flush_workqueue(system_wq)

#endif /* UMDEV_LINUX_WORKQUEUE_H */
