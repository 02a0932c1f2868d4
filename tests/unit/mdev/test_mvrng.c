// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * mvrng by its operations, with a virtqueue made by hand: what a driver may put into it and what is
 * refused. Row M18.
 */
#include "mdev_testing.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/device.h>
#include <linux/kernel.h>
#include <linux/mdev.h>
#include <linux/module.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ids.h>
#include <linux/virtio_mdev.h>
#include <linux/virtio_ring.h>

#define MVRNG_DIR  "/devices/platform/mvrng"
#define MVRNG_TYPE MVRNG_DIR "/mdev_supported_types/mvrng-rng"

#define NUM	   8
#define RING_ALIGN 4096

/* The test is a driver of the bus, and has the one device. */
static struct mdev_device *mdev;
static const struct virtio_mdev_parent_ops *ops;

static struct vring vring;
static void *ring_memory;
static struct test_event used_event = TEST_EVENT_INIT, config_event = TEST_EVENT_INIT;

static int test_probe(struct device *dev)
{
	mdev = mdev_from_dev(dev);
	ops = mdev_get_virtio_ops(mdev);
	return ops ? 0 : -EINVAL;
}

/* The driver lets go of its device as it is, which it should not. */
static bool leave_running;

static void test_remove(struct device *dev)
{
	if (!leave_running)
		ops->set_status(mdev, 0);
	mdev = NULL;
}

static const struct mdev_class_id test_ids[] = { { MDEV_CLASS_ID_VIRTIO }, { 0 } };

static struct mdev_driver test_driver = {
	.name = "test_virtio",
	.probe = test_probe,
	.remove = test_remove,
	.id_table = test_ids,
};

static int setup(void **state)
{
	test_start();
	test_load("mvrng", "counting=1");
	assert_int_equal(test_unload("virtio_mdev"), 0);
	assert_int_equal(mdev_register_driver(&test_driver, THIS_MODULE), 0);
	ring_memory = aligned_alloc(RING_ALIGN, RING_ALIGN * 2);
	return 0;
}

static int teardown(void **state)
{
	mdev_unregister_driver(&test_driver);
	free(ring_memory);
	test_stop();
	return 0;
}

static void tell(void *private)
{
	event_tell(private);
}

/* As a driver does: status, features, queue, DRIVER_OK. */
static void start_device(void)
{
	struct virtio_mdev_callback used = { tell, &used_event }, config = { tell, &config_event };

	memset(ring_memory, 0, RING_ALIGN * 2);
	vring_init(&vring, NUM, ring_memory, RING_ALIGN);
	used_event.count = 0;
	config_event.count = 0;

	ops->set_status(mdev, 0);
	ops->set_status(mdev, VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER);
	assert_int_equal(ops->set_features(mdev, BIT_ULL(VIRTIO_F_VERSION_1)), 0);
	ops->set_vq_num(mdev, 0, NUM);
	assert_int_equal(ops->set_vq_address(mdev, 0, (uintptr_t)vring.desc, (uintptr_t)vring.avail,
					     (uintptr_t)vring.used),
			 0);
	assert_int_equal(ops->set_vq_state(mdev, 0, 0), 0);
	ops->set_vq_cb(mdev, 0, &used);
	ops->set_config_cb(mdev, &config);
	ops->set_vq_ready(mdev, 0, true);
	ops->set_status(mdev, VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER |
				      VIRTIO_CONFIG_S_FEATURES_OK | VIRTIO_CONFIG_S_DRIVER_OK);
}

static int create(void **state)
{
	assert_int_equal(tree_write(MVRNG_TYPE "/create", UUID_A), 0);
	assert_non_null(mdev);
	start_device();
	return 0;
}

static int destroy(void **state)
{
	return tree_write(MVRNG_DIR "/" UUID_A "/remove", "1");
}

static void set_desc(unsigned int i, const void *addr, u32 len, u16 flags, u16 next)
{
	vring.desc[i] = (struct vring_desc){ (uintptr_t)addr, len, flags, next };
}

/* Make @nr buffers available, which begin at descriptors @head, @head + 1, … */
static void offer(u16 head, u16 nr)
{
	u16 idx = vring.avail->idx, i;

	for (i = 0; i < nr; i++)
		vring.avail->ring[(u16)(idx + i) % NUM] = head + i;
	__atomic_store_n(&vring.avail->idx, idx + nr, __ATOMIC_RELEASE);
}

static u16 used_idx(void)
{
	return __atomic_load_n(&vring.used->idx, __ATOMIC_ACQUIRE);
}

static void await_used(u16 nr)
{
	unsigned int calls = 0;

	while (used_idx() != nr)
		event_wait(&used_event, ++calls);
}

static void m18_the_device_says_what_it_is(void **state)
{
	u8 config[4] = { 1, 2, 3, 4 };

	assert_int_equal(ops->get_device_id(mdev), VIRTIO_ID_RNG);
	assert_int_equal(ops->get_vendor_id(mdev), 0x1af4);
	assert_int_equal(ops->get_features(mdev), BIT_ULL(VIRTIO_F_VERSION_1));
	assert_true(ops->get_vq_ready(mdev, 0));
	assert_false(ops->get_vq_ready(mdev, 1));
	ops->get_config(mdev, 0, config, sizeof(config));
	assert_memory_equal(config, "\0\0\0\0", 4);
}

static void m18_several_buffers_in_flight_come_back_in_order(void **state)
{
	u8 data[6][100];
	unsigned int i, j;

	for (i = 0; i < 6; i++)
		set_desc(i, data[i], 10 + i, VRING_DESC_F_WRITE, 0);
	memset(data, 0xee, sizeof(data));
	offer(0, 6);
	ops->kick_vq(mdev, 0);
	await_used(6);

	for (i = 0; i < 6; i++) {
		assert_int_equal(vring.used->ring[i].id, i);
		assert_int_equal(vring.used->ring[i].len, 10 + i);
		assert_int_equal(data[i][10 + i], 0xee);
		for (j = 0; j + 1 < 10 + i; j++)
			assert_int_equal((u8)(data[i][j] + 1), data[i][j + 1]);
	}
	assert_tree_value(MVRNG_DIR "/" UUID_A "/counts/buffers", "6");
	assert_tree_value(MVRNG_DIR "/" UUID_A "/counts/bytes", "75");
}

static void m18_a_chain_is_filled_from_its_first_part_to_its_last(void **state)
{
	u8 a[3] = { 0 }, b[300] = { 0 }, c[5] = { 0 };

	set_desc(2, a, sizeof(a), VRING_DESC_F_WRITE | VRING_DESC_F_NEXT, 7);
	set_desc(7, b, sizeof(b), VRING_DESC_F_WRITE | VRING_DESC_F_NEXT, 0);
	set_desc(0, c, sizeof(c), VRING_DESC_F_WRITE, 99);
	offer(2, 1);
	ops->kick_vq(mdev, 0);
	await_used(1);
	assert_int_equal(vring.used->ring[0].id, 2);
	assert_int_equal(vring.used->ring[0].len, sizeof(a) + sizeof(b) + sizeof(c));
	assert_int_equal((u8)(a[2] + 1), b[0]);
	assert_int_equal((u8)(b[299] + 1), c[0]);
}

static void m18_indices_wrap_around(void **state)
{
	unsigned int i;
	u8 byte;

	/* Past the end of the index too: it has 16 bits. */
	ops->set_vq_ready(mdev, 0, false);
	vring.avail->idx = vring.used->idx = 65530;
	assert_int_equal(ops->set_vq_state(mdev, 0, 65536), -EINVAL);
	assert_int_equal(ops->set_vq_state(mdev, 0, 65530), 0);
	ops->set_vq_ready(mdev, 0, true);
	for (i = 0; i < 20; i++) {
		set_desc(i % NUM, &byte, 1, VRING_DESC_F_WRITE, 0);
		offer(i % NUM, 1);
		ops->kick_vq(mdev, 0);
		await_used(65530 + i + 1);
	}
	ops->set_vq_ready(mdev, 0, false);
	assert_int_equal(ops->get_vq_state(mdev, 0), (65530 + 20) % 65536);
}

static void m18_nothing_is_delivered_without_a_kick_or_before_driver_ok(void **state)
{
	u8 byte = 0xee;

	ops->set_status(mdev, VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER |
				      VIRTIO_CONFIG_S_FEATURES_OK);
	set_desc(0, &byte, 1, VRING_DESC_F_WRITE, 0);
	offer(0, 1);
	ops->kick_vq(mdev, 0);
	ops->set_vq_ready(mdev, 0, false);
	assert_int_equal(used_idx(), 0);
	assert_int_equal(byte, 0xee);

	ops->set_vq_ready(mdev, 0, true);
	ops->set_status(mdev, ops->get_status(mdev) | VIRTIO_CONFIG_S_DRIVER_OK);
	await_used(1);
}

static void m18_a_driver_that_wants_no_callback_gets_none(void **state)
{
	u8 byte = 0;

	vring.avail->flags = VRING_AVAIL_F_NO_INTERRUPT;
	set_desc(0, &byte, 1, VRING_DESC_F_WRITE, 0);
	offer(0, 1);
	ops->kick_vq(mdev, 0);
	/* Which waits for the device to be done with what it is at. */
	while (!used_idx())
		sched_yield();
	ops->set_vq_ready(mdev, 0, false);
	assert_false(event_told(&used_event));
}

/* What a driver must not do, and the device refuses. */
static u8 target[16];

/* Behind the rings there is what would be a descriptor if the queue had that many. */
#define BEYOND ((RING_ALIGN + 512) / sizeof(struct vring_desc))

static void next_out_of_range(void)
{
	set_desc(BEYOND, target, 4, VRING_DESC_F_WRITE, 0);
	set_desc(0, target, 4, VRING_DESC_F_WRITE | VRING_DESC_F_NEXT, BEYOND);
	offer(0, 1);
}

static void chain_that_bites_its_tail(void)
{
	set_desc(0, target, 4, VRING_DESC_F_WRITE | VRING_DESC_F_NEXT, 1);
	set_desc(1, target, 4, VRING_DESC_F_WRITE | VRING_DESC_F_NEXT, 0);
	offer(0, 1);
}

static void indirect_descriptor(void)
{
	set_desc(0, target, 16, VRING_DESC_F_WRITE | VRING_DESC_F_INDIRECT, 0);
	offer(0, 1);
}

static void buffer_to_read(void)
{
	set_desc(0, target, 4, 0, 0);
	offer(0, 1);
}

static void part_to_read(void)
{
	set_desc(0, target, 4, VRING_DESC_F_WRITE | VRING_DESC_F_NEXT, 1);
	set_desc(1, target, 4, 0, 0);
	offer(0, 1);
}

static void empty_buffer(void)
{
	set_desc(0, target, 0, VRING_DESC_F_WRITE, 0);
	offer(0, 1);
}

static void head_out_of_range(void)
{
	set_desc(BEYOND, target, 4, VRING_DESC_F_WRITE, 0);
	offer(BEYOND, 1);
}

static void more_buffers_than_descriptors(void)
{
	set_desc(0, target, 4, VRING_DESC_F_WRITE, 0);
	__atomic_store_n(&vring.avail->idx, NUM + 1, __ATOMIC_RELEASE);
}

static void no_memory_there(void)
{
	set_desc(0, (void *)8, 4, VRING_DESC_F_WRITE, 0);
	offer(0, 1);
}

static void beyond_the_end_of_addresses(void)
{
	set_desc(0, (void *)-8UL, 64, VRING_DESC_F_WRITE, 0);
	offer(0, 1);
}

static void m18_bad_descriptors_are_refused(void **state)
{
	static void (*const bad[])(void) = {
		next_out_of_range,   chain_that_bites_its_tail,
		indirect_descriptor, buffer_to_read,
		part_to_read,	     empty_buffer,
		head_out_of_range,   more_buffers_than_descriptors,
		no_memory_there,     beyond_the_end_of_addresses,
	};
	static const u8 untouched[sizeof(target)];
	char value[16];
	unsigned int i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		start_device();
		memset(target, 0, sizeof(target));
		bad[i]();
		ops->kick_vq(mdev, 0);
		event_wait(&config_event, 1);
		assert_true(ops->get_status(mdev) & VIRTIO_CONFIG_S_NEEDS_RESET);
		assert_int_equal(used_idx(), 0);
		assert_memory_equal(target, untouched, sizeof(target));
		snprintf(value, sizeof(value), "%u", i + 1);
		assert_tree_value(MVRNG_DIR "/" UUID_A "/counts/refused", value);

		/* Nor does it do anything more until it is reset. */
		set_desc(0, target, 4, VRING_DESC_F_WRITE, 0);
		offer(0, 1);
		ops->kick_vq(mdev, 0);
		ops->set_vq_ready(mdev, 0, false);
		assert_int_equal(used_idx(), 0);
	}
	start_device();
	set_desc(0, target, 4, VRING_DESC_F_WRITE, 0);
	offer(0, 1);
	ops->kick_vq(mdev, 0);
	await_used(1);
}

static void m18_bad_queues_are_refused(void **state)
{
	u64 desc = (uintptr_t)vring.desc, avail = (uintptr_t)vring.avail,
	    used = (uintptr_t)vring.used;

	/* It is ready. */
	assert_int_equal(ops->set_vq_address(mdev, 0, desc, avail, used), -EINVAL);
	assert_int_equal(ops->set_vq_state(mdev, 0, 0), -EINVAL);
	ops->set_vq_ready(mdev, 0, false);
	assert_int_equal(ops->set_vq_address(mdev, 0, desc, avail, used), 0);

	assert_int_equal(ops->set_vq_address(mdev, 1, desc, avail, used), -EINVAL);
	assert_int_equal(ops->set_vq_address(mdev, 0, desc + 8, avail, used), -EINVAL);
	assert_int_equal(ops->set_vq_address(mdev, 0, desc, avail + 1, used), -EINVAL);
	assert_int_equal(ops->set_vq_address(mdev, 0, desc, avail, used + 2), -EINVAL);
	assert_int_equal(ops->set_vq_address(mdev, 0, 0, avail, used), -EINVAL);
	ops->set_vq_num(mdev, 0, 3);
	assert_int_equal(ops->set_vq_address(mdev, 0, desc, avail, used), -EINVAL);
	ops->set_vq_num(mdev, 0, 32768);
	assert_int_equal(ops->set_vq_address(mdev, 0, desc, avail, used), -EINVAL);
	ops->set_vq_ready(mdev, 0, true);
	assert_false(ops->get_vq_ready(mdev, 0));
}

static void m18_features_that_are_not_offered_are_refused(void **state)
{
	ops->set_status(mdev, 0);
	assert_int_equal(ops->set_features(mdev, 0), -EINVAL);
	assert_int_equal(ops->set_features(mdev, ~0ULL), -EINVAL);
	ops->set_status(mdev, VIRTIO_CONFIG_S_FEATURES_OK);
	assert_int_equal(ops->get_status(mdev) & VIRTIO_CONFIG_S_FEATURES_OK, 0);
	assert_int_equal(ops->set_features(mdev, BIT_ULL(VIRTIO_F_VERSION_1)), 0);
	ops->set_status(mdev, VIRTIO_CONFIG_S_FEATURES_OK);
	assert_int_equal(ops->get_status(mdev), VIRTIO_CONFIG_S_FEATURES_OK);
}

static void m18_a_reset_ends_whatever_is_going_on(void **state)
{
	static u8 big[65536];
	unsigned int i, told;

	for (i = 0; i < NUM; i++)
		set_desc(i, big, sizeof(big), VRING_DESC_F_WRITE, 0);
	offer(0, NUM);
	ops->kick_vq(mdev, 0);
	ops->set_status(mdev, 0);
	told = used_event.count;
	assert_true(used_idx() <= NUM);
	ops->kick_vq(mdev, 0);
	assert_int_equal(ops->get_status(mdev), 0);
	assert_false(ops->get_vq_ready(mdev, 0));
	assert_int_equal(used_event.count, told);
}

static void m18_a_queue_that_stands_still_keeps_its_state(void **state)
{
	u8 byte = 0;

	set_desc(0, &byte, 1, VRING_DESC_F_WRITE, 0);
	offer(0, 1);
	ops->kick_vq(mdev, 0);
	await_used(1);
	ops->set_vq_ready(mdev, 0, false);
	assert_int_equal(ops->get_vq_state(mdev, 0), 1);

	ops->set_status(mdev, 0);
	assert_int_equal(ops->get_vq_state(mdev, 0), 0);
	ops->set_vq_ready(mdev, 0, false);
	assert_int_equal(ops->get_vq_state(mdev, 0), 0);
	assert_int_equal(ops->set_vq_state(mdev, 0, 5), 0);
	ops->set_vq_ready(mdev, 0, false);
	assert_int_equal(ops->get_vq_state(mdev, 0), 5);
}

static void m08_a_device_that_goes_at_work_touches_nothing_any_more(void **state)
{
	static u8 big[65536];
	unsigned int i;
	u16 used;

	for (i = 0; i < NUM; i++)
		set_desc(i, big, sizeof(big), VRING_DESC_F_WRITE, 0);
	offer(0, NUM);
	ops->kick_vq(mdev, 0);
	leave_running = true;
	assert_int_equal(destroy(NULL), 0);
	leave_running = false;
	used = used_idx();
	for (i = 0; i < 100; i++)
		sched_yield();
	assert_int_equal(used_idx(), used);
	assert_int_equal(create(NULL), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, create, destroy)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(m18_the_device_says_what_it_is),
		TEST(m18_several_buffers_in_flight_come_back_in_order),
		TEST(m18_a_chain_is_filled_from_its_first_part_to_its_last),
		TEST(m18_indices_wrap_around),
		TEST(m18_nothing_is_delivered_without_a_kick_or_before_driver_ok),
		TEST(m18_a_driver_that_wants_no_callback_gets_none),
		TEST(m18_bad_descriptors_are_refused),
		TEST(m18_bad_queues_are_refused),
		TEST(m18_features_that_are_not_offered_are_refused),
		TEST(m18_a_reset_ends_whatever_is_going_on),
		TEST(m18_a_queue_that_stands_still_keeps_its_state),
		TEST(m08_a_device_that_goes_at_work_touches_nothing_any_more),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
