// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
#include "loop.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

/*
 * One descriptor of the loop. @generation tells it from an earlier one of the
 * same number, whose event may still be on its way through epoll.
 */
struct watch {
	umdev_loop_fn fn;
	void *data;
	uint32_t generation;
	bool used;
};

/*
 * @lock covers all below it. It is a leaf: no callback runs under it. The
 * watch whose callback is in progress is named by @running_fd and
 * @running_generation; @idle is signalled when it has returned.
 */
struct umdev_loop {
	int epoll_fd;
	int stop_fd;
	pthread_mutex_t lock;
	pthread_cond_t idle;
	struct watch *watches; /* indexed by descriptor */
	size_t size;
	uint32_t generation;
	pthread_t thread;
	int running_fd; /* -1: no callback in progress */
	uint32_t running_generation;
};

static uint64_t watch_key(int fd, uint32_t generation)
{
	return (uint64_t)generation << 32 | (uint32_t)fd;
}

struct umdev_loop *umdev_loop_create(void)
{
	struct umdev_loop *loop = calloc(1, sizeof(*loop));
	struct epoll_event event = { .events = EPOLLIN };

	if (!loop)
		return NULL;
	loop->running_fd = -1;
	loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (loop->epoll_fd < 0)
		goto err_free;
	loop->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (loop->stop_fd < 0)
		goto err_epoll;
	event.data.u64 = watch_key(loop->stop_fd, 0);
	if (epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, loop->stop_fd, &event) < 0)
		goto err_eventfd;
	pthread_mutex_init(&loop->lock, NULL);
	pthread_cond_init(&loop->idle, NULL);
	return loop;

err_eventfd:
	close(loop->stop_fd);
err_epoll:
	close(loop->epoll_fd);
err_free:
	free(loop);
	return NULL;
}

void umdev_loop_destroy(struct umdev_loop *loop)
{
	if (!loop)
		return;
	pthread_cond_destroy(&loop->idle);
	pthread_mutex_destroy(&loop->lock);
	close(loop->stop_fd);
	close(loop->epoll_fd);
	free(loop->watches);
	free(loop);
}

static int grow_watches(struct umdev_loop *loop, int fd)
{
	size_t size = loop->size ? loop->size : 64;
	struct watch *watches;

	if ((size_t)fd < loop->size)
		return 0;
	while (size <= (size_t)fd)
		size *= 2;
	watches = reallocarray(loop->watches, size, sizeof(*watches));
	if (!watches)
		return -ENOMEM;
	memset(watches + loop->size, 0, (size - loop->size) * sizeof(*watches));
	loop->watches = watches;
	loop->size = size;
	return 0;
}

static int add_watch(struct umdev_loop *loop, int fd, uint32_t events, umdev_loop_fn fn, void *data)
{
	struct epoll_event event = { .events = events };
	struct watch *watch;
	int ret;

	ret = grow_watches(loop, fd);
	if (ret)
		return ret;
	watch = &loop->watches[fd];
	if (watch->used)
		return -EEXIST;
	/* Generation 0 is the stop descriptor's. */
	if (++loop->generation == 0)
		loop->generation = 1;
	event.data.u64 = watch_key(fd, loop->generation);
	if (epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0)
		return -errno;
	*watch = (struct watch){ fn, data, loop->generation, true };
	return 0;
}

int umdev_loop_add(struct umdev_loop *loop, int fd, uint32_t events, umdev_loop_fn fn, void *data)
{
	int ret;

	if (fd < 0)
		return -EBADF;
	pthread_mutex_lock(&loop->lock);
	ret = add_watch(loop, fd, events, fn, data);
	pthread_mutex_unlock(&loop->lock);
	return ret;
}

int umdev_loop_del(struct umdev_loop *loop, int fd)
{
	uint32_t generation;
	int ret = -ENOENT;

	pthread_mutex_lock(&loop->lock);
	if (fd < 0 || (size_t)fd >= loop->size || !loop->watches[fd].used)
		goto out;
	ret = 0;
	generation = loop->watches[fd].generation;
	loop->watches[fd].used = false;
	epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
	while (loop->running_fd == fd && loop->running_generation == generation &&
	       !pthread_equal(loop->thread, pthread_self()))
		pthread_cond_wait(&loop->idle, &loop->lock);
out:
	pthread_mutex_unlock(&loop->lock);
	return ret;
}

static void dispatch(struct umdev_loop *loop, const struct epoll_event *event)
{
	int fd = (int)(uint32_t)event->data.u64;
	uint32_t generation = event->data.u64 >> 32;
	struct watch watch;

	pthread_mutex_lock(&loop->lock);
	watch = loop->watches[fd];
	if (!watch.used || watch.generation != generation) {
		pthread_mutex_unlock(&loop->lock);
		return;
	}
	loop->running_fd = fd;
	loop->running_generation = generation;
	pthread_mutex_unlock(&loop->lock);

	watch.fn(watch.data, event->events);

	pthread_mutex_lock(&loop->lock);
	loop->running_fd = -1;
	pthread_cond_broadcast(&loop->idle);
	pthread_mutex_unlock(&loop->lock);
}

int umdev_loop_run(struct umdev_loop *loop)
{
	struct epoll_event events[16];
	int i, n;

	pthread_mutex_lock(&loop->lock);
	loop->thread = pthread_self();
	pthread_mutex_unlock(&loop->lock);
	for (;;) {
		n = epoll_wait(loop->epoll_fd, events, 16, -1);
		if (n < 0 && errno != EINTR)
			return -errno;
		for (i = 0; i < n; i++) {
			if (events[i].data.u64 == watch_key(loop->stop_fd, 0))
				return 0;
			dispatch(loop, &events[i]);
		}
	}
}

void umdev_loop_stop(struct umdev_loop *loop)
{
	eventfd_write(loop->stop_fd, 1);
}
