/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * What the files of the device model share.
 *
 * Locks, outermost first:
 *   a device's mutex (device_lock)	binding, unbinding, death of the device;
 *			held around probe() and remove() of drivers. A parent's
 *			may be held while a child's is taken (a driver's probe
 *			that adds children), not the other way round.
 *   device_glue_lock	which directories of classes there are below devices
 *   subsys mutex	interfaces of a class
 *   a bus's notifier chain
 *   klists, ksets	see klist.c and kobject.c
 *   device_driver_lock	the pointer from a device to its driver, for those who
 *			read it without the device's mutex
 *   kernfs_rwsem	see kernfs.c
 *   uevent_lock	see kobject_uevent.c
 *
 * Whoever removes files waits for their callbacks, so none of these locks but a
 * device's mutex is held then; and callbacks of a device's files must not take
 * that device's mutex where its holder removes them.
 */
#ifndef RUNTIME_BASE_H
#define RUNTIME_BASE_H

#include <linux/device.h>
#include <linux/klist.h>
#include <linux/kobject.h>
#include <linux/mutex.h>
#include <linux/notifier.h>

/**
 * struct subsys_private - the device model's part of a bus or a class
 * @subsys: its directory; freed with it
 * @devices_kset: `devices` of a bus
 * @drivers_kset: `drivers` of a bus
 * @mutex: covers @interfaces, and joining and leaving of devices against them
 * @interfaces: struct class_interface of a class
 * @klist_devices: its devices
 * @klist_drivers: drivers of a bus
 * @notifier: who wants to know of devices and drivers of a bus
 * @drivers_autoprobe: bind new devices and drivers of a bus at once
 * @glue_dirs: directories of a class below devices of other kinds
 * @bus: the bus, or NULL
 * @class: the class, or NULL
 */
struct subsys_private {
	struct kset subsys;
	struct kset *devices_kset;
	struct kset *drivers_kset;
	struct mutex mutex;
	struct list_head interfaces;
	struct klist klist_devices;
	struct klist klist_drivers;
	struct blocking_notifier_head notifier;
	bool drivers_autoprobe;
	struct kset glue_dirs;
	struct bus_type *bus;
	struct class *class;
};

/**
 * struct driver_private - the device model's part of a driver
 * @kobj: its directory; freed with it
 * @klist_devices: devices bound to it
 * @knode_bus: in the bus's klist_drivers
 * @driver: the driver
 */
struct driver_private {
	struct kobject kobj;
	struct klist klist_devices;
	struct klist_node knode_bus;
	struct device_driver *driver;
};

/**
 * struct device_private - the device model's part of a device
 * @klist_children: devices whose parent it is
 * @knode_parent: in the parent's klist_children
 * @knode_driver: in the driver's klist_devices
 * @knode_bus: in the bus's klist_devices
 * @knode_class: in the class's klist_devices
 * @device: the device
 * @dead: device_del() has begun; no driver may bind. Under the device's mutex
 */
struct device_private {
	struct klist klist_children;
	struct klist_node knode_parent;
	struct klist_node knode_driver;
	struct klist_node knode_bus;
	struct klist_node knode_class;
	struct device *device;
	bool dead;
};

/* Directories at the top, from device_model_init() to device_model_exit(). */
extern struct kset *devices_kset;
extern struct kobject *virtual_kobj;
extern struct kobject *dev_char_kobj;
extern struct kset *bus_kset;
extern struct kset *class_kset;

extern const struct kset_uevent_ops device_uevent_ops;
extern const struct kset_uevent_ops bus_uevent_ops;

/* device_place.c: where a device's directory and links are */
struct kobject *device_place_get(struct device *dev, struct device *parent);
void device_place_put(struct device *dev, struct kobject *place);
int device_add_class_links(struct device *dev);
void device_remove_class_links(struct device *dev);
int device_add_number_link(struct device *dev);
void device_remove_number_link(struct device *dev);

/* device_attr.c */
extern const struct sysfs_ops dev_sysfs_ops;
extern struct device_attribute dev_attr_uevent;
extern struct device_attribute dev_attr_dev;
int device_add_attrs(struct device *dev);
void device_remove_attrs(struct device *dev);

/* bus.c */
int bus_add_device(struct device *dev);
void bus_probe_device(struct device *dev);
void bus_remove_device(struct device *dev);
int bus_add_driver(struct device_driver *drv);
void bus_remove_driver(struct device_driver *drv);
void bus_notify(struct device *dev, unsigned long event);

/* bus_attr.c */
extern const struct sysfs_ops driver_sysfs_ops;
extern const struct sysfs_ops bus_sysfs_ops;
int bus_add_attrs(struct bus_type *bus);
void bus_remove_attrs(struct bus_type *bus);
int driver_add_attrs(struct device_driver *drv);
void driver_remove_attrs(struct device_driver *drv);

/* driver.c */
int driver_add_groups(struct device_driver *drv, const struct attribute_group **groups);
void driver_remove_groups(struct device_driver *drv, const struct attribute_group **groups);
void driver_add_module_links(struct device_driver *drv);
void driver_remove_module_links(struct device_driver *drv);

/* dd.c */
bool driver_matches(struct device_driver *drv, struct device *dev);
void driver_detach(struct device_driver *drv);
void device_driver_detach(struct device *dev, struct device_driver *drv);
size_t device_copy_driver_name(const struct device *dev, char *buf, size_t size);

/* class.c */
void class_add_device(struct device *dev);
void class_remove_device(struct device *dev);

/* ksysfs.c */
int ksysfs_init(void);
void ksysfs_exit(void);

static inline struct device *device_of_parent_node(struct klist_node *n)
{
	return container_of(n, struct device_private, knode_parent)->device;
}

static inline struct device *device_of_driver_node(struct klist_node *n)
{
	return container_of(n, struct device_private, knode_driver)->device;
}

static inline struct device *device_of_bus_node(struct klist_node *n)
{
	return container_of(n, struct device_private, knode_bus)->device;
}

static inline struct device *device_of_class_node(struct klist_node *n)
{
	return container_of(n, struct device_private, knode_class)->device;
}

#endif
