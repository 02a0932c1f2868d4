// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* The negotiation: what a client may propose and what it gets. */
#include "vut.h"

#include <linux/kernel.h>
#include <linux/string.h>

/* Propose a version; the reply's payload and its length, or minus the errno of an error reply. */
static ssize_t propose(struct vfio_user_client *client, u16 major, u16 minor, const char *data,
		       size_t len, void *reply, size_t size)
{
	struct vfio_user_version version = { major, minor };
	struct iovec iov[2] = { { &version, sizeof(version) }, { (void *)data, len } };

	memset(reply, 0, size);
	return vfio_user_client_request(client, VFIO_USER_VERSION, iov, 2, NULL, 0, reply, size);
}

static void the_minor_version_is_the_lower_one(void **state)
{
	static const struct {
		u16 proposed, answered;
	} table[] = { { 0, 0 }, { 1, 1 }, { 2, 1 }, { U16_MAX, 1 } };
	struct vfio_user_client *client;
	struct vfio_user_version *reply;
	u8 buf[64];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(table); i++) {
		client = vut_connect();
		assert_int_equal(propose(client, 0, table[i].proposed, NULL, 0, buf, sizeof(buf)),
				 4);
		reply = (void *)buf;
		assert_int_equal(reply->major, 0);
		assert_int_equal(reply->minor, table[i].answered);
		vfio_user_client_close(client);
	}
}

static void capabilities_are_a_subset_of_those_proposed(void **state)
{
	static const struct {
		const char *proposed, *answered;
	} table[] = {
		{ "{}", "{\"capabilities\":{}}" },
		{ "{\"capabilities\":{\"max_msg_fds\":1}}",
		  "{\"capabilities\":{\"max_msg_fds\":16}}" },
		{ "{\"capabilities\":{\"write_multiple\":true}}",
		  "{\"capabilities\":{\"write_multiple\":true}}" },
		{ "{\"capabilities\":{\"write_multiple\":false}}",
		  "{\"capabilities\":{\"write_multiple\":false}}" },
		{ "{\"capabilities\":{\"max_dma_maps\":100,\"future\":{}}}",
		  "{\"capabilities\":{\"max_dma_maps\":100}}" },
		{ "{\"capabilities\":{\"max_dma_maps\":1000000}}",
		  "{\"capabilities\":{\"max_dma_maps\":65535}}" },
		{ "{\"capabilities\":{\"pgsizes\":2101248}}",
		  "{\"capabilities\":{\"pgsizes\":2101248}}" },
		{ "{\"capabilities\":{\"pgsizes\":5120}}",
		  "{\"capabilities\":{\"pgsizes\":4096}}" },
		{ "{\"capabilities\":{\"twin_socket\":{\"supported\":true}}}",
		  "{\"capabilities\":{}}" },
	};
	struct vfio_user_client *client;
	char buf[256];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(table); i++) {
		client = vut_connect();
		assert_int_equal(propose(client, 0, 1, table[i].proposed,
					 strlen(table[i].proposed) + 1, buf, sizeof(buf)),
				 4 + strlen(table[i].answered) + 1);
		assert_string_equal(buf + 4, table[i].answered);
		vfio_user_client_close(client);
	}
}

static void the_reply_is_no_longer_than_what_qemu_sends(void **state)
{
	const char *proposed =
		"{\"capabilities\": {\"pgsizes\": 4096, \"max_msg_fds\": 16, \"max_dma_maps\": "
		"65535, \"max_data_xfer_size\": 1048576, \"migration\": {\"max_bitmap_size\": "
		"268435456, \"pgsize\": 4096}, \"write_multiple\": true}}";
	struct vfio_user_client *client = vut_connect();
	char buf[512];
	ssize_t len;

	len = propose(client, 0, 0, proposed, strlen(proposed) + 1, buf, sizeof(buf));
	assert_in_range(len, 5, 4 + strlen(proposed) + 1);
	assert_null(strstr(buf + 4, "migration"));
	assert_non_null(strstr(buf + 4, "\"write_multiple\":true"));
	vfio_user_client_close(client);
}

static void what_cannot_be_agreed_upon_ends_the_connection(void **state)
{
	static const struct {
		u16 major;
		const char *data;
		size_t len;
	} table[] = {
		{ 1, NULL, 0 },
		{ U16_MAX, NULL, 0 },
		{ 0, "{", 2 },
		{ 0, "{}", 2 },
		{ 0, "\0", 1 },
		{ 0, "{}\0", 4 },
		{ 0, "[]", 3 },
		{ 0, "{\"capabilities\":{\"pgsizes\":2048}}", 34 },
		{ 0, "{\"capabilities\":{\"max_msg_fds\":\"x\"}}", 37 },
	};
	struct vfio_user_client *client;
	u8 buf[64];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(table); i++) {
		client = vut_connect();
		assert_int_equal(propose(client, table[i].major, 0, table[i].data, table[i].len,
					 buf, sizeof(buf)),
				 -EINVAL);
		vut_assert_closed(client);
		vfio_user_client_close(client);
	}
	vut_assert_serves();
	assert_int_equal(atomic_read(&vut_dev->opens), 1);
}

static void the_version_comes_first(void **state)
{
	struct vfio_user_client *client;
	u8 payload[64] = { 64 };
	u16 cmd;

	for (cmd = 0; cmd < 20; cmd++) {
		if (cmd == VFIO_USER_VERSION)
			continue;
		client = vut_connect();
		assert_int_equal(vut_command(client, cmd, 0, payload, sizeof(payload), NULL, 0),
				 EINVAL);
		vut_assert_closed(client);
		vfio_user_client_close(client);
	}
	assert_int_equal(atomic_read(&vut_dev->opens), 0);
	vut_assert_serves();
}

static void the_version_is_asked_for_once(void **state)
{
	struct vfio_user_client *client = vut_open();
	struct vfio_user_device_info info;
	u8 buf[64];

	assert_int_equal(propose(client, 0, 0, NULL, 0, buf, sizeof(buf)), -EINVAL);
	assert_int_equal(vfio_user_client_device_info(client, &info), 0);
	vfio_user_client_close(client);
}

static void a_version_without_a_reply_cannot_be(void **state)
{
	struct vfio_user_client *client = vut_connect();
	struct vfio_user_header header = { .cmd = VFIO_USER_VERSION,
					   .msg_size = 18,
					   .flags = VFIO_USER_NO_REPLY };
	u8 msg[18] = { 0 };

	memcpy(msg, &header, sizeof(header));
	assert_int_equal(vfio_user_client_send_raw(client, msg, sizeof(msg), NULL, 0), 0);
	vut_assert_closed(client);
	vfio_user_client_close(client);
}

static void the_client_library_knows_what_the_server_said(void **state)
{
	struct vfio_user_client *client = vut_open();
	const struct vfio_user_caps *caps = vfio_user_client_server_caps(client);

	assert_int_equal(caps->named, VFIO_USER_CAP_ALL);
	assert_int_equal(caps->max_msg_fds, 16);
	assert_int_equal(caps->max_data_xfer_size, 1048576);
	assert_int_equal(caps->max_dma_maps, 65535);
	assert_int_equal(caps->pgsizes, 4096);
	assert_true(caps->write_multiple);
	vfio_user_client_close(client);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, vut_setup, vut_teardown)
	const struct CMUnitTest tests[] = {
		T(the_minor_version_is_the_lower_one),
		T(capabilities_are_a_subset_of_those_proposed),
		T(the_reply_is_no_longer_than_what_qemu_sends),
		T(what_cannot_be_agreed_upon_ends_the_connection),
		T(the_version_comes_first),
		T(the_version_is_asked_for_once),
		T(a_version_without_a_reply_cannot_be),
		T(the_client_library_knows_what_the_server_said),
	};

	return cmocka_run_group_tests(tests, vut_up, vut_down);
}
