// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * A virtqueue as its driver sees it, and a device that writes what it likes into the rings: a buffer
 * comes back once and with no more bytes than it has, or the queue is broken.
 *
 * Input: a byte for the queue's size, and then steps, see step().
 */
#include <string.h>

#include <linux/device.h>
#include <linux/kernel.h>
#include <linux/virtio.h>
#include <linux/virtio_ring.h>

#include "fuzz.h"
#include "world.h"

#define MAX_NUM	  16
#define MAX_PARTS 4
#define PART_SIZE 16

static struct virtio_device vdev;

/* The queue, and what is known of each buffer that the device has: its size, by its token. */
static struct {
	struct virtqueue *vq;
	struct vring ring;
	unsigned int parts[MAX_NUM];
	unsigned int room[MAX_NUM];
	unsigned int free;
} state;

static u8 memory[MAX_PARTS][PART_SIZE];

static void release(struct device *dev)
{
}

void harness_up(void)
{
	world_up(NULL);
	vdev.dev.release = release;
	device_initialize(&vdev.dev);
	dev_set_name(&vdev.dev, "virtio-fuzz");
	spin_lock_init(&vdev.vqs_list_lock);
	INIT_LIST_HEAD(&vdev.vqs);
}

void harness_down(void)
{
	put_device(&vdev.dev);
	world_down();
}

static bool notify(struct virtqueue *vq)
{
	return true;
}

/* A token is one more than its number, as NULL is none. */
static void step_add(struct fuzz_input *in)
{
	unsigned int parts = fuzz_u8(in) % (MAX_PARTS + 1), room = 0, token, i;
	struct virtqueue_buf buf[MAX_PARTS];
	bool out = fuzz_u8(in) % 4 == 0;
	int ret;

	for (token = 0; token < state.ring.num && state.parts[token]; token++)
		;
	for (i = 0; i < parts; i++) {
		buf[i] = (struct virtqueue_buf){ memory[i], fuzz_u8(in) % PART_SIZE + 1 };
		room += buf[i].len;
	}
	if (out)
		ret = virtqueue_add_outbuf(state.vq, buf, parts, (void *)(token + 1UL), GFP_KERNEL);
	else
		ret = virtqueue_add_inbuf(state.vq, buf, parts, (void *)(token + 1UL), GFP_KERNEL);
	if (virtqueue_is_broken(state.vq))
		fuzz_check(ret == -EIO, "a broken queue takes a buffer: %d", ret);
	else if (!parts)
		fuzz_check(ret == -EINVAL, "an empty buffer: %d", ret);
	else
		fuzz_check(ret == (parts > state.free ? -ENOSPC : 0),
			   "%u parts where %u are free: %d", parts, state.free, ret);
	if (ret)
		return;
	state.parts[token] = parts;
	state.room[token] = out ? 0 : room;
	state.free -= parts;
}

static void give_back(void *data)
{
	size_t token = (size_t)data - 1;

	fuzz_check(token < MAX_NUM && state.parts[token],
		   "token %zu, which the device did not have", token);
	state.free += state.parts[token];
	state.parts[token] = 0;
}

static void step_get(void)
{
	bool was_broken = virtqueue_is_broken(state.vq);
	unsigned int len = 0xffff;
	void *data = virtqueue_get_buf(state.vq, &len);

	if (!data)
		return;
	fuzz_check(!was_broken, "a broken queue gives a buffer");
	fuzz_check(len <= state.room[(size_t)data - 1], "%u bytes in a buffer of %u", len,
		   state.room[(size_t)data - 1]);
	give_back(data);
}

/* As a device should: the oldest buffers that it has not used. */
static void step_use(struct fuzz_input *in)
{
	struct vring_used *used = state.ring.used;
	u16 head = state.ring.avail->ring[used->idx % state.ring.num];

	used->ring[used->idx % state.ring.num] = (struct vring_used_elem){ head, fuzz_u8(in) % 32 };
	used->idx++;
}

/* And as it should not: the used ring, or whatever else of the memory. */
static void step_scribble(struct fuzz_input *in, bool anywhere)
{
	size_t used_size =
		sizeof(struct vring_used) + state.ring.num * sizeof(struct vring_used_elem);
	u8 *start = anywhere ? (u8 *)state.ring.desc : (u8 *)state.ring.used;
	size_t size = anywhere ? (size_t)((u8 *)state.ring.used - start) + used_size : used_size;
	size_t offset = fuzz_u16(in) % size, len = fuzz_u8(in) % 16;
	const u8 *bytes = fuzz_bytes(in, min(len, size - offset), &len);

	if (len)
		memcpy(start + offset, bytes, len);
}

static void step_used(struct fuzz_input *in)
{
	struct vring_used *used = state.ring.used;
	u32 id = fuzz_u8(in);

	if (id & 0x80)
		id = fuzz_u32(in);
	used->ring[used->idx % state.ring.num] = (struct vring_used_elem){ id, fuzz_u32(in) };
	used->idx += 1 + (id & 0x40 ? fuzz_u16(in) : 0);
}

static void step(struct fuzz_input *in)
{
	switch (fuzz_u8(in) % 10) {
	case 0:
	case 1:
		step_add(in);
		break;
	case 2:
		step_get();
		break;
	case 3:
		step_use(in);
		break;
	case 4:
		step_scribble(in, false);
		break;
	case 5:
		step_scribble(in, true);
		break;
	case 6:
		step_used(in);
		break;
	case 7:
		virtqueue_kick(state.vq);
		break;
	case 8:
		virtqueue_disable_cb(state.vq);
		break;
	case 9:
		virtqueue_enable_cb(state.vq);
		vring_interrupt(0, state.vq);
		break;
	}
	fuzz_check(state.vq->num_free == state.free, "%u descriptors are free, not %u",
		   state.vq->num_free, state.free);
}

static void make_queue(unsigned int num)
{
	memset(&state, 0, sizeof(state));
	state.vq =
		vring_create_virtqueue(0, num, 64, &vdev, true, false, false, notify, NULL, "fuzz");
	fuzz_check(state.vq, "no queue of %u", num);
	state.ring.num = num;
	state.ring.desc = (void *)(uintptr_t)virtqueue_get_desc_addr(state.vq);
	state.ring.avail = (void *)(uintptr_t)virtqueue_get_avail_addr(state.vq);
	state.ring.used = (void *)(uintptr_t)virtqueue_get_used_addr(state.vq);
	state.free = num;
}

void harness_run(struct fuzz_input *in)
{
	struct world_mark mark;
	void *data;

	world_take_mark(&mark);
	make_queue(1u << fuzz_u8(in) % 5);
	while (in->left)
		step(in);
	/* Broken or not, all that the device has is got back. */
	while ((data = virtqueue_detach_unused_buf(state.vq)))
		give_back(data);
	fuzz_check(state.free == state.ring.num, "%u of %u descriptors are back", state.free,
		   state.ring.num);
	vring_del_virtqueue(state.vq);
	world_check_mark(&mark);
}
