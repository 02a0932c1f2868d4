/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/* sysfs on kernfs: what its files share. Private to the device model. */
#ifndef RUNTIME_SYSFS_TREE_H
#define RUNTIME_SYSFS_TREE_H

#include <linux/sysfs.h>

#include "kernfs.h"

/* The root directory, from sysfs_init() to sysfs_exit(). */
extern struct kernfs_node *sysfs_root;

int sysfs_init(void);
void sysfs_exit(void);

/*
 * A reference on @kobj's directory, on the root for NULL. NULL where it has none
 * (any more).
 */
struct kernfs_node *sysfs_get_dir(struct kobject *kobj);

/* Says that @name in @dir is taken. */
void sysfs_warn_dup(struct kernfs_node *dir, const char *name);

int sysfs_add_file(struct kernfs_node *dir, struct kobject *kobj, const struct attribute *attr,
		   umode_t mode);
int sysfs_create_link_in(struct kernfs_node *dir, struct kobject *target, const char *name,
			 bool warn);

/*
 * Waits until no callback runs any more of attributes in the shared object that
 * @in_object points into and whose files are removed, so that the object can be
 * unloaded. Removal itself waits for all others, but not for callbacks that
 * removed their own file. Not from within such a callback.
 */
void sysfs_wait_for_object(const void *in_object);

/* What callbacks the attributes of @kobj have; NULL where none are defined. */
const struct sysfs_ops *sysfs_kobj_ops(struct kobject *kobj);

#endif
