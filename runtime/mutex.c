// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* Mutexes and spinlocks. Both are pthread mutexes, so that race detectors follow them. */
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include "locks.h"

struct timespec lock_poll_deadline(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	ts.tv_nsec += LOCK_POLL_MSEC * 1000000l;
	if (ts.tv_nsec >= 1000000000l) {
		ts.tv_nsec -= 1000000000l;
		ts.tv_sec++;
	}
	return ts;
}

/**
 * mutex_init() - make a mutex
 * @lock: the mutex, unlocked afterwards
 *
 * Context: any.
 */
void mutex_init(struct mutex *lock)
{
	BUG_ON(pthread_mutex_init(&lock->lock, NULL));
	WRITE_ONCE(lock->owner, NULL);
}
EXPORT_SYMBOL(mutex_init);

/**
 * mutex_destroy() - give a mutex up
 * @lock: the mutex; must be unlocked
 *
 * Memory that holds a mutex may be freed without it, as in a kernel.
 *
 * Context: any.
 */
void mutex_destroy(struct mutex *lock)
{
	if (!WARN_ON(mutex_is_locked(lock)))
		pthread_mutex_destroy(&lock->lock);
}
EXPORT_SYMBOL(mutex_destroy);

/**
 * mutex_lock() - take a mutex
 * @lock: the mutex; the caller must not hold it
 *
 * Context: sleeps.
 */
void mutex_lock(struct mutex *lock)
{
	BUG_ON(pthread_mutex_lock(&lock->lock));
	WRITE_ONCE(lock->owner, current);
}
EXPORT_SYMBOL(mutex_lock);

/**
 * mutex_lock_interruptible() - take a mutex unless interrupted
 * @lock: the mutex; the caller must not hold it
 *
 * Context: sleeps.
 * Return: 0; -EINTR if an interruption ended the wait, the mutex is then not held.
 */
int mutex_lock_interruptible(struct mutex *lock)
{
	while (!mutex_trylock(lock)) {
		struct timespec deadline = lock_poll_deadline();

		if (signal_pending(current))
			return -EINTR;
		if (!pthread_mutex_timedlock(&lock->lock, &deadline)) {
			WRITE_ONCE(lock->owner, current);
			break;
		}
	}
	return 0;
}
EXPORT_SYMBOL(mutex_lock_interruptible);

/**
 * mutex_lock_killable() - take a mutex unless killed
 * @lock: as for mutex_lock_interruptible()
 *
 * Every interruption counts as a kill here.
 *
 * Context and return: as mutex_lock_interruptible().
 */
int mutex_lock_killable(struct mutex *lock)
{
	return mutex_lock_interruptible(lock);
}
EXPORT_SYMBOL(mutex_lock_killable);

/**
 * mutex_trylock() - take a mutex if it is free
 * @lock: the mutex
 *
 * Context: any.
 * Return: 1 if the caller holds it now, else 0.
 */
int mutex_trylock(struct mutex *lock)
{
	if (pthread_mutex_trylock(&lock->lock))
		return 0;
	WRITE_ONCE(lock->owner, current);
	return 1;
}
EXPORT_SYMBOL(mutex_trylock);

/**
 * mutex_unlock() - let a mutex go
 * @lock: the mutex; the caller must hold it, else a warning is logged
 *
 * Context: the thread that took it.
 */
void mutex_unlock(struct mutex *lock)
{
	WARN_ON_ONCE(!umdev_mutex_held(lock));
	WRITE_ONCE(lock->owner, NULL);
	BUG_ON(pthread_mutex_unlock(&lock->lock));
}
EXPORT_SYMBOL(mutex_unlock);

/**
 * mutex_is_locked() - whether anybody holds a mutex
 * @lock: the mutex
 *
 * Context: any; the answer may be old when it arrives.
 * Return: whether it was held.
 */
bool mutex_is_locked(struct mutex *lock)
{
	return READ_ONCE(lock->owner);
}
EXPORT_SYMBOL(mutex_is_locked);

/**
 * umdev_mutex_held() - whether the caller holds a mutex
 * @lock: the mutex
 *
 * Context: any. For lockdep_assert_held().
 * Return: whether it does.
 */
bool umdev_mutex_held(const struct mutex *lock)
{
	return READ_ONCE(lock->owner) == current;
}
EXPORT_SYMBOL(umdev_mutex_held);

/**
 * spin_lock_init() - make a spinlock
 * @lock: the lock, unlocked afterwards
 *
 * Context: any.
 */
void spin_lock_init(spinlock_t *lock)
{
	BUG_ON(pthread_mutex_init(&lock->lock, NULL));
	WRITE_ONCE(lock->owner, NULL);
}
EXPORT_SYMBOL(spin_lock_init);

/**
 * spin_lock() - take a spinlock
 * @lock: the lock; the caller must not hold it
 *
 * Context: any; the holder must not sleep.
 */
void spin_lock(spinlock_t *lock)
{
	BUG_ON(pthread_mutex_lock(&lock->lock));
	WRITE_ONCE(lock->owner, current);
}
EXPORT_SYMBOL(spin_lock);

/**
 * spin_trylock() - take a spinlock if it is free
 * @lock: the lock
 *
 * Context: any.
 * Return: 1 if the caller holds it now, else 0.
 */
int spin_trylock(spinlock_t *lock)
{
	if (pthread_mutex_trylock(&lock->lock))
		return 0;
	WRITE_ONCE(lock->owner, current);
	return 1;
}
EXPORT_SYMBOL(spin_trylock);

/**
 * spin_unlock() - let a spinlock go
 * @lock: the lock; the caller must hold it
 *
 * Context: the thread that took it.
 */
void spin_unlock(spinlock_t *lock)
{
	WRITE_ONCE(lock->owner, NULL);
	BUG_ON(pthread_mutex_unlock(&lock->lock));
}
EXPORT_SYMBOL(spin_unlock);

/**
 * spin_is_locked() - whether anybody holds a spinlock
 * @lock: the lock
 *
 * Context: any; the answer may be old when it arrives.
 * Return: 1 if it was held, else 0.
 */
int spin_is_locked(spinlock_t *lock)
{
	return READ_ONCE(lock->owner) != NULL;
}
EXPORT_SYMBOL(spin_is_locked);

/**
 * umdev_spin_held() - whether the caller holds a spinlock
 * @lock: the lock
 *
 * Context: any. For lockdep_assert_held().
 * Return: whether it does.
 */
bool umdev_spin_held(const spinlock_t *lock)
{
	return READ_ONCE(lock->owner) == current;
}
EXPORT_SYMBOL(umdev_spin_held);
