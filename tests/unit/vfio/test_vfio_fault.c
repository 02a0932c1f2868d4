// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* Each allocation of a VFIO device's life fails in turn, and nothing is left over (M14, M15). */
#include "vfio_test.h"

#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/notifier.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <umdev/fault.h>
#include <umdev/runtime.h>
#include <unistd.h>

#define RW (VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE)

static char *memory;

static int keep(struct notifier_block *nb, unsigned long action, void *data)
{
	return NOTIFY_OK;
}

/* What a driver does with its user's memory. */
static int use_memory(struct vtest *t, int container)
{
	struct vfio_iommu_type1_dirty_bitmap dirty = {
		.argsz = sizeof(dirty),
		.flags = VFIO_IOMMU_DIRTY_PAGES_FLAG_START,
	};
	unsigned long events = VFIO_IOMMU_NOTIFY_DMA_UNMAP;
	struct notifier_block nb = { .notifier_call = keep };
	unsigned long pfns[2] = { 0, 1 }, phys[2];
	u64 size = 2 * PAGE_SIZE;
	int ret;

	ret = user_map(container, 0, (uintptr_t)memory, size, RW);
	if (ret)
		return ret;
	ret = user_ioctl(container, VFIO_IOMMU_DIRTY_PAGES, (unsigned long)&dirty);
	if (ret)
		return ret;
	ret = user_map(container, size, (uintptr_t)memory, size, RW);
	if (ret)
		return ret;
	ret = vfio_register_notifier(&t->dev, VFIO_IOMMU_NOTIFY, &events, &nb);
	if (ret)
		return ret;
	ret = vfio_pin_pages(&t->dev, pfns, 2, IOMMU_WRITE, phys);
	if (ret == 2) {
		assert_int_equal(vfio_unpin_pages(&t->dev, pfns, 2), 2);
		ret = user_unmap(container, 0, &size, 0);
	}
	assert_int_equal(vfio_unregister_notifier(&t->dev, VFIO_IOMMU_NOTIFY, &nb), 0);
	return ret;
}

static int use_device(struct vtest *t)
{
	struct vfio_iommu_type1_info info = { .argsz = sizeof(info) };
	int container, group, device, ret;

	container = user_open("/dev/vfio/vfio");
	if (container < 0)
		return container;
	group = user_open_group(vtest_group(t));
	ret = group;
	if (group < 0)
		goto out_container;
	ret = user_ioctl(group, VFIO_GROUP_SET_CONTAINER, (unsigned long)&container);
	if (ret)
		goto out_group;
	ret = user_ioctl(container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU);
	if (ret)
		goto out_group;
	device = user_ioctl(group, VFIO_GROUP_GET_DEVICE_FD, (unsigned long)dev_name(&t->dev));
	ret = device;
	if (device < 0)
		goto out_group;
	ret = user_ioctl(container, VFIO_IOMMU_GET_INFO, (unsigned long)&info);
	if (!ret)
		ret = use_memory(t, container);
	user_close(device);
out_group:
	user_close(group);
out_container:
	user_close(container);
	return ret;
}

static int whole_life(void)
{
	struct vtest *t = vtest_try_create("fault", NULL, NULL);
	int ret;

	if (IS_ERR(t))
		return PTR_ERR(t);
	/* The device model keeps a device whose driver could not bind. */
	ret = t->vdev.group ? use_device(t) : -ENODEV;
	vtest_destroy(t);
	return ret;
}

static void counts_are(const struct umdev_runtime_counts *expected, unsigned long nth)
{
	struct umdev_runtime_counts counts;

	umdev_runtime_counts(&counts);
	if (counts.allocations != expected->allocations || counts.files != expected->files ||
	    counts.warnings != expected->warnings || sysfs_exists("/kernel/iommu_groups/0") ||
	    sysfs_exists("/devices/fault"))
		fail_msg("allocation %lu failed: %ld allocations, %ld files, %ld warnings; "
			 "expected %ld, %ld, %ld and an empty tree",
			 nth, counts.allocations, counts.files, counts.warnings,
			 expected->allocations, expected->files, expected->warnings);
}

static void nothing_is_left_over_whatever_allocation_fails(void **state)
{
	struct umdev_runtime_counts before;
	unsigned long nth;
	bool failed = true;
	int ret;

	assert_int_equal(whole_life(), 0);
	umdev_runtime_counts(&before);
	for (nth = 1; failed; nth++) {
		umdev_fault_arm(nth, UMDEV_FAULT_THREAD);
		ret = whole_life();
		failed = umdev_fault_disarm();
		counts_are(&before, nth);
	}
	assert_int_equal(ret, 0);
	assert_true(nth > 20);
}

static int handler(void *opaque, void *data)
{
	return 0;
}

static void a_virqfd_is_there_or_not_whatever_allocation_fails(void **state)
{
	struct umdev_runtime_counts before, after;
	int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	struct virqfd *virqfd = NULL;
	unsigned long nth;
	bool failed = true;
	int ret;

	assert_int_equal(vfio_virqfd_enable(NULL, handler, NULL, NULL, &virqfd, fd), 0);
	vfio_virqfd_disable(&virqfd);
	umdev_runtime_counts(&before);
	for (nth = 1; failed; nth++) {
		umdev_fault_arm(nth, UMDEV_FAULT_THREAD);
		ret = vfio_virqfd_enable(NULL, handler, NULL, NULL, &virqfd, fd);
		failed = umdev_fault_disarm();
		assert_int_equal(!ret, !!virqfd);
		vfio_virqfd_disable(&virqfd);
		umdev_runtime_counts(&after);
		assert_int_equal(after.allocations, before.allocations);
		assert_int_equal(after.eventfds, before.eventfds);
	}
	assert_int_equal(ret, 0);
	close(fd);
}

static int up(void **state)
{
	memory = mmap(NULL, 2 * PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		      0);
	return memory == MAP_FAILED;
}

static int down(void **state)
{
	return munmap(memory, 2 * PAGE_SIZE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nothing_is_left_over_whatever_allocation_fails, up,
						down),
		cmocka_unit_test(a_virqfd_is_there_or_not_whatever_allocation_fails),
	};

	return vtest_run(tests);
}
