// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* mtty's ports, register by register, through the BARs of a device. Row M20. */
#include "mdev_testing.h"

#include <errno.h>
#include <string.h>

#include <linux/vfio.h>
#include <uapi/linux/serial_reg.h>

#define DEV MTTY_DIR "/" UUID_A

#define FCR_ON	  UART_FCR_ENABLE_FIFO
#define FCR_CLEAR (UART_FCR_CLEAR_RCVR | UART_FCR_CLEAR_XMIT)
#define IIR_FIFO  0xc0
#define IIR_CTI	  0x0c

static struct test_user user;

/* Each test gets a device that has just been created. */
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
	return 0;
}

static int close_device(void **state)
{
	user_close(&user);
	assert_int_equal(tree_write(DEV "/remove", "1"), 0);
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

static u8 in(unsigned int reg)
{
	return port_in(0, reg);
}

static void out(unsigned int reg, u8 val)
{
	port_out(0, reg, val);
}

static void send(unsigned int nr, u8 first)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		out(UART_TX, first + i);
}

static void assert_received(unsigned int nr, u8 first)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		assert_true(in(UART_LSR)&UART_LSR_DR);
		assert_int_equal(in(UART_RX), (u8)(first + i));
	}
	assert_false(in(UART_LSR)&UART_LSR_DR);
}

static void registers_are_as_at_power_on(void **state)
{
	assert_int_equal(in(UART_IER), 0);
	assert_int_equal(in(UART_IIR), UART_IIR_NO_INT);
	assert_int_equal(in(UART_LCR), 0);
	assert_int_equal(in(UART_MCR), 0);
	assert_int_equal(in(UART_LSR), UART_LSR_TEMT | UART_LSR_THRE);
	assert_int_equal(in(UART_MSR), 0);
	assert_int_equal(in(UART_RX), 0);
}

static void unimplemented_bits_read_as_zero(void **state)
{
	out(UART_IER, 0xff);
	assert_int_equal(in(UART_IER), 0x0f);
	out(UART_MCR, 0xff);
	assert_int_equal(in(UART_MCR), 0x1f);
	out(UART_SCR, 0xa5);
	assert_int_equal(in(UART_SCR), 0xa5);
	out(UART_LCR, 0x7f);
	assert_int_equal(in(UART_LCR), 0x7f);
}

static void the_divisor_is_behind_dlab(void **state)
{
	out(UART_IER, UART_IER_MSI);
	out(UART_LCR, UART_LCR_DLAB);
	out(UART_DLL, 0x34);
	out(UART_DLM, 0x12);
	assert_int_equal(in(UART_DLL), 0x34);
	assert_int_equal(in(UART_DLM), 0x12);
	out(UART_LCR, UART_LCR_WLEN8);
	assert_int_equal(in(UART_IER), UART_IER_MSI);
	assert_false(in(UART_LSR)&UART_LSR_DR);
}

/* The steps by which Linux's 8250 driver tells a 16550A from its relatives. */
static void linux_takes_it_for_a_16550a(void **state)
{
	u8 mcr, status;
	unsigned int i;

	out(UART_IER, 0);
	assert_int_equal(in(UART_IER)&0x0f, 0);
	out(UART_IER, 0x0f);
	assert_int_equal(in(UART_IER)&0x0f, 0x0f);
	out(UART_IER, 0);

	mcr = in(UART_MCR);
	out(UART_MCR, UART_MCR_LOOP | UART_MCR_OUT2 | UART_MCR_RTS);
	assert_int_equal(in(UART_MSR)&0xf0, 0x90);
	out(UART_MCR, mcr);

	/* No enhanced features where a 16650 and later ones have them. */
	out(UART_LCR, UART_LCR_CONF_MODE_B);
	out(UART_EFR, 0);
	out(UART_LCR, 0);
	out(UART_FCR, FCR_ON);
	assert_int_equal(in(UART_IIR) >> 6, 3);
	out(UART_LCR, UART_LCR_CONF_MODE_A);
	assert_int_not_equal(in(UART_EFR), 0);
	out(UART_LCR, UART_LCR_CONF_MODE_B);
	assert_int_not_equal(in(UART_EFR), 0);

	/* No 64 byte FIFO, with or without DLAB. */
	out(UART_LCR, 0);
	out(UART_FCR, FCR_ON | UART_FCR7_64BYTE);
	assert_int_equal(in(UART_IIR) >> 5, 6);
	out(UART_LCR, UART_LCR_CONF_MODE_A);
	out(UART_FCR, FCR_ON | UART_FCR7_64BYTE);
	assert_int_equal(in(UART_IIR) >> 5, 6);
	out(UART_LCR, 0);

	/* No UART unit enable as an XScale's. */
	out(UART_IER, UART_IER_UUE);
	assert_false(in(UART_IER)&UART_IER_UUE);
	out(UART_IER, 0);

	/* As many characters come back in loopback as the FIFO is long. */
	out(UART_FCR, FCR_ON | FCR_CLEAR);
	out(UART_MCR, UART_MCR_LOOP);
	for (i = 0; i < 256; i++)
		out(UART_TX, i);
	for (i = 0; (status = in(UART_LSR)) & UART_LSR_DR; i++)
		assert_int_equal(in(UART_RX), i);
	assert_int_equal(i, 16);
	out(UART_MCR, 0);
}

static void what_is_sent_comes_back(void **state)
{
	out(UART_FCR, FCR_ON | FCR_CLEAR);
	out(UART_LCR, UART_LCR_WLEN8);
	send(16, 0xf8);
	assert_int_equal(in(UART_LSR), UART_LSR_DR | UART_LSR_THRE | UART_LSR_TEMT);
	assert_received(16, 0xf8);
}

static void ports_do_not_hear_each_other(void **state)
{
	port_out(0, UART_LCR, UART_LCR_WLEN8);
	port_out(0, UART_TX, 'x');
	assert_false(port_in(1, UART_LSR) & UART_LSR_DR);
	assert_int_equal(port_in(0, UART_RX), 'x');
}

static void characters_are_as_long_as_the_line_control_says(void **state)
{
	static const struct {
		u8 lcr;
		u8 expected;
	} words[] = {
		{ UART_LCR_WLEN5, 0x1f },
		{ UART_LCR_WLEN6, 0x3f },
		{ UART_LCR_WLEN7, 0x7f },
		{ UART_LCR_WLEN8, 0xff },
	};
	size_t i;

	for (i = 0; i < 4; i++) {
		out(UART_LCR, words[i].lcr);
		out(UART_TX, 0xff);
		assert_int_equal(in(UART_RX), words[i].expected);
	}
}

static void a_receiver_that_nobody_reads_overruns_and_keeps_the_oldest(void **state)
{
	out(UART_LCR, UART_LCR_WLEN8);
	out(UART_FCR, FCR_ON | FCR_CLEAR);
	send(18, 0);
	assert_int_equal(in(UART_LSR), UART_LSR_DR | UART_LSR_OE | UART_LSR_THRE | UART_LSR_TEMT);
	assert_int_equal(in(UART_LSR), UART_LSR_DR | UART_LSR_THRE | UART_LSR_TEMT);
	assert_received(16, 0);
}

static void without_fifo_an_overrun_keeps_the_newest(void **state)
{
	out(UART_LCR, UART_LCR_WLEN8);
	send(2, 'a');
	assert_true(in(UART_LSR)&UART_LSR_OE);
	assert_received(1, 'b');
}

static void with_the_receive_interrupt_on_the_sender_waits(void **state)
{
	unsigned int i;

	out(UART_LCR, UART_LCR_WLEN8);
	out(UART_FCR, FCR_ON | FCR_CLEAR);
	out(UART_IER, UART_IER_RDI);
	send(16, 0);
	assert_true(in(UART_LSR)&UART_LSR_THRE);
	send(16, 16);
	assert_int_equal(in(UART_LSR), UART_LSR_DR);

	for (i = 0; i < 15; i++)
		assert_int_equal(in(UART_RX), i);
	assert_false(in(UART_LSR)&UART_LSR_THRE);
	assert_int_equal(in(UART_RX), 15);
	assert_true(in(UART_LSR)&UART_LSR_THRE);
	assert_received(16, 16);
}

static void who_writes_to_a_full_transmitter_loses_the_last_character(void **state)
{
	out(UART_LCR, UART_LCR_WLEN8);
	out(UART_FCR, FCR_ON | FCR_CLEAR);
	out(UART_IER, UART_IER_RDI);
	send(33, 0);
	assert_int_equal(in(UART_LSR), UART_LSR_DR);
	while (in(UART_LSR)&UART_LSR_DR && in(UART_RX) != 30)
		;
	assert_int_equal(in(UART_RX), 32);
	assert_false(in(UART_LSR)&UART_LSR_DR);
}

static void nobody_waits_any_more_when_the_receive_interrupt_goes_off(void **state)
{
	out(UART_LCR, UART_LCR_WLEN8);
	out(UART_FCR, FCR_ON | FCR_CLEAR);
	out(UART_IER, UART_IER_RDI);
	send(20, 0);
	assert_false(in(UART_LSR)&UART_LSR_THRE);
	out(UART_IER, 0);
	assert_int_equal(in(UART_LSR), UART_LSR_DR | UART_LSR_OE | UART_LSR_THRE | UART_LSR_TEMT);
	assert_received(16, 0);
}

static void the_receive_interrupt_comes_at_the_trigger_level(void **state)
{
	static const struct {
		u8 fcr;
		unsigned int level;
	} triggers[] = {
		{ UART_FCR_TRIGGER_1, 1 },
		{ UART_FCR_TRIGGER_4, 4 },
		{ UART_FCR_TRIGGER_8, 8 },
		{ UART_FCR_TRIGGER_14, 14 },
	};
	unsigned int i, nr;

	for (i = 0; i < 4; i++) {
		out(UART_FCR, FCR_ON | FCR_CLEAR | triggers[i].fcr);
		out(UART_IER, UART_IER_RDI);
		for (nr = 1; nr <= 16; nr++) {
			out(UART_TX, nr);
			assert_int_equal(in(UART_IIR),
					 IIR_FIFO |
						 (nr < triggers[i].level ? IIR_CTI : UART_IIR_RDI));
		}
	}
}

static void characters_below_the_trigger_level_time_out_until_they_are_read(void **state)
{
	out(UART_LCR, UART_LCR_WLEN8);
	out(UART_FCR, FCR_ON | FCR_CLEAR | UART_FCR_TRIGGER_8);
	out(UART_IER, UART_IER_RDI);
	send(2, 'a');
	assert_int_equal(in(UART_IIR), IIR_FIFO | IIR_CTI);
	assert_int_equal(in(UART_RX), 'a');
	assert_int_equal(in(UART_IIR), IIR_FIFO | IIR_CTI);
	assert_int_equal(in(UART_RX), 'b');
	assert_int_equal(in(UART_IIR), IIR_FIFO | UART_IIR_NO_INT);
}

static void the_most_urgent_interrupt_is_shown_first(void **state)
{
	out(UART_LCR, UART_LCR_WLEN8);
	out(UART_FCR, FCR_ON | FCR_CLEAR);
	send(17, 0);
	out(UART_MCR, UART_MCR_RTS);
	out(UART_IER, 0x0f);

	assert_int_equal(in(UART_IIR), IIR_FIFO | UART_IIR_RLSI);
	in(UART_LSR);
	assert_int_equal(in(UART_IIR), IIR_FIFO | UART_IIR_RDI);
	while (in(UART_LSR)&UART_LSR_DR)
		in(UART_RX);
	assert_int_equal(in(UART_IIR), IIR_FIFO | UART_IIR_THRI);
	assert_int_equal(in(UART_IIR), IIR_FIFO | UART_IIR_MSI);
	assert_int_equal(in(UART_MSR), UART_MSR_CTS | UART_MSR_DCTS);
	assert_int_equal(in(UART_IIR), IIR_FIFO | UART_IIR_NO_INT);
}

static void the_transmitter_interrupt_ends_with_the_read_that_shows_it(void **state)
{
	out(UART_IER, UART_IER_THRI);
	assert_int_equal(in(UART_IIR), UART_IIR_THRI);
	assert_int_equal(in(UART_IIR), UART_IIR_NO_INT);

	/* Asked for anew, as by Linux's test for chips that don't do this. */
	out(UART_IER, 0);
	out(UART_IER, UART_IER_THRI);
	assert_int_equal(in(UART_IIR), UART_IIR_THRI);

	/* Enabled all the time, it is not repeated, until something was sent. */
	out(UART_IER, UART_IER_THRI);
	assert_int_equal(in(UART_IIR), UART_IIR_NO_INT);
	out(UART_TX, 'x');
	assert_int_equal(in(UART_IIR), UART_IIR_THRI);
}

static void a_read_that_shows_another_interrupt_leaves_the_transmitters_due(void **state)
{
	out(UART_LCR, UART_LCR_WLEN8);
	out(UART_IER, UART_IER_THRI | UART_IER_RDI);
	out(UART_TX, 'x');
	assert_int_equal(in(UART_IIR), UART_IIR_RDI);
	assert_int_equal(in(UART_IIR), UART_IIR_RDI);
	assert_int_equal(in(UART_RX), 'x');
	assert_int_equal(in(UART_IIR), UART_IIR_THRI);
}

static void fifos_are_cleared_on_demand_and_when_switched(void **state)
{
	out(UART_LCR, UART_LCR_WLEN8);
	out(UART_FCR, FCR_ON);
	out(UART_IER, UART_IER_RDI);
	send(20, 0);
	out(UART_FCR, FCR_ON | UART_FCR_CLEAR_XMIT);
	assert_int_equal(in(UART_LSR), UART_LSR_DR | UART_LSR_THRE | UART_LSR_TEMT);
	assert_received(16, 0);

	/* What waits for room moves up when the receiver is cleared. */
	send(20, 0);
	out(UART_FCR, FCR_ON | UART_FCR_CLEAR_RCVR);
	assert_received(4, 16);

	send(5, 0);
	out(UART_FCR, 0);
	assert_int_equal(in(UART_LSR), UART_LSR_THRE | UART_LSR_TEMT);
	assert_int_equal(in(UART_IIR), UART_IIR_NO_INT);
	send(1, 'x');
	out(UART_FCR, FCR_ON);
	assert_int_equal(in(UART_LSR), UART_LSR_THRE | UART_LSR_TEMT);
}

static void trigger_level_counts_only_with_the_fifo_on(void **state)
{
	out(UART_FCR, UART_FCR_TRIGGER_14);
	out(UART_IER, UART_IER_RDI);
	out(UART_TX, 'x');
	assert_int_equal(in(UART_IIR), UART_IIR_RDI);
}

static void a_break_arrives_as_a_character_of_zeros_with_its_flag(void **state)
{
	out(UART_LCR, UART_LCR_WLEN8);
	out(UART_FCR, FCR_ON | FCR_CLEAR);
	out(UART_IER, UART_IER_RLSI);
	out(UART_TX, 'a');
	out(UART_LCR, UART_LCR_WLEN8 | UART_LCR_SBC);

	/* It is told of when it is the next character to be read. */
	assert_int_equal(in(UART_IIR), IIR_FIFO | UART_IIR_NO_INT);
	assert_int_equal(in(UART_LSR), 0x80 | UART_LSR_DR | UART_LSR_THRE | UART_LSR_TEMT);
	assert_int_equal(in(UART_RX), 'a');
	assert_int_equal(in(UART_IIR), IIR_FIFO | UART_IIR_RLSI);
	assert_int_equal(in(UART_LSR),
			 0x80 | UART_LSR_BI | UART_LSR_DR | UART_LSR_THRE | UART_LSR_TEMT);
	assert_int_equal(in(UART_LSR), UART_LSR_DR | UART_LSR_THRE | UART_LSR_TEMT);
	assert_int_equal(in(UART_RX), 0);

	/* Nothing is sent during a break, and nothing lost. */
	out(UART_TX, 'b');
	assert_int_equal(in(UART_LSR), 0);
	out(UART_LCR, UART_LCR_WLEN8);
	assert_received(1, 'b');
}

static void modem_outputs_are_wired_to_the_inputs(void **state)
{
	out(UART_MCR, UART_MCR_DTR);
	assert_int_equal(in(UART_MSR), UART_MSR_DSR | UART_MSR_DDSR | UART_MSR_DCD | UART_MSR_DDCD);
	assert_int_equal(in(UART_MSR), UART_MSR_DSR | UART_MSR_DCD);
	out(UART_MCR, UART_MCR_DTR | UART_MCR_RTS);
	assert_int_equal(in(UART_MSR), UART_MSR_DSR | UART_MSR_DCD | UART_MSR_CTS | UART_MSR_DCTS);

	/* A change and back is a change. */
	out(UART_MCR, UART_MCR_DTR);
	out(UART_MCR, UART_MCR_DTR | UART_MCR_RTS);
	assert_int_equal(in(UART_MSR), UART_MSR_DSR | UART_MSR_DCD | UART_MSR_CTS | UART_MSR_DCTS);
}

static void in_loopback_each_output_has_its_input(void **state)
{
	static const struct {
		u8 mcr;
		u8 msr;
	} wires[] = {
		{ UART_MCR_DTR, UART_MSR_DSR },
		{ UART_MCR_RTS, UART_MSR_CTS },
		{ UART_MCR_OUT1, UART_MSR_RI },
		{ UART_MCR_OUT2, UART_MSR_DCD },
	};
	size_t i;

	for (i = 0; i < 4; i++) {
		out(UART_MCR, UART_MCR_LOOP | wires[i].mcr);
		assert_int_equal(in(UART_MSR)&0xf0, wires[i].msr);
	}
}

static void the_end_of_a_ring_is_noted_its_beginning_is_not(void **state)
{
	out(UART_MCR, UART_MCR_LOOP | UART_MCR_OUT1);
	assert_int_equal(in(UART_MSR), UART_MSR_RI);
	out(UART_MCR, UART_MCR_LOOP);
	assert_int_equal(in(UART_MSR), UART_MSR_TERI);
	assert_int_equal(in(UART_MSR), 0);
}

static void status_registers_cannot_be_written(void **state)
{
	out(UART_LSR, 0xff);
	out(UART_MSR, 0xff);
	assert_int_equal(in(UART_LSR), UART_LSR_THRE | UART_LSR_TEMT);
	assert_int_equal(in(UART_MSR), 0);
}

static void wide_accesses_reach_one_register_after_the_other(void **state)
{
	const u8 setup_line[4] = { UART_LCR_WLEN8, UART_MCR_RTS, 0, 0 };
	u8 buf[8];

	assert_int_equal(user_write(&user, 0, UART_LCR, setup_line, 4), 4);
	assert_int_equal(in(UART_LCR), UART_LCR_WLEN8);
	assert_int_equal(in(UART_MCR), UART_MCR_RTS);

	out(UART_SCR, 0x5a);
	assert_int_equal(user_read(&user, 0, UART_LSR, buf, 3), 3);
	assert_int_equal(buf[0], UART_LSR_THRE | UART_LSR_TEMT);
	assert_int_equal(buf[1], UART_MSR_CTS | UART_MSR_DCTS);
	assert_int_equal(buf[2], 0x5a);

	out(UART_TX, 'x');
	assert_int_equal(user_read(&user, 0, 0, buf, 8), 8);
	assert_int_equal(buf[UART_RX], 'x');
	assert_int_equal(buf[UART_LCR], UART_LCR_WLEN8);
	assert_int_equal(buf[UART_LSR], UART_LSR_THRE | UART_LSR_TEMT);
	assert_int_equal(buf[UART_SCR], 0x5a);
}

static void what_reaches_beyond_a_region_does_nothing(void **state)
{
	u8 buf[16] = { 0 };

	out(UART_LCR, UART_LCR_WLEN8);
	out(UART_TX, 'x');
	assert_int_equal(user_read(&user, 0, 0, buf, 9), -EINVAL);
	assert_int_equal(user_read(&user, 0, 8, buf, 1), -EINVAL);
	assert_int_equal(user_read(&user, 0, 7, buf, 2), -EINVAL);
	assert_int_equal(user_write(&user, 0, 5, buf, 4), -EINVAL);
	assert_int_equal(user_read(&user, 2, 0, buf, 1), -EINVAL);
	assert_int_equal(user_read(&user, VFIO_PCI_ROM_REGION_INDEX, 0, buf, 1), -EINVAL);
	assert_int_equal(user_read(&user, VFIO_PCI_VGA_REGION_INDEX, 0, buf, 1), -EINVAL);
	assert_int_equal(user_read(&user, VFIO_PCI_NUM_REGIONS, 0, buf, 1), -EINVAL);
	assert_int_equal(user_read(&user, 0x7fffff, 0, buf, 1), -EINVAL);
	assert_int_equal(user_read(&user, 0, (1ULL << 40) - 1, buf, 1), -EINVAL);
	assert_int_equal(user_read(&user, VFIO_PCI_CONFIG_REGION_INDEX, 256, buf, 1), -EINVAL);
	assert_int_equal(user_read(&user, VFIO_PCI_CONFIG_REGION_INDEX, 253, buf, 4), -EINVAL);
	assert_int_equal(in(UART_RX), 'x');
}

static void a_reset_brings_the_registers_back(void **state)
{
	out(UART_LCR, UART_LCR_WLEN8);
	out(UART_FCR, FCR_ON);
	out(UART_MCR, UART_MCR_RTS);
	out(UART_IER, 0x0f);
	out(UART_SCR, 0x11);
	send(3, 0);
	assert_int_equal(user_ioctl(user.device, VFIO_DEVICE_RESET, NULL), 0);
	assert_int_equal(in(UART_SCR), 0);
	registers_are_as_at_power_on(state);
}

static void the_last_close_brings_the_registers_back(void **state)
{
	int second = user_device_again(&user, DEV);

	assert_true(second >= 0);
	out(UART_IER, 0x0f);
	user_close_fd(second);
	assert_int_equal(in(UART_IER), 0x0f);
	user_close(&user);
	assert_int_equal(user_open(&user, DEV), 0);
	registers_are_as_at_power_on(state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_device, close_device)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(registers_are_as_at_power_on),
		TEST(unimplemented_bits_read_as_zero),
		TEST(the_divisor_is_behind_dlab),
		TEST(linux_takes_it_for_a_16550a),
		TEST(what_is_sent_comes_back),
		TEST(ports_do_not_hear_each_other),
		TEST(characters_are_as_long_as_the_line_control_says),
		TEST(a_receiver_that_nobody_reads_overruns_and_keeps_the_oldest),
		TEST(without_fifo_an_overrun_keeps_the_newest),
		TEST(with_the_receive_interrupt_on_the_sender_waits),
		TEST(who_writes_to_a_full_transmitter_loses_the_last_character),
		TEST(nobody_waits_any_more_when_the_receive_interrupt_goes_off),
		TEST(the_receive_interrupt_comes_at_the_trigger_level),
		TEST(characters_below_the_trigger_level_time_out_until_they_are_read),
		TEST(the_most_urgent_interrupt_is_shown_first),
		TEST(the_transmitter_interrupt_ends_with_the_read_that_shows_it),
		TEST(a_read_that_shows_another_interrupt_leaves_the_transmitters_due),
		TEST(fifos_are_cleared_on_demand_and_when_switched),
		TEST(trigger_level_counts_only_with_the_fifo_on),
		TEST(a_break_arrives_as_a_character_of_zeros_with_its_flag),
		TEST(modem_outputs_are_wired_to_the_inputs),
		TEST(in_loopback_each_output_has_its_input),
		TEST(the_end_of_a_ring_is_noted_its_beginning_is_not),
		TEST(status_registers_cannot_be_written),
		TEST(wide_accesses_reach_one_register_after_the_other),
		TEST(what_reaches_beyond_a_region_does_nothing),
		TEST(a_reset_brings_the_registers_back),
		TEST(the_last_close_brings_the_registers_back),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
