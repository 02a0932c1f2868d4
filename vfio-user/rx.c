// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
#include <errno.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "vfio-user/rx.h"
#include "vfio-user/stream.h"

/* No message in the buffer. */
#define NO_OWNER SIZE_MAX

int vfio_user_rx_init(struct vfio_user_rx *rx, int sock,
		      void (*on_reply)(void *data, const struct vfio_user_header *header,
				       const void *payload, size_t size),
		      void *data)
{
	*rx = (struct vfio_user_rx){ .sock = sock, .on_reply = on_reply, .data = data };
	rx->buf = kvmalloc(VFIO_USER_RX_SIZE, GFP_KERNEL);
	return rx->buf ? 0 : -ENOMEM;
}

static void close_fds(const int *fds, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

static void close_fdset(struct vfio_user_rx *rx, struct vfio_user_fdset *set)
{
	close_fds(set->fds, set->nr);
	rx->pooled -= set->pooled;
	vfio_user_pool_put(rx->pool, (int)set->pooled);
}

/* The set @i places behind the first. */
static struct vfio_user_fdset *fdset_at(struct vfio_user_rx *rx, unsigned int i)
{
	return &rx->fdsets[(rx->fd_first + i) % VFIO_USER_RX_FDSETS];
}

static void drop_first_fdset(struct vfio_user_rx *rx)
{
	close_fdset(rx, fdset_at(rx, 0));
	rx->fd_first = (rx->fd_first + 1) % VFIO_USER_RX_FDSETS;
	rx->fd_count--;
}

void vfio_user_rx_destroy(struct vfio_user_rx *rx)
{
	while (rx->fd_count > 0)
		drop_first_fdset(rx);
	kvfree(rx->buf);
	rx->buf = NULL;
}

static bool has_fds(const struct vfio_user_header *header)
{
	return !vfio_user_is_reply(header) &&
	       (header->cmd == VFIO_USER_DMA_MAP || header->cmd == VFIO_USER_DEVICE_SET_IRQS);
}

/*
 * Hand the reply at @scan over and take it out of the buffer, which may be all that is to be received
 * for a while: the connection's thread may be waiting for just this.
 */
static void deliver_reply(struct vfio_user_rx *rx, const struct vfio_user_header *header)
{
	u8 *start = rx->buf + rx->scan, *end = start + header->msg_size;

	if (rx->fd_count > 0 && fdset_at(rx, rx->fd_count - 1)->owner == rx->base + rx->scan)
		close_fdset(rx, fdset_at(rx, --rx->fd_count));
	rx->on_reply(rx->data, header, start + sizeof(*header), header->msg_size - sizeof(*header));
	memmove(start, end, (size_t)(rx->buf + rx->tail - end));
	rx->tail -= header->msg_size;
}

/*
 * Go over the messages of which something has just been received. Returns where in the buffer the
 * one begins that owns the descriptors which came with that, if any did; NO_OWNER if that was a
 * reply.
 */
static size_t scan_messages(struct vfio_user_rx *rx)
{
	struct vfio_user_header header;
	size_t last = NO_OWNER, taker = NO_OWNER;

	while (rx->tail - rx->scan >= sizeof(header)) {
		memcpy(&header, rx->buf + rx->scan, sizeof(header));
		last = rx->scan;
		if (!vfio_user_header_ok(&header)) {
			rx->broken = EINVAL;
			return last;
		}
		if (has_fds(&header))
			taker = rx->scan;
		if (rx->tail - rx->scan < header.msg_size)
			return taker == NO_OWNER ? last : taker;
		if (vfio_user_is_reply(&header)) {
			deliver_reply(rx, &header);
			last = NO_OWNER;
		} else {
			rx->scan += header.msg_size;
		}
	}
	if (rx->scan < rx->tail)
		return rx->scan;
	return taker == NO_OWNER ? last : taker;
}

/* The set of the message at @owner, if it is the last, or a new one. */
static struct vfio_user_fdset *fdset_of(struct vfio_user_rx *rx, size_t owner)
{
	struct vfio_user_fdset *set;

	if (rx->fd_count > 0) {
		set = fdset_at(rx, rx->fd_count - 1);
		if (set->owner == rx->base + owner)
			return set;
	}
	set = fdset_at(rx, rx->fd_count++);
	*set = (struct vfio_user_fdset){ .owner = rx->base + owner };
	return set;
}

/*
 * Give the descriptors in @msg to the message at @owner; returns how many are kept. More of them
 * than a message may have is a broken stream from @owner on. If not even as many have arrived, it is
 * this process that has no room for them, which is no fault of the peer's.
 */
static unsigned int take_fds(struct vfio_user_rx *rx, size_t owner, struct msghdr *msg)
{
	bool truncated = msg->msg_flags & MSG_CTRUNC;
	int fds[VFIO_USER_MAX_MSG_FDS];
	struct vfio_user_fdset *set;
	unsigned int nr = vfio_user_get_fds(msg, fds);

	if (owner == NO_OWNER)
		goto close;
	if (!rx->pool)
		goto broken;
	set = fdset_of(rx, owner);
	if (truncated && nr < VFIO_USER_MAX_MSG_FDS) {
		set->lost = true;
		goto close;
	}
	if (truncated || nr > VFIO_USER_MAX_MSG_FDS - set->nr)
		goto broken;
	memcpy(set->fds + set->nr, fds, nr * sizeof(*fds));
	set->nr += nr;
	return nr;

broken:
	rx->scan = owner;
	rx->broken = EINVAL;
close:
	close_fds(fds, nr);
	return 0;
}

/*
 * Before something is received: take room for the descriptors that may come from the pool, if it is
 * the pool's matter. Returns for how many, or -ENOBUFS.
 */
static int reserve_fds(struct vfio_user_rx *rx)
{
	if (rx->fd_count == 0 ||
	    (rx->fd_count == 1 && fdset_at(rx, 0)->owner == rx->base + rx->scan))
		return 0;
	if (rx->fd_count == VFIO_USER_RX_FDSETS)
		return -ENOBUFS;
	if (!vfio_user_pool_take(rx->pool, (int)rx->pooled, VFIO_USER_MAX_MSG_FDS))
		return -ENOBUFS;
	return VFIO_USER_MAX_MSG_FDS;
}

/* Of the room that was taken, @nr descriptors in the last set need some. */
static void settle_fds(struct vfio_user_rx *rx, int reserved, unsigned int nr)
{
	if (reserved == 0)
		return;
	if (nr > 0)
		fdset_at(rx, rx->fd_count - 1)->pooled += nr;
	rx->pooled += nr;
	vfio_user_pool_put(rx->pool, reserved - (int)nr);
}

/* How much to receive: the rest of the message that has begun, or whatever there is. */
static size_t wanted(const struct vfio_user_rx *rx)
{
	struct vfio_user_header header;
	size_t room = VFIO_USER_RX_SIZE - rx->tail;
	size_t rest = 0;

	if (rx->tail - rx->scan >= sizeof(header)) {
		memcpy(&header, rx->buf + rx->scan, sizeof(header));
		rest = header.msg_size - (rx->tail - rx->scan);
	}
	return min_t(size_t, room, max_t(size_t, rest, VFIO_USER_RX_CHUNK));
}

int vfio_user_rx_fill(struct vfio_user_rx *rx, int flags)
{
	union vfio_user_control control;
	struct iovec iov = { .iov_base = rx->buf + rx->tail, .iov_len = wanted(rx) };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = rx->pool ? control.buf : NULL,
		.msg_controllen = rx->pool ? sizeof(control.buf) : 0,
	};
	unsigned int nr = 0;
	size_t owner;
	ssize_t got;
	int reserved;

	if (rx->eof || rx->broken)
		return -ECONNRESET;
	if (iov.iov_len == 0)
		return -ENOBUFS;
	reserved = reserve_fds(rx);
	if (reserved < 0)
		return reserved;
	do {
		got = recvmsg(rx->sock, &msg, flags | MSG_CMSG_CLOEXEC);
	} while (got < 0 && errno == EINTR);
	if (got > 0) {
		rx->tail += (size_t)got;
		owner = scan_messages(rx);
		if (unlikely(msg.msg_controllen > 0 || msg.msg_flags & MSG_CTRUNC))
			nr = take_fds(rx, owner, &msg);
	}
	settle_fds(rx, reserved, nr);
	if (got > 0)
		return 0;
	if (got < 0 && errno == EAGAIN)
		return -EAGAIN;
	rx->eof = true;
	return -ECONNRESET;
}

bool vfio_user_rx_next(struct vfio_user_rx *rx, struct vfio_user_msg *msg)
{
	struct vfio_user_fdset *set;

	if (rx->head >= rx->scan)
		return false;
	memcpy(&msg->header, rx->buf + rx->head, sizeof(msg->header));
	msg->payload = rx->buf + rx->head + sizeof(msg->header);
	msg->size = msg->header.msg_size - sizeof(msg->header);
	msg->fds = NULL;
	msg->nfds = 0;
	msg->lost_fds = false;
	if (rx->fd_count > 0 && fdset_at(rx, 0)->owner == rx->base + rx->head) {
		set = fdset_at(rx, 0);
		msg->fds = set->fds;
		msg->nfds = set->nr;
		msg->lost_fds = set->lost;
	}
	return true;
}

void vfio_user_rx_done(struct vfio_user_rx *rx, struct vfio_user_msg *msg)
{
	if (msg->fds)
		drop_first_fdset(rx);
	rx->head += msg->header.msg_size;
	if (rx->head < rx->tail)
		return;
	rx->base += rx->head;
	rx->head = 0;
	rx->scan = 0;
	rx->tail = 0;
}

void vfio_user_rx_compact(struct vfio_user_rx *rx)
{
	if (rx->head == 0)
		return;
	memmove(rx->buf, rx->buf + rx->head, rx->tail - rx->head);
	rx->base += rx->head;
	rx->scan -= rx->head;
	rx->tail -= rx->head;
	rx->head = 0;
}

bool vfio_user_rx_broken(const struct vfio_user_rx *rx, struct vfio_user_header *header)
{
	if (!rx->broken || rx->head < rx->scan)
		return false;
	*header = (struct vfio_user_header){ 0 };
	if (rx->tail - rx->scan >= sizeof(*header))
		memcpy(header, rx->buf + rx->scan, sizeof(*header));
	return true;
}
