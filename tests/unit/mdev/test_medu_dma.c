// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * medu's DMA: through pages that its driver pins (M15), and through an IOMMU domain (M16), which is
 * isolated from that of the next device.
 */
#include "medu_testing.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <umdev/fault.h>
#include <umdev/runtime.h>

#include "drivers/vfio/vfio.h"

#define DEV_A MEDU_DIR "/" UUID_A
#define DEV_B MEDU_DIR "/" UUID_B
#define DEV_C MEDU_DIR "/" UUID_C

#define IOVA	    0x100000ul
#define SIZE	    (4 * PAGE_SIZE)
#define RW	    (VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE)
#define FAULTS	    "class/iommu/soft-iommu/soft-iommu/faults"
#define INTX	    VFIO_PCI_INTX_IRQ_INDEX
#define TRIGGER_NOW VFIO_IRQ_SET_ACTION_TRIGGER

/* A guest: a device of a type, and memory that is mapped for it at IOVA. */
struct guest {
	struct test_user user;
	const char *dir;
	u8 *memory;
};

static struct guest a, b;

static int setup(void **state)
{
	test_start();
	test_load("medu", NULL);
	return 0;
}

static int teardown(void **state)
{
	test_stop();
	return 0;
}

static int map(struct test_user *user, u64 iova, void *memory, u64 size, u32 flags)
{
	struct vfio_iommu_type1_dma_map request = {
		.argsz = sizeof(request),
		.flags = flags,
		.vaddr = (uintptr_t)memory,
		.iova = iova,
		.size = size,
	};

	return user_ioctl(user->container, VFIO_IOMMU_MAP_DMA, &request);
}

static int unmap(struct test_user *user, u64 iova, u64 size)
{
	struct vfio_iommu_type1_dma_unmap request = {
		.argsz = sizeof(request),
		.iova = iova,
		.size = size,
	};
	int ret = user_ioctl(user->container, VFIO_IOMMU_UNMAP_DMA, &request);

	return ret ? ret : (int)request.size;
}

static u8 *pages(u8 fill)
{
	u8 *memory = aligned_alloc(PAGE_SIZE, SIZE);

	assert_non_null(memory);
	memset(memory, fill, SIZE);
	return memory;
}

static void guest_start(struct guest *guest, const char *create, const char *uuid, const char *dir,
			u8 fill)
{
	assert_int_equal(tree_write(create, uuid), 0);
	assert_int_equal(user_open(&guest->user, dir), 0);
	guest->dir = dir;
	guest->memory = pages(fill);
	assert_int_equal(map(&guest->user, IOVA, guest->memory, SIZE, RW), 0);
	let_it_master_the_bus(&guest->user);
}

static void guest_stop(struct guest *guest)
{
	char path[128];

	user_close(&guest->user);
	snprintf(path, sizeof(path), "%s/remove", guest->dir);
	assert_int_equal(tree_write(path, "1"), 0);
	free(guest->memory);
	guest->memory = NULL;
}

static int start_vendor(void **state)
{
	guest_start(&a, MEDU_TYPE "/medu-vendor/create", UUID_A, DEV_A, 0xaa);
	return 0;
}

static int start_iommu(void **state)
{
	guest_start(&a, MEDU_TYPE "/medu-iommu/create", UUID_A, DEV_A, 0xaa);
	return 0;
}

static int start_two_iommu(void **state)
{
	start_iommu(state);
	guest_start(&b, MEDU_TYPE "/medu-iommu/create", UUID_B, DEV_B, 0xbb);
	return 0;
}

static int stop(void **state)
{
	if (b.memory)
		guest_stop(&b);
	guest_stop(&a);
	return 0;
}

static long pins(void)
{
	struct umdev_runtime_counts counts;

	umdev_runtime_counts(&counts);
	return counts.pins;
}

static long long faults(void)
{
	char text[32];

	assert_true(tree_read(FAULTS, text, sizeof(text)) > 0);
	return atoll(text);
}

static void fill_with_pattern(u8 *at, size_t count, u8 seed)
{
	size_t i;

	for (i = 0; i < count; i++)
		at[i] = i * 7 + i / 251 + seed;
}

/* Bytes make their way through the device and come back, over a page's end. */
static void bytes_go_there_and_back(struct test_user *user, u8 *memory)
{
	fill_with_pattern(memory + 100, PAGE_SIZE, 3);
	dma(user, IOVA + 100, BUFFER, PAGE_SIZE, 0);
	dma(user, BUFFER, IOVA + 2 * PAGE_SIZE - 50, PAGE_SIZE, TO_RAM);
	/* The first page's end is the same in both. */
	assert_memory_equal(memory + 2 * PAGE_SIZE - 50, memory + 100, PAGE_SIZE - 150);

	fill_with_pattern(memory, 64, 9);
	dma(user, IOVA, BUFFER + 4000, 96, 0);
	dma(user, BUFFER + 4001, IOVA + 3 * PAGE_SIZE, 5, TO_RAM);
	assert_memory_equal(memory + 3 * PAGE_SIZE, memory + 1, 5);
}

static void m15_the_vendor_type_moves_bytes_in_both_directions(void **state)
{
	bytes_go_there_and_back(&a.user, a.memory);
}

static void m16_the_iommu_type_moves_bytes_in_both_directions(void **state)
{
	long long before = faults();

	bytes_go_there_and_back(&a.user, a.memory);
	assert_true(faults() == before);
	assert_int_equal(pins(), 0);
}

/* What does not fit the buffer is not moved, and the end is told all the same. */
static void nothing_beyond_the_buffer_is_moved(void **state)
{
	static const struct {
		u64 at, count;
	} bad[] = {
		{ BUFFER, 4097 },
		{ BUFFER + 4095, 2 },
		{ BUFFER + 4096, 1 },
		{ BUFFER - 1, 2 },
		{ 0, 16 },
		{ BUFFER, ~0ULL },
		{ BUFFER + 1, ~0ULL },
		{ BUFFER + 16, -8ULL },
		{ ~0ULL, 16 },
		{ BUFFER + 4097, 0 },
	};
	long long before = faults();
	long pinned = pins();
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		dma(&a.user, IOVA, bad[i].at, bad[i].count, IRQ_DMA);
		assert_int_equal(reg_in(&a.user, REG_IRQ_STATUS), 0x100);
		reg_out(&a.user, REG_IRQ_ACK, 0x100);
		dma(&a.user, bad[i].at, IOVA, bad[i].count, TO_RAM);
		assert_int_equal(a.memory[0], 0xaa);
	}
	dma(&a.user, BUFFER + 4096, IOVA, 0, TO_RAM);
	assert_int_equal(a.memory[0], 0xaa);
	assert_true(faults() == before);
	assert_int_equal(pins(), pinned);
}

static void addresses_have_28_bits(void **state)
{
	a.memory[5] = 0x77;
	dma(&a.user, IOVA + 0xf0000000 + 5, BUFFER, 1, 0);
	dma(&a.user, BUFFER, 0xabcd000000000000 + IOVA + 6, 1, TO_RAM);
	assert_int_equal(a.memory[6], 0x77);
}

static void a_device_that_may_not_master_the_bus_moves_nothing(void **state)
{
	const u8 none = 0;
	long long before = faults();

	assert_int_equal(user_write(&a.user, VFIO_PCI_CONFIG_REGION_INDEX, PCI_COMMAND, &none, 1),
			 1);
	dma(&a.user, BUFFER, IOVA, 16, TO_RAM);
	assert_int_equal(a.memory[0], 0xaa);
	let_it_master_the_bus(&a.user);
	dma(&a.user, BUFFER, IOVA, 16, TO_RAM);
	assert_int_equal(a.memory[0], 0);
	assert_true(faults() == before);
}

static void a_transfer_interrupts_when_it_is_asked_to(void **state)
{
	int intx = eventfd_new();

	assert_int_equal(user_set_irq_fd(&a.user, INTX, TRIGGER_NOW, intx), 0);
	start_dma(&a.user, IOVA, BUFFER, 64, IRQ_DMA);
	assert_int_equal(eventfd_await(intx), 1);
	assert_int_equal(reg_in(&a.user, REG_IRQ_STATUS), 0x100);
	assert_int_equal(reg_in(&a.user, REG_CMD), IRQ_DMA);
	reg_out(&a.user, REG_IRQ_ACK, 0x100);
	close(intx);
}

static void a_mapping_for_reading_only_is_not_written_to(void **state)
{
	u8 *memory = pages(0x11);

	assert_int_equal(map(&a.user, 2 * IOVA, memory, SIZE, VFIO_DMA_MAP_FLAG_READ), 0);
	dma(&a.user, 2 * IOVA, BUFFER, 8, 0);
	dma(&a.user, BUFFER, IOVA, 8, TO_RAM);
	assert_int_equal(a.memory[7], 0x11);
	dma(&a.user, IOVA + 8, BUFFER, 8, 0);
	dma(&a.user, BUFFER, 2 * IOVA, 8, TO_RAM);
	assert_int_equal(memory[0], 0x11);
	assert_int_equal(unmap(&a.user, 2 * IOVA, SIZE), SIZE);
	free(memory);
}

static void m15_pages_stay_pinned_until_the_unmap_notifier_lets_them_go(void **state)
{
	assert_int_equal(pins(), 0);
	dma(&a.user, IOVA, BUFFER, 8, 0);
	assert_int_equal(pins(), 1);
	dma(&a.user, IOVA + 8, BUFFER, 8, 0);
	assert_int_equal(pins(), 1);
	dma(&a.user, IOVA + 2 * PAGE_SIZE - 4, BUFFER, 8, 0);
	assert_int_equal(pins(), 3);

	assert_int_equal(unmap(&a.user, IOVA, SIZE), SIZE);
	assert_int_equal(pins(), 0);
	memset(a.memory, 0x55, SIZE);
	dma(&a.user, BUFFER, IOVA, 8, TO_RAM);
	assert_int_equal(a.memory[0], 0x55);
	assert_int_equal(pins(), 0);
}

static void m15_no_more_than_a_few_pages_stay_pinned(void **state)
{
	u8 *memory = pages(0x11);
	unsigned int i;

	assert_int_equal(map(&a.user, 2 * IOVA, memory, SIZE, RW), 0);
	for (i = 0; i < 4; i++) {
		dma(&a.user, IOVA + i * PAGE_SIZE, BUFFER, 8, 0);
		dma(&a.user, 2 * IOVA + i * PAGE_SIZE, BUFFER, 8, 0);
	}
	assert_int_equal(pins(), 4);
	assert_int_equal(unmap(&a.user, 2 * IOVA, SIZE), SIZE);
	assert_int_equal(pins(), 2);
	free(memory);
}

static void m15_nothing_is_pinned_after_the_close(void **state)
{
	dma(&a.user, IOVA, BUFFER, 4096, 0);
	assert_true(pins() > 0);
	user_close_fd(a.user.device);
	a.user.device = -1;
	assert_int_equal(pins(), 0);
	assert_int_equal(unmap(&a.user, IOVA, SIZE), SIZE);
}

/* Memory that is not mapped here, by messages to its owner. */
static u8 far_away[PAGE_SIZE];

static int far_read(void *opaque, u64 iova, void *data, size_t count)
{
	memcpy(data, far_away + (iova - 2 * IOVA), count);
	return 0;
}

static int far_write(void *opaque, u64 iova, const void *data, size_t count)
{
	memcpy(far_away + (iova - 2 * IOVA), data, count);
	return 0;
}

static const struct vfio_dma_remote_ops far_ops = { .read = far_read, .write = far_write };

static void map_far_away(void)
{
	struct file *container = fget(a.user.container);

	memset(far_away, 0x99, sizeof(far_away));
	assert_int_equal(
		vfio_container_map_remote(container, 2 * IOVA, PAGE_SIZE, RW, &far_ops, NULL), 0);
	fput(container);
}

/* A transfer that takes until it is told to go on. */
static struct test_event slow_begun, slow_may_end;

static int slow_read(void *opaque, u64 iova, void *data, size_t count)
{
	event_tell(&slow_begun);
	event_wait(&slow_may_end, 1);
	memset(data, 0x99, count);
	return 0;
}

static const struct vfio_dma_remote_ops slow_ops = { .read = slow_read, .write = far_write };

static void *reset_device(void *arg)
{
	user_ioctl(a.user.device, VFIO_DEVICE_RESET, NULL);
	__atomic_store_n((bool *)arg, true, __ATOMIC_SEQ_CST);
	return NULL;
}

static void a_reset_waits_for_a_transfer_in_progress_and_forgets_it(void **state)
{
	struct file *container = fget(a.user.container);
	bool reset_done = false;
	pthread_t thread;
	unsigned int i;

	slow_begun = slow_may_end = (struct test_event)TEST_EVENT_INIT;
	assert_int_equal(
		vfio_container_map_remote(container, 2 * IOVA, PAGE_SIZE, RW, &slow_ops, NULL), 0);
	fput(container);
	start_dma(&a.user, 2 * IOVA, BUFFER, 16, IRQ_DMA);
	event_wait(&slow_begun, 1);

	assert_int_equal(pthread_create(&thread, NULL, reset_device, &reset_done), 0);
	/* One that did not wait would be done by then; how long one that does takes is up to us. */
	for (i = 0; i < 10000; i++) {
		reg_in(&a.user, REG_CMD);
		if (__atomic_load_n(&reset_done, __ATOMIC_SEQ_CST))
			fail_msg("the reset did not wait for the transfer");
	}
	assert_int_equal(reg_in(&a.user, REG_CMD), IRQ_DMA | RUN);
	event_tell(&slow_may_end);
	pthread_join(thread, NULL);
	assert_int_equal(reg_in(&a.user, REG_CMD), 0);
	assert_int_equal(reg_in(&a.user, REG_IRQ_STATUS), 0);
	dma(&a.user, BUFFER, IOVA, 16, TO_RAM);
	assert_int_equal(a.memory[0], 0xaa);
	let_it_master_the_bus(&a.user);
	dma(&a.user, BUFFER, IOVA, 16, TO_RAM);
	assert_int_equal(a.memory[0], 0);
}

static void m15_memory_that_cannot_be_pinned_is_copied(void **state)
{
	map_far_away();
	dma(&a.user, 2 * IOVA + 10, BUFFER, 16, 0);
	dma(&a.user, BUFFER, IOVA, 16, TO_RAM);
	assert_int_equal(a.memory[15], 0x99);
	dma(&a.user, IOVA + 16, BUFFER, 16, 0);
	dma(&a.user, BUFFER, 2 * IOVA, 16, TO_RAM);
	assert_int_equal(far_away[15], 0xaa);
	assert_int_equal(far_away[16], 0x99);
}

static void m16_memory_that_is_not_mapped_here_is_in_no_domain(void **state)
{
	long long before = faults();

	map_far_away();
	dma(&a.user, BUFFER, 2 * IOVA, 16, TO_RAM);
	assert_int_equal(far_away[0], 0x99);
	assert_true(faults() == before + 1);
	assert_int_equal(unmap(&a.user, 2 * IOVA, PAGE_SIZE), PAGE_SIZE);
}

static void m16_two_guests_on_one_parent_reach_their_own_memory_at_the_same_address(void **state)
{
	long long before = faults();

	dma(&a.user, IOVA, BUFFER, 64, 0);
	dma(&b.user, IOVA, BUFFER, 64, 0);
	dma(&a.user, BUFFER, IOVA + PAGE_SIZE, 64, TO_RAM);
	dma(&b.user, BUFFER, IOVA + 2 * PAGE_SIZE, 64, TO_RAM);
	assert_int_equal(a.memory[PAGE_SIZE], 0xaa);
	assert_int_equal(b.memory[2 * PAGE_SIZE], 0xbb);

	memset(a.memory, 0xcc, SIZE);
	dma(&a.user, IOVA, BUFFER, 64, 0);
	dma(&a.user, BUFFER, IOVA, 64, TO_RAM);
	assert_int_equal(b.memory[0], 0xbb);
	assert_true(faults() == before);
}

static void m16_reaching_for_the_other_guests_memory_faults_and_is_counted(void **state)
{
	u8 *secret = pages(0x5e);
	long long before = faults();
	size_t i;

	assert_int_equal(map(&b.user, 8 * IOVA, secret, SIZE, RW), 0);
	dma(&a.user, 8 * IOVA, BUFFER, 64, 0);
	assert_true(faults() == before + 1);
	dma(&a.user, BUFFER, IOVA, 64, TO_RAM);
	for (i = 0; i < 64; i++)
		assert_int_equal(a.memory[i], 0);

	dma(&a.user, BUFFER, 8 * IOVA, 64, TO_RAM);
	assert_true(faults() == before + 2);
	for (i = 0; i < SIZE; i++)
		assert_int_equal(secret[i], 0x5e);

	/* Its owner still reaches it. */
	dma(&b.user, 8 * IOVA, BUFFER, 64, 0);
	dma(&b.user, BUFFER, IOVA, 64, TO_RAM);
	assert_int_equal(b.memory[63], 0x5e);
	assert_true(faults() == before + 2);
	assert_int_equal(unmap(&b.user, 8 * IOVA, SIZE), SIZE);
	free(secret);
}

static void m16_what_is_mapped_before_the_group_joins_is_in_its_domain(void **state)
{
	struct test_user second, third;
	long long before = faults();

	assert_int_equal(tree_write(MEDU_TYPE "/medu-iommu/create", UUID_B), 0);
	assert_int_equal(tree_write(MEDU_TYPE "/medu-vendor/create", UUID_C), 0);
	assert_int_equal(user_join(&second, &a.user, DEV_B), 0);
	assert_int_equal(user_join(&third, &a.user, DEV_C), 0);
	let_it_master_the_bus(&second);
	let_it_master_the_bus(&third);

	bytes_go_there_and_back(&second, a.memory);
	bytes_go_there_and_back(&third, a.memory);
	assert_int_equal(unmap(&a.user, IOVA, SIZE), SIZE);
	dma(&a.user, BUFFER, IOVA, 8, TO_RAM);
	dma(&second, BUFFER, IOVA, 8, TO_RAM);
	assert_true(faults() == before + 2);
	assert_int_equal(map(&a.user, IOVA, a.memory, SIZE, RW), 0);
	bytes_go_there_and_back(&second, a.memory);

	/* One group's going leaves the other's domain as it is. */
	user_close(&second);
	user_close(&third);
	bytes_go_there_and_back(&a.user, a.memory);
	assert_true(faults() == before + 2);
	assert_int_equal(tree_write(DEV_B "/remove", "1"), 0);
	assert_int_equal(tree_write(DEV_C "/remove", "1"), 0);
}

static void m16_a_device_that_was_given_back_reaches_nothing_of_its_last_user(void **state)
{
	long long before = faults();

	user_close(&a.user);
	assert_int_equal(user_open(&a.user, DEV_A), 0);
	let_it_master_the_bus(&a.user);
	dma(&a.user, BUFFER, IOVA, 64, TO_RAM);
	assert_int_equal(a.memory[0], 0xaa);
	assert_true(faults() == before + 1);
}

/* A user who starts transfers into his memory, over and over, until he is told to stop. */
static bool stop_transfers;

static void *transfer_until_stopped(void *arg)
{
	struct guest *guest = arg;

	while (!__atomic_load_n(&stop_transfers, __ATOMIC_SEQ_CST))
		dma(&guest->user, BUFFER, IOVA, 4096, TO_RAM);
	return NULL;
}

/* After each unmap the memory is the test's own: TSan would see a device that still writes. */
static void after_an_unmap_the_device_writes_nothing(void **state)
{
	pthread_t thread;
	unsigned int i;

	stop_transfers = false;
	assert_int_equal(pthread_create(&thread, NULL, transfer_until_stopped, &a), 0);
	for (i = 0; i < 100; i++) {
		assert_int_equal(unmap(&a.user, IOVA, SIZE), SIZE);
		memset(a.memory, 0xaa, SIZE);
		sched_yield();
		assert_int_equal(a.memory[0], 0xaa);
		assert_int_equal(map(&a.user, IOVA, a.memory, SIZE, RW), 0);
	}
	__atomic_store_n(&stop_transfers, true, __ATOMIC_SEQ_CST);
	pthread_join(thread, NULL);
}

static void m16_all_pages_of_a_domain_count_as_dirty(void **state)
{
	u64 request[8] = { 0 };
	struct vfio_iommu_type1_dirty_bitmap *get = (void *)request;
	struct vfio_iommu_type1_dirty_bitmap_get *range = (void *)get->data;
	struct vfio_iommu_type1_dirty_bitmap start = {
		.argsz = sizeof(start),
		.flags = VFIO_IOMMU_DIRTY_PAGES_FLAG_START,
	};
	unsigned int i;
	u64 bits;

	get->argsz = sizeof(*get) + sizeof(*range);
	get->flags = VFIO_IOMMU_DIRTY_PAGES_FLAG_GET_BITMAP;
	range->iova = IOVA;
	range->size = SIZE;
	range->bitmap.pgsize = PAGE_SIZE;
	range->bitmap.size = sizeof(bits);
	range->bitmap.data = (void *)&bits;
	assert_int_equal(user_ioctl(a.user.container, VFIO_IOMMU_DIRTY_PAGES, &start), 0);
	for (i = 0; i < 2; i++) {
		bits = 0;
		assert_int_equal(user_ioctl(a.user.container, VFIO_IOMMU_DIRTY_PAGES, get), 0);
		assert_int_equal(bits, 0xf);
	}
}

/* Attaching with a mapping there, and mapping with groups there, fail as a whole or not at all. */
static void m16_each_allocation_may_fail_and_leaves_nothing(void **state)
{
	struct umdev_runtime_counts before, counts;
	struct test_user second;
	unsigned long nth;
	int ret;

	assert_int_equal(tree_write(MEDU_TYPE "/medu-iommu/create", UUID_B), 0);
	umdev_runtime_counts(&before);
	for (nth = 1;; nth++) {
		umdev_fault_arm(nth, UMDEV_FAULT_THREAD);
		ret = user_join(&second, &a.user, DEV_B);
		if (!umdev_fault_disarm())
			break;
		assert_true(ret < 0);
		umdev_runtime_counts(&counts);
		assert_int_equal(counts.allocations, before.allocations);
		assert_int_equal(counts.warnings, before.warnings);
	}
	assert_int_equal(ret, 0);
	assert_true(nth > 4);

	umdev_runtime_counts(&before);
	for (nth = 1;; nth++) {
		umdev_fault_arm(nth, UMDEV_FAULT_THREAD);
		ret = map(&a.user, 2 * IOVA, a.memory, SIZE, RW);
		if (!umdev_fault_disarm())
			break;
		assert_int_equal(ret, -ENOMEM);
		umdev_runtime_counts(&counts);
		assert_int_equal(counts.allocations, before.allocations);
		assert_int_equal(counts.mappings, before.mappings);
	}
	assert_int_equal(ret, 0);
	assert_int_equal(nth, 4);
	user_close(&second);
	assert_int_equal(tree_write(DEV_B "/remove", "1"), 0);
}

static void the_module_stays_while_a_device_is_open(void **state)
{
	assert_int_equal(test_unload("medu"), -EBUSY);
}

#define VENDOR(name)                                             \
	{                                                        \
		"vendor: " #name, name, start_vendor, stop, NULL \
	}
#define IOMMU(name)                                            \
	{                                                      \
		"iommu: " #name, name, start_iommu, stop, NULL \
	}
#define TWO_IOMMU(name) cmocka_unit_test_setup_teardown(name, start_two_iommu, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		VENDOR(m15_the_vendor_type_moves_bytes_in_both_directions),
		IOMMU(m16_the_iommu_type_moves_bytes_in_both_directions),
		VENDOR(nothing_beyond_the_buffer_is_moved),
		IOMMU(nothing_beyond_the_buffer_is_moved),
		VENDOR(addresses_have_28_bits),
		IOMMU(addresses_have_28_bits),
		VENDOR(a_device_that_may_not_master_the_bus_moves_nothing),
		IOMMU(a_device_that_may_not_master_the_bus_moves_nothing),
		VENDOR(a_transfer_interrupts_when_it_is_asked_to),
		IOMMU(a_transfer_interrupts_when_it_is_asked_to),
		VENDOR(a_mapping_for_reading_only_is_not_written_to),
		IOMMU(a_mapping_for_reading_only_is_not_written_to),
		VENDOR(m15_pages_stay_pinned_until_the_unmap_notifier_lets_them_go),
		VENDOR(m15_no_more_than_a_few_pages_stay_pinned),
		VENDOR(m15_nothing_is_pinned_after_the_close),
		VENDOR(m15_memory_that_cannot_be_pinned_is_copied),
		VENDOR(a_reset_waits_for_a_transfer_in_progress_and_forgets_it),
		IOMMU(m16_memory_that_is_not_mapped_here_is_in_no_domain),
		TWO_IOMMU(m16_two_guests_on_one_parent_reach_their_own_memory_at_the_same_address),
		TWO_IOMMU(m16_reaching_for_the_other_guests_memory_faults_and_is_counted),
		IOMMU(m16_what_is_mapped_before_the_group_joins_is_in_its_domain),
		IOMMU(m16_a_device_that_was_given_back_reaches_nothing_of_its_last_user),
		VENDOR(after_an_unmap_the_device_writes_nothing),
		IOMMU(after_an_unmap_the_device_writes_nothing),
		IOMMU(m16_all_pages_of_a_domain_count_as_dirty),
		IOMMU(m16_each_allocation_may_fail_and_leaves_nothing),
		IOMMU(the_module_stays_while_a_device_is_open),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
