// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* mtty as the documentation and a recorded Linux show it: its tree, its types, its PCI card. M20. */
#include "mdev_testing.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <linux/pci.h>
#include <linux/vfio.h>
#include <umdev/module.h>

#define DEV MTTY_DIR "/" UUID_A

static struct test_user user;

static int setup(void **state)
{
	test_start();
	test_load("mtty", NULL);
	return 0;
}

static int teardown(void **state)
{
	test_stop();
	return 0;
}

static int open_type(const char *create)
{
	assert_int_equal(tree_write(create, UUID_A), 0);
	assert_int_equal(user_open(&user, DEV), 0);
	return 0;
}

static int open_single(void **state)
{
	return open_type(MTTY_TYPE "/mtty-1/create");
}

static int open_dual(void **state)
{
	return open_type(MTTY_TYPE "/mtty-2/create");
}

static int close_device(void **state)
{
	user_close(&user);
	assert_int_equal(tree_write(DEV "/remove", "1"), 0);
	return 0;
}

static void step_1_the_parent_has_its_types(void **state)
{
	assert_tree_value(MTTY_TYPE "/mtty-1/name", "Single port serial");
	assert_tree_value(MTTY_TYPE "/mtty-2/name", "Dual port serial");
	assert_tree_value(MTTY_TYPE "/mtty-1/device_api", "vfio-pci");
	assert_tree_value(MTTY_TYPE "/mtty-2/device_api", "vfio-pci");
	assert_tree_value(MTTY_TYPE "/mtty-1/available_instances", "24");
	assert_tree_value(MTTY_TYPE "/mtty-2/available_instances", "12");
	assert_tree_mode(MTTY_TYPE "/mtty-1/available_instances", 0444);
	assert_tree_mode(MTTY_TYPE "/mtty-1/create", 0200);
	assert_int_equal(tree_count(MTTY_TYPE), 2);
	assert_int_equal(tree_count(MTTY_TYPE "/mtty-1"), 5);
	/* mdev_supported_types, mtty_dev, subsystem, uevent */
	assert_int_equal(tree_count(MTTY_DIR), 4);
	assert_tree_value(MTTY_DIR "/mtty_dev/sample_mtty_dev", "This is phy device");
	assert_tree_link(MTTY_DIR "/subsystem", "../../../../class/mtty");
	assert_tree_link("/class/mdev_bus/mtty", "../../devices/virtual/mtty/mtty");
}

static void step_2_and_8_a_device_is_created_and_destroyed(void **state)
{
	assert_int_equal(tree_write(MTTY_TYPE "/mtty-1/create", UUID_A "\n"), 0);
	assert_tree_link("/bus/mdev/devices/" UUID_A, "../../../devices/virtual/mtty/mtty/" UUID_A);
	assert_tree_link(DEV "/mdev_type", "../mdev_supported_types/mtty-1");
	assert_tree_link(DEV "/iommu_group", "../../../../../kernel/iommu_groups/0");
	assert_tree_link(DEV "/driver", "../../../../../bus/mdev/drivers/vfio_mdev");
	assert_tree_link(DEV "/subsystem", "../../../../../bus/mdev");
	assert_tree_value(DEV "/uevent", "DRIVER=vfio_mdev");
	assert_tree_value(DEV "/vendor/sample_mdev_dev", "This is MDEV " UUID_A);
	assert_tree_link(MTTY_TYPE "/mtty-1/devices/" UUID_A, "../../../" UUID_A);
	assert_tree_value(MTTY_TYPE "/mtty-1/available_instances", "23");
	assert_tree_value(MTTY_TYPE "/mtty-2/available_instances", "11");

	assert_int_equal(tree_write("/bus/mdev/devices/" UUID_A "/remove", "1"), 0);
	assert_false(tree_has(DEV));
	assert_tree_value(MTTY_TYPE "/mtty-1/available_instances", "24");
}

static void create_dev(const char *type, unsigned int nr, int expected)
{
	char path[128], uuid[64];

	snprintf(path, sizeof(path), MTTY_TYPE "/%s/create", type);
	snprintf(uuid, sizeof(uuid), "00000000-0000-4000-8000-%012x", nr);
	assert_int_equal(tree_write(path, uuid), expected);
}

static void remove_dev(unsigned int nr)
{
	char path[128];

	snprintf(path, sizeof(path), MTTY_DIR "/00000000-0000-4000-8000-%012x/remove", nr);
	assert_int_equal(tree_write(path, "1"), 0);
}

static void there_are_24_ports_and_no_more(void **state)
{
	unsigned int i;

	for (i = 0; i < 11; i++)
		create_dev("mtty-2", i, 0);
	create_dev("mtty-1", 11, 0);
	assert_tree_value(MTTY_TYPE "/mtty-1/available_instances", "1");
	assert_tree_value(MTTY_TYPE "/mtty-2/available_instances", "0");
	create_dev("mtty-2", 12, -ENOSPC);
	create_dev("mtty-1", 12, 0);
	assert_tree_value(MTTY_TYPE "/mtty-1/available_instances", "0");
	create_dev("mtty-1", 13, -ENOSPC);
	create_dev("mtty-2", 13, -ENOSPC);

	/* What was refused left nothing, and what goes makes room. */
	assert_int_equal(tree_count("/bus/mdev/devices"), 13);
	remove_dev(0);
	assert_tree_value(MTTY_TYPE "/mtty-2/available_instances", "1");
	create_dev("mtty-2", 13, 0);
	for (i = 1; i < 14; i++)
		remove_dev(i);
	assert_tree_value(MTTY_TYPE "/mtty-2/available_instances", "12");
}

static void the_number_of_ports_is_a_parameter(void **state)
{
	assert_int_equal(test_unload("mtty"), 0);
	test_load("mtty", "max_ports=3");
	assert_tree_value("/module/mtty/parameters/max_ports", "3");
	assert_tree_value(MTTY_TYPE "/mtty-1/available_instances", "3");
	assert_tree_value(MTTY_TYPE "/mtty-2/available_instances", "1");
	assert_int_equal(test_unload("mtty"), 0);
	test_load("mtty", NULL);
}

static void m11_uevents_of_loading_and_unloading_are_linuxs(void **state)
{
	static const char *const loaded[] = {
		"add@/class/mtty ACTION=add DEVPATH=/class/mtty SUBSYSTEM=class",
		"add@" MTTY_DIR " ACTION=add DEVPATH=" MTTY_DIR " SUBSYSTEM=mtty",
		"change@" MTTY_DIR " ACTION=change DEVPATH=" MTTY_DIR
		" SUBSYSTEM=mtty MDEV_STATE=registered",
		"add@/module/mtty ACTION=add DEVPATH=/module/mtty SUBSYSTEM=module",
	};
	static const char *const unloaded[] = {
		"change@" MTTY_DIR " ACTION=change DEVPATH=" MTTY_DIR
		" SUBSYSTEM=mtty MDEV_STATE=unregistered",
		"remove@" MTTY_DIR " ACTION=remove DEVPATH=" MTTY_DIR " SUBSYSTEM=mtty",
		"remove@/class/mtty ACTION=remove DEVPATH=/class/mtty SUBSYSTEM=class",
		"remove@/module/mtty ACTION=remove DEVPATH=/module/mtty SUBSYSTEM=module",
	};
	unsigned int mark = uevent_mark();

	assert_int_equal(test_unload("mtty"), 0);
	assert_uevents(mark, unloaded, 4);
	mark = uevent_mark();
	test_load("mtty", NULL);
	assert_uevents(mark, loaded, 4);
}

static void m19_unloading_removes_idle_devices(void **state)
{
	create_dev("mtty-1", 0, 0);
	create_dev("mtty-2", 1, 0);
	assert_int_equal(test_unload("mtty"), 0);
	assert_int_equal(tree_count("/bus/mdev/devices"), 0);
	assert_false(tree_has(MTTY_DIR));
	assert_int_equal(tree_count("/kernel/iommu_groups"), 0);
	test_load("mtty", NULL);
	assert_tree_value(MTTY_TYPE "/mtty-1/available_instances", "24");
}

static void m19_loading_twice_answers_eexist(void **state)
{
	assert_int_equal(umdev_module_load("mtty", NULL, NULL), -EEXIST);
}

/* What a recorded Linux answers, but for what it documents as faults of its sample. */
static void the_device_describes_itself(void **state)
{
	struct vfio_device_info info = { .argsz = sizeof(info) };

	assert_int_equal(user_ioctl(user.device, VFIO_DEVICE_GET_INFO, &info), 0);
	assert_int_equal(info.flags, VFIO_DEVICE_FLAGS_PCI | VFIO_DEVICE_FLAGS_RESET);
	assert_int_equal(info.num_regions, 9);
	assert_int_equal(info.num_irqs, 5);

	info.argsz = offsetof(struct vfio_device_info, num_irqs);
	assert_int_equal(user_ioctl(user.device, VFIO_DEVICE_GET_INFO, &info), -EINVAL);
	assert_int_equal(user_ioctl(user.device, VFIO_DEVICE_GET_PCI_HOT_RESET_INFO, &info),
			 -ENOTTY);
}

static void check_regions(const u32 *size)
{
	u32 i;

	for (i = 0; i < VFIO_PCI_NUM_REGIONS; i++) {
		struct vfio_region_info info = { .argsz = sizeof(info), .index = i };

		assert_int_equal(user_ioctl(user.device, VFIO_DEVICE_GET_REGION_INFO, &info), 0);
		assert_int_equal(info.size, size[i]);
		assert_int_equal(info.flags, size[i] ? 3 : 0);
		assert_int_equal(info.offset, (u64)i << 40);
		assert_int_equal(info.cap_offset, 0);
	}
}

static void a_single_port_card_has_one_bar(void **state)
{
	static const u32 size[] = { 8, 0, 0, 0, 0, 0, 0, 256, 0 };
	struct vfio_region_info info = { .argsz = sizeof(info), .index = 9 };
	u8 byte = 0;

	check_regions(size);
	assert_int_equal(user_ioctl(user.device, VFIO_DEVICE_GET_REGION_INFO, &info), -EINVAL);
	info.index = 0xffffffff;
	assert_int_equal(user_ioctl(user.device, VFIO_DEVICE_GET_REGION_INFO, &info), -EINVAL);
	assert_int_equal(user_read(&user, 1, 0, &byte, 1), -EINVAL);
	assert_int_equal(user_write(&user, 1, 0, &byte, 1), -EINVAL);
}

static void a_dual_port_card_has_two_bars(void **state)
{
	static const u32 size[] = { 8, 8, 0, 0, 0, 0, 0, 256, 0 };

	check_regions(size);
}

static void interrupts_are_intx_msi_and_the_request(void **state)
{
	static const struct {
		int ret;
		u32 flags;
		u32 count;
	} irqs[] = { { 0, 7, 1 }, { 0, 9, 1 }, { -EINVAL, 0, 0 }, { -EINVAL, 0, 0 }, { 0, 9, 1 } };
	struct vfio_irq_info info;
	u32 i;

	for (i = 0; i < 5; i++) {
		info = (struct vfio_irq_info){ .argsz = sizeof(info), .index = i };
		assert_int_equal(user_ioctl(user.device, VFIO_DEVICE_GET_IRQ_INFO, &info),
				 irqs[i].ret);
		assert_int_equal(info.flags, irqs[i].flags);
		assert_int_equal(info.count, irqs[i].count);
	}
	info = (struct vfio_irq_info){ .argsz = sizeof(info), .index = 5 };
	assert_int_equal(user_ioctl(user.device, VFIO_DEVICE_GET_IRQ_INFO, &info), -EINVAL);
}

static ssize_t config_read(unsigned int pos, void *buf, size_t len)
{
	return user_read(&user, VFIO_PCI_CONFIG_REGION_INDEX, pos, buf, len);
}

static u32 config_read32(unsigned int pos)
{
	u32 val = 0;

	assert_int_equal(config_read(pos, &val, 4), 4);
	return val;
}

static void config_write(unsigned int pos, u32 val, size_t len)
{
	assert_int_equal(user_write(&user, VFIO_PCI_CONFIG_REGION_INDEX, pos, &val, len), len);
}

static void the_header_is_the_recorded_one_with_a_capability_list(void **state)
{
	/* clang-format off */
	static const u8 recorded[64] = {
		0x48, 0x43, 0x53, 0x32, 0x01, 0x00, 0x00, 0x02, 0x10, 0x02, 0x00, 0x07, 0, 0, 0, 0,
		0x01, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x48, 0x43, 0x53, 0x32,
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x00, 0x01, 0x00, 0x00,
	};
	/* clang-format on */
	u8 config[256], expected[64];
	unsigned int i;

	memcpy(expected, recorded, sizeof(expected));
	expected[PCI_STATUS] = PCI_STATUS_CAP_LIST;
	expected[PCI_CAPABILITY_LIST] = 0x40;

	assert_int_equal(config_read(0, config, sizeof(config)), sizeof(config));
	for (i = 0; i < sizeof(expected); i++)
		if (config[i] != expected[i])
			fail_msg("byte %#x is %#x, expected %#x", i, config[i], expected[i]);
}

static void a_single_port_cards_second_bar_cannot_be_set(void **state)
{
	assert_int_equal(config_read32(PCI_BASE_ADDRESS_1), 0);
	config_write(PCI_BASE_ADDRESS_1, 0xffffffff, 4);
	assert_int_equal(config_read32(PCI_BASE_ADDRESS_1), 0);
}

static void bars_tell_their_size_and_keep_their_address(void **state)
{
	unsigned int bar;

	for (bar = PCI_BASE_ADDRESS_0; bar <= PCI_BASE_ADDRESS_1; bar += 4) {
		config_write(bar, 0xffffffff, 4);
		assert_int_equal(config_read32(bar), 0xfffffff9);
		config_write(bar, 0xc150, 4);
		assert_int_equal(config_read32(bar), 0xc151);
		config_write(bar + 1, 0xd2, 1);
		assert_int_equal(config_read32(bar), 0xd251);
	}
	config_write(PCI_BASE_ADDRESS_2, 0xffffffff, 4);
	assert_int_equal(config_read32(PCI_BASE_ADDRESS_2), 0);
	config_write(PCI_ROM_ADDRESS, 0xffffffff, 4);
	assert_int_equal(config_read32(PCI_ROM_ADDRESS), 0);
}

static void what_is_read_only_stays(void **state)
{
	u8 before[256], after[256], ones[256];
	unsigned int i;

	memset(ones, 0xff, sizeof(ones));
	assert_int_equal(config_read(0, before, 256), 256);
	assert_int_equal(user_write(&user, VFIO_PCI_CONFIG_REGION_INDEX, 0, ones, 256), 256);
	assert_int_equal(config_read(0, after, 256), 256);
	for (i = 0; i < 16; i++)
		if (i != PCI_COMMAND && i != PCI_COMMAND + 1 && i != PCI_CACHE_LINE_SIZE)
			assert_int_equal(before[i], after[i]);
	assert_int_equal(after[PCI_COMMAND] | after[PCI_COMMAND + 1] << 8,
			 PCI_COMMAND_IO | PCI_COMMAND_MASTER | PCI_COMMAND_INTX_DISABLE);
	assert_int_equal(after[PCI_INTERRUPT_LINE], 0xff);
	assert_int_equal(after[PCI_INTERRUPT_PIN], 1);
	assert_memory_equal(before + PCI_SUBSYSTEM_VENDOR_ID, after + PCI_SUBSYSTEM_VENDOR_ID, 4);
	for (i = 0x4e; i < 256; i++)
		assert_int_equal(after[i], 0);
}

static void the_msi_capability_is_complete(void **state)
{
	const unsigned int pos = 0x40;
	u8 cap[14];

	assert_int_equal(config_read(pos, cap, sizeof(cap)), sizeof(cap));
	assert_int_equal(cap[PCI_CAP_LIST_ID], PCI_CAP_ID_MSI);
	assert_int_equal(cap[PCI_CAP_LIST_NEXT], 0);
	assert_int_equal(cap[PCI_MSI_FLAGS], PCI_MSI_FLAGS_64BIT);

	config_write(pos + PCI_MSI_ADDRESS_LO, 0xfee00003, 4);
	config_write(pos + PCI_MSI_ADDRESS_HI, 0x12345678, 4);
	config_write(pos + PCI_MSI_DATA_64, 0x4021, 2);
	config_write(pos + PCI_MSI_FLAGS, 0xffff, 2);
	assert_int_equal(config_read32(pos + PCI_MSI_ADDRESS_LO), 0xfee00000);
	assert_int_equal(config_read32(pos + PCI_MSI_ADDRESS_HI), 0x12345678);
	assert_int_equal(config_read32(pos + PCI_MSI_DATA_64), 0x4021);
	assert_int_equal(config_read32(pos) >> 16, PCI_MSI_FLAGS_64BIT | PCI_MSI_FLAGS_ENABLE);
}

static void configuration_space_is_reset_with_the_device(void **state)
{
	u8 before[256], after[256], ones[256];

	memset(ones, 0xff, sizeof(ones));
	assert_int_equal(config_read(0, before, 256), 256);
	assert_int_equal(user_write(&user, VFIO_PCI_CONFIG_REGION_INDEX, 0, ones, 256), 256);
	assert_int_equal(user_ioctl(user.device, VFIO_DEVICE_RESET, NULL), 0);
	assert_int_equal(config_read(0, after, 256), 256);
	assert_memory_equal(before, after, 256);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(step_1_the_parent_has_its_types),
		cmocka_unit_test(step_2_and_8_a_device_is_created_and_destroyed),
		cmocka_unit_test(there_are_24_ports_and_no_more),
		cmocka_unit_test(the_number_of_ports_is_a_parameter),
		cmocka_unit_test(m11_uevents_of_loading_and_unloading_are_linuxs),
		cmocka_unit_test(m19_unloading_removes_idle_devices),
		cmocka_unit_test(m19_loading_twice_answers_eexist),
		cmocka_unit_test_setup_teardown(the_device_describes_itself, open_dual,
						close_device),
		cmocka_unit_test_setup_teardown(a_single_port_card_has_one_bar, open_single,
						close_device),
		cmocka_unit_test_setup_teardown(a_dual_port_card_has_two_bars, open_dual,
						close_device),
		cmocka_unit_test_setup_teardown(interrupts_are_intx_msi_and_the_request,
						open_single, close_device),
		cmocka_unit_test_setup_teardown(
			the_header_is_the_recorded_one_with_a_capability_list, open_dual,
			close_device),
		cmocka_unit_test_setup_teardown(a_single_port_cards_second_bar_cannot_be_set,
						open_single, close_device),
		cmocka_unit_test_setup_teardown(bars_tell_their_size_and_keep_their_address,
						open_dual, close_device),
		cmocka_unit_test_setup_teardown(what_is_read_only_stays, open_dual, close_device),
		cmocka_unit_test_setup_teardown(the_msi_capability_is_complete, open_single,
						close_device),
		cmocka_unit_test_setup_teardown(configuration_space_is_reset_with_the_device,
						open_dual, close_device),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
