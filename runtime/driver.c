// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* Drivers. Locks: base.h. */
#include <linux/device.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/printk.h>
#include <linux/slab.h>

#include "base.h"
#include "sysfs_tree.h"

/**
 * driver_for_each_device() - call a function for each device that a driver has
 * @drv: the driver
 * @start: begin behind this one; NULL begins with the first
 * @data: for @fn
 * @fn: a value other than 0 stops; it must neither unbind the device nor take its mutex
 *
 * Context: may sleep; no lock is held while @fn runs. Unbinding of the device, with the device's
 * mutex held, waits for @fn.
 * Return: what @fn answered last; -EINVAL no driver.
 */
int driver_for_each_device(struct device_driver *drv, struct device *start, void *data,
			   int (*fn)(struct device *dev, void *data))
{
	struct klist_node *n;
	struct klist_iter i;
	int ret = 0;

	if (!drv || !drv->p)
		return -EINVAL;
	klist_iter_init_node(&drv->p->klist_devices, &i, start ? &start->p->knode_driver : NULL);
	while (!ret && (n = klist_next(&i)))
		ret = fn(device_of_driver_node(n), data);
	klist_iter_exit(&i);
	return ret;
}
EXPORT_SYMBOL_GPL(driver_for_each_device);

/**
 * driver_find_device() - the first device of a driver that a function likes
 * @drv: the driver
 * @start: begin behind this one; NULL begins with the first
 * @data: for @match
 * @match: answers other than 0 for the one
 *
 * Context: may sleep.
 * Return: a reference, or NULL.
 */
struct device *driver_find_device(struct device_driver *drv, struct device *start, const void *data,
				  int (*match)(struct device *dev, const void *data))
{
	struct device *found = NULL;
	struct klist_node *n;
	struct klist_iter i;

	if (!drv || !drv->p)
		return NULL;
	klist_iter_init_node(&drv->p->klist_devices, &i, start ? &start->p->knode_driver : NULL);
	while (!found && (n = klist_next(&i)))
		if (match(device_of_driver_node(n), data))
			found = get_device(device_of_driver_node(n));
	klist_iter_exit(&i);
	return found;
}
EXPORT_SYMBOL_GPL(driver_find_device);

/**
 * driver_create_file() - make an attribute's file in a driver's directory
 * @drv: a registered driver
 * @attr: the attribute; lives until the file is removed
 *
 * Context: may sleep.
 * Return: 0; -EINVAL no driver; else as sysfs_create_file().
 */
int driver_create_file(struct device_driver *drv, const struct driver_attribute *attr)
{
	return drv ? sysfs_create_file(&drv->p->kobj, &attr->attr) : -EINVAL;
}
EXPORT_SYMBOL_GPL(driver_create_file);

/**
 * driver_remove_file() - remove an attribute's file from a driver's directory
 * @drv: the driver
 * @attr: the attribute
 *
 * Context: waits for the attribute's callbacks.
 */
void driver_remove_file(struct device_driver *drv, const struct driver_attribute *attr)
{
	if (drv)
		sysfs_remove_file(&drv->p->kobj, &attr->attr);
}
EXPORT_SYMBOL_GPL(driver_remove_file);

int driver_add_groups(struct device_driver *drv, const struct attribute_group **groups)
{
	return sysfs_create_groups(&drv->p->kobj, groups);
}

void driver_remove_groups(struct device_driver *drv, const struct attribute_group **groups)
{
	sysfs_remove_groups(&drv->p->kobj, groups);
}

/* `drivers` in a module's directory: a reference; it stays until the module's goes. */
static struct kernfs_node *module_drivers_dir(struct kobject *module)
{
	struct kernfs_node *dir = sysfs_get_dir(module);
	struct kernfs_node *drivers;

	if (!dir)
		return NULL;
	drivers = kernfs_create_dir(dir, "drivers", 0755, module);
	if (drivers == ERR_PTR(-EEXIST))
		drivers = kernfs_find_and_get(dir, "drivers");
	kernfs_put(dir);
	return IS_ERR(drivers) ? NULL : drivers;
}

/*
 * The links between a driver and its module: they help a reader, so that a
 * failure is none of the driver's.
 */
void driver_add_module_links(struct device_driver *drv)
{
	struct kobject *module = module_kobject(drv->owner);
	struct kernfs_node *drivers;
	char *name;

	if (!module || sysfs_create_link(&drv->p->kobj, module, "module"))
		return;
	name = kasprintf(GFP_KERNEL, "%s:%s", drv->bus->name, drv->name);
	drivers = module_drivers_dir(module);
	if (name && drivers)
		sysfs_create_link_in(drivers, &drv->p->kobj, name, false);
	kernfs_put(drivers);
	kfree(name);
}

void driver_remove_module_links(struct device_driver *drv)
{
	struct kobject *module = module_kobject(drv->owner);
	char *name;

	if (!module)
		return;
	sysfs_remove_link(&drv->p->kobj, "module");
	name = kasprintf(GFP_KERNEL, "%s:%s", drv->bus->name, drv->name);
	if (name)
		sysfs_remove_link_from_group(module, "drivers", name);
	kfree(name);
}

/**
 * driver_find() - the driver of a name
 * @name: the name
 * @bus: its bus
 *
 * Context: may sleep.
 * Return: the driver, which the caller keeps from going away; NULL.
 */
struct device_driver *driver_find(const char *name, struct bus_type *bus)
{
	struct kobject *kobj = kset_find_obj(bus->p->drivers_kset, name);
	struct device_driver *drv = NULL;

	if (kobj) {
		drv = container_of(kobj, struct driver_private, kobj)->driver;
		kobject_put(kobj);
	}
	return drv;
}
EXPORT_SYMBOL_GPL(driver_find);

/**
 * driver_register() - put a driver on its bus
 * @drv: the driver
 *
 * Devices of the bus that have none are offered to it at once, unless drivers_autoprobe says
 * otherwise.
 *
 * Context: may sleep; calls the bus's match and the driver's probe.
 * Return: 0, whether or not it took a device; -EINVAL the bus is not registered; -EBUSY the bus
 * has a driver of that name; else as kobject_add(). After an error all is undone.
 */
int driver_register(struct device_driver *drv)
{
	int ret;

	if (!drv->bus->p) {
		pr_err("driver %s is for bus %s, which is not registered\n", drv->name,
		       drv->bus->name);
		return -EINVAL;
	}
	if (driver_find(drv->name, drv->bus)) {
		pr_err("bus %s has a driver %s already\n", drv->bus->name, drv->name);
		return -EBUSY;
	}
	ret = bus_add_driver(drv);
	if (ret)
		return ret;
	ret = driver_add_groups(drv, drv->groups);
	if (ret) {
		bus_remove_driver(drv);
		return ret;
	}
	kobject_uevent(&drv->p->kobj, KOBJ_ADD);
	return 0;
}
EXPORT_SYMBOL_GPL(driver_register);

/**
 * driver_unregister() - take a driver off its bus, and its devices from it
 * @drv: a registered driver
 *
 * Context: waits for callbacks of its files; calls its remove for each device.
 */
void driver_unregister(struct device_driver *drv)
{
	if (WARN(!drv || !drv->p, "driver_unregister: not registered\n"))
		return;
	driver_remove_groups(drv, drv->groups);
	bus_remove_driver(drv);
}
EXPORT_SYMBOL_GPL(driver_unregister);
