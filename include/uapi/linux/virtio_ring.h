/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef UMDEV_UAPI_LINUX_VIRTIO_RING_H
#define UMDEV_UAPI_LINUX_VIRTIO_RING_H

#include_next <linux/virtio_ring.h>

#endif /* UMDEV_UAPI_LINUX_VIRTIO_RING_H */
