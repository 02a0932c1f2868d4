// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Each allocation fails in turn: of what drivers register with the runtime, and of the runtime's
 * own start.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/cdev.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/eventfd.h>
#include <linux/fs.h>
#include <linux/idr.h>
#include <linux/kthread.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/workqueue.h>
#include <umdev/log.h>
#include <umdev/runtime.h>

#include <cmocka.h>

#include "fault_walk.h"

/* The runtime itself */

static void the_runtimes_start(void **state)
{
	struct umdev_runtime_counts counts;
	unsigned long nth = 0;
	bool fired = true;
	int ret;

	umdev_log_set_level(-1);
	while (fired) {
		umdev_fault_arm(++nth, UMDEV_FAULT_THREAD);
		ret = umdev_runtime_init();
		fired = umdev_fault_disarm();
		if (!ret)
			umdev_runtime_exit();
		else if (!fired)
			fail_msg("error %d without a cause", ret);
		umdev_runtime_counts(&counts);
		if (counts.allocations || counts.kobjects || counts.devices || counts.nodes ||
		    counts.files || counts.threads || counts.warnings)
			fail_msg("after point %lu failed: %ld allocations, %ld kobjects, %ld "
				 "devices, %ld nodes, %ld files, %ld threads, %ld warnings",
				 nth, counts.allocations, counts.kobjects, counts.devices,
				 counts.nodes, counts.files, counts.threads, counts.warnings);
	}
	printf("start the runtime: %lu points\n", nth - 1);
	assert_true(nth > 50);
}

static int setup(void **state)
{
	return umdev_runtime_init();
}

static int teardown(void **state)
{
	umdev_runtime_exit();
	return 0;
}

/* Buses and classes */

static struct bus_type bus;
static struct class *class;

static int register_bus(void)
{
	bus = (struct bus_type){ .name = "fault" };
	return bus_register(&bus);
}

static void unregister_bus(void)
{
	bus_unregister(&bus);
}

static ssize_t value_show(struct class *cls, struct class_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "1\n");
}
static CLASS_ATTR_RO(value);

static struct attribute *class_attrs[] = { &class_attr_value.attr, NULL };
ATTRIBUTE_GROUPS(class);

static struct class static_class;

static int register_static_class(void)
{
	static_class.name = "fault";
	static_class.class_groups = class_groups;
	return class_register(&static_class);
}

static void unregister_static_class(void)
{
	class_unregister(&static_class);
}

static int register_class(void)
{
	class = class_create(THIS_MODULE, "fault");
	return IS_ERR(class) ? (int)PTR_ERR(class) : 0;
}

static void unregister_class(void)
{
	class_destroy(class);
}

static struct device_driver bus_driver;

static int register_driver(void)
{
	bus_driver = (struct device_driver){ .name = "fault", .bus = &bus };
	return driver_register(&bus_driver);
}

static void unregister_driver(void)
{
	driver_unregister(&bus_driver);
}

static void buses_classes_and_drivers(void **state)
{
	static const struct fault_op ops[] = {
		{ .name = "register a bus", .run = register_bus, .undo = unregister_bus },
		{ .name = "create a class", .run = register_class, .undo = unregister_class },
		{ .name = "register a class",
		  .run = register_static_class,
		  .undo = unregister_static_class },
		{ .name = "register a driver", .run = register_driver, .undo = unregister_driver },
	};

	fault_walk(&ops[0]);
	fault_walk(&ops[1]);
	fault_walk(&ops[2]);
	assert_int_equal(register_bus(), 0);
	fault_walk(&ops[3]);
	unregister_bus();
}

/* Devices */

static struct device *device;

static int create_device(void)
{
	device = device_create(class, NULL, MKDEV(60, 1), NULL, "dir!fault%d", 1);
	return IS_ERR(device) ? (int)PTR_ERR(device) : 0;
}

static void destroy_device(void)
{
	device_unregister(device);
}

static void release_device(struct device *dev)
{
	kfree(dev);
}

static int probe_device(struct device *dev)
{
	return umdev_fault_here() ? -EIO : 0;
}

/* A device without a driver is there all the same. */
static int add_bus_device(void)
{
	int ret;

	device = kzalloc(sizeof(*device), GFP_KERNEL);
	if (!device)
		return -ENOMEM;
	device->bus = &bus;
	device->release = release_device;
	device->init_name = "fault0";
	ret = device_register(device);
	if (ret)
		put_device(device);
	return ret;
}

static void devices(void **state)
{
	static const struct fault_op ops[] = {
		{ .name = "create a device", .run = create_device, .undo = destroy_device },
		{ .name = "add a device to a bus", .run = add_bus_device, .undo = destroy_device },
	};

	assert_int_equal(register_class(), 0);
	fault_walk(&ops[0]);
	unregister_class();
	assert_int_equal(register_bus(), 0);
	bus.probe = probe_device;
	assert_int_equal(register_driver(), 0);
	fault_walk(&ops[1]);
	unregister_driver();
	unregister_bus();
}

/* Files */

static const struct file_operations no_fops = { .owner = NULL };
static struct miscdevice misc;

static int register_misc(void)
{
	misc = (struct miscdevice){
		.minor = MISC_DYNAMIC_MINOR,
		.name = "fault",
		.fops = &no_fops,
	};
	return misc_register(&misc);
}

static void deregister_misc(void)
{
	misc_deregister(&misc);
}

static dev_t region;
static struct cdev *cdev;

static int add_cdev(void)
{
	int ret = alloc_chrdev_region(&region, 0, 4, "fault");

	if (ret)
		return ret;
	ret = -ENOMEM;
	cdev = cdev_alloc();
	if (!cdev)
		goto err_region;
	cdev->ops = &no_fops;
	ret = cdev_add(cdev, region, 4);
	if (ret)
		goto err_cdev;
	return 0;

err_cdev:
	cdev_del(cdev);
err_region:
	unregister_chrdev_region(region, 4);
	return ret;
}

static void del_cdev(void)
{
	cdev_del(cdev);
	unregister_chrdev_region(region, 4);
}

static struct file *file;

static int open_file(void)
{
	file = filp_open("/dev/vfio/vfio", O_RDWR, 0);
	return IS_ERR(file) ? (int)PTR_ERR(file) : 0;
}

static void close_file(void)
{
	filp_close(file, NULL);
}

static void files(void **state)
{
	static const struct fault_op ops[] = {
		{ .name = "register a misc device", .run = register_misc, .undo = deregister_misc },
		{ .name = "add a cdev", .run = add_cdev, .undo = del_cdev },
		{ .name = "open a file", .run = open_file, .undo = close_file },
	};

	fault_walk(&ops[0]);
	fault_walk(&ops[1]);
	fault_walk(&ops[2]);
}

/* Threads */

static struct task_struct *task;

static int wait_for_stop(void *data)
{
	set_current_state(TASK_INTERRUPTIBLE);
	while (!kthread_should_stop()) {
		schedule();
		set_current_state(TASK_INTERRUPTIBLE);
	}
	__set_current_state(TASK_RUNNING);
	return 0;
}

static int start_thread(void)
{
	task = kthread_run(wait_for_stop, NULL, "fault");
	return IS_ERR(task) ? (int)PTR_ERR(task) : 0;
}

static void stop_thread(void)
{
	kthread_stop(task);
}

static struct workqueue_struct *wq;

static int start_queue(void)
{
	wq = alloc_workqueue("fault", 0, 0);
	return wq ? 0 : -ENOMEM;
}

static void stop_queue(void)
{
	destroy_workqueue(wq);
}

static void threads(void **state)
{
	static const struct fault_op ops[] = {
		{ .name = "start a thread", .run = start_thread, .undo = stop_thread },
		{ .name = "create a work queue", .run = start_queue, .undo = stop_queue },
	};

	fault_walk(&ops[0]);
	fault_walk(&ops[1]);
}

int main(void)
{
	const struct CMUnitTest alone[] = { cmocka_unit_test(the_runtimes_start) };
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(buses_classes_and_drivers),
		cmocka_unit_test(devices),
		cmocka_unit_test(files),
		cmocka_unit_test(threads),
	};

	return cmocka_run_group_tests(alone, NULL, NULL) +
	       cmocka_run_group_tests(tests, setup, teardown);
}
