/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * Character devices: ranges of device numbers, and what answers on them.
 */
#ifndef UMDEV_LINUX_CDEV_H
#define UMDEV_LINUX_CDEV_H

#include <linux/kobject.h>
#include <linux/kdev_t.h>
#include <linux/list.h>
#include <linux/device.h>

struct file_operations;
struct inode;
struct module;

/* Majors that Linux assigned; 10 is the miscellaneous devices' (see <linux/miscdevice.h>). */
#define CHRDEV_MAJOR_MAX	   512
#define CHRDEV_MAJOR_DYN_END	   234
#define CHRDEV_MAJOR_DYN_EXT_START 511
#define CHRDEV_MAJOR_DYN_EXT_END   384

/**
 * struct cdev - a character device
 * @kobj: reference count; its directory is never added to sysfs
 * @owner: module that holds @ops, referenced by each open file
 * @ops: what files opened on the device do
 * @list: node in the registry of live devices, under its lock
 * @dev: first number
 * @count: how many numbers from @dev on
 *
 * Embedded in a driver's own structure (cdev_init()) or allocated
 * (cdev_alloc()). The range is fixed by cdev_add().
 */
struct cdev {
	struct kobject kobj;
	struct module *owner;
	const struct file_operations *ops;
	struct list_head list;
	dev_t dev;
	unsigned int count;
};

int alloc_chrdev_region(dev_t *dev, unsigned int baseminor, unsigned int count, const char *name);
int register_chrdev_region(dev_t from, unsigned int count, const char *name);
void unregister_chrdev_region(dev_t from, unsigned int count);
int __register_chrdev(unsigned int major, unsigned int baseminor, unsigned int count,
		      const char *name, const struct file_operations *fops);
void __unregister_chrdev(unsigned int major, unsigned int baseminor, unsigned int count,
			 const char *name);

void cdev_init(struct cdev *cdev, const struct file_operations *fops);
struct cdev *cdev_alloc(void);
int cdev_add(struct cdev *cdev, dev_t dev, unsigned int count);
void cdev_set_parent(struct cdev *cdev, struct kobject *kobj);
int cdev_device_add(struct cdev *cdev, struct device *dev);
void cdev_device_del(struct cdev *cdev, struct device *dev);
void cdev_del(struct cdev *cdev);
void cdev_put(struct cdev *cdev);

static inline int register_chrdev(unsigned int major, const char *name,
				  const struct file_operations *fops)
{
	return __register_chrdev(major, 0, 256, name, fops);
}

static inline void unregister_chrdev(unsigned int major, const char *name)
{
	__unregister_chrdev(major, 0, 256, name);
}

#endif
