/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef UMDEV_LINUX_COMPILER_H
#define UMDEV_LINUX_COMPILER_H

#include <linux/compiler_types.h>

#define likely(x)   __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

#define barrier()     __asm__ __volatile__("" : : : "memory")
#define unreachable() __builtin_unreachable()

/*
 * A single access that the compiler neither repeats nor leaves out. Relaxed
 * atomics rather than volatile, so that a race detector takes them for what
 * they are: intended. Scalars only.
 */
#define READ_ONCE(x)	   __atomic_load_n(&(x), __ATOMIC_RELAXED)
#define WRITE_ONCE(x, val) __atomic_store_n(&(x), (val), __ATOMIC_RELAXED)

#define smp_load_acquire(p)	__atomic_load_n((p), __ATOMIC_ACQUIRE)
#define smp_store_release(p, v) __atomic_store_n((p), (v), __ATOMIC_RELEASE)

#if defined(__SANITIZE_THREAD__)
#define UMDEV_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define UMDEV_TSAN 1
#endif
#endif

#ifdef UMDEV_TSAN
/* The race detector knows no fences; a read-modify-write of one word orders the same accesses. */
extern int umdev_barrier_word;
#define smp_mb() ((void)__atomic_fetch_add(&umdev_barrier_word, 0, __ATOMIC_SEQ_CST))
#else
#define smp_mb() __atomic_thread_fence(__ATOMIC_SEQ_CST)
#endif
#define smp_rmb() smp_mb()
#define smp_wmb() smp_mb()
#define mb()	  smp_mb()
#define rmb()	  smp_mb()
#define wmb()	  smp_mb()
#define smp_store_mb(var, value)        \
	do {                            \
		WRITE_ONCE(var, value); \
		smp_mb();               \
	} while (0)
#define smp_mb__before_atomic() smp_mb()
#define smp_mb__after_atomic()	smp_mb()

#endif /* UMDEV_LINUX_COMPILER_H */
