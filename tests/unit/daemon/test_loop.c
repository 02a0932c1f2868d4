// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* The daemon's event loop. */
#include <daemon/loop.h>
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define LIMIT_S 20

/* A loop that runs on a thread of its own, and one descriptor to wait for. */
struct fixture {
	struct umdev_loop *loop;
	pthread_t thread;
	int fd;
	sem_t called;
	sem_t go_on;
	atomic_int calls;
	atomic_bool returned;
	int del_result;
};

static void await(sem_t *sem)
{
	struct timespec limit;

	clock_gettime(CLOCK_REALTIME, &limit);
	limit.tv_sec += LIMIT_S;
	assert_int_equal(sem_timedwait(sem, &limit), 0);
}

static void *run(void *data)
{
	return (void *)(intptr_t)umdev_loop_run(data);
}

static int setup(void **state)
{
	static struct fixture fixture;

	memset(&fixture, 0, sizeof(fixture));
	fixture.loop = umdev_loop_create();
	assert_non_null(fixture.loop);
	fixture.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	assert_true(fixture.fd >= 0);
	sem_init(&fixture.called, 0, 0);
	sem_init(&fixture.go_on, 0, 0);
	assert_int_equal(pthread_create(&fixture.thread, NULL, run, fixture.loop), 0);
	*state = &fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;
	void *result;

	umdev_loop_stop(fixture->loop);
	pthread_join(fixture->thread, &result);
	assert_int_equal((intptr_t)result, 0);
	umdev_loop_destroy(fixture->loop);
	close(fixture->fd);
	sem_destroy(&fixture->called);
	sem_destroy(&fixture->go_on);
	return 0;
}

static void count_call(void *data, uint32_t events)
{
	struct fixture *fixture = data;
	eventfd_t value;

	eventfd_read(fixture->fd, &value);
	fixture->calls++;
	sem_post(&fixture->called);
}

static void a_ready_descriptor_calls_its_function_each_time(void **state)
{
	struct fixture *fixture = *state;
	int i;

	assert_int_equal(umdev_loop_add(fixture->loop, fixture->fd, EPOLLIN, count_call, fixture),
			 0);
	for (i = 1; i <= 3; i++) {
		eventfd_write(fixture->fd, 1);
		await(&fixture->called);
		assert_int_equal(fixture->calls, i);
	}
	assert_int_equal(umdev_loop_del(fixture->loop, fixture->fd), 0);
}

static void wait_inside(void *data, uint32_t events)
{
	struct fixture *fixture = data;
	eventfd_t value;

	/* Not to be called again, should it return before the other thread deletes it. */
	eventfd_read(fixture->fd, &value);
	sem_post(&fixture->called);
	await(&fixture->go_on);
	fixture->returned = true;
}

static void *let_go_later(void *data)
{
	struct fixture *fixture = data;

	sem_post(&fixture->go_on);
	return NULL;
}

static void del_waits_until_the_callback_has_returned(void **state)
{
	struct fixture *fixture = *state;
	pthread_t helper;

	assert_int_equal(umdev_loop_add(fixture->loop, fixture->fd, EPOLLIN, wait_inside, fixture),
			 0);
	eventfd_write(fixture->fd, 1);
	await(&fixture->called);
	assert_int_equal(pthread_create(&helper, NULL, let_go_later, fixture), 0);
	assert_int_equal(umdev_loop_del(fixture->loop, fixture->fd), 0);
	assert_true(fixture->returned);
	pthread_join(helper, NULL);
}

static void delete_oneself(void *data, uint32_t events)
{
	struct fixture *fixture = data;

	fixture->calls++;
	fixture->del_result = umdev_loop_del(fixture->loop, fixture->fd);
	sem_post(&fixture->called);
}

static void a_callback_may_delete_its_own_descriptor(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(
		umdev_loop_add(fixture->loop, fixture->fd, EPOLLIN, delete_oneself, fixture), 0);
	eventfd_write(fixture->fd, 1);
	await(&fixture->called);
	assert_int_equal(fixture->del_result, 0);
	assert_int_equal(fixture->calls, 1);
	assert_int_equal(umdev_loop_del(fixture->loop, fixture->fd), -ENOENT);
}

static void what_cannot_be_added_answers_why(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(umdev_loop_add(fixture->loop, -1, EPOLLIN, count_call, fixture), -EBADF);
	assert_int_equal(umdev_loop_add(fixture->loop, 1000000, EPOLLIN, count_call, fixture),
			 -EBADF);
	assert_int_equal(umdev_loop_add(fixture->loop, fixture->fd, EPOLLIN, count_call, fixture),
			 0);
	assert_int_equal(umdev_loop_add(fixture->loop, fixture->fd, EPOLLIN, count_call, fixture),
			 -EEXIST);
	assert_int_equal(umdev_loop_del(fixture->loop, fixture->fd), 0);
	assert_int_equal(umdev_loop_del(fixture->loop, -1), -ENOENT);
}

static void never(void *data, uint32_t events)
{
	fail_msg("a callback ran that was deleted");
}

/* The number of a closed descriptor is used again at once. */
static void an_event_of_a_deleted_descriptor_reaches_nobody(void **state)
{
	struct fixture *fixture = *state;
	int i, fd;

	for (i = 0; i < 200; i++) {
		fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		assert_int_equal(umdev_loop_add(fixture->loop, fd, EPOLLIN, never, NULL), 0);
		assert_int_equal(umdev_loop_del(fixture->loop, fd), 0);
		eventfd_write(fd, 1);
		close(fd);
		assert_int_equal(umdev_loop_add(fixture->loop, fixture->fd, EPOLLIN, count_call,
						fixture),
				 0);
		eventfd_write(fixture->fd, 1);
		await(&fixture->called);
		assert_int_equal(umdev_loop_del(fixture->loop, fixture->fd), 0);
	}
	assert_int_equal(fixture->calls, 200);
}

static void *add_and_delete(void *data)
{
	struct fixture *fixture = data;
	int i, fd = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK);
	atomic_int calls = 0;
	struct fixture own = { .fd = fd, .calls = calls };

	sem_init(&own.called, 0, 0);
	for (i = 0; i < 300; i++) {
		assert_int_equal(umdev_loop_add(fixture->loop, fd, EPOLLIN, count_call, &own), 0);
		eventfd_write(fd, 1);
		assert_int_equal(umdev_loop_del(fixture->loop, fd), 0);
	}
	sem_destroy(&own.called);
	close(fd);
	return NULL;
}

static void threads_may_add_and_delete_at_once(void **state)
{
	pthread_t threads[4];
	int i;

	for (i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, add_and_delete, *state), 0);
	for (i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_ready_descriptor_calls_its_function_each_time,
						setup, teardown),
		cmocka_unit_test_setup_teardown(del_waits_until_the_callback_has_returned, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_callback_may_delete_its_own_descriptor, setup,
						teardown),
		cmocka_unit_test_setup_teardown(what_cannot_be_added_answers_why, setup, teardown),
		cmocka_unit_test_setup_teardown(an_event_of_a_deleted_descriptor_reaches_nobody,
						setup, teardown),
		cmocka_unit_test_setup_teardown(threads_may_add_and_delete_at_once, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
