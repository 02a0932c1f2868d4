// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
#include "runtime_test.h"
#include "modules/testmod_leave.h"
#include <linux/kobject.h>
#include <linux/module.h>
#include <linux/string.h>
#include <umdev/module.h>
#include <umdev/sysfs.h>
#include <umdev/uevent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <linux/err.h>

static const char *module_dir;
static char scratch[] = "/tmp/umdev-test-module-XXXXXX";

static void read_file(const char *path, char *buf, size_t size)
{
	struct kernfs_node *node = umdev_sysfs_walk(path, true);
	struct umdev_sysfs_file *file;
	ssize_t len;

	assert_false(IS_ERR(node));
	file = umdev_sysfs_open(node, O_RDONLY);
	assert_false(IS_ERR(file));
	len = umdev_sysfs_read(file, buf, size - 1, 0);
	assert_true(len >= 0);
	buf[len] = '\0';
	umdev_sysfs_release(file);
	umdev_sysfs_put(node);
}

static ssize_t write_file(const char *path, const char *text)
{
	struct kernfs_node *node = umdev_sysfs_walk(path, true);
	struct umdev_sysfs_file *file;
	ssize_t len;

	assert_false(IS_ERR(node));
	file = umdev_sysfs_open(node, O_WRONLY);
	assert_false(IS_ERR(file));
	len = umdev_sysfs_write(file, text, strlen(text), 0);
	umdev_sysfs_release(file);
	umdev_sysfs_put(node);
	return len;
}

static bool exists(const char *path)
{
	struct kernfs_node *node = umdev_sysfs_walk(path, false);

	if (IS_ERR(node))
		return false;
	umdev_sysfs_put(node);
	return true;
}

#define assert_file(path, text)                              \
	do {                                                 \
		char contents[300];                          \
                                                             \
		read_file(path, contents, sizeof(contents)); \
		assert_string_equal(contents, text);         \
	} while (0)

static void load(const char *name, const char *params)
{
	struct umdev_error err = { .text = "" };
	int ret = umdev_module_load(name, params, &err);

	if (ret)
		fail_msg("loading %s: %d, %s", name, ret, err.text);
}

static void unload(const char *name)
{
	struct umdev_error err = { .text = "" };
	int ret = umdev_module_unload(name, &err);

	if (ret)
		fail_msg("unloading %s: %d, %s", name, ret, err.text);
}

#define assert_load_fails(name, params, ret, words)                                \
	do {                                                                       \
		struct umdev_error error = { .text = "" };                         \
                                                                                   \
		assert_int_equal(umdev_module_load(name, params, &error), ret);    \
		assert_int_equal(error.code, ret);                                 \
		if (!strstr(error.text, words))                                    \
			fail_msg("\"%s\" does not say \"%s\"", error.text, words); \
	} while (0)

#define assert_unload_fails(name, ret, words)                                      \
	do {                                                                       \
		struct umdev_error error = { .text = "" };                         \
                                                                                   \
		assert_int_equal(umdev_module_unload(name, &error), ret);          \
		if (!strstr(error.text, words))                                    \
			fail_msg("\"%s\" does not say \"%s\"", error.text, words); \
	} while (0)

static void m19_a_module_is_there_from_its_load_to_its_unload(void **state)
{
	load("testmod_base", NULL);
	assert_int_equal(counts_now().modules, 1);
	assert_file("/module/testmod_base/initstate", "live\n");
	assert_file("/module/testmod_base/refcnt", "0\n");
	assert_file("/module/testmod_base/version", "1.5\n");
	assert_true(exists("/module/testmod_base/coresize"));
	assert_true(exists("/module/testmod_base/holders"));
	unload("testmod_base");
	assert_false(exists("/module/testmod_base"));
	assert_int_equal(counts_now().modules, 0);
}

static void m19_loading_twice_answers_eexist(void **state)
{
	load("testmod-base", NULL);
	assert_load_fails("testmod_base", NULL, -EEXIST, "already loaded");
	unload("testmod-base");
	load("testmod_base", NULL);
	unload("testmod_base");
}

static void m19_parameters_are_set_shown_and_changed(void **state)
{
	long before = counts_now().allocations;

	load("testmod_base", "number=-17 flag name=\"two words\" list=1,2 hidden=0x10");
	assert_file("/module/testmod_base/parameters/number", "-17\n");
	assert_file("/module/testmod_base/parameters/flag", "Y\n");
	assert_file("/module/testmod_base/parameters/name", "two words\n");
	assert_file("/module/testmod_base/parameters/list", "1,2\n");
	assert_file("/module/testmod_base/parameters/short_text", "abc\n");
	assert_false(exists("/module/testmod_base/parameters/hidden"));
	assert_int_equal(write_file("/module/testmod_base/parameters/number", "99\n"), 3);
	assert_file("/module/testmod_base/parameters/number", "99\n");
	assert_int_equal(write_file("/module/testmod_base/parameters/number", "x\n"), -EINVAL);
	assert_file("/module/testmod_base/parameters/number", "99\n");
	assert_int_equal(write_file("/module/testmod_base/parameters/name", "other"), 5);
	assert_file("/module/testmod_base/parameters/name", "other\n");
	unload("testmod_base");
	assert_int_equal(counts_now().allocations, before);
}

static void m19_an_array_of_strings_is_freed_however_short_it_became(void **state)
{
	long before = counts_now().allocations;

	load("testmod_base", NULL);
	assert_file("/module/testmod_base/parameters/names", "one,two\n");
	assert_int_equal(write_file("/module/testmod_base/parameters/names", "a,b,c\n"), 6);
	assert_int_equal(write_file("/module/testmod_base/parameters/names", "d\n"), 2);
	assert_file("/module/testmod_base/parameters/names", "d\n");
	unload("testmod_base");
	assert_int_equal(counts_now().allocations, before);
	assert_load_fails("testmod_base", "names=a,b,c,d", -EINVAL, "names");
	assert_int_equal(counts_now().allocations, before);
}

static void m19_a_bad_value_is_named_and_nothing_is_loaded(void **state)
{
	long before = counts_now().allocations;

	assert_load_fails("testmod_base", "number=many", -EINVAL, "number");
	assert_load_fails("testmod_base", "name=ok number=1000000000000", -ERANGE, "number");
	assert_load_fails("testmod_base", "number", -EINVAL, "number=VALUE");
	assert_load_fails("testmod_base", "list=1,2,3,4", -EINVAL, "list");
	assert_load_fails("testmod_base", "short_text=muchtoolong", -ENOSPC, "short_text");
	assert_false(exists("/module/testmod_base"));
	assert_int_equal(counts_now().modules, 0);
	assert_int_equal(counts_now().allocations, before);
}

static void m19_an_unknown_parameter_is_ignored(void **state)
{
	load("testmod_base", "colour=blue number=3");
	assert_file("/module/testmod_base/parameters/number", "3\n");
	unload("testmod_base");
}

static void m19_what_a_module_is_linked_against_is_loaded_first_and_held(void **state)
{
	load("testmod_user", NULL);
	assert_file("/module/testmod_base/parameters/journal", "base+ user+ \n");
	assert_file("/module/testmod_base/refcnt", "1\n");
	assert_true(exists("/module/testmod_base/holders/testmod_user"));
	assert_unload_fails("testmod_base", -EBUSY, "testmod_user");
	unload("testmod_user");
	assert_file("/module/testmod_base/parameters/journal", "base+ user+ user- \n");
	assert_file("/module/testmod_base/refcnt", "0\n");
	assert_false(exists("/module/testmod_base/holders/testmod_user"));
	unload("testmod_base");
}

static void m19_a_failing_init_undoes_what_was_loaded_for_it(void **state)
{
	assert_load_fails("testmod_fail", "text=something", -ENODEV, "testmod_fail");
	assert_int_equal(counts_now().modules, 0);
	load("testmod_base", NULL);
	assert_load_fails("testmod_fail", NULL, -ENODEV, "testmod_fail");
	assert_file("/module/testmod_base/parameters/journal", "base+ fail \n");
	assert_file("/module/testmod_base/refcnt", "0\n");
	unload("testmod_base");
	assert_load_fails("testmod_base", "fail=-5", -EIO, "refuses to start");
}

static void m19_soft_dependencies_come_before_and_after_and_may_be_missing(void **state)
{
	load("testmod_soft", NULL);
	assert_file("/module/testmod_base/parameters/journal", "base+ soft+ user+ \n");
	assert_file("/module/testmod_user/refcnt", "0\n");
	unload("testmod_soft");
	unload("testmod_user");
	unload("testmod_base");
}

static void m19_a_module_without_exit_stays(void **state)
{
	load("testmod_noexit", NULL);
	assert_unload_fails("testmod_noexit", -EBUSY, "no exit function");
	assert_int_equal(umdev_module_unload_all(), 1);
}

static void m19_a_reference_keeps_a_module_loaded(void **state)
{
	load("testmod_two", NULL);
	assert_int_equal(write_file("/module/testmod_two/parameters/self", "1"), 1);
	assert_file("/module/testmod_two/refcnt", "1\n");
	assert_unload_fails("testmod_two", -EBUSY, "1 reference");
	assert_int_equal(write_file("/module/testmod_two/parameters/self", "0"), 1);
	unload("testmod_two");
}

static void m16_a_symbol_is_found_while_its_module_is_there_and_keeps_it(void **state)
{
	void (*note)(const char *what);

	assert_null(__symbol_get("testmod_note"));
	load("testmod_base", NULL);
	note = __symbol_get("testmod_note");
	assert_non_null(note);
	note("found");
	assert_file("/module/testmod_base/parameters/journal", "base+ found \n");
	assert_unload_fails("testmod_base", -EBUSY, "1 reference");
	__symbol_put("testmod_note");
	unload("testmod_base");
	assert_null(__symbol_get("testmod_note"));
}

static void a_built_in_symbol_is_always_found_and_one_of_a_library_never(void **state)
{
	assert_ptr_equal(symbol_get(module_put), module_put);
	symbol_put(module_put);
	assert_null(__symbol_get("strlen"));
	load("testmod_base", NULL);
	assert_null(__symbol_get("strlen"));
	assert_null(__symbol_get("testmod_base_init"));
	unload("testmod_base");
}

static void all_modules_go_users_first(void **state)
{
	load("testmod_soft", NULL);
	load("testmod_two", NULL);
	assert_int_equal(umdev_module_unload_all(), 0);
	assert_int_equal(counts_now().modules, 0);
}

static int find_base(const struct umdev_module_info *info, void *data)
{
	if (strcmp(info->name, "testmod_base"))
		return 0;
	assert_string_equal(info->state, "live");
	assert_true(info->size > 1000);
	assert_int_equal(info->refcnt, 1);
	assert_string_equal(info->holders[0], "testmod_user");
	assert_null(info->holders[1]);
	assert_non_null(strstr(info->path, "/testmod_base.so"));
	return 77;
}

static void modules_are_listed_with_those_who_use_them(void **state)
{
	load("testmod_user", NULL);
	assert_int_equal(umdev_module_for_each(find_base, NULL), 77);
	assert_int_equal(umdev_module_unload_all(), 0);
	assert_int_equal(umdev_module_for_each(find_base, NULL), 0);
}

static int collect(const char *key, const char *value, void *data)
{
	char *text = data;
	size_t len = strlen(text);

	if (!strcmp(key, "filename"))
		value = strrchr(value, '/');
	snprintf(text + len, 1000 - len, "%s=%s;", key, value);
	return 0;
}

static void a_files_own_strings_can_be_read_without_loading_it(void **state)
{
	static const char *const expected[] = {
		"filename=/testmod_base.so;",
		"license=Dual BSD/GPL;",
		"author=The test;",
		"description=Parameters of all kinds;",
		"parm=number:A number;",
		"parmtype=flag:bool;",
		"parmtype=list:array of int;",
		"version=1.5;",
		"depends=;",
	};
	char text[1000] = "", path[PATH_MAX];

	assert_int_equal(umdev_modinfo("testmod-base", collect, text, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++)
		if (!strstr(text, expected[i]))
			fail_msg("\"%s\" is not in \"%s\"", expected[i], text);
	text[0] = '\0';
	snprintf(path, sizeof(path), "%s/testmod_user.so", module_dir);
	assert_int_equal(umdev_modinfo(path, collect, text, NULL), 0);
	assert_non_null(strstr(text, "depends=testmod_base;"));
	assert_int_equal(counts_now().modules, 0);
}

static void a_module_can_be_loaded_by_an_alias(void **state)
{
	load("test-alias-17", NULL);
	assert_true(exists("/module/testmod_base"));
	unload("testmod_base");
}

static void copy_file(const char *from, const char *to, size_t limit)
{
	FILE *in = fopen(from, "r"), *out = fopen(to, "w");
	int c;

	assert_non_null(in);
	assert_non_null(out);
	while (limit-- && (c = getc(in)) != EOF)
		putc(c, out);
	fclose(in);
	fclose(out);
}

/* A file below the scratch directory whose contents are the beginning of a module's. */
static void make_broken(const char *name, const char *from, size_t limit)
{
	char source[PATH_MAX], target[PATH_MAX];

	snprintf(source, sizeof(source), "%s/%s", module_dir, from);
	snprintf(target, sizeof(target), "%s/%s", scratch, name);
	copy_file(source, target, limit);
}

static void files_that_are_no_modules_are_refused_with_the_reason(void **state)
{
	make_broken("empty.so", "testmod_base.so", 0);
	make_broken("cut.so", "testmod_base.so", 5000);
	make_broken("header.so", "testmod_base.so", 40);
	make_broken("other_name.so", "testmod_two.so", SIZE_MAX);
	make_broken("library.so", "plain_library.so", SIZE_MAX);
	assert_int_equal(umdev_module_set_dir(scratch, NULL), 0);
	assert_load_fails("empty", NULL, -ENOEXEC, "not a umdev module");
	assert_load_fails("cut", NULL, -ENOEXEC, "not a umdev module");
	assert_load_fails("header", NULL, -ENOEXEC, "not a umdev module");
	assert_load_fails("library", NULL, -ENOEXEC, "no .modinfo");
	assert_load_fails("other_name", NULL, -ENOEXEC, "testmod_two");
	assert_int_equal(umdev_module_set_dir(module_dir, NULL), 0);
	assert_int_equal(counts_now().modules, 0);
}

static void a_missing_module_is_said_to_be_missing_and_where(void **state)
{
	assert_load_fails("testmod_missing", NULL, -ENOENT, module_dir);
	assert_load_fails("", NULL, -EINVAL, "no module name");
	assert_load_fails("../x", NULL, -EINVAL, "no module name");
	assert_load_fails("a b", NULL, -EINVAL, "no module name");
	assert_unload_fails("testmod_base", -ENOENT, "not loaded");
}

static void a_directory_that_cannot_be_used_leaves_the_former_one(void **state)
{
	struct umdev_error err;

	assert_int_equal(umdev_module_set_dir("/nonexistent", &err), -ENOENT);
	assert_non_null(strstr(err.text, "/nonexistent"));
	assert_int_equal(umdev_module_set_dir("/dev/null", &err), -ENOTDIR);
	load("testmod_base", NULL);
	unload("testmod_base");
}

static char events[400];

static void note_event(struct umdev_uevent_subscriber *sub, const struct umdev_uevent *event)
{
	strlcat(events, event->action, sizeof(events));
	strlcat(events, "@", sizeof(events));
	strlcat(events, event->devpath, sizeof(events));
	strlcat(events, " ", sizeof(events));
}

static void m19_uevents_tell_of_a_module_once_it_is_live_and_when_it_goes(void **state)
{
	struct umdev_uevent_subscriber sub = { .fn = note_event };

	events[0] = '\0';
	assert_int_equal(umdev_uevent_subscribe(&sub), 0);
	load("testmod_user", NULL);
	assert_load_fails("testmod_fail", NULL, -ENODEV, "testmod_fail");
	unload("testmod_user");
	unload("testmod_base");
	umdev_uevent_unsubscribe(&sub);
	assert_string_equal(events, "add@/module/testmod_base add@/module/testmod_user "
				    "remove@/module/testmod_user remove@/module/testmod_base ");
}

static void *load_and_unload(void *arg)
{
	for (int i = 0; i < 15; i++) {
		umdev_module_load(arg, NULL, NULL);
		umdev_module_unload(arg, NULL);
	}
	return NULL;
}

static void loads_and_unloads_of_several_threads_do_not_disturb_each_other(void **state)
{
	static char *const names[] = { "testmod_user", "testmod_base", "testmod_user",
				       "testmod_soft" };
	pthread_t threads[4];

	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, load_and_unload, names[i]), 0);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(umdev_module_unload_all(), 0);
	assert_int_equal(counts_now().modules, 0);
}

/* Threads that take references on @module all the time; each counts what it should not have got. */
struct takers {
	struct module *module;
	bool stop;
	unsigned long taken, taken_while_going;
};

static void *take_references(void *arg)
{
	struct takers *takers = arg;

	while (!READ_ONCE(takers->stop)) {
		if (!try_module_get(takers->module))
			continue;
		__atomic_fetch_add(&takers->taken, 1, __ATOMIC_RELAXED);
		if (!module_is_live(takers->module))
			__atomic_fetch_add(&takers->taken_while_going, 1, __ATOMIC_RELAXED);
		module_put(takers->module);
		/* Let the unload have a moment without references. */
		usleep_range(1, 20);
	}
	return NULL;
}

/* The test's own handle keeps the module's memory where it is when the loader lets go of it. */
static struct module *keep_module(const char *name, void **handle)
{
	char path[PATH_MAX];
	struct module *module;

	snprintf(path, sizeof(path), "%s/%s.so", module_dir, name);
	*handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	assert_non_null(*handle);
	module = dlsym(*handle, "__this_module");
	assert_non_null(module);
	return module;
}

static void m19_no_reference_is_given_out_on_a_module_from_its_unload_on(void **state)
{
	/* Static: a failure leaves the threads behind. */
	static struct takers takers;
	pthread_t threads[2];
	void *handle;

	load("testmod_two", NULL);
	takers.module = keep_module("testmod_two", &handle);
	for (int i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, take_references, &takers), 0);
	for (int round = 0; round < 50; round++) {
		unsigned long before = __atomic_load_n(&takers.taken, __ATOMIC_RELAXED);

		wait_until(__atomic_load_n(&takers.taken, __ATOMIC_RELAXED) != before);
		wait_until(umdev_module_unload("testmod_two", NULL) == 0);
		assert_false(try_module_get(takers.module));
		load("testmod_two", NULL);
	}
	WRITE_ONCE(takers.stop, true);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	unload("testmod_two");
	dlclose(handle);
	assert_int_equal(takers.taken_while_going, 0);
	assert_int_equal(counts_now().module_refs, 0);
}

static void *write_to_leave(void *arg)
{
	char text[32];

	snprintf(text, sizeof(text), "%lx", (unsigned long)arg);
	return write_file("/kernel/leave", text) == (ssize_t)strlen(text) ? arg : NULL;
}

/* Answers whether the callback was about to return when the module had gone. */
static void *unload_leave(void *arg)
{
	struct leave_talk *talk = arg;

	if (umdev_module_unload("testmod_leave", NULL))
		return NULL;
	return READ_ONCE(talk->returning) ? arg : NULL;
}

static void m19_an_unload_waits_for_a_callback_that_removed_its_own_file(void **state)
{
	/* Static: a failure leaves the threads behind. */
	static struct leave_talk talk;
	pthread_t writer, unloader;
	void *written, *in_order;

	load("testmod_leave", NULL);
	assert_int_equal(pthread_create(&writer, NULL, write_to_leave, &talk), 0);
	wait_until(READ_ONCE(talk.entered));
	assert_false(exists("/kernel/leave"));
	assert_int_equal(pthread_create(&unloader, NULL, unload_leave, &talk), 0);
	/* All that is left to do is to close the object that the callback's code is in. */
	wait_until(!exists("/module/testmod_leave"));
	WRITE_ONCE(talk.may_return, true);
	pthread_join(writer, &written);
	pthread_join(unloader, &in_order);
	assert_non_null(written);
	assert_non_null(in_order);
}

static int setup(void **state)
{
	module_dir = getenv("UMDEV_TESTMOD_DIR");
	if (!module_dir) {
		fputs("UMDEV_TESTMOD_DIR is not set: it names the folder of the test's modules\n",
		      stderr);
		return -1;
	}
	if (!mkdtemp(scratch) || umdev_runtime_init())
		return -1;
	return umdev_module_set_dir(module_dir, NULL);
}

static int teardown(void **state)
{
	static const char *const made[] = { "empty.so", "cut.so", "header.so", "other_name.so",
					    "library.so" };
	char path[PATH_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(made); i++) {
		snprintf(path, sizeof(path), "%s/%s", scratch, made[i]);
		unlink(path);
	}
	return rmdir(scratch);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(m19_a_module_is_there_from_its_load_to_its_unload),
		cmocka_unit_test(m19_loading_twice_answers_eexist),
		cmocka_unit_test(m19_parameters_are_set_shown_and_changed),
		cmocka_unit_test(m19_an_array_of_strings_is_freed_however_short_it_became),
		cmocka_unit_test(m19_a_bad_value_is_named_and_nothing_is_loaded),
		cmocka_unit_test(m19_an_unknown_parameter_is_ignored),
		cmocka_unit_test(m19_what_a_module_is_linked_against_is_loaded_first_and_held),
		cmocka_unit_test(m19_a_failing_init_undoes_what_was_loaded_for_it),
		cmocka_unit_test(m19_soft_dependencies_come_before_and_after_and_may_be_missing),
		cmocka_unit_test(m19_a_reference_keeps_a_module_loaded),
		cmocka_unit_test(m16_a_symbol_is_found_while_its_module_is_there_and_keeps_it),
		cmocka_unit_test(a_built_in_symbol_is_always_found_and_one_of_a_library_never),
		cmocka_unit_test(all_modules_go_users_first),
		cmocka_unit_test(modules_are_listed_with_those_who_use_them),
		cmocka_unit_test(a_files_own_strings_can_be_read_without_loading_it),
		cmocka_unit_test(a_module_can_be_loaded_by_an_alias),
		cmocka_unit_test(files_that_are_no_modules_are_refused_with_the_reason),
		cmocka_unit_test(a_missing_module_is_said_to_be_missing_and_where),
		cmocka_unit_test(a_directory_that_cannot_be_used_leaves_the_former_one),
		cmocka_unit_test(m19_uevents_tell_of_a_module_once_it_is_live_and_when_it_goes),
		cmocka_unit_test(loads_and_unloads_of_several_threads_do_not_disturb_each_other),
		cmocka_unit_test(m19_no_reference_is_given_out_on_a_module_from_its_unload_on),
		cmocka_unit_test(m19_an_unload_waits_for_a_callback_that_removed_its_own_file),
		/* Last: what it loads stays. */
		cmocka_unit_test(m19_a_module_without_exit_stays),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
