/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * What VFIO drivers find in <linux/vfio.h> that register as in 5.13 and otherwise are as in 5.10, on
 * kernels where
 *
 *	5.13  callbacks get the struct vfio_device rather than the driver's pointer
 *	5.15  open() and release() became open_device() and close_device(): for the first and the
 *	      last file descriptor rather than for each
 *	5.16  the VFIO core makes the IOMMU group of a device without an IOMMU,
 *	      vfio_register_emulated_iommu_dev()
 *	5.19  vfio_pin_pages() and its like take the device rather than its group or struct device,
 *	6.0   contiguous pages rather than an array of them, and dma_unmap() replaced the notifier
 *	6.1   vfio_alloc_device() allocates the device and a reference count frees it
 *
 * Our own forms have their names by macros, so that driver sources need not know.
 */
#ifndef UMDEV_COMPAT_VFIO_H
#define UMDEV_COMPAT_VFIO_H

#include_next <linux/vfio.h>

#define vfio_device		       umdev_vfio_device
#define vfio_device_ops		       umdev_vfio_device_ops
#define vfio_group		       umdev_vfio_group
#define vfio_register_group_dev(...)   umdev_vfio_register_group_dev(__VA_ARGS__)
#define vfio_unregister_group_dev(...) umdev_vfio_unregister_group_dev(__VA_ARGS__)
#define vfio_pin_pages(...)	       umdev_vfio_pin_pages(__VA_ARGS__)
#define vfio_unpin_pages(...)	       umdev_vfio_unpin_pages(__VA_ARGS__)
#define vfio_dma_rw(...)	       umdev_vfio_dma_rw(__VA_ARGS__)

#include "../../../../include/linux/vfio_device.h"

/* No group has a domain that is its own, see <linux/iommu.h>. */
#define vfio_group_iommu_domain(group) ((void)(group), ERR_PTR(-ENODEV))

#endif
