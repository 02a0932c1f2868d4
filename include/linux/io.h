/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/* Physical addresses, as devices use them. A process has none: they are its own addresses. */
#ifndef _LINUX_IO_H
#define _LINUX_IO_H

#include <linux/types.h>

static inline phys_addr_t virt_to_phys(const volatile void *address)
{
	return (uintptr_t)address;
}

static inline void *phys_to_virt(phys_addr_t address)
{
	return (void *)(uintptr_t)address;
}

#endif /* _LINUX_IO_H */
