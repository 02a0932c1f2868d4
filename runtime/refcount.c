// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* Reference counts that saturate. Semantics: Linux 5.10's lib/refcount.c. */
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>

static void saturate(refcount_t *r, const char *what)
{
	refcount_set(r, REFCOUNT_SATURATED);
	WARN_ONCE(1, "reference count %s; the object is leaked", what);
}

/**
 * refcount_add_not_zero() - take references unless there is none left
 * @i: how many
 * @r: the count
 *
 * Context: any.
 * Return: whether they were taken.
 */
bool refcount_add_not_zero(int i, refcount_t *r)
{
	int old = atomic_fetch_add_unless(&r->refs, i, 0);

	if (unlikely(old < 0 || old > INT_MAX - i))
		saturate(r, "is too high");
	return old;
}
EXPORT_SYMBOL(refcount_add_not_zero);

/**
 * refcount_add() - take references
 * @i: how many
 * @r: the count; the caller holds one of it
 *
 * Context: any.
 */
void refcount_add(int i, refcount_t *r)
{
	int old = atomic_fetch_add(i, &r->refs);

	if (unlikely(!old))
		saturate(r, "went up from 0: use after free");
	else if (unlikely(old < 0 || old > INT_MAX - i))
		saturate(r, "is too high");
}
EXPORT_SYMBOL(refcount_add);

/**
 * refcount_inc_not_zero() - take a reference unless there is none left
 * @r: the count
 *
 * Context: any.
 * Return: whether it was taken.
 */
bool refcount_inc_not_zero(refcount_t *r)
{
	return refcount_add_not_zero(1, r);
}
EXPORT_SYMBOL(refcount_inc_not_zero);

/**
 * refcount_inc() - take a reference
 * @r: the count; the caller holds one of it
 *
 * Context: any.
 */
void refcount_inc(refcount_t *r)
{
	refcount_add(1, r);
}
EXPORT_SYMBOL(refcount_inc);

/**
 * refcount_sub_and_test() - drop references
 * @i: how many
 * @r: the count
 *
 * Context: any.
 * Return: whether these were the last.
 */
bool refcount_sub_and_test(int i, refcount_t *r)
{
	int old = atomic_fetch_sub(i, &r->refs);

	if (old == i)
		return true;
	if (unlikely(old < 0 || old < i))
		saturate(r, "went below 0: use after free");
	return false;
}
EXPORT_SYMBOL(refcount_sub_and_test);

/**
 * refcount_dec_and_test() - drop a reference
 * @r: the count
 *
 * Context: any.
 * Return: whether it was the last.
 */
bool refcount_dec_and_test(refcount_t *r)
{
	return refcount_sub_and_test(1, r);
}
EXPORT_SYMBOL(refcount_dec_and_test);

/**
 * refcount_dec() - drop a reference that is not the last
 * @r: the count
 *
 * Context: any.
 */
void refcount_dec(refcount_t *r)
{
	if (unlikely(atomic_fetch_sub(1, &r->refs) <= 1))
		saturate(r, "went down to 0 unexpectedly");
}
EXPORT_SYMBOL(refcount_dec);

/**
 * refcount_dec_if_one() - drop the last reference
 * @r: the count
 *
 * Context: any.
 * Return: whether there was exactly one.
 */
bool refcount_dec_if_one(refcount_t *r)
{
	int one = 1;

	return atomic_try_cmpxchg(&r->refs, &one, 0);
}
EXPORT_SYMBOL(refcount_dec_if_one);

/**
 * refcount_dec_not_one() - drop a reference unless it is the last
 * @r: the count
 *
 * Context: any.
 * Return: whether it was dropped.
 */
bool refcount_dec_not_one(refcount_t *r)
{
	int old = atomic_read(&r->refs);

	do {
		if (unlikely(old == REFCOUNT_SATURATED))
			return true;
		if (old == 1)
			return false;
		if (unlikely(old <= 0)) {
			saturate(r, "went below 0: use after free");
			return true;
		}
	} while (!atomic_try_cmpxchg(&r->refs, &old, old - 1));
	return true;
}
EXPORT_SYMBOL(refcount_dec_not_one);

/**
 * refcount_dec_and_mutex_lock() - drop a reference, the last one under a mutex
 * @r: the count
 * @lock: the mutex
 *
 * Context: sleeps.
 * Return: whether it was the last; @lock is then held.
 */
bool refcount_dec_and_mutex_lock(refcount_t *r, struct mutex *lock)
{
	if (refcount_dec_not_one(r))
		return false;
	mutex_lock(lock);
	if (refcount_dec_and_test(r))
		return true;
	mutex_unlock(lock);
	return false;
}
EXPORT_SYMBOL(refcount_dec_and_mutex_lock);

/**
 * refcount_dec_and_lock() - drop a reference, the last one under a spinlock
 * @r: the count
 * @lock: the spinlock
 *
 * Context: any.
 * Return: whether it was the last; @lock is then held.
 */
bool refcount_dec_and_lock(refcount_t *r, spinlock_t *lock)
{
	if (refcount_dec_not_one(r))
		return false;
	spin_lock(lock);
	if (refcount_dec_and_test(r))
		return true;
	spin_unlock(lock);
	return false;
}
EXPORT_SYMBOL(refcount_dec_and_lock);
