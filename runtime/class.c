// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* Classes. Locks: base.h. */
#include <linux/device.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/sysfs.h>

#include "base.h"

static struct class *to_class(struct kobject *kobj)
{
	return container_of(kobj, struct subsys_private, subsys.kobj)->class;
}

static ssize_t class_attr_show(struct kobject *kobj, struct attribute *attr, char *buf)
{
	struct class_attribute *cattr = container_of(attr, struct class_attribute, attr);

	return cattr->show ? cattr->show(to_class(kobj), cattr, buf) : -EIO;
}

static ssize_t class_attr_store(struct kobject *kobj, struct attribute *attr, const char *buf,
				size_t count)
{
	struct class_attribute *cattr = container_of(attr, struct class_attribute, attr);

	return cattr->store ? cattr->store(to_class(kobj), cattr, buf, count) : -EIO;
}

static const struct sysfs_ops class_sysfs_ops = {
	.show = class_attr_show,
	.store = class_attr_store,
};

static void class_release(struct kobject *kobj)
{
	struct subsys_private *p = container_of(kobj, struct subsys_private, subsys.kobj);
	struct class *class = p->class;

	/* A class whose registration failed stays its maker's. */
	if (class) {
		class->p = NULL;
		if (class->class_release)
			class->class_release(class);
	}
	kfree(p);
}

static struct kobj_type class_ktype = {
	.sysfs_ops = &class_sysfs_ops,
	.release = class_release,
};

static void klist_class_get(struct klist_node *n)
{
	get_device(device_of_class_node(n));
}

static void klist_class_put(struct klist_node *n)
{
	put_device(device_of_class_node(n));
}

/**
 * class_create_file() - make an attribute's file in a class's directory
 * @cls: a registered class
 * @attr: the attribute; lives until the file is removed
 *
 * Context: may sleep.
 * Return: 0; -EINVAL no class; else as sysfs_create_file().
 */
int class_create_file(struct class *cls, const struct class_attribute *attr)
{
	return cls ? sysfs_create_file(&cls->p->subsys.kobj, &attr->attr) : -EINVAL;
}
EXPORT_SYMBOL_GPL(class_create_file);

/**
 * class_remove_file() - remove an attribute's file from a class's directory
 * @cls: the class
 * @attr: the attribute
 *
 * Context: waits for the attribute's callbacks.
 */
void class_remove_file(struct class *cls, const struct class_attribute *attr)
{
	if (cls)
		sysfs_remove_file(&cls->p->subsys.kobj, &attr->attr);
}
EXPORT_SYMBOL_GPL(class_remove_file);

/**
 * show_class_attr_string() - show callback of CLASS_ATTR_STRING()
 * @class: the class
 * @attr: in a struct class_attribute_string
 * @buf: gets the string
 *
 * Return: its length.
 */
ssize_t show_class_attr_string(struct class *class, struct class_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%s\n",
			  container_of(attr, struct class_attribute_string, attr)->str);
}
EXPORT_SYMBOL_GPL(show_class_attr_string);

/**
 * class_register() - make a class: /sys/class/NAME
 * @cls: the class
 *
 * Context: may sleep.
 * Return: 0; -EEXIST the name is taken; -ENOMEM.
 */
int class_register(struct class *cls)
{
	struct subsys_private *p = kzalloc(sizeof(*p), GFP_KERNEL);
	struct kobject *dev_kobj = cls->dev_kobj;
	int ret;

	if (!p)
		return -ENOMEM;
	p->class = cls;
	p->subsys.kobj.kset = class_kset;
	p->subsys.kobj.ktype = &class_ktype;
	klist_init(&p->klist_devices, klist_class_get, klist_class_put);
	INIT_LIST_HEAD(&p->interfaces);
	mutex_init(&p->mutex);
	kset_init(&p->glue_dirs);
	ret = kobject_set_name(&p->subsys.kobj, "%s", cls->name);
	if (ret)
		goto free;
	if (!cls->dev_kobj)
		cls->dev_kobj = dev_char_kobj;
	cls->p = p;
	ret = kset_register(&p->subsys);
	if (ret)
		goto free;
	ret = sysfs_create_groups(&p->subsys.kobj, cls->class_groups);
	if (ret)
		goto unregister;
	return 0;
unregister:
	p->class = NULL;
	kset_unregister(&p->subsys);
	goto reset;
free:
	kfree(p);
reset:
	cls->p = NULL;
	cls->dev_kobj = dev_kobj;
	return ret;
}
EXPORT_SYMBOL_GPL(class_register);

/**
 * class_unregister() - the mirror of class_register()
 * @cls: the class, with no device
 *
 * Context: may sleep.
 */
void class_unregister(struct class *cls)
{
	if (cls->dev_kobj == dev_char_kobj)
		cls->dev_kobj = NULL;
	sysfs_remove_groups(&cls->p->subsys.kobj, cls->class_groups);
	kset_unregister(&cls->p->subsys);
}
EXPORT_SYMBOL_GPL(class_unregister);

static void class_create_release(struct class *cls)
{
	kfree(cls);
}

/**
 * class_create() - allocate and register a class
 * @owner: module
 * @name: of the class; lives as long as it
 *
 * Context: may sleep.
 * Return: the class, to be given to class_destroy(); else an error of class_register() in the
 * pointer.
 */
struct class *class_create(struct module *owner, const char *name)
{
	struct class *cls = kzalloc(sizeof(*cls), GFP_KERNEL);
	int ret;

	if (!cls)
		return ERR_PTR(-ENOMEM);
	cls->name = name;
	cls->owner = owner;
	cls->class_release = class_create_release;
	ret = class_register(cls);
	if (ret) {
		kfree(cls);
		return ERR_PTR(ret);
	}
	return cls;
}
EXPORT_SYMBOL_GPL(class_create);

/**
 * class_destroy() - unregister and free a class
 * @cls: from class_create(); NULL and errors do nothing
 *
 * Context: may sleep.
 */
void class_destroy(struct class *cls)
{
	if (!IS_ERR_OR_NULL(cls))
		class_unregister(cls);
}
EXPORT_SYMBOL_GPL(class_destroy);

/* Lists @dev in its class and tells the class's interfaces. */
void class_add_device(struct device *dev)
{
	struct class_interface *intf;
	struct subsys_private *p;

	if (!dev->class)
		return;
	p = dev->class->p;
	mutex_lock(&p->mutex);
	klist_add_tail(&dev->p->knode_class, &p->klist_devices);
	list_for_each_entry(intf, &p->interfaces, node)
		if (intf->add_dev)
			intf->add_dev(dev, intf);
	mutex_unlock(&p->mutex);
}

void class_remove_device(struct device *dev)
{
	struct subsys_private *p = dev->class->p;
	struct class_interface *intf;

	mutex_lock(&p->mutex);
	list_for_each_entry(intf, &p->interfaces, node)
		if (intf->remove_dev)
			intf->remove_dev(dev, intf);
	klist_del(&dev->p->knode_class);
	mutex_unlock(&p->mutex);
}

/**
 * class_dev_iter_init() - begin a walk of a class's devices
 * @iter: the walk, ended by class_dev_iter_exit()
 * @class: the class
 * @start: begin behind this one; NULL begins with the first
 * @type: only devices of this type; NULL for all
 *
 * Context: may sleep.
 */
void class_dev_iter_init(struct class_dev_iter *iter, struct class *class, struct device *start,
			 const struct device_type *type)
{
	klist_iter_init_node(&class->p->klist_devices, &iter->ki,
			     start ? &start->p->knode_class : NULL);
	iter->type = type;
}
EXPORT_SYMBOL_GPL(class_dev_iter_init);

/**
 * class_dev_iter_next() - go on to the next device
 * @iter: the walk
 *
 * Context: may sleep.
 * Return: the device, which stays until the walk goes on; NULL at the end.
 */
struct device *class_dev_iter_next(struct class_dev_iter *iter)
{
	struct klist_node *n;

	while ((n = klist_next(&iter->ki))) {
		struct device *dev = device_of_class_node(n);

		if (!iter->type || iter->type == dev->type)
			return dev;
	}
	return NULL;
}
EXPORT_SYMBOL_GPL(class_dev_iter_next);

/**
 * class_dev_iter_exit() - end a walk
 * @iter: the walk
 *
 * Context: may sleep.
 */
void class_dev_iter_exit(struct class_dev_iter *iter)
{
	klist_iter_exit(&iter->ki);
}
EXPORT_SYMBOL_GPL(class_dev_iter_exit);

/**
 * class_for_each_device() - call a function for each device of a class
 * @class: the class
 * @start: begin behind this one; NULL begins with the first
 * @data: for @fn
 * @fn: a value other than 0 stops; it may remove the device
 *
 * Context: may sleep; no lock is held while @fn runs, but the device is there.
 * Return: what @fn answered last; -EINVAL no class.
 */
int class_for_each_device(struct class *class, struct device *start, void *data,
			  int (*fn)(struct device *dev, void *data))
{
	struct class_dev_iter iter;
	struct device *dev;
	int ret = 0;

	if (!class || !class->p)
		return -EINVAL;
	class_dev_iter_init(&iter, class, start, NULL);
	while (!ret && (dev = class_dev_iter_next(&iter)))
		ret = fn(dev, data);
	class_dev_iter_exit(&iter);
	return ret;
}
EXPORT_SYMBOL_GPL(class_for_each_device);

/**
 * class_find_device() - the first device of a class that a function likes
 * @class: the class
 * @start: begin behind this one; NULL begins with the first
 * @data: for @match
 * @match: answers other than 0 for the one
 *
 * Context: may sleep.
 * Return: a reference, or NULL.
 */
struct device *class_find_device(struct class *class, struct device *start, const void *data,
				 int (*match)(struct device *dev, const void *data))
{
	struct class_dev_iter iter;
	struct device *dev;

	if (!class || !class->p)
		return NULL;
	class_dev_iter_init(&iter, class, start, NULL);
	while ((dev = class_dev_iter_next(&iter)) && !match(dev, data))
		;
	get_device(dev);
	class_dev_iter_exit(&iter);
	return dev;
}
EXPORT_SYMBOL_GPL(class_find_device);

/**
 * class_interface_register() - be told of the devices of a class
 * @class_intf: its class set
 *
 * Those that are there are told at once.
 *
 * Context: may sleep; add_dev is called with the class's mutex held.
 * Return: 0; -ENODEV no class.
 */
int class_interface_register(struct class_interface *class_intf)
{
	struct class_dev_iter iter;
	struct subsys_private *p;
	struct device *dev;

	if (!class_intf || !class_intf->class || !class_intf->class->p)
		return -ENODEV;
	p = class_intf->class->p;
	mutex_lock(&p->mutex);
	list_add_tail(&class_intf->node, &p->interfaces);
	class_dev_iter_init(&iter, class_intf->class, NULL, NULL);
	while (class_intf->add_dev && (dev = class_dev_iter_next(&iter)))
		class_intf->add_dev(dev, class_intf);
	class_dev_iter_exit(&iter);
	mutex_unlock(&p->mutex);
	return 0;
}
EXPORT_SYMBOL_GPL(class_interface_register);

/**
 * class_interface_unregister() - be told no more
 * @class_intf: as registered
 *
 * The devices that are there are told to it as going.
 *
 * Context: may sleep; remove_dev is called with the class's mutex held.
 */
void class_interface_unregister(struct class_interface *class_intf)
{
	struct subsys_private *p = class_intf->class->p;
	struct class_dev_iter iter;
	struct device *dev;

	mutex_lock(&p->mutex);
	list_del_init(&class_intf->node);
	class_dev_iter_init(&iter, class_intf->class, NULL, NULL);
	while (class_intf->remove_dev && (dev = class_dev_iter_next(&iter)))
		class_intf->remove_dev(dev, class_intf);
	class_dev_iter_exit(&iter);
	mutex_unlock(&p->mutex);
}
EXPORT_SYMBOL_GPL(class_interface_unregister);
