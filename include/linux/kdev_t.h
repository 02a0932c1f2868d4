/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * Device numbers as drivers see them: 12 bits of major and 20 bits of minor,
 * in the low 32 bits of the C library's dev_t. They are not what stat(2)
 * reports; makedev(3) makes that one.
 */
#ifndef UMDEV_LINUX_KDEV_T_H
#define UMDEV_LINUX_KDEV_T_H

#include <linux/types.h>

#define MINORBITS 20
#define MINORMASK ((1U << MINORBITS) - 1)

#define MAJOR(dev)    ((unsigned int)((dev) >> MINORBITS))
#define MINOR(dev)    ((unsigned int)((dev)&MINORMASK))
#define MKDEV(ma, mi) (((dev_t)(ma) << MINORBITS) | (dev_t)(mi))

#define print_dev_t(buffer, dev) sprintf((buffer), "%u:%u\n", MAJOR(dev), MINOR(dev))

#endif
