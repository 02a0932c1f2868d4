/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef UMDEV_LINUX_MUTEX_H
#define UMDEV_LINUX_MUTEX_H

#include <linux/bug.h>
#include <linux/compiler.h>
#include <linux/lockdep.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <pthread.h>

struct task_struct;

/* A sleeping lock that its holder, and nobody else, unlocks. Not recursive. */
struct mutex {
	pthread_mutex_t lock;
	struct task_struct *owner; /* written by the holder; others read it as a hint */
};

#define __MUTEX_INITIALIZER(name)                                \
	{                                                        \
		.lock = PTHREAD_MUTEX_INITIALIZER, .owner = NULL \
	}
#define DEFINE_MUTEX(name) struct mutex name = __MUTEX_INITIALIZER(name)

void mutex_init(struct mutex *lock);
void mutex_destroy(struct mutex *lock);
void mutex_lock(struct mutex *lock);
int __must_check mutex_lock_interruptible(struct mutex *lock);
int __must_check mutex_lock_killable(struct mutex *lock);
int mutex_trylock(struct mutex *lock);
void mutex_unlock(struct mutex *lock);
bool mutex_is_locked(struct mutex *lock);

#define __mutex_init(lock, name, key)		   mutex_init(lock)
#define mutex_lock_nested(lock, sub)		   mutex_lock(lock)
#define mutex_lock_interruptible_nested(lock, sub) mutex_lock_interruptible(lock)

bool umdev_mutex_held(const struct mutex *lock);
bool umdev_rwsem_held(const struct rw_semaphore *sem);
bool umdev_spin_held(const spinlock_t *lock);

/* Logs a warning unless the caller holds @l: a mutex, an rwsem (by anybody) or a spinlock. */
#define lockdep_is_held(l) \
	_Generic((l), struct mutex *                                                               \
		 : umdev_mutex_held, const struct mutex *                                          \
		 : umdev_mutex_held, struct rw_semaphore *                                         \
		 : umdev_rwsem_held, const struct rw_semaphore *                                   \
		 : umdev_rwsem_held, spinlock_t *                                                  \
		 : umdev_spin_held, const spinlock_t *                                             \
		 : umdev_spin_held)(l)
#define lockdep_assert_held(l)	     ((void)WARN_ON(!lockdep_is_held(l)))
#define lockdep_assert_held_write(l) lockdep_assert_held(l)
#define lockdep_assert_held_read(l)  lockdep_assert_held(l)
#define lockdep_assert_held_once(l)  ((void)WARN_ON_ONCE(!lockdep_is_held(l)))

#endif /* UMDEV_LINUX_MUTEX_H */
