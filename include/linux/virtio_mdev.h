/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * Mediated virtio devices: what a parent's driver offers for devices of class MDEV_CLASS_ID_VIRTIO.
 *
 * Their user is not a program but the virtio bus, by way of virtio_mdev: a virtio driver drives them
 * from inside. The operations are those of the public series "mdev based hardware virtio offloading
 * support", in terms of the virtio specification's common configuration (4.1.4.3).
 */
#ifndef _LINUX_VIRTIO_MDEV_H
#define _LINUX_VIRTIO_MDEV_H

#include <linux/types.h>

struct mdev_device;

/* What the types of such devices have in their device_api file. */
#define VIRTIO_MDEV_DEVICE_API_STRING "virtio-mdev"

/* Whom to call when something happens; @callback must not sleep. */
struct virtio_mdev_callback {
	void (*callback)(void *private);
	void *private;
};

/**
 * struct virtio_mdev_parent_ops - what a device of class MDEV_CLASS_ID_VIRTIO does for its driver
 * @set_vq_address: where the parts of queue @index are: descriptors, available ring and used ring,
 *	as physical addresses, which the descriptors have as well; 0, or -EINVAL where there is no such queue or an address does not suit it
 * @set_vq_num: number of descriptors of a queue
 * @kick_vq: the queue has new buffers. Must not sleep, and not use them there and then: the kicker
 *	may hold the lock that the queue's callback takes
 * @set_vq_cb: @cb, which is copied, is to be called when buffers of the queue have been used; NULL:
 *	nobody
 * @set_vq_ready: the queue may be used, or may be no longer
 * @get_vq_ready: whether it may
 * @set_vq_state: index in the available ring of the next buffer to use; 0 or -EINVAL
 * @get_vq_state: the same; meaningful while the queue is not ready
 * @get_vq_align: alignment of the rings in bytes
 * @get_features: what the device offers; VIRTIO_F_VERSION_1 is mandatory
 * @set_features: what its driver accepted; 0, or -EINVAL where the device cannot do with that
 * @set_config_cb: @cb, which is copied, is to be called when the configuration space changes, or the
 *	status comes to need a reset; NULL: nobody
 * @get_vq_num_max: number of descriptors that each queue can have, a power of 2
 * @get_device_id: VIRTIO_ID_*
 * @get_vendor_id: any number
 * @get_status: VIRTIO_CONFIG_S_* bits
 * @set_status: set them. 0 resets the device: when it returns no callback of the device runs, or will
 *	run, and no queue is ready; so it waits, and may not be called from a callback
 * @get_config: read @len bytes at @offset of the configuration space; beyond its end there are zeros
 * @set_config: write them; beyond its end nothing happens
 * @get_generation: number that changes with the configuration space; optional
 *
 * All but that one are mandatory. They may sleep unless it says otherwise. The caller serialises
 * them, except @kick_vq of one queue against everything that concerns other queues.
 */
struct virtio_mdev_parent_ops {
	int (*set_vq_address)(struct mdev_device *mdev, u16 index, u64 desc_area, u64 driver_area,
			      u64 device_area);
	void (*set_vq_num)(struct mdev_device *mdev, u16 index, u32 num);
	void (*kick_vq)(struct mdev_device *mdev, u16 index);
	void (*set_vq_cb)(struct mdev_device *mdev, u16 index,
			  const struct virtio_mdev_callback *cb);
	void (*set_vq_ready)(struct mdev_device *mdev, u16 index, bool ready);
	bool (*get_vq_ready)(struct mdev_device *mdev, u16 index);
	int (*set_vq_state)(struct mdev_device *mdev, u16 index, u64 state);
	u64 (*get_vq_state)(struct mdev_device *mdev, u16 index);

	u16 (*get_vq_align)(struct mdev_device *mdev);
	u64 (*get_features)(struct mdev_device *mdev);
	int (*set_features)(struct mdev_device *mdev, u64 features);
	void (*set_config_cb)(struct mdev_device *mdev, const struct virtio_mdev_callback *cb);
	u16 (*get_vq_num_max)(struct mdev_device *mdev);
	u32 (*get_device_id)(struct mdev_device *mdev);
	u32 (*get_vendor_id)(struct mdev_device *mdev);
	u8 (*get_status)(struct mdev_device *mdev);
	void (*set_status)(struct mdev_device *mdev, u8 status);
	void (*get_config)(struct mdev_device *mdev, unsigned int offset, void *buf,
			   unsigned int len);
	void (*set_config)(struct mdev_device *mdev, unsigned int offset, const void *buf,
			   unsigned int len);
	u32 (*get_generation)(struct mdev_device *mdev);
};

#endif /* _LINUX_VIRTIO_MDEV_H */
