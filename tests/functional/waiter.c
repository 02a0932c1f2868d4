// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * waiter: a driver whose attributes do what drivers do at their worst.
 *
 *   block     reading and writing wait until something is written to release
 *   blocked   how many callbacks wait
 *   release   lets all of them go on
 *   error     answers a write of N with the error -N
 *   binary    a value that is not UTF-8
 *   page      a value of as many bytes as fit
 *   oneself   removes itself when it is written to
 */
#include <linux/atomic.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/string.h>
#include <linux/wait.h>

static struct class *waiter_class;
static DECLARE_WAIT_QUEUE_HEAD(waiter_queue);
static atomic_t waiter_releases = ATOMIC_INIT(0);
static atomic_t waiter_blocked = ATOMIC_INIT(0);

static void wait_for_release(void)
{
	int before = atomic_read(&waiter_releases);

	atomic_inc(&waiter_blocked);
	wait_event(waiter_queue, atomic_read(&waiter_releases) != before);
	atomic_dec(&waiter_blocked);
}

static ssize_t block_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	wait_for_release();
	return sprintf(buf, "released\n");
}

static ssize_t block_store(struct device *dev, struct device_attribute *attr, const char *buf,
			   size_t count)
{
	wait_for_release();
	return count;
}
static DEVICE_ATTR_RW(block);

static ssize_t blocked_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sprintf(buf, "%d\n", atomic_read(&waiter_blocked));
}
static DEVICE_ATTR_RO(blocked);

static ssize_t release_store(struct device *dev, struct device_attribute *attr, const char *buf,
			     size_t count)
{
	atomic_inc(&waiter_releases);
	wake_up_all(&waiter_queue);
	return count;
}
static DEVICE_ATTR_WO(release);

static ssize_t error_store(struct device *dev, struct device_attribute *attr, const char *buf,
			   size_t count)
{
	int error;
	int ret = kstrtoint(buf, 10, &error);

	return ret ? ret : -error;
}
static DEVICE_ATTR_WO(error);

static ssize_t binary_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sprintf(buf, "\xff\xfe\n");
}
static DEVICE_ATTR_RO(binary);

static ssize_t page_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	memset(buf, 'x', PAGE_SIZE - 1);
	return PAGE_SIZE - 1;
}
static DEVICE_ATTR_RO(page);

static ssize_t oneself_store(struct device *dev, struct device_attribute *attr, const char *buf,
			     size_t count)
{
	return device_remove_file_self(dev, attr) ? (ssize_t)count : -ENODEV;
}

static ssize_t oneself_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sprintf(buf, "here\n");
}
static DEVICE_ATTR_RW(oneself);

static struct attribute *waiter_attrs[] = {
	&dev_attr_block.attr,  &dev_attr_blocked.attr, &dev_attr_release.attr, &dev_attr_error.attr,
	&dev_attr_binary.attr, &dev_attr_page.attr,    &dev_attr_oneself.attr, NULL,
};
ATTRIBUTE_GROUPS(waiter);

static struct device *waiter_device;

static int __init waiter_init(void)
{
	waiter_class = class_create(THIS_MODULE, "waiter");
	if (IS_ERR(waiter_class))
		return PTR_ERR(waiter_class);
	waiter_device =
		device_create_with_groups(waiter_class, NULL, 0, NULL, waiter_groups, "waiter");
	if (IS_ERR(waiter_device)) {
		class_destroy(waiter_class);
		return PTR_ERR(waiter_device);
	}
	return 0;
}

static void __exit waiter_exit(void)
{
	device_unregister(waiter_device);
	class_destroy(waiter_class);
}

module_init(waiter_init);
module_exit(waiter_exit);
MODULE_LICENSE("Dual BSD/GPL");
MODULE_DESCRIPTION("Attributes that block, fail and vanish, for tests");
MODULE_AUTHOR("umdev");
