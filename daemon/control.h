/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * The control socket: JSON-RPC for umdev(1), and for whoever has no FUSE.
 */
#ifndef UMDEV_DAEMON_CONTROL_H
#define UMDEV_DAEMON_CONTROL_H

#include <daemon/loop.h>
#include <stdbool.h>
#include <umdev/error.h>

struct control;

/* What the method "status" tells of the daemon; strings stay the daemon's. */
struct control_status {
	const char *root;
	const char *module_dir;
	const char *mount;	 /* NULL: not mounted */
	const char *mount_error; /* why not, if so */
};

/**
 * control_create - listen on the control socket
 * @path: where; 107 bytes at most, nothing is there
 * @loop: waits for clients
 * @status: stays valid until control_destroy()
 * @err: for a person
 *
 * The socket appears at @path only when it takes connections, so that whoever
 * waits for it there can use it at once.
 *
 * Return: the control, or NULL with @err filled in.
 */
struct control *control_create(const char *path, struct umdev_loop *loop,
			       const struct control_status *status, struct umdev_error *err);

/**
 * control_stop - take no more requests
 * @control: the control; NULL is fine
 *
 * Removes the socket and ends the conversations. A request that is being
 * carried out goes on, its answer is lost.
 */
void control_stop(struct control *control);

/**
 * control_destroy - wait for requests in progress, and free the control
 * @control: stopped before; NULL is fine
 */
void control_destroy(struct control *control);

#endif
