/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef UMDEV_LINUX_RATELIMIT_H
#define UMDEV_LINUX_RATELIMIT_H

#include <linux/jiffies.h>
#include <linux/spinlock.h>

#define DEFAULT_RATELIMIT_INTERVAL (5 * HZ)
#define DEFAULT_RATELIMIT_BURST	   10

/*
 * How often something may happen, @burst times in @interval, and how often it did since @begin;
 * what changes is under @lock. Who has one for each source keeps one source from silencing another.
 */
struct ratelimit_state {
	spinlock_t lock;
	int interval; /* jiffies */
	int burst;
	int printed;
	int missed;
	unsigned long begin; /* jiffies, 0: no interval has begun */
};

#define RATELIMIT_STATE_INIT(name, interval_init, burst_init)                       \
	{                                                                           \
		.lock = __SPIN_LOCK_UNLOCKED(name.lock), .interval = interval_init, \
		.burst = burst_init,                                                \
	}
#define DEFINE_RATELIMIT_STATE(name, interval_init, burst_init) \
	struct ratelimit_state name = RATELIMIT_STATE_INIT(name, interval_init, burst_init)

void ratelimit_state_init(struct ratelimit_state *rs, int interval, int burst);
void ratelimit_default_init(struct ratelimit_state *rs);
int ___ratelimit(struct ratelimit_state *rs, const char *func);
#define __ratelimit(state) ___ratelimit(state, __func__)

#endif /* UMDEV_LINUX_RATELIMIT_H */
