/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef _LINUX_IOMMU_H
#define _LINUX_IOMMU_H

#include <linux/types.h>

struct device;
struct iommu_group;
struct notifier_block;

/* What a mapping lets the device do. */
#define IOMMU_READ  (1 << 0)
#define IOMMU_WRITE (1 << 1)

/*
 * Events of a group's notifier; the data is the struct device concerned. ADD_DEVICE comes after the
 * device has joined, DEL_DEVICE while it is still a member.
 */
#define IOMMU_GROUP_NOTIFY_ADD_DEVICE 1
#define IOMMU_GROUP_NOTIFY_DEL_DEVICE 2

struct iommu_group *iommu_group_alloc(void);
void *iommu_group_get_iommudata(struct iommu_group *group);
void iommu_group_set_iommudata(struct iommu_group *group, void *iommu_data,
			       void (*release)(void *iommu_data));
int iommu_group_set_name(struct iommu_group *group, const char *name);
int iommu_group_add_device(struct iommu_group *group, struct device *dev);
void iommu_group_remove_device(struct device *dev);
int iommu_group_for_each_dev(struct iommu_group *group, void *data,
			     int (*fn)(struct device *dev, void *data));
struct iommu_group *iommu_group_get(struct device *dev);
struct iommu_group *iommu_group_ref_get(struct iommu_group *group);
struct iommu_group *iommu_group_get_by_id(int id);
void iommu_group_put(struct iommu_group *group);
int iommu_group_id(struct iommu_group *group);
int iommu_group_register_notifier(struct iommu_group *group, struct notifier_block *nb);
int iommu_group_unregister_notifier(struct iommu_group *group, struct notifier_block *nb);

#endif /* _LINUX_IOMMU_H */
