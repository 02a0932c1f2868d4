// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Devices that are created and removed while clients connect, use them and die at any point, in the
 * middle of a message as well; removal waits for them. The server comes and goes, too. The devices
 * are mtty's, medu's, which may be at work when their client goes, and others that pin and access
 * their clients' memory. Rows M12, M13, M15, M16.
 */
#include "stress.h"

#include <errno.h>
#include <poll.h>
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

#include "actors.h"
#include "loop_thread.h"
#include "stressdev.h"
#include "vfio-user/client.h"
#include "vfio-user/server.h"

#define CLIENTS_PER_SLOT  2
#define PAGE		  0x1000ull
#define MEMORY_SIZE	  (STRESS_PAGES * PAGE)
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
	TRANSFERS,
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
	[TRANSFERS] = { "ends of transfers seen", 0, false },
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

static char dir[] = "/tmp/stress-XXXXXX";
static struct umdev_loop *loop;

static void server(void *arg)
{
	struct vfio_user_server_params params = {
		.dir = dir,
		.loop_ops = &loop_thread_ops,
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
	enum stress_kind kind;
	int memory;
};

static ssize_t no_length(ssize_t ret)
{
	return ret < 0 ? ret : 0;
}

static int access_region(struct session *s)
{
	struct stress_access a = stress_any_access(s->kind);
	ssize_t ret;

	if (a.write)
		ret = vfio_user_client_region_write(s->client, a.region, a.offset, a.data, a.size);
	else
		ret = vfio_user_client_region_read(s->client, a.region, a.offset, a.data, a.size);
	if (ret > 0 && stress_shows_transfer(s->kind, &a))
		stress_tick(&counts[TRANSFERS]);
	return stress_expect("access", (int)no_length(ret), access_results);
}

static int read_config(struct session *s)
{
	uint32_t id;
	ssize_t ret = vfio_user_client_region_read(
		s->client, s->kind == STRESS_SDEV ? 0 : VFIO_PCI_CONFIG_REGION_INDEX, 0, &id,
		sizeof(id));

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
	uint32_t index = kinds[s->kind == STRESS_SDEV ? 0 : stress_random(ARRAY_SIZE(kinds))];
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
	struct stress_access a;
	int i;

	if (ftruncate(s->memory, 0))
		stress_fail("ftruncate: %s", strerror(errno));
	for (i = 0; i < 3; i++) {
		a = stress_any_access(s->kind);
		vfio_user_client_region_post(s->client, a.region, a.offset, a.data, a.size);
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

static void one_session(const struct stress_slot *slot)
{
	struct session s = { .kind = slot->kind };
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
	size_t i;

	if (!mkdtemp(dir))
		stress_fail("no directory: %s", strerror(errno));
	stress_begin(argc, argv);
	stress_expected_error = "DMA fault";
	stress_load("mtty");
	stress_load("medu");
	stressdev_init();
	stress_parent_add(&parent, "p0");
	stress_parent_register(&parent);
	loop = loop_thread_start();
	if (!loop)
		stress_fail("no loop");
	stress_thread(server, NULL);
	stress_manage(vfio_slots, NR_VFIO_SLOTS, create_results, remove_results);
	for (i = 0; i < NR_VFIO_SLOTS * CLIENTS_PER_SLOT; i++)
		stress_thread(client, &vfio_slots[i % NR_VFIO_SLOTS]);
	stress_join();
	loop_thread_stop();
	if (rmdir(dir))
		stress_fail("a socket is left in %s", dir);
	stress_parent_unregister(&parent);
	stress_parent_del(&parent);
	stressdev_exit();
	for (i = 0; i < NR_STRESSDEV_COUNTS; i++)
		counts[NR_COUNTS + i] = stressdev_counts[i];
	return stress_end(counts, ARRAY_SIZE(counts));
}
