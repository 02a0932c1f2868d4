// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * How medu reaches the memory of its user.
 *
 * medu_dma_vendor: the driver sees to isolation. It pins the pages it needs and keeps a few of them
 * for the next time, until the user unmaps them (M15).
 *
 * medu_dma_iommu: an IOMMU does. The parent accesses memory under the PASID of the domain that VFIO
 * has made for the user (M16).
 */
#include "medu_dma.h"

#include <linux/err.h>
#include <linux/iommu.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/string.h>

/* Caller holds the lock. */
static void drop_pin(struct medu_dma *dma, struct medu_pin *pin)
{
	if (!pin->prot)
		return;
	vfio_unpin_pages(dma->dev, &pin->user_pfn, 1);
	pin->prot = 0;
}

/* The user's pages from @first to @last are not to be touched any more. */
static void drop_pins(struct medu_dma *dma, unsigned long first, unsigned long last)
{
	unsigned int i;

	mutex_lock(&dma->lock);
	for (i = 0; i < MEDU_NR_PINS; i++) {
		if (dma->pin[i].user_pfn >= first && dma->pin[i].user_pfn <= last)
			drop_pin(dma, &dma->pin[i]);
	}
	mutex_unlock(&dma->lock);
}

static int medu_dma_unmapped(struct notifier_block *nb, unsigned long action, void *data)
{
	struct medu_dma *dma = container_of(nb, struct medu_dma, nb);
	struct vfio_iommu_type1_dma_unmap *unmap = data;

	if (action != VFIO_IOMMU_NOTIFY_DMA_UNMAP)
		return NOTIFY_DONE;
	drop_pins(dma, unmap->iova >> PAGE_SHIFT, (unmap->iova + unmap->size - 1) >> PAGE_SHIFT);
	return NOTIFY_OK;
}

static int medu_dma_vendor_open(struct medu_dma *dma)
{
	unsigned long events = VFIO_IOMMU_NOTIFY_DMA_UNMAP;
	int ret;

	dma->group = vfio_group_get_external_user_from_dev(dma->dev);
	if (IS_ERR(dma->group))
		return PTR_ERR(dma->group);

	dma->nb.notifier_call = medu_dma_unmapped;
	ret = vfio_register_notifier(dma->dev, VFIO_IOMMU_NOTIFY, &events, &dma->nb);
	if (ret)
		vfio_group_put_external_user(dma->group);
	return ret;
}

static void medu_dma_vendor_close(struct medu_dma *dma)
{
	drop_pins(dma, 0, ULONG_MAX);
	vfio_unregister_notifier(dma->dev, VFIO_IOMMU_NOTIFY, &dma->nb);
	vfio_group_put_external_user(dma->group);
}

/* A pinned page, or NULL where it cannot be pinned. Caller holds the lock. */
static struct medu_pin *get_pin(struct medu_dma *dma, unsigned long user_pfn, int prot)
{
	struct medu_pin *pin;
	unsigned int i;

	for (i = 0; i < MEDU_NR_PINS; i++) {
		pin = &dma->pin[i];
		if (pin->user_pfn == user_pfn && pin->prot == prot)
			return pin;
	}

	pin = &dma->pin[dma->next];
	drop_pin(dma, pin);
	pin->user_pfn = user_pfn;
	if (vfio_pin_pages(dma->dev, &pin->user_pfn, 1, prot, &pin->pfn) != 1)
		return NULL;
	pin->prot = prot;
	dma->next = (dma->next + 1) % MEDU_NR_PINS;
	return pin;
}

static int access_page(struct medu_dma *dma, dma_addr_t addr, void *data, size_t count, bool write)
{
	struct medu_pin *pin;
	void *page;

	mutex_lock(&dma->lock);
	pin = get_pin(dma, addr >> PAGE_SHIFT, write ? IOMMU_WRITE : IOMMU_READ);
	if (pin) {
		page = pfn_to_kaddr(pin->pfn);
		if (write)
			memcpy(page + offset_in_page(addr), data, count);
		else
			memcpy(data, page + offset_in_page(addr), count);
	}
	mutex_unlock(&dma->lock);

	/* This may ask the user for it. */
	return pin ? 0 : vfio_dma_rw(dma->group, addr, data, count, write);
}

static int medu_dma_vendor_access(struct medu_dma *dma, dma_addr_t addr, void *data, size_t count,
				  bool write)
{
	size_t done, chunk;
	int ret;

	for (done = 0; done < count; done += chunk) {
		chunk = min_t(size_t, count - done, PAGE_SIZE - offset_in_page(addr + done));
		ret = access_page(dma, addr + done, data + done, chunk, write);
		if (ret)
			return ret;
	}
	return 0;
}

const struct medu_dma_ops medu_dma_vendor = {
	.open = medu_dma_vendor_open,
	.close = medu_dma_vendor_close,
	.access = medu_dma_vendor_access,
};

static int medu_dma_iommu_open(struct medu_dma *dma)
{
	struct iommu_domain *domain;
	int ret;

	dma->group = vfio_group_get_external_user_from_dev(dma->dev);
	if (IS_ERR(dma->group))
		return PTR_ERR(dma->group);

	domain = vfio_group_iommu_domain(dma->group);
	ret = IS_ERR(domain) ? PTR_ERR(domain) : iommu_aux_get_pasid(domain, dma->parent);
	if (ret < 0) {
		vfio_group_put_external_user(dma->group);
		return ret;
	}
	dma->pasid = ret;
	return 0;
}

static void medu_dma_iommu_close(struct medu_dma *dma)
{
	vfio_group_put_external_user(dma->group);
}

static int medu_dma_iommu_access(struct medu_dma *dma, dma_addr_t addr, void *data, size_t count,
				 bool write)
{
	return iommu_device_access(dma->parent, dma->pasid, addr, data, count, write);
}

const struct medu_dma_ops medu_dma_iommu = {
	.open = medu_dma_iommu_open,
	.close = medu_dma_iommu_close,
	.access = medu_dma_iommu_access,
};
