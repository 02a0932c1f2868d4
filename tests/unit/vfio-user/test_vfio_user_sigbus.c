// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* Memory that its owner takes away. */
#include <linux/kernel.h>

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "vfio-user/sigbus.h"

#define PAGE 4096u

static sigjmp_buf escape;
static volatile sig_atomic_t former_handler_called;

static void former_handler(int sig)
{
	former_handler_called = 1;
	siglongjmp(escape, 1);
}

static u8 *map_pages(int fd, size_t pages, int prot)
{
	u8 *base = mmap(NULL, pages * PAGE, prot, MAP_SHARED, fd, 0);

	assert_ptr_not_equal(base, MAP_FAILED);
	return base;
}

static void memory_that_has_gone_reads_as_zeroes_and_takes_writes(void **state)
{
	int fd = memfd_create("guarded", MFD_CLOEXEC), lost = 0;
	struct vfio_user_guard guard = {
		.len = 4 * PAGE, .page_size = PAGE, .prot = PROT_READ | PROT_WRITE, .lost = &lost
	};
	volatile u8 *base;

	assert_int_equal(ftruncate(fd, 4 * PAGE), 0);
	base = map_pages(fd, 4, PROT_READ | PROT_WRITE);
	memset((void *)base, 0x55, 4 * PAGE);
	guard.base = (uintptr_t)base;
	assert_int_equal(vfio_user_sigbus_init(), 0);
	vfio_user_guard_add(&guard);

	assert_int_equal(ftruncate(fd, PAGE), 0);
	assert_int_equal(base[PAGE - 1], 0x55);
	assert_int_equal(lost, 0);
	assert_int_equal(base[2 * PAGE + 100], 0);
	assert_int_equal(lost, 1);
	base[3 * PAGE] = 7;
	assert_int_equal(base[3 * PAGE], 7);
	assert_int_equal(base[0], 0);

	vfio_user_guard_del(&guard);
	vfio_user_sigbus_exit();
	munmap((void *)base, 4 * PAGE);
	close(fd);
}

static int count_mappings(void)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	int count = 0, c;

	assert_non_null(maps);
	while ((c = fgetc(maps)) != EOF)
		count += c == '\n';
	fclose(maps);
	return count;
}

static void what_is_lost_here_and_there_costs_no_mapping(void **state)
{
	enum {
		PAGES = 1000
	};
	int fd = memfd_create("guarded", MFD_CLOEXEC), lost = 0, before, i;
	struct vfio_user_guard guard = {
		.len = PAGES * PAGE, .page_size = PAGE, .prot = PROT_READ, .lost = &lost
	};
	volatile u8 *base;

	assert_int_equal(ftruncate(fd, PAGES * PAGE), 0);
	base = map_pages(fd, PAGES, PROT_READ);
	guard.base = (uintptr_t)base;
	assert_int_equal(vfio_user_sigbus_init(), 0);
	vfio_user_guard_add(&guard);
	before = count_mappings();
	assert_int_equal(ftruncate(fd, 0), 0);
	for (i = 0; i < PAGES; i += 2)
		assert_int_equal(base[i * PAGE], 0);
	assert_in_range(count_mappings(), 1, before + 10);
	assert_int_equal(lost, 1);
	vfio_user_guard_del(&guard);
	vfio_user_sigbus_exit();
	munmap((void *)base, PAGES * PAGE);
	close(fd);
}

static void a_page_is_found_among_many_mappings(void **state)
{
	static struct vfio_user_guard guards[200];
	static int lost[200];
	int fd = memfd_create("guarded", MFD_CLOEXEC), i;

	assert_int_equal(ftruncate(fd, PAGE), 0);
	assert_int_equal(vfio_user_sigbus_init(), 0);
	for (i = 0; i < 200; i++) {
		guards[i] = (struct vfio_user_guard){
			.base = (uintptr_t)map_pages(fd, 1, PROT_READ),
			.len = PAGE,
			.page_size = PAGE,
			.prot = PROT_READ,
			.lost = &lost[i],
		};
		vfio_user_guard_add(&guards[i]);
	}
	assert_int_equal(ftruncate(fd, 0), 0);
	for (i = 0; i < 200; i += 3)
		assert_int_equal(*(volatile u8 *)guards[i].base, 0);
	for (i = 0; i < 200; i++) {
		assert_int_equal(lost[i], i % 3 == 0);
		vfio_user_guard_del(&guards[i]);
		munmap((void *)guards[i].base, PAGE);
	}
	vfio_user_sigbus_exit();
	close(fd);
}

static void other_memory_is_left_to_the_former_handler(void **state)
{
	struct sigaction former = { .sa_handler = former_handler }, old, now;
	int fd = memfd_create("unguarded", MFD_CLOEXEC);
	volatile u8 *base;

	assert_int_equal(ftruncate(fd, PAGE), 0);
	base = map_pages(fd, 1, PROT_READ);
	sigaction(SIGBUS, &former, &old);
	assert_int_equal(vfio_user_sigbus_init(), 0);
	assert_int_equal(ftruncate(fd, 0), 0);
	former_handler_called = 0;
	if (!sigsetjmp(escape, 1))
		(void)base[0];
	assert_int_equal(former_handler_called, 1);
	former_handler_called = 0;
	if (!sigsetjmp(escape, 1))
		raise(SIGBUS);
	assert_int_equal(former_handler_called, 1);
	vfio_user_sigbus_exit();
	sigaction(SIGBUS, &old, &now);
	assert_ptr_equal(now.sa_handler, former_handler);
	munmap((void *)base, PAGE);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_that_has_gone_reads_as_zeroes_and_takes_writes),
		cmocka_unit_test(what_is_lost_here_and_there_costs_no_mapping),
		cmocka_unit_test(a_page_is_found_among_many_mappings),
		cmocka_unit_test(other_memory_is_left_to_the_former_handler),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
