/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/* What drivers list in their tables of devices. */
#ifndef UMDEV_LINUX_MOD_DEVICETABLE_H
#define UMDEV_LINUX_MOD_DEVICETABLE_H

#include <linux/types.h>

#define VIRTIO_DEV_ANY_ID 0xffffffff

/* A kind of virtio device, VIRTIO_ID_*, and who made it. 0 as the kind ends a table. */
struct virtio_device_id {
	__u32 device;
	__u32 vendor;
};

#endif /* UMDEV_LINUX_MOD_DEVICETABLE_H */
