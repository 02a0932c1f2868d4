// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Devices that are created and removed while clients connect, use them and die at any point, in the
 * middle of a message as well; removal waits for them. The server comes and goes, too. Half of the
 * devices are mtty's, the others pin and access their clients' memory. Rows M12, M13, M15.
 */
#include "stress.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/kernel.h>
#include <linux/vfio.h>
#include <umdev/error.h>

#include "daemon/loop.h"
#include "stressdev.h"
#include "vfio-user/client.h"
#include "vfio-user/server.h"

#define NR_SLOTS	  4
#define CLIENTS_PER_SLOT  2
#define MEMORY_SIZE	  0x10000ull
#define PAGE		  0x1000ull
#define CLIENT_TIMEOUT_MS 60000
#define HOLD_MS		  200

enum {
	CREATED,
	REMOVED,
	SERVERS,
	CONNECTED,
	CONNECT_NO_SOCKET,
	CONNECT_REFUSED,
	AGREED,
	VERSION_BUSY,
	VERSION_GOING,
	LOST,
	ACCESSES,
	ACCESS_ERRORS,
	MAPPED,
	MAP_EXISTS,
	UNMAPPED,
	UNMAP_NONE,
	IRQS_SET,
	RESETS,
	ASKED,
	HELD,
	LEFT_OPENLY,
	LEFT_IN_MESSAGE,
	LEFT_WITH_FDS,
	LEFT_UNREAD,
	LEFT_WITHOUT_MEMORY,
	NR_COUNTS,
};

static struct stress_count counts[NR_COUNTS + NR_STRESSDEV_COUNTS] = {
	[CREATED] = { "creations", 0, false },
	[REMOVED] = { "removals", 0, false },
	[SERVERS] = { "servers", 0, false },
	[CONNECTED] = { "clients connected", 0, false },
	[CONNECT_NO_SOCKET] = { "clients found no socket", 0, true },
	[CONNECT_REFUSED] = { "clients found nobody at the socket", 0, true },
	[AGREED] = { "clients got the device", 0, false },
	[VERSION_BUSY] = { "clients found the device taken", 0, true },
	[VERSION_GOING] = { "clients found the device going", 0, true },
	[LOST] = { "clients were disconnected", 0, false },
	[ACCESSES] = { "accesses to regions", 0, false },
	[ACCESS_ERRORS] = { "accesses that the device refused", 0, true },
	[MAPPED] = { "maps", 0, false },
	[MAP_EXISTS] = { "maps: EEXIST", 0, true },
	[UNMAPPED] = { "unmaps", 0, false },
	[UNMAP_NONE] = { "unmaps: ENOENT", 0, true },
	[IRQS_SET] = { "interrupts set", 0, false },
	[RESETS] = { "resets", 0, false },
	[ASKED] = { "clients let go when asked", 0, true },
	[HELD] = { "clients held on and were not asked", 0, true },
	[LEFT_OPENLY] = { "clients left between messages", 0, false },
	[LEFT_IN_MESSAGE] = { "clients left within a message", 0, false },
	[LEFT_WITH_FDS] = { "clients left within one that had descriptors", 0, false },
	[LEFT_UNREAD] = { "clients left without reading replies", 0, false },
	[LEFT_WITHOUT_MEMORY] = { "clients left after cutting off their memory", 0, false },
};

static const struct stress_result create_results[] = {
	{ 0, &counts[CREATED] },
	{ 0, NULL },
};

static const struct stress_result remove_results[] = {
	{ 0, &counts[REMOVED] },
	{ 0, NULL },
};

static const struct stress_result connect_results[] = {
	{ 0, &counts[CONNECTED] },
	{ -ENOENT, &counts[CONNECT_NO_SOCKET] },
	{ -ECONNREFUSED, &counts[CONNECT_REFUSED] },
	{ 0, NULL },
};

static const struct stress_result version_results[] = {
	{ 0, &counts[AGREED] },
	{ -EBUSY, &counts[VERSION_BUSY] },
	{ -ENODEV, &counts[VERSION_GOING] },
	{ -ECONNRESET, &counts[LOST] },
	{ 0, NULL },
};

/* A refusal is the device's answer to an address that is not mapped, say. */
static const struct stress_result access_results[] = {
	{ 0, &counts[ACCESSES] },
	{ -EINVAL, &counts[ACCESS_ERRORS] },
	{ -ENOSPC, &counts[ACCESS_ERRORS] },
	{ -EFAULT, &counts[ACCESS_ERRORS] },
	{ -EIO, &counts[ACCESS_ERRORS] },
	{ -ECONNRESET, &counts[LOST] },
	{ 0, NULL },
};

static const struct stress_result map_results[] = {
	{ 0, &counts[MAPPED] },
	{ -EEXIST, &counts[MAP_EXISTS] },
	{ -ECONNRESET, &counts[LOST] },
	{ 0, NULL },
};

static const struct stress_result unmap_results[] = {
	{ 0, &counts[UNMAPPED] },
	{ -ENOENT, &counts[UNMAP_NONE] },
	{ -ECONNRESET, &counts[LOST] },
	{ 0, NULL },
};

static const struct stress_result irq_results[] = {
	{ 0, &counts[IRQS_SET] },
	{ -ECONNRESET, &counts[LOST] },
	{ 0, NULL },
};

static const struct stress_result reset_results[] = {
	{ 0, &counts[RESETS] },
	{ -ECONNRESET, &counts[LOST] },
	{ 0, NULL },
};

/* A place where a device comes and goes. */
struct slot {
	const char *uuid;
	const char *create;
	bool pins;
};

#define MTTY_CREATE "/devices/virtual/mtty/mtty/mdev_supported_types/mtty-1/create"
#define SDEV_CREATE STRESSDEV "/p0/mdev_supported_types/" STRESSDEV_TYPE "/create"

static struct slot slots[NR_SLOTS] = {
	{ "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001", MTTY_CREATE, false },
	{ "83b8f4f2-509f-382f-3c1e-e6bfe0fa1002", MTTY_CREATE, false },
	{ "83b8f4f2-509f-382f-3c1e-e6bfe0fa1003", SDEV_CREATE, true },
	{ "83b8f4f2-509f-382f-3c1e-e6bfe0fa1004", SDEV_CREATE, true },
};

static char dir[] = "/tmp/stress-XXXXXX";
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

static void *run_loop(void *arg)
{
	umdev_loop_run(loop);
	return NULL;
}

static void manager(void *arg)
{
	struct slot *slot = arg;
	char remove[96];

	snprintf(remove, sizeof(remove), "/bus/mdev/devices/%s/remove", slot->uuid);
	while (stress_running()) {
		stress_expect("create", stress_write(slot->create, slot->uuid), create_results);
		stress_pause(20000);
		stress_expect("remove", stress_write(remove, "1"), remove_results);
	}
}

static void server(void *arg)
{
	struct vfio_user_server_params params = {
		.dir = dir,
		.loop_ops = &loop_ops,
		.loop = loop,
		.busy_wait_ms = 20,
		.dma_timeout_ms = 500,
	};
	struct vfio_user_server *s;
	struct umdev_error err;

	while (stress_running()) {
		s = vfio_user_server_create(&params, &err);
		if (!s)
			stress_fail("no server: %s", err.text);
		stress_tick(&counts[SERVERS]);
		stress_pause(500000);
		vfio_user_server_destroy(s);
	}
}

/* A client's session with a device. */
struct session {
	struct vfio_user_client *client;
	bool pins;
	int memory;
};

static ssize_t no_length(ssize_t ret)
{
	return ret < 0 ? ret : 0;
}

static int access_region(struct session *s)
{
	uint64_t offset = stress_random(8), value = 0;
	ssize_t ret;

	if (s->pins) {
		offset = stress_random(3) * 8;
		value = stress_random(MEMORY_SIZE / PAGE) * PAGE;
		ret = vfio_user_client_region_write(s->client, 0, offset, &value, 8);
	} else if (stress_random(2)) {
		ret = vfio_user_client_region_read(s->client, 0, offset, &value, 1);
	} else {
		value = stress_random(256);
		ret = vfio_user_client_region_write(s->client, 0, offset, &value, 1);
	}
	return stress_expect("access", (int)no_length(ret), access_results);
}

static int read_config(struct session *s)
{
	uint32_t id;
	ssize_t ret = vfio_user_client_region_read(
		s->client, s->pins ? 0 : VFIO_PCI_CONFIG_REGION_INDEX, 0, &id, sizeof(id));

	return stress_expect("access", (int)no_length(ret), access_results);
}

static int map(struct session *s)
{
	uint64_t at = stress_random(MEMORY_SIZE / PAGE) * PAGE;
	uint64_t size = (1 + stress_random((MEMORY_SIZE - at) / PAGE)) * PAGE;
	int fd = stress_random(8) ? s->memory : -1;
	int ret = vfio_user_client_dma_map(s->client, at, size,
					   VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE, fd,
					   fd < 0 ? 0 : at);

	return stress_expect("map", ret, map_results);
}

static int unmap_all(struct session *s)
{
	int ret = vfio_user_client_dma_unmap(s->client, 0, 0, VFIO_DMA_UNMAP_FLAG_ALL);

	return stress_expect("unmap all", ret, unmap_results);
}

static int map_and_unmap(struct session *s)
{
	uint64_t at = MEMORY_SIZE + stress_random(16) * PAGE;
	int ret =
		vfio_user_client_dma_map(s->client, at, PAGE, VFIO_DMA_MAP_FLAG_READ, s->memory, 0);

	ret = stress_expect("map", ret, map_results);
	if (ret == -ECONNRESET)
		return ret;
	ret = vfio_user_client_dma_unmap(s->client, at, PAGE, 0);
	return stress_expect("unmap", ret, unmap_results);
}

static int set_irq(struct session *s, uint32_t index, int fd)
{
	int ret = vfio_user_client_set_irqs(s->client,
					    VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER,
					    index, 0, 1, &fd);

	return stress_expect("set_irqs", ret, irq_results);
}

static int set_irqs(struct session *s)
{
	static const uint32_t kinds[] = { VFIO_PCI_REQ_IRQ_INDEX, VFIO_PCI_INTX_IRQ_INDEX,
					  VFIO_PCI_MSI_IRQ_INDEX };
	uint32_t index = kinds[s->pins ? 0 : stress_random(ARRAY_SIZE(kinds))];
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	int ret;

	if (fd < 0)
		stress_fail("no eventfd: %s", strerror(errno));
	ret = set_irq(s, index, fd);
	close(fd);
	return ret;
}

static int reset(struct session *s)
{
	return stress_expect("reset", vfio_user_client_reset(s->client), reset_results);
}

/* Keep the device until it is to go, or for a while. */
static int hold(struct session *s)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	struct pollfd pfds[] = {
		{ .fd = fd, .events = POLLIN },
		{ .fd = vfio_user_client_fd(s->client), .events = POLLIN },
	};
	int ret;

	if (fd < 0)
		stress_fail("no eventfd: %s", strerror(errno));
	ret = set_irq(s, VFIO_PCI_REQ_IRQ_INDEX, fd);
	if (!ret) {
		poll(pfds, 2, HOLD_MS);
		stress_tick(&counts[pfds[0].revents ? ASKED : HELD]);
		ret = -ECONNRESET;
	}
	close(fd);
	return ret;
}

static void use(struct session *s)
{
	static int (*const actions[])(struct session * s) = {
		access_region, access_region, access_region, access_region, read_config, map,
		map,	       unmap_all,     map_and_unmap, set_irqs,	    reset,
	};
	unsigned int n = stress_random(30);

	while (n--)
		if (actions[stress_random(ARRAY_SIZE(actions))](s) == -ECONNRESET)
			return;
	if (!stress_random(8))
		hold(s);
}

static void send_part(struct session *s, uint16_t cmd, uint32_t flags, int nfds)
{
	struct {
		struct vfio_user_header header;
		uint8_t payload[64];
	} msg = { .header = {
			  .msg_id = 7,
			  .cmd = cmd,
			  .msg_size = sizeof(msg),
			  .flags = flags,
		  } };
	int fds[] = { s->memory, s->memory, s->memory };
	size_t len = 1 + stress_random(sizeof(msg));

	vfio_user_client_send_raw(s->client, &msg, len, fds, nfds);
}

static void leave_in_message(struct session *s)
{
	send_part(s, VFIO_USER_REGION_WRITE, 0, 0);
	stress_tick(&counts[LEFT_IN_MESSAGE]);
}

/* It may even be a reply to what nobody asked. */
static void leave_with_fds(struct session *s)
{
	uint16_t cmd = stress_random(2) ? VFIO_USER_DMA_MAP : VFIO_USER_DEVICE_SET_IRQS;
	int i;

	for (i = 0; i < 3; i++)
		send_part(s, cmd, stress_random(2), 1 + (int)stress_random(3));
	stress_tick(&counts[LEFT_WITH_FDS]);
}

static void leave_unread(struct session *s)
{
	struct {
		struct vfio_user_header header;
		struct vfio_user_region_access access;
	} msg = {
		.header = { .cmd = VFIO_USER_REGION_READ, .msg_size = sizeof(msg) },
		.access = { .region = 0, .count = 1 },
	};
	int i;

	for (i = 0; i < 50; i++)
		if (vfio_user_client_send_raw(s->client, &msg, sizeof(msg), NULL, 0))
			break;
	stress_tick(&counts[LEFT_UNREAD]);
}

static void leave_without_memory(struct session *s)
{
	if (ftruncate(s->memory, 0))
		stress_fail("ftruncate: %s", strerror(errno));
	if (s->pins) {
		uint64_t value = 0;

		vfio_user_client_region_post(s->client, 0, STRESSDEV_COPY, &value, sizeof(value));
		vfio_user_client_region_post(s->client, 0, STRESSDEV_PIN, &value, sizeof(value));
	}
	stress_tick(&counts[LEFT_WITHOUT_MEMORY]);
}

static void leave_openly(struct session *s)
{
	stress_tick(&counts[LEFT_OPENLY]);
}

static void leave(struct session *s)
{
	static void (*const ways[])(struct session * s) = {
		leave_openly, leave_in_message, leave_with_fds, leave_unread, leave_without_memory,
	};

	ways[stress_random(ARRAY_SIZE(ways))](s);
}

static void one_session(struct slot *slot)
{
	struct session s = { .pins = slot->pins };
	char path[128];
	int ret;

	snprintf(path, sizeof(path), "%s/%s", dir, slot->uuid);
	ret = vfio_user_client_connect(path, &s.client);
	if (stress_expect("connect", ret, connect_results))
		return;
	vfio_user_client_set_timeout(s.client, CLIENT_TIMEOUT_MS);
	s.memory = memfd_create("stress", MFD_CLOEXEC);
	if (s.memory < 0 || ftruncate(s.memory, 2 * MEMORY_SIZE))
		stress_fail("memfd: %s", strerror(errno));
	if (stress_random(8) == 0) {
		leave(&s);
	} else {
		ret = vfio_user_client_version(s.client, NULL);
		if (!stress_expect("version", ret, version_results)) {
			use(&s);
			leave(&s);
		}
	}
	vfio_user_client_close(s.client);
	close(s.memory);
}

static void client(void *arg)
{
	while (stress_running()) {
		one_session(arg);
		stress_pause(3000);
	}
}

int main(int argc, char **argv)
{
	struct stress_parent parent = { 0 };
	size_t i, j;

	if (!mkdtemp(dir))
		stress_fail("no directory: %s", strerror(errno));
	stress_begin(argc, argv);
	stress_load("mtty");
	stressdev_init();
	stress_parent_add(&parent, "p0");
	stress_parent_register(&parent);
	loop = umdev_loop_create();
	if (!loop || pthread_create(&loop_thread, NULL, run_loop, NULL))
		stress_fail("no loop");
	stress_thread(server, NULL);
	for (i = 0; i < NR_SLOTS; i++) {
		stress_thread(manager, &slots[i]);
		for (j = 0; j < CLIENTS_PER_SLOT; j++)
			stress_thread(client, &slots[i]);
	}
	stress_join();
	umdev_loop_stop(loop);
	pthread_join(loop_thread, NULL);
	umdev_loop_destroy(loop);
	if (rmdir(dir))
		stress_fail("a socket is left in %s", dir);
	stress_parent_unregister(&parent);
	stress_parent_del(&parent);
	stressdev_exit();
	for (i = 0; i < NR_STRESSDEV_COUNTS; i++)
		counts[NR_COUNTS + i] = stressdev_counts[i];
	return stress_end(counts, ARRAY_SIZE(counts));
}
