// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* The VFIO user ABI, with the answers that Linux gives (M14, M24). */
#include "vfio_test.h"

#include <linux/err.h>
#include <linux/file.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <umdev/uevent.h>

#include <stdio.h>
#include <sys/mman.h>

#define IOVA 0x100000ull
#define MIB  0x100000ull

static u32 group_flags(int group)
{
	struct vfio_group_status status = { .argsz = sizeof(status) };

	assert_int_equal(user_ioctl(group, VFIO_GROUP_GET_STATUS, (unsigned long)&status), 0);
	return status.flags;
}

static void the_container_answers_version_and_extensions(void **state)
{
	int container = user_open("/dev/vfio/vfio");

	assert_true(container >= 0);
	assert_int_equal(user_ioctl(container, VFIO_GET_API_VERSION, 0), 0);
	assert_int_equal(user_ioctl(container, VFIO_CHECK_EXTENSION, VFIO_TYPE1_IOMMU), 1);
	assert_int_equal(user_ioctl(container, VFIO_CHECK_EXTENSION, VFIO_TYPE1v2_IOMMU), 1);
	assert_int_equal(user_ioctl(container, VFIO_CHECK_EXTENSION, VFIO_UNMAP_ALL), 1);
	assert_int_equal(user_ioctl(container, VFIO_CHECK_EXTENSION, VFIO_UPDATE_VADDR), 0);
	assert_int_equal(user_ioctl(container, VFIO_CHECK_EXTENSION, VFIO_SPAPR_TCE_IOMMU), 0);
	assert_int_equal(user_ioctl(container, VFIO_CHECK_EXTENSION, VFIO_DMA_CC_IOMMU), 0);
	assert_int_equal(user_close(container), 0);
}

static void a_container_without_group_has_no_backend(void **state)
{
	struct vfio_iommu_type1_info info = { .argsz = sizeof(info) };
	int container = user_open("/dev/vfio/vfio");

	assert_int_equal(user_ioctl(container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU), -EINVAL);
	assert_int_equal(user_ioctl(container, VFIO_IOMMU_GET_INFO, (unsigned long)&info), -EINVAL);
	assert_int_equal(user_map(container, IOVA, MIB, MIB, 3), -EINVAL);
	assert_int_equal(user_close(container), 0);
}

static void groups_and_devices_are_in_sysfs(void **state)
{
	struct vtest *t = vtest_create("abi0", NULL, NULL);

	assert_int_equal(vtest_group(t), 0);
	assert_sysfs_link("/devices/abi0/iommu_group", "../../kernel/iommu_groups/0");
	assert_sysfs_link("/kernel/iommu_groups/0/devices/abi0", "../../../../devices/abi0");
	assert_sysfs_content("/kernel/iommu_groups/0/type", "unknown\n");
	assert_sysfs_content("/kernel/iommu_groups/0/reserved_regions", "");
	assert_sysfs_link("/class/vfio/0", "../../devices/virtual/vfio/0");
	assert_sysfs_content("/class/misc/vfio/dev", "10:196\n");
	assert_true(log_has("vtest_vfio abi0: Adding to iommu group 0"));

	vtest_destroy(t);
	assert_true(log_has("vtest_vfio abi0: Removing from iommu group 0"));
	assert_false(sysfs_exists("/kernel/iommu_groups/0"));
	assert_false(sysfs_exists("/class/vfio/0"));
	assert_int_equal(user_open_group(0), -ENOENT);
}

static void the_abi_answers_as_linux_does(void **state)
{
	struct vfio_iommu_type1_info info = { .argsz = sizeof(info) };
	struct vfio_device_info device_info = { .argsz = sizeof(device_info) };
	struct vtest *t = vtest_create("abi", NULL, NULL);
	void *memory = mmap(NULL, MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	u64 vaddr = (uintptr_t)memory;
	int container, group, device, second;
	u64 size;

	container = user_open("/dev/vfio/vfio");
	group = user_open_group(vtest_group(t));
	assert_true(group >= 0);
	assert_int_equal(user_open_group(vtest_group(t)), -EBUSY);
	assert_int_equal(group_flags(group), 1);
	assert_int_equal(user_ioctl(group, VFIO_GROUP_GET_DEVICE_FD, (unsigned long)"abi"),
			 -EINVAL);
	assert_int_equal(user_ioctl(group, VFIO_GROUP_SET_CONTAINER, (unsigned long)&container), 0);
	assert_int_equal(group_flags(group), 3);
	assert_int_equal(user_ioctl(group, VFIO_GROUP_GET_DEVICE_FD, (unsigned long)"abi"),
			 -EINVAL);
	assert_int_equal(user_ioctl(container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU), 0);

	assert_int_equal(user_ioctl(container, VFIO_IOMMU_GET_INFO, (unsigned long)&info), 0);
	assert_int_equal(info.flags, 3);
	assert_true(info.iova_pgsizes == 0xfffffffffffff000ull);

	assert_int_equal(user_map(container, IOVA, vaddr, MIB, 3), 0);
	assert_int_equal(user_map(container, IOVA, vaddr, MIB, 3), -EEXIST);
	assert_int_equal(user_map(container, IOVA + MIB / 2, vaddr, MIB, 3), -EEXIST);
	assert_int_equal(user_map(container, 4 * IOVA, vaddr, 0x1800, 3), -EINVAL);
	assert_int_equal(user_map(container, 4 * IOVA, vaddr, 0, 3), -EINVAL);
	size = 0x1000;
	assert_int_equal(user_unmap(container, IOVA + 0x1000, &size, 0), -EINVAL);
	assert_int_equal(size, 0x1000);
	size = MIB;
	assert_int_equal(user_unmap(container, IOVA, &size, 0), 0);
	assert_int_equal(size, MIB);

	assert_int_equal(user_ioctl(group, VFIO_GROUP_GET_DEVICE_FD, (unsigned long)"no such"),
			 -ENODEV);
	device = user_ioctl(group, VFIO_GROUP_GET_DEVICE_FD, (unsigned long)"abi");
	assert_true(device >= 0);
	second = user_ioctl(group, VFIO_GROUP_GET_DEVICE_FD, (unsigned long)"abi");
	assert_true(second >= 0);
	assert_int_equal(user_ioctl(device, VFIO_DEVICE_GET_INFO, (unsigned long)&device_info), 0);
	assert_int_equal(device_info.flags, 2);
	assert_int_equal(device_info.num_regions, 9);
	assert_int_equal(device_info.num_irqs, 5);

	user_close(second);
	user_close(device);
	user_close(group);
	user_close(container);
	assert_int_equal(atomic_read(&t->opens), 2);
	assert_int_equal(atomic_read(&t->releases), 2);
	vtest_destroy(t);
	munmap(memory, MIB);
}

static void reads_and_writes_reach_the_driver(void **state)
{
	struct vtest *t = vtest_create("rw", NULL, NULL);
	unsigned char buf[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	struct vtest_user user;
	struct file *file;
	loff_t pos = 16;

	user_attach(&user, t, VFIO_TYPE1v2_IOMMU);
	file = user_file(user.device);
	assert_int_equal(vfs_write(file, (void *)buf, sizeof(buf), &pos), sizeof(buf));
	assert_memory_equal(t->config + 16, buf, sizeof(buf));
	assert_int_equal(pos, 24);
	memset(buf, 0, sizeof(buf));
	pos = 18;
	assert_int_equal(vfs_read(file, (void *)buf, 2, &pos), 2);
	assert_int_equal(buf[0], 3);
	assert_int_equal(vfs_ioctl(file, VFIO_DEVICE_RESET, 0), -ENOTTY);
	fput(file);
	user_detach(&user);
	vtest_destroy(t);
}

static void short_and_unknown_arguments_are_refused(void **state)
{
	struct vtest *t = vtest_create("args", NULL, NULL);
	struct vfio_group_status status = { .argsz = sizeof(status) - 1 };
	struct vfio_iommu_type1_info info = { .argsz = 12 };
	struct vtest_user user;
	int fd;

	user_attach(&user, t, VFIO_TYPE1v2_IOMMU);
	assert_int_equal(user_ioctl(user.group, VFIO_GROUP_GET_STATUS, (unsigned long)&status),
			 -EINVAL);
	assert_int_equal(user_ioctl(user.group, VFIO_GROUP_GET_STATUS, 0), -EFAULT);
	assert_int_equal(user_ioctl(user.group, VFIO_GET_API_VERSION, 0), -ENOTTY);
	assert_int_equal(user_ioctl(user.group, VFIO_GROUP_SET_CONTAINER, 0), -EFAULT);
	fd = -1;
	assert_int_equal(user_ioctl(user.group, VFIO_GROUP_SET_CONTAINER, (unsigned long)&fd),
			 -EINVAL);
	fd = 9999;
	assert_int_equal(user_ioctl(user.group, VFIO_GROUP_SET_CONTAINER, (unsigned long)&fd),
			 -EBADF);
	assert_int_equal(user_ioctl(user.group, VFIO_GROUP_SET_CONTAINER,
				    (unsigned long)&user.group),
			 -EINVAL);
	assert_int_equal(user_ioctl(user.container, VFIO_IOMMU_GET_INFO, (unsigned long)&info),
			 -EINVAL);
	assert_int_equal(user_ioctl(user.container, VFIO_IOMMU_ENABLE, 0), -ENOTTY);
	assert_int_equal(user_ioctl(user.container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU), -EINVAL);
	user_detach(&user);
	vtest_destroy(t);
}

static void an_unknown_backend_type_is_refused(void **state)
{
	struct vtest *t = vtest_create("type", NULL, NULL);
	int container = user_open("/dev/vfio/vfio");
	int group = user_open_group(vtest_group(t));

	assert_int_equal(user_ioctl(group, VFIO_GROUP_SET_CONTAINER, (unsigned long)&container), 0);
	assert_int_equal(user_ioctl(container, VFIO_SET_IOMMU, VFIO_SPAPR_TCE_IOMMU), -ENODEV);
	user_close(group);
	user_close(container);
	vtest_destroy(t);
}

static void the_info_of_type1_has_capabilities(void **state)
{
	struct vtest *t = vtest_create("caps", NULL, NULL);
	struct {
		struct vfio_iommu_type1_info info;
		unsigned char rest[256];
	} buf = { .info.argsz = sizeof(buf.info) };
	struct vfio_iommu_type1_info_dma_avail *avail;
	struct vfio_info_cap_header *header;
	struct vtest_user user;

	user_attach(&user, t, VFIO_TYPE1v2_IOMMU);
	assert_int_equal(user_ioctl(user.container, VFIO_IOMMU_GET_INFO, (unsigned long)&buf), 0);
	assert_true(buf.info.argsz > sizeof(buf.info));
	assert_true(buf.info.argsz <= sizeof(buf));
	assert_int_equal(buf.info.cap_offset, 0);

	assert_int_equal(user_ioctl(user.container, VFIO_IOMMU_GET_INFO, (unsigned long)&buf), 0);
	assert_int_equal(buf.info.cap_offset, sizeof(buf.info));
	header = (void *)&buf + buf.info.cap_offset;
	assert_int_equal(header->id, VFIO_IOMMU_TYPE1_INFO_CAP_MIGRATION);
	header = (void *)&buf + header->next;
	assert_int_equal(header->id, VFIO_IOMMU_TYPE1_INFO_DMA_AVAIL);
	assert_int_equal(header->next, 0);
	avail = (void *)header;
	assert_int_equal(avail->avail, 65535);
	user_detach(&user);
	vtest_destroy(t);
}

static int match_prefix(struct vtest *t, char *name)
{
	if (!strcmp(name, "forbidden"))
		return -EPERM;
	return !strncmp(name, "any:", 4);
}

static void a_driver_can_match_names_itself(void **state)
{
	static const struct vtest_ops ops = { .match = match_prefix };
	struct vtest *t = vtest_create("match", &ops, NULL);
	int container = user_open("/dev/vfio/vfio");
	int group = user_open_group(vtest_group(t));
	int device;

	assert_int_equal(user_ioctl(group, VFIO_GROUP_SET_CONTAINER, (unsigned long)&container), 0);
	assert_int_equal(user_ioctl(container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU), 0);
	assert_int_equal(user_ioctl(group, VFIO_GROUP_GET_DEVICE_FD, (unsigned long)"match"),
			 -ENODEV);
	assert_int_equal(user_ioctl(group, VFIO_GROUP_GET_DEVICE_FD, (unsigned long)"forbidden"),
			 -EPERM);
	device = user_ioctl(group, VFIO_GROUP_GET_DEVICE_FD, (unsigned long)"any:thing");
	assert_true(device >= 0);
	user_close(device);
	user_close(group);
	user_close(container);
	vtest_destroy(t);
}

static int refuse_open(struct vtest *t)
{
	return -EIO;
}

static void an_error_of_open_is_the_users(void **state)
{
	static const struct vtest_ops ops = { .open = refuse_open };
	struct vtest *t = vtest_create("refuse", &ops, NULL);
	int container = user_open("/dev/vfio/vfio");
	int group = user_open_group(vtest_group(t));

	assert_int_equal(user_ioctl(group, VFIO_GROUP_SET_CONTAINER, (unsigned long)&container), 0);
	assert_int_equal(user_ioctl(container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU), 0);
	assert_int_equal(user_ioctl(group, VFIO_GROUP_GET_DEVICE_FD, (unsigned long)"refuse"),
			 -EIO);
	assert_int_equal(user_ioctl(group, VFIO_GROUP_UNSET_CONTAINER, 0), 0);
	assert_int_equal(atomic_read(&t->releases), 0);
	user_close(group);
	user_close(container);
	vtest_destroy(t);
}

struct seen_uevents {
	struct umdev_uevent_subscriber sub;
	char text[1024];
};

static void see_uevent(struct umdev_uevent_subscriber *sub, const struct umdev_uevent *event)
{
	struct seen_uevents *seen = container_of(sub, struct seen_uevents, sub);
	size_t len = strlen(seen->text);

	snprintf(seen->text + len, sizeof(seen->text) - len, "%s@%s\n", event->action,
		 event->devpath);
}

static void uevents_come_in_the_order_of_linux(void **state)
{
	static struct seen_uevents seen = { .sub.fn = see_uevent };
	struct vtest *t;

	assert_int_equal(umdev_uevent_subscribe(&seen.sub), 0);
	t = vtest_create("uev", NULL, NULL);
	vtest_destroy(t);
	umdev_uevent_unsubscribe(&seen.sub);
	assert_string_equal(seen.text, "add@/devices/uev\n"
				       "add@/devices/virtual/vfio/0\n"
				       "bind@/devices/uev\n"
				       "remove@/devices/virtual/vfio/0\n"
				       "unbind@/devices/uev\n"
				       "remove@/devices/uev\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_container_answers_version_and_extensions),
		cmocka_unit_test(a_container_without_group_has_no_backend),
		cmocka_unit_test(groups_and_devices_are_in_sysfs),
		cmocka_unit_test(the_abi_answers_as_linux_does),
		cmocka_unit_test(reads_and_writes_reach_the_driver),
		cmocka_unit_test(short_and_unknown_arguments_are_refused),
		cmocka_unit_test(an_unknown_backend_type_is_refused),
		cmocka_unit_test(the_info_of_type1_has_capabilities),
		cmocka_unit_test(a_driver_can_match_names_itself),
		cmocka_unit_test(an_error_of_open_is_the_users),
		cmocka_unit_test(uevents_come_in_the_order_of_linux),
	};

	return vtest_run(tests);
}
