// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * The vfio-user server and a client that sends what it likes: the real server on its socket, with the
 * sample cards behind it.
 *
 * Input: a byte for the card and for how the client begins, one for how it answers when the server
 * accesses its memory, and then steps, see step().
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/kernel.h>
#include <linux/types.h>
#include <umdev/error.h>

#include "background.h"
#include "daemon/loop.h"
#include "fuzz.h"
#include "peer.h"
#include "vfio-user/protocol.h"
#include "vfio-user/server.h"
#include "world.h"

#define PAGE	     4096u
#define MEMORY_PAGES 64u
#define MAX_PAYLOAD  65536u
#define IRQ_DATA     8

/* How long the server waits for the answer to a DMA message; the client may keep it waiting. */
#define DMA_TIMEOUT_MS 20

/* The longest message, and room for what follows it. */
#define RX_SIZE (2 * VFIO_USER_MAX_MSG_SIZE)

static const char *const modules[] = { "vfio_mdev", "mtty", "medu", NULL };

static const struct {
	const char *uuid;
	const char *create;
} cards[] = {
	{ "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001",
	  "/devices/platform/medu/mdev_supported_types/medu-vendor/create" },
	{ "83b8f4f2-509f-382f-3c1e-e6bfe0fa1002",
	  "/devices/platform/medu/mdev_supported_types/medu-iommu/create" },
	{ "83b8f4f2-509f-382f-3c1e-e6bfe0fa1003",
	  "/devices/virtual/mtty/mtty/mdev_supported_types/mtty-2/create" },
};

static struct vfio_user_server *server;
static struct umdev_loop *loop;

/* The client: its socket, what it has received, and what it waits for. */
static struct {
	int sock;
	bool closed;
	bool in_step; /* what it sent so far are whole messages */
	bool answering;
	u8 answer; /* how it answers DMA messages */
	int memory;
	int event;
	int null;
	u16 next_id;
	bool refused[UINT16_MAX + 1]; /* which of its messages make no sense, and are to be refused */
	u8 pages;		      /* of its memory */
	u8 rx[RX_SIZE];
	size_t used;
	struct vfio_user_header reply; /* the latest one */
	u8 message[sizeof(struct vfio_user_header) + MAX_PAYLOAD];
} client;

static bool receive(int msecs);

/*
 * The server may have stopped reading since nobody reads its replies; but while it waits for an answer
 * it does read.
 */
static void make_room(void)
{
	int msecs = client.answering ? FUZZ_LIMIT_MS : 0;

	while (!client.closed && !fuzz_poll(client.sock, POLLOUT, msecs)) {
		fuzz_check(!client.answering, "the server does not read the answer it waits for");
		receive(1);
	}
}

/* Bytes as they are. */
static void put(const void *data, size_t len, const int *fds, unsigned int nfds)
{
	make_room();
	if (!client.closed && !peer_send(client.sock, data, len, fds, nfds))
		client.closed = true;
}

/*
 * A message: what its payload begins with, the data behind that, the descriptors with it, and whether
 * it is known to make no sense.
 */
struct message {
	u16 cmd;
	u32 flags;
	const void *head;
	size_t head_len;
	const void *data;
	size_t len;
	const int *fds;
	unsigned int nfds;
	bool refused;
};

static void put_message(struct message message)
{
	struct vfio_user_header header = {
		.msg_id = client.next_id++,
		.cmd = message.cmd,
		.msg_size = (u32)(sizeof(header) + message.head_len + message.len),
		.flags = message.flags,
	};
	u8 *end = client.message;

	client.refused[header.msg_id] = message.refused;
	fuzz_check(header.msg_size <= sizeof(client.message), "a message of %u bytes",
		   header.msg_size);
	end = mempcpy(end, &header, sizeof(header));
	end = message.head_len ? mempcpy(end, message.head, message.head_len) : end;
	if (message.len)
		memcpy(end, message.data, message.len);
	put(client.message, header.msg_size, message.fds, message.nfds);
}

/* The server wants to access memory that it was given no file for. */
static void answer_dma(const struct vfio_user_header *command, const u8 *payload, size_t size)
{
	struct vfio_user_header header = {
		.msg_id = command->msg_id,
		.cmd = command->cmd,
		.flags = VFIO_USER_TYPE_REPLY,
	};
	struct vfio_user_dma_access access;
	size_t data = 0;

	fuzz_check(size >= sizeof(access), "a DMA message of %zu bytes", size);
	memcpy(&access, payload, sizeof(access));
	fuzz_check(access.count && access.count <= VFIO_USER_MAX_DATA_XFER_SIZE,
		   "DMA of %llu bytes", (unsigned long long)access.count);
	if (command->cmd == VFIO_USER_DMA_READ)
		data = access.count;
	else
		fuzz_check(size - sizeof(access) == access.count, "DMA_WRITE has %zu bytes of %llu",
			   size - sizeof(access), (unsigned long long)access.count);
	switch (client.answer % 8) {
	case 0: /* none */
		return;
	case 1: /* an error */
		header.flags |= VFIO_USER_ERROR;
		header.error_no = client.answer / 8;
		break;
	case 2: /* too little */
		data /= 2;
		break;
	case 3: /* another count */
		access.count ^= client.answer;
		break;
	case 4: /* to another message */
		header.msg_id += client.answer / 8;
		break;
	}
	if (data > MAX_PAYLOAD - sizeof(access))
		data = MAX_PAYLOAD - sizeof(access);
	header.msg_size = (u32)(sizeof(header) + sizeof(access) + data);
	memcpy(client.message, &header, sizeof(header));
	memcpy(client.message + sizeof(header), &access, sizeof(access));
	memset(client.message + sizeof(header) + sizeof(access), 0x3c, data);
	put(client.message, header.msg_size, NULL, 0);
}

static void take_message(const struct vfio_user_header *header, const u8 *payload)
{
	size_t size = header->msg_size - sizeof(*header);

	if ((header->flags & VFIO_USER_TYPE_MASK) == VFIO_USER_TYPE_COMMAND) {
		fuzz_check(header->cmd == VFIO_USER_DMA_READ || header->cmd == VFIO_USER_DMA_WRITE,
			   "the server sends command %u", header->cmd);
		client.answering = true;
		answer_dma(header, payload, size);
		client.answering = false;
		return;
	}
	if (header->flags & VFIO_USER_ERROR)
		fuzz_check(header->error_no && header->error_no < 4096 && !size,
			   "an error reply of %zu bytes, error %u", size, header->error_no);
	else
		fuzz_check(!client.in_step || !client.refused[header->msg_id],
			   "command %u, message %u, makes no sense and is not refused", header->cmd,
			   header->msg_id);
	client.reply = *header;
}

/* Each message is whole and of a length that a client would accept. */
static void take_messages(void)
{
	struct vfio_user_header header;
	size_t pos = 0;

	while (client.used - pos >= sizeof(header)) {
		memcpy(&header, client.rx + pos, sizeof(header));
		fuzz_check(header.msg_size >= sizeof(header) &&
				   header.msg_size <= VFIO_USER_MAX_MSG_SIZE &&
				   (header.flags & VFIO_USER_TYPE_MASK) <= VFIO_USER_TYPE_REPLY,
			   "a reply of %u bytes, flags %#x", header.msg_size, header.flags);
		if (client.used - pos < header.msg_size)
			break;
		take_message(&header, client.rx + pos + sizeof(header));
		pos += header.msg_size;
	}
	memmove(client.rx, client.rx + pos, client.used - pos);
	client.used -= pos;
}

/* Receive once, for so long at most; false: nothing came, or nothing more will. */
static bool receive(int msecs)
{
	ssize_t got;

	if (client.closed || !fuzz_poll(client.sock, POLLIN, msecs))
		return false;
	got = recv(client.sock, client.rx + client.used, RX_SIZE - client.used, MSG_DONTWAIT);
	if (got <= 0) {
		client.closed = true;
		return false;
	}
	client.used += (size_t)got;
	take_messages();
	return true;
}

/* Wait for the reply to the latest message. What asked for none may get one all the same: an error. */
static void sync_up(void)
{
	u16 id = (u16)(client.next_id - 1);

	while (!client.closed && client.reply.msg_id != id)
		if (!receive(FUZZ_LIMIT_MS))
			fuzz_check(client.closed, "no reply to message %u within %d ms", id,
				   FUZZ_LIMIT_MS);
}

/* A command that is answered if anything is behind it, so that all before it is done. */
static void settle(void)
{
	struct vfio_user_device_info info = { .argsz = sizeof(info) };

	if (!client.in_step) {
		while (receive(0))
			;
		return;
	}
	put_message((struct message){
		.cmd = VFIO_USER_DEVICE_GET_INFO, .head = &info, .head_len = sizeof(info) });
	sync_up();
}

static void say_version(void)
{
	static const char caps[] = "{\"capabilities\":{\"max_msg_fds\":16,\"write_multiple\":true,"
				   "\"max_data_xfer_size\":1048576,\"pgsizes\":4096}}";
	const struct vfio_user_version version = { VFIO_USER_MAJOR, VFIO_USER_MINOR };

	put_message((struct message){ .cmd = VFIO_USER_VERSION,
				      .head = &version,
				      .head_len = sizeof(version),
				      .data = caps,
				      .len = sizeof(caps) });
	sync_up();
}

/* Descriptors to go with a message: how many, and of what kinds. */
static unsigned int take_fds(struct fuzz_input *in, int fds[PEER_MAX_FDS])
{
	u8 what = fuzz_u8(in);
	unsigned int nr = what % 4 ? what % 4 - 1 : what / 4 % 20, i;
	const int kinds[] = { client.memory, client.event, client.null, client.sock };

	for (i = 0; i < nr; i++)
		fds[i] = kinds[(what / 64 + i * (what / 32 % 2)) % ARRAY_SIZE(kinds)];
	return nr;
}

static void step_raw(struct fuzz_input *in)
{
	size_t len = fuzz_u8(in);
	int fds[PEER_MAX_FDS];
	unsigned int nfds = take_fds(in, fds);
	const u8 *bytes = fuzz_bytes(in, len, &len);

	client.in_step = false;
	put(bytes, len, fds, nfds);
}

static void step_command(struct fuzz_input *in)
{
	u8 cmd = fuzz_u8(in), flags = fuzz_u8(in);
	int fds[PEER_MAX_FDS];
	unsigned int nfds = take_fds(in, fds);
	size_t len = fuzz_u8(in);
	const u8 *bytes = fuzz_bytes(in, len, &len);

	put_message((struct message){
		.cmd = cmd, .flags = flags, .data = bytes, .len = len, .fds = fds, .nfds = nfds });
}

static void step_map(struct fuzz_input *in)
{
	struct vfio_user_dma_map map = { .argsz = sizeof(map) };
	u8 what = fuzz_u8(in);
	bool refused = false;

	map.flags = what % 4;
	map.addr = (u64)fuzz_u8(in) * PAGE;
	map.offset = (u64)fuzz_u8(in) * PAGE;
	map.size = (u64)fuzz_u8(in) * PAGE;
	if (what & 4)
		map.addr += (u64)fuzz_u8(in) << 56;
	if (what & 8)
		map.offset |= fuzz_u8(in);
	if (!(what & 0x10) && map.offset + map.size > client.pages * PAGE)
		refused = true;
	put_message((struct message){ .cmd = VFIO_USER_DMA_MAP,
				      .flags = what & 0x20 ? VFIO_USER_NO_REPLY : 0,
				      .head = &map,
				      .head_len = sizeof(map),
				      .fds = &client.memory,
				      .nfds = !(what & 0x10),
				      .refused = refused || !map.flags || !map.size });
}

static void step_unmap(struct fuzz_input *in)
{
	struct vfio_user_dma_unmap unmap = { .argsz = sizeof(unmap) };

	unmap.flags = fuzz_u8(in) % 8;
	unmap.addr = (u64)fuzz_u8(in) * PAGE;
	unmap.size = (u64)fuzz_u8(in) * PAGE;
	put_message((struct message){
		.cmd = VFIO_USER_DMA_UNMAP, .head = &unmap, .head_len = sizeof(unmap) });
}

static void put_access(bool write, u32 region, u64 offset, u32 count, const void *data, size_t len)
{
	struct vfio_user_region_access access = { .offset = offset,
						  .region = region,
						  .count = count };

	put_message((struct message){ .cmd = write ? VFIO_USER_REGION_WRITE : VFIO_USER_REGION_READ,
				      .head = &access,
				      .head_len = sizeof(access),
				      .data = data,
				      .len = len,
				      .refused = write ? count != len
						       : count > VFIO_USER_MAX_DATA_XFER_SIZE });
}

static void step_read(struct fuzz_input *in)
{
	u8 region = fuzz_u8(in);
	u32 offset = region & 0x80 ? fuzz_u32(in) : fuzz_u8(in), count;

	count = region & 0x40 ? fuzz_u32(in) : fuzz_u8(in);
	put_access(false, region % 16, offset, count, NULL, 0);
}

static void step_write(struct fuzz_input *in)
{
	u8 region = fuzz_u8(in);
	u32 offset = region & 0x80 ? fuzz_u32(in) : fuzz_u8(in);
	size_t len = fuzz_u8(in);
	const u8 *bytes = fuzz_bytes(in, len, &len);

	put_access(true, region % 16, offset, (u32)len + (region & 0x40 ? fuzz_u8(in) : 0), bytes,
		   len);
}

static void step_write_multi(struct fuzz_input *in)
{
	struct vfio_user_single_write wrs[8] = { 0 };
	struct vfio_user_write_multi multi;
	u8 what = fuzz_u8(in);
	unsigned int nr = what % 8, i;
	bool refused = false;
	const u8 *bytes;
	size_t len;

	for (i = 0; i < nr; i++) {
		wrs[i].region = fuzz_u8(in) % 16;
		wrs[i].offset = fuzz_u8(in);
		wrs[i].count = fuzz_u8(in) % 10;
		refused |= wrs[i].count > sizeof(wrs[i].data);
		bytes = fuzz_bytes(in, sizeof(wrs[i].data), &len);
		if (len)
			memcpy(wrs[i].data, bytes, len);
	}
	multi.wr_cnt = what & 0x40 ? fuzz_u64(in) : nr;
	put_message((struct message){ .cmd = VFIO_USER_REGION_WRITE_MULTI,
				      .flags = what & 0x80 ? VFIO_USER_NO_REPLY : 0,
				      .head = &multi,
				      .head_len = sizeof(multi),
				      .data = wrs,
				      .len = nr * sizeof(wrs[0]),
				      .refused = refused || multi.wr_cnt != nr });
}

static void step_set_irqs(struct fuzz_input *in)
{
	u32 payload[(sizeof(struct vfio_irq_set) + IRQ_DATA) / sizeof(u32)];
	struct vfio_irq_set *set = (struct vfio_irq_set *)payload;
	u8 what = fuzz_u8(in);
	int fds[PEER_MAX_FDS];
	unsigned int nfds;

	*set = (struct vfio_irq_set){
		.argsz = sizeof(*set),
		.flags = fuzz_u8(in),
		.index = what % 8,
		.start = what / 8 % 2,
		.count = what / 16 % 4,
	};
	memset(set->data, what / 64, IRQ_DATA);
	nfds = take_fds(in, fds);
	put_message((struct message){ .cmd = VFIO_USER_DEVICE_SET_IRQS,
				      .head = set,
				      .head_len = sizeof(*set),
				      .data = set->data,
				      .len = what & 0x80 ? IRQ_DATA : 0,
				      .fds = fds,
				      .nfds = nfds,
				      .refused = set->flags & VFIO_IRQ_SET_DATA_BOOL &&
						 set->count && !(what & 0x80) });
}

/* medu moves data between its buffer and the client's memory (QEMU's docs/specs/edu.rst). */
static void step_dma(struct fuzz_input *in)
{
	u8 cmd = fuzz_u8(in), master = 6;
	u64 memory = fuzz_u32(in) % (96 * PAGE), buffer = 0x40000 + fuzz_u16(in) % 4200;
	u64 regs[4] = { memory, buffer, fuzz_u16(in) % 4200, cmd | 1 };

	if (cmd & 2) {
		regs[0] = buffer;
		regs[1] = memory;
	}
	put_access(true, VFIO_PCI_CONFIG_REGION_INDEX, 4, 1, &master, 1);
	put_access(true, 0, 0x80, sizeof(regs), regs, sizeof(regs));
}

/* The client takes back memory that it gave. */
static void step_truncate(struct fuzz_input *in)
{
	/* What is on its way was sent with what there was. */
	settle();
	client.pages = fuzz_u8(in) % (MEMORY_PAGES + 1);
	if (ftruncate(client.memory, (off_t)client.pages * PAGE))
		abort();
}

/* A header by itself. Behind one that cannot be, the connection has to end. */
static void step_header(struct fuzz_input *in)
{
	struct vfio_user_header header = { .msg_id = client.next_id++, .cmd = fuzz_u8(in) };
	bool was_in_step = client.in_step;

	header.flags = fuzz_u8(in);
	header.msg_size = fuzz_u32(in);
	put(&header, sizeof(header), NULL, 0);
	client.in_step = false;
	if (!was_in_step ||
	    (header.msg_size >= sizeof(header) && header.msg_size <= VFIO_USER_MAX_MSG_SIZE &&
	     (header.flags & VFIO_USER_TYPE_MASK) <= VFIO_USER_TYPE_REPLY))
		return;
	while (receive(FUZZ_LIMIT_MS))
		;
	fuzz_check(client.closed, "the stream goes on behind a message of %u bytes, flags %#x",
		   header.msg_size, header.flags);
}

static void step(struct fuzz_input *in)
{
	static void (*const steps[])(struct fuzz_input * in) = {
		step_command,	  step_raw,	 step_map, step_unmap,	  step_read,   step_write,
		step_write_multi, step_set_irqs, step_dma, step_truncate, step_header,
	};
	u8 what = fuzz_u8(in);

	steps[what % 16 % ARRAY_SIZE(steps)](in);
	/* Mostly, one thing after the other. */
	if (!(what & 0x80))
		settle();
	else
		receive(0);
}

static void connect_to(unsigned int card)
{
	char path[320];

	snprintf(path, sizeof(path), "%s/%s", world_dir(), cards[card].uuid);
	client.sock = peer_connect(path);
	client.closed = false;
	client.in_step = true;
	client.next_id = 1;
	client.used = 0;
	client.reply = (struct vfio_user_header){ 0 };
}

/* A client that begins anew finds the card as if nobody had been there. */
static void check_serves(unsigned int card)
{
	u8 config[64];

	connect_to(card);
	say_version();
	fuzz_check(!client.closed && !(client.reply.flags & VFIO_USER_ERROR),
		   "the next client is not served, error %u", client.reply.error_no);
	put_access(false, VFIO_PCI_CONFIG_REGION_INDEX, 0, sizeof(config), NULL, 0);
	sync_up();
	fuzz_check(!client.closed && !(client.reply.flags & VFIO_USER_ERROR),
		   "the next client cannot read, error %u", client.reply.error_no);
	close(client.sock);
}

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

static void start_server(void)
{
	struct vfio_user_server_params params = {
		.dir = world_dir(),
		.loop_ops = &loop_ops,
		.loop = loop,
		.spin_us = VFIO_USER_NO_SPIN,
		.dma_timeout_ms = DMA_TIMEOUT_MS,
		.handshake_ms = FUZZ_LIMIT_MS,
		.busy_wait_ms = FUZZ_LIMIT_MS,
	};
	struct umdev_error err = { 0 };

	server = vfio_user_server_create(&params, &err);
	fuzz_check(server, "%s", err.text);
}

void harness_up(void)
{
	unsigned int i;

	world_up(modules);
	loop = background_up();
	for (i = 0; i < ARRAY_SIZE(cards); i++)
		world_must_write(cards[i].create, cards[i].uuid);
	client.event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	client.null = open("/dev/null", O_RDWR | O_CLOEXEC);
	/* Let be made what is made at its first use, and stays. */
	start_server();
	for (i = 0; i < ARRAY_SIZE(cards); i++)
		check_serves(i);
	vfio_user_server_destroy(server);
	start_server();
}

void harness_down(void)
{
	close(client.event);
	close(client.null);
	world_remove_devices();
	vfio_user_server_destroy(server);
	background_down();
	world_down();
}

/* Who sends no more is let go, whatever it sent before. */
static void hang_up(void)
{
	shutdown(client.sock, SHUT_WR);
	while (receive(FUZZ_LIMIT_MS))
		;
	fuzz_check(client.closed, "the server keeps a connection that has ended");
	close(client.sock);
}

void harness_run(struct fuzz_input *in)
{
	u8 how = fuzz_u8(in);
	unsigned int card = how % 4 % ARRAY_SIZE(cards);
	struct world_mark mark;

	world_take_mark(&mark);
	client.answer = fuzz_u8(in);
	client.memory = memfd_create("fuzz", MFD_CLOEXEC);
	client.pages = MEMORY_PAGES;
	if (client.memory < 0 || ftruncate(client.memory, MEMORY_PAGES * PAGE))
		abort();
	connect_to(card);
	if (!(how & 0x80))
		say_version();
	while (in->left && !client.closed)
		step(in);
	hang_up();
	close(client.memory);
	if (how & 0x40)
		check_serves(card);
	world_check_mark(&mark);
}
