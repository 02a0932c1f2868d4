// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* The negotiation that each connection begins with. */
#define pr_fmt(fmt) "vfio-user: " fmt

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/printk.h>
#include <linux/string.h>

#include "vfio-user/conn.h"

/* DMA mappings are made of any pages that mmap(2) can map. */
#define SUPPORTED_PGSIZES (~(u64)0xfff)

/* What to answer: no capability that the client has not named. -EINVAL: there is nothing to. */
static int negotiate(const struct vfio_user_caps *client, struct vfio_user_caps *own)
{
	*own = (struct vfio_user_caps){
		.named = client->named,
		.write_multiple = client->write_multiple,
		.max_msg_fds = VFIO_USER_MAX_MSG_FDS,
		.max_data_xfer_size = VFIO_USER_MAX_DATA_XFER_SIZE,
		.max_dma_maps = min_t(u64, client->max_dma_maps, VFIO_USER_MAX_DMA_MAPS),
		.pgsizes = client->pgsizes & SUPPORTED_PGSIZES,
	};
	return own->pgsizes ? 0 : -EINVAL;
}

/*
 * The reply is the version and, if the client sent some, data. It is no longer than the request
 * where that is written as QEMU does, which reads the one into the memory of the other.
 */
static ssize_t write_reply(struct vfio_user_conn *conn, u16 minor, const struct vfio_user_caps *own,
			   bool with_data)
{
	struct vfio_user_version *reply = conn_reply_buffer(conn);
	int len = 0;

	reply->major = VFIO_USER_MAJOR;
	reply->minor = min_t(u16, minor, VFIO_USER_MINOR);
	if (with_data)
		len = vfio_user_caps_format(own, reply->data, PAGE_SIZE);
	return len < 0 ? len : (ssize_t)sizeof(*reply) + len;
}

/* Specification: VFIO_USER_VERSION. Any error here ends the connection. */
ssize_t vfio_user_handle_version(struct vfio_user_conn *conn, struct vfio_user_msg *msg)
{
	struct vfio_user_version version;
	struct vfio_user_caps own;
	const char *why;
	ssize_t ret;

	if (conn->device_open)
		return -EINVAL;
	memcpy(&version, msg->payload, sizeof(version));
	if (version.major != VFIO_USER_MAJOR) {
		conn_warn(conn, "client %d speaks version %u.%u, this is %u.%u\n", conn->peer.pid,
			  version.major, version.minor, VFIO_USER_MAJOR, VFIO_USER_MINOR);
		return -EINVAL;
	}
	ret = vfio_user_caps_parse(&conn->caps, (char *)msg->payload + sizeof(version),
				   msg->size - sizeof(version), &why);
	if (ret) {
		conn_warn(conn, "client %d: %s\n", conn->peer.pid,
			  ret == -EINVAL ? why : "out of memory");
		return ret;
	}
	ret = negotiate(&conn->caps, &own);
	if (ret) {
		conn_warn(conn, "client %d has no page size of 4096 bytes or more: pgsizes %#llx\n",
			  conn->peer.pid, (unsigned long long)conn->caps.pgsizes);
		return ret;
	}
	conn->max_mappings = own.max_dma_maps;
	ret = write_reply(conn, version.minor, &own, msg->size > sizeof(version));
	if (ret < 0)
		return ret;
	return vfio_user_device_open(conn) ?: ret;
}
