// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* Configuration space, regions and life of an emulated PCI card. Interrupts are in mpci_irq.c. */
#include "mpci.h"

#include <linux/kernel.h>
#include <linux/mdev.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/vfio.h>

#define MPCI_MSI_POS 0x40

/* A region's offset in the device file: its index, and the position within it. */
#define MPCI_OFFSET_SHIFT 40
#define MPCI_OFFSET_MASK  ((1ULL << MPCI_OFFSET_SHIFT) - 1)

/* How much of a region is copied between two looks at user memory. */
#define MPCI_CHUNK MPCI_CFG_SIZE

/* Configuration space */

static void put_le16(u8 *at, u16 val)
{
	at[0] = val;
	at[1] = val >> 8;
}

static void mpci_reset_config(struct mpci *pci)
{
	const struct mpci_type *type = pci->type;
	u8 *config = pci->config;
	unsigned int i;

	memset(config, 0, MPCI_CFG_SIZE);
	put_le16(config + PCI_VENDOR_ID, type->vendor);
	put_le16(config + PCI_DEVICE_ID, type->device);
	put_le16(config + PCI_COMMAND, type->command);
	put_le16(config + PCI_STATUS, type->status | PCI_STATUS_CAP_LIST);
	config[PCI_REVISION_ID] = type->revision;
	config[PCI_CLASS_PROG] = type->class;
	put_le16(config + PCI_CLASS_DEVICE, type->class >> 8);
	for (i = 0; i < MPCI_NUM_BARS; i++)
		if (type->bar[i].size && type->bar[i].io)
			config[PCI_BASE_ADDRESS_0 + 4 * i] = PCI_BASE_ADDRESS_SPACE_IO;
	put_le16(config + PCI_SUBSYSTEM_VENDOR_ID, type->subsystem_vendor);
	put_le16(config + PCI_SUBSYSTEM_ID, type->subsystem);
	config[PCI_CAPABILITY_LIST] = MPCI_MSI_POS;
	config[PCI_INTERRUPT_PIN] = 1; /* INTA */
	config[MPCI_MSI_POS + PCI_CAP_LIST_ID] = PCI_CAP_ID_MSI;
	config[MPCI_MSI_POS + PCI_MSI_FLAGS] = PCI_MSI_FLAGS_64BIT;
}

static u8 mpci_command_writable(const struct mpci_type *type)
{
	u8 mask = PCI_COMMAND_MASTER;
	unsigned int i;

	for (i = 0; i < MPCI_NUM_BARS; i++)
		if (type->bar[i].size)
			mask |= type->bar[i].io ? PCI_COMMAND_IO : PCI_COMMAND_MEMORY;
	return mask;
}

/* An address is a multiple of the region's size. */
static u8 mpci_bar_writable(const struct mpci_type *type, unsigned int offset)
{
	u32 size = type->bar[offset / 4].size;

	return size ? ~(size - 1) >> offset % 4 * 8 : 0;
}

/* The bits of a byte of configuration space that can be written. */
static u8 mpci_config_writable(const struct mpci *pci, unsigned int offset)
{
	switch (offset) {
	case PCI_COMMAND:
		return mpci_command_writable(pci->type);
	case PCI_COMMAND + 1:
		return PCI_COMMAND_INTX_DISABLE >> 8;
	case PCI_BASE_ADDRESS_0 ... PCI_BASE_ADDRESS_5 + 3:
		return mpci_bar_writable(pci->type, offset - PCI_BASE_ADDRESS_0);
	case MPCI_MSI_POS + PCI_MSI_FLAGS:
		return PCI_MSI_FLAGS_ENABLE;
	case MPCI_MSI_POS + PCI_MSI_ADDRESS_LO:
		return 0xfc; /* a doubleword */
	case PCI_CACHE_LINE_SIZE:
	case PCI_INTERRUPT_LINE:
	case MPCI_MSI_POS + PCI_MSI_ADDRESS_LO + 1 ... MPCI_MSI_POS + PCI_MSI_DATA_64 + 1:
		return 0xff;
	default:
		return 0;
	}
}

static void mpci_write_config(struct mpci *pci, unsigned int offset, const u8 *data, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		u8 mask = mpci_config_writable(pci, offset + i);
		u8 *byte = &pci->config[offset + i];

		*byte = (*byte & ~mask) | (data[i] & mask);
	}
	mpci_update_intx(pci);
}

static void mpci_read_config(struct mpci *pci, unsigned int offset, u8 *data, size_t count)
{
	if (pci->intx_level)
		pci->config[PCI_STATUS] |= PCI_STATUS_INTERRUPT;
	else
		pci->config[PCI_STATUS] &= ~PCI_STATUS_INTERRUPT;
	memcpy(data, pci->config + offset, count);
}

/* Access to regions */

static u32 mpci_region_size(const struct mpci *pci, unsigned int index)
{
	if (index == VFIO_PCI_CONFIG_REGION_INDEX)
		return MPCI_CFG_SIZE;
	return index < MPCI_NUM_BARS ? pci->type->bar[index].size : 0;
}

static int mpci_check_access(const struct mpci *pci, size_t count, loff_t pos)
{
	u64 offset = (u64)pos & MPCI_OFFSET_MASK;
	u32 size;

	if (pos < 0 || pos >> MPCI_OFFSET_SHIFT >= VFIO_PCI_NUM_REGIONS)
		return -EINVAL;

	size = mpci_region_size(pci, pos >> MPCI_OFFSET_SHIFT);
	if (offset >= size || count > size - offset)
		return -EINVAL;
	return 0;
}

static void mpci_read_region(struct mpci *pci, loff_t pos, u8 *data, size_t count)
{
	unsigned int index = pos >> MPCI_OFFSET_SHIFT;
	u32 offset = pos & MPCI_OFFSET_MASK;

	spin_lock(&pci->lock);
	if (index == VFIO_PCI_CONFIG_REGION_INDEX)
		mpci_read_config(pci, offset, data, count);
	else
		pci->type->read(pci, index, offset, data, count);
	spin_unlock(&pci->lock);
}

static void mpci_write_region(struct mpci *pci, loff_t pos, const u8 *data, size_t count)
{
	unsigned int index = pos >> MPCI_OFFSET_SHIFT;
	u32 offset = pos & MPCI_OFFSET_MASK;

	spin_lock(&pci->lock);
	if (index == VFIO_PCI_CONFIG_REGION_INDEX)
		mpci_write_config(pci, offset, data, count);
	else
		pci->type->write(pci, index, offset, data, count);
	spin_unlock(&pci->lock);
}

/**
 * mpci_read() - read from a region of a card's device file
 * @mdev: the device
 * @buf: gets the bytes
 * @count: how many
 * @ppos: where; advanced
 *
 * Context: may sleep; takes mpci.lock.
 * Return: @count; -EINVAL the range is not within a region; -EFAULT a part may have been read.
 */
ssize_t mpci_read(struct mdev_device *mdev, char __user *buf, size_t count, loff_t *ppos)
{
	struct mpci *pci = mdev_get_drvdata(mdev);
	u8 data[MPCI_CHUNK];
	size_t done, chunk;
	int ret;

	ret = mpci_check_access(pci, count, *ppos);
	if (ret)
		return ret;

	for (done = 0; done < count; done += chunk) {
		chunk = min_t(size_t, count - done, sizeof(data));
		mpci_read_region(pci, *ppos + done, data, chunk);
		if (copy_to_user(buf + done, data, chunk))
			return -EFAULT;
	}
	*ppos += count;
	return count;
}

/**
 * mpci_write() - write to a region of a card's device file
 * @mdev: the device
 * @buf: has the bytes
 * @count: how many
 * @ppos: where; advanced
 *
 * Context: may sleep; takes mpci.lock.
 * Return: @count; -EINVAL the range is not within a region; -EFAULT a part may have been written.
 */
ssize_t mpci_write(struct mdev_device *mdev, const char __user *buf, size_t count, loff_t *ppos)
{
	struct mpci *pci = mdev_get_drvdata(mdev);
	u8 data[MPCI_CHUNK];
	size_t done, chunk;
	int ret;

	ret = mpci_check_access(pci, count, *ppos);
	if (ret)
		return ret;

	for (done = 0; done < count; done += chunk) {
		chunk = min_t(size_t, count - done, sizeof(data));
		if (copy_from_user(data, buf + done, chunk))
			return -EFAULT;
		mpci_write_region(pci, *ppos + done, data, chunk);
	}
	*ppos += count;
	return count;
}

/* Requests */

static long mpci_get_info(void __user *arg)
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

static long mpci_get_region_info(const struct mpci *pci, void __user *arg)
{
	const size_t minsz = offsetofend(struct vfio_region_info, offset);
	struct vfio_region_info info;

	if (copy_from_user(&info, arg, minsz))
		return -EFAULT;
	if (info.argsz < minsz || info.index >= VFIO_PCI_NUM_REGIONS)
		return -EINVAL;

	info.size = mpci_region_size(pci, info.index);
	info.offset = (u64)info.index << MPCI_OFFSET_SHIFT;
	info.flags = info.size ? VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE : 0;
	info.cap_offset = 0;
	return copy_to_user(arg, &info, minsz) ? -EFAULT : 0;
}

/* All as at power-on; who listens to interrupts goes on listening. Caller holds the mutex. */
static void mpci_reset(struct mpci *pci)
{
	pci->type->reset(pci);
	spin_lock(&pci->lock);
	mpci_reset_config(pci);
	mpci_update_intx(pci);
	spin_unlock(&pci->lock);
}

/**
 * mpci_ioctl() - the VFIO_DEVICE_* requests
 * @mdev: the device
 * @cmd: which
 * @arg: the user's structure
 *
 * Context: may sleep; takes mpci.mutex.
 * Return: 0; -ENOTTY there is no such request; -EINVAL and others as the request has it; -EFAULT.
 */
long mpci_ioctl(struct mdev_device *mdev, unsigned int cmd, unsigned long arg)
{
	struct mpci *pci = mdev_get_drvdata(mdev);
	void __user *user = (void __user *)arg;

	switch (cmd) {
	case VFIO_DEVICE_GET_INFO:
		return mpci_get_info(user);
	case VFIO_DEVICE_GET_REGION_INFO:
		return mpci_get_region_info(pci, user);
	case VFIO_DEVICE_GET_IRQ_INFO:
		return mpci_get_irq_info(user);
	case VFIO_DEVICE_SET_IRQS:
		return mpci_set_irqs(pci, user);
	case VFIO_DEVICE_RESET:
		mutex_lock(&pci->mutex);
		mpci_reset(pci);
		mutex_unlock(&pci->mutex);
		return 0;
	default:
		return -ENOTTY;
	}
}

/* The life of a device */

/**
 * mpci_open() - a user opens a card
 * @mdev: the device
 *
 * Context: may sleep; takes mpci.mutex.
 * Return: 0, or what mpci_type.open answered.
 */
int mpci_open(struct mdev_device *mdev)
{
	struct mpci *pci = mdev_get_drvdata(mdev);
	int ret = 0;

	mutex_lock(&pci->mutex);
	if (!pci->users && pci->type->open)
		ret = pci->type->open(pci);
	if (!ret)
		pci->users++;
	mutex_unlock(&pci->mutex);
	return ret;
}

/**
 * mpci_release() - a user closes a card
 * @mdev: the device
 *
 * However the last user went, the next one finds a device that is quiet and reset.
 *
 * Context: may sleep; takes mpci.mutex.
 */
void mpci_release(struct mdev_device *mdev)
{
	struct mpci *pci = mdev_get_drvdata(mdev);

	mutex_lock(&pci->mutex);
	if (!--pci->users) {
		mpci_disable_irqs(pci);
		mpci_reset(pci);
		if (pci->type->close)
			pci->type->close(pci);
	}
	mutex_unlock(&pci->mutex);
}

/**
 * mpci_init() - power a card on
 * @pci: the card, zeroed; what mpci_type.reset looks at is ready
 * @mdev: its mediated device, whose driver data it becomes
 * @type: what it is; stays while the device is there
 *
 * To be called in create().
 *
 * Context: may sleep.
 */
void mpci_init(struct mpci *pci, struct mdev_device *mdev, const struct mpci_type *type)
{
	pci->mdev = mdev;
	pci->type = type;
	mutex_init(&pci->mutex);
	spin_lock_init(&pci->lock);
	mpci_reset(pci);
	mdev_set_drvdata(mdev, pci);
}

/**
 * mpci_destroy() - undo mpci_init(), in remove()
 * @pci: the card
 *
 * Context: may sleep.
 */
void mpci_destroy(struct mpci *pci)
{
	mdev_set_drvdata(pci->mdev, NULL);
	mutex_destroy(&pci->mutex);
}
