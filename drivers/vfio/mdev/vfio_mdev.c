// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * vfio_mdev: gives mediated devices to VFIO users.
 *
 * It passes what the user does with the device on to the parent's driver and adds nothing but the
 * module references that keep both loaded while a device is open. No locks: the VFIO core keeps
 * the device until the last file descriptor is closed.
 */
#include <linux/device.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/mdev.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/vfio.h>

#include "mdev_private.h"

/**
 * struct vfio_mdev - a mediated device as VFIO sees it
 * @vdev: what is registered with the VFIO core
 * @mdev: the mediated device; bound to this driver, so it is there
 * @ops: the parent driver's operations
 * @owner: the parent driver's module
 *
 * From probe to remove, constant in between, the mediated device's driver data.
 */
struct vfio_mdev {
	struct vfio_device vdev;
	struct mdev_device *mdev;
	const struct vfio_mdev_parent_ops *ops;
	struct module *owner;
};

static int vfio_mdev_open(void *device_data)
{
	struct vfio_mdev *vmdev = device_data;
	int ret;

	if (!vmdev->ops->open)
		return -EINVAL;

	if (!try_module_get(THIS_MODULE))
		return -ENODEV;

	ret = -ENODEV;
	if (!try_module_get(vmdev->owner))
		goto err_self;

	ret = vmdev->ops->open(vmdev->mdev);
	if (ret)
		goto err_owner;
	return 0;

err_owner:
	module_put(vmdev->owner);
err_self:
	module_put(THIS_MODULE);
	return ret;
}

static void vfio_mdev_release(void *device_data)
{
	struct vfio_mdev *vmdev = device_data;
	struct module *owner = vmdev->owner;

	if (vmdev->ops->release)
		vmdev->ops->release(vmdev->mdev);

	module_put(owner);
	module_put(THIS_MODULE);
}

static long vfio_mdev_ioctl(void *device_data, unsigned int cmd, unsigned long arg)
{
	struct vfio_mdev *vmdev = device_data;

	if (!vmdev->ops->ioctl)
		return -EINVAL;
	return vmdev->ops->ioctl(vmdev->mdev, cmd, arg);
}

static ssize_t vfio_mdev_read(void *device_data, char __user *buf, size_t count, loff_t *ppos)
{
	struct vfio_mdev *vmdev = device_data;

	if (!vmdev->ops->read)
		return -EINVAL;
	return vmdev->ops->read(vmdev->mdev, buf, count, ppos);
}

static ssize_t vfio_mdev_write(void *device_data, const char __user *buf, size_t count,
			       loff_t *ppos)
{
	struct vfio_mdev *vmdev = device_data;

	if (!vmdev->ops->write)
		return -EINVAL;
	return vmdev->ops->write(vmdev->mdev, buf, count, ppos);
}

static int vfio_mdev_mmap(void *device_data, struct vm_area_struct *vma)
{
	struct vfio_mdev *vmdev = device_data;

	if (!vmdev->ops->mmap)
		return -EINVAL;
	return vmdev->ops->mmap(vmdev->mdev, vma);
}

/* The removal waits whether or not somebody can be asked; say so once (row M12). */
static void vfio_mdev_request(void *device_data, unsigned int count)
{
	struct vfio_mdev *vmdev = device_data;

	if (vmdev->ops->request) {
		vmdev->ops->request(vmdev->mdev, count);
		return;
	}

	if (!count)
		dev_notice(mdev_dev(vmdev->mdev), "No mdev vendor driver request callback support, "
						  "blocked until released by user\n");
}

static const struct vfio_device_ops vfio_mdev_dev_ops = {
	.name = "vfio-mdev",
	.open = vfio_mdev_open,
	.release = vfio_mdev_release,
	.ioctl = vfio_mdev_ioctl,
	.read = vfio_mdev_read,
	.write = vfio_mdev_write,
	.mmap = vfio_mdev_mmap,
	.request = vfio_mdev_request,
};

static int vfio_mdev_probe(struct device *dev)
{
	struct mdev_device *mdev = to_mdev_device(dev);
	struct vfio_mdev *vmdev;
	int ret;

	vmdev = kzalloc(sizeof(*vmdev), GFP_KERNEL);
	if (!vmdev)
		return -ENOMEM;

	vmdev->mdev = mdev;
	vmdev->ops = mdev->parent->device_ops;
	vmdev->owner = mdev->parent->ops->owner;
	vfio_init_group_dev(&vmdev->vdev, dev, &vfio_mdev_dev_ops, vmdev);
	dev_set_drvdata(dev, vmdev);

	ret = vfio_register_group_dev(&vmdev->vdev);
	if (ret)
		goto err_free;
	return 0;

err_free:
	dev_set_drvdata(dev, NULL);
	kfree(vmdev);
	return ret;
}

static void vfio_mdev_remove(struct device *dev)
{
	struct vfio_mdev *vmdev = dev_get_drvdata(dev);

	vfio_unregister_group_dev(&vmdev->vdev);
	dev_set_drvdata(dev, NULL);
	kfree(vmdev);
}

static const struct mdev_class_id vfio_mdev_ids[] = {
	{ MDEV_CLASS_ID_VFIO },
	{ 0 },
};

static struct mdev_driver vfio_mdev_driver = {
	.name = "vfio_mdev",
	.probe = vfio_mdev_probe,
	.remove = vfio_mdev_remove,
	.id_table = vfio_mdev_ids,
};

static int __init vfio_mdev_init(void)
{
	return mdev_register_driver(&vfio_mdev_driver, THIS_MODULE);
}

static void __exit vfio_mdev_exit(void)
{
	mdev_unregister_driver(&vfio_mdev_driver);
}

module_init(vfio_mdev_init);
module_exit(vfio_mdev_exit);

MODULE_DESCRIPTION("Mediated devices for VFIO users");
MODULE_AUTHOR("The umdev authors");
MODULE_LICENSE("Dual BSD/GPL");
MODULE_VERSION("0.1");
MODULE_ALIAS("mdev:c01");
