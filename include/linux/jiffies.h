/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef UMDEV_LINUX_JIFFIES_H
#define UMDEV_LINUX_JIFFIES_H

#include <linux/limits.h>
#include <linux/types.h>
#include <limits.h>

#define HZ 1000

/* Milliseconds since an arbitrary moment. */
unsigned long get_jiffies(void);
#define jiffies	   get_jiffies()
#define jiffies_64 ((u64)get_jiffies())

#define MAX_JIFFY_OFFSET ((LONG_MAX >> 1) - 1)

#define time_after(a, b)     ((long)((b) - (a)) < 0)
#define time_before(a, b)    time_after(b, a)
#define time_after_eq(a, b)  ((long)((a) - (b)) >= 0)
#define time_before_eq(a, b) time_after_eq(b, a)

static inline unsigned long msecs_to_jiffies(unsigned int ms)
{
	return (int)ms < 0 ? (unsigned long)MAX_JIFFY_OFFSET : ms;
}

static inline unsigned int jiffies_to_msecs(unsigned long j)
{
	return (unsigned int)j;
}

static inline unsigned long usecs_to_jiffies(unsigned int us)
{
	return (us + 999ul) / 1000;
}

static inline unsigned int jiffies_to_usecs(unsigned long j)
{
	return (unsigned int)(j * 1000);
}

#endif /* UMDEV_LINUX_JIFFIES_H */
