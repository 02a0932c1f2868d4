/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/* A split virtqueue as the device sees it. */
#ifndef MVRING_H
#define MVRING_H

#include <linux/types.h>
#include <linux/virtio_ring.h>

/* A queue has no more descriptors than these. */
#define MVRING_MAX 256

/**
 * struct mvring - a queue in the driver's memory
 * @vring: where its parts are, and the number of descriptors
 * @last_avail: index of the next buffer in the available ring
 * @used_idx: index of the used ring
 *
 * For one user at a time, who is responsible for the memory being there.
 */
struct mvring {
	struct vring vring;
	u16 last_avail;
	u16 used_idx;
};

/* A part of a buffer: as the driver says, so @addr may be anything. */
struct mvring_part {
	u64 addr;
	u32 len;
	bool writable;
};

/**
 * struct mvring_buffer - a buffer that the driver made available
 * @head: its number
 * @nr: parts
 * @part: these
 */
struct mvring_buffer {
	u16 head;
	unsigned int nr;
	struct mvring_part part[MVRING_MAX];
};

int mvring_init(struct mvring *ring, u32 num, u64 desc, u64 avail, u64 used, u16 last_avail);
int mvring_get(struct mvring *ring, struct mvring_buffer *buffer);
void mvring_put(struct mvring *ring, const struct mvring_buffer *buffer, u32 written);
bool mvring_wants_callback(const struct mvring *ring);

#endif /* MVRING_H */
