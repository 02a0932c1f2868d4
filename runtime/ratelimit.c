// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/ratelimit.h>

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
		printk(KERN_WARNING "%s: %d lines suppressed\n", func, missed);
	return may;
}
EXPORT_SYMBOL(___ratelimit);
