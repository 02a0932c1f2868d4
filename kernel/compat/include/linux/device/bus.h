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

/* 5.15: remove() returns nothing. */
#define mdev_remove(arg)                            \
	mdev_remove_returning(arg);                 \
	static void mdev_remove(struct device *dev) \
	{                                           \
		mdev_remove_returning(dev);         \
	}                                           \
	static int mdev_remove_returning(arg)

/* 6.3: uevent() gets a constant device. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
#define mdev_uevent(arg, arg_env)                                                     \
	mdev_uevent_mutable(arg, arg_env);                                            \
	static int mdev_uevent(const struct device *dev, struct kobj_uevent_env *env) \
	{                                                                             \
		return mdev_uevent_mutable((struct device *)dev, env);                \
	}                                                                             \
	static int mdev_uevent_mutable(arg, arg_env)
#endif

/* 6.11: match() gets a constant driver. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 11, 0)
#define mdev_match(arg, arg_drv)                                                   \
	mdev_match_mutable(arg, arg_drv);                                          \
	static int mdev_match(struct device *dev, const struct device_driver *drv) \
	{                                                                          \
		return mdev_match_mutable(dev, (struct device_driver *)drv);       \
	}                                                                          \
	static int mdev_match_mutable(arg, arg_drv)
#endif

#endif
