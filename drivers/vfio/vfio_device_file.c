// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Files of VFIO devices. Reads, writes and ioctls go straight to the bus driver: they take no lock
 * and allocate nothing, since an open file keeps its device, that its group, and that its
 * container.
 */
#include "vfio_private.h"

#include <linux/anon_inodes.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/module.h>

static int vfio_device_fops_release(struct inode *inode, struct file *filep)
{
	struct vfio_device *device = filep->private_data;

	if (device->ops->release)
		device->ops->release(device->device_data);
	vfio_group_try_dissolve_container(device->group);
	vfio_device_put(device);
	return 0;
}

static long vfio_device_fops_ioctl(struct file *filep, unsigned int cmd, unsigned long arg)
{
	struct vfio_device *device = filep->private_data;

	if (!device->ops->ioctl)
		return -EINVAL;
	return device->ops->ioctl(device->device_data, cmd, arg);
}

static ssize_t vfio_device_fops_read(struct file *filep, char __user *buf, size_t count,
				     loff_t *ppos)
{
	struct vfio_device *device = filep->private_data;

	if (!device->ops->read)
		return -EINVAL;
	return device->ops->read(device->device_data, buf, count, ppos);
}

static ssize_t vfio_device_fops_write(struct file *filep, const char __user *buf, size_t count,
				      loff_t *ppos)
{
	struct vfio_device *device = filep->private_data;

	if (!device->ops->write)
		return -EINVAL;
	return device->ops->write(device->device_data, buf, count, ppos);
}

static int vfio_device_fops_mmap(struct file *filep, struct vm_area_struct *vma)
{
	struct vfio_device *device = filep->private_data;

	if (!device->ops->mmap)
		return -EINVAL;
	return device->ops->mmap(device->device_data, vma);
}

static const struct file_operations vfio_device_fops = {
	.owner = THIS_MODULE,
	.release = vfio_device_fops_release,
	.read = vfio_device_fops_read,
	.write = vfio_device_fops_write,
	.unlocked_ioctl = vfio_device_fops_ioctl,
	.mmap = vfio_device_fops_mmap,
};

/*
 * Open a file of the device in the current task. On success the caller's reference on the device
 * and one of its group's container_users have become the file's; on error they stay the caller's.
 */
int vfio_device_open_fd(struct vfio_device *device)
{
	struct file *file;
	int fd, ret;

	if (device->ops->open) {
		ret = device->ops->open(device->device_data);
		if (ret)
			return ret;
	}

	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0) {
		ret = fd;
		goto err_release;
	}

	file = anon_inode_getfile("[vfio-device]", &vfio_device_fops, device, O_RDWR);
	if (IS_ERR(file)) {
		ret = PTR_ERR(file);
		goto err_put_fd;
	}
	file->f_mode |= FMODE_LSEEK | FMODE_PREAD | FMODE_PWRITE;
	fd_install(fd, file);
	return fd;

err_put_fd:
	put_unused_fd(fd);
err_release:
	if (device->ops->release)
		device->ops->release(device->device_data);
	return ret;
}
