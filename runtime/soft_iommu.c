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
 *  - soft_device.lock: attaching and detaching. An access does without.
 *  - soft_gate.lock: where the DMA with one PASID goes. Held for reading during an access, so that
 *    after a detach none is in progress.
 *  - soft_domain.lock: the domain's mappings, likewise, so that memory may go once it is unmapped.
 *
 * pasid_lock is the innermost. A fault is reported with the gate's lock held for reading, which
 * keeps the domain there.
 *
 * The mediated devices of one parent have a PASID each, and a domain each. They share the table
 * that leads to the gates, which is read without a lock since it only grows, but no lock nor cache
 * line that an access writes to. Domains are in soft_domain.c.
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
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/rwsem.h>
#include <linux/slab.h>
#include <linux/sysfs.h>

#include "soft_iommu.h"

/*
 * PASIDs have 20 bits (PCI Express Base Specification, PASID TLP prefix); 0 is for no PASID. Tables
 * of gates have two levels of half as many.
 */
#define SOFT_PASID_MAX	0xfffff
#define SOFT_TABLE_BITS 10
#define SOFT_TABLE_SIZE (1u << SOFT_TABLE_BITS)

/**
 * struct soft_gate - the way of one device's DMA with one PASID
 * @lock: covers @domain
 * @domain: where it leads, or NULL; written under the device's lock, too
 *
 * Once there, it stays until the device goes, so that it can be found without a lock.
 */
struct soft_gate {
	struct rw_semaphore lock;
	struct soft_domain *domain;
} ____cacheline_aligned;

/* The gates of PASIDs next to each other, NULL where none was needed yet; atomic. */
struct soft_gates {
	struct soft_gate *gate[SOFT_TABLE_SIZE];
};

/**
 * struct soft_device - a device behind the IOMMU
 * @lock: covers the rest, but for readers of @gates
 * @gates: its gates by PASID, IOMMU_NO_PASID's included; NULL likewise; atomic
 * @aux_enabled: IOMMU_DEV_FEAT_AUX is; atomic
 * @aux_domains: how many auxiliary domains it is attached to
 */
struct soft_device {
	struct mutex lock;
	struct soft_gates *gates[SOFT_TABLE_SIZE];
	bool aux_enabled;
	unsigned int aux_domains;
};

/* Which domain has which PASID; taken inside a device's lock. */
static DEFINE_MUTEX(pasid_lock);
static DEFINE_IDA(pasids);

static struct kmem_cache *gate_cache;

/* Accesses refused, of all devices. */
static atomic64_t soft_faults = ATOMIC64_INIT(0);

static struct class *iommu_class;
static struct device *soft_iommu_device;

static struct soft_device *to_soft_device(struct device *dev)
{
	return dev->iommu->priv;
}

/* The gate of a PASID, or NULL where the device was never attached with it. Takes no lock. */
static struct soft_gate *find_gate(struct soft_device *sdev, u32 pasid)
{
	struct soft_gates *gates;

	if (pasid > SOFT_PASID_MAX)
		return NULL;
	gates = smp_load_acquire(&sdev->gates[pasid >> SOFT_TABLE_BITS]);
	return gates ? smp_load_acquire(&gates->gate[pasid % SOFT_TABLE_SIZE]) : NULL;
}

/* Under the device's lock: the same, made if it is not there; NULL without memory. */
static struct soft_gate *get_gate(struct soft_device *sdev, u32 pasid)
{
	struct soft_gates *gates = sdev->gates[pasid >> SOFT_TABLE_BITS];
	struct soft_gate *gate;

	if (!gates) {
		gates = kzalloc(sizeof(*gates), GFP_KERNEL);
		if (!gates)
			return NULL;
		smp_store_release(&sdev->gates[pasid >> SOFT_TABLE_BITS], gates);
	}
	gate = gates->gate[pasid % SOFT_TABLE_SIZE];
	if (!gate) {
		gate = kmem_cache_zalloc(gate_cache, GFP_KERNEL);
		if (!gate)
			return NULL;
		init_rwsem(&gate->lock);
		smp_store_release(&gates->gate[pasid % SOFT_TABLE_SIZE], gate);
	}
	return gate;
}

static void free_gates(struct soft_device *sdev)
{
	unsigned int i, j;

	for (i = 0; i < SOFT_TABLE_SIZE; i++) {
		for (j = 0; sdev->gates[i] && j < SOFT_TABLE_SIZE; j++)
			kmem_cache_free(gate_cache, sdev->gates[i]->gate[j]);
		kfree(sdev->gates[i]);
	}
}

/* Under the device's lock: let the DMA with a PASID go to a domain. 0, -EBUSY or -ENOMEM. */
static int open_gate(struct soft_device *sdev, u32 pasid, struct soft_domain *domain)
{
	struct soft_gate *gate = get_gate(sdev, pasid);

	if (!gate)
		return -ENOMEM;
	if (gate->domain)
		return -EBUSY;
	down_write(&gate->lock);
	gate->domain = domain;
	up_write(&gate->lock);
	return 0;
}

/* Under the device's lock: let it go nowhere. No access is in progress on return. */
static void close_gate(struct soft_gate *gate)
{
	down_write(&gate->lock);
	gate->domain = NULL;
	up_write(&gate->lock);
}

static int soft_probe_device(struct device *dev)
{
	struct soft_device *sdev = kzalloc(sizeof(*sdev), GFP_KERNEL);

	if (!sdev)
		return -ENOMEM;
	mutex_init(&sdev->lock);
	dev->iommu->priv = sdev;
	return 0;
}

static void soft_release_device(struct device *dev)
{
	struct soft_device *sdev = to_soft_device(dev);
	struct soft_gate *own = find_gate(sdev, IOMMU_NO_PASID);

	WARN_ON(sdev->aux_domains || (own && own->domain));
	free_gates(sdev);
	dev->iommu->priv = NULL;
	kfree(sdev);
}

static int soft_attach_dev(struct iommu_domain *domain, struct device *dev)
{
	struct soft_device *sdev = to_soft_device(dev);
	int ret;

	mutex_lock(&sdev->lock);
	ret = open_gate(sdev, IOMMU_NO_PASID, to_soft_domain(domain));
	mutex_unlock(&sdev->lock);
	return ret;
}

static void soft_detach_dev(struct iommu_domain *domain, struct device *dev)
{
	struct soft_device *sdev = to_soft_device(dev);
	struct soft_gate *gate;

	mutex_lock(&sdev->lock);
	gate = find_gate(sdev, IOMMU_NO_PASID);
	if (gate && gate->domain == to_soft_domain(domain))
		close_gate(gate);
	mutex_unlock(&sdev->lock);
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
	mutex_lock(&sdev->lock);
	WRITE_ONCE(sdev->aux_enabled, true);
	mutex_unlock(&sdev->lock);
	return 0;
}

static int soft_dev_disable_feat(struct device *dev, enum iommu_dev_features feat)
{
	struct soft_device *sdev = to_soft_device(dev);
	int ret = 0;

	if (feat != IOMMU_DEV_FEAT_AUX)
		return -ENODEV;
	mutex_lock(&sdev->lock);
	if (sdev->aux_domains)
		ret = -EBUSY;
	else
		WRITE_ONCE(sdev->aux_enabled, false);
	mutex_unlock(&sdev->lock);
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

/* Under the device's lock: attach it with the domain's PASID. */
static int attach_aux(struct soft_device *sdev, struct soft_domain *domain)
{
	int pasid, ret;

	if (!sdev->aux_enabled)
		return -ENODEV;
	pasid = domain_get_pasid(domain);
	if (pasid < 0)
		return pasid;
	ret = open_gate(sdev, pasid, domain);
	if (ret)
		domain_put_pasid(domain);
	else
		sdev->aux_domains++;
	return ret;
}

static int soft_aux_attach_dev(struct iommu_domain *domain, struct device *dev)
{
	struct soft_device *sdev = to_soft_device(dev);
	int ret;

	mutex_lock(&sdev->lock);
	ret = attach_aux(sdev, to_soft_domain(domain));
	mutex_unlock(&sdev->lock);
	return ret;
}

/* Under the device's lock: the gate by which it reaches an auxiliary domain, or NULL. */
static struct soft_gate *find_aux_gate(struct soft_device *sdev, struct soft_domain *domain,
				       u32 *pasid)
{
	struct soft_gate *gate;

	mutex_lock(&pasid_lock);
	*pasid = domain->pasid;
	mutex_unlock(&pasid_lock);
	if (*pasid == IOMMU_NO_PASID)
		return NULL;
	gate = find_gate(sdev, *pasid);
	return gate && gate->domain == domain ? gate : NULL;
}

static void soft_aux_detach_dev(struct iommu_domain *iommu_domain, struct device *dev)
{
	struct soft_domain *domain = to_soft_domain(iommu_domain);
	struct soft_device *sdev = to_soft_device(dev);
	struct soft_gate *gate;
	u32 pasid;

	mutex_lock(&sdev->lock);
	gate = find_aux_gate(sdev, domain, &pasid);
	if (gate) {
		close_gate(gate);
		domain_put_pasid(domain);
		sdev->aux_domains--;
	}
	mutex_unlock(&sdev->lock);
}

static int soft_aux_get_pasid(struct iommu_domain *iommu_domain, struct device *dev)
{
	struct soft_device *sdev = to_soft_device(dev);
	struct soft_gate *gate;
	u32 pasid;

	mutex_lock(&sdev->lock);
	gate = find_aux_gate(sdev, to_soft_domain(iommu_domain), &pasid);
	mutex_unlock(&sdev->lock);
	return gate ? (int)pasid : -ENODEV;
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
	struct soft_gate *gate = find_gate(to_soft_device(dev), pasid);
	int ret = -EFAULT;

	if (!gate) {
		soft_fault(NULL, dev, pasid, iova, write);
		return ret;
	}
	down_read(&gate->lock);
	if (gate->domain)
		ret = soft_domain_access(gate->domain, &iova, data, count, write);
	if (ret)
		soft_fault(gate->domain, dev, pasid, iova, write);
	up_read(&gate->lock);
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
	int ret;

	ret = soft_domains_init();
	if (ret)
		return ret;

	ret = -ENOMEM;
	gate_cache = kmem_cache_create("soft_gate", sizeof(struct soft_gate),
				       __alignof__(struct soft_gate), 0, NULL);
	if (!gate_cache)
		goto err_domains;

	iommu_class = class_create(THIS_MODULE, "iommu");
	if (IS_ERR(iommu_class)) {
		ret = PTR_ERR(iommu_class);
		goto err_cache;
	}

	soft_iommu_device = device_create_with_groups(iommu_class, NULL, 0, NULL, soft_iommu_groups,
						      "soft-iommu");
	if (IS_ERR(soft_iommu_device)) {
		ret = PTR_ERR(soft_iommu_device);
		goto err_class;
	}
	return 0;

err_class:
	class_destroy(iommu_class);
err_cache:
	kmem_cache_destroy(gate_cache);
err_domains:
	soft_domains_exit();
	return ret;
}

static void __exit soft_iommu_exit(void)
{
	device_unregister(soft_iommu_device);
	class_destroy(iommu_class);
	kmem_cache_destroy(gate_cache);
	soft_domains_exit();
}

subsys_initcall(soft_iommu_init);
module_exit(soft_iommu_exit);
