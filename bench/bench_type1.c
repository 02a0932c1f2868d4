// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * What drivers pay for their client's memory: pins of one page, and copies of a page and of a MiB,
 * each against memcpy() of as much between the same two places.
 */
#include "bench.h"
#include "tests/unit/vfio/vfio_test.h"

#include <linux/err.h>
#include <linux/mm.h>
#include <linux/notifier.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <umdev/log.h>
#include <umdev/runtime.h>
#include <unistd.h>

#define ROUNDS	    101
#define MEMORY_SIZE (4u << 20)
#define IOVA	    0x100000ul

static struct vtest *device;
static struct vfio_group *group;
static char *memory, *buffer;

static int ignore(struct notifier_block *nb, unsigned long action, void *data)
{
	return NOTIFY_OK;
}

static void copy_by_memcpy(size_t size)
{
	memcpy(buffer, memory, size);
	/* The compiler shall not find out that nobody looks. */
	__asm__ volatile("" : : "r"(buffer) : "memory");
}

static void copy_by_dma_rw(size_t size)
{
	if (vfio_dma_rw(group, IOVA, buffer, size, false))
		bench_die("vfio_dma_rw");
}

static void pin_and_unpin(size_t size)
{
	unsigned long pfn = IOVA >> PAGE_SHIFT, phys;

	if (vfio_pin_pages(&device->dev, &pfn, 1, IOMMU_READ | IOMMU_WRITE, &phys) != 1 ||
	    vfio_unpin_pages(&device->dev, &pfn, 1) != 1)
		bench_die("vfio_pin_pages");
}

static void pin_and_unpin_16(size_t size)
{
	unsigned long pfn[16], phys[16];
	int i;

	for (i = 0; i < 16; i++)
		pfn[i] = (IOVA >> PAGE_SHIFT) + i;
	if (vfio_pin_pages(&device->dev, pfn, 16, IOMMU_READ | IOMMU_WRITE, phys) != 16 ||
	    vfio_unpin_pages(&device->dev, pfn, 16) != 16)
		bench_die("vfio_pin_pages");
}

/* What is measured; a copy's reference is the one before it, the pins' the first. */
static const struct subject {
	const char *name;
	void (*run)(size_t size);
	size_t size;
	int times, reference;
} subjects[] = {
	{ "memcpy 4 KiB", copy_by_memcpy, 4096, 2000, 0 },
	{ "vfio_dma_rw 4 KiB", copy_by_dma_rw, 4096, 2000, 0 },
	{ "pin and unpin 1 page", pin_and_unpin, 0, 2000, 0 },
	{ "pin and unpin 16 pages", pin_and_unpin_16, 0, 200, 0 },
	{ "memcpy 1 MiB", copy_by_memcpy, 1 << 20, 10, 4 },
	{ "vfio_dma_rw 1 MiB", copy_by_dma_rw, 1 << 20, 10, 4 },
};

#define NR_SUBJECTS ((int)(sizeof(subjects) / sizeof(subjects[0])))

static double measure(const struct subject *s)
{
	uint64_t start = bench_now_ns();
	int i;

	for (i = 0; i < s->times; i++)
		s->run(s->size);
	return (double)(bench_now_ns() - start) / s->times;
}

static void report(const struct bench_series *ns)
{
	struct bench_series ratios;
	struct bench_line line = { .bench = "type1" };
	char name[64];
	int i;

	for (i = 0; i < NR_SUBJECTS; i++) {
		line.name = subjects[i].name;
		line.unit = "ns";
		bench_report(&line, &ns[i]);
		if (subjects[i].reference == i)
			continue;
		bench_ratios(&ratios, &ns[i], &ns[subjects[i].reference]);
		snprintf(name, sizeof(name), "%s / %s", subjects[i].name,
			 subjects[subjects[i].reference].name);
		line.name = name;
		line.unit = "x";
		bench_report(&line, &ratios);
	}
}

int main(void)
{
	static struct bench_series ns[NR_SUBJECTS];
	struct notifier_block nb = { .notifier_call = ignore };
	unsigned long events = VFIO_IOMMU_NOTIFY_DMA_UNMAP;
	struct vtest_user user;
	int cpu, memfd, round, i;

	if (bench_cpus(&cpu, 1))
		bench_pin(cpu);
	if (vtest_runtime_up(NULL))
		bench_die("starting the runtime");
	umdev_log_set_level(-1);
	device = vtest_create("bench", NULL, NULL);
	user_attach(&user, device, VFIO_TYPE1v2_IOMMU);
	group = vfio_group_get_external_user_from_dev(&device->dev);
	memfd = memfd_create("client", MFD_CLOEXEC);
	buffer = malloc(MEMORY_SIZE);
	if (IS_ERR(group) || memfd < 0 || ftruncate(memfd, MEMORY_SIZE) || !buffer)
		bench_die("making the client's memory");
	memory = mmap(NULL, MEMORY_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, memfd, 0);
	if (memory == MAP_FAILED ||
	    user_map(user.container, IOVA, (uintptr_t)memory, MEMORY_SIZE,
		     VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE) ||
	    vfio_register_notifier(&device->dev, VFIO_IOMMU_NOTIFY, &events, &nb))
		bench_die("mapping the client's memory");
	memset(memory, 1, MEMORY_SIZE);
	memset(buffer, 2, MEMORY_SIZE);

	for (i = 0; i < NR_SUBJECTS; i++)
		measure(&subjects[i]);
	for (round = 0; round < ROUNDS; round++)
		for (i = 0; i < NR_SUBJECTS; i++)
			bench_add(&ns[i], measure(&subjects[i]));
	report(ns);

	vfio_unregister_notifier(&device->dev, VFIO_IOMMU_NOTIFY, &nb);
	vfio_group_put_external_user(group);
	user_detach(&user);
	vtest_destroy(device);
	munmap(memory, MEMORY_SIZE);
	close(memfd);
	free(buffer);
	return vtest_runtime_down(NULL) ? 1 : 0;
}
