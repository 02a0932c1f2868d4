/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/* What the mdev core, its sysfs files and its bus share among themselves and with bus drivers. */
#ifndef MDEV_PRIVATE_H
#define MDEV_PRIVATE_H

#include <linux/device.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mdev.h>
#include <linux/rwsem.h>
#include <linux/types.h>
#include <linux/uuid.h>

/* How far a parent is; only a live one gets mediated devices. */
enum mdev_parent_state {
	MDEV_PARENT_REGISTERING,
	MDEV_PARENT_LIVE,
	MDEV_PARENT_UNREGISTERING,
};

/**
 * struct mdev_parent - a registered parent
 * @dev: the parent device; a reference while it is registered, and not to be used afterwards
 * @ops: its driver's, valid until mdev_unregister_device() returns
 * @class_id: class of all its mediated devices
 * @modalias: uevents of its mediated devices carry a MODALIAS
 * @device_ops: the operations of that class, wherever the driver keeps them; for
 *	MDEV_CLASS_ID_VFIO a struct vfio_mdev_parent_ops. Never NULL, and all that bus drivers use
 * @in_place: what @device_ops points to for a driver that has its callbacks in @ops
 * @ref: one of the registration and one of each mediated device until that is freed
 * @node: in the table of parents, under its lock
 * @types_kset: the mdev_supported_types directory
 * @types: struct mdev_type, from registration to unregistration constant
 * @unreg_sem: held for reading by each creation and removal and for writing by unregistration.
 *	Only ever tried for reading: who finds it taken is too late
 * @state: written with both mdev_parents_lock and mdev_lock held
 */
struct mdev_parent {
	struct device *dev;
	const struct mdev_parent_ops *ops;
	u16 class_id;
	bool modalias;
	const void *device_ops;
	struct vfio_mdev_parent_ops in_place;
	struct kref ref;
	struct hlist_node node;
	struct kset *types_kset;
	struct list_head types;
	struct rw_semaphore unreg_sem;
	enum mdev_parent_state state;
};

/**
 * struct mdev_type - a kind of mediated device that a parent offers
 * @kobj: its directory
 * @devices_kobj: the `devices` directory in it, with links to the devices of this type
 * @parent: who offers it; outlives it
 * @node: in the parent's list
 * @group: its name and files, the driver's
 */
struct mdev_type {
	struct kobject kobj;
	struct kobject *devices_kobj;
	struct mdev_parent *parent;
	struct list_head node;
	struct attribute_group *group;
};

/* Where a mediated device is in its life; only a live one can be removed. */
enum mdev_device_state {
	MDEV_CREATING,
	MDEV_LIVE,
	MDEV_REMOVING,
};

/**
 * struct mdev_device - a mediated device
 * @dev: the device, whose release frees this; its name is the UUID
 * @parent: a reference
 * @type: its type, valid while the device is in the tree
 * @uuid: its name in binary
 * @driver_data: the parent driver's
 * @iommu_device: see mdev_set_iommu_device()
 * @node: in the table of all mediated devices, under mdev_lock; there from before create() until
 *	after remove(), so that a UUID is free again only when the parent's driver is done with it
 * @state: under mdev_lock
 *
 * Made by mdev_device_create(); the device model's reference count owns it.
 */
struct mdev_device {
	struct device dev;
	struct mdev_parent *parent;
	struct mdev_type *type;
	guid_t uuid;
	void *driver_data;
	struct device *iommu_device;
	struct hlist_node node;
	enum mdev_device_state state;
};

static inline struct mdev_device *to_mdev_device(struct device *dev)
{
	return container_of(dev, struct mdev_device, dev);
}

#define dev_is_mdev(d) ((d)->bus == &mdev_bus_type)

static inline struct mdev_type *to_mdev_type(struct kobject *kobj)
{
	return container_of(kobj, struct mdev_type, kobj);
}

/* mdev_core.c */
void mdev_parent_put(struct mdev_parent *parent);

/* mdev_device.c */
void mdev_parent_set_state(struct mdev_parent *parent, enum mdev_parent_state state);
void mdev_parent_remove_devices(struct mdev_parent *parent);
int mdev_device_create(struct mdev_type *type, const guid_t *uuid);
int mdev_device_remove(struct mdev_device *mdev, const struct device_attribute *self);

/* mdev_sysfs.c */
int mdev_parent_add_files(struct mdev_parent *parent);
void mdev_parent_remove_files(struct mdev_parent *parent);
int mdev_device_add_files(struct mdev_device *mdev);
void mdev_device_remove_files(struct mdev_device *mdev);

/* mdev_driver.c */
int mdev_bus_register(void);
void mdev_bus_unregister(void);

#endif /* MDEV_PRIVATE_H */
