/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef UMDEV_UAPI_LINUX_SERIAL_REG_H
#define UMDEV_UAPI_LINUX_SERIAL_REG_H

#include_next <linux/serial_reg.h>

#endif /* UMDEV_UAPI_LINUX_SERIAL_REG_H */
