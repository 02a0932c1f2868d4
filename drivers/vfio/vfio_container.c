// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* VFIO containers, /dev/vfio/vfio, and IOMMU backends. The locks are described in vfio.c. */
#define pr_fmt(fmt) "vfio: " fmt

#include "vfio_private.h"

#include <linux/err.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/module.h>
#include <linux/slab.h>

/* Registered backends, the latest first. */
static DEFINE_MUTEX(iommu_drivers_lock);
static LIST_HEAD(iommu_drivers);

/**
 * vfio_register_iommu_driver - offer an IOMMU backend to containers (M15)
 * @ops: the backend's callbacks
 *
 * A container whose user chooses type T gets the backend, of those whose ioctl() answers
 * VFIO_CHECK_EXTENSION of T with a positive number, that was registered last.
 *
 * Context: may sleep.
 * Return: 0; -ENOMEM; -EINVAL: @ops is registered already.
 */
int vfio_register_iommu_driver(const struct vfio_iommu_driver_ops *ops)
{
	struct vfio_iommu_driver *driver, *other;
	int ret = 0;

	driver = kzalloc(sizeof(*driver), GFP_KERNEL);
	if (!driver)
		return -ENOMEM;
	driver->ops = ops;

	mutex_lock(&iommu_drivers_lock);
	list_for_each_entry(other, &iommu_drivers, next) {
		if (other->ops == ops)
			ret = -EINVAL;
	}
	if (!ret)
		list_add(&driver->next, &iommu_drivers);
	mutex_unlock(&iommu_drivers_lock);

	if (ret)
		kfree(driver);
	return ret;
}
EXPORT_SYMBOL_GPL(vfio_register_iommu_driver);

/**
 * vfio_unregister_iommu_driver - undo vfio_register_iommu_driver()
 * @ops: the backend's callbacks. No container uses them: one that does holds a reference on the
 *	backend's module
 *
 * Context: may sleep.
 */
void vfio_unregister_iommu_driver(const struct vfio_iommu_driver_ops *ops)
{
	struct vfio_iommu_driver *driver, *next;

	mutex_lock(&iommu_drivers_lock);
	list_for_each_entry_safe(driver, next, &iommu_drivers, next) {
		if (driver->ops == ops) {
			list_del(&driver->next);
			kfree(driver);
		}
	}
	mutex_unlock(&iommu_drivers_lock);
}
EXPORT_SYMBOL_GPL(vfio_unregister_iommu_driver);

static void vfio_container_release(struct kref *kref)
{
	kfree(container_of(kref, struct vfio_container, kref));
}

void vfio_container_put(struct vfio_container *container)
{
	kref_put(&container->kref, vfio_container_release);
}

/* The container of an open file, with a reference, or NULL for any other file. */
struct vfio_container *vfio_container_get_from_file(struct file *file)
{
	struct vfio_container *container = file->private_data;

	if (file->f_op != &vfio_fops)
		return NULL;
	kref_get(&container->kref);
	return container;
}

/* The backend, or NULL, for whoever holds group_lock or is a user of one of the groups. */
struct vfio_iommu_driver *vfio_container_driver(struct vfio_container *container)
{
	return smp_load_acquire(&container->iommu_driver);
}

int vfio_container_attach_group(struct vfio_container *container, struct vfio_group *group)
{
	struct vfio_iommu_driver *driver;
	int ret = 0;

	down_write(&container->group_lock);
	driver = container->iommu_driver;
	if (driver)
		ret = driver->ops->attach_group(container->iommu_data, group->iommu_group);
	if (!ret)
		list_add(&group->container_next, &container->group_list);
	up_write(&container->group_lock);
	return ret;
}

/* With its last group a container loses its backend, and with that all mappings. */
void vfio_container_detach_group(struct vfio_container *container, struct vfio_group *group)
{
	struct vfio_iommu_driver *driver;

	down_write(&container->group_lock);
	driver = container->iommu_driver;
	if (driver)
		driver->ops->detach_group(container->iommu_data, group->iommu_group);
	list_del(&group->container_next);

	if (driver && list_empty(&container->group_list)) {
		driver->ops->release(container->iommu_data);
		container->iommu_data = NULL;
		smp_store_release(&container->iommu_driver, NULL);
		module_put(driver->ops->owner);
	}
	up_write(&container->group_lock);
}

/* The latest backend that offers an extension answers for a container that has none yet. */
long vfio_container_check_extension(struct vfio_container *container, unsigned long arg)
{
	struct vfio_iommu_driver *driver;
	long ret = 0;

	down_read(&container->group_lock);
	driver = container->iommu_driver;
	if (driver) {
		ret = driver->ops->ioctl(container->iommu_data, VFIO_CHECK_EXTENSION, arg);
		goto out;
	}

	mutex_lock(&iommu_drivers_lock);
	list_for_each_entry(driver, &iommu_drivers, next) {
		if (!try_module_get(driver->ops->owner))
			continue;
		ret = driver->ops->ioctl(NULL, VFIO_CHECK_EXTENSION, arg);
		module_put(driver->ops->owner);
		if (ret > 0)
			break;
	}
	mutex_unlock(&iommu_drivers_lock);
out:
	up_read(&container->group_lock);
	return ret;
}

/* All of the container's groups, or none. */
static int attach_groups(struct vfio_container *container, const struct vfio_iommu_driver_ops *ops,
			 void *data)
{
	struct vfio_group *group;
	int ret = 0;

	list_for_each_entry(group, &container->group_list, container_next) {
		ret = ops->attach_group(data, group->iommu_group);
		if (ret)
			goto err_detach;
	}
	return 0;

err_detach:
	list_for_each_entry_continue_reverse(group, &container->group_list, container_next)
		ops->detach_group(data, group->iommu_group);
	return ret;
}

/* Try one backend, whose module the caller holds; positive: it does not know the type. */
static int try_iommu_driver(struct vfio_container *container, struct vfio_iommu_driver *driver,
			    unsigned long type)
{
	void *data;
	int ret;

	if (driver->ops->ioctl(NULL, VFIO_CHECK_EXTENSION, type) <= 0)
		return 1;

	data = driver->ops->open(type);
	if (IS_ERR(data))
		return PTR_ERR(data);

	ret = attach_groups(container, driver->ops, data);
	if (ret) {
		driver->ops->release(data);
		return ret;
	}
	container->iommu_data = data;
	smp_store_release(&container->iommu_driver, driver);
	return 0;
}

static long vfio_ioctl_set_iommu(struct vfio_container *container, unsigned long type)
{
	struct vfio_iommu_driver *driver;
	long ret = -ENODEV;
	int err;

	down_write(&container->group_lock);
	if (list_empty(&container->group_list) || container->iommu_driver) {
		up_write(&container->group_lock);
		return -EINVAL;
	}

	mutex_lock(&iommu_drivers_lock);
	list_for_each_entry(driver, &iommu_drivers, next) {
		if (!try_module_get(driver->ops->owner))
			continue;
		err = try_iommu_driver(container, driver, type);
		if (!err) {
			ret = 0;
			break;
		}
		module_put(driver->ops->owner);
		if (err < 0)
			ret = err;
	}
	mutex_unlock(&iommu_drivers_lock);
	up_write(&container->group_lock);
	return ret;
}

static long vfio_container_backend_ioctl(struct vfio_container *container, unsigned int cmd,
					 unsigned long arg)
{
	long ret = -EINVAL;

	down_read(&container->group_lock);
	if (container->iommu_driver)
		ret = container->iommu_driver->ops->ioctl(container->iommu_data, cmd, arg);
	up_read(&container->group_lock);
	return ret;
}

static long vfio_fops_ioctl(struct file *filep, unsigned int cmd, unsigned long arg)
{
	struct vfio_container *container = filep->private_data;

	switch (cmd) {
	case VFIO_GET_API_VERSION:
		return VFIO_API_VERSION;
	case VFIO_CHECK_EXTENSION:
		return vfio_container_check_extension(container, arg);
	case VFIO_SET_IOMMU:
		return vfio_ioctl_set_iommu(container, arg);
	default:
		return vfio_container_backend_ioctl(container, cmd, arg);
	}
}

static int vfio_fops_open(struct inode *inode, struct file *filep)
{
	struct vfio_container *container = kzalloc(sizeof(*container), GFP_KERNEL);

	if (!container)
		return -ENOMEM;
	kref_init(&container->kref);
	init_rwsem(&container->group_lock);
	INIT_LIST_HEAD(&container->group_list);
	filep->private_data = container;
	return 0;
}

static int vfio_fops_release(struct inode *inode, struct file *filep)
{
	vfio_container_put(filep->private_data);
	filep->private_data = NULL;
	return 0;
}

static ssize_t vfio_fops_read(struct file *filep, char __user *buf, size_t count, loff_t *ppos)
{
	struct vfio_container *container = filep->private_data;
	const struct vfio_iommu_driver *driver;
	ssize_t ret = -EINVAL;

	down_read(&container->group_lock);
	driver = container->iommu_driver;
	if (driver && driver->ops->read)
		ret = driver->ops->read(container->iommu_data, buf, count, ppos);
	up_read(&container->group_lock);
	return ret;
}

static ssize_t vfio_fops_write(struct file *filep, const char __user *buf, size_t count,
			       loff_t *ppos)
{
	struct vfio_container *container = filep->private_data;
	const struct vfio_iommu_driver *driver;
	ssize_t ret = -EINVAL;

	down_read(&container->group_lock);
	driver = container->iommu_driver;
	if (driver && driver->ops->write)
		ret = driver->ops->write(container->iommu_data, buf, count, ppos);
	up_read(&container->group_lock);
	return ret;
}

static int vfio_fops_mmap(struct file *filep, struct vm_area_struct *vma)
{
	struct vfio_container *container = filep->private_data;
	const struct vfio_iommu_driver *driver;
	int ret = -EINVAL;

	down_read(&container->group_lock);
	driver = container->iommu_driver;
	if (driver && driver->ops->mmap)
		ret = driver->ops->mmap(container->iommu_data, vma);
	up_read(&container->group_lock);
	return ret;
}

const struct file_operations vfio_fops = {
	.owner = THIS_MODULE,
	.open = vfio_fops_open,
	.release = vfio_fops_release,
	.read = vfio_fops_read,
	.write = vfio_fops_write,
	.unlocked_ioctl = vfio_fops_ioctl,
	.mmap = vfio_fops_mmap,
};

/**
 * vfio_container_map_remote - VFIO_IOMMU_MAP_DMA of memory that only its owner can reach
 * @file: an open container
 * @iova: where the mapping begins, in bytes
 * @size: its length in bytes
 * @flags: VFIO_DMA_MAP_FLAG_READ and VFIO_DMA_MAP_FLAG_WRITE
 * @ops: how to read and write the memory
 * @opaque: first argument of @ops; the caller's again when release() is called or on error
 *
 * The mapping follows the rules of others and goes by VFIO_IOMMU_UNMAP_DMA or with the container's
 * last group. Its pages cannot be pinned.
 *
 * Context: may sleep.
 * Return: 0; -EINVAL: @file is not a container, it has no backend, or as VFIO_IOMMU_MAP_DMA;
 * -EEXIST: it overlaps another mapping; -ENOSPC: too many mappings; -ENOMEM; -ENOTTY: the backend
 * cannot do it.
 */
int vfio_container_map_remote(struct file *file, u64 iova, u64 size, u32 flags,
			      const struct vfio_dma_remote_ops *ops, void *opaque)
{
	struct vfio_container *container = file->private_data;
	const struct vfio_iommu_driver *driver;
	int ret = -EINVAL;

	if (file->f_op != &vfio_fops)
		return -EINVAL;

	down_read(&container->group_lock);
	driver = container->iommu_driver;
	if (driver)
		ret = driver->ops->map_remote ? driver->ops->map_remote(container->iommu_data, iova,
									size, flags, ops, opaque)
					      : -ENOTTY;
	up_read(&container->group_lock);
	return ret;
}
EXPORT_SYMBOL_GPL(vfio_container_map_remote);
