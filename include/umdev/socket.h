/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/* Sockets at which clients come and go, also where file descriptors run out. */
#ifndef UMDEV_SOCKET_H
#define UMDEV_SOCKET_H

#include <sys/types.h>

/**
 * umdev_listen() - have a UNIX socket take connections from the moment it is there
 * @sock: a UNIX stream socket, new
 * @path: its name in the end; what is there, of a process that was killed say, is replaced
 * @interim: its name until it listens, in the same directory; what is there is removed
 * @mode: permissions of the socket's file, whatever the umask
 * @backlog: how many clients may wait to be accepted
 *
 * Whoever sees the socket at @path, or waits for it there, can connect at once.
 *
 * Context: any thread.
 * Return: 0; -ENAMETOOLONG if one of the names has more than the 107 bytes that a UNIX socket's may;
 * or what the system says. On error nothing is left at @interim.
 */
int umdev_listen(int sock, const char *path, const char *interim, mode_t mode, int backlog);

/**
 * umdev_accept() - accept a client, or send it away where it cannot be served
 * @listener: a listening socket, non-blocking
 * @refuse: called with the connection of a client that is sent away, to tell it why; must not block.
 *	The connection is closed behind it. NULL: it is closed without a word
 *
 * A client that accept(2) has no file descriptor for stays where it is, and a level-triggered
 * event loop calls again at once, and again. So there is a descriptor to spare, the runtime's,
 * which is closed to accept the client, who is then sent away.
 *
 * Context: any thread; a callback of an event loop in particular. Where not even that is possible,
 * as somebody else took the descriptor in between or memory has run out, it sleeps for 10 ms, so
 * that a loop does not keep a CPU busy.
 *
 * Return: the connection's descriptor, close-on-exec and blocking, the caller's to close; -EAGAIN if
 * there is no client, or no longer; -EMFILE (RLIMIT_NOFILE) or -ENFILE (fs.file-max) if there was no
 * descriptor left, and the client was sent away or will be by the next call; or what else accept(2)
 * says, such as -ENOMEM, and the client still waits.
 */
int umdev_accept(int listener, void (*refuse)(int sock));

#endif /* UMDEV_SOCKET_H */
