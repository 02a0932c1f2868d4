/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * A small VFIO bus driver on a bus of its own, and what a user of its devices does with files. Shared
 * by the tests of the VFIO core.
 */
#ifndef TESTS_UNIT_VFIO_VFIO_TEST_H
#define TESTS_UNIT_VFIO_VFIO_TEST_H

#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/device.h>
#include <linux/fs.h>
#include <linux/iommu.h>
#include <linux/vfio.h>

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

/* No wait of a test takes longer, in jiffies. */
#define LIMIT (20 * HZ)

/**
 * struct vtest_ops - what a test's device does other than usual
 * @open: answers VFIO_GROUP_GET_DEVICE_FD
 * @request: is asked to let go
 * @match: of struct vfio_device_ops
 */
struct vtest;
struct vtest_ops {
	int (*open)(struct vtest *t);
	void (*request)(struct vtest *t, unsigned int count);
	int (*match)(struct vtest *t, char *name);
};

/* A device of the test's bus. Its driver makes it a VFIO device. */
struct vtest {
	struct device dev;
	struct vfio_device vdev;
	const struct vtest_ops *ops;
	struct iommu_group *shared; /* group to join; NULL: one of its own */
	atomic_t opens, releases, requests;
	void *data;
	unsigned char config[256];
};

/* Everything that a user has open; -1: not open. */
struct vtest_user {
	int container;
	int group;
	int device;
};

/* WARN_ON()s that a test has provoked on purpose. */
extern long vtest_expected_warnings;

int vtest_runtime_up(void **state);
int vtest_runtime_down(void **state);

/* cmocka's own answer leaves out a teardown that fails. */
extern int vtest_down_failed;
#define vtest_run(tests) \
	(cmocka_run_group_tests(tests, vtest_runtime_up, vtest_runtime_down) + vtest_down_failed)

struct vtest *vtest_create(const char *name, const struct vtest_ops *ops,
			   struct iommu_group *shared);
struct vtest *vtest_try_create(const char *name, const struct vtest_ops *ops,
			       struct iommu_group *shared);
void vtest_destroy(struct vtest *t);
int vtest_group(struct vtest *t);

int user_open(const char *path);
int user_open_group(int number);
int user_close(int fd);
long user_ioctl(int fd, unsigned int cmd, unsigned long arg);
struct file *user_file(int fd);
void user_attach(struct vtest_user *user, struct vtest *t, unsigned long iommu);
void user_detach(struct vtest_user *user);
long user_map(int container, u64 iova, u64 vaddr, u64 size, u32 flags);
long user_unmap(int container, u64 iova, u64 *size, u32 flags);

bool sysfs_exists(const char *path);
void assert_sysfs_link(const char *path, const char *target);
void assert_sysfs_content(const char *path, const char *content);

/* Run @fn in a thread of its own; @done fires when it has returned. */
struct vtest_thread {
	void (*fn)(void *arg);
	void *arg;
	struct completion done;
	pthread_t thread;
	struct task_struct *task;
	struct completion started;
};

void vtest_thread_start(struct vtest_thread *th, void (*fn)(void *arg), void *arg);
void vtest_thread_join(struct vtest_thread *th);
bool vtest_wait(struct completion *c);

/* The log since the test began, and a wait for a line of it. */
void log_mark(void);
bool log_has(const char *text);
bool log_wait(const char *text);

#endif /* TESTS_UNIT_VFIO_VFIO_TEST_H */
