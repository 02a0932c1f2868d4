/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/* The receiving end of a connection: a stream of bytes and descriptors made into messages. */
#ifndef VFIO_USER_RX_H
#define VFIO_USER_RX_H

#include <linux/types.h>

#include "vfio-user/pool.h"
#include "vfio-user/protocol.h"

/* How much is received at a time where no message asks for more. */
#define VFIO_USER_RX_CHUNK 65536

/*
 * Room for what one turn may leave unprocessed (the end of a large message, or a chunk) and, while
 * that waits, for the reply to a DMA message.
 */
#define VFIO_USER_RX_SIZE (2 * VFIO_USER_MAX_MSG_SIZE + VFIO_USER_RX_CHUNK)

/* Messages with descriptors that may be waiting to be processed at a time. */
#define VFIO_USER_RX_FDSETS 32

/**
 * struct vfio_user_fdset - descriptors that came with a message
 * @owner: where that message begins in the stream, not counting replies
 * @lost: some could not be received, and none was kept
 * @nr: how many
 * @pooled: how many of them are the pool's
 * @fds: the descriptors; -1 for one that has been given away
 */
struct vfio_user_fdset {
	u64 owner;
	bool lost;
	unsigned int nr;
	unsigned int pooled;
	int fds[VFIO_USER_MAX_MSG_FDS];
};

/**
 * struct vfio_user_msg - a message that has arrived whole
 * @header: its header
 * @payload: what follows the header, in the receive buffer, at any alignment
 * @size: bytes at @payload
 * @fds: its descriptors, the receiver's; a taker leaves -1
 * @nfds: how many
 * @lost_fds: it came with descriptors for which this process has no room (RLIMIT_NOFILE)
 */
struct vfio_user_msg {
	struct vfio_user_header header;
	void *payload;
	size_t size;
	int *fds;
	unsigned int nfds;
	bool lost_fds;
};

/**
 * struct vfio_user_rx - the stream and what has been made of it
 * @sock: the socket, the owner's
 * @pool: room for descriptors, the owner's to set. NULL: messages with some break the stream
 * @on_reply: gets each reply as soon as it has arrived; then it is gone from the buffer. Commands
 *	wait for vfio_user_rx_next()
 * @data: its first argument
 * @buf: VFIO_USER_RX_SIZE bytes, filled up to @tail
 * @head: the first message that has not been processed
 * @scan: up to here, messages are whole and their headers good
 * @tail: where the received bytes end
 * @base: position of @buf in the stream of commands
 * @eof: the peer will send no more
 * @broken: 0, or the errno for the message at @scan, behind which nothing can be understood
 * @fdsets: a ring of descriptors, in the order of their owners
 * @fd_first: the first of them
 * @fd_count: how many
 * @pooled: descriptors in them that are the pool's
 *
 * A client that sends descriptors, and then keeps its messages from being processed, must not take
 * all that the process can have. Those of one message, and of the next while that arrives, can always
 * be received, so that whoever waits for replies finds room. Further ones take room from the pool;
 * where that has none, messages stay in the socket until what came before them has been processed.
 *
 * It has no lock: it belongs to one thread at a time, and its users say to which.
 *
 * A stream socket does not keep what was sent apart, but a recvmsg(2) that returns descriptors ends
 * with the bytes that these were sent with. So they belong to the last message of which it returned
 * anything. If that one is of a kind that has no descriptors, the sender has put more than one
 * message into its sendmsg(2); they belong to the last one before it that is of a kind that may.
 */
struct vfio_user_rx {
	int sock;
	struct vfio_user_pool *pool;
	void (*on_reply)(void *data, const struct vfio_user_header *header, const void *payload,
			 size_t size);
	void *data;
	u8 *buf;
	size_t head;
	size_t scan;
	size_t tail;
	u64 base;
	bool eof;
	int broken;
	struct vfio_user_fdset fdsets[VFIO_USER_RX_FDSETS];
	unsigned int fd_first;
	unsigned int fd_count;
	unsigned int pooled;
};

/* 0 or -ENOMEM */
int vfio_user_rx_init(struct vfio_user_rx *rx, int sock,
		      void (*on_reply)(void *data, const struct vfio_user_header *header,
				       const void *payload, size_t size),
		      void *data);

/* Frees the buffer and closes descriptors that nobody took; not the socket. */
void vfio_user_rx_destroy(struct vfio_user_rx *rx);

/*
 * One recvmsg(2) with @flags. Returns 0 when there is more than before, even if it is only that the
 * stream has been found broken, -EAGAIN, -ECONNRESET at the end of the stream, -ENOBUFS while there
 * is no room, for bytes or for descriptors. Where all whole messages have been processed, and the
 * rest compacted, there is some.
 */
int vfio_user_rx_fill(struct vfio_user_rx *rx, int flags);

/* Take the next command that is there. False: there is none yet, or none any more. */
bool vfio_user_rx_next(struct vfio_user_rx *rx, struct vfio_user_msg *msg);

/* Done with the message from vfio_user_rx_next(): closes its descriptors. */
void vfio_user_rx_done(struct vfio_user_rx *rx, struct vfio_user_msg *msg);

/* Move what has not been processed to the front of the buffer. Messages taken become invalid. */
void vfio_user_rx_compact(struct vfio_user_rx *rx);

/* Is the stream broken behind all that has been processed? If its header is there, it is copied. */
bool vfio_user_rx_broken(const struct vfio_user_rx *rx, struct vfio_user_header *header);

#endif /* VFIO_USER_RX_H */
