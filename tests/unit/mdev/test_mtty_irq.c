// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* mtty's interrupts, and a driver that lives on them. Rows M12, M20. */
#include "mdev_testing.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include <linux/pci.h>
#include <linux/vfio.h>
#include <uapi/linux/serial_reg.h>

#define DEV MTTY_DIR "/" UUID_A

#define INTX VFIO_PCI_INTX_IRQ_INDEX
#define MSI  VFIO_PCI_MSI_IRQ_INDEX
#define REQ  VFIO_PCI_REQ_IRQ_INDEX

#define NONE	VFIO_IRQ_SET_DATA_NONE
#define BOOL	VFIO_IRQ_SET_DATA_BOOL
#define MASK	VFIO_IRQ_SET_ACTION_MASK
#define UNMASK	VFIO_IRQ_SET_ACTION_UNMASK
#define TRIGGER VFIO_IRQ_SET_ACTION_TRIGGER

static struct test_user user;
static int intx;
static int msi;

static int setup(void **state)
{
	test_start();
	test_load("mtty", NULL);
	return 0;
}

static int teardown(void **state)
{
	test_stop();
	return 0;
}

static int open_device(void **state)
{
	assert_int_equal(tree_write(MTTY_TYPE "/mtty-2/create", UUID_A), 0);
	assert_int_equal(user_open(&user, DEV), 0);
	intx = eventfd_new();
	msi = eventfd_new();
	return 0;
}

static int close_device(void **state)
{
	user_close(&user);
	assert_int_equal(tree_write(DEV "/remove", "1"), 0);
	close(intx);
	close(msi);
	return 0;
}

static u8 port_in(unsigned int port, unsigned int reg)
{
	u8 val = 0;

	assert_int_equal(user_read(&user, port, reg, &val, 1), 1);
	return val;
}

static void port_out(unsigned int port, unsigned int reg, u8 val)
{
	assert_int_equal(user_write(&user, port, reg, &val, 1), 1);
}

static void listen_intx(void)
{
	assert_int_equal(user_set_irq_fd(&user, INTX, TRIGGER, intx), 0);
}

static void unmask(void)
{
	assert_int_equal(user_set_irq(&user, INTX, NONE | UNMASK, 1, 0), 0);
}

/* Make a port's line rise and fall by its transmitter's interrupt. */
static void raise_line(unsigned int port)
{
	port_out(port, UART_IER, UART_IER_THRI);
}

static void lower_line(unsigned int port)
{
	port_out(port, UART_IER, 0);
}

static void intx_is_signalled_once_and_masks_itself(void **state)
{
	listen_intx();
	raise_line(0);
	assert_int_equal(eventfd_take(intx), 1);
	lower_line(0);
	raise_line(0);
	assert_int_equal(eventfd_take(intx), 0);
}

static void intx_is_signalled_again_at_unmask_while_it_is_asserted(void **state)
{
	listen_intx();
	raise_line(0);
	assert_int_equal(eventfd_take(intx), 1);
	unmask();
	assert_int_equal(eventfd_take(intx), 1);
	lower_line(0);
	unmask();
	assert_int_equal(eventfd_take(intx), 0);
	raise_line(0);
	assert_int_equal(eventfd_take(intx), 1);
}

static void a_masked_intx_waits_for_its_unmask(void **state)
{
	listen_intx();
	assert_int_equal(user_set_irq(&user, INTX, BOOL | MASK, 1, 0), 0);
	assert_int_equal(user_set_irq(&user, INTX, BOOL | MASK, 1, 1), 0);
	raise_line(0);
	assert_int_equal(eventfd_take(intx), 0);
	assert_int_equal(user_set_irq(&user, INTX, BOOL | UNMASK, 1, 0), 0);
	assert_int_equal(eventfd_take(intx), 0);
	assert_int_equal(user_set_irq(&user, INTX, BOOL | UNMASK, 1, 1), 0);
	assert_int_equal(eventfd_take(intx), 1);

	assert_int_equal(user_set_irq(&user, INTX, NONE | MASK, 1, 0), 0);
	lower_line(0);
	unmask();
	assert_int_equal(eventfd_take(intx), 0);
}

static void intx_is_the_line_of_both_ports(void **state)
{
	listen_intx();
	raise_line(0);
	raise_line(1);
	assert_int_equal(eventfd_take(intx), 1);
	lower_line(0);
	unmask();
	assert_int_equal(eventfd_take(intx), 1);
	lower_line(1);
	unmask();
	assert_int_equal(eventfd_take(intx), 0);
}

static void who_begins_to_listen_hears_of_an_asserted_intx(void **state)
{
	raise_line(0);
	listen_intx();
	assert_int_equal(eventfd_take(intx), 1);
}

static void an_eventfd_unmasks_intx(void **state)
{
	int fd = eventfd_new();
	u64 one = 1;
	unsigned int i;

	listen_intx();
	assert_int_equal(user_set_irq_fd(&user, INTX, UNMASK, fd), 0);
	assert_int_equal(user_set_irq_fd(&user, INTX, UNMASK, fd), -EBUSY);
	raise_line(0);
	for (i = 0; i < 10; i++) {
		assert_int_equal(eventfd_await(intx), 1);
		assert_int_equal(write(fd, &one, sizeof(one)), sizeof(one));
	}
	assert_int_equal(eventfd_await(intx), 1);

	assert_int_equal(user_set_irq_fd(&user, INTX, UNMASK, -1), 0);
	assert_int_equal(write(fd, &one, sizeof(one)), sizeof(one));
	assert_int_equal(user_set_irq_fd(&user, INTX, UNMASK, -1), 0);
	assert_int_equal(eventfd_take(intx), 0);
	close(fd);
}

static void one_eventfd_may_both_signal_and_unmask(void **state)
{
	listen_intx();
	assert_int_equal(user_set_irq_fd(&user, INTX, UNMASK, intx), 0);
	raise_line(0);
	eventfd_await(intx);
	lower_line(0);
	assert_int_equal(port_in(0, UART_IER), 0);
	assert_int_equal(user_set_irq_fd(&user, INTX, UNMASK, -1), 0);
}

static void the_command_registers_bit_disables_intx(void **state)
{
	const u8 disabled = PCI_COMMAND_INTX_DISABLE >> 8, enabled = 0;
	u8 status = 0;

	listen_intx();
	assert_int_equal(
		user_write(&user, VFIO_PCI_CONFIG_REGION_INDEX, PCI_COMMAND + 1, &disabled, 1), 1);
	raise_line(0);
	assert_int_equal(eventfd_take(intx), 0);
	assert_int_equal(user_read(&user, VFIO_PCI_CONFIG_REGION_INDEX, PCI_STATUS, &status, 1), 1);
	assert_true(status & PCI_STATUS_INTERRUPT);

	assert_int_equal(
		user_write(&user, VFIO_PCI_CONFIG_REGION_INDEX, PCI_COMMAND + 1, &enabled, 1), 1);
	assert_int_equal(eventfd_take(intx), 1);
	lower_line(0);
	assert_int_equal(user_read(&user, VFIO_PCI_CONFIG_REGION_INDEX, PCI_STATUS, &status, 1), 1);
	assert_false(status & PCI_STATUS_INTERRUPT);
}

static void msi_is_signalled_for_each_new_cause(void **state)
{
	assert_int_equal(user_set_irq_fd(&user, MSI, TRIGGER, msi), 0);
	port_out(0, UART_LCR, UART_LCR_WLEN8);
	raise_line(0);
	assert_int_equal(eventfd_take(msi), 1);

	/* Another one of the same port, and then of the other, while the first is due. */
	port_out(0, UART_IER, UART_IER_THRI | UART_IER_RDI);
	assert_int_equal(eventfd_take(msi), 0);
	port_out(0, UART_TX, 'x');
	assert_int_equal(eventfd_take(msi), 1);
	raise_line(1);
	assert_int_equal(eventfd_take(msi), 1);

	assert_int_equal(port_in(0, UART_RX), 'x');
	assert_int_equal(eventfd_take(msi), 0);
	port_out(0, UART_TX, 'y');
	assert_int_equal(eventfd_take(msi), 1);
}

static void msi_takes_the_place_of_intx(void **state)
{
	listen_intx();
	assert_int_equal(user_set_irq_fd(&user, MSI, TRIGGER, msi), 0);
	raise_line(0);
	assert_int_equal(eventfd_take(msi), 1);
	assert_int_equal(eventfd_take(intx), 0);

	assert_int_equal(user_set_irq(&user, MSI, NONE | TRIGGER, 0, 0), 0);
	assert_int_equal(eventfd_take(intx), 1);
	lower_line(0);
	raise_line(0);
	assert_int_equal(eventfd_take(msi), 0);
}

static void who_begins_to_listen_hears_of_a_due_msi(void **state)
{
	raise_line(0);
	assert_int_equal(user_set_irq_fd(&user, MSI, TRIGGER, msi), 0);
	assert_int_equal(eventfd_take(msi), 1);
}

static void interrupts_can_be_turned_off(void **state)
{
	listen_intx();
	assert_int_equal(user_set_irq(&user, INTX, NONE | TRIGGER, 0, 0), 0);
	raise_line(0);
	assert_int_equal(eventfd_take(intx), 0);

	listen_intx();
	assert_int_equal(eventfd_take(intx), 1);
	assert_int_equal(user_set_irq_fd(&user, INTX, TRIGGER, -1), 0);
	unmask();
	assert_int_equal(eventfd_take(intx), 0);
}

static void each_interrupt_can_be_tried_out(void **state)
{
	static const u32 index[] = { INTX, MSI, REQ };
	int fd = eventfd_new();
	unsigned int i;

	for (i = 0; i < 3; i++) {
		assert_int_equal(user_set_irq_fd(&user, index[i], TRIGGER, fd), 0);
		assert_int_equal(user_set_irq(&user, index[i], NONE | TRIGGER, 1, 0), 0);
		assert_int_equal(eventfd_take(fd), 1);
		assert_int_equal(user_set_irq(&user, index[i], BOOL | TRIGGER, 1, 1), 0);
		assert_int_equal(eventfd_take(fd), 1);
		assert_int_equal(user_set_irq(&user, index[i], BOOL | TRIGGER, 1, 0), 0);
		assert_int_equal(eventfd_take(fd), 0);
		assert_int_equal(user_set_irq(&user, index[i], NONE | TRIGGER, 0, 0), 0);
		assert_int_equal(user_set_irq(&user, index[i], NONE | TRIGGER, 1, 0), 0);
		assert_int_equal(eventfd_take(fd), 0);
	}
	close(fd);
}

static void what_makes_no_sense_is_refused_and_changes_nothing(void **state)
{
	int pipe_fd[2];

	listen_intx();
	assert_int_equal(pipe(pipe_fd), 0);
	assert_int_equal(user_set_irq_fd(&user, INTX, TRIGGER, pipe_fd[0]), -EINVAL);
	assert_int_equal(user_set_irq_fd(&user, INTX, UNMASK, pipe_fd[0]), -EINVAL);
	assert_int_equal(user_set_irq_fd(&user, INTX, TRIGGER, 1 << 20), -EBADF);
	assert_int_equal(user_set_irq_fd(&user, INTX, UNMASK, 1 << 20), -EBADF);
	close(pipe_fd[0]);
	close(pipe_fd[1]);

	assert_int_equal(user_set_irq_fd(&user, INTX, MASK, msi), -ENOTTY);
	assert_int_equal(user_set_irq(&user, MSI, NONE | MASK, 1, 0), -ENOTTY);
	assert_int_equal(user_set_irq(&user, REQ, NONE | UNMASK, 1, 0), -ENOTTY);
	assert_int_equal(user_set_irq(&user, INTX, NONE | MASK, 0, 0), -EINVAL);
	assert_int_equal(user_set_irq(&user, INTX, NONE | TRIGGER, 2, 0), -EINVAL);
	assert_int_equal(user_set_irq(&user, INTX, NONE | TRIGGER, 0xffffffff, 0), -EINVAL);
	assert_int_equal(user_set_irq(&user, INTX, NONE, 1, 0), -EINVAL);
	assert_int_equal(user_set_irq(&user, INTX, TRIGGER, 1, 0), -EINVAL);
	assert_int_equal(user_set_irq(&user, INTX, NONE | MASK | UNMASK, 1, 0), -EINVAL);
	assert_int_equal(user_set_irq(&user, INTX, NONE | BOOL | TRIGGER, 1, 0), -EINVAL);
	assert_int_equal(user_set_irq(&user, INTX, NONE | TRIGGER | 1u << 31, 1, 0), -EINVAL);
	assert_int_equal(user_set_irq(&user, VFIO_PCI_MSIX_IRQ_INDEX, NONE | TRIGGER, 1, 0),
			 -EINVAL);
	assert_int_equal(user_set_irq(&user, VFIO_PCI_ERR_IRQ_INDEX, NONE | TRIGGER, 1, 0),
			 -EINVAL);
	assert_int_equal(user_set_irq(&user, VFIO_PCI_NUM_IRQS, NONE | TRIGGER, 1, 0), -EINVAL);

	raise_line(0);
	assert_int_equal(eventfd_take(intx), 1);
	assert_int_equal(eventfd_take(msi), 0);
}

static void a_reset_takes_the_line_down_and_keeps_the_listener(void **state)
{
	listen_intx();
	raise_line(0);
	assert_int_equal(eventfd_take(intx), 1);
	assert_int_equal(user_ioctl(user.device, VFIO_DEVICE_RESET, NULL), 0);
	unmask();
	assert_int_equal(eventfd_take(intx), 0);
	raise_line(0);
	assert_int_equal(eventfd_take(intx), 1);
}

static void the_last_close_turns_interrupts_off(void **state)
{
	int fd = eventfd_new();

	listen_intx();
	assert_int_equal(user_set_irq_fd(&user, MSI, TRIGGER, msi), 0);
	assert_int_equal(user_set_irq_fd(&user, INTX, UNMASK, fd), 0);
	user_close(&user);

	assert_int_equal(user_open(&user, DEV), 0);
	raise_line(0);
	assert_int_equal(eventfd_take(intx), 0);
	assert_int_equal(eventfd_take(msi), 0);
	assert_int_equal(user_set_irq_fd(&user, INTX, UNMASK, fd), 0);
	close(fd);
}

static void *remove_device(void *arg)
{
	*(int *)arg = tree_write(DEV "/remove", "1");
	return NULL;
}

static void m12_the_user_is_asked_through_his_eventfd(void **state)
{
	unsigned int mark = log_mark();
	int fd = eventfd_new();
	pthread_t thread;
	int ret = -1;

	assert_int_equal(user_set_irq_fd(&user, REQ, TRIGGER, fd), 0);
	assert_int_equal(pthread_create(&thread, NULL, remove_device, &ret), 0);
	assert_int_equal(eventfd_await(fd), 1);
	log_wait(mark, UUID_A ": Relaying device request to user (#0)");
	user_close(&user);
	pthread_join(thread, NULL);
	assert_int_equal(ret, 0);
	close(fd);
	assert_int_equal(open_device(state), 0);
}

static void m12_without_his_eventfd_the_log_says_what_to_do(void **state)
{
	unsigned int mark = log_mark();
	pthread_t thread;
	int ret = -1;

	assert_int_equal(pthread_create(&thread, NULL, remove_device, &ret), 0);
	log_wait(mark, UUID_A ": No device request channel registered, blocked until released by "
			      "user: ");
	user_close(&user);
	pthread_join(thread, NULL);
	assert_int_equal(ret, 0);
	assert_int_equal(open_device(state), 0);
}

/*
 * A driver that does what Linux's 8250 driver does in its interrupt handler: read, fill the
 * transmitter when it is empty, until the port has no interrupt left. It is slower at reading than
 * at writing, so that what it sends has to wait for room in the receiver.
 */
struct transfer {
	unsigned int port;
	u8 *sent;
	u8 *received;
	size_t len;
	size_t tx;
	size_t rx;
};

static void transfer_handle(struct transfer *transfer)
{
	unsigned int i;

	while (!(port_in(transfer->port, UART_IIR) & UART_IIR_NO_INT)) {
		u8 lsr = port_in(transfer->port, UART_LSR);

		assert_false(lsr & UART_LSR_OE);
		for (i = 0; i < 5 && (lsr & UART_LSR_DR); i++) {
			assert_true(transfer->rx < transfer->len);
			transfer->received[transfer->rx++] = port_in(transfer->port, UART_RX);
			lsr = port_in(transfer->port, UART_LSR);
			assert_false(lsr & UART_LSR_OE);
		}
		if (!(lsr & UART_LSR_THRE))
			continue;
		for (i = 0; i < 16 && transfer->tx < transfer->len; i++)
			port_out(transfer->port, UART_TX, transfer->sent[transfer->tx++]);
		if (transfer->tx == transfer->len)
			port_out(transfer->port, UART_IER, UART_IER_RDI | UART_IER_RLSI);
	}
}

#define TRANSFER_LEN 4099

static void transfer_start(struct transfer *transfer, unsigned int port)
{
	size_t i;

	*transfer = (struct transfer){
		.port = port,
		.sent = malloc(TRANSFER_LEN),
		.received = calloc(1, TRANSFER_LEN),
		.len = TRANSFER_LEN,
	};
	for (i = 0; i < TRANSFER_LEN; i++)
		transfer->sent[i] = i * 7 + i / 256 + port;
	port_out(port, UART_LCR, UART_LCR_WLEN8);
	port_out(port, UART_FCR, UART_FCR_ENABLE_FIFO | UART_FCR_TRIGGER_8);
	port_out(port, UART_IER, UART_IER_RDI | UART_IER_RLSI);
	port_out(port, UART_IER, UART_IER_RDI | UART_IER_RLSI | UART_IER_THRI);
}

static void transfer_finish(struct transfer *transfer)
{
	assert_memory_equal(transfer->sent, transfer->received, TRANSFER_LEN);
	free(transfer->sent);
	free(transfer->received);
}

static void run_transfers(int fd, bool level)
{
	struct transfer transfer[2];

	transfer_start(&transfer[0], 0);
	transfer_start(&transfer[1], 1);
	while (transfer[0].rx < TRANSFER_LEN || transfer[1].rx < TRANSFER_LEN) {
		eventfd_await(fd);
		transfer_handle(&transfer[0]);
		transfer_handle(&transfer[1]);
		if (level)
			unmask();
	}
	transfer_finish(&transfer[0]);
	transfer_finish(&transfer[1]);
}

static void a_driver_loses_nothing_with_intx(void **state)
{
	listen_intx();
	run_transfers(intx, true);
}

static void a_driver_loses_nothing_with_msi(void **state)
{
	assert_int_equal(user_set_irq_fd(&user, MSI, TRIGGER, msi), 0);
	run_transfers(msi, false);
}

/* One reads, one writes, one plays with the interrupts: for the sanitizers to look at. */
#define HAMMER_ROUNDS 500

static void *hammer_registers(void *arg)
{
	unsigned int port = (uintptr_t)arg;
	unsigned int i;
	u8 buf[8];

	for (i = 0; i < HAMMER_ROUNDS; i++) {
		memset(buf, i, sizeof(buf));
		user_write(&user, port, i % 8, buf, 1 + i % (8 - i % 8));
		user_read(&user, port, 0, buf, 8);
		user_read(&user, VFIO_PCI_CONFIG_REGION_INDEX, 4, buf, 4);
	}
	return NULL;
}

static void *hammer_interrupts(void *arg)
{
	int unmask_fd = eventfd_new();
	unsigned int i;
	u64 one = 1;

	for (i = 0; i < HAMMER_ROUNDS; i++) {
		user_set_irq_fd(&user, i % 3 ? INTX : MSI, TRIGGER, i % 5 ? intx : -1);
		user_set_irq_fd(&user, INTX, UNMASK, i % 7 ? unmask_fd : -1);
		user_set_irq(&user, INTX, NONE | UNMASK, 1, 0);
		if (write(unmask_fd, &one, sizeof(one)) < 0)
			break;
		if (i % 50 == 0)
			user_ioctl(user.device, VFIO_DEVICE_RESET, NULL);
	}
	user_set_irq_fd(&user, INTX, UNMASK, -1);
	close(unmask_fd);
	return NULL;
}

static void all_of_this_may_happen_at_once(void **state)
{
	pthread_t thread[3];
	unsigned int i;

	for (i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, hammer_registers,
						(void *)(uintptr_t)i),
				 0);
	assert_int_equal(pthread_create(&thread[2], NULL, hammer_interrupts, NULL), 0);
	for (i = 0; i < 3; i++)
		pthread_join(thread[i], NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_device, close_device)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(intx_is_signalled_once_and_masks_itself),
		TEST(intx_is_signalled_again_at_unmask_while_it_is_asserted),
		TEST(a_masked_intx_waits_for_its_unmask),
		TEST(intx_is_the_line_of_both_ports),
		TEST(who_begins_to_listen_hears_of_an_asserted_intx),
		TEST(an_eventfd_unmasks_intx),
		TEST(one_eventfd_may_both_signal_and_unmask),
		TEST(the_command_registers_bit_disables_intx),
		TEST(msi_is_signalled_for_each_new_cause),
		TEST(msi_takes_the_place_of_intx),
		TEST(who_begins_to_listen_hears_of_a_due_msi),
		TEST(interrupts_can_be_turned_off),
		TEST(each_interrupt_can_be_tried_out),
		TEST(what_makes_no_sense_is_refused_and_changes_nothing),
		TEST(a_reset_takes_the_line_down_and_keeps_the_listener),
		TEST(the_last_close_turns_interrupts_off),
		TEST(m12_the_user_is_asked_through_his_eventfd),
		TEST(m12_without_his_eventfd_the_log_says_what_to_do),
		TEST(a_driver_loses_nothing_with_intx),
		TEST(a_driver_loses_nothing_with_msi),
		TEST(all_of_this_may_happen_at_once),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
