// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* Buses and drivers: binding in either order of arrival, by hand, and its uevents (M02, M11). */
#include "device_test.h"

#include <linux/kernel.h>
#include <linux/notifier.h>
#include <linux/slab.h>
#include <linux/string.h>

static char calls[1024];
static int probe_error;
static struct class *inner_class;

static void note(const char *what, struct device *dev)
{
	strcat(strcat(strcat(strcat(calls, what), " "), dev_name(dev)), "\n");
}

/* A driver takes a device whose name begins with its own. */
static int tram_match(struct device *dev, struct device_driver *drv)
{
	return strstarts(dev_name(dev), drv->name);
}

static int tram_probe(struct device *dev)
{
	note("probe", dev);
	if (probe_error)
		return probe_error;
	assert_string_equal(dev_driver_string(dev), dev->driver->name);
	dev_set_drvdata(dev, calls);
	return 0;
}

static int tram_remove(struct device *dev)
{
	note("remove", dev);
	assert_ptr_equal(dev_get_drvdata(dev), calls);
	return 0;
}

static struct bus_type tram = { .name = "tram", .match = tram_match };
static struct device_driver red = {
	.name = "red", .bus = &tram, .probe = tram_probe, .remove = tram_remove
};
static struct device_driver red2 = {
	.name = "red2", .bus = &tram, .probe = tram_probe, .remove = tram_remove
};

static void tram_release(struct device *dev)
{
	kfree(dev);
}

static void static_release(struct device *dev)
{
}

static struct device *tram_create(const char *name)
{
	struct device *dev = kzalloc(sizeof(*dev), GFP_KERNEL);

	dev->bus = &tram;
	dev->release = tram_release;
	device_initialize(dev);
	assert_int_equal(dev_set_name(dev, "%s", name), 0);
	assert_int_equal(device_add(dev), 0);
	return dev;
}

static int bus_setup(void **state)
{
	balance_setup(state);
	calls[0] = '\0';
	probe_error = 0;
	return bus_register(&tram);
}

static int bus_teardown(void **state)
{
	bus_unregister(&tram);
	return balance_teardown(state);
}

static void a_bus_has_the_files_of_linux(void **state)
{
	assert_dir("/bus/tram", "devices drivers drivers_autoprobe drivers_probe uevent ");
	assert_int_equal(tree_mode("/bus/tram/uevent"), S_IFREG | 0200);
	assert_int_equal(tree_mode("/bus/tram/drivers_probe"), S_IFREG | 0200);
	assert_int_equal(tree_mode("/bus/tram/drivers_autoprobe"), S_IFREG | 0644);
	assert_int_equal(driver_register(&red), 0);
	assert_dir("/bus/tram/drivers/red", "bind uevent unbind ");
	assert_int_equal(tree_mode("/bus/tram/drivers/red/bind"), S_IFREG | 0200);
	assert_int_equal(tree_mode("/bus/tram/drivers/red/unbind"), S_IFREG | 0200);
	assert_int_equal(tree_mode("/bus/tram/drivers/red/uevent"), S_IFREG | 0200);
	driver_unregister(&red);
	assert_dir("/bus/tram/drivers", "");
}

static void assert_bound(void)
{
	assert_dir("/devices/red1", "driver subsystem uevent ");
	assert_link("/devices/red1/driver", "../../bus/tram/drivers/red");
	assert_link("/devices/red1/subsystem", "../../bus/tram");
	assert_link("/bus/tram/devices/red1", "../../../devices/red1");
	assert_link("/bus/tram/drivers/red/red1", "../../../../devices/red1");
	assert_file("/bus/tram/devices/red1/uevent", "DRIVER=red\n");
}

static void a_device_that_comes_before_its_driver_is_bound(void **state)
{
	struct device *dev = tram_create("red1");

	assert_dir("/devices/red1", "subsystem uevent ");
	assert_file("/devices/red1/uevent", "");
	assert_int_equal(driver_register(&red), 0);
	assert_bound();
	driver_unregister(&red);
	assert_dir("/devices/red1", "subsystem uevent ");
	assert_null(dev_get_drvdata(dev));
	assert_null(dev->driver);
	device_unregister(dev);
	assert_string_equal(calls, "probe red1\nremove red1\n");
}

static void a_device_that_comes_after_its_driver_is_bound(void **state)
{
	struct device *dev;

	assert_int_equal(driver_register(&red), 0);
	dev = tram_create("red1");
	assert_bound();
	device_unregister(dev);
	assert_string_equal(calls, "probe red1\nremove red1\n");
	assert_dir("/bus/tram/drivers/red", "bind uevent unbind ");
	driver_unregister(&red);
	assert_string_equal(calls, "probe red1\nremove red1\n");
}

static void a_driver_that_does_not_match_gets_nothing(void **state)
{
	struct device *dev = tram_create("blue1");

	assert_int_equal(driver_register(&red), 0);
	assert_null(dev->driver);
	assert_int_equal(tree_write("/bus/tram/drivers/red/bind", "blue1"), -ENODEV);
	driver_unregister(&red);
	device_unregister(dev);
	assert_string_equal(calls, "");
}

static void the_next_driver_tries_what_one_did_not_take(void **state)
{
	struct device *dev;

	probe_error = -EIO;
	assert_int_equal(driver_register(&red), 0);
	dev = tram_create("red21");
	assert_string_equal(calls, "probe red21\n");
	assert_null(dev->driver);
	assert_dir("/devices/red21", "subsystem uevent ");
	assert_dir("/bus/tram/drivers/red", "bind uevent unbind ");
	probe_error = 0;
	assert_int_equal(driver_register(&red2), 0);
	assert_ptr_equal(dev->driver, &red2);
	device_unregister(dev);
	driver_unregister(&red2);
	driver_unregister(&red);
}

static void a_person_can_unbind_and_bind(void **state)
{
	struct device *dev;

	assert_int_equal(driver_register(&red), 0);
	assert_int_equal(driver_register(&red2), 0);
	dev = tram_create("red21");
	assert_ptr_equal(dev->driver, &red);
	assert_int_equal(tree_write("/bus/tram/drivers/red2/unbind", "red21"), -ENODEV);
	assert_int_equal(tree_write("/bus/tram/drivers/red/unbind", "nothing"), -ENODEV);
	assert_int_equal(tree_write("/bus/tram/drivers/red2/bind", "red21"), -ENODEV);
	assert_int_equal(tree_write("/bus/tram/drivers/red/unbind", "red21\n"), 6);
	assert_null(dev->driver);
	assert_int_equal(tree_write("/bus/tram/drivers/red/unbind", "red21\n"), -ENODEV);
	assert_int_equal(tree_write("/bus/tram/drivers/red2/bind", "red21\n"), 6);
	assert_ptr_equal(dev->driver, &red2);
	assert_string_equal(calls, "probe red21\nremove red21\nprobe red21\n");
	device_unregister(dev);
	driver_unregister(&red2);
	driver_unregister(&red);
}

static void without_autoprobe_only_a_person_binds(void **state)
{
	struct device *dev;

	assert_file("/bus/tram/drivers_autoprobe", "1\n");
	assert_int_equal(tree_write("/bus/tram/drivers_autoprobe", "0\n"), 2);
	assert_file("/bus/tram/drivers_autoprobe", "0\n");
	assert_int_equal(driver_register(&red), 0);
	dev = tram_create("red1");
	assert_null(dev->driver);
	assert_int_equal(tree_write("/bus/tram/drivers_probe", "nothing"), -ENODEV);
	assert_int_equal(tree_write("/bus/tram/drivers_probe", "red1\n"), 5);
	assert_ptr_equal(dev->driver, &red);
	assert_int_equal(tree_write("/bus/tram/drivers_probe", "red1\n"), 5);
	device_unregister(dev);
	driver_unregister(&red);
}

static void a_second_driver_of_a_name_gets_ebusy(void **state)
{
	struct device_driver same = { .name = "red", .bus = &tram };
	static struct bus_type unknown = { .name = "unknown" };
	struct device_driver lost = { .name = "lost", .bus = &unknown };

	assert_int_equal(driver_register(&red), 0);
	assert_ptr_equal(driver_find("red", &tram), &red);
	assert_int_equal(driver_register(&same), -EBUSY);
	assert_int_equal(driver_register(&lost), -EINVAL);
	assert_dir("/bus/tram/drivers", "red ");
	driver_unregister(&red);
	assert_null(driver_find("red", &tram));
}

static void a_second_bus_of_a_name_gets_eexist(void **state)
{
	static struct bus_type same = { .name = "tram" };

	assert_int_equal(bus_register(&same), -EEXIST);
	assert_null(same.p);
	assert_dir("/bus/tram", "devices drivers drivers_autoprobe drivers_probe uevent ");
}

static void a_device_of_a_name_that_its_bus_has_gets_eexist_and_is_not_probed(void **state)
{
	struct device *dev = tram_create("red1");
	struct device *root = root_device_register("root");
	struct device same = { .bus = &tram, .parent = root, .release = static_release };

	assert_int_equal(driver_register(&red), 0);
	calls[0] = '\0';
	device_initialize(&same);
	assert_int_equal(dev_set_name(&same, "red1"), 0);
	assert_int_equal(device_add(&same), -EEXIST);
	assert_string_equal(calls, "");
	assert_dir("/devices/root", "uevent ");
	put_device(&same);
	root_device_unregister(root);
	device_unregister(dev);
	driver_unregister(&red);
}

/* A bus whose devices have a device of a class while they are bound, as VFIO's have. */
static int outer_probe(struct device *dev)
{
	struct device *inner = device_create(inner_class, NULL, MKDEV(240, 0), NULL, "0");

	return PTR_ERR_OR_ZERO(inner);
}

static int outer_remove(struct device *dev)
{
	device_destroy(inner_class, MKDEV(240, 0));
	return 0;
}

static char *inner_devnode(struct device *dev, umode_t *mode)
{
	return kasprintf(GFP_KERNEL, "trams/%s", dev_name(dev));
}

static void the_uevents_of_binding_are_in_the_order_of_linux(void **state)
{
	struct device_driver outer = {
		.name = "red", .bus = &tram, .probe = outer_probe, .remove = outer_remove
	};
	struct device *dev;

	inner_class = class_create(NULL, "carriage");
	inner_class->devnode = inner_devnode;
	assert_int_equal(driver_register(&outer), 0);
	record_start();
	dev = tram_create("red1");
	device_unregister(dev);
	assert_string_equal(
		record_text(),
		"add@/devices/red1 SUBSYSTEM=tram\n"
		"add@/devices/virtual/carriage/0 SUBSYSTEM=carriage MAJOR=240 MINOR=0 "
		"DEVNAME=trams/0\n"
		"bind@/devices/red1 SUBSYSTEM=tram DRIVER=red\n"
		"remove@/devices/virtual/carriage/0 SUBSYSTEM=carriage MAJOR=240 MINOR=0 "
		"DEVNAME=trams/0\n"
		"unbind@/devices/red1 SUBSYSTEM=tram\n"
		"remove@/devices/red1 SUBSYSTEM=tram\n");
	record_stop();
	driver_unregister(&outer);
	class_destroy(inner_class);
}

static int modalias_uevent(struct device *dev, struct kobj_uevent_env *env)
{
	int ret = add_uevent_var(env, "MODALIAS=tram:%s", dev_name(dev));

	return ret ? ret : add_uevent_var(env, "LINE=9");
}

static void an_unbind_uevent_has_no_modalias(void **state)
{
	struct device *dev;

	tram.uevent = modalias_uevent;
	assert_int_equal(driver_register(&red), 0);
	dev = tram_create("red1");
	record_start();
	assert_int_equal(tree_write("/bus/tram/drivers/red/unbind", "red1"), 4);
	assert_string_equal(record_text(), "unbind@/devices/red1 SUBSYSTEM=tram LINE=9\n");
	record_start();
	assert_int_equal(tree_write("/bus/tram/drivers/red/bind", "red1"), 4);
	assert_string_equal(record_text(),
			    "bind@/devices/red1 SUBSYSTEM=tram DRIVER=red MODALIAS=tram:red1 "
			    "LINE=9\n");
	record_stop();
	device_unregister(dev);
	driver_unregister(&red);
	tram.uevent = NULL;
}

static char events[256];

static int note_event(struct notifier_block *nb, unsigned long action, void *data)
{
	size_t len = strlen(events);

	assert_string_equal(dev_name(data), "red1");
	snprintf(events + len, sizeof(events) - len, "%lu ", action);
	return NOTIFY_OK;
}

static void a_bus_tells_its_notifiers_in_the_order_of_linux(void **state)
{
	struct notifier_block nb = { .notifier_call = note_event };
	struct device *dev;

	assert_int_equal(bus_register_notifier(&tram, &nb), 0);
	assert_int_equal(driver_register(&red), 0);
	dev = tram_create("red1");
	assert_string_equal(events, "1 4 5 ");
	device_unregister(dev);
	assert_string_equal(events, "1 4 5 2 6 7 3 ");
	events[0] = '\0';
	probe_error = -ENODEV;
	dev = tram_create("red1");
	assert_string_equal(events, "1 4 8 ");
	device_unregister(dev);
	assert_string_equal(events, "1 4 8 2 3 ");
	assert_int_equal(bus_unregister_notifier(&tram, &nb), 0);
	driver_unregister(&red);
}

static ssize_t speed_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%s\n", dev_driver_string(dev));
}

static ssize_t about_show(struct device_driver *drv, char *buf)
{
	return sysfs_emit(buf, "driver %s\n", drv->name);
}

static ssize_t stops_show(struct bus_type *bus, char *buf)
{
	return sysfs_emit(buf, "bus %s\n", bus->name);
}

static void bus_driver_and_bound_device_have_attributes_of_their_own(void **state)
{
	static DEVICE_ATTR_RO(speed);
	static struct attribute *speed_attrs[] = { &dev_attr_speed.attr, NULL };
	static const struct attribute_group speed_group = { .attrs = speed_attrs };
	static const struct attribute_group *speed_groups[] = { &speed_group, NULL };
	static DRIVER_ATTR_RO(about);
	static struct attribute *about_attrs[] = { &driver_attr_about.attr, NULL };
	static const struct attribute_group about_group = { .attrs = about_attrs };
	static const struct attribute_group *about_groups[] = { &about_group, NULL };
	static BUS_ATTR_RO(stops);
	struct device_driver drv = { .name = "red",
				     .bus = &tram,
				     .groups = about_groups,
				     .dev_groups = speed_groups,
				     .suppress_bind_attrs = true };
	struct device *dev = tram_create("red1");

	assert_int_equal(driver_register(&drv), 0);
	assert_dir("/bus/tram/drivers/red", "about red1 uevent ");
	assert_file("/bus/tram/drivers/red/about", "driver red\n");
	assert_file("/devices/red1/speed", "red\n");
	driver_unregister(&drv);
	assert_dir("/devices/red1", "subsystem uevent ");
	device_unregister(dev);
	assert_int_equal(bus_create_file(&tram, &bus_attr_stops), 0);
	assert_file("/bus/tram/stops", "bus tram\n");
	bus_remove_file(&tram, &bus_attr_stops);
	assert_false(tree_has("/bus/tram/stops"));
}

static int count_device(struct device *dev, void *data)
{
	++*(int *)data;
	return 0;
}

static void devices_of_a_bus_and_of_a_driver_are_walked(void **state)
{
	struct device *a = tram_create("red1");
	struct device *b = tram_create("blue1");
	struct device *found;
	int n = 0;

	assert_int_equal(driver_register(&red), 0);
	assert_int_equal(bus_for_each_dev(&tram, NULL, &n, count_device), 0);
	assert_int_equal(n, 2);
	assert_int_equal(driver_for_each_device(&red, NULL, &n, count_device), 0);
	assert_int_equal(n, 3);
	found = bus_find_device_by_name(&tram, NULL, "blue1");
	assert_ptr_equal(found, b);
	put_device(found);
	found = bus_find_next_device(&tram, a);
	assert_ptr_equal(found, b);
	put_device(found);
	assert_null(bus_find_next_device(&tram, b));
	found = driver_find_device(&red, NULL, NULL, device_match_any);
	assert_ptr_equal(found, a);
	put_device(found);
	device_unregister(a);
	assert_null(driver_find_device(&red, NULL, NULL, device_match_any));
	device_unregister(b);
	driver_unregister(&red);
}

int main(void)
{
#define bus_test(fn) cmocka_unit_test_setup_teardown(fn, bus_setup, bus_teardown)
	const struct CMUnitTest tests[] = {
		bus_test(a_bus_has_the_files_of_linux),
		bus_test(a_device_that_comes_before_its_driver_is_bound),
		bus_test(a_device_that_comes_after_its_driver_is_bound),
		bus_test(a_driver_that_does_not_match_gets_nothing),
		bus_test(the_next_driver_tries_what_one_did_not_take),
		bus_test(a_person_can_unbind_and_bind),
		bus_test(without_autoprobe_only_a_person_binds),
		bus_test(a_second_driver_of_a_name_gets_ebusy),
		bus_test(a_second_bus_of_a_name_gets_eexist),
		bus_test(a_device_of_a_name_that_its_bus_has_gets_eexist_and_is_not_probed),
		bus_test(the_uevents_of_binding_are_in_the_order_of_linux),
		bus_test(an_unbind_uevent_has_no_modalias),
		bus_test(a_bus_tells_its_notifiers_in_the_order_of_linux),
		bus_test(bus_driver_and_bound_device_have_attributes_of_their_own),
		bus_test(devices_of_a_bus_and_of_a_driver_are_walked),
	};

	return cmocka_run_group_tests(tests, runtime_setup, runtime_teardown);
}
