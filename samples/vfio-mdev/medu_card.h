/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/* medu as its user sees it: a PCI card with registers, work to do, and DMA. */
#ifndef MEDU_CARD_H
#define MEDU_CARD_H

#include <linux/kernel.h>
#include <linux/types.h>
#include <linux/workqueue.h>

#include "medu_dma.h"
#include "mpci.h"

struct mdev_device;

#define MEDU_BUFFER_SIZE 4096

/**
 * struct medu - a device
 * @pci: its PCI side; its lock covers what follows, up to @wq
 * @live: register
 * @fact: register: the argument, and later the factorial
 * @status: register
 * @irq_status: register
 * @src: register
 * @dst: register
 * @count: register
 * @cmd: register
 * @quiet: a reset is in progress and nothing may be started
 * @wq: where the work items run
 * @fact_work: runs while @status says COMPUTING
 * @dma_work: runs while @cmd says RUN
 * @buffer: belongs to @dma_work, and to a reset that has stopped that
 * @dma: the way to the user's memory
 *
 * Owned by its mediated device.
 */
struct medu {
	struct mpci pci;
	u32 live;
	u32 fact;
	u32 status;
	u32 irq_status;
	u64 src;
	u64 dst;
	u64 count;
	u64 cmd;
	bool quiet;

	struct workqueue_struct *wq;
	struct work_struct fact_work;
	struct work_struct dma_work;
	u8 buffer[MEDU_BUFFER_SIZE];
	struct medu_dma dma;
};

static inline struct medu *to_medu(struct mpci *pci)
{
	return container_of(pci, struct medu, pci);
}

void medu_card_init(struct medu *medu, struct mdev_device *mdev, const struct medu_dma_ops *dma,
		    struct workqueue_struct *wq);
void medu_card_destroy(struct medu *medu);

#endif /* MEDU_CARD_H */
