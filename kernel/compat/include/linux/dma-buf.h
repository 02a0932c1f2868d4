/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/* 5.16: its functions are in a namespace. What MODULE_IMPORT_NS() takes has changed, in 6.13. */
#ifndef UMDEV_COMPAT_DMA_BUF_H
#define UMDEV_COMPAT_DMA_BUF_H

#include <linux/module.h>
#include_next <linux/dma-buf.h>

MODULE_INFO(import_ns, "DMA_BUF");

#endif
