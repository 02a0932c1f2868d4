/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/* Where the runtime asks whether it has to fail: see <umdev/fault.h>. */
#ifndef RUNTIME_FAULT_H
#define RUNTIME_FAULT_H

#include <linux/compiler.h>
#include <linux/types.h>

/* Not 0 while an injector is armed; atomic. */
extern int fault_armed;

bool fault_count(void);

/* Has this attempt to fail? Any context, takes no lock. */
static inline bool fault_now(void)
{
	return unlikely(__atomic_load_n(&fault_armed, __ATOMIC_ACQUIRE)) && fault_count();
}

#endif
