// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * VFIO type1 IOMMU backend: the user maps ranges of IOVA to its memory one by one.
 *
 * In user space no hardware translates: a mapping tells drivers, and the software IOMMU, where in
 * this process, or in what other way, they reach the user's memory. Linux's VFIO_TYPE1_IOMMU and
 * VFIO_TYPE1v2_IOMMU differ in what an unmap may do.
 *
 * This file has the container's address space and how mappings come into it. How they are taken
 * away is in vfio_iommu_type1_unmap.c, access to memory through them in vfio_iommu_type1_access.c,
 * IOMMU domains are in vfio_iommu_type1_domain.c, bitmaps of dirty pages in
 * vfio_iommu_type1_dirty.c.
 */
#include "vfio_iommu_type1.h"

#include <linux/device.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/vmstat.h>

static unsigned int dma_entry_limit = U16_MAX;
module_param(dma_entry_limit, uint, 0644);
MODULE_PARM_DESC(dma_entry_limit, "Number of mappings that each container may have (65535)");

/* The first mapping that has bytes of [first, last], or NULL. */
struct vfio_dma *vfio_find_dma(struct vfio_iommu *iommu, dma_addr_t first, dma_addr_t last)
{
	struct rb_node *node = iommu->dma_list.rb_node;
	struct vfio_dma *found = NULL;

	while (node) {
		struct vfio_dma *dma = rb_entry(node, struct vfio_dma, node);

		if (vfio_dma_last(dma) >= first) {
			found = dma;
			node = node->rb_left;
		} else {
			node = node->rb_right;
		}
	}
	return found && found->iova <= last ? found : NULL;
}

/* Is there a mapping of which only a part is in [first, last]? */
bool vfio_range_splits_dma(struct vfio_iommu *iommu, dma_addr_t first, dma_addr_t last)
{
	struct vfio_dma *dma;

	dma = vfio_find_dma(iommu, first, first);
	if (dma && dma->iova != first)
		return true;
	dma = vfio_find_dma(iommu, last, last);
	return dma && vfio_dma_last(dma) != last;
}

static void link_dma(struct vfio_iommu *iommu, struct vfio_dma *new)
{
	struct rb_node **link = &iommu->dma_list.rb_node, *parent = NULL;

	while (*link) {
		struct vfio_dma *dma = rb_entry(*link, struct vfio_dma, node);

		parent = *link;
		link = new->iova < dma->iova ? &parent->rb_left : &parent->rb_right;
	}
	rb_link_node(&new->node, parent, link);
	rb_insert_color(&new->node, &iommu->dma_list);
}

static void release_dma(struct kref *kref)
{
	struct vfio_dma *dma = container_of(kref, struct vfio_dma, kref);

	if (dma->remote && dma->remote->release)
		dma->remote->release(dma->opaque);
	kfree(dma);
}

void vfio_dma_put(struct vfio_dma *dma)
{
	kref_put(&dma->kref, release_dma);
}

/* Under the lock. */
void vfio_remove_dma(struct vfio_iommu *iommu, struct vfio_dma *dma)
{
	vfio_domains_unmap(iommu, dma);
	rb_erase(&dma->node, &iommu->dma_list);
	iommu->dma_avail++;
	mod_node_page_state(NULL, NR_DMA_MAPPINGS, -1);
	vfio_dma_bitmap_free(dma);
	vfio_dma_put(dma);
}

static int check_map(u64 iova, u64 size, unsigned long vaddr, int prot)
{
	if (!prot || !size || (size | iova | vaddr) & ~PAGE_MASK)
		return -EINVAL;
	if (iova + size - 1 < iova || vaddr + size - 1 < vaddr)
		return -EINVAL;
	return 0;
}

/* Make @new, which its caller owns on error, a mapping. */
static int insert_dma(struct vfio_iommu *iommu, struct vfio_dma *new)
{
	int ret = 0;

	down_write(&iommu->lock);
	if (vfio_find_dma(iommu, new->iova, vfio_dma_last(new)))
		ret = -EEXIST;
	else if (!iommu->dma_avail)
		ret = -ENOSPC;
	else if (iommu->dirty_page_tracking)
		ret = vfio_dma_bitmap_alloc(new);
	if (!ret) {
		ret = vfio_domains_map(iommu, new);
		if (ret)
			vfio_dma_bitmap_free(new);
	}

	if (!ret) {
		iommu->dma_avail--;
		link_dma(iommu, new);
		mod_node_page_state(NULL, NR_DMA_MAPPINGS, 1);
	}
	up_write(&iommu->lock);
	return ret;
}

static int map_range(struct vfio_iommu *iommu, u64 iova, u64 size, u64 vaddr, u32 flags,
		     const struct vfio_dma_remote_ops *remote, void *opaque)
{
	struct vfio_dma *dma;
	int prot = 0;
	int ret;

	if (flags & VFIO_DMA_MAP_FLAG_READ)
		prot |= IOMMU_READ;
	if (flags & VFIO_DMA_MAP_FLAG_WRITE)
		prot |= IOMMU_WRITE;
	ret = check_map(iova, size, vaddr, prot);
	if (ret)
		return ret;

	dma = kzalloc(sizeof(*dma), GFP_KERNEL);
	if (!dma)
		return -ENOMEM;
	kref_init(&dma->kref);
	dma->iova = iova;
	dma->size = size;
	dma->vaddr = vaddr;
	dma->prot = prot;
	dma->pfn_list = RB_ROOT;
	dma->remote = remote;
	dma->opaque = opaque;

	ret = insert_dma(iommu, dma);
	if (ret)
		kfree(dma);
	return ret;
}

static long vfio_iommu_type1_map_dma(struct vfio_iommu *iommu, unsigned long arg)
{
	const u32 known = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE;
	size_t minsz = offsetofend(struct vfio_iommu_type1_dma_map, size);
	struct vfio_iommu_type1_dma_map map;

	if (copy_from_user(&map, (void __user *)arg, minsz))
		return -EFAULT;
	if (map.argsz < minsz || map.flags & ~known)
		return -EINVAL;
	return map_range(iommu, map.iova, map.size, map.vaddr, map.flags, NULL, NULL);
}

static int vfio_iommu_type1_map_remote(void *iommu_data, u64 iova, u64 size, u32 flags,
				       const struct vfio_dma_remote_ops *ops, void *opaque)
{
	const u32 known = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE;

	if (!ops || flags & ~known)
		return -EINVAL;
	return map_range(iommu_data, iova, size, 0, flags, ops, opaque);
}

static int add_migration_cap(struct vfio_info_cap *caps)
{
	struct vfio_iommu_type1_info_cap_migration cap = {
		.header = { .id = VFIO_IOMMU_TYPE1_INFO_CAP_MIGRATION, .version = 1 },
		.pgsize_bitmap = PAGE_SIZE,
		.max_dirty_bitmap_size = DIRTY_BITMAP_SIZE_MAX,
	};

	return vfio_info_add_capability(caps, &cap.header, sizeof(cap));
}

static int add_dma_avail_cap(struct vfio_info_cap *caps, unsigned int avail)
{
	struct vfio_iommu_type1_info_dma_avail cap = {
		.header = { .id = VFIO_IOMMU_TYPE1_INFO_DMA_AVAIL, .version = 1 },
		.avail = avail,
	};

	return vfio_info_add_capability(caps, &cap.header, sizeof(cap));
}

/* Put the chain behind the structure if there is room, and else tell how much it takes. */
static int append_caps(struct vfio_iommu_type1_info *info, struct vfio_info_cap *caps,
		       unsigned long arg)
{
	info->flags |= VFIO_IOMMU_INFO_CAPS;
	if (info->argsz < sizeof(*info) + caps->size) {
		info->argsz = sizeof(*info) + caps->size;
		return 0;
	}
	vfio_info_cap_shift(caps, sizeof(*info));
	if (copy_to_user((void __user *)(arg + sizeof(*info)), caps->buf, caps->size))
		return -EFAULT;
	info->cap_offset = sizeof(*info);
	return 0;
}

static long vfio_iommu_type1_get_info(struct vfio_iommu *iommu, unsigned long arg)
{
	size_t minsz = offsetofend(struct vfio_iommu_type1_info, iova_pgsizes);
	size_t capsz = offsetofend(struct vfio_iommu_type1_info, cap_offset);
	struct vfio_info_cap caps = { .buf = NULL, .size = 0 };
	struct vfio_iommu_type1_info info = {};
	unsigned int avail;
	int ret;

	if (copy_from_user(&info, (void __user *)arg, minsz))
		return -EFAULT;
	if (info.argsz < minsz)
		return -EINVAL;
	if (info.argsz >= capsz)
		minsz = capsz;
	info.cap_offset = 0;

	down_read(&iommu->lock);
	info.flags = VFIO_IOMMU_INFO_PGSIZES;
	info.iova_pgsizes = iommu->pgsize_bitmap;
	avail = iommu->dma_avail;
	up_read(&iommu->lock);

	ret = add_migration_cap(&caps);
	if (!ret)
		ret = add_dma_avail_cap(&caps, avail);
	if (!ret)
		ret = append_caps(&info, &caps, arg);
	kfree(caps.buf);
	if (ret)
		return ret;
	return copy_to_user((void __user *)arg, &info, minsz) ? -EFAULT : 0;
}

static long vfio_iommu_type1_check_extension(unsigned long arg)
{
	switch (arg) {
	case VFIO_TYPE1_IOMMU:
	case VFIO_TYPE1v2_IOMMU:
	case VFIO_TYPE1_NESTING_IOMMU:
	case VFIO_UNMAP_ALL:
	case VFIO_DMA_CC_IOMMU:
		return 1;
	default:
		return 0;
	}
}

static long vfio_iommu_type1_ioctl(void *iommu_data, unsigned int cmd, unsigned long arg)
{
	struct vfio_iommu *iommu = iommu_data;

	switch (cmd) {
	case VFIO_CHECK_EXTENSION:
		/* Coherency is a property of the groups of a container. */
		if (!iommu && arg == VFIO_DMA_CC_IOMMU)
			return 0;
		return vfio_iommu_type1_check_extension(arg);
	case VFIO_IOMMU_GET_INFO:
		return vfio_iommu_type1_get_info(iommu, arg);
	case VFIO_IOMMU_MAP_DMA:
		return vfio_iommu_type1_map_dma(iommu, arg);
	case VFIO_IOMMU_UNMAP_DMA:
		return vfio_iommu_type1_unmap_dma(iommu, arg);
	case VFIO_IOMMU_DIRTY_PAGES:
		return vfio_iommu_type1_dirty_pages(iommu, arg);
	default:
		return -ENOTTY;
	}
}

static void *vfio_iommu_type1_open(unsigned long arg)
{
	struct vfio_iommu *iommu = kzalloc(sizeof(*iommu), GFP_KERNEL);

	if (!iommu)
		return ERR_PTR(-ENOMEM);
	init_rwsem(&iommu->lock);
	iommu->dma_list = RB_ROOT;
	INIT_LIST_HEAD(&iommu->groups);
	iommu->pgsize_bitmap = PAGE_MASK;
	iommu->dma_avail = dma_entry_limit;
	iommu->v2 = arg != VFIO_TYPE1_IOMMU;
	BLOCKING_INIT_NOTIFIER_HEAD(&iommu->notifier);
	return iommu;
}

static void vfio_iommu_type1_release(void *iommu_data)
{
	struct vfio_iommu *iommu = iommu_data;
	struct rb_node *node;

	while ((node = rb_first(&iommu->dma_list))) {
		struct vfio_dma *dma = rb_entry(node, struct vfio_dma, node);

		vfio_dma_forget_pins(dma);
		vfio_remove_dma(iommu, dma);
	}
	kfree(iommu);
}

static void free_group(struct vfio_iommu_group *group)
{
	put_device(group->iommu_device);
	kfree(group);
}

static int vfio_iommu_type1_attach_group(void *iommu_data, struct iommu_group *iommu_group)
{
	struct vfio_iommu *iommu = iommu_data;
	struct vfio_iommu_group *group, *other;
	int ret;

	group = kzalloc(sizeof(*group), GFP_KERNEL);
	if (!group)
		return -ENOMEM;
	group->iommu_group = iommu_group;
	ret = vfio_group_find_iommu_device(iommu_group, &group->iommu_device);
	if (ret)
		goto err_free;

	down_write(&iommu->lock);
	list_for_each_entry(other, &iommu->groups, next) {
		if (other->iommu_group == iommu_group)
			ret = -EINVAL;
	}
	if (!ret)
		ret = vfio_domain_attach_group(iommu, group);
	if (!ret)
		list_add(&group->next, &iommu->groups);
	up_write(&iommu->lock);
	if (ret)
		goto err_free;
	return 0;

err_free:
	free_group(group);
	return ret;
}

static void vfio_iommu_type1_detach_group(void *iommu_data, struct iommu_group *iommu_group)
{
	struct vfio_iommu *iommu = iommu_data;
	struct vfio_iommu_group *group, *next;

	down_write(&iommu->lock);
	list_for_each_entry_safe(group, next, &iommu->groups, next) {
		if (group->iommu_group == iommu_group) {
			list_del(&group->next);
			vfio_domain_detach_group(iommu, group);
			free_group(group);
		}
	}
	up_write(&iommu->lock);
}

static int vfio_iommu_type1_register_notifier(void *iommu_data, unsigned long *events,
					      struct notifier_block *nb)
{
	struct vfio_iommu *iommu = iommu_data;
	int ret;

	*events &= ~VFIO_IOMMU_NOTIFY_DMA_UNMAP;
	if (*events)
		return -EINVAL;

	ret = blocking_notifier_chain_register(&iommu->notifier, nb);
	if (!ret)
		atomic_inc(&iommu->notifiers);
	return ret;
}

static int vfio_iommu_type1_unregister_notifier(void *iommu_data, struct notifier_block *nb)
{
	struct vfio_iommu *iommu = iommu_data;
	int ret = blocking_notifier_chain_unregister(&iommu->notifier, nb);

	if (!ret)
		atomic_dec(&iommu->notifiers);
	return ret;
}

static const struct vfio_iommu_driver_ops vfio_iommu_driver_ops_type1 = {
	.name = "vfio-iommu-type1",
	.owner = THIS_MODULE,
	.open = vfio_iommu_type1_open,
	.release = vfio_iommu_type1_release,
	.ioctl = vfio_iommu_type1_ioctl,
	.attach_group = vfio_iommu_type1_attach_group,
	.detach_group = vfio_iommu_type1_detach_group,
	.pin_pages = vfio_iommu_type1_pin_pages,
	.unpin_pages = vfio_iommu_type1_unpin_pages,
	.register_notifier = vfio_iommu_type1_register_notifier,
	.unregister_notifier = vfio_iommu_type1_unregister_notifier,
	.dma_rw = vfio_iommu_type1_dma_rw,
	.group_iommu_domain = vfio_iommu_type1_group_iommu_domain,
	.map_remote = vfio_iommu_type1_map_remote,
};

static int __init vfio_iommu_type1_init(void)
{
	return vfio_register_iommu_driver(&vfio_iommu_driver_ops_type1);
}
module_init(vfio_iommu_type1_init);

static void __exit vfio_iommu_type1_exit(void)
{
	vfio_unregister_iommu_driver(&vfio_iommu_driver_ops_type1);
}
module_exit(vfio_iommu_type1_exit);

MODULE_LICENSE("Dual BSD/GPL");
MODULE_DESCRIPTION("VFIO type1 IOMMU backend: ranges of IOVA mapped one by one");
