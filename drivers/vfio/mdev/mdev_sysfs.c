// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * The files by which mediated devices are managed: the types of a parent with their `create`, and
 * `remove`, `mdev_type` and the links of a mediated device (seed 001, rows M04 and M05).
 */
#include <linux/device.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/kobject.h>
#include <linux/mdev.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include <linux/uuid.h>

#include "mdev_private.h"

static struct mdev_type_attribute *to_mdev_type_attr(struct attribute *attr)
{
	return container_of(attr, struct mdev_type_attribute, attr);
}

static ssize_t mdev_type_show(struct kobject *kobj, struct attribute *attr, char *buf)
{
	struct mdev_type_attribute *type_attr = to_mdev_type_attr(attr);

	if (!type_attr->show)
		return -EIO;
	return type_attr->show(kobj, to_mdev_type(kobj)->parent->dev, buf);
}

static ssize_t mdev_type_store(struct kobject *kobj, struct attribute *attr, const char *buf,
			       size_t count)
{
	struct mdev_type_attribute *type_attr = to_mdev_type_attr(attr);

	if (!type_attr->store)
		return -EIO;
	return type_attr->store(kobj, to_mdev_type(kobj)->parent->dev, buf, count);
}

static const struct sysfs_ops mdev_type_sysfs_ops = {
	.show = mdev_type_show,
	.store = mdev_type_store,
};

static void mdev_type_release(struct kobject *kobj)
{
	kfree(to_mdev_type(kobj));
}

static struct kobj_type mdev_type_ktype = {
	.sysfs_ops = &mdev_type_sysfs_ops,
	.release = mdev_type_release,
};

/* A UUID in its text form, and at most a line end behind it: no more, no less. */
static int mdev_parse_uuid(const char *buf, size_t count, guid_t *uuid)
{
	char text[UUID_STRING_LEN + 1];

	if (count == UUID_STRING_LEN + 1 && buf[UUID_STRING_LEN] == '\n')
		count--;
	if (count != UUID_STRING_LEN)
		return -EINVAL;

	memcpy(text, buf, UUID_STRING_LEN);
	text[UUID_STRING_LEN] = '\0';
	return guid_parse(text, uuid);
}

static ssize_t create_store(struct kobject *kobj, struct device *dev, const char *buf, size_t count)
{
	guid_t uuid;
	int ret;

	ret = mdev_parse_uuid(buf, count, &uuid);
	if (ret)
		return ret;

	ret = mdev_device_create(to_mdev_type(kobj), &uuid);
	return ret ? ret : (ssize_t)count;
}

static MDEV_TYPE_ATTR_WO(create);

static const struct attribute **mdev_type_attrs(struct mdev_type *type)
{
	return (const struct attribute **)type->group->attrs;
}

static void mdev_type_remove(struct mdev_type *type)
{
	list_del(&type->node);
	sysfs_remove_file(&type->kobj, &mdev_type_attr_create.attr);
	if (type->group->attrs)
		sysfs_remove_files(&type->kobj, mdev_type_attrs(type));
	kobject_put(type->devices_kobj);
	kobject_del(&type->kobj);
	kobject_put(&type->kobj);
}

/* `create` comes last: what can be created is complete. */
static int mdev_type_add_files(struct mdev_type *type)
{
	int ret;

	type->devices_kobj = kobject_create_and_add("devices", &type->kobj);
	if (!type->devices_kobj)
		return -ENOMEM;

	if (type->group->attrs) {
		ret = sysfs_create_files(&type->kobj, mdev_type_attrs(type));
		if (ret)
			goto err_devices;
	}

	ret = sysfs_create_file(&type->kobj, &mdev_type_attr_create.attr);
	if (ret)
		goto err_attrs;
	return 0;

err_attrs:
	if (type->group->attrs)
		sysfs_remove_files(&type->kobj, mdev_type_attrs(type));
err_devices:
	kobject_put(type->devices_kobj);
	return ret;
}

static int mdev_type_add(struct mdev_parent *parent, struct attribute_group *group)
{
	struct mdev_type *type;
	int ret;

	if (!group->name) {
		dev_err(parent->dev, "MDEV: a supported type has no name\n");
		return -EINVAL;
	}

	type = kzalloc(sizeof(*type), GFP_KERNEL);
	if (!type)
		return -ENOMEM;

	type->parent = parent;
	type->group = group;
	type->kobj.kset = parent->types_kset;

	ret = kobject_init_and_add(&type->kobj, &mdev_type_ktype, NULL, "%s-%s",
				   dev_driver_string(parent->dev), group->name);
	if (ret)
		goto err_put;

	ret = mdev_type_add_files(type);
	if (ret)
		goto err_del;

	list_add_tail(&type->node, &parent->types);
	return 0;

err_del:
	kobject_del(&type->kobj);
err_put:
	kobject_put(&type->kobj);
	return ret;
}

static void mdev_parent_remove_types(struct mdev_parent *parent)
{
	struct mdev_type *type, *next;

	list_for_each_entry_safe_reverse(type, next, &parent->types, node)
		mdev_type_remove(type);
}

/**
 * mdev_parent_add_files() - make the attributes and types of a parent
 * @parent: the parent, not registered yet
 *
 * Context: may sleep.
 * Return: 0; -EINVAL a type has no name; -ENOMEM; errors of the tree. On error nothing is left.
 */
int mdev_parent_add_files(struct mdev_parent *parent)
{
	struct attribute_group **group;
	int ret;

	parent->types_kset = kset_create_and_add("mdev_supported_types", NULL, &parent->dev->kobj);
	if (!parent->types_kset)
		return -ENOMEM;

	ret = sysfs_create_groups(&parent->dev->kobj, parent->ops->dev_attr_groups);
	if (ret)
		goto err_kset;

	for (group = parent->ops->supported_type_groups; *group; group++) {
		ret = mdev_type_add(parent, *group);
		if (ret)
			goto err_types;
	}
	return 0;

err_types:
	mdev_parent_remove_types(parent);
	sysfs_remove_groups(&parent->dev->kobj, parent->ops->dev_attr_groups);
err_kset:
	kset_unregister(parent->types_kset);
	return ret;
}

/**
 * mdev_parent_remove_files() - the mirror of mdev_parent_add_files()
 * @parent: the parent, without mediated devices
 *
 * Context: may sleep; waits for readers and writers of the files.
 */
void mdev_parent_remove_files(struct mdev_parent *parent)
{
	mdev_parent_remove_types(parent);
	sysfs_remove_groups(&parent->dev->kobj, parent->ops->dev_attr_groups);
	kset_unregister(parent->types_kset);
}

static ssize_t remove_store(struct device *dev, struct device_attribute *attr, const char *buf,
			    size_t count)
{
	unsigned long val;
	int ret;

	if (kstrtoul(buf, 0, &val))
		return -EINVAL;
	if (!val)
		return count;

	ret = mdev_device_remove(to_mdev_device(dev), attr);
	return ret ? ret : (ssize_t)count;
}

static DEVICE_ATTR_WO(remove);

/**
 * mdev_device_add_files() - make the links and files of a mediated device
 * @mdev: the device, in the tree already
 *
 * Context: may sleep.
 * Return: 0; -ENOMEM; errors of the tree. On error nothing is left.
 */
int mdev_device_add_files(struct mdev_device *mdev)
{
	struct mdev_type *type = mdev->type;
	struct device *dev = &mdev->dev;
	int ret;

	ret = sysfs_create_link(type->devices_kobj, &dev->kobj, dev_name(dev));
	if (ret)
		return ret;

	ret = sysfs_create_link(&dev->kobj, &type->kobj, "mdev_type");
	if (ret)
		goto err_devices;

	ret = device_create_file(dev, &dev_attr_remove);
	if (ret)
		goto err_type;
	return 0;

err_type:
	sysfs_remove_link(&dev->kobj, "mdev_type");
err_devices:
	sysfs_remove_link(type->devices_kobj, dev_name(dev));
	return ret;
}

/**
 * mdev_device_remove_files() - the mirror of mdev_device_add_files()
 * @mdev: the device; its `remove` may be gone already
 *
 * Context: may sleep; waits for writers of the files.
 */
void mdev_device_remove_files(struct mdev_device *mdev)
{
	struct device *dev = &mdev->dev;

	device_remove_file(dev, &dev_attr_remove);
	sysfs_remove_link(&dev->kobj, "mdev_type");
	sysfs_remove_link(mdev->type->devices_kobj, dev_name(dev));
}
