/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef _LINUX_IOMMU_H
#define _LINUX_IOMMU_H

#include <linux/types.h>

struct bus_type;
struct device;
struct iommu_group;
struct notifier_block;

/* What a mapping lets the device do. */
#define IOMMU_READ  (1 << 0)
#define IOMMU_WRITE (1 << 1)
#define IOMMU_CACHE (1 << 2)

/* What a faulting access wanted. */
#define IOMMU_FAULT_READ  0x0
#define IOMMU_FAULT_WRITE 0x1

/* The only kind of domain: whoever allocates it makes its mappings. */
#define IOMMU_DOMAIN_UNMANAGED 1

/* No PASID: the transaction is the device's own. */
#define IOMMU_NO_PASID 0

/* Optional features of a device behind an IOMMU. */
enum iommu_dev_features {
	IOMMU_DEV_FEAT_AUX, /* several domains at once, told apart by PASID */
	IOMMU_DEV_FEAT_SVA,
};

struct iommu_domain;

/* Told of a fault; -ENOSYS: report it as if there were no handler. */
typedef int (*iommu_fault_handler_t)(struct iommu_domain *domain, struct device *dev,
				     unsigned long iova, int flags, void *token);

/* The addresses that a domain can map. */
struct iommu_domain_geometry {
	dma_addr_t aperture_start;
	dma_addr_t aperture_end;
	bool force_aperture;
};

/**
 * struct iommu_domain - an address space for DMA
 * @type: IOMMU_DOMAIN_UNMANAGED
 * @ops: the IOMMU's
 * @pgsize_bitmap: page sizes it can map
 * @handler: told of faults, see iommu_set_fault_handler()
 * @handler_token: its last argument
 * @geometry: what can be mapped
 *
 * Allocated by the IOMMU's domain_alloc(), embedded in a structure of its own.
 */
struct iommu_domain {
	unsigned int type;
	const struct iommu_ops *ops;
	unsigned long pgsize_bitmap;
	iommu_fault_handler_t handler;
	void *handler_token;
	struct iommu_domain_geometry geometry;
};

/**
 * struct iommu_ops - what an IOMMU does for the devices behind it
 * @domain_alloc: a new domain, or NULL
 * @domain_free: free a domain that no device is attached to
 * @probe_device: begin to serve a device that came to the bus
 * @release_device: stop that; the device is attached to nothing
 * @attach_dev: DMA of the device goes through that domain from now on
 * @detach_dev: its DMA faults from now on; no access is in progress on return
 * @map: make a mapping of whole pages; -EEXIST if something is mapped there
 * @unmap: remove all mappings in the range; bytes removed. No access is in progress on return
 * @iova_to_phys: what an address is mapped to, 0 for nothing
 * @dev_has_feat: the device could do that
 * @dev_feat_enabled: it may be used
 * @dev_enable_feat: let it be used
 * @dev_disable_feat: no more; -EBUSY while in use
 * @aux_attach_dev: DMA of the device with a PASID of its own goes through that domain
 * @aux_detach_dev: undo @aux_attach_dev; no access is in progress on return
 * @aux_get_pasid: that PASID, or -ENODEV
 * @device_access: see iommu_device_access(); umdev's own
 * @pgsize_bitmap: page sizes it can map
 *
 * All may sleep.
 */
struct iommu_ops {
	struct iommu_domain *(*domain_alloc)(unsigned int type);
	void (*domain_free)(struct iommu_domain *domain);
	int (*probe_device)(struct device *dev);
	void (*release_device)(struct device *dev);
	int (*attach_dev)(struct iommu_domain *domain, struct device *dev);
	void (*detach_dev)(struct iommu_domain *domain, struct device *dev);
	int (*map)(struct iommu_domain *domain, unsigned long iova, phys_addr_t paddr, size_t size,
		   int prot, gfp_t gfp);
	size_t (*unmap)(struct iommu_domain *domain, unsigned long iova, size_t size);
	phys_addr_t (*iova_to_phys)(struct iommu_domain *domain, dma_addr_t iova);
	bool (*dev_has_feat)(struct device *dev, enum iommu_dev_features feat);
	bool (*dev_feat_enabled)(struct device *dev, enum iommu_dev_features feat);
	int (*dev_enable_feat)(struct device *dev, enum iommu_dev_features feat);
	int (*dev_disable_feat)(struct device *dev, enum iommu_dev_features feat);
	int (*aux_attach_dev)(struct iommu_domain *domain, struct device *dev);
	void (*aux_detach_dev)(struct iommu_domain *domain, struct device *dev);
	int (*aux_get_pasid)(struct iommu_domain *domain, struct device *dev);
	int (*device_access)(struct device *dev, u32 pasid, dma_addr_t iova, void *data,
			     size_t count, bool write);
	unsigned long pgsize_bitmap;
};

/**
 * struct dev_iommu - the IOMMU's view of a device behind it
 * @priv: the IOMMU's own, from probe_device() to release_device()
 */
struct dev_iommu {
	void *priv;
};

/* The software IOMMU of the runtime; umdev's own. */
extern const struct iommu_ops soft_iommu_ops;

int bus_set_iommu(struct bus_type *bus, const struct iommu_ops *ops);
bool iommu_present(struct bus_type *bus);

struct iommu_domain *iommu_domain_alloc(struct bus_type *bus);
void iommu_domain_free(struct iommu_domain *domain);
int iommu_attach_device(struct iommu_domain *domain, struct device *dev);
void iommu_detach_device(struct iommu_domain *domain, struct device *dev);
int iommu_map(struct iommu_domain *domain, unsigned long iova, phys_addr_t paddr, size_t size,
	      int prot);
size_t iommu_unmap(struct iommu_domain *domain, unsigned long iova, size_t size);
phys_addr_t iommu_iova_to_phys(struct iommu_domain *domain, dma_addr_t iova);
void iommu_set_fault_handler(struct iommu_domain *domain, iommu_fault_handler_t handler,
			     void *token);
int report_iommu_fault(struct iommu_domain *domain, struct device *dev, unsigned long iova,
		       int flags);

bool iommu_dev_has_feature(struct device *dev, enum iommu_dev_features feat);
bool iommu_dev_feature_enabled(struct device *dev, enum iommu_dev_features feat);
int iommu_dev_enable_feature(struct device *dev, enum iommu_dev_features feat);
int iommu_dev_disable_feature(struct device *dev, enum iommu_dev_features feat);
int iommu_aux_attach_device(struct iommu_domain *domain, struct device *dev);
void iommu_aux_detach_device(struct iommu_domain *domain, struct device *dev);
int iommu_aux_get_pasid(struct iommu_domain *domain, struct device *dev);

int iommu_device_access(struct device *dev, u32 pasid, dma_addr_t iova, void *data, size_t count,
			bool write);

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
