/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * A vfio-user server on the runtime, with a small VFIO device to serve, and what its tests do again
 * and again.
 */
#ifndef TESTS_UNIT_VFIO_USER_VUT_H
#define TESTS_UNIT_VFIO_USER_VUT_H

#include <linux/completion.h>
#include <linux/device.h>
#include <linux/eventfd.h>
#include <linux/mutex.h>
#include <linux/vfio.h>

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "vfio-user/client.h"
#include "vfio-user/server.h"

/* No wait of a test takes longer. */
#define VUT_LIMIT_MS 20000

/* The regions of the device. */
enum {
	VUT_BAR = 0,	   /* 4096 bytes of memory */
	VUT_LARGE = 1,	   /* 2 MiB of memory */
	VUT_READ_ONLY = 2, /* 64 bytes, each its own offset */
	VUT_CAPS = 3,	   /* 8192 bytes of nothing, with a capability */
	VUT_HOOK = 4,	   /* 64 bytes: a write calls the test */
	VUT_EMPTY = 5,	   /* size 0 */
	VUT_FAILING = 6,   /* 64 bytes that cannot be read or written: EIO */
	VUT_CONFIG = 7,	   /* 256 bytes of memory */
	VUT_NR_REGIONS = 9,
	VUT_NR_IRQS = 6,
	VUT_MAX_VECTORS = 40,
	VUT_MANY_IRQ = 5,	   /* one with nothing behind it but numbers */
	VUT_MANY_VECTORS = 262144, /* whose descriptors take 1 MiB */
};

#define VUT_BAR_SIZE   4096u
#define VUT_LARGE_SIZE (2u << 20)

/* A device, on a bus of its own. It lives as long as a test lets it. */
struct vut_device {
	struct device dev;
	struct vfio_device vdev;
	struct vfio_group *group; /* for vfio_dma_rw(), while the device is open */
	u8 config[256];
	u8 bar[VUT_BAR_SIZE];
	u8 *large;
	struct mutex irq_lock; /* covers the next four */
	struct eventfd_ctx *vectors[VUT_NR_IRQS][VUT_MAX_VECTORS];
	u32 last_irq_flags;
	u32 last_irq_count;
	u32 irq_calls;
	atomic_t opens;
	atomic_t releases;
	atomic_t resets;
	/* Called for a write to VUT_HOOK, in the connection's thread; its answer is the writer's. */
	int (*hook)(struct vut_device *device, u64 value);
	void *data;
};

struct vut_device *vut_device_create(const char *name);
void vut_device_destroy(struct vut_device *device);
int vut_device_nr_vectors(struct vut_device *device);
bool vut_device_has_vector(struct vut_device *device, u32 index, u32 vector);
void vut_device_signal(struct vut_device *device, u32 index, u32 vector);
void vut_device_last_irq(struct vut_device *device, u32 *flags, u32 *count);
u32 vut_device_irq_calls(struct vut_device *device);

/* Group setup and teardown: the runtime, the bus, an event loop and a directory. */
int vut_up(void **state);
int vut_down(void **state);

/* Test setup and teardown: a server and the device "dev0". */
int vut_setup(void **state);
int vut_teardown(void **state);
extern struct vfio_user_server *vut_server;
extern struct vut_device *vut_dev;
void vut_start_server(const struct vfio_user_server_params *extra);
void vut_stop_server(void);
struct vfio_user_server *vut_try_server(void);

/* The path of a device's socket; good until the next call. */
const char *vut_path(const char *name);

/* A client that has connected, and one that has agreed on a version as well. */
struct vfio_user_client *vut_connect(void);
struct vfio_user_client *vut_open(void);

/* The device serves a client as it should. */
void vut_assert_serves(void);

/* The server has closed the connection. */
void vut_assert_closed(struct vfio_user_client *client);

/* Send a command as it is, and get the errno of its reply: 0 or positive; -1: it was closed. */
int vut_command(struct vfio_user_client *client, u16 cmd, u32 flags, const void *payload,
		size_t size, const int *fds, int nfds);

/* How many descriptors the process has, and a wait until it has as many. */
int vut_count_fds(void);
void vut_wait_fds(int count);

/* Wait until @condition(@data), checked every now and then, and fail if it does not come. */
bool vut_wait_for(bool (*condition)(void *data), void *data);

#endif /* TESTS_UNIT_VFIO_USER_VUT_H */
