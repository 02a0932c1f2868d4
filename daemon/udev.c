// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * The kernel's socket of uevents takes messages, too: what is sent to itself,
 * and not to its multicast group, it passes on to the group with sender 0.
 * That is whom udev's clients believe; they ignore what other processes send
 * to the group.
 *
 * The kernel has answered a message when sendmsg() returns, so that the thread
 * of a uevent waits for nobody.
 */
#include "udev.h"

#include <errno.h>
#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <umdev/uevent.h>
#include <unistd.h>

#include <linux/printk.h>

/* The longest uevent of Linux, SEQNUM included. */
#define UEVENT_MAX 2048

/* Owned by the main thread; uevents are told one at a time, and use @fd only. */
struct udev {
	int fd;
	struct umdev_uevent_subscriber subscriber;
};

/* The kernel's answer to the message just sent: 0 or an errno. */
static int take_answer(int fd)
{
	struct {
		struct nlmsghdr header;
		struct nlmsgerr error;
	} answer;
	ssize_t n;

	n = recv(fd, &answer, sizeof(answer), MSG_DONTWAIT);
	if (n < 0)
		return -errno;
	if (n < (ssize_t)sizeof(answer) || answer.header.nlmsg_type != NLMSG_ERROR)
		return -EPROTO;
	return answer.error.error;
}

/* The message in two pieces, as something may be cut out of it. */
static int inject(int fd, const char *first, size_t first_len, const char *second,
		  size_t second_len)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct nlmsghdr header = {
		.nlmsg_len = NLMSG_HDRLEN + first_len + second_len,
		.nlmsg_type = NLMSG_MIN_TYPE,
		.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK,
	};
	struct iovec iov[] = {
		{ .iov_base = &header, .iov_len = NLMSG_HDRLEN },
		{ .iov_base = (char *)first, .iov_len = first_len },
		{ .iov_base = (char *)second, .iov_len = second_len },
	};
	struct msghdr message = {
		.msg_name = &kernel,
		.msg_namelen = sizeof(kernel),
		.msg_iov = iov,
		.msg_iovlen = sizeof(iov) / sizeof(iov[0]),
	};

	while (sendmsg(fd, &message, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return take_answer(fd);
}

/* The kernel numbers its uevents itself. */
static void take_uevent(struct umdev_uevent_subscriber *subscriber,
			const struct umdev_uevent *event)
{
	struct udev *udev = subscriber->data;
	const char *end = event->buf + event->len, *p = event->buf, *rest;
	int ret;

	while (p < end && strncmp(p, "SEQNUM=", strlen("SEQNUM=")))
		p += strlen(p) + 1;
	rest = p < end ? p + strlen(p) + 1 : end;
	ret = inject(udev->fd, event->buf, p - event->buf, rest, end - rest);
	if (ret)
		pr_warn_ratelimited("udev: the kernel does not pass on \"%s\": %s\n", event->buf,
				    strerror(-ret));
}

/*
 * Whether the kernel would pass on what this process sends. It looks at who
 * sends before it refuses, with EINVAL, what is longer than any uevent.
 */
static int probe(int fd)
{
	static const char longer[UEVENT_MAX + 1];
	int ret = inject(fd, longer, sizeof(longer), NULL, 0);

	return ret == -EINVAL ? 0 : ret ? ret : -EPROTO;
}

static void explain(int error, struct umdev_error *err)
{
	if (error == -EPERM)
		umdev_error_set(
			err, error,
			"--udev: this process may not send uevents; CAP_SYS_ADMIN is needed "
			"in the user namespace that owns the network namespace (run umdevd "
			"as root, or without --udev)");
	else if (error == -ECONNREFUSED)
		umdev_error_set(err, error,
				"--udev: this kernel takes no uevents; Linux 4.18 or newer is "
				"needed");
	else
		umdev_error_set(err, error, "--udev: cannot send uevents: %s", strerror(-error));
}

struct udev *udev_start(struct umdev_error *err)
{
	struct udev *udev = malloc(sizeof(*udev));
	int ret = -ENOMEM;

	if (!udev)
		goto err_explain;
	udev->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT);
	if (udev->fd < 0) {
		ret = -errno;
		goto err_free;
	}
	ret = probe(udev->fd);
	if (ret)
		goto err_close;
	udev->subscriber = (struct umdev_uevent_subscriber){ .fn = take_uevent, .data = udev };
	ret = umdev_uevent_subscribe(&udev->subscriber);
	if (ret)
		goto err_close;
	return udev;

err_close:
	close(udev->fd);
err_free:
	free(udev);
err_explain:
	explain(ret, err);
	return NULL;
}

void udev_stop(struct udev *udev)
{
	if (!udev)
		return;
	umdev_uevent_unsubscribe(&udev->subscriber);
	close(udev->fd);
	free(udev);
}
