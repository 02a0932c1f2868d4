// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
#include "runtime_test.h"
#include <linux/completion.h>
#include <linux/slab.h>
#include <linux/timer.h>
#include <linux/workqueue.h>
#include <pthread.h>
#include <stdlib.h>

/* Work that counts its runs and waits where it is told to. */
struct job {
	struct work_struct work;
	struct completion started;
	struct completion go_on;
	int runs;
};

static void run_job(struct work_struct *work)
{
	struct job *job = container_of(work, struct job, work);

	__atomic_fetch_add(&job->runs, 1, __ATOMIC_SEQ_CST);
	complete(&job->started);
	wait_for_completion(&job->go_on);
}

static void init_job(struct job *job)
{
	*job = (struct job){ .runs = 0 };
	INIT_WORK(&job->work, run_job);
	init_completion(&job->started);
	init_completion(&job->go_on);
}

static void queued_work_runs_once(void **state)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("test");
	struct job job;

	init_job(&job);
	complete_all(&job.go_on);
	assert_true(queue_work(wq, &job.work));
	flush_work(&job.work);
	assert_int_equal(job.runs, 1);
	assert_false(flush_work(&job.work));
	destroy_workqueue(wq);
}

static void pending_work_is_not_queued_twice_and_running_work_is(void **state)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("test");
	struct job blocker, job;

	init_job(&blocker);
	init_job(&job);
	complete_all(&job.go_on);
	queue_work(wq, &blocker.work);
	wait_for_completion(&blocker.started);
	assert_true(queue_work(wq, &job.work));
	assert_false(queue_work(wq, &job.work));
	assert_true(work_pending(&job.work));
	assert_true(queue_work(wq, &blocker.work));
	complete_all(&blocker.go_on);
	flush_workqueue(wq);
	assert_int_equal(job.runs, 1);
	assert_int_equal(blocker.runs, 2);
	destroy_workqueue(wq);
}

static void items_of_one_queue_can_wait_for_each_other(void **state)
{
	struct workqueue_struct *wq = alloc_workqueue("test", 0, 0);
	struct job jobs[5];

	for (int i = 0; i < 5; i++) {
		init_job(&jobs[i]);
		queue_work(wq, &jobs[i].work);
	}
	for (int i = 4; i >= 0; i--) {
		wait_for_completion(&jobs[i].started);
		complete(&jobs[i].go_on);
	}
	destroy_workqueue(wq);
}

static void one_item_never_runs_twice_at_once(void **state)
{
	struct workqueue_struct *wq = alloc_workqueue("test", 0, 0);
	struct job job, other;

	init_job(&job);
	init_job(&other);
	complete_all(&other.go_on);
	queue_work(wq, &job.work);
	wait_for_completion(&job.started);
	queue_work(wq, &job.work);
	queue_work(wq, &other.work);
	flush_work(&other.work);
	assert_int_equal(READ_ONCE(job.runs), 1);
	complete_all(&job.go_on);
	destroy_workqueue(wq);
	assert_int_equal(job.runs, 2);
}

static void cancelled_work_does_not_run(void **state)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("test");
	struct job blocker, job;

	init_job(&blocker);
	init_job(&job);
	queue_work(wq, &blocker.work);
	wait_for_completion(&blocker.started);
	queue_work(wq, &job.work);
	assert_true(cancel_work_sync(&job.work));
	assert_false(cancel_work_sync(&job.work));
	complete_all(&blocker.go_on);
	assert_false(cancel_work_sync(&blocker.work));
	destroy_workqueue(wq);
	assert_int_equal(job.runs, 0);
	assert_int_equal(blocker.runs, 1);
}

static void run_for_ever(struct work_struct *work)
{
	struct job *job = container_of(work, struct job, work);

	__atomic_fetch_add(&job->runs, 1, __ATOMIC_SEQ_CST);
	queue_work(work->wq, work);
}

static void work_that_queues_itself_can_be_cancelled(void **state)
{
	struct workqueue_struct *wq = alloc_workqueue("test", 0, 0);
	struct job job;

	init_job(&job);
	job.work.func = run_for_ever;
	for (int i = 0; i < 100; i++) {
		int runs = READ_ONCE(job.runs);

		assert_true(queue_work(wq, &job.work));
		wait_until(READ_ONCE(job.runs) > runs + 1);
		cancel_work_sync(&job.work);
		assert_false(work_pending(&job.work));
		runs = READ_ONCE(job.runs);
		flush_workqueue(wq);
		assert_int_equal(READ_ONCE(job.runs), runs);
	}
	destroy_workqueue(wq);
}

static void free_itself(struct work_struct *work)
{
	kfree(container_of(work, struct job, work));
}

static void work_may_free_itself(void **state)
{
	long before = counts_now().allocations;

	for (int i = 0; i < 100; i++) {
		struct job *job = kzalloc(sizeof(*job), GFP_KERNEL);

		INIT_WORK(&job->work, free_itself);
		schedule_work(&job->work);
	}
	flush_scheduled_work();
	assert_int_equal(counts_now().allocations, before);
}

static void a_queue_leaves_no_thread_behind(void **state)
{
	struct umdev_runtime_counts before = counts_now();
	struct workqueue_struct *wq = alloc_workqueue("test", 0, 0);
	struct job jobs[3];

	for (int i = 0; i < 3; i++) {
		init_job(&jobs[i]);
		complete_all(&jobs[i].go_on);
		queue_work(wq, &jobs[i].work);
	}
	destroy_workqueue(wq);
	assert_int_equal(counts_now().threads, before.threads);
	assert_int_equal(counts_now().allocations, before.allocations);
}

static void work_can_be_cancelled_and_waited_for_when_its_queue_is_gone(void **state)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("test");
	struct delayed_work dwork;
	struct job job;

	init_job(&job);
	complete_all(&job.go_on);
	INIT_DELAYED_WORK(&dwork, free_itself);
	assert_true(queue_work(wq, &job.work));
	assert_true(queue_delayed_work(wq, &dwork, 1000 * HZ));
	assert_true(cancel_delayed_work_sync(&dwork));
	destroy_workqueue(wq);
	assert_int_equal(job.runs, 1);
	assert_false(cancel_work_sync(&job.work));
	assert_false(flush_work(&job.work));
	assert_false(cancel_delayed_work_sync(&dwork));
	assert_true(schedule_work(&job.work));
	assert_true(flush_work(&job.work) || READ_ONCE(job.runs) == 2);
}

/* Somebody who waits for an item. */
struct flusher {
	struct job *job;
	pthread_t thread;
	bool waited;
};

static void *flush_job(void *arg)
{
	struct flusher *flusher = arg;

	flusher->waited = flush_work(&flusher->job->work);
	return NULL;
}

static void a_queue_can_go_while_its_last_item_is_waited_for(void **state)
{
	for (int round = 0; round < 50; round++) {
		struct workqueue_struct *wq = alloc_workqueue("test", 0, 0);
		struct flusher flushers[2];
		struct job job;

		init_job(&job);
		assert_true(queue_work(wq, &job.work));
		wait_for_completion(&job.started);
		for (int i = 0; i < 2; i++) {
			flushers[i].job = &job;
			assert_int_equal(pthread_create(&flushers[i].thread, NULL, flush_job,
							&flushers[i]),
					 0);
		}
		complete_all(&job.go_on);
		destroy_workqueue(wq);
		for (int i = 0; i < 2; i++)
			pthread_join(flushers[i].thread, NULL);
	}
}

#define WANDERERS 3

/* Items that several threads put on several queues and take back, all at once. */
static struct {
	struct workqueue_struct *queues[2];
	struct work_struct items[WANDERERS];
	long queued, runs, taken_back;
} wander;

static void count_wanderer(struct work_struct *work)
{
	__atomic_fetch_add(&wander.runs, 1, __ATOMIC_RELAXED);
}

static void *make_wander(void *arg)
{
	unsigned int seed = (unsigned int)(unsigned long)arg;

	for (int i = 0; i < 3000; i++) {
		struct work_struct *item = &wander.items[rand_r(&seed) % WANDERERS];
		struct workqueue_struct *wq = wander.queues[rand_r(&seed) % 2];

		if (rand_r(&seed) % 4)
			__atomic_fetch_add(&wander.queued, queue_work(wq, item), __ATOMIC_RELAXED);
		else if (rand_r(&seed) % 4)
			__atomic_fetch_add(&wander.taken_back, cancel_work_sync(item),
					   __ATOMIC_RELAXED);
		else
			flush_work(item);
	}
	return NULL;
}

static void what_wanders_between_queues_runs_as_often_as_it_is_queued(void **state)
{
	pthread_t threads[3];

	wander.queues[0] = alloc_workqueue("test0", 0, 0);
	wander.queues[1] = create_singlethread_workqueue("test1");
	for (int i = 0; i < WANDERERS; i++)
		INIT_WORK(&wander.items[i], count_wanderer);
	for (unsigned long i = 0; i < 3; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, make_wander, (void *)(i + 1)),
				 0);
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	destroy_workqueue(wander.queues[0]);
	destroy_workqueue(wander.queues[1]);
	assert_int_equal(wander.runs + wander.taken_back, wander.queued);
	assert_true(wander.runs > 100);
	for (int i = 0; i < WANDERERS; i++)
		assert_false(work_pending(&wander.items[i]));
}

struct delayed_job {
	struct delayed_work dwork;
	unsigned long ran_at;
	int runs;
};

static void note_run(struct work_struct *work)
{
	struct delayed_job *job = container_of(to_delayed_work(work), struct delayed_job, dwork);

	WRITE_ONCE(job->ran_at, jiffies);
	__atomic_fetch_add(&job->runs, 1, __ATOMIC_SEQ_CST);
}

static void delayed_work_runs_after_its_time(void **state)
{
	struct delayed_job job = { .runs = 0 };
	unsigned long start = jiffies;

	INIT_DELAYED_WORK(&job.dwork, note_run);
	assert_true(schedule_delayed_work(&job.dwork, 30));
	assert_false(schedule_delayed_work(&job.dwork, 30));
	assert_true(delayed_work_pending(&job.dwork));
	wait_until(READ_ONCE(job.runs) == 1);
	assert_true(READ_ONCE(job.ran_at) - start >= 30);
	flush_delayed_work(&job.dwork);
	assert_int_equal(job.runs, 1);
}

static void delayed_work_can_be_hurried_put_off_and_cancelled(void **state)
{
	struct delayed_job job = { .runs = 0 };

	INIT_DELAYED_WORK(&job.dwork, note_run);
	schedule_delayed_work(&job.dwork, 1000 * HZ);
	assert_true(flush_delayed_work(&job.dwork));
	assert_int_equal(job.runs, 1);
	schedule_delayed_work(&job.dwork, 1000 * HZ);
	assert_true(mod_delayed_work(system_wq, &job.dwork, 1));
	wait_until(READ_ONCE(job.runs) == 2);
	schedule_delayed_work(&job.dwork, 1000 * HZ);
	assert_true(cancel_delayed_work_sync(&job.dwork));
	assert_false(cancel_delayed_work_sync(&job.dwork));
	assert_false(mod_delayed_work(system_wq, &job.dwork, 1000 * HZ));
	assert_true(cancel_delayed_work(&job.dwork));
	flush_scheduled_work();
	assert_int_equal(job.runs, 2);
}

/* A timer that notes in which order it came. */
struct alarm {
	struct timer_list timer;
	int order;
	int again;
};

static int alarms;

static void ring(struct timer_list *timer)
{
	struct alarm *alarm = from_timer(alarm, timer, timer);

	WRITE_ONCE(alarm->order, __atomic_add_fetch(&alarms, 1, __ATOMIC_SEQ_CST));
	if (READ_ONCE(alarm->again))
		mod_timer(timer, jiffies + 1);
}

static void timers_come_in_the_order_of_their_times(void **state)
{
	struct alarm a = { .order = 0 }, b = { .order = 0 }, c = { .order = 0 };
	unsigned long now = jiffies;

	alarms = 0;
	timer_setup(&a.timer, ring, 0);
	timer_setup(&b.timer, ring, 0);
	timer_setup(&c.timer, ring, 0);
	assert_int_equal(mod_timer(&c.timer, now + 60), 0);
	assert_int_equal(mod_timer(&a.timer, now + 20), 0);
	assert_int_equal(mod_timer(&b.timer, now + 1000 * HZ), 0);
	assert_true(timer_pending(&b.timer));
	assert_int_equal(mod_timer(&b.timer, now + 40), 1);
	wait_until(READ_ONCE(c.order));
	assert_int_equal(READ_ONCE(a.order), 1);
	assert_int_equal(READ_ONCE(b.order), 2);
	assert_int_equal(READ_ONCE(c.order), 3);
	assert_int_equal(del_timer_sync(&c.timer), 0);
}

static void a_deleted_timer_does_not_come(void **state)
{
	struct alarm alarm = { .again = 1 };

	timer_setup(&alarm.timer, ring, 0);
	alarm.timer.expires = jiffies + 1;
	add_timer(&alarm.timer);
	wait_until(READ_ONCE(alarm.order) > 3);
	WRITE_ONCE(alarm.again, 0);
	del_timer_sync(&alarm.timer);
	assert_false(timer_pending(&alarm.timer));
	mod_timer(&alarm.timer, jiffies + 1000 * HZ);
	assert_int_equal(del_timer(&alarm.timer), 1);
	assert_int_equal(del_timer(&alarm.timer), 0);
}

static int setup(void **state)
{
	return umdev_runtime_init();
}

static int teardown(void **state)
{
	umdev_runtime_exit();
	return counts_now().threads || counts_now().allocations;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(queued_work_runs_once),
		cmocka_unit_test(pending_work_is_not_queued_twice_and_running_work_is),
		cmocka_unit_test(items_of_one_queue_can_wait_for_each_other),
		cmocka_unit_test(one_item_never_runs_twice_at_once),
		cmocka_unit_test(cancelled_work_does_not_run),
		cmocka_unit_test(work_that_queues_itself_can_be_cancelled),
		cmocka_unit_test(work_may_free_itself),
		cmocka_unit_test(a_queue_leaves_no_thread_behind),
		cmocka_unit_test(work_can_be_cancelled_and_waited_for_when_its_queue_is_gone),
		cmocka_unit_test(a_queue_can_go_while_its_last_item_is_waited_for),
		cmocka_unit_test(what_wanders_between_queues_runs_as_often_as_it_is_queued),
		cmocka_unit_test(delayed_work_runs_after_its_time),
		cmocka_unit_test(delayed_work_can_be_hurried_put_off_and_cancelled),
		cmocka_unit_test(timers_come_in_the_order_of_their_times),
		cmocka_unit_test(a_deleted_timer_does_not_come),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
