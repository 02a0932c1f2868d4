/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef UMDEV_LINUX_TIMER_H
#define UMDEV_LINUX_TIMER_H

#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/rbtree.h>
#include <linux/types.h>

/* A function to call at a time. All but @expires and @function belong to runtime/timer.c. */
struct timer_list {
	struct rb_node node;
	unsigned long expires; /* jiffies */
	void (*function)(struct timer_list *timer);
	bool pending;
};

void timer_setup(struct timer_list *timer, void (*function)(struct timer_list *),
		 unsigned int flags);
int mod_timer(struct timer_list *timer, unsigned long expires);
void add_timer(struct timer_list *timer);
int del_timer(struct timer_list *timer);
int del_timer_sync(struct timer_list *timer);
bool timer_pending(const struct timer_list *timer);

#define from_timer(var, callback_timer, timer_fieldname) \
	container_of(callback_timer, typeof(*var), timer_fieldname)

#endif /* UMDEV_LINUX_TIMER_H */
