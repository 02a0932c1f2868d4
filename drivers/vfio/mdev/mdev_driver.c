// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* The mdev bus, where mediated devices meet the drivers that give them to their users. */
#include <linux/device.h>
#include <linux/err.h>
#include <linux/iommu.h>
#include <linux/kobject.h>
#include <linux/mdev.h>
#include <linux/module.h>

#include "mdev_private.h"

/*
 * A device for VFIO is in an IOMMU group of its own, which is what VFIO gives to a user. The bus sees
 * to that rather than vfio_mdev, as drivers of the 5.10 form find the group there in their probe().
 * Devices of other classes stay in the hands of the kernel and need none.
 */
static bool mdev_needs_iommu_group(struct device *dev)
{
	return to_mdev_device(dev)->parent->class_id == MDEV_CLASS_ID_VFIO;
}

static int mdev_attach_iommu(struct device *dev)
{
	struct iommu_group *group;
	int ret;

	if (!mdev_needs_iommu_group(dev))
		return 0;

	group = iommu_group_alloc();
	if (IS_ERR(group))
		return PTR_ERR(group);

	ret = iommu_group_add_device(group, dev);
	if (!ret)
		dev_info(dev, "MDEV: group_id = %d\n", iommu_group_id(group));

	/* The device holds the group from now on, or nobody does. */
	iommu_group_put(group);
	return ret;
}

static void mdev_detach_iommu(struct device *dev)
{
	if (!mdev_needs_iommu_group(dev))
		return;

	iommu_group_remove_device(dev);
	dev_info(dev, "MDEV: detaching iommu\n");
}

static int mdev_probe(struct device *dev)
{
	struct mdev_driver *drv = to_mdev_driver(dev->driver);
	int ret;

	ret = mdev_attach_iommu(dev);
	if (ret)
		return ret;

	if (drv->probe) {
		ret = drv->probe(dev);
		if (ret)
			mdev_detach_iommu(dev);
	}
	return ret;
}

static int mdev_remove(struct device *dev)
{
	struct mdev_driver *drv = to_mdev_driver(dev->driver);

	if (drv->remove)
		drv->remove(dev);
	mdev_detach_iommu(dev);
	return 0;
}

/* Drivers from before there were classes drive what there was then. */
static const struct mdev_class_id mdev_default_ids[] = {
	{ MDEV_CLASS_ID_VFIO },
	{ 0 },
};

static int mdev_match(struct device *dev, struct device_driver *driver)
{
	const struct mdev_class_id *id = to_mdev_driver(driver)->id_table;

	for (id = id ? id : mdev_default_ids; id->id; id++)
		if (id->id == to_mdev_device(dev)->parent->class_id)
			return 1;
	return 0;
}

/*
 * Devices of parents that name a class say so. Those of the older registration don't, as they
 * didn't when it was the only one: who compares their uevents finds what he has always found.
 */
static int mdev_uevent(struct device *dev, struct kobj_uevent_env *env)
{
	struct mdev_parent *parent = to_mdev_device(dev)->parent;

	if (!parent->modalias)
		return 0;
	return add_uevent_var(env, "MODALIAS=mdev:c%02X", parent->class_id);
}

/* The bus of mediated devices, /sys/bus/mdev. Drivers match by class, rows M02 and M18. */
struct bus_type mdev_bus_type = {
	.name = "mdev",
	.match = mdev_match,
	.uevent = mdev_uevent,
	.probe = mdev_probe,
	.remove = mdev_remove,
};
EXPORT_SYMBOL_GPL(mdev_bus_type);

/**
 * mdev_register_driver() - add a driver to the mdev bus
 * @drv: the driver, with name, probe, remove and id_table set; constant until it is unregistered
 * @owner: the module it is in
 *
 * It is offered the devices that are there already and those that come.
 *
 * Context: may sleep.
 * Return: 0; -EBUSY the bus has a driver of that name; -ENOMEM; errors of driver_register().
 * Row M02.
 */
int mdev_register_driver(struct mdev_driver *drv, struct module *owner)
{
	drv->driver.name = drv->name;
	drv->driver.bus = &mdev_bus_type;
	drv->driver.owner = owner;

	return driver_register(&drv->driver);
}
EXPORT_SYMBOL(mdev_register_driver);

/**
 * mdev_unregister_driver() - remove a driver from the mdev bus
 * @drv: a registered driver
 *
 * Its devices are unbound first, for which their users are waited for.
 *
 * Context: may sleep, without limit while one of its devices is in use. Row M02.
 */
void mdev_unregister_driver(struct mdev_driver *drv)
{
	driver_unregister(&drv->driver);
}
EXPORT_SYMBOL(mdev_unregister_driver);

/**
 * mdev_bus_register() - make the mdev bus
 *
 * Context: may sleep.
 * Return: 0 or the error of bus_register().
 */
int mdev_bus_register(void)
{
	return bus_register(&mdev_bus_type);
}

/**
 * mdev_bus_unregister() - take the mdev bus away
 *
 * Context: may sleep; the bus has neither devices nor drivers.
 */
void mdev_bus_unregister(void)
{
	bus_unregister(&mdev_bus_type);
}
