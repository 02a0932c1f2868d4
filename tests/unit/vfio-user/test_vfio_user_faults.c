// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* Nothing is lost where memory is: each allocation and each thread's start fails once. */
#include "vut.h"

#include <linux/kernel.h>

#include <umdev/error.h>
#include <umdev/fault.h>

#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

/* Far more than there are. */
#define MAX_FAULTS 1000

static void a_server_is_made_or_not(void **state)
{
	unsigned long nth;
	bool failed = true;
	int fds;

	vut_dev = vut_device_create("dev0");
	fds = vut_count_fds();
	for (nth = 1; failed && nth < MAX_FAULTS; nth++) {
		umdev_fault_arm(nth, UMDEV_FAULT_ALL);
		vut_server = vut_try_server();
		failed = umdev_fault_disarm();
		/* One whose device has no socket for want of memory is a server all the same. */
		if (vut_server)
			vut_stop_server();
		assert_int_equal(vut_count_fds(), fds);
	}
	assert_in_range(nth, 4, MAX_FAULTS - 1);
	vut_device_destroy(vut_dev);
	vut_dev = NULL;
}

/* All that takes memory, in one client's life; errors are expected, damage is not. */
static void use_the_device(int memory, int event)
{
	struct vfio_user_client *client;
	u32 value = 1;

	if (vfio_user_client_connect(vut_path("dev0"), &client))
		return;
	vfio_user_client_set_timeout(client, VUT_LIMIT_MS);
	if (!vfio_user_client_version(client, NULL)) {
		vfio_user_client_dma_map(client, 0, 0x1000, 3, memory, 0);
		vfio_user_client_dma_map(client, 0x1000, 0x1000, 3, -1, 0);
		vfio_user_client_set_irqs(client, 0x24, 0, 0, 1, &event);
		vfio_user_client_region_write(client, VUT_BAR, 0, &value, 4);
		vfio_user_client_dma_unmap(client, 0, 0x1000, 0);
	}
	vfio_user_client_close(client);
}

static void a_client_is_served_or_not(void **state)
{
	int memory = memfd_create("vut-memory", MFD_CLOEXEC), event = eventfd(0, EFD_CLOEXEC);
	unsigned long nth;
	bool failed = true;
	int fds;

	assert_int_equal(ftruncate(memory, 0x1000), 0);
	fds = vut_count_fds();
	for (nth = 1; failed && nth < MAX_FAULTS; nth++) {
		umdev_fault_arm(nth, UMDEV_FAULT_OTHERS);
		use_the_device(memory, event);
		/* Its end is part of it: nothing is left, and the next client is served. */
		vut_wait_fds(fds);
		failed = umdev_fault_disarm();
		vut_assert_serves();
		vut_wait_fds(fds);
		assert_int_equal(vut_device_nr_vectors(vut_dev), 0);
	}
	assert_in_range(nth, 10, MAX_FAULTS - 1);
	close(memory);
	close(event);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_server_is_made_or_not),
		cmocka_unit_test_setup_teardown(a_client_is_served_or_not, vut_setup, vut_teardown),
	};

	return cmocka_run_group_tests(tests, vut_up, vut_down);
}
