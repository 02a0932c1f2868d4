// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* Interrupts of an emulated PCI card: INTx with its masking, MSI, and the request to let go. */
#include "mpci.h"

#include <linux/device.h>
#include <linux/err.h>
#include <linux/eventfd.h>
#include <linux/kernel.h>
#include <linux/mdev.h>
#include <linux/uaccess.h>
#include <linux/vfio.h>

static bool mpci_intx_due(const struct mpci *pci)
{
	bool disabled = pci->config[PCI_COMMAND + 1] & (PCI_COMMAND_INTX_DISABLE >> 8);

	return pci->intx && !pci->msi && pci->intx_level && !pci->intx_masked && !disabled;
}

/**
 * mpci_update_intx() - signal INTx if that has become due
 * @pci: the card
 *
 * INTx is a level: signalled, it is masked until the user has had a look, and then again.
 *
 * Context: holds mpci.lock.
 */
void mpci_update_intx(struct mpci *pci)
{
	if (!mpci_intx_due(pci))
		return;

	pci->intx_masked = true;
	eventfd_signal(pci->intx, 1);
}

/**
 * mpci_set_irq() - tell of a card's wish for attention
 * @pci: the card
 * @level: it wants attention: what its INTx line shows
 * @news: there is a reason that was not there before. MSI is an edge: it is sent for each of these,
 *	whether or not another one is still being handled
 *
 * Context: holds mpci.lock.
 */
void mpci_set_irq(struct mpci *pci, bool level, bool news)
{
	pci->intx_level = level;
	if (pci->msi && news)
		eventfd_signal(pci->msi, 1);
	mpci_update_intx(pci);
}

static void mpci_set_intx_mask(struct mpci *pci, bool masked)
{
	spin_lock(&pci->lock);
	pci->intx_masked = masked;
	mpci_update_intx(pci);
	spin_unlock(&pci->lock);
}

static void mpci_unmask_thread(void *opaque, void *unused)
{
	mpci_set_intx_mask(opaque, false);
}

/* What a VFIO_DEVICE_SET_IRQS request brings along; no index has more than one interrupt. */
union mpci_irq_data {
	u8 level;
	s32 fd;
};

static int mpci_set_unmask_fd(struct mpci *pci, s32 fd)
{
	if (fd < 0) {
		vfio_virqfd_disable(&pci->unmask);
		return 0;
	}
	return vfio_virqfd_enable(pci, NULL, mpci_unmask_thread, NULL, &pci->unmask, fd);
}

/* Caller holds the mutex. */
static int mpci_set_intx_masking(struct mpci *pci, const struct vfio_irq_set *hdr,
				 const union mpci_irq_data *data)
{
	bool mask = hdr->flags & VFIO_IRQ_SET_ACTION_MASK;

	if (hdr->index != VFIO_PCI_INTX_IRQ_INDEX)
		return -ENOTTY;
	if (hdr->count != 1)
		return -EINVAL;

	switch (hdr->flags & VFIO_IRQ_SET_DATA_TYPE_MASK) {
	case VFIO_IRQ_SET_DATA_NONE:
		mpci_set_intx_mask(pci, mask);
		return 0;
	case VFIO_IRQ_SET_DATA_BOOL:
		if (data->level)
			mpci_set_intx_mask(pci, mask);
		return 0;
	case VFIO_IRQ_SET_DATA_EVENTFD:
		return mask ? -ENOTTY : mpci_set_unmask_fd(pci, data->fd);
	default:
		return -EINVAL;
	}
}

/* Exchange the eventfd of an interrupt; NULL turns it off. Caller holds the mutex. */
static void mpci_set_trigger(struct mpci *pci, struct eventfd_ctx **slot, struct eventfd_ctx *ctx)
{
	struct eventfd_ctx *old;

	spin_lock(&pci->lock);
	old = *slot;
	*slot = ctx;
	if (slot == &pci->intx)
		pci->intx_masked = false;
	/* What the card wants already is news to a new listener. */
	mpci_set_irq(pci, pci->intx_level, slot == &pci->msi && pci->intx_level);
	spin_unlock(&pci->lock);

	if (old)
		eventfd_ctx_put(old);
}

static int mpci_set_trigger_fd(struct mpci *pci, struct eventfd_ctx **slot, s32 fd)
{
	struct eventfd_ctx *ctx = NULL;

	if (fd >= 0) {
		ctx = eventfd_ctx_fdget(fd);
		if (IS_ERR(ctx))
			return PTR_ERR(ctx);
	}
	mpci_set_trigger(pci, slot, ctx);
	return 0;
}

/* The user tries out whether an interrupt arrives. */
static void mpci_test_trigger(struct mpci *pci, struct eventfd_ctx **slot)
{
	spin_lock(&pci->lock);
	if (*slot)
		eventfd_signal(*slot, 1);
	spin_unlock(&pci->lock);
}

static struct eventfd_ctx **mpci_trigger_slot(struct mpci *pci, u32 index)
{
	switch (index) {
	case VFIO_PCI_INTX_IRQ_INDEX:
		return &pci->intx;
	case VFIO_PCI_MSI_IRQ_INDEX:
		return &pci->msi;
	default:
		return &pci->req;
	}
}

static void mpci_disable_irq(struct mpci *pci, u32 index)
{
	if (index == VFIO_PCI_INTX_IRQ_INDEX)
		vfio_virqfd_disable(&pci->unmask);
	mpci_set_trigger(pci, mpci_trigger_slot(pci, index), NULL);
}

/**
 * mpci_disable_irqs() - forget whoever listens to interrupts
 * @pci: the card
 *
 * Context: holds mpci.mutex.
 */
void mpci_disable_irqs(struct mpci *pci)
{
	mpci_disable_irq(pci, VFIO_PCI_INTX_IRQ_INDEX);
	mpci_disable_irq(pci, VFIO_PCI_MSI_IRQ_INDEX);
	mpci_disable_irq(pci, VFIO_PCI_REQ_IRQ_INDEX);
}

/* Caller holds the mutex. */
static int mpci_set_irq_trigger(struct mpci *pci, const struct vfio_irq_set *hdr,
				const union mpci_irq_data *data)
{
	struct eventfd_ctx **slot = mpci_trigger_slot(pci, hdr->index);

	switch (hdr->flags & VFIO_IRQ_SET_DATA_TYPE_MASK) {
	case VFIO_IRQ_SET_DATA_NONE:
		if (hdr->count)
			mpci_test_trigger(pci, slot);
		else
			mpci_disable_irq(pci, hdr->index);
		return 0;
	case VFIO_IRQ_SET_DATA_BOOL:
		if (!hdr->count)
			return -EINVAL;
		if (data->level)
			mpci_test_trigger(pci, slot);
		return 0;
	case VFIO_IRQ_SET_DATA_EVENTFD:
		if (!hdr->count)
			return -EINVAL;
		return mpci_set_trigger_fd(pci, slot, data->fd);
	default:
		return -EINVAL;
	}
}

static u32 mpci_irq_count(u32 index)
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

/**
 * mpci_get_irq_info() - VFIO_DEVICE_GET_IRQ_INFO
 * @arg: the user's struct vfio_irq_info
 *
 * Context: may sleep.
 * Return: 0; -EINVAL the structure is too small or there is no such interrupt; -EFAULT.
 */
long mpci_get_irq_info(void __user *arg)
{
	const size_t minsz = offsetofend(struct vfio_irq_info, count);
	struct vfio_irq_info info;

	if (copy_from_user(&info, arg, minsz))
		return -EFAULT;
	if (info.argsz < minsz || !mpci_irq_count(info.index))
		return -EINVAL;

	info.count = mpci_irq_count(info.index);
	info.flags = VFIO_IRQ_INFO_EVENTFD;
	if (info.index == VFIO_PCI_INTX_IRQ_INDEX)
		info.flags |= VFIO_IRQ_INFO_MASKABLE | VFIO_IRQ_INFO_AUTOMASKED;
	else
		info.flags |= VFIO_IRQ_INFO_NORESIZE;
	return copy_to_user(arg, &info, minsz) ? -EFAULT : 0;
}

/**
 * mpci_set_irqs() - VFIO_DEVICE_SET_IRQS
 * @pci: the card
 * @arg: the user's struct vfio_irq_set with its data
 *
 * Context: takes mpci.mutex.
 * Return: 0; -EINVAL the request makes no sense; -ENOTTY it does, but not for that interrupt;
 * -EBUSY INTx has an eventfd that unmasks it; -EBADF there is no such file; -EFAULT; -ENOMEM.
 */
long mpci_set_irqs(struct mpci *pci, u8 __user *arg)
{
	const size_t minsz = offsetofend(struct vfio_irq_set, count);
	union mpci_irq_data data = { 0 };
	struct vfio_irq_set hdr;
	size_t data_size = 0;
	long ret;

	if (copy_from_user(&hdr, arg, minsz))
		return -EFAULT;

	ret = vfio_set_irqs_validate_and_prepare(&hdr, mpci_irq_count(hdr.index), VFIO_PCI_NUM_IRQS,
						 &data_size);
	if (ret)
		return ret;
	if (data_size > sizeof(data))
		return -EINVAL;
	if (copy_from_user(&data, arg + minsz, data_size))
		return -EFAULT;

	mutex_lock(&pci->mutex);
	switch (hdr.flags & VFIO_IRQ_SET_ACTION_TYPE_MASK) {
	case VFIO_IRQ_SET_ACTION_MASK:
	case VFIO_IRQ_SET_ACTION_UNMASK:
		ret = mpci_set_intx_masking(pci, &hdr, &data);
		break;
	case VFIO_IRQ_SET_ACTION_TRIGGER:
		ret = mpci_set_irq_trigger(pci, &hdr, &data);
		break;
	default:
		ret = -EINVAL;
		break;
	}
	mutex_unlock(&pci->mutex);
	return ret;
}

/**
 * mpci_request() - ask the user to let go of a device that is to go (row M12)
 * @mdev: the device
 * @count: how often it has been asked
 *
 * Context: any.
 */
void mpci_request(struct mdev_device *mdev, unsigned int count)
{
	struct mpci *pci = mdev_get_drvdata(mdev);
	struct device *dev = mdev_dev(mdev);
	bool asked;

	spin_lock(&pci->lock);
	asked = pci->req != NULL;
	if (asked)
		eventfd_signal(pci->req, 1);
	spin_unlock(&pci->lock);

	if (asked && count % 10 == 0)
		dev_notice(dev, "Relaying device request to user (#%u)\n", count);
	else if (!asked && count == 0)
		dev_warn(dev,
			 "No device request channel registered, blocked until released by user: "
			 "unplug the device from its virtual machine, or stop that\n");
}
