// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * mtty: a PCI card with one or two serial ports whose lines are looped back, as mediated devices.
 *
 * Each port is a 16550A, see uart16550.c. What it sends, it receives, and its modem control outputs
 * are wired to its modem status inputs. What any PCI card has is in mpci.c.
 *
 * The registers are covered by mpci.lock.
 */
#include <linux/device.h>
#include <linux/err.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/mdev.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/sysfs.h>
#include <linux/vfio.h>

#include "mpci.h"
#include "mtype.h"
#include "uart16550.h"

#define MTTY_NAME      "mtty"
#define MTTY_MAX_PORTS 2
#define MTTY_BAR_SIZE  8
#define MTTY_VENDOR    0x4348
#define MTTY_DEVICE    0x3253
#define MTTY_REVISION  0x10
#define MTTY_CLASS     0x070002 /* serial communication controller, 16550 compatible */

static unsigned int max_ports = 24;
module_param(max_ports, uint, 0444);
MODULE_PARM_DESC(max_ports, "Number of serial ports that all devices have together (default 24)");

static struct mpool mtty_ports;

static struct class *mtty_class;
static struct device *mtty_device;

/**
 * struct mtty - a card
 * @pci: its PCI side
 * @nr_ports: number of ports, each with a BAR
 * @port: the ports, under mpci.lock
 * @causes: of each port, the interrupts that were asserted when last looked at; likewise
 *
 * Owned by its mediated device.
 */
struct mtty {
	struct mpci pci;
	unsigned int nr_ports;
	struct uart16550 port[MTTY_MAX_PORTS];
	u8 causes[MTTY_MAX_PORTS];
};

static struct mtty *to_mtty(struct mpci *pci)
{
	return container_of(pci, struct mtty, pci);
}

/* To be called after each access. Each cause that is new is news. */
static void mtty_update_irq(struct mtty *mtty)
{
	bool level = false;
	u8 fresh = 0;
	unsigned int i;

	for (i = 0; i < mtty->nr_ports; i++) {
		u8 causes = uart16550_causes(&mtty->port[i]);

		fresh |= causes & ~mtty->causes[i];
		mtty->causes[i] = causes;
		if (causes)
			level = true;
	}
	mpci_set_irq(&mtty->pci, level, fresh);
}

static void mtty_read(struct mpci *pci, unsigned int bar, u32 offset, u8 *data, size_t count)
{
	struct mtty *mtty = to_mtty(pci);
	size_t i;

	for (i = 0; i < count; i++)
		data[i] = uart16550_read(&mtty->port[bar], offset + i);
	mtty_update_irq(mtty);
}

static void mtty_write(struct mpci *pci, unsigned int bar, u32 offset, const u8 *data, size_t count)
{
	struct mtty *mtty = to_mtty(pci);
	size_t i;

	for (i = 0; i < count; i++)
		uart16550_write(&mtty->port[bar], offset + i, data[i]);
	mtty_update_irq(mtty);
}

static void mtty_reset(struct mpci *pci)
{
	struct mtty *mtty = to_mtty(pci);
	unsigned int i;

	spin_lock(&pci->lock);
	for (i = 0; i < mtty->nr_ports; i++)
		uart16550_reset(&mtty->port[i]);
	mtty_update_irq(mtty);
	spin_unlock(&pci->lock);
}

#define MTTY_PORT_BAR                             \
	{                                         \
		.size = MTTY_BAR_SIZE, .io = true \
	}

#define MTTY_PCI(...)                                                                          \
	{                                                                                      \
		.vendor = MTTY_VENDOR, .device = MTTY_DEVICE, .subsystem_vendor = MTTY_VENDOR, \
		.subsystem = MTTY_DEVICE, .class = MTTY_CLASS, .revision = MTTY_REVISION,      \
		.command = PCI_COMMAND_IO, .status = PCI_STATUS_DEVSEL_MEDIUM,                 \
		.bar = { __VA_ARGS__ }, .reset = mtty_reset, .read = mtty_read,                \
		.write = mtty_write,                                                           \
	}

/* The types and their attributes */

/**
 * struct mtty_type - a kind of card
 * @group: its files, under its name
 * @name: for people
 * @nr_ports: number of ports; all but these is the same for all kinds
 * @pci: what its users see
 */
struct mtty_type {
	struct attribute_group group;
	const char *name;
	unsigned int nr_ports;
	struct mpci_type pci;
};

static const struct mtty_type *mtty_type_of(struct kobject *kobj);

static ssize_t name_show(struct kobject *kobj, struct device *dev, char *buf)
{
	return sysfs_emit(buf, "%s\n", mtty_type_of(kobj)->name);
}
static MDEV_TYPE_ATTR_RO(name);

static ssize_t available_instances_show(struct kobject *kobj, struct device *dev, char *buf)
{
	return sysfs_emit(buf, "%u\n", mpool_available(&mtty_ports) / mtty_type_of(kobj)->nr_ports);
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

static struct mtty_type mtty_types[] = {
	{
		.group = { .name = "1", .attrs = mtty_type_attrs },
		.name = "Single port serial",
		.nr_ports = 1,
		.pci = MTTY_PCI(MTTY_PORT_BAR),
	},
	{
		.group = { .name = "2", .attrs = mtty_type_attrs },
		.name = "Dual port serial",
		.nr_ports = 2,
		.pci = MTTY_PCI(MTTY_PORT_BAR, MTTY_PORT_BAR),
	},
};

static struct attribute_group *mtty_type_groups[] = {
	&mtty_types[0].group,
	&mtty_types[1].group,
	NULL,
};

static const struct mtty_type *mtty_type_of(struct kobject *kobj)
{
	return container_of(mtype_group(kobj, mtty_type_groups), struct mtty_type, group);
}

/* The life of a device */

static int mtty_create(struct kobject *kobj, struct mdev_device *mdev)
{
	const struct mtty_type *type = mtty_type_of(kobj);
	struct mtty *mtty;
	int ret;

	ret = mpool_take(&mtty_ports, type->nr_ports);
	if (ret)
		return ret;

	mtty = kzalloc(sizeof(*mtty), GFP_KERNEL);
	if (!mtty) {
		mpool_give(&mtty_ports, type->nr_ports);
		return -ENOMEM;
	}

	mtty->nr_ports = type->nr_ports;
	mpci_init(&mtty->pci, mdev, &type->pci);
	return 0;
}

static int mtty_remove(struct mdev_device *mdev)
{
	struct mtty *mtty = to_mtty(mdev_get_drvdata(mdev));

	mpci_destroy(&mtty->pci);
	mpool_give(&mtty_ports, mtty->nr_ports);
	kfree(mtty);
	return 0;
}

/* Attributes of a device and of the parent */

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
	.open = mpci_open,
	.release = mpci_release,
	.read = mpci_read,
	.write = mpci_write,
	.ioctl = mpci_ioctl,
	.request = mpci_request,
};

static int __init mtty_init(void)
{
	int ret;

	mpool_init(&mtty_ports, max_ports);

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

module_init(mtty_init);
module_exit(mtty_exit);

MODULE_DESCRIPTION("PCI serial card with looped back 16550A ports, as mediated devices");
MODULE_AUTHOR("The umdev authors");
MODULE_LICENSE("Dual BSD/GPL");
MODULE_VERSION("0.1");
