// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * The watcher: one thread, started with the first eventfd to watch, that turns
 * signals into wake-ups. It knows contexts by number, so that the number of one
 * that has gone means nothing.
 *
 * Lock order: watch.lock is a leaf but for what making a thread takes.
 */
#include <linux/err.h>
#include <linux/eventfd.h>
#include <linux/idr.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/mutex.h>
#include <errno.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "eventfd.h"

#define WAKE_ID 0

/*
 * @lock covers all of it. @ids: the contexts that are watched. @epoll and @wake
 * are -1 and @thread is NULL until the first is; @wake ends the thread's sleep.
 */
static struct {
	struct mutex lock;
	struct idr ids;
	int epoll;
	int wake;
	struct task_struct *thread;
} watch = {
	.lock = __MUTEX_INITIALIZER(watch.lock),
	.epoll = -1,
	.wake = -1,
};

static void signal_arrived(int id)
{
	struct eventfd_ctx *ctx;

	mutex_lock(&watch.lock);
	ctx = idr_find(&watch.ids, (unsigned long)id);
	if (ctx && !kref_get_unless_zero(&ctx->kref))
		ctx = NULL;
	mutex_unlock(&watch.lock);
	if (!ctx)
		return;
	wake_up_poll(&ctx->wqh, EPOLLIN);
	eventfd_ctx_put(ctx);
}

static int watch_thread(void *data)
{
	int epoll = *(int *)data;
	struct epoll_event events[16];

	while (!kthread_should_stop()) {
		int n = epoll_wait(epoll, events, ARRAY_SIZE(events), -1);

		for (int i = 0; i < n; i++)
			if (events[i].data.u32 != WAKE_ID)
				signal_arrived((int)events[i].data.u32);
	}
	return 0;
}

static int add_to_epoll(int fd, u32 events, int id)
{
	struct epoll_event event = { .events = events, .data.u32 = (u32)id };

	return epoll_ctl(watch.epoll, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

static void close_fds(void)
{
	if (watch.wake >= 0)
		close(watch.wake);
	if (watch.epoll >= 0)
		close(watch.epoll);
	watch.wake = -1;
	watch.epoll = -1;
}

static int start_thread(void)
{
	struct task_struct *thread;
	int err;

	if (watch.thread)
		return 0;
	watch.epoll = epoll_create1(EPOLL_CLOEXEC);
	watch.wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (watch.epoll < 0 || watch.wake < 0) {
		err = -errno;
		goto close;
	}
	err = add_to_epoll(watch.wake, EPOLLIN, WAKE_ID);
	if (err)
		goto close;
	thread = kthread_run(watch_thread, &watch.epoll, "eventfds");
	if (IS_ERR(thread)) {
		err = (int)PTR_ERR(thread);
		goto close;
	}
	watch.thread = thread;
	return 0;

close:
	close_fds();
	return err;
}

int eventfd_watch(struct eventfd_ctx *ctx)
{
	int id, err = 0;

	mutex_lock(&watch.lock);
	if (ctx->watch_id)
		goto unlock;
	err = start_thread();
	if (err)
		goto unlock;
	id = idr_alloc_cyclic(&watch.ids, ctx, WAKE_ID + 1, 0, GFP_KERNEL);
	if (id < 0) {
		err = id;
		goto unlock;
	}
	/* Edge-triggered: the counter may stay as it is after a wake-up. */
	err = add_to_epoll(ctx->fd, EPOLLIN | EPOLLET, id);
	if (err)
		idr_remove(&watch.ids, (unsigned long)id);
	else
		ctx->watch_id = id;
unlock:
	mutex_unlock(&watch.lock);
	return err;
}

void eventfd_unwatch(struct eventfd_ctx *ctx)
{
	mutex_lock(&watch.lock);
	if (ctx->watch_id) {
		epoll_ctl(watch.epoll, EPOLL_CTL_DEL, ctx->fd, NULL);
		idr_remove(&watch.ids, (unsigned long)ctx->watch_id);
		ctx->watch_id = 0;
	}
	mutex_unlock(&watch.lock);
}

static void stop_watching(void)
{
	u64 one = 1;

	if (!watch.thread)
		return;
	/* Nobody reads it: the thread does not sleep again before it is told to stop. */
	BUG_ON(write(watch.wake, &one, sizeof(one)) != sizeof(one));
	kthread_stop(watch.thread);
	watch.thread = NULL;
	close_fds();
	idr_destroy(&watch.ids);
}
__exitcall(stop_watching);
