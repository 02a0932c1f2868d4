// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
#include "stressdev.h"

#include <linux/err.h>
#include <linux/eventfd.h>
#include <linux/kernel.h>
#include <linux/mdev.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/vfio.h>

#include "stress.h"

#define REGION_SHIFT 40
#define MAX_PINS     16

/**
 * struct sdev - a mediated device
 * @mdev: the device
 * @lock: covers @pinned, @nr_pinned and @req; taken before the IOMMU backend's
 * @pinned: page frame numbers of the user's that are pinned
 * @nr_pinned: how many
 * @req: to be signalled when the device is to go, or NULL
 * @nb: told of unmaps while the device is open
 * @users: open files; atomic
 */
struct sdev {
	struct mdev_device *mdev;
	struct mutex lock;
	unsigned long pinned[MAX_PINS];
	unsigned int nr_pinned;
	struct eventfd_ctx *req;
	struct notifier_block nb;
	int users;
};

struct stress_count stressdev_counts[NR_STRESSDEV_COUNTS] = {
	[STRESSDEV_OPENS] = { "devices with pins opened", 0, false },
	[STRESSDEV_PINS] = { "pages pinned", 0, false },
	[STRESSDEV_FORCED] = { "pages unpinned as they were unmapped", 0, false },
	[STRESSDEV_COPIES] = { "copies from and to clients' memory", 0, false },
	[STRESSDEV_REQUESTS] = { "requests to let go", 0, true },
};

static struct class *stress_class;

static int count(int *value, int delta)
{
	return __atomic_add_fetch(value, delta, __ATOMIC_SEQ_CST);
}

static struct stress_parent *parent_of(struct mdev_device *mdev)
{
	struct stress_parent *parent = dev_get_drvdata(mdev_parent_dev(mdev));

	if (!__atomic_load_n(&parent->registered, __ATOMIC_SEQ_CST))
		stress_fail("a callback of %s, which is not registered",
			    dev_name(mdev_parent_dev(mdev)));
	return parent;
}

static int sdev_create(struct kobject *kobj, struct mdev_device *mdev)
{
	struct stress_parent *parent = parent_of(mdev);
	struct sdev *sdev;

	if (stress_random(100) < parent->refuse)
		return STRESSDEV_CREATE_REFUSED;
	sdev = kzalloc(sizeof(*sdev), GFP_KERNEL);
	if (!sdev)
		return -ENOMEM;
	sdev->mdev = mdev;
	mutex_init(&sdev->lock);
	mdev_set_drvdata(mdev, sdev);
	count(&parent->live, 1);
	return 0;
}

static int sdev_remove(struct mdev_device *mdev)
{
	struct stress_parent *parent = parent_of(mdev);
	struct sdev *sdev = mdev_get_drvdata(mdev);

	if (!sdev || sdev->mdev != mdev)
		stress_fail("%s is removed without having been created", dev_name(mdev_dev(mdev)));
	if (sdev->users || sdev->nr_pinned || sdev->req)
		stress_fail("%s is removed in use: %d users, %u pages pinned",
			    dev_name(mdev_dev(mdev)), sdev->users, sdev->nr_pinned);
	mdev_set_drvdata(mdev, NULL);
	mutex_destroy(&sdev->lock);
	kfree(sdev);
	count(&parent->live, -1);
	return stress_random(100) < parent->refuse ? STRESSDEV_REMOVE_REFUSED : 0;
}

/* Under the lock. */
static void unpin_at(struct sdev *sdev, unsigned int i)
{
	int ret = vfio_unpin_pages(mdev_dev(sdev->mdev), &sdev->pinned[i], 1);

	if (ret != 1)
		stress_fail("a pinned page cannot be unpinned: %d", ret);
	sdev->pinned[i] = sdev->pinned[--sdev->nr_pinned];
}

static int on_unmap(struct notifier_block *nb, unsigned long action, void *data)
{
	struct sdev *sdev = container_of(nb, struct sdev, nb);
	struct vfio_iommu_type1_dma_unmap *unmap = data;
	u64 first = unmap->iova >> PAGE_SHIFT, nr = unmap->size >> PAGE_SHIFT;
	unsigned int i = 0;

	if (action != VFIO_IOMMU_NOTIFY_DMA_UNMAP)
		return NOTIFY_DONE;
	mutex_lock(&sdev->lock);
	while (i < sdev->nr_pinned) {
		if (sdev->pinned[i] >= first && sdev->pinned[i] - first < nr) {
			unpin_at(sdev, i);
			stress_tick(&stressdev_counts[STRESSDEV_FORCED]);
		} else {
			i++;
		}
	}
	mutex_unlock(&sdev->lock);
	return NOTIFY_OK;
}

static int sdev_open(struct mdev_device *mdev)
{
	struct sdev *sdev = mdev_get_drvdata(mdev);
	unsigned long events = VFIO_IOMMU_NOTIFY_DMA_UNMAP;
	int ret;

	parent_of(mdev);
	if (count(&sdev->users, 1) > 1)
		stress_fail("%s is opened twice at a time", dev_name(mdev_dev(mdev)));
	sdev->nb = (struct notifier_block){ .notifier_call = on_unmap };
	ret = vfio_register_notifier(mdev_dev(mdev), VFIO_IOMMU_NOTIFY, &events, &sdev->nb);
	if (ret) {
		count(&sdev->users, -1);
		return ret;
	}
	stress_tick(&stressdev_counts[STRESSDEV_OPENS]);
	return 0;
}

static void set_req(struct sdev *sdev, struct eventfd_ctx *ctx)
{
	mutex_lock(&sdev->lock);
	swap(sdev->req, ctx);
	mutex_unlock(&sdev->lock);
	if (ctx)
		eventfd_ctx_put(ctx);
}

static void sdev_release(struct mdev_device *mdev)
{
	struct sdev *sdev = mdev_get_drvdata(mdev);

	parent_of(mdev);
	mutex_lock(&sdev->lock);
	while (sdev->nr_pinned)
		unpin_at(sdev, 0);
	mutex_unlock(&sdev->lock);
	set_req(sdev, NULL);
	if (vfio_unregister_notifier(mdev_dev(mdev), VFIO_IOMMU_NOTIFY, &sdev->nb))
		stress_fail("the notifier is not registered any more");
	count(&sdev->users, -1);
}

static ssize_t sdev_read(struct mdev_device *mdev, char __user *buf, size_t len, loff_t *ppos)
{
	if (clear_user(buf, len))
		return -EFAULT;
	*ppos += len;
	return len;
}

static int pin(struct sdev *sdev, u64 iova)
{
	unsigned long pfn = iova >> PAGE_SHIFT, phys;
	int ret = -ENOSPC;

	mutex_lock(&sdev->lock);
	if (sdev->nr_pinned < MAX_PINS)
		ret = vfio_pin_pages(mdev_dev(sdev->mdev), &pfn, 1, IOMMU_READ | IOMMU_WRITE,
				     &phys);
	if (ret == 1) {
		sdev->pinned[sdev->nr_pinned++] = pfn;
		stress_tick(&stressdev_counts[STRESSDEV_PINS]);
	}
	mutex_unlock(&sdev->lock);
	return ret < 0 ? ret : 0;
}

static int unpin(struct sdev *sdev)
{
	mutex_lock(&sdev->lock);
	if (sdev->nr_pinned)
		unpin_at(sdev, 0);
	mutex_unlock(&sdev->lock);
	return 0;
}

static int copy(struct sdev *sdev, u64 iova)
{
	struct vfio_group *group = vfio_group_get_external_user_from_dev(mdev_dev(sdev->mdev));
	u8 data[256];
	int ret;

	if (IS_ERR(group))
		return PTR_ERR(group);
	ret = vfio_dma_rw(group, iova, data, sizeof(data), false);
	if (!ret)
		ret = vfio_dma_rw(group, iova, data, sizeof(data), true);
	vfio_group_put_external_user(group);
	if (!ret)
		stress_tick(&stressdev_counts[STRESSDEV_COPIES]);
	return ret;
}

static ssize_t sdev_write(struct mdev_device *mdev, const char __user *buf, size_t len,
			  loff_t *ppos)
{
	struct sdev *sdev = mdev_get_drvdata(mdev);
	u64 offset = *ppos & ((1ull << REGION_SHIFT) - 1), value;
	int ret = 0;

	parent_of(mdev);
	if (len == sizeof(value)) {
		if (copy_from_user(&value, buf, sizeof(value)))
			return -EFAULT;
		if (offset == STRESSDEV_PIN)
			ret = pin(sdev, value);
		else if (offset == STRESSDEV_UNPIN)
			ret = unpin(sdev);
		else if (offset == STRESSDEV_COPY)
			ret = copy(sdev, value);
	}
	*ppos += len;
	return ret ? ret : (ssize_t)len;
}

static long get_region_info(void __user *arg)
{
	size_t minsz = offsetofend(struct vfio_region_info, offset);
	struct vfio_region_info info;

	if (copy_from_user(&info, arg, minsz))
		return -EFAULT;
	if (info.argsz < minsz || info.index >= VFIO_PCI_NUM_REGIONS)
		return -EINVAL;
	info.size = info.index ? 0 : STRESSDEV_SIZE;
	info.offset = (u64)info.index << REGION_SHIFT;
	info.flags = info.size ? VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE : 0;
	info.cap_offset = 0;
	return copy_to_user(arg, &info, minsz) ? -EFAULT : 0;
}

static long get_info(void __user *arg)
{
	size_t minsz = offsetofend(struct vfio_device_info, num_irqs);
	struct vfio_device_info info;

	if (copy_from_user(&info, arg, minsz))
		return -EFAULT;
	info.flags = VFIO_DEVICE_FLAGS_PCI | VFIO_DEVICE_FLAGS_RESET;
	info.num_regions = VFIO_PCI_NUM_REGIONS;
	info.num_irqs = VFIO_PCI_NUM_IRQS;
	return copy_to_user(arg, &info, minsz) ? -EFAULT : 0;
}

static long get_irq_info(void __user *arg)
{
	size_t minsz = offsetofend(struct vfio_irq_info, count);
	struct vfio_irq_info info;

	if (copy_from_user(&info, arg, minsz))
		return -EFAULT;
	if (info.argsz < minsz || info.index != VFIO_PCI_REQ_IRQ_INDEX)
		return -EINVAL;
	info.count = 1;
	info.flags = VFIO_IRQ_INFO_EVENTFD | VFIO_IRQ_INFO_NORESIZE;
	return copy_to_user(arg, &info, minsz) ? -EFAULT : 0;
}

/* There is one interrupt, the request to let go, and all that can be done is to set its eventfd. */
static long set_irqs(struct sdev *sdev, u8 __user *arg)
{
	size_t minsz = offsetofend(struct vfio_irq_set, count), size = 0;
	struct eventfd_ctx *ctx = NULL;
	struct vfio_irq_set hdr;
	long ret;
	int fd;

	if (copy_from_user(&hdr, arg, minsz))
		return -EFAULT;
	ret = vfio_set_irqs_validate_and_prepare(&hdr, hdr.index == VFIO_PCI_REQ_IRQ_INDEX,
						 VFIO_PCI_NUM_IRQS, &size);
	if (ret)
		return ret;
	if (!(hdr.flags & VFIO_IRQ_SET_ACTION_TRIGGER))
		return -EINVAL;
	if (size) {
		if (size != sizeof(fd) || copy_from_user(&fd, arg + minsz, size))
			return -EFAULT;
		ctx = eventfd_ctx_fdget(fd);
		if (IS_ERR(ctx))
			return PTR_ERR(ctx);
	}
	set_req(sdev, ctx);
	return 0;
}

static long sdev_ioctl(struct mdev_device *mdev, unsigned int cmd, unsigned long arg)
{
	void __user *user = (void __user *)arg;

	parent_of(mdev);
	switch (cmd) {
	case VFIO_DEVICE_GET_INFO:
		return get_info(user);
	case VFIO_DEVICE_GET_REGION_INFO:
		return get_region_info(user);
	case VFIO_DEVICE_GET_IRQ_INFO:
		return get_irq_info(user);
	case VFIO_DEVICE_SET_IRQS:
		return set_irqs(mdev_get_drvdata(mdev), user);
	case VFIO_DEVICE_RESET:
		return 0;
	default:
		return -ENOTTY;
	}
}

static void sdev_request(struct mdev_device *mdev, unsigned int nr)
{
	struct sdev *sdev = mdev_get_drvdata(mdev);

	parent_of(mdev);
	stress_tick(&stressdev_counts[STRESSDEV_REQUESTS]);
	mutex_lock(&sdev->lock);
	if (sdev->req)
		eventfd_signal(sdev->req, 1);
	mutex_unlock(&sdev->lock);
}

static ssize_t live_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct stress_parent *parent = dev_get_drvdata(dev);

	return sysfs_emit(buf, "%d\n", count(&parent->live, 0));
}
static DEVICE_ATTR_RO(live);

static struct attribute *parent_attrs[] = { &dev_attr_live.attr, NULL };
static const struct attribute_group parent_group = { .name = "stress", .attrs = parent_attrs };
static const struct attribute_group *parent_groups[] = { &parent_group, NULL };

static ssize_t pins_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct sdev *sdev = mdev_get_drvdata(mdev_from_dev(dev));
	unsigned int nr;

	mutex_lock(&sdev->lock);
	nr = sdev->nr_pinned;
	mutex_unlock(&sdev->lock);
	return sysfs_emit(buf, "%u\n", nr);
}
static DEVICE_ATTR_RO(pins);

static struct attribute *mdev_attrs[] = { &dev_attr_pins.attr, NULL };
static const struct attribute_group mdev_group = { .name = "stress", .attrs = mdev_attrs };
static const struct attribute_group *mdev_groups[] = { &mdev_group, NULL };

static ssize_t available_instances_show(struct kobject *kobj, struct device *dev, char *buf)
{
	return sysfs_emit(buf, "%d\n", 1000);
}
static MDEV_TYPE_ATTR_RO(available_instances);

static struct attribute *type_attrs[] = { &mdev_type_attr_available_instances.attr, NULL };
static struct attribute_group type_a = { .name = "a", .attrs = type_attrs };
static struct attribute_group *type_groups[] = { &type_a, NULL };

static const struct mdev_parent_ops stress_ops = {
	.dev_attr_groups = parent_groups,
	.mdev_attr_groups = mdev_groups,
	.supported_type_groups = type_groups,
	.create = sdev_create,
	.remove = sdev_remove,
	.open = sdev_open,
	.release = sdev_release,
	.read = sdev_read,
	.write = sdev_write,
	.ioctl = sdev_ioctl,
	.request = sdev_request,
};

void stressdev_init(void)
{
	stress_class = class_create(THIS_MODULE, "stressdev");
	if (IS_ERR(stress_class))
		stress_fail("no class: %ld", PTR_ERR(stress_class));
}

void stressdev_exit(void)
{
	class_destroy(stress_class);
}

void stress_parent_add(struct stress_parent *parent, const char *name)
{
	parent->dev = device_create(stress_class, NULL, 0, parent, "%s", name);
	if (IS_ERR(parent->dev))
		stress_fail("no device %s: %ld", name, PTR_ERR(parent->dev));
}

void stress_parent_del(struct stress_parent *parent)
{
	device_unregister(parent->dev);
}

void stress_parent_register(struct stress_parent *parent)
{
	int ret;

	__atomic_store_n(&parent->registered, 1, __ATOMIC_SEQ_CST);
	ret = mdev_register_device(parent->dev, &stress_ops);
	if (ret)
		stress_fail("%s cannot be registered: %d", dev_name(parent->dev), ret);
}

void stress_parent_unregister(struct stress_parent *parent)
{
	mdev_unregister_device(parent->dev);
	__atomic_store_n(&parent->registered, 0, __ATOMIC_SEQ_CST);
	if (count(&parent->live, 0))
		stress_fail("%s has %d devices after its unregistration", dev_name(parent->dev),
			    parent->live);
}
