// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Reader-writer semaphores on pthread rwlocks, so that race detectors follow
 * them. Writers take @writers first and keep it: so at most one of them waits
 * at the rwlock, where it stops new readers, and one that becomes a reader
 * (downgrade_write()) finds no writer that could slip in.
 *
 * Lock order: writers > lock.
 */
#include <linux/atomic.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/rwsem.h>
#include <linux/sched.h>
#include "locks.h"

#define HELD_BY_WRITER (-1)

/**
 * init_rwsem() - make a semaphore
 * @sem: the semaphore, free afterwards
 *
 * Context: any.
 */
void init_rwsem(struct rw_semaphore *sem)
{
	pthread_rwlockattr_t attr;

	pthread_rwlockattr_init(&attr);
	pthread_rwlockattr_setkind_np(&attr, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
	BUG_ON(pthread_rwlock_init(&sem->lock, &attr));
	pthread_rwlockattr_destroy(&attr);
	BUG_ON(pthread_mutex_init(&sem->writers, NULL));
	atomic_set(&sem->holders, 0);
}
EXPORT_SYMBOL(init_rwsem);

/**
 * down_read() - take a semaphore for reading
 * @sem: the semaphore; the caller must not hold it
 *
 * Context: sleeps.
 */
void down_read(struct rw_semaphore *sem)
{
	BUG_ON(pthread_rwlock_rdlock(&sem->lock));
	atomic_inc(&sem->holders);
}
EXPORT_SYMBOL(down_read);

/**
 * down_read_interruptible() - take a semaphore for reading unless interrupted
 * @sem: the semaphore; the caller must not hold it
 *
 * Context: sleeps.
 * Return: 0; -EINTR if an interruption ended the wait, it is then not held.
 */
int down_read_interruptible(struct rw_semaphore *sem)
{
	while (!down_read_trylock(sem)) {
		struct timespec deadline = lock_poll_deadline();

		if (signal_pending(current))
			return -EINTR;
		if (!pthread_rwlock_timedrdlock(&sem->lock, &deadline)) {
			atomic_inc(&sem->holders);
			break;
		}
	}
	return 0;
}
EXPORT_SYMBOL(down_read_interruptible);

/**
 * down_read_killable() - take a semaphore for reading unless killed
 * @sem: as for down_read_interruptible()
 *
 * Every interruption counts as a kill here.
 *
 * Context and return: as down_read_interruptible().
 */
int down_read_killable(struct rw_semaphore *sem)
{
	return down_read_interruptible(sem);
}
EXPORT_SYMBOL(down_read_killable);

/**
 * down_read_trylock() - take a semaphore for reading if no writer is in the way
 * @sem: the semaphore
 *
 * Context: any.
 * Return: 1 if the caller holds it now, else 0.
 */
int down_read_trylock(struct rw_semaphore *sem)
{
	if (pthread_rwlock_tryrdlock(&sem->lock))
		return 0;
	atomic_inc(&sem->holders);
	return 1;
}
EXPORT_SYMBOL(down_read_trylock);

/**
 * up_read() - let a semaphore go that was taken for reading
 * @sem: the semaphore
 *
 * Context: any.
 */
void up_read(struct rw_semaphore *sem)
{
	atomic_dec(&sem->holders);
	BUG_ON(pthread_rwlock_unlock(&sem->lock));
}
EXPORT_SYMBOL(up_read);

/**
 * down_write() - take a semaphore for writing
 * @sem: the semaphore; the caller must not hold it
 *
 * Context: sleeps.
 */
void down_write(struct rw_semaphore *sem)
{
	BUG_ON(pthread_mutex_lock(&sem->writers));
	BUG_ON(pthread_rwlock_wrlock(&sem->lock));
	atomic_set(&sem->holders, HELD_BY_WRITER);
}
EXPORT_SYMBOL(down_write);

/**
 * down_write_killable() - take a semaphore for writing unless killed
 * @sem: the semaphore; the caller must not hold it
 *
 * Every interruption counts as a kill here.
 *
 * Context: sleeps.
 * Return: 0; -EINTR if an interruption ended the wait, it is then not held.
 */
int down_write_killable(struct rw_semaphore *sem)
{
	struct timespec deadline = lock_poll_deadline();

	while (pthread_mutex_timedlock(&sem->writers, &deadline)) {
		if (signal_pending(current))
			return -EINTR;
		deadline = lock_poll_deadline();
	}
	while (pthread_rwlock_timedwrlock(&sem->lock, &deadline)) {
		if (signal_pending(current)) {
			pthread_mutex_unlock(&sem->writers);
			return -EINTR;
		}
		deadline = lock_poll_deadline();
	}
	atomic_set(&sem->holders, HELD_BY_WRITER);
	return 0;
}
EXPORT_SYMBOL(down_write_killable);

/**
 * down_write_trylock() - take a semaphore for writing if it is free
 * @sem: the semaphore
 *
 * Context: any.
 * Return: 1 if the caller holds it now, else 0.
 */
int down_write_trylock(struct rw_semaphore *sem)
{
	if (pthread_mutex_trylock(&sem->writers))
		return 0;
	if (pthread_rwlock_trywrlock(&sem->lock)) {
		pthread_mutex_unlock(&sem->writers);
		return 0;
	}
	atomic_set(&sem->holders, HELD_BY_WRITER);
	return 1;
}
EXPORT_SYMBOL(down_write_trylock);

/**
 * up_write() - let a semaphore go that was taken for writing
 * @sem: the semaphore
 *
 * Context: the thread that took it.
 */
void up_write(struct rw_semaphore *sem)
{
	atomic_set(&sem->holders, 0);
	BUG_ON(pthread_rwlock_unlock(&sem->lock));
	BUG_ON(pthread_mutex_unlock(&sem->writers));
}
EXPORT_SYMBOL(up_write);

/**
 * downgrade_write() - turn a writer into a reader
 * @sem: the semaphore; taken for writing
 *
 * No writer comes in between; readers may.
 *
 * Context: the thread that took it; does not wait for anybody.
 */
void downgrade_write(struct rw_semaphore *sem)
{
	atomic_set(&sem->holders, 0);
	BUG_ON(pthread_rwlock_unlock(&sem->lock));
	down_read(sem);
	BUG_ON(pthread_mutex_unlock(&sem->writers));
}
EXPORT_SYMBOL(downgrade_write);

/**
 * rwsem_is_locked() - whether anybody holds a semaphore
 * @sem: the semaphore
 *
 * Context: any; the answer may be old when it arrives.
 * Return: 1 if it was held, else 0.
 */
int rwsem_is_locked(struct rw_semaphore *sem)
{
	return umdev_rwsem_held(sem);
}
EXPORT_SYMBOL(rwsem_is_locked);

/**
 * umdev_rwsem_held() - whether anybody holds a semaphore
 * @sem: the semaphore
 *
 * Context: any. For lockdep_assert_held(), which cannot tell readers apart.
 * Return: whether it was held.
 */
bool umdev_rwsem_held(const struct rw_semaphore *sem)
{
	return atomic_read(&sem->holders) != 0;
}
EXPORT_SYMBOL(umdev_rwsem_held);
