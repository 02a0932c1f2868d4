// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
#include "runtime_test.h"
#include <linux/errno.h>
#include <linux/module.h>
#include <umdev/error.h>
#include <umdev/module.h>
#include <umdev/sysfs.h>
#include <linux/err.h>
#include <string.h>

static bool tree_is_there(void)
{
	struct kernfs_node *node = umdev_sysfs_walk("/module", false);

	if (IS_ERR(node))
		return false;
	umdev_sysfs_put(node);
	return true;
}

static void the_runtime_comes_up_once_and_can_come_up_again(void **state)
{
	for (int i = 0; i < 3; i++) {
		assert_int_equal(umdev_runtime_init(), 0);
		assert_int_equal(umdev_runtime_init(), -EALREADY);
		assert_true(tree_is_there());
		umdev_runtime_exit();
	}
	umdev_runtime_exit();
}

static void nothing_is_left_of_a_runtime_that_came_down(void **state)
{
	struct umdev_runtime_counts before = counts_now(), after;

	assert_int_equal(umdev_runtime_init(), 0);
	assert_int_equal(umdev_module_set_dir("/", NULL), 0);
	umdev_runtime_exit();
	after = counts_now();
	assert_int_equal(after.allocations, before.allocations);
	assert_int_equal(after.files, before.files);
	assert_int_equal(after.eventfds, before.eventfds);
	assert_int_equal(after.threads, before.threads);
	assert_int_equal(after.modules, before.modules);
	assert_int_equal(after.warnings, before.warnings);
}

static void built_in_code_holds_no_module(void **state)
{
	assert_null(THIS_MODULE);
	assert_true(try_module_get(THIS_MODULE));
	__module_get(THIS_MODULE);
	module_put(THIS_MODULE);
	assert_null(module_kobject(THIS_MODULE));
	assert_string_equal(module_name(THIS_MODULE), "kernel");
}

static void an_error_has_a_code_and_a_text_that_fits(void **state)
{
	struct umdev_error err;
	char longer[400];

	memset(longer, 'x', sizeof(longer));
	longer[sizeof(longer) - 1] = '\0';
	assert_int_equal(umdev_error_set(&err, -ENOENT, "no %s in %d", "thing", 5), -ENOENT);
	assert_int_equal(err.code, -ENOENT);
	assert_string_equal(err.text, "no thing in 5");
	assert_int_equal(umdev_error_set(&err, -E2BIG, "%s", longer), -E2BIG);
	assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
	assert_int_equal(umdev_error_set(NULL, -EIO, "nobody listens"), -EIO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_runtime_comes_up_once_and_can_come_up_again),
		cmocka_unit_test(nothing_is_left_of_a_runtime_that_came_down),
		cmocka_unit_test(built_in_code_holds_no_module),
		cmocka_unit_test(an_error_has_a_code_and_a_text_that_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
