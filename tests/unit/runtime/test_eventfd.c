// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
#include "runtime_test.h"
#include <linux/err.h>
#include <linux/eventfd.h>
#include <linux/file.h>
#include <linux/poll.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static u64 read_counter(int fd)
{
	u64 value = 0;

	return read(fd, &value, sizeof(value)) == sizeof(value) ? value : 0;
}

static void a_signal_reaches_whoever_reads_the_eventfd(void **state)
{
	long before = counts_now().eventfds;
	int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	struct eventfd_ctx *ctx = eventfd_ctx_fdget(fd);

	assert_false(IS_ERR(ctx));
	assert_int_equal(counts_now().eventfds, before + 1);
	assert_int_equal(eventfd_signal(ctx, 1), 1);
	assert_int_equal(eventfd_signal(ctx, 2), 2);
	assert_int_equal(read_counter(fd), 3);
	eventfd_ctx_put(ctx);
	assert_int_equal(counts_now().eventfds, before);
	close(fd);
}

static void a_context_outlives_the_descriptor_it_came_from(void **state)
{
	int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), other = dup(fd);
	struct eventfd_ctx *ctx = eventfd_ctx_fdget(fd);

	close(fd);
	assert_int_equal(eventfd_signal(ctx, 1), 1);
	assert_int_equal(read_counter(other), 1);
	eventfd_ctx_put(ctx);
	close(other);
}

static void what_is_no_eventfd_is_refused(void **state)
{
	long before = counts_now().eventfds;
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	assert_int_equal(PTR_ERR(eventfd_ctx_fdget(fds[0])), -EINVAL);
	assert_int_equal(PTR_ERR(eventfd_fget(fds[0])), -EINVAL);
	close(fds[0]);
	close(fds[1]);
	assert_int_equal(PTR_ERR(eventfd_ctx_fdget(fds[0])), -EBADF);
	assert_int_equal(PTR_ERR(eventfd_ctx_fdget(-1)), -EBADF);
	assert_int_equal(counts_now().eventfds, before);
}

static void a_counter_goes_to_its_end_and_holds_up_nobody(void **state)
{
	int fd = eventfd(0, EFD_CLOEXEC);
	struct eventfd_ctx *ctx = eventfd_ctx_fdget(fd);
	u64 almost = UINT64_MAX - 4;

	assert_int_equal(write(fd, &almost, sizeof(almost)), sizeof(almost));
	assert_int_equal(eventfd_signal(ctx, 1), 1);
	assert_int_equal(eventfd_signal(ctx, 10), 3);
	assert_int_equal(eventfd_signal(ctx, 1), 0);
	assert_int_equal(eventfd_signal(ctx, UINT64_MAX), 0);
	assert_int_equal(read_counter(fd), UINT64_MAX);
	assert_int_equal(eventfd_signal(ctx, 2), 2);
	assert_int_equal(read_counter(fd), 2);
	eventfd_ctx_put(ctx);
	close(fd);
}

static void what_is_added_at_a_time_is_limited_and_told(void **state)
{
	int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	struct eventfd_ctx *ctx = eventfd_ctx_fdget(fd);

	assert_int_equal(eventfd_signal(ctx, 0), 0);
	assert_int_equal(read_counter(fd), 0);
	assert_int_equal(eventfd_signal(ctx, UINT64_MAX), 4096);
	assert_int_equal(read_counter(fd), 4096);
	eventfd_ctx_put(ctx);
	close(fd);
}

#define RACE_SIGNALS 100000
#define RACE_ROOM    4096
#define RACE_LIMIT   10 /* seconds that one signal may take */

/* Who signals @n at a time, and who fills the counter as soon as there is room; how far they are. */
struct race {
	int fd;
	struct eventfd_ctx *ctx;
	u64 n;
	int signals;
	bool over;
	bool filled;
};

static void *signal_often(void *data)
{
	struct race *race = data;

	for (int i = 0; i < RACE_SIGNALS; i++) {
		eventfd_signal(race->ctx, race->n);
		__atomic_fetch_add(&race->signals, 1, __ATOMIC_SEQ_CST);
	}
	return NULL;
}

/* Up to a little room, and then for the rest of it along with the signals. */
static void *fill_often(void *data)
{
	struct race *race = data;
	u64 most = UINT64_MAX - 1 - RACE_ROOM, one = 1;

	while (!__atomic_load_n(&race->over, __ATOMIC_SEQ_CST)) {
		assert_int_equal(write(race->fd, &most, sizeof(most)), sizeof(most));
		for (int i = 0; i < RACE_ROOM; i++)
			assert_int_equal(write(race->fd, &one, sizeof(one)), sizeof(one));
	}
	__atomic_store_n(&race->filled, true, __ATOMIC_SEQ_CST);
	return NULL;
}

static int signals_of(struct race *race)
{
	return __atomic_load_n(&race->signals, __ATOMIC_SEQ_CST);
}

static bool can(int fd, short events)
{
	struct pollfd pollfd = { .fd = fd, .events = events };

	return poll(&pollfd, 1, 0) == 1 && (pollfd.revents & events);
}

/* The signal in progress and the one behind it are through, be the counter full or not. */
static bool goes_on(struct race *race)
{
	int start = signals_of(race);
	time_t until = time(NULL) + RACE_LIMIT;

	while (signals_of(race) < min(start + 2, RACE_SIGNALS)) {
		if (time(NULL) > until)
			return false;
		sched_yield();
	}
	return true;
}

static void race_with_a_client_that_fills_the_counter(u64 n)
{
	struct race race = { .fd = eventfd(0, EFD_CLOEXEC), .n = n };
	pthread_t signaller, filler;
	bool held_up = false;
	int emptied = 0;

	race.ctx = eventfd_ctx_fdget(race.fd);
	assert_int_equal(pthread_create(&filler, NULL, fill_often, &race), 0);
	assert_int_equal(pthread_create(&signaller, NULL, signal_often, &race), 0);
	while (signals_of(&race) < RACE_SIGNALS) {
		/* With too many signals in it the counter has no room for the filler's first write. */
		if (can(race.fd, POLLOUT) && signals_of(&race) - emptied < RACE_ROOM) {
			sched_yield();
			continue;
		}
		held_up = held_up || !goes_on(&race);
		emptied = signals_of(&race);
		read_counter(race.fd);
	}
	assert_int_equal(pthread_join(signaller, NULL), 0);
	__atomic_store_n(&race.over, true, __ATOMIC_SEQ_CST);
	while (!__atomic_load_n(&race.filled, __ATOMIC_SEQ_CST))
		if (can(race.fd, POLLIN))
			read_counter(race.fd);
	assert_int_equal(pthread_join(filler, NULL), 0);
	eventfd_ctx_put(race.ctx);
	close(race.fd);
	assert_false(held_up);
}

static void a_client_that_fills_the_counter_at_any_moment_holds_up_nobody(void **state)
{
	race_with_a_client_that_fills_the_counter(1);
	race_with_a_client_that_fills_the_counter(3);
}

/* From here on, system call @nr of this thread answers @error, as another host's kernel does. */
static void forbid(unsigned int nr, int error)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, nr, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned int)error),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { .len = ARRAY_SIZE(filter), .filter = filter };

	assert_int_equal(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
	assert_int_equal(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0);
}

static void on_a_thread(void *(*fn)(void *data), void *data)
{
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, fn, data), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
}

/* What the counter was said to be when it was 3, and when a client had taken it. */
struct old_host {
	int fd;
	struct eventfd_ctx *ctx;
	u64 signalled;
	u64 taken;
	u64 count;
};

static void *look_on_an_old_host(void *data)
{
	struct old_host *host = data;

	forbid(SYS_preadv2, EOPNOTSUPP);
	eventfd_ctx_do_read(host->ctx, &host->signalled);
	host->count = read_counter(host->fd);
	eventfd_ctx_do_read(host->ctx, &host->taken);
	return NULL;
}

static void a_host_that_can_only_wait_for_a_counter_leaves_it(void **state)
{
	struct old_host host = { .fd = eventfd(3, EFD_CLOEXEC), .taken = 7 };

	host.ctx = eventfd_ctx_fdget(host.fd);
	on_a_thread(look_on_an_old_host, &host);
	assert_int_equal(host.signalled, 1);
	assert_int_equal(host.count, 3);
	assert_int_equal(host.taken, 0);
	eventfd_ctx_put(host.ctx);
	close(host.fd);
}

static void *start_without_requests(void *data)
{
	struct old_host *host = data;
	struct file *file;

	forbid(SYS_io_setup, ENOSYS);
	assert_int_equal(umdev_runtime_init(), 0);
	host->ctx = eventfd_ctx_fdget(host->fd);
	file = eventfd_fget(host->fd);
	host->signalled = IS_ERR(file) ? 0 : vfs_poll(file, NULL);
	fput(file);
	umdev_runtime_exit();
	return NULL;
}

static void where_signals_would_have_to_wait_there_are_none(void **state)
{
	struct old_host host = { .fd = eventfd(3, EFD_CLOEXEC) };
	long before;

	umdev_runtime_exit();
	before = counts_now().eventfds;
	on_a_thread(start_without_requests, &host);
	assert_int_equal(PTR_ERR(host.ctx), -EOPNOTSUPP);
	assert_true(host.signalled & EPOLLIN);
	assert_int_equal(counts_now().eventfds, before);
	assert_int_equal(umdev_runtime_init(), 0);
	close(host.fd);
}

/* Someone who waits at an eventfd as virqfd does. */
struct listener {
	struct poll_table_struct pt;
	wait_queue_entry_t wait;
	struct wait_queue_head *wqh;
	int calls;
	u64 total;
	struct eventfd_ctx *ctx;
};

static int hear(wait_queue_entry_t *wait, unsigned int mode, int flags, void *key)
{
	struct listener *listener = container_of(wait, struct listener, wait);
	u64 count;

	if (!(key_to_poll(key) & EPOLLIN))
		return 0;
	eventfd_ctx_do_read(listener->ctx, &count);
	__atomic_fetch_add(&listener->total, count, __ATOMIC_SEQ_CST);
	__atomic_fetch_add(&listener->calls, 1, __ATOMIC_SEQ_CST);
	return 0;
}

static void queue_up(struct file *file, struct wait_queue_head *wqh, poll_table *pt)
{
	struct listener *listener = container_of(pt, struct listener, pt);

	listener->wqh = wqh;
	add_wait_queue(wqh, &listener->wait);
}

static __poll_t listen_to(struct listener *listener, struct file *file)
{
	*listener = (struct listener){ .calls = 0 };
	listener->ctx = eventfd_ctx_fileget(file);
	init_waitqueue_func_entry(&listener->wait, hear);
	init_poll_funcptr(&listener->pt, queue_up);
	return vfs_poll(file, &listener->pt);
}

static void a_clients_signals_wake_those_who_wait(void **state)
{
	int fd = eventfd(0, EFD_CLOEXEC);
	struct file *file = eventfd_fget(fd);
	struct listener listener;
	u64 one = 1, count;

	assert_false(listen_to(&listener, file) & EPOLLIN);
	fput(file);
	for (unsigned int i = 1; i <= 20; i++) {
		assert_int_equal(write(fd, &one, sizeof(one)), sizeof(one));
		wait_until(__atomic_load_n(&listener.total, __ATOMIC_SEQ_CST) == i);
	}
	assert_int_equal(eventfd_ctx_remove_wait_queue(listener.ctx, &listener.wait, &count),
			 -EAGAIN);
	eventfd_ctx_put(listener.ctx);
	close(fd);
}

static void what_was_signalled_before_is_seen_by_the_first_look(void **state)
{
	int fd = eventfd(3, EFD_CLOEXEC);
	struct file *file = eventfd_fget(fd);
	struct listener listener;

	assert_true(listen_to(&listener, file) & EPOLLIN);
	fput(file);
	wait_until(__atomic_load_n(&listener.total, __ATOMIC_SEQ_CST) == 3);
	remove_wait_queue(listener.wqh, &listener.wait);
	eventfd_ctx_put(listener.ctx);
	close(fd);
}

static void leaving_takes_the_counter_along(void **state)
{
	int fd = eventfd(0, EFD_CLOEXEC);
	struct eventfd_ctx *ctx = eventfd_ctx_fdget(fd);
	wait_queue_entry_t wait;
	u64 count;

	init_waitqueue_func_entry(&wait, hear);
	eventfd_signal(ctx, 5);
	assert_int_equal(eventfd_ctx_remove_wait_queue(ctx, &wait, &count), 0);
	assert_int_equal(count, 5);
	assert_int_equal(eventfd_ctx_remove_wait_queue(ctx, &wait, &count), -EAGAIN);
	eventfd_ctx_put(ctx);
	close(fd);
}

static void contexts_come_and_go_while_they_are_signalled(void **state)
{
	int fd = eventfd(0, EFD_CLOEXEC);
	u64 one = 1;

	for (int i = 0; i < 500; i++) {
		struct file *file = eventfd_fget(fd);
		struct listener listener;

		listen_to(&listener, file);
		fput(file);
		assert_int_equal(write(fd, &one, sizeof(one)), sizeof(one));
		remove_wait_queue(listener.wqh, &listener.wait);
		eventfd_ctx_put(listener.ctx);
	}
	close(fd);
}

static void a_file_that_is_no_eventfd_has_no_context(void **state)
{
	static const struct file_operations fops = { .owner = NULL };
	struct file file = { .f_op = &fops };

	assert_int_equal(PTR_ERR(eventfd_ctx_fileget(&file)), -EINVAL);
}

static int setup(void **state)
{
	return umdev_runtime_init();
}

static int teardown(void **state)
{
	struct umdev_runtime_counts counts;

	umdev_runtime_exit();
	counts = counts_now();
	return counts.eventfds || counts.files || counts.allocations || counts.threads;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_signal_reaches_whoever_reads_the_eventfd),
		cmocka_unit_test(a_context_outlives_the_descriptor_it_came_from),
		cmocka_unit_test(what_is_no_eventfd_is_refused),
		cmocka_unit_test(a_counter_goes_to_its_end_and_holds_up_nobody),
		cmocka_unit_test(what_is_added_at_a_time_is_limited_and_told),
		cmocka_unit_test(a_client_that_fills_the_counter_at_any_moment_holds_up_nobody),
		cmocka_unit_test(a_clients_signals_wake_those_who_wait),
		cmocka_unit_test(what_was_signalled_before_is_seen_by_the_first_look),
		cmocka_unit_test(leaving_takes_the_counter_along),
		cmocka_unit_test(contexts_come_and_go_while_they_are_signalled),
		cmocka_unit_test(a_file_that_is_no_eventfd_has_no_context),
		cmocka_unit_test(a_host_that_can_only_wait_for_a_counter_leaves_it),
		cmocka_unit_test(where_signals_would_have_to_wait_there_are_none),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
