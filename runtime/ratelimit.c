// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/ratelimit.h>

/**
 * ratelimit_state_init() - set a limit
 * @rs: the state, which nobody uses
 * @interval: jiffies; 0: no limit
 * @burst: how often something may happen in each interval; 0: never
 *
 * Context: any.
 */
void ratelimit_state_init(struct ratelimit_state *rs, int interval, int burst)
{
	*rs = (struct ratelimit_state){ .interval = interval, .burst = burst };
	spin_lock_init(&rs->lock);
}
EXPORT_SYMBOL(ratelimit_state_init);

/**
 * ratelimit_default_init() - set the limit that printk_ratelimited() has: ten times in five seconds
 * @rs: the state, which nobody uses
 *
 * Context: any.
 */
void ratelimit_default_init(struct ratelimit_state *rs)
{
	ratelimit_state_init(rs, DEFAULT_RATELIMIT_INTERVAL, DEFAULT_RATELIMIT_BURST);
}
EXPORT_SYMBOL(ratelimit_default_init);

static int begin_interval(struct ratelimit_state *rs, unsigned long now)
{
	int missed = rs->missed;

	rs->begin = now;
	rs->printed = 0;
	rs->missed = 0;
	return missed;
}

/**
 * ___ratelimit() - whether something may happen once more
 * @rs: how often it may, and did
 * @func: who asks, for the line that says how often the answer was no
 *
 * An interval begins with the first time, and anew with the first after its end. That one logs a
 * warning, "@func: N callbacks suppressed", if the answer was no N times in the interval before.
 *
 * Context: any.
 * Return: 1 if it may, else 0.
 */
int ___ratelimit(struct ratelimit_state *rs, const char *func)
{
	unsigned long now = jiffies;
	int missed = 0;
	int may;

	if (!rs->interval)
		return 1;
	spin_lock(&rs->lock);
	if (!rs->begin || time_after(now, rs->begin + (unsigned long)rs->interval))
		missed = begin_interval(rs, now);
	may = rs->printed < rs->burst;
	if (may)
		rs->printed++;
	else
		rs->missed++;
	spin_unlock(&rs->lock);
	if (missed)
		printk(KERN_WARNING "%s: %d callbacks suppressed\n", func, missed);
	return may;
}
EXPORT_SYMBOL(___ratelimit);
