// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* sysfs: groups of attributes that come and go together. */
#include <linux/bug.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/kobject.h>
#include <linux/printk.h>

#include "sysfs_tree.h"

/* Group attributes are for their owner to write and for others to read at most. */
#define SYSFS_GROUP_MODE 0664

/* The directory of group @name of @kobj, @kobj's own for no name: a reference, or NULL. */
static struct kernfs_node *sysfs_group_dir(struct kobject *kobj, const char *name)
{
	struct kernfs_node *dir = sysfs_get_dir(kobj);
	struct kernfs_node *sub;

	if (!dir || !name)
		return dir;
	sub = kernfs_find_and_get(dir, name);
	kernfs_put(dir);
	return sub;
}

/* Removes the first @n attributes of @grp. */
static void sysfs_remove_group_files(struct kernfs_node *dir, const struct attribute_group *grp,
				     int n)
{
	int i;

	for (i = 0; grp->attrs && grp->attrs[i] && i < n; i++)
		kernfs_remove_by_name(dir, grp->attrs[i]->name);
}

/* Makes the visible attributes of @grp; where @update, instead of those that are there. */
static int sysfs_create_group_files(struct kernfs_node *dir, struct kobject *kobj,
				    const struct attribute_group *grp, bool update)
{
	int ret = 0;
	int i;

	for (i = 0; grp->attrs[i] && !ret; i++) {
		struct attribute *attr = grp->attrs[i];
		umode_t mode = attr->mode;

		if (update)
			kernfs_remove_by_name(dir, attr->name);
		if (grp->is_visible)
			mode = grp->is_visible(kobj, attr, i);
		if (!mode)
			continue;
		WARN(mode & ~SYSFS_GROUP_MODE, "sysfs: mode %o of attribute %s is not allowed\n",
		     mode, attr->name);
		ret = sysfs_add_file(dir, kobj, attr, mode & SYSFS_GROUP_MODE);
	}
	/* In an update, those not looked at yet are there too. */
	if (ret)
		sysfs_remove_group_files(dir, grp, update ? INT_MAX : i - 1);
	return ret;
}

/* The directory of a named group: a reference to it, made where it is not to be there. */
static struct kernfs_node *sysfs_make_group_dir(struct kernfs_node *parent, struct kobject *kobj,
						const struct attribute_group *grp, bool update)
{
	struct kernfs_node *dir;

	if (!grp->name)
		return kernfs_get(parent);
	if (update) {
		dir = kernfs_find_and_get(parent, grp->name);
		return dir ? dir : ERR_PTR(-EINVAL);
	}
	dir = kernfs_create_dir(parent, grp->name, 0755, kobj);
	if (dir == ERR_PTR(-EEXIST))
		sysfs_warn_dup(parent, grp->name);
	return dir;
}

static int sysfs_make_group(struct kobject *kobj, const struct attribute_group *grp, bool update)
{
	struct kernfs_node *parent, *dir;
	int ret;

	if (WARN_ON(!kobj))
		return -EINVAL;
	if (WARN(!grp->attrs, "sysfs: group %s of %s has no attributes\n",
		 grp->name ? grp->name : "(unnamed)", kobject_name(kobj)))
		return -EINVAL;
	parent = sysfs_get_dir(kobj);
	if (!parent)
		return -EINVAL;
	dir = sysfs_make_group_dir(parent, kobj, grp, update);
	kernfs_put(parent);
	if (IS_ERR(dir))
		return PTR_ERR(dir);
	ret = sysfs_create_group_files(dir, kobj, grp, update);
	if (ret && grp->name)
		kernfs_remove(dir);
	kernfs_put(dir);
	return ret;
}

/**
 * sysfs_create_group() - make the files of a group of attributes, or none
 * @kobj: in whose directory, or in a new one in it if the group has a name
 * @grp: the group; lives until it is removed
 *
 * Context: may sleep; calls the group's is_visible.
 * Return: 0; -EINVAL @kobj has no directory or the group no attributes; -EEXIST a name is taken,
 * which is also logged; -ENOENT the directory is being removed; -ENOMEM.
 */
int sysfs_create_group(struct kobject *kobj, const struct attribute_group *grp)
{
	return sysfs_make_group(kobj, grp, false);
}
EXPORT_SYMBOL_GPL(sysfs_create_group);

/**
 * sysfs_create_groups() - make several groups, or none
 * @kobj: as for sysfs_create_group()
 * @groups: the groups, NULL-terminated; NULL for none
 *
 * Context: as sysfs_create_group().
 * Return: as sysfs_create_group().
 */
int sysfs_create_groups(struct kobject *kobj, const struct attribute_group **groups)
{
	int ret;
	int i;

	for (i = 0; groups && groups[i]; i++) {
		ret = sysfs_create_group(kobj, groups[i]);
		if (ret)
			goto remove;
	}
	return 0;
remove:
	while (--i >= 0)
		sysfs_remove_group(kobj, groups[i]);
	return ret;
}
EXPORT_SYMBOL_GPL(sysfs_create_groups);

/**
 * sysfs_update_group() - look anew which attributes of a group are visible
 * @kobj: as for sysfs_create_group()
 * @grp: a group that is there
 *
 * Each file is made anew. After an error, none of the group's is there.
 *
 * Context: as sysfs_create_group(), and waits for the attributes' callbacks.
 * Return: as sysfs_create_group(); -EINVAL also where a named group is not there.
 */
int sysfs_update_group(struct kobject *kobj, const struct attribute_group *grp)
{
	return sysfs_make_group(kobj, grp, true);
}
EXPORT_SYMBOL_GPL(sysfs_update_group);

/**
 * sysfs_remove_group() - remove the files of a group of attributes
 * @kobj: as for sysfs_create_group()
 * @grp: the group; what is not there (any more) is passed over
 *
 * Context: waits for the attributes' callbacks.
 */
void sysfs_remove_group(struct kobject *kobj, const struct attribute_group *grp)
{
	struct kernfs_node *dir = sysfs_group_dir(kobj, grp->name);

	if (!dir)
		return;
	sysfs_remove_group_files(dir, grp, INT_MAX);
	if (grp->name)
		kernfs_remove(dir);
	kernfs_put(dir);
}
EXPORT_SYMBOL_GPL(sysfs_remove_group);

/**
 * sysfs_remove_groups() - remove several groups
 * @kobj: as for sysfs_create_group()
 * @groups: the groups, NULL-terminated; NULL for none
 *
 * Context: waits for the attributes' callbacks.
 */
void sysfs_remove_groups(struct kobject *kobj, const struct attribute_group **groups)
{
	int i;

	for (i = 0; groups && groups[i]; i++)
		sysfs_remove_group(kobj, groups[i]);
}
EXPORT_SYMBOL_GPL(sysfs_remove_groups);

/**
 * sysfs_merge_group() - add the attributes of a group to a named group that is there, or none
 * @kobj: in whose directory the named group is
 * @grp: the group, named like that one
 *
 * Context: may sleep.
 * Return: 0; -ENOENT there is no group of that name; else as sysfs_create_group().
 */
int sysfs_merge_group(struct kobject *kobj, const struct attribute_group *grp)
{
	struct kernfs_node *dir = sysfs_group_dir(kobj, grp->name);
	int ret;

	if (!dir)
		return -ENOENT;
	ret = sysfs_create_group_files(dir, kobj, grp, false);
	kernfs_put(dir);
	return ret;
}
EXPORT_SYMBOL_GPL(sysfs_merge_group);

/**
 * sysfs_unmerge_group() - take the attributes of sysfs_merge_group() away again
 * @kobj: as there
 * @grp: as there
 *
 * Context: waits for the attributes' callbacks.
 */
void sysfs_unmerge_group(struct kobject *kobj, const struct attribute_group *grp)
{
	struct kernfs_node *dir = sysfs_group_dir(kobj, grp->name);

	if (!dir)
		return;
	sysfs_remove_group_files(dir, grp, INT_MAX);
	kernfs_put(dir);
}
EXPORT_SYMBOL_GPL(sysfs_unmerge_group);

/**
 * sysfs_add_file_to_group() - add an attribute to a group that is there
 * @kobj: in whose directory
 * @attr: the attribute; lives until the file is removed
 * @group: name of the group; NULL for @kobj's own directory
 *
 * Context: may sleep.
 * Return: 0; -ENOENT there is no such group; -EEXIST the name is taken; -ENOMEM.
 */
int sysfs_add_file_to_group(struct kobject *kobj, const struct attribute *attr, const char *group)
{
	struct kernfs_node *dir = sysfs_group_dir(kobj, group);
	int ret;

	if (!dir)
		return -ENOENT;
	ret = sysfs_add_file(dir, kobj, attr, attr->mode);
	kernfs_put(dir);
	return ret;
}
EXPORT_SYMBOL_GPL(sysfs_add_file_to_group);

/**
 * sysfs_remove_file_from_group() - take an attribute out of a group
 * @kobj: in whose directory
 * @attr: the attribute
 * @group: name of the group; NULL for @kobj's own directory
 *
 * Context: waits for the attribute's callbacks.
 */
void sysfs_remove_file_from_group(struct kobject *kobj, const struct attribute *attr,
				  const char *group)
{
	struct kernfs_node *dir = sysfs_group_dir(kobj, group);

	if (!dir)
		return;
	kernfs_remove_by_name(dir, attr->name);
	kernfs_put(dir);
}
EXPORT_SYMBOL_GPL(sysfs_remove_file_from_group);

/**
 * sysfs_add_link_to_group() - add a link to a group that is there
 * @kobj: in whose directory
 * @group_name: of the group
 * @target: the kobject that the link points to
 * @link_name: of the link
 *
 * Context: may sleep.
 * Return: 0; -ENOENT there is no such group; else as sysfs_create_link().
 */
int sysfs_add_link_to_group(struct kobject *kobj, const char *group_name, struct kobject *target,
			    const char *link_name)
{
	struct kernfs_node *dir = sysfs_group_dir(kobj, group_name);
	int ret;

	if (!dir)
		return -ENOENT;
	ret = sysfs_create_link_in(dir, target, link_name, true);
	kernfs_put(dir);
	return ret;
}
EXPORT_SYMBOL_GPL(sysfs_add_link_to_group);

/**
 * sysfs_remove_link_from_group() - take a link out of a group
 * @kobj: in whose directory
 * @group_name: of the group
 * @link_name: of the link
 *
 * Context: may sleep.
 */
void sysfs_remove_link_from_group(struct kobject *kobj, const char *group_name,
				  const char *link_name)
{
	struct kernfs_node *dir = sysfs_group_dir(kobj, group_name);

	if (!dir)
		return;
	kernfs_remove_by_name(dir, link_name);
	kernfs_put(dir);
}
EXPORT_SYMBOL_GPL(sysfs_remove_link_from_group);
