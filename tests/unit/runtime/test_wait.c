// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
#include "runtime_test.h"
#include <linux/completion.h>
#include <linux/kthread.h>
#include <linux/wait.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

static DECLARE_WAIT_QUEUE_HEAD(queue);

/* A thread that waits at @queue until @flag is set or it is interrupted. */
struct sleeper {
	pthread_t thread;
	struct task_struct *task;
	struct completion ready;
	bool exclusive;
	int flag;
	int looks; /* at the flag */
	int woken;
	int ret;
};

static bool look(struct sleeper *s)
{
	bool set = READ_ONCE(s->flag);

	__atomic_fetch_add(&s->looks, 1, __ATOMIC_SEQ_CST);
	return set;
}

static void *sleep_at_queue(void *arg)
{
	struct sleeper *s = arg;

	s->task = get_task_struct(current);
	complete(&s->ready);
	if (s->exclusive)
		s->ret = wait_event_interruptible_exclusive(queue, look(s));
	else
		s->ret = wait_event_interruptible(queue, look(s));
	WRITE_ONCE(s->woken, 1);
	return NULL;
}

static int queue_length(void)
{
	struct list_head *entry;
	int n = 0;

	spin_lock(&queue.lock);
	list_for_each(entry, &queue.head)
		n++;
	spin_unlock(&queue.lock);
	return n;
}

static void start(struct sleeper *s, int already_waiting)
{
	init_completion(&s->ready);
	assert_int_equal(pthread_create(&s->thread, NULL, sleep_at_queue, s), 0);
	wait_for_completion(&s->ready);
	/* It stands in the queue when it looks, and then sleeps: a flag set now wakes nobody. */
	wait_until(READ_ONCE(s->looks) >= 1);
	assert_int_equal(queue_length(), already_waiting + 1);
}

static void finish(struct sleeper *s)
{
	pthread_join(s->thread, NULL);
	put_task_struct(s->task);
}

static void a_wake_up_lets_those_go_whose_condition_is_true(void **state)
{
	struct sleeper a = { .flag = 0 }, b = { .flag = 0 };

	start(&a, 0);
	start(&b, 1);
	assert_true(waitqueue_active(&queue));
	WRITE_ONCE(a.flag, 1);
	wake_up(&queue);
	finish(&a);
	assert_int_equal(a.ret, 0);
	wait_until(queue_length() == 1);
	assert_int_equal(READ_ONCE(b.woken), 0);
	WRITE_ONCE(b.flag, 1);
	wake_up_all(&queue);
	finish(&b);
	assert_false(waitqueue_active(&queue));
}

static void one_exclusive_waiter_is_woken_at_a_time(void **state)
{
	struct sleeper s[3];

	memset(s, 0, sizeof(s));
	for (int i = 0; i < 3; i++) {
		s[i].exclusive = true;
		start(&s[i], i);
		WRITE_ONCE(s[i].flag, 1);
	}
	for (int i = 0; i < 3; i++) {
		wake_up(&queue);
		finish(&s[i]);
		assert_int_equal(queue_length(), 2 - i);
	}
}

static void an_interruption_ends_an_interruptible_wait(void **state)
{
	struct sleeper s = { .flag = 0 };

	start(&s, 0);
	umdev_task_interrupt(s.task);
	finish(&s);
	assert_int_equal(s.ret, -ERESTARTSYS);
	assert_int_equal(queue_length(), 0);
}

static void a_pending_interruption_ends_each_wait_until_it_is_cleared(void **state)
{
	int never = 0;

	umdev_task_interrupt(current);
	assert_true(signal_pending(current));
	assert_int_equal(wait_event_interruptible(queue, never), -ERESTARTSYS);
	assert_int_equal(wait_event_killable(queue, never), -ERESTARTSYS);
	assert_int_equal(wait_event_interruptible_timeout(queue, never, HZ), -ERESTARTSYS);
	assert_int_equal(wait_event_timeout(queue, never, 2), 0);
	assert_int_equal(wait_event_interruptible(queue, true), 0);
	umdev_task_clear_interrupt(current);
	assert_int_equal(wait_event_interruptible_timeout(queue, never, 2), 0);
}

static void a_timed_wait_says_what_was_left(void **state)
{
	unsigned long start_time = jiffies;
	int never = 0;

	assert_int_equal(wait_event_timeout(queue, never, 20), 0);
	assert_true(jiffies - start_time >= 20);
	assert_int_equal(wait_event_timeout(queue, true, 0), 1);
	assert_int_equal(wait_event_timeout(queue, true, 50), 50);
}

static void a_wake_up_before_the_sleep_is_not_lost(void **state)
{
	DEFINE_WAIT(wait);

	prepare_to_wait(&queue, &wait, TASK_UNINTERRUPTIBLE);
	wake_up(&queue);
	schedule();
	finish_wait(&queue, &wait);
	assert_int_equal(queue_length(), 0);
}

static int note_key(struct wait_queue_entry *entry, unsigned int mode, int flags, void *key)
{
	*(unsigned int *)entry->private = key_to_poll(key);
	return 0;
}

static void an_entry_with_a_function_of_its_own_gets_the_key(void **state)
{
	struct wait_queue_entry entry;
	unsigned int key = 0;

	init_waitqueue_func_entry(&entry, note_key);
	entry.private = &key;
	add_wait_queue(&queue, &entry);
	wake_up_poll(&queue, 5);
	assert_int_equal(key, 5);
	remove_wait_queue(&queue, &entry);
	wake_up_poll(&queue, 6);
	assert_int_equal(key, 5);
}

static void *complete_later(void *arg)
{
	complete(arg);
	return NULL;
}

static void a_completion_lets_as_many_through_as_it_was_completed(void **state)
{
	DECLARE_COMPLETION_ONSTACK(done);
	pthread_t thread;

	assert_false(try_wait_for_completion(&done));
	assert_int_equal(wait_for_completion_timeout(&done, 2), 0);
	complete(&done);
	complete(&done);
	assert_true(completion_done(&done));
	wait_for_completion(&done);
	assert_true(wait_for_completion_timeout(&done, 100) >= 1);
	assert_false(try_wait_for_completion(&done));
	assert_int_equal(pthread_create(&thread, NULL, complete_later, &done), 0);
	assert_int_equal(wait_for_completion_interruptible(&done), 0);
	pthread_join(thread, NULL);
}

static void complete_all_lets_everybody_through_until_reinit(void **state)
{
	DECLARE_COMPLETION_ONSTACK(done);

	complete_all(&done);
	for (int i = 0; i < 3; i++)
		wait_for_completion(&done);
	reinit_completion(&done);
	assert_false(try_wait_for_completion(&done));
	umdev_task_interrupt(current);
	assert_int_equal(wait_for_completion_interruptible(&done), -ERESTARTSYS);
	assert_int_equal(wait_for_completion_killable(&done), -ERESTARTSYS);
	umdev_task_clear_interrupt(current);
}

/* The completion is on the waiter's stack: completing must not touch it once the waiter is free. */
static void *wait_on_stack(void *arg)
{
	struct completion **shared = arg;

	for (int i = 0; i < 2000; i++) {
		DECLARE_COMPLETION_ONSTACK(done);

		__atomic_store_n(shared, &done, __ATOMIC_RELEASE);
		wait_for_completion(&done);
	}
	return NULL;
}

static void a_completion_may_go_as_soon_as_its_waiter_is_through(void **state)
{
	struct completion *shared = NULL, *done;
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, wait_on_stack, &shared), 0);
	for (int i = 0; i < 2000; i++) {
		while (!(done = xchg(&shared, NULL)))
			yield();
		complete(done);
	}
	pthread_join(thread, NULL);
}

static int return_after_stop(void *data)
{
	int *ran = data;

	WRITE_ONCE(*ran, 1);
	while (!kthread_should_stop()) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (!kthread_should_stop())
			schedule();
		__set_current_state(TASK_RUNNING);
	}
	return 7;
}

static void a_thread_runs_until_it_is_stopped_and_says_how_it_went(void **state)
{
	long before = counts_now().threads;
	char comm[TASK_COMM_LEN];
	struct task_struct *task;
	int ran = 0;

	task = kthread_run(return_after_stop, &ran, "worker/%d", 12);
	assert_false(IS_ERR(task));
	assert_int_equal(counts_now().threads, before + 1);
	assert_string_equal(get_task_comm(comm, task), "worker/12");
	assert_int_not_equal(task_pid_nr(task), task_pid_nr(current));
	wait_until(READ_ONCE(ran));
	assert_int_equal(kthread_stop(task), 7);
	assert_int_equal(counts_now().threads, before);
}

static void a_thread_that_was_never_woken_does_not_run(void **state)
{
	struct task_struct *task;
	int ran = 0;

	task = kthread_create(return_after_stop, &ran, "idle");
	assert_int_equal(kthread_stop(task), -EINTR);
	assert_int_equal(ran, 0);
}

static int return_at_once(void *data)
{
	return 3;
}

static void a_thread_that_ended_by_itself_can_still_be_asked(void **state)
{
	long before = counts_now().threads;
	struct task_struct *task = kthread_create(return_at_once, NULL, "short");

	get_task_struct(task);
	wake_up_process(task);
	wait_until(counts_now().threads == before);
	assert_int_equal(kthread_stop(task), 3);
	put_task_struct(task);
}

static void current_names_the_calling_thread(void **state)
{
	assert_ptr_equal(current, get_current());
	assert_int_equal(current->pid, gettid());
	assert_int_equal(current->tgid, getpid());
	set_task_comm(current, "a name that is too long");
	assert_string_equal(current->comm, "a name that is ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_wake_up_lets_those_go_whose_condition_is_true),
		cmocka_unit_test(one_exclusive_waiter_is_woken_at_a_time),
		cmocka_unit_test(an_interruption_ends_an_interruptible_wait),
		cmocka_unit_test(a_pending_interruption_ends_each_wait_until_it_is_cleared),
		cmocka_unit_test(a_timed_wait_says_what_was_left),
		cmocka_unit_test(a_wake_up_before_the_sleep_is_not_lost),
		cmocka_unit_test(an_entry_with_a_function_of_its_own_gets_the_key),
		cmocka_unit_test(a_completion_lets_as_many_through_as_it_was_completed),
		cmocka_unit_test(complete_all_lets_everybody_through_until_reinit),
		cmocka_unit_test(a_completion_may_go_as_soon_as_its_waiter_is_through),
		cmocka_unit_test(a_thread_runs_until_it_is_stopped_and_says_how_it_went),
		cmocka_unit_test(a_thread_that_was_never_woken_does_not_run),
		cmocka_unit_test(a_thread_that_ended_by_itself_can_still_be_asked),
		cmocka_unit_test(current_names_the_calling_thread),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
