// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* Device numbers, character devices, miscellaneous devices, and names in /dev. */
#include "device_test.h"

#include <linux/cdev.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/miscdevice.h>
#include <linux/slab.h>
#include <linux/string.h>

static void numbers_are_reserved_once(void **state)
{
	dev_t dev;

	assert_int_equal(register_chrdev_region(MKDEV(240, 10), 10, "a"), 0);
	assert_int_equal(register_chrdev_region(MKDEV(240, 10), 10, "b"), -EBUSY);
	assert_int_equal(register_chrdev_region(MKDEV(240, 0), 11, "b"), -EBUSY);
	assert_int_equal(register_chrdev_region(MKDEV(240, 19), 1, "b"), -EBUSY);
	assert_int_equal(register_chrdev_region(MKDEV(240, 12), 2, "b"), -EBUSY);
	assert_int_equal(register_chrdev_region(MKDEV(240, 0), 10, "b"), 0);
	assert_int_equal(register_chrdev_region(MKDEV(240, 20), 10, "c"), 0);
	assert_int_equal(register_chrdev_region(MKDEV(241, 10), 10, "d"), 0);
	unregister_chrdev_region(MKDEV(240, 10), 10);
	assert_int_equal(register_chrdev_region(MKDEV(240, 12), 2, "b"), 0);
	unregister_chrdev_region(MKDEV(240, 12), 2);
	unregister_chrdev_region(MKDEV(240, 0), 10);
	unregister_chrdev_region(MKDEV(240, 20), 10);
	unregister_chrdev_region(MKDEV(241, 10), 10);
	unregister_chrdev_region(MKDEV(241, 10), 10);

	assert_int_equal(register_chrdev_region(MKDEV(0, 0), 1, "x"), -EINVAL);
	assert_int_equal(register_chrdev_region(MKDEV(512, 0), 1, "x"), -EINVAL);
	assert_int_equal(register_chrdev_region(MKDEV(240, 1), MINORMASK + 1, "x"), -EINVAL);
	assert_int_equal(alloc_chrdev_region(&dev, 0, 0, "x"), -EINVAL);
}

static void free_majors_are_given_from_the_top_of_the_dynamic_range(void **state)
{
	dev_t a, b, c;

	assert_int_equal(alloc_chrdev_region(&a, 0, MINORMASK + 1, "a"), 0);
	assert_int_equal(alloc_chrdev_region(&b, 3, 5, "b"), 0);
	assert_in_range(MAJOR(a), 234, 254);
	assert_in_range(MAJOR(b), 234, MAJOR(a) - 1);
	assert_int_equal(MINOR(a), 0);
	assert_int_equal(MINOR(b), 3);
	unregister_chrdev_region(a, MINORMASK + 1);
	assert_int_equal(alloc_chrdev_region(&c, 0, 1, "c"), 0);
	assert_int_equal(MAJOR(c), MAJOR(a));
	unregister_chrdev_region(b, 5);
	unregister_chrdev_region(c, 1);
}

static int opens, releases;
static unsigned int opened_minor;
static int open_error;

static int toy_open(struct inode *inode, struct file *file)
{
	opens++;
	opened_minor = iminor(inode);
	return open_error;
}

static int toy_release(struct inode *inode, struct file *file)
{
	releases++;
	return 0;
}

static const struct file_operations toy_fops = { .open = toy_open, .release = toy_release };

static char *toy_devnode(struct device *dev, umode_t *mode)
{
	return kasprintf(GFP_KERNEL, "toys/%s", dev_name(dev));
}

static int toy_setup(void **state)
{
	opens = releases = open_error = 0;
	return balance_setup(state);
}

static void a_device_with_a_number_is_opened_by_its_name(void **state)
{
	struct class *cls = class_create(NULL, "toy");
	struct cdev cdev;
	struct file *file;
	dev_t dev;

	cls->devnode = toy_devnode;
	assert_int_equal(alloc_chrdev_region(&dev, 0, 8, "toy"), 0);
	cdev_init(&cdev, &toy_fops);
	assert_int_equal(cdev_add(&cdev, dev, 8), 0);
	assert_int_equal(cdev_add(&cdev, dev, 8), -EBUSY);
	device_create(cls, NULL, MKDEV(MAJOR(dev), 5), NULL, "t5");
	device_create(cls, NULL, MKDEV(MAJOR(dev), 9), NULL, "t9");

	file = filp_open("/dev/toys/t5", O_RDWR, 0);
	assert_false(IS_ERR(file));
	assert_int_equal(opens, 1);
	assert_int_equal(opened_minor, 5);
	assert_int_equal(PTR_ERR(filp_open("/dev/toys/t6", O_RDWR, 0)), -ENOENT);
	assert_int_equal(PTR_ERR(filp_open("/dev/toys/t9", O_RDWR, 0)), -ENXIO);
	open_error = -EBUSY;
	assert_int_equal(PTR_ERR(filp_open("/dev/toys/t5", O_RDWR, 0)), -EBUSY);
	assert_int_equal(releases, 0);

	/* What is open stays so without the device. */
	device_destroy(cls, MKDEV(MAJOR(dev), 5));
	device_destroy(cls, MKDEV(MAJOR(dev), 9));
	cdev_del(&cdev);
	assert_int_equal(PTR_ERR(filp_open("/dev/toys/t5", O_RDWR, 0)), -ENOENT);
	fput(file);
	assert_int_equal(releases, 1);
	unregister_chrdev_region(dev, 8);
	class_destroy(cls);
}

static void register_chrdev_reserves_and_answers(void **state)
{
	struct class *cls = class_create(NULL, "toy");
	int major = register_chrdev(0, "toy", &toy_fops);
	struct file *file;

	assert_in_range(major, 234, 254);
	assert_int_equal(register_chrdev(major, "toy", &toy_fops), -EBUSY);
	device_create(cls, NULL, MKDEV(major, 255), NULL, "t!x");
	file = filp_open("/dev/t/x", O_RDONLY, 0);
	assert_false(IS_ERR(file));
	assert_int_equal(opened_minor, 255);
	fput(file);
	device_destroy(cls, MKDEV(major, 255));
	unregister_chrdev(major, "toy");
	class_destroy(cls);
}

static void device_release_nothing(struct device *dev)
{
}

static void a_cdev_can_come_and_go_with_its_device(void **state)
{
	struct class *cls = class_create(NULL, "toy");
	struct device dev = { .class = cls,
			      .devt = MKDEV(240, 1),
			      .init_name = "t1",
			      .release = device_release_nothing };
	struct file *file;
	struct cdev cdev;

	device_initialize(&dev);
	cdev_init(&cdev, &toy_fops);
	assert_int_equal(cdev_device_add(&cdev, &dev), 0);
	file = filp_open("/dev/t1", O_RDONLY, 0);
	assert_false(IS_ERR(file));
	fput(file);
	cdev_device_del(&cdev, &dev);
	put_device(&dev);
	assert_false(tree_has("/class/toy/t1"));
	class_destroy(cls);
}

static const struct file_operations misc_toy_fops = { .open = toy_open, .release = toy_release };

static void a_misc_device_has_a_device_a_number_and_a_name(void **state)
{
	struct miscdevice misc = { .minor = 77,
				   .name = "toy",
				   .fops = &misc_toy_fops,
				   .nodename = "toys/toy",
				   .mode = 0666 };
	struct miscdevice same = { .minor = 77, .name = "other", .fops = &misc_toy_fops };
	struct file *file;

	assert_int_equal(misc_register(&misc), 0);
	assert_link("/class/misc/toy", "../../devices/virtual/misc/toy");
	assert_link("/dev/char/10:77", "../../devices/virtual/misc/toy");
	assert_file("/class/misc/toy/dev", "10:77\n");
	assert_file("/class/misc/toy/uevent",
		    "MAJOR=10\nMINOR=77\nDEVNAME=toys/toy\nDEVMODE=0666\n");
	assert_int_equal(misc_register(&same), -EBUSY);
	file = filp_open("/dev/toys/toy", O_RDWR, 0);
	assert_false(IS_ERR(file));
	assert_ptr_equal(file->private_data, &misc);
	assert_ptr_equal(file->f_op, &misc_toy_fops);
	assert_int_equal(opens, 1);
	fput(file);
	assert_int_equal(releases, 1);
	misc_deregister(&misc);
	assert_false(tree_has("/class/misc/toy"));
	assert_int_equal(PTR_ERR(filp_open("/dev/toys/toy", O_RDWR, 0)), -ENOENT);
}

static void misc_devices_that_do_not_care_get_free_minors(void **state)
{
	struct miscdevice a = { .minor = MISC_DYNAMIC_MINOR, .name = "a", .fops = &misc_toy_fops };
	struct miscdevice b = { .minor = MISC_DYNAMIC_MINOR, .name = "b", .fops = &misc_toy_fops };
	struct miscdevice same = { .minor = MISC_DYNAMIC_MINOR,
				   .name = "a",
				   .fops = &misc_toy_fops };

	assert_int_equal(misc_register(&a), 0);
	assert_int_equal(misc_register(&b), 0);
	assert_int_not_equal(a.minor, b.minor);
	assert_in_range(a.minor, 0, 127);
	assert_int_equal(misc_register(&same), -EEXIST);
	assert_int_equal(same.minor, MISC_DYNAMIC_MINOR);
	misc_deregister(&b);
	misc_deregister(&a);
}

int main(void)
{
#define toy_test(fn) cmocka_unit_test_setup_teardown(fn, toy_setup, balance_teardown)
	const struct CMUnitTest tests[] = {
		toy_test(numbers_are_reserved_once),
		toy_test(free_majors_are_given_from_the_top_of_the_dynamic_range),
		toy_test(a_device_with_a_number_is_opened_by_its_name),
		toy_test(register_chrdev_reserves_and_answers),
		toy_test(a_cdev_can_come_and_go_with_its_device),
		toy_test(a_misc_device_has_a_device_a_number_and_a_name),
		toy_test(misc_devices_that_do_not_care_get_free_minors),
	};

	return cmocka_run_group_tests(tests, runtime_setup, runtime_teardown);
}
