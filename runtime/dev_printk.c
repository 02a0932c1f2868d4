// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* Log messages about devices. */
#include <linux/device.h>
#include <linux/export.h>
#include <linux/printk.h>
#include <linux/string.h>

#include "base.h"

static void dev_vprintk(const char *level, const struct device *dev, const char *fmt, va_list *args)
{
	struct va_format vaf = { .fmt = fmt, .va = args };
	char driver[64];

	if (!dev) {
		printk("%s(NULL device *): %pV", level, &vaf);
		return;
	}
	if (!device_copy_driver_name(dev, driver, sizeof(driver)))
		strscpy(driver, dev_bus_name(dev), sizeof(driver));
	printk("%s%s %s: %pV", level, driver, dev_name(dev), &vaf);
}

/**
 * dev_printk() - log a message about a device
 * @level: KERN_*
 * @dev: the device; its driver's name, or its bus's or class's, and its own come first
 * @fmt: format of the message
 *
 * Context: any; the device's driver may come or go meanwhile.
 */
void dev_printk(const char *level, const struct device *dev, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	dev_vprintk(level, dev, fmt, &args);
	va_end(args);
}
EXPORT_SYMBOL_GPL(dev_printk);

#define DEFINE_DEV_PRINTK(name, level)                            \
	void name(const struct device *dev, const char *fmt, ...) \
	{                                                         \
		va_list args;                                     \
                                                                  \
		va_start(args, fmt);                              \
		dev_vprintk(level, dev, fmt, &args);              \
		va_end(args);                                     \
	}                                                         \
	struct device

/* Each logs a message about a device as dev_printk() does, at its own level. */
DEFINE_DEV_PRINTK(_dev_emerg, KERN_EMERG);
DEFINE_DEV_PRINTK(_dev_alert, KERN_ALERT);
DEFINE_DEV_PRINTK(_dev_crit, KERN_CRIT);
DEFINE_DEV_PRINTK(_dev_err, KERN_ERR);
DEFINE_DEV_PRINTK(_dev_warn, KERN_WARNING);
DEFINE_DEV_PRINTK(_dev_notice, KERN_NOTICE);
DEFINE_DEV_PRINTK(_dev_info, KERN_INFO);
EXPORT_SYMBOL_GPL(_dev_emerg);
EXPORT_SYMBOL_GPL(_dev_alert);
EXPORT_SYMBOL_GPL(_dev_crit);
EXPORT_SYMBOL_GPL(_dev_err);
EXPORT_SYMBOL_GPL(_dev_warn);
EXPORT_SYMBOL_GPL(_dev_notice);
EXPORT_SYMBOL_GPL(_dev_info);
