// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * The threads behind the mount.
 *
 * A write of an attribute may stay in a driver for as long as a virtual
 * machine runs. So there is always one more thread than requests in progress:
 * whoever takes a request and was the last idle one starts the next first.
 * That also makes sure somebody is there to take the kernel's interrupt of a
 * request that blocks. libfuse's own loop does much the same, but can be
 * stopped only by cancelling its threads, or by unmounting, which does not
 * reach them while somebody has a file open.
 */
#include "fs_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <linux/fuse.h>
#include <linux/printk.h>

/* More idle threads than this end themselves. */
#define FS_WORKERS_IDLE_MAX 4

static void worker(void *data);

/* Called with the lock held. */
static int start_worker(struct fs_workers *workers)
{
	int ret = thread_group_start(&workers->threads, worker, workers);

	if (!ret)
		workers->idle++;
	return ret;
}

static void enter_request(struct fs_workers *workers)
{
	int ret = 0;

	pthread_mutex_lock(&workers->lock);
	if (--workers->idle == 0)
		ret = start_worker(workers);
	pthread_mutex_unlock(&workers->lock);
	if (ret)
		pr_warn_ratelimited("fs: no thread for further requests: error %d; they wait\n",
				    ret);
}

/* Whether the thread is to go on. */
static bool leave_request(struct fs_workers *workers)
{
	bool stay;

	pthread_mutex_lock(&workers->lock);
	stay = workers->idle < FS_WORKERS_IDLE_MAX;
	if (stay)
		workers->idle++;
	pthread_mutex_unlock(&workers->lock);
	return stay;
}

/*
 * Whether a request can take its time. The kernel sends what it has forgotten
 * in bursts, and nobody waits for that; an interrupt is passed on and done.
 */
static bool may_block(const struct fuse_buf *buf)
{
	const struct fuse_in_header *header = buf->mem;

	return header->opcode != FUSE_FORGET && header->opcode != FUSE_BATCH_FORGET &&
	       header->opcode != FUSE_INTERRUPT;
}

/* Whether there is something to receive; false means stop. */
static bool wait_for_request(struct fs_workers *workers)
{
	struct epoll_event event;
	int n;

	do {
		n = epoll_wait(workers->epoll_fd, &event, 1, -1);
	} while (n < 0 && errno == EINTR);
	return n == 1 && event.data.fd != workers->stop_fd;
}

/*
 * A request wakes one thread, whose turn it then is to receive it and to pass the turn on: woken
 * together, all idle ones would look for the same request.
 */
static int pass_turn(struct fs_workers *workers, int op)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLONESHOT };

	event.data.fd = fuse_session_fd(workers->session);
	return epoll_ctl(workers->epoll_fd, op, event.data.fd, &event) < 0 ? -errno : 0;
}

static void worker(void *data)
{
	struct fs_workers *workers = data;
	struct fuse_buf buf = { 0 };
	int ret;

	while (wait_for_request(workers)) {
		ret = fuse_session_receive_buf(workers->session, &buf);
		pass_turn(workers, EPOLL_CTL_MOD);
		if (ret == -EINTR || ret == -EAGAIN)
			continue;
		if (ret <= 0) {
			pr_warn_once("fs: the mount was taken away from outside\n");
			break;
		}
		if (!may_block(&buf)) {
			fuse_session_process_buf(workers->session, &buf);
			continue;
		}
		enter_request(workers);
		fuse_session_process_buf(workers->session, &buf);
		if (!leave_request(workers))
			break;
	}
	free(buf.mem);
}

/* For all threads, and for good. */
static int watch_stop_fd(struct fs_workers *workers)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = workers->stop_fd };

	return epoll_ctl(workers->epoll_fd, EPOLL_CTL_ADD, workers->stop_fd, &event) < 0 ? -errno
											 : 0;
}

int fs_workers_start(struct fs_workers *workers, struct fuse_session *session)
{
	int fd = fuse_session_fd(session);
	int ret;

	*workers = (struct fs_workers){ .session = session };
	/* The kernel may take a request back after it has woken a thread, which must not block. */
	if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) < 0)
		return -errno;
	workers->stop_fd = eventfd(0, EFD_CLOEXEC);
	if (workers->stop_fd < 0)
		return -errno;
	workers->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (workers->epoll_fd < 0) {
		ret = -errno;
		goto err_stop_fd;
	}
	ret = pass_turn(workers, EPOLL_CTL_ADD);
	if (!ret)
		ret = watch_stop_fd(workers);
	if (ret)
		goto err_epoll_fd;
	thread_group_init(&workers->threads);
	pthread_mutex_init(&workers->lock, NULL);
	pthread_mutex_lock(&workers->lock);
	ret = start_worker(workers);
	pthread_mutex_unlock(&workers->lock);
	if (ret)
		goto err_threads;
	return 0;

err_threads:
	pthread_mutex_destroy(&workers->lock);
	thread_group_finish(&workers->threads);
err_epoll_fd:
	close(workers->epoll_fd);
err_stop_fd:
	close(workers->stop_fd);
	return ret;
}

void fs_workers_stop(struct fs_workers *workers)
{
	eventfd_write(workers->stop_fd, 1);
	thread_group_finish(&workers->threads);
	pthread_mutex_destroy(&workers->lock);
	close(workers->epoll_fd);
	close(workers->stop_fd);
}
