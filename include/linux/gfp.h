/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef UMDEV_LINUX_GFP_H
#define UMDEV_LINUX_GFP_H

#include <linux/types.h>

/* Flags of an allocation. Those that say where the kernel may sleep or reclaim mean nothing here. */
#define ___GFP_WAIT    0x01u
#define ___GFP_HIGH    0x02u
#define ___GFP_USER    0x04u
#define ___GFP_HIGHMEM 0x08u
#define ___GFP_ACCOUNT 0x10u
#define ___GFP_ZERO    0x20u
#define ___GFP_NOWARN  0x40u
#define ___GFP_NORETRY 0x80u

#define __GFP_ZERO	   ((gfp_t)___GFP_ZERO)
#define __GFP_NOWARN	   ((gfp_t)___GFP_NOWARN)
#define __GFP_NORETRY	   ((gfp_t)___GFP_NORETRY)
#define __GFP_ACCOUNT	   ((gfp_t)___GFP_ACCOUNT)
#define __GFP_HIGHMEM	   ((gfp_t)___GFP_HIGHMEM)
#define GFP_KERNEL	   ((gfp_t)___GFP_WAIT)
#define GFP_KERNEL_ACCOUNT (GFP_KERNEL | __GFP_ACCOUNT)
#define GFP_ATOMIC	   ((gfp_t)___GFP_HIGH)
#define GFP_NOWAIT	   ((gfp_t)0)
#define GFP_NOIO	   GFP_KERNEL
#define GFP_USER	   ((gfp_t)(___GFP_WAIT | ___GFP_USER))
#define GFP_HIGHUSER	   (GFP_USER | __GFP_HIGHMEM)

#endif /* UMDEV_LINUX_GFP_H */
