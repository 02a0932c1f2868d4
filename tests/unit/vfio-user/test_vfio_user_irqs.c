// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* Interrupts: eventfds that clients give, and what they may say of them. */
#include "vut.h"

#include <linux/kernel.h>
#include <linux/string.h>

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define EVENTFD_TRIGGER (VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER)
#define NONE_TRIGGER	(VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_TRIGGER)
#define BOOL_TRIGGER	(VFIO_IRQ_SET_DATA_BOOL | VFIO_IRQ_SET_ACTION_TRIGGER)

static struct vfio_user_client *client;
static int eventfds[VUT_MAX_VECTORS];

static int setup(void **state)
{
	int i;

	vut_setup(state);
	client = vut_open();
	for (i = 0; i < VUT_MAX_VECTORS; i++)
		eventfds[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return 0;
}

static int teardown(void **state)
{
	int i;

	for (i = 0; i < VUT_MAX_VECTORS; i++)
		close(eventfds[i]);
	vfio_user_client_close(client);
	return vut_teardown(state);
}

/* How often an eventfd has been signalled since the last time. */
static u64 signals(int fd)
{
	u64 count = 0;

	return read(fd, &count, sizeof(count)) == sizeof(count) ? count : 0;
}

static void each_kind_of_interrupt_says_what_it_can(void **state)
{
	struct vfio_irq_info info;
	u32 i;

	assert_int_equal(vfio_user_client_irq_info(client, VFIO_PCI_INTX_IRQ_INDEX, &info), 0);
	assert_int_equal(info.argsz, sizeof(info));
	assert_int_equal(info.count, 1);
	assert_int_equal(info.flags, 7);
	assert_int_equal(vfio_user_client_irq_info(client, VFIO_PCI_MSIX_IRQ_INDEX, &info), 0);
	assert_int_equal(info.count, VUT_MAX_VECTORS);
	assert_int_equal(info.flags, 9);
	assert_int_equal(vfio_user_client_irq_info(client, VFIO_PCI_ERR_IRQ_INDEX, &info), -EINVAL);
	for (i = VUT_NR_IRQS; i < VUT_NR_IRQS + 3; i++)
		assert_int_equal(vfio_user_client_irq_info(client, i, &info), -EINVAL);
	assert_int_equal(vfio_user_client_irq_info(client, U32_MAX, &info), -EINVAL);
}

static void a_request_for_more_interrupts_than_fit_into_a_message_is_refused(void **state)
{
	u32 most = VUT_MANY_VECTORS - 1;

	assert_int_equal(vfio_user_client_set_irqs(client, NONE_TRIGGER, VUT_MANY_IRQ, 0,
						   VUT_MANY_VECTORS, NULL),
			 0);
	assert_int_equal(
		vfio_user_client_set_irqs(client, EVENTFD_TRIGGER, VUT_MANY_IRQ, 0, most, NULL), 0);
	assert_int_equal(vfio_user_client_set_irqs(client, EVENTFD_TRIGGER, VUT_MANY_IRQ, 0,
						   VUT_MANY_VECTORS, NULL),
			 -EINVAL);
}

static void an_interrupt_signals_its_eventfd(void **state)
{
	assert_int_equal(vfio_user_client_set_irqs(client, EVENTFD_TRIGGER, 0, 0, 1, eventfds), 0);
	assert_true(vut_device_has_vector(vut_dev, 0, 0));
	vut_device_signal(vut_dev, 0, 0);
	assert_int_equal(signals(eventfds[0]), 1);
	/* The client may do that, too. */
	assert_int_equal(vfio_user_client_set_irqs(client, NONE_TRIGGER, 0, 0, 1, NULL), 0);
	assert_int_equal(signals(eventfds[0]), 1);
}

static void eventfds_come_in_as_many_messages_as_it_takes(void **state)
{
	int before = vut_count_fds(), i;
	u32 flags, count;

	assert_int_equal(vfio_user_client_set_irqs(client, EVENTFD_TRIGGER, 2, 0, VUT_MAX_VECTORS,
						   eventfds),
			 0);
	vut_device_last_irq(vut_dev, &flags, &count);
	assert_int_equal(count, VUT_MAX_VECTORS % 16);
	assert_int_equal(vut_device_nr_vectors(vut_dev), VUT_MAX_VECTORS);
	for (i = 0; i < VUT_MAX_VECTORS; i++) {
		vut_device_signal(vut_dev, 2, i);
		assert_int_equal(signals(eventfds[i]), 1);
	}
	assert_int_equal(vfio_user_client_set_irqs(client, NONE_TRIGGER, 2, 0, 0, NULL), 0);
	assert_int_equal(vut_device_nr_vectors(vut_dev), 0);
	vut_wait_fds(before);
}

static void a_message_without_descriptors_takes_eventfds_away(void **state)
{
	assert_int_equal(vfio_user_client_set_irqs(client, EVENTFD_TRIGGER, 2, 0, 10, eventfds), 0);
	assert_int_equal(vfio_user_client_set_irqs(client, EVENTFD_TRIGGER, 2, 3, 4, NULL), 0);
	assert_int_equal(vut_device_nr_vectors(vut_dev), 6);
	assert_true(vut_device_has_vector(vut_dev, 2, 2));
	assert_false(vut_device_has_vector(vut_dev, 2, 3));
	assert_false(vut_device_has_vector(vut_dev, 2, 6));
	assert_true(vut_device_has_vector(vut_dev, 2, 7));
}

static void booleans_choose_interrupts(void **state)
{
	static const u8 chosen[4] = { 1, 0, 0, 1 };
	int i;

	assert_int_equal(vfio_user_client_set_irqs(client, EVENTFD_TRIGGER, 2, 0, 4, eventfds), 0);
	assert_int_equal(vfio_user_client_set_irqs(client, BOOL_TRIGGER, 2, 0, 4, chosen), 0);
	for (i = 0; i < 4; i++)
		assert_int_equal(signals(eventfds[i]), chosen[i]);
}

static void masking_reaches_the_driver(void **state)
{
	static const u32 actions[] = { VFIO_IRQ_SET_ACTION_MASK, VFIO_IRQ_SET_ACTION_UNMASK };
	static const u8 yes = 1;
	const struct {
		u32 flag;
		const void *data;
	} kinds[] = {
		{ VFIO_IRQ_SET_DATA_NONE, NULL },
		{ VFIO_IRQ_SET_DATA_BOOL, &yes },
		{ VFIO_IRQ_SET_DATA_EVENTFD, eventfds },
	};
	u32 flags, count;
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(actions); i++) {
		for (j = 0; j < ARRAY_SIZE(kinds); j++) {
			assert_int_equal(vfio_user_client_set_irqs(client,
								   actions[i] | kinds[j].flag, 0, 0,
								   1, kinds[j].data),
					 0);
			vut_device_last_irq(vut_dev, &flags, &count);
			assert_int_equal(flags, actions[i] | kinds[j].flag);
			assert_int_equal(count, 1);
		}
	}
}

static void requests_that_make_no_sense_do_not_reach_the_driver(void **state)
{
	static const struct {
		u32 argsz, flags, index, start, count;
		int nfds;
	} table[] = {
		{ 19, EVENTFD_TRIGGER, 0, 0, 1, 1 },
		{ 0, EVENTFD_TRIGGER, 0, 0, 1, 1 },
		/* no data, two kinds of data, no action, two actions, unknown flags */
		{ 20, VFIO_IRQ_SET_ACTION_TRIGGER, 0, 0, 1, 1 },
		{ 20, EVENTFD_TRIGGER | VFIO_IRQ_SET_DATA_NONE, 0, 0, 1, 1 },
		{ 20, VFIO_IRQ_SET_DATA_EVENTFD, 0, 0, 1, 1 },
		{ 20, EVENTFD_TRIGGER | VFIO_IRQ_SET_ACTION_MASK, 0, 0, 1, 1 },
		{ 20, EVENTFD_TRIGGER | 0x40, 0, 0, 1, 1 },
		{ 20, EVENTFD_TRIGGER | 0x80000000, 0, 0, 1, 1 },
		/* no such kind, none of that kind, beyond the last one */
		{ 20, EVENTFD_TRIGGER, VUT_NR_IRQS, 0, 1, 1 },
		{ 20, EVENTFD_TRIGGER, U32_MAX, 0, 1, 1 },
		{ 20, EVENTFD_TRIGGER, VFIO_PCI_ERR_IRQ_INDEX, 0, 1, 1 },
		{ 20, EVENTFD_TRIGGER, 0, 1, 1, 1 },
		{ 20, EVENTFD_TRIGGER, 0, 0, 2, 2 },
		{ 20, EVENTFD_TRIGGER, 2, VUT_MAX_VECTORS, 1, 1 },
		{ 20, EVENTFD_TRIGGER, 2, U32_MAX, 1, 1 },
		{ 20, EVENTFD_TRIGGER, 2, U32_MAX, 2, 2 },
		{ 20, EVENTFD_TRIGGER, 2, 1, U32_MAX, 2 },
		{ 20, EVENTFD_TRIGGER, 2, 0, U32_MAX, 0 },
		{ 20, NONE_TRIGGER, 2, 1, 0, 0 },
		{ 20, EVENTFD_TRIGGER, 2, 0, 0, 0 },
		{ 20, BOOL_TRIGGER, 2, 0, 0, 0 },
		/* descriptors do not match the count or the kind of data */
		{ 20, EVENTFD_TRIGGER, 2, 0, 2, 1 },
		{ 20, EVENTFD_TRIGGER, 2, 0, 2, 3 },
		{ 20, EVENTFD_TRIGGER, 2, 0, 0, 1 },
		{ 20, NONE_TRIGGER, 2, 0, 1, 1 },
		{ 20, NONE_TRIGGER, 2, 0, 0, 1 },
		{ 21, BOOL_TRIGGER, 2, 0, 1, 0 },
		{ 40, BOOL_TRIGGER, 2, 0, 20, 0 },
	};
	int before = vut_count_fds();
	size_t i;

	for (i = 0; i < ARRAY_SIZE(table); i++) {
		struct vfio_irq_set set = {
			.argsz = table[i].argsz,
			.flags = table[i].flags,
			.index = table[i].index,
			.start = table[i].start,
			.count = table[i].count,
		};
		int ret = vut_command(client, VFIO_USER_DEVICE_SET_IRQS, 0, &set, sizeof(set),
				      eventfds, table[i].nfds);

		if (ret != EINVAL)
			fail_msg("row %zu answered %d, not EINVAL", i, ret);
		assert_int_equal(vut_device_irq_calls(vut_dev), 0);
	}
	vut_wait_fds(before);
}

static void what_is_no_eventfd_is_refused(void **state)
{
	int fds[2];

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	assert_int_equal(vfio_user_client_set_irqs(client, EVENTFD_TRIGGER, 0, 0, 1, fds), -EINVAL);
	assert_int_equal(vut_device_nr_vectors(vut_dev), 0);
	close(fds[0]);
	close(fds[1]);
}

static void eventfds_are_let_go_of_when_the_client_goes(void **state)
{
	int before = vut_count_fds();
	struct vfio_user_client *other;

	assert_int_equal(vfio_user_client_set_irqs(client, EVENTFD_TRIGGER, 2, 0, VUT_MAX_VECTORS,
						   eventfds),
			 0);
	assert_int_equal(vfio_user_client_set_irqs(client, EVENTFD_TRIGGER, 0, 0, 1, eventfds), 0);
	vfio_user_client_close(client);
	client = NULL;
	other = vut_open();
	assert_int_equal(vut_device_nr_vectors(vut_dev), 0);
	vut_wait_fds(before);
	client = other;
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(each_kind_of_interrupt_says_what_it_can),
		T(a_request_for_more_interrupts_than_fit_into_a_message_is_refused),
		T(an_interrupt_signals_its_eventfd),
		T(eventfds_come_in_as_many_messages_as_it_takes),
		T(a_message_without_descriptors_takes_eventfds_away),
		T(booleans_choose_interrupts),
		T(masking_reaches_the_driver),
		T(requests_that_make_no_sense_do_not_reach_the_driver),
		T(what_is_no_eventfd_is_refused),
		T(eventfds_are_let_go_of_when_the_client_goes),
	};

	return cmocka_run_group_tests(tests, vut_up, vut_down);
}
