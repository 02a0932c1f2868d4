// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * virqfd: a driver listens to an eventfd of its user, with which the user unmasks an interrupt or
 * triggers something else without an ioctl.
 *
 * virqfd_lock covers the drivers' pointers to their virqfds: whoever takes such a pointer away
 * queues the virqfd's shutdown, so that this happens once. Signals arrive under the lock of the
 * eventfd's wait queue and take no other lock here.
 *
 * There is no end of an eventfd to listen for: the context has a descriptor of its own, so the file
 * stays when all of the user's are closed, and EPOLLHUP does not come.
 */
#include <linux/vfio.h>

#include <linux/err.h>
#include <linux/errno.h>
#include <linux/eventfd.h>
#include <linux/export.h>
#include <linux/file.h>
#include <linux/init.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

static struct workqueue_struct *virqfd_cleanup_wq;
static DEFINE_SPINLOCK(virqfd_lock);

/* Whoever takes the count of a signal calls the callbacks, so that they come once for it. */
static void virqfd_signalled(struct virqfd *virqfd)
{
	u64 count;

	eventfd_ctx_do_read(virqfd->eventfd, &count);
	if (!count)
		return;
	if (virqfd->handler && !virqfd->handler(virqfd->opaque, virqfd->data))
		return;
	if (virqfd->thread)
		schedule_work(&virqfd->inject);
}

static int virqfd_wakeup(wait_queue_entry_t *wait, unsigned int mode, int sync, void *key)
{
	struct virqfd *virqfd = container_of(wait, struct virqfd, wait);

	if (key_to_poll(key) & EPOLLIN)
		virqfd_signalled(virqfd);
	return 0;
}

static void virqfd_queue_proc(struct file *file, wait_queue_head_t *wqh, poll_table *pt)
{
	struct virqfd *virqfd = container_of(pt, struct virqfd, pt);

	add_wait_queue(wqh, &virqfd->wait);
}

static void virqfd_inject(struct work_struct *work)
{
	struct virqfd *virqfd = container_of(work, struct virqfd, inject);

	virqfd->thread(virqfd->opaque, virqfd->data);
}

static void virqfd_flush_inject(struct work_struct *work)
{
	struct virqfd *virqfd = container_of(work, struct virqfd, flush_inject);

	flush_work(&virqfd->inject);
}

/* No signal is in progress once we are off the wait queue, and none will queue the thread again. */
static void virqfd_shutdown(struct work_struct *work)
{
	struct virqfd *virqfd = container_of(work, struct virqfd, shutdown);
	u64 count;

	eventfd_ctx_remove_wait_queue(virqfd->eventfd, &virqfd->wait, &count);
	flush_work(&virqfd->inject);
	eventfd_ctx_put(virqfd->eventfd);
	kfree(virqfd);
}

/* Make it the driver's, unless that has one: 0 or -EBUSY. */
static int virqfd_install(struct virqfd *virqfd)
{
	int ret = 0;

	spin_lock_irq(&virqfd_lock);
	if (*virqfd->pvirqfd)
		ret = -EBUSY;
	else
		*virqfd->pvirqfd = virqfd;
	spin_unlock_irq(&virqfd_lock);
	return ret;
}

/**
 * vfio_virqfd_enable - listen to a user's eventfd
 * @opaque: first argument of the callbacks
 * @handler: called at each signal, in a context that may not sleep. If it returns non-zero, or is
 *	NULL, @thread is called too
 * @thread: called from a work queue after signals, once or more often; may sleep; may be NULL
 * @data: second argument of the callbacks
 * @pvirqfd: where the driver keeps its pointer, which vfio_virqfd_disable() sets to NULL again
 * @fd: the eventfd. Its count is consumed; if it is signalled already the callbacks follow at once
 *
 * The caller serialises this with vfio_virqfd_disable() of the same @pvirqfd. A user that closes the
 * eventfd does not end it: it stays open, for others that have it too, until vfio_virqfd_disable().
 * In Linux, the last one to close it makes @pvirqfd NULL.
 *
 * Context: may sleep.
 * Return: 0; -EBUSY: there is one at @pvirqfd already; -EBADF: @fd is not open; -EINVAL: it is not
 * an eventfd; -ENOMEM.
 */
int vfio_virqfd_enable(void *opaque, int (*handler)(void *opaque, void *data),
		       void (*thread)(void *opaque, void *data), void *data,
		       struct virqfd **pvirqfd, int fd)
{
	struct virqfd *virqfd;
	struct file *file;
	__poll_t events;
	int ret;

	virqfd = kzalloc(sizeof(*virqfd), GFP_KERNEL);
	if (!virqfd)
		return -ENOMEM;
	virqfd->opaque = opaque;
	virqfd->handler = handler;
	virqfd->thread = thread;
	virqfd->data = data;
	virqfd->pvirqfd = pvirqfd;
	INIT_WORK(&virqfd->inject, virqfd_inject);
	INIT_WORK(&virqfd->shutdown, virqfd_shutdown);
	INIT_WORK(&virqfd->flush_inject, virqfd_flush_inject);
	init_waitqueue_func_entry(&virqfd->wait, virqfd_wakeup);
	init_poll_funcptr(&virqfd->pt, virqfd_queue_proc);

	file = eventfd_fget(fd);
	if (IS_ERR(file)) {
		ret = PTR_ERR(file);
		goto err_free;
	}
	virqfd->eventfd = eventfd_ctx_fileget(file);
	if (IS_ERR(virqfd->eventfd)) {
		ret = PTR_ERR(virqfd->eventfd);
		goto err_fput;
	}

	ret = virqfd_install(virqfd);
	if (ret)
		goto err_put_eventfd;

	events = vfs_poll(file, &virqfd->pt);
	/* Signals from before we were in the wait queue do not wake us. */
	if (events & EPOLLIN)
		virqfd_signalled(virqfd);
	fput(file);
	if (events & EPOLLERR) {
		/* It cannot be watched; from here on it is the shutdown that takes it down. */
		vfio_virqfd_disable(pvirqfd);
		return -ENOMEM;
	}
	return 0;

err_put_eventfd:
	eventfd_ctx_put(virqfd->eventfd);
err_fput:
	fput(file);
err_free:
	kfree(virqfd);
	return ret;
}
EXPORT_SYMBOL_GPL(vfio_virqfd_enable);

/**
 * vfio_virqfd_disable - stop listening
 * @pvirqfd: the driver's pointer; NULL there is fine
 *
 * On return no callback is running and none will be called any more.
 *
 * Context: may sleep; not from a callback, nor with a lock that one takes.
 */
void vfio_virqfd_disable(struct virqfd **pvirqfd)
{
	spin_lock_irq(&virqfd_lock);
	if (*pvirqfd) {
		queue_work(virqfd_cleanup_wq, &(*pvirqfd)->shutdown);
		*pvirqfd = NULL;
	}
	spin_unlock_irq(&virqfd_lock);

	/* Even if another call came first, the shutdown may still be in progress. */
	flush_workqueue(virqfd_cleanup_wq);
}
EXPORT_SYMBOL_GPL(vfio_virqfd_disable);

/**
 * vfio_virqfd_flush_thread - wait for the thread callbacks of past signals
 * @pvirqfd: the driver's pointer; NULL there is fine
 *
 * Context: may sleep; not from a callback, nor with a lock that one takes.
 */
void vfio_virqfd_flush_thread(struct virqfd **pvirqfd)
{
	spin_lock_irq(&virqfd_lock);
	if (*pvirqfd && (*pvirqfd)->thread)
		queue_work(virqfd_cleanup_wq, &(*pvirqfd)->flush_inject);
	spin_unlock_irq(&virqfd_lock);

	flush_workqueue(virqfd_cleanup_wq);
}
EXPORT_SYMBOL_GPL(vfio_virqfd_flush_thread);

static int __init vfio_virqfd_init(void)
{
	virqfd_cleanup_wq = create_singlethread_workqueue("vfio-irqfd-cleanup");
	return virqfd_cleanup_wq ? 0 : -ENOMEM;
}
module_init(vfio_virqfd_init);

static void __exit vfio_virqfd_exit(void)
{
	destroy_workqueue(virqfd_cleanup_wq);
}
module_exit(vfio_virqfd_exit);
