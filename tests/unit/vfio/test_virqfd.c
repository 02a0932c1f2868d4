// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* Drivers that listen to eventfds of their users (M26). */
#include "vfio_test.h"

#include <linux/jiffies.h>
#include <linux/string.h>

#include <fcntl.h>
#include <sys/eventfd.h>
#include <umdev/runtime.h>
#include <unistd.h>

/* An interrupt that its user unmasks by an eventfd, as vfio-pci has it. */
struct irq {
	struct virqfd *unmask;
	struct completion handled, threaded;
	int handler_answer;
	atomic_t handler_calls, thread_calls;
};

static int handler(void *opaque, void *data)
{
	struct irq *irq = opaque;

	atomic_inc(&irq->handler_calls);
	complete(&irq->handled);
	assert_ptr_equal(data, irq);
	return irq->handler_answer;
}

static void thread(void *opaque, void *data)
{
	struct irq *irq = opaque;

	atomic_inc(&irq->thread_calls);
	complete(&irq->threaded);
}

static void irq_init(struct irq *irq, int handler_answer)
{
	memset(irq, 0, sizeof(*irq));
	init_completion(&irq->handled);
	init_completion(&irq->threaded);
	irq->handler_answer = handler_answer;
}

static void signal_fd(int fd)
{
	assert_int_equal(eventfd_write(fd, 1), 0);
}

static void a_signal_calls_the_handler_and_is_consumed(void **state)
{
	int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	struct irq irq;
	eventfd_t value;

	irq_init(&irq, 0);
	assert_int_equal(vfio_virqfd_enable(&irq, handler, thread, &irq, &irq.unmask, fd), 0);
	assert_non_null(irq.unmask);
	signal_fd(fd);
	assert_true(vtest_wait(&irq.handled));
	signal_fd(fd);
	assert_true(vtest_wait(&irq.handled));
	vfio_virqfd_disable(&irq.unmask);
	assert_null(irq.unmask);
	assert_int_equal(atomic_read(&irq.thread_calls), 0);
	assert_int_equal(eventfd_read(fd, &value), -1);
	close(fd);
}

static void the_thread_follows_where_the_handler_wants_it(void **state)
{
	int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	struct irq irq;

	irq_init(&irq, 1);
	assert_int_equal(vfio_virqfd_enable(&irq, handler, thread, &irq, &irq.unmask, fd), 0);
	signal_fd(fd);
	assert_true(vtest_wait(&irq.handled));
	assert_true(vtest_wait(&irq.threaded));
	vfio_virqfd_disable(&irq.unmask);

	irq_init(&irq, 0);
	assert_int_equal(vfio_virqfd_enable(&irq, NULL, thread, &irq, &irq.unmask, fd), 0);
	signal_fd(fd);
	assert_true(vtest_wait(&irq.threaded));
	vfio_virqfd_flush_thread(&irq.unmask);
	vfio_virqfd_disable(&irq.unmask);
	assert_int_equal(atomic_read(&irq.handler_calls), 0);
	close(fd);
}

static void an_eventfd_that_is_signalled_already_counts(void **state)
{
	int fd = eventfd(3, EFD_NONBLOCK | EFD_CLOEXEC);
	struct irq irq;

	irq_init(&irq, 0);
	assert_int_equal(vfio_virqfd_enable(&irq, handler, NULL, &irq, &irq.unmask, fd), 0);
	assert_true(vtest_wait(&irq.handled));
	signal_fd(fd);
	assert_true(vtest_wait(&irq.handled));
	vfio_virqfd_disable(&irq.unmask);
	assert_int_equal(atomic_read(&irq.handler_calls), 2);
	close(fd);
}

static void only_one_eventfd_and_no_other_file_is_taken(void **state)
{
	int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	struct virqfd *first;
	struct irq irq;

	irq_init(&irq, 0);
	assert_int_equal(vfio_virqfd_enable(&irq, handler, NULL, &irq, &irq.unmask, null), -EINVAL);
	assert_int_equal(vfio_virqfd_enable(&irq, handler, NULL, &irq, &irq.unmask, 9999), -EBADF);
	assert_null(irq.unmask);
	assert_int_equal(vfio_virqfd_enable(&irq, handler, NULL, &irq, &irq.unmask, fd), 0);
	first = irq.unmask;
	assert_int_equal(vfio_virqfd_enable(&irq, handler, NULL, &irq, &irq.unmask, fd), -EBUSY);
	assert_ptr_equal(irq.unmask, first);
	vfio_virqfd_disable(&irq.unmask);
	vfio_virqfd_disable(&irq.unmask);
	vfio_virqfd_flush_thread(&irq.unmask);
	close(null);
	close(fd);
}

static void the_user_may_close_the_eventfd_and_it_goes_on(void **state)
{
	int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), other = dup(fd);
	struct umdev_runtime_counts before, after;
	struct irq irq;

	umdev_runtime_counts(&before);
	irq_init(&irq, 0);
	assert_int_equal(vfio_virqfd_enable(&irq, handler, NULL, &irq, &irq.unmask, fd), 0);
	close(fd);
	signal_fd(other);
	assert_true(vtest_wait(&irq.handled));
	close(other);
	assert_non_null(irq.unmask);

	fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	assert_int_equal(vfio_virqfd_enable(&irq, handler, NULL, &irq, &irq.unmask, fd), -EBUSY);
	vfio_virqfd_disable(&irq.unmask);
	assert_null(irq.unmask);
	umdev_runtime_counts(&after);
	assert_int_equal(after.eventfds, before.eventfds);
	close(fd);
}

static void no_callback_comes_after_disable(void **state)
{
	int round, calls;

	for (round = 0; round < 100; round++) {
		int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
		struct irq irq;

		irq_init(&irq, 1);
		assert_int_equal(vfio_virqfd_enable(&irq, handler, thread, &irq, &irq.unmask, fd),
				 0);
		signal_fd(fd);
		vfio_virqfd_disable(&irq.unmask);
		calls = atomic_read(&irq.handler_calls);
		signal_fd(fd);
		assert_int_equal(atomic_read(&irq.handler_calls), calls);
		assert_int_equal(atomic_read(&irq.thread_calls), calls);
		close(fd);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_signal_calls_the_handler_and_is_consumed),
		cmocka_unit_test(the_thread_follows_where_the_handler_wants_it),
		cmocka_unit_test(an_eventfd_that_is_signalled_already_counts),
		cmocka_unit_test(only_one_eventfd_and_no_other_file_is_taken),
		cmocka_unit_test(the_user_may_close_the_eventfd_and_it_goes_on),
		cmocka_unit_test(no_callback_comes_after_disable),
	};

	return vtest_run(tests);
}
