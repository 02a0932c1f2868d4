// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
#include "runtime_test.h"
#include <linux/notifier.h>
#include <string.h>

static char told[16];

static void tell(char c)
{
	size_t len = strlen(told);

	told[len] = c;
	told[len + 1] = '\0';
}

static int note_a(struct notifier_block *nb, unsigned long action, void *data)
{
	tell('a');
	return NOTIFY_OK;
}

static int note_b(struct notifier_block *nb, unsigned long action, void *data)
{
	tell('b');
	return NOTIFY_DONE;
}

static int refuse(struct notifier_block *nb, unsigned long action, void *data)
{
	tell('!');
	return notifier_from_errno(-EBUSY);
}

static void those_of_higher_priority_are_told_first_and_equals_in_turn(void **state)
{
	BLOCKING_NOTIFIER_HEAD(chain);
	struct notifier_block a = { .notifier_call = note_a };
	struct notifier_block b = { .notifier_call = note_b, .priority = 5 };
	struct notifier_block b2 = { .notifier_call = note_b };

	told[0] = '\0';
	assert_int_equal(blocking_notifier_call_chain(&chain, 1, NULL), NOTIFY_DONE);
	blocking_notifier_chain_register(&chain, &a);
	blocking_notifier_chain_register(&chain, &b);
	blocking_notifier_chain_register(&chain, &b2);
	assert_int_equal(blocking_notifier_call_chain(&chain, 1, NULL), NOTIFY_DONE);
	assert_string_equal(told, "bab");
	assert_int_equal(blocking_notifier_chain_unregister(&chain, &a), 0);
	assert_int_equal(blocking_notifier_chain_unregister(&chain, &a), -ENOENT);
	blocking_notifier_call_chain(&chain, 1, NULL);
	assert_string_equal(told, "babbb");
}

static void a_refusal_ends_the_round(void **state)
{
	RAW_NOTIFIER_HEAD(chain);
	struct notifier_block no = { .notifier_call = refuse, .priority = 1 };
	struct notifier_block a = { .notifier_call = note_a };
	int ret;

	told[0] = '\0';
	raw_notifier_chain_register(&chain, &a);
	raw_notifier_chain_register(&chain, &no);
	ret = raw_notifier_call_chain(&chain, 1, NULL);
	assert_string_equal(told, "!");
	assert_true(ret & NOTIFY_STOP_MASK);
	assert_int_equal(notifier_to_errno(ret), -EBUSY);
	assert_int_equal(notifier_to_errno(NOTIFY_OK), 0);
}

static void registering_twice_warns_and_is_done_once(void **state)
{
	ATOMIC_NOTIFIER_HEAD(chain);
	struct notifier_block a = { .notifier_call = note_a };
	long warnings = warnings_now();

	told[0] = '\0';
	atomic_notifier_chain_register(&chain, &a);
	atomic_notifier_chain_register(&chain, &a);
	assert_int_equal(warnings_now(), warnings + 1);
	atomic_notifier_call_chain(&chain, 1, NULL);
	assert_string_equal(told, "a");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(those_of_higher_priority_are_told_first_and_equals_in_turn),
		cmocka_unit_test(a_refusal_ends_the_round),
		cmocka_unit_test(registering_twice_warns_and_is_done_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
