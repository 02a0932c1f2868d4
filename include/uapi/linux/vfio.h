/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef UMDEV_UAPI_LINUX_VFIO_H
#define UMDEV_UAPI_LINUX_VFIO_H

#include_next <linux/vfio.h>

#endif /* UMDEV_UAPI_LINUX_VFIO_H */
