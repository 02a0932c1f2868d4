/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef UMDEV_LINUX_RWSEM_H
#define UMDEV_LINUX_RWSEM_H

#include <linux/compiler.h>
#include <linux/mutex.h>
#include <linux/types.h>
#include <pthread.h>

/*
 * Many readers or one writer. A waiting writer stops new readers, so a reader
 * that takes it a second time can deadlock, as in a kernel.
 */
struct rw_semaphore {
	pthread_mutex_t writers; /* writers queue here, before @lock */
	pthread_rwlock_t lock;
	atomic_t holders; /* readers inside, or -1 for a writer; a hint for checks */
};

#define __RWSEM_INITIALIZER(name)                                                            \
	{                                                                                    \
		.writers = PTHREAD_MUTEX_INITIALIZER,                                        \
		.lock = PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP, .holders = { 0 }, \
	}
#define DECLARE_RWSEM(name) struct rw_semaphore name = __RWSEM_INITIALIZER(name)

void init_rwsem(struct rw_semaphore *sem);
void down_read(struct rw_semaphore *sem);
int __must_check down_read_interruptible(struct rw_semaphore *sem);
int __must_check down_read_killable(struct rw_semaphore *sem);
int down_read_trylock(struct rw_semaphore *sem);
void up_read(struct rw_semaphore *sem);
void down_write(struct rw_semaphore *sem);
int __must_check down_write_killable(struct rw_semaphore *sem);
int down_write_trylock(struct rw_semaphore *sem);
void up_write(struct rw_semaphore *sem);
void downgrade_write(struct rw_semaphore *sem);
int rwsem_is_locked(struct rw_semaphore *sem);

#define down_read_nested(sem, sub)  down_read(sem)
#define down_write_nested(sem, sub) down_write(sem)

#endif /* UMDEV_LINUX_RWSEM_H */
