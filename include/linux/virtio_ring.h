/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/* Split virtqueues, for transports. */
#ifndef UMDEV_LINUX_VIRTIO_RING_H
#define UMDEV_LINUX_VIRTIO_RING_H

#include_next <linux/virtio_ring.h>
#include <linux/irqreturn.h>
#include <linux/types.h>

struct virtio_device;
struct virtqueue;

struct virtqueue *vring_create_virtqueue(unsigned int index, unsigned int num,
					 unsigned int vring_align, struct virtio_device *vdev,
					 bool weak_barriers, bool may_reduce_num, bool ctx,
					 bool (*notify)(struct virtqueue *vq),
					 void (*callback)(struct virtqueue *vq), const char *name);
void vring_del_virtqueue(struct virtqueue *vq);
irqreturn_t vring_interrupt(int irq, void *vq);

#endif /* UMDEV_LINUX_VIRTIO_RING_H */
