// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Mediated devices whose DMA goes through the domain of a whole device: the type1 backend attaches
 * it by itself where it cannot be shared by PASIDs. With PASIDs, see test_medu_dma.c. Row M16.
 */
#include "mdev_testing.h"
#include "testdev.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <linux/err.h>
#include <linux/iommu.h>
#include <linux/mm.h>
#include <linux/platform_device.h>
#include <linux/vfio.h>

#define P0   TESTDEV "/p0"
#define IOVA 0x100000ul
#define SIZE (2 * PAGE_SIZE)
#define RW   (VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE)

/* Does the DMA of both devices; nobody enables its auxiliary domains. */
static struct platform_device *master;
static struct test_parent parent;
static u8 *memory;
/* What create() names; NULL: the driver does the DMA itself. */
static struct device *iommu_device;
static struct mdev_device *created;
/* Closed in the end also where a test fails, as the parent waits for them. */
static struct test_user first, second;

static int name_iommu_device(struct test_parent *unused, struct kobject *kobj,
			     struct mdev_device *mdev)
{
	created = mdev;
	return mdev_set_iommu_device(mdev_dev(mdev), iommu_device);
}

static int start(void **state)
{
	test_start();
	test_load("mdev", NULL);
	test_parents_init();
	return 0;
}

static int stop(void **state)
{
	test_parents_exit();
	test_stop();
	return 0;
}

static int setup(void **state)
{
	master = platform_device_register_simple("master", PLATFORM_DEVID_NONE, NULL, 0);
	assert_false(IS_ERR(master));
	iommu_device = &master->dev;
	parent = (struct test_parent){ .create = name_iommu_device };
	test_parent_register(&parent, "p0");
	memory = aligned_alloc(PAGE_SIZE, SIZE);
	assert_non_null(memory);
	memset(memory, 0x5a, SIZE);
	first = second = (struct test_user){ -1, -1, -1 };
	return 0;
}

static int teardown(void **state)
{
	user_close(&second);
	user_close(&first);
	test_parent_unregister(&parent);
	platform_device_unregister(master);
	free(memory);
	return 0;
}

static int map(struct test_user *user, u64 iova)
{
	struct vfio_iommu_type1_dma_map request = {
		.argsz = sizeof(request),
		.flags = RW,
		.vaddr = (uintptr_t)memory,
		.iova = iova,
		.size = SIZE,
	};

	return user_ioctl(user->container, VFIO_IOMMU_MAP_DMA, &request);
}

static int unmap(struct test_user *user, u64 iova)
{
	struct vfio_iommu_type1_dma_unmap request = {
		.argsz = sizeof(request),
		.iova = iova,
		.size = SIZE,
	};

	return user_ioctl(user->container, VFIO_IOMMU_UNMAP_DMA, &request);
}

/* A byte that @iommu_device reads in its own name, or an errno. */
static int dma_read(u64 iova)
{
	u8 byte = 0;
	int ret = iommu_device_access(&master->dev, IOMMU_NO_PASID, iova, &byte, 1, false);

	return ret ? ret : byte;
}

static void m16_without_pasids_the_whole_devices_dma_reaches_the_users_memory(void **state)
{
	struct iommu_domain *domain;
	struct vfio_group *group;
	u8 byte = 0x77;

	assert_int_equal(parent_create(&parent, "a", UUID_A), 0);
	assert_int_equal(user_open(&first, P0 "/" UUID_A), 0);
	assert_int_equal(dma_read(IOVA), -EFAULT);
	assert_int_equal(map(&first, IOVA), 0);
	assert_int_equal(dma_read(IOVA), 0x5a);
	assert_int_equal(iommu_device_access(&master->dev, IOMMU_NO_PASID, IOVA + SIZE - 1, &byte,
					     1, true),
			 0);
	assert_int_equal(memory[SIZE - 1], 0x77);

	group = vfio_group_get_external_user_from_dev(mdev_dev(created));
	assert_false(IS_ERR(group));
	domain = vfio_group_iommu_domain(group);
	assert_false(IS_ERR(domain));
	assert_int_equal(iommu_iova_to_phys(domain, IOVA), (uintptr_t)memory);
	assert_int_equal(iommu_aux_get_pasid(domain, &master->dev), -ENODEV);
	vfio_group_put_external_user(group);

	assert_int_equal(unmap(&first, IOVA), 0);
	assert_int_equal(dma_read(IOVA), -EFAULT);
	assert_int_equal(map(&first, IOVA), 0);
	user_close(&first);
	assert_int_equal(dma_read(IOVA), -EFAULT);
}

static void m16_without_pasids_a_device_serves_one_user_at_a_time(void **state)
{
	assert_int_equal(parent_create(&parent, "a", UUID_A), 0);
	assert_int_equal(parent_create(&parent, "a", UUID_B), 0);
	assert_int_equal(user_open(&first, P0 "/" UUID_A), 0);
	assert_int_equal(map(&first, IOVA), 0);
	assert_int_equal(user_open(&second, P0 "/" UUID_B), -EBUSY);
	assert_int_equal(dma_read(IOVA), 0x5a);
	user_close(&first);

	assert_int_equal(user_open(&second, P0 "/" UUID_B), 0);
	assert_int_equal(dma_read(IOVA), -EFAULT);
	assert_int_equal(map(&second, 2 * IOVA), 0);
	assert_int_equal(dma_read(2 * IOVA), 0x5a);
	user_close(&second);
}

static void m16_what_was_mapped_before_reaches_a_device_that_joins(void **state)
{
	iommu_device = NULL;
	assert_int_equal(parent_create(&parent, "a", UUID_A), 0);
	iommu_device = &master->dev;
	assert_int_equal(parent_create(&parent, "a", UUID_B), 0);
	assert_int_equal(user_open(&first, P0 "/" UUID_A), 0);
	assert_int_equal(map(&first, IOVA), 0);
	assert_int_equal(dma_read(IOVA), -EFAULT);
	assert_int_equal(user_join(&second, &first, P0 "/" UUID_B), 0);
	assert_int_equal(dma_read(IOVA), 0x5a);

	/* The container and its mappings stay with the first. */
	user_close(&second);
	assert_int_equal(dma_read(IOVA), -EFAULT);
	assert_int_equal(unmap(&first, IOVA), 0);
	user_close(&first);
}

static void m16_a_device_that_no_iommu_is_behind_cannot_be_used(void **state)
{
	iommu_device = parent.dev;
	assert_int_equal(parent_create(&parent, "a", UUID_A), 0);
	assert_int_equal(user_open(&first, P0 "/" UUID_A), -EIO);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(m16_without_pasids_the_whole_devices_dma_reaches_the_users_memory),
		TEST(m16_without_pasids_a_device_serves_one_user_at_a_time),
		TEST(m16_what_was_mapped_before_reaches_a_device_that_joins),
		TEST(m16_a_device_that_no_iommu_is_behind_cannot_be_used),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
