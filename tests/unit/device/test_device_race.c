// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* Devices and drivers that come, go and meet in several threads at once (M02, M09). */
#include "device_test.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

#define THREADS 4
#define ROUNDS	100

static int probes, removes;

static int race_probe(struct device *dev)
{
	__atomic_add_fetch(&probes, 1, __ATOMIC_RELAXED);
	assert_null(dev_get_drvdata(dev));
	dev_set_drvdata(dev, &probes);
	return 0;
}

static int race_remove(struct device *dev)
{
	__atomic_add_fetch(&removes, 1, __ATOMIC_RELAXED);
	assert_ptr_equal(dev_get_drvdata(dev), &probes);
	return 0;
}

static struct bus_type race_bus = { .name = "race" };
static struct device_driver race_driver = {
	.name = "runner", .bus = &race_bus, .probe = race_probe, .remove = race_remove
};

static ssize_t name_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%s\n", dev_name(dev));
}

static DEVICE_ATTR_RO(name);

static ssize_t remove_store(struct device *dev, struct device_attribute *attr, const char *buf,
			    size_t count)
{
	if (!device_remove_file_self(dev, attr))
		return -EAGAIN;
	device_unregister(dev);
	return count;
}

static DEVICE_ATTR_WO(remove);

static struct attribute *race_attrs[] = { &dev_attr_name.attr, &dev_attr_remove.attr, NULL };
static const struct attribute_group race_group = { .attrs = race_attrs };
static const struct attribute_group *race_groups[] = { &race_group, NULL };

static void race_release(struct device *dev)
{
	kfree(dev);
}

/* A device of @name and, unless that is 0, of a number; or the error of device_add(). */
static struct device *race_create_numbered(const char *name, dev_t devt)
{
	struct device *dev = kzalloc(sizeof(*dev), GFP_KERNEL);
	int ret;

	dev->bus = &race_bus;
	dev->groups = race_groups;
	dev->release = race_release;
	dev->devt = devt;
	device_initialize(dev);
	assert_int_equal(dev_set_name(dev, "%s", name), 0);
	ret = device_add(dev);
	if (!ret)
		return dev;
	put_device(dev);
	return ERR_PTR(ret);
}

static struct device *race_create(const char *name)
{
	return race_create_numbered(name, 0);
}

static int bus_setup(void **state)
{
	balance_setup(state);
	probes = removes = 0;
	return bus_register(&race_bus);
}

static int bus_teardown(void **state)
{
	bus_unregister(&race_bus);
	return balance_teardown(state);
}

static void start(pthread_t *threads, int n, void *(*fn)(void *))
{
	long i;

	for (i = 0; i < n; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, fn, (void *)i), 0);
}

static void finish(pthread_t *threads, int n)
{
	int i;

	for (i = 0; i < n; i++)
		pthread_join(threads[i], NULL);
}

static int created;

static void *create_same(void *data)
{
	struct device *dev = race_create("same");

	if (IS_ERR(dev))
		assert_int_equal(PTR_ERR(dev), -EEXIST);
	else
		__atomic_add_fetch(&created, 1, __ATOMIC_RELAXED);
	return NULL;
}

static int removed;

static void *remove_same(void *data)
{
	int ret = tree_write("/bus/race/devices/same/remove", "1");

	if (ret == 1)
		__atomic_add_fetch(&removed, 1, __ATOMIC_RELAXED);
	else
		assert_true(ret == -EAGAIN || ret == -ENODEV || ret == -ENOENT);
	return NULL;
}

static void of_several_creators_one_wins_and_of_several_removers_too(void **state)
{
	pthread_t threads[THREADS];
	int i;

	assert_int_equal(driver_register(&race_driver), 0);
	for (i = 0; i < ROUNDS; i++) {
		created = removed = 0;
		start(threads, THREADS, create_same);
		finish(threads, THREADS);
		assert_int_equal(created, 1);
		assert_true(tree_has("/bus/race/devices/same"));
		start(threads, THREADS, remove_same);
		finish(threads, THREADS);
		assert_int_equal(removed, 1);
		assert_dir("/bus/race/devices", "");
	}
	driver_unregister(&race_driver);
	assert_int_equal(probes, ROUNDS);
	assert_int_equal(removes, ROUNDS);
}

static struct device *devices[ROUNDS];

static void *create_many(void *data)
{
	char name[32];
	int i;

	for (i = 0; i < ROUNDS; i++) {
		snprintf(name, sizeof(name), "dev%d", i);
		devices[i] = race_create(name);
		assert_false(IS_ERR(devices[i]));
	}
	return NULL;
}

static void *register_driver(void *data)
{
	assert_int_equal(driver_register(&race_driver), 0);
	return NULL;
}

static void no_device_is_missed_while_the_driver_comes(void **state)
{
	pthread_t creator, registrar;
	int i;

	start(&creator, 1, create_many);
	start(&registrar, 1, register_driver);
	finish(&registrar, 1);
	finish(&creator, 1);
	assert_int_equal(probes, ROUNDS);
	for (i = 0; i < ROUNDS; i++)
		device_unregister(devices[i]);
	assert_int_equal(removes, ROUNDS);
	driver_unregister(&race_driver);
}

static bool stop;

/* Reads what is read while a driver goes: its name must not be used after it went. */
static void *read_uevents(void *data)
{
	char path[64], buf[4096];
	int i = 0;

	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		int ret;

		snprintf(path, sizeof(path), "/bus/race/devices/dev%d/uevent", i++ % 8);
		ret = tree_read(path, buf, sizeof(buf));
		assert_true(ret == 0 || ret == -ENOENT || ret == -ENODEV ||
			    !strcmp(buf, "DRIVER=runner\n"));
		snprintf(path, sizeof(path), "/bus/race/devices/dev%d/driver/module", i % 8);
		assert_true(tree_read(path, buf, sizeof(buf)) < 0);
	}
	return NULL;
}

static void *come_and_go(void *data)
{
	struct device *mine[4] = { NULL };
	char name[32];
	int i;

	for (i = 0; i < ROUNDS; i++) {
		int k = i % 4;

		if (mine[k])
			device_unregister(mine[k]);
		snprintf(name, sizeof(name), "dev%d", k * 2 + (int)(long)data);
		mine[k] = race_create(name);
		assert_false(IS_ERR(mine[k]));
		dev_dbg(mine[k], "is there\n");
	}
	for (i = 0; i < 4; i++)
		device_unregister(mine[i]);
	return NULL;
}

static void *bind_and_unbind(void *data)
{
	char name[32];
	int i = 0;

	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		int ret;

		snprintf(name, sizeof(name), "dev%d", i++ % 8);
		ret = tree_write("/bus/race/drivers/runner/unbind", name);
		assert_true(ret > 0 || ret == -ENODEV || ret == -ENOENT);
		ret = tree_write(
			i & 1 ? "/bus/race/drivers/runner/bind" : "/bus/race/drivers_probe", name);
		assert_true(ret > 0 || ret == -ENODEV || ret == -ENOENT || ret == -EINVAL);
	}
	return NULL;
}

static void *driver_comes_and_goes(void *data)
{
	struct device_driver *drv;
	char *name;

	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		/* As of a module that is unloaded: the memory goes with the driver. */
		drv = kzalloc(sizeof(*drv), GFP_KERNEL);
		name = kstrdup("runner", GFP_KERNEL);
		*drv = race_driver;
		drv->name = name;
		assert_int_equal(driver_register(drv), 0);
		driver_unregister(drv);
		kfree(name);
		kfree(drv);
	}
	return NULL;
}

static uint64_t last_seqnum;
static long disorder;

static void check_order(struct umdev_uevent_subscriber *sub, const struct umdev_uevent *event)
{
	if (event->seqnum != last_seqnum + 1)
		disorder++;
	last_seqnum = event->seqnum;
}

static void devices_drivers_and_readers_come_and_go_freely(void **state)
{
	struct umdev_uevent_subscriber sub = { .fn = check_order };
	pthread_t readers[1], makers[2], binder, driver;

	stop = false;
	disorder = 0;
	last_seqnum = umdev_uevent_seqnum();
	assert_int_equal(umdev_uevent_subscribe(&sub), 0);
	start(readers, 1, read_uevents);
	start(&binder, 1, bind_and_unbind);
	start(&driver, 1, driver_comes_and_goes);
	start(makers, 2, come_and_go);
	finish(makers, 2);
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	finish(&driver, 1);
	finish(&binder, 1);
	finish(readers, 1);
	umdev_uevent_unsubscribe(&sub);
	assert_int_equal(disorder, 0);
	assert_int_equal(probes, removes);
	assert_dir("/bus/race/devices", "");
	assert_dir("/bus/race/drivers", "");
	print_message("%d bound meanwhile\n", probes);
}

static long walks, seen;

static int look_for_late(struct device *dev, void *data)
{
	if (!strcmp(dev_name(dev), "late"))
		__atomic_add_fetch(&seen, 1, __ATOMIC_RELAXED);
	/* Let what stands on its way out be freed by the one who made it. */
	sched_yield();
	return 0;
}

static void *walk_the_bus(void *data)
{
	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		bus_for_each_dev(&race_bus, NULL, NULL, look_for_late);
		__atomic_add_fetch(&walks, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

static void a_device_whose_number_is_taken_is_never_on_the_bus(void **state)
{
	struct device *first = race_create_numbered("first", MKDEV(240, 1));
	pthread_t walkers[2], driver;

	assert_false(IS_ERR(first));
	stop = false;
	walks = seen = 0;
	start(walkers, 2, walk_the_bus);
	start(&driver, 1, driver_comes_and_goes);
	while (__atomic_load_n(&walks, __ATOMIC_RELAXED) < 20 * ROUNDS)
		assert_int_equal(PTR_ERR(race_create_numbered("late", MKDEV(240, 1))), -EEXIST);
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	finish(walkers, 2);
	finish(&driver, 1);
	device_unregister(first);
	assert_int_equal(seen, 0);
}

static long asked;

/* Odd ones ask for "remove", and even ones for "add", until the device is gone. */
static void *ask_for_uevents(void *data)
{
	const char *action = (long)data & 1 ? "remove" : "add";
	int ret;

	do {
		ret = tree_write("/bus/race/devices/told/uevent", action);
		__atomic_add_fetch(&asked, 1, __ATOMIC_RELAXED);
	} while (ret == (int)strlen(action));
	assert_true(ret == -ENOENT || ret == -ENODEV);
	return NULL;
}

static void uevents_may_be_asked_for_by_many_at_once(void **state)
{
	struct device *dev = race_create("told");
	pthread_t threads[THREADS];

	assert_false(IS_ERR(dev));
	asked = 0;
	start(threads, THREADS, ask_for_uevents);
	while (__atomic_load_n(&asked, __ATOMIC_RELAXED) < THREADS * ROUNDS)
		sched_yield();
	device_unregister(dev);
	finish(threads, THREADS);
}

static struct class *race_class;

static void *class_devices_come_and_go(void *data)
{
	int i;

	for (i = 0; i < ROUNDS; i++) {
		struct device *dev = device_create(race_class, NULL, MKDEV(240, (long)data), NULL,
						   "c%ld", (long)data);

		assert_false(IS_ERR(dev));
		device_destroy(race_class, MKDEV(240, (long)data));
	}
	return NULL;
}

static void glue_directories_come_and_go_with_their_devices(void **state)
{
	pthread_t threads[THREADS];

	race_class = class_create(NULL, "race");
	start(threads, THREADS, class_devices_come_and_go);
	finish(threads, THREADS);
	assert_false(tree_has("/devices/virtual/race"));
	class_destroy(race_class);
}

int main(void)
{
#define bus_test(fn) cmocka_unit_test_setup_teardown(fn, bus_setup, bus_teardown)
	const struct CMUnitTest tests[] = {
		bus_test(of_several_creators_one_wins_and_of_several_removers_too),
		bus_test(no_device_is_missed_while_the_driver_comes),
		bus_test(devices_drivers_and_readers_come_and_go_freely),
		bus_test(a_device_whose_number_is_taken_is_never_on_the_bus),
		bus_test(uevents_may_be_asked_for_by_many_at_once),
		bus_test(glue_directories_come_and_go_with_their_devices),
	};

	return cmocka_run_group_tests(tests, runtime_setup, runtime_teardown);
}
