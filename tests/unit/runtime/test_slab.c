// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
#include "runtime_test.h"
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

static long live(void)
{
	return counts_now().allocations;
}

static void an_allocation_counts_until_it_is_freed(void **state)
{
	long before = live();
	void *p = kmalloc(100, GFP_KERNEL);

	assert_non_null(p);
	assert_int_equal(live(), before + 1);
	kfree(p);
	assert_int_equal(live(), before);
}

static void no_bytes_give_the_zero_size_pointer_which_is_not_counted(void **state)
{
	long before = live();
	void *p = kmalloc(0, GFP_KERNEL);

	assert_ptr_equal(p, ZERO_SIZE_PTR);
	assert_int_equal(ksize(p), 0);
	kfree(p);
	kfree(NULL);
	assert_int_equal(live(), before);
}

static void kzalloc_and_kcalloc_zero(void **state)
{
	char *p = kzalloc(300, GFP_KERNEL), *q = kcalloc(30, 10, GFP_KERNEL);

	assert_null(memchr_inv(p, 0, 300));
	assert_null(memchr_inv(q, 0, 300));
	kfree(p);
	kfree(q);
}

static void a_block_over_four_mebibytes_is_for_kvmalloc(void **state)
{
	void *p;

	assert_null(kmalloc(KMALLOC_MAX_SIZE + 1, GFP_KERNEL));
	p = kvmalloc(KMALLOC_MAX_SIZE + 1, GFP_KERNEL);
	assert_non_null(p);
	kvfree(p);
}

static void an_array_whose_size_overflows_is_refused(void **state)
{
	assert_null(kmalloc_array(SIZE_MAX / 2, 3, GFP_KERNEL));
	assert_null(kcalloc(SIZE_MAX / 2, 3, GFP_KERNEL));
	assert_null(kvcalloc(SIZE_MAX / 2, 3, GFP_KERNEL));
}

static void krealloc_keeps_what_was_there(void **state)
{
	long before = live();
	char *p = krealloc(NULL, 8, GFP_KERNEL);

	strcpy(p, "1234567");
	p = krealloc(p, 4000, GFP_KERNEL);
	assert_string_equal(p, "1234567");
	p = krealloc(p, 4, GFP_KERNEL);
	assert_memory_equal(p, "1234", 4);
	assert_ptr_equal(krealloc(p, 0, GFP_KERNEL), ZERO_SIZE_PTR);
	assert_int_equal(live(), before);
}

static void vmalloc_gives_whole_pages(void **state)
{
	char *p = vzalloc(5000);

	assert_int_equal((uintptr_t)p % 4096, 0);
	assert_null(memchr_inv(p, 0, 5000));
	vfree(p);
	assert_null(vmalloc(0));
}

static void construct(void *obj)
{
	*(int *)obj = 42;
}

static void a_cache_constructs_its_objects_and_knows_when_one_is_left(void **state)
{
	long before = live(), warnings = warnings_now();
	struct kmem_cache *cache = kmem_cache_create("things", 64, 128, 0, construct);
	int *obj = kmem_cache_alloc(cache, GFP_KERNEL);

	assert_int_equal(*obj, 42);
	assert_int_equal((uintptr_t)obj % 128, 0);
	kmem_cache_free(cache, obj);
	kmem_cache_destroy(cache);
	assert_int_equal(warnings_now(), warnings);
	assert_int_equal(live(), before);

	cache = kmem_cache_create("things", 64, 0, 0, NULL);
	obj = kmem_cache_alloc(cache, GFP_KERNEL);
	kmem_cache_destroy(cache);
	assert_int_equal(warnings_now(), warnings + 1);
	kfree(obj);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_allocation_counts_until_it_is_freed),
		cmocka_unit_test(no_bytes_give_the_zero_size_pointer_which_is_not_counted),
		cmocka_unit_test(kzalloc_and_kcalloc_zero),
		cmocka_unit_test(a_block_over_four_mebibytes_is_for_kvmalloc),
		cmocka_unit_test(an_array_whose_size_overflows_is_refused),
		cmocka_unit_test(krealloc_keeps_what_was_there),
		cmocka_unit_test(vmalloc_gives_whole_pages),
		cmocka_unit_test(a_cache_constructs_its_objects_and_knows_when_one_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
