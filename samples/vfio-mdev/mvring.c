// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * A split virtqueue as the device sees it (virtio 1.1, 2.6).
 *
 * The driver's rings are not trusted: what they say is read once, and a chain that no driver may make
 * is refused. Data in the buffers is not touched here.
 */
#include <linux/errno.h>
#include <linux/io.h>
#include <linux/kernel.h>
#include <linux/log2.h>

#include "mvring.h"

/**
 * mvring_init() - begin to use a queue
 * @ring: the queue
 * @num: descriptors
 * @desc: physical address of the descriptors
 * @avail: of the available ring
 * @used: of the used ring
 * @last_avail: index of the first buffer to get
 *
 * Context: any.
 * Return: 0; -EINVAL a size or an alignment is not that of a virtqueue.
 */
int mvring_init(struct mvring *ring, u32 num, u64 desc, u64 avail, u64 used, u16 last_avail)
{
	if (!is_power_of_2(num) || num > MVRING_MAX || !desc || !avail || !used)
		return -EINVAL;
	if (desc % VRING_DESC_ALIGN_SIZE || avail % VRING_AVAIL_ALIGN_SIZE ||
	    used % VRING_USED_ALIGN_SIZE)
		return -EINVAL;

	ring->vring.num = num;
	ring->vring.desc = phys_to_virt(desc);
	ring->vring.avail = phys_to_virt(avail);
	ring->vring.used = phys_to_virt(used);
	ring->last_avail = last_avail;
	ring->used_idx = le16_to_cpu(READ_ONCE(ring->vring.used->idx));
	return 0;
}

static int mvring_get_chain(struct mvring *ring, struct mvring_buffer *buffer)
{
	u16 index = buffer->head, flags;

	buffer->nr = 0;
	do {
		const struct vring_desc *desc;
		struct mvring_part *part;

		/* A chain cannot be longer than the ring unless it bites its own tail. */
		if (index >= ring->vring.num || buffer->nr == ring->vring.num)
			return -EINVAL;

		desc = &ring->vring.desc[index];
		flags = le16_to_cpu(READ_ONCE(desc->flags));
		if (flags & ~(VRING_DESC_F_NEXT | VRING_DESC_F_WRITE))
			return -EINVAL;

		part = &buffer->part[buffer->nr++];
		part->addr = le64_to_cpu(READ_ONCE(desc->addr));
		part->len = le32_to_cpu(READ_ONCE(desc->len));
		part->writable = flags & VRING_DESC_F_WRITE;
		if (!part->len)
			return -EINVAL;
		index = le16_to_cpu(READ_ONCE(desc->next));
	} while (flags & VRING_DESC_F_NEXT);
	return 0;
}

/**
 * mvring_get() - the next buffer
 * @ring: the queue
 * @buffer: gets it
 *
 * Context: any.
 * Return: 0; -EAGAIN there is none; -EINVAL the driver broke the rules, and the queue cannot be used
 * any more.
 */
int mvring_get(struct mvring *ring, struct mvring_buffer *buffer)
{
	const struct vring_avail *avail = ring->vring.avail;
	u16 pending = le16_to_cpu(smp_load_acquire(&avail->idx)) - ring->last_avail;

	if (!pending)
		return -EAGAIN;
	if (pending > ring->vring.num)
		return -EINVAL;

	buffer->head = le16_to_cpu(READ_ONCE(avail->ring[ring->last_avail % ring->vring.num]));
	ring->last_avail++;
	return mvring_get_chain(ring, buffer);
}

/**
 * mvring_put() - give a buffer back
 * @ring: the queue
 * @buffer: from mvring_get()
 * @written: bytes written to it, from its start
 *
 * Context: any.
 */
void mvring_put(struct mvring *ring, const struct mvring_buffer *buffer, u32 written)
{
	struct vring_used *used = ring->vring.used;
	struct vring_used_elem *elem = &used->ring[ring->used_idx % ring->vring.num];

	WRITE_ONCE(elem->id, cpu_to_le32(buffer->head));
	WRITE_ONCE(elem->len, cpu_to_le32(written));
	ring->used_idx++;
	smp_store_release(&used->idx, cpu_to_le16(ring->used_idx));
}

/**
 * mvring_wants_callback() - is the driver to be told of what was put?
 * @ring: the queue
 *
 * Context: any.
 * Return: whether.
 */
bool mvring_wants_callback(const struct mvring *ring)
{
	/* The index was written before; the driver writes the flags and then reads the index. */
	smp_mb();
	return !(le16_to_cpu(READ_ONCE(ring->vring.avail->flags)) & VRING_AVAIL_F_NO_INTERRUPT);
}
