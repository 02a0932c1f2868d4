// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
#include "device_test.h"

#include <sched.h>
#include <stdlib.h>
#include <time.h>

#include <linux/kernel.h>
#include <linux/string.h>

static struct umdev_runtime_counts before;
static long warnings_expected;

int runtime_setup(void **state)
{
	return umdev_runtime_init();
}

int runtime_teardown(void **state)
{
	umdev_runtime_exit();
	return 0;
}

void expect_warnings(long n)
{
	warnings_expected = n;
}

int balance_setup(void **state)
{
	warnings_expected = 0;
	umdev_runtime_counts(&before);
	return 0;
}

int balance_teardown(void **state)
{
	struct umdev_runtime_counts after;

	record_stop();
	umdev_runtime_counts(&after);
	if (after.allocations != before.allocations)
		print_error("%ld allocations before, %ld after\n", before.allocations,
			    after.allocations);
	if (after.warnings - before.warnings != warnings_expected)
		print_error("%ld warnings expected, %ld seen\n", warnings_expected,
			    after.warnings - before.warnings);
	return after.allocations != before.allocations ||
	       after.warnings - before.warnings != warnings_expected;
}

bool tree_has(const char *path)
{
	struct kernfs_node *kn = umdev_sysfs_walk(path, false);

	if (IS_ERR(kn))
		return false;
	umdev_sysfs_put(kn);
	return true;
}

mode_t tree_mode(const char *path)
{
	struct kernfs_node *kn = umdev_sysfs_walk(path, false);
	struct stat st = { 0 };

	assert_false(IS_ERR(kn));
	assert_int_equal(umdev_sysfs_stat(kn, &st), 0);
	umdev_sysfs_put(kn);
	return st.st_mode;
}

static struct umdev_sysfs_file *tree_open(const char *path, int flags)
{
	struct kernfs_node *kn = umdev_sysfs_walk(path, true);
	struct umdev_sysfs_file *file;

	if (IS_ERR(kn))
		return ERR_CAST(kn);
	file = umdev_sysfs_open(kn, flags);
	umdev_sysfs_put(kn);
	return file;
}

int tree_read(const char *path, char *buf, size_t size)
{
	struct umdev_sysfs_file *file = tree_open(path, O_RDONLY);
	ssize_t len;

	if (IS_ERR(file))
		return PTR_ERR(file);
	len = umdev_sysfs_read(file, buf, size - 1, 0);
	umdev_sysfs_release(file);
	if (len >= 0)
		buf[len] = '\0';
	return len;
}

int tree_write(const char *path, const char *text)
{
	struct umdev_sysfs_file *file = tree_open(path, O_WRONLY);
	ssize_t len;

	if (IS_ERR(file))
		return PTR_ERR(file);
	len = umdev_sysfs_write(file, text, strlen(text), 0);
	umdev_sysfs_release(file);
	return len;
}

int tree_link(const char *path, char *buf, size_t size)
{
	struct kernfs_node *kn = umdev_sysfs_walk(path, false);
	ssize_t len;

	if (IS_ERR(kn))
		return PTR_ERR(kn);
	len = umdev_sysfs_readlink(kn, buf, size);
	umdev_sysfs_put(kn);
	return len;
}

void assert_file(const char *path, const char *text)
{
	char buf[4096];
	int len = tree_read(path, buf, sizeof(buf));

	if (len < 0)
		fail_msg("%s: error %d, expected \"%s\"", path, len, text);
	assert_string_equal(buf, text);
}

void assert_link(const char *path, const char *target)
{
	char buf[4096];
	int len = tree_link(path, buf, sizeof(buf));

	if (len < 0)
		fail_msg("%s: error %d, expected a link to %s", path, len, target);
	assert_string_equal(buf, target);
	assert_int_equal(len, strlen(target));
}

struct names {
	char *name[256];
	int n;
};

static int add_name(const char *name, const struct stat *st, uint64_t next, void *data)
{
	struct names *names = data;

	assert_true(names->n < 256);
	names->name[names->n++] = strdup(name);
	return 0;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void assert_dir(const char *path, const char *expected)
{
	struct kernfs_node *kn = umdev_sysfs_walk(path, true);
	struct names names = { .n = 0 };
	char text[8192] = "";
	uint64_t cursor = 0;
	size_t len = 0;
	int i;

	if (IS_ERR(kn))
		fail_msg("%s: error %ld", path, PTR_ERR(kn));
	assert_int_equal(umdev_sysfs_readdir(kn, &cursor, add_name, &names), 0);
	umdev_sysfs_put(kn);
	qsort(names.name, names.n, sizeof(names.name[0]), compare_names);
	for (i = 0; i < names.n; i++) {
		len += scnprintf(text + len, sizeof(text) - len, "%s ", names.name[i]);
		free(names.name[i]);
	}
	assert_string_equal(text, expected);
}

static char recorded[16384];
static size_t recorded_len;
static bool recording;

static void record_fn(struct umdev_uevent_subscriber *sub, const struct umdev_uevent *event)
{
	const char *pos = event->buf;

	for (; pos < event->buf + event->len; pos += strlen(pos) + 1) {
		if (strstarts(pos, "ACTION=") || strstarts(pos, "DEVPATH=") ||
		    strstarts(pos, "SEQNUM="))
			continue;
		recorded_len += scnprintf(recorded + recorded_len, sizeof(recorded) - recorded_len,
					  "%s%s", pos == event->buf ? "" : " ", pos);
	}
	recorded_len += scnprintf(recorded + recorded_len, sizeof(recorded) - recorded_len, "\n");
}

static struct umdev_uevent_subscriber recorder = { .fn = record_fn };

void record_start(void)
{
	record_stop();
	recorded_len = 0;
	recorded[0] = '\0';
	assert_int_equal(umdev_uevent_subscribe(&recorder), 0);
	recording = true;
}

void record_stop(void)
{
	if (recording)
		umdev_uevent_unsubscribe(&recorder);
	recording = false;
}

const char *record_text(void)
{
	return recorded;
}

void await_flag(const bool *flag)
{
	struct timespec start, now;

	clock_gettime(CLOCK_MONOTONIC, &start);
	while (!__atomic_load_n(flag, __ATOMIC_ACQUIRE)) {
		clock_gettime(CLOCK_MONOTONIC, &now);
		if (now.tv_sec - start.tv_sec > 10)
			fail_msg("waited ten seconds in vain");
		sched_yield();
	}
}
