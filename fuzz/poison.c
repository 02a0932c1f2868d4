// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * What a receiver's buffer has room for and did not receive must not be read. The address sanitizer does
 * not know: to it the buffer is all there. So here it is told, whenever something is received on the
 * heap.
 */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAVE_ASAN
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define HAVE_ASAN
#endif

#ifdef HAVE_ASAN
#include <sanitizer/asan_interface.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What is on a stack becomes somebody else's without a word. */
static int is_on_heap(void *memory)
{
	void *region;
	size_t size;
	char name[2];

	return !strcmp(__asan_locate_address(memory, name, sizeof(name), &region, &size), "heap");
}

static void poison_behind(void *memory, size_t room, ssize_t got)
{
	size_t used = got > 0 ? (size_t)got : 0;

	if (used < room && is_on_heap(memory))
		ASAN_POISON_MEMORY_REGION((char *)memory + used, room - used);
}

/* In the place of libc's, as the program's own come first. */
ssize_t recv(int sock, void *memory, size_t room, int flags)
{
	ssize_t got;

	ASAN_UNPOISON_MEMORY_REGION(memory, room);
	got = syscall(SYS_recvfrom, sock, memory, room, flags, NULL, NULL);
	if (!(flags & MSG_PEEK))
		poison_behind(memory, room, got);
	return got;
}

ssize_t recvmsg(int sock, struct msghdr *msg, int flags)
{
	ssize_t got;

	if (msg->msg_iovlen == 1)
		ASAN_UNPOISON_MEMORY_REGION(msg->msg_iov->iov_base, msg->msg_iov->iov_len);
	got = syscall(SYS_recvmsg, sock, msg, flags);
	if (msg->msg_iovlen == 1)
		poison_behind(msg->msg_iov->iov_base, msg->msg_iov->iov_len, got);
	return got;
}
#endif
