/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/* What a virtio driver asks of its device, by way of the transport. */
#ifndef UMDEV_LINUX_VIRTIO_CONFIG_H
#define UMDEV_LINUX_VIRTIO_CONFIG_H

#include_next <linux/virtio_config.h>
#include <linux/bits.h>
#include <linux/bug.h>
#include <linux/err.h>
#include <linux/virtio.h>

struct irq_affinity;

typedef void vq_callback_t(struct virtqueue *vq);

/**
 * struct virtio_config_ops - a transport
 * @get: read the device's configuration space
 * @set: write it
 * @generation: number that changes with the configuration space; optional, 0 stands for it
 * @get_status: VIRTIO_CONFIG_S_* bits
 * @set_status: add bits; not 0
 * @reset: back to the state after power-on. When it returns, none of the device's callbacks runs or
 *	will, until queues are found anew
 * @find_vqs: make @nvqs queues with these callbacks and names, numbered from 0 on; a NULL name leaves one
 *	out, and its number goes to the next. @ctx and @desc have to be NULL
 * @del_vqs: free what @find_vqs made; the device has been reset
 * @get_features: what the device offers
 * @finalize_features: tell the device which it got, @vdev->features
 * @bus_name: of the transport's device; optional
 *
 * All may sleep.
 */
struct virtio_config_ops {
	void (*get)(struct virtio_device *vdev, unsigned int offset, void *buf, unsigned int len);
	void (*set)(struct virtio_device *vdev, unsigned int offset, const void *buf,
		    unsigned int len);
	u32 (*generation)(struct virtio_device *vdev);
	u8 (*get_status)(struct virtio_device *vdev);
	void (*set_status)(struct virtio_device *vdev, u8 status);
	void (*reset)(struct virtio_device *vdev);
	int (*find_vqs)(struct virtio_device *vdev, unsigned int nvqs, struct virtqueue *vqs[],
			vq_callback_t *callbacks[], const char *const names[], const bool *ctx,
			struct irq_affinity *desc);
	void (*del_vqs)(struct virtio_device *vdev);
	u64 (*get_features)(struct virtio_device *vdev);
	int (*finalize_features)(struct virtio_device *vdev);
	const char *(*bus_name)(struct virtio_device *vdev);
};

static inline bool virtio_has_feature(const struct virtio_device *vdev, unsigned int fbit)
{
	return READ_ONCE(vdev->features) & BIT_ULL(fbit);
}

/**
 * virtio_find_single_vq() - the queue of a device that has one
 * @vdev: the device
 * @callback: as in struct virtqueue
 * @name: likewise
 *
 * Context: may sleep; in the driver's probe().
 * Return: the queue, or an ERR_PTR() of what the transport said.
 */
static inline struct virtqueue *virtio_find_single_vq(struct virtio_device *vdev,
						      vq_callback_t *callback, const char *name)
{
	struct virtqueue *vq;
	int ret = vdev->config->find_vqs(vdev, 1, &vq, &callback, &name, NULL, NULL);

	return ret ? ERR_PTR(ret) : vq;
}

/**
 * virtio_device_ready() - let the device go to work
 * @dev: the device; the driver has its queues
 *
 * A driver whose probe() does not call it has it called thereafter.
 *
 * Context: may sleep.
 */
static inline void virtio_device_ready(struct virtio_device *dev)
{
	u8 status = dev->config->get_status(dev);

	WARN_ON(status & VIRTIO_CONFIG_S_DRIVER_OK);
	dev->config->set_status(dev, status | VIRTIO_CONFIG_S_DRIVER_OK);
}

#endif /* UMDEV_LINUX_VIRTIO_CONFIG_H */
