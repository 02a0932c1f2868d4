// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * The names below /dev: what filp_open() finds there.
 *
 * Locks: devtmpfs_lock covers the tables; nothing is taken inside it.
 */
#include <linux/device.h>
#include <linux/hashtable.h>
#include <linux/jhash.h>
#include <linux/kernel.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/stat.h>
#include <linux/string.h>

#include "chrdev.h"

/* For some ten thousand devices; what is not used is not resident either. */
#define DEVTMPFS_HASH_BITS 14

/*
 * A name of /dev, in both tables from the device's coming to its going. @dev says whose it is, as
 * making the name once more would take memory, and may then give another one.
 */
struct devtmpfs_node {
	struct hlist_node by_name;
	struct hlist_node by_rdev;
	const struct device *dev;
	struct devtmpfs_attr attr;
	u32 hash; /* of the name */
	char name[];
};

static DEFINE_MUTEX(devtmpfs_lock);
static DEFINE_HASHTABLE(devtmpfs_names, DEVTMPFS_HASH_BITS);
static DEFINE_HASHTABLE(devtmpfs_rdevs, DEVTMPFS_HASH_BITS);

static u32 devtmpfs_hash(const char *name)
{
	return jhash(name, strlen(name), 0);
}

/* devtmpfs_lock is held. */
static struct devtmpfs_node *devtmpfs_find(const char *name)
{
	u32 hash = devtmpfs_hash(name);
	struct devtmpfs_node *node;

	hash_for_each_possible(devtmpfs_names, node, by_name, hash)
		if (node->hash == hash && !strcmp(node->name, name))
			return node;
	return NULL;
}

int devtmpfs_lookup(const char *name, struct devtmpfs_attr *attr)
{
	struct devtmpfs_node *node;

	mutex_lock(&devtmpfs_lock);
	node = devtmpfs_find(name);
	if (node)
		*attr = node->attr;
	mutex_unlock(&devtmpfs_lock);
	return node ? 0 : -ENOENT;
}

static struct devtmpfs_node *devtmpfs_alloc(struct device *dev)
{
	struct devtmpfs_attr attr = { .rdev = dev->devt };
	struct devtmpfs_node *node;
	const char *name, *tmp;

	name = device_get_devnode(dev, &attr.mode, &attr.uid, &attr.gid, &tmp);
	if (!name)
		return NULL;
	node = kzalloc(sizeof(*node) + strlen(name) + 1, GFP_KERNEL);
	if (node) {
		/* A node that nobody gave a mode is its owner's alone. */
		attr.mode = S_IFCHR | (attr.mode ? attr.mode & 0777 : 0600);
		node->dev = dev;
		node->attr = attr;
		node->hash = devtmpfs_hash(name);
		strcpy(node->name, name);
	}
	kfree(tmp);
	return node;
}

/* 0; -EEXIST another device has the name in /dev; -ENOMEM. */
int devtmpfs_create_node(struct device *dev)
{
	struct devtmpfs_node *node = devtmpfs_alloc(dev);
	int ret = 0;

	if (!node)
		return -ENOMEM;
	mutex_lock(&devtmpfs_lock);
	if (devtmpfs_find(node->name)) {
		ret = -EEXIST;
	} else {
		hash_add(devtmpfs_names, &node->by_name, node->hash);
		hash_add(devtmpfs_rdevs, &node->by_rdev, dev->devt);
	}
	mutex_unlock(&devtmpfs_lock);
	if (ret)
		kfree(node);
	return ret;
}

void devtmpfs_delete_node(struct device *dev)
{
	struct devtmpfs_node *node, *found = NULL;

	mutex_lock(&devtmpfs_lock);
	hash_for_each_possible(devtmpfs_rdevs, node, by_rdev, dev->devt) {
		if (node->dev == dev) {
			found = node;
			hash_del(&node->by_name);
			hash_del(&node->by_rdev);
			break;
		}
	}
	mutex_unlock(&devtmpfs_lock);
	kfree(found);
}
