// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * What a region read costs, against a bare exchange of messages of the same sizes over a UNIX socket
 * between the same two processes at the same time. The server of either sleeps at once when it has
 * nothing to do, or looks for more for a while.
 *
 * usage: bench_vfio_user [ROUNDS [READS]]
 */
#include "vut.h"

#include <linux/kernel.h>
#include <linux/ktime.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define REQUEST_SIZE 32 /* header and struct vfio_user_region_access */
#define REPLY_SIZE   36 /* the same with 4 bytes of data */
#define MAX_ROUNDS   101

/* One thing that is measured, in a server process of its own. */
struct subject {
	const char *name;
	pid_t pid;
	int sock;
	struct vfio_user_client *client;
	double usec[MAX_ROUNDS];
};

/* Servers end when this process closes its end. */
static int stop[2];

/* The bare exchange: look for a request for up to @spin_ns, then sleep. */
static void echo(int sock, u64 spin_ns)
{
	u8 buf[REPLY_SIZE];
	ssize_t got;
	u64 until;

	for (;;) {
		until = ktime_get_ns() + spin_ns;
		do {
			got = spin_ns ? recv(sock, buf, sizeof(buf), MSG_DONTWAIT) : -1;
		} while (spin_ns && got < 0 && ktime_get_ns() < until);
		if (got < 0)
			got = recv(sock, buf, sizeof(buf), 0);
		if (got <= 0 || send(sock, buf, REPLY_SIZE, MSG_NOSIGNAL) < 0)
			_exit(0);
	}
}

static void start_echo(struct subject *s, const char *name, u64 spin_ns)
{
	int sv[2];

	s->name = name;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv))
		exit(1);
	s->pid = fork();
	if (s->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(stop[1]);
		echo(sv[0], spin_ns);
	}
	close(sv[0]);
	s->sock = sv[1];
}

static void start_server(struct subject *s, const char *name, u32 spin_us)
{
	struct vfio_user_server_params params = { .spin_us = spin_us };
	char path[64] = "";
	int fds[2];

	s->name = name;
	if (pipe(fds))
		exit(1);
	s->pid = fork();
	if (s->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(stop[1]);
		if (vut_up(NULL))
			_exit(1);
		vut_dev = vut_device_create("dev0");
		vut_start_server(&params);
		snprintf(path, sizeof(path), "%s", vut_path("dev0"));
		if (write(fds[1], path, sizeof(path)) != sizeof(path))
			_exit(1);
		while (read(stop[0], path, 1) < 0 && errno == EINTR)
			;
		vut_stop_server();
		vut_device_destroy(vut_dev);
		vut_down(NULL);
		_exit(0);
	}
	close(fds[1]);
	if (read(fds[0], path, sizeof(path)) != sizeof(path) ||
	    vfio_user_client_connect(path, &s->client) || vfio_user_client_version(s->client, NULL))
		exit(1);
	close(fds[0]);
}

static void exchange(struct subject *s)
{
	u8 buf[REPLY_SIZE] = { 0 };
	u32 value;

	if (s->client) {
		if (vfio_user_client_region_read(s->client, VUT_BAR, 0, &value, 4) != 4)
			exit(1);
	} else if (send(s->sock, buf, REQUEST_SIZE, MSG_NOSIGNAL) != REQUEST_SIZE ||
		   recv(s->sock, buf, REPLY_SIZE, 0) != REPLY_SIZE) {
		exit(1);
	}
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	struct subject subjects[6] = { 0 };
	int rounds = argc > 1 ? atoi(argv[1]) : 21, reads = argc > 2 ? atoi(argv[2]) : 2000;
	int round, i, j;
	double base = 0;
	u64 start;

	if (rounds < 1 || rounds > MAX_ROUNDS || reads < 1) {
		fprintf(stderr, "usage: %s [ROUNDS [READS]], up to %d rounds\n", argv[0],
			MAX_ROUNDS);
		return 2;
	}
	if (pipe(stop))
		return 1;
	start_server(&subjects[1], "server, sleeping", VFIO_USER_NO_SPIN);
	start_server(&subjects[3], "server, 50 us", 50);
	start_server(&subjects[5], "server, 100 us", 100);
	start_echo(&subjects[0], "bare echo, sleeping", 0);
	start_echo(&subjects[2], "bare echo, 50 us", 50000);
	start_echo(&subjects[4], "bare echo, 100 us", 100000);

	for (round = 0; round < rounds; round++) {
		for (i = 0; i < 6; i++) {
			start = ktime_get_ns();
			for (j = 0; j < reads; j++)
				exchange(&subjects[i]);
			subjects[i].usec[round] = (ktime_get_ns() - start) / 1000.0 / reads;
		}
	}
	printf("%-20s %10s %10s %8s\n", "", "median us", "least us", "ratio");
	for (i = 0; i < 6; i++) {
		qsort(subjects[i].usec, rounds, sizeof(double), compare);
		if (i % 2 == 0)
			base = subjects[i].usec[rounds / 2];
		printf("%-20s %10.2f %10.2f %8.2f\n", subjects[i].name,
		       subjects[i].usec[rounds / 2], subjects[i].usec[0],
		       subjects[i].usec[rounds / 2] / base);
	}
	close(stop[1]);
	for (i = 0; i < 6; i++) {
		if (subjects[i].client)
			vfio_user_client_close(subjects[i].client);
		else
			kill(subjects[i].pid, SIGKILL);
		waitpid(subjects[i].pid, NULL, 0);
	}
	return 0;
}
