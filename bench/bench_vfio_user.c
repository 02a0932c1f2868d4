// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * What a region read of 4 bytes costs, against a bare exchange of messages of the same sizes over a
 * UNIX socket, at the same time. Each server is a process of its own, pinned to the client's CPU or
 * to another one, and either sleeps at once when it has nothing to do, or looks for more for a while.
 */
#include "bench.h"
#include "tests/unit/vfio-user/vut.h"

#include <linux/ktime.h>

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define REQUEST_SIZE 32 /* header and struct vfio_user_region_access */
#define REPLY_SIZE   36 /* the same with 4 bytes of data */
#define ROUNDS	     61
#define READS	     500
#define SPIN_US	     VFIO_USER_DEFAULT_SPIN_US

/* One thing that is measured, in a server process of its own. */
struct subject {
	const char *name;
	bool is_echo;
	bool other_cpu;
	u32 spin_us;
	int reference; /* index of the echo that it is compared with */
	pid_t pid;
	int sock;
	struct vfio_user_client *client;
	struct bench_series usec;
};

/* A server that looks while its client needs the same CPU finds nothing: it is to learn that. */
static struct subject subjects[] = {
	{ .name = "same CPU, echo, sleeping", .is_echo = true },
	{ .name = "same CPU, server, sleeping", .spin_us = VFIO_USER_NO_SPIN },
	{ .name = "same CPU, server, default", .spin_us = SPIN_US },
	{ .name = "two CPUs, echo, sleeping", .is_echo = true, .other_cpu = true, .reference = 3 },
	{ .name = "two CPUs, server, sleeping",
	  .other_cpu = true,
	  .spin_us = VFIO_USER_NO_SPIN,
	  .reference = 3 },
	{ .name = "two CPUs, echo, looking 50 us",
	  .is_echo = true,
	  .other_cpu = true,
	  .spin_us = SPIN_US,
	  .reference = 5 },
	{ .name = "two CPUs, server, default",
	  .other_cpu = true,
	  .spin_us = SPIN_US,
	  .reference = 5 },
};

#define NR_SUBJECTS ((int)(sizeof(subjects) / sizeof(subjects[0])))

/* Servers end when this process closes its end. */
static int stop[2];
static int cpus[2], nr_cpus;

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

static void start_echo(struct subject *s)
{
	int sv[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv))
		bench_die("socketpair");
	s->pid = fork();
	if (s->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(stop[1]);
		bench_pin(cpus[s->other_cpu]);
		echo(sv[0], s->spin_us * 1000ull);
	}
	close(sv[0]);
	s->sock = sv[1];
}

/* The loop's thread and those that it starts stay where this pins them. */
static void serve(const struct subject *s, int ready)
{
	struct vfio_user_server_params params = { .spin_us = s->spin_us };
	char path[64] = "";
	cpu_set_t all;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	close(stop[1]);
	sched_getaffinity(0, sizeof(all), &all);
	bench_pin(cpus[s->other_cpu]);
	if (vut_up(NULL))
		_exit(1);
	/* A server with a single CPU never looks. */
	sched_setaffinity(0, sizeof(all), &all);
	vut_dev = vut_device_create("dev0");
	vut_start_server(&params);
	snprintf(path, sizeof(path), "%s", vut_path("dev0"));
	if (write(ready, path, sizeof(path)) != sizeof(path))
		_exit(1);
	while (read(stop[0], path, 1) < 0 && errno == EINTR)
		;
	vut_stop_server();
	vut_device_destroy(vut_dev);
	vut_down(NULL);
	_exit(0);
}

static void start_server(struct subject *s)
{
	char path[64];
	int fds[2];

	if (pipe(fds))
		bench_die("pipe");
	s->pid = fork();
	if (s->pid == 0)
		serve(s, fds[1]);
	close(fds[1]);
	if (read(fds[0], path, sizeof(path)) != sizeof(path) ||
	    vfio_user_client_connect(path, &s->client) || vfio_user_client_version(s->client, NULL))
		bench_die("connecting to the server");
	close(fds[0]);
}

static void exchange(struct subject *s)
{
	u8 buf[REPLY_SIZE] = { 0 };
	u32 value;

	if (s->client) {
		if (vfio_user_client_region_read(s->client, VUT_BAR, 0, &value, 4) != 4)
			bench_die("reading a region");
	} else if (send(s->sock, buf, REQUEST_SIZE, MSG_NOSIGNAL) != REQUEST_SIZE ||
		   recv(s->sock, buf, REPLY_SIZE, 0) != REPLY_SIZE) {
		bench_die("the bare exchange");
	}
}

static bool is_possible(const struct subject *s)
{
	return nr_cpus == 2 || !s->other_cpu;
}

static void run_round(struct subject *s)
{
	uint64_t start = bench_now_ns();
	int i;

	for (i = 0; i < READS; i++)
		exchange(s);
	bench_add(&s->usec, (bench_now_ns() - start) / 1000.0 / READS);
}

static void report(const struct subject *s)
{
	const struct subject *reference = &subjects[s->reference];
	struct bench_line line = { "vfio-user", s->name, "us", 0 };
	struct bench_series ratios;
	char name[96];

	bench_report(&line, &s->usec);
	if (s == reference)
		return;
	bench_ratios(&ratios, &s->usec, &reference->usec);
	snprintf(name, sizeof(name), "%s / %s", s->name, strstr(reference->name, "echo"));
	line.name = name;
	line.unit = "x";
	bench_report(&line, &ratios);
}

static void finish(struct subject *s)
{
	if (s->client)
		vfio_user_client_close(s->client);
	else
		kill(s->pid, SIGKILL);
	waitpid(s->pid, NULL, 0);
}

int main(void)
{
	int round, i;

	nr_cpus = bench_cpus(cpus, 2);
	if (pipe(stop))
		bench_die("pipe");
	for (i = 0; i < NR_SUBJECTS; i++) {
		if (!is_possible(&subjects[i]))
			continue;
		if (subjects[i].is_echo)
			start_echo(&subjects[i]);
		else
			start_server(&subjects[i]);
	}
	bench_pin(cpus[0]);
	for (round = 0; round < ROUNDS; round++)
		for (i = 0; i < NR_SUBJECTS; i++)
			if (is_possible(&subjects[i]))
				run_round(&subjects[i]);
	for (i = 0; i < NR_SUBJECTS; i++)
		if (is_possible(&subjects[i]))
			report(&subjects[i]);
	close(stop[1]);
	for (i = 0; i < NR_SUBJECTS; i++)
		if (is_possible(&subjects[i]))
			finish(&subjects[i]);
	return 0;
}
