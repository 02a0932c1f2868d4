// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* Devices and classes: their place in the tree, their attributes, their life. */
#include "device_test.h"

#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

static int released;

static void counted_release(struct device *dev)
{
	released++;
}

static struct class *cls;

static int class_setup(void **state)
{
	released = 0;
	balance_setup(state);
	cls = class_create(NULL, "toy");
	return IS_ERR(cls);
}

static int class_teardown(void **state)
{
	class_destroy(cls);
	return balance_teardown(state);
}

static void a_device_without_parent_is_below_virtual(void **state)
{
	struct device *dev = device_create(cls, NULL, MKDEV(240, 5), &released, "toy%d", 5);

	assert_false(IS_ERR(dev));
	assert_ptr_equal(dev_get_drvdata(dev), &released);
	assert_dir("/devices/virtual/toy", "toy5 ");
	assert_dir("/devices/virtual/toy/toy5", "dev subsystem uevent ");
	assert_link("/class/toy/toy5", "../../devices/virtual/toy/toy5");
	assert_link("/devices/virtual/toy/toy5/subsystem", "../../../../class/toy");
	assert_link("/dev/char/240:5", "../../devices/virtual/toy/toy5");
	assert_file("/class/toy/toy5/dev", "240:5\n");
	assert_int_equal(tree_mode("/devices/virtual/toy/toy5/dev"), S_IFREG | 0444);
	assert_int_equal(tree_mode("/devices/virtual/toy/toy5/uevent"), S_IFREG | 0644);
	assert_file("/class/toy/toy5/uevent", "MAJOR=240\nMINOR=5\nDEVNAME=toy5\n");
	device_destroy(cls, MKDEV(240, 6));
	assert_true(tree_has("/class/toy/toy5"));
	device_destroy(cls, MKDEV(240, 5));
	assert_false(tree_has("/class/toy/toy5"));
	assert_false(tree_has("/dev/char/240:5"));
	assert_false(tree_has("/devices/virtual/toy"));
	assert_true(tree_has("/class/toy"));
}

static void devices_below_a_device_are_where_linux_puts_them(void **state)
{
	struct device *root = root_device_register("root");
	struct device *a, *b, *c;

	assert_false(IS_ERR(root));
	a = device_create(cls, root, 0, NULL, "a");
	b = device_create(cls, root, 0, NULL, "b");
	c = device_create(cls, a, 0, NULL, "c");
	assert_dir("/devices/root", "toy uevent ");
	assert_dir("/devices/root/toy", "a b ");
	assert_dir("/devices/root/toy/a", "c device subsystem uevent ");
	assert_link("/devices/root/toy/a/device", "../../../root");
	assert_link("/devices/root/toy/a/c/device", "../../a");
	assert_link("/class/toy/c", "../../devices/root/toy/a/c");
	device_unregister(c);
	device_unregister(a);
	assert_dir("/devices/root/toy", "b ");
	device_unregister(b);
	assert_dir("/devices/root", "uevent ");
	root_device_unregister(root);
	assert_false(tree_has("/devices/root"));
}

static void a_second_device_of_a_name_gets_eexist_and_all_is_undone(void **state)
{
	struct device *root = root_device_register("root");
	struct device *one = device_create(cls, NULL, MKDEV(240, 1), NULL, "one");
	struct device *two;

	/* The same directory. */
	assert_int_equal(PTR_ERR(device_create(cls, NULL, MKDEV(240, 2), NULL, "one")), -EEXIST);
	/* The same link of the class, the glue directory gone again. */
	assert_int_equal(PTR_ERR(device_create(cls, root, MKDEV(240, 2), NULL, "one")), -EEXIST);
	assert_dir("/devices/root", "uevent ");
	/* The same number, all else was there already. */
	assert_int_equal(PTR_ERR(device_create(cls, root, MKDEV(240, 1), NULL, "two")), -EEXIST);
	assert_dir("/devices/root", "uevent ");
	assert_dir("/class/toy", "one ");
	assert_link("/dev/char/240:1", "../../devices/virtual/toy/one");
	two = device_create(cls, root, MKDEV(240, 2), NULL, "two");
	assert_false(IS_ERR(two));
	device_unregister(two);
	device_unregister(one);
	root_device_unregister(root);
}

static void a_device_without_a_name_gets_einval(void **state)
{
	struct device dev = { .release = counted_release };

	device_initialize(&dev);
	assert_int_equal(device_add(&dev), -EINVAL);
	put_device(&dev);
	assert_int_equal(released, 1);
	assert_int_equal(PTR_ERR(device_create(NULL, NULL, 0, NULL, "x")), -ENODEV);
}

static void the_last_reference_releases_a_device_that_is_gone(void **state)
{
	struct device dev = { .init_name = "counted", .release = counted_release };

	assert_int_equal(device_register(&dev), 0);
	assert_string_equal(dev_name(&dev), "counted");
	assert_true(device_is_registered(&dev));
	assert_ptr_equal(get_device(&dev), &dev);
	device_unregister(&dev);
	assert_false(device_is_registered(&dev));
	assert_false(tree_has("/devices/counted"));
	assert_int_equal(released, 0);
	put_device(&dev);
	assert_int_equal(released, 1);
	put_device(NULL);
	assert_null(get_device(NULL));
}

static ssize_t value_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%s\n", dev_name(dev));
}

static DEVICE_ATTR_RO(value);

static struct attribute *value_attrs[] = { &dev_attr_value.attr, NULL };
static const struct attribute_group value_group = { .name = "values", .attrs = value_attrs };
static const struct attribute_group *value_groups[] = { &value_group, NULL };

static void attributes_of_class_type_and_device_are_there_with_the_add_uevent(void **state)
{
	static const struct attribute_group plain = { .attrs = value_attrs };
	static const struct attribute_group *plain_groups[] = { &plain, NULL };
	static const struct attribute_group typed = { .name = "typed", .attrs = value_attrs };
	static const struct attribute_group *typed_groups[] = { &typed, NULL };
	static const struct device_type type = { .groups = typed_groups };
	struct device dev = { .init_name = "full",
			      .type = &type,
			      .groups = value_groups,
			      .release = counted_release };

	cls->dev_groups = plain_groups;
	dev.class = cls;
	assert_int_equal(device_register(&dev), 0);
	assert_dir("/class/toy/full", "subsystem typed uevent value values ");
	assert_file("/class/toy/full/values/value", "full\n");
	device_unregister(&dev);

	/* The device's own clashes with the class's: nothing stays. */
	memset(&dev, 0, sizeof(dev));
	dev.init_name = "full";
	dev.release = counted_release;
	dev.class = cls;
	dev.groups = plain_groups;
	assert_int_equal(device_register(&dev), -EEXIST);
	assert_dir("/class/toy", "");
	assert_false(tree_has("/devices/virtual/toy"));
	put_device(&dev);
	assert_int_equal(released, 2);
	cls->dev_groups = NULL;
}

static unsigned long an_ulong = 16;
static int an_int = -3;
static bool a_bool;
static DEVICE_ULONG_ATTR(an_ulong, 0644, an_ulong);
static DEVICE_INT_ATTR(an_int, 0644, an_int);
static DEVICE_BOOL_ATTR(a_bool, 0644, a_bool);

static void attributes_can_be_variables(void **state)
{
	struct device dev = { .init_name = "vars", .release = counted_release };

	assert_int_equal(device_register(&dev), 0);
	assert_int_equal(device_create_file(&dev, &dev_attr_an_ulong.attr), 0);
	assert_int_equal(device_create_file(&dev, &dev_attr_an_int.attr), 0);
	assert_int_equal(device_create_file(&dev, &dev_attr_a_bool.attr), 0);
	assert_file("/devices/vars/an_ulong", "10\n");
	assert_int_equal(tree_write("/devices/vars/an_ulong", "0x20\n"), 5);
	assert_int_equal(an_ulong, 32);
	assert_file("/devices/vars/an_int", "-3\n");
	assert_int_equal(tree_write("/devices/vars/an_int", "-70"), 3);
	assert_int_equal(an_int, -70);
	assert_int_equal(tree_write("/devices/vars/an_int", "many"), -EINVAL);
	assert_int_equal(tree_write("/devices/vars/a_bool", "y"), 1);
	assert_file("/devices/vars/a_bool", "1\n");
	assert_int_equal(tree_write("/devices/vars/a_bool", "?"), -EINVAL);
	device_remove_file(&dev, &dev_attr_an_int.attr);
	assert_false(tree_has("/devices/vars/an_int"));
	device_unregister(&dev);
}

static int collect(struct device *dev, void *data)
{
	strcat(strcat(data, dev_name(dev)), " ");
	return 0;
}

static int stop_at_b(struct device *dev, void *data)
{
	return strcmp(dev_name(dev), "b") ? 0 : 7;
}

static int is_b(struct device *dev, void *data)
{
	return !strcmp(dev_name(dev), "b");
}

static int unregister_it(struct device *dev, void *data)
{
	device_unregister(dev);
	return 0;
}

static void children_are_walked_both_ways_and_may_be_removed_meanwhile(void **state)
{
	struct device *root = root_device_register("root");
	struct device *found;
	char names[64] = "";

	device_create(cls, root, 0, NULL, "a");
	device_create(cls, root, 0, NULL, "b");
	device_create(cls, root, 0, NULL, "c");
	assert_int_equal(device_for_each_child(root, names, collect), 0);
	assert_string_equal(names, "a b c ");
	names[0] = '\0';
	assert_int_equal(device_for_each_child_reverse(root, names, collect), 0);
	assert_string_equal(names, "c b a ");
	assert_int_equal(device_for_each_child(root, NULL, stop_at_b), 7);
	found = device_find_child(root, NULL, is_b);
	assert_string_equal(dev_name(found), "b");
	put_device(found);
	found = device_find_child_by_name(root, "c\n");
	assert_string_equal(dev_name(found), "c");
	put_device(found);
	assert_null(device_find_child_by_name(root, "d"));
	assert_int_equal(device_for_each_child(root, NULL, unregister_it), 0);
	assert_null(device_find_child(root, NULL, is_b));
	assert_dir("/class/toy", "");
	root_device_unregister(root);
}

static int same_name(struct device *dev, const void *name)
{
	return !strcmp(dev_name(dev), name);
}

static void devices_of_a_class_are_walked_and_found(void **state)
{
	struct device *a = device_create(cls, NULL, MKDEV(240, 1), NULL, "a");
	struct device *b = device_create(cls, NULL, MKDEV(240, 2), NULL, "b");
	char names[64] = "";
	struct device *found;

	assert_int_equal(class_for_each_device(cls, NULL, names, collect), 0);
	assert_string_equal(names, "a b ");
	names[0] = '\0';
	assert_int_equal(class_for_each_device(cls, a, names, collect), 0);
	assert_string_equal(names, "b ");
	found = class_find_device_by_devt(cls, MKDEV(240, 2));
	assert_ptr_equal(found, b);
	put_device(found);
	found = class_find_device(cls, NULL, "a", same_name);
	assert_ptr_equal(found, a);
	put_device(found);
	assert_null(class_find_device_by_name(cls, "c"));
	device_unregister(a);
	device_unregister(b);
}

static int interface_adds, interface_removes;

static int interface_add(struct device *dev, struct class_interface *intf)
{
	interface_adds++;
	return 0;
}

static void interface_remove(struct device *dev, struct class_interface *intf)
{
	interface_removes++;
}

static void an_interface_is_told_of_devices_before_and_after_it(void **state)
{
	struct class_interface intf = { .class = cls,
					.add_dev = interface_add,
					.remove_dev = interface_remove };
	struct device *a = device_create(cls, NULL, 0, NULL, "a");
	struct device *b;

	interface_adds = 0;
	interface_removes = 0;
	assert_int_equal(class_interface_register(&intf), 0);
	assert_int_equal(interface_adds, 1);
	b = device_create(cls, NULL, 0, NULL, "b");
	assert_int_equal(interface_adds, 2);
	device_unregister(a);
	assert_int_equal(interface_removes, 1);
	class_interface_unregister(&intf);
	assert_int_equal(interface_removes, 2);
	device_unregister(b);
	assert_int_equal(interface_removes, 2);
}

static ssize_t motto_show(struct class *class, struct class_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "motto of %s\n", class->name);
}

static void a_class_has_attributes_of_its_own(void **state)
{
	static CLASS_ATTR_RO(motto);
	static CLASS_ATTR_STRING(version, 0444, "1.0");
	static struct attribute *attrs[] = { &class_attr_motto.attr, NULL };
	static const struct attribute_group group = { .attrs = attrs };
	static const struct attribute_group *groups[] = { &group, NULL };
	static struct class with_attrs = { .name = "wise", .class_groups = groups };

	assert_int_equal(class_register(&with_attrs), 0);
	assert_file("/class/wise/motto", "motto of wise\n");
	assert_int_equal(class_create_file(&with_attrs, &class_attr_version.attr), 0);
	assert_file("/class/wise/version", "1.0\n");
	class_remove_file(&with_attrs, &class_attr_version.attr);
	assert_dir("/class/wise", "motto ");
	class_unregister(&with_attrs);
	assert_false(tree_has("/class/wise"));
}

static void a_second_class_of_a_name_gets_eexist(void **state)
{
	assert_int_equal(PTR_ERR(class_create(NULL, "toy")), -EEXIST);
	assert_true(tree_has("/class/toy"));
	class_destroy(NULL);
	class_destroy(ERR_PTR(-EEXIST));
}

static void a_compat_class_links_devices_of_any_kind(void **state)
{
	struct class_compat *compat = class_compat_register("toy_bus");
	struct device *dev = device_create(cls, NULL, 0, NULL, "mtoy");
	struct device *root = root_device_register("root");

	assert_non_null(compat);
	assert_null(class_compat_register("toy_bus"));
	assert_int_equal(class_compat_create_link(compat, dev, NULL), 0);
	assert_link("/class/toy_bus/mtoy", "../../devices/virtual/toy/mtoy");
	assert_int_equal(class_compat_create_link(compat, dev, root), -EEXIST);
	class_compat_remove_link(compat, dev, NULL);
	assert_int_equal(class_compat_create_link(compat, dev, root), 0);
	assert_link("/devices/virtual/toy/mtoy/device", "../../../root");
	class_compat_remove_link(compat, dev, root);
	assert_dir("/class/toy_bus", "");
	assert_false(tree_has("/devices/virtual/toy/mtoy/device"));
	root_device_unregister(root);
	device_unregister(dev);
	class_compat_unregister(compat);
	assert_false(tree_has("/class/toy_bus"));
}

static void a_device_below_one_that_is_gone_gets_enoent(void **state)
{
	struct device *root = root_device_register("root");

	get_device(root);
	root_device_unregister(root);
	assert_int_equal(PTR_ERR(device_create(cls, root, 0, NULL, "late")), -ENOENT);
	put_device(root);
	assert_dir("/class/toy", "");
}

int main(void)
{
#define class_test(fn) cmocka_unit_test_setup_teardown(fn, class_setup, class_teardown)
	const struct CMUnitTest tests[] = {
		class_test(a_device_without_parent_is_below_virtual),
		class_test(devices_below_a_device_are_where_linux_puts_them),
		class_test(a_second_device_of_a_name_gets_eexist_and_all_is_undone),
		class_test(a_device_without_a_name_gets_einval),
		class_test(the_last_reference_releases_a_device_that_is_gone),
		class_test(attributes_of_class_type_and_device_are_there_with_the_add_uevent),
		class_test(attributes_can_be_variables),
		class_test(children_are_walked_both_ways_and_may_be_removed_meanwhile),
		class_test(devices_of_a_class_are_walked_and_found),
		class_test(an_interface_is_told_of_devices_before_and_after_it),
		class_test(a_class_has_attributes_of_its_own),
		class_test(a_second_class_of_a_name_gets_eexist),
		class_test(a_compat_class_links_devices_of_any_kind),
		class_test(a_device_below_one_that_is_gone_gets_enoent),
	};

	return cmocka_run_group_tests(tests, runtime_setup, runtime_teardown);
}
