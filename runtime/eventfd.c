// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Event contexts: each holds a descriptor of its own of an eventfd that a
 * client made. The client shares the eventfd and may do to it what it likes at
 * any time, so nothing here may wait for its state.
 *
 * write(2) would: it waits while the counter is full, and whether it may is a
 * flag of the file, which the client can change at any time. The kernel itself
 * never waits where it signals an eventfd, and it does that at the end of an
 * asynchronous request: so a signal is a request to read nothing.
 */
#include <linux/errno.h>
#include <linux/eventfd.h>
#include <linux/export.h>
#include <linux/file.h>
#include <linux/anon_inodes.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <errno.h>
#include <linux/aio_abi.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>
#include "counts.h"
#include "eventfd.h"

/* Requests that may have ended without anybody having looked; each look takes them all. */
#define AIO_EVENTS 128

/*
 * Constant while the runtime is up. @file is what nothing is read from, -1 where
 * the host has no asynchronous requests.
 */
static struct {
	aio_context_t context;
	int file;
} aio = { .file = -1 };

static int start_aio(void)
{
	if (!syscall(SYS_io_setup, AIO_EVENTS, &aio.context))
		aio.file = open("/dev/null", O_RDONLY | O_CLOEXEC);
	return 0;
}
core_initcall(start_aio);

static void stop_aio(void)
{
	if (aio.context)
		syscall(SYS_io_destroy, aio.context);
	if (aio.file >= 0)
		close(aio.file);
	aio.context = 0;
	aio.file = -1;
}
__exitcall(stop_aio);

/* Only the name that procfs gives an eventfd tells it from other files. */
static bool is_eventfd(int fd)
{
	char path[32], name[32];
	ssize_t len;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	len = readlink(path, name, sizeof(name) - 1);
	if (len < 0)
		return false;
	name[len] = '\0';
	return !strcmp(name, "anon_inode:[eventfd]");
}

/**
 * eventfd_ctx_fdget() - a context for an eventfd
 * @fd: descriptor of the process, not of one of the runtime's tables; it may be
 *	closed afterwards
 *
 * Each call makes a new context; in a kernel all of one eventfd share theirs.
 *
 * Context: may sleep.
 * Return: the context with one reference; ERR_PTR(-EBADF) if @fd is not open;
 * ERR_PTR(-EINVAL) if it is no eventfd; ERR_PTR(-EMFILE), ERR_PTR(-ENOMEM).
 */
struct eventfd_ctx *eventfd_ctx_fdget(int fd)
{
	struct eventfd_ctx *ctx;
	int err;

	fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (fd < 0)
		return ERR_PTR(-errno);
	if (!is_eventfd(fd)) {
		err = -EINVAL;
		goto close_fd;
	}
	ctx = kzalloc(sizeof(*ctx), GFP_KERNEL);
	if (!ctx) {
		err = -ENOMEM;
		goto close_fd;
	}
	kref_init(&ctx->kref);
	init_waitqueue_head(&ctx->wqh);
	ctx->fd = fd;
	count_add(COUNT_EVENTFDS, 1);
	return ctx;

close_fd:
	close(fd);
	return ERR_PTR(err);
}
EXPORT_SYMBOL_GPL(eventfd_ctx_fdget);

static void eventfd_ctx_release(struct kref *kref)
{
	struct eventfd_ctx *ctx = container_of(kref, struct eventfd_ctx, kref);

	eventfd_unwatch(ctx);
	close(ctx->fd);
	count_add(COUNT_EVENTFDS, -1);
	kfree(ctx);
}

/**
 * eventfd_ctx_put() - drop a reference on a context
 * @ctx: the context
 *
 * Context: may sleep.
 */
void eventfd_ctx_put(struct eventfd_ctx *ctx)
{
	kref_put(&ctx->kref, eventfd_ctx_release);
}
EXPORT_SYMBOL_GPL(eventfd_ctx_put);

static bool is_ready(const struct eventfd_ctx *ctx, short events)
{
	struct pollfd pollfd = { .fd = ctx->fd, .events = events };

	return poll(&pollfd, 1, 0) == 1 && (pollfd.revents & events);
}

/* Add 1 by way of a request, which has ended when this returns. False: that is not possible. */
static bool signal_by_aio(struct eventfd_ctx *ctx)
{
	struct iocb request = {
		.aio_lio_opcode = IOCB_CMD_PREAD,
		.aio_fildes = (u32)aio.file,
		.aio_flags = IOCB_FLAG_RESFD,
		.aio_resfd = (u32)ctx->fd,
	};
	struct iocb *requests[] = { &request };
	struct io_event events[AIO_EVENTS];
	long ret;

	if (aio.file < 0)
		return false;
	while ((ret = syscall(SYS_io_submit, aio.context, 1, requests)) < 0 && errno == EAGAIN)
		syscall(SYS_io_getevents, aio.context, 0, AIO_EVENTS, events, NULL);
	return ret == 1;
}

/**
 * eventfd_signal() - add to an eventfd's counter
 * @ctx: the context
 * @n: how much
 *
 * A counter that is full stays so. A client that fills it at the wrong moment can
 * make this wait where the host has no asynchronous requests (io_submit(2)), or
 * @n is not 1.
 *
 * Context: any.
 * Return: what was added, @n or 0.
 */
__u64 eventfd_signal(struct eventfd_ctx *ctx, __u64 n)
{
	ssize_t len;

	if (!is_ready(ctx, POLLOUT))
		return 0;
	if (n == 1 && signal_by_aio(ctx))
		return 1;
	do {
		len = write(ctx->fd, &n, sizeof(n));
	} while (len < 0 && errno == EINTR);
	return len == sizeof(n) ? n : 0;
}
EXPORT_SYMBOL_GPL(eventfd_signal);

/**
 * eventfd_ctx_do_read() - take an eventfd's counter and set it to 0
 * @ctx: the context
 * @cnt: the counter, 0 if it was not signalled; 1 of it for a semaphore
 *
 * Context: any.
 */
void eventfd_ctx_do_read(struct eventfd_ctx *ctx, __u64 *cnt)
{
	struct iovec iov = { .iov_base = cnt, .iov_len = sizeof(*cnt) };
	ssize_t len = preadv2(ctx->fd, &iov, 1, -1, RWF_NOWAIT);

	/* Kernels before 5.8 do not know RWF_NOWAIT here. */
	if (len < 0 && errno == EOPNOTSUPP && is_ready(ctx, POLLIN))
		len = read(ctx->fd, cnt, sizeof(*cnt));
	if (len != sizeof(*cnt))
		*cnt = 0;
}
EXPORT_SYMBOL_GPL(eventfd_ctx_do_read);

/**
 * eventfd_ctx_remove_wait_queue() - stop waiting and take the counter
 * @ctx: the context
 * @wait: the entry that waits at its queue
 * @cnt: the counter
 *
 * Context: any.
 * Return: 0, or -EAGAIN if the counter was 0.
 */
int eventfd_ctx_remove_wait_queue(struct eventfd_ctx *ctx, wait_queue_entry_t *wait, __u64 *cnt)
{
	spin_lock(&ctx->wqh.lock);
	eventfd_ctx_do_read(ctx, cnt);
	__remove_wait_queue(&ctx->wqh, wait);
	spin_unlock(&ctx->wqh.lock);
	return *cnt ? 0 : -EAGAIN;
}
EXPORT_SYMBOL_GPL(eventfd_ctx_remove_wait_queue);

static __poll_t eventfd_poll(struct file *file, struct poll_table_struct *pt)
{
	struct eventfd_ctx *ctx = file->private_data;
	__poll_t events = 0;

	poll_wait(file, &ctx->wqh, pt);
	if (is_ready(ctx, POLLIN))
		events |= EPOLLIN;
	if (is_ready(ctx, POLLOUT))
		events |= EPOLLOUT;
	/* The watch begins with a wake-up if there is a signal: none is lost in between. */
	if (pt && pt->_qproc && eventfd_watch(ctx))
		return EPOLLERR;
	return events;
}

static int eventfd_release(struct inode *inode, struct file *file)
{
	eventfd_ctx_put(file->private_data);
	return 0;
}

static const struct file_operations eventfd_fops = {
	.poll = eventfd_poll,
	.release = eventfd_release,
	.llseek = noop_llseek,
};

/**
 * eventfd_fget() - a file for an eventfd
 * @fd: as for eventfd_ctx_fdget()
 *
 * Context: may sleep.
 * Return: the file with one reference; errors as of eventfd_ctx_fdget().
 */
struct file *eventfd_fget(int fd)
{
	struct eventfd_ctx *ctx = eventfd_ctx_fdget(fd);
	struct file *file;

	if (IS_ERR(ctx))
		return ERR_CAST(ctx);
	file = anon_inode_getfile("[eventfd]", &eventfd_fops, ctx, O_RDWR);
	if (IS_ERR(file))
		eventfd_ctx_put(ctx);
	return file;
}
EXPORT_SYMBOL_GPL(eventfd_fget);

/**
 * eventfd_ctx_fileget() - the context of an eventfd's file
 * @file: from eventfd_fget()
 *
 * Context: any.
 * Return: the context with a reference of the caller's; ERR_PTR(-EINVAL) if @file is no eventfd.
 */
struct eventfd_ctx *eventfd_ctx_fileget(struct file *file)
{
	struct eventfd_ctx *ctx = file->private_data;

	if (file->f_op != &eventfd_fops)
		return ERR_PTR(-EINVAL);
	kref_get(&ctx->kref);
	return ctx;
}
EXPORT_SYMBOL_GPL(eventfd_ctx_fileget);
