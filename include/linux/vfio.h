/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * VFIO as drivers see it: beside <linux/vfio_device.h>, the wrappers of 5.10 for registration, IOMMU
 * backends, what other parts of the system may ask of a group, and helpers. The user ABI, struct
 * vfio_irq_set and the like, comes from the system's header of the same name.
 */
#ifndef _LINUX_VFIO_H
#define _LINUX_VFIO_H

#include_next <linux/vfio.h>

#include <linux/iommu.h>
#include <linux/mm.h>
#include <linux/poll.h>
#include <linux/types.h>
#include <linux/vfio_device.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

struct device;
struct eventfd_ctx;
struct file;
struct kvm;
struct module;
struct notifier_block;
struct vfio_group;

struct iommu_group *vfio_iommu_group_get(struct device *dev);
void vfio_iommu_group_put(struct iommu_group *group, struct device *dev);

int vfio_add_group_dev(struct device *dev, const struct vfio_device_ops *ops, void *device_data);
void *vfio_del_group_dev(struct device *dev);
struct vfio_device *vfio_device_get_from_dev(struct device *dev);
void vfio_device_put(struct vfio_device *device);
void *vfio_device_data(struct vfio_device *device);

/**
 * struct vfio_dma_remote_ops - client memory that cannot be mapped into this process
 * @read: copy @count bytes at IOVA @iova of the client into @data; 0 or a negative errno
 * @write: copy @count bytes of @data to IOVA @iova of the client; 0 or a negative errno
 * @release: the mapping is gone and neither of the others will be called again; optional
 *
 * Each gets the opaque pointer of the mapping. The range lies within the mapping. No lock is held
 * and they may sleep; they may still be running when the mapping is removed, and @release comes
 * after the last of them has returned. umdev's own: in a kernel all of a user's memory is mapped.
 */
struct vfio_dma_remote_ops {
	int (*read)(void *opaque, u64 iova, void *data, size_t count);
	int (*write)(void *opaque, u64 iova, const void *data, size_t count);
	void (*release)(void *opaque);
};

/**
 * struct vfio_iommu_driver_ops - callbacks of an IOMMU backend
 * @name: the backend's name, for the log
 * @owner: the module the code is in
 * @open: make the state of one container that chose backend type @arg; ERR_PTR() on error
 * @release: free that state; all groups have been detached
 * @read: read(2) on the container
 * @write: write(2) on the container
 * @ioctl: ioctl(2) on the container. With a NULL state only VFIO_CHECK_EXTENSION is asked: whether
 *	the backend can serve type @arg
 * @mmap: mmap(2) on the container
 * @attach_group: a group joins the container
 * @detach_group: a group leaves the container
 * @pin_pages: see vfio_pin_pages(); returns the number of pages pinned or an errno with none pinned
 * @unpin_pages: see vfio_unpin_pages()
 * @register_notifier: clear from @events those known; -EINVAL if any is left
 * @unregister_notifier: undo @register_notifier
 * @dma_rw: see vfio_dma_rw()
 * @group_iommu_domain: see vfio_group_iommu_domain()
 * @map_remote: see vfio_container_map_remote(); umdev's own
 *
 * attach_group, detach_group, open and release are called with the container's lock held for
 * writing, read, write, ioctl, mmap and map_remote with it held for reading, the rest without it.
 * All may sleep.
 */
struct vfio_iommu_driver_ops {
	char *name;
	struct module *owner;
	void *(*open)(unsigned long arg);
	void (*release)(void *iommu_data);
	ssize_t (*read)(void *iommu_data, char __user *buf, size_t count, loff_t *ppos);
	ssize_t (*write)(void *iommu_data, const char __user *buf, size_t count, loff_t *ppos);
	long (*ioctl)(void *iommu_data, unsigned int cmd, unsigned long arg);
	int (*mmap)(void *iommu_data, struct vm_area_struct *vma);
	int (*attach_group)(void *iommu_data, struct iommu_group *group);
	void (*detach_group)(void *iommu_data, struct iommu_group *group);
	int (*pin_pages)(void *iommu_data, struct iommu_group *group, unsigned long *user_pfn,
			 int npage, int prot, unsigned long *phys_pfn);
	int (*unpin_pages)(void *iommu_data, unsigned long *user_pfn, int npage);
	int (*register_notifier)(void *iommu_data, unsigned long *events,
				 struct notifier_block *nb);
	int (*unregister_notifier)(void *iommu_data, struct notifier_block *nb);
	int (*dma_rw)(void *iommu_data, dma_addr_t user_iova, void *data, size_t count, bool write);
	struct iommu_domain *(*group_iommu_domain)(void *iommu_data, struct iommu_group *group);
	int (*map_remote)(void *iommu_data, u64 iova, u64 size, u32 flags,
			  const struct vfio_dma_remote_ops *ops, void *opaque);
};

int vfio_register_iommu_driver(const struct vfio_iommu_driver_ops *ops);
void vfio_unregister_iommu_driver(const struct vfio_iommu_driver_ops *ops);

/* For other parts of the system that work on a group together with its user. */
struct vfio_group *vfio_group_get_external_user(struct file *filep);
bool vfio_external_group_match_file(struct vfio_group *group, struct file *filep);
int vfio_external_user_iommu_id(struct vfio_group *group);
long vfio_external_check_extension(struct vfio_group *group, unsigned long arg);

/* How many pages one call of vfio_pin_pages() may pin or unpin. */
#define VFIO_PIN_PAGES_MAX_ENTRIES (PAGE_SIZE / sizeof(unsigned long))

int vfio_group_pin_pages(struct vfio_group *group, unsigned long *user_iova_pfn, int npage,
			 int prot, unsigned long *phys_pfn);
int vfio_group_unpin_pages(struct vfio_group *group, unsigned long *user_iova_pfn, int npage);
void vfio_group_set_kvm(struct vfio_group *group, struct kvm *kvm);

/**
 * struct vfio_info_cap - a chain of capabilities that is being built
 * @buf: the capabilities, from kmalloc(); NULL while there are none
 * @size: bytes in @buf
 */
struct vfio_info_cap {
	struct vfio_info_cap_header *buf;
	size_t size;
};

struct vfio_info_cap_header *vfio_info_cap_add(struct vfio_info_cap *caps, size_t size, u16 id,
					       u16 version);
void vfio_info_cap_shift(struct vfio_info_cap *caps, size_t offset);
int vfio_info_add_capability(struct vfio_info_cap *caps, struct vfio_info_cap_header *cap,
			     size_t size);
int vfio_set_irqs_validate_and_prepare(struct vfio_irq_set *hdr, int num_irqs, int max_irq_type,
				       size_t *data_size);

/**
 * struct virqfd - a user's eventfd that a driver listens to, such as one that unmasks an interrupt
 * @opaque: first argument of the callbacks
 * @eventfd: the user's eventfd
 * @handler: called when it is signalled, in the signaller's context; may not sleep. Non-zero: call
 *	@thread too
 * @thread: called from a work queue; may sleep
 * @data: second argument of the callbacks
 * @inject: the work that calls @thread
 * @wait: our entry in the eventfd's wait queue
 * @pt: finds that wait queue
 * @shutdown: the work that takes all this down, when the driver is done
 * @flush_inject: the work that waits for @inject, see vfio_virqfd_flush_thread()
 * @pvirqfd: where the driver keeps its pointer to this; NULL there once shutdown has begun
 */
struct virqfd {
	void *opaque;
	struct eventfd_ctx *eventfd;
	int (*handler)(void *opaque, void *data);
	void (*thread)(void *opaque, void *data);
	void *data;
	struct work_struct inject;
	wait_queue_entry_t wait;
	poll_table pt;
	struct work_struct shutdown;
	struct work_struct flush_inject;
	struct virqfd **pvirqfd;
};

int vfio_virqfd_enable(void *opaque, int (*handler)(void *opaque, void *data),
		       void (*thread)(void *opaque, void *data), void *data,
		       struct virqfd **pvirqfd, int fd);
void vfio_virqfd_disable(struct virqfd **pvirqfd);
void vfio_virqfd_flush_thread(struct virqfd **pvirqfd);

#endif /* _LINUX_VFIO_H */
