// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* The client's connection: sockets, messages, and answers to what the server asks. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "vfio-user/client_private.h"
#include "vfio-user/stream.h"

#define DEFAULT_TIMEOUT_MS 5000

/* Up to so many bytes, a copy costs less than the kernel's handling of several pieces. */
#define SMALL_MESSAGE 256

int vfio_user_client_connect(const char *path, struct vfio_user_client **client)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	struct vfio_user_client *c;
	int ret;

	if (strlen(path) >= sizeof(addr.sun_path))
		return -ENAMETOOLONG;
	strcpy(addr.sun_path, path);

	ret = -ENOMEM;
	c = calloc(1, sizeof(*c));
	if (!c)
		return ret;
	c->rx = malloc(VFIO_USER_MAX_MSG_SIZE);
	c->tx = malloc(VFIO_USER_MAX_DATA_XFER_SIZE);
	if (!c->rx || !c->tx)
		goto err_free;
	c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd < 0) {
		ret = -errno;
		goto err_free;
	}
	if (connect(c->fd, (struct sockaddr *)&addr, sizeof(addr))) {
		ret = -errno;
		goto err_close;
	}
	vfio_user_caps_default(&c->server);
	vfio_user_client_set_timeout(c, DEFAULT_TIMEOUT_MS);
	*client = c;
	return 0;

err_close:
	close(c->fd);
err_free:
	free(c->tx);
	free(c->rx);
	free(c);
	return ret;
}

void vfio_user_client_close(struct vfio_user_client *client)
{
	if (!client)
		return;
	client_drop_fds(client);
	close(client->fd);
	free(client->tx);
	free(client->rx);
	free(client);
}

int vfio_user_client_fd(const struct vfio_user_client *client)
{
	return client->fd;
}

void vfio_user_client_set_timeout(struct vfio_user_client *client, unsigned int msecs)
{
	struct timeval tv = { .tv_sec = msecs / 1000, .tv_usec = (msecs % 1000) * 1000 };

	setsockopt(client->fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	setsockopt(client->fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
}

void vfio_user_client_set_dma_ops(struct vfio_user_client *client,
				  const struct vfio_user_client_dma_ops *ops, void *opaque)
{
	client->dma_ops = ops;
	client->opaque = opaque;
}

const struct vfio_user_caps *vfio_user_client_server_caps(const struct vfio_user_client *client)
{
	return &client->server;
}

void client_drop_fds(struct vfio_user_client *client)
{
	while (client->nfds > 0)
		close(client->fds[--client->nfds]);
}

/* Send all of it; the descriptors go with the first byte. */
static int send_all(struct vfio_user_client *client, struct iovec *iov, int iovcnt, const int *fds,
		    int nfds)
{
	union {
		char buf[CMSG_SPACE(sizeof(int) * VFIO_USER_MAX_MSG_FDS * 2)];
		struct cmsghdr align;
	} control;
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = (size_t)iovcnt };
	bool started = false;
	ssize_t sent;

	if (client->broken)
		return client->broken;
	if (nfds > VFIO_USER_MAX_MSG_FDS * 2)
		return -EINVAL;
	if (nfds > 0) {
		size_t len = sizeof(int) * (size_t)nfds;
		struct cmsghdr *cmsg;

		msg.msg_control = control.buf;
		msg.msg_controllen = CMSG_SPACE(len);
		cmsg = CMSG_FIRSTHDR(&msg);
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(len);
		memcpy(CMSG_DATA(cmsg), fds, len);
	}
	while (msg.msg_iovlen > 0) {
		sent = vfio_user_send_some(client->fd, &msg, MSG_NOSIGNAL);
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0 && errno == EAGAIN && !started)
			return -ETIMEDOUT;
		if (sent < 0) {
			client->broken = errno == EAGAIN ? -EPROTO : -ECONNRESET;
			return client->broken;
		}
		started = true;
	}
	return 0;
}

/* Like recv(2), and keep descriptors that come with the data in place of those nobody took. */
static ssize_t receive_with_fds(struct vfio_user_client *client, void *data, size_t size)
{
	union vfio_user_control control;
	struct iovec iov = { .iov_base = data, .iov_len = size };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.buf,
		.msg_controllen = sizeof(control.buf),
	};
	ssize_t got;

	got = recvmsg(client->fd, &msg, MSG_CMSG_CLOEXEC);
	if (got > 0 && msg.msg_controllen > 0) {
		client_drop_fds(client);
		client->nfds = (int)vfio_user_get_fds(&msg, client->fds);
	}
	return got;
}

/*
 * Receive whatever there is behind what there is already. Where no descriptors are expected, none
 * are asked for: the kernel then closes what comes, and has less to do.
 */
static int receive_more(struct vfio_user_client *client)
{
	uint8_t *end;
	size_t room;
	ssize_t got;

	if (client->broken)
		return client->broken;
	if (client->head > 0) {
		memmove(client->rx, client->rx + client->head, client->tail - client->head);
		client->tail -= client->head;
		client->head = 0;
	}
	end = client->rx + client->tail;
	room = VFIO_USER_MAX_MSG_SIZE - client->tail;
	do {
		got = client->wants_fds ? receive_with_fds(client, end, room)
					: recv(client->fd, end, room, 0);
	} while (got < 0 && errno == EINTR);
	if (got < 0 && errno == EAGAIN)
		return -ETIMEDOUT;
	if (got <= 0) {
		client->broken = -ECONNRESET;
		return client->broken;
	}
	client->tail += (size_t)got;
	return 0;
}

/* Set *header to the next message, complete and good until the next call. */
static int receive_message(struct vfio_user_client *client, const struct vfio_user_header **header)
{
	struct vfio_user_header *h;
	size_t have;
	int ret;

	for (;;) {
		h = (struct vfio_user_header *)(client->rx + client->head);
		have = client->tail - client->head;
		/* The server pads nothing, so a message may begin at any address. */
		if (client->head % _Alignof(struct vfio_user_region_access)) {
			memmove(client->rx, h, have);
			client->head = 0;
			client->tail = have;
			continue;
		}
		if (have >= sizeof(*h)) {
			if (!vfio_user_header_ok(h)) {
				client->broken = -EPROTO;
				return client->broken;
			}
			if (have >= h->msg_size)
				break;
		}
		ret = receive_more(client);
		if (ret)
			return ret;
	}
	client->head += h->msg_size;
	*header = h;
	return 0;
}

static int reply_error(struct vfio_user_client *client, const struct vfio_user_header *command,
		       int error)
{
	struct vfio_user_header header = {
		.msg_id = command->msg_id,
		.cmd = command->cmd,
		.msg_size = sizeof(header),
		.flags = VFIO_USER_TYPE_REPLY | VFIO_USER_ERROR,
		.error_no = (uint32_t)error,
	};
	struct iovec iov = { .iov_base = &header, .iov_len = sizeof(header) };

	if (command->flags & VFIO_USER_NO_REPLY)
		return 0;
	return send_all(client, &iov, 1, NULL, 0);
}

/* Do what @command, DMA_READ or DMA_WRITE with its @access, asks for; 0 or a negative errno. */
static int access_memory(struct vfio_user_client *client, const struct vfio_user_header *command,
			 const struct vfio_user_dma_access *access)
{
	size_t data = client_payload_size(command) - sizeof(*access);

	if (access->count > VFIO_USER_MAX_DATA_XFER_SIZE)
		return -E2BIG;
	if (!client->dma_ops)
		return -EFAULT;
	if (command->cmd == VFIO_USER_DMA_READ)
		return client->dma_ops->read(client->opaque, access->addr, client->tx,
					     access->count);
	if (access->count > data)
		return -EINVAL;
	return client->dma_ops->write(client->opaque, access->addr, access->data, access->count);
}

static int serve_command(struct vfio_user_client *client, const struct vfio_user_header *command)
{
	const struct vfio_user_dma_access *access = client_payload(command);
	struct vfio_user_header header = {
		.msg_id = command->msg_id,
		.cmd = command->cmd,
		.msg_size = sizeof(header) + sizeof(*access),
		.flags = VFIO_USER_TYPE_REPLY,
	};
	struct iovec iov[3] = {
		{ .iov_base = &header, .iov_len = sizeof(header) },
		{ .iov_base = (void *)access, .iov_len = sizeof(*access) },
		{ .iov_base = client->tx },
	};
	int ret;

	if (command->cmd != VFIO_USER_DMA_READ && command->cmd != VFIO_USER_DMA_WRITE)
		return reply_error(client, command, EOPNOTSUPP);
	if (client_payload_size(command) < sizeof(*access))
		return reply_error(client, command, EINVAL);
	ret = access_memory(client, command, access);
	if (ret)
		return reply_error(client, command, -ret);
	if (command->flags & VFIO_USER_NO_REPLY)
		return 0;
	if (command->cmd == VFIO_USER_DMA_READ) {
		iov[2].iov_len = access->count;
		header.msg_size += (uint32_t)access->count;
	}
	return send_all(client, iov, 3, NULL, 0);
}

/* The reply to request @id, past what else comes: the server's commands, replies that are late. */
static int await_reply(struct vfio_user_client *client, uint16_t id, uint16_t cmd,
		       const struct vfio_user_header **reply)
{
	const struct vfio_user_header *header;
	int ret;

	for (;;) {
		ret = receive_message(client, &header);
		if (ret)
			return ret;
		if (!vfio_user_is_reply(header)) {
			ret = serve_command(client, header);
			if (ret)
				return ret;
		} else if (header->msg_id == id && header->cmd == cmd) {
			break;
		}
	}
	*reply = header;
	return vfio_user_reply_error(header);
}

/* Make one piece, at @to, of all; returns how many there are now. */
static int gather(struct iovec *pieces, int nr, uint8_t *to)
{
	uint8_t *end = to;
	int i;

	for (i = 0; i < nr; i++) {
		if (pieces[i].iov_len > 0)
			memcpy(end, pieces[i].iov_base, pieces[i].iov_len);
		end += pieces[i].iov_len;
	}
	pieces[0].iov_base = to;
	pieces[0].iov_len = (size_t)(end - to);
	return 1;
}

int client_transact(struct vfio_user_client *client, uint16_t cmd, uint32_t flags,
		    const struct iovec *iov, int iovcnt, const int *fds, int nfds,
		    const struct vfio_user_header **reply)
{
	struct vfio_user_header header = {
		.msg_id = client->next_id++,
		.cmd = cmd,
		.flags = VFIO_USER_TYPE_COMMAND | flags,
	};
	struct iovec pieces[CLIENT_MAX_IOV] = {
		{ .iov_base = &header, .iov_len = sizeof(header) },
	};
	uint8_t small[SMALL_MESSAGE];
	size_t size = sizeof(header);
	int i, ret;

	if (iovcnt >= CLIENT_MAX_IOV || nfds > VFIO_USER_MAX_MSG_FDS)
		return -EINVAL;
	for (i = 0; i < iovcnt; i++) {
		pieces[i + 1] = iov[i];
		if (iov[i].iov_len > VFIO_USER_MAX_MSG_SIZE - size)
			return -EINVAL;
		size += iov[i].iov_len;
	}
	iovcnt++;
	header.msg_size = (uint32_t)size;
	client->wants_fds = cmd == VFIO_USER_DEVICE_GET_REGION_INFO;
	client_drop_fds(client);
	if (size <= SMALL_MESSAGE)
		iovcnt = gather(pieces, iovcnt, small);
	ret = send_all(client, pieces, iovcnt, fds, nfds);
	if (ret || flags & VFIO_USER_NO_REPLY)
		return ret;
	return await_reply(client, header.msg_id, cmd, reply);
}

/* Copy what fits of a message's payload; returns how long it is. */
static ssize_t copy_payload(const struct vfio_user_header *header, void *to, size_t size)
{
	size_t len = client_payload_size(header);

	if (len < size)
		size = len;
	if (size > 0)
		memcpy(to, client_payload(header), size);
	return (ssize_t)len;
}

ssize_t vfio_user_client_request(struct vfio_user_client *client, uint16_t cmd,
				 const struct iovec *iov, int iovcnt, const int *fds, int nfds,
				 void *reply, size_t size)
{
	const struct vfio_user_header *header;
	int ret;

	ret = client_transact(client, cmd, 0, iov, iovcnt, fds, nfds, &header);
	if (ret)
		return ret;
	return copy_payload(header, reply, size);
}

int vfio_user_client_serve(struct vfio_user_client *client, unsigned int msecs)
{
	struct pollfd pfd = { .fd = client->fd, .events = POLLIN };
	const struct vfio_user_header *header;
	int ret;

	do {
		if (client->head == client->tail) {
			ret = poll(&pfd, 1, msecs ? (int)msecs : -1);
			if (ret == 0)
				return -ETIMEDOUT;
		}
		ret = receive_message(client, &header);
		if (ret)
			return ret;
	} while (vfio_user_is_reply(header));
	return serve_command(client, header);
}

int vfio_user_client_send_raw(struct vfio_user_client *client, const void *data, size_t len,
			      const int *fds, int nfds)
{
	struct iovec iov = { .iov_base = (void *)data, .iov_len = len };

	return send_all(client, &iov, 1, fds, nfds);
}

ssize_t vfio_user_client_recv_raw(struct vfio_user_client *client, struct vfio_user_header *header,
				  void *payload, size_t size)
{
	const struct vfio_user_header *h;
	int ret;

	ret = receive_message(client, &h);
	client_drop_fds(client);
	if (ret)
		return ret;
	*header = *h;
	return copy_payload(h, payload, size);
}
