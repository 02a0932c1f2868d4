/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * 5.18 took out auxiliary domains, and with them the feature that enables them: no device has it.
 * The optional features altogether went later: 6.12 has them, 7.3 has not. That software is what
 * masters the bus is known in user space only.
 */
#ifndef UMDEV_COMPAT_IOMMU_H
#define UMDEV_COMPAT_IOMMU_H

#include_next <linux/iommu.h>
#include <linux/errno.h>

#define IOMMU_DEV_FEAT_AUX					  0
#define iommu_dev_enable_feature(dev, feat)			  ((void)(dev), -ENODEV)
#define iommu_dev_disable_feature(dev, feat)			  ((void)(dev))
#define iommu_aux_get_pasid(domain, dev)			  ((void)(domain), -ENODEV)
#define iommu_device_access(dev, pasid, iova, data, count, write) ((void)(dev), -ENODEV)

#endif
