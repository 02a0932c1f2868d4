// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* VFIO groups and their files, /dev/vfio/N. The locks are described at the top of vfio.c. */
#define pr_fmt(fmt) "vfio: " fmt

#include "vfio_private.h"

#include <linux/cdev.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/file.h>
#include <linux/idr.h>
#include <linux/kdev_t.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

struct class *vfio_class;
static dev_t vfio_group_devt;
static struct cdev vfio_group_cdev;

/* All groups, by minor number and by the number of their IOMMU group; under vfio_group_lock. */
static DEFINE_MUTEX(vfio_group_lock);
static DEFINE_IDR(vfio_group_minors);
static DEFINE_IDR(vfio_group_numbers);

static void vfio_group_get(struct vfio_group *group)
{
	kref_get(&group->kref);
}

/* Under group->device_lock. */
void vfio_group_forget_unbound(struct vfio_group *group, struct device *dev)
{
	struct vfio_unbound_dev *unbound, *next;

	list_for_each_entry_safe(unbound, next, &group->unbound_list, next) {
		if (unbound->dev == dev) {
			list_del(&unbound->next);
			kfree(unbound);
		}
	}
}

/* A device that leaves the IOMMU group cannot stand in the way of the group's use any more. */
static int vfio_iommu_group_notifier(struct notifier_block *nb, unsigned long action, void *data)
{
	struct vfio_group *group = container_of(nb, struct vfio_group, nb);
	struct device *dev = data;

	switch (action) {
	case IOMMU_GROUP_NOTIFY_ADD_DEVICE:
		if (atomic_read(&group->container_users))
			dev_warn(dev, "added to VFIO group %d while that is in use\n",
				 iommu_group_id(group->iommu_group));
		break;
	case IOMMU_GROUP_NOTIFY_DEL_DEVICE:
		mutex_lock(&group->device_lock);
		vfio_group_forget_unbound(group, dev);
		mutex_unlock(&group->device_lock);
		break;
	}
	return NOTIFY_OK;
}

static struct vfio_group *vfio_group_alloc(struct iommu_group *iommu_group)
{
	struct vfio_group *group = kzalloc(sizeof(*group), GFP_KERNEL);

	if (!group)
		return NULL;
	kref_init(&group->kref);
	mutex_init(&group->lock);
	init_waitqueue_head(&group->container_q);
	mutex_init(&group->device_lock);
	INIT_LIST_HEAD(&group->device_list);
	INIT_LIST_HEAD(&group->unbound_list);
	BLOCKING_INIT_NOTIFIER_HEAD(&group->notifier);
	group->nb.notifier_call = vfio_iommu_group_notifier;
	group->iommu_group = iommu_group_ref_get(iommu_group);
	return group;
}

static void vfio_group_free(struct vfio_group *group)
{
	struct vfio_unbound_dev *unbound, *next;

	list_for_each_entry_safe(unbound, next, &group->unbound_list, next)
		kfree(unbound);
	iommu_group_put(group->iommu_group);
	kfree(group);
}

/* Under vfio_group_lock: give the group its numbers and its device. */
static int vfio_group_publish(struct vfio_group *group)
{
	int number = iommu_group_id(group->iommu_group);
	int ret;

	ret = idr_alloc(&vfio_group_numbers, group, number, number + 1, GFP_KERNEL);
	if (ret < 0)
		return ret;

	group->minor = idr_alloc(&vfio_group_minors, group, 0, MINORMASK + 1, GFP_KERNEL);
	if (group->minor < 0) {
		ret = group->minor;
		goto err_number;
	}

	group->dev = device_create(vfio_class, NULL, MKDEV(MAJOR(vfio_group_devt), group->minor),
				   group, "%d", number);
	if (IS_ERR(group->dev)) {
		ret = PTR_ERR(group->dev);
		goto err_minor;
	}
	return 0;

err_minor:
	idr_remove(&vfio_group_minors, group->minor);
err_number:
	idr_remove(&vfio_group_numbers, number);
	return ret;
}

/* Under vfio_group_lock, with the last reference dropped. Returns with the lock dropped. */
static void vfio_group_release(struct kref *kref)
{
	struct vfio_group *group = container_of(kref, struct vfio_group, kref);

	device_destroy(vfio_class, MKDEV(MAJOR(vfio_group_devt), group->minor));
	idr_remove(&vfio_group_minors, group->minor);
	idr_remove(&vfio_group_numbers, iommu_group_id(group->iommu_group));
	mutex_unlock(&vfio_group_lock);

	iommu_group_unregister_notifier(group->iommu_group, &group->nb);
	vfio_group_free(group);
}

/* The VFIO group of an IOMMU group, made if there is none: with a reference, or ERR_PTR(). */
struct vfio_group *vfio_group_get_or_create(struct iommu_group *iommu_group)
{
	struct vfio_group *group;
	int ret;

	mutex_lock(&vfio_group_lock);
	group = idr_find(&vfio_group_numbers, iommu_group_id(iommu_group));
	if (group) {
		vfio_group_get(group);
		goto out;
	}

	group = vfio_group_alloc(iommu_group);
	if (!group) {
		group = ERR_PTR(-ENOMEM);
		goto out;
	}

	ret = vfio_group_publish(group);
	if (ret) {
		vfio_group_free(group);
		group = ERR_PTR(ret);
		goto out;
	}
	iommu_group_register_notifier(iommu_group, &group->nb);
out:
	mutex_unlock(&vfio_group_lock);
	return group;
}

/* The VFIO group that a device is in, with a reference, or NULL. */
struct vfio_group *vfio_group_get_from_dev(struct device *dev)
{
	struct iommu_group *iommu_group = iommu_group_get(dev);
	struct vfio_group *group;

	if (!iommu_group)
		return NULL;

	mutex_lock(&vfio_group_lock);
	group = idr_find(&vfio_group_numbers, iommu_group_id(iommu_group));
	if (group)
		vfio_group_get(group);
	mutex_unlock(&vfio_group_lock);

	iommu_group_put(iommu_group);
	return group;
}

static struct vfio_group *vfio_group_get_from_minor(int minor)
{
	struct vfio_group *group;

	mutex_lock(&vfio_group_lock);
	group = idr_find(&vfio_group_minors, minor);
	if (group)
		vfio_group_get(group);
	mutex_unlock(&vfio_group_lock);
	return group;
}

void vfio_group_put(struct vfio_group *group)
{
	kref_put_mutex(&group->kref, vfio_group_release, &vfio_group_lock);
}

static bool unbound_or_ours(struct vfio_group *group, struct device *dev)
{
	struct vfio_unbound_dev *unbound;
	struct vfio_device *device;
	bool ours = false;

	mutex_lock(&group->device_lock);
	list_for_each_entry(device, &group->device_list, group_next) {
		if (device->dev == dev)
			ours = true;
	}
	list_for_each_entry(unbound, &group->unbound_list, next) {
		if (unbound->dev == dev)
			ours = true;
	}
	mutex_unlock(&group->device_lock);
	return ours;
}

/* A device with another driver, which does DMA of its own, is not safe beside a user's device. */
static int vfio_dev_viable(struct device *dev, void *data)
{
	struct vfio_group *group = data;

	if (unbound_or_ours(group, dev) || !READ_ONCE(dev->driver))
		return 0;
	return -EINVAL;
}

static bool vfio_group_viable(struct vfio_group *group)
{
	return !iommu_group_for_each_dev(group->iommu_group, group, vfio_dev_viable);
}

/*
 * Keep the group in its container, with a backend, for a while: 0, or -EINVAL when it is not ready
 * for use. Undone by vfio_group_try_dissolve_container().
 */
int vfio_group_add_container_user(struct vfio_group *group)
{
	if (!atomic_inc_not_zero(&group->container_users))
		return -EINVAL;

	if (!vfio_container_driver(group->container) || !vfio_group_viable(group)) {
		vfio_group_try_dissolve_container(group);
		return -EINVAL;
	}
	return 0;
}

/* Under group->lock, with no container user left. */
static void vfio_group_leave_container(struct vfio_group *group)
{
	struct vfio_container *container = group->container;
	long pinned = atomic_long_read(&group->pinned);

	if (pinned) {
		dev_warn(group->dev, "left its container with %ld pages pinned by drivers\n",
			 pinned);
		atomic_long_set(&group->pinned, 0);
	}
	vfio_container_detach_group(container, group);
	WRITE_ONCE(group->container, NULL);
	wake_up(&group->container_q);
	vfio_container_put(container);
}

/* Drop one of the group's container_users; with the last one the group leaves its container. */
void vfio_group_try_dissolve_container(struct vfio_group *group)
{
	if (atomic_add_unless(&group->container_users, -1, 1))
		return;

	mutex_lock(&group->lock);
	if (atomic_dec_and_test(&group->container_users))
		vfio_group_leave_container(group);
	mutex_unlock(&group->lock);
}

static int vfio_group_set_container(struct vfio_group *group, int container_fd)
{
	struct vfio_container *container;
	struct file *file;
	int ret;

	if (container_fd < 0)
		return -EINVAL;
	file = fget(container_fd);
	if (!file)
		return -EBADF;
	container = vfio_container_get_from_file(file);
	fput(file);
	if (!container)
		return -EINVAL;

	mutex_lock(&group->lock);
	ret = -EINVAL;
	if (atomic_read(&group->container_users))
		goto err_unlock;
	/* Whoever took the last device out waits for users, of whom there should be no new ones. */
	ret = -ENODEV;
	if (!READ_ONCE(group->dev_counter))
		goto err_unlock;
	ret = vfio_container_attach_group(container, group);
	if (ret)
		goto err_unlock;
	/* The reference is now the group's. */
	WRITE_ONCE(group->container, container);
	/* Whoever becomes the next user, without the lock, sees the container. */
	atomic_set_release(&group->container_users, 1);
	mutex_unlock(&group->lock);
	return 0;

err_unlock:
	mutex_unlock(&group->lock);
	vfio_container_put(container);
	return ret;
}

static int vfio_group_unset_container(struct vfio_group *group)
{
	int ret = 0;
	int users;

	mutex_lock(&group->lock);
	users = atomic_cmpxchg(&group->container_users, 1, 0);
	if (users == 1)
		vfio_group_leave_container(group);
	else
		ret = users ? -EBUSY : -EINVAL;
	mutex_unlock(&group->lock);
	return ret;
}

static int vfio_group_get_device_fd(struct vfio_group *group, char *name)
{
	struct vfio_device *device;
	int ret;

	ret = vfio_group_add_container_user(group);
	if (ret)
		return ret;

	device = vfio_device_get_from_name(group, name);
	if (IS_ERR(device)) {
		ret = PTR_ERR(device);
		goto err_user;
	}

	ret = vfio_device_open_fd(device);
	if (ret < 0)
		goto err_device;
	return ret;

err_device:
	vfio_device_put(device);
err_user:
	vfio_group_try_dissolve_container(group);
	return ret;
}

static long vfio_group_ioctl_get_status(struct vfio_group *group, void __user *arg)
{
	size_t minsz = offsetofend(struct vfio_group_status, flags);
	struct vfio_group_status status;

	if (copy_from_user(&status, arg, minsz))
		return -EFAULT;
	if (status.argsz < minsz)
		return -EINVAL;

	status.flags = 0;
	if (vfio_group_viable(group))
		status.flags |= VFIO_GROUP_FLAGS_VIABLE;
	if (READ_ONCE(group->container))
		status.flags |= VFIO_GROUP_FLAGS_CONTAINER_SET;
	return copy_to_user(arg, &status, minsz) ? -EFAULT : 0;
}

static long vfio_group_ioctl_get_device_fd(struct vfio_group *group, const char __user *arg)
{
	char *name = strndup_user(arg, PAGE_SIZE);
	int ret;

	if (IS_ERR(name))
		return PTR_ERR(name);
	ret = vfio_group_get_device_fd(group, name);
	kfree(name);
	return ret;
}

static long vfio_group_fops_ioctl(struct file *filep, unsigned int cmd, unsigned long arg)
{
	struct vfio_group *group = filep->private_data;
	int fd;

	switch (cmd) {
	case VFIO_GROUP_GET_STATUS:
		return vfio_group_ioctl_get_status(group, (void __user *)arg);
	case VFIO_GROUP_SET_CONTAINER:
		if (get_user(fd, (int __user *)arg))
			return -EFAULT;
		return vfio_group_set_container(group, fd);
	case VFIO_GROUP_UNSET_CONTAINER:
		return vfio_group_unset_container(group);
	case VFIO_GROUP_GET_DEVICE_FD:
		return vfio_group_ioctl_get_device_fd(group, (const char __user *)arg);
	default:
		return -ENOTTY;
	}
}

/*
 * One user at a time: the file can be opened once, and not again until the device files of the
 * previous opening, which keep the group in its container, are closed too.
 */
static int vfio_group_fops_open(struct inode *inode, struct file *filep)
{
	struct vfio_group *group = vfio_group_get_from_minor(iminor(inode));
	int ret = 0;

	if (!group)
		return -ENODEV;

	mutex_lock(&group->lock);
	if (group->opened || group->container)
		ret = -EBUSY;
	else
		group->opened = true;
	mutex_unlock(&group->lock);

	if (ret) {
		vfio_group_put(group);
		return ret;
	}
	filep->private_data = group;
	return 0;
}

static int vfio_group_fops_release(struct inode *inode, struct file *filep)
{
	struct vfio_group *group = filep->private_data;

	filep->private_data = NULL;
	mutex_lock(&group->lock);
	if (group->container && atomic_dec_and_test(&group->container_users))
		vfio_group_leave_container(group);
	group->opened = false;
	mutex_unlock(&group->lock);
	vfio_group_put(group);
	return 0;
}

static const struct file_operations vfio_group_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = vfio_group_fops_ioctl,
	.open = vfio_group_fops_open,
	.release = vfio_group_fops_release,
};

/* The group of an open group file, with a reference, or NULL for any other file. */
struct vfio_group *vfio_group_get_from_file(struct file *file)
{
	struct vfio_group *group = file->private_data;

	if (file->f_op != &vfio_group_fops)
		return NULL;
	vfio_group_get(group);
	return group;
}

static char *vfio_devnode(struct device *dev, umode_t *mode)
{
	return kasprintf(GFP_KERNEL, "vfio/%s", dev_name(dev));
}

int __init vfio_groups_init(void)
{
	int ret;

	vfio_class = class_create(THIS_MODULE, "vfio");
	if (IS_ERR(vfio_class))
		return PTR_ERR(vfio_class);
	vfio_class->devnode = vfio_devnode;

	ret = alloc_chrdev_region(&vfio_group_devt, 0, MINORMASK + 1, "vfio");
	if (ret)
		goto err_class;

	cdev_init(&vfio_group_cdev, &vfio_group_fops);
	ret = cdev_add(&vfio_group_cdev, vfio_group_devt, MINORMASK + 1);
	if (ret)
		goto err_region;
	return 0;

err_region:
	unregister_chrdev_region(vfio_group_devt, MINORMASK + 1);
err_class:
	class_destroy(vfio_class);
	return ret;
}

void vfio_groups_exit(void)
{
	cdev_del(&vfio_group_cdev);
	unregister_chrdev_region(vfio_group_devt, MINORMASK + 1);
	class_destroy(vfio_class);
	idr_destroy(&vfio_group_minors);
	idr_destroy(&vfio_group_numbers);
}
