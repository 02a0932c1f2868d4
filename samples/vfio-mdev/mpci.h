/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * The PCI side of an emulated card, as a part of a mediated device: configuration space, regions
 * and interrupts as VFIO's users know them. A driver describes its card with a struct mpci_type,
 * embeds a struct mpci, and takes the callbacks below into its struct mdev_parent_ops.
 */
#ifndef MPCI_H
#define MPCI_H

#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/spinlock.h>
#include <linux/types.h>

struct eventfd_ctx;
struct mdev_device;
struct mpci;
struct vfio_irq_set;
struct virqfd;

#define MPCI_CFG_SIZE 256
#define MPCI_NUM_BARS 6

/**
 * struct mpci_bar - a base address register
 * @size: bytes, a power of two; 0: the register is not there
 * @io: of I/O space, else of memory below 4 GiB
 */
struct mpci_bar {
	u32 size;
	bool io;
};

/**
 * struct mpci_type - what a card is, and what it does
 * @vendor: vendor id
 * @device: device id
 * @subsystem_vendor: subsystem vendor id
 * @subsystem: subsystem id
 * @class: base class, sub-class and programming interface, a byte each
 * @revision: revision id
 * @command: command register after reset
 * @status: status register after reset; the list of capabilities is added
 * @bar: base address registers
 * @open: the first user opens the device; its error is the user's. Optional
 * @close: the last user has closed it, after @reset. Optional
 * @reset: bring all but configuration space and interrupt set-up to where it was at power-on, and
 *	report that with mpci_set_irq()
 * @read: read @count bytes of a region; what is not there reads as whatever the card likes
 * @write: the same for writing
 *
 * Each card has INTA and an MSI capability with one vector. @open, @close and @reset are called
 * with mpci.mutex held and may sleep, @read and @write with mpci.lock held, with a range that lies
 * in the region.
 */
struct mpci_type {
	u16 vendor;
	u16 device;
	u16 subsystem_vendor;
	u16 subsystem;
	u32 class;
	u8 revision;
	u16 command;
	u16 status;
	struct mpci_bar bar[MPCI_NUM_BARS];

	int (*open)(struct mpci *pci);
	void (*close)(struct mpci *pci);
	void (*reset)(struct mpci *pci);
	void (*read)(struct mpci *pci, unsigned int bar, u32 offset, u8 *data, size_t count);
	void (*write)(struct mpci *pci, unsigned int bar, u32 offset, const u8 *data, size_t count);
};

/**
 * struct mpci - the PCI side of one card
 * @mdev: the mediated device, whose driver data this is
 * @type: what it is
 * @mutex: serialises opening, closing, resets and changes of the interrupt set-up; covers @users
 *	and @unmask
 * @users: open file descriptors
 * @unmask: the user's eventfd that unmasks INTx
 * @lock: taken inside @mutex, covers what follows and whatever the card adds; user memory is copied
 *	outside it. Eventfds are signalled with it held, so what listens to one must not take it
 *	there: a user may have INTx signalled to the very eventfd that unmasks it, which is why a
 *	thread unmasks
 * @config: configuration space
 * @intx: where to signal INTx, NULL for nowhere
 * @intx_masked: INTx was signalled and not unmasked since, or masked by the user
 * @intx_level: what the INTx line would show
 * @msi: where to signal MSI; used instead of INTx while it is set
 * @req: where to ask the user to let go of the device
 */
struct mpci {
	struct mdev_device *mdev;
	const struct mpci_type *type;

	struct mutex mutex;
	unsigned int users;
	struct virqfd *unmask;

	spinlock_t lock;
	u8 config[MPCI_CFG_SIZE];
	struct eventfd_ctx *intx;
	bool intx_masked;
	bool intx_level;
	struct eventfd_ctx *msi;
	struct eventfd_ctx *req;
};

/* mpci.c */
void mpci_init(struct mpci *pci, struct mdev_device *mdev, const struct mpci_type *type);
void mpci_destroy(struct mpci *pci);

/* For struct mdev_parent_ops. */
int mpci_open(struct mdev_device *mdev);
void mpci_release(struct mdev_device *mdev);
ssize_t mpci_read(struct mdev_device *mdev, char __user *buf, size_t count, loff_t *ppos);
ssize_t mpci_write(struct mdev_device *mdev, const char __user *buf, size_t count, loff_t *ppos);
long mpci_ioctl(struct mdev_device *mdev, unsigned int cmd, unsigned long arg);
void mpci_request(struct mdev_device *mdev, unsigned int count);

/* mpci_irq.c; all but mpci_set_irq() and mpci_update_intx() are mpci.c's business */
void mpci_set_irq(struct mpci *pci, bool level, bool news);
void mpci_update_intx(struct mpci *pci);
void mpci_disable_irqs(struct mpci *pci);
long mpci_get_irq_info(void __user *arg);
long mpci_set_irqs(struct mpci *pci, u8 __user *arg);

#endif /* MPCI_H */
