// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Binding of devices and drivers.
 *
 * Locks: binding and unbinding of a device happen with its mutex held. The
 * pointer dev->driver changes with device_driver_lock held too, so that who
 * holds neither mutex nor reference may still read the driver's name under it:
 * a driver is not freed before it has left all of its devices.
 */
#include <linux/device.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include "base.h"

static DEFINE_SPINLOCK(device_driver_lock);

static void device_set_driver(struct device *dev, struct device_driver *drv)
{
	spin_lock(&device_driver_lock);
	WRITE_ONCE(dev->driver, drv);
	spin_unlock(&device_driver_lock);
}

/* Copies the name of @dev's driver, cut off if need be: its length, 0 where none is bound. */
size_t device_copy_driver_name(const struct device *dev, char *buf, size_t size)
{
	struct device_driver *drv;

	buf[0] = '\0';
	spin_lock(&device_driver_lock);
	drv = READ_ONCE(dev->driver);
	if (drv)
		strscpy(buf, drv->name, size);
	spin_unlock(&device_driver_lock);
	return strlen(buf);
}

/* May @drv handle @dev? A bus without match says yes. */
bool driver_matches(struct device_driver *drv, struct device *dev)
{
	return !drv->bus->match || drv->bus->match(dev, drv) > 0;
}

static bool device_is_bound(struct device *dev)
{
	return dev->p && klist_node_attached(&dev->p->knode_driver);
}

static int driver_sysfs_add(struct device *dev)
{
	struct kobject *drv = &dev->driver->p->kobj;
	int ret;

	bus_notify(dev, BUS_NOTIFY_BIND_DRIVER);
	ret = sysfs_create_link(drv, &dev->kobj, kobject_name(&dev->kobj));
	if (ret)
		return ret;
	ret = sysfs_create_link(&dev->kobj, drv, "driver");
	if (ret)
		sysfs_remove_link(drv, kobject_name(&dev->kobj));
	return ret;
}

static void driver_sysfs_remove(struct device *dev)
{
	sysfs_remove_link(&dev->driver->p->kobj, kobject_name(&dev->kobj));
	sysfs_remove_link(&dev->kobj, "driver");
}

static void driver_bound(struct device *dev)
{
	klist_add_tail(&dev->p->knode_driver, &dev->driver->p->klist_devices);
	bus_notify(dev, BUS_NOTIFY_BOUND_DRIVER);
	kobject_uevent(&dev->kobj, KOBJ_BIND);
}

static int driver_call_probe(struct device *dev)
{
	if (dev->bus->probe)
		return dev->bus->probe(dev);
	return dev->driver->probe ? dev->driver->probe(dev) : 0;
}

static void driver_call_remove(struct device *dev)
{
	if (dev->bus->remove)
		dev->bus->remove(dev);
	else if (dev->driver->remove)
		dev->driver->remove(dev);
}

/* Lets @drv try @dev, whose mutex is held: 0 if it took it. */
static int driver_probe_device(struct device_driver *drv, struct device *dev)
{
	int ret;

	if (!device_is_registered(dev))
		return -ENODEV;
	device_set_driver(dev, drv);
	ret = driver_sysfs_add(dev);
	if (ret) {
		dev_err(dev, "links to driver %s cannot be made: error %d\n", drv->name, ret);
		goto unset;
	}
	ret = driver_call_probe(dev);
	if (ret)
		goto remove_links;
	ret = device_add_groups(dev, drv->dev_groups);
	if (ret)
		goto remove;
	driver_bound(dev);
	return 0;
remove:
	driver_call_remove(dev);
remove_links:
	driver_sysfs_remove(dev);
unset:
	bus_notify(dev, BUS_NOTIFY_DRIVER_NOT_BOUND);
	device_set_driver(dev, NULL);
	dev_set_drvdata(dev, NULL);
	/* These two say that the device is not one for this driver, which is no news. */
	if (ret != -ENODEV && ret != -ENXIO)
		pr_warn("%s: probe of %s failed with error %d\n", drv->name, dev_name(dev), ret);
	return ret;
}

/**
 * device_bind_driver() - bind a device to dev->driver without asking it
 * @dev: with its driver set; the caller holds its mutex
 *
 * Context: may sleep.
 * Return: 0; an error of sysfs_create_link(), and nothing is bound.
 */
int device_bind_driver(struct device *dev)
{
	int ret = driver_sysfs_add(dev);

	if (ret)
		bus_notify(dev, BUS_NOTIFY_DRIVER_NOT_BOUND);
	else
		driver_bound(dev);
	return ret;
}
EXPORT_SYMBOL_GPL(device_bind_driver);

/* A driver that fails does not keep the next one from trying. Stops at the first that binds. */
static int device_try_driver(struct device_driver *drv, void *data)
{
	struct device *dev = data;

	return driver_matches(drv, dev) && !driver_probe_device(drv, dev);
}

/**
 * device_attach() - find a driver for a device
 * @dev: the device, on a bus
 *
 * Context: may sleep; takes the device's mutex; calls match and probe.
 * Return: 1 it is bound, perhaps was before; 0 no driver took it; -ENODEV it is being removed.
 */
int device_attach(struct device *dev)
{
	int ret;

	device_lock(dev);
	if (dev->p->dead) {
		ret = -ENODEV;
	} else if (dev->driver) {
		ret = 1;
		if (!device_is_bound(dev) && device_bind_driver(dev)) {
			device_set_driver(dev, NULL);
			ret = 0;
		}
	} else {
		ret = bus_for_each_drv(dev->bus, NULL, dev, device_try_driver);
	}
	device_unlock(dev);
	return ret;
}
EXPORT_SYMBOL_GPL(device_attach);

/**
 * device_driver_attach() - bind a device to a certain driver
 * @drv: the driver; whether it matches is not asked
 * @dev: the device
 *
 * Context: may sleep; takes the device's mutex; calls probe.
 * Return: 1 it is bound; 0 the driver did not take it, or the device has one or is being removed.
 */
int device_driver_attach(struct device_driver *drv, struct device *dev)
{
	int bound = 0;

	device_lock(dev);
	if (!dev->p->dead && !dev->driver)
		bound = !driver_probe_device(drv, dev);
	device_unlock(dev);
	return bound;
}
EXPORT_SYMBOL_GPL(device_driver_attach);

static int driver_try_device(struct device *dev, void *data)
{
	struct device_driver *drv = data;

	if (!READ_ONCE(dev->driver) && driver_matches(drv, dev))
		device_driver_attach(drv, dev);
	return 0;
}

/**
 * driver_attach() - offer all free devices of the bus to a driver
 * @drv: the driver
 *
 * Context: may sleep; takes the devices' mutexes; calls match and probe.
 * Return: 0.
 */
int driver_attach(struct device_driver *drv)
{
	return bus_for_each_dev(drv->bus, NULL, drv, driver_try_device);
}
EXPORT_SYMBOL_GPL(driver_attach);

/* Takes @dev, whose mutex is held, from its driver. */
static void device_unbind(struct device *dev)
{
	driver_sysfs_remove(dev);
	bus_notify(dev, BUS_NOTIFY_UNBIND_DRIVER);
	device_remove_groups(dev, dev->driver->dev_groups);
	driver_call_remove(dev);
	device_set_driver(dev, NULL);
	dev_set_drvdata(dev, NULL);
	klist_remove(&dev->p->knode_driver);
	bus_notify(dev, BUS_NOTIFY_UNBOUND_DRIVER);
	kobject_uevent(&dev->kobj, KOBJ_UNBIND);
}

/* Takes @dev from its driver, if that is @drv or @drv is NULL. */
void device_driver_detach(struct device *dev, struct device_driver *drv)
{
	device_lock(dev);
	if (dev->driver && (!drv || dev->driver == drv))
		device_unbind(dev);
	device_unlock(dev);
}

/**
 * device_release_driver() - take a device from its driver
 * @dev: the device; nothing happens where none is bound
 *
 * Context: may sleep; takes the device's mutex; calls remove.
 */
void device_release_driver(struct device *dev)
{
	device_driver_detach(dev, NULL);
}
EXPORT_SYMBOL_GPL(device_release_driver);

/**
 * device_reprobe() - take a device from its driver, and find one anew
 * @dev: the device
 *
 * Context: may sleep; takes the device's mutex; calls remove, match and probe.
 * Return: 0; -ENODEV it is being removed.
 */
int device_reprobe(struct device *dev)
{
	int ret;

	device_release_driver(dev);
	ret = device_attach(dev);
	return ret < 0 ? ret : 0;
}
EXPORT_SYMBOL_GPL(device_reprobe);

/* A reference on the youngest device of @drv, or NULL. */
static struct device *driver_last_device(struct device_driver *drv)
{
	struct klist *devices = &drv->p->klist_devices;
	struct device *dev = NULL;

	spin_lock(&devices->k_lock);
	if (!list_empty(&devices->k_list))
		dev = get_device(device_of_driver_node(
			list_last_entry(&devices->k_list, struct klist_node, n_node)));
	spin_unlock(&devices->k_lock);
	return dev;
}

/* Takes all devices from @drv, which is not on its bus any more. */
void driver_detach(struct device_driver *drv)
{
	struct device *dev;

	while ((dev = driver_last_device(drv))) {
		device_driver_detach(dev, drv);
		put_device(dev);
	}
}
