/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef UMDEV_LINUX_NOSPEC_H
#define UMDEV_LINUX_NOSPEC_H

#include <linux/types.h>

/*
 * An index that stays below @size even on a path the processor only guesses.
 * All code here shares one address space with its drivers: a plain bound is enough.
 */
#define array_index_nospec(index, size)               \
	({                                            \
		typeof(index) __nospec_i = (index);   \
		__nospec_i < (size) ? __nospec_i : 0; \
	})

#endif /* UMDEV_LINUX_NOSPEC_H */
