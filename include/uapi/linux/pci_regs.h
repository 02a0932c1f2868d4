/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef UMDEV_UAPI_LINUX_PCI_REGS_H
#define UMDEV_UAPI_LINUX_PCI_REGS_H

#include_next <linux/pci_regs.h>

#endif /* UMDEV_UAPI_LINUX_PCI_REGS_H */
