/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * The vfio-user server: a listening socket for each VFIO device, named after it, and a thread for
 * each client that turns its messages into operations on the files of the VFIO core.
 */
#ifndef VFIO_USER_SERVER_H
#define VFIO_USER_SERVER_H

#include <stdint.h>
#include <sys/types.h>

struct umdev_error;
struct vfio_user_server;

/**
 * struct vfio_user_loop_ops - the event loop that waits for clients to connect
 * @add: call @cb with @data whenever one of @events, EPOLL* bits, is pending at @fd; 0 or a negative
 *	errno
 * @del: forget @fd. After it has returned @cb is not running, unless it is @cb that calls
 *
 * Both may be called from any thread and from @cb. @cb does not block.
 */
struct vfio_user_loop_ops {
	int (*add)(void *loop, int fd, uint32_t events, void (*cb)(void *data, uint32_t events),
		   void *data);
	void (*del)(void *loop, int fd);
};

/* What struct vfio_user_server_params' numbers stand for when they are 0. */
#define VFIO_USER_DEFAULT_SPIN_US	 50
#define VFIO_USER_DEFAULT_BUSY_WAIT_MS	 1000
#define VFIO_USER_DEFAULT_DMA_TIMEOUT_MS 2000
#define VFIO_USER_DEFAULT_HANDSHAKE_MS	 10000

/* A value of spin_us: never look for the next request without sleeping. */
#define VFIO_USER_NO_SPIN UINT32_MAX

/**
 * struct vfio_user_server_params - how to serve
 * @dir: existing directory for the sockets; copied
 * @mode: permissions of the sockets; 0: 0600
 * @loop_ops: the event loop's operations; kept by reference
 * @loop: their first argument
 * @spin_us: how long at most, in microseconds, a client's thread keeps looking for the next request
 *	before it sleeps. It does so only while requests follow each other that closely, and where
 *	that makes them faster; on a machine that is busy it does not. Half of the CPUs at most are
 *	used like this. A client that is idle costs nothing. 0: VFIO_USER_DEFAULT_SPIN_US
 * @busy_wait_ms: how long, in milliseconds, a client that finds its device taken waits for the other
 *	one to go, as one that was killed takes a while to, before it is sent away. 0:
 *	VFIO_USER_DEFAULT_BUSY_WAIT_MS
 * @dma_timeout_ms: how long, in milliseconds, a client may take to receive a DMA_READ or DMA_WRITE,
 *	what was sent to it before included, and to answer. It should be less than the client grants
 *	the server, 5 s for QEMU, since the client may be waiting for a reply itself. 0:
 *	VFIO_USER_DEFAULT_DMA_TIMEOUT_MS
 * @handshake_ms: how long, in milliseconds, a client that has connected may take to send its version.
 *	0: VFIO_USER_DEFAULT_HANDSHAKE_MS
 */
struct vfio_user_server_params {
	const char *dir;
	mode_t mode;
	const struct vfio_user_loop_ops *loop_ops;
	void *loop;
	uint32_t spin_us;
	uint32_t busy_wait_ms;
	uint32_t dma_timeout_ms;
	uint32_t handshake_ms;
};

/**
 * vfio_user_server_create() - serve all VFIO devices, those there are and those to come
 * @params: how
 * @err: on error, filled with what is wrong in words; may be NULL
 *
 * A device's socket is at DIR/<device name>. It is there, and takes clients, from the registration
 * of the device with the VFIO core to the beginning of its unregistration. A device whose socket
 * cannot be made is logged and left out. A client that is connected when its device is being
 * unregistered stays until it lets go, as the unregistration waits for it.
 *
 * SIGBUS is handled from here to vfio_user_server_destroy(): where a client takes away the memory
 * behind a mapping it gave, zeroes are put in its place and the client is disconnected. Other
 * causes of SIGBUS go to the handler that was there before.
 *
 * Context: Process context, umdev_runtime_init() done. May sleep.
 *
 * Return: the server, or NULL with @err filled: ENOTDIR, ENOENT, EACCES for @dir, ENOMEM, EINVAL.
 */
struct vfio_user_server *vfio_user_server_create(const struct vfio_user_server_params *params,
						 struct umdev_error *err);

/**
 * vfio_user_server_destroy() - disconnect all clients and remove all sockets
 * @server: may be NULL
 *
 * When it returns all devices have been reset and let go of.
 *
 * Context: Process context, not a callback of the loop. Sleeps until no callback of a driver is
 * running on behalf of a client.
 */
void vfio_user_server_destroy(struct vfio_user_server *server);

#endif /* VFIO_USER_SERVER_H */
