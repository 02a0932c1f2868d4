/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * The sysfs tree as drivers and the device model build it: attributes, groups
 * of attributes, links. Programs that read the tree use <umdev/sysfs.h>.
 */
#ifndef UMDEV_LINUX_SYSFS_H
#define UMDEV_LINUX_SYSFS_H

#include <linux/types.h>
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/list.h>
#include <linux/stat.h>
#include <linux/stringify.h>

struct kobject;
struct module;

/**
 * struct attribute - a file in a kobject's directory
 * @name: file name; must live as long as the file
 * @mode: permission bits
 */
struct attribute {
	const char *name;
	umode_t mode;
};

#define sysfs_attr_init(attr) \
	do {                  \
	} while (0)

/**
 * struct attribute_group - attributes that come and go together
 * @name: name of a subdirectory for them, NULL for the kobject's own
 * @is_visible: mode of attribute number n, 0 leaves it out; NULL uses attr->mode
 * @attrs: NULL-terminated
 */
struct attribute_group {
	const char *name;
	umode_t (*is_visible)(struct kobject *kobj, struct attribute *attr, int n);
	struct attribute **attrs;
};

#define __ATTR(_name, _mode, _show, _store)                                                      \
	{                                                                                        \
		.attr = { .name = __stringify(_name), .mode = (umode_t)(_mode) }, .show = _show, \
		.store = _store,                                                                 \
	}
#define __ATTR_RO(_name)	     __ATTR(_name, 0444, _name##_show, NULL)
#define __ATTR_RO_MODE(_name, _mode) __ATTR(_name, _mode, _name##_show, NULL)
#define __ATTR_RW_MODE(_name, _mode) __ATTR(_name, _mode, _name##_show, _name##_store)
#define __ATTR_WO(_name)	     __ATTR(_name, 0200, NULL, _name##_store)
#define __ATTR_RW(_name)	     __ATTR(_name, 0644, _name##_show, _name##_store)
#define __ATTR_NULL                     \
	{                               \
		.attr = {.name = NULL } \
	}
#define __ATTR_IGNORE_LOCKDEP __ATTR

#define __ATTRIBUTE_GROUPS(_name)                                 \
	static const struct attribute_group *_name##_groups[] = { \
		&_name##_group,                                   \
		NULL,                                             \
	}

#define ATTRIBUTE_GROUPS(_name)                               \
	static const struct attribute_group _name##_group = { \
		.attrs = _name##_attrs,                       \
	};                                                    \
	__ATTRIBUTE_GROUPS(_name)

/**
 * struct sysfs_ops - how the attributes of one kind of kobject are accessed
 * @show: writes the value to a page at buf, answers its length
 * @store: takes count bytes (NUL-terminated besides), answers how many it used
 *
 * Both are called with no lock of the tree held and may sleep. The kobject
 * stays for the call.
 */
struct sysfs_ops {
	ssize_t (*show)(struct kobject *kobj, struct attribute *attr, char *buf);
	ssize_t (*store)(struct kobject *kobj, struct attribute *attr, const char *buf,
			 size_t count);
};

int sysfs_create_dir(struct kobject *kobj);
void sysfs_remove_dir(struct kobject *kobj);

int sysfs_create_file(struct kobject *kobj, const struct attribute *attr);
int sysfs_create_files(struct kobject *kobj, const struct attribute *const *attr);
int sysfs_chmod_file(struct kobject *kobj, const struct attribute *attr, umode_t mode);
void sysfs_remove_file(struct kobject *kobj, const struct attribute *attr);
bool sysfs_remove_file_self(struct kobject *kobj, const struct attribute *attr);
void sysfs_remove_files(struct kobject *kobj, const struct attribute *const *attr);

int sysfs_create_link(struct kobject *kobj, struct kobject *target, const char *name);
int sysfs_create_link_nowarn(struct kobject *kobj, struct kobject *target, const char *name);
void sysfs_remove_link(struct kobject *kobj, const char *name);
void sysfs_delete_link(struct kobject *dir, struct kobject *target, const char *name);

int sysfs_create_group(struct kobject *kobj, const struct attribute_group *grp);
int sysfs_create_groups(struct kobject *kobj, const struct attribute_group **groups);
int sysfs_update_group(struct kobject *kobj, const struct attribute_group *grp);
void sysfs_remove_group(struct kobject *kobj, const struct attribute_group *grp);
void sysfs_remove_groups(struct kobject *kobj, const struct attribute_group **groups);
int sysfs_add_file_to_group(struct kobject *kobj, const struct attribute *attr, const char *group);
void sysfs_remove_file_from_group(struct kobject *kobj, const struct attribute *attr,
				  const char *group);
int sysfs_merge_group(struct kobject *kobj, const struct attribute_group *grp);
void sysfs_unmerge_group(struct kobject *kobj, const struct attribute_group *grp);
int sysfs_add_link_to_group(struct kobject *kobj, const char *group_name, struct kobject *target,
			    const char *link_name);
void sysfs_remove_link_from_group(struct kobject *kobj, const char *group_name,
				  const char *link_name);
int compat_only_sysfs_link_entry_to_kobj(struct kobject *kobj, struct kobject *target_kobj,
					 const char *target_name, const char *symlink_name);

void sysfs_notify(struct kobject *kobj, const char *dir, const char *attr);
int sysfs_emit(char *buf, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
int sysfs_emit_at(char *buf, int at, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

#endif
