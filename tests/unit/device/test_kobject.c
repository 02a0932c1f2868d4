// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* kobjects and ksets: names, counts, places. */
#include "device_test.h"

#include <linux/slab.h>
#include <linux/string.h>

static int released;

static void counted_release(struct kobject *kobj)
{
	released++;
	kfree(kobj);
}

static struct kobj_type counted_ktype = {
	.release = counted_release,
	.sysfs_ops = &kobj_sysfs_ops,
};

static struct kobject *counted_create(void)
{
	struct kobject *kobj = kzalloc(sizeof(*kobj), GFP_KERNEL);

	assert_non_null(kobj);
	kobject_init(kobj, &counted_ktype);
	return kobj;
}

static int count_setup(void **state)
{
	released = 0;
	return balance_setup(state);
}

static void the_last_put_releases_a_kobject_and_takes_it_out_of_the_tree(void **state)
{
	struct kobject *kobj = counted_create();

	assert_int_equal(kobject_add(kobj, NULL, "lonely"), 0);
	assert_true(tree_has("lonely"));
	assert_ptr_equal(kobject_get(kobj), kobj);
	kobject_put(kobj);
	assert_int_equal(released, 0);
	assert_true(tree_has("lonely"));
	kobject_put(kobj);
	assert_int_equal(released, 1);
	assert_false(tree_has("lonely"));
}

static void a_child_keeps_its_parent_until_it_is_deleted(void **state)
{
	struct kobject *parent = counted_create();
	struct kobject *child = counted_create();

	assert_int_equal(kobject_add(parent, NULL, "parent"), 0);
	assert_int_equal(kobject_add(child, parent, "child%d", 7), 0);
	assert_true(tree_has("/parent/child7"));
	kobject_put(parent);
	assert_int_equal(released, 0);
	kobject_del(child);
	assert_int_equal(released, 1);
	assert_false(tree_has("parent"));
	kobject_put(child);
	assert_int_equal(released, 2);
}

static void a_second_kobject_of_a_name_gets_eexist_and_changes_nothing(void **state)
{
	struct kobject *first = counted_create();
	struct kobject *second = counted_create();

	assert_int_equal(kobject_add(first, NULL, "same"), 0);
	assert_int_equal(kobject_add(second, NULL, "same"), -EEXIST);
	assert_null(second->parent);
	kobject_put(second);
	assert_int_equal(released, 1);
	assert_true(tree_has("same"));
	kobject_put(first);
	assert_false(tree_has("same"));
}

static void a_kobject_below_a_deleted_parent_gets_enoent(void **state)
{
	struct kobject *parent = counted_create();
	struct kobject *child = counted_create();

	assert_int_equal(kobject_add(parent, NULL, "parent"), 0);
	kobject_del(parent);
	assert_int_equal(kobject_add(child, parent, "child"), -ENOENT);
	kobject_put(child);
	kobject_put(parent);
	assert_int_equal(released, 2);
}

static void slashes_in_a_name_become_exclamation_marks(void **state)
{
	struct kobject *kobj = counted_create();

	assert_int_equal(kobject_add(kobj, NULL, "a/b"), 0);
	assert_string_equal(kobject_name(kobj), "a!b");
	assert_true(tree_has("a!b"));
	kobject_put(kobj);
}

static void a_member_of_a_kset_is_in_its_directory_and_found_by_name(void **state)
{
	struct kset *kset = kset_create_and_add("things", NULL, NULL);
	struct kobject *kobj = counted_create();

	assert_non_null(kset);
	kobj->kset = kset;
	assert_int_equal(kobject_add(kobj, NULL, "thing"), 0);
	assert_true(tree_has("things/thing"));
	assert_ptr_equal(kset_find_obj(kset, "thing"), kobj);
	kobject_put(kobj);
	assert_null(kset_find_obj(kset, "other"));
	kobject_del(kobj);
	assert_null(kset_find_obj(kset, "thing"));
	kobject_put(kobj);
	kset_unregister(kset);
	assert_false(tree_has("things"));
}

static void the_path_of_a_kobject_is_that_of_its_directory(void **state)
{
	struct kobject *parent = counted_create();
	struct kobject *child = counted_create();
	char *path;

	assert_int_equal(kobject_add(parent, kernel_kobj, "one"), 0);
	assert_int_equal(kobject_add(child, parent, "two"), 0);
	path = kobject_get_path(child, GFP_KERNEL);
	assert_string_equal(path, "/kernel/one/two");
	kfree(path);
	kobject_del(child);
	kobject_put(child);
	kobject_put(parent);
}

static void the_top_of_the_tree_is_that_of_linux(void **state)
{
	assert_dir("/", "bus class dev devices kernel module ");
	assert_dir("/dev", "block char ");
	assert_int_equal(tree_mode("/"), S_IFDIR | 0755);
	assert_true(tree_has("/devices/virtual"));
	assert_true(tree_has("/kernel/uevent_seqnum"));
}

int main(void)
{
#define counted_test(fn) cmocka_unit_test_setup_teardown(fn, count_setup, balance_teardown)
	const struct CMUnitTest tests[] = {
		counted_test(the_last_put_releases_a_kobject_and_takes_it_out_of_the_tree),
		counted_test(a_child_keeps_its_parent_until_it_is_deleted),
		counted_test(a_second_kobject_of_a_name_gets_eexist_and_changes_nothing),
		counted_test(a_kobject_below_a_deleted_parent_gets_enoent),
		counted_test(slashes_in_a_name_become_exclamation_marks),
		counted_test(a_member_of_a_kset_is_in_its_directory_and_found_by_name),
		counted_test(the_path_of_a_kobject_is_that_of_its_directory),
		counted_test(the_top_of_the_tree_is_that_of_linux),
	};

	return cmocka_run_group_tests(tests, runtime_setup, runtime_teardown);
}
