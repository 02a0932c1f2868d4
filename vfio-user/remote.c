// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* Access to memory of the client that it did not share: DMA_READ and DMA_WRITE messages. */
#define pr_fmt(fmt) "vfio-user: " fmt

#include <errno.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/printk.h>
#include <linux/string.h>
#include <linux/vfio.h>
#include <poll.h>

#include "vfio-user/cond.h"
#include "vfio-user/conn.h"
#include "vfio-user/stream.h"

/* How often to look again whether there is room to receive on. */
#define ROOM_POLL_MS 10l

/**
 * struct dma_op - a message that waits for its reply; on the stack of the thread that sent it
 * @node: in the connection's ops while no reply has come
 * @header: of the message
 * @data: where the data of a DMA_READ goes
 * @count: bytes of it
 * @done: @result is valid
 * @result: 0 or a negative errno
 *
 * Under the lock of struct vfio_user_remote.
 */
struct dma_op {
	struct list_head node;
	struct vfio_user_header header;
	void *data;
	size_t count;
	bool done;
	int result;
};

void vfio_user_remote_init(struct vfio_user_remote *remote)
{
	pthread_mutex_init(&remote->lock, NULL);
	vfio_user_cond_init(&remote->changed);
	INIT_LIST_HEAD(&remote->ops);
	remote->reading = true;
}

void vfio_user_remote_destroy(struct vfio_user_remote *remote)
{
	pthread_cond_destroy(&remote->changed);
	pthread_mutex_destroy(&remote->lock);
}

/* The connection's thread enters the driver: whoever waits for a reply may receive. */
void vfio_user_remote_release_rx(struct vfio_user_conn *conn)
{
	struct vfio_user_remote *remote = &conn->remote;

	pthread_mutex_lock(&remote->lock);
	remote->reading = false;
	pthread_cond_broadcast(&remote->changed);
	pthread_mutex_unlock(&remote->lock);
}

/* The connection's thread is back and wants to receive, before others do. */
void vfio_user_remote_acquire_rx(struct vfio_user_conn *conn)
{
	struct vfio_user_remote *remote = &conn->remote;

	pthread_mutex_lock(&remote->lock);
	remote->thread_waits = true;
	while (remote->reading)
		pthread_cond_wait(&remote->changed, &remote->lock);
	remote->thread_waits = false;
	remote->reading = true;
	pthread_mutex_unlock(&remote->lock);
}

/**
 * vfio_user_remote_kill() - no more DMA messages
 * @conn: the connection; its thread calls and has the receiving end
 *
 * Accesses in progress fail and are over at the return, later ones fail at once: the socket can be
 * closed.
 */
void vfio_user_remote_kill(struct vfio_user_conn *conn)
{
	struct vfio_user_remote *remote = &conn->remote;

	shutdown(conn->sock, SHUT_RDWR);
	pthread_mutex_lock(&remote->lock);
	remote->dead = true;
	remote->reading = false;
	pthread_cond_broadcast(&remote->changed);
	while (remote->nr_active > 0)
		pthread_cond_wait(&remote->changed, &remote->lock);
	pthread_mutex_unlock(&remote->lock);
}

/* What a reply says of its operation; copies the data of a read. */
static int take_reply(struct dma_op *op, const struct vfio_user_header *header, const void *payload,
		      size_t size)
{
	int ret = vfio_user_reply_error(header);
	struct vfio_user_dma_access access;

	/* What comes with that to a write is of no use, and clients differ in whether something does. */
	if (ret || op->header.cmd == VFIO_USER_DMA_WRITE)
		return ret;
	if (size < sizeof(access))
		return -EPROTO;
	memcpy(&access, payload, sizeof(access));
	if (access.count != op->count || size - sizeof(access) < op->count)
		return -EPROTO;
	memcpy(op->data, (const u8 *)payload + sizeof(access), op->count);
	return 0;
}

/**
 * vfio_user_remote_reply() - a reply has arrived
 * @data: the connection
 * @header: the reply's header
 * @payload: its payload
 * @size: bytes at @payload
 *
 * One that nobody waits for is late, and shows that the client answers after all.
 *
 * Context: a thread that has the receiving end.
 */
void vfio_user_remote_reply(void *data, const struct vfio_user_header *header, const void *payload,
			    size_t size)
{
	struct vfio_user_conn *conn = data;
	struct vfio_user_remote *remote = &conn->remote;
	struct dma_op *op;

	pthread_mutex_lock(&remote->lock);
	remote->silent = false;
	list_for_each_entry(op, &remote->ops, node) {
		if (op->header.msg_id != header->msg_id || op->header.cmd != header->cmd)
			continue;
		list_del_init(&op->node);
		op->result = take_reply(op, header, payload, size);
		op->done = true;
		pthread_cond_broadcast(&remote->changed);
		break;
	}
	pthread_mutex_unlock(&remote->lock);
}

static bool id_in_use(const struct vfio_user_remote *remote, u16 id)
{
	const struct dma_op *op;

	list_for_each_entry(op, &remote->ops, node)
		if (op->header.msg_id == id)
			return true;
	return false;
}

/* Register an operation, so that its reply finds it. */
static int begin_op(struct vfio_user_remote *remote, struct dma_op *op)
{
	int ret = 0;

	pthread_mutex_lock(&remote->lock);
	if (remote->dead) {
		ret = -ENOTCONN;
	} else if (remote->silent) {
		ret = -ETIMEDOUT;
	} else {
		while (id_in_use(remote, remote->next_id))
			remote->next_id++;
		op->header.msg_id = remote->next_id++;
		list_add_tail(&op->node, &remote->ops);
		remote->nr_active++;
	}
	pthread_mutex_unlock(&remote->lock);
	return ret;
}

static void end_op(struct vfio_user_remote *remote, struct dma_op *op)
{
	pthread_mutex_lock(&remote->lock);
	list_del(&op->node);
	remote->nr_active--;
	if (remote->dead)
		pthread_cond_broadcast(&remote->changed);
	pthread_mutex_unlock(&remote->lock);
}

/*
 * With the receiving end and without the lock: receive once, as vfio_user_rx_fill() does. The end of
 * a stream that is not read on for now would not be seen.
 */
static int receive_once(struct vfio_user_conn *conn, long msecs)
{
	struct pollfd pfd = { .fd = conn->sock, .events = POLLIN };
	int ret;

	if (poll(&pfd, 1, (int)msecs) <= 0)
		return -EAGAIN;
	ret = vfio_user_rx_fill(&conn->rx, MSG_DONTWAIT);
	if (ret == -ENOBUFS && vfio_user_conn_peer_gone(conn))
		return -ECONNRESET;
	return ret;
}

/* Wait for the reply, and receive meanwhile if no other thread does. */
static int await_reply(struct vfio_user_conn *conn, struct dma_op *op, unsigned long deadline)
{
	struct vfio_user_remote *remote = &conn->remote;
	int ret = 0, received;
	long left;

	pthread_mutex_lock(&remote->lock);
	while (!op->done && !ret) {
		left = (long)(deadline - jiffies);
		if (remote->dead) {
			ret = -ENOTCONN;
		} else if (left <= 0) {
			ret = -ETIMEDOUT;
			remote->silent = true;
		} else if (remote->reading || remote->thread_waits) {
			vfio_user_cond_wait(&remote->changed, &remote->lock, left);
		} else {
			remote->reading = true;
			pthread_mutex_unlock(&remote->lock);
			received = receive_once(conn, left);
			pthread_mutex_lock(&remote->lock);
			remote->reading = false;
			remote->dead |= received == -ECONNRESET;
			pthread_cond_broadcast(&remote->changed);
			if (received == -ENOBUFS)
				vfio_user_cond_wait(&remote->changed, &remote->lock,
						    min(left, ROOM_POLL_MS));
		}
	}
	if (op->done)
		ret = op->result;
	pthread_mutex_unlock(&remote->lock);
	return ret;
}

/* One message and its reply: @count bytes between @addr of the client and @data. */
static int access_once(struct vfio_user_conn *conn, u16 cmd, u64 addr, void *data, size_t count)
{
	unsigned int timeout_ms = conn->endpoint->server->params.dma_timeout_ms;
	size_t sent = cmd == VFIO_USER_DMA_WRITE ? count : 0;
	unsigned long deadline = jiffies + timeout_ms;
	struct vfio_user_dma_access access = { .addr = addr, .count = count };
	struct dma_op op = {
		.header = {
			.cmd = cmd,
			.msg_size = (u32)(sizeof(op.header) + sizeof(access) + sent),
			.flags = VFIO_USER_TYPE_COMMAND,
		},
		.data = data,
		.count = count,
	};
	struct iovec iov[] = {
		{ .iov_base = &op.header, .iov_len = sizeof(op.header) },
		{ .iov_base = &access, .iov_len = sizeof(access) },
		{ .iov_base = data, .iov_len = sent },
	};
	int ret;

	ret = begin_op(&conn->remote, &op);
	if (ret)
		return ret;
	ret = vfio_user_conn_send(conn, iov, ARRAY_SIZE(iov), &deadline);
	if (!ret)
		ret = await_reply(conn, &op, deadline);
	end_op(&conn->remote, &op);
	if (ret == -EPIPE)
		ret = -ENOTCONN;
	if (ret == -ETIMEDOUT)
		conn_warn(conn, "client %d did not answer a DMA message within %u ms\n",
			  conn->peer.pid, timeout_ms);
	return ret;
}

/* Specification: the count must not exceed the peer's max_data_xfer_size. */
static int access_all(struct vfio_user_conn *conn, u16 cmd, u64 addr, void *data, size_t count)
{
	size_t max = min_t(u64, conn->caps.max_data_xfer_size, VFIO_USER_MAX_DATA_XFER_SIZE);
	size_t n;
	int ret = 0;

	while (count > 0 && !ret) {
		n = min(count, max);
		ret = access_once(conn, cmd, addr, data, n);
		addr += n;
		data = (u8 *)data + n;
		count -= n;
	}
	return ret;
}

/*
 * Errors of both: what the client's error reply says, -ETIMEDOUT without a reply, -ENOTCONN when the
 * client has gone, -EPROTO for a reply that makes no sense.
 */
static int remote_read(void *opaque, u64 iova, void *data, size_t count)
{
	return access_all(opaque, VFIO_USER_DMA_READ, iova, data, count);
}

static int remote_write(void *opaque, u64 iova, const void *data, size_t count)
{
	return access_all(opaque, VFIO_USER_DMA_WRITE, iova, (void *)data, count);
}

static void remote_release(void *opaque)
{
	vfio_user_conn_put(opaque);
}

const struct vfio_dma_remote_ops vfio_user_remote_ops = {
	.read = remote_read,
	.write = remote_write,
	.release = remote_release,
};
