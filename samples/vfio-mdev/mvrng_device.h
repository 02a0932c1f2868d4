/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/* mvrng as its driver sees it: a virtio device with one queue. */
#ifndef MVRNG_DEVICE_H
#define MVRNG_DEVICE_H

#include <linux/atomic.h>
#include <linux/mdev.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/virtio_mdev.h>
#include <linux/workqueue.h>

#include "mvring.h"

/**
 * struct mvrng - a device
 * @mdev: its mediated device, which owns this
 * @wq: where the work item runs
 * @counting: it delivers 0, 1, 2 … rather than what is random
 * @lock: covers what follows, up to @work
 * @status: VIRTIO_CONFIG_S_* bits
 * @features: what the driver accepted
 * @num: descriptors of the queue
 * @desc: address of its descriptors
 * @avail: of its available ring
 * @used: of its used ring
 * @state: index of the buffer to begin with
 * @ready: the queue may be used
 * @vq_cb: whom to call for the queue
 * @config_cb: whom to call for the status
 * @work: fills buffers
 * @ring: the work item's: the queue
 * @buffer: the work item's: the buffer in hand
 * @next: the work item's: where counting is
 * @bytes: written in all
 * @buffers: filled in all
 * @refused: buffers that broke the rules
 */
struct mvrng {
	struct mdev_device *mdev;
	struct workqueue_struct *wq;
	bool counting;
	spinlock_t lock;
	u8 status;
	u64 features;
	u32 num;
	u64 desc;
	u64 avail;
	u64 used;
	u16 state;
	bool ready;
	struct virtio_mdev_callback vq_cb;
	struct virtio_mdev_callback config_cb;

	struct work_struct work;
	struct mvring ring;
	struct mvring_buffer buffer;
	u8 next;

	atomic64_t bytes;
	atomic64_t buffers;
	atomic64_t refused;
};

static inline struct mvrng *to_mvrng(struct mdev_device *mdev)
{
	return mdev_get_drvdata(mdev);
}

extern const struct virtio_mdev_parent_ops mvrng_virtio_ops;

void mvrng_device_init(struct mvrng *rng, struct mdev_device *mdev, struct workqueue_struct *wq,
		       bool counting);
void mvrng_device_destroy(struct mvrng *rng);

#endif /* MVRNG_DEVICE_H */
