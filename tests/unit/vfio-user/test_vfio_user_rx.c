// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* The stream of a connection made into messages, on a socket pair. */
#include <linux/kernel.h>
#include <linux/string.h>

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <errno.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "vfio-user/rx.h"

struct fixture {
	int peer;
	struct vfio_user_pool pool;
	struct vfio_user_rx rx;
	int replies;
	u16 last_reply;
	size_t last_reply_size;
};

static void on_reply(void *data, const struct vfio_user_header *header, const void *payload,
		     size_t size)
{
	struct fixture *f = data;

	f->replies++;
	f->last_reply = header->msg_id;
	f->last_reply_size = size;
}

static int count_fds(void)
{
	DIR *d = opendir("/proc/self/fd");
	int count = 0;

	while (readdir(d))
		count++;
	closedir(d);
	return count;
}

static int setup(void **state)
{
	static struct fixture f;
	int sv[2];

	f = (struct fixture){ .pool.max = 1024 };
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv), 0);
	f.peer = sv[1];
	assert_int_equal(vfio_user_rx_init(&f.rx, sv[0], on_reply, &f), 0);
	f.rx.pool = &f.pool;
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	vfio_user_rx_destroy(&f->rx);
	close(f->rx.sock);
	close(f->peer);
	return 0;
}

/* A message with @size bytes of payload, each the id's low byte. */
static size_t make(u8 *buf, u16 id, u16 cmd, u32 flags, size_t size)
{
	struct vfio_user_header header = {
		.msg_id = id, .cmd = cmd, .msg_size = sizeof(header) + size, .flags = flags
	};

	memcpy(buf, &header, sizeof(header));
	memset(buf + sizeof(header), id, size);
	return header.msg_size;
}

/* Send bytes with as many descriptors, of /dev/null. */
static void send_bytes(struct fixture *f, const void *data, size_t len, int nfds)
{
	union {
		char buf[CMSG_SPACE(sizeof(int) * 64)];
		struct cmsghdr align;
	} control;
	struct iovec iov = { (void *)data, len };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	int fds[64], i;

	if (nfds) {
		for (i = 0; i < nfds; i++)
			fds[i] = open("/dev/null", O_RDONLY | O_CLOEXEC);
		msg.msg_control = control.buf;
		msg.msg_controllen = CMSG_SPACE(sizeof(int) * nfds);
		CMSG_FIRSTHDR(&msg)->cmsg_level = SOL_SOCKET;
		CMSG_FIRSTHDR(&msg)->cmsg_type = SCM_RIGHTS;
		CMSG_FIRSTHDR(&msg)->cmsg_len = CMSG_LEN(sizeof(int) * nfds);
		memcpy(CMSG_DATA(CMSG_FIRSTHDR(&msg)), fds, sizeof(int) * nfds);
	}
	assert_int_equal(sendmsg(f->peer, &msg, MSG_NOSIGNAL), len);
	for (i = 0; i < nfds; i++)
		close(fds[i]);
}

static void send_one(struct fixture *f, u16 id, u16 cmd, u32 flags, size_t size, int nfds)
{
	u8 buf[4096];

	send_bytes(f, buf, make(buf, id, cmd, flags, size), nfds);
}

/* Receive all there is, then take the next message, and say that it is done with. */
static void expect(struct fixture *f, u16 id, size_t size, unsigned int nfds)
{
	struct vfio_user_msg msg;
	size_t i;

	assert_true(vfio_user_rx_next(&f->rx, &msg));
	assert_int_equal(msg.header.msg_id, id);
	assert_int_equal(msg.size, size);
	assert_int_equal(msg.nfds, nfds);
	for (i = 0; i < size; i++)
		assert_int_equal(((u8 *)msg.payload)[i], (u8)id);
	for (i = 0; i < nfds; i++)
		assert_true(fcntl(msg.fds[i], F_GETFD) >= 0);
	vfio_user_rx_done(&f->rx, &msg);
}

static void fill(struct fixture *f)
{
	int ret;

	do {
		ret = vfio_user_rx_fill(&f->rx, MSG_DONTWAIT);
	} while (ret == 0);
	assert_int_equal(ret, -EAGAIN);
}

static void expect_none(struct fixture *f)
{
	struct vfio_user_msg msg;

	assert_false(vfio_user_rx_next(&f->rx, &msg));
}

static void a_message_sent_byte_by_byte_arrives_whole(void **state)
{
	struct fixture *f = *state;
	u8 buf[64];
	size_t len = make(buf, 7, VFIO_USER_REGION_WRITE, 0, 20), i;

	for (i = 0; i < len; i++) {
		expect_none(f);
		send_bytes(f, buf + i, 1, 0);
		assert_int_equal(vfio_user_rx_fill(&f->rx, MSG_DONTWAIT), 0);
	}
	expect(f, 7, 20, 0);
	expect_none(f);
}

static void messages_sent_at_once_come_in_order(void **state)
{
	struct fixture *f = *state;
	u8 buf[4096];
	size_t len = 0;
	u16 id;

	for (id = 0; id < 50; id++)
		len += make(buf + len, id, VFIO_USER_REGION_WRITE, 0, id);
	send_bytes(f, buf, len, 0);
	assert_int_equal(vfio_user_rx_fill(&f->rx, 0), 0);
	for (id = 0; id < 50; id++)
		expect(f, id, id, 0);
	expect_none(f);
}

static void descriptors_belong_to_the_message_they_were_sent_with(void **state)
{
	struct fixture *f = *state;

	send_one(f, 1, VFIO_USER_DMA_MAP, 0, 32, 0);
	send_one(f, 2, VFIO_USER_DMA_MAP, 0, 32, 1);
	send_one(f, 3, VFIO_USER_DMA_MAP, 0, 32, 0);
	send_one(f, 4, VFIO_USER_DEVICE_SET_IRQS, 0, 20, 16);
	send_one(f, 5, VFIO_USER_DEVICE_SET_IRQS, 0, 20, 3);
	send_one(f, 6, VFIO_USER_REGION_READ, 0, 16, 0);
	fill(f);
	expect(f, 1, 32, 0);
	expect(f, 2, 32, 1);
	expect(f, 3, 32, 0);
	expect(f, 4, 20, 16);
	expect(f, 5, 20, 3);
	expect(f, 6, 16, 0);
}

static void descriptors_of_a_split_message_come_with_its_first_byte(void **state)
{
	struct fixture *f = *state;
	u8 buf[256];
	size_t len = make(buf, 1, VFIO_USER_DMA_MAP, 0, 32), i;

	len += make(buf + len, 2, VFIO_USER_DMA_MAP, 0, 32);
	for (i = 0; i < len; i++) {
		send_bytes(f, buf + i, 1, i == 48 ? 2 : 0);
		/* The first is whole, and the first byte of the second arrives with it. */
		if (i != 47)
			assert_int_equal(vfio_user_rx_fill(&f->rx, 0), 0);
	}
	expect(f, 1, 32, 0);
	expect(f, 2, 32, 2);
}

static void of_messages_in_one_sendmsg_the_one_that_can_gets_the_descriptors(void **state)
{
	struct fixture *f = *state;
	u8 buf[256];
	size_t len = make(buf, 1, VFIO_USER_REGION_READ, 0, 16);

	len += make(buf + len, 2, VFIO_USER_DMA_MAP, 0, 32);
	len += make(buf + len, 3, VFIO_USER_DEVICE_GET_INFO, 0, 16);
	send_bytes(f, buf, len, 1);
	fill(f);
	expect(f, 1, 16, 0);
	expect(f, 2, 32, 1);
	expect(f, 3, 16, 0);
}

static void descriptors_nobody_takes_are_closed(void **state)
{
	struct fixture *f = *state;
	int before = count_fds();

	send_one(f, 1, VFIO_USER_REGION_READ, 0, 16, 5);
	send_one(f, 2, VFIO_USER_DMA_MAP, VFIO_USER_TYPE_REPLY, 32, 2);
	send_one(f, 3, VFIO_USER_DMA_MAP, 0, 32, 4);
	fill(f);
	expect(f, 1, 16, 5);
	assert_int_equal(count_fds(), before + 4);
	vfio_user_rx_destroy(&f->rx);
	assert_int_equal(count_fds(), before);
	assert_int_equal(vfio_user_rx_init(&f->rx, f->rx.sock, on_reply, f), 0);
}

static void more_descriptors_than_a_message_may_have_break_the_stream(void **state)
{
	struct fixture *f = *state;
	struct vfio_user_header header;
	int before = count_fds();

	send_one(f, 1, VFIO_USER_REGION_READ, 0, 16, 0);
	send_one(f, 2, VFIO_USER_DMA_MAP, 0, 32, 17);
	assert_int_equal(vfio_user_rx_fill(&f->rx, 0), 0);
	assert_int_equal(count_fds(), before);
	assert_false(vfio_user_rx_broken(&f->rx, &header));
	expect(f, 1, 16, 0);
	expect_none(f);
	assert_true(vfio_user_rx_broken(&f->rx, &header));
	assert_int_equal(header.msg_id, 2);
	assert_int_equal(vfio_user_rx_fill(&f->rx, MSG_DONTWAIT), -ECONNRESET);
}

static void descriptors_of_one_message_may_come_in_parts_up_to_the_limit(void **state)
{
	struct fixture *f = *state;
	struct vfio_user_header header;
	int before = count_fds();
	u8 buf[64];
	size_t len = make(buf, 1, VFIO_USER_DEVICE_SET_IRQS, 0, 20);

	send_bytes(f, buf, 10, 10);
	assert_int_equal(vfio_user_rx_fill(&f->rx, 0), 0);
	send_bytes(f, buf + 10, 10, 6);
	assert_int_equal(vfio_user_rx_fill(&f->rx, 0), 0);
	send_bytes(f, buf + 20, len - 20, 0);
	assert_int_equal(vfio_user_rx_fill(&f->rx, 0), 0);
	expect(f, 1, 20, 16);
	assert_int_equal(count_fds(), before);

	send_bytes(f, buf, 10, 10);
	assert_int_equal(vfio_user_rx_fill(&f->rx, 0), 0);
	send_bytes(f, buf + 10, 10, 7);
	assert_int_equal(vfio_user_rx_fill(&f->rx, 0), 0);
	expect_none(f);
	assert_true(vfio_user_rx_broken(&f->rx, &header));
}

static void further_messages_with_descriptors_wait_until_there_is_room(void **state)
{
	struct fixture *f = *state;
	int before = count_fds();
	u16 id;

	for (id = 0; id <= VFIO_USER_RX_FDSETS; id++)
		send_one(f, id, VFIO_USER_DMA_MAP, 0, 32, 1);
	for (id = 0; id < VFIO_USER_RX_FDSETS; id++)
		assert_int_equal(vfio_user_rx_fill(&f->rx, MSG_DONTWAIT), 0);
	assert_int_equal(vfio_user_rx_fill(&f->rx, MSG_DONTWAIT), -ENOBUFS);
	assert_int_equal(count_fds(), before + VFIO_USER_RX_FDSETS);
	expect(f, 0, 32, 1);
	assert_int_equal(vfio_user_rx_fill(&f->rx, MSG_DONTWAIT), 0);
	for (id = 1; id <= VFIO_USER_RX_FDSETS; id++)
		expect(f, id, 32, 1);
	assert_int_equal(count_fds(), before);
	assert_int_equal(atomic_read(&f->pool.used), 0);
}

/* Send and receive messages with 16 descriptors until there is no room for more; how many. */
static int send_ahead(struct fixture *f)
{
	int ret, sent = 0;

	do {
		send_one(f, (u16)sent, VFIO_USER_DEVICE_SET_IRQS, 0, 20, 16);
		ret = vfio_user_rx_fill(&f->rx, MSG_DONTWAIT);
		sent += !ret;
	} while (!ret);
	assert_int_equal(ret, -ENOBUFS);
	return sent;
}

static void descriptors_sent_ahead_leave_others_as_much_as_they_take(void **state)
{
	struct fixture *f = *state, other = { .peer = -1 };
	int before = count_fds(), first, sv[2], i;

	f->pool.max = 128;
	first = send_ahead(f);
	assert_int_equal(first, 1 + 128 / 16 / 2);
	assert_int_equal(count_fds(), before + first * 16);

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv), 0);
	other.peer = sv[1];
	assert_int_equal(vfio_user_rx_init(&other.rx, sv[0], on_reply, &other), 0);
	other.rx.pool = &f->pool;
	assert_int_equal(send_ahead(&other), 1 + 128 / 16 / 4);
	vfio_user_rx_destroy(&other.rx);
	close(sv[0]);
	close(sv[1]);

	for (i = 0; i < first; i++)
		expect(f, (u16)i, 20, 16);
	assert_int_equal(count_fds(), before);
	assert_int_equal(atomic_read(&f->pool.used), 0);
}

/* Messages that come whole, and such as come with the end of the one before. */
static void who_waits_for_replies_needs_nothing_of_the_pool(void **state)
{
	struct fixture *f = *state;
	u8 buf[128];
	size_t len = make(buf, 1, VFIO_USER_DEVICE_SET_IRQS, 0, 20);
	u16 id;

	f->pool.max = 0;
	for (id = 10; id < 20; id++) {
		send_one(f, id, VFIO_USER_DEVICE_SET_IRQS, 0, 20, 16);
		assert_int_equal(vfio_user_rx_fill(&f->rx, MSG_DONTWAIT), 0);
		expect(f, id, 20, 16);
	}
	send_bytes(f, buf, 30, 16);
	assert_int_equal(vfio_user_rx_fill(&f->rx, MSG_DONTWAIT), 0);
	make(buf + len, 2, VFIO_USER_DEVICE_SET_IRQS, 0, 20);
	send_bytes(f, buf + 30, len - 30, 0);
	send_bytes(f, buf + len, 30, 16);
	assert_int_equal(vfio_user_rx_fill(&f->rx, MSG_DONTWAIT), 0);
	expect(f, 1, 20, 16);
	send_bytes(f, buf + len + 30, len - 30, 0);
	assert_int_equal(vfio_user_rx_fill(&f->rx, MSG_DONTWAIT), 0);
	expect(f, 2, 20, 16);
}

static void descriptors_that_find_no_room_are_lost_with_their_message_only(void **state)
{
	struct fixture *f = *state;
	int before = count_fds(), hoard[256], n = 0, room, i;
	struct rlimit old, low;
	struct vfio_user_msg msg;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	low = old;
	low.rlim_cur = 200;
	for (room = 0; room < 3; room++) {
		send_one(f, 1, VFIO_USER_DMA_MAP, 0, 32, 3);
		send_one(f, 2, VFIO_USER_REGION_READ, 0, 16, 0);
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
		while (n < 256 && (hoard[n] = dup(f->peer)) >= 0)
			n++;
		for (i = 0; i < room; i++)
			close(hoard[--n]);
		assert_int_equal(vfio_user_rx_fill(&f->rx, MSG_DONTWAIT), 0);
		while (n > 0)
			close(hoard[--n]);
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);

		fill(f);
		assert_true(vfio_user_rx_next(&f->rx, &msg));
		assert_int_equal(msg.header.msg_id, 1);
		assert_int_equal(msg.nfds, 0);
		assert_true(msg.lost_fds);
		vfio_user_rx_done(&f->rx, &msg);
		expect(f, 2, 16, 0);
		assert_int_equal(count_fds(), before);
	}
}

static void descriptors_that_come_too_early_break_the_stream(void **state)
{
	struct fixture *f = *state;
	struct vfio_user_header header;
	int before = count_fds();

	f->rx.pool = NULL;
	send_one(f, 1, VFIO_USER_REGION_READ, 0, 16, 0);
	send_one(f, 2, VFIO_USER_VERSION, 0, 4, 1);
	assert_int_equal(vfio_user_rx_fill(&f->rx, MSG_DONTWAIT), 0);
	expect(f, 1, 16, 0);
	expect_none(f);
	assert_true(vfio_user_rx_broken(&f->rx, &header));
	assert_int_equal(header.msg_id, 2);
	assert_int_equal(count_fds(), before);
}

static void a_header_that_makes_no_sense_breaks_the_stream_behind_good_messages(void **state)
{
	static const struct vfio_user_header bad[] = {
		{ 9, VFIO_USER_REGION_READ, 15, 0, 0 },
		{ 9, VFIO_USER_REGION_READ, 0, 0, 0 },
		{ 9, VFIO_USER_REGION_READ, VFIO_USER_MAX_MSG_SIZE + 1, 0, 0 },
		{ 9, VFIO_USER_REGION_READ, U32_MAX, 0, 0 },
		{ 9, VFIO_USER_REGION_READ, 32, 2, 0 },
		{ 9, VFIO_USER_REGION_READ, 32, 15, 0 },
	};
	struct vfio_user_header header;
	struct fixture *f;
	u8 buf[64];
	size_t i, len;

	teardown(state);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		setup(state);
		f = *state;
		len = make(buf, 1, VFIO_USER_REGION_READ, 0, 16);
		memcpy(buf + len, &bad[i], sizeof(bad[i]));
		send_bytes(f, buf, len + sizeof(bad[i]), 0);
		assert_int_equal(vfio_user_rx_fill(&f->rx, 0), 0);
		expect(f, 1, 16, 0);
		expect_none(f);
		assert_true(vfio_user_rx_broken(&f->rx, &header));
		assert_int_equal(header.msg_id, 9);
		teardown(state);
	}
	setup(state);
}

static void a_reply_is_handed_over_before_commands_in_front_of_it(void **state)
{
	struct fixture *f = *state;

	send_one(f, 1, VFIO_USER_REGION_READ, 0, 16, 0);
	send_one(f, 2, VFIO_USER_DMA_READ, VFIO_USER_TYPE_REPLY, 24, 0);
	send_one(f, 3, VFIO_USER_REGION_READ, 0, 16, 0);
	fill(f);
	assert_int_equal(f->replies, 1);
	assert_int_equal(f->last_reply, 2);
	assert_int_equal(f->last_reply_size, 24);
	expect(f, 1, 16, 0);
	expect(f, 3, 16, 0);
	expect_none(f);
	assert_int_equal(f->replies, 1);
}

static void the_end_of_the_stream_is_seen_behind_the_last_message(void **state)
{
	struct fixture *f = *state;
	u8 buf[64];

	send_one(f, 1, VFIO_USER_REGION_READ, 0, 16, 0);
	make(buf, 2, VFIO_USER_REGION_READ, 0, 16);
	send_bytes(f, buf, 20, 0);
	shutdown(f->peer, SHUT_WR);
	assert_int_equal(vfio_user_rx_fill(&f->rx, 0), 0);
	assert_int_equal(vfio_user_rx_fill(&f->rx, 0), -ECONNRESET);
	assert_int_equal(vfio_user_rx_fill(&f->rx, 0), -ECONNRESET);
	expect(f, 1, 16, 0);
	expect_none(f);
}

static void what_is_not_processed_fills_the_buffer_and_no_more(void **state)
{
	struct fixture *f = *state;
	static u8 chunk[16 + 4080];
	size_t sent = 0;
	int ret = 0;
	u16 id = 0;

	while (ret == 0) {
		make(chunk, id++, VFIO_USER_REGION_WRITE, 0, sizeof(chunk) - 16);
		send_bytes(f, chunk, sizeof(chunk), 0);
		ret = vfio_user_rx_fill(&f->rx, MSG_DONTWAIT);
		sent += sizeof(chunk);
		assert_true(sent <= VFIO_USER_RX_SIZE + 2 * sizeof(chunk));
	}
	assert_int_equal(ret, -ENOBUFS);
	expect(f, 0, sizeof(chunk) - 16, 0);
	vfio_user_rx_compact(&f->rx);
	assert_int_equal(vfio_user_rx_fill(&f->rx, MSG_DONTWAIT), 0);
	expect(f, 1, sizeof(chunk) - 16, 0);
}

static void descriptors_find_their_message_after_compaction(void **state)
{
	struct fixture *f = *state;
	u8 buf[64];

	make(buf, 3, VFIO_USER_DMA_MAP, 0, 32);
	send_one(f, 1, VFIO_USER_REGION_READ, 0, 16, 0);
	send_one(f, 2, VFIO_USER_REGION_READ, 0, 17, 0);
	send_bytes(f, buf, 13, 3);
	fill(f);
	expect(f, 1, 16, 0);
	expect(f, 2, 17, 0);
	vfio_user_rx_compact(&f->rx);
	send_bytes(f, buf + 13, 35, 0);
	fill(f);
	expect(f, 3, 32, 3);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_message_sent_byte_by_byte_arrives_whole),
		T(messages_sent_at_once_come_in_order),
		T(descriptors_belong_to_the_message_they_were_sent_with),
		T(descriptors_of_a_split_message_come_with_its_first_byte),
		T(of_messages_in_one_sendmsg_the_one_that_can_gets_the_descriptors),
		T(descriptors_nobody_takes_are_closed),
		T(more_descriptors_than_a_message_may_have_break_the_stream),
		T(descriptors_of_one_message_may_come_in_parts_up_to_the_limit),
		T(further_messages_with_descriptors_wait_until_there_is_room),
		T(descriptors_sent_ahead_leave_others_as_much_as_they_take),
		T(who_waits_for_replies_needs_nothing_of_the_pool),
		T(descriptors_that_find_no_room_are_lost_with_their_message_only),
		T(descriptors_that_come_too_early_break_the_stream),
		T(a_header_that_makes_no_sense_breaks_the_stream_behind_good_messages),
		T(a_reply_is_handed_over_before_commands_in_front_of_it),
		T(the_end_of_the_stream_is_seen_behind_the_last_message),
		T(what_is_not_processed_fills_the_buffer_and_no_more),
		T(descriptors_find_their_message_after_compaction),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
