// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * sysfs: attributes opened, read and written through a view.
 *
 * Locks: each open file's mutex is held around its callbacks, so that one open
 * file runs one at a time; different ones run at once. No lock of the tree is
 * held then. A callback may thus take any lock and remove anything but its own
 * file, for which there is sysfs_remove_file_self().
 */
#include <fcntl.h>

#include <linux/err.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/kobject.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <umdev/sysfs.h>

#include "sysfs_tree.h"

/**
 * struct umdev_sysfs_file - an open attribute
 * @kn: the attribute's node, a reference
 * @readable: opened for reading
 * @writable: opened for writing
 * @lock: covers what follows
 * @value: a page with the value last read, NULL before
 * @len: length of @value
 *
 * Owned by who opened it.
 */
struct umdev_sysfs_file {
	struct kernfs_node *kn;
	bool readable;
	bool writable;
	struct mutex lock;
	char *value;
	size_t len;
};

struct umdev_sysfs_file *umdev_sysfs_open(struct kernfs_node *kn, int flags)
{
	int acc = flags & O_ACCMODE;
	struct umdev_sysfs_file *file;
	struct stat st;

	if (kernfs_type(kn) == KERNFS_DIR)
		return ERR_PTR(-EISDIR);
	if (kernfs_type(kn) == KERNFS_LINK)
		return ERR_PTR(-ELOOP);
	if (kernfs_stat(kn, &st))
		return ERR_PTR(-ENODEV);
	if (acc != O_WRONLY && (!(kn->flags & KERNFS_HAS_READ) || !(st.st_mode & 0444)))
		return ERR_PTR(-EACCES);
	if (acc != O_RDONLY && (!(kn->flags & KERNFS_HAS_WRITE) || !(st.st_mode & 0222)))
		return ERR_PTR(-EACCES);

	file = kzalloc(sizeof(*file), GFP_KERNEL);
	if (!file)
		return ERR_PTR(-ENOMEM);
	file->kn = kernfs_get(kn);
	file->readable = acc != O_WRONLY;
	file->writable = acc != O_RDONLY;
	mutex_init(&file->lock);
	return file;
}
EXPORT_SYMBOL_GPL(umdev_sysfs_open);

void umdev_sysfs_release(struct umdev_sysfs_file *file)
{
	if (!file)
		return;
	kernfs_put(file->kn);
	mutex_destroy(&file->lock);
	kfree(file->value);
	kfree(file);
}
EXPORT_SYMBOL_GPL(umdev_sysfs_release);

/* Asks the driver for the value; file->lock is held. */
static int sysfs_refresh(struct umdev_sysfs_file *file)
{
	struct kobject *kobj = file->kn->parent->priv;
	struct kernfs_active_ref active;
	ssize_t len;

	if (!file->value)
		file->value = kmalloc(PAGE_SIZE, GFP_KERNEL);
	if (!file->value)
		return -ENOMEM;
	memset(file->value, 0, PAGE_SIZE);
	file->len = 0;
	if (!kernfs_begin(&active, file->kn))
		return -ENODEV;
	len = sysfs_kobj_ops(kobj)->show(kobj, file->kn->priv, file->value);
	kernfs_end(&active);
	if (len < 0)
		return len;
	if (len >= (ssize_t)PAGE_SIZE) {
		pr_err("sysfs: show of %s answered %zd bytes, a value has less than %lu\n",
		       file->kn->name, len, (unsigned long)PAGE_SIZE);
		len = PAGE_SIZE - 1;
	}
	file->len = len;
	return 0;
}

ssize_t umdev_sysfs_read(struct umdev_sysfs_file *file, char *buf, size_t n, off_t off)
{
	ssize_t ret = 0;

	if (!file->readable)
		return -EBADF;
	if (off < 0)
		return -EINVAL;
	mutex_lock(&file->lock);
	if (!off || !file->value)
		ret = sysfs_refresh(file);
	if (!ret && (size_t)off < file->len) {
		ret = min_t(size_t, n, file->len - off);
		memcpy(buf, file->value + off, ret);
	}
	mutex_unlock(&file->lock);
	return ret;
}
EXPORT_SYMBOL_GPL(umdev_sysfs_read);

ssize_t umdev_sysfs_write(struct umdev_sysfs_file *file, const char *buf, size_t n, off_t off)
{
	struct kobject *kobj = file->kn->parent->priv;
	struct kernfs_active_ref active;
	ssize_t ret = -ENODEV;
	char *copy;

	if (!file->writable)
		return -EBADF;
	if (!n)
		return 0;
	n = min_t(size_t, n, PAGE_SIZE);
	copy = kmalloc(n + 1, GFP_KERNEL);
	if (!copy)
		return -ENOMEM;
	memcpy(copy, buf, n);
	copy[n] = '\0';

	mutex_lock(&file->lock);
	if (kernfs_begin(&active, file->kn)) {
		ret = sysfs_kobj_ops(kobj)->store(kobj, file->kn->priv, copy, n);
		kernfs_end(&active);
	}
	mutex_unlock(&file->lock);
	kfree(copy);
	return ret;
}
EXPORT_SYMBOL_GPL(umdev_sysfs_write);
