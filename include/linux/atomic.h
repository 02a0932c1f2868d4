/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef UMDEV_LINUX_ATOMIC_H
#define UMDEV_LINUX_ATOMIC_H

#include <linux/compiler.h>
#include <linux/types.h>

/* C11's generic functions of these names take their arguments the other way round. */
#undef atomic_fetch_add
#undef atomic_fetch_sub

#define ATOMIC_INIT(i) \
	{              \
		(i)    \
	}
#define ATOMIC64_INIT(i) \
	{                \
		(i)      \
	}

/*
 * Ordering is the kernel's: an operation that returns nothing orders nothing,
 * one that returns a value is a full barrier, unless its name ends in
 * _relaxed, _acquire or _release.
 */
#define __ATOMIC_OPS(prefix, type, val)                                                            \
	static inline val prefix##_read(const type *v)                                             \
	{                                                                                          \
		return __atomic_load_n(&v->counter, __ATOMIC_RELAXED);                             \
	}                                                                                          \
	static inline val prefix##_read_acquire(const type *v)                                     \
	{                                                                                          \
		return __atomic_load_n(&v->counter, __ATOMIC_ACQUIRE);                             \
	}                                                                                          \
	static inline void prefix##_set(type *v, val i)                                            \
	{                                                                                          \
		__atomic_store_n(&v->counter, i, __ATOMIC_RELAXED);                                \
	}                                                                                          \
	static inline void prefix##_set_release(type *v, val i)                                    \
	{                                                                                          \
		__atomic_store_n(&v->counter, i, __ATOMIC_RELEASE);                                \
	}                                                                                          \
	static inline void prefix##_add(val i, type *v)                                            \
	{                                                                                          \
		__atomic_fetch_add(&v->counter, i, __ATOMIC_RELAXED);                              \
	}                                                                                          \
	static inline void prefix##_sub(val i, type *v)                                            \
	{                                                                                          \
		__atomic_fetch_sub(&v->counter, i, __ATOMIC_RELAXED);                              \
	}                                                                                          \
	static inline void prefix##_inc(type *v)                                                   \
	{                                                                                          \
		__atomic_fetch_add(&v->counter, 1, __ATOMIC_RELAXED);                              \
	}                                                                                          \
	static inline void prefix##_dec(type *v)                                                   \
	{                                                                                          \
		__atomic_fetch_sub(&v->counter, 1, __ATOMIC_RELAXED);                              \
	}                                                                                          \
	static inline void prefix##_or(val i, type *v)                                             \
	{                                                                                          \
		__atomic_fetch_or(&v->counter, i, __ATOMIC_RELAXED);                               \
	}                                                                                          \
	static inline void prefix##_and(val i, type *v)                                            \
	{                                                                                          \
		__atomic_fetch_and(&v->counter, i, __ATOMIC_RELAXED);                              \
	}                                                                                          \
	static inline val prefix##_add_return(val i, type *v)                                      \
	{                                                                                          \
		return __atomic_add_fetch(&v->counter, i, __ATOMIC_SEQ_CST);                       \
	}                                                                                          \
	static inline val prefix##_sub_return(val i, type *v)                                      \
	{                                                                                          \
		return __atomic_sub_fetch(&v->counter, i, __ATOMIC_SEQ_CST);                       \
	}                                                                                          \
	static inline val prefix##_inc_return(type *v)                                             \
	{                                                                                          \
		return __atomic_add_fetch(&v->counter, 1, __ATOMIC_SEQ_CST);                       \
	}                                                                                          \
	static inline val prefix##_dec_return(type *v)                                             \
	{                                                                                          \
		return __atomic_sub_fetch(&v->counter, 1, __ATOMIC_SEQ_CST);                       \
	}                                                                                          \
	static inline val prefix##_fetch_add(val i, type *v)                                       \
	{                                                                                          \
		return __atomic_fetch_add(&v->counter, i, __ATOMIC_SEQ_CST);                       \
	}                                                                                          \
	static inline val prefix##_fetch_sub(val i, type *v)                                       \
	{                                                                                          \
		return __atomic_fetch_sub(&v->counter, i, __ATOMIC_SEQ_CST);                       \
	}                                                                                          \
	static inline bool prefix##_dec_and_test(type *v)                                          \
	{                                                                                          \
		return prefix##_dec_return(v) == 0;                                                \
	}                                                                                          \
	static inline bool prefix##_inc_and_test(type *v)                                          \
	{                                                                                          \
		return prefix##_inc_return(v) == 0;                                                \
	}                                                                                          \
	static inline bool prefix##_sub_and_test(val i, type *v)                                   \
	{                                                                                          \
		return prefix##_sub_return(i, v) == 0;                                             \
	}                                                                                          \
	static inline bool prefix##_add_negative(val i, type *v)                                   \
	{                                                                                          \
		return prefix##_add_return(i, v) < 0;                                              \
	}                                                                                          \
	static inline val prefix##_xchg(type *v, val new)                                          \
	{                                                                                          \
		return __atomic_exchange_n(&v->counter, new, __ATOMIC_SEQ_CST);                    \
	}                                                                                          \
	static inline bool prefix##_try_cmpxchg(type *v, val *old, val new)                        \
	{                                                                                          \
		return __atomic_compare_exchange_n(&v->counter, old, new, false, __ATOMIC_SEQ_CST, \
						   __ATOMIC_SEQ_CST);                              \
	}                                                                                          \
	static inline val prefix##_cmpxchg(type *v, val old, val new)                              \
	{                                                                                          \
		prefix##_try_cmpxchg(v, &old, new);                                                \
		return old;                                                                        \
	}                                                                                          \
	static inline val prefix##_fetch_add_unless(type *v, val a, val u)                         \
	{                                                                                          \
		val c = prefix##_read(v);                                                          \
                                                                                                   \
		while (c != u && !prefix##_try_cmpxchg(v, &c, c + a))                              \
			;                                                                          \
		return c;                                                                          \
	}                                                                                          \
	static inline bool prefix##_add_unless(type *v, val a, val u)                              \
	{                                                                                          \
		return prefix##_fetch_add_unless(v, a, u) != u;                                    \
	}                                                                                          \
	static inline bool prefix##_inc_not_zero(type *v)                                          \
	{                                                                                          \
		return prefix##_add_unless(v, 1, 0);                                               \
	}                                                                                          \
	static inline bool prefix##_inc_unless_negative(type *v)                                   \
	{                                                                                          \
		val c = prefix##_read(v);                                                          \
                                                                                                   \
		while (c >= 0 && !prefix##_try_cmpxchg(v, &c, c + 1))                              \
			;                                                                          \
		return c >= 0;                                                                     \
	}                                                                                          \
	static inline val prefix##_dec_if_positive(type *v)                                        \
	{                                                                                          \
		val c = prefix##_read(v);                                                          \
                                                                                                   \
		while (c > 0 && !prefix##_try_cmpxchg(v, &c, c - 1))                               \
			;                                                                          \
		return c - 1;                                                                      \
	}

__ATOMIC_OPS(atomic, atomic_t, int)
__ATOMIC_OPS(atomic64, atomic64_t, s64)

/* On the 64-bit machines that are supported, long is 64 bits wide. */
typedef struct {
	long counter;
} atomic_long_t;
__ATOMIC_OPS(atomic_long, atomic_long_t, long)
#define ATOMIC_LONG_INIT(i) \
	{                   \
		(i)         \
	}

#undef __ATOMIC_OPS

#define xchg(ptr, v) __atomic_exchange_n((ptr), (v), __ATOMIC_SEQ_CST)
#define cmpxchg(ptr, old, new)                                                                     \
	({                                                                                         \
		typeof(*(ptr)) __cmpxchg_old = (old);                                              \
                                                                                                   \
		__atomic_compare_exchange_n((ptr), &__cmpxchg_old, (new), false, __ATOMIC_SEQ_CST, \
					    __ATOMIC_SEQ_CST);                                     \
		__cmpxchg_old;                                                                     \
	})

#endif /* UMDEV_LINUX_ATOMIC_H */
