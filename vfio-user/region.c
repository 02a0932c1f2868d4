// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* Regions: what they are, and access to them, which is the path that has to be short. */
#define pr_fmt(fmt) "vfio-user: " fmt

#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/vfio.h>

#include "vfio-user/conn.h"

/* Ask the driver about region @index; there are @size bytes at @info. */
static long get_region_info(struct vfio_user_conn *conn, u32 index, struct vfio_region_info *info,
			    u32 size)
{
	memset(info, 0, size);
	info->argsz = size;
	info->index = index;
	return vfio_user_device_ioctl(conn->device, VFIO_DEVICE_GET_REGION_INFO, info, size);
}

/**
 * vfio_user_regions_init() - learn where the device's regions are
 * @conn: the connection, with the device's info
 *
 * A region that the driver refuses to describe is one of size 0.
 *
 * Return: 0 or -ENOMEM.
 */
int vfio_user_regions_init(struct vfio_user_conn *conn)
{
	struct vfio_region_info info;
	u32 i;

	conn->regions = kcalloc(conn->info.num_regions, sizeof(*conn->regions), GFP_KERNEL);
	if (!conn->regions)
		return -ENOMEM;
	for (i = 0; i < conn->info.num_regions; i++) {
		if (get_region_info(conn, i, &info, sizeof(info)))
			continue;
		conn->regions[i] = (struct vfio_user_region){ .size = info.size,
							      .offset = info.offset,
							      .flags = info.flags };
	}
	return 0;
}

/*
 * Specification: VFIO_USER_DEVICE_GET_REGION_INFO. The driver is asked twice, since it says how much
 * its answer takes only where that does not fit.
 */
ssize_t vfio_user_handle_region_info(struct vfio_user_conn *conn, struct vfio_user_msg *msg)
{
	struct vfio_region_info *reply = conn_reply_buffer(conn);
	struct vfio_region_info request;
	u32 needed, size = sizeof(*reply);
	long ret;

	memcpy(&request, msg->payload, sizeof(request));
	if (request.argsz < sizeof(request) || request.index >= conn->info.num_regions)
		return -EINVAL;

	ret = get_region_info(conn, request.index, reply, size);
	if (ret)
		return ret;
	needed = reply->flags & VFIO_REGION_INFO_FLAG_CAPS ? reply->argsz : size;
	if (needed > size && needed <= min_t(u32, request.argsz, VFIO_USER_MAX_DATA_XFER_SIZE)) {
		size = needed;
		ret = get_region_info(conn, request.index, reply, size);
		if (ret)
			return ret;
	} else if (needed > size) {
		/* They are not here, but for QEMU an offset of 0 would make this a broken reply. */
		reply->cap_offset = size;
	}
	/* To be mapped, a region would have to come with a descriptor. */
	reply->flags &= ~(u32)VFIO_REGION_INFO_FLAG_MMAP;
	reply->argsz = needed;
	return size;
}

/* Specification: VFIO_USER_DEVICE_GET_REGION_IO_FDS. No region has any. */
ssize_t vfio_user_handle_region_io_fds(struct vfio_user_conn *conn, struct vfio_user_msg *msg)
{
	struct vfio_user_region_io_fds *reply = conn_reply_buffer(conn);
	struct vfio_user_region_io_fds request;

	memcpy(&request, msg->payload, sizeof(request));
	if (request.argsz < sizeof(request) || request.flags || request.count ||
	    request.index >= conn->info.num_regions)
		return -EINVAL;
	*reply =
		(struct vfio_user_region_io_fds){ .argsz = sizeof(*reply), .index = request.index };
	return sizeof(*reply);
}

/* The region that @access lies in and that allows @flag; NULL if there is none such. */
static const struct vfio_user_region *find_region(const struct vfio_user_conn *conn, u32 index,
						  u64 offset, u32 count, u32 flag)
{
	const struct vfio_user_region *region;

	if (index >= conn->info.num_regions)
		return NULL;
	region = &conn->regions[index];
	if (!(region->flags & flag) || offset > region->size || count > region->size - offset)
		return NULL;
	return region;
}

/* Specification: VFIO_USER_REGION_READ. The driver writes right into the reply. */
ssize_t vfio_user_handle_region_read(struct vfio_user_conn *conn, struct vfio_user_msg *msg)
{
	struct vfio_user_region_access *reply = conn_reply_buffer(conn);
	const struct vfio_user_region *region;
	struct vfio_user_region_access request;
	struct user_access_window window;
	ssize_t ret;
	loff_t pos;

	memcpy(&request, msg->payload, sizeof(request));
	region = find_region(conn, request.region, request.offset, request.count,
			     VFIO_REGION_INFO_FLAG_READ);
	if (!region || request.count > VFIO_USER_MAX_DATA_XFER_SIZE)
		return -EINVAL;
	*reply = request;
	pos = (loff_t)(region->offset + request.offset);
	user_access_window_push(&window, reply->data, request.count);
	ret = vfs_read(conn->device, (char __user *)reply->data, request.count, &pos);
	user_access_window_pop(&window);
	if (ret < 0)
		return ret;
	reply->count = (u32)min_t(size_t, (size_t)ret, request.count);
	return (ssize_t)(sizeof(*reply) + reply->count);
}

/* One write of @data, which may have any alignment. */
static ssize_t write_region(struct vfio_user_conn *conn, const struct vfio_user_region *region,
			    u64 offset, void *data, u32 count)
{
	struct user_access_window window;
	loff_t pos = (loff_t)(region->offset + offset);
	ssize_t ret;

	user_access_window_push(&window, data, count);
	ret = vfs_write(conn->device, (const char __user *)data, count, &pos);
	user_access_window_pop(&window);
	return ret;
}

/* Specification: VFIO_USER_REGION_WRITE */
ssize_t vfio_user_handle_region_write(struct vfio_user_conn *conn, struct vfio_user_msg *msg)
{
	struct vfio_user_region_access *reply = conn_reply_buffer(conn);
	const struct vfio_user_region *region;
	struct vfio_user_region_access request;
	ssize_t ret;

	memcpy(&request, msg->payload, sizeof(request));
	region = find_region(conn, request.region, request.offset, request.count,
			     VFIO_REGION_INFO_FLAG_WRITE);
	if (!region || msg->size - sizeof(request) != request.count)
		return -EINVAL;
	ret = write_region(conn, region, request.offset, (u8 *)msg->payload + sizeof(request),
			   request.count);
	if (ret < 0)
		return ret;
	*reply = request;
	reply->count = (u32)min_t(size_t, (size_t)ret, request.count);
	return sizeof(*reply);
}

/* Write number @i of a REGION_WRITE_MULTI, and its region; NULL if it makes no sense. */
static const struct vfio_user_region *get_single_write(const struct vfio_user_conn *conn,
						       const struct vfio_user_msg *msg, size_t i,
						       struct vfio_user_single_write *write)
{
	memcpy(write,
	       (u8 *)msg->payload + sizeof(struct vfio_user_write_multi) + i * sizeof(*write),
	       sizeof(*write));
	if (write->count > sizeof(write->data))
		return NULL;
	return find_region(conn, write->region, write->offset, write->count,
			   VFIO_REGION_INFO_FLAG_WRITE);
}

/*
 * Specification: VFIO_USER_REGION_WRITE_MULTI. All writes are checked before the first is done. One
 * that fails ends it: the reply then says how many were done before, unless that is none.
 */
ssize_t vfio_user_handle_write_multi(struct vfio_user_conn *conn, struct vfio_user_msg *msg)
{
	struct vfio_user_write_multi *reply = conn_reply_buffer(conn);
	const struct vfio_user_region *region;
	struct vfio_user_single_write write;
	struct vfio_user_write_multi request;
	size_t room = msg->size - sizeof(request);
	size_t i;
	ssize_t ret;

	if (!conn->caps.write_multiple)
		return -EOPNOTSUPP;
	memcpy(&request, msg->payload, sizeof(request));
	if (room % sizeof(write) || request.wr_cnt != room / sizeof(write))
		return -EINVAL;
	for (i = 0; i < request.wr_cnt; i++)
		if (!get_single_write(conn, msg, i, &write))
			return -EINVAL;
	for (i = 0; i < request.wr_cnt; i++) {
		region = get_single_write(conn, msg, i, &write);
		ret = write_region(conn, region, write.offset, write.data, write.count);
		if (ret < 0 && i == 0)
			return ret;
		if (ret < 0)
			break;
	}
	*reply = (struct vfio_user_write_multi){ .wr_cnt = i };
	return sizeof(*reply);
}
