/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef UMDEV_LINUX_DELAY_H
#define UMDEV_LINUX_DELAY_H

void msleep(unsigned int msecs);
unsigned long msleep_interruptible(unsigned int msecs);
void usleep_range(unsigned long min, unsigned long max);
void udelay(unsigned long usecs);
void ndelay(unsigned long nsecs);
#define mdelay(n) udelay((n)*1000ul)
#define ssleep(n) msleep((n)*1000u)

#endif /* UMDEV_LINUX_DELAY_H */
