/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * What the tests of mediated devices share: the runtime with its modules, the sysfs tree, uevents
 * and the log as events to wait for, and a VFIO user.
 */
#ifndef MDEV_TESTING_H
#define MDEV_TESTING_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <pthread.h>

#include <linux/types.h>

#include <cmocka.h>

/* No test waits longer than this for anything, in seconds. */
#define TEST_LIMIT 30

#define UUID_A "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001"
#define UUID_B "83b8f4f2-509f-382f-3c1e-e6bfe0fa1002"
#define UUID_C "83b8f4f2-509f-382f-3c1e-e6bfe0fa1003"

#define MTTY_DIR  "/devices/virtual/mtty/mtty"
#define MTTY_TYPE MTTY_DIR "/mdev_supported_types"

/* The runtime, with events recorded from the beginning. */
void test_start(void);
void test_stop(void);
void test_load(const char *module, const char *params);
int test_unload(const char *module);

/* The tree, by path from its root. Values without the newline; errors as negative errno. */
bool tree_has(const char *path);
int tree_write(const char *path, const char *value);
int tree_write_len(const char *path, const char *value, size_t len);
ssize_t tree_read(const char *path, char *buf, size_t size);
void assert_tree_value(const char *path, const char *expected);
void assert_tree_link(const char *path, const char *expected);
void assert_tree_mode(const char *path, unsigned int expected);
unsigned int tree_count(const char *dir);

/* A file of the tree that stays open over its removal. */
struct umdev_sysfs_file *tree_open(const char *path);
int tree_write_open(struct umdev_sysfs_file *file, const char *value);

/* The log and the uevents so far, and waiting for more. Marks are positions in them. */
unsigned int log_mark(void);
bool log_has(unsigned int mark, const char *text);
void log_wait(unsigned int mark, const char *text);
unsigned int uevent_mark(void);
const char *uevent_at(unsigned int pos);
void assert_uevents(unsigned int mark, const char *const *expected, unsigned int nr);

/* Something that one thread tells others, once. */
struct test_event {
	pthread_mutex_t lock;
	pthread_cond_t cond;
	unsigned int count;
};

#define TEST_EVENT_INIT                                                \
	{                                                              \
		PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0 \
	}

void event_tell(struct test_event *event);
void event_wait(struct test_event *event, unsigned int count);
bool event_told(struct test_event *event);

/* A user of a mediated device: container, group and device, open. */
struct test_user {
	int container;
	int group;
	int device;
};

int user_open(struct test_user *user, const char *mdev_dir);
int user_join(struct test_user *user, const struct test_user *other, const char *mdev_dir);
void user_close(struct test_user *user);
int user_device_again(struct test_user *user, const char *mdev_dir);
void user_close_fd(int fd);
long user_ioctl(int fd, unsigned int cmd, void *arg);
ssize_t user_read(struct test_user *user, unsigned int region, u64 offset, void *buf, size_t len);
ssize_t user_write(struct test_user *user, unsigned int region, u64 offset, const void *buf,
		   size_t len);
int user_set_irq_fd(struct test_user *user, u32 index, u32 action, int fd);
int user_set_irq(struct test_user *user, u32 index, u32 flags, u32 count, u8 level);

/* eventfds: the count since the last time, without or with waiting for it. */
int eventfd_new(void);
u64 eventfd_take(int fd);
u64 eventfd_await(int fd);

#endif /* MDEV_TESTING_H */
