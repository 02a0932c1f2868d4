// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * mtty: a PCI card with one or two serial ports whose lines are looped back, as mediated devices.
 *
 * Each port is a 16550A, see uart16550.c. What it sends, it receives, and its modem control outputs
 * are wired to its modem status inputs.
 *
 * Locks, in this order, one pair for each device:
 *
 *  - mtty.irq_mutex serialises opening, closing and changes of the interrupt set-up;
 *  - mtty.lock, a spinlock, covers the registers and all else; user memory is copied outside it.
 *    Eventfds are signalled with it held, so what listens to one must not take it there: a user may
 *    have INTx signalled to the very eventfd that unmasks it, which is why a thread unmasks.
 *
 * mtty_pool_lock, for the number of free ports, is never held together with these.
 */
#include <linux/device.h>
#include <linux/err.h>
#include <linux/eventfd.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/mdev.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include <linux/uaccess.h>
#include <linux/vfio.h>

#include "uart16550.h"

#define MTTY_NAME      "mtty"
#define MTTY_MAX_PORTS 2
#define MTTY_BAR_SIZE  8
#define MTTY_CFG_SIZE  256
#define MTTY_MSI_POS   0x40
#define MTTY_VENDOR_LO 0x48
#define MTTY_VENDOR_HI 0x43
#define MTTY_DEVICE_LO 0x53
#define MTTY_DEVICE_HI 0x32
#define MTTY_REVISION  0x10

/* A region's offset in the device file: its index, and the position within it. */
#define MTTY_OFFSET_SHIFT 40
#define MTTY_OFFSET_MASK  ((1ULL << MTTY_OFFSET_SHIFT) - 1)

static unsigned int max_ports = 24;
module_param(max_ports, uint, 0444);
MODULE_PARM_DESC(max_ports, "Number of serial ports that all devices have together (default 24)");

/* Ports that no device has yet; under mtty_pool_lock. */
static unsigned int mtty_free_ports;
static DEFINE_SPINLOCK(mtty_pool_lock);

static struct class *mtty_class;
static struct device *mtty_device;

/* A kind of card. */
struct mtty_type {
	const char *suffix;
	const char *name;
	unsigned int nr_ports;
};

static const struct mtty_type mtty_types[] = {
	{ .suffix = "1", .name = "Single port serial", .nr_ports = 1 },
	{ .suffix = "2", .name = "Dual port serial", .nr_ports = 2 },
};

/**
 * struct mtty - a card
 * @mdev: the mediated device, which owns it
 * @nr_ports: number of ports, each with a BAR
 * @irq_mutex: see above; covers @users and @unmask too
 * @users: open file descriptors
 * @unmask: the user's eventfd that unmasks INTx
 * @lock: see above; covers the rest
 * @port: the ports
 * @causes: of each port, the interrupts that were asserted when last looked at
 * @config: PCI configuration space
 * @intx: where to signal INTx, NULL for nowhere
 * @intx_masked: INTx was signalled and not unmasked since, or masked by the user
 * @intx_level: what the INTx line would show
 * @msi: where to signal MSI; used instead of INTx while it is set
 * @req: where to ask the user to let go of the device
 */
struct mtty {
	struct mdev_device *mdev;
	unsigned int nr_ports;

	struct mutex irq_mutex;
	unsigned int users;
	struct virqfd *unmask;

	spinlock_t lock;
	struct uart16550 port[MTTY_MAX_PORTS];
	u8 causes[MTTY_MAX_PORTS];
	u8 config[MTTY_CFG_SIZE];
	struct eventfd_ctx *intx;
	bool intx_masked;
	bool intx_level;
	struct eventfd_ctx *msi;
	struct eventfd_ctx *req;
};

/* Interrupts */

static bool mtty_intx_disabled(const struct mtty *mtty)
{
	return mtty->config[PCI_COMMAND + 1] & (PCI_COMMAND_INTX_DISABLE >> 8);
}

static bool mtty_intx_due(const struct mtty *mtty)
{
	return mtty->intx && !mtty->msi && mtty->intx_level && !mtty->intx_masked &&
	       !mtty_intx_disabled(mtty);
}

/* INTx is a level: signalled, it is masked until the user has had a look, and then again. */
static void mtty_signal_intx(struct mtty *mtty)
{
	if (!mtty_intx_due(mtty))
		return;

	mtty->intx_masked = true;
	eventfd_signal(mtty->intx, 1);
}

/*
 * To be called after each access. MSI is an edge, so each cause that is new is signalled, whether
 * or not another one is still being handled.
 */
static void mtty_update_irq(struct mtty *mtty)
{
	u8 fresh = 0;
	unsigned int i;

	mtty->intx_level = false;
	for (i = 0; i < mtty->nr_ports; i++) {
		u8 causes = uart16550_causes(&mtty->port[i]);

		fresh |= causes & ~mtty->causes[i];
		mtty->causes[i] = causes;
		if (causes)
			mtty->intx_level = true;
	}

	if (mtty->msi && fresh)
		eventfd_signal(mtty->msi, 1);
	mtty_signal_intx(mtty);
}

static void mtty_set_intx_mask(struct mtty *mtty, bool masked)
{
	spin_lock(&mtty->lock);
	mtty->intx_masked = masked;
	mtty_signal_intx(mtty);
	spin_unlock(&mtty->lock);
}

static void mtty_unmask_thread(void *opaque, void *unused)
{
	mtty_set_intx_mask(opaque, false);
}

/* What a VFIO_DEVICE_SET_IRQS request brings along; no index has more than one interrupt. */
union mtty_irq_data {
	u8 level;
	s32 fd;
};

static int mtty_set_irq_unmask_fd(struct mtty *mtty, s32 fd)
{
	if (fd < 0) {
		vfio_virqfd_disable(&mtty->unmask);
		return 0;
	}
	return vfio_virqfd_enable(mtty, NULL, mtty_unmask_thread, NULL, &mtty->unmask, fd);
}

/* Caller holds irq_mutex. */
static int mtty_set_intx_masking(struct mtty *mtty, const struct vfio_irq_set *hdr,
				 const union mtty_irq_data *data)
{
	bool mask = hdr->flags & VFIO_IRQ_SET_ACTION_MASK;

	if (hdr->index != VFIO_PCI_INTX_IRQ_INDEX)
		return -ENOTTY;
	if (hdr->count != 1)
		return -EINVAL;

	switch (hdr->flags & VFIO_IRQ_SET_DATA_TYPE_MASK) {
	case VFIO_IRQ_SET_DATA_NONE:
		mtty_set_intx_mask(mtty, mask);
		return 0;
	case VFIO_IRQ_SET_DATA_BOOL:
		if (data->level)
			mtty_set_intx_mask(mtty, mask);
		return 0;
	case VFIO_IRQ_SET_DATA_EVENTFD:
		return mask ? -ENOTTY : mtty_set_irq_unmask_fd(mtty, data->fd);
	default:
		return -EINVAL;
	}
}

/* Exchange the eventfd of an interrupt; NULL turns it off. Caller holds irq_mutex. */
static void mtty_set_trigger(struct mtty *mtty, struct eventfd_ctx **slot, struct eventfd_ctx *ctx)
{
	struct eventfd_ctx *old;

	spin_lock(&mtty->lock);
	old = *slot;
	*slot = ctx;
	if (slot == &mtty->intx)
		mtty->intx_masked = false;
	/* What is asserted already is news to a new listener. */
	if (slot == &mtty->msi)
		memset(mtty->causes, 0, sizeof(mtty->causes));
	mtty_update_irq(mtty);
	spin_unlock(&mtty->lock);

	if (old)
		eventfd_ctx_put(old);
}

static int mtty_set_trigger_fd(struct mtty *mtty, struct eventfd_ctx **slot, s32 fd)
{
	struct eventfd_ctx *ctx = NULL;

	if (fd >= 0) {
		ctx = eventfd_ctx_fdget(fd);
		if (IS_ERR(ctx))
			return PTR_ERR(ctx);
	}
	mtty_set_trigger(mtty, slot, ctx);
	return 0;
}

/* The user tries out whether an interrupt arrives. */
static void mtty_test_trigger(struct mtty *mtty, struct eventfd_ctx **slot)
{
	spin_lock(&mtty->lock);
	if (*slot)
		eventfd_signal(*slot, 1);
	spin_unlock(&mtty->lock);
}

static struct eventfd_ctx **mtty_trigger_slot(struct mtty *mtty, u32 index)
{
	switch (index) {
	case VFIO_PCI_INTX_IRQ_INDEX:
		return &mtty->intx;
	case VFIO_PCI_MSI_IRQ_INDEX:
		return &mtty->msi;
	default:
		return &mtty->req;
	}
}

static void mtty_disable_irq(struct mtty *mtty, u32 index)
{
	if (index == VFIO_PCI_INTX_IRQ_INDEX)
		vfio_virqfd_disable(&mtty->unmask);
	mtty_set_trigger(mtty, mtty_trigger_slot(mtty, index), NULL);
}

/* Caller holds irq_mutex. */
static int mtty_set_irq_trigger(struct mtty *mtty, const struct vfio_irq_set *hdr,
				const union mtty_irq_data *data)
{
	struct eventfd_ctx **slot = mtty_trigger_slot(mtty, hdr->index);

	switch (hdr->flags & VFIO_IRQ_SET_DATA_TYPE_MASK) {
	case VFIO_IRQ_SET_DATA_NONE:
		if (hdr->count)
			mtty_test_trigger(mtty, slot);
		else
			mtty_disable_irq(mtty, hdr->index);
		return 0;
	case VFIO_IRQ_SET_DATA_BOOL:
		if (!hdr->count)
			return -EINVAL;
		if (data->level)
			mtty_test_trigger(mtty, slot);
		return 0;
	case VFIO_IRQ_SET_DATA_EVENTFD:
		if (!hdr->count)
			return -EINVAL;
		return mtty_set_trigger_fd(mtty, slot, data->fd);
	default:
		return -EINVAL;
	}
}

/* Configuration space */

static const u8 mtty_config_at_reset[MTTY_CFG_SIZE] = {
	[PCI_VENDOR_ID] = MTTY_VENDOR_LO,
	[PCI_VENDOR_ID + 1] = MTTY_VENDOR_HI,
	[PCI_DEVICE_ID] = MTTY_DEVICE_LO,
	[PCI_DEVICE_ID + 1] = MTTY_DEVICE_HI,
	[PCI_COMMAND] = PCI_COMMAND_IO,
	[PCI_STATUS] = PCI_STATUS_CAP_LIST,
	[PCI_STATUS + 1] = PCI_STATUS_DEVSEL_MEDIUM >> 8,
	[PCI_REVISION_ID] = MTTY_REVISION,
	[PCI_CLASS_PROG] = 0x02,       /* 16550 compatible */
	[PCI_CLASS_DEVICE] = 0x00,     /* serial */
	[PCI_CLASS_DEVICE + 1] = 0x07, /* communication controller */
	[PCI_BASE_ADDRESS_0] = PCI_BASE_ADDRESS_SPACE_IO,
	[PCI_SUBSYSTEM_VENDOR_ID] = MTTY_VENDOR_LO,
	[PCI_SUBSYSTEM_VENDOR_ID + 1] = MTTY_VENDOR_HI,
	[PCI_SUBSYSTEM_ID] = MTTY_DEVICE_LO,
	[PCI_SUBSYSTEM_ID + 1] = MTTY_DEVICE_HI,
	[PCI_CAPABILITY_LIST] = MTTY_MSI_POS,
	[PCI_INTERRUPT_PIN] = 1, /* INTA */
	[MTTY_MSI_POS + PCI_CAP_LIST_ID] = PCI_CAP_ID_MSI,
	[MTTY_MSI_POS + PCI_MSI_FLAGS] = PCI_MSI_FLAGS_64BIT,
};

static void mtty_reset_config(struct mtty *mtty)
{
	memcpy(mtty->config, mtty_config_at_reset, sizeof(mtty->config));
	if (mtty->nr_ports > 1)
		mtty->config[PCI_BASE_ADDRESS_1] = PCI_BASE_ADDRESS_SPACE_IO;
}

/* The bits of a byte of configuration space that can be written. */
static u8 mtty_config_writable(const struct mtty *mtty, unsigned int offset)
{
	switch (offset) {
	case PCI_COMMAND:
		return PCI_COMMAND_IO | PCI_COMMAND_MASTER;
	case PCI_COMMAND + 1:
		return PCI_COMMAND_INTX_DISABLE >> 8;
	case PCI_BASE_ADDRESS_0:
		return (u8) ~(MTTY_BAR_SIZE - 1);
	case PCI_BASE_ADDRESS_1:
		return mtty->nr_ports > 1 ? (u8) ~(MTTY_BAR_SIZE - 1) : 0;
	case PCI_BASE_ADDRESS_1 + 1 ... PCI_BASE_ADDRESS_1 + 3:
		return mtty->nr_ports > 1 ? 0xff : 0;
	case MTTY_MSI_POS + PCI_MSI_FLAGS:
		return PCI_MSI_FLAGS_ENABLE;
	case MTTY_MSI_POS + PCI_MSI_ADDRESS_LO:
		return 0xfc; /* a doubleword */
	case PCI_CACHE_LINE_SIZE:
	case PCI_BASE_ADDRESS_0 + 1 ... PCI_BASE_ADDRESS_0 + 3:
	case PCI_INTERRUPT_LINE:
	case MTTY_MSI_POS + PCI_MSI_ADDRESS_LO + 1 ... MTTY_MSI_POS + PCI_MSI_DATA_64 + 1:
		return 0xff;
	default:
		return 0;
	}
}

static void mtty_write_config(struct mtty *mtty, unsigned int offset, const u8 *buf, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		u8 mask = mtty_config_writable(mtty, offset + i);
		u8 *byte = &mtty->config[offset + i];

		*byte = (*byte & ~mask) | (buf[i] & mask);
	}
}

static void mtty_read_config(struct mtty *mtty, unsigned int offset, u8 *buf, size_t count)
{
	if (mtty->intx_level)
		mtty->config[PCI_STATUS] |= PCI_STATUS_INTERRUPT;
	else
		mtty->config[PCI_STATUS] &= ~PCI_STATUS_INTERRUPT;
	memcpy(buf, mtty->config + offset, count);
}

/* Access to regions */

static u32 mtty_region_size(const struct mtty *mtty, unsigned int index)
{
	if (index == VFIO_PCI_CONFIG_REGION_INDEX)
		return MTTY_CFG_SIZE;
	return index < mtty->nr_ports ? MTTY_BAR_SIZE : 0;
}

static int mtty_check_access(const struct mtty *mtty, size_t count, loff_t pos)
{
	u64 offset = (u64)pos & MTTY_OFFSET_MASK;
	u32 size;

	if (pos < 0 || pos >> MTTY_OFFSET_SHIFT >= VFIO_PCI_NUM_REGIONS)
		return -EINVAL;

	size = mtty_region_size(mtty, pos >> MTTY_OFFSET_SHIFT);
	if (offset >= size || count > size - offset)
		return -EINVAL;
	return 0;
}

static ssize_t mtty_read(struct mdev_device *mdev, char __user *buf, size_t count, loff_t *ppos)
{
	struct mtty *mtty = mdev_get_drvdata(mdev);
	unsigned int index = (u64)*ppos >> MTTY_OFFSET_SHIFT;
	unsigned int offset = *ppos & MTTY_OFFSET_MASK;
	u8 data[MTTY_CFG_SIZE];
	size_t i;
	int ret;

	ret = mtty_check_access(mtty, count, *ppos);
	if (ret)
		return ret;

	spin_lock(&mtty->lock);
	if (index == VFIO_PCI_CONFIG_REGION_INDEX) {
		mtty_read_config(mtty, offset, data, count);
	} else {
		for (i = 0; i < count; i++)
			data[i] = uart16550_read(&mtty->port[index], offset + i);
		mtty_update_irq(mtty);
	}
	spin_unlock(&mtty->lock);

	if (copy_to_user(buf, data, count))
		return -EFAULT;

	*ppos += count;
	return count;
}

static ssize_t mtty_write(struct mdev_device *mdev, const char __user *buf, size_t count,
			  loff_t *ppos)
{
	struct mtty *mtty = mdev_get_drvdata(mdev);
	unsigned int index = (u64)*ppos >> MTTY_OFFSET_SHIFT;
	unsigned int offset = *ppos & MTTY_OFFSET_MASK;
	u8 data[MTTY_CFG_SIZE];
	size_t i;
	int ret;

	ret = mtty_check_access(mtty, count, *ppos);
	if (ret)
		return ret;

	if (copy_from_user(data, buf, count))
		return -EFAULT;

	spin_lock(&mtty->lock);
	if (index == VFIO_PCI_CONFIG_REGION_INDEX) {
		mtty_write_config(mtty, offset, data, count);
	} else {
		for (i = 0; i < count; i++)
			uart16550_write(&mtty->port[index], offset + i, data[i]);
	}
	mtty_update_irq(mtty);
	spin_unlock(&mtty->lock);

	*ppos += count;
	return count;
}

/* Requests */

static u32 mtty_irq_count(u32 index)
{
	switch (index) {
	case VFIO_PCI_INTX_IRQ_INDEX:
	case VFIO_PCI_MSI_IRQ_INDEX:
	case VFIO_PCI_REQ_IRQ_INDEX:
		return 1;
	default:
		return 0;
	}
}

static long mtty_get_info(void __user *arg)
{
	const size_t minsz = offsetofend(struct vfio_device_info, num_irqs);
	struct vfio_device_info info;

	if (copy_from_user(&info, arg, minsz))
		return -EFAULT;
	if (info.argsz < minsz)
		return -EINVAL;

	info.flags = VFIO_DEVICE_FLAGS_PCI | VFIO_DEVICE_FLAGS_RESET;
	info.num_regions = VFIO_PCI_NUM_REGIONS;
	info.num_irqs = VFIO_PCI_NUM_IRQS;
	return copy_to_user(arg, &info, minsz) ? -EFAULT : 0;
}

static long mtty_get_region_info(const struct mtty *mtty, void __user *arg)
{
	const size_t minsz = offsetofend(struct vfio_region_info, offset);
	struct vfio_region_info info;

	if (copy_from_user(&info, arg, minsz))
		return -EFAULT;
	if (info.argsz < minsz || info.index >= VFIO_PCI_NUM_REGIONS)
		return -EINVAL;

	info.size = mtty_region_size(mtty, info.index);
	info.offset = (u64)info.index << MTTY_OFFSET_SHIFT;
	info.flags = info.size ? VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE : 0;
	info.cap_offset = 0;
	return copy_to_user(arg, &info, minsz) ? -EFAULT : 0;
}

static long mtty_get_irq_info(void __user *arg)
{
	const size_t minsz = offsetofend(struct vfio_irq_info, count);
	struct vfio_irq_info info;

	if (copy_from_user(&info, arg, minsz))
		return -EFAULT;
	if (info.argsz < minsz || !mtty_irq_count(info.index))
		return -EINVAL;

	info.count = mtty_irq_count(info.index);
	info.flags = VFIO_IRQ_INFO_EVENTFD;
	if (info.index == VFIO_PCI_INTX_IRQ_INDEX)
		info.flags |= VFIO_IRQ_INFO_MASKABLE | VFIO_IRQ_INFO_AUTOMASKED;
	else
		info.flags |= VFIO_IRQ_INFO_NORESIZE;
	return copy_to_user(arg, &info, minsz) ? -EFAULT : 0;
}

static long mtty_set_irqs(struct mtty *mtty, u8 __user *arg)
{
	const size_t minsz = offsetofend(struct vfio_irq_set, count);
	union mtty_irq_data data = { 0 };
	struct vfio_irq_set hdr;
	size_t data_size = 0;
	long ret;

	if (copy_from_user(&hdr, arg, minsz))
		return -EFAULT;

	ret = vfio_set_irqs_validate_and_prepare(&hdr, mtty_irq_count(hdr.index), VFIO_PCI_NUM_IRQS,
						 &data_size);
	if (ret)
		return ret;
	if (data_size > sizeof(data))
		return -EINVAL;
	if (copy_from_user(&data, arg + minsz, data_size))
		return -EFAULT;

	mutex_lock(&mtty->irq_mutex);
	switch (hdr.flags & VFIO_IRQ_SET_ACTION_TYPE_MASK) {
	case VFIO_IRQ_SET_ACTION_MASK:
	case VFIO_IRQ_SET_ACTION_UNMASK:
		ret = mtty_set_intx_masking(mtty, &hdr, &data);
		break;
	case VFIO_IRQ_SET_ACTION_TRIGGER:
		ret = mtty_set_irq_trigger(mtty, &hdr, &data);
		break;
	default:
		ret = -EINVAL;
		break;
	}
	mutex_unlock(&mtty->irq_mutex);
	return ret;
}

/* Registers as at power-on; who listens to interrupts goes on listening. */
static void mtty_reset(struct mtty *mtty)
{
	unsigned int i;

	spin_lock(&mtty->lock);
	for (i = 0; i < mtty->nr_ports; i++)
		uart16550_reset(&mtty->port[i]);
	mtty_reset_config(mtty);
	mtty_update_irq(mtty);
	spin_unlock(&mtty->lock);
}

static long mtty_ioctl(struct mdev_device *mdev, unsigned int cmd, unsigned long arg)
{
	struct mtty *mtty = mdev_get_drvdata(mdev);
	void __user *user = (void __user *)arg;

	switch (cmd) {
	case VFIO_DEVICE_GET_INFO:
		return mtty_get_info(user);
	case VFIO_DEVICE_GET_REGION_INFO:
		return mtty_get_region_info(mtty, user);
	case VFIO_DEVICE_GET_IRQ_INFO:
		return mtty_get_irq_info(user);
	case VFIO_DEVICE_SET_IRQS:
		return mtty_set_irqs(mtty, user);
	case VFIO_DEVICE_RESET:
		mtty_reset(mtty);
		return 0;
	default:
		return -ENOTTY;
	}
}

/* The life of a device */

static int mtty_open(struct mdev_device *mdev)
{
	struct mtty *mtty = mdev_get_drvdata(mdev);

	mutex_lock(&mtty->irq_mutex);
	mtty->users++;
	mutex_unlock(&mtty->irq_mutex);
	return 0;
}

/* However the last user went, the next one finds a device that is quiet and reset. */
static void mtty_close(struct mdev_device *mdev)
{
	struct mtty *mtty = mdev_get_drvdata(mdev);

	mutex_lock(&mtty->irq_mutex);
	if (!--mtty->users) {
		mtty_disable_irq(mtty, VFIO_PCI_INTX_IRQ_INDEX);
		mtty_disable_irq(mtty, VFIO_PCI_MSI_IRQ_INDEX);
		mtty_disable_irq(mtty, VFIO_PCI_REQ_IRQ_INDEX);
		mtty_reset(mtty);
	}
	mutex_unlock(&mtty->irq_mutex);
}

/* The device is to go: ask the user for it (row M12). */
static void mtty_request(struct mdev_device *mdev, unsigned int count)
{
	struct mtty *mtty = mdev_get_drvdata(mdev);
	struct device *dev = mdev_dev(mdev);
	bool asked;

	spin_lock(&mtty->lock);
	asked = mtty->req != NULL;
	if (asked)
		eventfd_signal(mtty->req, 1);
	spin_unlock(&mtty->lock);

	if (asked && count % 10 == 0)
		dev_notice(dev, "Relaying device request to user (#%u)\n", count);
	else if (!asked && count == 0)
		dev_warn(dev,
			 "No device request channel registered, blocked until released by user: "
			 "unplug the device from its virtual machine, or stop that\n");
}

static int mtty_take_ports(unsigned int nr)
{
	int ret = -ENOSPC;

	spin_lock(&mtty_pool_lock);
	if (mtty_free_ports >= nr) {
		mtty_free_ports -= nr;
		ret = 0;
	}
	spin_unlock(&mtty_pool_lock);
	return ret;
}

static void mtty_give_ports(unsigned int nr)
{
	spin_lock(&mtty_pool_lock);
	mtty_free_ports += nr;
	spin_unlock(&mtty_pool_lock);
}

static const struct mtty_type *mtty_type_of(struct kobject *kobj)
{
	const char *dash = strrchr(kobject_name(kobj), '-');
	size_t i;

	for (i = 0; dash && i < ARRAY_SIZE(mtty_types); i++)
		if (!strcmp(dash + 1, mtty_types[i].suffix))
			return &mtty_types[i];
	return NULL;
}

static int mtty_create(struct kobject *kobj, struct mdev_device *mdev)
{
	const struct mtty_type *type = mtty_type_of(kobj);
	struct mtty *mtty;
	int ret;

	if (!type)
		return -EINVAL;

	ret = mtty_take_ports(type->nr_ports);
	if (ret)
		return ret;

	mtty = kzalloc(sizeof(*mtty), GFP_KERNEL);
	if (!mtty) {
		mtty_give_ports(type->nr_ports);
		return -ENOMEM;
	}

	mtty->mdev = mdev;
	mtty->nr_ports = type->nr_ports;
	mutex_init(&mtty->irq_mutex);
	spin_lock_init(&mtty->lock);
	mtty_reset(mtty);

	mdev_set_drvdata(mdev, mtty);
	return 0;
}

static int mtty_remove(struct mdev_device *mdev)
{
	struct mtty *mtty = mdev_get_drvdata(mdev);

	mdev_set_drvdata(mdev, NULL);
	mtty_give_ports(mtty->nr_ports);
	mutex_destroy(&mtty->irq_mutex);
	kfree(mtty);
	return 0;
}

/* Attributes of the types, of a device and of the parent */

static ssize_t name_show(struct kobject *kobj, struct device *dev, char *buf)
{
	const struct mtty_type *type = mtty_type_of(kobj);

	return type ? sysfs_emit(buf, "%s\n", type->name) : -EINVAL;
}
static MDEV_TYPE_ATTR_RO(name);

static ssize_t available_instances_show(struct kobject *kobj, struct device *dev, char *buf)
{
	const struct mtty_type *type = mtty_type_of(kobj);
	unsigned int nr;

	if (!type)
		return -EINVAL;

	spin_lock(&mtty_pool_lock);
	nr = mtty_free_ports / type->nr_ports;
	spin_unlock(&mtty_pool_lock);
	return sysfs_emit(buf, "%u\n", nr);
}
static MDEV_TYPE_ATTR_RO(available_instances);

static ssize_t device_api_show(struct kobject *kobj, struct device *dev, char *buf)
{
	return sysfs_emit(buf, "%s\n", VFIO_DEVICE_API_PCI_STRING);
}
static MDEV_TYPE_ATTR_RO(device_api);

static struct attribute *mtty_type_attrs[] = {
	&mdev_type_attr_name.attr,
	&mdev_type_attr_device_api.attr,
	&mdev_type_attr_available_instances.attr,
	NULL,
};

static struct attribute_group mtty_type_group_1 = {
	.name = "1",
	.attrs = mtty_type_attrs,
};

static struct attribute_group mtty_type_group_2 = {
	.name = "2",
	.attrs = mtty_type_attrs,
};

static struct attribute_group *mtty_type_groups[] = {
	&mtty_type_group_1,
	&mtty_type_group_2,
	NULL,
};

static ssize_t sample_mdev_dev_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "This is MDEV %s\n", dev_name(dev));
}
static DEVICE_ATTR_RO(sample_mdev_dev);

static struct attribute *mtty_mdev_attrs[] = {
	&dev_attr_sample_mdev_dev.attr,
	NULL,
};

static const struct attribute_group mtty_mdev_group = {
	.name = "vendor",
	.attrs = mtty_mdev_attrs,
};

static const struct attribute_group *mtty_mdev_groups[] = {
	&mtty_mdev_group,
	NULL,
};

static ssize_t sample_mtty_dev_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "This is phy device\n");
}
static DEVICE_ATTR_RO(sample_mtty_dev);

static struct attribute *mtty_dev_attrs[] = {
	&dev_attr_sample_mtty_dev.attr,
	NULL,
};

static const struct attribute_group mtty_dev_group = {
	.name = "mtty_dev",
	.attrs = mtty_dev_attrs,
};

static const struct attribute_group *mtty_dev_groups[] = {
	&mtty_dev_group,
	NULL,
};

static const struct mdev_parent_ops mtty_parent_ops = {
	.owner = THIS_MODULE,
	.dev_attr_groups = mtty_dev_groups,
	.mdev_attr_groups = mtty_mdev_groups,
	.supported_type_groups = mtty_type_groups,
	.create = mtty_create,
	.remove = mtty_remove,
	.open = mtty_open,
	.release = mtty_close,
	.read = mtty_read,
	.write = mtty_write,
	.ioctl = mtty_ioctl,
	.request = mtty_request,
};

static int __init mtty_init(void)
{
	int ret;

	mtty_free_ports = max_ports;

	mtty_class = class_create(THIS_MODULE, MTTY_NAME);
	if (IS_ERR(mtty_class))
		return PTR_ERR(mtty_class);

	mtty_device = device_create(mtty_class, NULL, 0, NULL, MTTY_NAME);
	if (IS_ERR(mtty_device)) {
		ret = PTR_ERR(mtty_device);
		goto err_class;
	}

	ret = mdev_register_device(mtty_device, &mtty_parent_ops);
	if (ret)
		goto err_device;
	return 0;

err_device:
	device_unregister(mtty_device);
err_class:
	class_destroy(mtty_class);
	return ret;
}

static void __exit mtty_exit(void)
{
	mdev_unregister_device(mtty_device);
	device_unregister(mtty_device);
	class_destroy(mtty_class);
}

module_init(mtty_init) module_exit(mtty_exit)

	MODULE_DESCRIPTION("PCI serial card with looped back 16550A ports, as mediated devices");
MODULE_AUTHOR("The umdev authors");
MODULE_LICENSE("Dual BSD/GPL");
MODULE_VERSION("0.1");
