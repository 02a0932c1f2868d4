/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/* 6.8: eventfd_signal() adds one to the counter, all that drivers asked for, and answers nothing. */
#ifndef UMDEV_COMPAT_EVENTFD_H
#define UMDEV_COMPAT_EVENTFD_H

#include <linux/build_bug.h>
#include <linux/version.h>
#include_next <linux/eventfd.h>

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 8, 0)
#define eventfd_signal(ctx, n)          \
	({                              \
		BUILD_BUG_ON((n) != 1); \
		eventfd_signal(ctx);    \
		(__u64)1;               \
	})
#endif

#endif
