// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* A client uses a mediated device: mtty, from the writing of its UUID to its removal (M12, M20). */
#include "vut.h"

#include <linux/err.h>
#include <linux/pci.h>
#include <linux/serial_reg.h>
#include <linux/string.h>

#include <umdev/error.h>
#include <umdev/log.h>
#include <umdev/module.h>
#include <umdev/sysfs.h>

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define UUID   "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001"
#define PARENT "/devices/virtual/mtty/mtty"

static struct vfio_user_client *client;

static int write_tree(const char *path, const char *text)
{
	struct kernfs_node *kn = umdev_sysfs_walk(path, true);
	struct umdev_sysfs_file *file;
	ssize_t ret;

	if (IS_ERR(kn))
		return PTR_ERR(kn);
	file = umdev_sysfs_open(kn, O_WRONLY);
	umdev_sysfs_put(kn);
	if (IS_ERR(file))
		return PTR_ERR(file);
	ret = umdev_sysfs_write(file, text, strlen(text), 0);
	umdev_sysfs_release(file);
	return ret < 0 ? ret : 0;
}

static void plug_in(void)
{
	assert_int_equal(write_tree(PARENT "/mdev_supported_types/mtty-2/create", UUID), 0);
	assert_int_equal(vfio_user_client_connect(vut_path(UUID), &client), 0);
	assert_int_equal(vfio_user_client_version(client, NULL), 0);
}

static int setup(void **state)
{
	struct umdev_error err = { 0 };
	const char *dir = getenv("UMDEV_MODULE_DIR");

	assert_non_null(dir);
	assert_int_equal(umdev_module_set_dir(dir, &err), 0);
	if (umdev_module_load("mtty", NULL, &err))
		fail_msg("%s", err.text);
	vut_start_server(NULL);
	plug_in();
	return 0;
}

static int teardown(void **state)
{
	vfio_user_client_close(client);
	assert_int_equal(write_tree(PARENT "/" UUID "/remove", "1"), 0);
	assert_int_not_equal(access(vut_path(UUID), F_OK), 0);
	vut_stop_server();
	umdev_module_unload_all();
	return 0;
}

static u8 in(u32 port, u64 reg)
{
	u8 value;

	assert_int_equal(vfio_user_client_region_read(client, port, reg, &value, 1), 1);
	return value;
}

static void out(u32 port, u64 reg, u8 value)
{
	assert_int_equal(vfio_user_client_region_write(client, port, reg, &value, 1), 1);
}

static void the_device_is_a_serial_card(void **state)
{
	struct vfio_user_device_info info;
	struct vfio_region_info region = { .argsz = sizeof(region) };
	struct vfio_irq_info irq;
	u16 config[32];

	assert_int_equal(vfio_user_client_device_info(client, &info), 0);
	assert_true(info.flags & VFIO_DEVICE_FLAGS_PCI);
	assert_int_equal(info.num_regions, VFIO_PCI_NUM_REGIONS);
	assert_int_equal(info.num_irqs, VFIO_PCI_NUM_IRQS);
	assert_int_equal(vfio_user_client_region_read(client, VFIO_PCI_CONFIG_REGION_INDEX, 0,
						      config, sizeof(config)),
			 sizeof(config));
	assert_int_equal(config[PCI_VENDOR_ID / 2], 0x4348);
	assert_int_equal(config[PCI_DEVICE_ID / 2], 0x3253);
	for (region.index = 0; region.index < 2; region.index++) {
		assert_int_equal(vfio_user_client_region_info(client, &region, NULL), 0);
		assert_int_equal(region.size, 8);
	}
	assert_int_equal(vfio_user_client_irq_info(client, VFIO_PCI_INTX_IRQ_INDEX, &irq), 0);
	assert_int_equal(irq.count, 1);
	assert_int_equal(irq.flags, 7);
}

static void what_is_sent_comes_back_on_both_ports(void **state)
{
	static const char text[] = "to the line and back";
	size_t i;
	u32 port;

	for (port = 0; port < 2; port++) {
		out(port, UART_LCR, UART_LCR_WLEN8);
		out(port, UART_FCR, UART_FCR_ENABLE_FIFO);
		for (i = 0; i < sizeof(text); i++) {
			out(port, UART_TX, text[i]);
			assert_true(in(port, UART_LSR) & UART_LSR_DR);
			assert_int_equal(in(port, UART_RX), text[i]);
		}
		assert_false(in(port, UART_LSR) & UART_LSR_DR);
	}
}

static u64 wait_eventfd(int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	u64 count = 0;

	assert_int_equal(poll(&pfd, 1, VUT_LIMIT_MS), 1);
	assert_int_equal(read(fd, &count, sizeof(count)), sizeof(count));
	return count;
}

static void a_character_that_comes_in_interrupts_until_it_is_unmasked(void **state)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	u64 count;

	assert_int_equal(
		vfio_user_client_set_irqs(client, 0x24, VFIO_PCI_INTX_IRQ_INDEX, 0, 1, &fd), 0);
	out(0, UART_LCR, UART_LCR_WLEN8);
	out(0, UART_IER, UART_IER_RDI);
	out(0, UART_MCR, UART_MCR_OUT2);
	out(0, UART_TX, 'x');
	assert_int_equal(wait_eventfd(fd), 1);
	/* Masked by the interrupt itself: another character is silent until the unmask. */
	out(0, UART_TX, 'y');
	assert_true(read(fd, &count, sizeof(count)) < 0);
	assert_int_equal(
		vfio_user_client_set_irqs(client, 0x11, VFIO_PCI_INTX_IRQ_INDEX, 0, 1, NULL), 0);
	assert_int_equal(wait_eventfd(fd), 1);
	assert_int_equal(in(0, UART_RX), 'x');
	close(fd);
}

static void the_next_client_finds_the_device_reset(void **state)
{
	out(0, UART_SCR, 0x5a);
	assert_int_equal(in(0, UART_SCR), 0x5a);
	out(0, UART_TX, 'x');
	vfio_user_client_close(client);
	assert_int_equal(vfio_user_client_connect(vut_path(UUID), &client), 0);
	assert_int_equal(vfio_user_client_version(client, NULL), 0);
	assert_int_equal(in(0, UART_SCR), 0);
	assert_false(in(0, UART_LSR) & UART_LSR_DR);
}

static void *remove_device(void *ret)
{
	*(int *)ret = write_tree(PARENT "/" UUID "/remove", "1");
	return NULL;
}

static void the_client_lets_go_and_the_removal_is_complete(pthread_t removal, const int *ret)
{
	/* The device is the client's until then. */
	out(0, UART_SCR, 0x5a);
	assert_int_equal(in(0, UART_SCR), 0x5a);
	vfio_user_client_close(client);
	pthread_join(removal, NULL);
	assert_int_equal(*ret, 0);
	assert_int_equal(write_tree(PARENT "/" UUID "/remove", "1"), -ENOENT);
}

static void m12_a_removal_signals_the_clients_eventfd_and_ends_when_he_lets_go(void **state)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), ret = 1;
	pthread_t removal;

	assert_int_equal(vfio_user_client_set_irqs(client, 0x24, VFIO_PCI_REQ_IRQ_INDEX, 0, 1, &fd),
			 0);
	assert_int_equal(pthread_create(&removal, NULL, remove_device, &ret), 0);
	assert_int_equal(wait_eventfd(fd), 1);
	the_client_lets_go_and_the_removal_is_complete(removal, &ret);
	close(fd);
	plug_in();
}

static void find_advice(const struct umdev_log_record *record, void *fd)
{
	if (strstr(record->text, UUID ": No device request channel registered, blocked until "
				      "released by user: unplug the device"))
		eventfd_write(*(int *)fd, 1);
}

static void m12_the_removal_from_a_client_without_eventfd_says_what_to_do_and_waits(void **state)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), ret = 1;
	struct umdev_log_subscriber log = { .fn = find_advice, .data = &fd };
	pthread_t removal;

	umdev_log_subscribe(&log);
	assert_int_equal(pthread_create(&removal, NULL, remove_device, &ret), 0);
	assert_int_equal(wait_eventfd(fd), 1);
	umdev_log_unsubscribe(&log);
	the_client_lets_go_and_the_removal_is_complete(removal, &ret);
	close(fd);
	plug_in();
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(the_device_is_a_serial_card),
		T(what_is_sent_comes_back_on_both_ports),
		T(a_character_that_comes_in_interrupts_until_it_is_unmasked),
		T(the_next_client_finds_the_device_reset),
		T(m12_a_removal_signals_the_clients_eventfd_and_ends_when_he_lets_go),
		T(m12_the_removal_from_a_client_without_eventfd_says_what_to_do_and_waits),
	};

	return cmocka_run_group_tests(tests, vut_up, vut_down);
}
