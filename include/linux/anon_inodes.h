/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef UMDEV_LINUX_ANON_INODES_H
#define UMDEV_LINUX_ANON_INODES_H

#include <linux/err.h>
#include <linux/types.h>

struct file;
struct file_operations;

struct file *anon_inode_getfile(const char *name, const struct file_operations *fops, void *priv,
				int flags);
int anon_inode_getfd(const char *name, const struct file_operations *fops, void *priv, int flags);

#endif /* UMDEV_LINUX_ANON_INODES_H */
