// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Mediated devices for VFIO, used from inside: the parent's callbacks called with kernel memory.
 *
 * The callbacks copy to and from user memory. Here a window is opened for the calling thread onto the
 * caller's buffer, in which those copies work on kernel memory, and on so much of it only. So one set
 * of callbacks serves both kinds of users and need not know which it is.
 *
 * No locks: the caller keeps the device where it is.
 */
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/mdev.h>
#include <linux/module.h>
#include <linux/uaccess.h>

#include "mdev_private.h"

/**
 * mdev_open() - begin to use a mediated device for VFIO from inside
 * @mdev: the mediated device
 *
 * For drivers on the mdev bus, from probe() to remove(), and for parents' drivers, from create() to
 * remove(). Until mdev_release() the parent's module stays loaded, as for a user of VFIO. To the
 * parent's driver it is one user more.
 *
 * Context: may sleep.
 * Return: 0; -EINVAL the device is of another class or cannot be opened; -ENODEV the parent's module
 * is being unloaded; what the parent's open() answered. Row M18.
 */
int mdev_open(struct mdev_device *mdev)
{
	const struct vfio_mdev_parent_ops *ops = mdev_get_vfio_ops(mdev);
	struct module *owner = mdev->parent->ops->owner;
	int ret;

	if (!ops || !ops->open)
		return -EINVAL;

	if (!try_module_get(owner))
		return -ENODEV;

	ret = ops->open(mdev);
	if (ret)
		module_put(owner);
	return ret;
}
EXPORT_SYMBOL(mdev_open);

/**
 * mdev_release() - the mirror of a successful mdev_open()
 * @mdev: the mediated device
 *
 * Context: may sleep.
 */
void mdev_release(struct mdev_device *mdev)
{
	const struct vfio_mdev_parent_ops *ops = mdev_get_vfio_ops(mdev);
	struct module *owner = mdev->parent->ops->owner;

	if (ops->release)
		ops->release(mdev);
	module_put(owner);
}
EXPORT_SYMBOL(mdev_release);

/**
 * mdev_read() - read from a mediated device for VFIO to kernel memory
 * @mdev: the mediated device, opened with mdev_open()
 * @buf: where to
 * @count: bytes
 * @ppos: offset as in a VFIO device's file; advanced by what was read
 *
 * Context: may sleep; also on a thread that serves a user, whose memory stays what it is.
 * Return: the number of bytes; -EINVAL the device cannot be read; what the parent's read() answered.
 * Row M18.
 */
ssize_t mdev_read(struct mdev_device *mdev, void *buf, size_t count, loff_t *ppos)
{
	const struct vfio_mdev_parent_ops *ops = mdev_get_vfio_ops(mdev);
	struct user_access_window window;
	ssize_t ret;

	if (!ops || !ops->read)
		return -EINVAL;

	user_access_window_push(&window, buf, count);
	ret = ops->read(mdev, (char __user *)buf, count, ppos);
	user_access_window_pop(&window);
	return ret;
}
EXPORT_SYMBOL(mdev_read);

/**
 * mdev_write() - write to a mediated device for VFIO from kernel memory
 * @mdev: the mediated device, opened with mdev_open()
 * @buf: where from
 * @count: bytes
 * @ppos: as for mdev_read()
 *
 * Context: as mdev_read().
 * Return: likewise, of the parent's write().
 */
ssize_t mdev_write(struct mdev_device *mdev, const void *buf, size_t count, loff_t *ppos)
{
	const struct vfio_mdev_parent_ops *ops = mdev_get_vfio_ops(mdev);
	struct user_access_window window;
	ssize_t ret;

	if (!ops || !ops->write)
		return -EINVAL;

	user_access_window_push(&window, (void *)buf, count);
	ret = ops->write(mdev, (const char __user *)buf, count, ppos);
	user_access_window_pop(&window);
	return ret;
}
EXPORT_SYMBOL(mdev_write);

/**
 * mdev_ioctl() - a VFIO_DEVICE_* request to a mediated device, with its argument in kernel memory
 * @mdev: the mediated device, opened with mdev_open()
 * @cmd: the request
 * @arg: its structure, which begins with argsz
 * @size: bytes that are there, at least argsz
 *
 * Context: as mdev_read().
 * Return: -EINVAL the device knows no requests; what the parent's ioctl() answered.
 */
long mdev_ioctl(struct mdev_device *mdev, unsigned int cmd, void *arg, size_t size)
{
	const struct vfio_mdev_parent_ops *ops = mdev_get_vfio_ops(mdev);
	struct user_access_window window;
	long ret;

	if (!ops || !ops->ioctl)
		return -EINVAL;

	user_access_window_push(&window, arg, size);
	ret = ops->ioctl(mdev, cmd, (unsigned long)arg);
	user_access_window_pop(&window);
	return ret;
}
EXPORT_SYMBOL(mdev_ioctl);
