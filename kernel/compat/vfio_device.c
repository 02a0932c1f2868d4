// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * The VFIO interface of <linux/vfio_device.h> on that of 6.1 and later: see <linux/vfio.h> for what
 * has changed. Of each registered device the kernel knows a struct vfio_group, whose callbacks call
 * those of the driver.
 *
 * A group is in `groups` while its device is registered. A driver only asks for the group of a
 * device that a user has open, and unregistration waits for users, so what is found there stays.
 *
 * Whom functions are exported to is as in Linux 5.10.
 */
#include <linux/module.h>
#include <linux/pfn.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/vfio.h>
#include <linux/xarray.h>

#undef vfio_device
#undef vfio_device_ops

struct vfio_group {
	struct vfio_device vdev;
	struct umdev_vfio_device *device;
	/* By enum vfio_notify_type. */
	struct blocking_notifier_head notifiers[VFIO_GROUP_NOTIFY + 1];
};

/* By address of the struct device. */
static DEFINE_XARRAY(groups);

#define to_group(device) container_of(device, struct vfio_group, vdev)

/* compat_NAME(vdev, ...) calls the driver's NAME(device_data, ...). */
#define AND_ARGS(...) , ##__VA_ARGS__
#define COMPAT_CALLBACK(type, name, args, ...)                               \
	static type compat_##name(struct vfio_device *vdev, ##__VA_ARGS__)   \
	{                                                                    \
		struct umdev_vfio_device *device = to_group(vdev)->device;   \
		return device->ops->name(device->device_data AND_ARGS args); \
	}

COMPAT_CALLBACK(int, open, ())
COMPAT_CALLBACK(void, release, ())
COMPAT_CALLBACK(ssize_t, read, (buf, count, ppos), char __user *buf, size_t count, loff_t *ppos)
COMPAT_CALLBACK(ssize_t, write, (buf, count, ppos), const char __user *buf, size_t count,
		loff_t *ppos)
COMPAT_CALLBACK(long, ioctl, (cmd, arg), unsigned int cmd, unsigned long arg)
COMPAT_CALLBACK(int, mmap, (vma), struct vm_area_struct *vma)
COMPAT_CALLBACK(void, request, (count), unsigned int count)

static void compat_dma_unmap(struct vfio_device *vdev, u64 iova, u64 length)
{
	struct vfio_iommu_type1_dma_unmap unmap = { .iova = iova, .size = length };

	blocking_notifier_call_chain(&to_group(vdev)->notifiers[VFIO_IOMMU_NOTIFY],
				     VFIO_IOMMU_NOTIFY_DMA_UNMAP, &unmap);
}

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 19, 0)
/*
 * A driver that has capabilities to tell says in argsz how much room it needs, and is asked again. It
 * counts their links from the answer's start, the core wants them from that of the first.
 */
static int compat_get_region_info_caps(struct vfio_device *vdev, struct vfio_region_info *info,
				       struct vfio_info_cap *caps)
{
	struct vfio_region_info *answer = kzalloc(PAGE_SIZE, GFP_KERNEL);
	u32 size, needed = sizeof(*answer), argsz = info->argsz;
	struct user_access_window window;
	struct vfio_info_cap_header *cap;
	long ret;

	if (!answer)
		return -ENOMEM;
	do {
		size = needed;
		*answer = *info;
		answer->argsz = size;
		user_access_window_push(&window, answer, size);
		ret = compat_ioctl(vdev, VFIO_DEVICE_GET_REGION_INFO, (unsigned long)answer);
		user_access_window_pop(&window);
		needed = answer->argsz;
	} while (!ret && needed > size && needed <= PAGE_SIZE);

	if (!ret && answer->cap_offset && answer->cap_offset < size) {
		caps->size = size - answer->cap_offset;
		caps->buf = kmemdup((void *)answer + answer->cap_offset, caps->size, GFP_KERNEL);
		if (!caps->buf)
			ret = -ENOMEM;
		for (cap = caps->buf; cap && cap->next; cap = (void *)caps->buf + cap->next)
			cap->next -= answer->cap_offset;
	}
	if (!ret) {
		*info = *answer;
		info->argsz = argsz;
		info->flags &= ~VFIO_REGION_INFO_FLAG_CAPS;
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
	.open_device = compat_open,
	.close_device = compat_release,
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

void vfio_init_group_dev(struct umdev_vfio_device *device, struct device *dev,
			 const struct umdev_vfio_device_ops *ops, void *device_data)
{
	*device = (struct umdev_vfio_device){ .dev = dev, .ops = ops, .device_data = device_data };
}

int vfio_register_group_dev(struct umdev_vfio_device *device)
{
	struct vfio_group *group;
	int ret;

	group = vfio_alloc_device(vfio_group, vdev, device->dev, &compat_ops);
	if (IS_ERR(group))
		return PTR_ERR(group);
	BLOCKING_INIT_NOTIFIER_HEAD(&group->notifiers[VFIO_IOMMU_NOTIFY]);
	BLOCKING_INIT_NOTIFIER_HEAD(&group->notifiers[VFIO_GROUP_NOTIFY]);
	group->device = device;
	device->group = group;

	ret = xa_err(xa_store(&groups, (unsigned long)device->dev, group, GFP_KERNEL));
	if (!ret) {
		/* The mdev bus has given it an IOMMU group; here the VFIO core makes one. */
		iommu_group_remove_device(device->dev);
		ret = vfio_register_emulated_iommu_dev(&group->vdev);
	}
	if (ret) {
		xa_erase(&groups, (unsigned long)device->dev);
		vfio_put_device(&group->vdev);
	}
	return ret;
}

void vfio_unregister_group_dev(struct umdev_vfio_device *device)
{
	(vfio_unregister_group_dev)(&device->group->vdev);
	xa_erase(&groups, (unsigned long)device->dev);
	vfio_put_device(&device->group->vdev);
}

/*
 * Each type has one event, and they are the same bit. A virtual machine is known before the device is
 * opened or not at all, and the core does not tell when it goes: so one call tells all there is.
 */
int vfio_register_notifier(struct device *dev, enum vfio_notify_type type,
			   unsigned long *required_events, struct notifier_block *nb)
{
	struct vfio_group *group = xa_load(&groups, (unsigned long)dev);

	if (!group || type > VFIO_GROUP_NOTIFY || *required_events != VFIO_GROUP_NOTIFY_SET_KVM)
		return -EINVAL;
	*required_events = 0;
	if (type == VFIO_GROUP_NOTIFY && group->vdev.kvm)
		nb->notifier_call(nb, VFIO_GROUP_NOTIFY_SET_KVM, group->vdev.kvm);
	return blocking_notifier_chain_register(&group->notifiers[type], nb);
}
EXPORT_SYMBOL(vfio_register_notifier);

int vfio_unregister_notifier(struct device *dev, enum vfio_notify_type type,
			     struct notifier_block *nb)
{
	struct vfio_group *group = xa_load(&groups, (unsigned long)dev);

	return group ? blocking_notifier_chain_unregister(&group->notifiers[type], nb) : -EINVAL;
}
EXPORT_SYMBOL(vfio_unregister_notifier);

struct vfio_group *vfio_group_get_external_user_from_dev(struct device *dev)
{
	struct vfio_group *group = xa_load(&groups, (unsigned long)dev);

	if (!group)
		return ERR_PTR(-ENODEV);
	get_device(&group->vdev.device);
	return group;
}
EXPORT_SYMBOL_GPL(vfio_group_get_external_user_from_dev);

void vfio_group_put_external_user(struct vfio_group *group)
{
	vfio_put_device(&group->vdev);
}
EXPORT_SYMBOL_GPL(vfio_group_put_external_user);

int vfio_unpin_pages(struct device *dev, unsigned long *user_pfn, int npage)
{
	struct vfio_group *group = xa_load(&groups, (unsigned long)dev);
	int i;

	if (!group)
		return -ENODEV;
	for (i = 0; i < npage; i++)
		(vfio_unpin_pages)(&group->vdev, PFN_PHYS(user_pfn[i]), 1);
	return npage;
}
EXPORT_SYMBOL(umdev_vfio_unpin_pages);

int vfio_pin_pages(struct device *dev, unsigned long *user_pfn, int npage, int prot,
		   unsigned long *phys_pfn)
{
	struct vfio_group *group = xa_load(&groups, (unsigned long)dev);
	struct page *page;
	int i, ret;

	if (!group)
		return -ENODEV;
	for (i = 0; i < npage; i++) {
		ret = (vfio_pin_pages)(&group->vdev, PFN_PHYS(user_pfn[i]), 1, prot, &page);
		if (ret != 1) {
			vfio_unpin_pages(dev, user_pfn, i);
			return ret < 0 ? ret : -EFAULT;
		}
		phys_pfn[i] = page_to_pfn(page);
	}
	return npage;
}
EXPORT_SYMBOL(umdev_vfio_pin_pages);

int vfio_dma_rw(struct vfio_group *group, dma_addr_t user_iova, void *data, size_t len, bool write)
{
	return (vfio_dma_rw)(&group->vdev, user_iova, data, len, write);
}
EXPORT_SYMBOL(umdev_vfio_dma_rw);
