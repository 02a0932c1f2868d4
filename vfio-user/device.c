// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* The files of the VFIO core behind a connection, and the commands about the device as a whole. */
#define pr_fmt(fmt) "vfio-user: " fmt

#include <linux/err.h>
#include <linux/errno.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/vfio.h>
#include <umdev/files.h>

#include "vfio-user/conn.h"

/* "/dev/vfio/" and a number */
#define GROUP_PATH_LEN 32

/**
 * vfio_user_device_ioctl() - ioctl(2) with the argument in this process's own memory
 * @file: one of the VFIO core's
 * @cmd: the command
 * @arg: the structure
 * @size: bytes at @arg that the driver may use
 *
 * Return: the driver's.
 */
long vfio_user_device_ioctl(struct file *file, unsigned int cmd, void *arg, size_t size)
{
	struct user_access_window window;
	long ret;

	user_access_window_push(&window, arg, size);
	ret = vfs_ioctl(file, cmd, (unsigned long)arg);
	user_access_window_pop(&window);
	return ret;
}

/* Open @path and give it a number in the thread's table, which has the only reference. */
static int open_fd(const char *path)
{
	struct file *file;
	int fd;

	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0)
		return fd;
	file = filp_open(path, O_RDWR, 0);
	if (IS_ERR(file)) {
		put_unused_fd((unsigned int)fd);
		return (int)PTR_ERR(file);
	}
	fd_install((unsigned int)fd, file);
	return fd;
}

/*
 * Open container, group and device as a VFIO user does. The files are closed with the table; what
 * conn has of them lives as long.
 */
static int open_files(struct vfio_user_conn *conn)
{
	struct vfio_user_endpoint *endpoint = conn->endpoint;
	char path[GROUP_PATH_LEN];
	int container, group, device;
	long ret;

	container = open_fd("/dev/vfio/vfio");
	if (container < 0)
		return container;
	scnprintf(path, sizeof(path), "/dev/vfio/%d", endpoint->group_id);
	group = open_fd(path);
	/* Gone since the client was let in: the socket is on its way out, too. */
	if (group < 0)
		return group == -ENOENT ? -ENODEV : group;
	conn->container = fget((unsigned int)container);
	conn->group = fget((unsigned int)group);
	ret = vfio_user_device_ioctl(conn->group, VFIO_GROUP_SET_CONTAINER, &container,
				     sizeof(container));
	if (ret)
		return (int)ret;
	ret = vfs_ioctl(conn->container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU);
	if (ret)
		return (int)ret;
	device = (int)vfio_user_device_ioctl(conn->group, VFIO_GROUP_GET_DEVICE_FD, endpoint->name,
					     strlen(endpoint->name) + 1);
	if (device < 0)
		return device;
	conn->device = fget((unsigned int)device);
	return 0;
}

/* The device first: the group cannot be opened again before. */
static void close_files(struct vfio_user_conn *conn)
{
	put_files_struct(umdev_files_switch(conn->files));
	conn->files = NULL;
	if (conn->device)
		fput(conn->device);
	if (conn->group)
		fput(conn->group);
	if (conn->container)
		fput(conn->container);
	conn->device = NULL;
	conn->group = NULL;
	conn->container = NULL;
}

static int get_info(struct vfio_user_conn *conn)
{
	size_t size = offsetofend(struct vfio_device_info, num_irqs);

	conn->info = (struct vfio_device_info){ .argsz = (u32)size };
	return (int)vfio_user_device_ioctl(conn->device, VFIO_DEVICE_GET_INFO, &conn->info, size);
}

/**
 * vfio_user_device_open() - get the device for a client
 * @conn: the client; its thread calls
 *
 * Return: 0; -EBUSY if it has another user, -ENODEV if it is going, or what the VFIO core and the
 * driver say.
 */
int vfio_user_device_open(struct vfio_user_conn *conn)
{
	struct files_struct *files;
	int ret;

	ret = vfio_user_endpoint_claim(conn->endpoint, conn);
	if (ret)
		return ret;
	files = umdev_files_create();
	if (!files)
		return -ENOMEM;
	conn->files = umdev_files_switch(files);
	ret = open_files(conn);
	if (ret)
		goto err_close;
	ret = get_info(conn);
	if (ret)
		goto err_close;
	ret = vfio_user_regions_init(conn);
	if (ret)
		goto err_close;
	conn->device_open = true;
	conn_info(conn, "client %d connected\n", conn->peer.pid);
	return 0;

err_close:
	close_files(conn);
	conn_warn(conn, "client %d: the device cannot be opened: %pe\n", conn->peer.pid,
		  ERR_PTR(ret));
	return ret;
}

/**
 * vfio_user_device_close() - let go of the device
 * @conn: the client, gone; its thread calls
 *
 * It is left as the next client expects it: silent, reset, and without access to this one's memory.
 */
void vfio_user_device_close(struct vfio_user_conn *conn)
{
	if (!conn->device_open)
		return;
	conn->device_open = false;
	vfio_user_irqs_disable(conn);
	/* A device that cannot be reset says so, and there is nothing else to be done about it. */
	vfs_ioctl(conn->device, VFIO_DEVICE_RESET, 0);
	vfio_user_dma_unmap_all(conn);
	/* Memory that a driver would not let go of stays, and so does the flag its guard sets. */
	if (!RB_EMPTY_ROOT(&conn->mappings))
		kref_get(&conn->kref);
	close_files(conn);
	kfree(conn->regions);
	conn->regions = NULL;
	conn_info(conn, "client %d disconnected\n", conn->peer.pid);
}

/* Specification: VFIO_USER_DEVICE_GET_INFO */
ssize_t vfio_user_handle_device_info(struct vfio_user_conn *conn, struct vfio_user_msg *msg)
{
	struct vfio_user_device_info *reply = conn_reply_buffer(conn);
	struct vfio_user_device_info request;

	memcpy(&request, msg->payload, sizeof(request));
	if (request.argsz < sizeof(request))
		return -EINVAL;
	/* Capabilities do not fit into this message, whose layout is older than they are. */
	*reply = (struct vfio_user_device_info){
		.argsz = sizeof(*reply),
		.flags = conn->info.flags & ~(u32)VFIO_DEVICE_FLAGS_CAPS,
		.num_regions = conn->info.num_regions,
		.num_irqs = conn->info.num_irqs,
	};
	return sizeof(*reply);
}

/* Specification: VFIO_USER_DEVICE_RESET */
ssize_t vfio_user_handle_reset(struct vfio_user_conn *conn, struct vfio_user_msg *msg)
{
	long ret = vfs_ioctl(conn->device, VFIO_DEVICE_RESET, 0);

	return ret < 0 ? ret : 0;
}
