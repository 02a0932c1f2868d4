// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* The device as a whole and its regions: what they are, reads and writes of all forms. */
#include "vut.h"

#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

static struct vfio_user_client *client;

static int setup(void **state)
{
	vut_setup(state);
	client = vut_open();
	return 0;
}

static int teardown(void **state)
{
	vfio_user_client_close(client);
	return vut_teardown(state);
}

static void the_device_says_what_it_has(void **state)
{
	struct vfio_user_device_info info = { .argsz = 15 };

	assert_int_equal(vut_command(client, VFIO_USER_DEVICE_GET_INFO, 0, &info, sizeof(info),
				     NULL, 0),
			 EINVAL);
	assert_int_equal(vfio_user_client_device_info(client, &info), 0);
	assert_int_equal(info.argsz, sizeof(info));
	assert_int_equal(info.flags, VFIO_DEVICE_FLAGS_PCI | VFIO_DEVICE_FLAGS_RESET);
	assert_int_equal(info.num_regions, VUT_NR_REGIONS);
	assert_int_equal(info.num_irqs, VUT_NR_IRQS);
}

static void a_region_says_its_size_and_flags(void **state)
{
	struct vfio_region_info info = { .argsz = sizeof(info), .index = VUT_BAR };

	assert_int_equal(vfio_user_client_region_info(client, &info, NULL), 0);
	assert_int_equal(info.argsz, sizeof(info));
	assert_int_equal(info.size, VUT_BAR_SIZE);
	assert_int_equal(info.flags, VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE);

	info = (struct vfio_region_info){ .argsz = 4096, .index = VUT_EMPTY };
	assert_int_equal(vfio_user_client_region_info(client, &info, NULL), 0);
	assert_int_equal(info.argsz, sizeof(info));
	assert_int_equal(info.size, 0);
	assert_int_equal(info.flags, 0);

	info = (struct vfio_region_info){ .argsz = sizeof(info), .index = VUT_NR_REGIONS };
	assert_int_equal(vfio_user_client_region_info(client, &info, NULL), -EINVAL);
	info = (struct vfio_region_info){ .argsz = sizeof(info), .index = U32_MAX };
	assert_int_equal(vfio_user_client_region_info(client, &info, NULL), -EINVAL);
}

static void capabilities_come_where_there_is_room_for_them(void **state)
{
	struct {
		struct vfio_region_info info;
		struct vfio_info_cap_header header;
		u32 nr_areas, reserved;
		struct vfio_region_sparse_mmap_area area;
		u8 more[100];
	} reply = { .info = { .argsz = sizeof(reply.info), .index = VUT_CAPS } };
	u32 needed = offsetof(typeof(reply), more);
	int fd = 0;

	assert_int_equal(vfio_user_client_region_info(client, &reply.info, &fd), 0);
	assert_int_equal(reply.info.argsz, needed);
	assert_int_equal(fd, -1);
	assert_true(reply.info.flags & VFIO_REGION_INFO_FLAG_CAPS);
	assert_false(reply.info.flags & VFIO_REGION_INFO_FLAG_MMAP);
	/* What QEMU demands even where it has to ask again. */
	assert_in_range(reply.info.cap_offset, sizeof(reply.info), reply.info.argsz);

	reply.info = (struct vfio_region_info){ .argsz = needed - 1, .index = VUT_CAPS };
	assert_int_equal(vfio_user_client_region_info(client, &reply.info, NULL), 0);
	assert_int_equal(reply.info.argsz, needed);
	assert_int_equal(reply.nr_areas, 0);

	reply.info = (struct vfio_region_info){ .argsz = sizeof(reply), .index = VUT_CAPS };
	assert_int_equal(vfio_user_client_region_info(client, &reply.info, NULL), 0);
	assert_int_equal(reply.info.argsz, needed);
	assert_int_equal(reply.info.cap_offset, sizeof(reply.info));
	assert_int_equal(reply.info.size, 8192);
	assert_int_equal(reply.header.id, VFIO_REGION_INFO_CAP_SPARSE_MMAP);
	assert_int_equal(reply.nr_areas, 1);
	assert_int_equal(reply.area.offset, 4096);
	assert_int_equal(reply.area.size, 4096);
}

static void no_region_has_io_descriptors(void **state)
{
	struct vfio_user_region_io_fds fds = { .argsz = sizeof(fds), .index = VUT_BAR };
	struct iovec iov = { &fds, sizeof(fds) };
	struct vfio_user_region_io_fds reply;

	assert_int_equal(vfio_user_client_request(client, VFIO_USER_DEVICE_GET_REGION_IO_FDS, &iov,
						  1, NULL, 0, &reply, sizeof(reply)),
			 sizeof(reply));
	assert_int_equal(reply.argsz, sizeof(reply));
	assert_int_equal(reply.index, VUT_BAR);
	assert_int_equal(reply.count, 0);
	fds.index = VUT_NR_REGIONS;
	assert_int_equal(vfio_user_client_request(client, VFIO_USER_DEVICE_GET_REGION_IO_FDS, &iov,
						  1, NULL, 0, &reply, sizeof(reply)),
			 -EINVAL);
}

static void what_is_written_is_read_back_in_any_size(void **state)
{
	u8 data[64], back[64];
	size_t i, n;

	for (i = 0; i < sizeof(data); i++)
		data[i] = i * 7 + 1;
	for (n = 0; n <= sizeof(data); n++) {
		memset(vut_dev->bar, 0, sizeof(vut_dev->bar));
		memset(back, 0, sizeof(back));
		assert_int_equal(vfio_user_client_region_write(client, VUT_BAR, n, data, n), n);
		assert_int_equal(vfio_user_client_region_read(client, VUT_BAR, n, back, n), n);
		assert_memory_equal(data, back, n);
		assert_memory_equal(vut_dev->bar + n, data, n);
		assert_int_equal(vut_dev->bar[2 * n], 0);
	}
}

static void the_largest_transfer_fits(void **state)
{
	size_t max = vfio_user_client_server_caps(client)->max_data_xfer_size, i;
	u8 *data = kvmalloc(max, GFP_KERNEL), *back = kvmalloc(max, GFP_KERNEL);

	for (i = 0; i < max; i++)
		data[i] = i * 31 + (i >> 8);
	assert_int_equal(vfio_user_client_region_write(client, VUT_LARGE, 4096, data, max), max);
	assert_memory_equal(vut_dev->large + 4096, data, max);
	assert_int_equal(vfio_user_client_region_read(client, VUT_LARGE, 4096, back, max), max);
	assert_memory_equal(back, data, max);
	assert_int_equal(vfio_user_client_region_read(client, VUT_LARGE, 0, back, max + 1),
			 -EINVAL);
	kvfree(data);
	kvfree(back);
}

static void accesses_outside_a_region_are_refused(void **state)
{
	static const struct {
		u32 region;
		u64 offset;
		u32 count;
	} table[] = {
		{ VUT_BAR, VUT_BAR_SIZE, 1 },	  { VUT_BAR, VUT_BAR_SIZE - 3, 4 },
		{ VUT_BAR, 0, VUT_BAR_SIZE + 1 }, { VUT_BAR, U64_MAX, 1 },
		{ VUT_BAR, U64_MAX - 3, 8 },	  { VUT_BAR, 1ull << 40, 4 },
		{ VUT_BAR, 4, U32_MAX },	  { VUT_EMPTY, 0, 1 },
		{ VUT_NR_REGIONS, 0, 4 },	  { U32_MAX, 0, 4 },
	};
	u8 buf[sizeof(struct vfio_user_region_access) + 8] = { 0 };
	struct vfio_user_region_access *access = (void *)buf;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(table); i++) {
		access->region = table[i].region;
		access->offset = table[i].offset;
		access->count = table[i].count;
		assert_int_equal(vut_command(client, VFIO_USER_REGION_READ, 0, access,
					     sizeof(*access), NULL, 0),
				 EINVAL);
		assert_int_equal(vut_command(client, VFIO_USER_REGION_WRITE, 0, access,
					     sizeof(*access) + min(table[i].count, 8u), NULL, 0),
				 EINVAL);
	}
}

static void a_read_only_region_cannot_be_written(void **state)
{
	u8 data[64];
	size_t i;

	assert_int_equal(vfio_user_client_region_read(client, VUT_READ_ONLY, 0, data, 64), 64);
	for (i = 0; i < 64; i++)
		assert_int_equal(data[i], i);
	assert_int_equal(vfio_user_client_region_write(client, VUT_READ_ONLY, 0, data, 4), -EINVAL);
}

static void the_drivers_error_is_the_clients(void **state)
{
	u32 value = 0;

	assert_int_equal(vfio_user_client_region_read(client, VUT_FAILING, 0, &value, 4), -EIO);
	assert_int_equal(vfio_user_client_region_write(client, VUT_FAILING, 0, &value, 4), -EIO);
	vfio_user_client_close(client);
	client = NULL;
	vut_assert_serves();
}

static void a_write_has_as_much_data_as_it_says(void **state)
{
	u8 buf[sizeof(struct vfio_user_region_access) + 8] = { 0 };
	struct vfio_user_region_access *access = (void *)buf;

	*access = (struct vfio_user_region_access){ .region = VUT_BAR, .count = 4 };
	assert_int_equal(vut_command(client, VFIO_USER_REGION_WRITE, 0, buf, sizeof(*access) + 3,
				     NULL, 0),
			 EINVAL);
	assert_int_equal(vut_command(client, VFIO_USER_REGION_WRITE, 0, buf, sizeof(*access) + 5,
				     NULL, 0),
			 EINVAL);
	assert_int_equal(vut_command(client, VFIO_USER_REGION_WRITE, 0, buf, sizeof(*access) + 4,
				     NULL, 0),
			 0);
}

static void a_posted_write_is_done_before_the_next_read(void **state)
{
	u32 i, back;

	for (i = 1; i < 1000; i++) {
		assert_int_equal(vfio_user_client_region_post(client, VUT_BAR, 8, &i, 4), 0);
		assert_int_equal(vfio_user_client_region_read(client, VUT_BAR, 8, &back, 4), 4);
		assert_int_equal(back, i);
	}
}

static void a_posted_write_that_fails_says_nothing(void **state)
{
	u32 value = 0;

	assert_int_equal(vfio_user_client_region_post(client, VUT_FAILING, 0, &value, 4), 0);
	assert_int_equal(vfio_user_client_region_post(client, VUT_NR_REGIONS, 0, &value, 4), 0);
	assert_int_equal(vfio_user_client_region_read(client, VUT_BAR, 0, &value, 4), 4);
}

static void many_writes_come_in_one_message(void **state)
{
	struct vfio_user_single_write wrs[200] = { 0 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(wrs); i++) {
		wrs[i].region = VUT_BAR;
		wrs[i].offset = 16 * i;
		wrs[i].count = 1 + i % 8;
		memset(wrs[i].data, i + 1, sizeof(wrs[i].data));
	}
	assert_int_equal(vfio_user_client_region_write_multi(client, wrs, 200, false), 200);
	for (i = 0; i < ARRAY_SIZE(wrs); i++) {
		assert_memory_equal(vut_dev->bar + 16 * i, wrs[i].data, wrs[i].count);
		assert_int_equal(vut_dev->bar[16 * i + wrs[i].count], 0);
	}
	assert_int_equal(vfio_user_client_region_write_multi(client, wrs, 0, false), 0);
	assert_int_equal(vfio_user_client_region_write_multi(client, wrs, 3, true), 3);
	assert_int_equal(vfio_user_client_reset(client), 0);
}

static void of_many_writes_all_are_good_or_none_is_done(void **state)
{
	struct vfio_user_single_write wrs[3] = {
		{ .region = VUT_BAR, .offset = 0, .count = 4, .data = { 1 } },
		{ .region = VUT_BAR, .offset = 8, .count = 4, .data = { 2 } },
		{ .region = VUT_BAR, .offset = 16, .count = 9, .data = { 3 } },
	};

	assert_int_equal(vfio_user_client_region_write_multi(client, wrs, 3, false), -EINVAL);
	wrs[2].count = 4;
	wrs[2].offset = VUT_BAR_SIZE - 3;
	assert_int_equal(vfio_user_client_region_write_multi(client, wrs, 3, false), -EINVAL);
	wrs[2].region = U32_MAX;
	assert_int_equal(vfio_user_client_region_write_multi(client, wrs, 3, false), -EINVAL);
	assert_int_equal(vut_dev->bar[0], 0);
	assert_int_equal(vut_dev->bar[8], 0);

	/* One that the driver refuses ends it. */
	wrs[2] = (struct vfio_user_single_write){ .region = VUT_FAILING, .count = 4 };
	assert_int_equal(vfio_user_client_region_write_multi(client, wrs, 3, false), 2);
	assert_int_equal(vut_dev->bar[8], 2);
	wrs[0] = wrs[2];
	assert_int_equal(vfio_user_client_region_write_multi(client, wrs, 3, false), -EIO);
}

static void the_count_of_many_writes_is_that_of_the_message(void **state)
{
	static const u64 counts[] = { 0, 2, 4, U64_MAX, (U64_MAX / 24) + 4, 1ull << 61 };
	u8 msg[8 + 3 * 24] = { 0 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		memcpy(msg, &counts[i], sizeof(u64));
		assert_int_equal(vut_command(client, VFIO_USER_REGION_WRITE_MULTI, 0, msg,
					     sizeof(msg), NULL, 0),
				 EINVAL);
	}
	msg[0] = 3;
	memset(msg + 1, 0, 7);
	assert_int_equal(vut_command(client, VFIO_USER_REGION_WRITE_MULTI, 0, msg, sizeof(msg) - 1,
				     NULL, 0),
			 EINVAL);
	assert_int_equal(
		vut_command(client, VFIO_USER_REGION_WRITE_MULTI, 0, msg, sizeof(msg), NULL, 0), 0);
}

static void many_writes_have_to_be_agreed_upon(void **state)
{
	struct vfio_user_caps caps = { .named = VFIO_USER_CAP_MAX_MSG_FDS, .max_msg_fds = 1 };
	u64 count = 0;

	vfio_user_client_close(client);
	client = vut_connect();
	assert_int_equal(vfio_user_client_version(client, &caps), 0);
	assert_int_equal(vut_command(client, VFIO_USER_REGION_WRITE_MULTI, 0, &count, sizeof(count),
				     NULL, 0),
			 EOPNOTSUPP);
}

/* Eight writes and a read of what they wrote. */
static size_t make_batch(u8 *buf)
{
	struct vfio_user_header header = { .cmd = VFIO_USER_REGION_WRITE };
	struct vfio_user_region_access access = { .region = VUT_BAR };
	size_t len = 0;
	int i;

	for (i = 0; i < 8; i++) {
		header.msg_id = i;
		header.msg_size = sizeof(header) + sizeof(access) + i + 1;
		access.offset = i * 8;
		access.count = i + 1;
		memcpy(buf + len, &header, sizeof(header));
		memcpy(buf + len + sizeof(header), &access, sizeof(access));
		memset(buf + len + sizeof(header) + sizeof(access), 0x10 + i, access.count);
		len += header.msg_size;
	}
	header = (struct vfio_user_header){ .msg_id = 8,
					    .cmd = VFIO_USER_REGION_READ,
					    .msg_size = sizeof(header) + sizeof(access) };
	access = (struct vfio_user_region_access){ .region = VUT_BAR, .count = 64 };
	memcpy(buf + len, &header, sizeof(header));
	memcpy(buf + len + sizeof(header), &access, sizeof(access));
	return len + header.msg_size;
}

static void expect_batch(void)
{
	struct vfio_user_header header;
	u8 payload[128];
	int i;

	for (i = 0; i < 9; i++) {
		ssize_t size = vfio_user_client_recv_raw(client, &header, payload, sizeof(payload));

		assert_int_equal(size, i < 8 ? 16 : 16 + 64);
		assert_int_equal(header.msg_id, i);
		assert_int_equal(header.flags, VFIO_USER_TYPE_REPLY);
	}
	for (i = 0; i < 8; i++) {
		assert_int_equal(payload[16 + i * 8], 0x10 + i);
		assert_int_equal(payload[16 + i * 8 + i], 0x10 + i);
	}
}

static void requests_in_one_piece_are_answered_in_order(void **state)
{
	u8 buf[1024];
	size_t len = make_batch(buf);

	assert_int_equal(vfio_user_client_send_raw(client, buf, len, NULL, 0), 0);
	expect_batch();
}

static void requests_byte_by_byte_are_answered_in_order(void **state)
{
	u8 buf[1024];
	size_t len = make_batch(buf), i;

	for (i = 0; i < len; i++)
		assert_int_equal(vfio_user_client_send_raw(client, buf + i, 1, NULL, 0), 0);
	expect_batch();
}

static void requests_cut_anywhere_are_answered_in_order(void **state)
{
	u8 buf[1024];
	size_t len = make_batch(buf), cut;

	for (cut = 1; cut < len; cut += 7) {
		assert_int_equal(vfio_user_client_send_raw(client, buf, cut, NULL, 0), 0);
		assert_int_equal(vfio_user_client_send_raw(client, buf + cut, len - cut, NULL, 0),
				 0);
		expect_batch();
	}
}

static void a_reset_reaches_the_driver(void **state)
{
	vut_dev->bar[5] = 5;
	assert_int_equal(vfio_user_client_reset(client), 0);
	assert_int_equal(atomic_read(&vut_dev->resets), 1);
	assert_int_equal(vut_dev->bar[5], 0);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(the_device_says_what_it_has),
		T(a_region_says_its_size_and_flags),
		T(capabilities_come_where_there_is_room_for_them),
		T(no_region_has_io_descriptors),
		T(what_is_written_is_read_back_in_any_size),
		T(the_largest_transfer_fits),
		T(accesses_outside_a_region_are_refused),
		T(a_read_only_region_cannot_be_written),
		T(the_drivers_error_is_the_clients),
		T(a_write_has_as_much_data_as_it_says),
		T(a_posted_write_is_done_before_the_next_read),
		T(a_posted_write_that_fails_says_nothing),
		T(many_writes_come_in_one_message),
		T(of_many_writes_all_are_good_or_none_is_done),
		T(the_count_of_many_writes_is_that_of_the_message),
		T(many_writes_have_to_be_agreed_upon),
		T(requests_in_one_piece_are_answered_in_order),
		T(requests_byte_by_byte_are_answered_in_order),
		T(requests_cut_anywhere_are_answered_in_order),
		T(a_reset_reaches_the_driver),
	};

	return cmocka_run_group_tests(tests, vut_up, vut_down);
}
