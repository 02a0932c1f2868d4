// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * A 16550A serial port, the registers and FIFOs as in its data sheet.
 *
 * A loopback plug is in its connector: what it sends, it receives, and its modem control outputs are
 * wired to its modem status inputs (RTS to CTS, DTR to DSR and DCD).
 *
 * Time: the line has no length and no bit rate. A character crosses it at once, and the four
 * character times after which a 16550A reports characters below the trigger level have passed as
 * soon as the sender has nothing more to send. So no timer is needed, an idle device costs nothing
 * but memory, and the same accesses always have the same effect.
 *
 * Flow: as long as the receive interrupt is enabled somebody is going to read, and the line waits
 * for him: characters that find the receiver full stay in the transmitter, which then is not empty.
 * Together the FIFOs hold 32 characters, so a driver that fills the transmitter only when told
 * that it is empty loses nothing. With the receive interrupt disabled nobody may ever read, and
 * the receiver overruns as the hardware does.
 */
#include <linux/string.h>
#include <linux/types.h>
#include <uapi/linux/serial_reg.h>

#include "uart16550.h"

#define UART_IER_ALL (UART_IER_RDI | UART_IER_THRI | UART_IER_RLSI | UART_IER_MSI)

#define UART_LSR_ERRORS	      (UART_LSR_OE | UART_LSR_PE | UART_LSR_FE | UART_LSR_BI)
#define UART_LSR_FIFO_ERR     0x80
#define UART_IIR_CHAR_TIMEOUT 0x0c
#define UART_IIR_FIFO_ON      0xc0
#define UART_MCR_IMPLEMENTED \
	(UART_MCR_DTR | UART_MCR_RTS | UART_MCR_OUT1 | UART_MCR_OUT2 | UART_MCR_LOOP)

static void fifo_push(struct uart16550_fifo *fifo, u16 slot)
{
	fifo->slot[(fifo->head + fifo->count++) % UART16550_FIFO_SIZE] = slot;
}

static u16 fifo_pop(struct uart16550_fifo *fifo)
{
	u16 slot = fifo->slot[fifo->head];

	fifo->head = (fifo->head + 1) % UART16550_FIFO_SIZE;
	fifo->count--;
	return slot;
}

static void fifo_clear(struct uart16550_fifo *fifo)
{
	fifo->head = 0;
	fifo->count = 0;
}

static u8 fifo_errors(const struct uart16550_fifo *fifo)
{
	u8 errors = 0;
	u8 i;

	for (i = 0; i < fifo->count; i++)
		errors |= fifo->slot[(fifo->head + i) % UART16550_FIFO_SIZE] >> 8;
	return errors;
}

static bool uart_fifo_enabled(const struct uart16550 *uart)
{
	return uart->fcr & UART_FCR_ENABLE_FIFO;
}

static u8 uart_depth(const struct uart16550 *uart)
{
	return uart_fifo_enabled(uart) ? UART16550_FIFO_SIZE : 1;
}

static u8 uart_trigger_level(const struct uart16550 *uart)
{
	static const u8 level[] = { 1, 4, 8, 14 };

	return uart_fifo_enabled(uart) ? level[uart->fcr >> 6] : 1;
}

/* A character arrives: the one that finds no room is lost, without FIFO the one in its way. */
static void uart_receive(struct uart16550 *uart, u16 slot)
{
	if (uart->rx.count == uart_depth(uart)) {
		uart->lsr |= UART_LSR_OE;
		if (uart_fifo_enabled(uart))
			return;
		fifo_clear(&uart->rx);
	}
	fifo_push(&uart->rx, slot);
}

/* Send what can be sent. A line held in the break condition carries no characters. */
static void uart_transmit(struct uart16550 *uart)
{
	u8 word_mask = 0xff >> (3 - (uart->lcr & UART_LCR_WLEN8));

	if (!uart->tx.count)
		return;

	while (uart->tx.count && !(uart->lcr & UART_LCR_SBC)) {
		if (uart->rx.count == uart_depth(uart) && (uart->ier & UART_IER_RDI))
			break;
		uart_receive(uart, fifo_pop(&uart->tx) & word_mask);
	}
	if (!uart->tx.count)
		uart->thr_empty = true;
}

/* The modem status inputs follow the outputs, through the plug or inside the chip. */
static void uart_update_modem_status(struct uart16550 *uart)
{
	u8 old = uart->msr;
	u8 lines = 0;

	if (uart->mcr & UART_MCR_RTS)
		lines |= UART_MSR_CTS;
	if (uart->mcr & UART_MCR_DTR)
		lines |= UART_MSR_DSR;
	if (uart->mcr & UART_MCR_LOOP) {
		if (uart->mcr & UART_MCR_OUT1)
			lines |= UART_MSR_RI;
		if (uart->mcr & UART_MCR_OUT2)
			lines |= UART_MSR_DCD;
	} else if (uart->mcr & UART_MCR_DTR) {
		lines |= UART_MSR_DCD;
	}

	/* Each delta bit is four below its line; RI has one for its trailing edge only. */
	uart->msr = lines | (old & UART_MSR_ANY_DELTA);
	uart->msr |= ((lines ^ old) >> 4) & (UART_MSR_DCTS | UART_MSR_DDSR | UART_MSR_DDCD);
	uart->msr |= ((old & ~lines) >> 4) & UART_MSR_TERI;
}

static u8 uart_line_status(const struct uart16550 *uart)
{
	u8 lsr = uart->lsr;

	if (uart->rx.count)
		lsr |= UART_LSR_DR | uart->rx.slot[uart->rx.head] >> 8;
	if (uart_fifo_enabled(uart) && fifo_errors(&uart->rx))
		lsr |= UART_LSR_FIFO_ERR;
	if (!uart->tx.count)
		lsr |= UART_LSR_THRE | UART_LSR_TEMT;
	return lsr;
}

/**
 * uart16550_causes() - the interrupts that are enabled and due
 * @uart: the port
 *
 * Return: a mask of the bits that IER has for them; the interrupt line is asserted if it is not 0.
 */
u8 uart16550_causes(const struct uart16550 *uart)
{
	u8 causes = 0;

	if (uart_line_status(uart) & UART_LSR_ERRORS)
		causes |= UART_IER_RLSI;
	if (uart->rx.count)
		causes |= UART_IER_RDI;
	if (uart->thr_empty)
		causes |= UART_IER_THRI;
	if (uart->msr & UART_MSR_ANY_DELTA)
		causes |= UART_IER_MSI;
	return causes & uart->ier;
}

/* The interrupt of the highest priority. */
static u8 uart_interrupt_id(const struct uart16550 *uart)
{
	u8 causes = uart16550_causes(uart);

	if (causes & UART_IER_RLSI)
		return UART_IIR_RLSI;
	if (causes & UART_IER_RDI)
		return uart->rx.count >= uart_trigger_level(uart) ? UART_IIR_RDI
								  : UART_IIR_CHAR_TIMEOUT;
	if (causes & UART_IER_THRI)
		return UART_IIR_THRI;
	if (causes & UART_IER_MSI)
		return UART_IIR_MSI;
	return UART_IIR_NO_INT;
}

/**
 * uart16550_reset() - registers and FIFOs as at power-on
 * @uart: the port
 */
void uart16550_reset(struct uart16550 *uart)
{
	memset(uart, 0, sizeof(*uart));
	uart->dll = 12; /* 9600 bit/s from the usual clock */
}

static void uart_write_thr(struct uart16550 *uart, u8 val)
{
	uart->thr_empty = false;
	/* Who writes although the transmitter is full loses the last character. */
	if (uart->tx.count == uart_depth(uart))
		uart->tx.count--;
	fifo_push(&uart->tx, val);
	uart_transmit(uart);
}

static void uart_write_ier(struct uart16550 *uart, u8 val)
{
	bool thri_on = (val & UART_IER_THRI) && !(uart->ier & UART_IER_THRI);

	uart->ier = val & UART_IER_ALL;
	/* Enabling it asks for the interrupt of a transmitter that has been empty for long. */
	if (thri_on && !uart->tx.count)
		uart->thr_empty = true;
	uart_transmit(uart);
}

static void uart_write_fcr(struct uart16550 *uart, u8 val)
{
	bool toggled = (uart->fcr ^ val) & UART_FCR_ENABLE_FIFO;

	if (toggled || (val & UART_FCR_CLEAR_RCVR))
		fifo_clear(&uart->rx);
	if ((toggled || (val & UART_FCR_CLEAR_XMIT)) && uart->tx.count) {
		fifo_clear(&uart->tx);
		uart->thr_empty = true;
	}

	if (val & UART_FCR_ENABLE_FIFO)
		uart->fcr = val & (UART_FCR_ENABLE_FIFO | UART_FCR_TRIGGER_MASK);
	else
		uart->fcr = 0;
	uart_transmit(uart);
}

static void uart_write_lcr(struct uart16550 *uart, u8 val)
{
	/* A break reaches the other end as one character of zeros. */
	if ((val & UART_LCR_SBC) && !(uart->lcr & UART_LCR_SBC))
		uart_receive(uart, UART_LSR_BI << 8);
	uart->lcr = val;
	uart_transmit(uart);
}

/**
 * uart16550_write() - write a register
 * @uart: the port
 * @reg: 0 to 7, UART_TX and so on
 * @val: the value
 */
void uart16550_write(struct uart16550 *uart, unsigned int reg, u8 val)
{
	bool dlab = uart->lcr & UART_LCR_DLAB;

	switch (reg) {
	case UART_TX:
		if (dlab)
			uart->dll = val;
		else
			uart_write_thr(uart, val);
		break;
	case UART_IER:
		if (dlab)
			uart->dlm = val;
		else
			uart_write_ier(uart, val);
		break;
	case UART_FCR:
		uart_write_fcr(uart, val);
		break;
	case UART_LCR:
		uart_write_lcr(uart, val);
		break;
	case UART_MCR:
		uart->mcr = val & UART_MCR_IMPLEMENTED;
		uart_update_modem_status(uart);
		break;
	case UART_SCR:
		uart->scr = val;
		break;
	default: /* LSR and MSR are read-only */
		break;
	}
}

static u8 uart_read_rbr(struct uart16550 *uart)
{
	u8 val;

	if (!uart->rx.count)
		return 0;

	val = fifo_pop(&uart->rx);
	uart_transmit(uart);
	return val;
}

static u8 uart_read_iir(struct uart16550 *uart)
{
	u8 id = uart_interrupt_id(uart);

	if (id == UART_IIR_THRI)
		uart->thr_empty = false;
	return id | (uart_fifo_enabled(uart) ? UART_IIR_FIFO_ON : 0);
}

static u8 uart_read_lsr(struct uart16550 *uart)
{
	u8 val = uart_line_status(uart);

	uart->lsr = 0;
	if (uart->rx.count)
		uart->rx.slot[uart->rx.head] &= 0xff;
	return val;
}

static u8 uart_read_msr(struct uart16550 *uart)
{
	u8 val = uart->msr;

	uart->msr &= ~UART_MSR_ANY_DELTA;
	return val;
}

/**
 * uart16550_read() - read a register, with what that has for consequences
 * @uart: the port
 * @reg: 0 to 7, UART_RX and so on
 *
 * Return: the value.
 */
u8 uart16550_read(struct uart16550 *uart, unsigned int reg)
{
	bool dlab = uart->lcr & UART_LCR_DLAB;

	switch (reg) {
	case UART_RX:
		return dlab ? uart->dll : uart_read_rbr(uart);
	case UART_IER:
		return dlab ? uart->dlm : uart->ier;
	case UART_IIR:
		return uart_read_iir(uart);
	case UART_LCR:
		return uart->lcr;
	case UART_MCR:
		return uart->mcr;
	case UART_LSR:
		return uart_read_lsr(uart);
	case UART_MSR:
		return uart_read_msr(uart);
	default:
		return uart->scr;
	}
}
