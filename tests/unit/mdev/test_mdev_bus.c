// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* The mdev bus: drivers, binding, classes. Rows M02, M14, M18. */
#include "mdev_testing.h"
#include "testdev.h"

#include <errno.h>
#include <string.h>

#include <linux/device.h>

#define P0 TESTDEV "/p0"

/* The test's own driver of the bus. */
static unsigned int probes;
static unsigned int removes;
static unsigned int groups_seen;
static int probe_error;

static int test_probe(struct device *dev)
{
	probes++;
	/* Whoever probes finds a device that its parent's driver has finished creating. */
	if (!mdev_get_drvdata(mdev_from_dev(dev)))
		return -EBADMSG;
	groups_seen += dev->iommu_group != NULL;
	return probe_error;
}

static void test_remove(struct device *dev)
{
	removes++;
}

static struct mdev_driver old_form_driver = {
	.name = "test_old",
	.probe = test_probe,
	.remove = test_remove,
};

static const struct mdev_class_id virtio_ids[] = { { MDEV_CLASS_ID_VIRTIO }, { 0 } };

static struct mdev_driver virtio_driver = {
	.name = "test_virtio",
	.probe = test_probe,
	.remove = test_remove,
	.id_table = virtio_ids,
};

static const struct mdev_class_id all_ids[] = {
	{ MDEV_CLASS_ID_VIRTIO },
	{ MDEV_CLASS_ID_VFIO },
	{ 0 },
};

static struct mdev_driver all_driver = {
	.name = "test_all",
	.probe = test_probe,
	.remove = test_remove,
	.id_table = all_ids,
};

static int create_sets_data(struct test_parent *parent, struct kobject *kobj,
			    struct mdev_device *mdev)
{
	mdev_set_drvdata(mdev, parent);
	return 0;
}

#define PARENT                             \
	{                                  \
		.create = create_sets_data \
	}

/* Without vfio_mdev, whose devices these would be. */
static int setup(void **state)
{
	test_start();
	test_load("mdev", NULL);
	assert_int_equal(test_unload("vfio_mdev"), 0);
	test_parents_init();
	return 0;
}

static int teardown(void **state)
{
	test_parents_exit();
	test_stop();
	return 0;
}

static int reset(void **state)
{
	probes = 0;
	removes = 0;
	groups_seen = 0;
	probe_error = 0;
	return 0;
}

static void m02_a_driver_that_is_there_gets_each_new_device(void **state)
{
	struct test_parent parent = PARENT;

	assert_int_equal(mdev_register_driver(&old_form_driver, THIS_MODULE), 0);
	test_parent_register(&parent, "p0");
	assert_int_equal(parent_create(&parent, "a", UUID_A), 0);
	assert_int_equal(probes, 1);
	assert_int_equal(groups_seen, 1);
	assert_tree_link(P0 "/" UUID_A "/driver", "../../../../../bus/mdev/drivers/test_old");
	assert_int_equal(parent_remove(&parent, UUID_A), 0);
	assert_int_equal(removes, 1);
	test_parent_unregister(&parent);
	mdev_unregister_driver(&old_form_driver);
}

static void m02_a_driver_that_comes_later_gets_the_devices_that_are_there(void **state)
{
	struct test_parent parent = PARENT;

	test_parent_register(&parent, "p0");
	assert_int_equal(parent_create(&parent, "a", UUID_A), 0);
	assert_int_equal(parent_create(&parent, "a", UUID_B), 0);
	assert_false(tree_has(P0 "/" UUID_A "/driver"));

	assert_int_equal(mdev_register_driver(&old_form_driver, THIS_MODULE), 0);
	assert_int_equal(probes, 2);
	assert_true(tree_has(P0 "/" UUID_A "/driver"));
	assert_true(tree_has("/bus/mdev/drivers/test_old/" UUID_B));

	mdev_unregister_driver(&old_form_driver);
	assert_int_equal(removes, 2);
	assert_false(tree_has(P0 "/" UUID_A "/driver"));
	assert_false(tree_has(P0 "/" UUID_A "/iommu_group"));
	assert_true(tree_has(P0 "/" UUID_A "/remove"));
	test_parent_unregister(&parent);
}

static void m02_two_drivers_of_one_name_do_not_go_together(void **state)
{
	static struct mdev_driver twin = { .name = "test_old", .probe = test_probe };

	assert_int_equal(mdev_register_driver(&old_form_driver, THIS_MODULE), 0);
	assert_int_equal(mdev_register_driver(&twin, THIS_MODULE), -EBUSY);
	mdev_unregister_driver(&old_form_driver);
	assert_false(tree_has("/bus/mdev/drivers/test_old"));
}

static void m02_a_device_can_be_unbound_and_bound_by_hand(void **state)
{
	struct test_parent parent = PARENT;

	assert_int_equal(mdev_register_driver(&old_form_driver, THIS_MODULE), 0);
	test_parent_register(&parent, "p0");
	assert_int_equal(parent_create(&parent, "a", UUID_A), 0);
	assert_int_equal(tree_write("/bus/mdev/drivers/test_old/unbind", UUID_A), 0);
	assert_false(tree_has(P0 "/" UUID_A "/iommu_group"));
	assert_int_equal(tree_write("/bus/mdev/drivers/test_old/bind", UUID_A), 0);
	assert_true(tree_has(P0 "/" UUID_A "/iommu_group"));
	assert_int_equal(probes, 2);
	assert_int_equal(removes, 1);
	test_parent_unregister(&parent);
	assert_int_equal(removes, 2);
	mdev_unregister_driver(&old_form_driver);
}

static void m08_a_failing_probe_leaves_an_unbound_device(void **state)
{
	struct test_parent parent = PARENT;
	unsigned int groups = tree_count("/kernel/iommu_groups");

	probe_error = -EIO;
	assert_int_equal(mdev_register_driver(&old_form_driver, THIS_MODULE), 0);
	test_parent_register(&parent, "p0");
	assert_int_equal(parent_create(&parent, "a", UUID_A), 0);
	assert_int_equal(probes, 1);
	assert_false(tree_has(P0 "/" UUID_A "/driver"));
	assert_false(tree_has(P0 "/" UUID_A "/iommu_group"));
	assert_int_equal(tree_count("/kernel/iommu_groups"), groups);
	assert_int_equal(parent_remove(&parent, UUID_A), 0);
	assert_int_equal(removes, 0);
	test_parent_unregister(&parent);
	mdev_unregister_driver(&old_form_driver);
}

static void m14_a_bound_device_is_in_an_iommu_group_of_its_own(void **state)
{
	struct test_parent parent = PARENT;
	unsigned int mark = log_mark();

	assert_int_equal(mdev_register_driver(&old_form_driver, THIS_MODULE), 0);
	test_parent_register(&parent, "p0");
	assert_int_equal(parent_create(&parent, "a", UUID_A), 0);
	assert_int_equal(parent_create(&parent, "a", UUID_B), 0);

	assert_tree_link(P0 "/" UUID_A "/iommu_group", "../../../../../kernel/iommu_groups/0");
	assert_tree_link(P0 "/" UUID_B "/iommu_group", "../../../../../kernel/iommu_groups/1");
	assert_int_equal(tree_count("/kernel/iommu_groups/0/devices"), 1);
	assert_true(log_has(mark, "test_old " UUID_A ": Adding to iommu group 0"));
	assert_true(log_has(mark, "test_old " UUID_A ": MDEV: group_id = 0"));
	assert_true(log_has(mark, "test_old " UUID_B ": MDEV: group_id = 1"));

	assert_int_equal(parent_remove(&parent, UUID_A), 0);
	assert_true(log_has(mark, "test_old " UUID_A ": Removing from iommu group 0"));
	assert_true(log_has(mark, "test_old " UUID_A ": MDEV: detaching iommu"));
	assert_false(tree_has("/kernel/iommu_groups/0"));
	test_parent_unregister(&parent);
	mdev_unregister_driver(&old_form_driver);
}

static void m18_drivers_get_devices_of_their_class_only(void **state)
{
	struct test_parent virtio = PARENT, vfio = PARENT;

	assert_int_equal(mdev_register_driver(&old_form_driver, THIS_MODULE), 0);
	assert_int_equal(mdev_register_driver(&virtio_driver, THIS_MODULE), 0);
	test_parent_add(&virtio, "p0");
	test_parent_add(&vfio, "p1");
	assert_int_equal(mdev_register_virtio_device(virtio.dev, &test_parent_virtio_ops), 0);
	assert_int_equal(mdev_register_vfio_device(vfio.dev, &test_parent_vfio_ops), 0);

	assert_int_equal(parent_create(&virtio, "a", UUID_A), 0);
	assert_int_equal(parent_create(&vfio, "a", UUID_B), 0);
	assert_tree_link(P0 "/" UUID_A "/driver", "../../../../../bus/mdev/drivers/test_virtio");
	assert_tree_link(TESTDEV "/p1/" UUID_B "/driver",
			 "../../../../../bus/mdev/drivers/test_old");
	assert_int_equal(tree_write("/bus/mdev/drivers/test_old/bind", UUID_A), -ENODEV);

	test_parent_unregister(&virtio);
	test_parent_unregister(&vfio);
	mdev_unregister_driver(&virtio_driver);
	mdev_unregister_driver(&old_form_driver);
}

static void m18_a_driver_may_serve_several_classes(void **state)
{
	struct test_parent virtio = PARENT, vfio = PARENT;

	assert_int_equal(mdev_register_driver(&all_driver, THIS_MODULE), 0);
	test_parent_add(&virtio, "p0");
	assert_int_equal(mdev_register_virtio_device(virtio.dev, &test_parent_virtio_ops), 0);
	test_parent_register(&vfio, "p1");
	assert_int_equal(parent_create(&virtio, "a", UUID_A), 0);
	assert_int_equal(parent_create(&vfio, "a", UUID_B), 0);
	assert_int_equal(probes, 2);
	test_parent_unregister(&virtio);
	test_parent_unregister(&vfio);
	mdev_unregister_driver(&all_driver);
}

static void m18_only_devices_for_vfio_get_an_iommu_group(void **state)
{
	struct test_parent virtio = PARENT, vfio = PARENT;
	unsigned int groups = tree_count("/kernel/iommu_groups");
	unsigned int mark = log_mark();

	assert_int_equal(mdev_register_driver(&all_driver, THIS_MODULE), 0);
	test_parent_add(&virtio, "p0");
	test_parent_add(&vfio, "p1");
	assert_int_equal(mdev_register_virtio_device(virtio.dev, &test_parent_virtio_ops), 0);
	assert_int_equal(mdev_register_vfio_device(vfio.dev, &test_parent_vfio_ops), 0);

	assert_int_equal(parent_create(&virtio, "a", UUID_A), 0);
	assert_int_equal(probes, 1);
	assert_int_equal(groups_seen, 0);
	assert_false(tree_has(P0 "/" UUID_A "/iommu_group"));
	assert_int_equal(tree_count("/kernel/iommu_groups"), groups);
	assert_int_equal(parent_remove(&virtio, UUID_A), 0);
	assert_false(log_has(mark, UUID_A ": MDEV: detaching iommu"));

	assert_int_equal(parent_create(&vfio, "a", UUID_B), 0);
	assert_int_equal(groups_seen, 1);
	assert_true(tree_has(TESTDEV "/p1/" UUID_B "/iommu_group"));

	test_parent_unregister(&virtio);
	test_parent_unregister(&vfio);
	mdev_unregister_driver(&all_driver);
}

static void m18_classes_are_matched_whichever_comes_first(void **state)
{
	struct test_parent virtio = PARENT, vfio = PARENT;

	test_parent_add(&virtio, "p0");
	test_parent_add(&vfio, "p1");
	assert_int_equal(mdev_register_virtio_device(virtio.dev, &test_parent_virtio_ops), 0);
	assert_int_equal(mdev_register_vfio_device(vfio.dev, &test_parent_vfio_ops), 0);
	assert_int_equal(parent_create(&virtio, "a", UUID_A), 0);
	assert_int_equal(parent_create(&vfio, "a", UUID_B), 0);

	assert_int_equal(mdev_register_driver(&virtio_driver, THIS_MODULE), 0);
	assert_int_equal(probes, 1);
	assert_tree_link(P0 "/" UUID_A "/driver", "../../../../../bus/mdev/drivers/test_virtio");
	assert_false(tree_has(TESTDEV "/p1/" UUID_B "/driver"));
	assert_int_equal(mdev_register_driver(&old_form_driver, THIS_MODULE), 0);
	assert_int_equal(probes, 2);
	assert_tree_link(TESTDEV "/p1/" UUID_B "/driver",
			 "../../../../../bus/mdev/drivers/test_old");

	mdev_unregister_driver(&virtio_driver);
	assert_false(tree_has(P0 "/" UUID_A "/driver"));
	assert_true(tree_has(TESTDEV "/p1/" UUID_B "/driver"));
	test_parent_unregister(&virtio);
	test_parent_unregister(&vfio);
	mdev_unregister_driver(&old_form_driver);
}

static void m18_operations_are_given_to_drivers_of_their_class_only(void **state)
{
	struct test_parent virtio = PARENT, vfio = PARENT, old = PARENT;
	struct device *dev;

	test_parent_add(&virtio, "p0");
	test_parent_add(&vfio, "p1");
	assert_int_equal(mdev_register_virtio_device(virtio.dev, &test_parent_virtio_ops), 0);
	assert_int_equal(mdev_register_vfio_device(vfio.dev, &test_parent_vfio_ops), 0);
	test_parent_register(&old, "p2");
	assert_int_equal(parent_create(&virtio, "a", UUID_A), 0);
	assert_int_equal(parent_create(&vfio, "a", UUID_B), 0);
	assert_int_equal(parent_create(&old, "a", UUID_C), 0);

	dev = bus_find_device_by_name(&mdev_bus_type, NULL, UUID_A);
	assert_ptr_equal(mdev_get_virtio_ops(mdev_from_dev(dev)),
			 test_parent_virtio_ops.device_ops);
	assert_null(mdev_get_vfio_ops(mdev_from_dev(dev)));
	put_device(dev);
	dev = bus_find_device_by_name(&mdev_bus_type, NULL, UUID_B);
	assert_ptr_equal(mdev_get_vfio_ops(mdev_from_dev(dev)), test_parent_vfio_ops.device_ops);
	assert_null(mdev_get_virtio_ops(mdev_from_dev(dev)));
	put_device(dev);
	dev = bus_find_device_by_name(&mdev_bus_type, NULL, UUID_C);
	assert_ptr_equal(mdev_get_vfio_ops(mdev_from_dev(dev))->read, test_parent_ops.read);
	put_device(dev);

	test_parent_unregister(&virtio);
	test_parent_unregister(&vfio);
	test_parent_unregister(&old);
}

static void m18_parents_that_name_a_class_give_their_devices_a_modalias(void **state)
{
	struct test_parent virtio = PARENT, vfio = PARENT, old = PARENT;

	test_parent_add(&virtio, "p0");
	test_parent_add(&vfio, "p1");
	assert_int_equal(mdev_register_virtio_device(virtio.dev, &test_parent_virtio_ops), 0);
	assert_int_equal(mdev_register_vfio_device(vfio.dev, &test_parent_vfio_ops), 0);
	test_parent_register(&old, "p2");

	assert_int_equal(parent_create(&virtio, "a", UUID_A), 0);
	assert_int_equal(parent_create(&vfio, "a", UUID_B), 0);
	assert_int_equal(parent_create(&old, "a", UUID_C), 0);
	assert_tree_value(P0 "/" UUID_A "/uevent", "MODALIAS=mdev:c02");
	assert_tree_value(TESTDEV "/p1/" UUID_B "/uevent", "MODALIAS=mdev:c01");
	assert_tree_value(TESTDEV "/p2/" UUID_C "/uevent", "");

	test_parent_unregister(&virtio);
	test_parent_unregister(&vfio);
	test_parent_unregister(&old);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(m02_a_driver_that_is_there_gets_each_new_device, reset),
		cmocka_unit_test_setup(
			m02_a_driver_that_comes_later_gets_the_devices_that_are_there, reset),
		cmocka_unit_test_setup(m02_two_drivers_of_one_name_do_not_go_together, reset),
		cmocka_unit_test_setup(m02_a_device_can_be_unbound_and_bound_by_hand, reset),
		cmocka_unit_test_setup(m08_a_failing_probe_leaves_an_unbound_device, reset),
		cmocka_unit_test_setup(m14_a_bound_device_is_in_an_iommu_group_of_its_own, reset),
		cmocka_unit_test_setup(m18_drivers_get_devices_of_their_class_only, reset),
		cmocka_unit_test_setup(m18_a_driver_may_serve_several_classes, reset),
		cmocka_unit_test_setup(m18_only_devices_for_vfio_get_an_iommu_group, reset),
		cmocka_unit_test_setup(m18_classes_are_matched_whichever_comes_first, reset),
		cmocka_unit_test_setup(m18_operations_are_given_to_drivers_of_their_class_only,
				       reset),
		cmocka_unit_test_setup(m18_parents_that_name_a_class_give_their_devices_a_modalias,
				       reset),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
