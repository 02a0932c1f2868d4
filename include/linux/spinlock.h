/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef UMDEV_LINUX_SPINLOCK_H
#define UMDEV_LINUX_SPINLOCK_H

#include <linux/compiler.h>
#include <linux/lockdep.h>
#include <linux/types.h>
#include <pthread.h>

struct task_struct;

/*
 * A lock for short sections that do not sleep. It is a mutex underneath: a
 * thread may lose its processor while it holds one, and waiters should not
 * burn theirs. Interrupts do not exist here, so the _irq forms are the same.
 */
typedef struct spinlock {
	pthread_mutex_t lock;
	struct task_struct *owner; /* written by the holder; others read it as a hint */
} spinlock_t;
typedef spinlock_t raw_spinlock_t;

#define __SPIN_LOCK_UNLOCKED(name)                               \
	{                                                        \
		.lock = PTHREAD_MUTEX_INITIALIZER, .owner = NULL \
	}
#define DEFINE_SPINLOCK(name) spinlock_t name = __SPIN_LOCK_UNLOCKED(name)

void spin_lock_init(spinlock_t *lock);
void spin_lock(spinlock_t *lock);
int spin_trylock(spinlock_t *lock);
void spin_unlock(spinlock_t *lock);
int spin_is_locked(spinlock_t *lock);

#define spin_lock_nested(lock, sub) spin_lock(lock)
#define spin_lock_irq(lock)	    spin_lock(lock)
#define spin_unlock_irq(lock)	    spin_unlock(lock)
#define spin_lock_bh(lock)	    spin_lock(lock)
#define spin_unlock_bh(lock)	    spin_unlock(lock)
#define spin_lock_irqsave(lock, flags) \
	do {                           \
		(flags) = 0;           \
		spin_lock(lock);       \
	} while (0)
#define spin_unlock_irqrestore(lock, flags) \
	do {                                \
		(void)(flags);              \
		spin_unlock(lock);          \
	} while (0)
#define assert_spin_locked(lock) WARN_ON(!spin_is_locked(lock))

#endif /* UMDEV_LINUX_SPINLOCK_H */
