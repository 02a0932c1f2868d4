// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* A client's connection: its thread, the commands it may send, and the replies. */
#define pr_fmt(fmt) "vfio-user: " fmt

#include <errno.h>
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <poll.h>
#include <sys/time.h>
#include <unistd.h>

#include "vfio-user/cond.h"
#include "vfio-user/conn.h"
#include "vfio-user/stream.h"

/**
 * struct command - what there is to know of a command before it is looked at
 * @handle: its handler
 * @min_size: of the payload, in bytes
 * @max_fds: descriptors that it may come with
 */
struct command {
	ssize_t (*handle)(struct vfio_user_conn *conn, struct vfio_user_msg *msg);
	size_t min_size;
	unsigned int max_fds;
};

/* Commands of the specification that are about what this server does not have: migration. */
static ssize_t handle_unsupported(struct vfio_user_conn *conn, struct vfio_user_msg *msg)
{
	return -EOPNOTSUPP;
}

static const struct command commands[] = {
	[VFIO_USER_VERSION] = { vfio_user_handle_version, sizeof(struct vfio_user_version), 0 },
	[VFIO_USER_DMA_MAP] = { vfio_user_handle_dma_map, sizeof(struct vfio_user_dma_map), 1 },
	[VFIO_USER_DMA_UNMAP] = { vfio_user_handle_dma_unmap, sizeof(struct vfio_user_dma_unmap),
				  0 },
	[VFIO_USER_DEVICE_GET_INFO] = { vfio_user_handle_device_info,
					sizeof(struct vfio_user_device_info), 0 },
	[VFIO_USER_DEVICE_GET_REGION_INFO] = { vfio_user_handle_region_info,
					       sizeof(struct vfio_region_info), 0 },
	[VFIO_USER_DEVICE_GET_REGION_IO_FDS] = { vfio_user_handle_region_io_fds,
						 sizeof(struct vfio_user_region_io_fds), 0 },
	[VFIO_USER_DEVICE_GET_IRQ_INFO] = { vfio_user_handle_irq_info, sizeof(struct vfio_irq_info),
					    0 },
	[VFIO_USER_DEVICE_SET_IRQS] = { vfio_user_handle_set_irqs, sizeof(struct vfio_irq_set),
					VFIO_USER_MAX_MSG_FDS },
	[VFIO_USER_REGION_READ] = { vfio_user_handle_region_read,
				    sizeof(struct vfio_user_region_access), 0 },
	[VFIO_USER_REGION_WRITE] = { vfio_user_handle_region_write,
				     sizeof(struct vfio_user_region_access), 0 },
	[VFIO_USER_DEVICE_RESET] = { vfio_user_handle_reset, 0, 0 },
	[VFIO_USER_DIRTY_PAGES] = { handle_unsupported, 0, 0 },
	[VFIO_USER_REGION_WRITE_MULTI] = { vfio_user_handle_write_multi,
					   sizeof(struct vfio_user_write_multi), 0 },
	[VFIO_USER_DEVICE_FEATURE] = { handle_unsupported, 0, 0 },
	[VFIO_USER_MIG_DATA_READ] = { handle_unsupported, 0, 0 },
	[VFIO_USER_MIG_DATA_WRITE] = { handle_unsupported, 0, 0 },
};

/**
 * vfio_user_conn_peer_gone() - has the client closed its end?
 * @conn: the connection
 *
 * What it sent before may still be unread.
 */
bool vfio_user_conn_peer_gone(const struct vfio_user_conn *conn)
{
	struct pollfd pfd = { .fd = conn->sock, .events = POLLRDHUP };

	return poll(&pfd, 1, 0) > 0;
}

/*
 * How long a sender may wait, in milliseconds; -1: as long as it takes. Where one has waited in vain
 * and nothing has been sent since, the next need not try: 0.
 */
static int time_left(const struct vfio_user_conn *conn, const unsigned long *deadline)
{
	long left;

	if (!deadline)
		return -1;
	left = (long)(*deadline - jiffies);
	return left < 0 || READ_ONCE(conn->stuck) ? 0 : (int)left;
}

/* Become the one that sends: 0, or -ETIMEDOUT if another thread's message takes too long. */
static int begin_send(struct vfio_user_conn *conn, const unsigned long *deadline)
{
	int ret = 0, left;

	pthread_mutex_lock(&conn->tx_lock);
	while (conn->sending && !ret) {
		left = time_left(conn, deadline);
		if (left > 0)
			vfio_user_cond_wait(&conn->tx_free, &conn->tx_lock, left);
		else if (left < 0)
			pthread_cond_wait(&conn->tx_free, &conn->tx_lock);
		else
			ret = -ETIMEDOUT;
	}
	if (ret)
		WRITE_ONCE(conn->stuck, true);
	else
		conn->sending = true;
	pthread_mutex_unlock(&conn->tx_lock);
	return ret;
}

static void end_send(struct vfio_user_conn *conn)
{
	pthread_mutex_lock(&conn->tx_lock);
	conn->sending = false;
	pthread_cond_signal(&conn->tx_free);
	pthread_mutex_unlock(&conn->tx_lock);
}

/* Send it all: 0, -EPIPE, or -ETIMEDOUT with *@started saying whether something has been sent. */
static int send_all(struct vfio_user_conn *conn, struct msghdr *msg, const unsigned long *deadline,
		    bool *started)
{
	struct pollfd pfd = { .fd = conn->sock, .events = POLLOUT };

	while (msg->msg_iovlen > 0) {
		if (vfio_user_send_some(conn->sock, msg, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0) {
			*started = true;
			if (unlikely(READ_ONCE(conn->stuck)))
				WRITE_ONCE(conn->stuck, false);
		} else if (errno == EAGAIN) {
			if (poll(&pfd, 1, time_left(conn, deadline)) == 0) {
				WRITE_ONCE(conn->stuck, true);
				return -ETIMEDOUT;
			}
		} else if (errno != EINTR) {
			return -EPIPE;
		}
	}
	return 0;
}

/**
 * vfio_user_conn_send() - send one message
 * @conn: the connection
 * @iov: the message in pieces; used up
 * @iovcnt: how many
 * @deadline: when, in jiffies, the client must have made room for all of it, and for what others
 *	send before; NULL: whenever it does
 *
 * Messages that several threads send do not mix. The connection is shut down where one was sent in
 * part only.
 *
 * Return: 0, -ETIMEDOUT with nothing sent, or -EPIPE.
 */
int vfio_user_conn_send(struct vfio_user_conn *conn, struct iovec *iov, size_t iovcnt,
			const unsigned long *deadline)
{
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = iovcnt };
	bool started = false;
	int ret;

	ret = begin_send(conn, deadline);
	if (ret)
		return ret;
	ret = send_all(conn, &msg, deadline, &started);
	if (ret && started)
		ret = -EPIPE;
	if (ret == -EPIPE)
		shutdown(conn->sock, SHUT_RDWR);
	end_send(conn);
	return ret;
}

/*
 * Reply to @command with what is at conn_reply_buffer() if @result, a length, says so, or with the
 * error that it is. 0 or -EPIPE
 */
static int reply(struct vfio_user_conn *conn, const struct vfio_user_header *command,
		 ssize_t result)
{
	struct vfio_user_header *header = (struct vfio_user_header *)conn->tx;
	struct iovec iov = { .iov_base = conn->tx };

	if (command->flags & VFIO_USER_NO_REPLY) {
		if (result < 0)
			conn_warn(conn, "command %u, which asked for no reply: %pe\n", command->cmd,
				  ERR_PTR(result));
		return 0;
	}
	*header = (struct vfio_user_header){
		.msg_id = command->msg_id,
		.cmd = command->cmd,
		.msg_size = (u32)sizeof(*header),
		.flags = VFIO_USER_TYPE_REPLY,
	};
	if (result < 0) {
		header->flags |= VFIO_USER_ERROR;
		header->error_no = (u32)-result;
	} else {
		header->msg_size += (u32)result;
	}
	iov.iov_len = header->msg_size;
	return vfio_user_conn_send(conn, &iov, 1, NULL);
}

/* Do what a message asks for: the length of the reply's payload or a negative errno. */
static ssize_t handle(struct vfio_user_conn *conn, struct vfio_user_msg *msg)
{
	const struct command *command;

	if (msg->header.cmd >= ARRAY_SIZE(commands) || !commands[msg->header.cmd].handle)
		return -EINVAL;
	if (msg->lost_fds) {
		conn_warn(conn, "no descriptor left for those of client %d, see RLIMIT_NOFILE\n",
			  conn->peer.pid);
		return -EMFILE;
	}
	command = &commands[msg->header.cmd];
	if (msg->size < command->min_size || msg->nfds > command->max_fds)
		return -EINVAL;
	return command->handle(conn, msg);
}

/*
 * Handle one message and reply to it. While the driver runs, other threads may receive what they
 * wait for, but only where there is memory that takes messages to access. Negative: the connection
 * is over.
 */
static int process(struct vfio_user_conn *conn, struct vfio_user_msg *msg)
{
	bool share_rx = conn->nr_remote > 0;
	ssize_t result;
	int ret;

	if (!conn->device_open && msg->header.cmd != VFIO_USER_VERSION) {
		conn_warn(conn, "client %d sent command %u before its version\n", conn->peer.pid,
			  msg->header.cmd);
		reply(conn, &msg->header, -EINVAL);
		return -EPROTO;
	}
	if (share_rx)
		vfio_user_remote_release_rx(conn);
	result = handle(conn, msg);
	ret = reply(conn, &msg->header, result);
	if (share_rx)
		vfio_user_remote_acquire_rx(conn);
	if (!conn->device_open)
		return -EPROTO;
	if (unlikely(READ_ONCE(conn->memory_lost))) {
		conn_warn(conn, "client %d took away the memory behind a DMA mapping\n",
			  conn->peer.pid);
		return -EFAULT;
	}
	return ret;
}

/* Where replies to DMA messages are to arrive while the driver runs, there has to be room. */
static void make_room(struct vfio_user_conn *conn)
{
	if (conn->nr_remote > 0 && VFIO_USER_RX_SIZE - conn->rx.tail < VFIO_USER_MAX_MSG_SIZE)
		vfio_user_rx_compact(&conn->rx);
}

/* Tell the client, if it can be told, that what it sent makes no sense. */
static void reply_broken(struct vfio_user_conn *conn, const struct vfio_user_header *header)
{
	conn_warn(conn, "client %d sent what is no message: size %u, command %u, flags %#x\n",
		  conn->peer.pid, header->msg_size, header->cmd, header->flags);
	reply(conn, header, -conn->rx.broken);
}

/* Before the client has the device it gets only so much time. */
static void set_handshake_timeout(struct vfio_user_conn *conn, unsigned int msecs)
{
	struct timeval tv = { .tv_sec = msecs / 1000, .tv_usec = (msecs % 1000) * 1000 };

	setsockopt(conn->sock, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
}

/* Serve the client until it goes or has to. */
static void serve(struct vfio_user_conn *conn)
{
	unsigned int handshake_ms = conn->endpoint->server->params.handshake_ms;
	unsigned long deadline = jiffies + handshake_ms;
	struct vfio_user_header header;
	struct vfio_user_msg msg;
	bool was_open = false;
	int ret = 0;

	set_handshake_timeout(conn, handshake_ms);
	while (!ret) {
		make_room(conn);
		while (!ret && vfio_user_rx_next(&conn->rx, &msg)) {
			ret = process(conn, &msg);
			vfio_user_rx_done(&conn->rx, &msg);
			make_room(conn);
		}
		if (ret)
			break;
		if (vfio_user_rx_broken(&conn->rx, &header)) {
			reply_broken(conn, &header);
			break;
		}
		if (conn->device_open && !was_open) {
			set_handshake_timeout(conn, 0);
			conn->rx.pool = &conn->endpoint->server->fd_pool;
			was_open = true;
		}
		/* The socket's timeout begins anew with each byte that comes. */
		if (!was_open && time_after(jiffies, deadline))
			break;
		ret = vfio_user_conn_receive(conn);
	}
}

static void free_buffers(struct vfio_user_conn *conn)
{
	vfio_user_rx_destroy(&conn->rx);
	kvfree(conn->tx);
}

static void conn_release(struct kref *kref)
{
	struct vfio_user_conn *conn = container_of(kref, struct vfio_user_conn, kref);

	vfio_user_remote_destroy(&conn->remote);
	pthread_cond_destroy(&conn->tx_free);
	pthread_mutex_destroy(&conn->tx_lock);
	vfio_user_endpoint_put(conn->endpoint);
	kfree(conn);
}

/* Drop a reference. */
void vfio_user_conn_put(struct vfio_user_conn *conn)
{
	kref_put(&conn->kref, conn_release);
}

static int conn_thread(void *data)
{
	struct vfio_user_conn *conn = data;
	struct vfio_user_server *server = conn->endpoint->server;

	serve(conn);
	vfio_user_remote_kill(conn);
	vfio_user_device_close(conn);
	free_buffers(conn);
	vfio_user_endpoint_leave(conn->endpoint, conn);

	mutex_lock(&server->lock);
	list_add_tail(&conn->node, &server->finished);
	schedule_work(&server->reap);
	if (atomic_dec_and_test(&server->nr_threads))
		wake_up(&server->idle);
	mutex_unlock(&server->lock);
	return 0;
}

static struct vfio_user_conn *conn_alloc(struct vfio_user_endpoint *endpoint, int sock)
{
	struct vfio_user_conn *conn;
	socklen_t len = sizeof(conn->peer);

	conn = kzalloc(sizeof(*conn), GFP_KERNEL);
	if (!conn)
		return NULL;
	conn->tx = kvmalloc(VFIO_USER_MAX_MSG_SIZE, GFP_KERNEL);
	if (!conn->tx)
		goto err_free;
	if (vfio_user_rx_init(&conn->rx, sock, vfio_user_remote_reply, conn))
		goto err_free_tx;
	kref_init(&conn->kref);
	pthread_mutex_init(&conn->tx_lock, NULL);
	vfio_user_cond_init(&conn->tx_free);
	vfio_user_remote_init(&conn->remote);
	conn->mappings = RB_ROOT;
	conn->sock = sock;
	getsockopt(sock, SOL_SOCKET, SO_PEERCRED, &conn->peer, &len);
	kref_get(&endpoint->kref);
	conn->endpoint = endpoint;
	return conn;

err_free_tx:
	kvfree(conn->tx);
err_free:
	kfree(conn);
	return NULL;
}

/**
 * vfio_user_conn_start() - begin to serve a client
 * @endpoint: what it connected to
 * @sock: its socket, consumed on success
 *
 * Return: 0; -EUSERS if there are too many clients already, -ENODEV if the device is going, -ENOMEM,
 * -EAGAIN if there can be no more threads.
 */
int vfio_user_conn_start(struct vfio_user_endpoint *endpoint, int sock)
{
	struct vfio_user_conn *conn;
	int ret;

	conn = conn_alloc(endpoint, sock);
	if (!conn)
		return -ENOMEM;
	pthread_mutex_lock(&endpoint->lock);
	ret = endpoint->closing				    ? -ENODEV
	      : endpoint->nr_conns >= VFIO_USER_MAX_CLIENTS ? -EUSERS
							    : 0;
	if (ret)
		goto err_unlock;
	conn->task = kthread_create(conn_thread, conn, "vfio-user/%d", endpoint->group_id);
	if (IS_ERR(conn->task)) {
		ret = (int)PTR_ERR(conn->task);
		goto err_unlock;
	}
	get_task_struct(conn->task);
	atomic_inc(&endpoint->server->nr_threads);
	list_add_tail(&conn->node, &endpoint->conns);
	endpoint->nr_conns++;
	wake_up_process(conn->task);
	pthread_mutex_unlock(&endpoint->lock);
	return 0;

err_unlock:
	pthread_mutex_unlock(&endpoint->lock);
	free_buffers(conn);
	vfio_user_conn_put(conn);
	return ret;
}

/**
 * vfio_user_conn_reap() - wait for threads that have ended to be gone, and free what they leave
 * @work: the server's
 */
void vfio_user_conn_reap(struct work_struct *work)
{
	struct vfio_user_server *server = container_of(work, struct vfio_user_server, reap);
	struct vfio_user_conn *conn, *next;
	LIST_HEAD(finished);

	mutex_lock(&server->lock);
	list_splice_init(&server->finished, &finished);
	mutex_unlock(&server->lock);
	list_for_each_entry_safe(conn, next, &finished, node) {
		kthread_stop(conn->task);
		put_task_struct(conn->task);
		vfio_user_conn_put(conn);
	}
}
