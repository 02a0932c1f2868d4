// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* The client's memory, given as a file. */
#include "vut.h"

#include <linux/kernel.h>
#include <linux/notifier.h>
#include <linux/string.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#define READ	    VFIO_DMA_MAP_FLAG_READ
#define WRITE	    VFIO_DMA_MAP_FLAG_WRITE
#define MEMORY_SIZE 0x100000ull
#define IOVA	    0x10000000ull
#define PAGE	    0x1000ull

static struct vfio_user_client *client;
static int memory;
static u8 *view;

static int setup(void **state)
{
	vut_setup(state);
	client = vut_open();
	memory = memfd_create("vut-memory", MFD_CLOEXEC);
	assert_int_equal(ftruncate(memory, MEMORY_SIZE), 0);
	view = mmap(NULL, MEMORY_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
	assert_ptr_not_equal(view, MAP_FAILED);
	return 0;
}

static int teardown(void **state)
{
	munmap(view, MEMORY_SIZE);
	close(memory);
	vfio_user_client_close(client);
	return vut_teardown(state);
}

static int map(u64 addr, u64 size, u32 flags, u64 offset)
{
	return vfio_user_client_dma_map(client, addr, size, flags, memory, offset);
}

/* What the next access of the device is to be, and what came of it. */
static struct {
	u64 iova;
	bool write;
	u8 data[64];
	size_t count;
} dma;

static int do_dma(struct vut_device *device, u64 value)
{
	return vfio_dma_rw(device->group, dma.iova, dma.data, dma.count, dma.write);
}

static int device_dma(u64 iova, size_t count, bool write)
{
	u32 value = 1;
	int ret;

	dma.iova = iova;
	dma.count = count;
	dma.write = write;
	vut_dev->hook = do_dma;
	ret = vfio_user_client_region_write(client, VUT_HOOK, 0, &value, sizeof(value));
	return ret == sizeof(value) ? 0 : ret;
}

/* How often the file is mapped here, but for the test's own view. */
static int count_maps(void)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[512];
	int count = -1;

	while (fgets(line, sizeof(line), maps))
		count += strstr(line, "vut-memory") != NULL;
	fclose(maps);
	return count;
}

static void the_device_reads_and_writes_the_clients_memory(void **state)
{
	assert_int_equal(map(IOVA, 0x10000, READ | WRITE, 0x20000), 0);
	memcpy(view + 0x20000 + 100, "from the client", 16);
	assert_int_equal(device_dma(IOVA + 100, 16, false), 0);
	assert_string_equal((char *)dma.data, "from the client");

	memcpy(dma.data, "from the device", 16);
	assert_int_equal(device_dma(IOVA + 0xfff0, 16, true), 0);
	assert_string_equal((char *)view + 0x2fff0, "from the device");
	assert_int_equal(device_dma(IOVA + 0xfff1, 16, true), -EINVAL);
	assert_int_equal(device_dma(IOVA - 1, 1, false), -EINVAL);
}

static void the_descriptor_is_closed_once_the_file_is_mapped(void **state)
{
	int before = vut_count_fds();

	assert_int_equal(map(IOVA, 0x10000, READ | WRITE, 0), 0);
	vut_wait_fds(before);
	assert_int_equal(count_maps(), 1);
	assert_int_equal(vfio_user_client_dma_unmap(client, IOVA, 0x10000, 0), 0);
	assert_int_equal(count_maps(), 0);
}

static void a_mapping_allows_what_its_flags_say(void **state)
{
	assert_int_equal(map(IOVA, PAGE, READ, 0), 0);
	assert_int_equal(map(IOVA + PAGE, PAGE, WRITE, 0), 0);
	assert_int_equal(device_dma(IOVA, 4, false), 0);
	assert_int_equal(device_dma(IOVA, 4, true), -EPERM);
	assert_int_equal(device_dma(IOVA + PAGE, 4, true), 0);
	assert_int_equal(device_dma(IOVA + PAGE, 4, false), -EPERM);
}

static void overlaps_are_refused(void **state)
{
	static const struct {
		u64 addr, size;
	} table[] = {
		{ IOVA, 0x10000 },	   { IOVA, PAGE },
		{ IOVA + PAGE, PAGE },	   { IOVA + 0xf000, 2 * PAGE },
		{ IOVA - PAGE, 2 * PAGE }, { IOVA - PAGE, 0x20000 },
	};
	size_t i;

	assert_int_equal(map(IOVA, 0x10000, READ | WRITE, 0), 0);
	for (i = 0; i < ARRAY_SIZE(table); i++) {
		assert_int_equal(map(table[i].addr, table[i].size, READ, 0), -EEXIST);
		assert_int_equal(vfio_user_client_dma_map(client, table[i].addr, table[i].size,
							  READ, -1, 0),
				 -EEXIST);
	}
	assert_int_equal(count_maps(), 1);
	assert_int_equal(map(IOVA - PAGE, PAGE, READ, 0), 0);
	assert_int_equal(map(IOVA + 0x10000, PAGE, READ, 0), 0);
}

static void ranges_that_make_no_sense_are_refused(void **state)
{
	static const struct {
		u64 addr, size, offset;
		u32 flags;
	} table[] = {
		{ IOVA, 0, 0, READ },
		{ IOVA, 0x1800, 0, READ },
		{ IOVA, 1, 0, READ },
		{ IOVA + 1, PAGE, 0, READ },
		{ IOVA, PAGE, 1, READ },
		{ IOVA, PAGE, 0x800, READ },
		{ IOVA, PAGE, 0, 0 },
		{ IOVA, PAGE, 0, 4 },
		{ IOVA, PAGE, 0, READ | WRITE | 0x80000000 },
		/* around the end of the address space */
		{ 0xfffffffffffff000ull, 2 * PAGE, 0, READ },
		{ IOVA, 0xfffffffffffff000ull, 0, READ },
		{ PAGE, 0xfffffffffffff000ull, 0, READ },
		/* beyond the end of the file */
		{ IOVA, MEMORY_SIZE + PAGE, 0, READ },
		{ IOVA, PAGE, MEMORY_SIZE, READ },
		{ IOVA, 2 * PAGE, MEMORY_SIZE - PAGE, READ },
		{ IOVA, PAGE, 0xfffffffffffff000ull, READ },
		{ IOVA, 0x8000000000000000ull, 0x8000000000000000ull, READ },
	};
	size_t i;
	int ret;

	for (i = 0; i < ARRAY_SIZE(table); i++) {
		ret = map(table[i].addr, table[i].size, table[i].flags, table[i].offset);
		if (ret != -EINVAL)
			fail_msg("row %zu answered %d, not EINVAL", i, ret);
	}
	assert_int_equal(count_maps(), 0);
	/* The last page there is. */
	assert_int_equal(map(0xfffffffffffff000ull, PAGE, READ, 0), 0);
	assert_int_equal(vfio_user_client_dma_unmap(client, 0xfffffffffffff000ull, PAGE, 0), 0);
}

static void what_is_no_file_of_memory_is_refused(void **state)
{
	char path[64];
	int fds[2];

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	assert_int_equal(vfio_user_client_dma_map(client, IOVA, PAGE, READ, fds[0], 0), -EINVAL);
	close(fds[0]);
	close(fds[1]);
	fds[0] = open("/dev/zero", O_RDWR | O_CLOEXEC);
	assert_int_equal(vfio_user_client_dma_map(client, IOVA, PAGE, READ, fds[0], 0), -EINVAL);
	close(fds[0]);
	fds[0] = open("/", O_RDONLY | O_CLOEXEC);
	assert_int_equal(vfio_user_client_dma_map(client, IOVA, PAGE, READ, fds[0], 0), -EINVAL);
	close(fds[0]);

	snprintf(path, sizeof(path), "/proc/self/fd/%d", memory);
	fds[0] = open(path, O_RDONLY | O_CLOEXEC);
	assert_int_equal(vfio_user_client_dma_map(client, IOVA, PAGE, READ | WRITE, fds[0], 0),
			 -EACCES);
	assert_int_equal(vfio_user_client_dma_map(client, IOVA, PAGE, READ, fds[0], 0), 0);
	close(fds[0]);
}

static void a_mapping_is_unmapped_as_it_was_mapped(void **state)
{
	assert_int_equal(map(IOVA, 0x10000, READ | WRITE, 0), 0);
	assert_int_equal(map(IOVA + 0x10000, 0x10000, READ | WRITE, 0x10000), 0);
	assert_int_equal(vfio_user_client_dma_unmap(client, IOVA, PAGE, 0), -ENOENT);
	assert_int_equal(vfio_user_client_dma_unmap(client, IOVA, 0x20000, 0), -ENOENT);
	assert_int_equal(vfio_user_client_dma_unmap(client, IOVA + PAGE, PAGE, 0), -ENOENT);
	assert_int_equal(vfio_user_client_dma_unmap(client, IOVA - PAGE, PAGE, 0), -ENOENT);
	assert_int_equal(vfio_user_client_dma_unmap(client, IOVA, 0, 0), -ENOENT);
	assert_int_equal(device_dma(IOVA + 0xfffe, 4, false), 0);
	assert_int_equal(vfio_user_client_dma_unmap(client, IOVA, 0x10000, 0), 0);
	assert_int_equal(vfio_user_client_dma_unmap(client, IOVA, 0x10000, 0), -ENOENT);
	assert_int_equal(device_dma(IOVA + 0xfffe, 4, false), -EINVAL);
	assert_int_equal(device_dma(IOVA + 0x10000, 4, false), 0);
	assert_int_equal(map(IOVA, 0x10000, READ | WRITE, 0), 0);
}

static void the_reply_to_an_unmap_is_what_was_unmapped(void **state)
{
	struct vfio_user_dma_unmap unmap = { sizeof(unmap), 0, IOVA, PAGE }, reply;
	struct iovec iov = { &unmap, sizeof(unmap) };

	assert_int_equal(map(IOVA, PAGE, READ, 0), 0);
	assert_int_equal(map(IOVA + PAGE, 3 * PAGE, READ, 0), 0);
	assert_int_equal(map(IOVA + 0x10000, PAGE, READ, 0), 0);
	assert_int_equal(vfio_user_client_request(client, VFIO_USER_DMA_UNMAP, &iov, 1, NULL, 0,
						  &reply, sizeof(reply)),
			 sizeof(reply));
	assert_memory_equal(&reply, &unmap, sizeof(reply));

	unmap = (struct vfio_user_dma_unmap){ sizeof(unmap), VFIO_DMA_UNMAP_FLAG_ALL, 0, 0 };
	assert_int_equal(vfio_user_client_request(client, VFIO_USER_DMA_UNMAP, &iov, 1, NULL, 0,
						  &reply, sizeof(reply)),
			 sizeof(reply));
	assert_int_equal(reply.size, 4 * PAGE);
	assert_int_equal(count_maps(), 0);
	assert_int_equal(device_dma(IOVA + PAGE, 4, false), -EINVAL);
	assert_int_equal(vfio_user_client_dma_unmap(client, 0, 0, VFIO_DMA_UNMAP_FLAG_ALL), 0);
}

static void unmaps_with_flags_that_make_no_sense_are_refused(void **state)
{
	struct vfio_user_dma_unmap unmap = { sizeof(unmap) - 1, 0, IOVA, PAGE };

	assert_int_equal(map(IOVA, PAGE, READ, 0), 0);
	assert_int_equal(vut_command(client, VFIO_USER_DMA_UNMAP, 0, &unmap, sizeof(unmap), NULL,
				     0),
			 EINVAL);
	assert_int_equal(vfio_user_client_dma_unmap(client, IOVA, PAGE, VFIO_DMA_UNMAP_FLAG_ALL),
			 -EINVAL);
	assert_int_equal(vfio_user_client_dma_unmap(client, 0, PAGE, VFIO_DMA_UNMAP_FLAG_ALL),
			 -EINVAL);
	assert_int_equal(vfio_user_client_dma_unmap(client, IOVA, PAGE,
						    VFIO_DMA_UNMAP_FLAG_GET_DIRTY_BITMAP),
			 -EOPNOTSUPP);
	assert_int_equal(vfio_user_client_dma_unmap(client, IOVA, PAGE, VFIO_DMA_UNMAP_FLAG_VADDR),
			 -EINVAL);
	assert_int_equal(vfio_user_client_dma_unmap(client, IOVA, PAGE, 0x10), -EINVAL);
	assert_int_equal(count_maps(), 1);
}

static void no_more_mappings_are_made_than_were_agreed_upon(void **state)
{
	struct vfio_user_caps caps = {
		.named = VFIO_USER_CAP_MAX_DMA_MAPS | VFIO_USER_CAP_PGSIZES,
		.max_dma_maps = 3,
		.pgsizes = 4096,
	};
	u64 i;

	vfio_user_client_close(client);
	client = vut_connect();
	assert_int_equal(vfio_user_client_version(client, &caps), 0);
	for (i = 0; i < 3; i++)
		assert_int_equal(map(IOVA + i * PAGE, PAGE, READ, 0), 0);
	assert_int_equal(map(IOVA + 3 * PAGE, PAGE, READ, 0), -ENOSPC);
	assert_int_equal(vfio_user_client_dma_map(client, 0, PAGE, READ, -1, 0), -ENOSPC);
	assert_int_equal(vfio_user_client_dma_unmap(client, IOVA, PAGE, 0), 0);
	assert_int_equal(map(IOVA + 3 * PAGE, PAGE, READ, 0), 0);
}

/* What one client may have: half of three quarters of what the host allows a process. */
static u64 most_mappings(void)
{
	FILE *file = fopen("/proc/sys/vm/max_map_count", "re");
	u64 limit = 0;

	assert_non_null(file);
	assert_int_equal(fscanf(file, "%llu", (unsigned long long *)&limit), 1);
	fclose(file);
	return limit / 4 * 3 / 2;
}

static void a_client_with_very_many_mappings_leaves_others_as_many(void **state)
{
	u64 most = most_mappings(), i;
	struct vfio_user_client *first = client, *second;
	struct vut_device *other;

	if (most > 30000)
		skip();
	other = vut_device_create("dev1");
	for (i = 0; i < most; i++)
		assert_int_equal(map(IOVA + i * PAGE, PAGE, READ, 0), 0);
	assert_int_equal(map(IOVA + i * PAGE, PAGE, READ, 0), -ENOSPC);
	/* What takes no mapping of this process is another matter. */
	assert_int_equal(vfio_user_client_dma_map(client, 0, PAGE, READ, -1, 0), 0);

	assert_int_equal(vfio_user_client_connect(vut_path("dev1"), &second), 0);
	vfio_user_client_set_timeout(second, VUT_LIMIT_MS);
	assert_int_equal(vfio_user_client_version(second, NULL), 0);
	client = second;
	for (i = 0; i < 1000; i++)
		assert_int_equal(map(IOVA + i * PAGE, PAGE, READ, 0), 0);
	client = first;
	assert_int_equal(vfio_user_client_dma_unmap(client, IOVA, PAGE, 0), 0);
	assert_int_equal(map(IOVA, PAGE, READ, 0), -ENOSPC);
	vfio_user_client_close(second);
	vut_device_destroy(other);
	assert_int_equal(map(IOVA, PAGE, READ, 0), 0);
}

static void many_mappings_come_and_go_in_any_order(void **state)
{
	u64 i, n = 512;

	for (i = 0; i < n; i++) {
		u64 slot = i * 37 % n;

		assert_int_equal(map(IOVA + slot * 2 * PAGE, PAGE, READ, slot % 256 * PAGE), 0);
	}
	view[17 * PAGE] = 17;
	assert_int_equal(device_dma(IOVA + 17 * 2 * PAGE, 1, false), 0);
	assert_int_equal(dma.data[0], 17);
	assert_int_equal(device_dma(IOVA + 35 * PAGE, 1, false), -EINVAL);
	for (i = 0; i < n; i++) {
		u64 slot = i * 101 % n;

		assert_int_equal(
			vfio_user_client_dma_unmap(client, IOVA + slot * 2 * PAGE, PAGE, 0), 0);
	}
	assert_int_equal(count_maps(), 0);
}

/* What a driver does that keeps the client's memory at hand. */
static int touch_memory(struct vut_device *device, u64 value)
{
	unsigned long user_pfn = IOVA >> PAGE_SHIFT, pfn, events = VFIO_IOMMU_NOTIFY_DMA_UNMAP;
	struct notifier_block *nb = device->data;
	volatile u8 *page;
	int ret;

	ret = vfio_register_notifier(&device->dev, VFIO_IOMMU_NOTIFY, &events, nb);
	if (ret)
		return ret;
	ret = vfio_pin_pages(&device->dev, &user_pfn, 1, IOMMU_READ | IOMMU_WRITE, &pfn);
	if (ret == 1) {
		page = (u8 *)(pfn << PAGE_SHIFT);
		ret = page[0] == 0x55 ? 0 : -EIO;
		if (!ret && value) {
			ret = ftruncate(memory, 0) ? -errno : 0;
			if (!ret && page[1] != 0)
				ret = -EIO;
		}
		vfio_unpin_pages(&device->dev, &user_pfn, 1);
	}
	vfio_unregister_notifier(&device->dev, VFIO_IOMMU_NOTIFY, nb);
	return ret;
}

static int ignore_unmap(struct notifier_block *nb, unsigned long action, void *data)
{
	return NOTIFY_OK;
}

static int pin_to_write(struct vut_device *device, u64 value)
{
	unsigned long user_pfn = IOVA >> PAGE_SHIFT, pfn, events = VFIO_IOMMU_NOTIFY_DMA_UNMAP;
	struct notifier_block *nb = device->data;
	int ret;

	ret = vfio_register_notifier(&device->dev, VFIO_IOMMU_NOTIFY, &events, nb);
	if (ret)
		return ret;
	ret = vfio_pin_pages(&device->dev, &user_pfn, 1, IOMMU_WRITE, &pfn);
	if (ret == 1) {
		*(u8 *)(pfn << PAGE_SHIFT) = 0xaa;
		vfio_unpin_pages(&device->dev, &user_pfn, 1);
		ret = 0;
	}
	vfio_unregister_notifier(&device->dev, VFIO_IOMMU_NOTIFY, nb);
	return ret;
}

static void memory_that_may_only_be_written_can_be_pinned(void **state)
{
	struct notifier_block nb = { .notifier_call = ignore_unmap };
	u32 value = 0;

	assert_int_equal(map(IOVA, PAGE, WRITE, 0), 0);
	vut_dev->data = &nb;
	vut_dev->hook = pin_to_write;
	assert_int_equal(vfio_user_client_region_write(client, VUT_HOOK, 0, &value, sizeof(value)),
			 sizeof(value));
	assert_int_equal(view[0], 0xaa);
}

static void a_client_that_takes_its_memory_away_loses_the_device(void **state)
{
	struct notifier_block nb = { .notifier_call = ignore_unmap };
	u32 value = 0;

	/* Between setup and test, cmocka has taken SIGBUS back. */
	vfio_user_client_close(client);
	vut_stop_server();
	vut_start_server(NULL);
	client = vut_open();

	assert_int_equal(map(IOVA, PAGE, READ | WRITE, 0), 0);
	view[0] = 0x55;
	vut_dev->hook = touch_memory;
	vut_dev->data = &nb;
	assert_int_equal(vfio_user_client_region_write(client, VUT_HOOK, 0, &value, 4), 4);
	value = 1;
	assert_int_equal(vfio_user_client_region_write(client, VUT_HOOK, 0, &value, 4), 4);
	vut_assert_closed(client);
	vut_assert_serves();
}

static void a_file_that_has_shrunk_is_an_error_for_the_device(void **state)
{
	assert_int_equal(map(IOVA, 2 * PAGE, READ | WRITE, 0), 0);
	assert_int_equal(ftruncate(memory, PAGE), 0);
	assert_int_equal(device_dma(IOVA, 4, false), 0);
	assert_int_equal(device_dma(IOVA + PAGE, 4, false), -EFAULT);
	assert_int_equal(device_dma(IOVA + PAGE, 4, true), -EFAULT);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(the_device_reads_and_writes_the_clients_memory),
		T(the_descriptor_is_closed_once_the_file_is_mapped),
		T(a_mapping_allows_what_its_flags_say),
		T(overlaps_are_refused),
		T(ranges_that_make_no_sense_are_refused),
		T(what_is_no_file_of_memory_is_refused),
		T(a_mapping_is_unmapped_as_it_was_mapped),
		T(the_reply_to_an_unmap_is_what_was_unmapped),
		T(unmaps_with_flags_that_make_no_sense_are_refused),
		T(no_more_mappings_are_made_than_were_agreed_upon),
		T(a_client_with_very_many_mappings_leaves_others_as_many),
		T(many_mappings_come_and_go_in_any_order),
		T(memory_that_may_only_be_written_can_be_pinned),
		T(a_client_that_takes_its_memory_away_loses_the_device),
		T(a_file_that_has_shrunk_is_an_error_for_the_device),
	};

	return cmocka_run_group_tests(tests, vut_up, vut_down);
}
