// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* QEMU's educational device, of type medu-vendor: its registers, DMA and interrupts. */
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/pci_regs.h>

#include "vfio_client.h"

#define PAGE   0x1000UL
#define IOVA   0x100000UL
#define BUFFER 0x40000

/* Registers of BAR 0. */
#define REG_ID	       0x00
#define REG_LIVE       0x04
#define REG_FACT       0x08
#define REG_STATUS     0x20
#define REG_IRQ_STATUS 0x24
#define REG_IRQ_ACK    0x64
#define REG_SRC	       0x80
#define REG_DST	       0x88
#define REG_COUNT      0x90
#define REG_CMD	       0x98

#define STATUS_IRQ 0x80
#define CMD_RUN	   0x1
#define CMD_TO_RAM 0x2
#define CMD_IRQ	   0x4

static __u32 read_reg(const struct client *client, unsigned int reg)
{
	__u32 value;

	if (pread(client->device, &value, sizeof(value), reg) != sizeof(value))
		die("reading a register");
	return value;
}

static void write_reg(const struct client *client, unsigned int reg, __u32 value)
{
	if (pwrite(client->device, &value, sizeof(value), reg) != sizeof(value))
		die("writing a register");
}

static void let_master(const struct client *client)
{
	struct vfio_region_info config = {
		.argsz = sizeof(config),
		.index = VFIO_PCI_CONFIG_REGION_INDEX,
	};
	__u16 command = PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER;

	if (ioctl(client->device, VFIO_DEVICE_GET_REGION_INFO, &config))
		die("VFIO_DEVICE_GET_REGION_INFO");
	if (pwrite(client->device, &command, sizeof(command), config.offset + PCI_COMMAND) !=
	    sizeof(command))
		die("writing configuration space");
}

/* Wait for an interrupt, and tell why it came. */
static __u32 interrupt(const struct client *client, int msi)
{
	__u32 why;

	if (!signals(msi, true))
		return 0;
	why = read_reg(client, REG_IRQ_STATUS);
	write_reg(client, REG_IRQ_ACK, why);
	return why;
}

static void start_dma(const struct client *client, __u32 src, __u32 dst, __u32 count, __u32 cmd)
{
	write_reg(client, REG_SRC, src);
	write_reg(client, REG_DST, dst);
	write_reg(client, REG_COUNT, count);
	write_reg(client, REG_CMD, cmd | CMD_RUN | CMD_IRQ);
}

void check_medu(struct client *client)
{
	int msi = new_eventfd();
	char *memory =
		mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		die("mmap");
	open_container(client);
	attach(client);
	same("it is the educational device", 0x010000ed, read_reg(client, REG_ID));
	write_reg(client, REG_LIVE, 0x12345678);
	same("which is alive", (__u32)~0x12345678, read_reg(client, REG_LIVE));
	same("an eventfd takes its interrupt", 0,
	     set_irq(client, VFIO_PCI_MSI_IRQ_INDEX, TRIGGER_FD, msi));

	write_reg(client, REG_STATUS, STATUS_IRQ);
	write_reg(client, REG_FACT, 10);
	same("it interrupts when it has a factorial", 0x001, interrupt(client, msi));
	same("which is right", 3628800, read_reg(client, REG_FACT));

	same("memory is mapped", 0, map(client, memory, IOVA, 2 * PAGE));
	strcpy(memory + 100, "there and back");
	start_dma(client, BUFFER, IOVA + 100, 15, CMD_TO_RAM);
	same("it moves data when told to", 0x100, interrupt(client, msi));
	same_text("but none while it may not master the bus", "there and back", memory + 100);
	let_master(client);
	start_dma(client, IOVA + 100, BUFFER, 15, 0);
	same("it takes data from memory", 0x100, interrupt(client, msi));
	start_dma(client, BUFFER, IOVA + PAGE - 5, 15, CMD_TO_RAM);
	same("and gives it back", 0x100, interrupt(client, msi));
	same_text("across pages", "there and back", memory + PAGE - 5);
	same("its pages do not keep memory from being unmapped", 2 * PAGE,
	     unmap(client, IOVA, 2 * PAGE));

	memset(memory, 0, 2 * PAGE);
	start_dma(client, BUFFER, IOVA, 15, CMD_TO_RAM);
	same("what is not mapped any more", 0x100, interrupt(client, msi));
	same("is not reached", 0, memory[0]);

	detach(client);
	close(msi);
	munmap(memory, 2 * PAGE);
}
