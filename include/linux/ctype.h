/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef UMDEV_LINUX_CTYPE_H
#define UMDEV_LINUX_CTYPE_H

#include <ctype.h>

#endif /* UMDEV_LINUX_CTYPE_H */
