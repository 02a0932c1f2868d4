/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef RUNTIME_OBJECT_H
#define RUNTIME_OBJECT_H

#include <dlfcn.h>
#include <stddef.h>

/* The address where the shared object with @addr in it, a module say, begins; NULL: it is in none. */
static inline const void *object_base(const void *addr)
{
	Dl_info info;

	return dladdr(addr, &info) ? info.dli_fbase : NULL;
}

#endif
