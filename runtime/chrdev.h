/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * Character devices as the files' side of the runtime needs them: from a name
 * below /dev to a number, from a number to what answers on it.
 */
#ifndef RUNTIME_CHRDEV_H
#define RUNTIME_CHRDEV_H

#include <sys/types.h>
#include <linux/types.h>

struct device;
struct file;
struct inode;

/**
 * struct devtmpfs_attr - what /dev would show of a node
 * @rdev: number, in the sense of <linux/kdev_t.h>
 * @mode: S_IFCHR and permission bits
 * @uid: owner
 * @gid: group
 */
struct devtmpfs_attr {
	dev_t rdev;
	umode_t mode;
	uid_t uid;
	gid_t gid;
};

/* Finds NAME of /dev/NAME ("vfio/0"): 0, or -ENOENT. May sleep. */
int devtmpfs_lookup(const char *name, struct devtmpfs_attr *attr);

/* The device model's side: a device with a number came or goes. May sleep. */
int devtmpfs_create_node(struct device *dev);
void devtmpfs_delete_node(struct device *dev);

/*
 * Open @filp on the device @inode->i_rdev: takes references on the cdev and on
 * the module of its operations, puts these into @filp->f_op and the cdev into
 * @inode->i_cdev, and calls their open. After an error, none of these is held
 * and i_cdev is NULL. The last fput() of the file drops both references
 * (fops_put(), cdev_put(i_cdev)). -ENXIO: nothing answers on that number. May
 * sleep. An @inode is of one open file only.
 */
int chrdev_open(struct inode *inode, struct file *filp);

#endif
