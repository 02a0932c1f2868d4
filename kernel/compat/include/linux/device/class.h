/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef UMDEV_COMPAT_DEVICE_CLASS_H
#define UMDEV_COMPAT_DEVICE_CLASS_H

#include <linux/version.h>
#include_next <linux/device/class.h>

/* 6.4: a class has no owner. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 4, 0)
#define class_create(owner, name) ((void)(owner), class_create(name))
#endif

/* 6.14: no `device` link in the device that the link points to. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 14, 0)
#define class_compat_create_link(cls, dev, link) ((void)(link), class_compat_create_link(cls, dev))
#define class_compat_remove_link(cls, dev, link) ((void)(link), class_compat_remove_link(cls, dev))
#endif

#endif
