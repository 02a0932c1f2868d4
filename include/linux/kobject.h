/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * Kernel objects: what has a name, a reference count, a parent and a directory
 * in the sysfs tree. A kset is a kobject that lists others and decides how
 * their uevents look.
 */
#ifndef UMDEV_LINUX_KOBJECT_H
#define UMDEV_LINUX_KOBJECT_H

#include <linux/types.h>
#include <linux/list.h>
#include <linux/sysfs.h>
#include <linux/compiler.h>
#include <linux/spinlock.h>
#include <linux/kref.h>
#include <linux/kernel.h>
#include <linux/wait.h>
#include <linux/atomic.h>

/* The bounds of one uevent's environment. */
#define UEVENT_NUM_ENVP	   64
#define UEVENT_BUFFER_SIZE 2048

struct kset;
struct kobj_type;
struct kernfs_node;

/* The index of each action's name is part of the interface between files here. */
enum kobject_action {
	KOBJ_ADD,
	KOBJ_REMOVE,
	KOBJ_CHANGE,
	KOBJ_MOVE,
	KOBJ_ONLINE,
	KOBJ_OFFLINE,
	KOBJ_BIND,
	KOBJ_UNBIND,
};

/**
 * struct kobject - a named, counted object with a directory in sysfs
 * @name: owned by the kobject, allocated, freed with the last reference
 * @entry: node in @kset's list, under the kset's list_lock
 * @parent: a reference, held from kobject_add() to kobject_del()
 * @kset: a reference, held as @parent is; set before kobject_add()
 * @ktype: behaviour; set by kobject_init()
 * @sd: the directory, a reference, NULL when not in sysfs
 * @kref: the object's reference count
 * @state_initialized: kobject_init() ran
 * @state_in_sysfs: the directory exists
 * @state_add_uevent_sent: user space knows of the object
 * @state_remove_uevent_sent: user space knows that it is gone
 * @uevent_suppress: send no uevent
 *
 * The state bits are written by the object's owner, who orders kobject_add(),
 * kobject_uevent() and kobject_del(). Those about uevents are atomic: whoever
 * writes to a file `uevent` sends some too. They are bytes, not bit fields, so
 * that writes to different ones need no common lock.
 */
struct kobject {
	const char *name;
	struct list_head entry;
	struct kobject *parent;
	struct kset *kset;
	struct kobj_type *ktype;
	struct kernfs_node *sd;
	struct kref kref;
	bool state_initialized;
	bool state_in_sysfs;
	bool state_add_uevent_sent;
	bool state_remove_uevent_sent;
	bool uevent_suppress;
};

/**
 * struct kobj_type - what kobjects of one kind have in common
 * @release: called once the last reference is gone; frees the object
 * @sysfs_ops: how attributes in its directory are read and written
 * @default_attrs: attributes that come with the directory, NULL-terminated
 * @default_groups: attribute groups that come with the directory
 */
struct kobj_type {
	void (*release)(struct kobject *kobj);
	const struct sysfs_ops *sysfs_ops;
	struct attribute **default_attrs;
	const struct attribute_group **default_groups;
};

/**
 * struct kobj_uevent_env - the environment of one uevent while it is composed
 * @argv: unused by the runtime, which runs no helper program
 * @envp: the keys, each "KEY=value", pointing into @buf
 * @envp_idx: number of keys in @envp
 * @buf: storage
 * @buflen: bytes of @buf in use
 */
struct kobj_uevent_env {
	char *argv[3];
	char *envp[UEVENT_NUM_ENVP];
	int envp_idx;
	char buf[UEVENT_BUFFER_SIZE];
	int buflen;
};

/**
 * struct kset_uevent_ops - how uevents of a kset's members look
 * @filter: 0 keeps the member from sending any
 * @name: the value of SUBSYSTEM; NULL from it sends nothing
 * @uevent: adds keys; an error drops the event
 */
struct kset_uevent_ops {
	int (*const filter)(struct kset *kset, struct kobject *kobj);
	const char *(*const name)(struct kset *kset, struct kobject *kobj);
	int (*const uevent)(struct kset *kset, struct kobject *kobj, struct kobj_uevent_env *env);
};

/* An attribute of a plain kobject, made by kobject_create(). */
struct kobj_attribute {
	struct attribute attr;
	ssize_t (*show)(struct kobject *kobj, struct kobj_attribute *attr, char *buf);
	ssize_t (*store)(struct kobject *kobj, struct kobj_attribute *attr, const char *buf,
			 size_t count);
};

extern const struct sysfs_ops kobj_sysfs_ops;

/**
 * struct kset - a kobject that holds a list of others
 * @list: members, under @list_lock
 * @list_lock: protects @list and the members' entry
 * @kobj: the kset's own directory
 * @uevent_ops: how members' uevents look, may be NULL
 */
struct kset {
	struct list_head list;
	spinlock_t list_lock;
	struct kobject kobj;
	const struct kset_uevent_ops *uevent_ops;
};

int kobject_set_name(struct kobject *kobj, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
int kobject_set_name_vargs(struct kobject *kobj, const char *fmt, va_list vargs)
	__attribute__((format(printf, 2, 0)));
void kobject_init(struct kobject *kobj, struct kobj_type *ktype);
int kobject_add(struct kobject *kobj, struct kobject *parent, const char *fmt, ...)
	__attribute__((format(printf, 3, 4), warn_unused_result));
int kobject_init_and_add(struct kobject *kobj, struct kobj_type *ktype, struct kobject *parent,
			 const char *fmt, ...)
	__attribute__((format(printf, 4, 5), warn_unused_result));
void kobject_del(struct kobject *kobj);
struct kobject *kobject_create(void);
struct kobject *kobject_create_and_add(const char *name, struct kobject *parent);
struct kobject *kobject_get(struct kobject *kobj);
struct kobject *kobject_get_unless_zero(struct kobject *kobj);
void kobject_put(struct kobject *kobj);
char *kobject_get_path(struct kobject *kobj, gfp_t flag);

void kset_init(struct kset *kset);
int kset_register(struct kset *kset);
void kset_unregister(struct kset *kset);
struct kset *kset_create_and_add(const char *name, const struct kset_uevent_ops *uevent_ops,
				 struct kobject *parent_kobj);
struct kobject *kset_find_obj(struct kset *kset, const char *name);

int kobject_uevent(struct kobject *kobj, enum kobject_action action);
int kobject_uevent_env(struct kobject *kobj, enum kobject_action action, char *envp[]);
int kobject_synth_uevent(struct kobject *kobj, const char *buf, size_t count);
int add_uevent_var(struct kobj_uevent_env *env, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The directories at the top of the tree. */
extern struct kobject *kernel_kobj;
extern struct kset *module_kset;

static inline const char *kobject_name(const struct kobject *kobj)
{
	return kobj->name;
}

static inline struct kset *to_kset(struct kobject *kobj)
{
	return kobj ? container_of(kobj, struct kset, kobj) : NULL;
}

static inline struct kset *kset_get(struct kset *k)
{
	return k ? to_kset(kobject_get(&k->kobj)) : NULL;
}

static inline void kset_put(struct kset *k)
{
	kobject_put(&k->kobj);
}

static inline struct kobj_type *get_ktype(struct kobject *kobj)
{
	return kobj->ktype;
}

#endif
