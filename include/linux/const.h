/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef UMDEV_LINUX_CONST_H
#define UMDEV_LINUX_CONST_H

#include_next <linux/const.h>

#define UL(x)  (_UL(x))
#define ULL(x) (_ULL(x))

#endif /* UMDEV_LINUX_CONST_H */
