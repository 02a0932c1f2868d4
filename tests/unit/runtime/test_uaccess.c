// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
#include "runtime_test.h"
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <sys/mman.h>
#include <unistd.h>

static void without_a_window_the_caller_is_the_kernel(void **state)
{
	char from[4] = "abc", to[4];

	assert_int_equal(copy_from_user(to, from, 4), 0);
	assert_string_equal(to, "abc");
	assert_int_equal(copy_to_user(NULL, from, 4), 4);
	assert_int_equal(copy_from_user(to, NULL, 4), 4);
}

static void a_copy_that_leaves_the_window_copies_nothing(void **state)
{
	struct user_access_window w;
	char buf[9] = "01234567", *user = buf + 1, kernel[8] = "abcdefg";

	user_access_window_push(&w, user, 4);
	assert_int_equal(copy_to_user(user, kernel, 4), 0);
	assert_memory_equal(buf, "0abcd567", 9);
	assert_int_equal(copy_to_user(user + 1, kernel, 4), 4);
	assert_int_equal(copy_to_user(buf, kernel, 2), 2);
	assert_memory_equal(buf, "0abcd567", 9);
	assert_int_equal(copy_from_user(kernel, user + 4, 1), 1);
	assert_int_equal(kernel[0], 0);
	assert_false(access_ok(user, SIZE_MAX));
	assert_true(access_ok(user + 4, 0));
	assert_int_equal(clear_user(user, 5), 5);
	assert_int_equal(clear_user(user, 2), 0);
	assert_memory_equal(user, "\0\0cd567", 8);
	user_access_window_pop(&w);
}

static void each_of_several_windows_can_be_reached_until_it_is_popped(void **state)
{
	struct user_access_window a, b, none;
	char first[4] = "one", second[4] = "two", buf[4];

	user_access_window_push(&a, first, 4);
	user_access_window_push(&b, second, 4);
	assert_int_equal(copy_from_user(buf, first, 4), 0);
	assert_int_equal(copy_from_user(buf, second, 4), 0);
	user_access_window_pop(&b);
	assert_int_equal(copy_from_user(buf, first, 4), 0);
	assert_int_equal(copy_from_user(buf, second, 4), 4);
	user_access_window_pop(&a);
	user_access_window_push(&none, NULL, 0);
	assert_int_equal(copy_from_user(buf, first, 4), 4);
	user_access_window_pop(&none);
	assert_int_equal(copy_from_user(buf, first, 4), 0);
}

static void single_values_go_both_ways_or_answer_efault(void **state)
{
	struct user_access_window w;
	u32 user = 5, other = 6, value;

	user_access_window_push(&w, &user, sizeof(user));
	assert_int_equal(get_user(value, &user), 0);
	assert_int_equal(value, 5);
	assert_int_equal(put_user(7, &user), 0);
	assert_int_equal(user, 7);
	assert_int_equal(get_user(value, &other), -EFAULT);
	assert_int_equal(value, 0);
	assert_int_equal(put_user(8, &other), -EFAULT);
	assert_int_equal(other, 6);
	user_access_window_pop(&w);
}

static void memory_is_duplicated_or_nothing_is_left_of_the_attempt(void **state)
{
	long before = counts_now().allocations;
	struct user_access_window w;
	char user[6] = "hello", *p;

	user_access_window_push(&w, user, sizeof(user));
	p = memdup_user(user, 6);
	assert_string_equal(p, "hello");
	kfree(p);
	p = memdup_user_nul(user, 2);
	assert_string_equal(p, "he");
	kfree(p);
	assert_int_equal(PTR_ERR(memdup_user(user, 7)), -EFAULT);
	assert_int_equal(PTR_ERR(vmemdup_user(user, 7)), -EFAULT);
	assert_int_equal(PTR_ERR(memdup_user(user, KMALLOC_MAX_SIZE + 1)), -ENOMEM);
	user_access_window_pop(&w);
	assert_int_equal(counts_now().allocations, before);
}

static void strings_end_before_the_window_does(void **state)
{
	struct user_access_window w;
	char user[8] = "hello", buf[8], *p;

	user_access_window_push(&w, user, 6);
	assert_int_equal(strnlen_user(user, 100), 6);
	assert_int_equal(strncpy_from_user(buf, user, sizeof(buf)), 5);
	assert_string_equal(buf, "hello");
	assert_int_equal(strncpy_from_user(buf, user, 3), 3);
	p = strndup_user(user, 6);
	assert_string_equal(p, "hello");
	kfree(p);
	assert_int_equal(PTR_ERR(strndup_user(user, 5)), -EINVAL);
	user_access_window_pop(&w);

	user_access_window_push(&w, user, 5);
	assert_int_equal(strnlen_user(user, 100), 0);
	assert_int_equal(strncpy_from_user(buf, user, sizeof(buf)), -EFAULT);
	assert_int_equal(PTR_ERR(strndup_user(user, 100)), -EFAULT);
	user_access_window_pop(&w);
}

static void pages_that_are_there_are_counted_up_to_the_first_that_is_not(void **state)
{
	enum {
		NPAGE = 150,
		THERE = 130
	};
	int fd = memfd_create("pages", MFD_CLOEXEC);
	unsigned long pfn[NPAGE];
	char *pages;

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, THERE * PAGE_SIZE), 0);
	pages = mmap(NULL, NPAGE * PAGE_SIZE, PROT_READ, MAP_SHARED, fd, 0);
	assert_ptr_not_equal(pages, MAP_FAILED);

	for (int i = 0; i < NPAGE; i++)
		pfn[i] = ((unsigned long)pages >> PAGE_SHIFT) + i;
	assert_int_equal(count_pages_nofault(pfn, 0), 0);
	assert_int_equal(count_pages_nofault(pfn, THERE), THERE);
	assert_int_equal(count_pages_nofault(pfn, NPAGE), THERE);
	assert_int_equal(count_pages_nofault(pfn + THERE, 1), 0);
	/* One that is not there between those that are, none of which follows another. */
	for (int i = 0; i < THERE; i++)
		pfn[i] = ((unsigned long)pages >> PAGE_SHIFT) + THERE - 1 - i;
	assert_int_equal(count_pages_nofault(pfn, THERE), THERE);
	pfn[100] = pfn[0] + 1;
	assert_int_equal(count_pages_nofault(pfn, THERE), 100);
	/* Not even mapped. */
	munmap(pages, NPAGE * PAGE_SIZE);
	assert_int_equal(count_pages_nofault(pfn, 1), 0);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_window_the_caller_is_the_kernel),
		cmocka_unit_test(a_copy_that_leaves_the_window_copies_nothing),
		cmocka_unit_test(each_of_several_windows_can_be_reached_until_it_is_popped),
		cmocka_unit_test(single_values_go_both_ways_or_answer_efault),
		cmocka_unit_test(memory_is_duplicated_or_nothing_is_left_of_the_attempt),
		cmocka_unit_test(strings_end_before_the_window_does),
		cmocka_unit_test(pages_that_are_there_are_counted_up_to_the_first_that_is_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
