// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * IOMMU groups: the smallest sets of devices that can be isolated from each other, and their tree
 * /sys/kernel/iommu_groups/N. In user space no bus has an IOMMU of its own that would sort devices
 * into groups; whoever makes an isolated device allocates a group and puts the device there.
 *
 * Locks: group->mutex covers the group's list of devices, its name and its iommu_data. Callbacks of
 * iommu_group_for_each_dev() run under it. The notifier chain has a lock of its own, which is not
 * taken together with the mutex.
 */
#define pr_fmt(fmt) "iommu: " fmt

#include <linux/iommu.h>

#include <linux/device.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/idr.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/kobject.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/sysfs.h>

static struct kset *iommu_group_kset;
static DEFINE_IDA(iommu_group_ida);

/**
 * struct iommu_group - a set of devices with one address space
 * @kobj: /sys/kernel/iommu_groups/N; kept alive by @devices_kobj
 * @devices_kobj: its devices/ directory. Its references are the group's: a member device and each
 *	user of the group hold one
 * @devices: struct group_device, one for each member; under @mutex
 * @mutex: see the top of this file
 * @notifier: told of members that come and go
 * @iommu_data: of whoever called iommu_group_set_iommudata(); under @mutex
 * @iommu_data_release: gets @iommu_data when the group goes
 * @name: of iommu_group_set_name(), or NULL; under @mutex
 * @id: N
 */
struct iommu_group {
	struct kobject kobj;
	struct kobject devices_kobj;
	struct list_head devices;
	struct mutex mutex;
	struct blocking_notifier_head notifier;
	void *iommu_data;
	void (*iommu_data_release)(void *iommu_data);
	char *name;
	int id;
};

/**
 * struct group_device - a device's membership in its group
 * @list: in the group's list of devices
 * @dev: the device; a reference
 * @name: of the link in the group's devices/ directory
 */
struct group_device {
	struct list_head list;
	struct device *dev;
	char *name;
};

struct iommu_group_attribute {
	struct attribute attr;
	ssize_t (*show)(struct iommu_group *group, char *buf);
};

static struct iommu_group *to_iommu_group(struct kobject *kobj)
{
	return container_of(kobj, struct iommu_group, kobj);
}

static ssize_t iommu_group_attr_show(struct kobject *kobj, struct attribute *attr, char *buf)
{
	struct iommu_group_attribute *group_attr =
		container_of(attr, struct iommu_group_attribute, attr);

	return group_attr->show(to_iommu_group(kobj), buf);
}

static const struct sysfs_ops iommu_group_sysfs_ops = {
	.show = iommu_group_attr_show,
};

/* No address of a group made by software is reserved for the platform. */
static ssize_t reserved_regions_show(struct iommu_group *group, char *buf)
{
	return 0;
}

/* There is no default domain whose type could be named. */
static ssize_t type_show(struct iommu_group *group, char *buf)
{
	return sprintf(buf, "unknown\n");
}

static ssize_t name_show(struct iommu_group *group, char *buf)
{
	ssize_t ret;

	mutex_lock(&group->mutex);
	ret = sprintf(buf, "%s\n", group->name ? group->name : "");
	mutex_unlock(&group->mutex);
	return ret;
}

static struct iommu_group_attribute reserved_regions_attr = {
	.attr = { .name = "reserved_regions", .mode = 0444 },
	.show = reserved_regions_show,
};
static struct iommu_group_attribute type_attr = {
	.attr = { .name = "type", .mode = 0444 },
	.show = type_show,
};
static struct iommu_group_attribute name_attr = {
	.attr = { .name = "name", .mode = 0444 },
	.show = name_show,
};

static struct attribute *iommu_group_attrs[] = {
	&reserved_regions_attr.attr,
	&type_attr.attr,
	NULL,
};
ATTRIBUTE_GROUPS(iommu_group);

static void iommu_group_release(struct kobject *kobj)
{
	struct iommu_group *group = to_iommu_group(kobj);

	if (group->iommu_data_release)
		group->iommu_data_release(group->iommu_data);
	ida_free(&iommu_group_ida, group->id);
	kfree(group->name);
	kfree(group);
}

static struct kobj_type iommu_group_ktype = {
	.sysfs_ops = &iommu_group_sysfs_ops,
	.release = iommu_group_release,
	.default_groups = iommu_group_groups,
};

/* Its memory is the group's, which it holds a reference on until after this. */
static void devices_release(struct kobject *kobj)
{
}

static struct kobj_type devices_ktype = {
	.release = devices_release,
};

/**
 * iommu_group_alloc - make an empty IOMMU group
 *
 * It gets the lowest number that is free and appears as /sys/kernel/iommu_groups/N. The caller
 * holds a reference and drops it with iommu_group_put(), usually once the first device is in.
 *
 * Context: may sleep.
 * Return: the group, or ERR_PTR(): -ENOMEM, or the error of adding it to sysfs.
 */
struct iommu_group *iommu_group_alloc(void)
{
	struct iommu_group *group;
	int ret;

	group = kzalloc(sizeof(*group), GFP_KERNEL);
	if (!group)
		return ERR_PTR(-ENOMEM);
	mutex_init(&group->mutex);
	INIT_LIST_HEAD(&group->devices);
	BLOCKING_INIT_NOTIFIER_HEAD(&group->notifier);

	group->id = ida_alloc(&iommu_group_ida, GFP_KERNEL);
	if (group->id < 0) {
		ret = group->id;
		kfree(group);
		return ERR_PTR(ret);
	}

	group->kobj.kset = iommu_group_kset;
	ret = kobject_init_and_add(&group->kobj, &iommu_group_ktype, NULL, "%d", group->id);
	if (ret)
		goto err_put;

	ret = kobject_init_and_add(&group->devices_kobj, &devices_ktype, &group->kobj, "devices");
	if (ret)
		goto err_put_devices;
	/* From here on devices_kobj, whose parent it is, keeps the group. */
	kobject_put(&group->kobj);
	return group;

err_put_devices:
	kobject_put(&group->devices_kobj);
err_put:
	kobject_put(&group->kobj);
	return ERR_PTR(ret);
}
EXPORT_SYMBOL_GPL(iommu_group_alloc);

/**
 * iommu_group_get_iommudata - what iommu_group_set_iommudata() stored
 * @group: the group
 *
 * Context: may sleep; takes the group's mutex.
 * Return: the pointer, NULL at first.
 */
void *iommu_group_get_iommudata(struct iommu_group *group)
{
	void *data;

	mutex_lock(&group->mutex);
	data = group->iommu_data;
	mutex_unlock(&group->mutex);
	return data;
}
EXPORT_SYMBOL_GPL(iommu_group_get_iommudata);

/**
 * iommu_group_set_iommudata - tie data of the IOMMU's driver to a group
 * @group: the group
 * @iommu_data: the data
 * @release: called with the data when the group goes; may be NULL
 *
 * Context: may sleep; takes the group's mutex.
 */
void iommu_group_set_iommudata(struct iommu_group *group, void *iommu_data,
			       void (*release)(void *iommu_data))
{
	mutex_lock(&group->mutex);
	group->iommu_data = iommu_data;
	group->iommu_data_release = release;
	mutex_unlock(&group->mutex);
}
EXPORT_SYMBOL_GPL(iommu_group_set_iommudata);

/**
 * iommu_group_set_name - give a group a name, which its file "name" shows
 * @group: the group
 * @name: copied; NULL takes the name away
 *
 * Context: may sleep. Calls for one group are the caller's to serialise.
 * Return: 0, -ENOMEM, or the error of creating the file.
 */
int iommu_group_set_name(struct iommu_group *group, const char *name)
{
	char *copy = NULL;
	char *old;

	if (name) {
		copy = kstrdup(name, GFP_KERNEL);
		if (!copy)
			return -ENOMEM;
	}

	mutex_lock(&group->mutex);
	old = group->name;
	group->name = copy;
	mutex_unlock(&group->mutex);
	kfree(old);

	if (old && !copy)
		sysfs_remove_file(&group->kobj, &name_attr.attr);
	if (copy && !old)
		return sysfs_create_file(&group->kobj, &name_attr.attr);
	return 0;
}
EXPORT_SYMBOL_GPL(iommu_group_set_name);

/* A second device of the same name, from another bus, gets a number behind its link's name. */
static int link_member(struct iommu_group *group, struct group_device *device)
{
	const char *name = kobject_name(&device->dev->kobj);
	int suffix = 0;
	int ret;

	device->name = kstrdup(name, GFP_KERNEL);
	for (;;) {
		if (!device->name)
			return -ENOMEM;
		ret = sysfs_create_link_nowarn(&group->devices_kobj, &device->dev->kobj,
					       device->name);
		if (ret != -EEXIST)
			break;
		kfree(device->name);
		device->name = kasprintf(GFP_KERNEL, "%s.%d", name, suffix++);
	}
	if (ret)
		kfree(device->name);
	return ret;
}

/**
 * iommu_group_add_device - make a device a member of a group
 * @group: the group
 * @dev: a device that is in sysfs and in no group
 *
 * Links the two in sysfs, takes a reference on each, and tells the group's notifier.
 *
 * Context: may sleep. The caller keeps others from adding or removing @dev meanwhile.
 * Return: 0; -ENOMEM; -EEXIST when @dev has an iommu_group link; the error of making the links.
 */
int iommu_group_add_device(struct iommu_group *group, struct device *dev)
{
	struct group_device *device;
	int ret;

	device = kzalloc(sizeof(*device), GFP_KERNEL);
	if (!device)
		return -ENOMEM;
	device->dev = get_device(dev);

	ret = sysfs_create_link(&dev->kobj, &group->kobj, "iommu_group");
	if (ret)
		goto err_free;
	ret = link_member(group, device);
	if (ret)
		goto err_unlink;

	kobject_get(&group->devices_kobj);
	WRITE_ONCE(dev->iommu_group, group);

	mutex_lock(&group->mutex);
	list_add_tail(&device->list, &group->devices);
	mutex_unlock(&group->mutex);

	blocking_notifier_call_chain(&group->notifier, IOMMU_GROUP_NOTIFY_ADD_DEVICE, dev);
	dev_info(dev, "Adding to iommu group %d\n", group->id);
	return 0;

err_unlink:
	sysfs_remove_link(&dev->kobj, "iommu_group");
err_free:
	put_device(dev);
	kfree(device);
	dev_err(dev, "Failed to add to iommu group %d: %d\n", group->id, ret);
	return ret;
}
EXPORT_SYMBOL_GPL(iommu_group_add_device);

static struct group_device *take_member(struct iommu_group *group, struct device *dev)
{
	struct group_device *device, *found = NULL;

	mutex_lock(&group->mutex);
	list_for_each_entry(device, &group->devices, list) {
		if (device->dev == dev) {
			found = device;
			list_del(&device->list);
			break;
		}
	}
	mutex_unlock(&group->mutex);
	return found;
}

/**
 * iommu_group_remove_device - end a device's membership in its group
 * @dev: a device in a group
 *
 * The notifier is told first. The group goes with its last member unless someone holds it.
 *
 * Context: may sleep. The caller keeps others from adding or removing @dev meanwhile.
 */
void iommu_group_remove_device(struct device *dev)
{
	struct iommu_group *group = dev->iommu_group;
	struct group_device *device;

	if (!group)
		return;
	dev_info(dev, "Removing from iommu group %d\n", group->id);
	blocking_notifier_call_chain(&group->notifier, IOMMU_GROUP_NOTIFY_DEL_DEVICE, dev);

	device = take_member(group, dev);
	if (WARN_ON(!device))
		return;

	sysfs_remove_link(&group->devices_kobj, device->name);
	sysfs_remove_link(&dev->kobj, "iommu_group");
	kfree(device->name);
	kfree(device);

	WRITE_ONCE(dev->iommu_group, NULL);
	kobject_put(&group->devices_kobj);
	put_device(dev);
}
EXPORT_SYMBOL_GPL(iommu_group_remove_device);

/**
 * iommu_group_for_each_dev - call a function for each member of a group
 * @group: the group
 * @data: second argument of @fn
 * @fn: called with the group's mutex held, so it may not add or remove members; non-zero stops
 *
 * Context: may sleep.
 * Return: 0, or what @fn returned to stop.
 */
int iommu_group_for_each_dev(struct iommu_group *group, void *data,
			     int (*fn)(struct device *dev, void *data))
{
	struct group_device *device;
	int ret = 0;

	mutex_lock(&group->mutex);
	list_for_each_entry(device, &group->devices, list) {
		ret = fn(device->dev, data);
		if (ret)
			break;
	}
	mutex_unlock(&group->mutex);
	return ret;
}
EXPORT_SYMBOL_GPL(iommu_group_for_each_dev);

/**
 * iommu_group_get - the group that a device is in
 * @dev: the device; the caller knows that it is not leaving its group meanwhile
 *
 * Return: the group with a reference for the caller, or NULL if the device is in none.
 */
struct iommu_group *iommu_group_get(struct device *dev)
{
	struct iommu_group *group = READ_ONCE(dev->iommu_group);

	if (group)
		kobject_get(&group->devices_kobj);
	return group;
}
EXPORT_SYMBOL_GPL(iommu_group_get);

/**
 * iommu_group_ref_get - one more reference on a group
 * @group: the group, on which the caller holds a reference
 *
 * Return: @group.
 */
struct iommu_group *iommu_group_ref_get(struct iommu_group *group)
{
	kobject_get(&group->devices_kobj);
	return group;
}
EXPORT_SYMBOL_GPL(iommu_group_ref_get);

/**
 * iommu_group_get_by_id - find a group by its number
 * @id: N of /sys/kernel/iommu_groups/N
 *
 * Context: takes the lock of the groups' kset.
 * Return: the group with a reference for the caller, or NULL if there is none.
 */
struct iommu_group *iommu_group_get_by_id(int id)
{
	struct iommu_group *group;
	struct kobject *kobj;
	char name[12];

	snprintf(name, sizeof(name), "%d", id);
	kobj = kset_find_obj(iommu_group_kset, name);
	if (!kobj)
		return NULL;

	group = to_iommu_group(kobj);
	if (!kobject_get_unless_zero(&group->devices_kobj))
		group = NULL;
	kobject_put(kobj);
	return group;
}
EXPORT_SYMBOL_GPL(iommu_group_get_by_id);

/**
 * iommu_group_put - drop a reference on a group
 * @group: the group; NULL is accepted
 *
 * Context: may sleep: the last one removes the group from sysfs.
 */
void iommu_group_put(struct iommu_group *group)
{
	if (group)
		kobject_put(&group->devices_kobj);
}
EXPORT_SYMBOL_GPL(iommu_group_put);

/**
 * iommu_group_id - a group's number
 * @group: the group
 *
 * Return: N of /sys/kernel/iommu_groups/N.
 */
int iommu_group_id(struct iommu_group *group)
{
	return group->id;
}
EXPORT_SYMBOL_GPL(iommu_group_id);

/**
 * iommu_group_register_notifier - be told of members that come and go
 * @group: the group
 * @nb: called with an IOMMU_GROUP_NOTIFY_* action and the struct device; may sleep
 *
 * Context: may sleep.
 * Return: 0.
 */
int iommu_group_register_notifier(struct iommu_group *group, struct notifier_block *nb)
{
	return blocking_notifier_chain_register(&group->notifier, nb);
}
EXPORT_SYMBOL_GPL(iommu_group_register_notifier);

/**
 * iommu_group_unregister_notifier - undo iommu_group_register_notifier()
 * @group: the group
 * @nb: the notifier, which is not running any more on return
 *
 * Context: may sleep; not from a notifier of the same group.
 * Return: 0, or -ENOENT if it is not registered.
 */
int iommu_group_unregister_notifier(struct iommu_group *group, struct notifier_block *nb)
{
	return blocking_notifier_chain_unregister(&group->notifier, nb);
}
EXPORT_SYMBOL_GPL(iommu_group_unregister_notifier);

static int __init iommu_group_init(void)
{
	iommu_group_kset = kset_create_and_add("iommu_groups", NULL, kernel_kobj);
	return iommu_group_kset ? 0 : -ENOMEM;
}
core_initcall(iommu_group_init);

static void __exit iommu_group_exit(void)
{
	kset_unregister(iommu_group_kset);
	ida_destroy(&iommu_group_ida);
}
__exitcall(iommu_group_exit);
