// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * medu: QEMU's educational PCI device (its docs/specs/edu.rst), as mediated devices.
 *
 * It computes factorials, moves bytes between memory and a buffer of its own, and interrupts when
 * it is done or is told to: that is in medu_card.c. Here is the parent with its two types, which differ
 * in how their DMA is kept to the memory of their own user, see medu_dma.c.
 */
#include <linux/device.h>
#include <linux/err.h>
#include <linux/init.h>
#include <linux/iommu.h>
#include <linux/kernel.h>
#include <linux/mdev.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/sysfs.h>
#include <linux/vfio.h>
#include <linux/workqueue.h>

#include "medu_card.h"
#include "medu_dma.h"
#include "mpci.h"
#include "mtype.h"

#define MEDU_NAME "medu"

static unsigned int max_instances = 16;
module_param(max_instances, uint, 0444);
MODULE_PARM_DESC(max_instances, "Number of devices that there may be, of both types (default 16)");

static struct mpool medu_pool;
static struct platform_device *medu_parent;
static struct workqueue_struct *medu_wq;

/* The types and their attributes */

/**
 * struct medu_type - a type; they differ in their way to memory only
 * @group: its files, under its name
 * @name: for people
 * @description: likewise
 * @dma: the way
 * @has_iommu_device: it leads through the parent's IOMMU
 */
struct medu_type {
	struct attribute_group group;
	const char *name;
	const char *description;
	const struct medu_dma_ops *dma;
	bool has_iommu_device;
};

static const struct medu_type *medu_type_of(struct kobject *kobj);

static ssize_t name_show(struct kobject *kobj, struct device *dev, char *buf)
{
	return sysfs_emit(buf, "%s\n", medu_type_of(kobj)->name);
}
static MDEV_TYPE_ATTR_RO(name);

static ssize_t description_show(struct kobject *kobj, struct device *dev, char *buf)
{
	return sysfs_emit(buf, "%s\n", medu_type_of(kobj)->description);
}
static MDEV_TYPE_ATTR_RO(description);

static ssize_t available_instances_show(struct kobject *kobj, struct device *dev, char *buf)
{
	return sysfs_emit(buf, "%u\n", mpool_available(&medu_pool));
}
static MDEV_TYPE_ATTR_RO(available_instances);

static ssize_t device_api_show(struct kobject *kobj, struct device *dev, char *buf)
{
	return sysfs_emit(buf, "%s\n", VFIO_DEVICE_API_PCI_STRING);
}
static MDEV_TYPE_ATTR_RO(device_api);

static struct attribute *medu_type_attrs[] = {
	&mdev_type_attr_name.attr,
	&mdev_type_attr_device_api.attr,
	&mdev_type_attr_available_instances.attr,
	&mdev_type_attr_description.attr,
	NULL,
};

static struct medu_type medu_vendor = {
	.group = { .name = "vendor", .attrs = medu_type_attrs },
	.name = "Educational device",
	.description = "DMA through pages that the driver pins",
	.dma = &medu_dma_vendor,
};

static struct medu_type medu_iommu = {
	.group = { .name = "iommu", .attrs = medu_type_attrs },
	.name = "Educational device behind an IOMMU",
	.description = "DMA through an IOMMU domain of its own",
	.dma = &medu_dma_iommu,
	.has_iommu_device = true,
};

/* The second is added where the parent's IOMMU can tell its users apart. */
static struct attribute_group *medu_type_groups[] = {
	&medu_vendor.group,
	NULL,
	NULL,
};

static const struct medu_type *medu_type_of(struct kobject *kobj)
{
	return container_of(mtype_group(kobj, medu_type_groups), struct medu_type, group);
}

/* The life of a device */

static int medu_create(struct kobject *kobj, struct mdev_device *mdev)
{
	const struct medu_type *type = medu_type_of(kobj);
	struct medu *medu;
	int ret;

	ret = mpool_take(&medu_pool, 1);
	if (ret)
		return ret;

	medu = kzalloc(sizeof(*medu), GFP_KERNEL);
	if (!medu) {
		ret = -ENOMEM;
		goto err_instance;
	}

	if (type->has_iommu_device) {
		ret = mdev_set_iommu_device(mdev_dev(mdev), mdev_parent_dev(mdev));
		if (ret)
			goto err_free;
	}
	medu_card_init(medu, mdev, type->dma, medu_wq);
	return 0;

err_free:
	kfree(medu);
err_instance:
	mpool_give(&medu_pool, 1);
	return ret;
}

static int medu_remove(struct mdev_device *mdev)
{
	struct medu *medu = to_medu(mdev_get_drvdata(mdev));

	medu_card_destroy(medu);
	kfree(medu);
	mpool_give(&medu_pool, 1);
	return 0;
}

static const struct mdev_parent_ops medu_parent_ops = {
	.owner = THIS_MODULE,
	.supported_type_groups = medu_type_groups,
	.create = medu_create,
	.remove = medu_remove,
	.open = mpci_open,
	.release = mpci_release,
	.read = mpci_read,
	.write = mpci_write,
	.ioctl = mpci_ioctl,
	.request = mpci_request,
};

/* There to give the parent, and with that the types, a name; it goes with the module only. */
static struct platform_driver medu_driver = {
	.driver = {
		.name = MEDU_NAME,
		.suppress_bind_attrs = true,
	},
};

static void medu_enable_iommu(void)
{
	if (!iommu_dev_enable_feature(&medu_parent->dev, IOMMU_DEV_FEAT_AUX))
		medu_type_groups[1] = &medu_iommu.group;
}

static void medu_disable_iommu(void)
{
	if (medu_type_groups[1])
		iommu_dev_disable_feature(&medu_parent->dev, IOMMU_DEV_FEAT_AUX);
}

static int __init medu_init(void)
{
	int ret;

	mpool_init(&medu_pool, max_instances);

	medu_wq = alloc_workqueue(MEDU_NAME, WQ_UNBOUND, 0);
	if (!medu_wq)
		return -ENOMEM;

	ret = platform_driver_register(&medu_driver);
	if (ret)
		goto err_wq;

	medu_parent = platform_device_register_simple(MEDU_NAME, PLATFORM_DEVID_NONE, NULL, 0);
	if (IS_ERR(medu_parent)) {
		ret = PTR_ERR(medu_parent);
		goto err_driver;
	}
	medu_enable_iommu();

	ret = mdev_register_device(&medu_parent->dev, &medu_parent_ops);
	if (ret)
		goto err_device;
	return 0;

err_device:
	medu_disable_iommu();
	platform_device_unregister(medu_parent);
err_driver:
	platform_driver_unregister(&medu_driver);
err_wq:
	destroy_workqueue(medu_wq);
	return ret;
}

static void __exit medu_exit(void)
{
	mdev_unregister_device(&medu_parent->dev);
	medu_disable_iommu();
	platform_device_unregister(medu_parent);
	platform_driver_unregister(&medu_driver);
	destroy_workqueue(medu_wq);
}

module_init(medu_init);
module_exit(medu_exit);

MODULE_DESCRIPTION("QEMU's educational PCI device, as mediated devices");
MODULE_AUTHOR("The umdev authors");
MODULE_LICENSE("Dual BSD/GPL");
MODULE_VERSION("0.1");
