/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/* What tests of the runtime's base share. */
#ifndef TESTS_RUNTIME_TEST_H
#define TESTS_RUNTIME_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <umdev/runtime.h>

/* An event that takes longer than this does not come. */
#define EVENT_LIMIT (20 * HZ)

/* Fails the test unless @condition becomes true in time. */
#define wait_until(condition)                                                         \
	do {                                                                          \
		unsigned long __end = jiffies + EVENT_LIMIT;                          \
                                                                                      \
		while (!(condition)) {                                                \
			if (time_after(jiffies, __end))                               \
				fail_msg("did not become true in time: " #condition); \
			usleep_range(200, 400);                                       \
		}                                                                     \
	} while (0)

static inline struct umdev_runtime_counts counts_now(void)
{
	struct umdev_runtime_counts counts;

	umdev_runtime_counts(&counts);
	return counts;
}

static inline long warnings_now(void)
{
	return counts_now().warnings;
}

#endif
