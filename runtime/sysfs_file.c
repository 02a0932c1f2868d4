// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* sysfs: attributes as files of a kobject's directory. */

#include <linux/bug.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/kobject.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <umdev/sysfs.h>

#include "object.h"
#include "sysfs_tree.h"

const struct sysfs_ops *sysfs_kobj_ops(struct kobject *kobj)
{
	return kobj->ktype ? kobj->ktype->sysfs_ops : NULL;
}

int sysfs_add_file(struct kernfs_node *dir, struct kobject *kobj, const struct attribute *attr,
		   umode_t mode)
{
	const struct sysfs_ops *ops = sysfs_kobj_ops(kobj);
	unsigned int access = 0;
	int ret;

	if (WARN(!ops, "%s: attribute %s has no callbacks, its kobject's type has no sysfs_ops\n",
		 kobject_name(kobj), attr->name))
		return -EINVAL;
	if (ops->show)
		access |= KERNFS_HAS_READ;
	if (ops->store)
		access |= KERNFS_HAS_WRITE;
	ret = kernfs_create_file(dir, attr->name, mode & 0777, access, (void *)attr);
	if (ret == -EEXIST)
		sysfs_warn_dup(dir, attr->name);
	return ret;
}

/**
 * sysfs_create_file() - make an attribute's file
 * @kobj: in whose directory
 * @attr: the attribute; lives until the file is removed
 *
 * Context: may sleep.
 * Return: 0; -EINVAL @kobj has no directory, or no callbacks; -ENOENT the directory is being
 * removed; -EEXIST the name is taken, which is also logged; -ENOMEM.
 */
int sysfs_create_file(struct kobject *kobj, const struct attribute *attr)
{
	struct kernfs_node *dir;
	int ret;

	if (WARN_ON(!kobj || !attr))
		return -EINVAL;
	dir = sysfs_get_dir(kobj);
	if (WARN_ON(!dir))
		return -EINVAL;
	ret = sysfs_add_file(dir, kobj, attr, attr->mode);
	kernfs_put(dir);
	return ret;
}
EXPORT_SYMBOL_GPL(sysfs_create_file);

/**
 * sysfs_create_files() - make the files of several attributes, or none
 * @kobj: in whose directory
 * @ptr: the attributes, NULL-terminated
 *
 * Context: may sleep.
 * Return: as sysfs_create_file(); after an error, none of the files is there.
 */
int sysfs_create_files(struct kobject *kobj, const struct attribute *const *ptr)
{
	int ret = 0;
	int i;

	for (i = 0; ptr[i] && !ret; i++)
		ret = sysfs_create_file(kobj, ptr[i]);
	if (!ret)
		return 0;
	for (i -= 2; i >= 0; i--)
		sysfs_remove_file(kobj, ptr[i]);
	return ret;
}
EXPORT_SYMBOL_GPL(sysfs_create_files);

/**
 * sysfs_chmod_file() - change the mode of an attribute's file
 * @kobj: in whose directory
 * @attr: the attribute
 * @mode: permission bits
 *
 * Context: may sleep.
 * Return: 0; -ENOENT there is no such file.
 */
int sysfs_chmod_file(struct kobject *kobj, const struct attribute *attr, umode_t mode)
{
	struct stat st = { .st_mode = mode };
	struct kernfs_node *dir = sysfs_get_dir(kobj);
	struct kernfs_node *kn = dir ? kernfs_find_and_get(dir, attr->name) : NULL;
	int ret = kn ? kernfs_setattr(kn, &st, UMDEV_SYSFS_MODE) : -ENOENT;

	kernfs_put(kn);
	kernfs_put(dir);
	return ret;
}
EXPORT_SYMBOL_GPL(sysfs_chmod_file);

/**
 * sysfs_remove_file() - remove an attribute's file
 * @kobj: from whose directory
 * @attr: the attribute; nothing happens where it has no file
 *
 * Context: waits for the attribute's callbacks; see sysfs_remove_file_self().
 */
void sysfs_remove_file(struct kobject *kobj, const struct attribute *attr)
{
	struct kernfs_node *dir = sysfs_get_dir(kobj);

	if (!dir)
		return;
	kernfs_remove_by_name(dir, attr->name);
	kernfs_put(dir);
}
EXPORT_SYMBOL_GPL(sysfs_remove_file);

/**
 * sysfs_remove_file_self() - remove an attribute's file from within its callback
 * @kobj: from whose directory
 * @attr: the attribute, whose callback runs in this thread
 *
 * Of several callbacks that do so at once, one removes the file; the others wait until the
 * callback of that one has returned.
 *
 * Context: waits for other callbacks of the attribute.
 * Return: true in the one that removed the file.
 */
bool sysfs_remove_file_self(struct kobject *kobj, const struct attribute *attr)
{
	struct kernfs_node *kn = kernfs_running_file(kobj, attr);

	if (WARN(!kn, "%s: %s is removed by a callback that is not its own\n", kobject_name(kobj),
		 attr->name))
		return false;
	return kernfs_remove_self(kn);
}
EXPORT_SYMBOL_GPL(sysfs_remove_file_self);

static bool attr_is_in_object(const struct kernfs_node *kn, const void *base)
{
	return object_base(kn->priv) == base;
}

void sysfs_wait_for_object(const void *in_object)
{
	kernfs_wait_broken(attr_is_in_object, object_base(in_object));
}
EXPORT_SYMBOL_GPL(sysfs_wait_for_object);

/**
 * sysfs_remove_files() - remove the files of several attributes
 * @kobj: from whose directory
 * @ptr: the attributes, NULL-terminated
 *
 * Context: as sysfs_remove_file().
 */
void sysfs_remove_files(struct kobject *kobj, const struct attribute *const *ptr)
{
	int i;

	for (i = 0; ptr[i]; i++)
		sysfs_remove_file(kobj, ptr[i]);
}
EXPORT_SYMBOL_GPL(sysfs_remove_files);

/**
 * sysfs_notify() - tell those who poll an attribute that it changed
 * @kobj: in whose directory
 * @dir: name of the group that it is in, may be NULL
 * @attr: name of the attribute
 *
 * There is nobody to be told: the views of the tree do not poll, each read of a file asks for the
 * value anew.
 *
 * Context: any.
 */
void sysfs_notify(struct kobject *kobj, const char *dir, const char *attr)
{
}
EXPORT_SYMBOL_GPL(sysfs_notify);

/**
 * sysfs_emit() - print into the page that a show callback got
 * @buf: the page, from its beginning
 * @fmt: format
 *
 * Context: any.
 * Return: number of bytes written without the NUL; what does not fit is cut off.
 */
int sysfs_emit(char *buf, const char *fmt, ...)
{
	va_list args;
	int len;

	if (WARN(!buf, "sysfs_emit: no page\n"))
		return 0;
	va_start(args, fmt);
	len = vscnprintf(buf, PAGE_SIZE, fmt, args);
	va_end(args);
	return len;
}
EXPORT_SYMBOL_GPL(sysfs_emit);

/**
 * sysfs_emit_at() - print further into the page that a show callback got
 * @buf: the page, from its beginning
 * @at: where in the page, 0 to PAGE_SIZE - 1
 * @fmt: format
 *
 * Context: any.
 * Return: number of bytes written without the NUL; what does not fit is cut off.
 */
int sysfs_emit_at(char *buf, int at, const char *fmt, ...)
{
	va_list args;
	int len;

	if (WARN(!buf || at < 0 || at >= (int)PAGE_SIZE, "sysfs_emit_at: not within a page: %d\n",
		 at))
		return 0;
	va_start(args, fmt);
	len = vscnprintf(buf + at, PAGE_SIZE - at, fmt, args);
	va_end(args);
	return len;
}
EXPORT_SYMBOL_GPL(sysfs_emit_at);
