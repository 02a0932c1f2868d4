// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* Attributes of devices. */
#include <linux/bug.h>
#include <linux/device.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "base.h"

static ssize_t dev_attr_show(struct kobject *kobj, struct attribute *attr, char *buf)
{
	struct device_attribute *dattr = container_of(attr, struct device_attribute, attr);

	return dattr->show ? dattr->show(kobj_to_dev(kobj), dattr, buf) : -EIO;
}

static ssize_t dev_attr_store(struct kobject *kobj, struct attribute *attr, const char *buf,
			      size_t count)
{
	struct device_attribute *dattr = container_of(attr, struct device_attribute, attr);

	return dattr->store ? dattr->store(kobj_to_dev(kobj), dattr, buf, count) : -EIO;
}

const struct sysfs_ops dev_sysfs_ops = {
	.show = dev_attr_show,
	.store = dev_attr_store,
};

/* The keys that a uevent of the device would have, one a line. */
static ssize_t uevent_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	const struct kset_uevent_ops *ops = &device_uevent_ops;
	struct kobj_uevent_env *env;
	ssize_t len = 0;
	int i, ret;

	if (!ops->filter(devices_kset, &dev->kobj))
		return 0;
	env = kzalloc(sizeof(*env), GFP_KERNEL);
	if (!env)
		return -ENOMEM;
	ret = ops->uevent(devices_kset, &dev->kobj, env);
	for (i = 0; !ret && i < env->envp_idx; i++)
		len += sysfs_emit_at(buf, len, "%s\n", env->envp[i]);
	kfree(env);
	return ret ? ret : len;
}

static ssize_t uevent_store(struct device *dev, struct device_attribute *attr, const char *buf,
			    size_t count)
{
	int ret = kobject_synth_uevent(&dev->kobj, buf, count);

	return ret ? ret : (ssize_t)count;
}

DEVICE_ATTR_RW(uevent);

static ssize_t dev_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return print_dev_t(buf, dev->devt);
}

DEVICE_ATTR_RO(dev);

/**
 * device_create_file() - make an attribute's file
 * @dev: in whose directory; NULL does nothing
 * @attr: the attribute; lives until the file is removed
 *
 * Context: may sleep.
 * Return: 0; else as sysfs_create_file().
 */
int device_create_file(struct device *dev, const struct device_attribute *attr)
{
	if (!dev)
		return 0;
	WARN((attr->attr.mode & 0222) && !attr->store, "attribute %s: writable without store\n",
	     attr->attr.name);
	WARN((attr->attr.mode & 0444) && !attr->show, "attribute %s: readable without show\n",
	     attr->attr.name);
	return sysfs_create_file(&dev->kobj, &attr->attr);
}
EXPORT_SYMBOL_GPL(device_create_file);

/**
 * device_remove_file() - remove an attribute's file
 * @dev: from whose directory; NULL does nothing
 * @attr: the attribute
 *
 * Context: waits for the attribute's callbacks.
 */
void device_remove_file(struct device *dev, const struct device_attribute *attr)
{
	if (dev)
		sysfs_remove_file(&dev->kobj, &attr->attr);
}
EXPORT_SYMBOL_GPL(device_remove_file);

/**
 * device_remove_file_self() - remove an attribute's file from within its callback
 * @dev: from whose directory
 * @attr: the attribute, whose callback runs in this thread
 *
 * Context: see sysfs_remove_file_self().
 * Return: true in the one callback that removed it.
 */
bool device_remove_file_self(struct device *dev, const struct device_attribute *attr)
{
	return dev && sysfs_remove_file_self(&dev->kobj, &attr->attr);
}
EXPORT_SYMBOL_GPL(device_remove_file_self);

/**
 * device_add_groups() - make groups of attributes, or none
 * @dev: in whose directory
 * @groups: NULL-terminated; NULL for none
 *
 * Context: may sleep.
 * Return: as sysfs_create_groups().
 */
int device_add_groups(struct device *dev, const struct attribute_group **groups)
{
	return sysfs_create_groups(&dev->kobj, groups);
}
EXPORT_SYMBOL_GPL(device_add_groups);

/**
 * device_remove_groups() - remove groups of attributes
 * @dev: from whose directory
 * @groups: NULL-terminated; NULL for none
 *
 * Context: waits for the attributes' callbacks.
 */
void device_remove_groups(struct device *dev, const struct attribute_group **groups)
{
	sysfs_remove_groups(&dev->kobj, groups);
}
EXPORT_SYMBOL_GPL(device_remove_groups);

/* The groups of class, type and device, in this order. */
int device_add_attrs(struct device *dev)
{
	int ret;

	ret = device_add_groups(dev, dev->class ? dev->class->dev_groups : NULL);
	if (ret)
		return ret;
	ret = device_add_groups(dev, dev->type ? dev->type->groups : NULL);
	if (ret)
		goto remove_class;
	ret = device_add_groups(dev, dev->groups);
	if (ret)
		goto remove_type;
	return 0;
remove_type:
	device_remove_groups(dev, dev->type ? dev->type->groups : NULL);
remove_class:
	device_remove_groups(dev, dev->class ? dev->class->dev_groups : NULL);
	return ret;
}

void device_remove_attrs(struct device *dev)
{
	device_remove_groups(dev, dev->groups);
	device_remove_groups(dev, dev->type ? dev->type->groups : NULL);
	device_remove_groups(dev, dev->class ? dev->class->dev_groups : NULL);
}

static void *dev_ext_var(struct device_attribute *attr)
{
	return container_of(attr, struct dev_ext_attribute, attr)->var;
}

/**
 * device_show_ulong() - show callback of DEVICE_ULONG_ATTR()
 * @dev: the device
 * @attr: in a struct dev_ext_attribute
 * @buf: gets the value in hexadecimal
 *
 * Return: its length.
 */
ssize_t device_show_ulong(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%lx\n", READ_ONCE(*(unsigned long *)dev_ext_var(attr)));
}
EXPORT_SYMBOL_GPL(device_show_ulong);

/**
 * device_store_ulong() - store callback of DEVICE_ULONG_ATTR()
 * @dev: the device
 * @attr: in a struct dev_ext_attribute
 * @buf: a number, hexadecimal with 0x, octal with 0
 * @count: length of @buf
 *
 * Return: @count; -EINVAL no number; -ERANGE too large.
 */
ssize_t device_store_ulong(struct device *dev, struct device_attribute *attr, const char *buf,
			   size_t count)
{
	unsigned long val;
	int ret = kstrtoul(buf, 0, &val);

	if (ret)
		return ret;
	WRITE_ONCE(*(unsigned long *)dev_ext_var(attr), val);
	return count;
}
EXPORT_SYMBOL_GPL(device_store_ulong);

/**
 * device_show_int() - show callback of DEVICE_INT_ATTR()
 * @dev: the device
 * @attr: in a struct dev_ext_attribute
 * @buf: gets the value
 *
 * Return: its length.
 */
ssize_t device_show_int(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%d\n", READ_ONCE(*(int *)dev_ext_var(attr)));
}
EXPORT_SYMBOL_GPL(device_show_int);

/**
 * device_store_int() - store callback of DEVICE_INT_ATTR()
 * @dev: the device
 * @attr: in a struct dev_ext_attribute
 * @buf: a number
 * @count: length of @buf
 *
 * Return: @count; -EINVAL no number; -ERANGE too large.
 */
ssize_t device_store_int(struct device *dev, struct device_attribute *attr, const char *buf,
			 size_t count)
{
	int val;
	int ret = kstrtoint(buf, 0, &val);

	if (ret)
		return ret;
	WRITE_ONCE(*(int *)dev_ext_var(attr), val);
	return count;
}
EXPORT_SYMBOL_GPL(device_store_int);

/**
 * device_show_bool() - show callback of DEVICE_BOOL_ATTR()
 * @dev: the device
 * @attr: in a struct dev_ext_attribute
 * @buf: gets 0 or 1
 *
 * Return: its length.
 */
ssize_t device_show_bool(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%d\n", READ_ONCE(*(bool *)dev_ext_var(attr)));
}
EXPORT_SYMBOL_GPL(device_show_bool);

/**
 * device_store_bool() - store callback of DEVICE_BOOL_ATTR()
 * @dev: the device
 * @attr: in a struct dev_ext_attribute
 * @buf: what kstrtobool() takes
 * @count: length of @buf
 *
 * Return: @count; -EINVAL none of that.
 */
ssize_t device_store_bool(struct device *dev, struct device_attribute *attr, const char *buf,
			  size_t count)
{
	bool val;

	if (kstrtobool(buf, &val))
		return -EINVAL;
	WRITE_ONCE(*(bool *)dev_ext_var(attr), val);
	return count;
}
EXPORT_SYMBOL_GPL(device_store_bool);
