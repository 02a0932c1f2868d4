/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef UMDEV_COMPAT_DEVICE_BUS_H
#define UMDEV_COMPAT_DEVICE_BUS_H

#include <linux/version.h>
#include_next <linux/device/bus.h>

/* The kernel's own mdev module may have taken the name; see compat/bus.c. */
int umdev_bus_register(struct bus_type *bus);
#define bus_register(bus) umdev_bus_register(bus)

/*
 * Callbacks whose types have changed. The mdev bus has them in their old form; each macro makes
 * the definition of one into that function plus one of the new form, which the bus then points
 * to. Where a name is not followed by a parenthesis it stays as it is.
 */
#define UMDEV_BOTH_FORMS(name, old_args, type, call, ...) \
	name##_old old_args;                              \
	static type name(__VA_ARGS__)                     \
	{                                                 \
		return (type)name##_old call;             \
	}                                                 \
	static int name##_old old_args

/* 5.15: remove() returns nothing. */
#define mdev_remove(...) \
	UMDEV_BOTH_FORMS(mdev_remove, (__VA_ARGS__), void, (dev), struct device *dev)

/* 6.3: uevent() gets a constant device. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
#define mdev_uevent(...)                                                               \
	UMDEV_BOTH_FORMS(mdev_uevent, (__VA_ARGS__), int, ((struct device *)dev, env), \
			 const struct device *dev, struct kobj_uevent_env *env)
#endif

/* 6.11: match() gets a constant driver. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 11, 0)
#define mdev_match(...)                                                                         \
	UMDEV_BOTH_FORMS(mdev_match, (__VA_ARGS__), int, (dev, (struct device_driver *)driver), \
			 struct device *dev, const struct device_driver *driver)
#endif

#endif
