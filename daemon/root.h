/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * The root directory of a running daemon.
 */
#ifndef UMDEV_DAEMON_ROOT_H
#define UMDEV_DAEMON_ROOT_H

#include <stdbool.h>
#include <umdev/error.h>

/*
 * Owned by main(). The paths are absolute. @pid_fd holds the lock that says
 * the root is served.
 */
struct root {
	char *path;
	char *sys;
	char *vfio;
	char *control;
	int dir_fd;
	int pid_fd;
};

/**
 * root_open - take possession of a root directory
 * @root: filled in
 * @given: the path, NULL for the default
 * @allow_other: whether other users may enter it
 * @err: for a person
 *
 * Makes the directory and those in it, locks the pid file and writes it, and
 * removes what a crashed daemon left: sockets and a stale mount.
 *
 * Return: 0; -EALREADY a live daemon serves it; else another negative errno,
 * and nothing was changed that is anybody else's.
 */
int root_open(struct root *root, const char *given, bool allow_other, struct umdev_error *err);

/**
 * root_close - remove what root_open() made, but the root itself
 * @root: opened before; nothing in it is in use any more
 */
void root_close(struct root *root);

/**
 * root_abandon - leave as little behind as can be done without waiting
 * @root: opened before; whoever uses what is in it is about to die
 */
void root_abandon(struct root *root);

#endif
