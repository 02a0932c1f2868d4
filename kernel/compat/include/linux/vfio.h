/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * What VFIO drivers of 5.13 find in <linux/vfio.h>, on kernels where
 *
 *	5.15  open() and release() became open_device() and close_device(): for the first and the
 *	      last file descriptor rather than for each
 *	5.16  the VFIO core makes the IOMMU group of a device without an IOMMU,
 *	      vfio_register_emulated_iommu_dev()
 *	5.18  callbacks get the struct vfio_device rather than the driver's pointer
 *	5.19  vfio_pin_pages() and its like take the device rather than its group or struct device,
 *	6.0   contiguous pages rather than an array of them, and dma_unmap() replaced the notifier
 *	6.1   vfio_alloc_device() allocates the device and a reference count frees it
 *
 * Our own forms have their names by macros, so that driver sources need not know.
 */
#ifndef UMDEV_COMPAT_VFIO_H
#define UMDEV_COMPAT_VFIO_H

#include_next <linux/vfio.h>
#include <linux/err.h>
#include <linux/notifier.h>

struct umdev_vfio_group;

struct umdev_vfio_device {
	struct device *dev;
	const struct umdev_vfio_device_ops *ops;
	void *device_data;
	struct umdev_vfio_group *group;
};

struct umdev_vfio_device_ops {
	char *name;
	int (*open)(void *device_data);
	void (*release)(void *device_data);
	ssize_t (*read)(void *device_data, char __user *buf, size_t count, loff_t *ppos);
	ssize_t (*write)(void *device_data, const char __user *buf, size_t count, loff_t *ppos);
	long (*ioctl)(void *device_data, unsigned int cmd, unsigned long arg);
	int (*mmap)(void *device_data, struct vm_area_struct *vma);
	void (*request)(void *device_data, unsigned int count);
};

void umdev_vfio_init_group_dev(struct umdev_vfio_device *device, struct device *dev,
			       const struct umdev_vfio_device_ops *ops, void *device_data);
int umdev_vfio_register_group_dev(struct umdev_vfio_device *device);
void umdev_vfio_unregister_group_dev(struct umdev_vfio_device *device);

enum vfio_notify_type {
	VFIO_IOMMU_NOTIFY = 0,
};

#define VFIO_IOMMU_NOTIFY_DMA_UNMAP BIT(0)

int vfio_register_notifier(struct device *dev, enum vfio_notify_type type,
			   unsigned long *required_events, struct notifier_block *nb);
int vfio_unregister_notifier(struct device *dev, enum vfio_notify_type type,
			     struct notifier_block *nb);
int umdev_vfio_pin_pages(struct device *dev, unsigned long *user_pfn, int npage, int prot,
			 unsigned long *phys_pfn);
int umdev_vfio_unpin_pages(struct device *dev, unsigned long *user_pfn, int npage);
struct umdev_vfio_group *vfio_group_get_external_user_from_dev(struct device *dev);
void vfio_group_put_external_user(struct umdev_vfio_group *group);
int umdev_vfio_dma_rw(struct umdev_vfio_group *group, dma_addr_t user_iova, void *data, size_t len,
		      bool write);

/* No group has a domain that is its own, see <linux/iommu.h>. */
static inline struct iommu_domain *vfio_group_iommu_domain(struct umdev_vfio_group *group)
{
	return ERR_PTR(-ENODEV);
}

#define vfio_device		  umdev_vfio_device
#define vfio_device_ops		  umdev_vfio_device_ops
#define vfio_group		  umdev_vfio_group
#define vfio_init_group_dev	  umdev_vfio_init_group_dev
#define vfio_register_group_dev	  umdev_vfio_register_group_dev
#define vfio_unregister_group_dev umdev_vfio_unregister_group_dev
#define vfio_pin_pages		  umdev_vfio_pin_pages
#define vfio_unpin_pages	  umdev_vfio_unpin_pages
#define vfio_dma_rw		  umdev_vfio_dma_rw

#endif
