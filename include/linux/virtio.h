/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * Virtio devices and their drivers: the bus on which they meet, and virtqueues.
 *
 * A transport (virtio_mdev is one) makes a struct virtio_device of what it finds and registers it; a
 * driver finds the device's queues through the transport and puts buffers in them. Interfaces are
 * Linux 5.11's. Buffers are given by address and length: there are no scatterlists here.
 */
#ifndef UMDEV_LINUX_VIRTIO_H
#define UMDEV_LINUX_VIRTIO_H

#include <linux/completion.h>
#include <linux/device.h>
#include <linux/gfp.h>
#include <linux/list.h>
#include <linux/mod_devicetable.h>
#include <linux/spinlock.h>
#include <linux/types.h>

struct virtio_config_ops;
struct virtio_device;

/**
 * struct virtqueue - a queue of buffers between a driver and a device
 * @list: in the device's list of queues, under its lock
 * @callback: the device has used buffers; called in whatever context the device signals in; may be
 *	NULL
 * @name: for people
 * @vdev: the device
 * @index: of the queue in the device
 * @num_free: descriptors that are free; under whatever serialises the driver's use of the queue
 * @priv: the transport's
 *
 * Made by vring_create_virtqueue(). Whoever uses a queue sees to it that of adding, getting and
 * kicking one happens at a time; @callback is outside that.
 */
struct virtqueue {
	struct list_head list;
	void (*callback)(struct virtqueue *vq);
	const char *name;
	struct virtio_device *vdev;
	unsigned int index;
	unsigned int num_free;
	void *priv;
};

/**
 * struct virtqueue_buf - a part of a buffer: memory that the device reads or writes
 * @addr: where
 * @len: bytes, not 0
 */
struct virtqueue_buf {
	void *addr;
	u32 len;
};

int virtqueue_add_inbuf(struct virtqueue *vq, const struct virtqueue_buf *buf, unsigned int num,
			void *data, gfp_t gfp);
int virtqueue_add_outbuf(struct virtqueue *vq, const struct virtqueue_buf *buf, unsigned int num,
			 void *data, gfp_t gfp);
bool virtqueue_kick(struct virtqueue *vq);
bool virtqueue_kick_prepare(struct virtqueue *vq);
bool virtqueue_notify(struct virtqueue *vq);
void *virtqueue_get_buf(struct virtqueue *vq, unsigned int *len);
void virtqueue_disable_cb(struct virtqueue *vq);
bool virtqueue_enable_cb(struct virtqueue *vq);
void *virtqueue_detach_unused_buf(struct virtqueue *vq);
unsigned int virtqueue_get_vring_size(struct virtqueue *vq);
bool virtqueue_is_broken(struct virtqueue *vq);
dma_addr_t virtqueue_get_desc_addr(struct virtqueue *vq);
dma_addr_t virtqueue_get_avail_addr(struct virtqueue *vq);
dma_addr_t virtqueue_get_used_addr(struct virtqueue *vq);

/**
 * struct virtio_device - a virtio device
 * @index: of the device on the bus, which names it
 * @config_lock: covers the two that follow; held while the driver's config_changed() runs
 * @config_enabled: the driver can be told of changes
 * @config_change_pending: there was one while it could not
 * @dev: the device; @dev.parent and @dev.release are the transport's
 * @id: what it is, set by the transport
 * @config: the transport
 * @vqs_list_lock: covers @vqs
 * @vqs: struct virtqueue
 * @features: what driver and device agreed on; constant while a driver is bound
 * @priv: the driver's
 * @release: the transport's @dev.release, while the device is registered
 * @unused: then, nobody has a reference on the device any more
 *
 * Owned by the transport, which frees it in @dev.release.
 */
struct virtio_device {
	int index;
	spinlock_t config_lock;
	bool config_enabled;
	bool config_change_pending;
	struct device dev;
	struct virtio_device_id id;
	const struct virtio_config_ops *config;
	spinlock_t vqs_list_lock;
	struct list_head vqs;
	u64 features;
	void *priv;
	void (*release)(struct device *dev);
	struct completion unused;
};

static inline struct virtio_device *dev_to_virtio(struct device *dev)
{
	return container_of(dev, struct virtio_device, dev);
}

int register_virtio_device(struct virtio_device *dev);
void unregister_virtio_device(struct virtio_device *dev);
void virtio_add_status(struct virtio_device *dev, unsigned int status);
void virtio_config_changed(struct virtio_device *dev);
void virtio_break_device(struct virtio_device *dev);

/**
 * struct virtio_driver - a driver on the virtio bus
 * @driver: name and owner
 * @id_table: the devices that it can drive, ended by device 0
 * @feature_table: bits of the features that it knows; NULL where it knows none of the device's own
 * @feature_table_size: how many
 * @probe: take a device: its features are agreed on; 0 or a negative errno
 * @remove: let go of it, after which nothing of the driver is called for it
 * @config_changed: the configuration space or the device's status changed; must not sleep; optional
 */
struct virtio_driver {
	struct device_driver driver;
	const struct virtio_device_id *id_table;
	const unsigned int *feature_table;
	unsigned int feature_table_size;
	int (*probe)(struct virtio_device *dev);
	void (*remove)(struct virtio_device *dev);
	void (*config_changed)(struct virtio_device *dev);
};

static inline struct virtio_driver *drv_to_virtio(struct device_driver *drv)
{
	return container_of(drv, struct virtio_driver, driver);
}

int register_virtio_driver(struct virtio_driver *drv);
void unregister_virtio_driver(struct virtio_driver *drv);

#define module_virtio_driver(__virtio_driver) \
	module_driver(__virtio_driver, register_virtio_driver, unregister_virtio_driver)

#endif /* UMDEV_LINUX_VIRTIO_H */
