// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* Devices below devices. */
#include <linux/device.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "base.h"

static int device_walk_children(struct device *parent, void *data,
				int (*fn)(struct device *dev, void *data),
				struct klist_node *(*step)(struct klist_iter *i))
{
	struct klist_node *n;
	struct klist_iter i;
	int ret = 0;

	if (!parent->p)
		return 0;
	klist_iter_init(&parent->p->klist_children, &i);
	while (!ret && (n = step(&i)))
		ret = fn(device_of_parent_node(n), data);
	klist_iter_exit(&i);
	return ret;
}

/**
 * device_for_each_child() - call a function for each child of a device
 * @parent: the device
 * @data: for @fn
 * @fn: a value other than 0 stops; it may remove the child
 *
 * Context: may sleep; no lock is held while @fn runs, but the child is there.
 * Return: what @fn answered last, 0 where there is no child.
 */
int device_for_each_child(struct device *parent, void *data,
			  int (*fn)(struct device *dev, void *data))
{
	return device_walk_children(parent, data, fn, klist_next);
}
EXPORT_SYMBOL_GPL(device_for_each_child);

/**
 * device_for_each_child_reverse() - the same, youngest child first
 * @parent: as for device_for_each_child()
 * @data: the same
 * @fn: the same
 *
 * Context: as device_for_each_child().
 * Return: as device_for_each_child().
 */
int device_for_each_child_reverse(struct device *parent, void *data,
				  int (*fn)(struct device *dev, void *data))
{
	return device_walk_children(parent, data, fn, klist_prev);
}
EXPORT_SYMBOL_GPL(device_for_each_child_reverse);

/**
 * device_find_child() - the first child that a function likes
 * @parent: the device, may be NULL
 * @data: for @match
 * @match: answers other than 0 for the one
 *
 * Context: may sleep.
 * Return: a reference, or NULL.
 */
struct device *device_find_child(struct device *parent, void *data,
				 int (*match)(struct device *dev, void *data))
{
	struct device *found = NULL;
	struct klist_node *n;
	struct klist_iter i;

	if (!parent || !parent->p)
		return NULL;
	klist_iter_init(&parent->p->klist_children, &i);
	while (!found && (n = klist_next(&i)))
		if (match(device_of_parent_node(n), data))
			found = get_device(device_of_parent_node(n));
	klist_iter_exit(&i);
	return found;
}
EXPORT_SYMBOL_GPL(device_find_child);

static int device_child_has_name(struct device *dev, void *name)
{
	return sysfs_streq(dev_name(dev), name);
}

/**
 * device_find_child_by_name() - the child of a name
 * @parent: the device, may be NULL
 * @name: of the child
 *
 * Context: may sleep.
 * Return: a reference, or NULL.
 */
struct device *device_find_child_by_name(struct device *parent, const char *name)
{
	return device_find_child(parent, (void *)name, device_child_has_name);
}
EXPORT_SYMBOL_GPL(device_find_child_by_name);
