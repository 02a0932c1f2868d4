// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* The type1 backend: mappings, pins, copies, notifications, dirty pages (M15). */
#include "vfio_test.h"
#include "drivers/vfio/vfio.h"

#include <linux/err.h>
#include <linux/file.h>
#include <linux/jiffies.h>
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/notifier.h>
#include <linux/string.h>

#include <sys/mman.h>
#include <unistd.h>

#define RW (VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE)
#define R  VFIO_DMA_MAP_FLAG_READ
#define W  VFIO_DMA_MAP_FLAG_WRITE

/* A device with a user, and memory that the user shares by a file. */
struct fixture {
	struct vtest *t;
	struct vtest_user user;
	struct vfio_group *group;
	int memfd;
	size_t size;
	char *memory;
};

static void fixture_up(struct fixture *f, unsigned long iommu)
{
	f->t = vtest_create("type1", NULL, NULL);
	user_attach(&f->user, f->t, iommu);
	f->group = vfio_group_get_external_user_from_dev(&f->t->dev);
	assert_false(IS_ERR(f->group));
	f->size = 16 * PAGE_SIZE;
	f->memfd = memfd_create("guest", MFD_CLOEXEC);
	assert_int_equal(ftruncate(f->memfd, f->size), 0);
	f->memory = mmap(NULL, f->size, PROT_READ | PROT_WRITE, MAP_SHARED, f->memfd, 0);
	assert_ptr_not_equal(f->memory, MAP_FAILED);
}

static void fixture_down(struct fixture *f)
{
	vfio_group_put_external_user(f->group);
	user_detach(&f->user);
	vtest_destroy(f->t);
	munmap(f->memory, f->size);
	close(f->memfd);
}

static long map(struct fixture *f, u64 iova, size_t offset, u64 size, u32 flags)
{
	return user_map(f->user.container, iova, (uintptr_t)f->memory + offset, size, flags);
}

static long unmap(struct fixture *f, u64 iova, u64 size, u64 *unmapped)
{
	*unmapped = size;
	return user_unmap(f->user.container, iova, unmapped, 0);
}

static void malformed_maps_are_refused(void **state)
{
	static const struct {
		u64 iova, vaddr, size;
		u32 flags;
	} bad[] = {
		{ 0x1000, 0x10000, 0, RW },		  /* nothing */
		{ 0x1000, 0x10000, 0x800, RW },		  /* half a page */
		{ 0x1800, 0x10000, 0x1000, RW },	  /* IOVA in a page */
		{ 0x1000, 0x10800, 0x1000, RW },	  /* address in a page */
		{ 0x1000, 0x10000, 0x1000, 0 },		  /* no access */
		{ 0x1000, 0x10000, 0x1000, RW | 4 },	  /* unknown flag */
		{ U64_MAX - 0xfff, 0x10000, 0x2000, RW }, /* IOVA wraps */
		{ 0x1000, U64_MAX - 0xfff, 0x2000, RW },  /* address wraps */
		{ 0x1000, 0x10000, U64_MAX, RW },
	};
	struct fixture f;
	unsigned int i;
	u64 size = 0;

	fixture_up(&f, VFIO_TYPE1v2_IOMMU);
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(user_map(f.user.container, bad[i].iova, bad[i].vaddr, bad[i].size,
					  bad[i].flags),
				 -EINVAL);
	assert_int_equal(user_unmap(f.user.container, 0, &size, VFIO_DMA_UNMAP_FLAG_ALL), 0);
	assert_int_equal(size, 0);
	fixture_down(&f);
}

static void mappings_do_not_overlap(void **state)
{
	struct fixture f;
	u64 done;

	fixture_up(&f, VFIO_TYPE1v2_IOMMU);
	assert_int_equal(map(&f, 0x10000, 0, 0x4000, RW), 0);
	assert_int_equal(map(&f, 0xf000, 0, 0x2000, RW), -EEXIST);
	assert_int_equal(map(&f, 0x13000, 0, 0x1000, RW), -EEXIST);
	assert_int_equal(map(&f, 0x11000, 0, 0x1000, RW), -EEXIST);
	assert_int_equal(map(&f, 0, 0, 0x100000, RW), -EEXIST);
	assert_int_equal(map(&f, 0xf000, 0, 0x1000, RW), 0);
	assert_int_equal(map(&f, 0x14000, 0, 0x1000, RW), 0);
	/* The last page of the address space. */
	assert_int_equal(map(&f, U64_MAX - 0xfff, 0, 0x1000, RW), 0);
	assert_int_equal(map(&f, U64_MAX - 0x1fff, 0, 0x2000, RW), -EEXIST);
	assert_int_equal(unmap(&f, U64_MAX - 0xfff, 0x1000, &done), 0);
	assert_int_equal(done, 0x1000);
	fixture_down(&f);
}

static void v2_unmaps_whole_mappings_only(void **state)
{
	struct fixture f;
	u64 done;

	fixture_up(&f, VFIO_TYPE1v2_IOMMU);
	assert_int_equal(map(&f, 0x10000, 0, 0x4000, RW), 0);
	assert_int_equal(map(&f, 0x20000, 0, 0x4000, RW), 0);
	assert_int_equal(unmap(&f, 0x11000, 0x1000, &done), -EINVAL);
	assert_int_equal(unmap(&f, 0x10000, 0x1000, &done), -EINVAL);
	assert_int_equal(unmap(&f, 0x10000, 0x11000, &done), -EINVAL);
	assert_int_equal(unmap(&f, 0x12000, 0x12000, &done), -EINVAL);
	assert_int_equal(done, 0x12000);
	assert_int_equal(unmap(&f, 0x10000, 0, &done), -EINVAL);
	assert_int_equal(unmap(&f, 0x10000, 0x800, &done), -EINVAL);
	assert_int_equal(unmap(&f, 0x10800, 0x1000, &done), -EINVAL);
	assert_int_equal(unmap(&f, U64_MAX - 0xfff, 0x2000, &done), -EINVAL);
	/* Holes are fine, and so is nothing at all. */
	assert_int_equal(unmap(&f, 0x8000, 0x8000, &done), 0);
	assert_int_equal(done, 0);
	assert_int_equal(unmap(&f, 0x8000, 0x20000, &done), 0);
	assert_int_equal(done, 0x8000);
	fixture_down(&f);
}

static void v1_unmaps_from_the_start_of_a_mapping(void **state)
{
	struct fixture f;
	u64 done;

	fixture_up(&f, VFIO_TYPE1_IOMMU);
	assert_int_equal(map(&f, 0x10000, 0, 0x4000, RW), 0);
	assert_int_equal(map(&f, 0x14000, 0, 0x4000, RW), 0);
	assert_int_equal(unmap(&f, 0x11000, 0x1000, &done), 0);
	assert_int_equal(done, 0);
	assert_int_equal(unmap(&f, 0x10000, 0x5000, &done), 0);
	assert_int_equal(done, 0x8000);
	fixture_down(&f);
}

static void unmap_all_takes_everything(void **state)
{
	struct fixture f;
	u64 size;

	fixture_up(&f, VFIO_TYPE1v2_IOMMU);
	assert_int_equal(map(&f, 0, 0, 0x4000, RW), 0);
	assert_int_equal(map(&f, U64_MAX - 0xfff, 0, 0x1000, RW), 0);
	size = 0x1000;
	assert_int_equal(user_unmap(f.user.container, 0, &size, VFIO_DMA_UNMAP_FLAG_ALL), -EINVAL);
	size = 0;
	assert_int_equal(user_unmap(f.user.container, 0x1000, &size, VFIO_DMA_UNMAP_FLAG_ALL),
			 -EINVAL);
	assert_int_equal(user_unmap(f.user.container, 0, &size, 8), -EINVAL);
	assert_int_equal(user_unmap(f.user.container, 0, &size, VFIO_DMA_UNMAP_FLAG_ALL), 0);
	assert_int_equal(size, 0x5000);
	fixture_down(&f);
}

static void a_container_has_65535_mappings(void **state)
{
	struct fixture f;
	u64 i, size = 0;

	fixture_up(&f, VFIO_TYPE1v2_IOMMU);
	for (i = 0; i < 65535; i++) {
		if (map(&f, i * 0x2000, 0, 0x1000, RW))
			break;
	}
	assert_int_equal(i, 65535);
	assert_int_equal(map(&f, i * 0x2000, 0, 0x1000, RW), -ENOSPC);
	assert_int_equal(user_unmap(f.user.container, 0, &size, VFIO_DMA_UNMAP_FLAG_ALL), 0);
	assert_int_equal(size, 65535ull * 0x1000);
	assert_int_equal(map(&f, 0, 0, 0x1000, RW), 0);
	fixture_down(&f);
}

static void copies_span_mappings_and_respect_them(void **state)
{
	char out[0x3000], in[0x3000];
	struct fixture f;

	fixture_up(&f, VFIO_TYPE1v2_IOMMU);
	assert_int_equal(map(&f, 0x10000, 0x4000, 0x2000, RW), 0);
	assert_int_equal(map(&f, 0x12000, 0, 0x2000, RW), 0);
	memset(out, 0x5a, sizeof(out));
	assert_int_equal(vfio_dma_rw(f.group, 0x10800, out, sizeof(out), true), 0);
	assert_int_equal(f.memory[0x47ff], 0);
	assert_int_equal(f.memory[0x4800], 0x5a);
	assert_int_equal(f.memory[0x17ff], 0x5a);
	assert_int_equal(f.memory[0x1800], 0);
	memset(in, 0, sizeof(in));
	assert_int_equal(vfio_dma_rw(f.group, 0x10800, in, sizeof(in), false), 0);
	assert_memory_equal(in, out, sizeof(in));

	assert_int_equal(vfio_dma_rw(f.group, 0x13800, in, 0x1000, false), -EINVAL);
	assert_int_equal(vfio_dma_rw(f.group, 0x9000, in, 1, false), -EINVAL);
	assert_int_equal(vfio_dma_rw(f.group, 0x10000, in, 0, false), -EINVAL);

	assert_int_equal(map(&f, 0x20000, 0, 0x1000, R), 0);
	assert_int_equal(vfio_dma_rw(f.group, 0x20000, in, 1, false), 0);
	assert_int_equal(vfio_dma_rw(f.group, 0x20000, in, 1, true), -EPERM);
	assert_int_equal(map(&f, 0x21000, 0, 0x1000, W), 0);
	assert_int_equal(vfio_dma_rw(f.group, 0x21000, in, 1, true), 0);
	assert_int_equal(vfio_dma_rw(f.group, 0x21000, in, 1, false), -EPERM);
	fixture_down(&f);
}

static void memory_that_its_owner_cut_off_faults_and_does_no_harm(void **state)
{
	struct fixture f;
	char byte = 1;

	fixture_up(&f, VFIO_TYPE1v2_IOMMU);
	assert_int_equal(map(&f, 0x10000, 0, 0x1000, RW), 0);
	assert_int_equal(ftruncate(f.memfd, 0), 0);
	assert_int_equal(vfio_dma_rw(f.group, 0x10000, &byte, 1, false), -EFAULT);
	assert_int_equal(vfio_dma_rw(f.group, 0x10000, &byte, 1, true), -EFAULT);
	fixture_down(&f);
}

/* A driver that pins and lets go when it is told to. */
struct pinner {
	struct notifier_block nb;
	struct vtest *t;
	unsigned long pfn;
	int calls;
	int ignore;
	u64 iova, size;
};

static int on_unmap(struct notifier_block *nb, unsigned long action, void *data)
{
	struct pinner *p = container_of(nb, struct pinner, nb);
	struct vfio_iommu_type1_dma_unmap *u = data;

	assert_int_equal(action, VFIO_IOMMU_NOTIFY_DMA_UNMAP);
	p->calls++;
	p->iova = u->iova;
	p->size = u->size;
	if (p->calls > p->ignore)
		assert_int_equal(vfio_unpin_pages(&p->t->dev, &p->pfn, 1), 1);
	return NOTIFY_OK;
}

static void listen(struct pinner *p, struct vtest *t)
{
	unsigned long events = VFIO_IOMMU_NOTIFY_DMA_UNMAP;

	memset(p, 0, sizeof(*p));
	p->nb.notifier_call = on_unmap;
	p->t = t;
	assert_int_equal(vfio_register_notifier(&t->dev, VFIO_IOMMU_NOTIFY, &events, &p->nb), 0);
	assert_int_equal(events, 0);
}

static void unlisten(struct pinner *p)
{
	assert_int_equal(vfio_unregister_notifier(&p->t->dev, VFIO_IOMMU_NOTIFY, &p->nb), 0);
}

static void pins_give_the_pages_and_add_up(void **state)
{
	unsigned long pfns[3] = { 0x11, 0x10, 0x11 }, phys[3];
	struct pinner p;
	struct fixture f;

	fixture_up(&f, VFIO_TYPE1v2_IOMMU);
	assert_int_equal(map(&f, 0x10000, 0, 0x2000, RW), 0);
	assert_int_equal(vfio_pin_pages(&f.t->dev, pfns, 1, IOMMU_READ, phys), -EINVAL);
	listen(&p, f.t);
	assert_int_equal(vfio_pin_pages(&f.t->dev, pfns, 3, IOMMU_READ | IOMMU_WRITE, phys), 3);
	assert_int_equal(phys[0], ((uintptr_t)f.memory >> PAGE_SHIFT) + 1);
	assert_int_equal(phys[1], (uintptr_t)f.memory >> PAGE_SHIFT);
	assert_int_equal(phys[2], phys[0]);

	assert_int_equal(vfio_unpin_pages(&f.t->dev, pfns, 2), 2);
	/* 0x11 was pinned twice, 0x10 once. */
	assert_int_equal(vfio_unpin_pages(&f.t->dev, pfns, 2), 1);
	assert_int_equal(vfio_unpin_pages(&f.t->dev, pfns, 1), -EINVAL);
	unlisten(&p);
	fixture_down(&f);
}

static void a_pin_that_fails_pins_nothing(void **state)
{
	unsigned long pfns[2] = { 0x10, 0x12 }, phys[2] = { 1, 1 };
	struct pinner p;
	struct fixture f;

	fixture_up(&f, VFIO_TYPE1v2_IOMMU);
	listen(&p, f.t);
	assert_int_equal(map(&f, 0x10000, 0, 0x2000, R), 0);
	assert_int_equal(vfio_pin_pages(&f.t->dev, pfns, 2, IOMMU_READ, phys), -EINVAL);
	assert_int_equal(phys[0], 0);
	assert_int_equal(vfio_unpin_pages(&f.t->dev, pfns, 1), -EINVAL);
	assert_int_equal(vfio_pin_pages(&f.t->dev, pfns, 1, IOMMU_WRITE, phys), -EPERM);
	assert_int_equal(vfio_pin_pages(&f.t->dev, pfns, 0, IOMMU_READ, phys), -EINVAL);
	assert_int_equal(vfio_pin_pages(&f.t->dev, pfns, VFIO_PIN_PAGES_MAX_ENTRIES + 1, IOMMU_READ,
					phys),
			 -E2BIG);
	pfns[0] = ULONG_MAX;
	assert_int_equal(vfio_pin_pages(&f.t->dev, pfns, 1, IOMMU_READ, phys), -EINVAL);
	pfns[0] = 0x10;
	assert_int_equal(ftruncate(f.memfd, 0), 0);
	assert_int_equal(vfio_pin_pages(&f.t->dev, pfns, 1, IOMMU_READ, phys), -EFAULT);
	unlisten(&p);
	fixture_down(&f);
}

/* Pages in an order of their own, of several mappings, and more than one look takes. */
static void many_pages_are_pinned_at_once(void **state)
{
	enum {
		NPAGE = 200
	};
	unsigned long pfns[NPAGE], phys[NPAGE];
	struct pinner p;
	struct fixture f;
	int i;

	fixture_up(&f, VFIO_TYPE1v2_IOMMU);
	listen(&p, f.t);
	assert_int_equal(map(&f, 0x10000, 0, 0x1000, RW), 0);
	assert_int_equal(map(&f, 0x11000, 0x3000, 0x2000, RW), 0);
	for (i = 0; i < NPAGE; i++)
		pfns[i] = 0x10 + i % 7 % 3;
	assert_int_equal(vfio_pin_pages(&f.t->dev, pfns, NPAGE, IOMMU_READ, phys), NPAGE);
	for (i = 0; i < NPAGE; i++)
		assert_int_equal(phys[i], ((uintptr_t)f.memory >> PAGE_SHIFT) +
						  (pfns[i] == 0x10 ? 0 : pfns[i] - 0x11 + 3));
	assert_int_equal(vfio_unpin_pages(&f.t->dev, pfns, NPAGE), NPAGE);
	unlisten(&p);
	fixture_down(&f);
}

static void of_several_pages_the_first_that_is_not_to_be_had_gives_the_error(void **state)
{
	/* The file has a page, the mapping four, and 0x20 is not mapped. */
	static const struct {
		unsigned long pfns[4];
		int error;
	} cases[] = {
		{ { 0x10, 0x11, 0x12, 0x13 }, -EFAULT },
		{ { 0x10, 0x10, 0x13, 0x20 }, -EFAULT },
		{ { 0x13, 0x20, 0x10, 0x10 }, -EFAULT },
		{ { 0x10, 0x20, 0x13, 0x10 }, -EINVAL },
		{ { 0x10, 0x20, ULONG_MAX, 0x13 }, -EINVAL },
	};
	unsigned long pfns[4], phys[4];
	struct pinner p;
	struct fixture f;
	size_t i;
	int j;

	fixture_up(&f, VFIO_TYPE1v2_IOMMU);
	listen(&p, f.t);
	assert_int_equal(map(&f, 0x10000, 0, 0x4000, RW), 0);
	assert_int_equal(ftruncate(f.memfd, PAGE_SIZE), 0);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		memcpy(pfns, cases[i].pfns, sizeof(pfns));
		assert_int_equal(vfio_pin_pages(&f.t->dev, pfns, 4, IOMMU_READ, phys),
				 cases[i].error);
		for (j = 0; j < 4; j++)
			assert_int_equal(phys[j], 0);
		pfns[0] = 0x10;
		assert_int_equal(vfio_unpin_pages(&f.t->dev, pfns, 1), -EINVAL);
	}
	unlisten(&p);
	fixture_down(&f);
}

static void pins_need_the_second_version_and_a_user(void **state)
{
	unsigned long pfn = 0x10, phys;
	struct vtest *idle = vtest_create("idle", NULL, NULL);
	struct device outsider = {};
	struct pinner p;
	struct fixture f;

	assert_int_equal(vfio_pin_pages(&idle->dev, &pfn, 1, IOMMU_READ, &phys), -EINVAL);
	assert_int_equal(vfio_pin_pages(&outsider, &pfn, 1, IOMMU_READ, &phys), -ENODEV);
	assert_int_equal(vfio_pin_pages(NULL, &pfn, 1, IOMMU_READ, &phys), -EINVAL);
	fixture_up(&f, VFIO_TYPE1_IOMMU);
	assert_int_equal(map(&f, 0x10000, 0, 0x2000, RW), 0);
	listen(&p, f.t);
	assert_int_equal(vfio_pin_pages(&f.t->dev, &pfn, 1, IOMMU_READ, &phys), -EACCES);
	unlisten(&p);
	fixture_down(&f);
	vtest_destroy(idle);
}

static void an_unmap_takes_pinned_pages_back(void **state)
{
	unsigned long phys;
	struct pinner p;
	struct fixture f;
	u64 done;

	fixture_up(&f, VFIO_TYPE1v2_IOMMU);
	listen(&p, f.t);
	assert_int_equal(map(&f, 0x10000, 0, 0x2000, RW), 0);
	assert_int_equal(map(&f, 0x20000, 0, 0x2000, RW), 0);
	p.pfn = 0x11;
	p.ignore = 2;
	assert_int_equal(vfio_pin_pages(&f.t->dev, &p.pfn, 1, IOMMU_READ, &phys), 1);
	assert_int_equal(unmap(&f, 0x20000, 0x2000, &done), 0);
	assert_int_equal(p.calls, 0);
	assert_int_equal(unmap(&f, 0x10000, 0x2000, &done), 0);
	assert_int_equal(done, 0x2000);
	assert_int_equal(p.calls, 3);
	assert_int_equal(p.iova, 0x10000);
	assert_int_equal(p.size, 0x2000);
	unlisten(&p);
	fixture_down(&f);
}

static void an_unmap_does_not_take_pages_from_a_driver_that_keeps_them(void **state)
{
	unsigned long phys;
	struct pinner p;
	struct fixture f;
	u64 done;

	fixture_up(&f, VFIO_TYPE1v2_IOMMU);
	listen(&p, f.t);
	assert_int_equal(map(&f, 0x0, 0, 0x1000, RW), 0);
	assert_int_equal(map(&f, 0x10000, 0, 0x2000, RW), 0);
	p.pfn = 0x11;
	p.ignore = 1000;
	assert_int_equal(vfio_pin_pages(&f.t->dev, &p.pfn, 1, IOMMU_READ, &phys), 1);
	assert_int_equal(unmap(&f, 0, 0x12000, &done), -EBUSY);
	assert_int_equal(p.calls, 10);
	/* Nothing of the range is gone. */
	assert_int_equal(map(&f, 0x0, 0, 0x1000, RW), -EEXIST);
	assert_int_equal(map(&f, 0x10000, 0, 0x1000, RW), -EEXIST);
	unlisten(&p);
	/* The pin goes with the container. */
	fixture_down(&f);
}

static void notifiers_know_their_events(void **state)
{
	struct pinner p = { .nb.notifier_call = on_unmap };
	unsigned long events;
	struct fixture f;

	fixture_up(&f, VFIO_TYPE1v2_IOMMU);
	events = VFIO_IOMMU_NOTIFY_DMA_UNMAP | BIT(4);
	assert_int_equal(vfio_register_notifier(&f.t->dev, VFIO_IOMMU_NOTIFY, &events, &p.nb),
			 -EINVAL);
	assert_int_equal(events, BIT(4));
	events = 0;
	assert_int_equal(vfio_register_notifier(&f.t->dev, VFIO_IOMMU_NOTIFY, &events, &p.nb),
			 -EINVAL);
	assert_int_equal(vfio_unregister_notifier(&f.t->dev, VFIO_IOMMU_NOTIFY, &p.nb), -ENOENT);
	fixture_down(&f);
}

static void *seen_kvm;

static int on_kvm(struct notifier_block *nb, unsigned long action, void *data)
{
	assert_int_equal(action, VFIO_GROUP_NOTIFY_SET_KVM);
	seen_kvm = data;
	return NOTIFY_OK;
}

static void a_late_notifier_learns_of_the_virtual_machine(void **state)
{
	struct notifier_block early = { .notifier_call = on_kvm };
	struct notifier_block late = { .notifier_call = on_kvm };
	struct kvm *kvm = (struct kvm *)&early;
	unsigned long events;
	struct fixture f;

	fixture_up(&f, VFIO_TYPE1v2_IOMMU);
	events = VFIO_GROUP_NOTIFY_SET_KVM;
	assert_int_equal(vfio_register_notifier(&f.t->dev, VFIO_GROUP_NOTIFY, &events, &early), 0);
	assert_null(seen_kvm);
	vfio_group_set_kvm(f.group, kvm);
	assert_ptr_equal(seen_kvm, kvm);
	seen_kvm = NULL;
	events = VFIO_GROUP_NOTIFY_SET_KVM;
	assert_int_equal(vfio_register_notifier(&f.t->dev, VFIO_GROUP_NOTIFY, &events, &late), 0);
	assert_ptr_equal(seen_kvm, kvm);
	vfio_group_set_kvm(f.group, NULL);
	assert_null(seen_kvm);
	assert_int_equal(vfio_unregister_notifier(&f.t->dev, VFIO_GROUP_NOTIFY, &early), 0);
	assert_int_equal(vfio_unregister_notifier(&f.t->dev, VFIO_GROUP_NOTIFY, &late), 0);
	fixture_down(&f);
}

static void external_users_keep_the_group_in_its_container(void **state)
{
	struct file *group_file, *container_file;
	struct fixture f;

	fixture_up(&f, VFIO_TYPE1v2_IOMMU);
	group_file = user_file(f.user.group);
	container_file = user_file(f.user.container);
	assert_true(vfio_external_group_match_file(f.group, group_file));
	assert_false(vfio_external_group_match_file(f.group, container_file));
	assert_true(IS_ERR(vfio_group_get_external_user(container_file)));
	assert_ptr_equal(vfio_group_get_external_user(group_file), f.group);
	vfio_group_put_external_user(f.group);
	assert_int_equal(vfio_external_user_iommu_id(f.group), vtest_group(f.t));
	assert_int_equal(vfio_external_check_extension(f.group, VFIO_TYPE1v2_IOMMU), 1);
	fput(group_file);
	fput(container_file);
	user_close(f.user.device);
	user_close(f.user.group);
	assert_int_equal(user_open_group(vtest_group(f.t)), -EBUSY);
	f.user.device = -1;
	f.user.group = -1;
	fixture_down(&f);
}

/* Memory of a user who gave no file: here, an array with a count of what is asked of it. */
struct remote {
	char bytes[0x2000];
	u64 iova;
	int reads, writes, releases;
	struct fixture *unmap_in_read;
};

static int remote_read(void *opaque, u64 iova, void *data, size_t count)
{
	struct remote *r = opaque;
	u64 done;

	r->reads++;
	if (r->unmap_in_read) {
		assert_int_equal(unmap(r->unmap_in_read, r->iova, sizeof(r->bytes), &done), 0);
		assert_int_equal(r->releases, 0);
	}
	memcpy(data, r->bytes + (iova - r->iova), count);
	return 0;
}

static int remote_write(void *opaque, u64 iova, const void *data, size_t count)
{
	struct remote *r = opaque;

	r->writes++;
	memcpy(r->bytes + (iova - r->iova), data, count);
	return 0;
}

static void remote_release(void *opaque)
{
	struct remote *r = opaque;

	r->releases++;
}

static const struct vfio_dma_remote_ops remote_ops = {
	.read = remote_read,
	.write = remote_write,
	.release = remote_release,
};

static int map_remote(struct fixture *f, struct remote *r, u32 flags)
{
	struct file *file = user_file(f->user.container);
	int ret = vfio_container_map_remote(file, r->iova, sizeof(r->bytes), flags, &remote_ops, r);

	fput(file);
	return ret;
}

static void memory_without_a_file_is_reached_by_asking(void **state)
{
	static struct remote r = { .iova = 0x12000 };
	unsigned long pfn = 0x12, phys;
	struct file *file;
	struct pinner p;
	struct fixture f;
	char buf[0x3000];
	u64 done;

	fixture_up(&f, VFIO_TYPE1v2_IOMMU);
	listen(&p, f.t);
	assert_int_equal(map(&f, 0x10000, 0, 0x2000, RW), 0);
	file = user_file(f.user.group);
	assert_int_equal(vfio_container_map_remote(file, 0, 0x1000, RW, &remote_ops, &r), -EINVAL);
	fput(file);
	assert_int_equal(map_remote(&f, &r, 0), -EINVAL);
	assert_int_equal(map_remote(&f, &r, RW), 0);
	assert_int_equal(map_remote(&f, &r, RW), -EEXIST);

	memset(buf, 7, sizeof(buf));
	assert_int_equal(vfio_dma_rw(f.group, 0x11000, buf, sizeof(buf), true), 0);
	assert_int_equal(r.writes, 1);
	assert_int_equal(f.memory[0x1000], 7);
	assert_int_equal(r.bytes[0], 7);
	assert_int_equal(r.bytes[0x1fff], 7);
	r.bytes[5] = 9;
	assert_int_equal(vfio_dma_rw(f.group, 0x12005, buf, 1, false), 0);
	assert_int_equal(buf[0], 9);
	assert_int_equal(vfio_pin_pages(&f.t->dev, &pfn, 1, IOMMU_READ, &phys), -EFAULT);

	assert_int_equal(r.releases, 0);
	assert_int_equal(unmap(&f, 0x12000, 0x2000, &done), 0);
	assert_int_equal(done, 0x2000);
	assert_int_equal(r.releases, 1);
	unlisten(&p);
	fixture_down(&f);
}

static void an_unmap_does_not_wait_for_its_owners_answer(void **state)
{
	static struct remote r = { .iova = 0x12000 };
	struct fixture f;
	char byte;

	fixture_up(&f, VFIO_TYPE1v2_IOMMU);
	assert_int_equal(map_remote(&f, &r, R), 0);
	assert_int_equal(vfio_dma_rw(f.group, 0x12000, &byte, 1, true), -EPERM);
	r.unmap_in_read = &f;
	assert_int_equal(vfio_dma_rw(f.group, 0x12000, &byte, 1, false), 0);
	assert_int_equal(r.releases, 1);
	assert_int_equal(vfio_dma_rw(f.group, 0x12000, &byte, 1, false), -EINVAL);
	fixture_down(&f);
}

static long dirty_switch(struct fixture *f, u32 flags)
{
	struct vfio_iommu_type1_dirty_bitmap dirty = { .argsz = sizeof(dirty), .flags = flags };

	return user_ioctl(f->user.container, VFIO_IOMMU_DIRTY_PAGES, (unsigned long)&dirty);
}

/* struct vfio_iommu_type1_dirty_bitmap with the data of a GET_BITMAP. */
struct dirty_get {
	u32 argsz;
	u32 flags;
	struct vfio_iommu_type1_dirty_bitmap_get range;
};

static long dirty_get(struct fixture *f, u64 iova, u64 size, u64 pgsize, u64 *words, u64 bytes)
{
	struct dirty_get get = {
		.argsz = sizeof(get),
		.flags = VFIO_IOMMU_DIRTY_PAGES_FLAG_GET_BITMAP,
		.range = {
			.iova = iova,
			.size = size,
			.bitmap = { .pgsize = pgsize, .size = bytes, .data = (void *)words },
		},
	};

	memset(words, 0, bytes);
	return user_ioctl(f->user.container, VFIO_IOMMU_DIRTY_PAGES, (unsigned long)&get);
}

static void written_pages_are_dirty_once(void **state)
{
	struct fixture f;
	u64 words[2];
	char byte = 1;

	fixture_up(&f, VFIO_TYPE1v2_IOMMU);
	assert_int_equal(map(&f, 0x10000, 0, 0x4000, RW), 0);
	assert_int_equal(dirty_get(&f, 0x10000, 0x4000, PAGE_SIZE, words, 8), -EINVAL);
	assert_int_equal(dirty_switch(&f, VFIO_IOMMU_DIRTY_PAGES_FLAG_START), 0);
	assert_int_equal(dirty_switch(&f, VFIO_IOMMU_DIRTY_PAGES_FLAG_START), 0);
	/* Mapped while tracking goes on, 60 pages behind: its bits span two words. */
	assert_int_equal(map(&f, 0x4c000, 0, 0x8000, RW), 0);

	assert_int_equal(vfio_dma_rw(f.group, 0x11fff, &byte, 1, true), 0);
	assert_int_equal(vfio_dma_rw(f.group, 0x10000, &byte, 1, false), 0);
	assert_int_equal(vfio_dma_rw(f.group, 0x4f800, f.memory + 0x8000, 0x1000, true), 0);
	assert_int_equal(dirty_get(&f, 0x10000, 0x44000, PAGE_SIZE, words, 16), 0);
	assert_true(words[0] == (2 | 1ull << 63));
	assert_int_equal(words[1], 1);
	assert_int_equal(dirty_get(&f, 0x10000, 0x44000, PAGE_SIZE, words, 16), 0);
	assert_int_equal(words[0], 0);
	assert_int_equal(words[1], 0);
	assert_int_equal(dirty_switch(&f, VFIO_IOMMU_DIRTY_PAGES_FLAG_STOP), 0);
	assert_int_equal(dirty_get(&f, 0x10000, 0x44000, PAGE_SIZE, words, 16), -EINVAL);
	fixture_down(&f);
}

static void pinned_pages_stay_dirty(void **state)
{
	unsigned long phys;
	struct pinner p;
	struct fixture f;
	u64 word;

	fixture_up(&f, VFIO_TYPE1v2_IOMMU);
	listen(&p, f.t);
	assert_int_equal(map(&f, 0x10000, 0, 0x4000, RW), 0);
	p.pfn = 0x12;
	assert_int_equal(vfio_pin_pages(&f.t->dev, &p.pfn, 1, IOMMU_WRITE, &phys), 1);
	assert_int_equal(dirty_switch(&f, VFIO_IOMMU_DIRTY_PAGES_FLAG_START), 0);
	assert_int_equal(dirty_get(&f, 0x10000, 0x4000, PAGE_SIZE, &word, 8), 0);
	assert_int_equal(word, 4);
	assert_int_equal(vfio_unpin_pages(&f.t->dev, &p.pfn, 1), 1);
	assert_int_equal(dirty_get(&f, 0x10000, 0x4000, PAGE_SIZE, &word, 8), 0);
	assert_int_equal(word, 4);
	assert_int_equal(dirty_get(&f, 0x10000, 0x4000, PAGE_SIZE, &word, 8), 0);
	assert_int_equal(word, 0);
	unlisten(&p);
	fixture_down(&f);
}

static void malformed_requests_for_dirty_pages_are_refused(void **state)
{
	struct vfio_iommu_type1_dirty_bitmap short_arg = { .argsz = 4 };
	struct fixture f;
	u64 words[4];

	fixture_up(&f, VFIO_TYPE1v2_IOMMU);
	assert_int_equal(map(&f, 0x10000, 0, 0x4000, RW), 0);
	assert_int_equal(dirty_switch(&f, 0), -EINVAL);
	assert_int_equal(dirty_switch(&f, 3), -EINVAL);
	assert_int_equal(dirty_switch(&f, 8), -EINVAL);
	assert_int_equal(dirty_switch(&f, VFIO_IOMMU_DIRTY_PAGES_FLAG_GET_BITMAP), -EINVAL);
	assert_int_equal(user_ioctl(f.user.container, VFIO_IOMMU_DIRTY_PAGES,
				    (unsigned long)&short_arg),
			 -EINVAL);
	assert_int_equal(dirty_switch(&f, VFIO_IOMMU_DIRTY_PAGES_FLAG_START), 0);
	assert_int_equal(dirty_get(&f, 0x10000, 0x4000, 0, words, 8), -EINVAL);
	assert_int_equal(dirty_get(&f, 0x10000, 0x4000, 0x2000, words, 8), -EINVAL);
	assert_int_equal(dirty_get(&f, 0x10000, 0x4000, PAGE_SIZE, words, 0), -EINVAL);
	assert_int_equal(dirty_get(&f, 0x10000, 0x41000, PAGE_SIZE, words, 8), -EINVAL);
	assert_int_equal(dirty_get(&f, 0x10000, 0, PAGE_SIZE, words, 8), -EINVAL);
	assert_int_equal(dirty_get(&f, 0x10800, 0x1000, PAGE_SIZE, words, 8), -EINVAL);
	assert_int_equal(dirty_get(&f, 0x11000, 0x3000, PAGE_SIZE, words, 8), -EINVAL);
	assert_int_equal(dirty_get(&f, 0x10000, 0x2000, PAGE_SIZE, words, 8), -EINVAL);
	assert_int_equal(dirty_get(&f, U64_MAX - 0xfff, 0x2000, PAGE_SIZE, words, 8), -EINVAL);
	fixture_down(&f);

	fixture_up(&f, VFIO_TYPE1_IOMMU);
	assert_int_equal(dirty_switch(&f, VFIO_IOMMU_DIRTY_PAGES_FLAG_START), -EACCES);
	fixture_down(&f);
}

static void an_unmap_gives_the_dirty_pages_of_what_goes(void **state)
{
	/* struct vfio_iommu_type1_dma_unmap with a bitmap. */
	struct {
		u32 argsz;
		u32 flags;
		u64 iova;
		u64 size;
		struct vfio_bitmap bitmap;
	} arg = {
		.argsz = sizeof(arg),
		.flags = VFIO_DMA_UNMAP_FLAG_GET_DIRTY_BITMAP,
		.iova = 0x10000,
		.size = 0x4000,
	};
	struct fixture f;
	u64 word = 0;
	char byte = 1;

	arg.bitmap.pgsize = PAGE_SIZE;
	arg.bitmap.size = 8;
	arg.bitmap.data = (void *)&word;
	fixture_up(&f, VFIO_TYPE1v2_IOMMU);
	assert_int_equal(map(&f, 0x10000, 0, 0x4000, RW), 0);
	assert_int_equal(user_ioctl(f.user.container, VFIO_IOMMU_UNMAP_DMA, (unsigned long)&arg),
			 -EINVAL);
	assert_int_equal(dirty_switch(&f, VFIO_IOMMU_DIRTY_PAGES_FLAG_START), 0);
	assert_int_equal(vfio_dma_rw(f.group, 0x13000, &byte, 1, true), 0);
	assert_int_equal(user_ioctl(f.user.container, VFIO_IOMMU_UNMAP_DMA, (unsigned long)&arg),
			 0);
	assert_int_equal(arg.size, 0x4000);
	assert_int_equal(word, 8);
	fixture_down(&f);
}

struct copier {
	struct fixture *f;
	atomic_t stop;
	int errors;
};

static void copy_until_told(void *arg)
{
	struct copier *c = arg;
	char buf[0x2000];
	int ret;

	while (!atomic_read(&c->stop)) {
		ret = vfio_dma_rw(c->f->group, 0x10800, buf, 0x1000, false);
		if (ret && ret != -EINVAL)
			c->errors++;
	}
}

static void copies_race_with_unmaps(void **state)
{
	struct vtest_thread thread;
	struct copier c = {};
	struct fixture f;
	u64 done;
	int i;

	fixture_up(&f, VFIO_TYPE1v2_IOMMU);
	c.f = &f;
	vtest_thread_start(&thread, copy_until_told, &c);
	for (i = 0; i < 200; i++) {
		assert_int_equal(map(&f, 0x10000, 0, 0x2000, RW), 0);
		assert_int_equal(dirty_switch(&f, i % 2 ? VFIO_IOMMU_DIRTY_PAGES_FLAG_START
							: VFIO_IOMMU_DIRTY_PAGES_FLAG_STOP),
				 0);
		assert_int_equal(unmap(&f, 0x10000, 0x2000, &done), 0);
	}
	atomic_set(&c.stop, 1);
	vtest_thread_join(&thread);
	assert_int_equal(c.errors, 0);
	fixture_down(&f);
}

/* A second backend, to show that the interface takes one (M15). */
static int toy_groups;

static void *toy_open(unsigned long arg)
{
	return &toy_groups;
}

static void toy_release(void *iommu_data)
{
	assert_int_equal(toy_groups, 0);
}

static long toy_ioctl(void *iommu_data, unsigned int cmd, unsigned long arg)
{
	if (cmd == VFIO_CHECK_EXTENSION)
		return arg == 0x7011;
	return cmd == VFIO_IOMMU_ENABLE ? 77 : -ENOTTY;
}

static int toy_attach(void *iommu_data, struct iommu_group *group)
{
	toy_groups++;
	return 0;
}

static void toy_detach(void *iommu_data, struct iommu_group *group)
{
	toy_groups--;
}

static int toy_dma_rw(void *iommu_data, dma_addr_t iova, void *data, size_t count, bool write)
{
	return iova == 0x1234 ? 0 : -EINVAL;
}

static const struct vfio_iommu_driver_ops toy_ops = {
	.name = "toy",
	.open = toy_open,
	.release = toy_release,
	.ioctl = toy_ioctl,
	.attach_group = toy_attach,
	.detach_group = toy_detach,
	.dma_rw = toy_dma_rw,
};

static void another_backend_can_serve_containers(void **state)
{
	unsigned long pfn = 1, phys, events = VFIO_IOMMU_NOTIFY_DMA_UNMAP;
	struct pinner p = { .nb.notifier_call = on_unmap };
	struct fixture f;
	int container;

	assert_int_equal(vfio_register_iommu_driver(&toy_ops), 0);
	assert_int_equal(vfio_register_iommu_driver(&toy_ops), -EINVAL);
	container = user_open("/dev/vfio/vfio");
	assert_int_equal(user_ioctl(container, VFIO_CHECK_EXTENSION, 0x7011), 1);
	assert_int_equal(user_ioctl(container, VFIO_CHECK_EXTENSION, VFIO_TYPE1_IOMMU), 1);
	user_close(container);

	fixture_up(&f, 0x7011);
	assert_int_equal(toy_groups, 1);
	assert_int_equal(user_ioctl(f.user.container, VFIO_CHECK_EXTENSION, VFIO_TYPE1_IOMMU), 0);
	assert_int_equal(user_ioctl(f.user.container, VFIO_IOMMU_ENABLE, 0), 77);
	assert_int_equal(vfio_dma_rw(f.group, 0x1234, &phys, 1, false), 0);
	assert_int_equal(vfio_pin_pages(&f.t->dev, &pfn, 1, IOMMU_READ, &phys), -ENOTTY);
	assert_int_equal(vfio_unpin_pages(&f.t->dev, &pfn, 1), -ENOTTY);
	assert_int_equal(vfio_register_notifier(&f.t->dev, VFIO_IOMMU_NOTIFY, &events, &p.nb),
			 -ENOTTY);
	fixture_down(&f);
	assert_int_equal(toy_groups, 0);
	vfio_unregister_iommu_driver(&toy_ops);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(malformed_maps_are_refused),
		cmocka_unit_test(mappings_do_not_overlap),
		cmocka_unit_test(v2_unmaps_whole_mappings_only),
		cmocka_unit_test(v1_unmaps_from_the_start_of_a_mapping),
		cmocka_unit_test(unmap_all_takes_everything),
		cmocka_unit_test(a_container_has_65535_mappings),
		cmocka_unit_test(copies_span_mappings_and_respect_them),
		cmocka_unit_test(memory_that_its_owner_cut_off_faults_and_does_no_harm),
		cmocka_unit_test(pins_give_the_pages_and_add_up),
		cmocka_unit_test(a_pin_that_fails_pins_nothing),
		cmocka_unit_test(many_pages_are_pinned_at_once),
		cmocka_unit_test(of_several_pages_the_first_that_is_not_to_be_had_gives_the_error),
		cmocka_unit_test(pins_need_the_second_version_and_a_user),
		cmocka_unit_test(an_unmap_takes_pinned_pages_back),
		cmocka_unit_test(an_unmap_does_not_take_pages_from_a_driver_that_keeps_them),
		cmocka_unit_test(notifiers_know_their_events),
		cmocka_unit_test(a_late_notifier_learns_of_the_virtual_machine),
		cmocka_unit_test(external_users_keep_the_group_in_its_container),
		cmocka_unit_test(memory_without_a_file_is_reached_by_asking),
		cmocka_unit_test(an_unmap_does_not_wait_for_its_owners_answer),
		cmocka_unit_test(written_pages_are_dirty_once),
		cmocka_unit_test(pinned_pages_stay_dirty),
		cmocka_unit_test(malformed_requests_for_dirty_pages_are_refused),
		cmocka_unit_test(an_unmap_gives_the_dirty_pages_of_what_goes),
		cmocka_unit_test(copies_race_with_unmaps),
		cmocka_unit_test(another_backend_can_serve_containers),
	};

	return vtest_run(tests);
}
