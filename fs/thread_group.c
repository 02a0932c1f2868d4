// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
#include "thread_group.h"

#include <errno.h>
#include <stdlib.h>

struct start {
	struct thread_group *group;
	void (*fn)(void *data);
	void *data;
};

void thread_group_init(struct thread_group *group)
{
	*group = (struct thread_group){ .running = 0 };
	pthread_mutex_init(&group->lock, NULL);
	pthread_cond_init(&group->empty, NULL);
}

static void leave(struct thread_group *group)
{
	pthread_t before;
	bool have_before;

	pthread_mutex_lock(&group->lock);
	before = group->last;
	have_before = group->have_last;
	group->last = pthread_self();
	group->have_last = true;
	pthread_mutex_unlock(&group->lock);

	if (have_before)
		pthread_join(before, NULL);

	pthread_mutex_lock(&group->lock);
	if (--group->running == 0)
		pthread_cond_broadcast(&group->empty);
	pthread_mutex_unlock(&group->lock);
}

static void *run(void *data)
{
	struct start start = *(struct start *)data;

	free(data);
	start.fn(start.data);
	leave(start.group);
	return NULL;
}

int thread_group_start(struct thread_group *group, void (*fn)(void *data), void *data)
{
	struct start *start = malloc(sizeof(*start));
	pthread_t thread;
	int ret;

	if (!start)
		return -ENOMEM;
	*start = (struct start){ group, fn, data };
	pthread_mutex_lock(&group->lock);
	ret = pthread_create(&thread, NULL, run, start);
	if (!ret)
		group->running++;
	pthread_mutex_unlock(&group->lock);
	if (ret)
		free(start);
	return -ret;
}

void thread_group_finish(struct thread_group *group)
{
	pthread_mutex_lock(&group->lock);
	while (group->running)
		pthread_cond_wait(&group->empty, &group->lock);
	pthread_mutex_unlock(&group->lock);
	if (group->have_last)
		pthread_join(group->last, NULL);
	pthread_cond_destroy(&group->empty);
	pthread_mutex_destroy(&group->lock);
}
