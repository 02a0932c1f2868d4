// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* What no client should send: each gets an error reply or the end of its connection, nothing more. */
#include "vut.h"

#include <linux/kernel.h>
#include <linux/string.h>

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* Commands with a payload of @size zeroes, and the errno of the reply. */
static const struct {
	u16 cmd;
	size_t size;
	int nfds;
	int answer;
} short_or_unknown[] = {
	{ VFIO_USER_DMA_MAP, 0, 0, EINVAL },
	{ VFIO_USER_DMA_MAP, 31, 0, EINVAL },
	{ VFIO_USER_DMA_MAP, 31, 1, EINVAL },
	{ VFIO_USER_DMA_MAP, 32, 2, EINVAL },
	{ VFIO_USER_DMA_MAP, 32, 16, EINVAL },
	{ VFIO_USER_DMA_UNMAP, 0, 0, EINVAL },
	{ VFIO_USER_DMA_UNMAP, 23, 0, EINVAL },
	{ VFIO_USER_DMA_UNMAP, 24, 1, EINVAL },
	{ VFIO_USER_DEVICE_GET_INFO, 0, 0, EINVAL },
	{ VFIO_USER_DEVICE_GET_INFO, 15, 0, EINVAL },
	{ VFIO_USER_DEVICE_GET_INFO, 16, 0, EINVAL },
	{ VFIO_USER_DEVICE_GET_INFO, 16, 1, EINVAL },
	{ VFIO_USER_DEVICE_GET_REGION_INFO, 0, 0, EINVAL },
	{ VFIO_USER_DEVICE_GET_REGION_INFO, 31, 0, EINVAL },
	{ VFIO_USER_DEVICE_GET_REGION_INFO, 32, 0, EINVAL },
	{ VFIO_USER_DEVICE_GET_REGION_INFO, 32, 3, EINVAL },
	{ VFIO_USER_DEVICE_GET_REGION_IO_FDS, 15, 0, EINVAL },
	{ VFIO_USER_DEVICE_GET_REGION_IO_FDS, 16, 0, EINVAL },
	{ VFIO_USER_DEVICE_GET_IRQ_INFO, 0, 0, EINVAL },
	{ VFIO_USER_DEVICE_GET_IRQ_INFO, 15, 0, EINVAL },
	{ VFIO_USER_DEVICE_GET_IRQ_INFO, 16, 0, EINVAL },
	{ VFIO_USER_DEVICE_SET_IRQS, 0, 0, EINVAL },
	{ VFIO_USER_DEVICE_SET_IRQS, 0, 16, EINVAL },
	{ VFIO_USER_DEVICE_SET_IRQS, 19, 1, EINVAL },
	{ VFIO_USER_REGION_READ, 0, 0, EINVAL },
	{ VFIO_USER_REGION_READ, 15, 0, EINVAL },
	{ VFIO_USER_REGION_READ, 16, 1, EINVAL },
	{ VFIO_USER_REGION_READ, 16, 16, EINVAL },
	{ VFIO_USER_REGION_WRITE, 0, 0, EINVAL },
	{ VFIO_USER_REGION_WRITE, 15, 0, EINVAL },
	{ VFIO_USER_REGION_WRITE, 17, 0, EINVAL },
	{ VFIO_USER_REGION_WRITE, 16, 1, EINVAL },
	{ VFIO_USER_REGION_WRITE_MULTI, 0, 0, EINVAL },
	{ VFIO_USER_REGION_WRITE_MULTI, 7, 0, EINVAL },
	{ VFIO_USER_REGION_WRITE_MULTI, 9, 0, EINVAL },
	{ VFIO_USER_REGION_WRITE_MULTI, 32, 0, EINVAL },
	{ VFIO_USER_DEVICE_RESET, 0, 1, EINVAL },
	{ VFIO_USER_DIRTY_PAGES, 0, 0, EOPNOTSUPP },
	{ VFIO_USER_DIRTY_PAGES, 64, 0, EOPNOTSUPP },
	{ VFIO_USER_DIRTY_PAGES, 64, 1, EINVAL },
	{ VFIO_USER_DEVICE_FEATURE, 8, 0, EOPNOTSUPP },
	{ VFIO_USER_MIG_DATA_READ, 8, 0, EOPNOTSUPP },
	{ VFIO_USER_MIG_DATA_WRITE, 1000, 0, EOPNOTSUPP },
	/* the server's own commands, and none at all */
	{ VFIO_USER_DMA_READ, 16, 0, EINVAL },
	{ VFIO_USER_DMA_WRITE, 16, 0, EINVAL },
	{ 0, 0, 0, EINVAL },
	{ 19, 0, 0, EINVAL },
	{ 0x8000, 16, 0, EINVAL },
	{ U16_MAX, 16, 16, EINVAL },
};

static void a_command_that_makes_no_sense_gets_an_error_reply(void **state)
{
	static const u8 zeroes[1024];
	struct vfio_user_client *client = vut_open();
	int before = vut_count_fds(), fds[16];
	struct vfio_user_device_info info;
	size_t i;
	int ret;

	for (i = 0; i < ARRAY_SIZE(fds); i++)
		fds[i] = open("/dev/null", O_RDONLY | O_CLOEXEC);
	for (i = 0; i < ARRAY_SIZE(short_or_unknown); i++) {
		ret = vut_command(client, short_or_unknown[i].cmd, 0, zeroes,
				  short_or_unknown[i].size, fds, short_or_unknown[i].nfds);
		if (ret != short_or_unknown[i].answer)
			fail_msg("row %zu answered %d, not %d", i, ret, short_or_unknown[i].answer);
		assert_int_equal(vfio_user_client_device_info(client, &info), 0);
	}
	for (i = 0; i < ARRAY_SIZE(fds); i++)
		close(fds[i]);
	vut_wait_fds(before);
	vfio_user_client_close(client);
}

static void a_command_that_wants_no_reply_gets_none_even_if_it_makes_no_sense(void **state)
{
	static const u8 zeroes[1024];
	struct vfio_user_client *client = vut_open();
	struct vfio_user_header header = { .flags = VFIO_USER_NO_REPLY };
	struct vfio_user_device_info info;
	u8 msg[sizeof(header) + sizeof(zeroes)];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(short_or_unknown); i++) {
		header.cmd = short_or_unknown[i].cmd;
		header.msg_size = sizeof(header) + short_or_unknown[i].size;
		memcpy(msg, &header, sizeof(header));
		memcpy(msg + sizeof(header), zeroes, short_or_unknown[i].size);
		assert_int_equal(vfio_user_client_send_raw(client, msg, header.msg_size, NULL, 0),
				 0);
	}
	assert_int_equal(vfio_user_client_device_info(client, &info), 0);
	vfio_user_client_close(client);
}

static void a_reply_that_nobody_waits_for_is_dropped(void **state)
{
	struct vfio_user_client *client = vut_open();
	struct vfio_user_header header = { .cmd = VFIO_USER_DMA_READ,
					   .msg_size = 48,
					   .flags = VFIO_USER_TYPE_REPLY };
	struct vfio_user_device_info info;
	u8 msg[48] = { 0 };
	int i;

	for (i = 0; i < 100; i++) {
		header.msg_id = i;
		memcpy(msg, &header, sizeof(header));
		assert_int_equal(vfio_user_client_send_raw(client, msg, sizeof(msg), NULL, 0), 0);
	}
	assert_int_equal(vfio_user_client_device_info(client, &info), 0);
	vfio_user_client_close(client);
}

/* Headers behind which nothing can be understood. */
static const struct vfio_user_header broken[] = {
	{ 1, VFIO_USER_DEVICE_GET_INFO, 0, 0, 0 },
	{ 1, VFIO_USER_DEVICE_GET_INFO, 1, 0, 0 },
	{ 1, VFIO_USER_DEVICE_GET_INFO, 15, 0, 0 },
	{ 1, VFIO_USER_REGION_WRITE, VFIO_USER_MAX_MSG_SIZE + 1, 0, 0 },
	{ 1, VFIO_USER_REGION_WRITE, 0x7fffffff, 0, 0 },
	{ 1, VFIO_USER_REGION_WRITE, 0x80000000, 0, 0 },
	{ 1, VFIO_USER_REGION_WRITE, U32_MAX, 0, 0 },
	{ 1, VFIO_USER_DEVICE_GET_INFO, 32, 2, 0 },
	{ 1, VFIO_USER_DEVICE_GET_INFO, 32, 0xf, 0 },
	{ 1, VFIO_USER_VERSION, 0, 0, 0 },
	{ U16_MAX, U16_MAX, U32_MAX, U32_MAX & ~VFIO_USER_NO_REPLY, U32_MAX },
};

static void a_broken_stream_gets_an_error_reply_and_is_closed(void **state)
{
	struct vfio_user_client *client;
	struct vfio_user_header reply;
	u8 payload[16];
	size_t i;
	int open;

	for (i = 0; i < ARRAY_SIZE(broken); i++) {
		for (open = 0; open < 2; open++) {
			client = open ? vut_open() : vut_connect();
			assert_int_equal(vfio_user_client_send_raw(client, &broken[i],
								   sizeof(broken[i]), NULL, 0),
					 0);
			assert_int_equal(vfio_user_client_recv_raw(client, &reply, payload,
								   sizeof(payload)),
					 0);
			assert_int_equal(reply.msg_id, broken[i].msg_id);
			assert_int_equal(reply.flags, VFIO_USER_TYPE_REPLY | VFIO_USER_ERROR);
			assert_int_equal(reply.error_no, EINVAL);
			vut_assert_closed(client);
			vfio_user_client_close(client);
		}
	}
	vut_assert_serves();
}

static void too_many_descriptors_end_the_connection(void **state)
{
	struct vfio_user_client *client = vut_open();
	struct vfio_irq_set set = { .argsz = sizeof(set) };
	int before = vut_count_fds(), fds[32], i;

	for (i = 0; i < 32; i++)
		fds[i] = open("/dev/null", O_RDONLY | O_CLOEXEC);
	assert_int_equal(vut_command(client, VFIO_USER_DEVICE_SET_IRQS, 0, &set, sizeof(set), fds,
				     32),
			 EINVAL);
	vut_assert_closed(client);
	for (i = 0; i < 32; i++)
		close(fds[i]);
	vfio_user_client_close(client);
	vut_assert_serves();
	/* Its own socket at both ends. */
	vut_wait_fds(before - 2);
}

static void descriptors_before_the_version_is_agreed_end_the_connection(void **state)
{
	struct vfio_user_version version = { VFIO_USER_MAJOR, VFIO_USER_MINOR };
	int before = vut_count_fds(), fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	struct vfio_user_client *client = vut_connect();

	assert_int_equal(vut_command(client, VFIO_USER_VERSION, 0, &version, sizeof(version), &fd,
				     1),
			 EINVAL);
	vut_assert_closed(client);
	vfio_user_client_close(client);
	close(fd);
	vut_assert_serves();
	vut_wait_fds(before);
}

static void good_requests_before_the_break_are_answered(void **state)
{
	struct vfio_user_client *client = vut_open();
	struct {
		struct vfio_user_header header;
		struct vfio_user_device_info info;
		struct vfio_user_header broken;
	} msg = {
		.header = { 5, VFIO_USER_DEVICE_GET_INFO, 32, 0, 0 },
		.info = { .argsz = 16 },
		.broken = { 6, VFIO_USER_DEVICE_GET_INFO, 3, 0, 0 },
	};
	struct vfio_user_header reply;
	u8 payload[16];

	assert_int_equal(vfio_user_client_send_raw(client, &msg, sizeof(msg), NULL, 0), 0);
	assert_int_equal(vfio_user_client_recv_raw(client, &reply, payload, 16), 16);
	assert_int_equal(reply.msg_id, 5);
	assert_int_equal(vfio_user_client_recv_raw(client, &reply, payload, 16), 0);
	assert_int_equal(reply.msg_id, 6);
	vut_assert_closed(client);
	vfio_user_client_close(client);
}

/* Bytes that have been a good message once; reproducible. */
static void messages_with_random_bytes_do_no_harm(void **state)
{
	static const u16 cmds[] = { 2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 15 };
	struct vfio_user_client *client = vut_open();
	struct {
		struct vfio_user_header header;
		u8 payload[64];
	} msg;
	struct vfio_user_header reply;
	int before, i, fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	u8 payload[128];
	size_t j, size;
	ssize_t ret;

	before = vut_count_fds();
	srandom(1);
	for (i = 0; i < 3000; i++) {
		size = random() % (sizeof(msg.payload) + 1);
		msg.header = (struct vfio_user_header){ i, cmds[random() % ARRAY_SIZE(cmds)],
							sizeof(msg.header) + size, 0, random() };
		for (j = 0; j < size; j++)
			msg.payload[j] = random() % 3 ? 0 : random();
		ret = vfio_user_client_send_raw(client, &msg, msg.header.msg_size, &fd,
						random() % 8 == 0);
		if (!ret)
			ret = vfio_user_client_recv_raw(client, &reply, payload, sizeof(payload));
		assert_true(ret >= 0);
		assert_int_equal(reply.msg_id, (u16)i);
	}
	vut_wait_fds(before);
	close(fd);
	vfio_user_client_close(client);
	vut_assert_serves();
}

static int teardown(void **state)
{
	vut_assert_serves();
	return vut_teardown(state);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, vut_setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_command_that_makes_no_sense_gets_an_error_reply),
		T(a_command_that_wants_no_reply_gets_none_even_if_it_makes_no_sense),
		T(a_reply_that_nobody_waits_for_is_dropped),
		T(a_broken_stream_gets_an_error_reply_and_is_closed),
		T(too_many_descriptors_end_the_connection),
		T(descriptors_before_the_version_is_agreed_end_the_connection),
		T(good_requests_before_the_break_are_answered),
		T(messages_with_random_bytes_do_no_harm),
	};

	return cmocka_run_group_tests(tests, vut_up, vut_down);
}
