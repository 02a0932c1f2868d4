// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* Parents: registration, types, files, uevents. Rows M01, M04, M05, M06, M10, M11. */
#include "mdev_testing.h"
#include "testdev.h"

#include <errno.h>
#include <string.h>

#include <linux/device.h>

static int setup(void **state)
{
	test_start();
	test_load("mdev", NULL);
	test_parents_init();
	return 0;
}

static int teardown(void **state)
{
	test_parents_exit();
	test_stop();
	return 0;
}

static void m01_a_parent_without_a_mandatory_member_is_refused(void **state)
{
	struct test_parent parent = { 0 };
	struct mdev_parent_ops ops;

	test_parent_add(&parent, "p0");

	assert_int_equal(mdev_register_device(parent.dev, NULL), -EINVAL);
	assert_int_equal(mdev_register_device(NULL, &test_parent_ops), -EINVAL);
	ops = test_parent_ops;
	ops.create = NULL;
	assert_int_equal(mdev_register_device(parent.dev, &ops), -EINVAL);
	ops = test_parent_ops;
	ops.remove = NULL;
	assert_int_equal(mdev_register_device(parent.dev, &ops), -EINVAL);
	ops = test_parent_ops;
	ops.supported_type_groups = NULL;
	assert_int_equal(mdev_register_device(parent.dev, &ops), -EINVAL);

	assert_false(tree_has(TESTDEV "/p0/mdev_supported_types"));
	test_parent_del(&parent);
}

static void m01_a_second_registration_answers_eexist_and_leaves_the_first_alone(void **state)
{
	struct test_parent parent = { 0 };
	unsigned int i;

	test_parent_register(&parent, "p0");
	/* Were references of the first one dropped, it would be gone after a few. */
	for (i = 0; i < 5; i++)
		assert_int_equal(mdev_register_device(parent.dev, &test_parent_ops), -EEXIST);

	assert_int_equal(parent_create(&parent, "a", UUID_A), 0);
	assert_true(tree_has(TESTDEV "/p0/" UUID_A));
	test_parent_unregister(&parent);
	assert_int_equal(parent.creates, 1);
	assert_int_equal(parent.removes, 1);
	assert_false(tree_has(TESTDEV "/p0"));
}

static void m01_a_parent_can_be_registered_again_after_unregistration(void **state)
{
	struct test_parent parent = { 0 };
	unsigned int i;

	test_parent_add(&parent, "p0");
	for (i = 1; i <= 3; i++) {
		assert_int_equal(mdev_register_device(parent.dev, &test_parent_ops), 0);
		assert_int_equal(parent_create(&parent, "a", UUID_A), 0);
		mdev_unregister_device(parent.dev);
		assert_int_equal(parent.removes, i);
		assert_false(tree_has(TESTDEV "/p0/mdev_supported_types"));
		assert_false(tree_has(TESTDEV "/p0/vendor"));
		assert_false(tree_has("/class/mdev_bus/p0"));
	}
	test_parent_del(&parent);
}

static void m01_unregistering_what_is_not_registered_does_nothing(void **state)
{
	struct test_parent parent = { 0 };
	unsigned int mark;

	test_parent_add(&parent, "p0");
	mark = uevent_mark();
	mdev_unregister_device(parent.dev);
	assert_null(uevent_at(mark));
	test_parent_del(&parent);
}

static void m01_a_type_without_a_name_leaves_nothing_behind(void **state)
{
	static struct attribute *no_attrs[] = { NULL };
	static struct attribute_group named = { .name = "x", .attrs = no_attrs };
	static struct attribute_group nameless = { .attrs = no_attrs };
	static struct attribute_group *groups[] = { &named, &nameless, NULL };
	struct mdev_parent_ops ops = test_parent_ops;
	struct test_parent parent = { 0 };

	ops.supported_type_groups = groups;
	test_parent_add(&parent, "p0");
	assert_int_equal(mdev_register_device(parent.dev, &ops), -EINVAL);
	assert_false(tree_has(TESTDEV "/p0/mdev_supported_types"));
	assert_false(tree_has(TESTDEV "/p0/vendor"));
	assert_false(tree_has("/class/mdev_bus/p0"));

	assert_int_equal(mdev_register_device(parent.dev, &test_parent_ops), 0);
	test_parent_unregister(&parent);
}

static void m01_two_types_of_one_name_leave_nothing_behind(void **state)
{
	static struct attribute *no_attrs[] = { NULL };
	static struct attribute_group first = { .name = "x", .attrs = no_attrs };
	static struct attribute_group second = { .name = "x", .attrs = no_attrs };
	static struct attribute_group *groups[] = { &first, &second, NULL };
	struct mdev_parent_ops ops = test_parent_ops;
	struct test_parent parent = { 0 };

	ops.supported_type_groups = groups;
	test_parent_add(&parent, "p0");
	assert_int_equal(mdev_register_device(parent.dev, &ops), -EEXIST);
	assert_false(tree_has(TESTDEV "/p0/mdev_supported_types"));
	assert_false(tree_has(TESTDEV "/p0/vendor"));
	test_parent_del(&parent);
}

static void m01_a_type_needs_no_attributes_of_its_own(void **state)
{
	static struct attribute_group bare = { .name = "x" };
	static struct attribute_group *groups[] = { &bare, NULL };
	struct mdev_parent_ops ops = test_parent_ops;
	struct test_parent parent = { 0 };

	ops.supported_type_groups = groups;
	test_parent_add(&parent, "p0");
	assert_int_equal(mdev_register_device(parent.dev, &ops), 0);
	/* create and devices */
	assert_int_equal(tree_count(TESTDEV "/p0/mdev_supported_types/testdev-x"), 2);
	test_parent_unregister(&parent);
}

static void m04_a_type_is_named_for_the_driver_and_its_group(void **state)
{
	struct test_parent parent = { 0 };
	const char *types = TESTDEV "/p0/mdev_supported_types";

	test_parent_register(&parent, "p0");
	assert_int_equal(tree_count(types), 2);
	assert_true(tree_has(TESTDEV "/p0/mdev_supported_types/testdev-a"));
	assert_true(tree_has(TESTDEV "/p0/mdev_supported_types/testdev-b"));
	/* create, devices and the group's two. */
	assert_int_equal(tree_count(TESTDEV "/p0/mdev_supported_types/testdev-a"), 4);
	test_parent_unregister(&parent);
}

static void m04_attributes_of_a_type_get_the_type_and_the_parent(void **state)
{
	struct test_parent parent = { 0 };
	const char *value = TESTDEV "/p0/mdev_supported_types/testdev-b/value";

	test_parent_register(&parent, "p0");
	assert_int_equal(tree_write(value, "17"), 0);
	assert_tree_value(value, "testdev-b p0 17");
	assert_int_equal(tree_write(value, "x"), -EINVAL);
	test_parent_unregister(&parent);
}

static void m04_attributes_of_parent_and_device_come_and_go_with_them(void **state)
{
	struct test_parent parent = { 0 };

	test_parent_register(&parent, "p0");
	assert_tree_value(TESTDEV "/p0/vendor/parent_attr", "parent p0");
	assert_int_equal(parent_create(&parent, "a", UUID_A), 0);
	assert_tree_value(TESTDEV "/p0/" UUID_A "/vendor/mdev_attr", "mdev " UUID_A);
	mdev_unregister_device(parent.dev);
	assert_false(tree_has(TESTDEV "/p0/vendor"));
	test_parent_del(&parent);
}

static void m05_create_is_write_only(void **state)
{
	const char *create = TESTDEV "/p0/mdev_supported_types/testdev-a/create";
	struct test_parent parent = { 0 };
	char buf[64];

	test_parent_register(&parent, "p0");
	assert_tree_mode(create, 0200);
	assert_int_equal(tree_read(create, buf, sizeof(buf)), -EACCES);
	test_parent_unregister(&parent);
}

static void m06_a_registered_parent_is_linked_in_class_mdev_bus(void **state)
{
	struct test_parent parent = { 0 };

	test_parent_register(&parent, "p0");
	assert_tree_link("/class/mdev_bus/p0", "../../devices/virtual/testdev/p0");
	test_parent_unregister(&parent);
	assert_false(tree_has("/class/mdev_bus/p0"));
}

static int remove_fails(struct test_parent *parent, struct mdev_device *mdev)
{
	return -EIO;
}

static unsigned int own_releases;

static void own_release(struct device *dev)
{
	own_releases++;
}

/* As the drivers of Linux have it: the device is part of the module, and has to be released with it. */
static void m09_a_parents_device_is_free_though_somebody_has_a_mediated_one_in_hand(void **state)
{
	static struct device own = { .init_name = "own", .release = own_release };
	struct test_parent parent = { .dev = &own };
	struct device *mdev;

	dev_set_drvdata(&own, &parent);
	assert_int_equal(device_register(&own), 0);
	assert_int_equal(mdev_register_device(&own, &test_parent_ops), 0);
	assert_int_equal(tree_write("/devices/own/mdev_supported_types/-a/create", UUID_A), 0);
	mdev = bus_find_device_by_name(&mdev_bus_type, NULL, UUID_A);
	assert_non_null(mdev);

	mdev_unregister_device(&own);
	assert_int_equal(parent.removes, 1);
	assert_int_equal(own_releases, 0);
	device_unregister(&own);
	assert_int_equal(own_releases, 1);
	put_device(mdev);
}

static void m10_unregistration_removes_every_child_though_each_fails(void **state)
{
	struct test_parent parent = { .remove = remove_fails };
	unsigned int mark = log_mark();

	test_parent_register(&parent, "p0");
	assert_int_equal(parent_create(&parent, "a", UUID_A), 0);
	assert_int_equal(parent_create(&parent, "b", UUID_B), 0);
	assert_int_equal(parent_create(&parent, "a", UUID_C), 0);
	mdev_unregister_device(parent.dev);

	assert_int_equal(parent.removes, 3);
	assert_int_equal(tree_count("/bus/mdev/devices"), 0);
	assert_true(log_has(mark, "mdev " UUID_A ": Remove failed: err=-5"));
	assert_true(log_has(mark, "mdev " UUID_B ": Remove failed: err=-5"));
	assert_true(log_has(mark, "mdev " UUID_C ": Remove failed: err=-5"));
	test_parent_del(&parent);
}

static void m11_a_parent_announces_itself_and_its_leave(void **state)
{
#define EV "change@" TESTDEV "/p0 ACTION=change DEVPATH=" TESTDEV "/p0 SUBSYSTEM=testdev "
	static const char *const registered[] = { EV "MDEV_STATE=registered" };
	static const char *const unregistered[] = { EV "MDEV_STATE=unregistered" };
	struct test_parent parent = { 0 };
	unsigned int mark;

	test_parent_add(&parent, "p0");
	mark = uevent_mark();
	assert_int_equal(mdev_register_device(parent.dev, &test_parent_ops), 0);
	assert_uevents(mark, registered, 1);
	mark = uevent_mark();
	mdev_unregister_device(parent.dev);
	assert_uevents(mark, unregistered, 1);
	test_parent_del(&parent);
}

static void m12_a_driver_that_cannot_be_asked_is_noted_at_registration(void **state)
{
	struct test_parent parent = { 0 };
	unsigned int mark = log_mark();

	test_parent_add(&parent, "p0");
	assert_int_equal(mdev_register_device(parent.dev, &test_parent_ops), 0);
	assert_false(log_has(mark, "Driver cannot be asked to release device"));
	assert_true(log_has(mark, "testdev p0: MDEV: Registered"));
	mdev_unregister_device(parent.dev);
	assert_true(log_has(mark, "testdev p0: MDEV: Unregistering"));

	assert_int_equal(mdev_register_device(parent.dev, &test_parent_no_request_ops), 0);
	assert_true(log_has(mark, "testdev p0: Driver cannot be asked to release device"));
	test_parent_unregister(&parent);
}

static void m18_operations_in_place_and_by_class_exclude_each_other(void **state)
{
	struct test_parent parent = { 0 };
	struct mdev_parent_ops both = test_parent_vfio_ops;

	both.open = test_parent_ops.open;
	test_parent_add(&parent, "p0");
	assert_int_equal(mdev_register_vfio_device(parent.dev, &both), -EINVAL);
	assert_int_equal(mdev_register_device(parent.dev, &both), -EINVAL);
	assert_int_equal(mdev_register_vfio_device(parent.dev, &test_parent_ops), -EINVAL);
	assert_int_equal(mdev_register_device(parent.dev, &test_parent_vfio_ops), -EINVAL);
	assert_int_equal(mdev_register_vfio_device(parent.dev, &test_parent_vfio_ops), 0);
	assert_int_equal(mdev_register_device(parent.dev, &test_parent_ops), -EEXIST);
	test_parent_unregister(&parent);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(m01_a_parent_without_a_mandatory_member_is_refused),
		cmocka_unit_test(
			m01_a_second_registration_answers_eexist_and_leaves_the_first_alone),
		cmocka_unit_test(m01_a_parent_can_be_registered_again_after_unregistration),
		cmocka_unit_test(m01_unregistering_what_is_not_registered_does_nothing),
		cmocka_unit_test(m01_a_type_without_a_name_leaves_nothing_behind),
		cmocka_unit_test(m01_two_types_of_one_name_leave_nothing_behind),
		cmocka_unit_test(m01_a_type_needs_no_attributes_of_its_own),
		cmocka_unit_test(m04_a_type_is_named_for_the_driver_and_its_group),
		cmocka_unit_test(m04_attributes_of_a_type_get_the_type_and_the_parent),
		cmocka_unit_test(m04_attributes_of_parent_and_device_come_and_go_with_them),
		cmocka_unit_test(m05_create_is_write_only),
		cmocka_unit_test(m06_a_registered_parent_is_linked_in_class_mdev_bus),
		cmocka_unit_test(
			m09_a_parents_device_is_free_though_somebody_has_a_mediated_one_in_hand),
		cmocka_unit_test(m10_unregistration_removes_every_child_though_each_fails),
		cmocka_unit_test(m11_a_parent_announces_itself_and_its_leave),
		cmocka_unit_test(m12_a_driver_that_cannot_be_asked_is_noted_at_registration),
		cmocka_unit_test(m18_operations_in_place_and_by_class_exclude_each_other),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
