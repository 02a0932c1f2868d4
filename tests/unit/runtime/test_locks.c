// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
#include "runtime_test.h"
#include <linux/completion.h>
#include <linux/kref.h>
#include <linux/mutex.h>
#include <linux/rwsem.h>
#include <linux/sched.h>
#include <linux/spinlock.h>

static DEFINE_MUTEX(mutex);
static DEFINE_SPINLOCK(spinlock);
static DECLARE_RWSEM(rwsem);

#define THREADS 4
#define ROUNDS	5000

static void run_in_threads(void *(*fn)(void *arg), void *arg)
{
	pthread_t threads[THREADS];

	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, fn, arg), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
}

static void *in_one_thread(void *(*fn)(void *arg), void *arg)
{
	pthread_t thread;
	void *ret;

	assert_int_equal(pthread_create(&thread, NULL, fn, arg), 0);
	pthread_join(thread, &ret);
	return ret;
}

static void *count_under_all_locks(void *arg)
{
	long *counters = arg;
	unsigned long flags;

	for (int i = 0; i < ROUNDS; i++) {
		mutex_lock(&mutex);
		counters[0]++;
		mutex_unlock(&mutex);
		spin_lock_irqsave(&spinlock, flags);
		counters[1]++;
		spin_unlock_irqrestore(&spinlock, flags);
		down_write(&rwsem);
		counters[2]++;
		up_write(&rwsem);
	}
	return NULL;
}

static void each_lock_lets_one_in_at_a_time(void **state)
{
	long counters[3] = { 0 };

	run_in_threads(count_under_all_locks, counters);
	for (int i = 0; i < 3; i++)
		assert_int_equal(counters[i], THREADS * ROUNDS);
}

static void *try_everything(void *arg)
{
	intptr_t got = 0;

	if (mutex_trylock(&mutex)) {
		mutex_unlock(&mutex);
		got |= 1;
	}
	if (spin_trylock(&spinlock)) {
		spin_unlock(&spinlock);
		got |= 2;
	}
	if (down_read_trylock(&rwsem)) {
		up_read(&rwsem);
		got |= 4;
	}
	if (down_write_trylock(&rwsem)) {
		up_write(&rwsem);
		got |= 8;
	}
	return (void *)got;
}

static void a_held_lock_is_not_to_be_had(void **state)
{
	assert_int_equal((intptr_t)in_one_thread(try_everything, NULL), 15);
	mutex_lock(&mutex);
	assert_int_equal((intptr_t)in_one_thread(try_everything, NULL), 14);
	assert_true(mutex_is_locked(&mutex));
	mutex_unlock(&mutex);
	assert_false(mutex_is_locked(&mutex));
	spin_lock(&spinlock);
	assert_int_equal((intptr_t)in_one_thread(try_everything, NULL), 13);
	spin_unlock(&spinlock);
	down_write(&rwsem);
	assert_int_equal((intptr_t)in_one_thread(try_everything, NULL), 3);
	assert_true(rwsem_is_locked(&rwsem));
	downgrade_write(&rwsem);
	assert_int_equal((intptr_t)in_one_thread(try_everything, NULL), 7);
	up_read(&rwsem);
	assert_false(rwsem_is_locked(&rwsem));
}

/* A thread that waits for a lock until it is interrupted. */
struct waiter {
	int (*lock)(void);
	struct task_struct *task;
	struct completion ready;
	int ret;
};

static void *wait_interruptibly(void *arg)
{
	struct waiter *waiter = arg;

	waiter->task = get_task_struct(current);
	complete(&waiter->ready);
	waiter->ret = waiter->lock();
	return NULL;
}

static int lock_mutex(void)
{
	return mutex_lock_interruptible(&mutex);
}

static int lock_for_reading(void)
{
	return down_read_killable(&rwsem);
}

static int lock_for_writing(void)
{
	return down_write_killable(&rwsem);
}

static int interrupt_while_in(int (*lock)(void))
{
	struct waiter waiter = { .lock = lock };
	pthread_t thread;

	init_completion(&waiter.ready);
	assert_int_equal(pthread_create(&thread, NULL, wait_interruptibly, &waiter), 0);
	wait_for_completion(&waiter.ready);
	umdev_task_interrupt(waiter.task);
	pthread_join(thread, NULL);
	put_task_struct(waiter.task);
	return waiter.ret;
}

static void an_interruption_ends_the_wait_for_a_lock(void **state)
{
	mutex_lock(&mutex);
	assert_int_equal(interrupt_while_in(lock_mutex), -EINTR);
	mutex_unlock(&mutex);
	down_write(&rwsem);
	assert_int_equal(interrupt_while_in(lock_for_reading), -EINTR);
	assert_int_equal(interrupt_while_in(lock_for_writing), -EINTR);
	up_write(&rwsem);
	down_read(&rwsem);
	assert_int_equal(interrupt_while_in(lock_for_writing), -EINTR);
	up_read(&rwsem);
	assert_int_equal((intptr_t)in_one_thread(try_everything, NULL), 15);
}

static void *take_for_writing(void *sem)
{
	down_write(sem);
	up_write(sem);
	return NULL;
}

static void *try_for_reading(void *sem)
{
	if (!down_read_trylock(sem))
		return NULL;
	up_read(sem);
	return sem;
}

static void check_writer_goes_first(struct rw_semaphore *sem)
{
	pthread_t writer;

	down_read(sem);
	assert_non_null(in_one_thread(try_for_reading, sem));
	assert_int_equal(pthread_create(&writer, NULL, take_for_writing, sem), 0);
	wait_until(!in_one_thread(try_for_reading, sem));
	up_read(sem);
	pthread_join(writer, NULL);
}

static void a_waiting_writer_stops_new_readers(void **state)
{
	struct rw_semaphore made;

	init_rwsem(&made);
	check_writer_goes_first(&made);
	check_writer_goes_first(&rwsem);
}

static void lockdep_knows_the_holder(void **state)
{
	long warnings = warnings_now();

	mutex_lock(&mutex);
	spin_lock(&spinlock);
	down_read(&rwsem);
	lockdep_assert_held(&mutex);
	lockdep_assert_held(&spinlock);
	lockdep_assert_held(&rwsem);
	assert_int_equal(warnings_now(), warnings);
	up_read(&rwsem);
	spin_unlock(&spinlock);
	mutex_unlock(&mutex);
	lockdep_assert_held(&mutex);
	lockdep_assert_held(&spinlock);
	lockdep_assert_held(&rwsem);
	assert_int_equal(warnings_now(), warnings + 3);
}

static void a_reference_count_saturates_instead_of_wrapping(void **state)
{
	refcount_t r = REFCOUNT_INIT(1);

	assert_true(refcount_inc_not_zero(&r));
	assert_false(refcount_dec_and_test(&r));
	assert_true(refcount_dec_and_test(&r));
	assert_false(refcount_inc_not_zero(&r));
	assert_int_equal(refcount_read(&r), 0);
	refcount_inc(&r);
	assert_int_equal((int)refcount_read(&r), REFCOUNT_SATURATED);
	assert_false(refcount_dec_and_test(&r));

	refcount_set(&r, REFCOUNT_MAX);
	refcount_inc(&r);
	assert_int_equal((int)refcount_read(&r), REFCOUNT_SATURATED);

	refcount_set(&r, 0);
	assert_false(refcount_dec_and_test(&r));
	assert_int_equal((int)refcount_read(&r), REFCOUNT_SATURATED);
}

struct object {
	struct kref kref;
	int released;
};

static void release_object(struct kref *kref)
{
	container_of(kref, struct object, kref)->released++;
}

static void release_object_locked(struct kref *kref)
{
	release_object(kref);
	mutex_unlock(&mutex);
}

static void the_last_put_releases_and_no_other(void **state)
{
	struct object object = { .released = 0 };

	kref_init(&object.kref);
	kref_get(&object.kref);
	assert_int_equal(kref_put(&object.kref, release_object), 0);
	assert_int_equal(object.released, 0);
	assert_int_equal(kref_put(&object.kref, release_object), 1);
	assert_int_equal(object.released, 1);
	assert_false(kref_get_unless_zero(&object.kref));

	kref_init(&object.kref);
	kref_get(&object.kref);
	assert_int_equal(kref_put_mutex(&object.kref, release_object_locked, &mutex), 0);
	assert_false(mutex_is_locked(&mutex));
	assert_int_equal(kref_put_mutex(&object.kref, release_object_locked, &mutex), 1);
	assert_false(mutex_is_locked(&mutex));
	assert_int_equal(object.released, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_lock_lets_one_in_at_a_time),
		cmocka_unit_test(a_held_lock_is_not_to_be_had),
		cmocka_unit_test(an_interruption_ends_the_wait_for_a_lock),
		cmocka_unit_test(a_waiting_writer_stops_new_readers),
		cmocka_unit_test(lockdep_knows_the_holder),
		cmocka_unit_test(a_reference_count_saturates_instead_of_wrapping),
		cmocka_unit_test(the_last_put_releases_and_no_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
