/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef UMDEV_LINUX_PCI_H
#define UMDEV_LINUX_PCI_H

#include_next <linux/pci.h>
#include <linux/pci_ids.h>
#include <linux/types.h>

struct pci_dev;

#define PCI_ANY_ID (~0)

#endif /* UMDEV_LINUX_PCI_H */
