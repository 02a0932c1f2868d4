/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/* Structures of the VFIO core itself; see the top of vfio.c for the locks and their order. */
#ifndef DRIVERS_VFIO_VFIO_PRIVATE_H
#define DRIVERS_VFIO_VFIO_PRIVATE_H

#include "vfio.h"

struct iommu_group;
struct vfio_container;
struct vfio_iommu_driver;

/**
 * struct vfio_group - an IOMMU group with at least one VFIO device, /dev/vfio/N
 * @kref: one for each registered device, for the open file and for each user inside the process;
 *	the last one is dropped under vfio_group_lock
 * @iommu_group: a reference
 * @minor: of its device number
 * @dev: its device of class vfio
 * @lock: serialises opening, closing, and joining and leaving a container
 * @opened: its file is open; under @lock
 * @container: the container it is in; written under @lock, and stable for whoever holds one of
 *	@container_users
 * @container_users: one for the group file from SET_CONTAINER on, one for each open device fd, one
 *	for each user inside the process. It leaves 0 and returns there under @lock only, and is 0
 *	whenever @container is NULL
 * @container_next: in the container's list of groups, under the container's group_lock
 * @container_q: woken when @container becomes NULL
 * @device_lock: covers @device_list, @unbound_list and @dev_counter
 * @device_list: struct vfio_device, from registration until the last fd is closed
 * @unbound_list: struct vfio_unbound_dev, devices that have left @device_list
 * @dev_counter: length of @device_list
 * @pinned: pages that drivers hold pinned for the group's devices
 * @nb: in the IOMMU group's notifier
 * @notifier: of VFIO_GROUP_NOTIFY
 * @kvm: told to @notifier; under @lock
 */
struct vfio_group {
	struct kref kref;
	struct iommu_group *iommu_group;
	int minor;
	struct device *dev;

	struct mutex lock;
	bool opened;
	struct vfio_container *container;
	atomic_t container_users;
	struct list_head container_next;
	wait_queue_head_t container_q;

	struct mutex device_lock;
	struct list_head device_list;
	struct list_head unbound_list;
	unsigned int dev_counter;

	atomic_long_t pinned;
	struct notifier_block nb;
	struct blocking_notifier_head notifier;
	struct kvm *kvm;
};

/**
 * struct vfio_unbound_dev - a device that VFIO has let go of but that may still have its driver
 * @dev: the device; compared only, as it may be gone
 * @next: in the group's unbound_list
 *
 * Its driver is about to be unbound and no obstacle to the group's use until then.
 */
struct vfio_unbound_dev {
	struct device *dev;
	struct list_head next;
};

/**
 * struct vfio_container - an open /dev/vfio/vfio: an address space that groups share
 * @kref: one for the file, one for each group
 * @group_lock: covers the rest; see the top of vfio.c
 * @group_list: struct vfio_group
 * @iommu_driver: the backend of VFIO_SET_IOMMU, or NULL. Set once @iommu_data is; back to NULL only
 *	when the last group leaves, so that a user of a group may read both without the lock
 * @iommu_data: the backend's state
 */
struct vfio_container {
	struct kref kref;
	struct rw_semaphore group_lock;
	struct list_head group_list;
	struct vfio_iommu_driver *iommu_driver;
	void *iommu_data;
};

/* A registered backend. */
struct vfio_iommu_driver {
	const struct vfio_iommu_driver_ops *ops;
	struct list_head next;
};

/* vfio.c */
struct vfio_device *vfio_device_get_from_name(struct vfio_group *group, char *name);

/* vfio_device_file.c */
int vfio_device_open_fd(struct vfio_device *device);

/* vfio_group.c */
extern struct class *vfio_class;
int vfio_groups_init(void);
void vfio_groups_exit(void);
struct vfio_group *vfio_group_get_or_create(struct iommu_group *iommu_group);
struct vfio_group *vfio_group_get_from_dev(struct device *dev);
struct vfio_group *vfio_group_get_from_file(struct file *file);
void vfio_group_put(struct vfio_group *group);
void vfio_group_forget_unbound(struct vfio_group *group, struct device *dev);
int vfio_group_add_container_user(struct vfio_group *group);
void vfio_group_try_dissolve_container(struct vfio_group *group);

/* vfio_container.c */
extern const struct file_operations vfio_fops;
struct vfio_container *vfio_container_get_from_file(struct file *file);
void vfio_container_put(struct vfio_container *container);
int vfio_container_attach_group(struct vfio_container *container, struct vfio_group *group);
void vfio_container_detach_group(struct vfio_container *container, struct vfio_group *group);
struct vfio_iommu_driver *vfio_container_driver(struct vfio_container *container);
long vfio_container_check_extension(struct vfio_container *container, unsigned long arg);

#endif /* DRIVERS_VFIO_VFIO_PRIVATE_H */
