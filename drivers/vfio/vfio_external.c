// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * What drivers do with the memory of a device's user, through the backend of the group's container:
 * pin pages, copy by IOVA, be told of what is unmapped (M15).
 *
 * None of this takes the container's group_lock, as drivers call it from within a notification of
 * an unmap; the group's container_users keeps the container and its backend in place.
 */
#define pr_fmt(fmt) "vfio: " fmt

#include "vfio_private.h"

#include <linux/device.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/export.h>

/* The backend of a group whose container user the caller is. */
static const struct vfio_iommu_driver_ops *group_backend(struct vfio_group *group, void **data)
{
	struct vfio_iommu_driver *driver = vfio_container_driver(group->container);

	*data = group->container->iommu_data;
	return driver->ops;
}

/* A group with a container user, for a driver that names it by its device; or ERR_PTR(). */
static struct vfio_group *group_user_from_dev(struct device *dev)
{
	struct vfio_group *group = vfio_group_get_from_dev(dev);
	int ret;

	if (!group)
		return ERR_PTR(-ENODEV);
	ret = vfio_group_add_container_user(group);
	if (ret) {
		vfio_group_put(group);
		return ERR_PTR(ret);
	}
	return group;
}

static void group_user_put(struct vfio_group *group)
{
	vfio_group_try_dissolve_container(group);
	vfio_group_put(group);
}

/**
 * vfio_group_get_external_user - hold on to a group by its file
 * @filep: an open file
 *
 * The group stays in its container until vfio_group_put_external_user().
 *
 * Context: may sleep.
 * Return: the group, or ERR_PTR(-EINVAL): not a group's file, or the group is not ready for use.
 */
struct vfio_group *vfio_group_get_external_user(struct file *filep)
{
	struct vfio_group *group = vfio_group_get_from_file(filep);
	int ret;

	if (!group)
		return ERR_PTR(-EINVAL);
	ret = vfio_group_add_container_user(group);
	if (ret) {
		vfio_group_put(group);
		return ERR_PTR(ret);
	}
	return group;
}
EXPORT_SYMBOL_GPL(vfio_group_get_external_user);

/**
 * vfio_group_get_external_user_from_dev - hold on to a group by one of its devices
 * @dev: a VFIO device's device
 *
 * For drivers that use the group for long, so that vfio_group_pin_pages() and vfio_dma_rw() need
 * not look it up each time. Usually called from open() and undone in release().
 *
 * Context: may sleep.
 * Return: the group; ERR_PTR(-ENODEV): @dev is not a VFIO device; ERR_PTR(-EINVAL): the group is
 * not ready for use.
 */
struct vfio_group *vfio_group_get_external_user_from_dev(struct device *dev)
{
	return group_user_from_dev(dev);
}
EXPORT_SYMBOL_GPL(vfio_group_get_external_user_from_dev);

/**
 * vfio_group_put_external_user - undo vfio_group_get_external_user() or its _from_dev form
 * @group: the group
 *
 * Context: may sleep.
 */
void vfio_group_put_external_user(struct vfio_group *group)
{
	group_user_put(group);
}
EXPORT_SYMBOL_GPL(vfio_group_put_external_user);

/**
 * vfio_external_group_match_file - is this the group's file?
 * @group: the group
 * @filep: an open file
 *
 * Return: true if @filep is an open file of @group.
 */
bool vfio_external_group_match_file(struct vfio_group *group, struct file *filep)
{
	struct vfio_group *other = vfio_group_get_from_file(filep);

	if (!other)
		return false;
	vfio_group_put(other);
	return other == group;
}
EXPORT_SYMBOL_GPL(vfio_external_group_match_file);

/**
 * vfio_external_user_iommu_id - the number of a group
 * @group: the group
 *
 * Return: N of /dev/vfio/N.
 */
int vfio_external_user_iommu_id(struct vfio_group *group)
{
	return iommu_group_id(group->iommu_group);
}
EXPORT_SYMBOL_GPL(vfio_external_user_iommu_id);

/**
 * vfio_external_check_extension - VFIO_CHECK_EXTENSION of a group's container
 * @group: the group, held with vfio_group_get_external_user()
 * @arg: the extension
 *
 * Context: may sleep; not from a notification of an unmap.
 * Return: what the ioctl answers.
 */
long vfio_external_check_extension(struct vfio_group *group, unsigned long arg)
{
	return vfio_container_check_extension(group->container, arg);
}
EXPORT_SYMBOL_GPL(vfio_external_check_extension);

static int check_npage(int npage)
{
	if (npage <= 0)
		return -EINVAL;
	if (npage > (int)VFIO_PIN_PAGES_MAX_ENTRIES)
		return -E2BIG;
	return 0;
}

/**
 * vfio_group_pin_pages - vfio_pin_pages() for a group that the caller holds
 * @group: from vfio_group_get_external_user_from_dev()
 * @user_iova_pfn: numbers of the user's pages: IOVA >> PAGE_SHIFT
 * @npage: how many
 * @prot: IOMMU_READ, IOMMU_WRITE or both
 * @phys_pfn: gets the numbers of the pages here
 *
 * Context: may sleep.
 * Return: as vfio_pin_pages(), without -ENODEV.
 */
int vfio_group_pin_pages(struct vfio_group *group, unsigned long *user_iova_pfn, int npage,
			 int prot, unsigned long *phys_pfn)
{
	const struct vfio_iommu_driver_ops *ops;
	void *data;
	int ret;

	if (!group || !user_iova_pfn || !phys_pfn)
		return -EINVAL;
	ret = check_npage(npage);
	if (ret)
		return ret;
	if (READ_ONCE(group->dev_counter) > 1)
		return -EINVAL;

	ops = group_backend(group, &data);
	if (!ops->pin_pages)
		return -ENOTTY;
	ret = ops->pin_pages(data, group->iommu_group, user_iova_pfn, npage, prot, phys_pfn);
	if (ret > 0)
		atomic_long_add(ret, &group->pinned);
	return ret;
}
EXPORT_SYMBOL_GPL(vfio_group_pin_pages);

/**
 * vfio_group_unpin_pages - vfio_unpin_pages() for a group that the caller holds
 * @group: from vfio_group_get_external_user_from_dev()
 * @user_iova_pfn: numbers of the user's pages, as given for pinning
 * @npage: how many
 *
 * Context: may sleep.
 * Return: as vfio_unpin_pages(), without -ENODEV.
 */
int vfio_group_unpin_pages(struct vfio_group *group, unsigned long *user_iova_pfn, int npage)
{
	const struct vfio_iommu_driver_ops *ops;
	void *data;
	int ret;

	if (!group || !user_iova_pfn)
		return -EINVAL;
	ret = check_npage(npage);
	if (ret)
		return ret;

	ops = group_backend(group, &data);
	if (!ops->unpin_pages)
		return -ENOTTY;
	ret = ops->unpin_pages(data, user_iova_pfn, npage);
	if (ret > 0)
		atomic_long_sub(ret, &group->pinned);
	return ret;
}
EXPORT_SYMBOL_GPL(vfio_group_unpin_pages);

/**
 * vfio_pin_pages - keep pages of a device's user where they are (M15)
 * @dev: the VFIO device's device; its group has no other device
 * @user_pfn: numbers of the user's pages: IOVA >> PAGE_SHIFT
 * @npage: how many, at most VFIO_PIN_PAGES_MAX_ENTRIES
 * @prot: IOMMU_READ, IOMMU_WRITE or both, as the device is going to use them
 * @phys_pfn: gets the numbers of the pages here. In user space that is the page's address in this
 *	process >> PAGE_SHIFT
 *
 * Pins of one page add up, and each is undone by one vfio_unpin_pages(). A driver that pins has a
 * notifier for VFIO_IOMMU_NOTIFY_DMA_UNMAP, and unpins there.
 *
 * Context: may sleep. Takes a lock that all groups share, to find the device's: whoever pins all
 * the time holds the group and calls vfio_group_pin_pages().
 * Return: the number of pages pinned, @npage; on error none is: -EINVAL: a page is not mapped, the
 * group is not ready for use, has other devices, or nobody listens to unmaps; -EPERM: the user's
 * mapping does not allow @prot; -EFAULT: the page cannot be reached from this process; -E2BIG:
 * @npage is too large; -ENODEV: @dev is not a VFIO device; -ENOTTY: the backend cannot pin;
 * -EACCES: nor can type1 in its first version; -ENOMEM.
 */
int vfio_pin_pages(struct device *dev, unsigned long *user_pfn, int npage, int prot,
		   unsigned long *phys_pfn)
{
	struct vfio_group *group;
	int ret;

	if (!dev || !user_pfn || !phys_pfn)
		return -EINVAL;
	ret = check_npage(npage);
	if (ret)
		return ret;

	group = group_user_from_dev(dev);
	if (IS_ERR(group))
		return PTR_ERR(group);
	ret = vfio_group_pin_pages(group, user_pfn, npage, prot, phys_pfn);
	group_user_put(group);
	return ret;
}
EXPORT_SYMBOL_GPL(vfio_pin_pages);

/**
 * vfio_unpin_pages - undo vfio_pin_pages()
 * @dev: the VFIO device's device
 * @user_pfn: numbers of the user's pages, as given for pinning
 * @npage: how many, at most VFIO_PIN_PAGES_MAX_ENTRIES
 *
 * Context: may sleep.
 * Return: the number of pages unpinned, less than @npage if one of them is not mapped; -EINVAL if
 * that is the first, or as vfio_pin_pages() for the rest.
 */
int vfio_unpin_pages(struct device *dev, unsigned long *user_pfn, int npage)
{
	struct vfio_group *group;
	int ret;

	if (!dev || !user_pfn)
		return -EINVAL;
	ret = check_npage(npage);
	if (ret)
		return ret;

	group = group_user_from_dev(dev);
	if (IS_ERR(group))
		return PTR_ERR(group);
	ret = vfio_group_unpin_pages(group, user_pfn, npage);
	group_user_put(group);
	return ret;
}
EXPORT_SYMBOL_GPL(vfio_unpin_pages);

/**
 * vfio_dma_rw - copy from or to a device user's memory (M15)
 * @group: from vfio_group_get_external_user_from_dev()
 * @user_iova: where in the user's address space, in bytes
 * @data: where here
 * @len: how many bytes; the range may span mappings
 * @write: true: to the user's memory; false: from it
 *
 * Works for memory that is mapped here and, by messages to the user, for memory that is not.
 *
 * Context: may sleep.
 * Return: 0; on error a part may have been copied: -EINVAL: a page is not mapped, or @len is 0;
 * -EPERM: the user's mapping does not allow it; -EFAULT: the memory is not there; -ENOTTY: the
 * backend cannot do it; or the error of asking the user.
 */
int vfio_dma_rw(struct vfio_group *group, dma_addr_t user_iova, void *data, size_t len, bool write)
{
	const struct vfio_iommu_driver_ops *ops;
	void *iommu_data;

	if (!group || !data || !len)
		return -EINVAL;

	ops = group_backend(group, &iommu_data);
	if (!ops->dma_rw)
		return -ENOTTY;
	return ops->dma_rw(iommu_data, user_iova, data, len, write);
}
EXPORT_SYMBOL_GPL(vfio_dma_rw);

/**
 * vfio_group_iommu_domain - the IOMMU domain that a group's DMA goes through (M16)
 * @group: from vfio_group_get_external_user_from_dev()
 *
 * As of Linux 5.12. The domain stays while the group is in its container.
 *
 * Context: may sleep.
 * Return: the domain; ERR_PTR(-ENODEV): the group has none, as its devices do no DMA of their own;
 * ERR_PTR(-ENOTTY): the backend knows no domains; ERR_PTR(-EINVAL): @group is NULL.
 */
struct iommu_domain *vfio_group_iommu_domain(struct vfio_group *group)
{
	const struct vfio_iommu_driver_ops *ops;
	void *data;

	if (!group)
		return ERR_PTR(-EINVAL);

	ops = group_backend(group, &data);
	if (!ops->group_iommu_domain)
		return ERR_PTR(-ENOTTY);
	return ops->group_iommu_domain(data, group->iommu_group);
}
EXPORT_SYMBOL_GPL(vfio_group_iommu_domain);

static int register_iommu_notifier(struct vfio_group *group, unsigned long *events,
				   struct notifier_block *nb)
{
	const struct vfio_iommu_driver_ops *ops;
	void *data;

	ops = group_backend(group, &data);
	if (!ops->register_notifier)
		return -ENOTTY;
	return ops->register_notifier(data, events, nb);
}

static int unregister_iommu_notifier(struct vfio_group *group, struct notifier_block *nb)
{
	const struct vfio_iommu_driver_ops *ops;
	void *data;

	ops = group_backend(group, &data);
	if (!ops->unregister_notifier)
		return -ENOTTY;
	return ops->unregister_notifier(data, nb);
}

static int register_group_notifier(struct vfio_group *group, unsigned long *events,
				   struct notifier_block *nb)
{
	int ret;

	*events &= ~VFIO_GROUP_NOTIFY_SET_KVM;
	if (*events)
		return -EINVAL;

	mutex_lock(&group->lock);
	ret = blocking_notifier_chain_register(&group->notifier, nb);
	if (!ret && group->kvm)
		nb->notifier_call(nb, VFIO_GROUP_NOTIFY_SET_KVM, group->kvm);
	mutex_unlock(&group->lock);
	return ret;
}

/**
 * vfio_register_notifier - be told of what a device's user does (M15)
 * @dev: the VFIO device's device, in use
 * @type: VFIO_IOMMU_NOTIFY: of the container's mappings; VFIO_GROUP_NOTIFY: of the group
 * @events: the events wanted, one or more; those known are cleared
 * @nb: the notifier, not registered yet. It may sleep, and of this API it may call what unpins and
 *	copies
 *
 * Context: may sleep. Called from open(), say, and undone in release().
 * Return: 0; -EINVAL: an event is not known and left in @events, or the group is not ready for use;
 * -ENODEV: @dev is not a VFIO device; -ENOTTY: the backend has none.
 */
int vfio_register_notifier(struct device *dev, enum vfio_notify_type type, unsigned long *events,
			   struct notifier_block *nb)
{
	struct vfio_group *group;
	int ret = -EINVAL;

	if (!dev || !nb || !events || !*events)
		return -EINVAL;

	group = group_user_from_dev(dev);
	if (IS_ERR(group))
		return PTR_ERR(group);
	switch (type) {
	case VFIO_IOMMU_NOTIFY:
		ret = register_iommu_notifier(group, events, nb);
		break;
	case VFIO_GROUP_NOTIFY:
		ret = register_group_notifier(group, events, nb);
		break;
	}
	group_user_put(group);
	return ret;
}
EXPORT_SYMBOL_GPL(vfio_register_notifier);

/**
 * vfio_unregister_notifier - undo vfio_register_notifier()
 * @dev: the VFIO device's device, in use
 * @type: as at registration
 * @nb: the notifier, which is not running any more on return
 *
 * Context: may sleep; not from a notifier.
 * Return: 0; -ENOENT: it is not registered; or as vfio_register_notifier().
 */
int vfio_unregister_notifier(struct device *dev, enum vfio_notify_type type,
			     struct notifier_block *nb)
{
	struct vfio_group *group;
	int ret = -EINVAL;

	if (!dev || !nb)
		return -EINVAL;

	group = group_user_from_dev(dev);
	if (IS_ERR(group))
		return PTR_ERR(group);
	switch (type) {
	case VFIO_IOMMU_NOTIFY:
		ret = unregister_iommu_notifier(group, nb);
		break;
	case VFIO_GROUP_NOTIFY:
		ret = blocking_notifier_chain_unregister(&group->notifier, nb);
		break;
	}
	group_user_put(group);
	return ret;
}
EXPORT_SYMBOL_GPL(vfio_unregister_notifier);

/**
 * vfio_group_set_kvm - tell a group's drivers which virtual machine its user is
 * @group: the group
 * @kvm: passed to VFIO_GROUP_NOTIFY_SET_KVM; NULL: none any more
 *
 * Context: may sleep.
 */
void vfio_group_set_kvm(struct vfio_group *group, struct kvm *kvm)
{
	mutex_lock(&group->lock);
	group->kvm = kvm;
	blocking_notifier_call_chain(&group->notifier, VFIO_GROUP_NOTIFY_SET_KVM, kvm);
	mutex_unlock(&group->lock);
}
EXPORT_SYMBOL_GPL(vfio_group_set_kvm);
