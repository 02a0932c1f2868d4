// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Each allocation fails in turn while medu is loaded, its devices are created, opened, put to work and
 * removed, and it is unloaded. A transfer either takes place or is refused: nothing in between is left.
 * Rows M08, M10, M13, M15, M16, M19.
 */
#include "tests/unit/mdev/medu_testing.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <linux/mm.h>
#include <umdev/log.h>
#include <umdev/module.h>

#include "fault_walk.h"

#define VENDOR MEDU_DIR "/" UUID_A
#define IOMMU  MEDU_DIR "/" UUID_B
#define IOVA   0x100000ul
#define SIZE   (2 * PAGE_SIZE)
#define COUNT  3000ul

/* Two pages that a user maps for his device. */
static u8 *memory;
static struct test_user user;

static int setup(void **state)
{
	test_start();
	/* Failures are logged, and there will be many. */
	umdev_log_set_level(-1);
	memory = aligned_alloc(PAGE_SIZE, SIZE);
	assert_non_null(memory);
	return 0;
}

static int teardown(void **state)
{
	free(memory);
	test_stop();
	return 0;
}

static void must(int ret)
{
	assert_int_equal(ret, 0);
}

static void unload_all(void)
{
	must(umdev_module_unload_all());
}

static int load_medu(void)
{
	return umdev_module_load("medu", NULL, NULL);
}

static int create_vendor(void)
{
	return tree_write(MEDU_TYPE "/medu-vendor/create", UUID_A);
}

static int create_iommu(void)
{
	return tree_write(MEDU_TYPE "/medu-iommu/create", UUID_B);
}

static int remove_vendor(void)
{
	return tree_write(VENDOR "/remove", "1");
}

static int remove_iommu(void)
{
	return tree_write(IOMMU "/remove", "1");
}

static bool no_vendor(void)
{
	return !tree_has(VENDOR);
}

static bool no_iommu(void)
{
	return !tree_has(IOMMU);
}

static int unload_medu(void)
{
	return umdev_module_unload("medu", NULL);
}

static void medu_again(void)
{
	must(load_medu());
	must(create_vendor());
	must(create_iommu());
}

static void m19_loading_and_unloading(void **state)
{
	static const struct fault_op ops[] = {
		{ .name = "load medu", .run = load_medu, .undo = unload_all },
		{ .name = "unload medu", .run = unload_medu, .undo = medu_again, .tolerant = true },
	};

	fault_walk(&ops[0]);
	medu_again();
	fault_walk(&ops[1]);
	unload_all();
}

static void m08_creating_and_removing_devices(void **state)
{
	static const struct fault_op ops[] = {
		{ .name = "create a medu-vendor", .run = create_vendor, .reverse = remove_vendor },
		{ .name = "create a medu-iommu", .run = create_iommu, .reverse = remove_iommu },
		{ .name = "remove a medu-vendor",
		  .run = remove_vendor,
		  .reverse = create_vendor,
		  .done = no_vendor },
		{ .name = "remove a medu-iommu",
		  .run = remove_iommu,
		  .reverse = create_iommu,
		  .done = no_iommu },
	};

	must(load_medu());
	fault_walk(&ops[0]);
	fault_walk(&ops[1]);
	must(create_vendor());
	must(create_iommu());
	fault_walk(&ops[2]);
	fault_walk(&ops[3]);
	unload_all();
}

static int open_vendor(void)
{
	return user_open(&user, VENDOR);
}

static int open_iommu(void)
{
	return user_open(&user, IOMMU);
}

static void close_user(void)
{
	user_close(&user);
}

static void m13_opening_devices(void **state)
{
	static const struct fault_op ops[] = {
		{ .name = "open a medu-vendor", .run = open_vendor, .undo = close_user },
		{ .name = "open a medu-iommu", .run = open_iommu, .undo = close_user },
	};

	medu_again();
	fault_walk(&ops[0]);
	fault_walk(&ops[1]);
	unload_all();
}

static int map(void)
{
	struct vfio_iommu_type1_dma_map request = {
		.argsz = sizeof(request),
		.flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
		.vaddr = (uintptr_t)memory,
		.iova = IOVA,
		.size = SIZE,
	};

	return (int)user_ioctl(user.container, VFIO_IOMMU_MAP_DMA, &request);
}

static void unmap(void)
{
	struct vfio_iommu_type1_dma_unmap request = {
		.argsz = sizeof(request),
		.iova = IOVA,
		.size = SIZE,
	};

	must((int)user_ioctl(user.container, VFIO_IOMMU_UNMAP_DMA, &request));
	assert_int_equal(request.size, SIZE);
}

static u8 pattern(size_t i)
{
	return (u8)(i * 7 + i / 251);
}

static bool is_pattern(const u8 *data)
{
	size_t i;

	for (i = 0; i < COUNT; i++)
		if (data[i] != pattern(i))
			return false;
	return true;
}

/* There and back, over the bounds of a page: 0, or -EIO where the bytes did not arrive. */
static int transfer(void)
{
	u8 *from = memory + 2000, *to = memory + PAGE_SIZE + 1000;
	size_t i;
	int ret;

	ret = map();
	if (ret)
		return ret;
	memset(memory, 0, SIZE);
	for (i = 0; i < COUNT; i++)
		from[i] = pattern(i);
	dma(&user, IOVA + (from - memory), BUFFER, COUNT, 0);
	memset(memory, 0, SIZE);
	dma(&user, BUFFER, IOVA + (to - memory), COUNT, TO_RAM);
	unmap();
	for (i = 0; i < SIZE; i++)
		if (memory[i] && (memory + i < to || memory + i >= to + COUNT))
			fail_msg("byte %zu of memory was written", i);
	return is_pattern(to) ? 0 : -EIO;
}

static void nothing(void)
{
}

static void walk_transfers(int (*open)(void), const char *name)
{
	const struct fault_op op = {
		.name = name,
		.scope = UMDEV_FAULT_ALL,
		.run = transfer,
		.undo = nothing,
	};

	medu_again();
	must(open());
	let_it_master_the_bus(&user);
	fault_walk(&op);
	close_user();
	unload_all();
}

static void m15_transfers_through_pinned_pages(void **state)
{
	walk_transfers(open_vendor, "transfer through pinned pages");
}

static void m16_transfers_through_an_iommu(void **state)
{
	walk_transfers(open_iommu, "transfer through an IOMMU");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(m19_loading_and_unloading),
		cmocka_unit_test(m08_creating_and_removing_devices),
		cmocka_unit_test(m13_opening_devices),
		cmocka_unit_test(m15_transfers_through_pinned_pages),
		cmocka_unit_test(m16_transfers_through_an_iommu),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
