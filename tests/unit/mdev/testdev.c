// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
#include "testdev.h"
#include "mdev_testing.h"

#include <stdio.h>

#include <linux/device.h>
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/module.h>

static struct class *test_class;

static struct test_parent *parent_of(struct mdev_device *mdev)
{
	return dev_get_drvdata(mdev_parent_dev(mdev));
}

static void count(unsigned int *counter)
{
	__atomic_add_fetch(counter, 1, __ATOMIC_SEQ_CST);
}

static int test_create(struct kobject *kobj, struct mdev_device *mdev)
{
	struct test_parent *parent = parent_of(mdev);

	count(&parent->creates);
	return parent->create ? parent->create(parent, kobj, mdev) : 0;
}

static int test_remove(struct mdev_device *mdev)
{
	struct test_parent *parent = parent_of(mdev);

	count(&parent->removes);
	return parent->remove ? parent->remove(parent, mdev) : 0;
}

static int test_open(struct mdev_device *mdev)
{
	struct test_parent *parent = parent_of(mdev);

	count(&parent->opens);
	return parent->open ? parent->open(parent, mdev) : 0;
}

static void test_release(struct mdev_device *mdev)
{
	count(&parent_of(mdev)->releases);
}

static ssize_t test_read(struct mdev_device *mdev, char __user *buf, size_t len, loff_t *ppos)
{
	count(&parent_of(mdev)->reads);
	*ppos += len;
	return len;
}

static ssize_t test_write(struct mdev_device *mdev, const char __user *buf, size_t len,
			  loff_t *ppos)
{
	count(&parent_of(mdev)->writes);
	*ppos += len;
	return len;
}

static long test_ioctl(struct mdev_device *mdev, unsigned int cmd, unsigned long arg)
{
	count(&parent_of(mdev)->ioctls);
	return 42;
}

static int test_mmap(struct mdev_device *mdev, struct vm_area_struct *vma)
{
	count(&parent_of(mdev)->mmaps);
	return 0;
}

static void test_request(struct mdev_device *mdev, unsigned int nr)
{
	struct test_parent *parent = parent_of(mdev);

	count(&parent->requests);
	if (parent->request)
		parent->request(parent, mdev, nr);
}

static ssize_t name_show(struct kobject *kobj, struct device *dev, char *buf)
{
	return sysfs_emit(buf, "a test's type\n");
}
static MDEV_TYPE_ATTR_RO(name);

static unsigned int type_value;

static ssize_t value_show(struct kobject *kobj, struct device *dev, char *buf)
{
	return sysfs_emit(buf, "%s %s %u\n", kobject_name(kobj), dev_name(dev), type_value);
}

static ssize_t value_store(struct kobject *kobj, struct device *dev, const char *buf, size_t len)
{
	return kstrtouint(buf, 0, &type_value) ? -EINVAL : (ssize_t)len;
}
static MDEV_TYPE_ATTR_RW(value);

static struct attribute *type_attrs[] = {
	&mdev_type_attr_name.attr,
	&mdev_type_attr_value.attr,
	NULL,
};

static struct attribute_group type_a = { .name = "a", .attrs = type_attrs };
static struct attribute_group type_b = { .name = "b", .attrs = type_attrs };
static struct attribute_group *type_groups[] = { &type_a, &type_b, NULL };

static ssize_t parent_attr_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "parent %s\n", dev_name(dev));
}
static DEVICE_ATTR_RO(parent_attr);

static struct attribute *parent_attrs[] = { &dev_attr_parent_attr.attr, NULL };
static const struct attribute_group parent_group = { .name = "vendor", .attrs = parent_attrs };
static const struct attribute_group *parent_groups[] = { &parent_group, NULL };

static ssize_t mdev_attr_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "mdev %s\n", dev_name(dev));
}
static DEVICE_ATTR_RO(mdev_attr);

static struct attribute *mdev_attrs[] = { &dev_attr_mdev_attr.attr, NULL };
static const struct attribute_group mdev_group = { .name = "vendor", .attrs = mdev_attrs };
static const struct attribute_group *mdev_groups[] = { &mdev_group, NULL };

const struct mdev_parent_ops test_parent_ops = {
	.dev_attr_groups = parent_groups,
	.mdev_attr_groups = mdev_groups,
	.supported_type_groups = type_groups,
	.create = test_create,
	.remove = test_remove,
	.open = test_open,
	.release = test_release,
	.read = test_read,
	.write = test_write,
	.ioctl = test_ioctl,
	.mmap = test_mmap,
	.request = test_request,
};

const struct mdev_parent_ops test_parent_no_request_ops = {
	.supported_type_groups = type_groups,
	.create = test_create,
	.remove = test_remove,
	.open = test_open,
	.release = test_release,
};

static const struct vfio_mdev_parent_ops vfio_ops = {
	.open = test_open,
	.release = test_release,
	.read = test_read,
	.write = test_write,
	.ioctl = test_ioctl,
	.mmap = test_mmap,
	.request = test_request,
};

const struct mdev_parent_ops test_parent_vfio_ops = {
	.supported_type_groups = type_groups,
	.create = test_create,
	.remove = test_remove,
	.device_ops = &vfio_ops,
};

/* What it points to is between the parent and the bus driver; no test looks at it. */
const struct mdev_parent_ops test_parent_virtio_ops = {
	.supported_type_groups = type_groups,
	.create = test_create,
	.remove = test_remove,
	.device_ops = &type_value,
};

void test_parents_init(void)
{
	test_class = class_create(THIS_MODULE, "testdev");
	assert_false(IS_ERR(test_class));
}

void test_parents_exit(void)
{
	class_destroy(test_class);
}

void test_parent_add(struct test_parent *parent, const char *name)
{
	parent->dev = device_create(test_class, NULL, 0, parent, "%s", name);
	assert_false(IS_ERR(parent->dev));
}

void test_parent_del(struct test_parent *parent)
{
	device_unregister(parent->dev);
}

void test_parent_register(struct test_parent *parent, const char *name)
{
	test_parent_add(parent, name);
	assert_int_equal(mdev_register_device(parent->dev, &test_parent_ops), 0);
}

void test_parent_unregister(struct test_parent *parent)
{
	mdev_unregister_device(parent->dev);
	test_parent_del(parent);
}

const char *parent_path(const struct test_parent *parent, const char *below)
{
	static __thread char path[512];

	snprintf(path, sizeof(path), TESTDEV "/%s/%s", dev_name(parent->dev), below);
	return path;
}

int parent_create(const struct test_parent *parent, const char *type, const char *uuid)
{
	char below[128];

	snprintf(below, sizeof(below), "mdev_supported_types/testdev-%s/create", type);
	return tree_write(parent_path(parent, below), uuid);
}

int parent_remove(const struct test_parent *parent, const char *uuid)
{
	char below[128];

	snprintf(below, sizeof(below), "%s/remove", uuid);
	return tree_write(parent_path(parent, below), "1");
}
