/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * Structures of the type1 backend.
 *
 * struct vfio_iommu has one lock. It is held for writing to change mappings, pins and settings, and
 * for reading to copy through a mapping. It is dropped while drivers are told of an unmap and while
 * a user is asked for memory that is not mapped here, since both may take as long as they like and
 * come back to this code. The locks of an IOMMU are taken inside it.
 */
#ifndef DRIVERS_VFIO_VFIO_IOMMU_TYPE1_H
#define DRIVERS_VFIO_VFIO_IOMMU_TYPE1_H

#include <linux/vfio.h>

#include <linux/atomic.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/notifier.h>
#include <linux/rbtree.h>
#include <linux/rwsem.h>

/* No bitmap of dirty pages has more bytes, so that the number of its bits fits an int. */
#define DIRTY_BITMAP_SIZE_MAX (1UL << 28)

/**
 * struct vfio_iommu - the address space of one container
 * @lock: covers all that follows but @notifier and @notifiers
 * @dma_list: struct vfio_dma by IOVA; they do not overlap
 * @groups: struct vfio_iommu_group
 * @pgsize_bitmap: page sizes of mappings; the smallest is PAGE_SIZE
 * @dma_avail: how many more mappings there may be
 * @v2: the user chose the second version, where no unmap splits a mapping
 * @dirty_page_tracking: each mapping has a bitmap
 * @notifier: drivers to be told of unmaps
 * @notifiers: how many
 */
struct vfio_iommu {
	struct rw_semaphore lock;
	struct rb_root dma_list;
	struct list_head groups;
	u64 pgsize_bitmap;
	unsigned int dma_avail;
	bool v2;
	bool dirty_page_tracking;

	struct blocking_notifier_head notifier;
	atomic_t notifiers;
};

/**
 * struct vfio_iommu_group - a group of the container
 * @iommu_group: the group
 * @next: in vfio_iommu.groups
 * @iommu_device: a reference on the device in whose name the group's devices do DMA, or NULL
 * @domain: where that DMA goes; there if @iommu_device is
 * @aux: it is one of several domains of @iommu_device
 *
 * All but @next is constant while it is in the list.
 */
struct vfio_iommu_group {
	struct iommu_group *iommu_group;
	struct list_head next;
	struct device *iommu_device;
	struct iommu_domain *domain;
	bool aux;
};

/**
 * struct vfio_dma - a mapping
 * @kref: one for being in the tree, one for each access that goes on without the lock
 * @node: in the tree
 * @iova: where it begins in the container's address space
 * @size: bytes
 * @vaddr: where it begins in this process; not used if @remote
 * @prot: IOMMU_READ, IOMMU_WRITE
 * @pfn_list: struct vfio_pfn by IOVA: pages that are pinned
 * @domains: IOMMU domains that have it
 * @bitmap: a bit for each page that was dirtied; while the container tracks that
 * @remote: how to reach memory that is not mapped here, or NULL
 * @opaque: argument of @remote
 */
struct vfio_dma {
	struct kref kref;
	struct rb_node node;
	dma_addr_t iova;
	size_t size;
	unsigned long vaddr;
	int prot;
	struct rb_root pfn_list;
	unsigned int domains;
	unsigned long *bitmap;
	const struct vfio_dma_remote_ops *remote;
	void *opaque;
};

/* A page that drivers have pinned: @ref times. */
struct vfio_pfn {
	struct rb_node node;
	dma_addr_t iova;
	unsigned int ref;
};

/* The last byte of a mapping: its end may not be representable. */
static inline dma_addr_t vfio_dma_last(const struct vfio_dma *dma)
{
	return dma->iova + dma->size - 1;
}

/* vfio_iommu_type1.c */
struct vfio_dma *vfio_find_dma(struct vfio_iommu *iommu, dma_addr_t first, dma_addr_t last);
bool vfio_range_splits_dma(struct vfio_iommu *iommu, dma_addr_t first, dma_addr_t last);
void vfio_dma_put(struct vfio_dma *dma);
void vfio_remove_dma(struct vfio_iommu *iommu, struct vfio_dma *dma);

/* vfio_iommu_type1_access.c */
int vfio_iommu_type1_pin_pages(void *iommu_data, struct iommu_group *iommu_group,
			       unsigned long *user_pfn, int npage, int prot,
			       unsigned long *phys_pfn);
int vfio_iommu_type1_unpin_pages(void *iommu_data, unsigned long *user_pfn, int npage);
int vfio_iommu_type1_dma_rw(void *iommu_data, dma_addr_t user_iova, void *data, size_t count,
			    bool write);
void vfio_dma_forget_pins(struct vfio_dma *dma);

/* vfio_iommu_type1_domain.c */
int vfio_group_find_iommu_device(struct iommu_group *iommu_group, struct device **iommu_device);
int vfio_domain_attach_group(struct vfio_iommu *iommu, struct vfio_iommu_group *group);
void vfio_domain_detach_group(struct vfio_iommu *iommu, struct vfio_iommu_group *group);
int vfio_domains_map(struct vfio_iommu *iommu, struct vfio_dma *dma);
void vfio_domains_unmap(struct vfio_iommu *iommu, struct vfio_dma *dma);
struct iommu_domain *vfio_iommu_type1_group_iommu_domain(void *iommu_data,
							 struct iommu_group *iommu_group);

/* vfio_iommu_type1_dirty.c */
int vfio_dma_bitmap_alloc(struct vfio_dma *dma);
void vfio_dma_bitmap_free(struct vfio_dma *dma);
void vfio_dma_set_dirty(struct vfio_dma *dma, dma_addr_t iova, size_t size);
int vfio_dirty_bitmap_check(const struct vfio_bitmap *bitmap, u64 iova, u64 size);
int vfio_dma_bitmap_copy(struct vfio_dma *dma, u64 base_iova, u64 __user *words);
long vfio_iommu_type1_dirty_pages(struct vfio_iommu *iommu, unsigned long arg);

/* vfio_iommu_type1_unmap.c */
long vfio_iommu_type1_unmap_dma(struct vfio_iommu *iommu, unsigned long arg);

#endif /* DRIVERS_VFIO_VFIO_IOMMU_TYPE1_H */
