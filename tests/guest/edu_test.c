// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * A user-space driver of QEMU's educational device, and of what claims to be like it: for use in a
 * guest, as root. Tells its checks in TAP, for each such device there is, and ends with 0 if all
 * passed. It knows the device from QEMU's docs/specs/edu.rst only.
 *
 * Interrupts need no driver of the kernel: INTx shows in the PCI status register, and MSI is a write
 * to memory like any other, so it is aimed at a page of this program.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <linux/pci_regs.h>

#define DEVICES	 "/sys/bus/pci/devices"
#define EDU_ID	 0x11e81234u
#define BAR_SIZE 0x100000
#define PAGE	 4096

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

#define STATUS_COMPUTING 0x01
#define STATUS_IRQ	 0x80
#define CMD_RUN		 0x1
#define CMD_TO_RAM	 0x2
#define CMD_IRQ		 0x4
#define IRQ_FACT	 0x001
#define IRQ_DMA		 0x100
#define BUFFER		 0x40000

/* No wait is longer, in seconds: guests may be slow. */
#define LIMIT 30

struct page {
	volatile uint8_t *at;
	uint64_t phys;
};

/* The device under test. */
static const char *slot;
static volatile uint8_t *bar;
static int config;
static struct page sent, received;

static int checks;
static int failures;

static void check(bool passed, const char *what)
{
	checks++;
	failures += !passed;
	printf("%sok %d - %s: %s\n", passed ? "" : "not ", checks, slot, what);
}

static void die(const char *what)
{
	perror(what);
	exit(2);
}

static uint32_t reg_in(unsigned int reg)
{
	return *(volatile uint32_t *)(bar + reg);
}

static void reg_out(unsigned int reg, uint32_t val)
{
	*(volatile uint32_t *)(bar + reg) = val;
}

static void reg_out64(unsigned int reg, uint64_t val)
{
	*(volatile uint64_t *)(bar + reg) = val;
}

static uint32_t config_in(unsigned int reg, size_t size)
{
	uint32_t val = 0;

	if (pread(config, &val, size, reg) != (ssize_t)size)
		die("reading configuration space");
	return val;
}

static void config_out(unsigned int reg, uint32_t val, size_t size)
{
	if (pwrite(config, &val, size, reg) != (ssize_t)size)
		die("writing configuration space");
}

/* Wait until *@at, masked, has that value; false if it never has. */
static bool wait_for(volatile uint32_t *at, uint32_t mask, uint32_t val)
{
	time_t end = time(NULL) + LIMIT;

	while ((*at & mask) != val) {
		if (time(NULL) > end)
			return false;
	}
	return true;
}

static bool wait_reg(unsigned int reg, uint32_t mask, uint32_t val)
{
	return wait_for((volatile uint32_t *)(bar + reg), mask, val);
}

static bool intx_is_up(void)
{
	return config_in(PCI_STATUS, 2) & PCI_STATUS_INTERRUPT;
}

/* A page that stays where it is, and where that is. */
static struct page new_page(void)
{
	struct page page;
	uint64_t entry = 0;
	int fd;

	page.at = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED | MAP_POPULATE, -1, 0);
	if (page.at == MAP_FAILED)
		die("mmap of a page");
	page.at[0] = 1;

	fd = open("/proc/self/pagemap", O_RDONLY);
	if (fd < 0 || pread(fd, &entry, sizeof(entry), (uintptr_t)page.at / PAGE * 8) != 8)
		die("/proc/self/pagemap");
	close(fd);
	page.phys = (entry & ((1ULL << 55) - 1)) * PAGE;
	return page;
}

static void test_registers(void)
{
	check(reg_in(REG_ID) == 0x010000ed, "it identifies itself");
	reg_out(REG_LIVE, 0x12345678);
	check(reg_in(REG_LIVE) == ~0x12345678u, "it inverts what shows that it is alive");
	check(config_in(PCI_CLASS_REVISION, 4) == 0x00ff0010, "its class and revision are edu's");
}

static bool compute(uint32_t n, uint32_t expected)
{
	reg_out(REG_FACT, n);
	return wait_reg(REG_STATUS, STATUS_COMPUTING, 0) && reg_in(REG_FACT) == expected;
}

static void test_factorials(void)
{
	check(compute(0, 1) && compute(5, 120) && compute(12, 479001600) && compute(34, 0),
	      "it computes factorials");

	reg_out(REG_STATUS, STATUS_IRQ);
	check(compute(7, 5040) && wait_reg(REG_IRQ_STATUS, ~0u, IRQ_FACT),
	      "a factorial interrupts when it is asked to");
	reg_out(REG_IRQ_ACK, IRQ_FACT);
	reg_out(REG_STATUS, 0);
}

static void test_intx(void)
{
	check(!reg_in(REG_IRQ_STATUS) && !intx_is_up(), "INTx is down at first");
	reg_out(REG_IRQ_RAISE, 0x30);
	check(reg_in(REG_IRQ_STATUS) == 0x30 && intx_is_up(), "INTx can be raised");
	reg_out(REG_IRQ_ACK, 0x10);
	check(reg_in(REG_IRQ_STATUS) == 0x20 && intx_is_up(), "INTx stays up while a bit is left");
	reg_out(REG_IRQ_ACK, 0x20);
	check(!reg_in(REG_IRQ_STATUS) && !intx_is_up(), "INTx goes down with the last bit");
}

static bool transfer(uint64_t src, uint64_t dst, uint64_t count, uint32_t cmd)
{
	reg_out64(REG_SRC, src);
	reg_out64(REG_DST, dst);
	reg_out64(REG_COUNT, count);
	reg_out(REG_CMD, cmd | CMD_RUN);
	return wait_reg(REG_CMD, CMD_RUN, 0);
}

static void fill(uint8_t seed)
{
	int i;

	for (i = 0; i < PAGE; i++) {
		sent.at[i] = (uint8_t)(i * 7 + i / 256 + seed);
		received.at[i] = 0xee;
	}
}

static bool same(int from, int to, int count)
{
	return !memcmp((void *)(sent.at + from), (void *)(received.at + to), (size_t)count);
}

static void test_dma(uint8_t seed)
{
	bool there;

	fill(seed);
	there = transfer(sent.phys, BUFFER, PAGE, 0) &&
		transfer(BUFFER, received.phys, PAGE, CMD_TO_RAM);
	check(there && same(0, 0, PAGE), "a page goes to the device and comes back");

	fill(seed + 1);
	there = transfer(sent.phys + 10, BUFFER, 100, 0) &&
		transfer(BUFFER, received.phys + 100, 100, CMD_TO_RAM);
	check(there && same(10, 100, 100) && received.at[99] == 0xee && received.at[200] == 0xee,
	      "a part of a page goes there and comes back, and nothing else");

	there = transfer(sent.phys, BUFFER + 8, 8, CMD_IRQ) &&
		wait_reg(REG_IRQ_STATUS, ~0u, IRQ_DMA);
	check(there && intx_is_up(), "a transfer interrupts when it is asked to");
	reg_out(REG_IRQ_ACK, IRQ_DMA);

	config_out(PCI_COMMAND, PCI_COMMAND_MEMORY, 2);
	fill(seed);
	there = transfer(BUFFER, received.phys, PAGE, CMD_TO_RAM);
	check(there && received.at[0] == 0xee && received.at[PAGE - 1] == 0xee,
	      "a device that may not master the bus moves nothing");
	config_out(PCI_COMMAND, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER, 2);
}

static unsigned int find_msi(void)
{
	unsigned int at = config_in(PCI_CAPABILITY_LIST, 1);

	while (at && config_in(at, 1) != PCI_CAP_ID_MSI)
		at = config_in(at + PCI_CAP_LIST_NEXT, 1);
	return at;
}

static void test_msi(void)
{
	volatile uint32_t *target = (volatile uint32_t *)received.at;
	unsigned int msi = find_msi();
	bool sent_twice;

	check(msi && config_in(msi + PCI_MSI_FLAGS, 2) == PCI_MSI_FLAGS_64BIT,
	      "it has MSI, with one vector");
	config_out(msi + PCI_MSI_ADDRESS_LO, (uint32_t)received.phys, 4);
	config_out(msi + PCI_MSI_ADDRESS_HI, (uint32_t)(received.phys >> 32), 4);
	config_out(msi + PCI_MSI_DATA_64, 0x4e5d, 2);
	config_out(msi + PCI_MSI_FLAGS, PCI_MSI_FLAGS_64BIT | PCI_MSI_FLAGS_ENABLE, 2);

	*target = 0;
	reg_out(REG_IRQ_RAISE, 0x1);
	sent_twice = wait_for(target, ~0u, 0x4e5d);
	*target = 0;
	reg_out(REG_IRQ_RAISE, 0x2);
	sent_twice = sent_twice && wait_for(target, ~0u, 0x4e5d);
	check(sent_twice && reg_in(REG_IRQ_STATUS) == 0x3, "MSI is sent each time it is raised");
	reg_out(REG_IRQ_ACK, 0x3);
	config_out(msi + PCI_MSI_FLAGS, PCI_MSI_FLAGS_64BIT, 2);
}

static int open_file(const char *name)
{
	char path[512];
	int fd;

	snprintf(path, sizeof(path), DEVICES "/%s/%s", slot, name);
	fd = open(path, O_RDWR | O_SYNC);
	if (fd < 0)
		die(path);
	return fd;
}

static bool open_device(const char *name)
{
	int fd;

	slot = name;
	config = open_file("config");
	if (config_in(PCI_VENDOR_ID, 4) != EDU_ID) {
		close(config);
		return false;
	}
	config_out(PCI_COMMAND, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER, 2);

	fd = open_file("resource0");
	bar = mmap(NULL, BAR_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (bar == MAP_FAILED)
		die("mmap of resource0");
	close(fd);
	return true;
}

static void close_device(void)
{
	munmap((void *)bar, BAR_SIZE);
	close(config);
}

int main(void)
{
	struct dirent *entry;
	DIR *dir;

	setvbuf(stdout, NULL, _IOLBF, 0);
	sent = new_page();
	received = new_page();

	dir = opendir(DEVICES);
	if (!dir)
		die(DEVICES);
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.' || !open_device(entry->d_name))
			continue;
		test_registers();
		test_factorials();
		test_intx();
		test_dma((uint8_t)checks);
		test_msi();
		close_device();
	}
	closedir(dir);

	printf("1..%d\n", checks);
	return failures || !checks;
}
