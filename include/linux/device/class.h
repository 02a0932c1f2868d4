/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/* Classes: devices by what they do, wherever they are attached. */
#ifndef UMDEV_LINUX_DEVICE_CLASS_H
#define UMDEV_LINUX_DEVICE_CLASS_H

#include <linux/kobject.h>
#include <linux/klist.h>
#include <linux/module.h>
#include <linux/device/bus.h>

struct device;
struct class_compat;
struct subsys_private;
struct lock_class_key;

/**
 * struct class - a class of devices, owned by the code that registers it
 * @name: its directory in /sys/class
 * @owner: module
 * @class_groups: attributes of the class itself
 * @dev_groups: attributes of each device
 * @dev_kobj: where /sys/dev lists the devices, NULL for /sys/dev/char
 * @dev_uevent: adds keys to the uevents of a device
 * @devnode: path of a device below /dev, allocated; may set the node's mode
 * @class_release: called when the class is gone
 * @dev_release: frees a device that has no release of its own
 * @p: the device model's, while registered
 */
struct class
{
	const char *name;
	struct module *owner;

	const struct attribute_group **class_groups;
	const struct attribute_group **dev_groups;
	struct kobject *dev_kobj;

	int (*dev_uevent)(struct device *dev, struct kobj_uevent_env *env);
	char *(*devnode)(struct device *dev, umode_t *mode);

	void (*class_release)(struct class *class);
	void (*dev_release)(struct device *dev);

	struct subsys_private *p;
};

struct class_dev_iter {
	struct klist_iter ki;
	const struct device_type *type;
};

int class_register(struct class *cls);
void class_unregister(struct class *cls);
struct class *class_create(struct module *owner, const char *name);
void class_destroy(struct class *cls);

struct class_compat *class_compat_register(const char *name);
void class_compat_unregister(struct class_compat *cls);
int class_compat_create_link(struct class_compat *cls, struct device *dev,
			     struct device *device_link);
void class_compat_remove_link(struct class_compat *cls, struct device *dev,
			      struct device *device_link);

void class_dev_iter_init(struct class_dev_iter *iter, struct class *class, struct device *start,
			 const struct device_type *type);
struct device *class_dev_iter_next(struct class_dev_iter *iter);
void class_dev_iter_exit(struct class_dev_iter *iter);

int class_for_each_device(struct class *class, struct device *start, void *data,
			  int (*fn)(struct device *dev, void *data));
struct device *class_find_device(struct class *class, struct device *start, const void *data,
				 int (*match)(struct device *dev, const void *data));

static inline struct device *class_find_device_by_name(struct class *class, const char *name)
{
	return class_find_device(class, NULL, name, device_match_name);
}

static inline struct device *class_find_device_by_devt(struct class *class, dev_t devt)
{
	return class_find_device(class, NULL, &devt, device_match_devt);
}

struct class_attribute {
	struct attribute attr;
	ssize_t (*show)(struct class *class, struct class_attribute *attr, char *buf);
	ssize_t (*store)(struct class *class, struct class_attribute *attr, const char *buf,
			 size_t count);
};

#define CLASS_ATTR_RW(_name) struct class_attribute class_attr_##_name = __ATTR_RW(_name)
#define CLASS_ATTR_RO(_name) struct class_attribute class_attr_##_name = __ATTR_RO(_name)
#define CLASS_ATTR_WO(_name) struct class_attribute class_attr_##_name = __ATTR_WO(_name)

int class_create_file(struct class *class, const struct class_attribute *attr);
void class_remove_file(struct class *class, const struct class_attribute *attr);

/* A class attribute that shows a constant string. */
struct class_attribute_string {
	struct class_attribute attr;
	char *str;
};

ssize_t show_class_attr_string(struct class *class, struct class_attribute *attr, char *buf);

#define _CLASS_ATTR_STRING(_name, _mode, _str)                           \
	{                                                                \
		__ATTR(_name, _mode, show_class_attr_string, NULL), _str \
	}
#define CLASS_ATTR_STRING(_name, _mode, _str) \
	struct class_attribute_string class_attr_##_name = _CLASS_ATTR_STRING(_name, _mode, _str)

/**
 * struct class_interface - told of each device of a class that comes and goes
 * @node: in the class's list, under its lock
 * @class: the class, set before class_interface_register()
 * @add_dev: a device came, or was there already
 * @remove_dev: it is about to go
 */
struct class_interface {
	struct list_head node;
	struct class *class;
	int (*add_dev)(struct device *dev, struct class_interface *intf);
	void (*remove_dev)(struct device *dev, struct class_interface *intf);
};

int class_interface_register(struct class_interface *class_intf);
void class_interface_unregister(struct class_interface *class_intf);

#endif
