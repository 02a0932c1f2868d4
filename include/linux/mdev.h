/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * Mediated devices: parts or emulations that a physical device's driver (the parent) hands out one
 * by one, each a device of its own on the mdev bus.
 *
 * A parent's driver describes itself with a struct mdev_parent_ops and registers. Writing a UUID to
 * the `create` file of one of its types makes a mediated device; a driver on the mdev bus binds to
 * it and gives it to its user. The interface is that of Linux 5.11 and, for classes of mediated
 * devices, that of the series that brought device specific ops.
 */
#ifndef _LINUX_MDEV_H
#define _LINUX_MDEV_H

#include <linux/device.h>
#include <linux/sysfs.h>
#include <linux/types.h>
#include <linux/uuid.h>

struct mdev_device;
struct module;
struct virtio_mdev_parent_ops;
struct vm_area_struct;

/*
 * What kind of operations a mediated device offers, and so which drivers of the mdev bus can drive
 * it. 0 is none: it ends a driver's table.
 *
 * Where the parent names a class, the uevents of its devices carry MODALIAS=mdev:cID, with the class
 * in two hexadecimal digits. A module with a driver for a class says so by that alias beside the
 * driver's table, such as MODULE_ALIAS("mdev:c02"), and is loaded by it as by its name.
 */
enum {
	MDEV_CLASS_ID_VFIO = 1,	  /* struct vfio_mdev_parent_ops, driven by vfio_mdev */
	MDEV_CLASS_ID_VIRTIO = 2, /* struct virtio_mdev_parent_ops, driven by virtio_mdev */
};

/* One class that a driver of the mdev bus can drive. */
struct mdev_class_id {
	__u16 id;
};

/**
 * struct vfio_mdev_parent_ops - what a device of class MDEV_CLASS_ID_VFIO does for its user
 * @open: a user opens the device; 0 or a negative errno, which the user gets. Called for each file
 *	descriptor. The parent's module stays loaded until the matching @release
 * @release: a file descriptor is closed
 * @read: read @count bytes at *@ppos to @buf and advance *@ppos; the number of bytes or a negative
 *	errno. The offset holds region and position the way the driver told VFIO_DEVICE_GET_REGION_INFO
 * @write: the same for writing
 * @ioctl: the VFIO_DEVICE_* requests; @arg is a pointer to the user's structure
 * @mmap: map a region into the user's address space
 * @request: the device is about to go and its user should be told to let go of it; @count is 0 for
 *	the first request and grows. Repeated until the last @release
 *
 * All may sleep, and none is serialised against another: not for one device, still less for two.
 * Without @open the device cannot be opened; without another one, that operation answers EINVAL.
 *
 * One set of callbacks serves users outside, who come through VFIO, and inside, who call mdev_read()
 * and its like with kernel memory. What differs is the pointers, and the callbacks need not know: they
 * use copy_to_user() and copy_from_user() on what they are given, and whoever calls them has said
 * for the calling thread which memory these may touch. Kernel memory is not user memory unless it is
 * passed on by those functions. Where there is a kernel underneath, this holds for these two functions
 * and not for get_user(), put_user() and other ways to user memory.
 */
struct vfio_mdev_parent_ops {
	int (*open)(struct mdev_device *mdev);
	void (*release)(struct mdev_device *mdev);
	ssize_t (*read)(struct mdev_device *mdev, char __user *buf, size_t count, loff_t *ppos);
	ssize_t (*write)(struct mdev_device *mdev, const char __user *buf, size_t count,
			 loff_t *ppos);
	long (*ioctl)(struct mdev_device *mdev, unsigned int cmd, unsigned long arg);
	int (*mmap)(struct mdev_device *mdev, struct vm_area_struct *vma);
	void (*request)(struct mdev_device *mdev, unsigned int count);
};

/**
 * struct mdev_parent_ops - what a parent offers
 * @owner: the module with the callbacks
 * @dev_attr_groups: attributes of the parent device, there while it is registered; optional
 * @mdev_attr_groups: attributes of each mediated device; optional
 * @supported_type_groups: one group for each type: its name, prefixed with the parent's driver
 *	string and a dash, is the type's id, its attributes (struct mdev_type_attribute) are files of
 *	the type's directory. NULL-terminated, mandatory
 * @create: set up a mediated device: @kobj is the type's, whose kobject_name() is the type id. Its
 *	error is the writer's, and the device then never was. Mandatory
 * @remove: the mirror of @create. The device has left the bus by then and nobody uses it any more,
 *	so it goes even if this fails; the error is logged and reaches the writer of the `remove` file.
 *	Mandatory
 * @open: see struct vfio_mdev_parent_ops, as are those that follow
 * @release: see there
 * @read: see there
 * @write: see there
 * @ioctl: see there
 * @mmap: see there
 * @request: see there
 * @device_ops: operations of the devices' class, for mdev_register_vfio_device() and its like;
 *	the callbacks @open to @request are unused then and have to be NULL
 *
 * Owned by the parent's driver and constant while the parent is registered. @create and @remove may
 * sleep, and run in parallel for different devices; @create has returned before the device is on
 * the bus, and @remove begins after it left it. Neither may register or unregister the parent.
 */
struct mdev_parent_ops {
	struct module *owner;
	const struct attribute_group **dev_attr_groups;
	const struct attribute_group **mdev_attr_groups;
	struct attribute_group **supported_type_groups;

	int (*create)(struct kobject *kobj, struct mdev_device *mdev);
	int (*remove)(struct mdev_device *mdev);
	int (*open)(struct mdev_device *mdev);
	void (*release)(struct mdev_device *mdev);
	ssize_t (*read)(struct mdev_device *mdev, char __user *buf, size_t count, loff_t *ppos);
	ssize_t (*write)(struct mdev_device *mdev, const char __user *buf, size_t count,
			 loff_t *ppos);
	long (*ioctl)(struct mdev_device *mdev, unsigned int cmd, unsigned long arg);
	int (*mmap)(struct mdev_device *mdev, struct vm_area_struct *vma);
	void (*request)(struct mdev_device *mdev, unsigned int count);

	const void *device_ops;
};

/**
 * struct mdev_type_attribute - a file in a type's directory
 * @attr: name and mode
 * @show: as for a device attribute; @kobj is the type's, @dev the parent
 * @store: likewise
 */
struct mdev_type_attribute {
	struct attribute attr;
	ssize_t (*show)(struct kobject *kobj, struct device *dev, char *buf);
	ssize_t (*store)(struct kobject *kobj, struct device *dev, const char *buf, size_t count);
};

#define MDEV_TYPE_ATTR(_name, _mode, _show, _store) \
	struct mdev_type_attribute mdev_type_attr_##_name = __ATTR(_name, _mode, _show, _store)
#define MDEV_TYPE_ATTR_RW(_name) \
	struct mdev_type_attribute mdev_type_attr_##_name = __ATTR_RW(_name)
#define MDEV_TYPE_ATTR_RO(_name) \
	struct mdev_type_attribute mdev_type_attr_##_name = __ATTR_RO(_name)
#define MDEV_TYPE_ATTR_WO(_name) \
	struct mdev_type_attribute mdev_type_attr_##_name = __ATTR_WO(_name)

/**
 * struct mdev_driver - a driver on the mdev bus
 * @name: its name in /sys/bus/mdev/drivers
 * @probe: take a device; one of class MDEV_CLASS_ID_VFIO is in an IOMMU group of its own by then. 0
 *	or a negative errno
 * @remove: let go of it; returns once nobody uses the device any more
 * @driver: filled in by mdev_register_driver()
 * @id_table: the classes of devices it can drive, ended by id 0; NULL: MDEV_CLASS_ID_VFIO
 */
struct mdev_driver {
	const char *name;
	int (*probe)(struct device *dev);
	void (*remove)(struct device *dev);
	struct device_driver driver;
	const struct mdev_class_id *id_table;
};

#define to_mdev_driver(drv) container_of(drv, struct mdev_driver, driver)

extern struct bus_type mdev_bus_type;

int mdev_register_device(struct device *dev, const struct mdev_parent_ops *ops);
int mdev_register_vfio_device(struct device *dev, const struct mdev_parent_ops *ops);
int mdev_register_virtio_device(struct device *dev, const struct mdev_parent_ops *ops);
void mdev_unregister_device(struct device *dev);

int mdev_register_driver(struct mdev_driver *drv, struct module *owner);
void mdev_unregister_driver(struct mdev_driver *drv);

void *mdev_get_drvdata(struct mdev_device *mdev);
void mdev_set_drvdata(struct mdev_device *mdev, void *data);
const guid_t *mdev_uuid(struct mdev_device *mdev);
struct device *mdev_parent_dev(struct mdev_device *mdev);
struct device *mdev_dev(struct mdev_device *mdev);
struct mdev_device *mdev_from_dev(struct device *dev);

const struct vfio_mdev_parent_ops *mdev_get_vfio_ops(struct mdev_device *mdev);
const struct virtio_mdev_parent_ops *mdev_get_virtio_ops(struct mdev_device *mdev);

int mdev_open(struct mdev_device *mdev);
void mdev_release(struct mdev_device *mdev);
ssize_t mdev_read(struct mdev_device *mdev, void *buf, size_t count, loff_t *ppos);
ssize_t mdev_write(struct mdev_device *mdev, const void *buf, size_t count, loff_t *ppos);
long mdev_ioctl(struct mdev_device *mdev, unsigned int cmd, void *arg, size_t size);

int mdev_set_iommu_device(struct device *dev, struct device *iommu_device);
struct device *mdev_get_iommu_device(struct device *dev);

#endif /* _LINUX_MDEV_H */
