// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* Directories in /sys/class that are not classes, only links to devices of any kind. */
#include <linux/device.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/slab.h>

#include "base.h"

/* One such directory, owned by who registered it. */
struct class_compat {
	struct kobject *kobj;
};

/**
 * class_compat_register() - make /sys/class/NAME
 * @name: of the directory
 *
 * Context: may sleep.
 * Return: it, to be given to class_compat_unregister(); NULL: the name is taken, or no memory.
 */
struct class_compat *class_compat_register(const char *name)
{
	struct class_compat *cls = kmalloc(sizeof(*cls), GFP_KERNEL);

	if (!cls)
		return NULL;
	cls->kobj = kobject_create_and_add(name, &class_kset->kobj);
	if (!cls->kobj) {
		kfree(cls);
		return NULL;
	}
	return cls;
}
EXPORT_SYMBOL_GPL(class_compat_register);

/**
 * class_compat_unregister() - take it away
 * @cls: from class_compat_register()
 *
 * Context: may sleep.
 */
void class_compat_unregister(struct class_compat *cls)
{
	kobject_put(cls->kobj);
	kfree(cls);
}
EXPORT_SYMBOL_GPL(class_compat_unregister);

/**
 * class_compat_create_link() - list a device there
 * @cls: where
 * @dev: the device
 * @device_link: what a link `device` in the device's directory shall point to; NULL for none
 *
 * Context: may sleep.
 * Return: 0; else as sysfs_create_link(), and no link is made.
 */
int class_compat_create_link(struct class_compat *cls, struct device *dev,
			     struct device *device_link)
{
	int ret = sysfs_create_link(cls->kobj, &dev->kobj, dev_name(dev));

	if (ret || !device_link)
		return ret;
	ret = sysfs_create_link(&dev->kobj, &device_link->kobj, "device");
	if (ret)
		sysfs_remove_link(cls->kobj, dev_name(dev));
	return ret;
}
EXPORT_SYMBOL_GPL(class_compat_create_link);

/**
 * class_compat_remove_link() - list a device there no more
 * @cls: as for class_compat_create_link()
 * @dev: the same
 * @device_link: the same
 *
 * Context: may sleep.
 */
void class_compat_remove_link(struct class_compat *cls, struct device *dev,
			      struct device *device_link)
{
	if (device_link)
		sysfs_remove_link(&dev->kobj, "device");
	sysfs_remove_link(cls->kobj, dev_name(dev));
}
EXPORT_SYMBOL_GPL(class_compat_remove_link);
