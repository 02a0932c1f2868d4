/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef UMDEV_LINUX_SCHED_TASK_H
#define UMDEV_LINUX_SCHED_TASK_H

#include <linux/sched.h>

#endif /* UMDEV_LINUX_SCHED_TASK_H */
