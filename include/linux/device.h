/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/* Devices: the nodes of the device model. */
#ifndef UMDEV_LINUX_DEVICE_H
#define UMDEV_LINUX_DEVICE_H

#include <linux/dev_printk.h>
#include <linux/kobject.h>
#include <linux/klist.h>
#include <linux/list.h>
#include <linux/compiler.h>
#include <linux/types.h>
#include <linux/mutex.h>
#include <linux/kdev_t.h>
#include <linux/atomic.h>
#include <linux/gfp.h>
#include <linux/err.h>
#include <linux/bug.h>
#include <linux/slab.h>
#include <linux/device/bus.h>
#include <linux/device/class.h>
#include <linux/device/driver.h>

struct device;
struct device_private;
struct dev_iommu;
struct iommu_group;

/**
 * struct device_type - what devices of one kind within a bus or class share
 * @name: the value of DEVTYPE in uevents
 * @groups: attributes
 * @uevent: adds keys to uevents
 * @devnode: path below /dev, allocated; may set mode and owner of the node
 * @release: frees a device that has no release of its own
 */
struct device_type {
	const char *name;
	const struct attribute_group **groups;
	int (*uevent)(struct device *dev, struct kobj_uevent_env *env);
	char *(*devnode)(struct device *dev, umode_t *mode, uid_t *uid, gid_t *gid);
	void (*release)(struct device *dev);
};

/* An attribute of a device. */
struct device_attribute {
	struct attribute attr;
	ssize_t (*show)(struct device *dev, struct device_attribute *attr, char *buf);
	ssize_t (*store)(struct device *dev, struct device_attribute *attr, const char *buf,
			 size_t count);
};

/* A device attribute that shows or sets a variable. */
struct dev_ext_attribute {
	struct device_attribute attr;
	void *var;
};

ssize_t device_show_ulong(struct device *dev, struct device_attribute *attr, char *buf);
ssize_t device_store_ulong(struct device *dev, struct device_attribute *attr, const char *buf,
			   size_t count);
ssize_t device_show_int(struct device *dev, struct device_attribute *attr, char *buf);
ssize_t device_store_int(struct device *dev, struct device_attribute *attr, const char *buf,
			 size_t count);
ssize_t device_show_bool(struct device *dev, struct device_attribute *attr, char *buf);
ssize_t device_store_bool(struct device *dev, struct device_attribute *attr, const char *buf,
			  size_t count);

#define DEVICE_ATTR(_name, _mode, _show, _store) \
	struct device_attribute dev_attr_##_name = __ATTR(_name, _mode, _show, _store)
#define DEVICE_ATTR_RW(_name) struct device_attribute dev_attr_##_name = __ATTR_RW(_name)
#define DEVICE_ATTR_RO(_name) struct device_attribute dev_attr_##_name = __ATTR_RO(_name)
#define DEVICE_ATTR_WO(_name) struct device_attribute dev_attr_##_name = __ATTR_WO(_name)
#define DEVICE_ATTR_ADMIN_RW(_name) \
	struct device_attribute dev_attr_##_name = __ATTR_RW_MODE(_name, 0600)
#define DEVICE_ATTR_ADMIN_RO(_name) \
	struct device_attribute dev_attr_##_name = __ATTR_RO_MODE(_name, 0400)
#define DEVICE_ULONG_ATTR(_name, _mode, _var)                                        \
	struct dev_ext_attribute dev_attr_##_name = {                                \
		__ATTR(_name, _mode, device_show_ulong, device_store_ulong), &(_var) \
	}
#define DEVICE_INT_ATTR(_name, _mode, _var)                                      \
	struct dev_ext_attribute dev_attr_##_name = {                            \
		__ATTR(_name, _mode, device_show_int, device_store_int), &(_var) \
	}
#define DEVICE_BOOL_ATTR(_name, _mode, _var)                                       \
	struct dev_ext_attribute dev_attr_##_name = {                              \
		__ATTR(_name, _mode, device_show_bool, device_store_bool), &(_var) \
	}

int device_create_file(struct device *device, const struct device_attribute *entry);
void device_remove_file(struct device *dev, const struct device_attribute *attr);
bool device_remove_file_self(struct device *dev, const struct device_attribute *attr);
int device_add_groups(struct device *dev, const struct attribute_group **groups);
void device_remove_groups(struct device *dev, const struct attribute_group **groups);

/**
 * struct device - a device, embedded in the structure of whoever made it
 * @kobj: name, count, directory
 * @parent: the device it sits on; a reference from device_add() to device_del()
 * @p: the device model's, from device_add() on
 * @init_name: name to begin with; device_add() copies it and forgets it
 * @type: its kind within the bus or class
 * @bus: the bus it is on
 * @driver: bound driver; written under @mutex
 * @platform_data: for the driver, from whoever made the device
 * @driver_data: the driver's, see dev_set_drvdata(); cleared when it lets go
 * @mutex: serialises binding, unbinding and removal, see device_lock()
 * @devt: number, shown as `dev`; 0 for none
 * @id: instance number
 * @class: the class it belongs to
 * @groups: attributes
 * @release: frees the device once the last reference is gone
 * @iommu_group: the group it is in, the IOMMU layer's
 * @iommu: the IOMMU layer's own data
 * @dma_mask: addresses it reaches by DMA, NULL for no DMA
 * @coherent_dma_mask: the same for coherent memory
 *
 * What is not said to be the device model's is set before device_add() and
 * constant until device_del().
 */
struct device {
	struct kobject kobj;
	struct device *parent;
	struct device_private *p;

	const char *init_name;
	const struct device_type *type;

	struct bus_type *bus;
	struct device_driver *driver;
	void *platform_data;
	void *driver_data;
	struct mutex mutex;

	dev_t devt;
	u32 id;

	struct class *class;
	const struct attribute_group **groups;

	void (*release)(struct device *dev);
	struct iommu_group *iommu_group;
	struct dev_iommu *iommu;

	u64 *dma_mask;
	u64 coherent_dma_mask;
};

static inline struct device *kobj_to_dev(struct kobject *kobj)
{
	return container_of(kobj, struct device, kobj);
}

/* The name, or before it has one what it will be named. */
static inline const char *dev_name(const struct device *dev)
{
	return dev->init_name ? dev->init_name : kobject_name(&dev->kobj);
}

int dev_set_name(struct device *dev, const char *name, ...) __attribute__((format(printf, 2, 3)));
const char *dev_driver_string(const struct device *dev);
const char *dev_bus_name(const struct device *dev);

static inline void *dev_get_drvdata(const struct device *dev)
{
	return dev->driver_data;
}

static inline void dev_set_drvdata(struct device *dev, void *data)
{
	dev->driver_data = data;
}

static inline void *dev_get_platdata(const struct device *dev)
{
	return dev->platform_data;
}

static inline int dev_to_node(struct device *dev)
{
	return -1;
}

static inline unsigned int dev_get_uevent_suppress(const struct device *dev)
{
	return READ_ONCE(dev->kobj.uevent_suppress);
}

static inline void dev_set_uevent_suppress(struct device *dev, int val)
{
	WRITE_ONCE(dev->kobj.uevent_suppress, !!val);
}

static inline int device_is_registered(struct device *dev)
{
	return dev->kobj.state_in_sysfs;
}

static inline void device_lock(struct device *dev)
{
	mutex_lock(&dev->mutex);
}

static inline int device_trylock(struct device *dev)
{
	return mutex_trylock(&dev->mutex);
}

static inline void device_unlock(struct device *dev)
{
	mutex_unlock(&dev->mutex);
}

int device_register(struct device *dev);
void device_unregister(struct device *dev);
void device_initialize(struct device *dev);
int device_add(struct device *dev);
void device_del(struct device *dev);
struct device *get_device(struct device *dev);
void put_device(struct device *dev);

int device_for_each_child(struct device *dev, void *data,
			  int (*fn)(struct device *dev, void *data));
int device_for_each_child_reverse(struct device *dev, void *data,
				  int (*fn)(struct device *dev, void *data));
struct device *device_find_child(struct device *dev, void *data,
				 int (*match)(struct device *dev, void *data));
struct device *device_find_child_by_name(struct device *parent, const char *name);

const char *device_get_devnode(struct device *dev, umode_t *mode, uid_t *uid, gid_t *gid,
			       const char **tmp);

struct device *device_create(struct class *cls, struct device *parent, dev_t devt, void *drvdata,
			     const char *fmt, ...) __attribute__((format(printf, 5, 6)));
struct device *device_create_vargs(struct class *cls, struct device *parent, dev_t devt,
				   void *drvdata, const struct attribute_group **groups,
				   const char *fmt, va_list args)
	__attribute__((format(printf, 6, 0)));
struct device *device_create_with_groups(struct class *cls, struct device *parent, dev_t devt,
					 void *drvdata, const struct attribute_group **groups,
					 const char *fmt, ...)
	__attribute__((format(printf, 6, 7)));
void device_destroy(struct class *cls, dev_t devt);

struct device *__root_device_register(const char *name, struct module *owner);
void root_device_unregister(struct device *root);
#define root_device_register(name) __root_device_register(name, THIS_MODULE)

int device_bind_driver(struct device *dev);
void device_release_driver(struct device *dev);
int device_attach(struct device *dev);
int driver_attach(struct device_driver *drv);
int device_driver_attach(struct device_driver *drv, struct device *dev);
int device_reprobe(struct device *dev);

#define MODULE_ALIAS_CHARDEV(major, minor) \
	MODULE_ALIAS("char-major-" __stringify(major) "-" __stringify(minor))
#define MODULE_ALIAS_CHARDEV_MAJOR(major) MODULE_ALIAS("char-major-" __stringify(major) "-*")

#endif
