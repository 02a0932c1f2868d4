// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
#include <linux/delay.h>
#include <linux/export.h>
#include <linux/init.h>
#include <linux/mutex.h>
#include <linux/string.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <umdev/socket.h>
#include <unistd.h>

#define PAUSE_MS 10

/*
 * @fd stands for nothing, and is closed where a client could not be sent away otherwise. -1 before
 * the runtime is up, and as long as others have what was given up. @lock covers it.
 */
static struct {
	struct mutex lock;
	int fd;
} spare = {
	.lock = __MUTEX_INITIALIZER(spare.lock),
	.fd = -1,
};

static void open_spare(void)
{
	if (spare.fd < 0)
		spare.fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static int start_spare(void)
{
	mutex_lock(&spare.lock);
	open_spare();
	mutex_unlock(&spare.lock);
	return 0;
}
core_initcall(start_spare);

static void stop_spare(void)
{
	mutex_lock(&spare.lock);
	if (spare.fd >= 0)
		close(spare.fd);
	spare.fd = -1;
	mutex_unlock(&spare.lock);
}
__exitcall(stop_spare);

int umdev_listen(int sock, const char *path, const char *interim, mode_t mode, int backlog)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int ret;

	if (strlen(path) >= sizeof(addr.sun_path) || strlen(interim) >= sizeof(addr.sun_path))
		return -ENAMETOOLONG;
	strcpy(addr.sun_path, interim);
	unlink(interim);
	/* The file's permissions are those of the socket when it is bound, less the umask. */
	if (fchmod(sock, mode) || bind(sock, (struct sockaddr *)&addr, sizeof(addr)))
		return -errno;
	if (!chmod(interim, mode) && !listen(sock, backlog) && !rename(interim, path))
		return 0;
	ret = -errno;
	unlink(interim);
	return ret;
}
EXPORT_SYMBOL_GPL(umdev_listen);

/* accept(2), where all that means that there is no client any more is -EAGAIN. */
static int try_accept(int listener)
{
	int sock = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

	if (sock >= 0)
		return sock;
	return errno == EINTR || errno == ECONNABORTED ? -EAGAIN : -errno;
}

/* 0 when a client has been sent away, else why not. */
static int send_away(int listener, void (*refuse)(int sock))
{
	int sock = -EMFILE;

	mutex_lock(&spare.lock);
	open_spare();
	if (spare.fd >= 0) {
		close(spare.fd);
		sock = try_accept(listener);
		if (sock >= 0 && refuse)
			refuse(sock);
		if (sock >= 0)
			close(sock);
		spare.fd = -1;
		open_spare();
	}
	mutex_unlock(&spare.lock);
	return sock >= 0 ? 0 : sock;
}

int umdev_accept(int listener, void (*refuse)(int sock))
{
	int sock = try_accept(listener), ret = sock;

	if (sock == -EMFILE || sock == -ENFILE)
		ret = send_away(listener, refuse);
	if (ret == -EAGAIN)
		return ret;
	if (ret < 0)
		msleep(PAUSE_MS);
	return sock;
}
EXPORT_SYMBOL_GPL(umdev_accept);
