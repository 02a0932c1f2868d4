// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * The vfio-user client and a server that answers what it likes: wrong lengths, other counts than were
 * asked for, descriptors, commands of its own.
 *
 * Input: rounds. Each is what the server sends, see serve(), and then a request of the client.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fuzz.h"
#include "peer.h"
#include "vfio-user/client_private.h"

/* The client has all that it will get before it asks; what is not there does not come. */
#define TIMEOUT_MS 1

#define MAX_DATA   4096u
#define MAX_ROUNDS 32
#define MAX_SILENT 2 /* requests that get no answer, as each takes time */
#define NR_FDS	   4

static struct peer_place place;
static int spare[NR_FDS];

void harness_up(void)
{
	unsigned int i;

	peer_listen(&place, "socket");
	for (i = 0; i < NR_FDS; i++)
		spare[i] = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

void harness_down(void)
{
	unsigned int i;

	for (i = 0; i < NR_FDS; i++)
		close(spare[i]);
	peer_leave(&place);
}

static int dma_read(void *opaque, uint64_t addr, void *data, size_t count)
{
	fuzz_check(count <= VFIO_USER_MAX_DATA_XFER_SIZE, "DMA_READ of %zu bytes", count);
	memset(data, 0xa5, count);
	return addr % 16 ? 0 : -EFAULT;
}

static int dma_write(void *opaque, uint64_t addr, const void *data, size_t count)
{
	const uint8_t *bytes = data;
	uint8_t sum = 0;

	fuzz_check(count <= VFIO_USER_MAX_DATA_XFER_SIZE, "DMA_WRITE of %zu bytes", count);
	while (count--)
		sum ^= *bytes++;
	return addr % 16 ? 0 : -(int)(sum | 1);
}

static const struct vfio_user_client_dma_ops dma_ops = { dma_read, dma_write };

/*
 * One message of the server: how it begins, what differs from what would be right, and the payload.
 * @cmd and @id are those of the request that comes next.
 */
static void serve(struct fuzz_input *in, int sock, uint16_t cmd, uint16_t id)
{
	uint8_t how = fuzz_u8(in);
	size_t len = fuzz_u8(in);
	const uint8_t *payload = fuzz_bytes(in, len, &len);
	struct vfio_user_header header = {
		.msg_id = id,
		.cmd = cmd,
		.msg_size = (uint32_t)(sizeof(header) + len),
		.flags = VFIO_USER_TYPE_REPLY,
	};
	uint8_t message[sizeof(header) + UINT8_MAX];

	if (how & 0x01) /* a command, such as DMA_READ */
		header.flags = 0;
	if (how & 0x02)
		header.flags |= fuzz_u8(in);
	if (how & 0x04)
		header.cmd = fuzz_u8(in);
	if (how & 0x08)
		header.msg_id += fuzz_u8(in);
	if (how & 0x10)
		header.error_no = fuzz_u32(in);
	if (how & 0x20)
		header.msg_size = fuzz_u32(in);
	memcpy(message, &header, sizeof(header));
	memcpy(message + sizeof(header), payload, len);
	peer_send(sock, message, sizeof(header) + len, spare, how >> 6);
}

enum {
	VERSION,
	DEVICE_INFO,
	REGION_INFO,
	IRQ_INFO,
	SET_IRQS,
	READ,
	WRITE,
	POST,
	WRITE_MULTI,
	DMA_MAP,
	DMA_UNMAP,
	RESET,
	SERVE,
	RAW,
	NR_REQUESTS
};

static const uint16_t commands[NR_REQUESTS] = {
	[VERSION] = VFIO_USER_VERSION,
	[DEVICE_INFO] = VFIO_USER_DEVICE_GET_INFO,
	[REGION_INFO] = VFIO_USER_DEVICE_GET_REGION_INFO,
	[IRQ_INFO] = VFIO_USER_DEVICE_GET_IRQ_INFO,
	[SET_IRQS] = VFIO_USER_DEVICE_SET_IRQS,
	[READ] = VFIO_USER_REGION_READ,
	[WRITE] = VFIO_USER_REGION_WRITE,
	[WRITE_MULTI] = VFIO_USER_REGION_WRITE_MULTI,
	[DMA_MAP] = VFIO_USER_DMA_MAP,
	[DMA_UNMAP] = VFIO_USER_DMA_UNMAP,
	[RESET] = VFIO_USER_DEVICE_RESET,
	[SERVE] = VFIO_USER_DMA_READ,
	[RAW] = VFIO_USER_DMA_WRITE,
};

static long ask_region_info(struct vfio_user_client *client, struct fuzz_input *in)
{
	uint32_t argsz = (uint32_t)sizeof(struct vfio_region_info) + fuzz_u8(in);
	struct vfio_region_info *info = calloc(1, argsz);
	int fd = -1;
	long ret;

	fuzz_check(info, "out of memory");
	info->argsz = argsz;
	info->index = fuzz_u8(in);
	ret = vfio_user_client_region_info(client, info, argsz % 2 ? &fd : NULL);
	if (fd >= 0)
		close(fd);
	free(info);
	return ret;
}

static long transfer(struct vfio_user_client *client, unsigned int request, struct fuzz_input *in)
{
	size_t count = fuzz_u16(in) % MAX_DATA;
	uint8_t *data = calloc(1, count);
	long ret;

	fuzz_check(data, "out of memory");
	if (request == READ)
		ret = vfio_user_client_region_read(client, 0, 0, data, count);
	else if (request == WRITE)
		ret = vfio_user_client_region_write(client, 0, 0, data, count);
	else
		ret = vfio_user_client_region_post(client, 0, 0, data, count);
	fuzz_check(ret <= (long)count, "%ld bytes of %zu", ret, count);
	free(data);
	return ret;
}

static long write_multi(struct vfio_user_client *client, struct fuzz_input *in)
{
	struct vfio_user_single_write wrs[4] = { { .count = 8 } };
	size_t nr = fuzz_u8(in) % 5;
	long ret = vfio_user_client_region_write_multi(client, wrs, nr, false);

	fuzz_check(ret <= (long)nr, "%ld writes of %zu", ret, nr);
	return ret;
}

static long receive_raw(struct vfio_user_client *client)
{
	struct vfio_user_header header;
	uint8_t payload[16];

	return vfio_user_client_recv_raw(client, &header, payload, sizeof(payload));
}

static long ask(struct vfio_user_client *client, unsigned int request, struct fuzz_input *in)
{
	struct vfio_user_device_info device;
	struct vfio_irq_info irq;

	switch (request) {
	case VERSION:
		return vfio_user_client_version(client, NULL);
	case DEVICE_INFO:
		return vfio_user_client_device_info(client, &device);
	case REGION_INFO:
		return ask_region_info(client, in);
	case IRQ_INFO:
		return vfio_user_client_irq_info(client, fuzz_u8(in), &irq);
	case SET_IRQS:
		return vfio_user_client_set_irqs(
			client, VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER, 0, 0,
			NR_FDS, spare);
	case WRITE_MULTI:
		return write_multi(client, in);
	case DMA_MAP:
		return vfio_user_client_dma_map(client, 0, 4096, VFIO_DMA_MAP_FLAG_READ, spare[0],
						0);
	case DMA_UNMAP:
		return vfio_user_client_dma_unmap(client, 0, 4096, 0);
	case RESET:
		return vfio_user_client_reset(client);
	case SERVE:
		return vfio_user_client_serve(client, TIMEOUT_MS);
	case RAW:
		return receive_raw(client);
	default:
		return transfer(client, request, in);
	}
}

/* What the client has sent is of no interest, but has to go. */
static void drain(int sock)
{
	char bytes[65536];

	while (recv(sock, bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
		;
}

/* One request; returns what the client says. */
static long round_trip(struct vfio_user_client *client, int sock, struct fuzz_input *in)
{
	uint8_t what = fuzz_u8(in);
	unsigned int request = what % 16 % NR_REQUESTS, messages = what / 16 % 8, i;
	long ret;

	for (i = 0; i < messages; i++)
		serve(in, sock, commands[request], client->next_id + (what / 128 ? i : 0));
	if (in->left == 0)
		shutdown(sock, SHUT_WR);
	ret = ask(client, request, in);
	fuzz_check(ret > -4096, "request %u: %ld", request, ret);
	drain(sock);
	return ret;
}

void harness_run(struct fuzz_input *in)
{
	int free_fd = fuzz_free_fd(), sock;
	struct vfio_user_client *client;
	unsigned int rounds = 0, silent = 0;
	long ret;

	fuzz_check(!vfio_user_client_connect(place.path, &client), "no connection");
	sock = peer_accept(&place);
	vfio_user_client_set_timeout(client, TIMEOUT_MS);
	vfio_user_client_set_dma_ops(client, &dma_ops, NULL);
	do {
		ret = round_trip(client, sock, in);
		silent += ret == -ETIMEDOUT;
	} while (in->left && ++rounds < MAX_ROUNDS && silent < MAX_SILENT && ret != -ECONNRESET &&
		 ret != -EPROTO);
	vfio_user_client_close(client);
	close(sock);
	fuzz_check(fuzz_free_fd() == free_fd, "a descriptor was not closed");
}
