/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/* A 16550A serial port whose line is looped back, as a part of an emulated device. */
#ifndef UART16550_H
#define UART16550_H

#include <linux/types.h>

#define UART16550_FIFO_SIZE 16

/**
 * struct uart16550_fifo - characters waiting to be sent or read
 * @slot: a character, with the LSR bits of its errors in the upper byte
 * @head: the oldest one
 * @count: how many there are
 */
struct uart16550_fifo {
	u16 slot[UART16550_FIFO_SIZE];
	u8 head;
	u8 count;
};

/**
 * struct uart16550 - a 16550A
 * @dll: divisor latch, low byte; the line has no bit rate, so it is without effect
 * @dlm: divisor latch, high byte
 * @ier: interrupt enable
 * @fcr: FIFO control: enable bit and trigger level
 * @lcr: line control
 * @mcr: modem control
 * @lsr: line status: the overrun bit; the rest follows from the FIFOs
 * @msr: modem status with its delta bits
 * @scr: scratch
 * @thr_empty: the interrupt of an empty transmitter is due; IIR's reader and the next character
 *	to send take it back
 * @rx: received
 * @tx: to be sent
 *
 * Owned and serialised by the device that it is part of.
 */
struct uart16550 {
	u8 dll;
	u8 dlm;
	u8 ier;
	u8 fcr;
	u8 lcr;
	u8 mcr;
	u8 lsr;
	u8 msr;
	u8 scr;
	bool thr_empty;
	struct uart16550_fifo rx;
	struct uart16550_fifo tx;
};

void uart16550_reset(struct uart16550 *uart);
u8 uart16550_read(struct uart16550 *uart, unsigned int reg);
void uart16550_write(struct uart16550 *uart, unsigned int reg, u8 val);
u8 uart16550_causes(const struct uart16550 *uart);

#endif /* UART16550_H */
