/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * Miscellaneous devices: drivers that need a single device number share major 10.
 */
#ifndef UMDEV_LINUX_MISCDEVICE_H
#define UMDEV_LINUX_MISCDEVICE_H

#include <linux/major.h>
#include <linux/list.h>
#include <linux/types.h>
#include <linux/device.h>

#ifndef MISC_MAJOR
#define MISC_MAJOR 10
#endif
#define HWRNG_MINOR	   183
#define VFIO_MINOR	   196
#define MISC_DYNAMIC_MINOR 255

/**
 * struct miscdevice - one miscellaneous device, owned by its driver
 * @minor: MISC_DYNAMIC_MINOR asks for any
 * @name: of the device in /sys/class/misc and in messages
 * @fops: what files opened on it do
 * @list: node in the list of all, under its lock
 * @parent: of the device, may be NULL
 * @this_device: made by misc_register()
 * @groups: attributes of @this_device
 * @nodename: path below /dev, NULL for @name
 * @mode: of the node, 0 for the default
 */
struct miscdevice {
	int minor;
	const char *name;
	const struct file_operations *fops;
	struct list_head list;
	struct device *parent;
	struct device *this_device;
	const struct attribute_group **groups;
	const char *nodename;
	umode_t mode;
};

int misc_register(struct miscdevice *misc);
void misc_deregister(struct miscdevice *misc);

#define module_misc_device(__misc_device) \
	module_driver(__misc_device, misc_register, misc_deregister)

#define MODULE_ALIAS_MISCDEV(minor) \
	MODULE_ALIAS("char-major-" __stringify(MISC_MAJOR) "-" __stringify(minor))

#endif
