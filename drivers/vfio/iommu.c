// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * The IOMMU API: domains, what they map, and the devices whose DMA goes through them. The work is
 * done by the IOMMU behind the device's bus; on the platform bus that is the runtime's software
 * IOMMU. IOMMU groups are in iommu_group.c.
 */
#define pr_fmt(fmt) "iommu: " fmt

#include <linux/device.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/init.h>
#include <linux/iommu.h>
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/platform_device.h>
#include <linux/slab.h>

static const struct iommu_ops *dev_iommu_ops(struct device *dev)
{
	return dev->iommu && dev->bus ? dev->bus->iommu_ops : NULL;
}

/* The IOMMU begins to serve a device, which gets a group of its own. */
static int iommu_probe_device(struct device *dev)
{
	const struct iommu_ops *ops = dev->bus->iommu_ops;
	struct iommu_group *group;
	int ret;

	dev->iommu = kzalloc(sizeof(*dev->iommu), GFP_KERNEL);
	if (!dev->iommu)
		return -ENOMEM;

	ret = ops->probe_device(dev);
	if (ret)
		goto err_free;

	group = iommu_group_alloc();
	if (IS_ERR(group)) {
		ret = PTR_ERR(group);
		goto err_release;
	}
	ret = iommu_group_add_device(group, dev);
	iommu_group_put(group);
	if (ret)
		goto err_release;
	return 0;

err_release:
	ops->release_device(dev);
err_free:
	kfree(dev->iommu);
	dev->iommu = NULL;
	return ret;
}

static void iommu_release_device(struct device *dev)
{
	if (!dev->iommu)
		return;
	iommu_group_remove_device(dev);
	dev->bus->iommu_ops->release_device(dev);
	kfree(dev->iommu);
	dev->iommu = NULL;
}

static int iommu_bus_notifier(struct notifier_block *nb, unsigned long action, void *data)
{
	struct device *dev = data;
	int ret;

	if (action == BUS_NOTIFY_ADD_DEVICE) {
		ret = iommu_probe_device(dev);
		if (ret)
			dev_warn(dev, "Not behind the IOMMU: error %d\n", ret);
	} else if (action == BUS_NOTIFY_REMOVED_DEVICE) {
		iommu_release_device(dev);
	}
	return NOTIFY_OK;
}

static struct notifier_block iommu_bus_nb = { .notifier_call = iommu_bus_notifier };

static int iommu_probe_one(struct device *dev, void *unused)
{
	return iommu_probe_device(dev);
}

static int iommu_release_one(struct device *dev, void *unused)
{
	iommu_release_device(dev);
	return 0;
}

/**
 * bus_set_iommu() - say what IOMMU is behind a bus
 * @bus: the bus, registered
 * @ops: the IOMMU's
 *
 * Each device on the bus, now and later, is served by it and gets an IOMMU group of its own.
 *
 * Context: may sleep.
 * Return: 0; -EBUSY the bus has an IOMMU; -ENOMEM; what the IOMMU's probe_device() answered.
 */
int bus_set_iommu(struct bus_type *bus, const struct iommu_ops *ops)
{
	int ret;

	if (bus->iommu_ops)
		return -EBUSY;

	bus->iommu_ops = ops;
	ret = bus_register_notifier(bus, &iommu_bus_nb);
	if (ret)
		goto err_ops;
	ret = bus_for_each_dev(bus, NULL, NULL, iommu_probe_one);
	if (ret)
		goto err_devices;
	return 0;

err_devices:
	bus_for_each_dev(bus, NULL, NULL, iommu_release_one);
	bus_unregister_notifier(bus, &iommu_bus_nb);
err_ops:
	bus->iommu_ops = NULL;
	return ret;
}
EXPORT_SYMBOL_GPL(bus_set_iommu);

/**
 * iommu_present() - is there an IOMMU behind a bus?
 * @bus: the bus
 *
 * Context: any.
 * Return: true if there is.
 */
bool iommu_present(struct bus_type *bus)
{
	return bus->iommu_ops != NULL;
}
EXPORT_SYMBOL_GPL(iommu_present);

/**
 * iommu_domain_alloc() - make an address space for DMA
 * @bus: for devices on that bus
 *
 * Context: may sleep.
 * Return: the domain, which maps nothing, to be freed with iommu_domain_free(); NULL where the bus
 * has no IOMMU or there is no memory.
 */
struct iommu_domain *iommu_domain_alloc(struct bus_type *bus)
{
	struct iommu_domain *domain;

	if (!bus || !bus->iommu_ops)
		return NULL;

	domain = bus->iommu_ops->domain_alloc(IOMMU_DOMAIN_UNMANAGED);
	if (!domain)
		return NULL;

	domain->type = IOMMU_DOMAIN_UNMANAGED;
	domain->ops = bus->iommu_ops;
	domain->pgsize_bitmap = bus->iommu_ops->pgsize_bitmap;
	return domain;
}
EXPORT_SYMBOL_GPL(iommu_domain_alloc);

/**
 * iommu_domain_free() - free a domain with all its mappings
 * @domain: attached to no device any more
 *
 * Context: may sleep.
 */
void iommu_domain_free(struct iommu_domain *domain)
{
	domain->ops->domain_free(domain);
}
EXPORT_SYMBOL_GPL(iommu_domain_free);

/**
 * iommu_attach_device() - let a device's DMA go through a domain
 * @domain: the domain
 * @dev: a device behind the same IOMMU
 *
 * Context: may sleep.
 * Return: 0; -ENODEV @dev is not behind an IOMMU; -EINVAL it is behind another one; -EBUSY it is
 * attached to a domain. Row M16.
 */
int iommu_attach_device(struct iommu_domain *domain, struct device *dev)
{
	const struct iommu_ops *ops = dev_iommu_ops(dev);

	if (!ops)
		return -ENODEV;
	if (ops != domain->ops)
		return -EINVAL;
	return ops->attach_dev(domain, dev);
}
EXPORT_SYMBOL_GPL(iommu_attach_device);

/**
 * iommu_detach_device() - undo iommu_attach_device()
 * @domain: the domain
 * @dev: the device, whose DMA faults from now on
 *
 * Context: may sleep; waits for accesses in progress.
 */
void iommu_detach_device(struct iommu_domain *domain, struct device *dev)
{
	if (dev_iommu_ops(dev) == domain->ops)
		domain->ops->detach_dev(domain, dev);
}
EXPORT_SYMBOL_GPL(iommu_detach_device);

/**
 * iommu_map() - map a range
 * @domain: in this domain
 * @iova: at this address
 * @paddr: to this physical address; in user space an address of this process
 * @size: bytes
 * @prot: IOMMU_READ, IOMMU_WRITE
 *
 * Context: may sleep.
 * Return: 0; -EINVAL the addresses or @size are not multiples of the smallest page, @size is 0 or
 * the range ends beyond the address space; -EEXIST something is mapped in the range; -ENOMEM.
 */
int iommu_map(struct iommu_domain *domain, unsigned long iova, phys_addr_t paddr, size_t size,
	      int prot)
{
	unsigned long min_page = 1UL << __ffs(domain->pgsize_bitmap);

	if (!size || !IS_ALIGNED(iova | paddr | size, min_page) || iova + size - 1 < iova)
		return -EINVAL;
	return domain->ops->map(domain, iova, paddr, size, prot, GFP_KERNEL);
}
EXPORT_SYMBOL_GPL(iommu_map);

/**
 * iommu_unmap() - unmap a range
 * @domain: in this domain
 * @iova: from this address
 * @size: bytes
 *
 * Mappings that are only partly in the range keep the rest. On return no access to what was mapped
 * there is in progress.
 *
 * Context: may sleep.
 * Return: how many bytes were mapped; 0 where address or size are not multiples of the smallest
 * page, or there is no memory to split a mapping.
 */
size_t iommu_unmap(struct iommu_domain *domain, unsigned long iova, size_t size)
{
	unsigned long min_page = 1UL << __ffs(domain->pgsize_bitmap);

	if (!size || !IS_ALIGNED(iova | size, min_page) || iova + size - 1 < iova)
		return 0;
	return domain->ops->unmap(domain, iova, size);
}
EXPORT_SYMBOL_GPL(iommu_unmap);

/**
 * iommu_iova_to_phys() - what an address is mapped to
 * @domain: in this domain
 * @iova: the address
 *
 * Context: may sleep.
 * Return: the physical address, 0 where nothing is mapped.
 */
phys_addr_t iommu_iova_to_phys(struct iommu_domain *domain, dma_addr_t iova)
{
	return domain->ops->iova_to_phys(domain, iova);
}
EXPORT_SYMBOL_GPL(iommu_iova_to_phys);

/**
 * iommu_set_fault_handler() - be told of faults of devices attached to a domain
 * @domain: the domain
 * @handler: called in the context of the access, with the device kept attached; it may not detach
 *	it. NULL for none
 * @token: its last argument
 *
 * Context: any; before the first device is attached.
 */
void iommu_set_fault_handler(struct iommu_domain *domain, iommu_fault_handler_t handler,
			     void *token)
{
	domain->handler = handler;
	domain->handler_token = token;
}
EXPORT_SYMBOL_GPL(iommu_set_fault_handler);

/**
 * report_iommu_fault() - tell a domain's handler of a fault
 * @domain: the domain
 * @dev: whose access it was
 * @iova: the address
 * @flags: IOMMU_FAULT_READ or IOMMU_FAULT_WRITE
 *
 * Return: what the handler answered; -ENOSYS there is none.
 */
int report_iommu_fault(struct iommu_domain *domain, struct device *dev, unsigned long iova,
		       int flags)
{
	return domain->handler ? domain->handler(domain, dev, iova, flags, domain->handler_token)
			       : -ENOSYS;
}
EXPORT_SYMBOL_GPL(report_iommu_fault);

/**
 * iommu_dev_has_feature() - could a device do that?
 * @dev: the device
 * @feat: the feature
 *
 * Return: true if it could; false also where it is not behind an IOMMU.
 */
bool iommu_dev_has_feature(struct device *dev, enum iommu_dev_features feat)
{
	const struct iommu_ops *ops = dev_iommu_ops(dev);

	return ops && ops->dev_has_feat(dev, feat);
}
EXPORT_SYMBOL_GPL(iommu_dev_has_feature);

/**
 * iommu_dev_feature_enabled() - may a feature be used?
 * @dev: the device
 * @feat: the feature
 *
 * Return: true after iommu_dev_enable_feature().
 */
bool iommu_dev_feature_enabled(struct device *dev, enum iommu_dev_features feat)
{
	const struct iommu_ops *ops = dev_iommu_ops(dev);

	return ops && ops->dev_feat_enabled(dev, feat);
}
EXPORT_SYMBOL_GPL(iommu_dev_feature_enabled);

/**
 * iommu_dev_enable_feature() - let a feature be used
 * @dev: the device
 * @feat: the feature
 *
 * Context: may sleep.
 * Return: 0; -ENODEV the device is not behind an IOMMU, or its IOMMU cannot do that. Row M16.
 */
int iommu_dev_enable_feature(struct device *dev, enum iommu_dev_features feat)
{
	const struct iommu_ops *ops = dev_iommu_ops(dev);

	return ops ? ops->dev_enable_feat(dev, feat) : -ENODEV;
}
EXPORT_SYMBOL_GPL(iommu_dev_enable_feature);

/**
 * iommu_dev_disable_feature() - undo iommu_dev_enable_feature()
 * @dev: the device
 * @feat: the feature
 *
 * Context: may sleep.
 * Return: 0; -EBUSY it is in use; -ENODEV as iommu_dev_enable_feature().
 */
int iommu_dev_disable_feature(struct device *dev, enum iommu_dev_features feat)
{
	const struct iommu_ops *ops = dev_iommu_ops(dev);

	return ops ? ops->dev_disable_feat(dev, feat) : -ENODEV;
}
EXPORT_SYMBOL_GPL(iommu_dev_disable_feature);

/**
 * iommu_aux_attach_device() - let a part of a device's DMA go through a domain
 * @domain: the domain, which gets a PASID with its first device
 * @dev: a device with IOMMU_DEV_FEAT_AUX enabled
 *
 * DMA of @dev with that PASID goes through @domain.
 *
 * Context: may sleep.
 * Return: 0; -ENODEV @dev is not behind an IOMMU or the feature is not enabled; -EINVAL it is
 * behind another one; -EBUSY it is attached already; -ENOSPC no PASID is left; -ENOMEM. Row M16.
 */
int iommu_aux_attach_device(struct iommu_domain *domain, struct device *dev)
{
	const struct iommu_ops *ops = dev_iommu_ops(dev);

	if (!ops)
		return -ENODEV;
	if (ops != domain->ops)
		return -EINVAL;
	return ops->aux_attach_dev(domain, dev);
}
EXPORT_SYMBOL_GPL(iommu_aux_attach_device);

/**
 * iommu_aux_detach_device() - undo iommu_aux_attach_device()
 * @domain: the domain
 * @dev: the device, whose DMA with that PASID faults from now on
 *
 * Context: may sleep; waits for accesses in progress.
 */
void iommu_aux_detach_device(struct iommu_domain *domain, struct device *dev)
{
	if (dev_iommu_ops(dev) == domain->ops)
		domain->ops->aux_detach_dev(domain, dev);
}
EXPORT_SYMBOL_GPL(iommu_aux_detach_device);

/**
 * iommu_aux_get_pasid() - with what PASID a device's DMA goes through a domain
 * @domain: the domain
 * @dev: a device that it is attached to as an auxiliary domain
 *
 * Context: may sleep.
 * Return: the PASID; -ENODEV it is not attached so.
 */
int iommu_aux_get_pasid(struct iommu_domain *domain, struct device *dev)
{
	if (dev_iommu_ops(dev) != domain->ops)
		return -ENODEV;
	return domain->ops->aux_get_pasid(domain, dev);
}
EXPORT_SYMBOL_GPL(iommu_aux_get_pasid);

/**
 * iommu_device_access() - a device's access to memory, through its IOMMU
 * @dev: the device in whose name the access is
 * @pasid: the PASID that tags it, or IOMMU_NO_PASID
 * @iova: the address
 * @data: gets the bytes, or has them
 * @count: how many
 * @write: to memory
 *
 * umdev's own: in a kernel, hardware does this. The driver of an emulated device calls it where the
 * device would master the bus.
 *
 * Context: may sleep.
 * Return: 0; -ENODEV @dev is not behind an IOMMU; -EFAULT the access faulted at some address, which
 * was counted and reported; what is before that address was copied. Row M16.
 */
int iommu_device_access(struct device *dev, u32 pasid, dma_addr_t iova, void *data, size_t count,
			bool write)
{
	const struct iommu_ops *ops = dev_iommu_ops(dev);

	return ops ? ops->device_access(dev, pasid, iova, data, count, write) : -ENODEV;
}
EXPORT_SYMBOL_GPL(iommu_device_access);

static int __init iommu_init(void)
{
	return bus_set_iommu(&platform_bus_type, &soft_iommu_ops);
}

static void __exit iommu_exit(void)
{
	bus_unregister_notifier(&platform_bus_type, &iommu_bus_nb);
	bus_for_each_dev(&platform_bus_type, NULL, NULL, iommu_release_one);
	platform_bus_type.iommu_ops = NULL;
}

fs_initcall(iommu_init);
module_exit(iommu_exit);
