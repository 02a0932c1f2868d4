// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Where a device's directory is, and the links that lead to it.
 *
 * A device of a class goes into a directory named like the class below its
 * parent, or below /sys/devices/virtual if it has none, unless the parent is of
 * a class itself. These "glue" directories come with their first device and go
 * with their last.
 *
 * Locks: device_glue_lock covers the making and removing of glue directories;
 * each device in one has two references on it, one as its parent and one from
 * device_place_get().
 */
#include <linux/device.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "base.h"
#include "sysfs_tree.h"

static DEFINE_MUTEX(device_glue_lock);

static void glue_dir_release(struct kobject *kobj)
{
	kfree(kobj);
}

static struct kobj_type glue_dir_ktype = {
	.release = glue_dir_release,
	.sysfs_ops = &kobj_sysfs_ops,
};

/* A reference on the glue directory of @class below @parent; device_glue_lock is held. */
static struct kobject *glue_dir_find(struct class *class, struct kobject *parent)
{
	struct kset *dirs = &class->p->glue_dirs;
	struct kobject *pos, *found = NULL;

	spin_lock(&dirs->list_lock);
	list_for_each_entry(pos, &dirs->list, entry) {
		if (pos->parent == parent) {
			found = kobject_get_unless_zero(pos);
			break;
		}
	}
	spin_unlock(&dirs->list_lock);
	return found;
}

static struct kobject *glue_dir_create(struct class *class, struct kobject *parent)
{
	struct kobject *dir = kzalloc(sizeof(*dir), GFP_KERNEL);
	int ret;

	if (!dir)
		return ERR_PTR(-ENOMEM);
	kobject_init(dir, &glue_dir_ktype);
	dir->kset = &class->p->glue_dirs;
	ret = kobject_add(dir, parent, "%s", class->name);
	if (ret) {
		kobject_put(dir);
		return ERR_PTR(ret);
	}
	return dir;
}

static struct kobject *glue_dir_get(struct class *class, struct kobject *parent)
{
	struct kobject *dir;

	mutex_lock(&device_glue_lock);
	dir = glue_dir_find(class, parent);
	if (!dir)
		dir = glue_dir_create(class, parent);
	mutex_unlock(&device_glue_lock);
	return dir;
}

/*
 * The kobject in whose directory @dev goes: an error in the pointer, or NULL for
 * /sys/devices. To be given to device_place_put() when @dev is gone from there.
 */
struct kobject *device_place_get(struct device *dev, struct device *parent)
{
	if (dev->class) {
		if (!dev->class->p)
			return ERR_PTR(-ENODEV);
		if (!parent)
			return glue_dir_get(dev->class, virtual_kobj);
		if (parent->class)
			return &parent->kobj;
		return glue_dir_get(dev->class, &parent->kobj);
	}
	if (!parent && dev->bus && dev->bus->dev_root)
		return &dev->bus->dev_root->kobj;
	return parent ? &parent->kobj : NULL;
}

void device_place_put(struct device *dev, struct kobject *place)
{
	if (!place || place->ktype != &glue_dir_ktype)
		return;
	mutex_lock(&device_glue_lock);
	/* If it is the last, the directory is gone before anybody can look for it again. */
	kobject_put(place);
	mutex_unlock(&device_glue_lock);
}

/* Links between @dev and its class: `subsystem`, `device`, and the class's one to it. */
int device_add_class_links(struct device *dev)
{
	int ret;

	if (!dev->class)
		return 0;
	ret = sysfs_create_link(&dev->kobj, &dev->class->p->subsys.kobj, "subsystem");
	if (ret)
		return ret;
	if (dev->parent) {
		ret = sysfs_create_link(&dev->kobj, &dev->parent->kobj, "device");
		if (ret)
			goto remove_subsystem;
	}
	ret = sysfs_create_link(&dev->class->p->subsys.kobj, &dev->kobj, dev_name(dev));
	if (ret)
		goto remove_device;
	return 0;
remove_device:
	if (dev->parent)
		sysfs_remove_link(&dev->kobj, "device");
remove_subsystem:
	sysfs_remove_link(&dev->kobj, "subsystem");
	return ret;
}

void device_remove_class_links(struct device *dev)
{
	if (!dev->class)
		return;
	if (dev->parent)
		sysfs_remove_link(&dev->kobj, "device");
	sysfs_remove_link(&dev->kobj, "subsystem");
	sysfs_delete_link(&dev->class->p->subsys.kobj, &dev->kobj, dev_name(dev));
}

/* The directory of /sys/dev that lists @dev by its number. */
static struct kobject *device_number_dir(struct device *dev)
{
	return dev->class ? dev->class->dev_kobj : dev_char_kobj;
}

int device_add_number_link(struct device *dev)
{
	char number[24];

	snprintf(number, sizeof(number), "%u:%u", MAJOR(dev->devt), MINOR(dev->devt));
	return sysfs_create_link(device_number_dir(dev), &dev->kobj, number);
}

void device_remove_number_link(struct device *dev)
{
	char number[24];

	snprintf(number, sizeof(number), "%u:%u", MAJOR(dev->devt), MINOR(dev->devt));
	sysfs_remove_link(device_number_dir(dev), number);
}
