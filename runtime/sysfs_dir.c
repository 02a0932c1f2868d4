// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * sysfs: kobjects' directories, and links between them.
 *
 * Locks: sysfs_sd_lock covers the sd of all kobjects; nothing is taken inside it.
 */
#include <linux/err.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/kobject.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "sysfs_tree.h"

struct kernfs_node *sysfs_root;
static DEFINE_SPINLOCK(sysfs_sd_lock);

/* Makes the tree. */
int sysfs_init(void)
{
	struct kernfs_node *root = kernfs_create_root();

	if (IS_ERR(root))
		return PTR_ERR(root);
	sysfs_root = root;
	return 0;
}

/* Unmakes it, when nobody uses it any more. */
void sysfs_exit(void)
{
	kernfs_destroy_root(sysfs_root);
	sysfs_root = NULL;
}

struct kernfs_node *sysfs_get_dir(struct kobject *kobj)
{
	struct kernfs_node *dir;

	if (!kobj)
		return kernfs_get(sysfs_root);
	spin_lock(&sysfs_sd_lock);
	dir = kernfs_get(kobj->sd);
	spin_unlock(&sysfs_sd_lock);
	return dir;
}

void sysfs_warn_dup(struct kernfs_node *dir, const char *name)
{
	char *path = kzalloc(PATH_MAX, GFP_KERNEL);

	if (path && dir->parent)
		kernfs_path(dir, path, PATH_MAX);
	pr_warn("sysfs: %s/%s exists already, it is not created again\n", path ? path : "", name);
	kfree(path);
}

/**
 * sysfs_create_dir() - make a kobject's directory
 * @kobj: has its name, and its parent, whose directory it goes into; without a parent it goes
 *	into the root
 *
 * Context: may sleep.
 * Return: 0; -ENOENT the parent has no directory (any more); -EEXIST the name is taken, which is
 * also logged; -ENOMEM.
 */
int sysfs_create_dir(struct kobject *kobj)
{
	struct kernfs_node *parent = sysfs_get_dir(kobj->parent);
	struct kernfs_node *dir;

	if (!parent)
		return -ENOENT;
	dir = kernfs_create_dir(parent, kobject_name(kobj), 0755, kobj);
	if (dir == ERR_PTR(-EEXIST))
		sysfs_warn_dup(parent, kobject_name(kobj));
	kernfs_put(parent);
	if (IS_ERR(dir))
		return PTR_ERR(dir);

	spin_lock(&sysfs_sd_lock);
	kobj->sd = dir;
	spin_unlock(&sysfs_sd_lock);
	return 0;
}

/**
 * sysfs_remove_dir() - remove a kobject's directory and all that is in it
 * @kobj: the kobject; where it has no directory, nothing happens
 *
 * Context: waits for callbacks of the files in it.
 */
void sysfs_remove_dir(struct kobject *kobj)
{
	struct kernfs_node *dir;

	spin_lock(&sysfs_sd_lock);
	dir = kobj->sd;
	kobj->sd = NULL;
	spin_unlock(&sysfs_sd_lock);
	kernfs_remove(dir);
	kernfs_put(dir);
}

int sysfs_create_link_in(struct kernfs_node *dir, struct kobject *target, const char *name,
			 bool warn)
{
	struct kernfs_node *target_dir;
	int ret;

	if (!target)
		return -EFAULT;
	target_dir = sysfs_get_dir(target);
	if (!target_dir)
		return -ENOENT;
	ret = kernfs_create_link(dir, name, target_dir);
	if (ret == -EEXIST && warn)
		sysfs_warn_dup(dir, name);
	kernfs_put(target_dir);
	return ret;
}

static int sysfs_do_create_link(struct kobject *kobj, struct kobject *target, const char *name,
				bool warn)
{
	struct kernfs_node *dir = sysfs_get_dir(kobj);
	int ret;

	if (!dir)
		return -EFAULT;
	ret = sysfs_create_link_in(dir, target, name, warn);
	kernfs_put(dir);
	return ret;
}

/**
 * sysfs_create_link() - make a symbolic link to a kobject's directory
 * @kobj: in whose directory; NULL is the root
 * @target: the kobject it points to
 * @name: of the link
 *
 * Context: may sleep.
 * Return: 0; -EFAULT @kobj has no directory or @target is NULL; -ENOENT @target has no directory,
 * or that of @kobj is being removed; -EEXIST the name is taken, which is also logged; -ENOMEM.
 */
int sysfs_create_link(struct kobject *kobj, struct kobject *target, const char *name)
{
	return sysfs_do_create_link(kobj, target, name, true);
}
EXPORT_SYMBOL_GPL(sysfs_create_link);

/**
 * sysfs_create_link_nowarn() - make a link, and do not log that the name is taken
 * @kobj: as for sysfs_create_link()
 * @target: the same
 * @name: the same
 *
 * Context: may sleep.
 * Return: as sysfs_create_link().
 */
int sysfs_create_link_nowarn(struct kobject *kobj, struct kobject *target, const char *name)
{
	return sysfs_do_create_link(kobj, target, name, false);
}
EXPORT_SYMBOL_GPL(sysfs_create_link_nowarn);

/**
 * sysfs_remove_link() - remove a link
 * @kobj: from whose directory; NULL is the root
 * @name: of the link; nothing happens where there is none
 *
 * Context: may sleep.
 */
void sysfs_remove_link(struct kobject *kobj, const char *name)
{
	struct kernfs_node *dir = sysfs_get_dir(kobj);

	if (!dir)
		return;
	kernfs_remove_by_name(dir, name);
	kernfs_put(dir);
}
EXPORT_SYMBOL_GPL(sysfs_remove_link);

/**
 * sysfs_delete_link() - remove a link whose target may be gone
 * @dir: from whose directory
 * @target: what it points to
 * @name: of the link
 *
 * Context: may sleep.
 */
void sysfs_delete_link(struct kobject *dir, struct kobject *target, const char *name)
{
	sysfs_remove_link(dir, name);
}
EXPORT_SYMBOL_GPL(sysfs_delete_link);

/**
 * compat_only_sysfs_link_entry_to_kobj() - link to an entry of another kobject's directory
 * @kobj: in whose directory the link goes
 * @target_kobj: in whose directory the entry is
 * @target_name: of the entry
 * @symlink_name: of the link; NULL for the entry's
 *
 * Context: may sleep.
 * Return: 0; -ENOENT no such directory or entry; -EEXIST the name is taken, which is also
 * logged; -ENOMEM.
 */
int compat_only_sysfs_link_entry_to_kobj(struct kobject *kobj, struct kobject *target_kobj,
					 const char *target_name, const char *symlink_name)
{
	const char *name = symlink_name ? symlink_name : target_name;
	struct kernfs_node *dir = sysfs_get_dir(kobj);
	struct kernfs_node *target_dir = sysfs_get_dir(target_kobj);
	struct kernfs_node *entry = NULL;
	int ret = -ENOENT;

	if (dir && target_dir)
		entry = kernfs_find_and_get(target_dir, target_name);
	if (entry) {
		ret = kernfs_create_link(dir, name, entry);
		if (ret == -EEXIST)
			sysfs_warn_dup(dir, name);
	}
	kernfs_put(entry);
	kernfs_put(target_dir);
	kernfs_put(dir);
	return ret;
}
EXPORT_SYMBOL_GPL(compat_only_sysfs_link_entry_to_kobj);
