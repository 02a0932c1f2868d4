// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* Type1 backend: drivers reach the user's memory through its mappings, by pins or by copies. */
#include "vfio_iommu_type1.h"

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/vmstat.h>

static struct vfio_pfn *find_pfn(struct vfio_dma *dma, dma_addr_t iova)
{
	struct rb_node *node = dma->pfn_list.rb_node;

	while (node) {
		struct vfio_pfn *vpfn = rb_entry(node, struct vfio_pfn, node);

		if (iova == vpfn->iova)
			return vpfn;
		node = iova < vpfn->iova ? node->rb_left : node->rb_right;
	}
	return NULL;
}

static void link_pfn(struct vfio_dma *dma, struct vfio_pfn *new)
{
	struct rb_node **link = &dma->pfn_list.rb_node, *parent = NULL;

	while (*link) {
		struct vfio_pfn *vpfn = rb_entry(*link, struct vfio_pfn, node);

		parent = *link;
		link = new->iova < vpfn->iova ? &parent->rb_left : &parent->rb_right;
	}
	rb_link_node(&new->node, parent, link);
	rb_insert_color(&new->node, &dma->pfn_list);
}

static unsigned long dma_vaddr(const struct vfio_dma *dma, dma_addr_t iova)
{
	return dma->vaddr + (iova - dma->iova);
}

/* A page's mapping, for whoever has checked that there is one. */
static struct vfio_dma *dma_of_page(struct vfio_iommu *iommu, unsigned long user_pfn)
{
	dma_addr_t iova = (dma_addr_t)user_pfn << PAGE_SHIFT;

	return vfio_find_dma(iommu, iova, iova);
}

/* Where a page is in this process, if it may be pinned: 0, -EINVAL, -EPERM or -EFAULT. */
static int locate_page(struct vfio_iommu *iommu, unsigned long user_pfn, int prot,
		       unsigned long *phys_pfn)
{
	struct vfio_dma *dma;

	if (user_pfn > U64_MAX >> PAGE_SHIFT)
		return -EINVAL;
	dma = dma_of_page(iommu, user_pfn);
	if (!dma)
		return -EINVAL;
	if ((dma->prot & prot) != prot)
		return -EPERM;
	if (dma->remote)
		return -EFAULT;
	*phys_pfn = dma_vaddr(dma, (dma_addr_t)user_pfn << PAGE_SHIFT) >> PAGE_SHIFT;
	return 0;
}

/*
 * Where pages are in this process, if they all may be pinned. A page that its owner has cut off
 * from the mapped file must not become a driver's fault; what is there is found out for all pages
 * together, as it takes system calls. 0, or the errno of the first page that is not to be had.
 */
static int locate_pages(struct vfio_iommu *iommu, const unsigned long *user_pfn, int npage,
			int prot, unsigned long *phys_pfn)
{
	int ret = 0;
	int i;

	for (i = 0; i < npage; i++) {
		ret = locate_page(iommu, user_pfn[i], prot, &phys_pfn[i]);
		if (ret)
			break;
	}
	return count_pages_nofault(phys_pfn, i) < i ? -EFAULT : ret;
}

/* Pin a page that was located. */
static int pin_page(struct vfio_iommu *iommu, unsigned long user_pfn)
{
	struct vfio_dma *dma = dma_of_page(iommu, user_pfn);
	dma_addr_t iova = (dma_addr_t)user_pfn << PAGE_SHIFT;
	struct vfio_pfn *vpfn = find_pfn(dma, iova);

	if (!vpfn) {
		vpfn = kzalloc(sizeof(*vpfn), GFP_KERNEL);
		if (!vpfn)
			return -ENOMEM;
		vpfn->iova = iova;
		link_pfn(dma, vpfn);
		mod_node_page_state(NULL, NR_DMA_PINNED, 1);
	}
	vpfn->ref++;
	vfio_dma_set_dirty(dma, iova, PAGE_SIZE);
	return 0;
}

static int unpin_page(struct vfio_iommu *iommu, unsigned long user_pfn)
{
	dma_addr_t iova = (dma_addr_t)user_pfn << PAGE_SHIFT;
	struct vfio_pfn *vpfn;
	struct vfio_dma *dma;

	if (user_pfn > U64_MAX >> PAGE_SHIFT)
		return -EINVAL;
	dma = vfio_find_dma(iommu, iova, iova);
	if (!dma)
		return -EINVAL;
	vpfn = find_pfn(dma, iova);
	if (!vpfn)
		return -EINVAL;

	if (!--vpfn->ref) {
		rb_erase(&vpfn->node, &dma->pfn_list);
		kfree(vpfn);
		mod_node_page_state(NULL, NR_DMA_PINNED, -1);
	}
	return 0;
}

/* Drop what drivers that are gone have left pinned. */
void vfio_dma_forget_pins(struct vfio_dma *dma)
{
	struct rb_node *node;

	while ((node = rb_first(&dma->pfn_list))) {
		rb_erase(node, &dma->pfn_list);
		kfree(rb_entry(node, struct vfio_pfn, node));
		mod_node_page_state(NULL, NR_DMA_PINNED, -1);
	}
}

int vfio_iommu_type1_pin_pages(void *iommu_data, struct iommu_group *iommu_group,
			       unsigned long *user_pfn, int npage, int prot,
			       unsigned long *phys_pfn)
{
	struct vfio_iommu *iommu = iommu_data;
	int ret;
	int i;

	if (!iommu->v2)
		return -EACCES;
	/* Nobody could take the pages back from a driver that does not listen. */
	if (!atomic_read(&iommu->notifiers))
		return -EINVAL;

	down_write(&iommu->lock);
	ret = locate_pages(iommu, user_pfn, npage, prot, phys_pfn);
	if (ret)
		goto err_unlock;
	for (i = 0; i < npage; i++) {
		ret = pin_page(iommu, user_pfn[i]);
		if (ret)
			goto err_unpin;
	}
	up_write(&iommu->lock);
	return npage;

err_unpin:
	while (i--)
		unpin_page(iommu, user_pfn[i]);
err_unlock:
	up_write(&iommu->lock);
	/* No address is left to a driver that does not look at the answer. */
	memset(phys_pfn, 0, npage * sizeof(*phys_pfn));
	return ret;
}

int vfio_iommu_type1_unpin_pages(void *iommu_data, unsigned long *user_pfn, int npage)
{
	struct vfio_iommu *iommu = iommu_data;
	int i;

	if (!iommu->v2)
		return -EACCES;

	down_write(&iommu->lock);
	for (i = 0; i < npage; i++) {
		if (unpin_page(iommu, user_pfn[i]))
			break;
	}
	up_write(&iommu->lock);
	return i ? i : -EINVAL;
}

/* Through messages, without the lock; the mapping may go meanwhile, but its memory stays. */
static int copy_remote(struct vfio_iommu *iommu, struct vfio_dma *dma, dma_addr_t iova, void *data,
		       size_t count, bool write)
{
	int ret;

	if (!write)
		return dma->remote->read(dma->opaque, iova, data, count);

	ret = dma->remote->write(dma->opaque, iova, data, count);
	if (ret)
		return ret;
	down_read(&iommu->lock);
	if (vfio_find_dma(iommu, iova, iova) == dma)
		vfio_dma_set_dirty(dma, iova, count);
	up_read(&iommu->lock);
	return 0;
}

static int copy_local(struct vfio_dma *dma, dma_addr_t iova, void *data, size_t count, bool write)
{
	void *vaddr = (void *)dma_vaddr(dma, iova);

	if (!write)
		return copy_from_kernel_nofault(data, vaddr, count);
	if (copy_to_kernel_nofault(vaddr, data, count))
		return -EFAULT;
	vfio_dma_set_dirty(dma, iova, count);
	return 0;
}

/* Copy what lies in the mapping at @iova: the bytes copied, up to @count, or an errno. */
static ssize_t copy_in_mapping(struct vfio_iommu *iommu, dma_addr_t iova, void *data, size_t count,
			       bool write)
{
	struct vfio_dma *dma;
	int ret = 0;

	down_read(&iommu->lock);
	dma = vfio_find_dma(iommu, iova, iova);
	if (!dma)
		ret = -EINVAL;
	else if (!(dma->prot & (write ? IOMMU_WRITE : IOMMU_READ)))
		ret = -EPERM;
	if (ret) {
		up_read(&iommu->lock);
		return ret;
	}

	count = min_t(u64, count, vfio_dma_last(dma) - iova + 1);
	if (!dma->remote) {
		ret = copy_local(dma, iova, data, count, write);
		up_read(&iommu->lock);
	} else {
		kref_get(&dma->kref);
		up_read(&iommu->lock);
		ret = copy_remote(iommu, dma, iova, data, count, write);
		vfio_dma_put(dma);
	}
	return ret ? ret : (ssize_t)count;
}

int vfio_iommu_type1_dma_rw(void *iommu_data, dma_addr_t user_iova, void *data, size_t count,
			    bool write)
{
	ssize_t done;

	while (count) {
		done = copy_in_mapping(iommu_data, user_iova, data, count, write);
		if (done < 0)
			return done;
		user_iova += done;
		data += done;
		count -= done;
	}
	return 0;
}
