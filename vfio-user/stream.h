/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/* What both ends of a connection do with its socket and with what a message begins with. */
#ifndef VFIO_USER_STREAM_H
#define VFIO_USER_STREAM_H

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#include "vfio-user/protocol.h"

/* Room for the descriptors of a message. The kernel closes those that do not fit, and says so. */
union vfio_user_control {
	char buf[CMSG_SPACE(sizeof(int) * VFIO_USER_MAX_MSG_FDS)];
	struct cmsghdr align;
};

/* Is a message of that size and type possible? Behind one that is not, nothing can be understood. */
static inline bool vfio_user_header_ok(const struct vfio_user_header *header)
{
	return header->msg_size >= sizeof(*header) && header->msg_size <= VFIO_USER_MAX_MSG_SIZE &&
	       (header->flags & VFIO_USER_TYPE_MASK) <= VFIO_USER_TYPE_REPLY;
}

static inline bool vfio_user_is_reply(const struct vfio_user_header *header)
{
	return (header->flags & VFIO_USER_TYPE_MASK) == VFIO_USER_TYPE_REPLY;
}

/* 0, or the negative errno that a reply is: -EIO where it names none. */
static inline int vfio_user_reply_error(const struct vfio_user_header *reply)
{
	if (!(reply->flags & VFIO_USER_ERROR))
		return 0;
	return reply->error_no > 0 && reply->error_no < 4096 ? -(int)reply->error_no : -EIO;
}

/*
 * One system call, for a message in one piece the cheaper one. Takes what has been sent off @msg.
 * Returns how much that is, or -1 with errno set.
 */
static inline ssize_t vfio_user_send_some(int sock, struct msghdr *msg, int flags)
{
	ssize_t sent;
	size_t left;

	if (msg->msg_iovlen == 1 && !msg->msg_control)
		sent = send(sock, msg->msg_iov->iov_base, msg->msg_iov->iov_len, flags);
	else
		sent = sendmsg(sock, msg, flags);
	if (sent < 0)
		return sent;
	msg->msg_control = NULL;
	msg->msg_controllen = 0;
	for (left = (size_t)sent; msg->msg_iovlen > 0 && left >= msg->msg_iov->iov_len;) {
		left -= msg->msg_iov->iov_len;
		msg->msg_iov++;
		msg->msg_iovlen--;
	}
	if (msg->msg_iovlen > 0) {
		msg->msg_iov->iov_base = (char *)msg->msg_iov->iov_base + left;
		msg->msg_iov->iov_len -= left;
	}
	return sent;
}

/*
 * Copy the descriptors that came in @msg, whose control buffer is a union vfio_user_control, to @fds
 * and return how many they are. They are the caller's.
 */
static inline unsigned int vfio_user_get_fds(struct msghdr *msg, int fds[VFIO_USER_MAX_MSG_FDS])
{
	struct cmsghdr *cmsg;
	unsigned int nr = 0;
	size_t len;

	for (cmsg = CMSG_FIRSTHDR(msg); cmsg; cmsg = CMSG_NXTHDR(msg, cmsg)) {
		if (cmsg->cmsg_level != SOL_SOCKET || cmsg->cmsg_type != SCM_RIGHTS)
			continue;
		len = cmsg->cmsg_len - CMSG_LEN(0);
		memcpy(fds + nr, CMSG_DATA(cmsg), len);
		nr += (unsigned int)(len / sizeof(int));
	}
	return nr;
}

#endif /* VFIO_USER_STREAM_H */
