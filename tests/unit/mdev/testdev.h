/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/* A parent driver whose callbacks the tests decide on. */
#ifndef TESTDEV_H
#define TESTDEV_H

#include <linux/mdev.h>

struct test_parent;

/**
 * struct test_parent - a parent device with two types, "testdev-a" and "testdev-b"
 * @dev: the parent device, /devices/virtual/testdev/NAME
 * @create: what create() does after it has counted; NULL: nothing
 * @remove: what remove() does after it has counted; NULL: nothing
 * @request: what request() does after it has counted; NULL: nothing
 * @open: what open() does after it has counted; NULL: nothing
 * @creates: number of calls, as those that follow; atomic
 * @data: the test's
 *
 * Set by the test before anything is created; the callbacks run in any thread.
 */
struct test_parent {
	struct device *dev;
	int (*create)(struct test_parent *parent, struct kobject *kobj, struct mdev_device *mdev);
	int (*remove)(struct test_parent *parent, struct mdev_device *mdev);
	void (*request)(struct test_parent *parent, struct mdev_device *mdev, unsigned int count);
	int (*open)(struct test_parent *parent, struct mdev_device *mdev);
	unsigned int creates;
	unsigned int removes;
	unsigned int requests;
	unsigned int opens;
	unsigned int releases;
	unsigned int reads;
	unsigned int writes;
	unsigned int ioctls;
	unsigned int mmaps;
	void *data;
};

extern const struct mdev_parent_ops test_parent_ops;
extern const struct mdev_parent_ops test_parent_no_request_ops;
extern const struct mdev_parent_ops test_parent_vfio_ops;
extern const struct mdev_parent_ops test_parent_virtio_ops;

void test_parents_init(void);
void test_parents_exit(void);

/* A device that is not registered with the mdev core yet. */
void test_parent_add(struct test_parent *parent, const char *name);
void test_parent_del(struct test_parent *parent);

/* The same, registered with test_parent_ops. */
void test_parent_register(struct test_parent *parent, const char *name);
void test_parent_unregister(struct test_parent *parent);

/* Names below /devices/virtual/testdev; the buffer is the calling thread's own. */
#define TESTDEV "/devices/virtual/testdev"
const char *parent_path(const struct test_parent *parent, const char *below);
int parent_create(const struct test_parent *parent, const char *type, const char *uuid);
int parent_remove(const struct test_parent *parent, const char *uuid);

#endif /* TESTDEV_H */
