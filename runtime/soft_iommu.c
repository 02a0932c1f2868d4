// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * The software IOMMU: address spaces for the DMA of emulated devices.
 *
 * A device behind it accesses memory with iommu_device_access(), which stands for a transaction on
 * a bus: an address, and perhaps a PASID. Without a PASID the transaction goes through the domain
 * that the device is attached to, with one through the auxiliary domain of that PASID, and where
 * neither maps the address it faults: nothing is copied, and the fault is counted and reported. A
 * physical address is an address in this process.
 *
 * Locks, in this order:
 *
 *  - soft_device.lock: which domains the device is attached to. Held for reading during an access,
 *    so that after a detach none is in progress.
 *  - soft_domain.lock: the domain's mappings, likewise, so that memory may go once it is unmapped.
 *
 * pasid_lock is the innermost. A fault is reported with the device's lock held for reading, which
 * keeps the domain there.
 */
#define pr_fmt(fmt) "soft_iommu: " fmt

#include <linux/atomic.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/idr.h>
#include <linux/init.h>
#include <linux/iommu.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/rbtree.h>
#include <linux/rwsem.h>
#include <linux/slab.h>
#include <linux/sysfs.h>
#include <linux/uaccess.h>

/* PASIDs have 20 bits (PCI Express Base Specification, PASID TLP prefix); 0 is for no PASID. */
#define SOFT_PASID_MAX 0xfffff

/**
 * struct soft_domain - an address space
 * @domain: its public part
 * @lock: covers @mappings
 * @mappings: struct soft_mapping by IOVA; they do not overlap
 * @pasid: of the domain where it is used as an auxiliary one, else IOMMU_NO_PASID; under @pasid_lock
 * @pasid_users: devices that it is attached to as an auxiliary domain; under @pasid_lock
 */
struct soft_domain {
	struct iommu_domain domain;
	struct rw_semaphore lock;
	struct rb_root mappings;
	u32 pasid;
	unsigned int pasid_users;
};

/* A range of addresses that a domain maps. */
struct soft_mapping {
	struct rb_node node;
	dma_addr_t iova;
	size_t size;
	phys_addr_t paddr;
	int prot;
};

/**
 * struct soft_device - a device behind the IOMMU
 * @lock: covers what follows
 * @domain: where its own DMA goes, or NULL
 * @aux_enabled: IOMMU_DEV_FEAT_AUX is
 * @aux: its auxiliary domains by PASID
 */
struct soft_device {
	struct rw_semaphore lock;
	struct soft_domain *domain;
	bool aux_enabled;
	struct idr aux;
};

/* Which domain has which PASID; taken inside a device's lock. */
static DEFINE_MUTEX(pasid_lock);
static DEFINE_IDA(pasids);

/* Accesses refused, of all devices. */
static atomic64_t soft_faults = ATOMIC64_INIT(0);

static struct class *iommu_class;
static struct device *soft_iommu_device;

static struct soft_domain *to_soft_domain(struct iommu_domain *domain)
{
	return container_of(domain, struct soft_domain, domain);
}

static struct soft_device *to_soft_device(struct device *dev)
{
	return dev->iommu->priv;
}

static dma_addr_t mapping_last(const struct soft_mapping *map)
{
	return map->iova + map->size - 1;
}

/* The first mapping that has bytes of [first, last], or NULL. */
static struct soft_mapping *find_mapping(struct soft_domain *domain, dma_addr_t first,
					 dma_addr_t last)
{
	struct rb_node *node = domain->mappings.rb_node;
	struct soft_mapping *found = NULL;

	while (node) {
		struct soft_mapping *map = rb_entry(node, struct soft_mapping, node);

		if (mapping_last(map) >= first) {
			found = map;
			node = node->rb_left;
		} else {
			node = node->rb_right;
		}
	}
	return found && found->iova <= last ? found : NULL;
}

static void link_mapping(struct soft_domain *domain, struct soft_mapping *new)
{
	struct rb_node **link = &domain->mappings.rb_node, *parent = NULL;

	while (*link) {
		struct soft_mapping *map = rb_entry(*link, struct soft_mapping, node);

		parent = *link;
		link = new->iova < map->iova ? &parent->rb_left : &parent->rb_right;
	}
	rb_link_node(&new->node, parent, link);
	rb_insert_color(&new->node, &domain->mappings);
}

static void remove_mapping(struct soft_domain *domain, struct soft_mapping *map)
{
	rb_erase(&map->node, &domain->mappings);
	kfree(map);
}

static struct iommu_domain *soft_domain_alloc(unsigned int type)
{
	struct soft_domain *domain;

	if (type != IOMMU_DOMAIN_UNMANAGED)
		return NULL;
	domain = kzalloc(sizeof(*domain), GFP_KERNEL);
	if (!domain)
		return NULL;

	init_rwsem(&domain->lock);
	domain->mappings = RB_ROOT;
	domain->domain.geometry.aperture_end = ~(dma_addr_t)0;
	domain->domain.geometry.force_aperture = true;
	return &domain->domain;
}

static void soft_domain_free(struct iommu_domain *iommu_domain)
{
	struct soft_domain *domain = to_soft_domain(iommu_domain);
	struct rb_node *node;

	WARN_ON(domain->pasid_users);
	while ((node = rb_first(&domain->mappings)))
		remove_mapping(domain, rb_entry(node, struct soft_mapping, node));
	kfree(domain);
}

static int soft_map(struct iommu_domain *iommu_domain, unsigned long iova, phys_addr_t paddr,
		    size_t size, int prot, gfp_t gfp)
{
	struct soft_domain *domain = to_soft_domain(iommu_domain);
	struct soft_mapping *map;
	int ret = 0;

	map = kzalloc(sizeof(*map), gfp);
	if (!map)
		return -ENOMEM;
	map->iova = iova;
	map->size = size;
	map->paddr = paddr;
	map->prot = prot;

	down_write(&domain->lock);
	if (find_mapping(domain, iova, mapping_last(map)))
		ret = -EEXIST;
	else
		link_mapping(domain, map);
	up_write(&domain->lock);

	if (ret)
		kfree(map);
	return ret;
}

/*
 * Make a mapping that begins before @at end there, and its rest one of its own, so that a range
 * can be cut out of it. False where there is no memory. Caller holds the lock for writing.
 */
static bool split_mapping(struct soft_domain *domain, dma_addr_t at)
{
	struct soft_mapping *map = find_mapping(domain, at, at);
	struct soft_mapping *rest;

	if (!map || map->iova == at)
		return true;
	rest = kzalloc(sizeof(*rest), GFP_KERNEL);
	if (!rest)
		return false;

	rest->iova = at;
	rest->size = mapping_last(map) - at + 1;
	rest->paddr = map->paddr + (at - map->iova);
	rest->prot = map->prot;
	map->size -= rest->size;
	link_mapping(domain, rest);
	return true;
}

static size_t soft_unmap(struct iommu_domain *iommu_domain, unsigned long iova, size_t size)
{
	struct soft_domain *domain = to_soft_domain(iommu_domain);
	dma_addr_t last = iova + size - 1;
	struct soft_mapping *map;
	size_t unmapped = 0;

	down_write(&domain->lock);
	if (!split_mapping(domain, iova) || (last + 1 && !split_mapping(domain, last + 1)))
		goto out;
	while ((map = find_mapping(domain, iova, last))) {
		unmapped += map->size;
		remove_mapping(domain, map);
	}
out:
	up_write(&domain->lock);
	return unmapped;
}

static phys_addr_t soft_iova_to_phys(struct iommu_domain *iommu_domain, dma_addr_t iova)
{
	struct soft_domain *domain = to_soft_domain(iommu_domain);
	struct soft_mapping *map;
	phys_addr_t paddr;

	down_read(&domain->lock);
	map = find_mapping(domain, iova, iova);
	paddr = map ? map->paddr + (iova - map->iova) : 0;
	up_read(&domain->lock);
	return paddr;
}

static int soft_probe_device(struct device *dev)
{
	struct soft_device *sdev = kzalloc(sizeof(*sdev), GFP_KERNEL);

	if (!sdev)
		return -ENOMEM;
	init_rwsem(&sdev->lock);
	idr_init(&sdev->aux);
	dev->iommu->priv = sdev;
	return 0;
}

static void soft_release_device(struct device *dev)
{
	struct soft_device *sdev = to_soft_device(dev);

	WARN_ON(sdev->domain || !idr_is_empty(&sdev->aux));
	idr_destroy(&sdev->aux);
	dev->iommu->priv = NULL;
	kfree(sdev);
}

static int soft_attach_dev(struct iommu_domain *domain, struct device *dev)
{
	struct soft_device *sdev = to_soft_device(dev);
	int ret = 0;

	down_write(&sdev->lock);
	if (sdev->domain)
		ret = -EBUSY;
	else
		sdev->domain = to_soft_domain(domain);
	up_write(&sdev->lock);
	return ret;
}

static void soft_detach_dev(struct iommu_domain *domain, struct device *dev)
{
	struct soft_device *sdev = to_soft_device(dev);

	down_write(&sdev->lock);
	if (sdev->domain == to_soft_domain(domain))
		sdev->domain = NULL;
	up_write(&sdev->lock);
}

static bool soft_dev_has_feat(struct device *dev, enum iommu_dev_features feat)
{
	return feat == IOMMU_DEV_FEAT_AUX;
}

static bool soft_dev_feat_enabled(struct device *dev, enum iommu_dev_features feat)
{
	return feat == IOMMU_DEV_FEAT_AUX && READ_ONCE(to_soft_device(dev)->aux_enabled);
}

static int soft_dev_enable_feat(struct device *dev, enum iommu_dev_features feat)
{
	struct soft_device *sdev = to_soft_device(dev);

	if (feat != IOMMU_DEV_FEAT_AUX)
		return -ENODEV;
	down_write(&sdev->lock);
	WRITE_ONCE(sdev->aux_enabled, true);
	up_write(&sdev->lock);
	return 0;
}

static int soft_dev_disable_feat(struct device *dev, enum iommu_dev_features feat)
{
	struct soft_device *sdev = to_soft_device(dev);
	int ret = 0;

	if (feat != IOMMU_DEV_FEAT_AUX)
		return -ENODEV;
	down_write(&sdev->lock);
	if (idr_is_empty(&sdev->aux))
		WRITE_ONCE(sdev->aux_enabled, false);
	else
		ret = -EBUSY;
	up_write(&sdev->lock);
	return ret;
}

/* One more device uses the domain with its PASID, which it gets with the first. */
static int domain_get_pasid(struct soft_domain *domain)
{
	int ret;

	mutex_lock(&pasid_lock);
	ret = domain->pasid;
	if (!domain->pasid_users)
		ret = ida_alloc_range(&pasids, IOMMU_NO_PASID + 1, SOFT_PASID_MAX, GFP_KERNEL);
	if (ret > 0) {
		domain->pasid = ret;
		domain->pasid_users++;
	}
	mutex_unlock(&pasid_lock);
	return ret;
}

static void domain_put_pasid(struct soft_domain *domain)
{
	mutex_lock(&pasid_lock);
	if (!--domain->pasid_users) {
		ida_free(&pasids, domain->pasid);
		domain->pasid = IOMMU_NO_PASID;
	}
	mutex_unlock(&pasid_lock);
}

static int soft_aux_attach_dev(struct iommu_domain *iommu_domain, struct device *dev)
{
	struct soft_domain *domain = to_soft_domain(iommu_domain);
	struct soft_device *sdev = to_soft_device(dev);
	int pasid;
	int ret;

	down_write(&sdev->lock);
	if (!sdev->aux_enabled) {
		ret = -ENODEV;
		goto out;
	}
	pasid = domain_get_pasid(domain);
	if (pasid < 0) {
		ret = pasid;
		goto out;
	}
	ret = idr_alloc(&sdev->aux, domain, pasid, pasid + 1, GFP_KERNEL);
	if (ret < 0) {
		domain_put_pasid(domain);
		ret = ret == -ENOSPC ? -EBUSY : ret;
	} else {
		ret = 0;
	}
out:
	up_write(&sdev->lock);
	return ret;
}

static void soft_aux_detach_dev(struct iommu_domain *iommu_domain, struct device *dev)
{
	struct soft_domain *domain = to_soft_domain(iommu_domain);
	struct soft_device *sdev = to_soft_device(dev);

	down_write(&sdev->lock);
	if (domain->pasid_users && idr_find(&sdev->aux, domain->pasid) == domain) {
		idr_remove(&sdev->aux, domain->pasid);
		domain_put_pasid(domain);
	}
	up_write(&sdev->lock);
}

static int soft_aux_get_pasid(struct iommu_domain *iommu_domain, struct device *dev)
{
	struct soft_domain *domain = to_soft_domain(iommu_domain);
	struct soft_device *sdev = to_soft_device(dev);
	int ret = -ENODEV;

	down_read(&sdev->lock);
	mutex_lock(&pasid_lock);
	if (domain->pasid_users && idr_find(&sdev->aux, domain->pasid) == domain)
		ret = domain->pasid;
	mutex_unlock(&pasid_lock);
	up_read(&sdev->lock);
	return ret;
}

static int copy_phys(phys_addr_t paddr, void *data, size_t count, bool write)
{
	void *vaddr = (void *)(uintptr_t)paddr;

	return write ? copy_to_kernel_nofault(vaddr, data, count)
		     : copy_from_kernel_nofault(data, vaddr, count);
}

/* Copy until the first address that the domain does not map so; *@iova is that then. */
static int access_domain(struct soft_domain *domain, dma_addr_t *iova, void *data, size_t count,
			 bool write)
{
	int need = write ? IOMMU_WRITE : IOMMU_READ;
	int ret = 0;

	down_read(&domain->lock);
	while (count) {
		struct soft_mapping *map = find_mapping(domain, *iova, *iova);
		size_t chunk;

		if (!map || !(map->prot & need)) {
			ret = -EFAULT;
			break;
		}
		chunk = min_t(u64, count, mapping_last(map) - *iova + 1);
		ret = copy_phys(map->paddr + (*iova - map->iova), data, chunk, write);
		if (ret)
			break;
		*iova += chunk;
		data += chunk;
		count -= chunk;
	}
	up_read(&domain->lock);
	return ret;
}

static void soft_fault(struct soft_domain *domain, struct device *dev, u32 pasid, dma_addr_t iova,
		       bool write)
{
	atomic64_inc(&soft_faults);
	if (domain && !report_iommu_fault(&domain->domain, dev, iova,
					  write ? IOMMU_FAULT_WRITE : IOMMU_FAULT_READ))
		return;
	dev_err_ratelimited(dev, "DMA fault: %s of IOVA %#llx, PASID %u\n",
			    write ? "write" : "read", (unsigned long long)iova, pasid);
}

static int soft_device_access(struct device *dev, u32 pasid, dma_addr_t iova, void *data,
			      size_t count, bool write)
{
	struct soft_device *sdev = to_soft_device(dev);
	struct soft_domain *domain;
	int ret = -EFAULT;

	down_read(&sdev->lock);
	domain = pasid == IOMMU_NO_PASID ? sdev->domain : idr_find(&sdev->aux, pasid);
	if (domain)
		ret = access_domain(domain, &iova, data, count, write);
	if (ret)
		soft_fault(domain, dev, pasid, iova, write);
	up_read(&sdev->lock);
	return ret;
}

const struct iommu_ops soft_iommu_ops = {
	.domain_alloc = soft_domain_alloc,
	.domain_free = soft_domain_free,
	.probe_device = soft_probe_device,
	.release_device = soft_release_device,
	.attach_dev = soft_attach_dev,
	.detach_dev = soft_detach_dev,
	.map = soft_map,
	.unmap = soft_unmap,
	.iova_to_phys = soft_iova_to_phys,
	.dev_has_feat = soft_dev_has_feat,
	.dev_feat_enabled = soft_dev_feat_enabled,
	.dev_enable_feat = soft_dev_enable_feat,
	.dev_disable_feat = soft_dev_disable_feat,
	.aux_attach_dev = soft_aux_attach_dev,
	.aux_detach_dev = soft_aux_detach_dev,
	.aux_get_pasid = soft_aux_get_pasid,
	.device_access = soft_device_access,
	.pgsize_bitmap = PAGE_MASK,
};

static ssize_t faults_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%lld\n", (long long)atomic64_read(&soft_faults));
}
static DEVICE_ATTR_RO(faults);

static struct attribute *soft_iommu_attrs[] = {
	&dev_attr_faults.attr,
	NULL,
};

static const struct attribute_group soft_iommu_group = {
	.name = "soft-iommu",
	.attrs = soft_iommu_attrs,
};

static const struct attribute_group *soft_iommu_groups[] = {
	&soft_iommu_group,
	NULL,
};

static int __init soft_iommu_init(void)
{
	iommu_class = class_create(THIS_MODULE, "iommu");
	if (IS_ERR(iommu_class))
		return PTR_ERR(iommu_class);

	soft_iommu_device = device_create_with_groups(iommu_class, NULL, 0, NULL, soft_iommu_groups,
						      "soft-iommu");
	if (IS_ERR(soft_iommu_device)) {
		class_destroy(iommu_class);
		return PTR_ERR(soft_iommu_device);
	}
	return 0;
}

static void __exit soft_iommu_exit(void)
{
	device_unregister(soft_iommu_device);
	class_destroy(iommu_class);
}

subsys_initcall(soft_iommu_init);
module_exit(soft_iommu_exit);
