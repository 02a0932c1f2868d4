// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
#include "background.h"

#include <pthread.h>

#include "daemon/loop.h"
#include "fuzz.h"

static struct umdev_loop *loop;
static pthread_t thread;

static void *run(void *data)
{
	umdev_loop_run(data);
	return NULL;
}

struct umdev_loop *background_up(void)
{
	loop = umdev_loop_create();
	fuzz_check(loop && !pthread_create(&thread, NULL, run, loop), "no event loop");
	return loop;
}

void background_down(void)
{
	umdev_loop_stop(loop);
	pthread_join(thread, NULL);
	umdev_loop_destroy(loop);
}
