// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
#include "runtime_test.h"
#include <linux/string.h>
#include <umdev/log.h>
#include <pthread.h>
#include <unistd.h>

/* What a sink or subscriber saw. */
struct seen {
	int count;
	uint64_t last_seq;
	int last_level;
	char last[64];
	bool in_order;
};

static void see(const struct umdev_log_record *record, void *data)
{
	struct seen *seen = data;

	seen->in_order = !seen->count || (seen->in_order && record->seq > seen->last_seq);
	seen->count++;
	seen->last_seq = record->seq;
	seen->last_level = record->level;
	strscpy(seen->last, record->text, sizeof(seen->last));
}

static int count_line(const struct umdev_log_record *record, void *data)
{
	struct seen *seen = data;

	see(record, seen);
	return 0;
}

/* The sequence number that the next line gets. */
static uint64_t next_seq(void)
{
	struct umdev_log_subscriber sub = { .fn = see, .data = &(struct seen){ .count = 0 } };
	uint64_t seq = umdev_log_subscribe(&sub);

	umdev_log_unsubscribe(&sub);
	return seq;
}

static void a_line_has_its_level_and_no_newline(void **state)
{
	struct seen seen = { .count = 0 };

	umdev_log_set_sink(see, &seen);
	pr_err("bad %d\n", 1);
	assert_string_equal(seen.last, "bad 1");
	assert_int_equal(seen.last_level, 3);
	printk("no level\n");
	assert_int_equal(seen.last_level, 4);
	pr_info("fine");
	assert_int_equal(seen.last_level, 6);
	assert_int_equal(seen.count, 3);
	umdev_log_set_sink(NULL, NULL);
}

static void the_level_filters_the_sink_and_nothing_else(void **state)
{
	struct seen sink = { .count = 0 }, subscriber = { .count = 0 }, ring = { .count = 0 };
	struct umdev_log_subscriber sub = { .fn = see, .data = &subscriber };
	uint64_t from;

	umdev_log_set_sink(see, &sink);
	umdev_log_set_level(3);
	from = umdev_log_subscribe(&sub);
	pr_info("quiet");
	pr_err("loud");
	umdev_log_unsubscribe(&sub);
	umdev_log_set_level(6);
	pr_err("after the subscription");
	umdev_log_set_sink(NULL, NULL);

	assert_int_equal(sink.count, 2);
	assert_int_equal(subscriber.count, 2);
	assert_string_equal(subscriber.last, "loud");
	assert_int_equal(umdev_log_read(from, count_line, &ring), 0);
	assert_int_equal(ring.count, 3);
}

static void debug_lines_are_left_out_unless_asked_for(void **state)
{
	uint64_t before = next_seq();

	pr_debug("nothing of this is logged %d", 1);
	assert_int_equal(next_seq(), before);
}

static int take_length(const struct umdev_log_record *record, void *data)
{
	*(size_t *)data = record->len;
	return 0;
}

static void a_long_line_is_cut_off(void **state)
{
	char text[UMDEV_LOG_LINE_MAX + 100];
	uint64_t from = next_seq();
	size_t len = 0;

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	umdev_log_set_level(-1);
	pr_info("%s", text);
	umdev_log_set_level(6);
	umdev_log_read(from, take_length, &len);
	assert_int_equal(len, UMDEV_LOG_LINE_MAX);
}

static void the_ring_forgets_the_oldest_lines_and_numbers_stay(void **state)
{
	struct seen ring = { .count = 0 };
	uint64_t from = next_seq();

	umdev_log_set_level(-1);
	for (int i = 0; i < 10000; i++)
		pr_info("line %d with some more text to fill the ring with", i);
	umdev_log_set_level(6);
	assert_int_equal(next_seq(), from + 10000);
	umdev_log_read(0, count_line, &ring);
	assert_true(ring.count > 1000 && ring.count <= 4096);
	assert_true(ring.in_order);
	assert_int_equal(ring.last_seq, from + 9999);
	assert_string_equal(ring.last, "line 9999 with some more text to fill the ring with");
}

static void log_from_sink(const struct umdev_log_record *record, void *data)
{
	int *calls = data;

	++*calls;
	pr_info("the sink logs too");
}

static void a_line_that_the_sink_logs_does_not_come_back_to_it(void **state)
{
	struct seen ring = { .count = 0 };
	uint64_t from = next_seq();
	int calls = 0;

	umdev_log_set_sink(log_from_sink, &calls);
	pr_info("one");
	umdev_log_set_sink(NULL, NULL);
	assert_int_equal(calls, 1);
	umdev_log_read(from, count_line, &ring);
	assert_int_equal(ring.count, 2);
	assert_string_equal(ring.last, "the sink logs too");
}

#define LOGGERS	     4
#define LINES_OF_ONE 500

static void *log_many(void *arg)
{
	for (int i = 0; i < LINES_OF_ONE; i++)
		pr_info("thread %ld line %d", (long)(intptr_t)arg, i);
	return NULL;
}

static void lines_of_several_threads_reach_a_subscriber_once_and_in_order(void **state)
{
	struct seen seen = { .count = 0 };
	struct umdev_log_subscriber sub = { .fn = see, .data = &seen };
	pthread_t threads[LOGGERS];

	umdev_log_set_level(-1);
	umdev_log_subscribe(&sub);
	for (long i = 0; i < LOGGERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, log_many, (void *)i), 0);
	for (int i = 0; i < LOGGERS; i++)
		pthread_join(threads[i], NULL);
	umdev_log_unsubscribe(&sub);
	umdev_log_set_level(6);
	assert_int_equal(seen.count, LOGGERS * LINES_OF_ONE);
	assert_true(seen.in_order);
}

static void standard_error_gets_the_level_and_nothing_that_steers_a_terminal(void **state)
{
	static const char expected[] = "err: a\\x1b[31mb\\x0ac\td\n";
	char buf[100];
	int fds[2], saved = dup(2);
	ssize_t len;

	unsetenv("JOURNAL_STREAM");
	assert_int_equal(pipe(fds), 0);
	dup2(fds[1], 2);
	pr_err("a\033[31mb\nc\td\n");
	dup2(saved, 2);
	len = read(fds[0], buf, sizeof(buf) - 1);
	close(fds[0]);
	close(fds[1]);
	close(saved);
	assert_int_equal(len, strlen(expected));
	assert_memory_equal(buf, expected, strlen(expected));
}

static void one_call_site_prints_ten_lines_in_five_seconds(void **state)
{
	struct seen seen = { .count = 0 };

	umdev_log_set_sink(see, &seen);
	for (int i = 0; i < 50; i++)
		pr_err_ratelimited("again");
	for (int i = 0; i < 5; i++)
		pr_err_once("once");
	umdev_log_set_sink(NULL, NULL);
	assert_int_equal(seen.count, 11);
}

static void each_state_has_a_limit_of_its_own(void **state)
{
	struct ratelimit_state noisy, quiet;
	int allowed = 0;

	ratelimit_default_init(&noisy);
	ratelimit_default_init(&quiet);
	for (int i = 0; i < 50; i++)
		allowed += ___ratelimit(&noisy, "noisy");
	assert_int_equal(allowed, DEFAULT_RATELIMIT_BURST);
	assert_int_equal(___ratelimit(&quiet, "quiet"), 1);
}

static void the_next_interval_begins_with_how_often_the_answer_was_no(void **state)
{
	struct seen seen = { .count = 0 };
	char expected[64];
	struct ratelimit_state rs;
	int missed = 0;

	umdev_log_set_sink(see, &seen);
	ratelimit_state_init(&rs, HZ / 50, 2);
	assert_int_equal(___ratelimit(&rs, "someone"), 1);
	/* The second yes may come with the next interval on a machine that is busy. */
	wait_until(!___ratelimit(&rs, "someone"));
	seen.count = 0;
	missed = 1;
	wait_until(___ratelimit(&rs, "someone") || !++missed);
	umdev_log_set_sink(NULL, NULL);
	assert_int_equal(seen.count, 1);
	assert_int_equal(seen.last_level, 4);
	snprintf(expected, sizeof(expected), "someone: %d callbacks suppressed", missed);
	assert_string_equal(seen.last, expected);
}

static void a_limit_may_be_none_or_never(void **state)
{
	struct ratelimit_state none, never;

	ratelimit_state_init(&none, 0, 1);
	ratelimit_state_init(&never, HZ, 0);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(___ratelimit(&none, "none"), 1);
		assert_int_equal(___ratelimit(&never, "never"), 0);
	}
}

static void warn_on_logs_and_goes_on(void **state)
{
	struct seen seen = { .count = 0 };
	long warnings = warnings_now();

	umdev_log_set_sink(see, &seen);
	assert_true(WARN_ON(1 == 1));
	assert_false(WARN_ON(1 == 2));
	assert_true(WARN(true, "with %s", "text"));
	for (int i = 0; i < 3; i++)
		assert_true(WARN_ON_ONCE(true));
	umdev_log_set_sink(NULL, NULL);
	assert_int_equal(seen.count, 3);
	assert_int_equal(warnings_now(), warnings + 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_has_its_level_and_no_newline),
		cmocka_unit_test(the_level_filters_the_sink_and_nothing_else),
		cmocka_unit_test(debug_lines_are_left_out_unless_asked_for),
		cmocka_unit_test(a_long_line_is_cut_off),
		cmocka_unit_test(the_ring_forgets_the_oldest_lines_and_numbers_stay),
		cmocka_unit_test(a_line_that_the_sink_logs_does_not_come_back_to_it),
		cmocka_unit_test(lines_of_several_threads_reach_a_subscriber_once_and_in_order),
		cmocka_unit_test(standard_error_gets_the_level_and_nothing_that_steers_a_terminal),
		cmocka_unit_test(one_call_site_prints_ten_lines_in_five_seconds),
		cmocka_unit_test(each_state_has_a_limit_of_its_own),
		cmocka_unit_test(the_next_interval_begins_with_how_often_the_answer_was_no),
		cmocka_unit_test(a_limit_may_be_none_or_never),
		cmocka_unit_test(warn_on_logs_and_goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
