// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
#include "mdev_testing.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <linux/err.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/vfio.h>
#include <umdev/log.h>
#include <umdev/module.h>
#include <umdev/runtime.h>
#include <umdev/sysfs.h>
#include <umdev/uevent.h>

/* Lines that come in from any thread; a test waits for one that contains a text. */
struct journal {
	pthread_mutex_t lock;
	pthread_cond_t cond;
	char **line;
	unsigned int nr;
};

static struct journal log_lines = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, NULL, 0 };
static struct journal uevents = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, NULL, 0 };

static void journal_add(struct journal *journal, const char *text)
{
	pthread_mutex_lock(&journal->lock);
	journal->line = realloc(journal->line, (journal->nr + 1) * sizeof(*journal->line));
	journal->line[journal->nr++] = strdup(text);
	pthread_cond_broadcast(&journal->cond);
	pthread_mutex_unlock(&journal->lock);
}

static void journal_clear(struct journal *journal)
{
	unsigned int i;

	for (i = 0; i < journal->nr; i++)
		free(journal->line[i]);
	free(journal->line);
	journal->line = NULL;
	journal->nr = 0;
}

static unsigned int journal_mark(struct journal *journal)
{
	unsigned int nr;

	pthread_mutex_lock(&journal->lock);
	nr = journal->nr;
	pthread_mutex_unlock(&journal->lock);
	return nr;
}

static bool journal_find(struct journal *journal, unsigned int mark, const char *text)
{
	unsigned int i;

	for (i = mark; i < journal->nr; i++)
		if (strstr(journal->line[i], text))
			return true;
	return false;
}

static struct timespec test_deadline(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	ts.tv_sec += TEST_LIMIT;
	return ts;
}

unsigned int log_mark(void)
{
	return journal_mark(&log_lines);
}

bool log_has(unsigned int mark, const char *text)
{
	bool found;

	pthread_mutex_lock(&log_lines.lock);
	found = journal_find(&log_lines, mark, text);
	pthread_mutex_unlock(&log_lines.lock);
	return found;
}

void log_wait(unsigned int mark, const char *text)
{
	struct timespec deadline = test_deadline();
	int ret = 0;

	pthread_mutex_lock(&log_lines.lock);
	while (!ret && !journal_find(&log_lines, mark, text))
		ret = pthread_cond_timedwait(&log_lines.cond, &log_lines.lock, &deadline);
	pthread_mutex_unlock(&log_lines.lock);
	if (ret)
		fail_msg("the log has no line with '%s' after %d s", text, TEST_LIMIT);
}

unsigned int uevent_mark(void)
{
	return journal_mark(&uevents);
}

const char *uevent_at(unsigned int pos)
{
	const char *line;

	pthread_mutex_lock(&uevents.lock);
	line = pos < uevents.nr ? uevents.line[pos] : NULL;
	pthread_mutex_unlock(&uevents.lock);
	return line;
}

/* A "%s" in the pattern stands for one word: a number that is allotted at run time. */
static bool uevent_matches(const char *text, const char *pattern)
{
	const char *word = strstr(pattern, "%s");
	size_t head = word ? (size_t)(word - pattern) : 0;

	if (!word)
		return strcmp(text, pattern) == 0;
	if (strncmp(text, pattern, head) != 0)
		return false;
	return strcmp(text + head + strcspn(text + head, " "), word + 2) == 0;
}

void assert_uevents(unsigned int mark, const char *const *expected, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		if (!uevent_at(mark + i))
			fail_msg("no uevent, expected '%s'", expected[i]);
		if (!uevent_matches(uevent_at(mark + i), expected[i]))
			fail_msg("uevent '%s', expected '%s'", uevent_at(mark + i), expected[i]);
	}
	if (uevent_at(mark + nr))
		fail_msg("unexpected uevent '%s'", uevent_at(mark + nr));
}

static void on_log(const struct umdev_log_record *record, void *data)
{
	journal_add(&log_lines, record->text);
}

/* As the oracle prints them, without the sequence number: "add@/path KEY=value ...". */
static void on_uevent(struct umdev_uevent_subscriber *sub, const struct umdev_uevent *event)
{
	char text[1024] = "";
	size_t pos = 0;

	while (pos < event->len) {
		const char *part = event->buf + pos;

		if (strncmp(part, "SEQNUM=", 7) != 0) {
			if (pos)
				strncat(text, " ", sizeof(text) - strlen(text) - 1);
			strncat(text, part, sizeof(text) - strlen(text) - 1);
		}
		pos += strlen(part) + 1;
	}
	journal_add(&uevents, text);
}

static struct umdev_log_subscriber log_subscriber = { .fn = on_log };
static struct umdev_uevent_subscriber uevent_subscriber = { .fn = on_uevent };

static int install_file(const char *path)
{
	struct file *file = filp_open(path, O_RDWR, 0);
	int fd;

	if (IS_ERR(file))
		return PTR_ERR(file);
	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0) {
		fput(file);
		return fd;
	}
	fd_install(fd, file);
	return fd;
}

void user_close_fd(int fd)
{
	if (fd >= 0)
		assert_int_equal(close_fd(fd), 0);
}

/* What was alive before the first module was loaded. */
static struct umdev_runtime_counts counts_at_start;

void test_start(void)
{
	struct umdev_error err = { 0 };
	const char *dir = getenv("UMDEV_MODULE_DIR");

	assert_non_null(dir);
	umdev_log_set_level(3);
	umdev_log_subscribe(&log_subscriber);
	assert_int_equal(umdev_runtime_init(), 0);
	assert_int_equal(umdev_uevent_subscribe(&uevent_subscriber), 0);
	if (umdev_module_set_dir(dir, &err))
		fail_msg("module directory: %s", err.text);
	/* The descriptor table is made at first use and stays. */
	user_close_fd(install_file("/dev/vfio/vfio"));
	umdev_runtime_counts(&counts_at_start);
}

/* Nothing that the modules made may be left. */
void test_stop(void)
{
	struct umdev_runtime_counts counts;

	assert_int_equal(umdev_module_unload_all(), 0);
	umdev_runtime_counts(&counts);
	assert_int_equal(counts.allocations, counts_at_start.allocations);
	assert_int_equal(counts.files, counts_at_start.files);
	assert_int_equal(counts.eventfds, counts_at_start.eventfds);
	assert_int_equal(counts.modules, counts_at_start.modules);
	umdev_uevent_unsubscribe(&uevent_subscriber);
	umdev_runtime_exit();
	umdev_log_unsubscribe(&log_subscriber);
	journal_clear(&log_lines);
	journal_clear(&uevents);
}

void test_load(const char *module, const char *params)
{
	struct umdev_error err = { 0 };

	if (umdev_module_load(module, params, &err))
		fail_msg("loading %s: %s", module, err.text);
}

int test_unload(const char *module)
{
	return umdev_module_unload(module, NULL);
}

bool tree_has(const char *path)
{
	struct kernfs_node *kn = umdev_sysfs_walk(path, false);

	if (IS_ERR(kn))
		return false;
	umdev_sysfs_put(kn);
	return true;
}

static struct umdev_sysfs_file *tree_open_flags(const char *path, int flags)
{
	struct kernfs_node *kn = umdev_sysfs_walk(path, true);
	struct umdev_sysfs_file *file;

	if (IS_ERR(kn))
		return ERR_CAST(kn);
	file = umdev_sysfs_open(kn, flags);
	umdev_sysfs_put(kn);
	return file;
}

struct umdev_sysfs_file *tree_open(const char *path)
{
	struct umdev_sysfs_file *file = tree_open_flags(path, O_WRONLY);

	if (IS_ERR(file))
		fail_msg("opening %s: error %ld", path, PTR_ERR(file));
	return file;
}

int tree_write_open(struct umdev_sysfs_file *file, const char *value)
{
	ssize_t ret = umdev_sysfs_write(file, value, strlen(value), 0);

	return ret < 0 ? (int)ret : 0;
}

int tree_write_len(const char *path, const char *value, size_t len)
{
	struct umdev_sysfs_file *file = tree_open_flags(path, O_WRONLY);
	ssize_t ret;

	if (IS_ERR(file))
		return PTR_ERR(file);
	ret = umdev_sysfs_write(file, value, len, 0);
	umdev_sysfs_release(file);
	if (ret < 0)
		return ret;
	return ret == (ssize_t)len ? 0 : -EIO;
}

int tree_write(const char *path, const char *value)
{
	return tree_write_len(path, value, strlen(value));
}

ssize_t tree_read(const char *path, char *buf, size_t size)
{
	struct umdev_sysfs_file *file = tree_open_flags(path, O_RDONLY);
	ssize_t ret;

	if (IS_ERR(file))
		return PTR_ERR(file);
	ret = umdev_sysfs_read(file, buf, size - 1, 0);
	umdev_sysfs_release(file);
	if (ret < 0)
		return ret;
	buf[ret] = '\0';
	return ret;
}

void assert_tree_value(const char *path, const char *expected)
{
	char buf[4096];
	ssize_t ret = tree_read(path, buf, sizeof(buf));

	if (ret < 0)
		fail_msg("reading %s: error %zd", path, ret);
	if (ret && buf[ret - 1] == '\n')
		buf[ret - 1] = '\0';
	assert_string_equal(buf, expected);
}

void assert_tree_link(const char *path, const char *expected)
{
	struct kernfs_node *kn = umdev_sysfs_walk(path, false);
	char buf[4096];
	ssize_t ret;

	if (IS_ERR(kn))
		fail_msg("no %s: error %ld", path, PTR_ERR(kn));
	ret = umdev_sysfs_readlink(kn, buf, sizeof(buf));
	umdev_sysfs_put(kn);
	if (ret < 0)
		fail_msg("%s is no link: error %zd", path, ret);
	assert_string_equal(buf, expected);
}

void assert_tree_mode(const char *path, unsigned int expected)
{
	struct kernfs_node *kn = umdev_sysfs_walk(path, false);
	struct stat st;

	if (IS_ERR(kn))
		fail_msg("no %s: error %ld", path, PTR_ERR(kn));
	assert_int_equal(umdev_sysfs_stat(kn, &st), 0);
	umdev_sysfs_put(kn);
	assert_int_equal(st.st_mode & 07777, expected);
}

static int count_entry(const char *name, const struct stat *st, uint64_t next, void *data)
{
	++*(unsigned int *)data;
	return 0;
}

unsigned int tree_count(const char *dir)
{
	struct kernfs_node *kn = umdev_sysfs_walk(dir, true);
	unsigned int nr = 0;
	uint64_t cursor = 0;

	if (IS_ERR(kn))
		fail_msg("no %s: error %ld", dir, PTR_ERR(kn));
	assert_int_equal(umdev_sysfs_readdir(kn, &cursor, count_entry, &nr), 0);
	umdev_sysfs_put(kn);
	return nr;
}

void event_tell(struct test_event *event)
{
	pthread_mutex_lock(&event->lock);
	event->count++;
	pthread_cond_broadcast(&event->cond);
	pthread_mutex_unlock(&event->lock);
}

void event_wait(struct test_event *event, unsigned int count)
{
	struct timespec deadline = test_deadline();
	int ret = 0;

	pthread_mutex_lock(&event->lock);
	while (!ret && event->count < count)
		ret = pthread_cond_timedwait(&event->cond, &event->lock, &deadline);
	pthread_mutex_unlock(&event->lock);
	if (ret) {
		fprintf(stderr, "an event did not come within %d s\n", TEST_LIMIT);
		abort();
	}
}

bool event_told(struct test_event *event)
{
	bool told;

	pthread_mutex_lock(&event->lock);
	told = event->count > 0;
	pthread_mutex_unlock(&event->lock);
	return told;
}

long user_ioctl(int fd, unsigned int cmd, void *arg)
{
	struct file *file = fget(fd);
	long ret;

	assert_non_null(file);
	ret = vfs_ioctl(file, cmd, (unsigned long)arg);
	fput(file);
	return ret;
}

static const char *last_component(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

int user_device_again(struct test_user *user, const char *mdev_dir)
{
	return user_ioctl(user->group, VFIO_GROUP_GET_DEVICE_FD, (void *)last_component(mdev_dir));
}

/* Open the group of the mdev in that directory. */
static int open_group(const char *mdev_dir)
{
	char path[512], target[512];
	struct kernfs_node *kn;
	ssize_t len;

	snprintf(path, sizeof(path), "%s/iommu_group", mdev_dir);
	kn = umdev_sysfs_walk(path, false);
	if (IS_ERR(kn))
		return PTR_ERR(kn);
	len = umdev_sysfs_readlink(kn, target, sizeof(target));
	umdev_sysfs_put(kn);
	if (len < 0)
		return len;

	snprintf(path, sizeof(path), "/dev/vfio/%.20s", last_component(target));
	return install_file(path);
}

/* Open a device as user_open() does, but in the container of another one. */
int user_join(struct test_user *user, const struct test_user *other, const char *mdev_dir)
{
	int container = other->container;
	int ret;

	*user = (struct test_user){ -1, -1, -1 };

	user->group = open_group(mdev_dir);
	if (user->group < 0)
		return user->group;
	ret = user_ioctl(user->group, VFIO_GROUP_SET_CONTAINER, &container);
	if (!ret) {
		user->device = user_device_again(user, mdev_dir);
		if (user->device >= 0)
			return 0;
		ret = user->device;
	}
	user_close(user);
	return ret;
}

/* Open what an mdev's directory leads to, as a VFIO user does. */
int user_open(struct test_user *user, const char *mdev_dir)
{
	int ret;

	*user = (struct test_user){ -1, -1, -1 };

	user->container = install_file("/dev/vfio/vfio");
	if (user->container < 0)
		return user->container;

	user->group = open_group(mdev_dir);
	if (user->group < 0) {
		ret = user->group;
		goto err;
	}

	ret = user_ioctl(user->group, VFIO_GROUP_SET_CONTAINER, &user->container);
	if (ret)
		goto err;
	ret = user_ioctl(user->container, VFIO_SET_IOMMU,
			 (void *)(unsigned long)VFIO_TYPE1v2_IOMMU);
	if (ret)
		goto err;

	user->device = user_device_again(user, mdev_dir);
	if (user->device >= 0)
		return 0;
	ret = user->device;
err:
	user_close(user);
	return ret;
}

void user_close(struct test_user *user)
{
	user_close_fd(user->device);
	user_close_fd(user->group);
	user_close_fd(user->container);
	*user = (struct test_user){ -1, -1, -1 };
}

ssize_t user_read(struct test_user *user, unsigned int region, u64 offset, void *buf, size_t len)
{
	struct file *file = fget(user->device);
	loff_t pos = ((u64)region << 40) + offset;
	ssize_t ret;

	assert_non_null(file);
	ret = vfs_read(file, buf, len, &pos);
	fput(file);
	return ret;
}

ssize_t user_write(struct test_user *user, unsigned int region, u64 offset, const void *buf,
		   size_t len)
{
	struct file *file = fget(user->device);
	loff_t pos = ((u64)region << 40) + offset;
	ssize_t ret;

	assert_non_null(file);
	ret = vfs_write(file, buf, len, &pos);
	fput(file);
	return ret;
}

/* A request of VFIO_DEVICE_SET_IRQS with data for one interrupt. */
static int set_irq(struct test_user *user, u32 index, u32 flags, u32 count, const void *data,
		   size_t data_len)
{
	u32 buf[(sizeof(struct vfio_irq_set) + 4) / sizeof(u32)] = { 0 };
	struct vfio_irq_set *set = (struct vfio_irq_set *)buf;

	set->argsz = sizeof(buf);
	set->flags = flags;
	set->index = index;
	set->count = count;
	memcpy(set->data, data, data_len);
	return user_ioctl(user->device, VFIO_DEVICE_SET_IRQS, set);
}

int user_set_irq_fd(struct test_user *user, u32 index, u32 action, int fd)
{
	return set_irq(user, index, VFIO_IRQ_SET_DATA_EVENTFD | action, 1, &fd, sizeof(fd));
}

int user_set_irq(struct test_user *user, u32 index, u32 flags, u32 count, u8 level)
{
	return set_irq(user, index, flags, count, &level, sizeof(level));
}

int eventfd_new(void)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	assert_true(fd >= 0);
	return fd;
}

u64 eventfd_take(int fd)
{
	u64 count = 0;

	if (read(fd, &count, sizeof(count)) != sizeof(count)) {
		assert_int_equal(errno, EAGAIN);
		return 0;
	}
	return count;
}

u64 eventfd_await(int fd)
{
	struct pollfd pollfd = { .fd = fd, .events = POLLIN };

	if (poll(&pollfd, 1, TEST_LIMIT * 1000) != 1)
		fail_msg("no interrupt within %d s", TEST_LIMIT);
	return eventfd_take(fd);
}
