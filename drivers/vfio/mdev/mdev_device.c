// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * The life of a mediated device.
 *
 * It is made in this order, and unmade in exactly the reverse one: its UUID is reserved, the parent's
 * driver creates it, it is put on the bus (where a driver may bind to it at once), its files appear,
 * it is live. So the parent's driver never sees a device with a user that it has not finished
 * creating, or is asked to remove.
 *
 * The locks are described, with their order, in mdev_core.c; of these mdev_lock is here.
 */
#include <linux/device.h>
#include <linux/err.h>
#include <linux/hashtable.h>
#include <linux/kernel.h>
#include <linux/kobject.h>
#include <linux/mdev.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uuid.h>

#include "mdev_private.h"

/* Buckets for thousands of devices. */
#define MDEV_HASH_BITS 12

static DEFINE_HASHTABLE(mdev_devices, MDEV_HASH_BITS);
static DEFINE_MUTEX(mdev_lock);

/**
 * mdev_parent_dev() - the parent of a mediated device
 * @mdev: the mediated device
 *
 * Context: any.
 * Return: the device that was given to mdev_register_device(), without a reference; valid until the
 * parent is unregistered, with which @mdev goes.
 */
struct device *mdev_parent_dev(struct mdev_device *mdev)
{
	return mdev->parent->dev;
}
EXPORT_SYMBOL(mdev_parent_dev);

/**
 * mdev_get_drvdata() - what the parent's driver attached to a mediated device
 * @mdev: the mediated device
 *
 * Context: any.
 * Return: the pointer last given to mdev_set_drvdata(), NULL at first.
 */
void *mdev_get_drvdata(struct mdev_device *mdev)
{
	return mdev->driver_data;
}
EXPORT_SYMBOL(mdev_get_drvdata);

/**
 * mdev_set_drvdata() - attach the parent driver's data to a mediated device
 * @mdev: the mediated device
 * @data: the driver's, which owns it
 *
 * Usually called in the driver's create(), when nobody else sees the device yet; later the driver
 * has to serialise it with its own readers.
 *
 * Context: any.
 */
void mdev_set_drvdata(struct mdev_device *mdev, void *data)
{
	mdev->driver_data = data;
}
EXPORT_SYMBOL(mdev_set_drvdata);

/**
 * mdev_dev() - the device of a mediated device
 * @mdev: the mediated device
 *
 * Context: any.
 * Return: its struct device, without a reference.
 */
struct device *mdev_dev(struct mdev_device *mdev)
{
	return &mdev->dev;
}
EXPORT_SYMBOL(mdev_dev);

/**
 * mdev_from_dev() - the mediated device of a device
 * @dev: any device
 *
 * Context: any.
 * Return: the mediated device, without a reference, or NULL where @dev is something else.
 */
struct mdev_device *mdev_from_dev(struct device *dev)
{
	return dev_is_mdev(dev) ? to_mdev_device(dev) : NULL;
}
EXPORT_SYMBOL(mdev_from_dev);

/**
 * mdev_uuid() - the UUID of a mediated device
 * @mdev: the mediated device
 *
 * Context: any.
 * Return: the UUID that was written to `create`, valid as long as @mdev.
 */
const guid_t *mdev_uuid(struct mdev_device *mdev)
{
	return &mdev->uuid;
}
EXPORT_SYMBOL(mdev_uuid);

static const void *mdev_get_class_ops(struct mdev_device *mdev, u16 class_id)
{
	return mdev->parent->class_id == class_id ? mdev->parent->device_ops : NULL;
}

/**
 * mdev_get_vfio_ops() - the operations of a mediated device for VFIO, for drivers of the mdev bus
 * @mdev: the mediated device
 *
 * Context: any.
 * Return: the parent driver's operations, whichever form it registered them in, constant as long as
 * @mdev is on the bus; NULL where it is of another class. Row M18.
 */
const struct vfio_mdev_parent_ops *mdev_get_vfio_ops(struct mdev_device *mdev)
{
	return mdev_get_class_ops(mdev, MDEV_CLASS_ID_VFIO);
}
EXPORT_SYMBOL(mdev_get_vfio_ops);

/**
 * mdev_get_virtio_ops() - the operations of a mediated device for virtio, see mdev_get_vfio_ops()
 * @mdev: the mediated device
 *
 * Context: any.
 * Return: likewise.
 */
const struct virtio_mdev_parent_ops *mdev_get_virtio_ops(struct mdev_device *mdev)
{
	return mdev_get_class_ops(mdev, MDEV_CLASS_ID_VIRTIO);
}
EXPORT_SYMBOL(mdev_get_virtio_ops);

/**
 * mdev_set_iommu_device() - name the device whose IOMMU isolates a mediated device
 * @dev: the mediated device
 * @iommu_device: the device in whose name it does DMA; NULL, as at first: the parent's driver
 *	isolates it by its own means
 *
 * To be called in create(), before the device can be in use. The caller keeps @iommu_device alive
 * until its remove().
 *
 * Context: any.
 * Return: 0; -EINVAL @dev is no mediated device. Row M16.
 */
int mdev_set_iommu_device(struct device *dev, struct device *iommu_device)
{
	if (!dev_is_mdev(dev))
		return -EINVAL;

	to_mdev_device(dev)->iommu_device = iommu_device;
	return 0;
}
EXPORT_SYMBOL_GPL(mdev_set_iommu_device);

/**
 * mdev_get_iommu_device() - the device whose IOMMU isolates a mediated device
 * @dev: the mediated device
 *
 * Context: any.
 * Return: the device, without a reference; NULL where there is none or @dev is no mediated device.
 * Row M16.
 */
struct device *mdev_get_iommu_device(struct device *dev)
{
	return dev_is_mdev(dev) ? to_mdev_device(dev)->iommu_device : NULL;
}
EXPORT_SYMBOL_GPL(mdev_get_iommu_device);

/**
 * mdev_parent_set_state() - say what may happen to the mediated devices of a parent
 * @parent: the parent
 * @state: how far it is
 *
 * Context: may sleep; holds mdev_parents_lock.
 */
void mdev_parent_set_state(struct mdev_parent *parent, enum mdev_parent_state state)
{
	mutex_lock(&mdev_lock);
	parent->state = state;
	mutex_unlock(&mdev_lock);
}

static u64 mdev_hash_key(const guid_t *uuid)
{
	u64 half[2];

	memcpy(half, uuid, sizeof(half));
	return half[0] ^ half[1];
}

/* Take the UUID, which is unique over all parents (row M07). */
static int mdev_device_reserve(struct mdev_device *mdev)
{
	u64 key = mdev_hash_key(&mdev->uuid);
	struct mdev_device *other;
	int ret = 0;

	mutex_lock(&mdev_lock);

	if (mdev->parent->state != MDEV_PARENT_LIVE) {
		ret = mdev->parent->state == MDEV_PARENT_REGISTERING ? -EAGAIN : -ENODEV;
		goto out;
	}

	hash_for_each_possible(mdev_devices, other, node, key) {
		if (guid_equal(&other->uuid, &mdev->uuid)) {
			ret = -EEXIST;
			goto out;
		}
	}
	hash_add(mdev_devices, &mdev->node, key);
out:
	mutex_unlock(&mdev_lock);
	return ret;
}

static void mdev_device_unreserve(struct mdev_device *mdev)
{
	mutex_lock(&mdev_lock);
	hash_del(&mdev->node);
	mutex_unlock(&mdev_lock);
}

/* Both are called when the device has left the bus, or was never on it. */
static int mdev_device_driver_remove(struct mdev_device *mdev)
{
	int ret = mdev->parent->ops->remove(mdev);

	if (ret)
		dev_err(&mdev->dev, "Remove failed: err=%d\n", ret);
	return ret;
}

static void mdev_device_release(struct device *dev)
{
	struct mdev_device *mdev = to_mdev_device(dev);

	mdev_parent_put(mdev->parent);
	kfree(mdev);
}

static struct mdev_device *mdev_device_alloc(struct mdev_type *type, const guid_t *uuid)
{
	struct mdev_parent *parent = type->parent;
	struct mdev_device *mdev;
	int ret;

	mdev = kzalloc(sizeof(*mdev), GFP_KERNEL);
	if (!mdev)
		return ERR_PTR(-ENOMEM);

	kref_get(&parent->ref);
	mdev->parent = parent;
	mdev->type = type;
	mdev->state = MDEV_CREATING;
	guid_copy(&mdev->uuid, uuid);

	device_initialize(&mdev->dev);
	mdev->dev.parent = parent->dev;
	mdev->dev.bus = &mdev_bus_type;
	mdev->dev.release = mdev_device_release;
	mdev->dev.groups = parent->ops->mdev_attr_groups;

	ret = dev_set_name(&mdev->dev, "%pUl", uuid);
	if (ret) {
		put_device(&mdev->dev);
		return ERR_PTR(ret);
	}
	return mdev;
}

/**
 * mdev_device_create() - make a mediated device
 * @type: its type
 * @uuid: its name
 *
 * Context: may sleep; called from a write to the type's `create`, which keeps @type in place.
 * Return: 0; -EEXIST some parent has a device of that UUID; -EAGAIN the parent is not completely
 * registered yet; -ENODEV it is being unregistered; -ENOMEM; what the parent's create() answered.
 * Rows M07, M08, M09.
 */
int mdev_device_create(struct mdev_type *type, const guid_t *uuid)
{
	struct mdev_parent *parent = type->parent;
	struct mdev_device *mdev;
	int ret;

	if (!down_read_trylock(&parent->unreg_sem))
		return -ENODEV;

	mdev = mdev_device_alloc(type, uuid);
	if (IS_ERR(mdev)) {
		ret = PTR_ERR(mdev);
		goto err_unlock;
	}

	ret = mdev_device_reserve(mdev);
	if (ret)
		goto err_put;

	ret = parent->ops->create(&type->kobj, mdev);
	if (ret)
		goto err_unreserve;

	ret = device_add(&mdev->dev);
	if (ret)
		goto err_remove;

	ret = mdev_device_add_files(mdev);
	if (ret)
		goto err_del;

	mutex_lock(&mdev_lock);
	mdev->state = MDEV_LIVE;
	mutex_unlock(&mdev_lock);

	up_read(&parent->unreg_sem);
	return 0;

err_del:
	device_del(&mdev->dev);
err_remove:
	mdev_device_driver_remove(mdev);
err_unreserve:
	mdev_device_unreserve(mdev);
err_put:
	put_device(&mdev->dev);
err_unlock:
	up_read(&parent->unreg_sem);
	return ret;
}

/*
 * Begin the removal of a device, once: whoever comes second, or before the device is complete, gets
 * EAGAIN (row M07). As long as the parent is live it is for writers to do, and then for the
 * parent's unregistration.
 */
static int mdev_device_claim(struct mdev_device *mdev, enum mdev_parent_state parent_state)
{
	int ret = 0;

	mutex_lock(&mdev_lock);
	if (mdev->parent->state != parent_state)
		ret = -ENODEV;
	else if (mdev->state != MDEV_LIVE)
		ret = -EAGAIN;
	else
		mdev->state = MDEV_REMOVING;
	mutex_unlock(&mdev_lock);
	return ret;
}

/*
 * Unmake a claimed device. Waits until its user is gone. The driver's remove() comes too late to
 * refuse: its error is passed on, and the device is gone all the same (row M10).
 */
static int mdev_device_destroy(struct mdev_device *mdev)
{
	int ret;

	mdev_device_remove_files(mdev);
	device_del(&mdev->dev);
	ret = mdev_device_driver_remove(mdev);
	mdev_device_unreserve(mdev);
	put_device(&mdev->dev);
	return ret;
}

/**
 * mdev_device_remove() - remove a mediated device on behalf of a writer to one of its files
 * @mdev: the device
 * @self: the file that is being written
 *
 * The device's directory cannot go while one of its files is in use, so @self is removed first, by
 * the one writer who is sure that the removal will take place. The others leave with an error and
 * the file stays where it was.
 *
 * Context: may sleep, without limit while the device is in use; called from a write to @self, which
 * keeps @mdev in place until it is claimed.
 * Return: 0; -EAGAIN the device is being created, or removed by somebody else; -ENODEV the parent
 * is being unregistered; what the parent's remove() answered, with the device gone. Rows M07 to M10.
 */
int mdev_device_remove(struct mdev_device *mdev, const struct device_attribute *self)
{
	struct mdev_parent *parent = mdev->parent;
	int ret = -ENODEV;

	/* For the parent too, whose lock is held here: it lives as long as its last device. */
	get_device(&mdev->dev);

	if (!down_read_trylock(&parent->unreg_sem))
		goto out_put;

	ret = mdev_device_claim(mdev, MDEV_PARENT_LIVE);
	if (ret)
		goto out_unlock;

	device_remove_file_self(&mdev->dev, self);
	ret = mdev_device_destroy(mdev);

out_unlock:
	up_read(&parent->unreg_sem);
out_put:
	put_device(&mdev->dev);
	return ret;
}

/* Never an error, which would end the walk: one device's failure is no reason to leave the rest. */
static int mdev_remove_child(struct device *dev, void *unused)
{
	struct mdev_device *mdev = mdev_from_dev(dev);

	if (mdev && !mdev_device_claim(mdev, MDEV_PARENT_UNREGISTERING))
		mdev_device_destroy(mdev);
	return 0;
}

/**
 * mdev_parent_remove_devices() - remove all mediated devices of a parent that is being unregistered
 * @parent: the parent
 *
 * Also those whose driver's remove() fails.
 *
 * Context: may sleep, without limit while one is in use; holds @parent->unreg_sem for writing.
 */
void mdev_parent_remove_devices(struct mdev_parent *parent)
{
	device_for_each_child(parent->dev, NULL, mdev_remove_child);
}
