// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * A virtio entropy device (virtio 1.1, 5.4), by the operations that virtio_mdev calls. The driver's
 * buffers are filled by a work item, which a kick starts.
 *
 * Locks: mvrng.lock covers a device's registers. What is marked as the work item's is its own while
 * the queue is ready, and everybody else's who holds the lock while it is not; the way from the one to
 * the other is to stop it. No lock is held when the driver is called back.
 */
#include "mvrng_device.h"

#include <linux/device.h>
#include <linux/errno.h>
#include <linux/io.h>
#include <linux/kernel.h>
#include <linux/random.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ids.h>

#define MVRNG_VENDOR   0x1af4
#define MVRNG_FEATURES BIT_ULL(VIRTIO_F_VERSION_1)
#define MVRNG_ALIGN    4096
/* A buffer gets no more than this; the specification asks for one byte at least. */
#define MVRNG_BUFFER_MAX 65536
/* So many bytes are made at a time. */
#define MVRNG_CHUNK 256

static const struct virtio_mdev_callback mvrng_nobody;

/* The data path */

static void mvrng_make_bytes(struct mvrng *rng, u8 *data, size_t len)
{
	size_t i;

	if (!rng->counting) {
		get_random_bytes(data, len);
		return;
	}
	for (i = 0; i < len; i++)
		data[i] = rng->next++;
}

/* The address is the driver's word: what is not memory is an error rather than the end. */
static int mvrng_fill_part(struct mvrng *rng, const struct mvring_part *part, u32 len)
{
	u8 data[MVRNG_CHUNK];
	u32 done, some;

	for (done = 0; done < len; done += some) {
		some = min_t(u32, len - done, sizeof(data));
		mvrng_make_bytes(rng, data, some);
		if (copy_to_kernel_nofault(phys_to_virt(part->addr + done), data, some))
			return -EFAULT;
	}
	return 0;
}

static int mvrng_fill_buffer(struct mvrng *rng)
{
	const struct mvring_buffer *buffer = &rng->buffer;
	u32 written = 0, some;
	unsigned int i;
	int ret;

	/* Nobody has anything to tell to an entropy device. */
	for (i = 0; i < buffer->nr; i++)
		if (!buffer->part[i].writable)
			return -EINVAL;

	for (i = 0; i < buffer->nr && written < MVRNG_BUFFER_MAX; i++) {
		some = min_t(u32, buffer->part[i].len, MVRNG_BUFFER_MAX - written);
		ret = mvrng_fill_part(rng, &buffer->part[i], some);
		if (ret)
			return ret;
		written += some;
	}
	mvring_put(&rng->ring, buffer, written);
	atomic64_add(written, &rng->bytes);
	atomic64_inc(&rng->buffers);
	return 0;
}

static bool mvrng_may_run(struct mvrng *rng)
{
	return rng->ready && rng->status & VIRTIO_CONFIG_S_DRIVER_OK &&
	       !(rng->status & VIRTIO_CONFIG_S_NEEDS_RESET);
}

/* Nothing more can be made of the queue: say so, and wait for a reset. */
static void mvrng_refuse(struct mvrng *rng, int error)
{
	struct virtio_mdev_callback cb;

	atomic64_inc(&rng->refused);
	dev_warn_ratelimited(
		mdev_dev(rng->mdev),
		"the driver offers %s; nothing is delivered until it resets the device\n",
		error == -EFAULT ? "a buffer that is no memory"
				 : "what the rules of a virtqueue forbid");

	spin_lock(&rng->lock);
	rng->status |= VIRTIO_CONFIG_S_NEEDS_RESET;
	cb = rng->config_cb;
	spin_unlock(&rng->lock);
	if (cb.callback)
		cb.callback(cb.private);
}

static void mvrng_call_back(struct mvrng *rng)
{
	struct virtio_mdev_callback cb;

	spin_lock(&rng->lock);
	cb = rng->vq_cb;
	spin_unlock(&rng->lock);
	if (cb.callback && mvring_wants_callback(&rng->ring))
		cb.callback(cb.private);
}

static void mvrng_work(struct work_struct *work)
{
	struct mvrng *rng = container_of(work, struct mvrng, work);
	unsigned int filled = 0;
	bool run;
	int ret;

	for (;;) {
		spin_lock(&rng->lock);
		run = mvrng_may_run(rng);
		spin_unlock(&rng->lock);
		if (!run)
			return;

		ret = mvring_get(&rng->ring, &rng->buffer);
		if (!ret)
			ret = mvrng_fill_buffer(rng);
		if (ret)
			break;
		filled++;
	}
	if (filled)
		mvrng_call_back(rng);
	if (ret != -EAGAIN)
		mvrng_refuse(rng, ret);
}

/* Caller holds the lock. */
static void mvrng_run(struct mvrng *rng)
{
	if (mvrng_may_run(rng))
		queue_work(rng->wq, &rng->work);
}

/* The operations: there is one queue, number 0 */

static int mvrng_set_vq_address(struct mdev_device *mdev, u16 index, u64 desc_area, u64 driver_area,
				u64 device_area)
{
	struct mvrng *rng = to_mvrng(mdev);
	struct mvring probe;
	int ret;

	if (index)
		return -EINVAL;

	spin_lock(&rng->lock);
	ret = rng->ready ? -EINVAL
			 : mvring_init(&probe, rng->num, desc_area, driver_area, device_area, 0);
	if (!ret) {
		rng->desc = desc_area;
		rng->avail = driver_area;
		rng->used = device_area;
	}
	spin_unlock(&rng->lock);
	return ret;
}

static void mvrng_set_vq_num(struct mdev_device *mdev, u16 index, u32 num)
{
	struct mvrng *rng = to_mvrng(mdev);

	spin_lock(&rng->lock);
	if (!index && !rng->ready)
		rng->num = num;
	spin_unlock(&rng->lock);
}

static void mvrng_kick_vq(struct mdev_device *mdev, u16 index)
{
	struct mvrng *rng = to_mvrng(mdev);

	spin_lock(&rng->lock);
	if (!index)
		mvrng_run(rng);
	spin_unlock(&rng->lock);
}

static void mvrng_set_vq_cb(struct mdev_device *mdev, u16 index,
			    const struct virtio_mdev_callback *cb)
{
	struct mvrng *rng = to_mvrng(mdev);

	spin_lock(&rng->lock);
	if (!index)
		rng->vq_cb = cb ? *cb : mvrng_nobody;
	spin_unlock(&rng->lock);
}

/* Caller holds the lock; the queue is not ready. */
static void mvrng_start_vq(struct mvrng *rng)
{
	if (mvring_init(&rng->ring, rng->num, rng->desc, rng->avail, rng->used, rng->state))
		return;
	rng->ready = true;
	mvrng_run(rng);
}

static void mvrng_stop_vq(struct mvrng *rng)
{
	bool was_ready;

	spin_lock(&rng->lock);
	was_ready = rng->ready;
	rng->ready = false;
	spin_unlock(&rng->lock);
	if (!was_ready)
		return;

	cancel_work_sync(&rng->work);
	spin_lock(&rng->lock);
	rng->state = rng->ring.last_avail;
	spin_unlock(&rng->lock);
}

static void mvrng_set_vq_ready(struct mdev_device *mdev, u16 index, bool ready)
{
	struct mvrng *rng = to_mvrng(mdev);

	if (index)
		return;
	if (!ready) {
		mvrng_stop_vq(rng);
		return;
	}
	spin_lock(&rng->lock);
	if (!rng->ready)
		mvrng_start_vq(rng);
	spin_unlock(&rng->lock);
}

static bool mvrng_get_vq_ready(struct mdev_device *mdev, u16 index)
{
	struct mvrng *rng = to_mvrng(mdev);
	bool ready;

	spin_lock(&rng->lock);
	ready = !index && rng->ready;
	spin_unlock(&rng->lock);
	return ready;
}

static int mvrng_set_vq_state(struct mdev_device *mdev, u16 index, u64 state)
{
	struct mvrng *rng = to_mvrng(mdev);
	int ret = -EINVAL;

	spin_lock(&rng->lock);
	if (!index && !rng->ready && state <= U16_MAX) {
		rng->state = state;
		ret = 0;
	}
	spin_unlock(&rng->lock);
	return ret;
}

static u64 mvrng_get_vq_state(struct mdev_device *mdev, u16 index)
{
	struct mvrng *rng = to_mvrng(mdev);
	u16 state;

	spin_lock(&rng->lock);
	state = index ? 0 : rng->state;
	spin_unlock(&rng->lock);
	return state;
}

static u16 mvrng_get_vq_align(struct mdev_device *mdev)
{
	return MVRNG_ALIGN;
}

static u64 mvrng_get_features(struct mdev_device *mdev)
{
	return MVRNG_FEATURES;
}

static int mvrng_set_features(struct mdev_device *mdev, u64 features)
{
	struct mvrng *rng = to_mvrng(mdev);

	if (features & ~MVRNG_FEATURES || !(features & BIT_ULL(VIRTIO_F_VERSION_1)))
		return -EINVAL;
	spin_lock(&rng->lock);
	rng->features = features;
	spin_unlock(&rng->lock);
	return 0;
}

static void mvrng_set_config_cb(struct mdev_device *mdev, const struct virtio_mdev_callback *cb)
{
	struct mvrng *rng = to_mvrng(mdev);

	spin_lock(&rng->lock);
	rng->config_cb = cb ? *cb : mvrng_nobody;
	spin_unlock(&rng->lock);
}

static u16 mvrng_get_vq_num_max(struct mdev_device *mdev)
{
	return MVRING_MAX;
}

static u32 mvrng_get_device_id(struct mdev_device *mdev)
{
	return VIRTIO_ID_RNG;
}

static u32 mvrng_get_vendor_id(struct mdev_device *mdev)
{
	return MVRNG_VENDOR;
}

static u8 mvrng_get_status(struct mdev_device *mdev)
{
	struct mvrng *rng = to_mvrng(mdev);
	u8 status;

	spin_lock(&rng->lock);
	status = rng->status;
	spin_unlock(&rng->lock);
	return status;
}

static void mvrng_reset(struct mvrng *rng)
{
	mvrng_stop_vq(rng);

	spin_lock(&rng->lock);
	rng->status = 0;
	rng->features = 0;
	rng->num = 0;
	rng->desc = 0;
	rng->avail = 0;
	rng->used = 0;
	rng->state = 0;
	rng->vq_cb = mvrng_nobody;
	rng->config_cb = mvrng_nobody;
	spin_unlock(&rng->lock);
}

/* Without features that the device accepted there is no FEATURES_OK; only a reset ends NEEDS_RESET. */
static void mvrng_set_status(struct mdev_device *mdev, u8 status)
{
	struct mvrng *rng = to_mvrng(mdev);

	if (!status) {
		mvrng_reset(rng);
		return;
	}
	spin_lock(&rng->lock);
	if (!rng->features)
		status &= ~VIRTIO_CONFIG_S_FEATURES_OK;
	rng->status = status | (rng->status & VIRTIO_CONFIG_S_NEEDS_RESET);
	mvrng_run(rng);
	spin_unlock(&rng->lock);
}

/* An entropy device has no configuration space. */
static void mvrng_get_config(struct mdev_device *mdev, unsigned int offset, void *buf,
			     unsigned int len)
{
	memset(buf, 0, len);
}

static void mvrng_set_config(struct mdev_device *mdev, unsigned int offset, const void *buf,
			     unsigned int len)
{
}

const struct virtio_mdev_parent_ops mvrng_virtio_ops = {
	.set_vq_address = mvrng_set_vq_address,
	.set_vq_num = mvrng_set_vq_num,
	.kick_vq = mvrng_kick_vq,
	.set_vq_cb = mvrng_set_vq_cb,
	.set_vq_ready = mvrng_set_vq_ready,
	.get_vq_ready = mvrng_get_vq_ready,
	.set_vq_state = mvrng_set_vq_state,
	.get_vq_state = mvrng_get_vq_state,
	.get_vq_align = mvrng_get_vq_align,
	.get_features = mvrng_get_features,
	.set_features = mvrng_set_features,
	.set_config_cb = mvrng_set_config_cb,
	.get_vq_num_max = mvrng_get_vq_num_max,
	.get_device_id = mvrng_get_device_id,
	.get_vendor_id = mvrng_get_vendor_id,
	.get_status = mvrng_get_status,
	.set_status = mvrng_set_status,
	.get_config = mvrng_get_config,
	.set_config = mvrng_set_config,
};

/**
 * mvrng_device_init() - power a device on, in create()
 * @rng: the device, zeroed
 * @mdev: its mediated device, whose driver data it becomes
 * @wq: where it works
 * @counting: it is to deliver 0, 1, 2 … rather than what is random
 *
 * Context: may sleep.
 */
void mvrng_device_init(struct mvrng *rng, struct mdev_device *mdev, struct workqueue_struct *wq,
		       bool counting)
{
	rng->mdev = mdev;
	rng->wq = wq;
	rng->counting = counting;
	spin_lock_init(&rng->lock);
	INIT_WORK(&rng->work, mvrng_work);
	mdev_set_drvdata(mdev, rng);
}

/**
 * mvrng_device_destroy() - undo mvrng_device_init(), in remove()
 * @rng: the device; where its driver has gone without a reset, it is stopped here
 *
 * Context: may sleep.
 */
void mvrng_device_destroy(struct mvrng *rng)
{
	mvrng_stop_vq(rng);
	mdev_set_drvdata(rng->mdev, NULL);
}
