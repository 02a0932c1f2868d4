// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
#include "vfio_test.h"

#include <linux/err.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/jiffies.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/wait.h>

#include <umdev/log.h>
#include <umdev/runtime.h>
#include <umdev/sysfs.h>

#include <pthread.h>
#include <stdio.h>

long vtest_expected_warnings;
int vtest_down_failed;

/* Devices that are there; after a test that failed in the middle they may never let go. */
static atomic_t live = ATOMIC_INIT(0);

static struct vtest *to_vtest(struct device *dev)
{
	return container_of(dev, struct vtest, dev);
}

static int vtest_open(void *device_data)
{
	struct vtest *t = device_data;

	if (t->ops && t->ops->open) {
		int ret = t->ops->open(t);

		if (ret)
			return ret;
	}
	atomic_inc(&t->opens);
	return 0;
}

static void vtest_release(void *device_data)
{
	struct vtest *t = device_data;

	atomic_inc(&t->releases);
}

static ssize_t vtest_read(void *device_data, char __user *buf, size_t count, loff_t *ppos)
{
	struct vtest *t = device_data;

	return simple_read_from_buffer(buf, count, ppos, t->config, sizeof(t->config));
}

static ssize_t vtest_write(void *device_data, const char __user *buf, size_t count, loff_t *ppos)
{
	struct vtest *t = device_data;

	return simple_write_to_buffer(t->config, sizeof(t->config), ppos, buf, count);
}

static long vtest_ioctl(void *device_data, unsigned int cmd, unsigned long arg)
{
	size_t minsz = offsetofend(struct vfio_device_info, num_irqs);
	struct vfio_device_info info;

	if (cmd != VFIO_DEVICE_GET_INFO)
		return -ENOTTY;
	if (copy_from_user(&info, (void __user *)arg, minsz))
		return -EFAULT;
	if (info.argsz < minsz)
		return -EINVAL;
	info.flags = VFIO_DEVICE_FLAGS_PCI;
	info.num_regions = VFIO_PCI_NUM_REGIONS;
	info.num_irqs = VFIO_PCI_NUM_IRQS;
	return copy_to_user((void __user *)arg, &info, minsz) ? -EFAULT : 0;
}

static void vtest_request(void *device_data, unsigned int count)
{
	struct vtest *t = device_data;

	atomic_inc(&t->requests);
	t->ops->request(t, count);
}

static int vtest_match(void *device_data, char *name)
{
	struct vtest *t = device_data;

	return t->ops->match(t, name);
}

#define VTEST_OPS                                                                          \
	.name = "vtest", .open = vtest_open, .release = vtest_release, .read = vtest_read, \
	.write = vtest_write, .ioctl = vtest_ioctl

static const struct vfio_device_ops plain_ops = { VTEST_OPS };
static const struct vfio_device_ops request_ops = { VTEST_OPS, .request = vtest_request };
static const struct vfio_device_ops match_ops = { VTEST_OPS, .match = vtest_match };

static int vtest_probe(struct device *dev)
{
	struct vtest *t = to_vtest(dev);
	const struct vfio_device_ops *ops = &plain_ops;
	struct iommu_group *group;
	int ret;

	if (t->ops && t->ops->request)
		ops = &request_ops;
	else if (t->ops && t->ops->match)
		ops = &match_ops;

	group = t->shared ? iommu_group_ref_get(t->shared) : iommu_group_alloc();
	if (IS_ERR(group))
		return PTR_ERR(group);
	ret = iommu_group_add_device(group, dev);
	iommu_group_put(group);
	if (ret)
		return ret;

	vfio_init_group_dev(&t->vdev, dev, ops, t);
	ret = vfio_register_group_dev(&t->vdev);
	if (ret)
		iommu_group_remove_device(dev);
	return ret;
}

static int vtest_remove(struct device *dev)
{
	struct vtest *t = to_vtest(dev);

	vfio_unregister_group_dev(&t->vdev);
	iommu_group_remove_device(dev);
	return 0;
}

static struct bus_type vtest_bus = {
	.name = "vtest",
	.probe = vtest_probe,
	.remove = vtest_remove,
};

static struct device_driver vtest_driver = {
	.name = "vtest_vfio",
	.bus = &vtest_bus,
};

int vtest_runtime_up(void **state)
{
	umdev_log_set_level(-1);
	if (umdev_runtime_init())
		return -1;
	if (bus_register(&vtest_bus))
		return -1;
	return driver_register(&vtest_driver);
}

int vtest_runtime_down(void **state)
{
	struct umdev_runtime_counts counts;

	vtest_down_failed = 1;
	if (atomic_read(&live)) {
		fprintf(stderr, "left over: %d devices, expected none\n", atomic_read(&live));
		return -1;
	}
	driver_unregister(&vtest_driver);
	bus_unregister(&vtest_bus);
	umdev_runtime_exit();
	umdev_runtime_counts(&counts);
	if (counts.files || counts.allocations || counts.warnings != vtest_expected_warnings) {
		fprintf(stderr, "left over: %ld files, %ld allocations; %ld warnings, not %ld\n",
			counts.files, counts.allocations, counts.warnings, vtest_expected_warnings);
		return -1;
	}
	vtest_down_failed = 0;
	return 0;
}

static void vtest_dev_release(struct device *dev)
{
	atomic_dec(&live);
	kfree(to_vtest(dev));
}

/* The device, perhaps without its driver, or ERR_PTR(). */
struct vtest *vtest_try_create(const char *name, const struct vtest_ops *ops,
			       struct iommu_group *shared)
{
	struct vtest *t = kzalloc(sizeof(*t), GFP_KERNEL);
	int ret;

	if (!t)
		return ERR_PTR(-ENOMEM);
	atomic_inc(&live);
	device_initialize(&t->dev);
	t->dev.bus = &vtest_bus;
	t->dev.release = vtest_dev_release;
	t->ops = ops;
	t->shared = shared;
	ret = dev_set_name(&t->dev, "%s", name);
	if (!ret)
		ret = device_add(&t->dev);
	if (ret) {
		put_device(&t->dev);
		return ERR_PTR(ret);
	}
	return t;
}

struct vtest *vtest_create(const char *name, const struct vtest_ops *ops,
			   struct iommu_group *shared)
{
	struct vtest *t = vtest_try_create(name, ops, shared);

	assert_false(IS_ERR(t));
	assert_non_null(t->vdev.group);
	return t;
}

void vtest_destroy(struct vtest *t)
{
	device_del(&t->dev);
	put_device(&t->dev);
}

int vtest_group(struct vtest *t)
{
	return iommu_group_id(t->dev.iommu_group);
}

int user_open(const char *path)
{
	struct file *file = filp_open(path, O_RDWR, 0);
	int fd;

	if (IS_ERR(file))
		return PTR_ERR(file);
	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0)
		fput(file);
	else
		fd_install(fd, file);
	return fd;
}

int user_open_group(int number)
{
	char path[32];

	snprintf(path, sizeof(path), "/dev/vfio/%d", number);
	return user_open(path);
}

int user_close(int fd)
{
	return close_fd(fd);
}

/* The caller's own reference, to be dropped with fput(). */
struct file *user_file(int fd)
{
	return fget(fd);
}

long user_ioctl(int fd, unsigned int cmd, unsigned long arg)
{
	struct fd f = fdget(fd);
	long ret;

	if (!f.file)
		return -EBADF;
	ret = vfs_ioctl(f.file, cmd, arg);
	fdput(f);
	return ret;
}

void user_attach(struct vtest_user *user, struct vtest *t, unsigned long iommu)
{
	user->container = user_open("/dev/vfio/vfio");
	assert_true(user->container >= 0);
	user->group = user_open_group(vtest_group(t));
	assert_true(user->group >= 0);
	assert_int_equal(user_ioctl(user->group, VFIO_GROUP_SET_CONTAINER,
				    (unsigned long)&user->container),
			 0);
	assert_int_equal(user_ioctl(user->container, VFIO_SET_IOMMU, iommu), 0);
	user->device =
		user_ioctl(user->group, VFIO_GROUP_GET_DEVICE_FD, (unsigned long)dev_name(&t->dev));
	assert_true(user->device >= 0);
}

void user_detach(struct vtest_user *user)
{
	if (user->device >= 0)
		assert_int_equal(user_close(user->device), 0);
	if (user->group >= 0)
		assert_int_equal(user_close(user->group), 0);
	if (user->container >= 0)
		assert_int_equal(user_close(user->container), 0);
	user->device = -1;
	user->group = -1;
	user->container = -1;
}

long user_map(int container, u64 iova, u64 vaddr, u64 size, u32 flags)
{
	struct vfio_iommu_type1_dma_map map = {
		.argsz = sizeof(map),
		.flags = flags,
		.vaddr = vaddr,
		.iova = iova,
		.size = size,
	};

	return user_ioctl(container, VFIO_IOMMU_MAP_DMA, (unsigned long)&map);
}

long user_unmap(int container, u64 iova, u64 *size, u32 flags)
{
	struct vfio_iommu_type1_dma_unmap unmap = {
		.argsz = sizeof(unmap),
		.flags = flags,
		.iova = iova,
		.size = *size,
	};
	long ret = user_ioctl(container, VFIO_IOMMU_UNMAP_DMA, (unsigned long)&unmap);

	*size = unmap.size;
	return ret;
}

bool sysfs_exists(const char *path)
{
	struct kernfs_node *kn = umdev_sysfs_walk(path, false);

	if (IS_ERR(kn))
		return false;
	umdev_sysfs_put(kn);
	return true;
}

void assert_sysfs_link(const char *path, const char *target)
{
	struct kernfs_node *kn = umdev_sysfs_walk(path, false);
	char buf[256];

	assert_false(IS_ERR(kn));
	assert_true(umdev_sysfs_readlink(kn, buf, sizeof(buf)) > 0);
	assert_string_equal(buf, target);
	umdev_sysfs_put(kn);
}

void assert_sysfs_content(const char *path, const char *content)
{
	struct kernfs_node *kn = umdev_sysfs_walk(path, true);
	struct umdev_sysfs_file *file;
	char buf[256];
	ssize_t len;

	assert_false(IS_ERR(kn));
	file = umdev_sysfs_open(kn, O_RDONLY);
	assert_false(IS_ERR(file));
	len = umdev_sysfs_read(file, buf, sizeof(buf) - 1, 0);
	assert_true(len >= 0);
	buf[len] = '\0';
	assert_string_equal(buf, content);
	umdev_sysfs_release(file);
	umdev_sysfs_put(kn);
}

static void *vtest_thread_main(void *data)
{
	struct vtest_thread *th = data;

	th->task = current;
	complete(&th->started);
	th->fn(th->arg);
	complete(&th->done);
	return NULL;
}

void vtest_thread_start(struct vtest_thread *th, void (*fn)(void *arg), void *arg)
{
	th->fn = fn;
	th->arg = arg;
	init_completion(&th->started);
	init_completion(&th->done);
	assert_int_equal(pthread_create(&th->thread, NULL, vtest_thread_main, th), 0);
	assert_true(vtest_wait(&th->started));
}

void vtest_thread_join(struct vtest_thread *th)
{
	assert_true(vtest_wait(&th->done));
	pthread_join(th->thread, NULL);
}

bool vtest_wait(struct completion *c)
{
	return wait_for_completion_timeout(c, LIMIT) > 0;
}

static uint64_t log_start;

static int count_line(const struct umdev_log_record *record, void *data)
{
	*(uint64_t *)data = record->seq + 1;
	return 0;
}

void log_mark(void)
{
	umdev_log_read(log_start, count_line, &log_start);
}

static int match_line(const struct umdev_log_record *record, void *data)
{
	return strstr(record->text, data) != NULL;
}

bool log_has(const char *text)
{
	return umdev_log_read(log_start, match_line, (void *)text) != 0;
}

struct log_waiter {
	const char *text;
	struct completion seen;
};

static void watch_line(const struct umdev_log_record *record, void *data)
{
	struct log_waiter *waiter = data;

	if (strstr(record->text, waiter->text))
		complete(&waiter->seen);
}

bool log_wait(const char *text)
{
	struct log_waiter waiter = { .text = text };
	struct umdev_log_subscriber sub = { .fn = watch_line, .data = &waiter };
	bool seen;

	init_completion(&waiter.seen);
	umdev_log_subscribe(&sub);
	seen = log_has(text) || vtest_wait(&waiter.seen);
	umdev_log_unsubscribe(&sub);
	return seen;
}
