// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* The tree while several threads use and change it. */
#include "device_test.h"

#include <pthread.h>
#include <stdlib.h>

#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "runtime/sysfs_tree.h"

#define WRITERS 4
#define ROUNDS	200

static struct kobject *dir;

static int dir_setup(void **state)
{
	balance_setup(state);
	dir = kobject_create_and_add("dir", NULL);
	return !dir;
}

static int dir_teardown(void **state)
{
	kobject_put(dir);
	return balance_teardown(state);
}

static struct umdev_sysfs_file *open_file(const char *path, int flags)
{
	struct kernfs_node *kn = umdev_sysfs_walk(path, false);
	struct umdev_sysfs_file *file;

	assert_false(IS_ERR(kn));
	file = umdev_sysfs_open(kn, flags);
	assert_false(IS_ERR(file));
	umdev_sysfs_put(kn);
	return file;
}

static int writers_in;
static int winners;
static bool winner_done;
static int losers_early;

static ssize_t suicide_store(struct kobject *kobj, struct kobj_attribute *attr, const char *buf,
			     size_t count)
{
	/* All are in their callbacks before the first removes the file. */
	__atomic_add_fetch(&writers_in, 1, __ATOMIC_RELAXED);
	while (__atomic_load_n(&writers_in, __ATOMIC_RELAXED) < WRITERS)
		sched_yield();
	if (sysfs_remove_file_self(kobj, &attr->attr)) {
		__atomic_add_fetch(&winners, 1, __ATOMIC_RELAXED);
		sched_yield();
		__atomic_store_n(&winner_done, true, __ATOMIC_RELAXED);
		return count;
	}
	if (!__atomic_load_n(&winner_done, __ATOMIC_RELAXED))
		__atomic_add_fetch(&losers_early, 1, __ATOMIC_RELAXED);
	return -EALREADY;
}

static struct kobj_attribute suicide = __ATTR(suicide, 0200, NULL, suicide_store);

struct writer {
	pthread_t thread;
	pthread_barrier_t *start;
	struct umdev_sysfs_file *file;
	ssize_t ret;
};

static void *write_one(void *data)
{
	struct writer *w = data;

	pthread_barrier_wait(w->start);
	w->ret = umdev_sysfs_write(w->file, "1", 1, 0);
	return NULL;
}

static void of_four_writers_at_once_exactly_one_removes_the_file(void **state)
{
	struct writer writers[WRITERS];
	pthread_barrier_t start;
	int round, i, won;

	pthread_barrier_init(&start, NULL, WRITERS);
	for (round = 0; round < ROUNDS; round++) {
		writers_in = winners = 0;
		winner_done = false;
		losers_early = 0;
		assert_int_equal(sysfs_create_file(dir, &suicide.attr), 0);
		for (i = 0; i < WRITERS; i++) {
			writers[i].start = &start;
			writers[i].file = open_file("dir/suicide", O_WRONLY);
			assert_int_equal(pthread_create(&writers[i].thread, NULL, write_one,
							&writers[i]),
					 0);
		}
		for (won = 0, i = 0; i < WRITERS; i++) {
			pthread_join(writers[i].thread, NULL);
			umdev_sysfs_release(writers[i].file);
			won += writers[i].ret == 1;
			assert_true(writers[i].ret == 1 || writers[i].ret == -EALREADY);
		}
		assert_int_equal(won, 1);
		assert_int_equal(winners, 1);
		assert_int_equal(losers_early, 0);
		assert_false(tree_has("dir/suicide"));
	}
	pthread_barrier_destroy(&start);
}

static bool entered, go_on, done;

static ssize_t slow_store(struct kobject *kobj, struct kobj_attribute *attr, const char *buf,
			  size_t count)
{
	__atomic_store_n(&entered, true, __ATOMIC_RELEASE);
	await_flag(&go_on);
	done = true;
	return count;
}

static struct kobj_attribute slow = __ATTR(slow, 0200, NULL, slow_store);

static void *remove_slow(void *data)
{
	sysfs_remove_file(dir, &slow.attr);
	/* Without any synchronisation but the removal's own. */
	assert_true(done);
	return NULL;
}

static void removal_waits_for_a_callback_in_progress(void **state)
{
	struct writer w = { .ret = 0 };
	pthread_barrier_t start;
	pthread_t remover;

	entered = go_on = done = false;
	pthread_barrier_init(&start, NULL, 1);
	w.start = &start;
	assert_int_equal(sysfs_create_file(dir, &slow.attr), 0);
	w.file = open_file("dir/slow", O_WRONLY);
	assert_int_equal(pthread_create(&w.thread, NULL, write_one, &w), 0);
	await_flag(&entered);
	assert_int_equal(pthread_create(&remover, NULL, remove_slow, NULL), 0);
	/* Nobody finds it any more, but its name is taken until the callback has ended. */
	while (tree_has("dir/slow"))
		sched_yield();
	assert_int_equal(sysfs_create_file(dir, &slow.attr), -EEXIST);
	__atomic_store_n(&go_on, true, __ATOMIC_RELEASE);
	pthread_join(remover, NULL);
	pthread_join(w.thread, NULL);
	assert_int_equal(w.ret, 1);
	umdev_sysfs_release(w.file);
	pthread_barrier_destroy(&start);
}

static ssize_t leave_store(struct kobject *kobj, struct kobj_attribute *attr, const char *buf,
			   size_t count)
{
	assert_true(sysfs_remove_file_self(kobj, &attr->attr));
	__atomic_store_n(&entered, true, __ATOMIC_RELEASE);
	await_flag(&go_on);
	return count;
}

static struct kobj_attribute leave = __ATTR(leave, 0200, NULL, leave_store);

static void a_callback_that_removed_its_file_keeps_nobody_waiting(void **state)
{
	struct writer w = { .ret = 0 };
	pthread_barrier_t start;

	entered = go_on = false;
	pthread_barrier_init(&start, NULL, 1);
	w.start = &start;
	assert_int_equal(sysfs_create_file(dir, &leave.attr), 0);
	w.file = open_file("dir/leave", O_WRONLY);
	assert_int_equal(pthread_create(&w.thread, NULL, write_one, &w), 0);
	await_flag(&entered);
	kobject_del(dir);
	__atomic_store_n(&go_on, true, __ATOMIC_RELEASE);
	pthread_join(w.thread, NULL);
	assert_int_equal(w.ret, 1);
	umdev_sysfs_release(w.file);
	pthread_barrier_destroy(&start);
}

static void *wait_for_object(void *data)
{
	sysfs_wait_for_object(&leave);
	assert_true(done);
	return NULL;
}

static ssize_t leave_late_store(struct kobject *kobj, struct kobj_attribute *attr, const char *buf,
				size_t count)
{
	assert_true(sysfs_remove_file_self(kobj, &attr->attr));
	__atomic_store_n(&entered, true, __ATOMIC_RELEASE);
	await_flag(&go_on);
	done = true;
	return count;
}

static struct kobj_attribute leave_late = __ATTR(leave, 0200, NULL, leave_late_store);

static void unloading_waits_for_a_callback_that_removed_its_file(void **state)
{
	struct writer w = { .ret = 0 };
	pthread_barrier_t start;
	pthread_t unloader;

	entered = go_on = done = false;
	pthread_barrier_init(&start, NULL, 1);
	w.start = &start;
	assert_int_equal(sysfs_create_file(dir, &leave_late.attr), 0);
	w.file = open_file("dir/leave", O_WRONLY);
	assert_int_equal(pthread_create(&w.thread, NULL, write_one, &w), 0);
	await_flag(&entered);
	/* It is no business of the runtime's own object. */
	sysfs_wait_for_object(kernel_kobj->ktype);
	assert_int_equal(pthread_create(&unloader, NULL, wait_for_object, NULL), 0);
	__atomic_store_n(&go_on, true, __ATOMIC_RELEASE);
	pthread_join(unloader, NULL);
	pthread_join(w.thread, NULL);
	umdev_sysfs_release(w.file);
	pthread_barrier_destroy(&start);
}

static ssize_t name_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%s\n", kobject_name(kobj));
}

static ssize_t name_store(struct kobject *kobj, struct kobj_attribute *attr, const char *buf,
			  size_t count)
{
	return kobject_name(kobj)[0] == 'n' ? (ssize_t)count : -EINVAL;
}

static struct kobj_attribute name_attr = __ATTR(name, 0644, name_show, name_store);
static struct attribute *name_attrs[] = { &name_attr.attr, NULL };
static const struct attribute_group name_group = { .name = "group", .attrs = name_attrs };
static bool stop_walkers;
static unsigned long files_read;

struct walk {
	struct kernfs_node *dir;
	int depth;
};

static void walk_dir(struct kernfs_node *kn, int depth);

static void walk_file(struct kernfs_node *kn)
{
	struct umdev_sysfs_file *file = umdev_sysfs_open(kn, O_RDWR);
	char buf[64];
	ssize_t len;

	if (IS_ERR(file)) {
		assert_true(PTR_ERR(file) == -ENODEV || PTR_ERR(file) == -EACCES);
		return;
	}
	len = umdev_sysfs_read(file, buf, sizeof(buf), 0);
	assert_true(len > 0 || len == -ENODEV);
	len = umdev_sysfs_write(file, "1", 1, 0);
	assert_true(len == 1 || len == -ENODEV);
	umdev_sysfs_release(file);
	__atomic_add_fetch(&files_read, 1, __ATOMIC_RELAXED);
}

static int walk_entry(const char *name, const struct stat *st, uint64_t next, void *data)
{
	struct walk *walk = data;
	struct kernfs_node *kn = umdev_sysfs_lookup(walk->dir, name);
	char buf[256];
	ssize_t len;

	if (IS_ERR(kn)) {
		assert_int_equal(PTR_ERR(kn), -ENOENT);
		return 0;
	}
	if (S_ISDIR(st->st_mode)) {
		walk_dir(kn, walk->depth + 1);
	} else if (S_ISLNK(st->st_mode)) {
		len = umdev_sysfs_readlink(kn, buf, sizeof(buf));
		assert_true(len > 0 || len == -ENOENT);
	} else {
		walk_file(kn);
	}
	len = umdev_sysfs_path(kn, buf, sizeof(buf));
	assert_true(len > 1 || len == -ENOENT);
	umdev_sysfs_put(kn);
	return 0;
}

static void walk_dir(struct kernfs_node *kn, int depth)
{
	struct walk walk = { .dir = kn, .depth = depth };
	uint64_t cursor = 0;
	int ret;

	assert_true(depth < 10);
	ret = umdev_sysfs_readdir(kn, &cursor, walk_entry, &walk);
	assert_true(ret == 0 || ret == -ENOENT);
}

static void *walk_tree(void *data)
{
	while (!__atomic_load_n(&stop_walkers, __ATOMIC_RELAXED)) {
		struct kernfs_node *kn = umdev_sysfs_walk("dir", false);

		assert_false(IS_ERR(kn));
		walk_dir(kn, 0);
		umdev_sysfs_put(kn);
	}
	return NULL;
}

static void *change_tree(void *data)
{
	struct kobject *sub, *deep;
	char link[32];
	int i;

	/* Go on until the readers have seen something of it. */
	for (i = 0; i < ROUNDS || __atomic_load_n(&files_read, __ATOMIC_RELAXED) < ROUNDS; i++) {
		sub = kobject_create();
		assert_int_equal(kobject_add(sub, dir, "n%d.%d", (int)(long)data, i % 3), 0);
		assert_int_equal(sysfs_create_group(sub, &name_group), 0);
		assert_int_equal(sysfs_create_file(sub, &name_attr.attr), 0);
		deep = kobject_create_and_add("ndeep", sub);
		assert_non_null(deep);
		assert_int_equal(sysfs_create_file(deep, &name_attr.attr), 0);
		snprintf(link, sizeof(link), "link%d", (int)(long)data);
		assert_int_equal(sysfs_create_link(dir, deep, link), 0);
		sysfs_remove_link(dir, link);
		/* The parent first every other time: its removal takes the child's files along. */
		kobject_put(i & 1 ? deep : sub);
		kobject_put(i & 1 ? sub : deep);
	}
	return NULL;
}

static void readers_walk_the_tree_while_it_changes(void **state)
{
	pthread_t readers[2], writers[2];
	long i;

	stop_walkers = false;
	files_read = 0;
	for (i = 0; i < 2; i++) {
		assert_int_equal(pthread_create(&readers[i], NULL, walk_tree, NULL), 0);
		assert_int_equal(pthread_create(&writers[i], NULL, change_tree, (void *)i), 0);
	}
	for (i = 0; i < 2; i++)
		pthread_join(writers[i], NULL);
	__atomic_store_n(&stop_walkers, true, __ATOMIC_RELAXED);
	for (i = 0; i < 2; i++)
		pthread_join(readers[i], NULL);
	assert_dir("dir", "");
	print_message("%lu files read meanwhile\n", files_read);
}

static struct kobject *chain[8];

static void *remove_one(void *data)
{
	kobject_del(chain[(long)data]);
	return NULL;
}

static void subtrees_that_overlap_can_be_removed_at_once(void **state)
{
	pthread_t threads[ARRAY_SIZE(chain)];
	size_t i;
	int round;

	for (round = 0; round < ROUNDS / 4; round++) {
		for (i = 0; i < ARRAY_SIZE(chain); i++) {
			chain[i] = kobject_create_and_add("link", i ? chain[i - 1] : dir);
			assert_non_null(chain[i]);
			assert_int_equal(sysfs_create_group(chain[i], &name_group), 0);
		}
		for (i = 0; i < ARRAY_SIZE(chain); i++)
			assert_int_equal(
				pthread_create(&threads[i], NULL, remove_one, (void *)(long)i), 0);
		for (i = 0; i < ARRAY_SIZE(chain); i++)
			pthread_join(threads[i], NULL);
		for (i = 0; i < ARRAY_SIZE(chain); i++)
			kobject_put(chain[i]);
		assert_dir("dir", "");
	}
}

int main(void)
{
#define dir_test(fn) cmocka_unit_test_setup_teardown(fn, dir_setup, dir_teardown)
	const struct CMUnitTest tests[] = {
		dir_test(of_four_writers_at_once_exactly_one_removes_the_file),
		dir_test(removal_waits_for_a_callback_in_progress),
		dir_test(a_callback_that_removed_its_file_keeps_nobody_waiting),
		dir_test(unloading_waits_for_a_callback_that_removed_its_file),
		dir_test(readers_walk_the_tree_while_it_changes),
		dir_test(subtrees_that_overlap_can_be_removed_at_once),
	};

	return cmocka_run_group_tests(tests, runtime_setup, runtime_teardown);
}
