// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
#include "loop_thread.h"

#include <pthread.h>
#include <stdint.h>

#include "daemon/loop.h"
#include "vfio-user/server.h"

static struct umdev_loop *loop;
static pthread_t thread;

static int loop_add(void *l, int fd, uint32_t events, void (*cb)(void *data, uint32_t events),
		    void *data)
{
	return umdev_loop_add(l, fd, events, cb, data);
}

static void loop_del(void *l, int fd)
{
	umdev_loop_del(l, fd);
}

const struct vfio_user_loop_ops loop_thread_ops = { loop_add, loop_del };

static void *run_loop(void *arg)
{
	umdev_loop_run(loop);
	return NULL;
}

struct umdev_loop *loop_thread_start(void)
{
	loop = umdev_loop_create();
	if (!loop || pthread_create(&thread, NULL, run_loop, NULL))
		return NULL;
	return loop;
}

void loop_thread_stop(void)
{
	umdev_loop_stop(loop);
	pthread_join(thread, NULL);
	umdev_loop_destroy(loop);
}
