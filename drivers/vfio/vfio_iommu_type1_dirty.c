// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Type1 backend: which pages of the user's memory devices have written to, for live migration.
 *
 * While the container tracks this, each mapping has a bitmap. A page becomes dirty by
 * vfio_dma_rw() and by being pinned: what a driver does with a pinned page is not seen, so such a
 * page is dirty again as soon as its bit has been read. So are all pages of a mapping that an IOMMU
 * domain has, as nobody looks at what a device writes through that. Bits are set with the
 * container's lock held for reading, and read and cleared with it held for writing.
 */
#include "vfio_iommu_type1.h"

#include <linux/bitmap.h>
#include <linux/bitops.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#define BITS_PER_WORD 64

static u64 dma_pages(const struct vfio_dma *dma)
{
	return dma->size >> PAGE_SHIFT;
}

static size_t bitmap_bytes(u64 pages)
{
	return DIV_ROUND_UP(pages, BITS_PER_WORD) * sizeof(u64);
}

/* Pages that may be written to unseen. */
static void mark_unseen(struct vfio_dma *dma)
{
	struct rb_node *node;

	if (dma->domains) {
		vfio_dma_set_dirty(dma, dma->iova, dma->size);
		return;
	}
	for (node = rb_first(&dma->pfn_list); node; node = rb_next(node))
		vfio_dma_set_dirty(dma, rb_entry(node, struct vfio_pfn, node)->iova, PAGE_SIZE);
}

/* Begin to track a mapping: 0, -EINVAL if it is too large for that, or -ENOMEM. */
int vfio_dma_bitmap_alloc(struct vfio_dma *dma)
{
	if (bitmap_bytes(dma_pages(dma)) > DIRTY_BITMAP_SIZE_MAX)
		return -EINVAL;
	dma->bitmap = kvzalloc(bitmap_bytes(dma_pages(dma)), GFP_KERNEL);
	if (!dma->bitmap)
		return -ENOMEM;
	mark_unseen(dma);
	return 0;
}

void vfio_dma_bitmap_free(struct vfio_dma *dma)
{
	kvfree(dma->bitmap);
	dma->bitmap = NULL;
}

/* Mark the pages of [@iova, @iova + @size), which lies in the mapping; nothing if not tracked. */
void vfio_dma_set_dirty(struct vfio_dma *dma, dma_addr_t iova, size_t size)
{
	u64 page, last;

	if (!dma->bitmap)
		return;
	page = (iova - dma->iova) >> PAGE_SHIFT;
	last = (iova - dma->iova + size - 1) >> PAGE_SHIFT;
	for (; page <= last; page++)
		set_bit(page, dma->bitmap);
}

/* Is the user's bitmap one for this range? 0 or -EINVAL. */
int vfio_dirty_bitmap_check(const struct vfio_bitmap *bitmap, u64 iova, u64 size)
{
	u64 pages = size >> PAGE_SHIFT;

	if (bitmap->pgsize != PAGE_SIZE)
		return -EINVAL;
	if (!size || (iova | size) & ~PAGE_MASK || iova + size - 1 < iova)
		return -EINVAL;
	if (!bitmap->size || bitmap->size > DIRTY_BITMAP_SIZE_MAX ||
	    bitmap->size < bitmap_bytes(pages))
		return -EINVAL;
	return access_ok(bitmap->data, bitmap->size) ? 0 : -EINVAL;
}

/*
 * Put the bits of a mapping into the bitmap @words of a range that begins at @base_iova. The first
 * word may have bits of a mapping before this one; those of what follows come later.
 */
int vfio_dma_bitmap_copy(struct vfio_dma *dma, u64 base_iova, u64 __user *words)
{
	u64 first = (dma->iova - base_iova) >> PAGE_SHIFT;
	unsigned int shift = first % BITS_PER_WORD;
	u64 have = DIV_ROUND_UP(dma_pages(dma), BITS_PER_WORD);
	u64 count = DIV_ROUND_UP(dma_pages(dma) + shift, BITS_PER_WORD);
	u64 word, i;

	words += first / BITS_PER_WORD;
	for (i = 0; i < count; i++) {
		word = i < have ? (u64)dma->bitmap[i] << shift : 0;
		if (shift && i) {
			word |= (u64)dma->bitmap[i - 1] >> (BITS_PER_WORD - shift);
		} else if (shift) {
			u64 before;

			if (get_user(before, words))
				return -EFAULT;
			word |= before & (BIT_ULL(shift) - 1);
		}
		if (put_user(word, words + i))
			return -EFAULT;
	}
	return 0;
}

static void stop_tracking(struct vfio_iommu *iommu)
{
	struct rb_node *node;

	for (node = rb_first(&iommu->dma_list); node; node = rb_next(node))
		vfio_dma_bitmap_free(rb_entry(node, struct vfio_dma, node));
	iommu->dirty_page_tracking = false;
}

static int start_tracking(struct vfio_iommu *iommu)
{
	struct rb_node *node;
	int ret;

	if (iommu->dirty_page_tracking)
		return 0;
	for (node = rb_first(&iommu->dma_list); node; node = rb_next(node)) {
		ret = vfio_dma_bitmap_alloc(rb_entry(node, struct vfio_dma, node));
		if (ret) {
			stop_tracking(iommu);
			return ret;
		}
	}
	iommu->dirty_page_tracking = true;
	return 0;
}

/* Under the lock: give the user the bits of a range, which splits no mapping, and clear them. */
static int read_and_clear(struct vfio_iommu *iommu, dma_addr_t first, dma_addr_t last,
			  u64 __user *words)
{
	dma_addr_t from = first;
	struct vfio_dma *dma;
	int ret;

	if (!iommu->dirty_page_tracking || vfio_range_splits_dma(iommu, first, last))
		return -EINVAL;

	while ((dma = vfio_find_dma(iommu, from, last))) {
		ret = vfio_dma_bitmap_copy(dma, first, words);
		if (ret)
			return ret;
		memset(dma->bitmap, 0, bitmap_bytes(dma_pages(dma)));
		mark_unseen(dma);
		if (vfio_dma_last(dma) == last)
			break;
		from = vfio_dma_last(dma) + 1;
	}
	return 0;
}

static int get_bitmap(struct vfio_iommu *iommu, const struct vfio_iommu_type1_dirty_bitmap *dirty,
		      unsigned long arg)
{
	struct vfio_iommu_type1_dirty_bitmap_get range;
	int ret;

	if (dirty->argsz < sizeof(*dirty) + sizeof(range))
		return -EINVAL;
	if (copy_from_user(&range, (void __user *)(arg + sizeof(*dirty)), sizeof(range)))
		return -EFAULT;
	ret = vfio_dirty_bitmap_check(&range.bitmap, range.iova, range.size);
	if (ret)
		return ret;

	down_write(&iommu->lock);
	ret = read_and_clear(iommu, range.iova, range.iova + range.size - 1,
			     (u64 __user *)range.bitmap.data);
	up_write(&iommu->lock);
	return ret;
}

/* VFIO_IOMMU_DIRTY_PAGES. */
long vfio_iommu_type1_dirty_pages(struct vfio_iommu *iommu, unsigned long arg)
{
	size_t minsz = offsetofend(struct vfio_iommu_type1_dirty_bitmap, flags);
	struct vfio_iommu_type1_dirty_bitmap dirty;
	int ret;

	if (!iommu->v2)
		return -EACCES;
	if (copy_from_user(&dirty, (void __user *)arg, minsz))
		return -EFAULT;
	if (dirty.argsz < minsz)
		return -EINVAL;

	switch (dirty.flags) {
	case VFIO_IOMMU_DIRTY_PAGES_FLAG_START:
		down_write(&iommu->lock);
		ret = start_tracking(iommu);
		up_write(&iommu->lock);
		return ret;
	case VFIO_IOMMU_DIRTY_PAGES_FLAG_STOP:
		down_write(&iommu->lock);
		stop_tracking(iommu);
		up_write(&iommu->lock);
		return 0;
	case VFIO_IOMMU_DIRTY_PAGES_FLAG_GET_BITMAP:
		return get_bitmap(iommu, &dirty, arg);
	default:
		return -EINVAL;
	}
}
