/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef UMDEV_LINUX_COMPILER_TYPES_H
#define UMDEV_LINUX_COMPILER_TYPES_H

/* Annotations for static checkers: they have a meaning for a reader only. */
#ifndef __user
#define __user
#endif
#define __kernel
#define __iomem
#define __percpu
#define __rcu
#ifndef __force
#define __force
#endif
#define __must_hold(x)
#define __acquires(x)
#define __releases(x)

#ifndef __always_inline
#define __always_inline inline __attribute__((__always_inline__))
#endif
#define noinline	__attribute__((__noinline__))
#define __noreturn	__attribute__((__noreturn__))
#define __must_check	__attribute__((__warn_unused_result__))
#define __maybe_unused	__attribute__((__unused__))
#define __always_unused __attribute__((__unused__))
#define __packed	__attribute__((__packed__))
#define __aligned(x)	__attribute__((__aligned__(x)))
#define __printf(a, b)	__attribute__((__format__(__printf__, a, b)))
#define __section(s)	__attribute__((__section__(s)))
#define __weak		__attribute__((__weak__))
#define __alias(s)	__attribute__((__alias__(#s)))
#define __cold		__attribute__((__cold__))
#ifndef __used
#define __used __attribute__((__used__))
#endif
#define __visible
#define __malloc	      __attribute__((__malloc__))
#define ____cacheline_aligned __attribute__((__aligned__(64)))
#define fallthrough	      __attribute__((__fallthrough__))

#define __same_type(a, b) __builtin_types_compatible_p(typeof(a), typeof(b))

#endif /* UMDEV_LINUX_COMPILER_TYPES_H */
