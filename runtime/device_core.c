// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* Devices: their life from device_initialize() to the last put_device(). Locks: base.h. */
#include <linux/bug.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "base.h"
#include "chrdev.h"
#include "counts.h"

static void device_release(struct kobject *kobj)
{
	struct device *dev = kobj_to_dev(kobj);
	struct device_private *p = dev->p;

	count_add(COUNT_DEVICES, -1);
	mutex_destroy(&dev->mutex);
	if (dev->release)
		dev->release(dev);
	else if (dev->type && dev->type->release)
		dev->type->release(dev);
	else if (dev->class && dev->class->dev_release)
		dev->class->dev_release(dev);
	else
		WARN(1, "device %s has no release callback and is leaked\n", dev_name(dev));
	kfree(p);
}

static struct kobj_type device_ktype = {
	.release = device_release,
	.sysfs_ops = &dev_sysfs_ops,
};

/* Is @kobj that of a device? */
static bool device_is_kobj(const struct kobject *kobj)
{
	return kobj->ktype == &device_ktype;
}

static int device_uevent_filter(struct kset *kset, struct kobject *kobj)
{
	return device_is_kobj(kobj) && (kobj_to_dev(kobj)->bus || kobj_to_dev(kobj)->class);
}

static const char *device_uevent_name(struct kset *kset, struct kobject *kobj)
{
	struct device *dev = kobj_to_dev(kobj);

	if (dev->bus)
		return dev->bus->name;
	return dev->class ? dev->class->name : NULL;
}

/* MAJOR, MINOR, DEVNAME, DEVMODE, DEVUID, DEVGID of a device with a number. */
static int device_uevent_number(struct device *dev, struct kobj_uevent_env *env)
{
	const char *tmp, *name;
	umode_t mode = 0;
	uid_t uid = 0;
	gid_t gid = 0;
	int ret;

	ret = add_uevent_var(env, "MAJOR=%u", MAJOR(dev->devt));
	if (!ret)
		ret = add_uevent_var(env, "MINOR=%u", MINOR(dev->devt));
	if (ret)
		return ret;
	name = device_get_devnode(dev, &mode, &uid, &gid, &tmp);
	if (!name)
		return 0;
	ret = add_uevent_var(env, "DEVNAME=%s", name);
	kfree(tmp);
	if (!ret && mode)
		ret = add_uevent_var(env, "DEVMODE=%#o", mode & 0777);
	if (!ret && uid)
		ret = add_uevent_var(env, "DEVUID=%u", uid);
	if (!ret && gid)
		ret = add_uevent_var(env, "DEVGID=%u", gid);
	return ret;
}

/* Each key in Linux's order; the callbacks' errors drop the event. */
static int device_uevent(struct kset *kset, struct kobject *kobj, struct kobj_uevent_env *env)
{
	struct device *dev = kobj_to_dev(kobj);
	char driver[64];
	int ret = 0;

	if (MAJOR(dev->devt))
		ret = device_uevent_number(dev, env);
	if (!ret && dev->type && dev->type->name)
		ret = add_uevent_var(env, "DEVTYPE=%s", dev->type->name);
	if (!ret && device_copy_driver_name(dev, driver, sizeof(driver)))
		ret = add_uevent_var(env, "DRIVER=%s", driver);
	if (!ret && dev->bus && dev->bus->uevent)
		ret = dev->bus->uevent(dev, env);
	if (!ret && dev->class && dev->class->dev_uevent)
		ret = dev->class->dev_uevent(dev, env);
	if (!ret && dev->type && dev->type->uevent)
		ret = dev->type->uevent(dev, env);
	return ret;
}

const struct kset_uevent_ops device_uevent_ops = {
	.filter = device_uevent_filter,
	.name = device_uevent_name,
	.uevent = device_uevent,
};

/**
 * device_get_devnode() - the path of a device below /dev
 * @dev: the device
 * @mode: gets the node's mode where the type or the class says so
 * @uid: its owner, likewise
 * @gid: its group, likewise
 * @tmp: gets what the caller has to kfree(), NULL for nothing
 *
 * Context: may sleep.
 * Return: the path; NULL: no memory.
 */
const char *device_get_devnode(struct device *dev, umode_t *mode, uid_t *uid, gid_t *gid,
			       const char **tmp)
{
	char *name;

	*tmp = NULL;
	if (dev->type && dev->type->devnode)
		*tmp = dev->type->devnode(dev, mode, uid, gid);
	if (!*tmp && dev->class && dev->class->devnode)
		*tmp = dev->class->devnode(dev, mode);
	if (*tmp)
		return *tmp;
	if (!strchr(dev_name(dev), '!'))
		return dev_name(dev);
	name = kstrdup(dev_name(dev), GFP_KERNEL);
	if (!name)
		return NULL;
	strreplace(name, '!', '/');
	*tmp = name;
	return name;
}
EXPORT_SYMBOL_GPL(device_get_devnode);

/**
 * dev_set_name() - name a device
 * @dev: not added yet
 * @fmt: format of the name; slashes in the name become exclamation marks
 *
 * Context: may sleep.
 * Return: 0; -ENOMEM.
 */
int dev_set_name(struct device *dev, const char *fmt, ...)
{
	va_list args;
	int ret;

	va_start(args, fmt);
	ret = kobject_set_name_vargs(&dev->kobj, fmt, args);
	va_end(args);
	return ret;
}
EXPORT_SYMBOL_GPL(dev_set_name);

/**
 * dev_bus_name() - the name of what a device is on
 * @dev: the device
 *
 * Context: any.
 * Return: the bus's name, else the class's, else "".
 */
const char *dev_bus_name(const struct device *dev)
{
	if (dev->bus)
		return dev->bus->name;
	return dev->class ? dev->class->name : "";
}
EXPORT_SYMBOL_GPL(dev_bus_name);

/**
 * dev_driver_string() - the name by which messages call a device's driver
 * @dev: the device
 *
 * Context: any; the name is that of the driver, the bus or the class, which the caller keeps from
 * going away.
 * Return: the driver's name if one is bound, else as dev_bus_name().
 */
const char *dev_driver_string(const struct device *dev)
{
	struct device_driver *drv = READ_ONCE(dev->driver);

	return drv ? drv->name : dev_bus_name(dev);
}
EXPORT_SYMBOL_GPL(dev_driver_string);

/**
 * device_initialize() - make a device usable, with one reference for the caller
 * @dev: zeroed but for what its maker sets
 *
 * From now on only put_device() frees it.
 *
 * Context: any.
 */
void device_initialize(struct device *dev)
{
	dev->kobj.kset = devices_kset;
	kobject_init(&dev->kobj, &device_ktype);
	mutex_init(&dev->mutex);
	count_add(COUNT_DEVICES, 1);
}
EXPORT_SYMBOL_GPL(device_initialize);

static void klist_children_get(struct klist_node *n)
{
	get_device(device_of_parent_node(n));
}

static void klist_children_put(struct klist_node *n)
{
	put_device(device_of_parent_node(n));
}

static int device_private_init(struct device *dev)
{
	if (dev->p)
		return 0;
	dev->p = kzalloc(sizeof(*dev->p), GFP_KERNEL);
	if (!dev->p)
		return -ENOMEM;
	dev->p->device = dev;
	klist_init(&dev->p->klist_children, klist_children_get, klist_children_put);
	return 0;
}

/* The name that the device's maker gave or that its bus gives. */
static int device_final_name(struct device *dev)
{
	int ret = 0;

	if (dev->init_name) {
		ret = dev_set_name(dev, "%s", dev->init_name);
		dev->init_name = NULL;
	}
	if (!ret && !dev_name(dev) && dev->bus && dev->bus->dev_name)
		ret = dev_set_name(dev, "%s%u", dev->bus->dev_name, dev->id);
	if (!ret && !dev_name(dev))
		return -EINVAL;
	return ret;
}

/* What there is of a device with a number: `dev`, the link in /sys/dev, the name in /dev. */
static int device_add_number(struct device *dev)
{
	int ret;

	if (!MAJOR(dev->devt))
		return 0;
	ret = device_create_file(dev, &dev_attr_dev);
	if (ret)
		return ret;
	ret = device_add_number_link(dev);
	if (ret)
		goto remove_file;
	ret = devtmpfs_create_node(dev);
	if (ret)
		goto remove_link;
	return 0;
remove_link:
	device_remove_number_link(dev);
remove_file:
	device_remove_file(dev, &dev_attr_dev);
	return ret;
}

static void device_remove_number(struct device *dev)
{
	if (!MAJOR(dev->devt))
		return;
	devtmpfs_delete_node(dev);
	device_remove_number_link(dev);
	device_remove_file(dev, &dev_attr_dev);
}

/*
 * What is in the directory of @dev, and the links to it. The bus comes last: once @dev is in its
 * list, others find it, stand on it in their walks and bind drivers, and no error may take it back.
 */
static int device_fill(struct device *dev)
{
	int ret;

	ret = device_create_file(dev, &dev_attr_uevent);
	if (ret)
		return ret;
	ret = device_add_class_links(dev);
	if (ret)
		goto remove_uevent;
	ret = device_add_attrs(dev);
	if (ret)
		goto remove_class_links;
	ret = device_add_number(dev);
	if (ret)
		goto remove_attrs;
	ret = bus_add_device(dev);
	if (ret)
		goto remove_number;
	return 0;
remove_number:
	device_remove_number(dev);
remove_attrs:
	device_remove_attrs(dev);
remove_class_links:
	device_remove_class_links(dev);
remove_uevent:
	device_remove_file(dev, &dev_attr_uevent);
	return ret;
}

/**
 * device_add() - add a device to the tree, its bus and its class, and bind it
 * @dev: initialised, with a name
 *
 * The uevent "add" is sent when all of its files are there, and before a driver is bound.
 *
 * Context: may sleep; calls the bus's match and drivers' probe with the device's lock held.
 * Return: 0, whether or not a driver took it; -EINVAL no name; -EEXIST the name is taken; -ENODEV
 * its bus is not registered; -ENOENT the parent is not there; -ENOMEM. After an error all is
 * undone, and the caller still has a reference to drop with put_device().
 */
int device_add(struct device *dev)
{
	struct kobject *place;
	struct device *parent;
	int ret;

	dev = get_device(dev);
	if (!dev)
		return -EINVAL;
	ret = device_private_init(dev);
	if (ret)
		goto put;
	ret = device_final_name(dev);
	if (ret)
		goto free_private;
	parent = get_device(dev->parent);
	place = device_place_get(dev, parent);
	if (IS_ERR(place)) {
		ret = PTR_ERR(place);
		goto put_parent;
	}
	dev->kobj.parent = place;
	ret = kobject_add(&dev->kobj, place, NULL);
	if (ret)
		goto put_place;
	ret = device_fill(dev);
	if (ret)
		goto del;

	bus_notify(dev, BUS_NOTIFY_ADD_DEVICE);
	kobject_uevent(&dev->kobj, KOBJ_ADD);
	bus_probe_device(dev);
	if (parent)
		klist_add_tail(&dev->p->knode_parent, &parent->p->klist_children);
	class_add_device(dev);
	put_device(dev);
	return 0;
del:
	kobject_del(&dev->kobj);
put_place:
	device_place_put(dev, place);
put_parent:
	put_device(parent);
free_private:
	kfree(dev->p);
	dev->p = NULL;
put:
	put_device(dev);
	return ret;
}
EXPORT_SYMBOL_GPL(device_add);

/**
 * device_del() - the mirror of device_add()
 * @dev: a device that was added
 *
 * Unbinds the driver, removes all files and links, and sends the uevent "remove".
 *
 * Context: waits for callbacks of the device's files and for the driver's remove.
 */
void device_del(struct device *dev)
{
	struct device *parent = dev->parent;
	struct kobject *place;

	device_lock(dev);
	dev->p->dead = true;
	device_unlock(dev);

	bus_notify(dev, BUS_NOTIFY_DEL_DEVICE);
	if (parent)
		klist_del(&dev->p->knode_parent);
	device_remove_number(dev);
	if (dev->class) {
		device_remove_class_links(dev);
		class_remove_device(dev);
	}
	device_remove_file(dev, &dev_attr_uevent);
	device_remove_attrs(dev);
	bus_remove_device(dev);
	bus_notify(dev, BUS_NOTIFY_REMOVED_DEVICE);
	kobject_uevent(&dev->kobj, KOBJ_REMOVE);
	place = dev->kobj.parent;
	kobject_del(&dev->kobj);
	device_place_put(dev, place);
	put_device(parent);
}
EXPORT_SYMBOL_GPL(device_del);

/**
 * device_register() - device_initialize() and device_add()
 * @dev: as for device_initialize()
 *
 * Context: as device_add().
 * Return: as device_add(); after an error, too, only put_device() frees it.
 */
int device_register(struct device *dev)
{
	device_initialize(dev);
	return device_add(dev);
}
EXPORT_SYMBOL_GPL(device_register);

/**
 * device_unregister() - device_del() and put_device()
 * @dev: the device
 *
 * Context: as device_del().
 */
void device_unregister(struct device *dev)
{
	device_del(dev);
	put_device(dev);
}
EXPORT_SYMBOL_GPL(device_unregister);

/**
 * get_device() - take a reference
 * @dev: the device, may be NULL
 *
 * Context: any.
 * Return: @dev.
 */
struct device *get_device(struct device *dev)
{
	return dev ? kobj_to_dev(kobject_get(&dev->kobj)) : NULL;
}
EXPORT_SYMBOL_GPL(get_device);

/**
 * put_device() - drop a reference
 * @dev: the device, may be NULL
 *
 * The last one calls the device's release, or that of its type or class.
 *
 * Context: may sleep.
 */
void put_device(struct device *dev)
{
	if (dev)
		kobject_put(&dev->kobj);
}
EXPORT_SYMBOL_GPL(put_device);
