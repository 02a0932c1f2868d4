// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
#include <linux/bug.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include "counts.h"

#ifdef UMDEV_TSAN
int umdev_barrier_word;
EXPORT_SYMBOL(umdev_barrier_word);
#endif

/**
 * umdev_bug() - the end of BUG()
 * @file: where: __FILE__
 * @line: __LINE__
 * @func: __func__
 *
 * Context: any. Does not return: the process aborts, so that a debugger or a
 * core dump shows the state.
 */
void umdev_bug(const char *file, int line, const char *func)
{
	printk(KERN_EMERG "BUG at %s:%d in %s()\n", file, line, func);
	abort();
}
EXPORT_SYMBOL(umdev_bug);

/**
 * umdev_warn() - log that something happened which must not
 * @file: where: __FILE__
 * @line: __LINE__
 * @func: __func__
 *
 * Context: any.
 */
void umdev_warn(const char *file, int line, const char *func)
{
	count_add(COUNT_WARNINGS, 1);
	printk(KERN_WARNING "WARNING: at %s:%d in %s()\n", file, line, func);
}
EXPORT_SYMBOL(umdev_warn);

/**
 * umdev_warn_fmt() - umdev_warn() with a text
 * @file: where: __FILE__
 * @line: __LINE__
 * @func: __func__
 * @fmt: format of the text
 *
 * Context: any.
 */
void umdev_warn_fmt(const char *file, int line, const char *func, const char *fmt, ...)
{
	struct va_format vaf;
	va_list args;

	count_add(COUNT_WARNINGS, 1);
	va_start(args, fmt);
	vaf.fmt = fmt;
	vaf.va = &args;
	printk(KERN_WARNING "WARNING: at %s:%d in %s(): %pV\n", file, line, func, &vaf);
	va_end(args);
}
EXPORT_SYMBOL(umdev_warn_fmt);
