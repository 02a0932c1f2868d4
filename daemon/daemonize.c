// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
#include "daemonize.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Where the child says that it is ready; -1: nobody waits. */
static int ready_fd = -1;

/* The exit code of a child that ended without having been ready. */
static int wait_for_end(pid_t child)
{
	int status;

	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return 1;
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	fprintf(stderr, "umdevd: ended by signal %d (%s) before it was ready\n", WTERMSIG(status),
		strsignal(WTERMSIG(status)));
	return 1;
}

static void wait_until_ready(pid_t child, int fd)
{
	ssize_t n;
	char byte;

	do {
		n = read(fd, &byte, 1);
	} while (n < 0 && errno == EINTR);
	_exit(n == 1 ? 0 : wait_for_end(child));
}

int daemonize(void)
{
	int fds[2], error;
	pid_t child;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	fflush(NULL);
	child = fork();
	if (child < 0) {
		error = errno;
		close(fds[0]);
		close(fds[1]);
		return -error;
	}
	if (child > 0) {
		close(fds[1]);
		wait_until_ready(child, fds[0]);
	}
	close(fds[0]);
	ready_fd = fds[1];
	setsid();
	return 0;
}

void daemonize_ready(void)
{
	int null;

	if (ready_fd < 0)
		return;
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null >= 0) {
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
		close(null);
	}
	if (chdir("/") < 0)
		fprintf(stderr, "umdevd: cannot change to /\n");
	if (write(ready_fd, "", 1) < 0)
		fprintf(stderr, "umdevd: whoever started this is gone\n");
	close(ready_fd);
	ready_fd = -1;
}
