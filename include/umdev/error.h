/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef UMDEV_ERROR_H
#define UMDEV_ERROR_H

/**
 * struct umdev_error - what went wrong, for a program and for a person
 * @code: negative errno, 0 while nothing has
 * @text: one sentence without a full stop: what was wrong, what was expected, what to do
 *
 * The caller owns it and need not initialise it: it is written on failure only.
 */
struct umdev_error {
	int code;
	char text[256];
};

/**
 * umdev_error_set() - describe a failure
 * @err: where to; NULL is fine, the text is then dropped
 * @code: negative errno
 * @fmt: printf format of the text; what does not fit is cut off
 *
 * Context: any; does not sleep, takes no lock.
 * Return: @code, so that a function can end with "return umdev_error_set(...)".
 */
int umdev_error_set(struct umdev_error *err, int code, const char *fmt, ...)
	__attribute__((__format__(__printf__, 3, 4)));

#endif /* UMDEV_ERROR_H */
