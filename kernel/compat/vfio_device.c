// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * The VFIO interface of 5.13 on that of 6.1 and later: see <linux/vfio.h> for what has changed. Of
 * each registered device the kernel knows a struct umdev_vfio_group, whose callbacks call those of
 * the driver.
 *
 * A group is in `groups` while its device is registered. A driver only asks for the group of a
 * device that a user has open, and unregistration waits for users, so what is found there stays.
 */
#include <linux/module.h>
#include <linux/pfn.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/vfio.h>
#include <linux/xarray.h>

#undef vfio_device
#undef vfio_device_ops
#undef vfio_group
#undef vfio_register_group_dev
#undef vfio_unregister_group_dev
#undef vfio_pin_pages
#undef vfio_unpin_pages
#undef vfio_dma_rw

struct umdev_vfio_group {
	struct vfio_device vdev;
	struct umdev_vfio_device *device;
	struct blocking_notifier_head dma_unmap;
};

/* By address of the struct device. */
static DEFINE_XARRAY(groups);

static struct umdev_vfio_group *to_group(struct vfio_device *vdev)
{
	return container_of(vdev, struct umdev_vfio_group, vdev);
}

#define call(vdev, callback, ...) \
	(to_group(vdev)->device->ops->callback(to_group(vdev)->device->device_data, ##__VA_ARGS__))

static int compat_open_device(struct vfio_device *vdev)
{
	return call(vdev, open);
}

static void compat_close_device(struct vfio_device *vdev)
{
	call(vdev, release);
}

static ssize_t compat_read(struct vfio_device *vdev, char __user *buf, size_t count, loff_t *ppos)
{
	return call(vdev, read, buf, count, ppos);
}

static ssize_t compat_write(struct vfio_device *vdev, const char __user *buf, size_t count,
			    loff_t *ppos)
{
	return call(vdev, write, buf, count, ppos);
}

static long compat_ioctl(struct vfio_device *vdev, unsigned int cmd, unsigned long arg)
{
	return call(vdev, ioctl, cmd, arg);
}

static int compat_mmap(struct vfio_device *vdev, struct vm_area_struct *vma)
{
	return call(vdev, mmap, vma);
}

static void compat_request(struct vfio_device *vdev, unsigned int count)
{
	call(vdev, request, count);
}

static void compat_dma_unmap(struct vfio_device *vdev, u64 iova, u64 length)
{
	struct vfio_iommu_type1_dma_unmap unmap = { .iova = iova, .size = length };

	blocking_notifier_call_chain(&to_group(vdev)->dma_unmap, VFIO_IOMMU_NOTIFY_DMA_UNMAP,
				     &unmap);
}

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 19, 0)
/* Ask the driver about a region, with room for @size bytes in @answer. */
static long ask_region_info(struct vfio_device *vdev, const struct vfio_region_info *info,
			    struct vfio_region_info *answer, u32 size)
{
	struct user_access_window window;
	long ret;

	*answer = *info;
	answer->argsz = size;
	user_access_window_push(&window, answer, size);
	ret = call(vdev, ioctl, VFIO_DEVICE_GET_REGION_INFO, (unsigned long)answer);
	user_access_window_pop(&window);
	return ret;
}

static int take_caps(struct vfio_region_info *info, u32 size, struct vfio_info_cap *caps)
{
	struct vfio_info_cap_header *cap;
	u32 at, next;
	int ret = 0;

	for (at = info->cap_offset; at && !ret; at = next) {
		cap = (void *)info + at;
		if (at > size - sizeof(*cap))
			return -EINVAL;
		next = cap->next;
		if (next && (next < at + sizeof(*cap) || next > size))
			return -EINVAL;
		ret = vfio_info_add_capability(caps, cap, (next ? next : size) - at);
	}
	return ret;
}

/* A driver that has capabilities to tell says in argsz how much room it needs, and is asked again. */
static int compat_get_region_info_caps(struct vfio_device *vdev, struct vfio_region_info *info,
				       struct vfio_info_cap *caps)
{
	struct vfio_region_info *answer = kzalloc(PAGE_SIZE, GFP_KERNEL);
	u32 size = sizeof(*answer);
	long ret;

	if (!answer)
		return -ENOMEM;
	ret = ask_region_info(vdev, info, answer, size);
	if (!ret && answer->argsz > size) {
		size = min_t(u32, answer->argsz, PAGE_SIZE);
		ret = ask_region_info(vdev, info, answer, size);
	}
	if (!ret)
		ret = take_caps(answer, size, caps);
	if (!ret) {
		info->flags = answer->flags & ~VFIO_REGION_INFO_FLAG_CAPS;
		info->size = answer->size;
		info->offset = answer->offset;
	}
	kfree(answer);
	return ret;
}
#endif

static const struct vfio_device_ops compat_ops = {
	.name = "vfio-mdev",
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
	.release = vfio_free_device,
#else
	.bind_iommufd = vfio_iommufd_emulated_bind,
	.unbind_iommufd = vfio_iommufd_emulated_unbind,
	.attach_ioas = vfio_iommufd_emulated_attach_ioas,
#endif
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 6, 0)
	.detach_ioas = vfio_iommufd_emulated_detach_ioas,
#endif
	.open_device = compat_open_device,
	.close_device = compat_close_device,
	.read = compat_read,
	.write = compat_write,
	.ioctl = compat_ioctl,
	.mmap = compat_mmap,
	.request = compat_request,
	.dma_unmap = compat_dma_unmap,
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 19, 0)
	.get_region_info_caps = compat_get_region_info_caps,
#endif
};

void umdev_vfio_init_group_dev(struct umdev_vfio_device *device, struct device *dev,
			       const struct umdev_vfio_device_ops *ops, void *device_data)
{
	device->dev = dev;
	device->ops = ops;
	device->device_data = device_data;
}

int umdev_vfio_register_group_dev(struct umdev_vfio_device *device)
{
	struct umdev_vfio_group *group;
	int ret;

	group = vfio_alloc_device(umdev_vfio_group, vdev, device->dev, &compat_ops);
	if (IS_ERR(group))
		return PTR_ERR(group);
	BLOCKING_INIT_NOTIFIER_HEAD(&group->dma_unmap);
	group->device = device;
	device->group = group;

	ret = xa_err(xa_store(&groups, (unsigned long)device->dev, group, GFP_KERNEL));
	if (ret)
		goto err_put;

	/* The mdev bus has given it an IOMMU group; here it is up to the VFIO core to make one. */
	iommu_group_remove_device(device->dev);
	ret = vfio_register_emulated_iommu_dev(&group->vdev);
	if (ret)
		goto err_erase;
	return 0;

err_erase:
	xa_erase(&groups, (unsigned long)device->dev);
err_put:
	vfio_put_device(&group->vdev);
	return ret;
}

void umdev_vfio_unregister_group_dev(struct umdev_vfio_device *device)
{
	vfio_unregister_group_dev(&device->group->vdev);
	xa_erase(&groups, (unsigned long)device->dev);
	vfio_put_device(&device->group->vdev);
}

int vfio_register_notifier(struct device *dev, enum vfio_notify_type type,
			   unsigned long *required_events, struct notifier_block *nb)
{
	struct umdev_vfio_group *group = xa_load(&groups, (unsigned long)dev);

	if (!group || type != VFIO_IOMMU_NOTIFY || *required_events != VFIO_IOMMU_NOTIFY_DMA_UNMAP)
		return -EINVAL;
	return blocking_notifier_chain_register(&group->dma_unmap, nb);
}
EXPORT_SYMBOL_GPL(vfio_register_notifier);

int vfio_unregister_notifier(struct device *dev, enum vfio_notify_type type,
			     struct notifier_block *nb)
{
	struct umdev_vfio_group *group = xa_load(&groups, (unsigned long)dev);

	return group ? blocking_notifier_chain_unregister(&group->dma_unmap, nb) : -EINVAL;
}
EXPORT_SYMBOL_GPL(vfio_unregister_notifier);

struct umdev_vfio_group *vfio_group_get_external_user_from_dev(struct device *dev)
{
	struct umdev_vfio_group *group = xa_load(&groups, (unsigned long)dev);

	if (!group)
		return ERR_PTR(-ENODEV);
	get_device(&group->vdev.device);
	return group;
}
EXPORT_SYMBOL_GPL(vfio_group_get_external_user_from_dev);

void vfio_group_put_external_user(struct umdev_vfio_group *group)
{
	vfio_put_device(&group->vdev);
}
EXPORT_SYMBOL_GPL(vfio_group_put_external_user);

int umdev_vfio_unpin_pages(struct device *dev, unsigned long *user_pfn, int npage)
{
	struct umdev_vfio_group *group = xa_load(&groups, (unsigned long)dev);
	int i;

	if (!group)
		return -ENODEV;
	for (i = 0; i < npage; i++)
		vfio_unpin_pages(&group->vdev, PFN_PHYS(user_pfn[i]), 1);
	return npage;
}
EXPORT_SYMBOL_GPL(umdev_vfio_unpin_pages);

int umdev_vfio_pin_pages(struct device *dev, unsigned long *user_pfn, int npage, int prot,
			 unsigned long *phys_pfn)
{
	struct umdev_vfio_group *group = xa_load(&groups, (unsigned long)dev);
	struct page *page;
	int i, ret;

	if (!group)
		return -ENODEV;
	for (i = 0; i < npage; i++) {
		ret = vfio_pin_pages(&group->vdev, PFN_PHYS(user_pfn[i]), 1, prot, &page);
		if (ret != 1) {
			umdev_vfio_unpin_pages(dev, user_pfn, i);
			return ret < 0 ? ret : -EFAULT;
		}
		phys_pfn[i] = page_to_pfn(page);
	}
	return npage;
}
EXPORT_SYMBOL_GPL(umdev_vfio_pin_pages);

int umdev_vfio_dma_rw(struct umdev_vfio_group *group, dma_addr_t user_iova, void *data, size_t len,
		      bool write)
{
	return vfio_dma_rw(&group->vdev, user_iova, data, len, write);
}
EXPORT_SYMBOL_GPL(umdev_vfio_dma_rw);
