/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/* Drivers of devices on a bus. */
#ifndef UMDEV_LINUX_DEVICE_DRIVER_H
#define UMDEV_LINUX_DEVICE_DRIVER_H

#include <linux/kobject.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/device/bus.h>

struct driver_private;

/**
 * struct device_driver - a driver, owned by the module that registers it
 * @name: its directory in /sys/bus/BUS/drivers
 * @bus: the bus it is for
 * @owner: module
 * @mod_name: name of the module where @owner is NULL
 * @suppress_bind_attrs: no bind and unbind files
 * @probe: takes a device; called with the device's lock held
 * @remove: lets go of it; called with the device's lock held, must succeed
 * @groups: attributes of the driver
 * @dev_groups: attributes of each device while it is bound
 * @p: the device model's, from driver_register() on
 */
struct device_driver {
	const char *name;
	struct bus_type *bus;

	struct module *owner;
	const char *mod_name;

	bool suppress_bind_attrs;

	int (*probe)(struct device *dev);
	int (*remove)(struct device *dev);
	void (*shutdown)(struct device *dev);
	const struct attribute_group **groups;
	const struct attribute_group **dev_groups;

	struct driver_private *p;
};

struct driver_attribute {
	struct attribute attr;
	ssize_t (*show)(struct device_driver *driver, char *buf);
	ssize_t (*store)(struct device_driver *driver, const char *buf, size_t count);
};

#define DRIVER_ATTR_RW(_name) struct driver_attribute driver_attr_##_name = __ATTR_RW(_name)
#define DRIVER_ATTR_RO(_name) struct driver_attribute driver_attr_##_name = __ATTR_RO(_name)
#define DRIVER_ATTR_WO(_name) struct driver_attribute driver_attr_##_name = __ATTR_WO(_name)

int driver_register(struct device_driver *drv);
void driver_unregister(struct device_driver *drv);
struct device_driver *driver_find(const char *name, struct bus_type *bus);

int driver_create_file(struct device_driver *driver, const struct driver_attribute *attr);
void driver_remove_file(struct device_driver *driver, const struct driver_attribute *attr);

int driver_for_each_device(struct device_driver *drv, struct device *start, void *data,
			   int (*fn)(struct device *dev, void *data));
struct device *driver_find_device(struct device_driver *drv, struct device *start, const void *data,
				  int (*match)(struct device *dev, const void *data));

/**
 * module_driver() - the init and exit of a module that only registers a driver
 * @__driver: the driver
 * @__register: registers it
 * @__unregister: takes it back
 */
#define module_driver(__driver, __register, __unregister, ...) \
	static int __init __driver##_init(void)                \
	{                                                      \
		return __register(&(__driver), ##__VA_ARGS__); \
	}                                                      \
	module_init(__driver##_init);                          \
	static void __exit __driver##_exit(void)               \
	{                                                      \
		__unregister(&(__driver), ##__VA_ARGS__);      \
	}                                                      \
	module_exit(__driver##_exit)

#endif
