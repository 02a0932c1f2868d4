// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
#include "peer.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "fuzz.h"

static int make_socket(const char *path, struct sockaddr_un *addr)
{
	int sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	*addr = (struct sockaddr_un){ .sun_family = AF_UNIX };
	fuzz_check(sock >= 0 && strlen(path) < sizeof(addr->sun_path), "no socket for %s", path);
	strcpy(addr->sun_path, path);
	return sock;
}

void peer_listen(struct peer_place *place, const char *name)
{
	const char *tmp = getenv("TMPDIR");
	struct sockaddr_un addr;

	snprintf(place->dir, sizeof(place->dir), "%s/fuzz-XXXXXX", tmp ? tmp : "/tmp");
	fuzz_check(mkdtemp(place->dir), "no directory %s: %s", place->dir, strerror(errno));
	snprintf(place->path, sizeof(place->path), "%s/%s", place->dir, name);
	place->listener = make_socket(place->path, &addr);
	fuzz_check(!bind(place->listener, (struct sockaddr *)&addr, sizeof(addr)) &&
			   !listen(place->listener, 8),
		   "cannot listen at %s: %s", place->path, strerror(errno));
}

void peer_leave(struct peer_place *place)
{
	close(place->listener);
	unlink(place->path);
	rmdir(place->dir);
}

int peer_accept(const struct peer_place *place)
{
	int sock = accept4(place->listener, NULL, NULL, SOCK_CLOEXEC);

	fuzz_check(sock >= 0, "no connection: %s", strerror(errno));
	return sock;
}

int peer_connect(const char *path)
{
	struct sockaddr_un addr;
	int sock = make_socket(path, &addr);

	fuzz_check(!connect(sock, (struct sockaddr *)&addr, sizeof(addr)),
		   "cannot connect to %s: %s", path, strerror(errno));
	return sock;
}

bool peer_send(int sock, const void *data, size_t len, const int *fds, unsigned int nfds)
{
	union {
		char buf[CMSG_SPACE(sizeof(int) * PEER_MAX_FDS)];
		struct cmsghdr align;
	} control = { .buf = { 0 } };
	struct iovec iov = { .iov_base = (void *)data, .iov_len = len };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t sent;

	if (nfds) {
		struct cmsghdr *cmsg;

		msg.msg_control = control.buf;
		msg.msg_controllen = CMSG_SPACE(sizeof(int) * nfds);
		cmsg = CMSG_FIRSTHDR(&msg);
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(sizeof(int) * nfds);
		memcpy(CMSG_DATA(cmsg), fds, sizeof(int) * nfds);
	}
	while (iov.iov_len) {
		sent = sendmsg(sock, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (sent < 0 && errno == EAGAIN && fuzz_poll(sock, POLLOUT, FUZZ_LIMIT_MS))
			continue;
		if (sent < 0 && errno != EINTR)
			return false;
		if (sent > 0) {
			iov.iov_base = (char *)iov.iov_base + sent;
			iov.iov_len -= (size_t)sent;
			msg.msg_control = NULL;
			msg.msg_controllen = 0;
		}
	}
	return true;
}
