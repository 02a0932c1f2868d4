// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
#include "runtime_test.h"
#include <linux/ktime.h>
#include <linux/string.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <umdev/socket.h>
#include <unistd.h>

#define FD_LIMIT 64

/* A listening socket, and the descriptors that are taken so that none is left. */
struct fixture {
	struct rlimit limit;
	struct sockaddr_un addr;
	socklen_t len;
	int listener;
	int hoard[FD_LIMIT];
	int nr;
};

/* Bound to no name of its own, it gets one from the kernel. */
static int setup(void **state)
{
	static struct fixture f;

	f = (struct fixture){ .addr.sun_family = AF_UNIX, .len = sizeof(f.addr) };
	f.listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	assert_int_equal(bind(f.listener, (struct sockaddr *)&f.addr, sizeof(sa_family_t)), 0);
	assert_int_equal(listen(f.listener, 16), 0);
	assert_int_equal(getsockname(f.listener, (struct sockaddr *)&f.addr, &f.len), 0);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &f.limit), 0);
	*state = &f;
	return 0;
}

static void release(struct fixture *f)
{
	while (f->nr > 0)
		close(f->hoard[--f->nr]);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &f->limit), 0);
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	release(f);
	close(f->listener);
	return 0;
}

static void take_all_descriptors(struct fixture *f)
{
	struct rlimit low = { .rlim_cur = FD_LIMIT, .rlim_max = f->limit.rlim_max };

	assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
	while (f->nr < FD_LIMIT && (f->hoard[f->nr] = dup(f->listener)) >= 0)
		f->nr++;
	assert_in_range(f->nr, 1, FD_LIMIT - 1);
}

static int connected(struct fixture *f)
{
	int sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(sock >= 0);
	assert_int_equal(connect(sock, (struct sockaddr *)&f->addr, f->len), 0);
	return sock;
}

/* What the client sees: a byte, 0 at the end of the connection, or -1 while nothing happens. */
static int look(int sock)
{
	char byte = 0;
	ssize_t len = recv(sock, &byte, 1, MSG_DONTWAIT);

	return len == 1 ? byte : (int)len;
}

static void a_socket_that_is_there_takes_connections_and_has_its_mode(void **state)
{
	char dir[] = "/tmp/umdev-socket-XXXXXX", path[64], interim[64];
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	mode_t mask = umask(0777);
	struct stat st;
	int i, sock, client;

	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/s", dir);
	snprintf(interim, sizeof(interim), "%s/.s", dir);
	strcpy(addr.sun_path, path);
	/* The second finds what the first left. */
	for (i = 0; i < 2; i++) {
		sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		assert_int_equal(umdev_listen(sock, path, interim, 0620, 1), 0);
		assert_int_equal(connect(client, (struct sockaddr *)&addr, sizeof(addr)), 0);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 07777, 0620);
		assert_int_equal(access(interim, F_OK), -1);
		close(client);
		close(sock);
	}
	umask(mask);
	unlink(path);
	rmdir(dir);
}

static void a_socket_that_cannot_be_made_leaves_nothing(void **state)
{
	char dir[] = "/tmp/umdev-socket-XXXXXX", interim[64], other[64], longer[200];
	int sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_non_null(mkdtemp(dir));
	snprintf(interim, sizeof(interim), "%s/.s", dir);
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	assert_int_equal(umdev_listen(sock, longer, interim, 0600, 1), -ENAMETOOLONG);
	assert_int_equal(umdev_listen(sock, interim, longer, 0600, 1), -ENAMETOOLONG);
	/* A directory is in the way. */
	snprintf(other, sizeof(other), "%s/d", dir);
	assert_int_equal(mkdir(other, 0700), 0);
	assert_int_equal(umdev_listen(sock, other, interim, 0600, 1), -EISDIR);
	assert_int_equal(rmdir(other), 0);
	assert_int_equal(rmdir(dir), 0);
	close(sock);
}

static void a_client_gets_a_connection(void **state)
{
	struct fixture *f = *state;
	int client = connected(f), sock = umdev_accept(f->listener, NULL);

	assert_true(sock >= 0);
	assert_int_equal(send(sock, "x", 1, MSG_NOSIGNAL), 1);
	assert_int_equal(look(client), 'x');
	assert_int_equal(umdev_accept(f->listener, NULL), -EAGAIN);
	close(sock);
	close(client);
}

static void without_descriptors_clients_are_sent_away_one_by_one(void **state)
{
	struct fixture *f = *state;
	int clients[3], i;

	assert_int_equal(umdev_runtime_init(), 0);
	for (i = 0; i < 3; i++)
		clients[i] = connected(f);
	take_all_descriptors(f);
	for (i = 0; i < 3; i++) {
		assert_int_equal(look(clients[i]), -1);
		assert_int_equal(umdev_accept(f->listener, NULL), -EMFILE);
		assert_int_equal(look(clients[i]), 0);
	}
	assert_int_equal(umdev_accept(f->listener, NULL), -EAGAIN);
	for (i = 0; i < 3; i++)
		close(clients[i]);
	release(f);
	umdev_runtime_exit();
}

static void say_no(int sock)
{
	assert_int_equal(send(sock, "n", 1, MSG_NOSIGNAL), 1);
}

static void who_is_sent_away_may_be_told_why(void **state)
{
	struct fixture *f = *state;
	int client;

	assert_int_equal(umdev_runtime_init(), 0);
	client = connected(f);
	take_all_descriptors(f);
	assert_int_equal(umdev_accept(f->listener, say_no), -EMFILE);
	assert_int_equal(look(client), 'n');
	assert_int_equal(look(client), 0);
	close(client);
	release(f);
	umdev_runtime_exit();
}

/* As when somebody else takes the spare descriptor: the runtime comes up and finds none. */
static void without_even_the_spare_one_it_pauses_and_the_client_waits(void **state)
{
	struct fixture *f = *state;
	int client = connected(f), i;
	u64 start;

	take_all_descriptors(f);
	assert_int_equal(umdev_runtime_init(), 0);
	start = ktime_get_ns();
	for (i = 0; i < 3; i++)
		assert_int_equal(umdev_accept(f->listener, NULL), -EMFILE);
	assert_in_range(ktime_get_ns() - start, 3 * 10 * NSEC_PER_MSEC, U64_MAX);
	assert_int_equal(look(client), -1);

	close(f->hoard[--f->nr]);
	i = umdev_accept(f->listener, NULL);
	assert_true(i >= 0);
	close(i);
	close(client);
	release(f);
	umdev_runtime_exit();
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_socket_that_is_there_takes_connections_and_has_its_mode),
		T(a_socket_that_cannot_be_made_leaves_nothing),
		T(a_client_gets_a_connection),
		T(without_descriptors_clients_are_sent_away_one_by_one),
		T(who_is_sent_away_may_be_told_why),
		T(without_even_the_spare_one_it_pauses_and_the_client_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
