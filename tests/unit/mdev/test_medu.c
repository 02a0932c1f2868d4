// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* medu without its DMA: types, configuration space, registers, factorials, interrupts. */
#include "medu_testing.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define INTX VFIO_PCI_INTX_IRQ_INDEX
#define MSI  VFIO_PCI_MSI_IRQ_INDEX
#define REQ  VFIO_PCI_REQ_IRQ_INDEX

#define NONE	VFIO_IRQ_SET_DATA_NONE
#define UNMASK	VFIO_IRQ_SET_ACTION_UNMASK
#define TRIGGER VFIO_IRQ_SET_ACTION_TRIGGER

#define DEV MEDU_DIR "/" UUID_A

static struct test_user user;
static int intx;
static int msi;

static int setup(void **state)
{
	test_start();
	test_load("medu", "max_instances=3");
	return 0;
}

static int teardown(void **state)
{
	test_stop();
	return 0;
}

static int open_device(void **state)
{
	assert_int_equal(tree_write(MEDU_TYPE "/medu-vendor/create", UUID_A), 0);
	assert_int_equal(user_open(&user, DEV), 0);
	intx = eventfd_new();
	msi = eventfd_new();
	return 0;
}

static int close_device(void **state)
{
	user_close(&user);
	assert_int_equal(tree_write(DEV "/remove", "1"), 0);
	close(intx);
	close(msi);
	return 0;
}

static void both_types_are_offered_and_described(void **state)
{
	assert_int_equal(tree_count(MEDU_TYPE), 2);
	assert_tree_value(MEDU_TYPE "/medu-vendor/name", "Educational device");
	assert_tree_value(MEDU_TYPE "/medu-vendor/device_api", "vfio-pci");
	assert_tree_value(MEDU_TYPE "/medu-vendor/description",
			  "DMA through pages that the driver pins");
	assert_tree_value(MEDU_TYPE "/medu-iommu/name", "Educational device behind an IOMMU");
	assert_tree_value(MEDU_TYPE "/medu-iommu/device_api", "vfio-pci");
	assert_tree_value(MEDU_TYPE "/medu-iommu/description",
			  "DMA through an IOMMU domain of its own");
}

static void there_are_as_many_devices_as_the_parameter_says(void **state)
{
	static const char *const uuid[] = { UUID_A, UUID_B, UUID_C };
	char path[128];
	unsigned int i;

	assert_tree_value(MEDU_TYPE "/medu-iommu/available_instances", "3");
	for (i = 0; i < 3; i++)
		assert_int_equal(tree_write(i % 2 ? MEDU_TYPE "/medu-iommu/create"
						  : MEDU_TYPE "/medu-vendor/create",
					    uuid[i]),
				 0);
	assert_tree_value(MEDU_TYPE "/medu-vendor/available_instances", "0");
	assert_int_equal(tree_write(MEDU_TYPE "/medu-vendor/create",
				    "83b8f4f2-509f-382f-3c1e-e6bfe0fa1004"),
			 -ENOSPC);
	for (i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), MEDU_DIR "/%s/remove", uuid[i]);
		assert_int_equal(tree_write(path, "1"), 0);
	}
	assert_tree_value(MEDU_TYPE "/medu-vendor/available_instances", "3");
}

static void configuration_space_is_that_of_qemus_device(void **state)
{
	static const u8 expected[64] = {
		0x34, 0x12, 0xe8,	   0x11, 0,    0,    0x10,	    0,		0x10, 0,
		0xff, 0,    [0x2c] = 0xf4, 0x1a, 0x00, 0x11, [0x34] = 0x40, [0x3d] = 1,
	};
	static const u8 expected_msi[4] = { PCI_CAP_ID_MSI, 0, PCI_MSI_FLAGS_64BIT, 0 };
	u8 config[64];

	assert_int_equal(user_read(&user, VFIO_PCI_CONFIG_REGION_INDEX, 0, config, 64), 64);
	assert_memory_equal(config, expected, 64);
	assert_int_equal(user_read(&user, VFIO_PCI_CONFIG_REGION_INDEX, 0x40, config, 4), 4);
	assert_memory_equal(config, expected_msi, 4);
}

static void the_only_region_is_a_megabyte_of_memory(void **state)
{
	const u32 ones = ~0u;
	u32 bar;
	u32 i;

	for (i = 0; i < VFIO_PCI_NUM_REGIONS; i++) {
		struct vfio_region_info info = { .argsz = sizeof(info), .index = i };

		assert_int_equal(user_ioctl(user.device, VFIO_DEVICE_GET_REGION_INFO, &info), 0);
		if (i == VFIO_PCI_CONFIG_REGION_INDEX)
			assert_int_equal(info.size, 256);
		else
			assert_int_equal(info.size, i ? 0 : 0x100000);
	}
	for (i = 0; i < 6; i++) {
		u32 reg = PCI_BASE_ADDRESS_0 + 4 * i;

		user_write(&user, VFIO_PCI_CONFIG_REGION_INDEX, reg, &ones, 4);
		user_read(&user, VFIO_PCI_CONFIG_REGION_INDEX, reg, &bar, 4);
		assert_int_equal(bar, i ? 0 : 0xfff00000);
	}
	assert_int_equal(user_read(&user, 0, 0xffffc, &bar, 4), 4);
	assert_int_equal(user_read(&user, 0, 0xffffe, &bar, 4), -EINVAL);
	assert_int_equal(user_read(&user, 0, 0x100000, &bar, 4), -EINVAL);
	assert_int_equal(user_read(&user, 1, 0, &bar, 4), -EINVAL);
}

static void it_identifies_itself_and_is_alive(void **state)
{
	assert_int_equal(reg_in(&user, REG_ID), 0x010000ed);
	reg_out(&user, REG_ID, 0);
	assert_int_equal(reg_in(&user, REG_ID), 0x010000ed);
	reg_out(&user, REG_LIVE, 0x12345678);
	assert_int_equal(reg_in(&user, REG_LIVE), 0xedcba987);
}

static void accesses_of_a_wrong_size_do_nothing(void **state)
{
	u8 bytes[16];
	u64 val = 0;

	reg_out(&user, REG_LIVE, 0);
	memset(bytes, 0x11, sizeof(bytes));
	assert_int_equal(user_write(&user, 0, REG_LIVE, bytes, 2), 2);
	assert_int_equal(user_write(&user, 0, REG_LIVE + 1, bytes, 3), 3);
	assert_int_equal(user_write(&user, 0, REG_ID, bytes, 8), 8);
	assert_int_equal(reg_in(&user, REG_LIVE), 0xffffffff);

	assert_int_equal(user_read(&user, 0, REG_LIVE, bytes, 1), 1);
	assert_int_equal(bytes[0], 0);
	assert_int_equal(user_read(&user, 0, REG_LIVE, bytes, 2), 2);
	assert_int_equal(bytes[0], 0);
	assert_true(reg_in64(&user, REG_ID) == ~0ULL);
	assert_int_equal(reg_in(&user, REG_IRQ_RAISE), 0xffffffff);
	assert_int_equal(reg_in(&user, 0x50000), 0xffffffff);

	reg_out64(&user, REG_SRC, 0x1122334455667788);
	assert_true(reg_in64(&user, REG_SRC) == 0x1122334455667788);
	assert_int_equal(reg_in(&user, REG_SRC), 0x55667788);
	assert_int_equal(reg_in(&user, REG_SRC + 4), 0xffffffff);
	reg_out(&user, REG_SRC, 5);
	assert_true(reg_in64(&user, REG_SRC) == 5);
	assert_int_equal(user_write(&user, 0, REG_SRC, &val, 2), 2);
	assert_true(reg_in64(&user, REG_SRC) == 5);
}

static void a_long_access_is_several_of_the_bus(void **state)
{
	u64 regs[3] = { 1, 2, 3 }, read_back[3];

	assert_int_equal(user_write(&user, 0, REG_SRC, regs, sizeof(regs)), sizeof(regs));
	assert_int_equal(reg_in(&user, REG_SRC), 1);
	assert_int_equal(reg_in(&user, REG_DST), 2);
	assert_int_equal(reg_in(&user, REG_COUNT), 3);
	assert_int_equal(user_read(&user, 0, REG_SRC, read_back, sizeof(regs)), sizeof(regs));
	assert_memory_equal(read_back, regs, sizeof(regs));
}

static void it_computes_factorials(void **state)
{
	assert_int_equal(factorial(&user, 0), 1);
	assert_int_equal(factorial(&user, 1), 1);
	assert_int_equal(factorial(&user, 5), 120);
	assert_int_equal(factorial(&user, 12), 479001600);
	assert_int_equal(factorial(&user, 20), 2192834560u);
	assert_int_equal(factorial(&user, 33), 2147483648u);
	assert_int_equal(factorial(&user, 34), 0);
	assert_int_equal(factorial(&user, 0xffffffff), 0);
	assert_int_equal(reg_in(&user, REG_IRQ_STATUS), 0);
}

static void only_the_interrupt_bit_of_the_status_can_be_written(void **state)
{
	reg_out(&user, REG_STATUS, 0xffffffff);
	assert_int_equal(reg_in(&user, REG_STATUS), IRQ_FACT);
	reg_out(&user, REG_STATUS, 0);
	assert_int_equal(reg_in(&user, REG_STATUS), 0);
}

static void a_factorial_interrupts_when_it_is_asked_to(void **state)
{
	assert_int_equal(user_set_irq_fd(&user, INTX, TRIGGER, intx), 0);
	reg_out(&user, REG_STATUS, IRQ_FACT);
	reg_out(&user, REG_FACT, 6);
	assert_int_equal(eventfd_await(intx), 1);
	assert_int_equal(reg_in(&user, REG_IRQ_STATUS), 0x001);
	assert_int_equal(reg_in(&user, REG_FACT), 720);
	reg_out(&user, REG_IRQ_ACK, 0x001);
	assert_int_equal(reg_in(&user, REG_IRQ_STATUS), 0);
}

static void intx_is_up_until_all_is_acknowledged(void **state)
{
	assert_int_equal(user_set_irq_fd(&user, INTX, TRIGGER, intx), 0);
	reg_out(&user, REG_IRQ_RAISE, 0x80000010);
	assert_int_equal(eventfd_take(intx), 1);
	assert_int_equal(reg_in(&user, REG_IRQ_STATUS), 0x80000010);
	reg_out(&user, REG_IRQ_RAISE, 0x2);
	assert_int_equal(eventfd_take(intx), 0);

	reg_out(&user, REG_IRQ_ACK, 0x12);
	assert_int_equal(user_set_irq(&user, INTX, NONE | UNMASK, 1, 0), 0);
	assert_int_equal(eventfd_take(intx), 1);
	reg_out(&user, REG_IRQ_ACK, 0x80000000);
	assert_int_equal(user_set_irq(&user, INTX, NONE | UNMASK, 1, 0), 0);
	assert_int_equal(eventfd_take(intx), 0);
}

static void msi_is_sent_for_each_time_it_is_raised(void **state)
{
	assert_int_equal(user_set_irq_fd(&user, INTX, TRIGGER, intx), 0);
	assert_int_equal(user_set_irq_fd(&user, MSI, TRIGGER, msi), 0);
	reg_out(&user, REG_IRQ_RAISE, 0x1);
	assert_int_equal(eventfd_take(msi), 1);
	reg_out(&user, REG_IRQ_RAISE, 0x1);
	assert_int_equal(eventfd_take(msi), 1);
	reg_out(&user, REG_IRQ_ACK, 0x1);
	reg_out(&user, REG_IRQ_RAISE, 0x0);
	assert_int_equal(eventfd_take(msi), 0);
	assert_int_equal(eventfd_take(intx), 0);
}

static void a_reset_brings_registers_to_zero_and_stops_work(void **state)
{
	unsigned int i;

	for (i = 0; i < 50; i++) {
		reg_out(&user, REG_LIVE, i);
		reg_out(&user, REG_STATUS, IRQ_FACT);
		reg_out(&user, REG_FACT, 30);
		start_dma(&user, 0x1000, BUFFER, 16, IRQ_DMA);
		assert_int_equal(user_ioctl(user.device, VFIO_DEVICE_RESET, NULL), 0);
		assert_int_equal(reg_in(&user, REG_LIVE), 0);
		assert_int_equal(reg_in(&user, REG_STATUS), 0);
		assert_int_equal(reg_in(&user, REG_FACT), 0);
		assert_int_equal(reg_in(&user, REG_IRQ_STATUS), 0);
		assert_int_equal(reg_in64(&user, REG_SRC), 0);
		assert_int_equal(reg_in64(&user, REG_CMD), 0);
	}
	assert_int_equal(factorial(&user, 4), 24);
}

static void the_next_user_finds_a_device_that_is_reset(void **state)
{
	reg_out(&user, REG_LIVE, 7);
	reg_out(&user, REG_IRQ_RAISE, 7);
	reg_out(&user, REG_STATUS, IRQ_FACT);
	reg_out(&user, REG_FACT, 9);
	user_close(&user);
	assert_int_equal(user_open(&user, DEV), 0);
	assert_int_equal(reg_in(&user, REG_LIVE), 0);
	assert_int_equal(reg_in(&user, REG_STATUS), 0);
	assert_int_equal(reg_in(&user, REG_IRQ_STATUS), 0);
}

static void *remove_device(void *arg)
{
	*(int *)arg = tree_write(DEV "/remove", "1");
	return NULL;
}

static void m12_the_user_is_asked_through_his_eventfd(void **state)
{
	int fd = eventfd_new();
	pthread_t thread;
	int ret = -1;

	assert_int_equal(user_set_irq_fd(&user, REQ, TRIGGER, fd), 0);
	assert_int_equal(pthread_create(&thread, NULL, remove_device, &ret), 0);
	assert_int_equal(eventfd_await(fd), 1);
	user_close(&user);
	pthread_join(thread, NULL);
	assert_int_equal(ret, 0);
	close(fd);
	assert_int_equal(tree_write(MEDU_TYPE "/medu-vendor/create", UUID_A), 0);
	assert_int_equal(user_open(&user, DEV), 0);
}

#define HAMMER_ROUNDS 300

static void *hammer(void *arg)
{
	unsigned int which = (uintptr_t)arg;
	unsigned int i;

	for (i = 0; i < HAMMER_ROUNDS; i++) {
		reg_out(&user, REG_STATUS, i % 2 ? IRQ_FACT : 0);
		reg_out(&user, REG_FACT, i);
		start_dma(&user, i * 64, BUFFER + i, i, IRQ_DMA);
		reg_out(&user, REG_IRQ_ACK, reg_in(&user, REG_IRQ_STATUS));
		if (i % 50 == which)
			user_ioctl(user.device, VFIO_DEVICE_RESET, NULL);
		user_set_irq_fd(&user, i % 2 ? INTX : MSI, TRIGGER, i % 3 ? intx : -1);
	}
	return NULL;
}

static void several_threads_and_resets_get_along(void **state)
{
	pthread_t thread[3];
	unsigned int i;

	let_it_master_the_bus(&user);
	for (i = 0; i < 3; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, hammer, (void *)(uintptr_t)i), 0);
	for (i = 0; i < 3; i++)
		pthread_join(thread[i], NULL);
	user_ioctl(user.device, VFIO_DEVICE_RESET, NULL);
	assert_int_equal(factorial(&user, 10), 3628800);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_device, close_device)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_types_are_offered_and_described),
		cmocka_unit_test(there_are_as_many_devices_as_the_parameter_says),
		TEST(configuration_space_is_that_of_qemus_device),
		TEST(the_only_region_is_a_megabyte_of_memory),
		TEST(it_identifies_itself_and_is_alive),
		TEST(accesses_of_a_wrong_size_do_nothing),
		TEST(a_long_access_is_several_of_the_bus),
		TEST(it_computes_factorials),
		TEST(only_the_interrupt_bit_of_the_status_can_be_written),
		TEST(a_factorial_interrupts_when_it_is_asked_to),
		TEST(intx_is_up_until_all_is_acknowledged),
		TEST(msi_is_sent_for_each_time_it_is_raised),
		TEST(a_reset_brings_registers_to_zero_and_stops_work),
		TEST(the_next_user_finds_a_device_that_is_reset),
		TEST(m12_the_user_is_asked_through_his_eventfd),
		TEST(several_threads_and_resets_get_along),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
