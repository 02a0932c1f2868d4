/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * What the parts of the VFIO core share with each other and with the vfio-user server; not for
 * drivers. The locks and their order are described at the top of vfio.c.
 */
#ifndef DRIVERS_VFIO_VFIO_H
#define DRIVERS_VFIO_VFIO_H

#include <linux/vfio.h>

#include <linux/atomic.h>
#include <linux/fs.h>
#include <linux/kref.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/rwsem.h>

struct vfio_container;

/*
 * Actions that a listener of vfio_device_register_listener() gets; the data is the struct
 * vfio_device.
 *
 * VFIO_DEVICE_REGISTERED: the device can be opened. VFIO_DEVICE_UNREGISTERING: its unregistration
 * begins: its driver is still there, but new users should be sent away.
 */
#define VFIO_DEVICE_REGISTERED	  1
#define VFIO_DEVICE_UNREGISTERING 2

int vfio_device_register_listener(struct notifier_block *nb);
int vfio_device_unregister_listener(struct notifier_block *nb);
int vfio_device_group_id(struct vfio_device *device);
int vfio_container_map_remote(struct file *container, u64 iova, u64 size, u32 flags,
			      const struct vfio_dma_remote_ops *ops, void *opaque);

#endif /* DRIVERS_VFIO_VFIO_H */
