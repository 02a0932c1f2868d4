/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/* Sockets, for harnesses that are one end of a connection. */
#ifndef FUZZ_PEER_H
#define FUZZ_PEER_H

#include <stdbool.h>
#include <stddef.h>

/* The most descriptors that peer_send() sends. */
#define PEER_MAX_FDS 32

/**
 * struct peer_place - a socket to listen at, in a directory of its own
 * @dir: the directory
 * @path: of the socket
 * @listener: the socket
 */
struct peer_place {
	char dir[256];
	char path[300];
	int listener;
};

void peer_listen(struct peer_place *place, const char *name);
void peer_leave(struct peer_place *place);

/* The other end of a connection that has been made there already. */
int peer_accept(const struct peer_place *place);

/* Connect to who listens at @path. */
int peer_connect(const char *path);

/*
 * Send all of @data with @nfds descriptors at its first byte. False where the other end is gone, or
 * takes nothing for FUZZ_LIMIT_MS.
 */
bool peer_send(int sock, const void *data, size_t len, const int *fds, unsigned int nfds);

#endif /* FUZZ_PEER_H */
