/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * VFIO as bus drivers and the drivers of devices in use see it: registration in two steps as of Linux
 * 5.13, callbacks and access to the memory of a device's user as of 5.10. Part of <linux/vfio.h>, which
 * to include; apart from it as the kernel target needs this of it, over what the kernel itself has.
 */
#ifndef UMDEV_LINUX_VFIO_DEVICE_H
#define UMDEV_LINUX_VFIO_DEVICE_H

#include <linux/bits.h>
#include <linux/completion.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/refcount.h>
#include <linux/types.h>

struct device;
struct iommu_domain;
struct notifier_block;
struct vfio_group;
struct vfio_unbound_dev;

/**
 * struct vfio_device - a device that a VFIO user can open
 * @dev: the device model's device, whose name the user gives to VFIO_GROUP_GET_DEVICE_FD
 * @ops: the bus driver's callbacks
 * @group: the group it belongs to; set from registration to the end of unregistration
 *
 * A bus driver embeds it in its own structure, fills it with vfio_init_group_dev() and owns its
 * memory; the core uses it from vfio_register_group_dev() to the return of
 * vfio_unregister_group_dev(). The other members are the core's own.
 */
struct vfio_device {
	struct device *dev;
	const struct vfio_device_ops *ops;
	struct vfio_group *group;

	/* One for the registration and one for each open device fd; the last one fires @comp. */
	refcount_t refcount;
	struct completion comp;
	/* In the group's device_list, under its device_lock. */
	struct list_head group_next;
	/* In the list of devices that listeners know of, under its lock. */
	struct list_head listener_next;
	/* Made at registration, so that unregistration needs no memory. */
	struct vfio_unbound_dev *unbound;
	void *device_data;
};

/**
 * struct vfio_device_ops - callbacks of a VFIO bus driver
 * @name: the bus driver's name
 * @open: a user asks for a device fd; its error is the user's
 * @release: a device fd is closed
 * @read: read(2) on a device fd
 * @write: write(2) on a device fd
 * @ioctl: ioctl(2) on a device fd, the VFIO_DEVICE_* requests
 * @mmap: mmap(2) on a device fd
 * @request: the device is to go: ask its user to let go of it. @count is 0 at first and grows each
 *	time; the core calls again every 10 s until the last device fd is closed
 * @match: does the user's string name this device? 0: no, positive: yes, negative errno: stop
 *	looking and answer that. Without it the string has to be the device's name
 *
 * Each gets the device_data of the registration. No lock is held, they may sleep, and they may run
 * at the same time as each other. All are optional; without @read, @write, @ioctl or @mmap the user
 * gets EINVAL. @open, if it is there, comes with @release.
 */
struct vfio_device_ops {
	char *name;
	int (*open)(void *device_data);
	void (*release)(void *device_data);
	ssize_t (*read)(void *device_data, char __user *buf, size_t count, loff_t *ppos);
	ssize_t (*write)(void *device_data, const char __user *buf, size_t count, loff_t *ppos);
	long (*ioctl)(void *device_data, unsigned int cmd, unsigned long arg);
	int (*mmap)(void *device_data, struct vm_area_struct *vma);
	void (*request)(void *device_data, unsigned int count);
	int (*match)(void *device_data, char *buf);
};

void vfio_init_group_dev(struct vfio_device *device, struct device *dev,
			 const struct vfio_device_ops *ops, void *device_data);
int vfio_register_group_dev(struct vfio_device *device);
void vfio_unregister_group_dev(struct vfio_device *device);

/* For work on a group together with its user. */
struct vfio_group *vfio_group_get_external_user_from_dev(struct device *dev);
void vfio_group_put_external_user(struct vfio_group *group);

int vfio_pin_pages(struct device *dev, unsigned long *user_pfn, int npage, int prot,
		   unsigned long *phys_pfn);
int vfio_unpin_pages(struct device *dev, unsigned long *user_pfn, int npage);
int vfio_dma_rw(struct vfio_group *group, dma_addr_t user_iova, void *data, size_t len, bool write);
struct iommu_domain *vfio_group_iommu_domain(struct vfio_group *group);

/* What a notifier is about; each type has events of its own. */
enum vfio_notify_type {
	VFIO_IOMMU_NOTIFY = 0,
	VFIO_GROUP_NOTIFY = 1,
};

/*
 * VFIO_IOMMU_NOTIFY: a mapping goes, and the driver has to unpin what it pinned of it before it
 * returns. The data is the struct vfio_iommu_type1_dma_unmap with iova and size set.
 */
#define VFIO_IOMMU_NOTIFY_DMA_UNMAP BIT(0)

/* VFIO_GROUP_NOTIFY: the group's user has been tied to a struct kvm, the data; NULL unties. */
#define VFIO_GROUP_NOTIFY_SET_KVM BIT(0)

int vfio_register_notifier(struct device *dev, enum vfio_notify_type type,
			   unsigned long *required_events, struct notifier_block *nb);
int vfio_unregister_notifier(struct device *dev, enum vfio_notify_type type,
			     struct notifier_block *nb);

#endif /* UMDEV_LINUX_VFIO_DEVICE_H */
