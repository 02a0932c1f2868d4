/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/* What the tests of medu share: its registers, as docs/specs/edu.rst of QEMU has them. */
#ifndef MEDU_TESTING_H
#define MEDU_TESTING_H

#include "mdev_testing.h"

#include <sched.h>
#include <time.h>

#include <linux/pci.h>
#include <linux/vfio.h>

#define MEDU_DIR  "/devices/platform/medu"
#define MEDU_TYPE MEDU_DIR "/mdev_supported_types"

#define REG_ID	       0x00
#define REG_LIVE       0x04
#define REG_FACT       0x08
#define REG_STATUS     0x20
#define REG_IRQ_STATUS 0x24
#define REG_IRQ_RAISE  0x60
#define REG_IRQ_ACK    0x64
#define REG_SRC	       0x80
#define REG_DST	       0x88
#define REG_COUNT      0x90
#define REG_CMD	       0x98

#define COMPUTING 0x01
#define IRQ_FACT  0x80
#define RUN	  0x1
#define TO_RAM	  0x2
#define IRQ_DMA	  0x4

#define BUFFER 0x40000

static inline u32 reg_in(struct test_user *user, u32 reg)
{
	u32 val;

	assert_int_equal(user_read(user, 0, reg, &val, sizeof(val)), sizeof(val));
	return val;
}

static inline void reg_out(struct test_user *user, u32 reg, u32 val)
{
	assert_int_equal(user_write(user, 0, reg, &val, sizeof(val)), sizeof(val));
}

static inline u64 reg_in64(struct test_user *user, u32 reg)
{
	u64 val;

	assert_int_equal(user_read(user, 0, reg, &val, sizeof(val)), sizeof(val));
	return val;
}

static inline void reg_out64(struct test_user *user, u32 reg, u64 val)
{
	assert_int_equal(user_write(user, 0, reg, &val, sizeof(val)), sizeof(val));
}

/* Wait until bits of a register are clear, as a driver without interrupts does. */
static inline void reg_wait_clear(struct test_user *user, u32 reg, u32 bits)
{
	time_t end = time(NULL) + TEST_LIMIT;

	while (reg_in(user, reg) & bits) {
		if (time(NULL) > end)
			fail_msg("register %#x is %#x after %d s", reg, reg_in(user, reg),
				 TEST_LIMIT);
		sched_yield();
	}
}

static inline u32 factorial(struct test_user *user, u32 n)
{
	reg_out(user, REG_FACT, n);
	reg_wait_clear(user, REG_STATUS, COMPUTING);
	return reg_in(user, REG_FACT);
}

static inline void let_it_master_the_bus(struct test_user *user)
{
	const u8 master = PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER;

	assert_int_equal(user_write(user, VFIO_PCI_CONFIG_REGION_INDEX, PCI_COMMAND, &master, 1),
			 1);
}

static inline void start_dma(struct test_user *user, u64 src, u64 dst, u64 count, u64 cmd)
{
	reg_out64(user, REG_SRC, src);
	reg_out64(user, REG_DST, dst);
	reg_out64(user, REG_COUNT, count);
	reg_out64(user, REG_CMD, cmd | RUN);
}

static inline void dma(struct test_user *user, u64 src, u64 dst, u64 count, u64 cmd)
{
	start_dma(user, src, dst, count, cmd);
	reg_wait_clear(user, REG_CMD, RUN);
}

#endif /* MEDU_TESTING_H */
