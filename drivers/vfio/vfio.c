// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * VFIO core: devices that a user can open.
 *
 * A bus driver registers a device, whose IOMMU group thereby becomes a VFIO group (vfio_group.c).
 * The user opens a container (vfio_container.c), puts the group into it, chooses an IOMMU backend,
 * and asks the group for a file of the device by name (vfio_device_file.c). What drivers do with
 * their user's memory is in vfio_external.c.
 *
 * Locks, outermost first; a callback of a bus driver other than match() runs under none of them:
 *
 *   listener_lock               registered devices and their listeners (this file)
 *   vfio_group_lock             which groups there are (vfio_group.c); vfio_group.kref reaches 0
 *                               under it
 *     the device model's and the IOMMU group's locks
 *   vfio_group.lock             a group's way into and out of a container, its file
 *     vfio_container.group_lock a container's groups and backend; a backend's entry points run
 *                               under it as said at struct vfio_iommu_driver_ops
 *       iommu_drivers_lock      registered backends
 *       the backend's own locks
 *   iommu_group's mutex, then
 *     vfio_group.device_lock    a group's devices; match() runs under it
 *
 * listener_lock, vfio_group_lock and vfio_group.lock are never held together. A backend tells
 * drivers of an unmap with the container's group_lock held for reading and none of its own;
 * functions for drivers (vfio_external.c) therefore do not take group_lock but rely on
 * vfio_group.container_users.
 */
#define pr_fmt(fmt) "vfio: " fmt

#include "vfio_private.h"

#include <linux/completion.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/init.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

/* How often the user of a device that is to go is asked for it. */
#define VFIO_REQUEST_PERIOD (10 * HZ)

/* Covers listened_devices and keeps calls of listeners in the order of what they tell. */
static DEFINE_MUTEX(listener_lock);
static LIST_HEAD(listened_devices);
static BLOCKING_NOTIFIER_HEAD(listeners);

static void tell_registered(struct vfio_device *device)
{
	mutex_lock(&listener_lock);
	list_add_tail(&device->listener_next, &listened_devices);
	blocking_notifier_call_chain(&listeners, VFIO_DEVICE_REGISTERED, device);
	mutex_unlock(&listener_lock);
}

static void tell_unregistering(struct vfio_device *device)
{
	mutex_lock(&listener_lock);
	list_del(&device->listener_next);
	blocking_notifier_call_chain(&listeners, VFIO_DEVICE_UNREGISTERING, device);
	mutex_unlock(&listener_lock);
}

/**
 * vfio_device_register_listener - be told of VFIO devices that come and go
 * @nb: not registered yet; called with VFIO_DEVICE_REGISTERED or VFIO_DEVICE_UNREGISTERING and the
 *	struct vfio_device, in the thread that registers or unregisters it. It may sleep, but not
 *	register or unregister devices or listeners, nor wait for a thread that does
 *
 * @nb is called here for each device that is already registered.
 *
 * Context: may sleep.
 * Return: 0.
 */
int vfio_device_register_listener(struct notifier_block *nb)
{
	struct vfio_device *device;
	int ret;

	mutex_lock(&listener_lock);
	ret = blocking_notifier_chain_register(&listeners, nb);
	if (!ret) {
		list_for_each_entry(device, &listened_devices, listener_next)
			nb->notifier_call(nb, VFIO_DEVICE_REGISTERED, device);
	}
	mutex_unlock(&listener_lock);
	return ret;
}
EXPORT_SYMBOL_GPL(vfio_device_register_listener);

/**
 * vfio_device_unregister_listener - undo vfio_device_register_listener()
 * @nb: the listener. It is not running any more on return, and isn't called for the devices that
 *	are left
 *
 * Context: may sleep; not from a listener.
 * Return: 0, or -ENOENT if @nb is not registered.
 */
int vfio_device_unregister_listener(struct notifier_block *nb)
{
	int ret;

	mutex_lock(&listener_lock);
	ret = blocking_notifier_chain_unregister(&listeners, nb);
	mutex_unlock(&listener_lock);
	return ret;
}
EXPORT_SYMBOL_GPL(vfio_device_unregister_listener);

/**
 * vfio_device_group_id - the number of a device's group
 * @device: a registered device
 *
 * Return: N of /dev/vfio/N and /sys/kernel/iommu_groups/N.
 */
int vfio_device_group_id(struct vfio_device *device)
{
	return iommu_group_id(device->group->iommu_group);
}
EXPORT_SYMBOL_GPL(vfio_device_group_id);

/**
 * vfio_iommu_group_get - the IOMMU group of a device that is to become a VFIO device
 * @dev: the device
 *
 * Return: the group with a reference for the caller, or NULL: the device cannot be isolated.
 */
struct iommu_group *vfio_iommu_group_get(struct device *dev)
{
	return iommu_group_get(dev);
}
EXPORT_SYMBOL_GPL(vfio_iommu_group_get);

/**
 * vfio_iommu_group_put - undo vfio_iommu_group_get()
 * @group: what it returned
 * @dev: the device
 */
void vfio_iommu_group_put(struct iommu_group *group, struct device *dev)
{
	iommu_group_put(group);
}
EXPORT_SYMBOL_GPL(vfio_iommu_group_put);

/**
 * vfio_init_group_dev - fill in a device before its registration (M17)
 * @device: embedded in the bus driver's own structure
 * @dev: the device model's device, which outlives the registration
 * @ops: the bus driver's callbacks, which outlive the registration
 * @device_data: first argument of the callbacks
 */
void vfio_init_group_dev(struct vfio_device *device, struct device *dev,
			 const struct vfio_device_ops *ops, void *device_data)
{
	init_completion(&device->comp);
	device->dev = dev;
	device->ops = ops;
	device->device_data = device_data;
	device->group = NULL;
	device->unbound = NULL;
}
EXPORT_SYMBOL_GPL(vfio_init_group_dev);

static int join_group(struct vfio_device *device, struct vfio_group *group)
{
	struct vfio_device *other;
	int ret = 0;

	mutex_lock(&group->device_lock);
	list_for_each_entry(other, &group->device_list, group_next) {
		if (other->dev == device->dev)
			ret = -EBUSY;
	}
	if (!ret) {
		vfio_group_forget_unbound(group, device->dev);
		device->group = group;
		/* The device may be opened as soon as it is in the list. */
		refcount_set(&device->refcount, 1);
		list_add(&device->group_next, &group->device_list);
		WRITE_ONCE(group->dev_counter, group->dev_counter + 1);
	}
	mutex_unlock(&group->device_lock);
	return ret;
}

static void leave_group(struct vfio_device *device)
{
	struct vfio_group *group = device->group;

	mutex_lock(&group->device_lock);
	list_del(&device->group_next);
	WRITE_ONCE(group->dev_counter, group->dev_counter - 1);
	list_add(&device->unbound->next, &group->unbound_list);
	mutex_unlock(&group->device_lock);
	device->unbound = NULL;
}

/**
 * vfio_register_group_dev - let users open a device (M17)
 * @device: filled in by vfio_init_group_dev()
 *
 * The callbacks may be called from here on, even before this returns.
 *
 * Context: may sleep.
 * Return: 0; -EINVAL: the device is in no IOMMU group; -EBUSY: it is registered already; -ENOMEM;
 * -ENOSPC: no minor number is left; or the error of making the group's device.
 */
int vfio_register_group_dev(struct vfio_device *device)
{
	struct iommu_group *iommu_group;
	struct vfio_group *group;
	int ret;

	iommu_group = iommu_group_get(device->dev);
	if (!iommu_group)
		return -EINVAL;

	device->unbound = kzalloc(sizeof(*device->unbound), GFP_KERNEL);
	if (!device->unbound) {
		ret = -ENOMEM;
		goto out_put_iommu_group;
	}
	device->unbound->dev = device->dev;

	group = vfio_group_get_or_create(iommu_group);
	if (IS_ERR(group)) {
		ret = PTR_ERR(group);
		goto err_free_unbound;
	}

	ret = join_group(device, group);
	if (ret) {
		dev_WARN(device->dev, "registered with VFIO twice, in group %d\n",
			 iommu_group_id(iommu_group));
		goto err_put_group;
	}

	tell_registered(device);
	goto out_put_iommu_group;

err_put_group:
	vfio_group_put(group);
err_free_unbound:
	kfree(device->unbound);
	device->unbound = NULL;
out_put_iommu_group:
	iommu_group_put(iommu_group);
	return ret;
}
EXPORT_SYMBOL_GPL(vfio_register_group_dev);

static void say_blocked(struct vfio_device *device)
{
	dev_warn(device->dev,
		 "Device is in use by its VFIO user; task \"%s\" (%d) is blocked until device is "
		 "released\n",
		 current->comm, task_pid_nr(current));
}

/*
 * Wait until the last file of the device is closed, and ask for it meanwhile. A signal to the
 * waiting task does not end the wait, as the driver's data must not go before its last user, but it
 * gets an answer: who waits, and for what.
 */
static void wait_for_release(struct vfio_device *device)
{
	unsigned int count = 0;
	bool interrupted = false;
	long done = try_wait_for_completion(&device->comp);

	while (done <= 0) {
		if (device->ops->request)
			device->ops->request(device->device_data, count);
		else if (!count)
			say_blocked(device);
		count++;

		if (interrupted) {
			done = wait_for_completion_timeout(&device->comp, VFIO_REQUEST_PERIOD);
			continue;
		}
		done = wait_for_completion_interruptible_timeout(&device->comp,
								 VFIO_REQUEST_PERIOD);
		if (done < 0) {
			interrupted = true;
			say_blocked(device);
		}
	}
}

/*
 * Wait until the group of a device that was its last one is out of its container: until then its
 * user has a claim on the group's devices, whatever their next driver.
 */
static void wait_for_container(struct vfio_device *device)
{
	struct vfio_group *group = device->group;
	bool last;

	mutex_lock(&group->device_lock);
	last = list_empty(&group->device_list);
	mutex_unlock(&group->device_lock);
	if (!last)
		return;

	if (wait_event_timeout(group->container_q, !READ_ONCE(group->container),
			       VFIO_REQUEST_PERIOD))
		return;
	dev_warn(device->dev,
		 "VFIO group %d is still in a container; task \"%s\" (%d) is blocked until its "
		 "user closes it\n",
		 iommu_group_id(group->iommu_group), current->comm, task_pid_nr(current));
	wait_event(group->container_q, !READ_ONCE(group->container));
}

/**
 * vfio_unregister_group_dev - take a device back from its users (M13, M17)
 * @device: a registered device
 *
 * From here on it cannot be opened, except by a user who has it open. That user is asked to let go
 * by the bus driver's request(), at once and then every 10 seconds (M12), and this returns when the
 * last file of the device has been closed and, if it is the last device of its group, the group has
 * left its container. After that the core doesn't touch @device and no callback is running.
 *
 * Context: sleeps, for as long as there are users; a signal does not end the wait.
 */
void vfio_unregister_group_dev(struct vfio_device *device)
{
	struct vfio_group *group = device->group;

	tell_unregistering(device);
	vfio_device_put(device);
	wait_for_release(device);
	leave_group(device);
	wait_for_container(device);
	device->group = NULL;
	vfio_group_put(group);
}
EXPORT_SYMBOL_GPL(vfio_unregister_group_dev);

/**
 * vfio_add_group_dev - vfio_register_group_dev() for a driver without a struct vfio_device
 * @dev: the device, whose driver data becomes VFIO's own
 * @ops: the bus driver's callbacks
 * @device_data: first argument of the callbacks
 *
 * Context: may sleep.
 * Return: as vfio_register_group_dev().
 */
int vfio_add_group_dev(struct device *dev, const struct vfio_device_ops *ops, void *device_data)
{
	struct vfio_device *device;
	int ret;

	device = kzalloc(sizeof(*device), GFP_KERNEL);
	if (!device)
		return -ENOMEM;

	vfio_init_group_dev(device, dev, ops, device_data);
	ret = vfio_register_group_dev(device);
	if (ret) {
		kfree(device);
		return ret;
	}
	dev_set_drvdata(dev, device);
	return 0;
}
EXPORT_SYMBOL_GPL(vfio_add_group_dev);

/**
 * vfio_del_group_dev - undo vfio_add_group_dev()
 * @dev: the device
 *
 * Context: sleeps as vfio_unregister_group_dev() does.
 * Return: the device_data of the registration.
 */
void *vfio_del_group_dev(struct device *dev)
{
	struct vfio_device *device = dev_get_drvdata(dev);
	void *device_data = device->device_data;

	vfio_unregister_group_dev(device);
	dev_set_drvdata(dev, NULL);
	kfree(device);
	return device_data;
}
EXPORT_SYMBOL_GPL(vfio_del_group_dev);

/**
 * vfio_device_get_from_dev - the VFIO device of a device
 * @dev: a device that is not leaving its IOMMU group meanwhile
 *
 * Context: may sleep.
 * Return: the VFIO device with a reference, which keeps its unregistration waiting; NULL if there
 * is none or it is being unregistered.
 */
struct vfio_device *vfio_device_get_from_dev(struct device *dev)
{
	struct vfio_group *group = vfio_group_get_from_dev(dev);
	struct vfio_device *device, *found = NULL;

	if (!group)
		return NULL;

	mutex_lock(&group->device_lock);
	list_for_each_entry(device, &group->device_list, group_next) {
		if (device->dev == dev && refcount_inc_not_zero(&device->refcount)) {
			found = device;
			break;
		}
	}
	mutex_unlock(&group->device_lock);
	vfio_group_put(group);
	return found;
}
EXPORT_SYMBOL_GPL(vfio_device_get_from_dev);

/* What VFIO_GROUP_GET_DEVICE_FD means by a name: a device with a reference, or ERR_PTR(). */
struct vfio_device *vfio_device_get_from_name(struct vfio_group *group, char *name)
{
	struct vfio_device *device, *found = ERR_PTR(-ENODEV);
	int match;

	mutex_lock(&group->device_lock);
	list_for_each_entry(device, &group->device_list, group_next) {
		if (device->ops->match)
			match = device->ops->match(device->device_data, name);
		else
			match = !strcmp(dev_name(device->dev), name);

		if (match < 0) {
			found = ERR_PTR(match);
			break;
		}
		if (match && refcount_inc_not_zero(&device->refcount)) {
			found = device;
			break;
		}
	}
	mutex_unlock(&group->device_lock);
	return found;
}

/**
 * vfio_device_put - drop a reference of vfio_device_get_from_dev()
 * @device: the VFIO device
 */
void vfio_device_put(struct vfio_device *device)
{
	if (refcount_dec_and_test(&device->refcount))
		complete(&device->comp);
}
EXPORT_SYMBOL_GPL(vfio_device_put);

/**
 * vfio_device_data - the device_data of a device's registration
 * @device: the VFIO device, on which the caller holds a reference
 *
 * Return: the pointer.
 */
void *vfio_device_data(struct vfio_device *device)
{
	return device->device_data;
}
EXPORT_SYMBOL_GPL(vfio_device_data);

static struct miscdevice vfio_misc = {
	.minor = VFIO_MINOR,
	.name = "vfio",
	.fops = &vfio_fops,
	.nodename = "vfio/vfio",
	.mode = 0666,
};

static int __init vfio_init(void)
{
	int ret;

	ret = misc_register(&vfio_misc);
	if (ret) {
		pr_err("misc device register failed\n");
		return ret;
	}

	ret = vfio_groups_init();
	if (ret)
		misc_deregister(&vfio_misc);
	return ret;
}
module_init(vfio_init);

static void __exit vfio_exit(void)
{
	vfio_groups_exit();
	misc_deregister(&vfio_misc);
}
module_exit(vfio_exit);

MODULE_LICENSE("Dual BSD/GPL");
MODULE_DESCRIPTION("VFIO core: devices, groups and containers that users open");
