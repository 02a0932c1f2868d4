// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
#include "vut.h"

#include <linux/jiffies.h>
#include <linux/string.h>

#include <umdev/error.h>
#include <umdev/log.h>
#include <umdev/runtime.h>

#include <dirent.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/loop.h"
#include "vut_private.h"

struct vfio_user_server *vut_server;
struct vut_device *vut_dev;

static char dir[] = "/tmp/vut-XXXXXX";
static struct umdev_loop *loop;
static pthread_t loop_thread;

static int loop_add(void *l, int fd, uint32_t events, void (*cb)(void *data, uint32_t events),
		    void *data)
{
	return umdev_loop_add(l, fd, events, cb, data);
}

static void loop_del(void *l, int fd)
{
	umdev_loop_del(l, fd);
}

static const struct vfio_user_loop_ops loop_ops = { loop_add, loop_del };

static void *run_loop(void *data)
{
	umdev_loop_run(data);
	return NULL;
}

int vut_up(void **state)
{
	umdev_log_set_level(getenv("VUT_VERBOSE") ? 7 : -1);
	if (umdev_runtime_init() || vut_bus_up() || !mkdtemp(dir))
		return -1;
	loop = umdev_loop_create();
	return loop ? pthread_create(&loop_thread, NULL, run_loop, loop) : -1;
}

int vut_down(void **state)
{
	struct umdev_runtime_counts counts;

	umdev_loop_stop(loop);
	pthread_join(loop_thread, NULL);
	umdev_loop_destroy(loop);
	rmdir(dir);
	vut_bus_down();
	umdev_runtime_exit();
	umdev_runtime_counts(&counts);
	if (counts.files || counts.allocations || counts.eventfds || counts.warnings) {
		fprintf(stderr,
			"left over: %ld files, %ld allocations, %ld eventfds, %ld warnings\n",
			counts.files, counts.allocations, counts.eventfds, counts.warnings);
		return -1;
	}
	return 0;
}

static struct vfio_user_server *make_server(const struct vfio_user_server_params *extra,
					    struct umdev_error *err)
{
	struct vfio_user_server_params params = { .busy_wait_ms = 100, .dma_timeout_ms = 300 };

	if (extra)
		params = *extra;
	params.dir = dir;
	params.loop_ops = &loop_ops;
	params.loop = loop;
	return vfio_user_server_create(&params, err);
}

void vut_start_server(const struct vfio_user_server_params *extra)
{
	struct umdev_error err = { 0 };

	vut_server = make_server(extra, &err);
	if (!vut_server)
		fail_msg("no server: %s", err.text);
}

struct vfio_user_server *vut_try_server(void)
{
	return make_server(NULL, NULL);
}

void vut_stop_server(void)
{
	vfio_user_server_destroy(vut_server);
	vut_server = NULL;
}

int vut_setup(void **state)
{
	vut_dev = vut_device_create("dev0");
	vut_start_server(NULL);
	return 0;
}

int vut_teardown(void **state)
{
	vut_stop_server();
	if (vut_dev)
		vut_device_destroy(vut_dev);
	vut_dev = NULL;
	return 0;
}

const char *vut_path(const char *name)
{
	static char path[64];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

struct vfio_user_client *vut_connect(void)
{
	struct vfio_user_client *client;

	assert_int_equal(vfio_user_client_connect(vut_path("dev0"), &client), 0);
	vfio_user_client_set_timeout(client, VUT_LIMIT_MS);
	return client;
}

struct vfio_user_client *vut_open(void)
{
	struct vfio_user_client *client = vut_connect();

	assert_int_equal(vfio_user_client_version(client, NULL), 0);
	return client;
}

void vut_assert_serves(void)
{
	struct vfio_user_client *client = vut_open();
	struct vfio_user_device_info info;
	u32 value = 0x12345678, back = 0;

	assert_int_equal(vfio_user_client_device_info(client, &info), 0);
	assert_int_equal(info.num_regions, VUT_NR_REGIONS);
	assert_int_equal(vfio_user_client_region_write(client, VUT_BAR, 16, &value, 4), 4);
	assert_int_equal(vfio_user_client_region_read(client, VUT_BAR, 16, &back, 4), 4);
	assert_int_equal(back, value);
	vfio_user_client_close(client);
}

void vut_assert_closed(struct vfio_user_client *client)
{
	struct vfio_user_header header;
	u8 payload[64];

	assert_int_equal(vfio_user_client_recv_raw(client, &header, payload, sizeof(payload)),
			 -ECONNRESET);
}

int vut_command(struct vfio_user_client *client, u16 cmd, u32 flags, const void *payload,
		size_t size, const int *fds, int nfds)
{
	static u16 id = 1000;
	struct {
		struct vfio_user_header header;
		u8 payload[1024];
	} msg = {
		.header = {
			.msg_id = ++id,
			.cmd = cmd,
			.msg_size = sizeof(msg.header) + size,
			.flags = flags,
		},
	};
	struct vfio_user_header header;
	u8 reply[64];
	ssize_t ret;

	assert_true(size <= sizeof(msg.payload));
	if (size)
		memcpy(msg.payload, payload, size);
	ret = vfio_user_client_send_raw(client, &msg, msg.header.msg_size, fds, nfds);
	if (ret == 0)
		ret = vfio_user_client_recv_raw(client, &header, reply, sizeof(reply));
	if (ret == -ECONNRESET)
		return -1;
	assert_true(ret >= 0);
	assert_int_equal(header.msg_id, id);
	assert_int_equal(header.cmd, cmd);
	assert_int_equal(header.flags & VFIO_USER_TYPE_MASK, VFIO_USER_TYPE_REPLY);
	if (!(header.flags & VFIO_USER_ERROR))
		return 0;
	assert_int_equal(header.msg_size, sizeof(header));
	return header.error_no;
}

int vut_count_fds(void)
{
	DIR *d = opendir("/proc/self/fd");
	int count = 0;

	assert_non_null(d);
	while (readdir(d))
		count++;
	closedir(d);
	return count;
}

bool vut_wait_for(bool (*condition)(void *data), void *data)
{
	unsigned long end = jiffies + VUT_LIMIT_MS;

	while (!condition(data)) {
		if (time_after(jiffies, end))
			return false;
		poll(NULL, 0, 1);
	}
	return true;
}

static bool has_fds(void *data)
{
	return vut_count_fds() == *(int *)data;
}

void vut_wait_fds(int count)
{
	if (!vut_wait_for(has_fds, &count))
		assert_int_equal(vut_count_fds(), count);
}
