// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* Making of the tree and the directories at its top, first of all in the runtime. */
#include <linux/init.h>
#include <linux/kobject.h>

#include "base.h"
#include "sysfs_tree.h"

struct kset *devices_kset;
struct kobject *virtual_kobj;
struct kobject *dev_char_kobj;
struct kset *bus_kset;
struct kset *class_kset;
static struct kobject *dev_kobj;
static struct kobject *dev_block_kobj;

/* /sys/devices and /sys/devices/virtual */
static int devices_init(void)
{
	devices_kset = kset_create_and_add("devices", &device_uevent_ops, NULL);
	if (!devices_kset)
		return -ENOMEM;
	virtual_kobj = kobject_create_and_add("virtual", &devices_kset->kobj);
	if (virtual_kobj)
		return 0;
	kset_unregister(devices_kset);
	return -ENOMEM;
}

static void devices_exit(void)
{
	kobject_put(virtual_kobj);
	kset_unregister(devices_kset);
}

/* /sys/dev, /sys/dev/block and /sys/dev/char */
static int dev_dirs_init(void)
{
	dev_kobj = kobject_create_and_add("dev", NULL);
	if (!dev_kobj)
		return -ENOMEM;
	dev_block_kobj = kobject_create_and_add("block", dev_kobj);
	if (!dev_block_kobj)
		goto put_dev;
	dev_char_kobj = kobject_create_and_add("char", dev_kobj);
	if (dev_char_kobj)
		return 0;
	kobject_put(dev_block_kobj);
put_dev:
	kobject_put(dev_kobj);
	return -ENOMEM;
}

static void dev_dirs_exit(void)
{
	kobject_put(dev_char_kobj);
	kobject_put(dev_block_kobj);
	kobject_put(dev_kobj);
}

static int subsys_dirs_init(void)
{
	bus_kset = kset_create_and_add("bus", &bus_uevent_ops, NULL);
	if (!bus_kset)
		return -ENOMEM;
	class_kset = kset_create_and_add("class", NULL, NULL);
	if (class_kset)
		return 0;
	kset_unregister(bus_kset);
	return -ENOMEM;
}

static void subsys_dirs_exit(void)
{
	kset_unregister(class_kset);
	kset_unregister(bus_kset);
}

static int __init device_model_init(void)
{
	int ret;

	ret = sysfs_init();
	if (ret)
		return ret;
	ret = ksysfs_init();
	if (ret)
		goto exit_sysfs;
	ret = devices_init();
	if (ret)
		goto exit_ksysfs;
	ret = dev_dirs_init();
	if (ret)
		goto exit_devices;
	ret = subsys_dirs_init();
	if (ret)
		goto exit_dev_dirs;
	return 0;
exit_dev_dirs:
	dev_dirs_exit();
exit_devices:
	devices_exit();
exit_ksysfs:
	ksysfs_exit();
exit_sysfs:
	sysfs_exit();
	return ret;
}
pure_initcall(device_model_init);

static void __exit device_model_exit(void)
{
	subsys_dirs_exit();
	dev_dirs_exit();
	devices_exit();
	ksysfs_exit();
	sysfs_exit();
}
module_exit(device_model_exit);
