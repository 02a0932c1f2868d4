/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef UMDEV_LINUX_RANDOM_H
#define UMDEV_LINUX_RANDOM_H

#include_next <linux/random.h>
#include <linux/types.h>

void get_random_bytes(void *buf, int nbytes);
u32 get_random_u32(void);
u64 get_random_u64(void);

#endif /* UMDEV_LINUX_RANDOM_H */
