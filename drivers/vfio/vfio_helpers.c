// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* What many VFIO drivers need for ioctls: capability chains, checks of VFIO_DEVICE_SET_IRQS. */
#include <linux/vfio.h>

#include <linux/err.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

/**
 * vfio_info_cap_add - append a capability to a chain
 * @caps: the chain. On error it is freed and empty
 * @size: bytes of the capability with its header
 * @id: of the capability
 * @version: of the capability
 *
 * Offsets in the chain count from its beginning until vfio_info_cap_shift().
 *
 * Context: may sleep.
 * Return: the new capability, zeroed behind its header and valid until the next one is added;
 * ERR_PTR(-ENOMEM).
 */
struct vfio_info_cap_header *vfio_info_cap_add(struct vfio_info_cap *caps, size_t size, u16 id,
					       u16 version)
{
	/* What follows starts where a 64-bit member of it is aligned. */
	size_t aligned = ALIGN(size, sizeof(u64));
	struct vfio_info_cap_header *header, *last;
	void *buf;

	buf = krealloc(caps->buf, caps->size + aligned, GFP_KERNEL);
	if (!buf) {
		kfree(caps->buf);
		caps->buf = NULL;
		caps->size = 0;
		return ERR_PTR(-ENOMEM);
	}
	caps->buf = buf;
	header = buf + caps->size;
	memset(header, 0, aligned);
	header->id = id;
	header->version = version;

	if (caps->size) {
		for (last = buf; last->next; last = buf + last->next)
			;
		last->next = caps->size;
	}
	caps->size += aligned;
	return header;
}
EXPORT_SYMBOL_GPL(vfio_info_cap_add);

/**
 * vfio_info_cap_shift - make a chain's offsets count from the start of what it is appended to
 * @caps: the complete chain
 * @offset: bytes in front of it
 */
void vfio_info_cap_shift(struct vfio_info_cap *caps, size_t offset)
{
	struct vfio_info_cap_header *header;
	size_t next;

	if (!caps->size)
		return;
	for (header = caps->buf;; header = (void *)caps->buf + next) {
		next = header->next;
		if (!next)
			return;
		header->next = next + offset;
	}
}
EXPORT_SYMBOL_GPL(vfio_info_cap_shift);

/**
 * vfio_info_add_capability - append a copy of a capability to a chain
 * @caps: the chain, as for vfio_info_cap_add()
 * @cap: the capability
 * @size: its bytes with the header
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int vfio_info_add_capability(struct vfio_info_cap *caps, struct vfio_info_cap_header *cap,
			     size_t size)
{
	struct vfio_info_cap_header *header;

	header = vfio_info_cap_add(caps, size, cap->id, cap->version);
	if (IS_ERR(header))
		return PTR_ERR(header);
	memcpy(header + 1, cap + 1, size - sizeof(*header));
	return 0;
}
EXPORT_SYMBOL_GPL(vfio_info_add_capability);

/**
 * vfio_set_irqs_validate_and_prepare - check the header of VFIO_DEVICE_SET_IRQS
 * @hdr: the header, copied from the user
 * @num_irqs: how many interrupts the index named by @hdr has
 * @max_irq_type: how many indices there are
 * @data_size: gets the bytes of data that follow the header; may be NULL if none may follow
 *
 * Return: 0; -EINVAL: the header is malformed, its index or range of interrupts does not exist, or
 * there is less data than it says.
 */
int vfio_set_irqs_validate_and_prepare(struct vfio_irq_set *hdr, int num_irqs, int max_irq_type,
				       size_t *data_size)
{
	const u32 known = VFIO_IRQ_SET_DATA_TYPE_MASK | VFIO_IRQ_SET_ACTION_TYPE_MASK;
	size_t minsz = offsetofend(struct vfio_irq_set, count);
	size_t unit, size;

	if (data_size)
		*data_size = 0;
	if (hdr->argsz < minsz || hdr->flags & ~known)
		return -EINVAL;
	if (hdr->index >= (u32)max_irq_type || hdr->start >= (u32)num_irqs ||
	    hdr->count > (u32)num_irqs - hdr->start)
		return -EINVAL;

	switch (hdr->flags & VFIO_IRQ_SET_DATA_TYPE_MASK) {
	case VFIO_IRQ_SET_DATA_NONE:
		return 0;
	case VFIO_IRQ_SET_DATA_BOOL:
		unit = sizeof(u8);
		break;
	case VFIO_IRQ_SET_DATA_EVENTFD:
		unit = sizeof(s32);
		break;
	default:
		return -EINVAL;
	}

	size = hdr->count * unit;
	if (hdr->argsz - minsz < size || !data_size)
		return -EINVAL;
	*data_size = size;
	return 0;
}
EXPORT_SYMBOL_GPL(vfio_set_irqs_validate_and_prepare);
