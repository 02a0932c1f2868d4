// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * medu: QEMU's educational PCI device (its docs/specs/edu.rst), as mediated devices.
 *
 * It computes factorials, moves bytes between memory and a buffer of its own, and interrupts when
 * it is done or is told to. There are two types, which differ in how their DMA is kept to the memory
 * of their own user, see medu_dma.c.
 *
 * Registers are covered by mpci.lock. Factorials and DMA are the business of work items, of which
 * the registers show whether they run; a reset first stops both.
 */
#include <linux/device.h>
#include <linux/err.h>
#include <linux/init.h>
#include <linux/iommu.h>
#include <linux/kernel.h>
#include <linux/mdev.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/pci.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/sysfs.h>
#include <linux/vfio.h>
#include <linux/workqueue.h>

#include "medu_dma.h"
#include "mpci.h"
#include "mtype.h"

#define MEDU_NAME	      "medu"
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
#define MEDU_BUFFER	 0x40000
#define MEDU_BUFFER_SIZE 4096
#define MEDU_DMA_MASK	 ((1ULL << 28) - 1)

static unsigned int max_instances = 16;
module_param(max_instances, uint, 0444);
MODULE_PARM_DESC(max_instances, "Number of devices that there may be, of both types (default 16)");

static struct mpool medu_pool;
static struct platform_device *medu_parent;
static struct workqueue_struct *medu_wq;

/**
 * struct medu - a device
 * @pci: its PCI side; its lock covers what follows
 * @live: register
 * @fact: register: the argument, and later the factorial
 * @status: register
 * @irq_status: register
 * @src: register
 * @dst: register
 * @count: register
 * @cmd: register
 * @quiet: a reset is in progress and nothing may be started
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

	struct work_struct fact_work;
	struct work_struct dma_work;
	u8 buffer[MEDU_BUFFER_SIZE];
	struct medu_dma dma;
};

static struct medu *to_medu(struct mpci *pci)
{
	return container_of(pci, struct medu, pci);
}

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
	queue_work(medu_wq, &medu->fact_work);
}

static void medu_start_dma(struct medu *medu, u64 cmd)
{
	if (medu->quiet || !(cmd & MEDU_CMD_RUN))
		return;
	medu->cmd = cmd;
	queue_work(medu_wq, &medu->dma_work);
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

/* The types and their attributes */

/**
 * struct medu_type - a type; they differ in their way to memory only
 * @group: its files, under its name
 * @name: for people
 * @description: likewise
 * @dma: the way
 * @has_iommu_device: it leads through the parent's IOMMU
 */
struct medu_type {
	struct attribute_group group;
	const char *name;
	const char *description;
	const struct medu_dma_ops *dma;
	bool has_iommu_device;
};

static const struct medu_type *medu_type_of(struct kobject *kobj);

static ssize_t name_show(struct kobject *kobj, struct device *dev, char *buf)
{
	return sysfs_emit(buf, "%s\n", medu_type_of(kobj)->name);
}
static MDEV_TYPE_ATTR_RO(name);

static ssize_t description_show(struct kobject *kobj, struct device *dev, char *buf)
{
	return sysfs_emit(buf, "%s\n", medu_type_of(kobj)->description);
}
static MDEV_TYPE_ATTR_RO(description);

static ssize_t available_instances_show(struct kobject *kobj, struct device *dev, char *buf)
{
	return sysfs_emit(buf, "%u\n", mpool_available(&medu_pool));
}
static MDEV_TYPE_ATTR_RO(available_instances);

static ssize_t device_api_show(struct kobject *kobj, struct device *dev, char *buf)
{
	return sysfs_emit(buf, "%s\n", VFIO_DEVICE_API_PCI_STRING);
}
static MDEV_TYPE_ATTR_RO(device_api);

static struct attribute *medu_type_attrs[] = {
	&mdev_type_attr_name.attr,
	&mdev_type_attr_device_api.attr,
	&mdev_type_attr_available_instances.attr,
	&mdev_type_attr_description.attr,
	NULL,
};

static struct medu_type medu_vendor = {
	.group = { .name = "vendor", .attrs = medu_type_attrs },
	.name = "Educational device",
	.description = "DMA through pages that the driver pins",
	.dma = &medu_dma_vendor,
};

static struct medu_type medu_iommu = {
	.group = { .name = "iommu", .attrs = medu_type_attrs },
	.name = "Educational device behind an IOMMU",
	.description = "DMA through an IOMMU domain of its own",
	.dma = &medu_dma_iommu,
	.has_iommu_device = true,
};

/* The second is added where the parent's IOMMU can tell its users apart. */
static struct attribute_group *medu_type_groups[] = {
	&medu_vendor.group,
	NULL,
	NULL,
};

static const struct medu_type *medu_type_of(struct kobject *kobj)
{
	return container_of(mtype_group(kobj, medu_type_groups), struct medu_type, group);
}

/* The life of a device */

static void medu_init_dma(struct medu_dma *dma, struct mdev_device *mdev,
			  const struct medu_type *type)
{
	dma->ops = type->dma;
	dma->dev = mdev_dev(mdev);
	dma->parent = mdev_parent_dev(mdev);
	mutex_init(&dma->lock);
}

static int medu_create(struct kobject *kobj, struct mdev_device *mdev)
{
	const struct medu_type *type = medu_type_of(kobj);
	struct medu *medu;
	int ret;

	ret = mpool_take(&medu_pool, 1);
	if (ret)
		return ret;

	medu = kzalloc(sizeof(*medu), GFP_KERNEL);
	if (!medu) {
		ret = -ENOMEM;
		goto err_instance;
	}

	if (type->has_iommu_device) {
		ret = mdev_set_iommu_device(mdev_dev(mdev), mdev_parent_dev(mdev));
		if (ret)
			goto err_free;
	}
	INIT_WORK(&medu->fact_work, medu_fact_work);
	INIT_WORK(&medu->dma_work, medu_dma_work);
	medu_init_dma(&medu->dma, mdev, type);
	mpci_init(&medu->pci, mdev, &medu_pci);
	return 0;

err_free:
	kfree(medu);
err_instance:
	mpool_give(&medu_pool, 1);
	return ret;
}

static int medu_remove(struct mdev_device *mdev)
{
	struct medu *medu = to_medu(mdev_get_drvdata(mdev));

	mpci_destroy(&medu->pci);
	mutex_destroy(&medu->dma.lock);
	kfree(medu);
	mpool_give(&medu_pool, 1);
	return 0;
}

static const struct mdev_parent_ops medu_parent_ops = {
	.owner = THIS_MODULE,
	.supported_type_groups = medu_type_groups,
	.create = medu_create,
	.remove = medu_remove,
	.open = mpci_open,
	.release = mpci_release,
	.read = mpci_read,
	.write = mpci_write,
	.ioctl = mpci_ioctl,
	.request = mpci_request,
};

/* There to give the parent, and with that the types, a name; it goes with the module only. */
static struct platform_driver medu_driver = {
	.driver = {
		.name = MEDU_NAME,
		.suppress_bind_attrs = true,
	},
};

static void medu_enable_iommu(void)
{
	if (!iommu_dev_enable_feature(&medu_parent->dev, IOMMU_DEV_FEAT_AUX))
		medu_type_groups[1] = &medu_iommu.group;
}

static void medu_disable_iommu(void)
{
	if (medu_type_groups[1])
		iommu_dev_disable_feature(&medu_parent->dev, IOMMU_DEV_FEAT_AUX);
}

static int __init medu_init(void)
{
	int ret;

	mpool_init(&medu_pool, max_instances);

	medu_wq = alloc_workqueue(MEDU_NAME, WQ_UNBOUND, 0);
	if (!medu_wq)
		return -ENOMEM;

	ret = platform_driver_register(&medu_driver);
	if (ret)
		goto err_wq;

	medu_parent = platform_device_register_simple(MEDU_NAME, PLATFORM_DEVID_NONE, NULL, 0);
	if (IS_ERR(medu_parent)) {
		ret = PTR_ERR(medu_parent);
		goto err_driver;
	}
	medu_enable_iommu();

	ret = mdev_register_device(&medu_parent->dev, &medu_parent_ops);
	if (ret)
		goto err_device;
	return 0;

err_device:
	medu_disable_iommu();
	platform_device_unregister(medu_parent);
err_driver:
	platform_driver_unregister(&medu_driver);
err_wq:
	destroy_workqueue(medu_wq);
	return ret;
}

static void __exit medu_exit(void)
{
	mdev_unregister_device(&medu_parent->dev);
	medu_disable_iommu();
	platform_device_unregister(medu_parent);
	platform_driver_unregister(&medu_driver);
	destroy_workqueue(medu_wq);
}

module_init(medu_init);
module_exit(medu_exit);

MODULE_DESCRIPTION("QEMU's educational PCI device, as mediated devices");
MODULE_AUTHOR("The umdev authors");
MODULE_LICENSE("Dual BSD/GPL");
MODULE_VERSION("0.1");
