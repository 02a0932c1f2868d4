// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * The software IOMMU's domains: what they map, and how memory is reached through that. The locks
 * are described in soft_iommu.c.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "soft_iommu.h"

/* A range of addresses that a domain maps. */
struct soft_mapping {
	struct rb_node node;
	dma_addr_t iova;
	size_t size;
	phys_addr_t paddr;
	int prot;
};

static struct kmem_cache *domain_cache;

int soft_domains_init(void)
{
	domain_cache = kmem_cache_create("soft_domain", sizeof(struct soft_domain),
					 __alignof__(struct soft_domain), 0, NULL);
	return domain_cache ? 0 : -ENOMEM;
}

void soft_domains_exit(void)
{
	kmem_cache_destroy(domain_cache);
}

static dma_addr_t mapping_last(const struct soft_mapping *map)
{
	return map->iova + map->size - 1;
}

/* The first mapping that has bytes of [first, last], or NULL. */
static struct soft_mapping *find_mapping(struct soft_domain *domain, dma_addr_t first,
					 dma_addr_t last)
{
	struct rb_node *node = domain->mappings.rb_node;
	struct soft_mapping *found = NULL;

	while (node) {
		struct soft_mapping *map = rb_entry(node, struct soft_mapping, node);

		if (mapping_last(map) >= first) {
			found = map;
			node = node->rb_left;
		} else {
			node = node->rb_right;
		}
	}
	return found && found->iova <= last ? found : NULL;
}

static void link_mapping(struct soft_domain *domain, struct soft_mapping *new)
{
	struct rb_node **link = &domain->mappings.rb_node, *parent = NULL;

	while (*link) {
		struct soft_mapping *map = rb_entry(*link, struct soft_mapping, node);

		parent = *link;
		link = new->iova < map->iova ? &parent->rb_left : &parent->rb_right;
	}
	rb_link_node(&new->node, parent, link);
	rb_insert_color(&new->node, &domain->mappings);
}

static void remove_mapping(struct soft_domain *domain, struct soft_mapping *map)
{
	rb_erase(&map->node, &domain->mappings);
	kfree(map);
}

struct iommu_domain *soft_domain_alloc(unsigned int type)
{
	struct soft_domain *domain;

	if (type != IOMMU_DOMAIN_UNMANAGED)
		return NULL;
	domain = kmem_cache_zalloc(domain_cache, GFP_KERNEL);
	if (!domain)
		return NULL;

	init_rwsem(&domain->lock);
	domain->mappings = RB_ROOT;
	domain->domain.geometry.aperture_end = ~(dma_addr_t)0;
	domain->domain.geometry.force_aperture = true;
	return &domain->domain;
}

void soft_domain_free(struct iommu_domain *iommu_domain)
{
	struct soft_domain *domain = to_soft_domain(iommu_domain);
	struct rb_node *node;

	WARN_ON(domain->pasid_users);
	while ((node = rb_first(&domain->mappings)))
		remove_mapping(domain, rb_entry(node, struct soft_mapping, node));
	kmem_cache_free(domain_cache, domain);
}

int soft_map(struct iommu_domain *iommu_domain, unsigned long iova, phys_addr_t paddr, size_t size,
	     int prot, gfp_t gfp)
{
	struct soft_domain *domain = to_soft_domain(iommu_domain);
	struct soft_mapping *map;
	int ret = 0;

	map = kzalloc(sizeof(*map), gfp);
	if (!map)
		return -ENOMEM;
	map->iova = iova;
	map->size = size;
	map->paddr = paddr;
	map->prot = prot;

	down_write(&domain->lock);
	if (find_mapping(domain, iova, mapping_last(map)))
		ret = -EEXIST;
	else
		link_mapping(domain, map);
	up_write(&domain->lock);

	if (ret)
		kfree(map);
	return ret;
}

/*
 * Make a mapping that begins before @at end there, and its rest one of its own, so that a range
 * can be cut out of it. False where there is no memory. Caller holds the lock for writing.
 */
static bool split_mapping(struct soft_domain *domain, dma_addr_t at)
{
	struct soft_mapping *map = find_mapping(domain, at, at);
	struct soft_mapping *rest;

	if (!map || map->iova == at)
		return true;
	rest = kzalloc(sizeof(*rest), GFP_KERNEL);
	if (!rest)
		return false;

	rest->iova = at;
	rest->size = mapping_last(map) - at + 1;
	rest->paddr = map->paddr + (at - map->iova);
	rest->prot = map->prot;
	map->size -= rest->size;
	link_mapping(domain, rest);
	return true;
}

size_t soft_unmap(struct iommu_domain *iommu_domain, unsigned long iova, size_t size)
{
	struct soft_domain *domain = to_soft_domain(iommu_domain);
	dma_addr_t last = iova + size - 1;
	struct soft_mapping *map;
	size_t unmapped = 0;

	down_write(&domain->lock);
	if (!split_mapping(domain, iova) || (last + 1 && !split_mapping(domain, last + 1)))
		goto out;
	while ((map = find_mapping(domain, iova, last))) {
		unmapped += map->size;
		remove_mapping(domain, map);
	}
out:
	up_write(&domain->lock);
	return unmapped;
}

phys_addr_t soft_iova_to_phys(struct iommu_domain *iommu_domain, dma_addr_t iova)
{
	struct soft_domain *domain = to_soft_domain(iommu_domain);
	struct soft_mapping *map;
	phys_addr_t paddr;

	down_read(&domain->lock);
	map = find_mapping(domain, iova, iova);
	paddr = map ? map->paddr + (iova - map->iova) : 0;
	up_read(&domain->lock);
	return paddr;
}

static int copy_phys(phys_addr_t paddr, void *data, size_t count, bool write)
{
	void *vaddr = (void *)(uintptr_t)paddr;

	return write ? copy_to_kernel_nofault(vaddr, data, count)
		     : copy_from_kernel_nofault(data, vaddr, count);
}

int soft_domain_access(struct soft_domain *domain, dma_addr_t *iova, void *data, size_t count,
		       bool write)
{
	int need = write ? IOMMU_WRITE : IOMMU_READ;
	int ret = 0;

	down_read(&domain->lock);
	while (count) {
		struct soft_mapping *map = find_mapping(domain, *iova, *iova);
		size_t chunk;

		if (!map || !(map->prot & need)) {
			ret = -EFAULT;
			break;
		}
		chunk = min_t(u64, count, mapping_last(map) - *iova + 1);
		ret = copy_phys(map->paddr + (*iova - map->iova), data, chunk, write);
		if (ret)
			break;
		*iova += chunk;
		data += chunk;
		count -= chunk;
	}
	up_read(&domain->lock);
	return ret;
}
