// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * What happens when two things happen at once. Rows M03, M07, M09. Errors that a loser of a race
 * may see are exactly those that the core documents; all else counts as a failure.
 */
#include "mdev_testing.h"
#include "testdev.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include <linux/device.h>

#define P0 TESTDEV "/p0"

static int setup(void **state)
{
	test_start();
	test_load("mdev", NULL);
	test_parents_init();
	return 0;
}

static int teardown(void **state)
{
	test_parents_exit();
	test_stop();
	return 0;
}

/* A write in a thread of its own. */
struct writer {
	const struct test_parent *parent;
	const char *uuid;
	bool removes;
	struct test_event done;
	int ret;
	pthread_t thread;
};

static void *write_once(void *arg)
{
	struct writer *writer = arg;

	if (writer->removes)
		writer->ret = parent_remove(writer->parent, writer->uuid);
	else
		writer->ret = parent_create(writer->parent, "a", writer->uuid);
	event_tell(&writer->done);
	return NULL;
}

static void writer_start(struct writer *writer, const struct test_parent *parent, const char *uuid,
			 bool removes)
{
	*writer = (struct writer){
		.parent = parent,
		.uuid = uuid,
		.removes = removes,
		.done = TEST_EVENT_INIT,
	};
	assert_int_equal(pthread_create(&writer->thread, NULL, write_once, writer), 0);
}

static int writer_join(struct writer *writer)
{
	pthread_join(writer->thread, NULL);
	return writer->ret;
}

/* Callbacks that tell when they were entered and wait until they may leave. */
static struct test_event entered;
static struct test_event leave;

static void reset_events(void)
{
	entered = (struct test_event)TEST_EVENT_INIT;
	leave = (struct test_event)TEST_EVENT_INIT;
}

static int create_meets(struct test_parent *parent, struct kobject *kobj, struct mdev_device *mdev)
{
	event_tell(&entered);
	event_wait(&entered, 2);
	return 0;
}

static int remove_meets(struct test_parent *parent, struct mdev_device *mdev)
{
	event_tell(&leave);
	event_wait(&leave, 2);
	return 0;
}

static void m03_callbacks_of_different_devices_run_in_parallel(void **state)
{
	struct test_parent parent = { .create = create_meets, .remove = remove_meets };
	struct writer a, b;

	reset_events();
	test_parent_register(&parent, "p0");
	writer_start(&a, &parent, UUID_A, false);
	writer_start(&b, &parent, UUID_B, false);
	assert_int_equal(writer_join(&a), 0);
	assert_int_equal(writer_join(&b), 0);
	writer_start(&a, &parent, UUID_A, true);
	writer_start(&b, &parent, UUID_B, true);
	assert_int_equal(writer_join(&a), 0);
	assert_int_equal(writer_join(&b), 0);
	test_parent_unregister(&parent);
}

static int create_waits(struct test_parent *parent, struct kobject *kobj, struct mdev_device *mdev)
{
	event_tell(&entered);
	event_wait(&leave, 1);
	return 0;
}

static int remove_waits(struct test_parent *parent, struct mdev_device *mdev)
{
	event_tell(&entered);
	event_wait(&leave, 1);
	return 0;
}

static void m07_a_uuid_is_taken_while_its_device_is_being_created(void **state)
{
	struct test_parent parent = { .create = create_waits };
	struct test_parent other = { 0 };
	struct writer creator;

	reset_events();
	test_parent_register(&parent, "p0");
	test_parent_register(&other, "p1");
	writer_start(&creator, &parent, UUID_A, false);
	event_wait(&entered, 1);
	assert_int_equal(parent_create(&parent, "b", UUID_A), -EEXIST);
	assert_int_equal(parent_create(&other, "a", UUID_A), -EEXIST);
	event_tell(&leave);
	assert_int_equal(writer_join(&creator), 0);
	test_parent_unregister(&parent);
	test_parent_unregister(&other);
}

static void *unregister_parent(void *arg)
{
	struct writer *writer = arg;

	mdev_unregister_device(writer->parent->dev);
	event_tell(&writer->done);
	return NULL;
}

static void unregister_start(struct writer *writer, const struct test_parent *parent)
{
	*writer = (struct writer){ .parent = parent, .done = TEST_EVENT_INIT };
	assert_int_equal(pthread_create(&writer->thread, NULL, unregister_parent, writer), 0);
}

static void m09_unregistration_waits_for_a_creation_and_lets_no_other_begin(void **state)
{
	struct test_parent parent = { .create = create_waits };
	struct writer creator, unregister;
	unsigned int mark;

	reset_events();
	test_parent_register(&parent, "p0");
	mark = log_mark();
	writer_start(&creator, &parent, UUID_A, false);
	event_wait(&entered, 1);
	unregister_start(&unregister, &parent);
	log_wait(mark, "testdev p0: MDEV: Unregistering");

	assert_int_equal(parent_create(&parent, "a", UUID_B), -ENODEV);
	assert_int_equal(mdev_register_device(parent.dev, &test_parent_ops), -EEXIST);
	assert_false(event_told(&unregister.done));
	event_tell(&leave);

	assert_int_equal(writer_join(&creator), 0);
	pthread_join(unregister.thread, NULL);
	assert_int_equal(parent.creates, 1);
	assert_int_equal(parent.removes, 1);
	assert_false(tree_has(P0 "/" UUID_A));
	assert_false(tree_has("/bus/mdev/devices/" UUID_A));
	test_parent_del(&parent);
}

static void m09_unregistration_waits_for_a_removal_and_removes_the_rest(void **state)
{
	struct test_parent parent = { .remove = remove_waits };
	struct writer remover, unregister;
	unsigned int mark;

	reset_events();
	test_parent_register(&parent, "p0");
	assert_int_equal(parent_create(&parent, "a", UUID_A), 0);
	assert_int_equal(parent_create(&parent, "a", UUID_B), 0);
	mark = log_mark();
	writer_start(&remover, &parent, UUID_A, true);
	event_wait(&entered, 1);
	unregister_start(&unregister, &parent);
	log_wait(mark, "testdev p0: MDEV: Unregistering");

	assert_int_equal(parent_remove(&parent, UUID_B), -ENODEV);
	assert_int_equal(parent.removes, 1);
	assert_false(event_told(&unregister.done));
	event_tell(&leave);

	assert_int_equal(writer_join(&remover), 0);
	pthread_join(unregister.thread, NULL);
	assert_int_equal(parent.removes, 2);
	assert_int_equal(tree_count("/bus/mdev/devices"), 0);
	test_parent_del(&parent);
}

/* Threads that go on writing until they are told to stop, or have done their rounds. */
#define ROUNDS 100

struct hammer {
	const struct test_parent *parent;
	unsigned int rounds;
	unsigned int ok;
	unsigned int lost;
	int unexpected;
	int *stop;
	pthread_t thread;
};

static void *create_often(void *arg)
{
	struct hammer *hammer = arg;
	int ret;

	while (hammer->ok < hammer->rounds && !hammer->unexpected) {
		ret = parent_create(hammer->parent, "a", UUID_A);
		if (!ret)
			hammer->ok++;
		else if (ret == -EEXIST)
			hammer->lost++;
		else
			hammer->unexpected = ret;
	}
	return NULL;
}

static void *remove_often(void *arg)
{
	struct hammer *hammer = arg;
	int ret;

	while (!__atomic_load_n(hammer->stop, __ATOMIC_SEQ_CST) && !hammer->unexpected) {
		ret = parent_remove(hammer->parent, UUID_A);
		if (!ret)
			hammer->ok++;
		else if (ret == -EAGAIN || ret == -ENODEV || ret == -ENOENT)
			hammer->lost++;
		else
			hammer->unexpected = ret;
	}
	return NULL;
}

static void m09_one_creator_and_four_removers_of_one_uuid(void **state)
{
	struct test_parent parent = { 0 };
	struct hammer creator, remover[4];
	unsigned int i, removed = 0;
	int stop = 0;

	test_parent_register(&parent, "p0");
	creator = (struct hammer){ .parent = &parent, .rounds = ROUNDS };
	assert_int_equal(pthread_create(&creator.thread, NULL, create_often, &creator), 0);
	for (i = 0; i < 4; i++) {
		remover[i] = (struct hammer){ .parent = &parent, .stop = &stop };
		assert_int_equal(
			pthread_create(&remover[i].thread, NULL, remove_often, &remover[i]), 0);
	}

	pthread_join(creator.thread, NULL);
	__atomic_store_n(&stop, 1, __ATOMIC_SEQ_CST);
	for (i = 0; i < 4; i++) {
		pthread_join(remover[i].thread, NULL);
		assert_int_equal(remover[i].unexpected, 0);
		removed += remover[i].ok;
	}
	assert_int_equal(creator.unexpected, 0);

	/* Each was removed by exactly one, but the last one perhaps by nobody. */
	removed += tree_has(P0 "/" UUID_A);
	assert_int_equal(removed, ROUNDS);
	assert_int_equal(parent.creates, ROUNDS);
	test_parent_unregister(&parent);
	assert_int_equal(parent.removes, ROUNDS);
}

static void *create_anything(void *arg)
{
	struct hammer *hammer = arg;
	unsigned int nr = 0;
	char uuid[64];
	int ret;

	while (!__atomic_load_n(hammer->stop, __ATOMIC_SEQ_CST) && !hammer->unexpected) {
		snprintf(uuid, sizeof(uuid), "%08lx-0000-4000-8000-%012x",
			 (unsigned long)(uintptr_t)hammer & 0xffffffffUL, nr++);
		ret = parent_create(hammer->parent, "b", uuid);
		if (!ret)
			hammer->ok++;
		else if (ret == -ENODEV || ret == -ENOENT || ret == -EAGAIN)
			hammer->lost++;
		else
			hammer->unexpected = ret;
		if (!ret && nr % 2) {
			ret = parent_remove(hammer->parent, uuid);
			if (ret && ret != -ENODEV && ret != -ENOENT && ret != -EAGAIN)
				hammer->unexpected = ret;
		}
	}
	return NULL;
}

static void m09_creators_and_removers_against_unregistration(void **state)
{
	struct test_parent parent = { 0 };
	struct hammer hammer[3];
	unsigned int i, round;
	int stop = 0;

	test_parent_add(&parent, "p0");
	for (i = 0; i < 3; i++) {
		hammer[i] = (struct hammer){ .parent = &parent, .stop = &stop };
		assert_int_equal(
			pthread_create(&hammer[i].thread, NULL, create_anything, &hammer[i]), 0);
	}

	for (round = 0; round < 30; round++) {
		unsigned int before = __atomic_load_n(&parent.creates, __ATOMIC_SEQ_CST);

		assert_int_equal(mdev_register_device(parent.dev, &test_parent_ops), 0);
		while (__atomic_load_n(&parent.creates, __ATOMIC_SEQ_CST) < before + 10)
			sched_yield();
		mdev_unregister_device(parent.dev);
		assert_int_equal(tree_count("/bus/mdev/devices"), 0);
		assert_int_equal(__atomic_load_n(&parent.removes, __ATOMIC_SEQ_CST),
				 __atomic_load_n(&parent.creates, __ATOMIC_SEQ_CST));
	}

	__atomic_store_n(&stop, 1, __ATOMIC_SEQ_CST);
	for (i = 0; i < 3; i++) {
		pthread_join(hammer[i].thread, NULL);
		assert_int_equal(hammer[i].unexpected, 0);
	}
	test_parent_del(&parent);
}

static void *register_once(void *arg)
{
	struct writer *writer = arg;

	writer->ret = mdev_register_device(writer->parent->dev, &test_parent_ops);
	return NULL;
}

static void m01_of_two_registrations_at_once_one_succeeds(void **state)
{
	struct test_parent parent = { 0 };
	struct writer writer[2];
	unsigned int round, i;

	test_parent_add(&parent, "p0");
	for (round = 0; round < 20; round++) {
		for (i = 0; i < 2; i++) {
			writer[i] = (struct writer){ .parent = &parent };
			assert_int_equal(pthread_create(&writer[i].thread, NULL, register_once,
							&writer[i]),
					 0);
		}
		for (i = 0; i < 2; i++)
			pthread_join(writer[i].thread, NULL);
		assert_int_equal(writer[0].ret + writer[1].ret, -EEXIST);
		mdev_unregister_device(parent.dev);
	}
	test_parent_del(&parent);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(m01_of_two_registrations_at_once_one_succeeds),
		cmocka_unit_test(m03_callbacks_of_different_devices_run_in_parallel),
		cmocka_unit_test(m07_a_uuid_is_taken_while_its_device_is_being_created),
		cmocka_unit_test(m09_unregistration_waits_for_a_creation_and_lets_no_other_begin),
		cmocka_unit_test(m09_unregistration_waits_for_a_removal_and_removes_the_rest),
		cmocka_unit_test(m09_one_creator_and_four_removers_of_one_uuid),
		cmocka_unit_test(m09_creators_and_removers_against_unregistration),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
