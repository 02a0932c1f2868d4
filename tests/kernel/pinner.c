// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * pinner: a mediated device for tests that reaches its user's memory: by pinning a page, and by
 * vfio_dma_rw() (row M15). Written against the interface of Linux 5.10, with callbacks in place.
 *
 * Its user writes a struct pinner_request to the device, and reads a struct pinner_state.
 */
#include <linux/err.h>
#include <linux/highmem.h>
#include <linux/iommu.h>
#include <linux/mdev.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/vfio.h>

#include "pinner.h"

/**
 * struct pinner - a device
 * @mdev: the mediated device, which owns it
 * @lock: covers the rest. A request holds it while pages are pinned, and the notifier takes it
 *	without any lock of the IOMMU backend's
 * @state: what the user reads
 * @user_pfn: the user's number of the pinned page, if there is one
 * @pfn: the machine's
 * @group: the device's group, while it is open
 * @notifier: told of mappings that go, while it is open
 * @machine_notifier: told of the virtual machine that it is opened for
 */
struct pinner {
	struct mdev_device *mdev;
	struct mutex lock;
	struct pinner_state state;
	unsigned long user_pfn;
	unsigned long pfn;
	struct vfio_group *group;
	struct notifier_block notifier;
	struct notifier_block machine_notifier;
};

static struct class *pinner_class;
static struct device *pinner_device;

static int pinner_unpin(struct pinner *pinner)
{
	int ret;

	if (!pinner->state.pinned)
		return -ENOENT;
	ret = vfio_unpin_pages(mdev_dev(pinner->mdev), &pinner->user_pfn, 1);
	pinner->state.pinned = 0;
	return ret == 1 ? 0 : -EIO;
}

static int pinner_pin(struct pinner *pinner, u64 iova)
{
	int ret;

	if (pinner->state.pinned)
		return -EBUSY;
	pinner->user_pfn = iova >> PAGE_SHIFT;
	ret = vfio_pin_pages(mdev_dev(pinner->mdev), &pinner->user_pfn, 1, IOMMU_READ | IOMMU_WRITE,
			     &pinner->pfn);
	if (ret != 1)
		return ret < 0 ? ret : -EIO;
	pinner->state.pinned = 1;
	return 0;
}

static int pinner_increment(struct pinner *pinner)
{
	struct page *page = pfn_to_page(pinner->pfn);
	u8 *memory;

	if (!pinner->state.pinned)
		return -ENOENT;
	memory = kmap(page);
	memory[0]++;
	kunmap(page);
	return 0;
}

static int pinner_copy(struct pinner *pinner, u64 from, u64 to)
{
	u64 data;
	int ret = vfio_dma_rw(pinner->group, from, &data, sizeof(data), false);

	return ret ? ret : vfio_dma_rw(pinner->group, to, &data, sizeof(data), true);
}

/* What a user reads, read from inside: into kernel memory, which is out of reach without a window. */
static int pinner_read_inside(struct pinner *pinner)
{
	struct pinner_state state = { .pinned = ~0U };
	loff_t pos = 0;
	ssize_t ret = mdev_read(pinner->mdev, &state, sizeof(state), &pos);

	if (ret < 0)
		return ret;
	if (ret != sizeof(state) || memcmp(&state, &pinner->state, sizeof(state)))
		return -EIO;
	return copy_to_user((void __user *)&state, &pinner->state, sizeof(state)) ? 0 : -EPERM;
}

static int pinner_do(struct pinner *pinner, const struct pinner_request *request)
{
	switch (request->what) {
	case PINNER_PIN:
		return pinner_pin(pinner, request->iova);
	case PINNER_INCREMENT:
		return pinner_increment(pinner);
	case PINNER_UNPIN:
		return pinner_unpin(pinner);
	case PINNER_COPY:
		return pinner_copy(pinner, request->iova, request->to);
	case PINNER_READ_INSIDE:
		return pinner_read_inside(pinner);
	default:
		return -EINVAL;
	}
}

static ssize_t pinner_write(struct mdev_device *mdev, const char __user *buf, size_t count,
			    loff_t *ppos)
{
	struct pinner *pinner = mdev_get_drvdata(mdev);
	struct pinner_request request;
	int ret;

	if (count != sizeof(request))
		return -EINVAL;
	if (copy_from_user(&request, buf, sizeof(request)))
		return -EFAULT;

	mutex_lock(&pinner->lock);
	ret = pinner_do(pinner, &request);
	mutex_unlock(&pinner->lock);
	return ret ? ret : (ssize_t)count;
}

static ssize_t pinner_read(struct mdev_device *mdev, char __user *buf, size_t count, loff_t *ppos)
{
	struct pinner *pinner = mdev_get_drvdata(mdev);

	if (count != sizeof(pinner->state))
		return -EINVAL;
	return copy_to_user(buf, &pinner->state, count) ? -EFAULT : (ssize_t)count;
}

static int pinner_notify(struct notifier_block *nb, unsigned long action, void *data)
{
	struct pinner *pinner = container_of(nb, struct pinner, notifier);
	struct vfio_iommu_type1_dma_unmap *unmap = data;
	u64 iova;

	if (action != VFIO_IOMMU_NOTIFY_DMA_UNMAP)
		return NOTIFY_DONE;

	mutex_lock(&pinner->lock);
	iova = (u64)pinner->user_pfn << PAGE_SHIFT;
	pinner->state.unmaps++;
	if (iova >= unmap->iova && iova - unmap->iova < unmap->size)
		pinner_unpin(pinner);
	mutex_unlock(&pinner->lock);
	return NOTIFY_OK;
}

static int pinner_notify_machine(struct notifier_block *nb, unsigned long action, void *data)
{
	struct pinner *pinner = container_of(nb, struct pinner, machine_notifier);

	if (action != VFIO_GROUP_NOTIFY_SET_KVM || !data)
		return NOTIFY_DONE;

	mutex_lock(&pinner->lock);
	pinner->state.machines++;
	mutex_unlock(&pinner->lock);
	return NOTIFY_OK;
}

static int pinner_open(struct mdev_device *mdev)
{
	struct pinner *pinner = mdev_get_drvdata(mdev);
	unsigned long events = VFIO_IOMMU_NOTIFY_DMA_UNMAP;
	int ret;

	pinner->group = vfio_group_get_external_user_from_dev(mdev_dev(mdev));
	if (IS_ERR(pinner->group))
		return PTR_ERR(pinner->group);

	pinner->notifier.notifier_call = pinner_notify;
	ret = vfio_register_notifier(mdev_dev(mdev), VFIO_IOMMU_NOTIFY, &events, &pinner->notifier);
	if (ret)
		goto err_group;

	events = VFIO_GROUP_NOTIFY_SET_KVM;
	pinner->machine_notifier.notifier_call = pinner_notify_machine;
	ret = vfio_register_notifier(mdev_dev(mdev), VFIO_GROUP_NOTIFY, &events,
				     &pinner->machine_notifier);
	if (ret)
		goto err_notifier;
	return 0;

err_notifier:
	vfio_unregister_notifier(mdev_dev(mdev), VFIO_IOMMU_NOTIFY, &pinner->notifier);
err_group:
	vfio_group_put_external_user(pinner->group);
	return ret;
}

static void pinner_release(struct mdev_device *mdev)
{
	struct pinner *pinner = mdev_get_drvdata(mdev);

	vfio_unregister_notifier(mdev_dev(mdev), VFIO_GROUP_NOTIFY, &pinner->machine_notifier);
	vfio_unregister_notifier(mdev_dev(mdev), VFIO_IOMMU_NOTIFY, &pinner->notifier);
	mutex_lock(&pinner->lock);
	pinner_unpin(pinner);
	mutex_unlock(&pinner->lock);
	vfio_group_put_external_user(pinner->group);
}

static long pinner_ioctl(struct mdev_device *mdev, unsigned int cmd, unsigned long arg)
{
	struct pinner_region region;
	void __user *user = (void __user *)arg;
	u32 argsz;

	if (cmd != VFIO_DEVICE_GET_REGION_INFO)
		return -ENOTTY;
	if (copy_from_user(&region, user, sizeof(region.info)))
		return -EFAULT;

	argsz = region.info.argsz;
	if (argsz < sizeof(region.info) || region.info.index)
		return -EINVAL;

	region = (struct pinner_region){
		.info = {
			.argsz = sizeof(region),
			.flags = VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE |
				 VFIO_REGION_INFO_FLAG_CAPS,
			.size = sizeof(struct pinner_request),
		},
		.type = {
			.header = { .id = VFIO_REGION_INFO_CAP_TYPE, .version = 1 },
			.type = PINNER_TYPE,
			.subtype = PINNER_SUBTYPE,
		},
	};
	if (argsz < sizeof(region))
		return copy_to_user(user, &region, sizeof(region.info)) ? -EFAULT : 0;
	region.info.cap_offset = offsetof(struct pinner_region, type);
	return copy_to_user(user, &region, sizeof(region)) ? -EFAULT : 0;
}

static int pinner_create(struct kobject *kobj, struct mdev_device *mdev)
{
	struct pinner *pinner = kzalloc(sizeof(*pinner), GFP_KERNEL);

	if (!pinner)
		return -ENOMEM;
	pinner->mdev = mdev;
	mutex_init(&pinner->lock);
	mdev_set_drvdata(mdev, pinner);
	return 0;
}

static int pinner_remove(struct mdev_device *mdev)
{
	kfree(mdev_get_drvdata(mdev));
	return 0;
}

static ssize_t available_instances_show(struct kobject *kobj, struct device *dev, char *buf)
{
	return sysfs_emit(buf, "1000\n");
}
static MDEV_TYPE_ATTR_RO(available_instances);

static struct attribute *pinner_type_attrs[] = {
	&mdev_type_attr_available_instances.attr,
	NULL,
};

static struct attribute_group pinner_type_group = {
	.name = "1",
	.attrs = pinner_type_attrs,
};

static struct attribute_group *pinner_type_groups[] = {
	&pinner_type_group,
	NULL,
};

static const struct mdev_parent_ops pinner_ops = {
	.owner = THIS_MODULE,
	.supported_type_groups = pinner_type_groups,
	.create = pinner_create,
	.remove = pinner_remove,
	.open = pinner_open,
	.release = pinner_release,
	.read = pinner_read,
	.write = pinner_write,
	.ioctl = pinner_ioctl,
};

static int __init pinner_init(void)
{
	int ret;

	pinner_class = class_create(THIS_MODULE, "pinner");
	if (IS_ERR(pinner_class))
		return PTR_ERR(pinner_class);

	pinner_device = device_create(pinner_class, NULL, 0, NULL, "pinner");
	if (IS_ERR(pinner_device)) {
		ret = PTR_ERR(pinner_device);
		goto err_class;
	}

	ret = mdev_register_device(pinner_device, &pinner_ops);
	if (ret)
		goto err_device;
	return 0;

err_device:
	device_unregister(pinner_device);
err_class:
	class_destroy(pinner_class);
	return ret;
}

static void __exit pinner_exit(void)
{
	mdev_unregister_device(pinner_device);
	device_unregister(pinner_device);
	class_destroy(pinner_class);
}

module_init(pinner_init);
module_exit(pinner_exit);

MODULE_DESCRIPTION("Mediated devices that reach their user's memory, for tests");
MODULE_AUTHOR("The umdev authors");
MODULE_LICENSE("Dual BSD/GPL");
