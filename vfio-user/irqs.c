// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* Interrupts: what kinds there are, and the eventfds that clients want signalled. */
#define pr_fmt(fmt) "vfio-user: " fmt

#include <linux/bitops.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/printk.h>
#include <linux/string.h>
#include <linux/vfio.h>

#include "vfio-user/conn.h"

static long get_irq_info(struct vfio_user_conn *conn, u32 index, struct vfio_irq_info *info)
{
	if (index >= conn->info.num_irqs)
		return -EINVAL;
	*info = (struct vfio_irq_info){ .argsz = sizeof(*info), .index = index };
	return vfio_user_device_ioctl(conn->device, VFIO_DEVICE_GET_IRQ_INFO, info, sizeof(*info));
}

/**
 * vfio_user_irqs_disable() - take all eventfds from the device
 * @conn: the connection
 */
void vfio_user_irqs_disable(struct vfio_user_conn *conn)
{
	struct vfio_irq_info info;
	u32 i;

	for (i = 0; i < conn->info.num_irqs; i++) {
		struct vfio_irq_set set = {
			.argsz = sizeof(set),
			.flags = VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_TRIGGER,
			.index = i,
		};

		/* What cannot be disabled has not been enabled. */
		if (!get_irq_info(conn, i, &info) && info.count > 0)
			vfio_user_device_ioctl(conn->device, VFIO_DEVICE_SET_IRQS, &set,
					       sizeof(set));
	}
}

/* Specification: VFIO_USER_DEVICE_GET_IRQ_INFO */
ssize_t vfio_user_handle_irq_info(struct vfio_user_conn *conn, struct vfio_user_msg *msg)
{
	struct vfio_irq_info *reply = conn_reply_buffer(conn);
	struct vfio_irq_info request;
	long ret;

	memcpy(&request, msg->payload, sizeof(request));
	if (request.argsz < sizeof(request))
		return -EINVAL;
	ret = get_irq_info(conn, request.index, reply);
	if (ret)
		return ret;
	reply->argsz = sizeof(*reply);
	return sizeof(*reply);
}

/* One kind of data, one action, and a range of interrupts that there are. */
static int check_set(struct vfio_user_conn *conn, const struct vfio_irq_set *set)
{
	u32 known = VFIO_IRQ_SET_DATA_TYPE_MASK | VFIO_IRQ_SET_ACTION_TYPE_MASK;
	struct vfio_irq_info info;

	if (set->argsz < sizeof(*set) || set->flags & ~known ||
	    hweight32(set->flags & VFIO_IRQ_SET_DATA_TYPE_MASK) != 1 ||
	    hweight32(set->flags & VFIO_IRQ_SET_ACTION_TYPE_MASK) != 1)
		return -EINVAL;
	if (get_irq_info(conn, set->index, &info))
		return -EINVAL;
	if (set->start > info.count || set->count > info.count - set->start)
		return -EINVAL;
	/* Nothing at all is said of an empty range, but that it stands for the whole index. */
	if (set->count == 0 && (set->start || !(set->flags & VFIO_IRQ_SET_DATA_NONE)))
		return -EINVAL;
	return 0;
}

/*
 * Write the data that the ioctl takes behind @set, which has @room for it. The descriptors of a
 * message without any are those of interrupts that shall have none. Returns its length or -EINVAL.
 */
static ssize_t write_data(struct vfio_irq_set *set, const struct vfio_user_msg *msg, size_t room)
{
	size_t sent = msg->size - sizeof(*set);
	size_t size = 0;

	if (!(set->flags & VFIO_IRQ_SET_DATA_EVENTFD) && msg->nfds > 0)
		return -EINVAL;
	if (set->flags & VFIO_IRQ_SET_DATA_BOOL) {
		size = set->count;
		if (size > sent || size > room)
			return -EINVAL;
		memcpy(set->data, (u8 *)msg->payload + sizeof(*set), size);
	} else if (set->flags & VFIO_IRQ_SET_DATA_EVENTFD) {
		size = (size_t)set->count * sizeof(s32);
		if (size > room || (msg->nfds > 0 && msg->nfds != set->count))
			return -EINVAL;
		memset(set->data, 0xff, size);
		if (msg->nfds > 0)
			memcpy(set->data, msg->fds, size);
	}
	return (ssize_t)size;
}

/*
 * Specification: VFIO_USER_DEVICE_SET_IRQS. The driver takes references to the eventfds that it
 * keeps; the descriptors are closed with the message.
 */
ssize_t vfio_user_handle_set_irqs(struct vfio_user_conn *conn, struct vfio_user_msg *msg)
{
	/* There is no payload in the reply: its place is free for the ioctl's argument. */
	struct vfio_irq_set *set = conn_reply_buffer(conn);
	ssize_t size;
	long ret;

	memcpy(set, msg->payload, sizeof(*set));
	ret = check_set(conn, set);
	if (ret)
		return ret;
	size = write_data(set, msg, CONN_REPLY_ROOM - sizeof(*set));
	if (size < 0)
		return size;
	set->argsz = (u32)(sizeof(*set) + (size_t)size);
	ret = vfio_user_device_ioctl(conn->device, VFIO_DEVICE_SET_IRQS, set, set->argsz);
	return ret < 0 ? ret : 0;
}
