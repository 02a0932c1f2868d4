// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Miscellaneous devices.
 *
 * Locks: misc_lock covers the list of devices, and is held while one is opened,
 * so that a device that is deregistered is not being opened.
 */
#include <linux/cdev.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>

/* Minors for those who ask for any are these many, from this one down, as in Linux. */
#define MISC_DYNAMIC_MINORS 128

static DEFINE_MUTEX(misc_lock);
static LIST_HEAD(misc_list);

/* misc_lock is held. */
static struct miscdevice *misc_find(int minor)
{
	struct miscdevice *pos;

	list_for_each_entry(pos, &misc_list, list)
		if (pos->minor == minor)
			return pos;
	return NULL;
}

static int misc_open(struct inode *inode, struct file *file)
{
	const struct file_operations *fops = NULL;
	struct miscdevice *misc;
	int ret = -ENODEV;

	mutex_lock(&misc_lock);
	misc = misc_find(iminor(inode));
	if (misc)
		fops = fops_get(misc->fops);
	if (fops) {
		file->private_data = misc;
		replace_fops(file, fops);
		ret = file->f_op->open ? file->f_op->open(inode, file) : 0;
	}
	mutex_unlock(&misc_lock);
	return ret;
}

static const struct file_operations misc_fops = {
	.open = misc_open,
};

static char *misc_devnode(struct device *dev, umode_t *mode)
{
	struct miscdevice *misc = dev_get_drvdata(dev);

	if (misc->mode)
		*mode = misc->mode;
	return misc->nodename ? kstrdup(misc->nodename, GFP_KERNEL) : NULL;
}

static struct class misc_class = {
	.name = "misc",
	.devnode = misc_devnode,
};

/* A free minor for one who asks for any; misc_lock is held. */
static int misc_dynamic_minor(void)
{
	int minor;

	for (minor = MISC_DYNAMIC_MINORS - 1; minor >= 0; minor--)
		if (!misc_find(minor))
			return minor;
	return -EBUSY;
}

/* Gives @misc a device and lists it; misc_lock is held. */
static int misc_add(struct miscdevice *misc)
{
	bool dynamic = misc->minor == MISC_DYNAMIC_MINOR;
	struct device *dev;
	int minor = dynamic ? misc_dynamic_minor() : misc->minor;

	if (minor < 0)
		return minor;
	if (misc_find(minor))
		return -EBUSY;
	dev = device_create_with_groups(&misc_class, misc->parent, MKDEV(MISC_MAJOR, minor), misc,
					misc->groups, "%s", misc->name);
	if (IS_ERR(dev))
		return PTR_ERR(dev);
	misc->minor = minor;
	misc->this_device = dev;
	list_add(&misc->list, &misc_list);
	return 0;
}

/**
 * misc_register() - make a miscellaneous device
 * @misc: the device; MISC_DYNAMIC_MINOR as its minor is replaced by a free one
 *
 * Context: may sleep.
 * Return: 0; -EBUSY the minor is taken, or none is free; else as device_create().
 */
int misc_register(struct miscdevice *misc)
{
	int ret;

	INIT_LIST_HEAD(&misc->list);
	mutex_lock(&misc_lock);
	ret = misc_add(misc);
	mutex_unlock(&misc_lock);
	return ret;
}
EXPORT_SYMBOL_GPL(misc_register);

/**
 * misc_deregister() - take it away
 * @misc: the device; files that are open stay so
 *
 * Context: may sleep.
 */
void misc_deregister(struct miscdevice *misc)
{
	if (WARN(list_empty(&misc->list), "misc_deregister: %s is not registered\n", misc->name))
		return;
	mutex_lock(&misc_lock);
	list_del_init(&misc->list);
	device_destroy(&misc_class, MKDEV(MISC_MAJOR, misc->minor));
	mutex_unlock(&misc_lock);
}
EXPORT_SYMBOL_GPL(misc_deregister);

static int __init misc_init(void)
{
	int ret = class_register(&misc_class);

	if (ret)
		return ret;
	ret = register_chrdev(MISC_MAJOR, "misc", &misc_fops);
	if (ret)
		class_unregister(&misc_class);
	return ret;
}
subsys_initcall(misc_init);

static void __exit misc_exit(void)
{
	unregister_chrdev(MISC_MAJOR, "misc");
	class_unregister(&misc_class);
}
module_exit(misc_exit);
