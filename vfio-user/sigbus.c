// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
#include <errno.h>
#include <linux/compiler.h>
#include <linux/kernel.h>
#include <linux/mutex.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>

#include "vfio-user/sigbus.h"

/*
 * guards_locked covers the tree and is taken by the signal handler. That works because the handler
 * takes it only for a signal that stems from an access, and no holder of the lock accesses guarded
 * memory: the handler cannot have interrupted one in its own thread.
 */
static bool guards_locked;
static struct rb_root guards = RB_ROOT;

/* Covers users and previous. */
static DEFINE_MUTEX(users_lock);
static unsigned int users;
static struct sigaction previous;

static void lock_guards(void)
{
	while (__atomic_exchange_n(&guards_locked, true, __ATOMIC_ACQUIRE))
		sched_yield();
}

static void unlock_guards(void)
{
	__atomic_store_n(&guards_locked, false, __ATOMIC_RELEASE);
}

static struct vfio_user_guard *find_guard(uintptr_t addr)
{
	struct rb_node *node = guards.rb_node;

	while (node) {
		struct vfio_user_guard *guard = rb_entry(node, struct vfio_user_guard, node);

		if (addr < guard->base)
			node = node->rb_left;
		else if (addr - guard->base >= guard->len)
			node = node->rb_right;
		else
			return guard;
	}
	return NULL;
}

/* They are got elsewhere: mmap(2) over what is there may fail when that has gone already. */
static bool put_zeroes(const struct vfio_user_guard *guard, uintptr_t at, size_t len)
{
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
	void *zeroes = mmap(NULL, len, guard->prot, flags, -1, 0);

	if (zeroes == MAP_FAILED)
		return false;
	flags = MREMAP_MAYMOVE | MREMAP_FIXED;
	if (mremap(zeroes, len, len, flags, (void *)at) != MAP_FAILED)
		return true;
	munmap(zeroes, len);
	return false;
}

/*
 * Put zeroes where the memory around @addr was; false if no guard knows it. All of a range goes with
 * its first page: page by page it could become more mappings than a process may have. Only a host
 * that grants no such amount of memory gets a page of it.
 */
static bool replace(uintptr_t addr)
{
	struct vfio_user_guard *guard;
	bool done = false;

	lock_guards();
	guard = find_guard(addr);
	if (guard) {
		done = put_zeroes(guard, guard->base, guard->len) ||
		       put_zeroes(guard, round_down(addr, guard->page_size), guard->page_size);
		WRITE_ONCE(*guard->lost, 1);
	}
	unlock_guards();
	return done;
}

static void handle_sigbus(int sig, siginfo_t *info, void *context)
{
	int saved = errno;
	bool replaced = false;

	if (info->si_code == BUS_ADRERR)
		replaced = replace((uintptr_t)info->si_addr);
	errno = saved;
	if (replaced)
		return;
	/* Not ours. Whoever was there before gets it: by a call, or by a return to the access. */
	if (previous.sa_flags & SA_SIGINFO) {
		previous.sa_sigaction(sig, info, context);
	} else if (previous.sa_handler != SIG_DFL && previous.sa_handler != SIG_IGN) {
		previous.sa_handler(sig);
	} else {
		signal(sig, SIG_DFL);
		if (info->si_code <= 0)
			raise(sig);
	}
}

int vfio_user_sigbus_init(void)
{
	struct sigaction action = {
		.sa_sigaction = handle_sigbus,
		.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER,
	};
	int ret = 0;

	sigemptyset(&action.sa_mask);
	mutex_lock(&users_lock);
	if (users == 0 && sigaction(SIGBUS, &action, &previous))
		ret = -errno;
	else
		users++;
	mutex_unlock(&users_lock);
	return ret;
}

void vfio_user_sigbus_exit(void)
{
	mutex_lock(&users_lock);
	if (--users == 0)
		sigaction(SIGBUS, &previous, NULL);
	mutex_unlock(&users_lock);
}

void vfio_user_guard_add(struct vfio_user_guard *guard)
{
	struct rb_node **link = &guards.rb_node, *parent = NULL;

	lock_guards();
	while (*link) {
		parent = *link;
		link = guard->base < rb_entry(parent, struct vfio_user_guard, node)->base
			       ? &parent->rb_left
			       : &parent->rb_right;
	}
	rb_link_node(&guard->node, parent, link);
	rb_insert_color(&guard->node, &guards);
	unlock_guards();
}

void vfio_user_guard_del(struct vfio_user_guard *guard)
{
	lock_guards();
	rb_erase(&guard->node, &guards);
	unlock_guards();
}
