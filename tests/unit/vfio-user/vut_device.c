// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
#include "vut.h"

#include <linux/err.h>
#include <linux/fs.h>
#include <linux/iommu.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include "vut_private.h"

#define REGION_SHIFT 40

static struct vut_device *to_vut(struct device *dev)
{
	return container_of(dev, struct vut_device, dev);
}

static const u64 region_sizes[VUT_NR_REGIONS] = {
	[VUT_BAR] = VUT_BAR_SIZE, [VUT_LARGE] = VUT_LARGE_SIZE,
	[VUT_READ_ONLY] = 64,	  [VUT_CAPS] = 8192,
	[VUT_HOOK] = 64,	  [VUT_FAILING] = 64,
	[VUT_CONFIG] = 256,
};

static const u32 vector_counts[VUT_NR_IRQS] = { 1, 1, VUT_MAX_VECTORS, 0, 1, VUT_MANY_VECTORS };

static int vut_open_device(void *device_data)
{
	struct vut_device *d = device_data;

	d->group = vfio_group_get_external_user_from_dev(&d->dev);
	if (IS_ERR(d->group))
		return PTR_ERR(d->group);
	atomic_inc(&d->opens);
	return 0;
}

static void vut_release_device(void *device_data)
{
	struct vut_device *d = device_data;

	vfio_group_put_external_user(d->group);
	d->group = NULL;
	atomic_inc(&d->releases);
}

/* The memory behind a region, or NULL. */
static u8 *region_memory(struct vut_device *d, unsigned int index)
{
	switch (index) {
	case VUT_BAR:
		return d->bar;
	case VUT_LARGE:
		return d->large;
	case VUT_CONFIG:
		return d->config;
	default:
		return NULL;
	}
}

static ssize_t vut_read(void *device_data, char __user *buf, size_t count, loff_t *ppos)
{
	struct vut_device *d = device_data;
	unsigned int index = *ppos >> REGION_SHIFT;
	loff_t offset = *ppos & ((1ull << REGION_SHIFT) - 1);
	u8 *memory = region_memory(d, index), pattern[64];
	size_t i;

	if (memory)
		return simple_read_from_buffer(buf, count, &offset, memory, region_sizes[index]);
	if (index != VUT_READ_ONLY)
		return -EIO;
	for (i = 0; i < sizeof(pattern); i++)
		pattern[i] = i;
	return simple_read_from_buffer(buf, count, &offset, pattern, sizeof(pattern));
}

static ssize_t vut_write(void *device_data, const char __user *buf, size_t count, loff_t *ppos)
{
	struct vut_device *d = device_data;
	unsigned int index = *ppos >> REGION_SHIFT;
	loff_t offset = *ppos & ((1ull << REGION_SHIFT) - 1);
	u8 *memory = region_memory(d, index);
	u64 value = 0;
	int ret;

	if (memory)
		return simple_write_to_buffer(memory, region_sizes[index], &offset, buf, count);
	if (index != VUT_HOOK || !d->hook || count > sizeof(value))
		return -EIO;
	if (copy_from_user(&value, buf, count))
		return -EFAULT;
	ret = d->hook(d, value);
	return ret ? ret : (ssize_t)count;
}

static long get_info(unsigned long arg)
{
	size_t minsz = offsetofend(struct vfio_device_info, num_irqs);
	struct vfio_device_info info;

	if (copy_from_user(&info, (void __user *)arg, minsz))
		return -EFAULT;
	info.flags = VFIO_DEVICE_FLAGS_PCI | VFIO_DEVICE_FLAGS_RESET;
	info.num_regions = VUT_NR_REGIONS;
	info.num_irqs = VUT_NR_IRQS;
	return copy_to_user((void __user *)arg, &info, minsz) ? -EFAULT : 0;
}

static long add_sparse_cap(struct vfio_region_info *info, unsigned long arg)
{
	u8 buf[sizeof(struct vfio_region_info_cap_sparse_mmap) +
	       sizeof(struct vfio_region_sparse_mmap_area)] __aligned(8) = { 0 };
	struct vfio_region_info_cap_sparse_mmap *cap = (void *)buf;
	struct vfio_info_cap caps = { NULL, 0 };
	long ret;

	cap->header.id = VFIO_REGION_INFO_CAP_SPARSE_MMAP;
	cap->header.version = 1;
	cap->nr_areas = 1;
	cap->areas[0].offset = 4096;
	cap->areas[0].size = 4096;
	info->flags |= VFIO_REGION_INFO_FLAG_CAPS | VFIO_REGION_INFO_FLAG_MMAP;
	ret = vfio_info_add_capability(&caps, &cap->header, sizeof(buf));
	if (ret)
		return ret;
	if (info->argsz < sizeof(*info) + caps.size) {
		info->argsz = sizeof(*info) + caps.size;
	} else {
		vfio_info_cap_shift(&caps, sizeof(*info));
		if (copy_to_user((void __user *)(arg + sizeof(*info)), caps.buf, caps.size))
			ret = -EFAULT;
		info->cap_offset = sizeof(*info);
	}
	kfree(caps.buf);
	return ret;
}

static long get_region_info(unsigned long arg)
{
	struct vfio_region_info info;
	long ret = 0;

	if (copy_from_user(&info, (void __user *)arg, sizeof(info)))
		return -EFAULT;
	if (info.argsz < sizeof(info) || info.index >= VUT_NR_REGIONS)
		return -EINVAL;
	info.size = region_sizes[info.index];
	info.offset = (u64)info.index << REGION_SHIFT;
	info.flags = info.size ? VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE : 0;
	if (info.index == VUT_READ_ONLY)
		info.flags = VFIO_REGION_INFO_FLAG_READ;
	if (info.index == VUT_CAPS)
		ret = add_sparse_cap(&info, arg);
	if (ret)
		return ret;
	return copy_to_user((void __user *)arg, &info, sizeof(info)) ? -EFAULT : 0;
}

static long get_irq_info(unsigned long arg)
{
	struct vfio_irq_info info;

	if (copy_from_user(&info, (void __user *)arg, sizeof(info)))
		return -EFAULT;
	if (info.argsz < sizeof(info) || info.index >= VUT_NR_IRQS || !vector_counts[info.index])
		return -EINVAL;
	info.count = vector_counts[info.index];
	info.flags = VFIO_IRQ_INFO_EVENTFD;
	if (info.index == VFIO_PCI_INTX_IRQ_INDEX)
		info.flags |= VFIO_IRQ_INFO_MASKABLE | VFIO_IRQ_INFO_AUTOMASKED;
	else
		info.flags |= VFIO_IRQ_INFO_NORESIZE;
	return copy_to_user((void __user *)arg, &info, sizeof(info)) ? -EFAULT : 0;
}

static int set_vector(struct eventfd_ctx **slot, int fd)
{
	struct eventfd_ctx *ctx = NULL;

	if (fd >= 0) {
		ctx = eventfd_ctx_fdget(fd);
		if (IS_ERR(ctx))
			return PTR_ERR(ctx);
	}
	if (*slot)
		eventfd_ctx_put(*slot);
	*slot = ctx;
	return 0;
}

static int trigger(struct vut_device *d, const struct vfio_irq_set *set, const u8 *data)
{
	struct eventfd_ctx **slots = d->vectors[set->index];
	u32 i;
	int ret = 0, fd;

	if (set->index == VUT_MANY_IRQ)
		return 0;
	if (set->flags & VFIO_IRQ_SET_DATA_NONE && set->count == 0) {
		for (i = 0; i < vector_counts[set->index]; i++)
			set_vector(&slots[i], -1);
		return 0;
	}
	for (i = 0; i < set->count && !ret; i++) {
		if (set->flags & VFIO_IRQ_SET_DATA_EVENTFD) {
			memcpy(&fd, data + i * sizeof(fd), sizeof(fd));
			ret = set_vector(&slots[set->start + i], fd);
		} else if (slots[set->start + i] &&
			   (set->flags & VFIO_IRQ_SET_DATA_NONE || data[i])) {
			eventfd_signal(slots[set->start + i], 1);
		}
	}
	return ret;
}

static long set_irqs(struct vut_device *d, unsigned long arg)
{
	size_t minsz = offsetofend(struct vfio_irq_set, count), size = 0;
	struct vfio_irq_set set;
	u8 *data = NULL;
	long ret;

	mutex_lock(&d->irq_lock);
	d->irq_calls++;
	mutex_unlock(&d->irq_lock);

	if (copy_from_user(&set, (void __user *)arg, minsz))
		return -EFAULT;
	if (set.index >= VUT_NR_IRQS)
		return -EINVAL;
	ret = vfio_set_irqs_validate_and_prepare(&set, vector_counts[set.index], VUT_NR_IRQS,
						 &size);
	if (ret)
		return ret;
	if (size) {
		data = memdup_user((void __user *)(arg + minsz), size);
		if (IS_ERR(data))
			return PTR_ERR(data);
	}
	mutex_lock(&d->irq_lock);
	d->last_irq_flags = set.flags;
	d->last_irq_count = set.count;
	if (set.flags & VFIO_IRQ_SET_ACTION_TRIGGER)
		ret = trigger(d, &set, data);
	mutex_unlock(&d->irq_lock);
	kfree(data);
	return ret;
}

static long vut_ioctl(void *device_data, unsigned int cmd, unsigned long arg)
{
	struct vut_device *d = device_data;

	switch (cmd) {
	case VFIO_DEVICE_GET_INFO:
		return get_info(arg);
	case VFIO_DEVICE_GET_REGION_INFO:
		return get_region_info(arg);
	case VFIO_DEVICE_GET_IRQ_INFO:
		return get_irq_info(arg);
	case VFIO_DEVICE_SET_IRQS:
		return set_irqs(d, arg);
	case VFIO_DEVICE_RESET:
		memset(d->bar, 0, sizeof(d->bar));
		atomic_inc(&d->resets);
		return 0;
	default:
		return -ENOTTY;
	}
}

static void vut_request(void *device_data, unsigned int count)
{
}

static const struct vfio_device_ops vut_ops = {
	.name = "vut",
	.open = vut_open_device,
	.release = vut_release_device,
	.read = vut_read,
	.write = vut_write,
	.ioctl = vut_ioctl,
	.request = vut_request,
};

static int vut_probe(struct device *dev)
{
	struct vut_device *d = to_vut(dev);
	struct iommu_group *group;
	int ret;

	group = iommu_group_alloc();
	if (IS_ERR(group))
		return PTR_ERR(group);
	ret = iommu_group_add_device(group, dev);
	iommu_group_put(group);
	if (ret)
		return ret;
	vfio_init_group_dev(&d->vdev, dev, &vut_ops, d);
	ret = vfio_register_group_dev(&d->vdev);
	if (ret)
		iommu_group_remove_device(dev);
	return ret;
}

static int vut_remove(struct device *dev)
{
	vfio_unregister_group_dev(&to_vut(dev)->vdev);
	iommu_group_remove_device(dev);
	return 0;
}

static struct bus_type vut_bus = {
	.name = "vut",
	.probe = vut_probe,
	.remove = vut_remove,
};

static struct device_driver vut_driver = {
	.name = "vut_vfio",
	.bus = &vut_bus,
};

int vut_bus_up(void)
{
	int ret = bus_register(&vut_bus);

	return ret ? ret : driver_register(&vut_driver);
}

void vut_bus_down(void)
{
	driver_unregister(&vut_driver);
	bus_unregister(&vut_bus);
}

static void vut_dev_release(struct device *dev)
{
	struct vut_device *d = to_vut(dev);

	mutex_destroy(&d->irq_lock);
	vfree(d->large);
	kfree(d);
}

struct vut_device *vut_device_create(const char *name)
{
	struct vut_device *d = kzalloc(sizeof(*d), GFP_KERNEL);

	assert_non_null(d);
	d->large = vzalloc(VUT_LARGE_SIZE);
	assert_non_null(d->large);
	mutex_init(&d->irq_lock);
	device_initialize(&d->dev);
	d->dev.bus = &vut_bus;
	d->dev.release = vut_dev_release;
	assert_int_equal(dev_set_name(&d->dev, "%s", name), 0);
	assert_int_equal(device_add(&d->dev), 0);
	return d;
}

void vut_device_destroy(struct vut_device *d)
{
	device_del(&d->dev);
	put_device(&d->dev);
}

int vut_device_nr_vectors(struct vut_device *d)
{
	int i, j, count = 0;

	mutex_lock(&d->irq_lock);
	for (i = 0; i < VUT_NR_IRQS; i++)
		for (j = 0; j < VUT_MAX_VECTORS; j++)
			count += d->vectors[i][j] != NULL;
	mutex_unlock(&d->irq_lock);
	return count;
}

bool vut_device_has_vector(struct vut_device *d, u32 index, u32 vector)
{
	bool has;

	mutex_lock(&d->irq_lock);
	has = d->vectors[index][vector] != NULL;
	mutex_unlock(&d->irq_lock);
	return has;
}

void vut_device_signal(struct vut_device *d, u32 index, u32 vector)
{
	mutex_lock(&d->irq_lock);
	eventfd_signal(d->vectors[index][vector], 1);
	mutex_unlock(&d->irq_lock);
}

void vut_device_last_irq(struct vut_device *d, u32 *flags, u32 *count)
{
	mutex_lock(&d->irq_lock);
	*flags = d->last_irq_flags;
	*count = d->last_irq_count;
	mutex_unlock(&d->irq_lock);
}

u32 vut_device_irq_calls(struct vut_device *d)
{
	u32 calls;

	mutex_lock(&d->irq_lock);
	calls = d->irq_calls;
	mutex_unlock(&d->irq_lock);
	return calls;
}
