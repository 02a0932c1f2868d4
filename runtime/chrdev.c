// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Numbers of character devices, and what answers on them.
 *
 * Locks: chrdevs_lock covers both lists. Only references are taken inside it.
 */
#include <linux/cdev.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/kobject.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "chrdev.h"

/**
 * struct chrdev_region - numbers that somebody reserved
 * @list: in chrdev_regions, in order of major and minor
 * @major: of all of them
 * @baseminor: the first
 * @count: how many
 * @name: whose they are, cut off if need be
 * @cdev: what register_chrdev() made for them, or NULL
 */
struct chrdev_region {
	struct list_head list;
	unsigned int major;
	unsigned int baseminor;
	unsigned int count;
	char name[64];
	struct cdev *cdev;
};

static DEFINE_MUTEX(chrdevs_lock);
static LIST_HEAD(chrdev_regions);
static LIST_HEAD(chrdev_cdevs);

static bool chrdev_major_in_use(unsigned int major)
{
	struct chrdev_region *pos;

	list_for_each_entry(pos, &chrdev_regions, list)
		if (pos->major == major)
			return true;
	return false;
}

/* A free major, from where Linux takes them: 254 down to 234, then 511 down to 384. */
static int chrdev_dynamic_major(void)
{
	int major;

	for (major = 254; major >= CHRDEV_MAJOR_DYN_END; major--)
		if (!chrdev_major_in_use(major))
			return major;
	for (major = CHRDEV_MAJOR_DYN_EXT_START; major >= CHRDEV_MAJOR_DYN_EXT_END; major--)
		if (!chrdev_major_in_use(major))
			return major;
	return -EBUSY;
}

/* Puts @region, which has its major, in its place; -EBUSY where it overlaps another. */
static int chrdev_region_insert(struct chrdev_region *region)
{
	struct list_head *place = &chrdev_regions;
	struct chrdev_region *pos;

	list_for_each_entry(pos, &chrdev_regions, list) {
		if (pos->major > region->major ||
		    (pos->major == region->major &&
		     pos->baseminor >= region->baseminor + region->count)) {
			place = &pos->list;
			break;
		}
		if (pos->major == region->major && pos->baseminor + pos->count > region->baseminor)
			return -EBUSY;
	}
	list_add_tail(&region->list, place);
	return 0;
}

/* Reserves numbers of @major, of any major where that is 0. May sleep. */
static struct chrdev_region *chrdev_region_create(unsigned int major, unsigned int baseminor,
						  unsigned int count, const char *name)
{
	struct chrdev_region *region;
	int ret = 0;

	if (major >= CHRDEV_MAJOR_MAX || !count || baseminor > MINORMASK ||
	    count > MINORMASK + 1 - baseminor) {
		pr_err("chrdev %s: %u numbers from %u:%u on are not within 0:0 and %u:%u\n", name,
		       count, major, baseminor, CHRDEV_MAJOR_MAX - 1, MINORMASK);
		return ERR_PTR(-EINVAL);
	}
	region = kzalloc(sizeof(*region), GFP_KERNEL);
	if (!region)
		return ERR_PTR(-ENOMEM);
	region->baseminor = baseminor;
	region->count = count;
	strscpy(region->name, name, sizeof(region->name));

	mutex_lock(&chrdevs_lock);
	if (!major) {
		ret = chrdev_dynamic_major();
		major = ret;
	}
	if (ret >= 0) {
		region->major = major;
		ret = chrdev_region_insert(region);
	}
	mutex_unlock(&chrdevs_lock);
	if (ret) {
		kfree(region);
		return ERR_PTR(ret);
	}
	return region;
}

/* Takes the region of exactly these numbers off the list: it, or NULL. */
static struct chrdev_region *chrdev_region_take(unsigned int major, unsigned int baseminor,
						unsigned int count)
{
	struct chrdev_region *pos, *found = NULL;

	mutex_lock(&chrdevs_lock);
	list_for_each_entry(pos, &chrdev_regions, list) {
		if (pos->major == major && pos->baseminor == baseminor && pos->count == count) {
			list_del(&pos->list);
			found = pos;
			break;
		}
	}
	mutex_unlock(&chrdevs_lock);
	return found;
}

/**
 * register_chrdev_region() - reserve device numbers
 * @from: the first; the major is not 0
 * @count: how many, all of one major
 * @name: whose they are
 *
 * Context: may sleep.
 * Return: 0; -EBUSY some are taken; -EINVAL there are no such numbers; -ENOMEM.
 */
int register_chrdev_region(dev_t from, unsigned int count, const char *name)
{
	if (!MAJOR(from))
		return -EINVAL;
	return PTR_ERR_OR_ZERO(chrdev_region_create(MAJOR(from), MINOR(from), count, name));
}
EXPORT_SYMBOL_GPL(register_chrdev_region);

/**
 * alloc_chrdev_region() - reserve numbers of a free major
 * @dev: gets the first
 * @baseminor: its minor
 * @count: how many
 * @name: whose they are
 *
 * Context: may sleep.
 * Return: 0; -EBUSY no major is free; -EINVAL there are no such numbers; -ENOMEM.
 */
int alloc_chrdev_region(dev_t *dev, unsigned int baseminor, unsigned int count, const char *name)
{
	struct chrdev_region *region = chrdev_region_create(0, baseminor, count, name);

	if (IS_ERR(region))
		return PTR_ERR(region);
	*dev = MKDEV(region->major, region->baseminor);
	return 0;
}
EXPORT_SYMBOL_GPL(alloc_chrdev_region);

/**
 * unregister_chrdev_region() - give numbers back
 * @from: the first
 * @count: how many; exactly what was reserved
 *
 * Context: may sleep.
 */
void unregister_chrdev_region(dev_t from, unsigned int count)
{
	kfree(chrdev_region_take(MAJOR(from), MINOR(from), count));
}
EXPORT_SYMBOL_GPL(unregister_chrdev_region);

/**
 * __register_chrdev() - reserve numbers and answer on them
 * @major: 0 for any
 * @baseminor: the first
 * @count: how many
 * @name: whose they are
 * @fops: what files opened on them do
 *
 * Context: may sleep.
 * Return: the major, where 0 was given, else 0; errors of register_chrdev_region() and cdev_add().
 */
int __register_chrdev(unsigned int major, unsigned int baseminor, unsigned int count,
		      const char *name, const struct file_operations *fops)
{
	struct chrdev_region *region = chrdev_region_create(major, baseminor, count, name);
	struct cdev *cdev;
	int ret = -ENOMEM;

	if (IS_ERR(region))
		return PTR_ERR(region);
	cdev = cdev_alloc();
	if (!cdev)
		goto free_region;
	cdev->owner = fops->owner;
	cdev->ops = fops;
	ret = kobject_set_name(&cdev->kobj, "%s", name);
	if (!ret)
		ret = cdev_add(cdev, MKDEV(region->major, baseminor), count);
	if (ret)
		goto put_cdev;
	region->cdev = cdev;
	return major ? 0 : region->major;
put_cdev:
	kobject_put(&cdev->kobj);
free_region:
	kfree(chrdev_region_take(region->major, baseminor, count));
	return ret;
}
EXPORT_SYMBOL_GPL(__register_chrdev);

/**
 * __unregister_chrdev() - the mirror of __register_chrdev()
 * @major: the major
 * @baseminor: as there
 * @count: as there
 * @name: as there
 *
 * Context: may sleep.
 */
void __unregister_chrdev(unsigned int major, unsigned int baseminor, unsigned int count,
			 const char *name)
{
	struct chrdev_region *region = chrdev_region_take(major, baseminor, count);

	if (region && region->cdev)
		cdev_del(region->cdev);
	kfree(region);
}
EXPORT_SYMBOL_GPL(__unregister_chrdev);

static void cdev_default_release(struct kobject *kobj)
{
	kobject_put(kobj->parent);
}

static void cdev_dynamic_release(struct kobject *kobj)
{
	struct kobject *parent = kobj->parent;

	kfree(container_of(kobj, struct cdev, kobj));
	kobject_put(parent);
}

static struct kobj_type cdev_default_ktype = {
	.release = cdev_default_release,
};

static struct kobj_type cdev_dynamic_ktype = {
	.release = cdev_dynamic_release,
};

/**
 * cdev_alloc() - allocate a character device
 *
 * Context: may sleep.
 * Return: it, its ops to be set, with a reference that cdev_del() drops, or else
 * kobject_put(&cdev->kobj); NULL.
 */
struct cdev *cdev_alloc(void)
{
	struct cdev *cdev = kzalloc(sizeof(*cdev), GFP_KERNEL);

	if (cdev) {
		INIT_LIST_HEAD(&cdev->list);
		kobject_init(&cdev->kobj, &cdev_dynamic_ktype);
	}
	return cdev;
}
EXPORT_SYMBOL_GPL(cdev_alloc);

/**
 * cdev_init() - make an embedded character device usable
 * @cdev: its memory
 * @fops: what files opened on it do
 *
 * Context: any.
 */
void cdev_init(struct cdev *cdev, const struct file_operations *fops)
{
	memset(cdev, 0, sizeof(*cdev));
	INIT_LIST_HEAD(&cdev->list);
	kobject_init(&cdev->kobj, &cdev_default_ktype);
	cdev->ops = fops;
}
EXPORT_SYMBOL_GPL(cdev_init);

/**
 * cdev_add() - answer on numbers from now on
 * @cdev: the device
 * @dev: the first number
 * @count: how many
 *
 * Where several devices have a number, the one with the fewest answers.
 *
 * Context: may sleep.
 * Return: 0; -EBUSY it has numbers already.
 */
int cdev_add(struct cdev *cdev, dev_t dev, unsigned int count)
{
	int ret = 0;

	mutex_lock(&chrdevs_lock);
	if (list_empty(&cdev->list)) {
		cdev->dev = dev;
		cdev->count = count;
		list_add_tail(&cdev->list, &chrdev_cdevs);
		kobject_get(cdev->kobj.parent);
	} else {
		ret = -EBUSY;
	}
	mutex_unlock(&chrdevs_lock);
	return ret;
}
EXPORT_SYMBOL_GPL(cdev_add);

/**
 * cdev_set_parent() - what a character device is part of
 * @cdev: not added yet
 * @kobj: stays until the device is released
 *
 * Context: any.
 */
void cdev_set_parent(struct cdev *cdev, struct kobject *kobj)
{
	WARN_ON(!kobj->state_initialized);
	cdev->kobj.parent = kobj;
}
EXPORT_SYMBOL_GPL(cdev_set_parent);

/**
 * cdev_device_add() - add a character device and its device
 * @cdev: the character device; its parent becomes @dev
 * @dev: the device; its number is @cdev's, 0 for none
 *
 * Context: as device_add().
 * Return: 0; else as cdev_add() and device_add(), with all undone.
 */
int cdev_device_add(struct cdev *cdev, struct device *dev)
{
	int ret;

	if (dev->devt) {
		cdev_set_parent(cdev, &dev->kobj);
		ret = cdev_add(cdev, dev->devt, 1);
		if (ret)
			return ret;
	}
	ret = device_add(dev);
	if (ret && dev->devt)
		cdev_del(cdev);
	return ret;
}
EXPORT_SYMBOL_GPL(cdev_device_add);

/**
 * cdev_device_del() - the mirror of cdev_device_add()
 * @cdev: as there
 * @dev: as there
 *
 * Context: as device_del().
 */
void cdev_device_del(struct cdev *cdev, struct device *dev)
{
	device_del(dev);
	if (dev->devt)
		cdev_del(cdev);
}
EXPORT_SYMBOL_GPL(cdev_device_del);

/**
 * cdev_del() - answer no more
 * @cdev: the device
 *
 * Files that are open stay so, and call its ops.
 *
 * Context: may sleep.
 */
void cdev_del(struct cdev *cdev)
{
	mutex_lock(&chrdevs_lock);
	list_del_init(&cdev->list);
	mutex_unlock(&chrdevs_lock);
	kobject_put(&cdev->kobj);
}
EXPORT_SYMBOL_GPL(cdev_del);

/**
 * cdev_put() - drop the references that an open file has on a character device
 * @cdev: the device, may be NULL
 *
 * Context: may sleep.
 */
void cdev_put(struct cdev *cdev)
{
	if (cdev) {
		struct module *owner = cdev->owner;

		kobject_put(&cdev->kobj);
		module_put(owner);
	}
}
EXPORT_SYMBOL_GPL(cdev_put);

/* The device that answers on @dev, with references on it and on its owner; or NULL. */
static struct cdev *cdev_lookup(dev_t dev)
{
	struct cdev *pos, *best = NULL;

	mutex_lock(&chrdevs_lock);
	list_for_each_entry(pos, &chrdev_cdevs, list)
		if (dev >= pos->dev && dev - pos->dev < pos->count &&
		    (!best || pos->count < best->count))
			best = pos;
	if (best && !try_module_get(best->owner))
		best = NULL;
	if (best && !kobject_get_unless_zero(&best->kobj)) {
		module_put(best->owner);
		best = NULL;
	}
	mutex_unlock(&chrdevs_lock);
	return best;
}

int chrdev_open(struct inode *inode, struct file *filp)
{
	struct cdev *cdev = cdev_lookup(inode->i_rdev);
	const struct file_operations *fops;
	int ret = 0;

	if (!cdev)
		return -ENXIO;
	fops = fops_get(cdev->ops);
	if (!fops) {
		cdev_put(cdev);
		return -ENXIO;
	}
	inode->i_cdev = cdev;
	replace_fops(filp, fops);
	if (filp->f_op->open)
		ret = filp->f_op->open(inode, filp);
	if (ret) {
		replace_fops(filp, NULL);
		inode->i_cdev = NULL;
		cdev_put(cdev);
	}
	return ret;
}
