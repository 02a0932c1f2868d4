// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * The card that medu emulates: QEMU's educational PCI device, see its docs/specs/edu.rst.
 *
 * Registers are covered by mpci.lock. Factorials and DMA are the business of work items, of which
 * the registers show whether they run; a reset first stops both.
 */
#include "medu_card.h"

#include <linux/device.h>
#include <linux/errno.h>
#include <linux/mdev.h>
#include <linux/pci.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#define MEDU_VENDOR	      0x1234
#define MEDU_DEVICE	      0x11e8
#define MEDU_SUBSYSTEM_VENDOR 0x1af4
#define MEDU_SUBSYSTEM	      0x1100
#define MEDU_REVISION	      0x10
#define MEDU_CLASS	      0x00ff00 /* before there were classes, other than VGA */
#define MEDU_BAR_SIZE	      0x100000
#define MEDU_IDENTIFICATION   0x010000ed

/* Offsets of registers; 4 bytes up to MEDU_REG_SRC, 4 or 8 from there. */
#define MEDU_REG_ID	    0x00
#define MEDU_REG_LIVE	    0x04
#define MEDU_REG_FACT	    0x08
#define MEDU_REG_STATUS	    0x20
#define MEDU_REG_IRQ_STATUS 0x24
#define MEDU_REG_IRQ_RAISE  0x60
#define MEDU_REG_IRQ_ACK    0x64
#define MEDU_REG_SRC	    0x80
#define MEDU_REG_DST	    0x88
#define MEDU_REG_COUNT	    0x90
#define MEDU_REG_CMD	    0x98

#define MEDU_STATUS_COMPUTING 0x01
#define MEDU_STATUS_IRQ	      0x80

#define MEDU_CMD_RUN	0x1
#define MEDU_CMD_TO_RAM 0x2
#define MEDU_CMD_IRQ	0x4

#define MEDU_IRQ_FACT 0x001
#define MEDU_IRQ_DMA  0x100

/* What the device calls its buffer, and how far it reaches into memory. */
#define MEDU_BUFFER   0x40000
#define MEDU_DMA_MASK ((1ULL << 28) - 1)

/* Caller holds the lock, here and up to the work items. */
static void medu_raise_irq(struct medu *medu, u32 bits)
{
	medu->irq_status |= bits;
	mpci_set_irq(&medu->pci, medu->irq_status, medu->irq_status);
}

static void medu_ack_irq(struct medu *medu, u32 bits)
{
	medu->irq_status &= ~bits;
	mpci_set_irq(&medu->pci, medu->irq_status, false);
}

static void medu_start_fact(struct medu *medu, u32 val)
{
	if (medu->quiet || medu->status & MEDU_STATUS_COMPUTING)
		return;
	medu->fact = val;
	medu->status |= MEDU_STATUS_COMPUTING;
	queue_work(medu->wq, &medu->fact_work);
}

static void medu_start_dma(struct medu *medu, u64 cmd)
{
	if (medu->quiet || !(cmd & MEDU_CMD_RUN))
		return;
	medu->cmd = cmd;
	queue_work(medu->wq, &medu->dma_work);
}

static u64 medu_read_register(struct medu *medu, u32 offset)
{
	switch (offset) {
	case MEDU_REG_ID:
		return MEDU_IDENTIFICATION;
	case MEDU_REG_LIVE:
		return medu->live;
	case MEDU_REG_FACT:
		return medu->fact;
	case MEDU_REG_STATUS:
		return medu->status;
	case MEDU_REG_IRQ_STATUS:
		return medu->irq_status;
	case MEDU_REG_SRC:
		return medu->src;
	case MEDU_REG_DST:
		return medu->dst;
	case MEDU_REG_COUNT:
		return medu->count;
	case MEDU_REG_CMD:
		return medu->cmd;
	default:
		return ~0ULL;
	}
}

/* What a transfer works with stays as it is while that runs. */
static void medu_write_dma_register(struct medu *medu, u32 offset, u64 val)
{
	if (medu->cmd & MEDU_CMD_RUN)
		return;

	switch (offset) {
	case MEDU_REG_SRC:
		medu->src = val;
		break;
	case MEDU_REG_DST:
		medu->dst = val;
		break;
	case MEDU_REG_COUNT:
		medu->count = val;
		break;
	case MEDU_REG_CMD:
		medu_start_dma(medu, val);
		break;
	}
}

static void medu_write_register(struct medu *medu, u32 offset, u64 val)
{
	switch (offset) {
	case MEDU_REG_LIVE:
		medu->live = ~val;
		break;
	case MEDU_REG_FACT:
		medu_start_fact(medu, val);
		break;
	case MEDU_REG_STATUS:
		medu->status &= ~MEDU_STATUS_IRQ;
		medu->status |= val & MEDU_STATUS_IRQ;
		break;
	case MEDU_REG_IRQ_RAISE:
		medu_raise_irq(medu, val);
		break;
	case MEDU_REG_IRQ_ACK:
		medu_ack_irq(medu, val);
		break;
	default:
		medu_write_dma_register(medu, offset, val);
		break;
	}
}

/* A bus moves up to 8 bytes at a time, at an address that is a multiple of how many. */
static size_t medu_access_size(u32 offset, size_t left)
{
	size_t size = 8;

	while (size > left || offset % size)
		size /= 2;
	return size;
}

static bool medu_size_allowed(u32 offset, size_t size)
{
	return size == 4 || (size == 8 && offset >= MEDU_REG_SRC);
}

/* As QEMU's: what is too short for the device reads as 0, what is too long for a register as ~0. */
static void medu_read(struct mpci *pci, unsigned int bar, u32 offset, u8 *data, size_t count)
{
	size_t done, size, i;
	u64 val;

	for (done = 0; done < count; done += size) {
		size = medu_access_size(offset + done, count - done);
		val = size < 4 ? 0 : ~0ULL;
		if (medu_size_allowed(offset + done, size))
			val = medu_read_register(to_medu(pci), offset + done);
		for (i = 0; i < size; i++)
			data[done + i] = val >> i * 8;
	}
}

static void medu_write(struct mpci *pci, unsigned int bar, u32 offset, const u8 *data, size_t count)
{
	size_t done, size, i;
	u64 val;

	for (done = 0; done < count; done += size) {
		size = medu_access_size(offset + done, count - done);
		val = 0;
		for (i = 0; i < size; i++)
			val |= (u64)data[done + i] << i * 8;
		if (medu_size_allowed(offset + done, size))
			medu_write_register(to_medu(pci), offset + done, val);
	}
}

/* The factorial of 34 is a multiple of 2 to the 32nd, and so are all that follow. */
static u32 medu_factorial(u32 n)
{
	u32 product = 1;

	while (n && product)
		product *= n--;
	return product;
}

static void medu_fact_work(struct work_struct *work)
{
	struct medu *medu = container_of(work, struct medu, fact_work);
	u32 val;

	spin_lock(&medu->pci.lock);
	val = medu->fact;
	spin_unlock(&medu->pci.lock);

	val = medu_factorial(val);

	spin_lock(&medu->pci.lock);
	medu->fact = val;
	medu->status &= ~MEDU_STATUS_COMPUTING;
	if (medu->status & MEDU_STATUS_IRQ)
		medu_raise_irq(medu, MEDU_IRQ_FACT);
	spin_unlock(&medu->pci.lock);
}

/* A transfer that leaves the buffer's bounds is not made. */
static int medu_transfer(struct medu *medu)
{
	bool to_ram = medu->cmd & MEDU_CMD_TO_RAM;
	u64 pos = (to_ram ? medu->src : medu->dst) - MEDU_BUFFER;
	u64 addr = (to_ram ? medu->dst : medu->src) & MEDU_DMA_MASK;

	if (pos > MEDU_BUFFER_SIZE || medu->count > MEDU_BUFFER_SIZE - pos)
		return -ERANGE;
	if (!medu->count)
		return 0;
	return medu->dma.ops->access(&medu->dma, addr, medu->buffer + pos, medu->count, to_ram);
}

/* The registers that say what to do do not change meanwhile. */
static void medu_dma_work(struct work_struct *work)
{
	struct medu *medu = container_of(work, struct medu, dma_work);
	bool master;
	int ret;

	spin_lock(&medu->pci.lock);
	master = medu->pci.config[PCI_COMMAND] & PCI_COMMAND_MASTER;
	spin_unlock(&medu->pci.lock);

	ret = master ? medu_transfer(medu) : -EACCES;
	if (ret)
		dev_warn_ratelimited(mdev_dev(medu->pci.mdev),
				     "DMA of %#llx bytes from %#llx to %#llx failed: error %d%s\n",
				     (unsigned long long)medu->count, (unsigned long long)medu->src,
				     (unsigned long long)medu->dst, ret,
				     master ? "" : ", it may not master the bus");

	spin_lock(&medu->pci.lock);
	medu->cmd &= ~(u64)MEDU_CMD_RUN;
	if (medu->cmd & MEDU_CMD_IRQ)
		medu_raise_irq(medu, MEDU_IRQ_DMA);
	spin_unlock(&medu->pci.lock);
}

static void medu_reset(struct mpci *pci)
{
	struct medu *medu = to_medu(pci);

	spin_lock(&pci->lock);
	medu->quiet = true;
	spin_unlock(&pci->lock);
	cancel_work_sync(&medu->fact_work);
	cancel_work_sync(&medu->dma_work);

	spin_lock(&pci->lock);
	medu->live = 0;
	medu->fact = 0;
	medu->status = 0;
	medu->src = 0;
	medu->dst = 0;
	medu->count = 0;
	medu->cmd = 0;
	memset(medu->buffer, 0, sizeof(medu->buffer));
	medu_ack_irq(medu, ~0U);
	medu->quiet = false;
	spin_unlock(&pci->lock);
}

static int medu_open(struct mpci *pci)
{
	struct medu_dma *dma = &to_medu(pci)->dma;

	return dma->ops->open(dma);
}

static void medu_close(struct mpci *pci)
{
	struct medu_dma *dma = &to_medu(pci)->dma;

	dma->ops->close(dma);
}

static const struct mpci_type medu_pci = {
	.vendor = MEDU_VENDOR,
	.device = MEDU_DEVICE,
	.subsystem_vendor = MEDU_SUBSYSTEM_VENDOR,
	.subsystem = MEDU_SUBSYSTEM,
	.class = MEDU_CLASS,
	.revision = MEDU_REVISION,
	.bar = { { .size = MEDU_BAR_SIZE } },
	.open = medu_open,
	.close = medu_close,
	.reset = medu_reset,
	.read = medu_read,
	.write = medu_write,
};

static void medu_init_dma(struct medu_dma *dma, struct mdev_device *mdev,
			  const struct medu_dma_ops *ops)
{
	dma->ops = ops;
	dma->dev = mdev_dev(mdev);
	dma->parent = mdev_parent_dev(mdev);
	mutex_init(&dma->lock);
}

/**
 * medu_card_init() - power a card on, in create()
 * @medu: the card, zeroed
 * @mdev: its mediated device
 * @dma: its way to its user's memory
 * @wq: where it works
 *
 * Context: may sleep.
 */
void medu_card_init(struct medu *medu, struct mdev_device *mdev, const struct medu_dma_ops *dma,
		    struct workqueue_struct *wq)
{
	medu->wq = wq;
	INIT_WORK(&medu->fact_work, medu_fact_work);
	INIT_WORK(&medu->dma_work, medu_dma_work);
	medu_init_dma(&medu->dma, mdev, dma);
	mpci_init(&medu->pci, mdev, &medu_pci);
}

/**
 * medu_card_destroy() - undo medu_card_init(), in remove()
 * @medu: the card, which the reset after its last user has left without work
 *
 * Context: may sleep.
 */
void medu_card_destroy(struct medu *medu)
{
	mpci_destroy(&medu->pci);
	mutex_destroy(&medu->dma.lock);
}
