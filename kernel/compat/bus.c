// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * The kernel has an mdev module of its own, with a bus of the same name. Two buses of one name
 * cannot be; asking for the second makes the kernel complain with a stack trace, so look first.
 */
#include <linux/device.h>
#include <linux/platform_device.h>

int umdev_bus_register(struct bus_type *bus)
{
	struct kset *buses = bus_get_kset(&platform_bus_type)->kobj.kset;
	struct kobject *other = kset_find_obj(buses, bus->name);

	if (!other)
		return (bus_register)(bus);
	kobject_put(other);
	pr_err("umdev: there is a bus named %s already: unload the kernel's own %s module first\n",
	       bus->name, bus->name);
	return -EBUSY;
}
