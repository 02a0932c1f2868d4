// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * What umdev reads from a QMP socket, which may be anybody's.
 *
 * Input: all that is sent at that socket.
 */
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli/client.h"
#include "cli/qmp.h"
#include "fuzz.h"
#include "peer.h"

static struct peer_place place;

void harness_up(void)
{
	peer_listen(&place, "qmp");
}

void harness_down(void)
{
	peer_leave(&place);
}

/* Says all it has to say at once, and hangs up when the other end has done so. */
static void *pretend_to_be_qemu(void *data)
{
	struct fuzz_input *in = data;
	int sock = peer_accept(&place);
	char bytes[256];

	peer_send(sock, in->at, in->left, NULL, 0);
	shutdown(sock, SHUT_WR);
	while (recv(sock, bytes, sizeof(bytes), 0) > 0)
		;
	close(sock);
	return NULL;
}

static void check_text(const struct qmp_error *error)
{
	fuzz_check(error->text[0] && memchr(error->text, '\0', sizeof(error->text)),
		   "a failure without words");
}

void harness_run(struct fuzz_input *in)
{
	int free_fd = fuzz_free_fd();
	long long deadline = client_now() + 1000 * FUZZ_LIMIT_MS;
	struct qmp_error error = { "" };
	enum qmp_status status;
	struct qmp *qmp;
	pthread_t thread;

	fuzz_check(!pthread_create(&thread, NULL, pretend_to_be_qemu, in), "no thread");
	qmp = qmp_connect(place.path, deadline, &error);
	if (qmp) {
		status = qmp_unplug(qmp, "umdev-1", deadline, &error);
		fuzz_check(status != QMP_TIMEOUT, "it waits for what cannot come any more");
		if (status != QMP_OK && status != QMP_GUEST_REFUSED)
			check_text(&error);
	} else {
		check_text(&error);
	}
	qmp_close(qmp);
	pthread_join(thread, NULL);
	fuzz_check(fuzz_free_fd() == free_fd, "a descriptor was not closed");
}
