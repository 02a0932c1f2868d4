// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Type1 backend: mappings are taken away, after the drivers that have pinned pages of them have
 * been told and have let go.
 */
#define pr_fmt(fmt) "vfio_iommu_type1: " fmt

#include "vfio_iommu_type1.h"

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/printk.h>
#include <linux/uaccess.h>

/* How often the drivers that keep pages of a mapping pinned are told of its unmap. */
#define UNMAP_ATTEMPTS 10

/**
 * struct unmap_request - what VFIO_IOMMU_UNMAP_DMA asks for
 * @first: first byte of the range
 * @last: its last byte
 * @bitmap: gets the dirty pages of the range; NULL: not wanted
 * @unmapped: bytes that were unmapped
 */
struct unmap_request {
	dma_addr_t first;
	dma_addr_t last;
	u64 __user *bitmap;
	u64 unmapped;
};

/*
 * The first mapping that a request is to remove, at or behind @from. An unmap in the first version
 * ends where it would begin in the middle of a mapping; it takes the whole of the last one.
 */
static struct vfio_dma *next_to_unmap(struct vfio_iommu *iommu, const struct unmap_request *req,
				      dma_addr_t from)
{
	struct vfio_dma *dma = vfio_find_dma(iommu, from, req->last);

	if (dma && dma->iova < req->first)
		return NULL;
	return dma;
}

static struct vfio_dma *next_behind(struct vfio_iommu *iommu, const struct unmap_request *req,
				    const struct vfio_dma *dma)
{
	dma_addr_t last = vfio_dma_last(dma);

	return last < req->last ? next_to_unmap(iommu, req, last + 1) : NULL;
}

static struct vfio_dma *next_pinned(struct vfio_iommu *iommu, const struct unmap_request *req)
{
	struct vfio_dma *dma = next_to_unmap(iommu, req, req->first);

	while (dma && RB_EMPTY_ROOT(&dma->pfn_list))
		dma = next_behind(iommu, req, dma);
	return dma;
}

static void tell_of_unmap(struct vfio_iommu *iommu, dma_addr_t iova, size_t size)
{
	struct vfio_iommu_type1_dma_unmap unmap = {
		.argsz = sizeof(unmap),
		.iova = iova,
		.size = size,
	};

	blocking_notifier_call_chain(&iommu->notifier, VFIO_IOMMU_NOTIFY_DMA_UNMAP, &unmap);
}

/*
 * Get the pages of a range unpinned. Called and returns with the lock held, but drops it: whatever
 * was found out about the range has to be looked at again, unless this returns 0 at once.
 * Return: 0: nothing is pinned, and the lock was not dropped; 1: try again; -EBUSY: a driver does
 * not let go. Removing its pages would let it touch memory of something else.
 */
static int unpin_range(struct vfio_iommu *iommu, const struct unmap_request *req, int *attempts)
{
	struct vfio_dma *dma = next_pinned(iommu, req);
	dma_addr_t iova;
	size_t size;

	if (!dma)
		return 0;
	iova = dma->iova;
	size = dma->size;
	if ((*attempts)++ == UNMAP_ATTEMPTS) {
		pr_warn("pages at IOVA 0x%llx+0x%zx stay mapped: a driver has not unpinned them "
			"after %d requests\n",
			(unsigned long long)iova, size, UNMAP_ATTEMPTS);
		return -EBUSY;
	}

	up_write(&iommu->lock);
	tell_of_unmap(iommu, iova, size);
	down_write(&iommu->lock);

	dma = vfio_find_dma(iommu, iova, iova);
	if (!dma || RB_EMPTY_ROOT(&dma->pfn_list))
		*attempts = 0;
	return 1;
}

/* Under the lock: remove all mappings of a range, of which none is pinned, or none. */
static int remove_range(struct vfio_iommu *iommu, struct unmap_request *req)
{
	struct vfio_dma *dma;
	int ret;

	if (req->bitmap) {
		for (dma = next_to_unmap(iommu, req, req->first); dma;
		     dma = next_behind(iommu, req, dma)) {
			ret = vfio_dma_bitmap_copy(dma, req->first, req->bitmap);
			if (ret)
				return ret;
		}
	}

	while ((dma = next_to_unmap(iommu, req, req->first))) {
		req->unmapped += dma->size;
		vfio_remove_dma(iommu, dma);
	}
	return 0;
}

/* In the second version a range has whole mappings only; holes are allowed in both. */
static int unmap_range(struct vfio_iommu *iommu, struct unmap_request *req)
{
	int attempts = 0;
	int ret;

	down_write(&iommu->lock);
	do {
		ret = -EINVAL;
		if (iommu->v2 && vfio_range_splits_dma(iommu, req->first, req->last))
			break;
		if (req->bitmap && !iommu->dirty_page_tracking)
			break;
		ret = unpin_range(iommu, req, &attempts);
	} while (ret > 0);

	if (!ret)
		ret = remove_range(iommu, req);
	up_write(&iommu->lock);
	return ret;
}

/* Turn the user's arguments, checked, into a request. */
static int prepare_unmap(const struct vfio_iommu_type1_dma_unmap *unmap,
			 const struct vfio_bitmap *bitmap, struct unmap_request *req)
{
	if (unmap->flags & VFIO_DMA_UNMAP_FLAG_ALL) {
		if (unmap->iova || unmap->size || bitmap)
			return -EINVAL;
		req->first = 0;
		req->last = U64_MAX;
		return 0;
	}

	if (!unmap->size || (unmap->iova | unmap->size) & ~PAGE_MASK)
		return -EINVAL;
	if (unmap->iova + unmap->size - 1 < unmap->iova)
		return -EINVAL;
	req->first = unmap->iova;
	req->last = unmap->iova + unmap->size - 1;

	if (!bitmap)
		return 0;
	req->bitmap = (u64 __user *)bitmap->data;
	return vfio_dirty_bitmap_check(bitmap, unmap->iova, unmap->size);
}

/* VFIO_IOMMU_UNMAP_DMA. */
long vfio_iommu_type1_unmap_dma(struct vfio_iommu *iommu, unsigned long arg)
{
	const u32 known = VFIO_DMA_UNMAP_FLAG_GET_DIRTY_BITMAP | VFIO_DMA_UNMAP_FLAG_ALL;
	size_t minsz = offsetofend(struct vfio_iommu_type1_dma_unmap, size);
	struct vfio_iommu_type1_dma_unmap unmap;
	struct unmap_request req = {};
	struct vfio_bitmap bitmap;
	bool want_bitmap;
	int ret;

	if (copy_from_user(&unmap, (void __user *)arg, minsz))
		return -EFAULT;
	if (unmap.argsz < minsz || unmap.flags & ~known)
		return -EINVAL;

	want_bitmap = unmap.flags & VFIO_DMA_UNMAP_FLAG_GET_DIRTY_BITMAP;
	if (want_bitmap) {
		if (unmap.argsz < minsz + sizeof(bitmap))
			return -EINVAL;
		if (copy_from_user(&bitmap, (void __user *)(arg + minsz), sizeof(bitmap)))
			return -EFAULT;
	}

	ret = prepare_unmap(&unmap, want_bitmap ? &bitmap : NULL, &req);
	if (ret)
		return ret;
	ret = unmap_range(iommu, &req);
	if (ret)
		return ret;

	unmap.size = req.unmapped;
	return copy_to_user((void __user *)arg, &unmap, minsz) ? -EFAULT : 0;
}
