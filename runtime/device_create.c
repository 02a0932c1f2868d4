// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* Devices that the device model itself allocates. */
#include <linux/device.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/slab.h>

#include "base.h"

static void device_create_release(struct device *dev)
{
	kfree(dev);
}

/**
 * device_create_vargs() - make and register a device of a class
 * @class: its class
 * @parent: its parent, may be NULL
 * @devt: its number, 0 for none
 * @drvdata: what dev_get_drvdata() answers
 * @groups: its attributes, may be NULL
 * @fmt: format of its name
 * @args: arguments
 *
 * Context: may sleep.
 * Return: the device, to be given to device_destroy() or device_unregister(); an error in the
 * pointer: -ENODEV no class; else as device_add().
 */
struct device *device_create_vargs(struct class *class, struct device *parent, dev_t devt,
				   void *drvdata, const struct attribute_group **groups,
				   const char *fmt, va_list args)
{
	struct device *dev;
	int ret;

	if (IS_ERR_OR_NULL(class))
		return ERR_PTR(-ENODEV);
	dev = kzalloc(sizeof(*dev), GFP_KERNEL);
	if (!dev)
		return ERR_PTR(-ENOMEM);
	device_initialize(dev);
	dev->devt = devt;
	dev->class = class;
	dev->parent = parent;
	dev->groups = groups;
	dev->release = device_create_release;
	dev_set_drvdata(dev, drvdata);
	ret = kobject_set_name_vargs(&dev->kobj, fmt, args);
	if (!ret)
		ret = device_add(dev);
	if (ret) {
		put_device(dev);
		return ERR_PTR(ret);
	}
	return dev;
}
EXPORT_SYMBOL_GPL(device_create_vargs);

/**
 * device_create() - make and register a device of a class
 * @class: see device_create_vargs()
 * @parent: the same
 * @devt: the same
 * @drvdata: the same
 * @fmt: format of its name
 *
 * Context: may sleep.
 * Return: as device_create_vargs().
 */
struct device *device_create(struct class *class, struct device *parent, dev_t devt, void *drvdata,
			     const char *fmt, ...)
{
	struct device *dev;
	va_list args;

	va_start(args, fmt);
	dev = device_create_vargs(class, parent, devt, drvdata, NULL, fmt, args);
	va_end(args);
	return dev;
}
EXPORT_SYMBOL_GPL(device_create);

/**
 * device_create_with_groups() - make and register a device of a class with attributes
 * @class: see device_create_vargs()
 * @parent: the same
 * @devt: the same
 * @drvdata: the same
 * @groups: the same
 * @fmt: format of its name
 *
 * Context: may sleep.
 * Return: as device_create_vargs().
 */
struct device *device_create_with_groups(struct class *class, struct device *parent, dev_t devt,
					 void *drvdata, const struct attribute_group **groups,
					 const char *fmt, ...)
{
	struct device *dev;
	va_list args;

	va_start(args, fmt);
	dev = device_create_vargs(class, parent, devt, drvdata, groups, fmt, args);
	va_end(args);
	return dev;
}
EXPORT_SYMBOL_GPL(device_create_with_groups);

/**
 * device_destroy() - unregister the device of a class and a number
 * @class: the class
 * @devt: the number; nothing happens where the class has no such device
 *
 * Context: as device_unregister().
 */
void device_destroy(struct class *class, dev_t devt)
{
	struct device *dev = class_find_device_by_devt(class, devt);

	if (!dev)
		return;
	put_device(dev);
	device_unregister(dev);
}
EXPORT_SYMBOL_GPL(device_destroy);

/* A root device: /sys/devices/NAME, with a link to its module. */
struct root_device {
	struct device dev;
	struct module *owner;
};

static void root_device_release(struct device *dev)
{
	kfree(container_of(dev, struct root_device, dev));
}

/**
 * __root_device_register() - make and register a device that is nothing but a place for others
 * @name: its directory in /sys/devices
 * @owner: module that it belongs to
 *
 * Context: may sleep.
 * Return: the device, to be given to root_device_unregister(); else as device_add().
 */
struct device *__root_device_register(const char *name, struct module *owner)
{
	struct root_device *root = kzalloc(sizeof(*root), GFP_KERNEL);
	struct kobject *module = module_kobject(owner);
	int ret;

	if (!root)
		return ERR_PTR(-ENOMEM);
	root->dev.release = root_device_release;
	device_initialize(&root->dev);
	ret = dev_set_name(&root->dev, "%s", name);
	if (!ret)
		ret = device_add(&root->dev);
	if (ret)
		goto put;
	if (module) {
		ret = sysfs_create_link(&root->dev.kobj, module, "module");
		if (ret)
			goto del;
		root->owner = owner;
	}
	return &root->dev;
del:
	device_del(&root->dev);
put:
	put_device(&root->dev);
	return ERR_PTR(ret);
}
EXPORT_SYMBOL_GPL(__root_device_register);

/**
 * root_device_unregister() - take a root device away
 * @dev: from root_device_register()
 *
 * Context: as device_unregister().
 */
void root_device_unregister(struct device *dev)
{
	if (container_of(dev, struct root_device, dev)->owner)
		sysfs_remove_link(&dev->kobj, "module");
	device_unregister(dev);
}
EXPORT_SYMBOL_GPL(root_device_unregister);
