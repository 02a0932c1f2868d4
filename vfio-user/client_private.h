/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/* What the client library's files share. */
#ifndef VFIO_USER_CLIENT_PRIVATE_H
#define VFIO_USER_CLIENT_PRIVATE_H

#include "vfio-user/client.h"

/* Pieces of one message: its header and what a caller of vfio_user_client_request() may give. */
#define CLIENT_MAX_IOV 3

/**
 * struct vfio_user_client - one connection to a device's server
 * @fd: the socket
 * @next_id: of the next request
 * @broken: nothing more can be read or written: what every request answers, or 0
 * @server: what the server said of itself
 * @dma_ops: how its DMA messages are answered; may be NULL
 * @opaque: @dma_ops's first argument
 * @rx: what has been received
 * @head: where in @rx the first message that has not been taken begins
 * @tail: where in @rx the received bytes end
 * @fds: descriptors that belong to the message that ends at @tail, or is going to
 * @nfds: how many; 0 once they are closed or given away
 * @wants_fds: the reply that is awaited may come with some
 * @tx: the data of the answer to a DMA_READ
 */
struct vfio_user_client {
	int fd;
	uint16_t next_id;
	int broken;
	struct vfio_user_caps server;
	const struct vfio_user_client_dma_ops *dma_ops;
	void *opaque;
	uint8_t *rx;
	size_t head;
	size_t tail;
	int fds[VFIO_USER_MAX_MSG_FDS];
	int nfds;
	bool wants_fds;
	uint8_t *tx;
};

/*
 * Send a request and wait for its reply unless @flags has VFIO_USER_NO_REPLY. Returns 0 with
 * *reply set, good until the next use of @client, or an errno.
 */
int client_transact(struct vfio_user_client *client, uint16_t cmd, uint32_t flags,
		    const struct iovec *iov, int iovcnt, const int *fds, int nfds,
		    const struct vfio_user_header **reply);

/* Close the descriptors that came with the message that was taken last. */
void client_drop_fds(struct vfio_user_client *client);

static inline const void *client_payload(const struct vfio_user_header *header)
{
	return header + 1;
}

static inline size_t client_payload_size(const struct vfio_user_header *header)
{
	return header->msg_size - sizeof(*header);
}

#endif /* VFIO_USER_CLIENT_PRIVATE_H */
