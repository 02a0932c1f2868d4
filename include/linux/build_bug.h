/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef UMDEV_LINUX_BUILD_BUG_H
#define UMDEV_LINUX_BUILD_BUG_H

#include <linux/compiler.h>

/* 0, or a build failure if @e holds; usable inside an expression. */
#define BUILD_BUG_ON_ZERO(e)	       ((int)(sizeof(struct { int : (-!!(e)); })))
#define BUILD_BUG_ON_MSG(cond, msg)    _Static_assert(!(cond), msg)
#define BUILD_BUG_ON(cond)	       BUILD_BUG_ON_MSG(cond, "BUILD_BUG_ON: " #cond)
#define BUILD_BUG_ON_NOT_POWER_OF_2(n) BUILD_BUG_ON((n) == 0 || (((n) & ((n)-1)) != 0))
#undef static_assert /* <assert.h> may have come first */
#define static_assert(expr, ...) _Static_assert(expr, #expr)

#endif /* UMDEV_LINUX_BUILD_BUG_H */
