// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* The driver's side of a virtqueue, with the test as the device. Row M18. */
#include "mdev_testing.h"

#include <errno.h>
#include <string.h>

#include <linux/device.h>
#include <linux/virtio.h>
#include <linux/virtio_ring.h>

#define NUM 4

static struct virtio_device vdev;
static struct virtqueue *vq;
static struct vring ring;
static unsigned int kicks;
static unsigned int callbacks;
static u8 memory[NUM][16];

static bool notify(struct virtqueue *queue)
{
	kicks++;
	return true;
}

static void callback(struct virtqueue *queue)
{
	callbacks++;
}

static void release(struct device *dev)
{
}

static int setup(void **state)
{
	test_start();
	vdev.dev.release = release;
	device_initialize(&vdev.dev);
	dev_set_name(&vdev.dev, "virtio-test");
	spin_lock_init(&vdev.vqs_list_lock);
	INIT_LIST_HEAD(&vdev.vqs);
	return 0;
}

static int teardown(void **state)
{
	put_device(&vdev.dev);
	test_stop();
	return 0;
}

static int make(void **state)
{
	kicks = 0;
	callbacks = 0;
	vq = vring_create_virtqueue(3, NUM, 64, &vdev, true, false, false, notify, callback,
				    "test");
	assert_non_null(vq);
	ring.num = NUM;
	ring.desc = (void *)(uintptr_t)virtqueue_get_desc_addr(vq);
	ring.avail = (void *)(uintptr_t)virtqueue_get_avail_addr(vq);
	ring.used = (void *)(uintptr_t)virtqueue_get_used_addr(vq);
	return 0;
}

static int unmake(void **state)
{
	vring_del_virtqueue(vq);
	assert_true(list_empty(&vdev.vqs));
	return 0;
}

static int add(unsigned int parts, void *data)
{
	struct virtqueue_buf buf[NUM];
	unsigned int i;

	for (i = 0; i < parts; i++)
		buf[i] = (struct virtqueue_buf){ memory[i], sizeof(memory[i]) };
	return virtqueue_add_inbuf(vq, buf, parts, data, GFP_KERNEL);
}

static void use(u32 id, u32 len)
{
	ring.used->ring[ring.used->idx % NUM] = (struct vring_used_elem){ id, len };
	ring.used->idx++;
}

static void m18_a_queue_is_laid_out_as_specified(void **state)
{
	assert_int_equal(virtqueue_get_vring_size(vq), NUM);
	assert_int_equal(vq->index, 3);
	assert_int_equal(vq->num_free, NUM);
	assert_int_equal((uintptr_t)ring.desc % 64, 0);
	assert_int_equal((uintptr_t)ring.used % 64, 0);
	assert_int_equal((uintptr_t)ring.avail - (uintptr_t)ring.desc, NUM * 16);
	assert_null(
		vring_create_virtqueue(0, 3, 64, &vdev, true, false, false, notify, NULL, "odd"));
	assert_null(
		vring_create_virtqueue(0, 0, 64, &vdev, true, false, false, notify, NULL, "none"));
	assert_null(
		vring_create_virtqueue(0, 4, 48, &vdev, true, false, false, notify, NULL, "odd"));
}

static void m18_buffers_go_out_and_come_back(void **state)
{
	struct virtqueue_buf out = { memory[3], 5 };
	unsigned int len;
	u16 head;

	assert_int_equal(add(2, "two"), 0);
	assert_int_equal(virtqueue_add_outbuf(vq, &out, 1, "out", GFP_KERNEL), 0);
	assert_int_equal(vq->num_free, 1);
	assert_int_equal(ring.avail->idx, 2);

	head = ring.avail->ring[0];
	assert_int_equal(ring.desc[head].addr, (uintptr_t)memory[0]);
	assert_int_equal(ring.desc[head].flags, VRING_DESC_F_WRITE | VRING_DESC_F_NEXT);
	assert_int_equal(ring.desc[ring.desc[head].next].addr, (uintptr_t)memory[1]);
	assert_int_equal(ring.desc[ring.desc[head].next].flags, VRING_DESC_F_WRITE);
	assert_int_equal(ring.desc[ring.avail->ring[1]].flags, 0);
	assert_int_equal(ring.desc[ring.avail->ring[1]].len, 5);

	assert_null(virtqueue_get_buf(vq, &len));
	use(ring.avail->ring[1], 0);
	use(head, 32);
	assert_string_equal(virtqueue_get_buf(vq, &len), "out");
	assert_int_equal(len, 0);
	assert_string_equal(virtqueue_get_buf(vq, &len), "two");
	assert_int_equal(len, 32);
	assert_null(virtqueue_get_buf(vq, &len));
	assert_int_equal(vq->num_free, NUM);
}

static void m18_a_full_queue_takes_no_more(void **state)
{
	unsigned int len;

	assert_int_equal(add(3, "three"), 0);
	assert_int_equal(add(2, "two"), -ENOSPC);
	assert_int_equal(add(1, "one"), 0);
	assert_int_equal(add(1, "one"), -ENOSPC);
	assert_int_equal(vq->num_free, 0);
	use(ring.avail->ring[0], 1);
	assert_string_equal(virtqueue_get_buf(vq, &len), "three");
	assert_int_equal(add(3, "again"), 0);
}

static void m18_what_is_no_buffer_is_refused(void **state)
{
	struct virtqueue_buf buf = { NULL, 1 };

	assert_int_equal(virtqueue_add_inbuf(vq, &buf, 1, "x", GFP_KERNEL), -EINVAL);
	buf = (struct virtqueue_buf){ memory[0], 0 };
	assert_int_equal(virtqueue_add_inbuf(vq, &buf, 1, "x", GFP_KERNEL), -EINVAL);
	assert_int_equal(add(0, "x"), -EINVAL);
	assert_int_equal(add(1, NULL), -EINVAL);
	assert_int_equal(ring.avail->idx, 0);
	assert_int_equal(vq->num_free, NUM);
}

static void m18_the_device_is_kicked_for_new_buffers_if_it_wants_to(void **state)
{
	assert_true(virtqueue_kick(vq));
	assert_int_equal(kicks, 0);
	assert_int_equal(add(1, "a"), 0);
	assert_true(virtqueue_kick(vq));
	assert_true(virtqueue_kick(vq));
	assert_int_equal(kicks, 1);
	ring.used->flags = VRING_USED_F_NO_NOTIFY;
	assert_int_equal(add(1, "b"), 0);
	assert_true(virtqueue_kick(vq));
	assert_int_equal(kicks, 1);
}

static void m18_callbacks_can_be_put_off(void **state)
{
	unsigned int len;

	virtqueue_disable_cb(vq);
	assert_int_equal(ring.avail->flags, VRING_AVAIL_F_NO_INTERRUPT);
	assert_true(virtqueue_enable_cb(vq));
	assert_int_equal(ring.avail->flags, 0);
	assert_int_equal(add(1, "a"), 0);
	use(ring.avail->ring[0], 1);
	assert_false(virtqueue_enable_cb(vq));
	assert_int_equal(vring_interrupt(0, vq), IRQ_HANDLED);
	assert_int_equal(callbacks, 1);
	assert_non_null(virtqueue_get_buf(vq, &len));
}

static void m18_what_was_not_used_can_be_taken_back(void **state)
{
	assert_int_equal(add(2, "a"), 0);
	assert_int_equal(add(1, "b"), 0);
	assert_non_null(virtqueue_detach_unused_buf(vq));
	assert_non_null(virtqueue_detach_unused_buf(vq));
	assert_null(virtqueue_detach_unused_buf(vq));
	assert_int_equal(vq->num_free, NUM);
}

static void expect_broken(void)
{
	unsigned int len;

	assert_null(virtqueue_get_buf(vq, &len));
	assert_true(virtqueue_is_broken(vq));
	assert_int_equal(add(1, "b"), -EIO);
	assert_false(virtqueue_kick(vq));
	assert_int_equal(kicks, 0);
}

static void m18_a_device_that_returns_a_buffer_out_of_range_breaks_the_queue(void **state)
{
	assert_int_equal(add(1, "a"), 0);
	use(NUM, 1);
	expect_broken();
}

static void m18_a_device_that_returns_what_it_was_not_given_breaks_the_queue(void **state)
{
	assert_int_equal(add(2, "a"), 0);
	/* A part of the buffer that is not its first one. */
	use(ring.desc[ring.avail->ring[0]].next, 1);
	expect_broken();
}

static void m18_a_device_that_wrote_more_than_it_could_breaks_the_queue(void **state)
{
	assert_int_equal(add(1, "a"), 0);
	use(ring.avail->ring[0], 17);
	expect_broken();
}

static void m18_a_broken_device_has_only_broken_queues(void **state)
{
	assert_int_equal(add(1, "a"), 0);
	virtio_break_device(&vdev);
	use(ring.avail->ring[0], 1);
	expect_broken();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(m18_a_queue_is_laid_out_as_specified),
		TEST(m18_buffers_go_out_and_come_back),
		TEST(m18_a_full_queue_takes_no_more),
		TEST(m18_what_is_no_buffer_is_refused),
		TEST(m18_the_device_is_kicked_for_new_buffers_if_it_wants_to),
		TEST(m18_callbacks_can_be_put_off),
		TEST(m18_what_was_not_used_can_be_taken_back),
		TEST(m18_a_device_that_returns_a_buffer_out_of_range_breaks_the_queue),
		TEST(m18_a_device_that_returns_what_it_was_not_given_breaks_the_queue),
		TEST(m18_a_device_that_wrote_more_than_it_could_breaks_the_queue),
		TEST(m18_a_broken_device_has_only_broken_queues),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
