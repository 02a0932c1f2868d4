// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Type1 backend: groups whose devices are isolated by an IOMMU (M16).
 *
 * A mediated device may name a device in whose name it does DMA. Its group has a domain of its own
 * then, with all the mappings of the container, as the device's only or, told apart by a PASID, as
 * one of many. Memory that is not mapped into this process is not in any domain: DMA to it faults.
 */
#include "vfio_iommu_type1.h"

#include <linux/device.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/iommu.h>
#include <linux/kernel.h>
#include <linux/module.h>

/* The mdev module's, which is above this one and need not be loaded. */
#define GET_IOMMU_DEVICE "mdev_get_iommu_device"

/**
 * struct iommu_device_search - the IOMMU device of a group
 * @get: mdev_get_iommu_device()
 * @found: of the devices seen so far
 * @any: one was seen
 */
struct iommu_device_search {
	struct device *(*get)(struct device *dev);
	struct device *found;
	bool any;
};

static int look_at_device(struct device *dev, void *data)
{
	struct iommu_device_search *search = data;
	struct device *iommu_device = search->get(dev);

	if (search->any && search->found != iommu_device)
		return -EINVAL;
	search->found = iommu_device;
	search->any = true;
	return 0;
}

/*
 * Find the device that does DMA for a group, and hold it; NULL: their driver does it. 0, or -EINVAL
 * if not all devices of the group have the same. Not under the backend's lock.
 */
int vfio_group_find_iommu_device(struct iommu_group *iommu_group, struct device **iommu_device)
{
	struct iommu_device_search search = { .get = __symbol_get(GET_IOMMU_DEVICE) };
	int ret;

	*iommu_device = NULL;
	if (!search.get)
		return 0;
	ret = iommu_group_for_each_dev(iommu_group, &search, look_at_device);
	if (!ret && search.found)
		*iommu_device = get_device(search.found);
	__symbol_put(GET_IOMMU_DEVICE);
	return ret;
}

static int map_one(struct iommu_domain *domain, struct vfio_dma *dma)
{
	int ret;

	if (dma->remote)
		return 0;
	ret = iommu_map(domain, dma->iova, dma->vaddr, dma->size, dma->prot);
	if (ret)
		return ret;
	dma->domains++;
	vfio_dma_set_dirty(dma, dma->iova, dma->size);
	return 0;
}

static void unmap_one(struct iommu_domain *domain, struct vfio_dma *dma)
{
	if (dma->remote)
		return;
	iommu_unmap(domain, dma->iova, dma->size);
	dma->domains--;
}

/* Under the lock: put a new mapping into all domains, or into none. */
int vfio_domains_map(struct vfio_iommu *iommu, struct vfio_dma *dma)
{
	struct vfio_iommu_group *group;
	int ret;

	list_for_each_entry(group, &iommu->groups, next) {
		if (!group->domain)
			continue;
		ret = map_one(group->domain, dma);
		if (ret)
			goto err_unmap;
	}
	return 0;

err_unmap:
	list_for_each_entry_continue_reverse(group, &iommu->groups, next) {
		if (group->domain)
			unmap_one(group->domain, dma);
	}
	return ret;
}

/* Under the lock: take a mapping out of all domains. No DMA to it is in progress on return. */
void vfio_domains_unmap(struct vfio_iommu *iommu, struct vfio_dma *dma)
{
	struct vfio_iommu_group *group;

	list_for_each_entry(group, &iommu->groups, next) {
		if (group->domain)
			unmap_one(group->domain, dma);
	}
}

/* The mappings before @end, all for NULL, leave a domain. */
static void unmap_until(struct vfio_iommu *iommu, struct iommu_domain *domain, struct rb_node *end)
{
	struct rb_node *node;

	for (node = rb_first(&iommu->dma_list); node != end; node = rb_next(node))
		unmap_one(domain, rb_entry(node, struct vfio_dma, node));
}

static int map_all(struct vfio_iommu *iommu, struct iommu_domain *domain)
{
	struct rb_node *node;
	int ret;

	for (node = rb_first(&iommu->dma_list); node; node = rb_next(node)) {
		ret = map_one(domain, rb_entry(node, struct vfio_dma, node));
		if (ret) {
			unmap_until(iommu, domain, node);
			return ret;
		}
	}
	return 0;
}

static int attach(struct vfio_iommu_group *group)
{
	group->aux = iommu_dev_feature_enabled(group->iommu_device, IOMMU_DEV_FEAT_AUX);
	if (group->aux)
		return iommu_aux_attach_device(group->domain, group->iommu_device);
	return iommu_attach_device(group->domain, group->iommu_device);
}

static void detach(struct vfio_iommu_group *group)
{
	if (group->aux)
		iommu_aux_detach_device(group->domain, group->iommu_device);
	else
		iommu_detach_device(group->domain, group->iommu_device);
}

/*
 * Under the lock, before the group is in the list: give it a domain with all mappings, if it has an
 * IOMMU device. 0; -EIO: that has no IOMMU, or there is no memory for a domain; or what attaching
 * and mapping answer.
 */
int vfio_domain_attach_group(struct vfio_iommu *iommu, struct vfio_iommu_group *group)
{
	int ret;

	if (!group->iommu_device)
		return 0;
	group->domain = iommu_domain_alloc(group->iommu_device->bus);
	if (!group->domain)
		return -EIO;
	ret = attach(group);
	if (ret)
		goto err_free;
	ret = map_all(iommu, group->domain);
	if (ret)
		goto err_detach;
	return 0;

err_detach:
	detach(group);
err_free:
	iommu_domain_free(group->domain);
	group->domain = NULL;
	return ret;
}

/* Under the lock: undo vfio_domain_attach_group(). */
void vfio_domain_detach_group(struct vfio_iommu *iommu, struct vfio_iommu_group *group)
{
	if (!group->domain)
		return;
	detach(group);
	unmap_until(iommu, group->domain, NULL);
	iommu_domain_free(group->domain);
	group->domain = NULL;
}

struct iommu_domain *vfio_iommu_type1_group_iommu_domain(void *iommu_data,
							 struct iommu_group *iommu_group)
{
	struct iommu_domain *domain = ERR_PTR(-ENODEV);
	struct vfio_iommu *iommu = iommu_data;
	struct vfio_iommu_group *group;

	down_read(&iommu->lock);
	list_for_each_entry(group, &iommu->groups, next) {
		if (group->iommu_group == iommu_group && group->domain)
			domain = group->domain;
	}
	up_read(&iommu->lock);
	return domain;
}
