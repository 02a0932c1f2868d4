/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef UMDEV_UAPI_LINUX_VIRTIO_CONFIG_H
#define UMDEV_UAPI_LINUX_VIRTIO_CONFIG_H

#include_next <linux/virtio_config.h>

#endif /* UMDEV_UAPI_LINUX_VIRTIO_CONFIG_H */
