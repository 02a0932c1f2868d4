// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * The receiving end of a vfio-user connection: a stream of bytes and descriptors, sent in any pieces,
 * has to come out as the same messages as a simple reading of the whole stream finds.
 *
 * Input: steps, each a byte that says what, and what that needs, see harness_run().
 */
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/errno.h>
#include <linux/kernel.h>

#include "fuzz.h"
#include "peer.h"
#include "vfio-user/rx.h"

/* More than what the receiver's buffer holds. */
#define MAX_STREAM (3u << 20)
#define MAX_SEND   65536u

/* What the kernel counts for each piece besides its bytes. */
#define SEND_OVERHEAD 1024u

enum {
	STEP_BYTES,	   /* a length, bytes */
	STEP_MESSAGE,	   /* command, flags, a length, payload */
	STEP_LONG_MESSAGE, /* command, flags, a length in units of 17 bytes, with payload made up */
	STEP_RECEIVE,
	STEP_TAKE, /* how many */
	STEP_COMPACT,
	STEP_HEADER, /* a header as it comes */
	NR_STEPS
};

/* Both ends, the stream as it was sent, and how far the receiver has been compared with it. */
static struct {
	struct vfio_user_rx rx;
	struct vfio_user_pool pool;
	int sock;
	u8 *stream;
	size_t sent;
	size_t queued; /* of it, at most so much has not been received */
	bool over;     /* nothing more is received */
	size_t commands;
	size_t replies;
} state;

static int spare[PEER_MAX_FDS];

void harness_up(void)
{
	unsigned int i;

	state.stream = fuzz_copy(NULL, 0);
	state.stream = realloc(state.stream, MAX_STREAM);
	for (i = 0; i < PEER_MAX_FDS; i++)
		spare[i] = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

void harness_down(void)
{
	unsigned int i;

	for (i = 0; i < PEER_MAX_FDS; i++)
		close(spare[i]);
	free(state.stream);
}

static bool is_reply(const struct vfio_user_header *header)
{
	return (header->flags & VFIO_USER_TYPE_MASK) == VFIO_USER_TYPE_REPLY;
}

/*
 * The message of one kind or the other that begins at or behind *@pos of what was sent, past which
 * *@pos is set. NULL: there is none, or none that is whole.
 */
static const u8 *next_sent(size_t *pos, bool reply)
{
	struct vfio_user_header header;
	const u8 *message;

	while (state.sent - *pos >= sizeof(header)) {
		message = state.stream + *pos;
		memcpy(&header, message, sizeof(header));
		if (header.msg_size < sizeof(header) || header.msg_size > VFIO_USER_MAX_MSG_SIZE ||
		    (header.flags & VFIO_USER_TYPE_MASK) > VFIO_USER_TYPE_REPLY ||
		    header.msg_size > state.sent - *pos)
			return NULL;
		*pos += header.msg_size;
		if (is_reply(&header) == reply)
			return message;
	}
	return NULL;
}

static void compare(size_t *pos, bool reply, const struct vfio_user_header *header,
		    const void *payload, size_t size)
{
	const u8 *message = next_sent(pos, reply);

	fuzz_check(message, "a message that was not sent, command %u", header->cmd);
	fuzz_check(!memcmp(message, header, sizeof(*header)), "command %u has another header",
		   header->cmd);
	fuzz_check(size == header->msg_size - sizeof(*header),
		   "command %u has %zu bytes of payload", header->cmd, size);
	fuzz_check(!memcmp(message + sizeof(*header), payload, size),
		   "command %u has another payload", header->cmd);
}

static void on_reply(void *data, const struct vfio_user_header *header, const void *payload,
		     size_t size)
{
	fuzz_check(data == &state, "the wrong receiver");
	compare(&state.replies, true, header, payload, size);
}

static void take(unsigned int nr)
{
	struct vfio_user_header broken;
	struct vfio_user_msg msg;
	unsigned int i;

	while (nr-- && vfio_user_rx_next(&state.rx, &msg)) {
		compare(&state.commands, false, &msg.header, msg.payload, msg.size);
		fuzz_check(msg.nfds <= VFIO_USER_MAX_MSG_FDS, "%u descriptors", msg.nfds);
		for (i = 0; i < msg.nfds; i++)
			fuzz_check(fcntl(msg.fds[i], F_GETFD) >= 0, "a closed descriptor");
		/* As a handler that keeps one does. */
		if (msg.nfds) {
			close(msg.fds[0]);
			msg.fds[0] = -1;
		}
		vfio_user_rx_done(&state.rx, &msg);
	}
	vfio_user_rx_broken(&state.rx, &broken);
}

static int receive(void)
{
	int ret = vfio_user_rx_fill(&state.rx, MSG_DONTWAIT);

	fuzz_check(!ret || ret == -EAGAIN || ret == -ECONNRESET || ret == -ENOBUFS, "fill() = %d",
		   ret);
	state.over |= ret == -ECONNRESET;
	return ret;
}

/* What is not taken now would be in the way of what comes. */
static void drain(void)
{
	int ret;

	do {
		ret = receive();
		take(UINT_MAX);
		vfio_user_rx_compact(&state.rx);
	} while (!ret || ret == -ENOBUFS);
	state.queued = 0;
}

static void send_bytes(const void *data, size_t len, unsigned int nfds)
{
	size_t some;

	while (len && state.sent + len <= MAX_STREAM) {
		some = min_t(size_t, len, MAX_SEND);
		/* Nobody else makes room in the socket. */
		if (state.queued + some > MAX_SEND)
			drain();
		if (state.over)
			return;
		state.queued += some + SEND_OVERHEAD;
		memcpy(state.stream + state.sent, data, some);
		state.sent += some;
		if (!peer_send(state.sock, data, some, spare, nfds))
			return;
		nfds = 0;
		data = (const u8 *)data + some;
		len -= some;
	}
}

static void send_message(u8 cmd, u8 flags, const void *payload, size_t len, unsigned int nfds)
{
	struct vfio_user_header *header = malloc(sizeof(*header) + len);

	fuzz_check(header, "out of memory");
	*header = (struct vfio_user_header){
		.msg_id = (u16)state.sent,
		.cmd = cmd,
		.msg_size = (u32)(sizeof(*header) + len),
		.flags = flags,
	};
	if (payload)
		memcpy(header + 1, payload, len);
	else
		memset(header + 1, cmd, len);
	send_bytes(header, sizeof(*header) + len, nfds);
	free(header);
}

/* A step's first byte: what to do, and how many descriptors go with what is sent. */
static void step(struct fuzz_input *in)
{
	u8 what = fuzz_u8(in), cmd, flags;
	unsigned int nfds = what / 32 * 3 + (what / 32 > 5 ? 2 : 0);
	const u8 *bytes;
	size_t len;

	switch (what % 32 % NR_STEPS) {
	case STEP_BYTES:
		len = fuzz_u8(in);
		bytes = fuzz_bytes(in, len, &len);
		send_bytes(bytes, len, nfds);
		break;
	case STEP_MESSAGE:
		cmd = fuzz_u8(in);
		flags = fuzz_u8(in);
		len = fuzz_u8(in);
		bytes = fuzz_bytes(in, len, &len);
		send_message(cmd, flags, bytes, len, nfds);
		break;
	case STEP_LONG_MESSAGE:
		cmd = fuzz_u8(in);
		flags = fuzz_u8(in);
		send_message(cmd, flags, NULL, fuzz_u16(in) * 17UL, nfds);
		break;
	case STEP_RECEIVE:
		receive();
		break;
	case STEP_TAKE:
		take(fuzz_u8(in));
		break;
	case STEP_COMPACT:
		vfio_user_rx_compact(&state.rx);
		break;
	case STEP_HEADER:
		bytes = fuzz_bytes(in, sizeof(struct vfio_user_header), &len);
		send_bytes(bytes, len, nfds);
		break;
	}
}

void harness_run(struct fuzz_input *in)
{
	int free_fd = fuzz_free_fd(), pair[2];

	fuzz_check(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), "no sockets");
	state.sock = pair[0];
	state.over = false;
	state.sent = state.queued = state.commands = state.replies = 0;
	fuzz_check(!vfio_user_rx_init(&state.rx, pair[1], on_reply, &state), "out of memory");
	state.pool.max = 64;
	state.rx.pool = &state.pool;
	while (in->left)
		step(in);
	shutdown(state.sock, SHUT_WR);
	drain();
	if (!state.rx.broken && state.rx.eof) {
		fuzz_check(!next_sent(&state.commands, false), "a command was lost");
		fuzz_check(!next_sent(&state.replies, true), "a reply was lost");
	}
	vfio_user_rx_destroy(&state.rx);
	fuzz_check(!atomic_read(&state.pool.used), "room for %d descriptors is not given back",
		   atomic_read(&state.pool.used));
	close(pair[0]);
	close(pair[1]);
	fuzz_check(fuzz_free_fd() == free_fd, "a descriptor was not closed");
}
