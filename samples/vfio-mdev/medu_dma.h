/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/* How medu reaches the memory of its user: two ways to keep users apart. */
#ifndef MEDU_DMA_H
#define MEDU_DMA_H

#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/types.h>
#include <linux/vfio.h>

struct device;
struct medu_dma;

/**
 * struct medu_dma_ops - a way to the user's memory
 * @open: the device gets a user; 0 or a negative errno
 * @close: he has gone, and no access is in progress
 * @access: copy @count bytes at @addr of the user's address space to or, with @write, from @data;
 *	0, or a negative errno with a part perhaps copied
 *
 * All may sleep.
 */
struct medu_dma_ops {
	int (*open)(struct medu_dma *dma);
	void (*close)(struct medu_dma *dma);
	int (*access)(struct medu_dma *dma, dma_addr_t addr, void *data, size_t count, bool write);
};

/* A page of the user that is kept pinned; @prot is 0 for none. */
struct medu_pin {
	unsigned long user_pfn;
	unsigned long pfn;
	int prot;
};

#define MEDU_NR_PINS 4

/**
 * struct medu_dma - a device's way to its user's memory
 * @ops: which way
 * @dev: the mediated device
 * @parent: the device whose IOMMU keeps users apart
 * @group: the VFIO group, while there is a user
 * @pasid: with medu_dma_iommu, tags what the device does for its user
 * @nb: with medu_dma_vendor, told of what the user unmaps
 * @lock: covers the rest, and is held while a pinned page is accessed. Taken by @nb, so what holds it
 *	may not wait for the user
 * @pin: with medu_dma_vendor, pages used last
 * @next: the one to be replaced next
 */
struct medu_dma {
	const struct medu_dma_ops *ops;
	struct device *dev;
	struct device *parent;
	struct vfio_group *group;
	u32 pasid;
	struct notifier_block nb;

	struct mutex lock;
	struct medu_pin pin[MEDU_NR_PINS];
	unsigned int next;
};

extern const struct medu_dma_ops medu_dma_vendor;
extern const struct medu_dma_ops medu_dma_iommu;

#endif /* MEDU_DMA_H */
