/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/* 6.8: eventfd_signal() adds one to the counter, and no longer answers how much it added. */
#ifndef UMDEV_COMPAT_EVENTFD_H
#define UMDEV_COMPAT_EVENTFD_H

#include <linux/version.h>
#include_next <linux/eventfd.h>

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 8, 0)
static inline __u64 eventfd_signal_count(struct eventfd_ctx *ctx, __u64 n)
{
	__u64 done;

	for (done = 0; done < n; done++)
		eventfd_signal(ctx);
	return done;
}

#define eventfd_signal(ctx, n) eventfd_signal_count(ctx, n)
#endif

#endif
