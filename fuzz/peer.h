/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/* Sockets, for harnesses that are one end of a connection. */
#ifndef FUZZ_PEER_H
#define FUZZ_PEER_H

#include <stdbool.h>
#include <stddef.h>

/* The most descriptors that peer_send() sends. */
#define PEER_MAX_FDS 32

/* Listen at @path, or connect to who does. They cannot fail. */
int peer_listen(const char *path);
int peer_connect(const char *path);

/*
 * Send all of @data with @nfds descriptors at its first byte. False where the other end is gone, or
 * takes nothing for FUZZ_LIMIT_MS.
 */
bool peer_send(int sock, const void *data, size_t len, const int *fds, unsigned int nfds);

#endif /* FUZZ_PEER_H */
