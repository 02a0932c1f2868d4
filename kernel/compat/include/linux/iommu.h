/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * 5.16 to 5.18 took out auxiliary domains, and with them the feature that enables them: no device
 * has it. 6.17 took out the optional features altogether. That software is what masters the bus
 * is known in user space only.
 */
#ifndef UMDEV_COMPAT_IOMMU_H
#define UMDEV_COMPAT_IOMMU_H

#include_next <linux/iommu.h>
#include <linux/errno.h>

#define IOMMU_DEV_FEAT_AUX 0

static inline int umdev_iommu_dev_enable_feature(struct device *dev, int feat)
{
	return -ENODEV;
}

static inline int umdev_iommu_dev_disable_feature(struct device *dev, int feat)
{
	return -ENODEV;
}

#define iommu_dev_enable_feature  umdev_iommu_dev_enable_feature
#define iommu_dev_disable_feature umdev_iommu_dev_disable_feature

static inline int iommu_aux_get_pasid(struct iommu_domain *domain, struct device *dev)
{
	return -ENODEV;
}

static inline int iommu_device_access(struct device *dev, u32 pasid, dma_addr_t iova, void *data,
				      size_t count, bool write)
{
	return -ENODEV;
}

#endif
