/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/* 5.13: modules get at remap_vmalloc_range() only, which is for all of a mapping. */
#ifndef UMDEV_COMPAT_VMALLOC_H
#define UMDEV_COMPAT_VMALLOC_H

#include_next <linux/vmalloc.h>

#define remap_vmalloc_range_partial(vma, uaddr, kaddr, pgoff, size)                         \
	((size) == (vma)->vm_end - (vma)->vm_start ? remap_vmalloc_range(vma, kaddr, pgoff) \
						   : -EINVAL)

#endif
