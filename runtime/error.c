// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
#include <linux/export.h>
#include <umdev/error.h>
#include <stdarg.h>
#include <stdio.h>

int umdev_error_set(struct umdev_error *err, int code, const char *fmt, ...)
{
	va_list args;

	if (!err)
		return code;
	err->code = code;
	va_start(args, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, args);
	va_end(args);
	return code;
}
EXPORT_SYMBOL_GPL(umdev_error_set);
