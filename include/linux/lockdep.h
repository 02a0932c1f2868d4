/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef UMDEV_LINUX_LOCKDEP_H
#define UMDEV_LINUX_LOCKDEP_H

#include <linux/types.h>

struct mutex;
struct rw_semaphore;

struct lock_class_key {
	char unused;
};

#define lockdep_set_class(lock, key)		    ((void)(key))
#define lockdep_set_class_and_name(lock, key, name) ((void)(key))
#define lockdep_init_map(map, name, key, sub)	    ((void)(key))

#endif /* UMDEV_LINUX_LOCKDEP_H */
