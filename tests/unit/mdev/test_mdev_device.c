// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* The life of a mediated device. Rows M03, M05, M07, M08, M10, M11, M16. */
#include "mdev_testing.h"
#include "testdev.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>

#include <linux/device.h>
#include <linux/uuid.h>
#include <umdev/sysfs.h>

#define P0 TESTDEV "/p0"

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

static void m05_a_device_has_its_files_and_links(void **state)
{
	struct test_parent parent = { 0 };

	test_parent_register(&parent, "p0");
	assert_int_equal(parent_create(&parent, "b", UUID_A "\n"), 0);

	assert_tree_mode(P0 "/" UUID_A "/remove", 0200);
	assert_tree_link(P0 "/" UUID_A "/mdev_type", "../mdev_supported_types/testdev-b");
	assert_tree_link(P0 "/" UUID_A "/subsystem", "../../../../../bus/mdev");
	assert_tree_link(P0 "/mdev_supported_types/testdev-b/devices/" UUID_A, "../../../" UUID_A);
	assert_tree_link("/bus/mdev/devices/" UUID_A,
			 "../../../devices/virtual/testdev/p0/" UUID_A);
	assert_int_equal(tree_count(P0 "/mdev_supported_types/testdev-a/devices"), 0);
	assert_tree_link(P0 "/" UUID_A "/driver", "../../../../../bus/mdev/drivers/vfio_mdev");
	/* These, iommu_group, uevent and vendor. */
	assert_int_equal(tree_count(P0 "/" UUID_A), 7);

	assert_int_equal(parent_remove(&parent, UUID_A), 0);
	assert_false(tree_has(P0 "/" UUID_A));
	assert_false(tree_has("/bus/mdev/devices/" UUID_A));
	assert_int_equal(tree_count(P0 "/mdev_supported_types/testdev-b/devices"), 0);
	test_parent_unregister(&parent);
}

static void m05_what_is_not_a_uuid_is_refused_and_creates_nothing(void **state)
{
	static const char *const bad[] = {
		"",
		"\n",
		"83b8f4f2",
		"83b8f4f2-509f-382f-3c1e-e6bfe0fa100",
		"83b8f4f2-509f-382f-3c1e-e6bfe0fa100Z",
		"83b8f4f2509f382f3c1ee6bfe0fa1001aaaa",
		"83b8f4f2-509f-382f-3c1e-e6bfe0fa1002 x",
		"83b8f4f2-509f-382f-3c1e-e6bfe0fa1002x",
		"83b8f4f2-509f-382f-3c1e-e6bfe0fa1002\n\n",
		" 83b8f4f2-509f-382f-3c1e-e6bfe0fa1002",
		"{83b8f4f2-509f-382f-3c1e-e6bfe0fa1002}",
		"83b8f4f2-509f-382f-3c1e/e6bfe0fa1002",
		"../../../../../../../../../../../../x",
	};
	struct test_parent parent = { 0 };
	size_t i;

	test_parent_register(&parent, "p0");
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(parent_create(&parent, "a", bad[i]), bad[i][0] ? -EINVAL : 0);
	assert_int_equal(
		tree_write_len(parent_path(&parent, "mdev_supported_types/testdev-a/create"),
			       "83b8f4f2-509f-382f-3c1e-e6b\0e0fa1002", 36),
		-EINVAL);
	assert_int_equal(parent.creates, 0);
	assert_int_equal(tree_count("/bus/mdev/devices"), 0);
	test_parent_unregister(&parent);
}

static void m05_a_uuid_is_shown_in_lower_case(void **state)
{
	struct test_parent parent = { 0 };

	test_parent_register(&parent, "p0");
	assert_int_equal(parent_create(&parent, "a", "83B8F4F2-509F-382F-3C1E-E6BFE0FA1002"), 0);
	assert_true(tree_has(P0 "/83b8f4f2-509f-382f-3c1e-e6bfe0fa1002"));
	assert_int_equal(parent_create(&parent, "a", UUID_B), -EEXIST);
	test_parent_unregister(&parent);
}

static void m05_remove_takes_a_number(void **state)
{
	struct test_parent parent = { 0 };
	const char *remove = P0 "/" UUID_A "/remove";

	test_parent_register(&parent, "p0");
	assert_int_equal(parent_create(&parent, "a", UUID_A), 0);
	assert_int_equal(tree_write(remove, "0"), 0);
	assert_int_equal(tree_write(remove, "abc"), -EINVAL);
	assert_int_equal(tree_write(remove, "-1"), -EINVAL);
	assert_int_equal(tree_write(remove, "1 1"), -EINVAL);
	assert_true(tree_has(remove));
	assert_int_equal(parent.removes, 0);
	assert_int_equal(tree_write(remove, "1\n"), 0);
	assert_int_equal(parent.removes, 1);
	test_parent_unregister(&parent);
}

static void m07_a_uuid_is_unique_over_all_parents(void **state)
{
	struct test_parent p0 = { 0 }, p1 = { 0 };
	unsigned int mark;

	test_parent_register(&p0, "p0");
	test_parent_register(&p1, "p1");
	assert_int_equal(parent_create(&p0, "a", UUID_A), 0);
	mark = uevent_mark();
	assert_int_equal(parent_create(&p0, "a", UUID_A), -EEXIST);
	assert_int_equal(parent_create(&p0, "b", UUID_A), -EEXIST);
	assert_int_equal(parent_create(&p1, "a", UUID_A), -EEXIST);
	assert_null(uevent_at(mark));
	assert_int_equal(p0.creates, 1);
	assert_int_equal(p1.creates, 0);

	assert_int_equal(parent_remove(&p0, UUID_A), 0);
	assert_int_equal(parent_create(&p1, "a", UUID_A), 0);
	test_parent_unregister(&p0);
	test_parent_unregister(&p1);
}

static int remove_tries_to_create(struct test_parent *parent, struct mdev_device *mdev)
{
	*(int *)parent->data = parent_create(parent, "a", UUID_A);
	return 0;
}

static void m07_a_uuid_is_taken_until_the_drivers_remove_has_returned(void **state)
{
	int ret = 0;
	struct test_parent parent = { .remove = remove_tries_to_create, .data = &ret };

	test_parent_register(&parent, "p0");
	assert_int_equal(parent_create(&parent, "b", UUID_A), 0);
	assert_int_equal(parent_remove(&parent, UUID_A), 0);
	assert_int_equal(ret, -EEXIST);
	assert_int_equal(parent_create(&parent, "b", UUID_A), 0);
	test_parent_unregister(&parent);
}

static void m07_an_open_remove_file_answers_enodev_after_the_removal(void **state)
{
	struct test_parent parent = { 0 };
	struct umdev_sysfs_file *file;

	test_parent_register(&parent, "p0");
	assert_int_equal(parent_create(&parent, "a", UUID_A), 0);
	file = tree_open(P0 "/" UUID_A "/remove");
	assert_int_equal(parent_remove(&parent, UUID_A), 0);
	assert_int_equal(tree_write_open(file, "1"), -ENODEV);

	/* Nor does it touch a new device of the same name. */
	assert_int_equal(parent_create(&parent, "a", UUID_A), 0);
	assert_int_equal(tree_write_open(file, "1"), -ENODEV);
	umdev_sysfs_release(file);
	assert_int_equal(parent.removes, 1);
	test_parent_unregister(&parent);
}

static int create_looks_at_uuid(struct test_parent *parent, struct kobject *kobj,
				struct mdev_device *mdev)
{
	guid_t uuid;

	if (guid_parse(UUID_A, &uuid) || !guid_equal(&uuid, mdev_uuid(mdev)))
		return -EBADMSG;
	if (strcmp(kobject_name(kobj), "testdev-b") != 0)
		return -EBADMSG;
	if (mdev_from_dev(mdev_dev(mdev)) != mdev || mdev_from_dev(parent->dev))
		return -EBADMSG;
	if (mdev_get_drvdata(mdev))
		return -EBADMSG;
	mdev_set_drvdata(mdev, parent);
	return 0;
}

static int remove_looks_at_drvdata(struct test_parent *parent, struct mdev_device *mdev)
{
	return mdev_get_drvdata(mdev) == parent ? 0 : -EBADMSG;
}

static void m07_callbacks_see_uuid_type_parent_and_their_own_data(void **state)
{
	struct test_parent parent = {
		.create = create_looks_at_uuid,
		.remove = remove_looks_at_drvdata,
	};

	test_parent_register(&parent, "p0");
	assert_int_equal(parent_create(&parent, "b", UUID_A), 0);
	assert_int_equal(parent_remove(&parent, UUID_A), 0);
	test_parent_unregister(&parent);
}

static int create_fails(struct test_parent *parent, struct kobject *kobj, struct mdev_device *mdev)
{
	return -ENOSPC;
}

static void m08_a_failing_create_reaches_the_writer_and_leaves_nothing(void **state)
{
	struct test_parent parent = { .create = create_fails };
	unsigned int mark;

	test_parent_register(&parent, "p0");
	mark = uevent_mark();
	assert_int_equal(parent_create(&parent, "a", UUID_A), -ENOSPC);
	assert_null(uevent_at(mark));
	assert_false(tree_has(P0 "/" UUID_A));
	assert_int_equal(parent.removes, 0);

	parent.create = NULL;
	assert_int_equal(parent_create(&parent, "a", UUID_A), 0);
	test_parent_unregister(&parent);
}

/* What of the device was there when the driver was called. */
struct seen {
	bool on_bus;
	bool in_tree;
	bool in_type;
};

static void look(struct seen *seen)
{
	seen->on_bus = tree_has("/bus/mdev/devices/" UUID_A);
	seen->in_tree = tree_has(P0 "/" UUID_A);
	seen->in_type = tree_has(P0 "/mdev_supported_types/testdev-a/devices/" UUID_A);
}

static int create_looks(struct test_parent *parent, struct kobject *kobj, struct mdev_device *mdev)
{
	look(parent->data);
	return 0;
}

static int remove_looks(struct test_parent *parent, struct mdev_device *mdev)
{
	look(parent->data);
	return 0;
}

static void m08_create_comes_before_the_bus_and_remove_after_it(void **state)
{
	struct seen seen = { true, true, true };
	struct test_parent parent = {
		.create = create_looks,
		.remove = remove_looks,
		.data = &seen,
	};

	test_parent_register(&parent, "p0");
	assert_int_equal(parent_create(&parent, "a", UUID_A), 0);
	assert_false(seen.on_bus || seen.in_tree || seen.in_type);
	look(&seen);
	assert_true(seen.on_bus && seen.in_tree && seen.in_type);
	assert_int_equal(parent_remove(&parent, UUID_A), 0);
	assert_false(seen.on_bus || seen.in_tree || seen.in_type);
	test_parent_unregister(&parent);
}

static int remove_fails(struct test_parent *parent, struct mdev_device *mdev)
{
	return -EREMOTEIO;
}

static void m10_a_failing_remove_reaches_the_writer_and_the_device_is_gone(void **state)
{
	struct test_parent parent = { .remove = remove_fails };
	unsigned int mark = log_mark();

	test_parent_register(&parent, "p0");
	assert_int_equal(parent_create(&parent, "a", UUID_A), 0);
	assert_int_equal(parent_remove(&parent, UUID_A), -EREMOTEIO);
	assert_true(log_has(mark, "mdev " UUID_A ": Remove failed: err=-121"));
	assert_false(tree_has(P0 "/" UUID_A));
	assert_int_equal(parent_remove(&parent, UUID_A), -ENOENT);

	assert_int_equal(parent_create(&parent, "a", UUID_A), 0);
	parent.remove = NULL;
	test_parent_unregister(&parent);
	assert_int_equal(parent.removes, 2);
}

static void m11_a_device_without_driver_is_announced_and_taken_back(void **state)
{
#define DEVPATH P0 "/" UUID_A
	static const char *const added[] = {
		"add@" DEVPATH " ACTION=add DEVPATH=" DEVPATH " SUBSYSTEM=mdev",
	};
	static const char *const removed[] = {
		"remove@" DEVPATH " ACTION=remove DEVPATH=" DEVPATH " SUBSYSTEM=mdev",
	};
	struct test_parent parent = { 0 };
	unsigned int mark;

	/* Without vfio_mdev, which mdev's loading pulls in. */
	assert_int_equal(test_unload("vfio_mdev"), 0);
	test_parent_register(&parent, "p0");
	mark = uevent_mark();
	assert_int_equal(parent_create(&parent, "a", UUID_A), 0);
	assert_uevents(mark, added, 1);
	mark = uevent_mark();
	assert_int_equal(parent_remove(&parent, UUID_A), 0);
	assert_uevents(mark, removed, 1);
	test_parent_unregister(&parent);
	test_load("vfio_mdev", NULL);
}

static int create_names_iommu_device(struct test_parent *parent, struct kobject *kobj,
				     struct mdev_device *mdev)
{
	struct device *dev = mdev_dev(mdev);

	if (mdev_get_iommu_device(dev))
		return -EBADMSG;
	if (mdev_set_iommu_device(dev, parent->dev))
		return -EBADMSG;
	return mdev_get_iommu_device(dev) == parent->dev ? 0 : -EBADMSG;
}

static void m16_the_parents_driver_names_the_device_that_isolates(void **state)
{
	struct test_parent parent = { .create = create_names_iommu_device };

	test_parent_register(&parent, "p0");
	assert_int_equal(mdev_set_iommu_device(parent.dev, parent.dev), -EINVAL);
	assert_null(mdev_get_iommu_device(parent.dev));
	/* Its IOMMU belongs to a driver; what it does with one is tested there. */
	assert_int_equal(test_unload("vfio_mdev"), 0);
	assert_int_equal(parent_create(&parent, "a", UUID_A), 0);
	test_parent_unregister(&parent);
	test_load("vfio_mdev", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(m05_a_device_has_its_files_and_links),
		cmocka_unit_test(m05_what_is_not_a_uuid_is_refused_and_creates_nothing),
		cmocka_unit_test(m05_a_uuid_is_shown_in_lower_case),
		cmocka_unit_test(m05_remove_takes_a_number),
		cmocka_unit_test(m07_a_uuid_is_unique_over_all_parents),
		cmocka_unit_test(m07_a_uuid_is_taken_until_the_drivers_remove_has_returned),
		cmocka_unit_test(m07_an_open_remove_file_answers_enodev_after_the_removal),
		cmocka_unit_test(m07_callbacks_see_uuid_type_parent_and_their_own_data),
		cmocka_unit_test(m08_a_failing_create_reaches_the_writer_and_leaves_nothing),
		cmocka_unit_test(m08_create_comes_before_the_bus_and_remove_after_it),
		cmocka_unit_test(m10_a_failing_remove_reaches_the_writer_and_the_device_is_gone),
		cmocka_unit_test(m11_a_device_without_driver_is_announced_and_taken_back),
		cmocka_unit_test(m16_the_parents_driver_names_the_device_that_isolates),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
