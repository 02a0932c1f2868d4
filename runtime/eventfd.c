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
#include <linux/printk.h>
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

/* What one call of eventfd_signal() may add: each 1 is a request. No driver adds more than 1. */
#define SIGNAL_MAX 4096

/*
 * Constant while the runtime is up. @file is what nothing is read from, -1 where
 * there are no requests, and so no signals; @error says why.
 */
static struct {
	aio_context_t context;
	int file;
	int error;
} aio = { .file = -1 };

static int start_aio(void)
{
	if (!syscall(SYS_io_setup, AIO_EVENTS, &aio.context))
		aio.file = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (aio.file < 0)
		aio.error = -errno;
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

static struct eventfd_ctx *make_ctx(int fd)
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

/**
 * eventfd_ctx_fdget() - a context for an eventfd
 * @fd: descriptor of the process, not of one of the runtime's tables; it may be
 *	closed afterwards
 *
 * Each call makes a new context; in a kernel all of one eventfd share theirs.
 *
 * Context: may sleep.
 * Return: the context with one reference; ERR_PTR(-EBADF) if @fd is not open;
 * ERR_PTR(-EINVAL) if it is no eventfd; ERR_PTR(-EOPNOTSUPP) where the host has
 * no way to signal it that never waits; ERR_PTR(-EMFILE), ERR_PTR(-ENOMEM).
 */
struct eventfd_ctx *eventfd_ctx_fdget(int fd)
{
	struct eventfd_ctx *ctx = make_ctx(fd);

	if (IS_ERR(ctx) || aio.file >= 0)
		return ctx;
	pr_err_ratelimited("eventfd: no interrupts, for which asynchronous requests are needed: "
			   "io_setup(2) did not work at the start, %pe; see fs.aio-max-nr, and "
			   "start again\n",
			   ERR_PTR(aio.error));
	eventfd_ctx_put(ctx);
	return ERR_PTR(-EOPNOTSUPP);
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

/* Add 1, or nothing where that would be too much, by a request, which has ended at the return. */
static bool add_one(struct eventfd_ctx *ctx)
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

	while ((ret = syscall(SYS_io_submit, aio.context, 1, requests)) < 0 && errno == EAGAIN)
		syscall(SYS_io_getevents, aio.context, 0, AIO_EVENTS, events, NULL);
	return ret == 1;
}

/**
 * eventfd_signal() - add to an eventfd's counter
 * @ctx: the context
 * @n: how much; of more than 4096, 4096 are added
 *
 * A counter that has come to ULLONG_MAX stays there. This never waits, whatever
 * others do to the eventfd.
 *
 * Context: any; @n system calls or twice as many.
 * Return: what was added: @n, or less where the counter has come to its end.
 */
__u64 eventfd_signal(struct eventfd_ctx *ctx, __u64 n)
{
	__u64 added = 0;

	if (n > SIGNAL_MAX)
		n = SIGNAL_MAX;
	/* The end is what poll(2) calls an error of the eventfd. */
	while (added < n && !is_ready(ctx, POLLERR) && add_one(ctx))
		added++;
	return added;
}
EXPORT_SYMBOL_GPL(eventfd_signal);

/**
 * eventfd_ctx_do_read() - take an eventfd's counter and set it to 0
 * @ctx: the context
 * @cnt: the counter, 0 if it was not signalled; 1 of it for a semaphore
 *
 * On hosts before Linux 5.8 a counter cannot be taken but by a read(2) that may
 * wait. So there it is not: @cnt is 1 for one that is not 0, and it stays.
 *
 * Context: any; does not wait.
 */
void eventfd_ctx_do_read(struct eventfd_ctx *ctx, __u64 *cnt)
{
	struct iovec iov = { .iov_base = cnt, .iov_len = sizeof(*cnt) };
	ssize_t len = preadv2(ctx->fd, &iov, 1, -1, RWF_NOWAIT);

	if (len != sizeof(*cnt))
		*cnt = len < 0 && errno != EAGAIN && is_ready(ctx, POLLIN);
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
 * Its context is one to listen with; it can be signalled where
 * eventfd_ctx_fdget() gives one.
 *
 * Context: may sleep.
 * Return: the file with one reference; other errors as of eventfd_ctx_fdget().
 */
struct file *eventfd_fget(int fd)
{
	struct eventfd_ctx *ctx = make_ctx(fd);
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
