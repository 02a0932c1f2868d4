/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/* The software IOMMU's parts; see the top of soft_iommu.c for the locks and their order. */
#ifndef RUNTIME_SOFT_IOMMU_H
#define RUNTIME_SOFT_IOMMU_H

#include <linux/compiler_types.h>
#include <linux/iommu.h>
#include <linux/kernel.h>
#include <linux/rbtree.h>
#include <linux/rwsem.h>

/**
 * struct soft_domain - an address space
 * @domain: its public part
 * @lock: covers @mappings
 * @mappings: struct soft_mapping by IOVA; they do not overlap
 * @pasid: of the domain where it is used as an auxiliary one, else IOMMU_NO_PASID; under pasid_lock
 * @pasid_users: devices that it is attached to as an auxiliary domain; under pasid_lock
 */
struct soft_domain {
	struct iommu_domain domain;
	struct rw_semaphore lock;
	struct rb_root mappings;
	u32 pasid;
	unsigned int pasid_users;
} ____cacheline_aligned;

static inline struct soft_domain *to_soft_domain(struct iommu_domain *domain)
{
	return container_of(domain, struct soft_domain, domain);
}

/* soft_domain.c; before the first domain and after the last. 0 or -ENOMEM. */
int soft_domains_init(void);
void soft_domains_exit(void);

/* struct iommu_ops. */
struct iommu_domain *soft_domain_alloc(unsigned int type);
void soft_domain_free(struct iommu_domain *iommu_domain);
int soft_map(struct iommu_domain *iommu_domain, unsigned long iova, phys_addr_t paddr, size_t size,
	     int prot, gfp_t gfp);
size_t soft_unmap(struct iommu_domain *iommu_domain, unsigned long iova, size_t size);
phys_addr_t soft_iova_to_phys(struct iommu_domain *iommu_domain, dma_addr_t iova);

/*
 * Copies until the first address that the domain does not map so; *@iova is that then. 0; -EFAULT
 * for that address, or where the memory behind the mapping is not there.
 */
int soft_domain_access(struct soft_domain *domain, dma_addr_t *iova, void *data, size_t count,
		       bool write);

#endif /* RUNTIME_SOFT_IOMMU_H */
