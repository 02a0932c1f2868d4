/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef UMDEV_LINUX_SERIAL_H
#define UMDEV_LINUX_SERIAL_H

#include_next <linux/serial.h>
#include <linux/types.h>

#endif /* UMDEV_LINUX_SERIAL_H */
