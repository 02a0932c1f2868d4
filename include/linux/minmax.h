/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef UMDEV_LINUX_MINMAX_H
#define UMDEV_LINUX_MINMAX_H

#include <linux/compiler.h>

#define __minmax_paste2(a, b) a##b
#define __minmax_paste(a, b)  __minmax_paste2(a, b)
#define __minmax_id(prefix)   __minmax_paste(prefix, __COUNTER__)

/* Each argument is evaluated once; the types must be the same, as a mixed comparison hides bugs. */
#define __pick_once(x, op, y, ux, uy) \
	({                            \
		typeof(x) ux = (x);   \
		typeof(y) uy = (y);   \
		(void)(&ux == &uy);   \
		ux op uy ? ux : uy;   \
	})
#define __pick_typed(type, x, op, y, ux, uy) \
	({                                   \
		type ux = (x);               \
		type uy = (y);               \
		ux op uy ? ux : uy;          \
	})

#define min(x, y)	  __pick_once(x, <, y, __minmax_id(__x_), __minmax_id(__y_))
#define max(x, y)	  __pick_once(x, >, y, __minmax_id(__x_), __minmax_id(__y_))
#define min_t(type, x, y) __pick_typed(type, x, <, y, __minmax_id(__x_), __minmax_id(__y_))
#define max_t(type, x, y) __pick_typed(type, x, >, y, __minmax_id(__x_), __minmax_id(__y_))
#define min3(x, y, z)	  min((typeof(x))min(x, y), z)
#define max3(x, y, z)	  max((typeof(x))max(x, y), z)

#define clamp(val, lo, hi)	   min((typeof(val))max(val, lo), hi)
#define clamp_t(type, val, lo, hi) min_t(type, max_t(type, val, lo), hi)
#define clamp_val(val, lo, hi)	   clamp_t(typeof(val), val, lo, hi)

#define swap(a, b)                          \
	do {                                \
		typeof(a) __swap_tmp = (a); \
		(a) = (b);                  \
		(b) = __swap_tmp;           \
	} while (0)

#endif /* UMDEV_LINUX_MINMAX_H */
