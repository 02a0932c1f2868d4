// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* Buses. Locks: base.h. */
#include <linux/bug.h>
#include <linux/device.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/notifier.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "base.h"

static void bus_release(struct kobject *kobj)
{
	struct subsys_private *p = container_of(kobj, struct subsys_private, subsys.kobj);

	p->bus->p = NULL;
	kfree(p);
}

static struct kobj_type bus_ktype = {
	.sysfs_ops = &bus_sysfs_ops,
	.release = bus_release,
};

/* Only buses themselves are worth a uevent, not the directories in theirs. */
static int bus_uevent_filter(struct kset *kset, struct kobject *kobj)
{
	return kobj->ktype == &bus_ktype;
}

const struct kset_uevent_ops bus_uevent_ops = {
	.filter = bus_uevent_filter,
};

static void driver_release(struct kobject *kobj)
{
	kfree(container_of(kobj, struct driver_private, kobj));
}

static struct kobj_type driver_ktype = {
	.sysfs_ops = &driver_sysfs_ops,
	.release = driver_release,
};

static void klist_devices_get(struct klist_node *n)
{
	get_device(device_of_bus_node(n));
}

static void klist_devices_put(struct klist_node *n)
{
	put_device(device_of_bus_node(n));
}

static int bus_make_dirs(struct bus_type *bus)
{
	struct subsys_private *p = bus->p;

	p->devices_kset = kset_create_and_add("devices", NULL, &p->subsys.kobj);
	if (!p->devices_kset)
		return -ENOMEM;
	p->drivers_kset = kset_create_and_add("drivers", NULL, &p->subsys.kobj);
	if (p->drivers_kset)
		return 0;
	kset_unregister(p->devices_kset);
	return -ENOMEM;
}

static void bus_remove_dirs(struct bus_type *bus)
{
	kset_unregister(bus->p->drivers_kset);
	kset_unregister(bus->p->devices_kset);
}

/**
 * bus_register() - make a bus: /sys/bus/NAME
 * @bus: the bus
 *
 * Context: may sleep.
 * Return: 0; -EEXIST the name is taken; -ENOMEM.
 */
int bus_register(struct bus_type *bus)
{
	struct subsys_private *p = kzalloc(sizeof(*p), GFP_KERNEL);
	int ret;

	if (!p)
		return -ENOMEM;
	p->bus = bus;
	p->drivers_autoprobe = true;
	p->subsys.kobj.kset = bus_kset;
	p->subsys.kobj.ktype = &bus_ktype;
	BLOCKING_INIT_NOTIFIER_HEAD(&p->notifier);
	mutex_init(&p->mutex);
	INIT_LIST_HEAD(&p->interfaces);
	klist_init(&p->klist_devices, klist_devices_get, klist_devices_put);
	klist_init(&p->klist_drivers, NULL, NULL);
	ret = kobject_set_name(&p->subsys.kobj, "%s", bus->name);
	if (ret)
		goto free;
	bus->p = p;
	ret = kset_register(&p->subsys);
	if (ret)
		goto free;
	ret = bus_make_dirs(bus);
	if (ret)
		goto unregister;
	ret = bus_add_attrs(bus);
	if (ret)
		goto remove_dirs;
	return 0;
remove_dirs:
	bus_remove_dirs(bus);
unregister:
	kset_unregister(&p->subsys);
	return ret;
free:
	bus->p = NULL;
	kfree(p);
	return ret;
}
EXPORT_SYMBOL_GPL(bus_register);

/**
 * bus_unregister() - the mirror of bus_register()
 * @bus: the bus, with no device and no driver
 *
 * Context: may sleep.
 */
void bus_unregister(struct bus_type *bus)
{
	bus_remove_attrs(bus);
	bus_remove_dirs(bus);
	kset_unregister(&bus->p->subsys);
}
EXPORT_SYMBOL_GPL(bus_unregister);

/**
 * bus_get_kset() - the directory of a bus
 * @bus: a registered bus
 *
 * Context: any.
 * Return: its kset, without a reference.
 */
struct kset *bus_get_kset(struct bus_type *bus)
{
	return &bus->p->subsys;
}
EXPORT_SYMBOL_GPL(bus_get_kset);

/**
 * bus_register_notifier() - be told of devices and drivers of a bus
 * @bus: a registered bus
 * @nb: called with BUS_NOTIFY_* and the device; may sleep
 *
 * Context: may sleep; not from within a notifier of the bus.
 * Return: 0.
 */
int bus_register_notifier(struct bus_type *bus, struct notifier_block *nb)
{
	return blocking_notifier_chain_register(&bus->p->notifier, nb);
}
EXPORT_SYMBOL_GPL(bus_register_notifier);

/**
 * bus_unregister_notifier() - be told no more
 * @bus: the bus
 * @nb: what was registered
 *
 * Context: may sleep; not from within a notifier of the bus.
 * Return: 0; -ENOENT it was not registered.
 */
int bus_unregister_notifier(struct bus_type *bus, struct notifier_block *nb)
{
	return blocking_notifier_chain_unregister(&bus->p->notifier, nb);
}
EXPORT_SYMBOL_GPL(bus_unregister_notifier);

/* Tells those who registered for the bus of @dev, if it is on one. */
void bus_notify(struct device *dev, unsigned long event)
{
	if (dev->bus)
		blocking_notifier_call_chain(&dev->bus->p->notifier, event, dev);
}

/**
 * bus_for_each_dev() - call a function for each device of a bus
 * @bus: the bus; nothing happens where it is not registered
 * @start: begin behind this one; NULL begins with the first
 * @data: for @fn
 * @fn: a value other than 0 stops; it may remove the device
 *
 * Context: may sleep; no lock is held while @fn runs, but the device is there.
 * Return: what @fn answered last; -EINVAL no bus.
 */
int bus_for_each_dev(struct bus_type *bus, struct device *start, void *data,
		     int (*fn)(struct device *dev, void *data))
{
	struct klist_node *n;
	struct klist_iter i;
	int ret = 0;

	if (!bus || !bus->p)
		return -EINVAL;
	klist_iter_init_node(&bus->p->klist_devices, &i, start ? &start->p->knode_bus : NULL);
	while (!ret && (n = klist_next(&i)))
		ret = fn(device_of_bus_node(n), data);
	klist_iter_exit(&i);
	return ret;
}
EXPORT_SYMBOL_GPL(bus_for_each_dev);

/**
 * bus_find_device() - the first device of a bus that a function likes
 * @bus: the bus
 * @start: begin behind this one; NULL begins with the first
 * @data: for @match
 * @match: answers other than 0 for the one
 *
 * Context: may sleep.
 * Return: a reference, or NULL.
 */
struct device *bus_find_device(struct bus_type *bus, struct device *start, const void *data,
			       int (*match)(struct device *dev, const void *data))
{
	struct device *found = NULL;
	struct klist_node *n;
	struct klist_iter i;

	if (!bus || !bus->p)
		return NULL;
	klist_iter_init_node(&bus->p->klist_devices, &i, start ? &start->p->knode_bus : NULL);
	while (!found && (n = klist_next(&i)))
		if (match(device_of_bus_node(n), data))
			found = get_device(device_of_bus_node(n));
	klist_iter_exit(&i);
	return found;
}
EXPORT_SYMBOL_GPL(bus_find_device);

/**
 * bus_for_each_drv() - call a function for each driver of a bus
 * @bus: the bus
 * @start: begin behind this one; NULL begins with the first
 * @data: for @fn
 * @fn: a value other than 0 stops
 *
 * Context: may sleep; no lock is held while @fn runs, but the driver is there.
 * Return: what @fn answered last; -EINVAL no bus.
 */
int bus_for_each_drv(struct bus_type *bus, struct device_driver *start, void *data,
		     int (*fn)(struct device_driver *drv, void *data))
{
	struct klist_node *n;
	struct klist_iter i;
	int ret = 0;

	if (!bus || !bus->p)
		return -EINVAL;
	klist_iter_init_node(&bus->p->klist_drivers, &i, start ? &start->p->knode_bus : NULL);
	while (!ret && (n = klist_next(&i)))
		ret = fn(container_of(n, struct driver_private, knode_bus)->driver, data);
	klist_iter_exit(&i);
	return ret;
}
EXPORT_SYMBOL_GPL(bus_for_each_drv);

static int bus_rescan_device(struct device *dev, void *data)
{
	int ret = READ_ONCE(dev->driver) ? 0 : device_attach(dev);

	return ret < 0 ? ret : 0;
}

/**
 * bus_rescan_devices() - find drivers for the devices of a bus that have none
 * @bus: the bus
 *
 * Context: may sleep; calls match and probe.
 * Return: 0; -EINVAL no bus; -ENODEV a device is being removed, and the rest was left out.
 */
int bus_rescan_devices(struct bus_type *bus)
{
	return bus_for_each_dev(bus, NULL, NULL, bus_rescan_device);
}
EXPORT_SYMBOL_GPL(bus_rescan_devices);

/**
 * device_match_name() - for bus_find_device() and the like: by name
 * @dev: the device
 * @name: a name, perhaps with a newline at its end
 *
 * Return: 1 or 0.
 */
int device_match_name(struct device *dev, const void *name)
{
	return sysfs_streq(dev_name(dev), name);
}
EXPORT_SYMBOL_GPL(device_match_name);

/**
 * device_match_devt() - for bus_find_device() and the like: by number
 * @dev: the device
 * @pdevt: points to a dev_t
 *
 * Return: 1 or 0.
 */
int device_match_devt(struct device *dev, const void *pdevt)
{
	return dev->devt == *(const dev_t *)pdevt;
}
EXPORT_SYMBOL_GPL(device_match_devt);

/**
 * device_match_any() - for bus_find_device() and the like: any device
 * @dev: the device
 * @unused: not used
 *
 * Return: 1.
 */
int device_match_any(struct device *dev, const void *unused)
{
	return 1;
}
EXPORT_SYMBOL_GPL(device_match_any);

/*
 * Puts a device on its bus, if it has one: attributes, links and, when nothing can fail any more,
 * its place in the list. Does not bind it.
 */
int bus_add_device(struct device *dev)
{
	struct bus_type *bus = dev->bus;
	int ret;

	if (!bus)
		return 0;
	if (!bus->p)
		return -ENODEV;
	ret = device_add_groups(dev, bus->dev_groups);
	if (ret)
		return ret;
	ret = sysfs_create_link(&bus->p->devices_kset->kobj, &dev->kobj, dev_name(dev));
	if (ret)
		goto remove_groups;
	ret = sysfs_create_link(&dev->kobj, &bus->p->subsys.kobj, "subsystem");
	if (ret)
		goto remove_link;
	klist_add_tail(&dev->p->knode_bus, &bus->p->klist_devices);
	return 0;
remove_link:
	sysfs_remove_link(&bus->p->devices_kset->kobj, dev_name(dev));
remove_groups:
	device_remove_groups(dev, bus->dev_groups);
	return ret;
}

/* Finds a driver for a new device, if its bus does that. */
void bus_probe_device(struct device *dev)
{
	if (dev->bus && READ_ONCE(dev->bus->p->drivers_autoprobe))
		device_attach(dev);
}

/* The mirror of the two above. */
void bus_remove_device(struct device *dev)
{
	struct bus_type *bus = dev->bus;

	if (!bus)
		return;
	sysfs_remove_link(&dev->kobj, "subsystem");
	sysfs_remove_link(&bus->p->devices_kset->kobj, dev_name(dev));
	device_remove_groups(dev, bus->dev_groups);
	if (klist_node_attached(&dev->p->knode_bus))
		klist_del(&dev->p->knode_bus);
	device_release_driver(dev);
}

/* Puts a driver on its bus and offers it the devices there. */
int bus_add_driver(struct device_driver *drv)
{
	struct subsys_private *bus = drv->bus->p;
	struct driver_private *p = kzalloc(sizeof(*p), GFP_KERNEL);
	int ret;

	if (!p)
		return -ENOMEM;
	klist_init(&p->klist_devices, NULL, NULL);
	p->driver = drv;
	p->kobj.kset = bus->drivers_kset;
	drv->p = p;
	ret = kobject_init_and_add(&p->kobj, &driver_ktype, NULL, "%s", drv->name);
	if (ret)
		goto put;
	klist_add_tail(&p->knode_bus, &bus->klist_drivers);
	if (READ_ONCE(bus->drivers_autoprobe))
		driver_attach(drv);
	driver_add_module_links(drv);
	ret = driver_add_attrs(drv);
	if (ret)
		goto remove;
	return 0;
remove:
	driver_remove_module_links(drv);
	klist_remove(&p->knode_bus);
	driver_detach(drv);
	kobject_del(&p->kobj);
put:
	drv->p = NULL;
	kobject_put(&p->kobj);
	return ret;
}

/* The mirror of it: the driver gets no new device, and then loses those it has. */
void bus_remove_driver(struct device_driver *drv)
{
	struct driver_private *p = drv->p;

	driver_remove_attrs(drv);
	klist_remove(&p->knode_bus);
	driver_detach(drv);
	driver_remove_module_links(drv);
	kobject_del(&p->kobj);
	drv->p = NULL;
	kobject_put(&p->kobj);
}
