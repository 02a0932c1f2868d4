// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* The IOMMU API on the software IOMMU: domains, PASIDs, isolation (row M16). */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <linux/err.h>
#include <linux/iommu.h>
#include <linux/mm.h>
#include <linux/platform_device.h>
#include <umdev/sysfs.h>

#include "vfio_test.h"

#define IOVA 0x100000ul

/* Two pages of a user's memory, each byte @fill. */
struct memory {
	unsigned char *bytes;
};

static struct platform_device *master;

static struct memory memory_with(int fill)
{
	struct memory memory = { aligned_alloc(PAGE_SIZE, 2 * PAGE_SIZE) };

	assert_non_null(memory.bytes);
	memset(memory.bytes, fill, 2 * PAGE_SIZE);
	return memory;
}

static phys_addr_t phys_of(const struct memory *memory)
{
	return (uintptr_t)memory->bytes;
}

static struct iommu_domain *domain_with(struct memory *memory, int prot)
{
	struct iommu_domain *domain = iommu_domain_alloc(&platform_bus_type);

	assert_non_null(domain);
	if (memory)
		assert_int_equal(iommu_map(domain, IOVA, phys_of(memory), 2 * PAGE_SIZE, prot), 0);
	return domain;
}

static long long faults(void)
{
	struct kernfs_node *kn = umdev_sysfs_walk("class/iommu/soft-iommu/soft-iommu/faults", true);
	struct umdev_sysfs_file *file;
	char text[32] = "";

	assert_false(IS_ERR(kn));
	file = umdev_sysfs_open(kn, 0);
	assert_false(IS_ERR(file));
	assert_true(umdev_sysfs_read(file, text, sizeof(text) - 1, 0) > 0);
	umdev_sysfs_release(file);
	umdev_sysfs_put(kn);
	return atoll(text);
}

static int setup(void **state)
{
	master = platform_device_register_simple("master", PLATFORM_DEVID_NONE, NULL, 0);
	assert_false(IS_ERR(master));
	return 0;
}

static int teardown(void **state)
{
	platform_device_unregister(master);
	return 0;
}

static void a_device_on_the_platform_bus_gets_a_group_of_its_own(void **state)
{
	struct iommu_group *group = iommu_group_get(&master->dev);

	assert_non_null(group);
	iommu_group_put(group);
	assert_true(iommu_present(&platform_bus_type));
}

static void a_mapping_answers_its_physical_address(void **state)
{
	struct memory memory = memory_with(1);
	struct iommu_domain *domain = domain_with(&memory, IOMMU_READ);

	assert_int_equal(iommu_iova_to_phys(domain, IOVA + 5), phys_of(&memory) + 5);
	assert_int_equal(iommu_iova_to_phys(domain, IOVA - 1), 0);
	assert_int_equal(iommu_iova_to_phys(domain, IOVA + 2 * PAGE_SIZE), 0);
	iommu_domain_free(domain);
	free(memory.bytes);
}

static void mappings_do_not_overlap_and_are_whole_pages(void **state)
{
	struct memory memory = memory_with(1);
	struct iommu_domain *domain = domain_with(&memory, IOMMU_READ);
	phys_addr_t paddr = phys_of(&memory);

	assert_int_equal(iommu_map(domain, IOVA + PAGE_SIZE, paddr, PAGE_SIZE, IOMMU_READ),
			 -EEXIST);
	assert_int_equal(iommu_map(domain, IOVA - 1, paddr, PAGE_SIZE, IOMMU_READ), -EINVAL);
	assert_int_equal(iommu_map(domain, 0, paddr + 1, PAGE_SIZE, IOMMU_READ), -EINVAL);
	assert_int_equal(iommu_map(domain, 0, paddr, 100, IOMMU_READ), -EINVAL);
	assert_int_equal(iommu_map(domain, 0, paddr, 0, IOMMU_READ), -EINVAL);
	assert_int_equal(iommu_map(domain, -PAGE_SIZE, paddr, 2 * PAGE_SIZE, IOMMU_READ), -EINVAL);
	iommu_domain_free(domain);
	free(memory.bytes);
}

static void an_unmap_in_the_middle_keeps_the_rest(void **state)
{
	struct memory memory = memory_with(1);
	struct iommu_domain *domain = iommu_domain_alloc(&platform_bus_type);
	phys_addr_t paddr = phys_of(&memory);

	assert_int_equal(iommu_map(domain, IOVA, paddr, 4 * PAGE_SIZE, IOMMU_READ), 0);
	assert_int_equal(iommu_unmap(domain, IOVA + PAGE_SIZE, 2 * PAGE_SIZE), 2 * PAGE_SIZE);
	assert_int_equal(iommu_iova_to_phys(domain, IOVA), paddr);
	assert_int_equal(iommu_iova_to_phys(domain, IOVA + PAGE_SIZE), 0);
	assert_int_equal(iommu_iova_to_phys(domain, IOVA + 2 * PAGE_SIZE), 0);
	assert_int_equal(iommu_iova_to_phys(domain, IOVA + 3 * PAGE_SIZE), paddr + 3 * PAGE_SIZE);
	assert_int_equal(iommu_unmap(domain, IOVA, 4 * PAGE_SIZE), 2 * PAGE_SIZE);
	iommu_domain_free(domain);
	free(memory.bytes);
}

static void the_last_page_of_the_address_space_can_be_mapped_and_unmapped(void **state)
{
	struct memory memory = memory_with(1);
	struct iommu_domain *domain = iommu_domain_alloc(&platform_bus_type);

	assert_int_equal(iommu_map(domain, -PAGE_SIZE, phys_of(&memory), PAGE_SIZE, IOMMU_READ), 0);
	assert_int_equal(iommu_unmap(domain, -PAGE_SIZE, PAGE_SIZE), PAGE_SIZE);
	iommu_domain_free(domain);
	free(memory.bytes);
}

static void an_attached_device_reaches_what_its_domain_maps_and_nothing_else(void **state)
{
	struct memory memory = memory_with(0x5a);
	struct iommu_domain *domain = domain_with(&memory, IOMMU_READ);
	long long before = faults();
	unsigned char byte = 0;

	assert_int_equal(iommu_device_access(&master->dev, IOMMU_NO_PASID, IOVA, &byte, 1, false),
			 -EFAULT);
	assert_int_equal(iommu_attach_device(domain, &master->dev), 0);
	assert_int_equal(iommu_attach_device(domain, &master->dev), -EBUSY);
	assert_int_equal(iommu_device_access(&master->dev, IOMMU_NO_PASID, IOVA, &byte, 1, false),
			 0);
	assert_int_equal(byte, 0x5a);
	assert_int_equal(iommu_device_access(&master->dev, IOMMU_NO_PASID, IOVA, &byte, 1, true),
			 -EFAULT);
	assert_int_equal(iommu_device_access(&master->dev, IOMMU_NO_PASID, IOVA + 2 * PAGE_SIZE,
					     &byte, 1, false),
			 -EFAULT);
	iommu_detach_device(domain, &master->dev);
	assert_int_equal(iommu_device_access(&master->dev, IOMMU_NO_PASID, IOVA, &byte, 1, false),
			 -EFAULT);
	assert_int_equal(faults() - before, 4);
	iommu_domain_free(domain);
	free(memory.bytes);
}

static void auxiliary_domains_have_to_be_enabled(void **state)
{
	struct iommu_domain *domain = domain_with(NULL, 0);

	assert_true(iommu_dev_has_feature(&master->dev, IOMMU_DEV_FEAT_AUX));
	assert_false(iommu_dev_has_feature(&master->dev, IOMMU_DEV_FEAT_SVA));
	assert_false(iommu_dev_feature_enabled(&master->dev, IOMMU_DEV_FEAT_AUX));
	assert_int_equal(iommu_aux_attach_device(domain, &master->dev), -ENODEV);
	assert_int_equal(iommu_dev_enable_feature(&master->dev, IOMMU_DEV_FEAT_AUX), 0);
	assert_int_equal(iommu_aux_attach_device(domain, &master->dev), 0);
	assert_int_equal(iommu_aux_attach_device(domain, &master->dev), -EBUSY);
	assert_int_equal(iommu_dev_disable_feature(&master->dev, IOMMU_DEV_FEAT_AUX), -EBUSY);
	iommu_aux_detach_device(domain, &master->dev);
	assert_int_equal(iommu_aux_get_pasid(domain, &master->dev), -ENODEV);
	assert_int_equal(iommu_dev_disable_feature(&master->dev, IOMMU_DEV_FEAT_AUX), 0);
	iommu_domain_free(domain);
}

static int count_fault(struct iommu_domain *domain, struct device *dev, unsigned long iova,
		       int flags, void *token)
{
	unsigned long *seen = token;

	*seen = iova | flags;
	return 0;
}

static void a_pasid_reaches_its_own_memory_and_never_another_ones(void **state)
{
	struct memory mine = memory_with(0x11), theirs = memory_with(0x22);
	struct iommu_domain *my_domain = domain_with(&mine, IOMMU_READ | IOMMU_WRITE);
	struct iommu_domain *their_domain = iommu_domain_alloc(&platform_bus_type);
	unsigned char bytes[4] = { 0 };
	unsigned long seen = 0;
	int my_pasid, their_pasid;

	assert_int_equal(iommu_map(their_domain, 2 * IOVA, phys_of(&theirs), 2 * PAGE_SIZE,
				   IOMMU_READ | IOMMU_WRITE),
			 0);
	iommu_set_fault_handler(my_domain, count_fault, &seen);
	assert_int_equal(iommu_dev_enable_feature(&master->dev, IOMMU_DEV_FEAT_AUX), 0);
	assert_int_equal(iommu_aux_attach_device(my_domain, &master->dev), 0);
	assert_int_equal(iommu_aux_attach_device(their_domain, &master->dev), 0);
	my_pasid = iommu_aux_get_pasid(my_domain, &master->dev);
	their_pasid = iommu_aux_get_pasid(their_domain, &master->dev);
	assert_true(my_pasid > 0 && their_pasid > 0 && my_pasid != their_pasid);

	assert_int_equal(iommu_device_access(&master->dev, my_pasid, IOVA, bytes, 4, false), 0);
	assert_int_equal(bytes[3], 0x11);
	assert_int_equal(iommu_device_access(&master->dev, their_pasid, 2 * IOVA, bytes, 4, false),
			 0);
	assert_int_equal(bytes[3], 0x22);

	memset(bytes, 0xee, sizeof(bytes));
	assert_int_equal(iommu_device_access(&master->dev, my_pasid, 2 * IOVA, bytes, 4, true),
			 -EFAULT);
	assert_int_equal(seen, (2 * IOVA) | IOMMU_FAULT_WRITE);
	assert_int_equal(theirs.bytes[0], 0x22);
	assert_int_equal(iommu_device_access(&master->dev, my_pasid + their_pasid, IOVA, bytes, 4,
					     true),
			 -EFAULT);

	iommu_aux_detach_device(my_domain, &master->dev);
	iommu_aux_detach_device(their_domain, &master->dev);
	iommu_domain_free(my_domain);
	iommu_domain_free(their_domain);
	free(mine.bytes);
	free(theirs.bytes);
}

/* The device of one thread, until it is told to stop. */
struct accessor {
	int pasid;
	bool stop;
	unsigned long done;
};

static void *access_until_stopped(void *data)
{
	struct accessor *accessor = data;
	unsigned char bytes[64];

	while (!READ_ONCE(accessor->stop)) {
		memset(bytes, 0x33, sizeof(bytes));
		iommu_device_access(&master->dev, accessor->pasid, IOVA, bytes, sizeof(bytes),
				    true);
		__atomic_fetch_add(&accessor->done, 1, __ATOMIC_SEQ_CST);
	}
	return NULL;
}

static void after_an_unmap_no_access_is_in_progress(void **state)
{
	struct memory memory = memory_with(0);
	struct iommu_domain *domain = domain_with(NULL, 0);
	struct accessor accessor = { 0 };
	pthread_t thread;
	int round;

	assert_int_equal(iommu_dev_enable_feature(&master->dev, IOMMU_DEV_FEAT_AUX), 0);
	assert_int_equal(iommu_aux_attach_device(domain, &master->dev), 0);
	accessor.pasid = iommu_aux_get_pasid(domain, &master->dev);
	assert_int_equal(pthread_create(&thread, NULL, access_until_stopped, &accessor), 0);

	for (round = 0; round < 200; round++) {
		unsigned long done = __atomic_load_n(&accessor.done, __ATOMIC_SEQ_CST);

		assert_int_equal(iommu_map(domain, IOVA, phys_of(&memory), PAGE_SIZE, IOMMU_WRITE),
				 0);
		while (__atomic_load_n(&accessor.done, __ATOMIC_SEQ_CST) < done + 2)
			;
		assert_int_equal(iommu_unmap(domain, IOVA, PAGE_SIZE), PAGE_SIZE);
		/* Under TSan an access that went on would be a race with this. */
		memset(memory.bytes, 0, PAGE_SIZE);
	}
	WRITE_ONCE(accessor.stop, true);
	pthread_join(thread, NULL);
	assert_int_equal(memory.bytes[0], 0);

	iommu_aux_detach_device(domain, &master->dev);
	iommu_domain_free(domain);
	free(memory.bytes);
}

static void after_a_detach_no_access_is_in_progress(void **state)
{
	struct memory memory = memory_with(0);
	struct iommu_domain *domain = domain_with(&memory, IOMMU_WRITE);
	struct accessor accessor = { 0 };
	pthread_t thread;
	int round;

	iommu_set_fault_handler(domain, count_fault, &(unsigned long){ 0 });
	assert_int_equal(iommu_dev_enable_feature(&master->dev, IOMMU_DEV_FEAT_AUX), 0);
	assert_int_equal(iommu_aux_attach_device(domain, &master->dev), 0);
	accessor.pasid = iommu_aux_get_pasid(domain, &master->dev);
	assert_int_equal(pthread_create(&thread, NULL, access_until_stopped, &accessor), 0);

	for (round = 0; round < 200; round++) {
		unsigned long done = __atomic_load_n(&accessor.done, __ATOMIC_SEQ_CST);

		while (__atomic_load_n(&accessor.done, __ATOMIC_SEQ_CST) < done + 2)
			;
		iommu_aux_detach_device(domain, &master->dev);
		/* Under TSan an access that went on would be a race with this. */
		memset(memory.bytes, 0, PAGE_SIZE);
		assert_int_equal(iommu_aux_attach_device(domain, &master->dev), 0);
		assert_int_equal(iommu_aux_get_pasid(domain, &master->dev), accessor.pasid);
	}
	WRITE_ONCE(accessor.stop, true);
	pthread_join(thread, NULL);
	iommu_aux_detach_device(domain, &master->dev);
	iommu_domain_free(domain);
	free(memory.bytes);
}

/* A fault that is not done with until the test says so. */
struct long_fault {
	int pasid;
	struct completion begun, may_end;
	struct vtest_thread thread;
};

static int wait_in_fault(struct iommu_domain *domain, struct device *dev, unsigned long iova,
			 int flags, void *token)
{
	struct long_fault *fault = token;

	complete(&fault->begun);
	wait_for_completion(&fault->may_end);
	return 0;
}

static void access_and_fault(void *arg)
{
	struct long_fault *fault = arg;
	char byte;

	iommu_device_access(&master->dev, fault->pasid, 0, &byte, 1, false);
}

/* All that another device of the same parent does from its coming to its going. */
static void live_beside_it(void *arg)
{
	struct memory memory = memory_with(0x44);
	struct iommu_domain *domain = domain_with(&memory, IOMMU_READ);
	unsigned char byte = 0;

	assert_int_equal(iommu_aux_attach_device(domain, &master->dev), 0);
	assert_int_equal(iommu_device_access(&master->dev,
					     iommu_aux_get_pasid(domain, &master->dev), IOVA, &byte,
					     1, false),
			 0);
	assert_int_equal(byte, 0x44);
	iommu_aux_detach_device(domain, &master->dev);
	iommu_domain_free(domain);
	free(memory.bytes);
	complete(arg);
}

static void an_access_with_one_pasid_holds_up_nobody_with_another(void **state)
{
	struct iommu_domain *domain = domain_with(NULL, 0);
	/* Static: a failure leaves the threads behind. */
	static struct vtest_thread beside;
	static struct long_fault fault;
	static struct completion lived;
	bool done;

	init_completion(&lived);
	init_completion(&fault.begun);
	init_completion(&fault.may_end);
	iommu_set_fault_handler(domain, wait_in_fault, &fault);
	assert_int_equal(iommu_dev_enable_feature(&master->dev, IOMMU_DEV_FEAT_AUX), 0);
	assert_int_equal(iommu_aux_attach_device(domain, &master->dev), 0);
	fault.pasid = iommu_aux_get_pasid(domain, &master->dev);

	vtest_thread_start(&fault.thread, access_and_fault, &fault);
	assert_true(vtest_wait(&fault.begun));
	vtest_thread_start(&beside, live_beside_it, &lived);
	done = vtest_wait(&lived);
	complete(&fault.may_end);
	assert_true(done);
	vtest_thread_join(&beside);
	vtest_thread_join(&fault.thread);

	iommu_aux_detach_device(domain, &master->dev);
	iommu_domain_free(domain);
}

#define MANY_PASIDS 1100

static void many_pasids_of_one_device_lead_to_memory_of_their_own(void **state)
{
	static struct iommu_domain *domains[MANY_PASIDS];
	struct memory memory = memory_with(0x55);
	unsigned char byte = 0;
	int i, pasid;

	assert_int_equal(iommu_dev_enable_feature(&master->dev, IOMMU_DEV_FEAT_AUX), 0);
	for (i = 0; i < MANY_PASIDS; i++) {
		domains[i] = domain_with(NULL, 0);
		assert_int_equal(iommu_map(domains[i], IOVA + i * PAGE_SIZE, phys_of(&memory),
					   PAGE_SIZE, IOMMU_READ),
				 0);
		assert_int_equal(iommu_aux_attach_device(domains[i], &master->dev), 0);
	}
	for (i = 0; i < MANY_PASIDS; i++) {
		pasid = iommu_aux_get_pasid(domains[i], &master->dev);
		assert_true(pasid > 0);
		assert_int_equal(iommu_device_access(&master->dev, pasid, IOVA + i * PAGE_SIZE,
						     &byte, 1, false),
				 0);
	}
	for (i = 0; i < MANY_PASIDS; i++) {
		iommu_aux_detach_device(domains[i], &master->dev);
		iommu_domain_free(domains[i]);
	}
	assert_int_equal(iommu_device_access(&master->dev, pasid, IOVA, &byte, 1, false), -EFAULT);
	/* More than a PASID has bits for. */
	assert_int_equal(iommu_device_access(&master->dev, 1u << 20, IOVA, &byte, 1, false),
			 -EFAULT);
	assert_int_equal(iommu_device_access(&master->dev, ~0u, IOVA, &byte, 1, false), -EFAULT);
	free(memory.bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(a_device_on_the_platform_bus_gets_a_group_of_its_own),
		TEST(a_mapping_answers_its_physical_address),
		TEST(mappings_do_not_overlap_and_are_whole_pages),
		TEST(an_unmap_in_the_middle_keeps_the_rest),
		TEST(the_last_page_of_the_address_space_can_be_mapped_and_unmapped),
		TEST(an_attached_device_reaches_what_its_domain_maps_and_nothing_else),
		TEST(auxiliary_domains_have_to_be_enabled),
		TEST(a_pasid_reaches_its_own_memory_and_never_another_ones),
		TEST(after_an_unmap_no_access_is_in_progress),
		TEST(after_a_detach_no_access_is_in_progress),
		TEST(an_access_with_one_pasid_holds_up_nobody_with_another),
		TEST(many_pasids_of_one_device_lead_to_memory_of_their_own),
	};

	return cmocka_run_group_tests_name("iommu", tests, vtest_runtime_up, vtest_runtime_down);
}
