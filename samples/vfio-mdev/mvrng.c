// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * mvrng: virtio entropy devices as mediated devices.
 *
 * No program uses them: virtio_mdev gives them to the virtio bus, where virtio_rng makes /dev/hwrng of
 * them. What such a device does is in mvrng_device.c; here is the parent.
 */
#include <linux/atomic.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/mdev.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/sysfs.h>
#include <linux/virtio_mdev.h>
#include <linux/workqueue.h>

#include "mtype.h"
#include "mvrng_device.h"

#define MVRNG_NAME "mvrng"

static unsigned int max_instances = 16;
module_param(max_instances, uint, 0444);
MODULE_PARM_DESC(max_instances, "Number of devices that there may be (default 16)");

static bool counting;
module_param(counting, bool, 0444);
MODULE_PARM_DESC(counting, "Deliver 0, 1, 2 … 255, 0 … instead of random bytes, to test the path");

static struct mpool mvrng_pool;
static struct platform_device *mvrng_parent;
static struct workqueue_struct *mvrng_wq;

/* The life of a device */

static int mvrng_create(struct kobject *kobj, struct mdev_device *mdev)
{
	struct mvrng *rng;
	int ret;

	ret = mpool_take(&mvrng_pool, 1);
	if (ret)
		return ret;

	rng = kzalloc(sizeof(*rng), GFP_KERNEL);
	if (!rng) {
		mpool_give(&mvrng_pool, 1);
		return -ENOMEM;
	}
	mvrng_device_init(rng, mdev, mvrng_wq, counting);
	return 0;
}

static int mvrng_remove(struct mdev_device *mdev)
{
	struct mvrng *rng = to_mvrng(mdev);

	mvrng_device_destroy(rng);
	kfree(rng);
	mpool_give(&mvrng_pool, 1);
	return 0;
}

/* Attributes of devices and of the type */

static ssize_t bytes_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct mvrng *rng = to_mvrng(mdev_from_dev(dev));

	return sysfs_emit(buf, "%lld\n", (long long)atomic64_read(&rng->bytes));
}
static DEVICE_ATTR_RO(bytes);

static ssize_t buffers_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct mvrng *rng = to_mvrng(mdev_from_dev(dev));

	return sysfs_emit(buf, "%lld\n", (long long)atomic64_read(&rng->buffers));
}
static DEVICE_ATTR_RO(buffers);

static ssize_t refused_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct mvrng *rng = to_mvrng(mdev_from_dev(dev));

	return sysfs_emit(buf, "%lld\n", (long long)atomic64_read(&rng->refused));
}
static DEVICE_ATTR_RO(refused);

static struct attribute *mvrng_mdev_attrs[] = {
	&dev_attr_bytes.attr,
	&dev_attr_buffers.attr,
	&dev_attr_refused.attr,
	NULL,
};

static const struct attribute_group mvrng_mdev_group = {
	.name = "counts",
	.attrs = mvrng_mdev_attrs,
};

static const struct attribute_group *mvrng_mdev_groups[] = {
	&mvrng_mdev_group,
	NULL,
};

static ssize_t name_show(struct kobject *kobj, struct device *dev, char *buf)
{
	return sysfs_emit(buf, "Virtio entropy device\n");
}
static MDEV_TYPE_ATTR_RO(name);

static ssize_t available_instances_show(struct kobject *kobj, struct device *dev, char *buf)
{
	return sysfs_emit(buf, "%u\n", mpool_available(&mvrng_pool));
}
static MDEV_TYPE_ATTR_RO(available_instances);

static ssize_t device_api_show(struct kobject *kobj, struct device *dev, char *buf)
{
	return sysfs_emit(buf, "%s\n", VIRTIO_MDEV_DEVICE_API_STRING);
}
static MDEV_TYPE_ATTR_RO(device_api);

static struct attribute *mvrng_type_attrs[] = {
	&mdev_type_attr_name.attr,
	&mdev_type_attr_device_api.attr,
	&mdev_type_attr_available_instances.attr,
	NULL,
};

static struct attribute_group mvrng_type_group = {
	.name = "rng",
	.attrs = mvrng_type_attrs,
};

static struct attribute_group *mvrng_type_groups[] = {
	&mvrng_type_group,
	NULL,
};

static const struct mdev_parent_ops mvrng_parent_ops = {
	.owner = THIS_MODULE,
	.mdev_attr_groups = mvrng_mdev_groups,
	.supported_type_groups = mvrng_type_groups,
	.create = mvrng_create,
	.remove = mvrng_remove,
	.device_ops = &mvrng_virtio_ops,
};

/* There to give the parent, and with that the type, a name; it goes with the module only. */
static struct platform_driver mvrng_driver = {
	.driver = {
		.name = MVRNG_NAME,
		.suppress_bind_attrs = true,
	},
};

static int __init mvrng_init(void)
{
	int ret;

	mpool_init(&mvrng_pool, max_instances);

	mvrng_wq = alloc_workqueue(MVRNG_NAME, WQ_UNBOUND, 0);
	if (!mvrng_wq)
		return -ENOMEM;

	ret = platform_driver_register(&mvrng_driver);
	if (ret)
		goto err_wq;

	mvrng_parent = platform_device_register_simple(MVRNG_NAME, PLATFORM_DEVID_NONE, NULL, 0);
	if (IS_ERR(mvrng_parent)) {
		ret = PTR_ERR(mvrng_parent);
		goto err_driver;
	}

	ret = mdev_register_virtio_device(&mvrng_parent->dev, &mvrng_parent_ops);
	if (ret)
		goto err_device;
	return 0;

err_device:
	platform_device_unregister(mvrng_parent);
err_driver:
	platform_driver_unregister(&mvrng_driver);
err_wq:
	destroy_workqueue(mvrng_wq);
	return ret;
}

static void __exit mvrng_exit(void)
{
	mdev_unregister_device(&mvrng_parent->dev);
	platform_device_unregister(mvrng_parent);
	platform_driver_unregister(&mvrng_driver);
	destroy_workqueue(mvrng_wq);
}

module_init(mvrng_init);
module_exit(mvrng_exit);

MODULE_DESCRIPTION("Virtio entropy devices as mediated devices");
MODULE_AUTHOR("The umdev authors");
MODULE_LICENSE("Dual BSD/GPL");
MODULE_VERSION("0.1");
MODULE_SOFTDEP("post: virtio_mdev virtio_rng");
