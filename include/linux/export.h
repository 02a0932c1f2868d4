/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef UMDEV_LINUX_EXPORT_H
#define UMDEV_LINUX_EXPORT_H

#include <linux/compiler.h>

/*
 * The symbol may be used from other modules. scripts/export-map reads these
 * lines and makes them the only visible symbols of a shared object; to the
 * compiler they say nothing.
 */
#define EXPORT_SYMBOL(sym)     extern int __umdev_export_line
#define EXPORT_SYMBOL_GPL(sym) extern int __umdev_export_line

struct module;

#ifdef MODULE
extern struct module __this_module;
#define THIS_MODULE (&__this_module)
#else
#define THIS_MODULE ((struct module *)0)
#endif

#endif /* UMDEV_LINUX_EXPORT_H */
