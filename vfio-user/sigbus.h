/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * Memory that its owner may take away. A client that truncates the file behind a DMA mapping makes
 * the next access to it raise SIGBUS; the mapping is then replaced by zeroes, and the thread goes
 * on.
 */
#ifndef VFIO_USER_SIGBUS_H
#define VFIO_USER_SIGBUS_H

#include <linux/rbtree.h>
#include <linux/types.h>

/**
 * struct vfio_user_guard - a range of memory that is not to be relied upon
 * @node: in the set of all, under its lock
 * @base: first byte
 * @len: bytes
 * @page_size: what it is mapped in; both @base and @len are multiples of it
 * @prot: PROT_* of the mapping
 * @lost: set to 1 when it had to be replaced
 */
struct vfio_user_guard {
	struct rb_node node;
	uintptr_t base;
	size_t len;
	size_t page_size;
	int prot;
	int *lost;
};

/* Take SIGBUS over, and give it back. They nest. 0 or a negative errno */
int vfio_user_sigbus_init(void);
void vfio_user_sigbus_exit(void);

/* From here to vfio_user_guard_del(), before the munmap(2), losing the range does no harm. */
void vfio_user_guard_add(struct vfio_user_guard *guard);
void vfio_user_guard_del(struct vfio_user_guard *guard);

#endif /* VFIO_USER_SIGBUS_H */
