// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * kobjects and ksets.
 *
 * Locks: each kset's list_lock covers the list of its members; nothing is taken
 * inside it.
 */
#include <linux/bug.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/kobject.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "counts.h"

/**
 * kobject_set_name_vargs() - name a kobject
 * @kobj: not in sysfs yet; a name it has is replaced
 * @fmt: format of the name; slashes in the name become exclamation marks
 * @vargs: arguments
 *
 * Context: may sleep.
 * Return: 0; -ENOMEM, and the name is what it was.
 */
int kobject_set_name_vargs(struct kobject *kobj, const char *fmt, va_list vargs)
{
	char *name;

	if (kobj->name && !fmt)
		return 0;
	name = kvasprintf(GFP_KERNEL, fmt, vargs);
	if (!name)
		return -ENOMEM;
	strreplace(name, '/', '!');
	kfree(kobj->name);
	kobj->name = name;
	return 0;
}
EXPORT_SYMBOL_GPL(kobject_set_name_vargs);

/**
 * kobject_set_name() - name a kobject
 * @kobj: see kobject_set_name_vargs()
 * @fmt: format of the name
 *
 * Context: may sleep.
 * Return: as kobject_set_name_vargs().
 */
int kobject_set_name(struct kobject *kobj, const char *fmt, ...)
{
	va_list args;
	int ret;

	va_start(args, fmt);
	ret = kobject_set_name_vargs(kobj, fmt, args);
	va_end(args);
	return ret;
}
EXPORT_SYMBOL_GPL(kobject_set_name);

/**
 * kobject_init() - make a kobject usable, with one reference for the caller
 * @kobj: zeroed but for name and kset
 * @ktype: its type
 *
 * From now on only kobject_put() frees it.
 *
 * Context: any.
 */
void kobject_init(struct kobject *kobj, struct kobj_type *ktype)
{
	if (WARN(!kobj || !ktype, "kobject_init: object or type missing\n"))
		return;
	WARN(kobj->state_initialized, "kobject %s is initialised already\n",
	     kobj->name ? kobj->name : "(unnamed)");
	kref_init(&kobj->kref);
	INIT_LIST_HEAD(&kobj->entry);
	kobj->state_in_sysfs = false;
	kobj->state_add_uevent_sent = false;
	kobj->state_remove_uevent_sent = false;
	kobj->state_initialized = true;
	kobj->ktype = ktype;
	count_add(COUNT_KOBJECTS, 1);
}
EXPORT_SYMBOL_GPL(kobject_init);

static void kobj_kset_join(struct kobject *kobj)
{
	kset_get(kobj->kset);
	spin_lock(&kobj->kset->list_lock);
	list_add_tail(&kobj->entry, &kobj->kset->list);
	spin_unlock(&kobj->kset->list_lock);
}

static void kobj_kset_leave(struct kobject *kobj)
{
	if (!kobj->kset)
		return;
	spin_lock(&kobj->kset->list_lock);
	list_del_init(&kobj->entry);
	spin_unlock(&kobj->kset->list_lock);
	kset_put(kobj->kset);
}

/* The attributes that come with the type. */
static int kobject_populate(struct kobject *kobj)
{
	struct kobj_type *ktype = kobj->ktype;
	int ret = 0;

	if (ktype && ktype->default_attrs)
		ret = sysfs_create_files(kobj,
					 (const struct attribute *const *)ktype->default_attrs);
	if (!ret && ktype)
		ret = sysfs_create_groups(kobj, ktype->default_groups);
	return ret;
}

/* @kobj has name, parent and kset. After an error it is as it was before. */
static int kobject_add_internal(struct kobject *kobj)
{
	struct kobject *parent = kobject_get(kobj->parent);
	int ret;

	if (WARN(!kobj->name || !kobj->name[0], "kobject_add: no name\n")) {
		kobject_put(parent);
		return -EINVAL;
	}
	if (kobj->kset) {
		/* A kset's members are in its directory unless they say otherwise. */
		if (!parent)
			parent = kobject_get(&kobj->kset->kobj);
		kobj_kset_join(kobj);
	}
	kobj->parent = parent;
	ret = sysfs_create_dir(kobj);
	if (ret)
		goto leave;
	ret = kobject_populate(kobj);
	if (ret)
		goto remove;
	kobj->state_in_sysfs = true;
	return 0;
remove:
	sysfs_remove_dir(kobj);
leave:
	kobj_kset_leave(kobj);
	kobj->parent = NULL;
	if (ret != -EEXIST) /* which sysfs has told of */
		pr_err("kobject %s cannot be added below %s: error %d\n", kobj->name,
		       parent ? kobject_name(parent) : "the root", ret);
	kobject_put(parent);
	return ret;
}

static int kobject_add_varg(struct kobject *kobj, struct kobject *parent, const char *fmt,
			    va_list vargs)
{
	int ret = kobject_set_name_vargs(kobj, fmt, vargs);

	if (ret) {
		pr_err("kobject_add: no memory for a name\n");
		return ret;
	}
	kobj->parent = parent;
	return kobject_add_internal(kobj);
}

/**
 * kobject_add() - give a kobject its directory
 * @kobj: initialised; its kset, if it shall be in one, is set
 * @parent: in whose directory; NULL for the kset's, or else the root
 * @fmt: format of the name; NULL keeps the one it has
 *
 * No uevent is sent; the caller does when all is there.
 *
 * Context: may sleep.
 * Return: 0, and @kobj holds references on parent and kset until kobject_del(); -EINVAL not
 * initialised, or no name; -EEXIST the name is taken; -ENOENT @parent has no directory; -ENOMEM.
 * After an error, the caller still has a reference to drop with kobject_put().
 */
int kobject_add(struct kobject *kobj, struct kobject *parent, const char *fmt, ...)
{
	va_list args;
	int ret;

	if (!kobj)
		return -EINVAL;
	if (WARN(!kobj->state_initialized, "kobject_add: %s is not initialised\n",
		 kobj->name ? kobj->name : "(unnamed)"))
		return -EINVAL;
	va_start(args, fmt);
	ret = kobject_add_varg(kobj, parent, fmt, args);
	va_end(args);
	return ret;
}
EXPORT_SYMBOL_GPL(kobject_add);

/**
 * kobject_init_and_add() - kobject_init() and kobject_add()
 * @kobj: as for kobject_init()
 * @ktype: its type
 * @parent: as for kobject_add()
 * @fmt: as for kobject_add()
 *
 * Context: may sleep.
 * Return: as kobject_add(); after an error, too, only kobject_put() frees the object.
 */
int kobject_init_and_add(struct kobject *kobj, struct kobj_type *ktype, struct kobject *parent,
			 const char *fmt, ...)
{
	va_list args;
	int ret;

	kobject_init(kobj, ktype);
	va_start(args, fmt);
	ret = kobject_add_varg(kobj, parent, fmt, args);
	va_end(args);
	return ret;
}
EXPORT_SYMBOL_GPL(kobject_init_and_add);

/* All of kobject_del() but the reference on the parent. */
static void kobject_unlink(struct kobject *kobj)
{
	/* Whoever was told that it came is told that it goes. */
	if (READ_ONCE(kobj->state_add_uevent_sent) && !READ_ONCE(kobj->state_remove_uevent_sent))
		kobject_uevent(kobj, KOBJ_REMOVE);
	sysfs_remove_dir(kobj);
	kobj->state_in_sysfs = false;
	kobj_kset_leave(kobj);
	kobj->parent = NULL;
}

/**
 * kobject_del() - take a kobject's directory away
 * @kobj: the object; NULL, or one that is not there, does nothing
 *
 * Sends the uevent "remove" unless that was done, or "add" never was.
 *
 * Context: waits for callbacks of the files in the directory.
 */
void kobject_del(struct kobject *kobj)
{
	struct kobject *parent;

	if (!kobj || !kobj->state_in_sysfs)
		return;
	parent = kobj->parent;
	kobject_unlink(kobj);
	kobject_put(parent);
}
EXPORT_SYMBOL_GPL(kobject_del);

/**
 * kobject_get() - take a reference
 * @kobj: the object, may be NULL; the caller has a reference
 *
 * Context: any.
 * Return: @kobj.
 */
struct kobject *kobject_get(struct kobject *kobj)
{
	if (kobj) {
		WARN(!kobj->state_initialized, "kobject_get: %s is not initialised\n",
		     kobj->name ? kobj->name : "(unnamed)");
		kref_get(&kobj->kref);
	}
	return kobj;
}
EXPORT_SYMBOL_GPL(kobject_get);

/**
 * kobject_get_unless_zero() - take a reference on an object that may be on its way out
 * @kobj: the object, may be NULL; its memory is there
 *
 * Context: any.
 * Return: @kobj, or NULL where the last reference is gone.
 */
struct kobject *kobject_get_unless_zero(struct kobject *kobj)
{
	return kobj && kref_get_unless_zero(&kobj->kref) ? kobj : NULL;
}
EXPORT_SYMBOL_GPL(kobject_get_unless_zero);

static void kobject_release(struct kref *kref)
{
	struct kobject *kobj = container_of(kref, struct kobject, kref);
	struct kobject *parent = NULL;
	const char *name = kobj->name;

	count_add(COUNT_KOBJECTS, -1);
	if (kobj->state_in_sysfs) {
		parent = kobj->parent;
		kobject_unlink(kobj);
	}
	if (!WARN(!kobj->ktype || !kobj->ktype->release,
		  "kobject %s has no release callback and is leaked\n", name ? name : "(unnamed)"))
		kobj->ktype->release(kobj);
	kfree(name);
	kobject_put(parent);
}

/**
 * kobject_put() - drop a reference
 * @kobj: the object, may be NULL
 *
 * The last one takes the object out of sysfs, if it still is there, and calls its type's release.
 *
 * Context: may sleep.
 */
void kobject_put(struct kobject *kobj)
{
	if (!kobj)
		return;
	WARN(!kobj->state_initialized, "kobject_put: %s is not initialised\n",
	     kobj->name ? kobj->name : "(unnamed)");
	kref_put(&kobj->kref, kobject_release);
}
EXPORT_SYMBOL_GPL(kobject_put);

static void dynamic_kobj_release(struct kobject *kobj)
{
	kfree(kobj);
}

static struct kobj_type dynamic_kobj_ktype = {
	.release = dynamic_kobj_release,
	.sysfs_ops = &kobj_sysfs_ops,
};

/**
 * kobject_create() - allocate a kobject that is nothing but a directory
 *
 * Context: may sleep.
 * Return: it, with a reference for the caller, or NULL.
 */
struct kobject *kobject_create(void)
{
	struct kobject *kobj = kzalloc(sizeof(*kobj), GFP_KERNEL);

	if (kobj)
		kobject_init(kobj, &dynamic_kobj_ktype);
	return kobj;
}
EXPORT_SYMBOL_GPL(kobject_create);

/**
 * kobject_create_and_add() - make a directory
 * @name: of it
 * @parent: in whose directory; NULL is the root
 *
 * Context: may sleep.
 * Return: its kobject, to be dropped with kobject_put(); NULL after an error, which is logged.
 */
struct kobject *kobject_create_and_add(const char *name, struct kobject *parent)
{
	struct kobject *kobj = kobject_create();

	if (!kobj)
		return NULL;
	if (kobject_add(kobj, parent, "%s", name)) {
		kobject_put(kobj);
		return NULL;
	}
	return kobj;
}
EXPORT_SYMBOL_GPL(kobject_create_and_add);

/**
 * kobject_get_path() - the path of a kobject in sysfs
 * @kobj: the object, in sysfs
 * @flag: for the allocation
 *
 * Context: may sleep.
 * Return: the path, beginning with a slash, to be freed with kfree(); NULL: no name, or no memory.
 */
char *kobject_get_path(struct kobject *kobj, gfp_t flag)
{
	struct kobject *pos;
	size_t len = 0;
	char *path;

	for (pos = kobj; pos; pos = pos->parent) {
		if (!kobject_name(pos))
			return NULL;
		len += strlen(kobject_name(pos)) + 1;
	}
	path = kzalloc(len + 1, flag);
	if (!path)
		return NULL;
	for (pos = kobj; pos; pos = pos->parent) {
		size_t part = strlen(kobject_name(pos));

		len -= part;
		memcpy(path + len, kobject_name(pos), part);
		path[--len] = '/';
	}
	return path;
}
EXPORT_SYMBOL_GPL(kobject_get_path);

static ssize_t kobj_attr_show(struct kobject *kobj, struct attribute *attr, char *buf)
{
	struct kobj_attribute *kattr = container_of(attr, struct kobj_attribute, attr);

	return kattr->show ? kattr->show(kobj, kattr, buf) : -EIO;
}

static ssize_t kobj_attr_store(struct kobject *kobj, struct attribute *attr, const char *buf,
			       size_t count)
{
	struct kobj_attribute *kattr = container_of(attr, struct kobj_attribute, attr);

	return kattr->store ? kattr->store(kobj, kattr, buf, count) : -EIO;
}

/* For kobjects whose attributes are struct kobj_attribute. */
const struct sysfs_ops kobj_sysfs_ops = {
	.show = kobj_attr_show,
	.store = kobj_attr_store,
};
EXPORT_SYMBOL_GPL(kobj_sysfs_ops);

/**
 * kset_init() - make a kset usable, with one reference for the caller
 * @k: zeroed but for uevent_ops, and name, ktype, kset and parent of its kobj
 *
 * Context: any.
 */
void kset_init(struct kset *k)
{
	kref_init(&k->kobj.kref);
	INIT_LIST_HEAD(&k->kobj.entry);
	k->kobj.state_initialized = true;
	INIT_LIST_HEAD(&k->list);
	spin_lock_init(&k->list_lock);
}
EXPORT_SYMBOL_GPL(kset_init);

/**
 * kset_register() - kset_init(), give the kset its directory, and say so in a uevent
 * @k: its kobj has name, ktype and, where it shall have them, kset and parent
 *
 * Context: may sleep.
 * Return: as kobject_add(); after an error the name is freed, and the rest the caller's to free.
 */
int kset_register(struct kset *k)
{
	int ret;

	if (!k)
		return -EINVAL;
	kset_init(k);
	ret = kobject_add_internal(&k->kobj);
	if (ret) {
		kfree(k->kobj.name);
		k->kobj.name = NULL;
		return ret;
	}
	count_add(COUNT_KOBJECTS, 1);
	kobject_uevent(&k->kobj, KOBJ_ADD);
	return 0;
}
EXPORT_SYMBOL_GPL(kset_register);

/**
 * kset_unregister() - take a kset's directory away and drop the reference of its owner
 * @k: the kset, may be NULL
 *
 * Context: may sleep.
 */
void kset_unregister(struct kset *k)
{
	if (!k)
		return;
	kobject_del(&k->kobj);
	kobject_put(&k->kobj);
}
EXPORT_SYMBOL_GPL(kset_unregister);

static void kset_release(struct kobject *kobj)
{
	kfree(container_of(kobj, struct kset, kobj));
}

static struct kobj_type kset_ktype = {
	.sysfs_ops = &kobj_sysfs_ops,
	.release = kset_release,
};

/**
 * kset_create_and_add() - make a kset
 * @name: of its directory
 * @uevent_ops: how uevents of its members look; NULL for nothing special
 * @parent_kobj: in whose directory; NULL is the root
 *
 * Context: may sleep.
 * Return: the kset, to be given to kset_unregister(); NULL after an error.
 */
struct kset *kset_create_and_add(const char *name, const struct kset_uevent_ops *uevent_ops,
				 struct kobject *parent_kobj)
{
	struct kset *k = kzalloc(sizeof(*k), GFP_KERNEL);

	if (!k)
		return NULL;
	if (kobject_set_name(&k->kobj, "%s", name))
		goto free;
	k->uevent_ops = uevent_ops;
	k->kobj.parent = parent_kobj;
	k->kobj.ktype = &kset_ktype;
	if (kset_register(k))
		goto free;
	return k;
free:
	kfree(k);
	return NULL;
}
EXPORT_SYMBOL_GPL(kset_create_and_add);

/**
 * kset_find_obj() - the member of a name
 * @kset: where
 * @name: of the member
 *
 * Context: any.
 * Return: a reference, or NULL.
 */
struct kobject *kset_find_obj(struct kset *kset, const char *name)
{
	struct kobject *pos, *found = NULL;

	spin_lock(&kset->list_lock);
	list_for_each_entry(pos, &kset->list, entry) {
		if (kobject_name(pos) && !strcmp(kobject_name(pos), name)) {
			found = kobject_get_unless_zero(pos);
			break;
		}
	}
	spin_unlock(&kset->list_lock);
	return found;
}
EXPORT_SYMBOL_GPL(kset_find_obj);
