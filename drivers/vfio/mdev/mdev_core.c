// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * The mdev core: parents, and the module. What happens to mediated devices is in mdev_device.c.
 *
 * Locks, in the order in which they are taken:
 *
 *  - mdev_parents_lock: the table of parents. Held while a parent's files are made, so that of two
 *    registrations of one device exactly one succeeds.
 *  - mdev_parent.unreg_sem: keeps unregistration apart from creation and removal, while these run
 *    in parallel among themselves. It is tried for reading only, because whoever tries holds up
 *    the removal of the file that he writes to, and unregistration waits for that with it held.
 *  - mdev_lock: the table of mediated devices and the state of devices and parents. Nothing else
 *    is taken inside it.
 *
 * No lock but unreg_sem is held when a parent's driver is called.
 */
#include <linux/device.h>
#include <linux/hashtable.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/kobject.h>
#include <linux/mdev.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>

#include "mdev_private.h"

/* Buckets for as many parents as a machine has. */
#define MDEV_PARENT_HASH_BITS 6

static DEFINE_HASHTABLE(mdev_parents, MDEV_PARENT_HASH_BITS);
static DEFINE_MUTEX(mdev_parents_lock);

static struct class_compat *mdev_bus_class;

/* Caller holds mdev_parents_lock. */
static struct mdev_parent *mdev_find_parent(struct device *dev)
{
	struct mdev_parent *parent;

	hash_for_each_possible(mdev_parents, parent, node, (unsigned long)dev)
		if (parent->dev == dev)
			return parent;
	return NULL;
}

static void mdev_parent_release(struct kref *ref)
{
	kfree(container_of(ref, struct mdev_parent, ref));
}

/**
 * mdev_parent_put() - drop a reference on a parent
 * @parent: the parent, which goes with the last one
 *
 * Context: may sleep.
 */
void mdev_parent_put(struct mdev_parent *parent)
{
	kref_put(&parent->ref, mdev_parent_release);
}

static struct mdev_parent *mdev_parent_alloc(struct device *dev, const struct mdev_parent_ops *ops)
{
	struct mdev_parent *parent = kzalloc(sizeof(*parent), GFP_KERNEL);

	if (!parent)
		return NULL;

	parent->dev = dev;
	parent->ops = ops;
	kref_init(&parent->ref);
	INIT_LIST_HEAD(&parent->types);
	init_rwsem(&parent->unreg_sem);
	parent->state = MDEV_PARENT_REGISTERING;
	return parent;
}

/* So that udev rules can react to a parent that comes or goes (row M11). */
static void mdev_parent_uevent(struct device *dev, char *state)
{
	char *envp[] = { state, NULL };

	kobject_uevent_env(&dev->kobj, KOBJ_CHANGE, envp);
}

/* Put a parent, set up by the caller, into the tree. Frees it on error. */
static int mdev_parent_register(struct mdev_parent *parent)
{
	struct device *dev = parent->dev;
	int ret;

	mutex_lock(&mdev_parents_lock);

	if (mdev_find_parent(dev)) {
		ret = -EEXIST;
		goto err_unlock;
	}

	ret = mdev_parent_add_files(parent);
	if (ret)
		goto err_unlock;

	if (class_compat_create_link(mdev_bus_class, dev, NULL))
		dev_warn(dev, "MDEV: no link in class mdev_bus\n");

	get_device(dev);
	hash_add(mdev_parents, &parent->node, (unsigned long)dev);
	mdev_parent_set_state(parent, MDEV_PARENT_LIVE);
	mutex_unlock(&mdev_parents_lock);

	dev_info(dev, "MDEV: Registered\n");
	mdev_parent_uevent(dev, "MDEV_STATE=registered");
	return 0;

err_unlock:
	mutex_unlock(&mdev_parents_lock);
	mdev_parent_put(parent);
	return ret;
}

static bool mdev_parent_ops_valid(const struct mdev_parent_ops *ops)
{
	return ops && ops->create && ops->remove && ops->supported_type_groups;
}

static bool mdev_parent_ops_in_place(const struct mdev_parent_ops *ops)
{
	return ops->open || ops->release || ops->read || ops->write || ops->ioctl || ops->mmap ||
	       ops->request;
}

/* Whoever wonders, perhaps days later, why a removal waits finds the reason in the log (row M12). */
static void mdev_note_missing_request(struct device *dev, const struct vfio_mdev_parent_ops *ops)
{
	if (!ops->request)
		dev_info(dev, "Driver cannot be asked to release device\n");
}

/**
 * mdev_register_device() - register a parent that has its callbacks in struct mdev_parent_ops
 * @dev: the parent device, in the tree already; a reference is kept while it is registered
 * @ops: what it offers; constant until mdev_unregister_device() has returned
 *
 * Its mediated devices are of class MDEV_CLASS_ID_VFIO. From within this function on, @ops->create
 * may be called; a creation before registration is complete answers EAGAIN.
 *
 * Context: may sleep; not from a callback of @ops.
 * Return: 0; -EINVAL @dev is NULL, a mandatory member of @ops is missing, a type has no name, or
 * @ops->device_ops is given; -EEXIST @dev is registered, which stays so; -ENOMEM; errors of the
 * tree, such as that of a file that is there twice. Rows M01, M11.
 */
int mdev_register_device(struct device *dev, const struct mdev_parent_ops *ops)
{
	struct mdev_parent *parent;

	if (!dev || !mdev_parent_ops_valid(ops) || ops->device_ops)
		return -EINVAL;

	parent = mdev_parent_alloc(dev, ops);
	if (!parent)
		return -ENOMEM;

	parent->in_place = (struct vfio_mdev_parent_ops){
		.open = ops->open,
		.release = ops->release,
		.read = ops->read,
		.write = ops->write,
		.ioctl = ops->ioctl,
		.mmap = ops->mmap,
		.request = ops->request,
	};
	parent->device_ops = &parent->in_place;
	parent->class_id = MDEV_CLASS_ID_VFIO;

	mdev_note_missing_request(dev, &parent->in_place);
	return mdev_parent_register(parent);
}
EXPORT_SYMBOL(mdev_register_device);

/* Register a parent with the operations of class @class_id in @ops->device_ops. */
static int mdev_register_class_device(struct device *dev, const struct mdev_parent_ops *ops,
				      u16 class_id)
{
	struct mdev_parent *parent;

	if (!dev || !mdev_parent_ops_valid(ops) || !ops->device_ops ||
	    mdev_parent_ops_in_place(ops))
		return -EINVAL;

	parent = mdev_parent_alloc(dev, ops);
	if (!parent)
		return -ENOMEM;

	parent->device_ops = ops->device_ops;
	parent->class_id = class_id;
	parent->modalias = true;

	if (class_id == MDEV_CLASS_ID_VFIO)
		mdev_note_missing_request(dev, ops->device_ops);
	return mdev_parent_register(parent);
}

/**
 * mdev_register_vfio_device() - register a parent whose devices are for VFIO, by device_ops
 * @dev: as for mdev_register_device()
 * @ops: likewise, with @ops->device_ops a struct vfio_mdev_parent_ops
 *
 * Other than with mdev_register_device(), the uevents of the mediated devices carry a MODALIAS.
 *
 * Context: may sleep; not from a callback of @ops.
 * Return: as mdev_register_device(), but -EINVAL where @ops->device_ops is missing or callbacks
 * are in place as well. Row M18.
 */
int mdev_register_vfio_device(struct device *dev, const struct mdev_parent_ops *ops)
{
	return mdev_register_class_device(dev, ops, MDEV_CLASS_ID_VFIO);
}
EXPORT_SYMBOL(mdev_register_vfio_device);

/**
 * mdev_register_virtio_device() - register a parent whose devices are for virtio drivers
 * @dev: as for mdev_register_device()
 * @ops: likewise, with @ops->device_ops a struct virtio_mdev_parent_ops (<linux/virtio_mdev.h>)
 *
 * Context: may sleep; not from a callback of @ops.
 * Return: as mdev_register_vfio_device(). Row M18.
 */
int mdev_register_virtio_device(struct device *dev, const struct mdev_parent_ops *ops)
{
	return mdev_register_class_device(dev, ops, MDEV_CLASS_ID_VIRTIO);
}
EXPORT_SYMBOL(mdev_register_virtio_device);

/**
 * mdev_unregister_device() - take back a parent
 * @dev: the parent device; nothing happens where it is not registered
 *
 * Waits for creations and removals in progress, lets no new one begin (ENODEV), and removes all
 * mediated devices, also where a driver's remove() fails. Until it returns, @dev cannot be
 * registered anew; afterwards no callback of the parent's driver is running or will be called.
 *
 * Context: may sleep, without limit while a mediated device is in use; not from a callback of the
 * parent's driver. Rows M01, M09, M10, M11, M13.
 */
void mdev_unregister_device(struct device *dev)
{
	struct mdev_parent *parent;

	mutex_lock(&mdev_parents_lock);
	parent = mdev_find_parent(dev);
	if (!parent || parent->state != MDEV_PARENT_LIVE) {
		mutex_unlock(&mdev_parents_lock);
		return;
	}
	mdev_parent_set_state(parent, MDEV_PARENT_UNREGISTERING);
	mutex_unlock(&mdev_parents_lock);

	dev_info(dev, "MDEV: Unregistering\n");

	down_write(&parent->unreg_sem);
	class_compat_remove_link(mdev_bus_class, dev, NULL);
	mdev_parent_remove_devices(parent);
	mdev_parent_remove_files(parent);
	up_write(&parent->unreg_sem);

	mutex_lock(&mdev_parents_lock);
	hash_del(&parent->node);
	mutex_unlock(&mdev_parents_lock);
	mdev_parent_put(parent);

	mdev_parent_uevent(dev, "MDEV_STATE=unregistered");

	/* Not when the last mediated device is released: somebody may have that in hand for longer. */
	put_device(dev);
}
EXPORT_SYMBOL(mdev_unregister_device);

static int __init mdev_init(void)
{
	int ret;

	ret = mdev_bus_register();
	if (ret)
		return ret;

	mdev_bus_class = class_compat_register("mdev_bus");
	if (!mdev_bus_class) {
		mdev_bus_unregister();
		return -ENOMEM;
	}
	return 0;
}

static void __exit mdev_exit(void)
{
	class_compat_unregister(mdev_bus_class);
	mdev_bus_unregister();
}

module_init(mdev_init);
module_exit(mdev_exit);

MODULE_DESCRIPTION("Mediated device core");
MODULE_AUTHOR("The umdev authors");
MODULE_LICENSE("Dual BSD/GPL");
MODULE_VERSION("0.1");
MODULE_SOFTDEP("post: vfio_mdev");
