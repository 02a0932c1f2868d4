// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
#include "runtime_test.h"
#include <linux/bitmap.h>
#include <linux/err.h>
#include <linux/hashtable.h>
#include <linux/idr.h>
#include <linux/jhash.h>
#include <linux/list.h>
#include <linux/log2.h>
#include <linux/overflow.h>
#include <linux/rbtree.h>
#include <linux/slab.h>
#include <stdlib.h>
#include <string.h>

static void an_idr_gives_the_lowest_free_integer(void **state)
{
	long before = counts_now().allocations;
	DEFINE_IDR(idr);
	int values[200];

	for (int i = 0; i < 200; i++)
		assert_int_equal(idr_alloc(&idr, &values[i], 0, 0, GFP_KERNEL), i);
	assert_ptr_equal(idr_find(&idr, 130), &values[130]);
	assert_ptr_equal(idr_remove(&idr, 130), &values[130]);
	assert_ptr_equal(idr_remove(&idr, 7), &values[7]);
	assert_null(idr_find(&idr, 130));
	assert_null(idr_remove(&idr, 130));
	assert_int_equal(idr_alloc(&idr, &values[7], 0, 0, GFP_KERNEL), 7);
	assert_int_equal(idr_alloc(&idr, &values[0], 0, 0, GFP_KERNEL), 130);
	assert_int_equal(idr_alloc(&idr, &values[0], 0, 0, GFP_KERNEL), 200);
	idr_destroy(&idr);
	assert_true(idr_is_empty(&idr));
	assert_int_equal(counts_now().allocations, before);
}

static void an_idr_keeps_to_its_bounds(void **state)
{
	DEFINE_IDR(idr);
	int value;

	assert_int_equal(idr_alloc(&idr, &value, 1000, 1002, GFP_KERNEL), 1000);
	assert_int_equal(idr_alloc(&idr, &value, 1000, 1002, GFP_KERNEL), 1001);
	assert_int_equal(idr_alloc(&idr, &value, 1000, 1002, GFP_KERNEL), -ENOSPC);
	assert_int_equal(idr_alloc(&idr, &value, 0, 0, GFP_KERNEL), 0);
	assert_int_equal(idr_alloc(&idr, &value, INT_MAX, 0, GFP_KERNEL), INT_MAX);
	assert_int_equal(idr_alloc(&idr, &value, INT_MAX, 0, GFP_KERNEL), -ENOSPC);
	assert_ptr_equal(idr_find(&idr, INT_MAX), &value);
	assert_null(idr_find(&idr, 1ul << 40));
	assert_ptr_equal(idr_replace(&idr, NULL, 1001), &value);
	assert_true(IS_ERR(idr_replace(&idr, &value, 1002)));
	idr_destroy(&idr);
}

static void a_cyclic_idr_goes_on_where_it_was(void **state)
{
	DEFINE_IDR(idr);
	int value;

	assert_int_equal(idr_alloc_cyclic(&idr, &value, 1, 4, GFP_KERNEL), 1);
	idr_remove(&idr, 1);
	assert_int_equal(idr_alloc_cyclic(&idr, &value, 1, 4, GFP_KERNEL), 2);
	assert_int_equal(idr_alloc_cyclic(&idr, &value, 1, 4, GFP_KERNEL), 3);
	assert_int_equal(idr_alloc_cyclic(&idr, &value, 1, 4, GFP_KERNEL), 1);
	assert_int_equal(idr_alloc_cyclic(&idr, &value, 1, 4, GFP_KERNEL), -ENOSPC);
	idr_destroy(&idr);
}

static void an_idr_is_walked_in_order(void **state)
{
	static const int ids[] = { 0, 63, 64, 4095, 4096, 300000 };
	DEFINE_IDR(idr);
	int values[6], id, n = 0, *value;

	for (int i = 0; i < 6; i++)
		assert_int_equal(idr_alloc(&idr, &values[i], ids[i], ids[i] + 1, GFP_KERNEL),
				 ids[i]);
	idr_for_each_entry(&idr, value, id) {
		assert_ptr_equal(value, &values[n]);
		assert_int_equal(id, ids[n++]);
	}
	assert_int_equal(n, 6);
	idr_destroy(&idr);
}

/* The same operations on an idr and on an array, with the same results. */
static void an_idr_behaves_as_an_array_would(void **state)
{
	enum {
		SIZE = 5000,
		ROUNDS = 40000
	};
	long before = counts_now().allocations;
	static bool model[SIZE];
	unsigned int seed = 1;
	DEFINE_IDR(idr);

	for (int round = 0; round < ROUNDS; round++) {
		int id = (int)(rand_r(&seed) % SIZE), lowest = id;

		if (rand_r(&seed) % 2) {
			assert_int_equal(idr_remove(&idr, (unsigned long)id) != NULL, model[id]);
			model[id] = false;
			continue;
		}
		while (lowest < SIZE && model[lowest])
			lowest++;
		assert_int_equal(idr_alloc(&idr, model, id, SIZE, GFP_KERNEL),
				 lowest < SIZE ? lowest : -ENOSPC);
		if (lowest < SIZE)
			model[lowest] = true;
	}
	for (int id = 0; id < SIZE; id++)
		assert_int_equal(idr_remove(&idr, (unsigned long)id) != NULL, model[id]);
	assert_true(idr_is_empty(&idr));
	assert_int_equal(counts_now().allocations, before);
}

static void an_ida_gives_and_takes_back(void **state)
{
	long warnings = warnings_now();
	DEFINE_IDA(ida);

	assert_int_equal(ida_alloc(&ida, GFP_KERNEL), 0);
	assert_int_equal(ida_alloc(&ida, GFP_KERNEL), 1);
	assert_int_equal(ida_alloc_range(&ida, 1, 1, GFP_KERNEL), -ENOSPC);
	assert_int_equal(ida_simple_get(&ida, 5, 7, GFP_KERNEL), 5);
	ida_free(&ida, 0);
	assert_int_equal(ida_alloc(&ida, GFP_KERNEL), 0);
	assert_int_equal(warnings_now(), warnings);
	ida_free(&ida, 99);
	assert_int_equal(warnings_now(), warnings + 1);
	ida_destroy(&ida);
	assert_true(ida_is_empty(&ida));
}

struct number {
	struct rb_node node;
	struct hlist_node hash;
	struct list_head list;
	int value;
	bool in_tree;
};

/* The number of black nodes on any way down, -1 if the tree breaks a rule. */
static int black_height(const struct rb_node *node)
{
	int left, right;
	bool red;

	if (!node)
		return 0;
	red = !(node->__rb_parent_color & 1);
	for (int side = 0; side < 2; side++) {
		const struct rb_node *child = side ? node->rb_right : node->rb_left;

		if (child && (rb_parent(child) != node || (red && !(child->__rb_parent_color & 1))))
			return -1;
	}
	left = black_height(node->rb_left);
	right = black_height(node->rb_right);
	if (left < 0 || left != right)
		return -1;
	return left + !red;
}

static void insert(struct rb_root_cached *root, struct number *number)
{
	struct rb_node **link = &root->rb_root.rb_node, *parent = NULL;
	bool leftmost = true;

	while (*link) {
		parent = *link;
		if (number->value < rb_entry(parent, struct number, node)->value) {
			link = &parent->rb_left;
		} else {
			link = &parent->rb_right;
			leftmost = false;
		}
	}
	rb_link_node(&number->node, parent, link);
	rb_insert_color_cached(&number->node, root, leftmost);
	number->in_tree = true;
}

static void check_tree(struct rb_root_cached *root, const struct number *numbers, int count)
{
	const struct rb_node *node = rb_first(&root->rb_root);

	assert_true(black_height(root->rb_root.rb_node) >= 0);
	assert_ptr_equal(rb_first_cached(root), node);
	for (int i = 0; i < count; i++) {
		if (!numbers[i].in_tree)
			continue;
		assert_ptr_equal(node, &numbers[i].node);
		assert_ptr_equal(rb_prev(node) ? rb_next(rb_prev(node)) : node, node);
		node = rb_next(node);
	}
	assert_null(node);
}

static void a_tree_stays_sorted_and_balanced(void **state)
{
	enum {
		COUNT = 300,
		ROUNDS = 3000
	};
	struct rb_root_cached root = RB_ROOT_CACHED;
	static struct number numbers[COUNT];
	unsigned int seed = 2;

	for (int i = 0; i < COUNT; i++)
		numbers[i].value = i;
	for (int round = 0; round < ROUNDS; round++) {
		struct number *number = &numbers[rand_r(&seed) % COUNT];

		if (number->in_tree) {
			rb_erase_cached(&number->node, &root);
			number->in_tree = false;
		} else {
			insert(&root, number);
		}
		if (round % 10 == 0)
			check_tree(&root, numbers, COUNT);
	}
}

static void children_come_before_their_parent_in_postorder(void **state)
{
	struct rb_root_cached root = RB_ROOT_CACHED;
	struct number numbers[50], replacement, *pos, *next;
	int n = 0;

	memset(numbers, 0, sizeof(numbers));
	for (int i = 0; i < 50; i++) {
		numbers[i].value = i;
		insert(&root, &numbers[i]);
	}
	replacement = numbers[20];
	rb_replace_node(&numbers[20].node, &replacement.node, &root.rb_root);
	assert_ptr_equal(rb_next(&numbers[19].node), &replacement.node);
	assert_ptr_equal(rb_last(&root.rb_root), &numbers[49].node);
	rbtree_postorder_for_each_entry_safe(pos, next, &root.rb_root, node) {
		/* Freed as soon as visited: nothing may look at it afterwards. */
		memset(&pos->node, 0xff, sizeof(pos->node));
		n++;
	}
	assert_int_equal(n, 50);
}

static void lists_keep_their_order_while_entries_go(void **state)
{
	struct number numbers[5], *pos, *next;
	LIST_HEAD(list);
	LIST_HEAD(other);
	int n = 0;

	assert_true(list_empty(&list));
	for (int i = 0; i < 5; i++) {
		numbers[i].value = i;
		list_add_tail(&numbers[i].list, &list);
	}
	list_for_each_entry_safe(pos, next, &list, list)
		if (pos->value % 2)
			list_del_init(&pos->list);
	list_for_each_entry(pos, &list, list)
		assert_int_equal(pos->value, 2 * n++);
	assert_int_equal(n, 3);
	list_for_each_entry_reverse(pos, &list, list)
		assert_int_equal(pos->value, 2 * --n);
	list_move(&numbers[4].list, &list);
	assert_ptr_equal(list_first_entry(&list, struct number, list), &numbers[4]);
	list_splice_tail_init(&list, &other);
	assert_true(list_empty(&list));
	assert_null(list_first_entry_or_null(&list, struct number, list));
	assert_ptr_equal(list_last_entry(&other, struct number, list), &numbers[2]);
}

static void a_hash_table_finds_what_was_added(void **state)
{
	DEFINE_HASHTABLE(table, 4);
	static struct number numbers[100];
	struct number *pos;
	struct hlist_node *tmp;
	int bkt, n = 0;

	assert_true(hash_empty(table));
	for (int i = 0; i < 100; i++) {
		numbers[i].value = i;
		hash_add(table, &numbers[i].hash, (u32)i);
	}
	hash_for_each_possible(table, pos, hash, (u32)42)
		n += pos->value == 42;
	assert_int_equal(n, 1);
	n = 0;
	hash_for_each_safe(table, bkt, tmp, pos, hash) {
		hash_del(&pos->hash);
		n++;
	}
	assert_int_equal(n, 100);
	assert_true(hash_empty(table));
	assert_false(hash_hashed(&numbers[3].hash));
}

static void jhash_spreads_keys_that_hardly_differ(void **state)
{
	unsigned char key[16] = { 0 };
	int chains[64] = { 0 };

	for (int i = 0; i < 6400; i++) {
		memcpy(key + 10, &i, sizeof(i));
		chains[jhash(key, sizeof(key), 0) % 64]++;
	}
	for (int i = 0; i < 64; i++)
		assert_in_range(chains[i], 50, 160);
	assert_int_equal(jhash("abc", 3, 1), jhash("abc", 3, 1));
	assert_int_not_equal(jhash("abc", 3, 1), jhash("abc", 3, 2));
}

static void bitmaps_set_clear_and_find_across_words(void **state)
{
	DECLARE_BITMAP(map, 200);

	bitmap_zero(map, 200);
	assert_true(bitmap_empty(map, 200));
	assert_int_equal(find_first_bit(map, 200), 200);
	bitmap_set(map, 60, 80);
	assert_int_equal(bitmap_weight(map, 200), 80);
	assert_int_equal(find_first_bit(map, 200), 60);
	assert_int_equal(find_next_zero_bit(map, 200, 60), 140);
	bitmap_clear(map, 61, 78);
	assert_int_equal(find_next_bit(map, 200, 61), 139);
	assert_int_equal(find_next_bit(map, 200, 140), 200);
	assert_int_equal(find_next_bit(map, 139, 61), 139);
	bitmap_fill(map, 200);
	assert_true(bitmap_full(map, 200));
	assert_int_equal(find_first_zero_bit(map, 200), 200);
	bitmap_set(map, 0, 0);
	assert_true(test_and_clear_bit(199, map));
	assert_false(test_and_set_bit(199, map));
	assert_true(test_bit(199, map));
}

static void arithmetic_helpers_do_as_linux_says(void **state)
{
	size_t size;

	assert_int_equal(ALIGN(4097, 4096), 8192);
	assert_int_equal(ALIGN_DOWN(4097, 4096), 4096);
	assert_true(IS_ALIGNED(8192, 4096));
	assert_int_equal(DIV_ROUND_UP(9, 4), 3);
	assert_int_equal(roundup(9, 4), 12);
	assert_int_equal(roundup_pow_of_two(65), 128);
	assert_int_equal(ilog2(65), 6);
	assert_int_equal(fls(0), 0);
	assert_int_equal(fls64(1ull << 40), 41);
	assert_int_equal(GENMASK(7, 4), 0xf0);
	assert_int_equal(min(max(3, 5), 4), 4);
	assert_int_equal(clamp(9, 1, 5), 5);
	assert_true(check_mul_overflow((size_t)SIZE_MAX, (size_t)2, &size));
	assert_int_equal(array_size(SIZE_MAX, 2), SIZE_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_idr_gives_the_lowest_free_integer),
		cmocka_unit_test(an_idr_keeps_to_its_bounds),
		cmocka_unit_test(a_cyclic_idr_goes_on_where_it_was),
		cmocka_unit_test(an_idr_is_walked_in_order),
		cmocka_unit_test(an_idr_behaves_as_an_array_would),
		cmocka_unit_test(an_ida_gives_and_takes_back),
		cmocka_unit_test(a_tree_stays_sorted_and_balanced),
		cmocka_unit_test(children_come_before_their_parent_in_postorder),
		cmocka_unit_test(lists_keep_their_order_while_entries_go),
		cmocka_unit_test(a_hash_table_finds_what_was_added),
		cmocka_unit_test(jhash_spreads_keys_that_hardly_differ),
		cmocka_unit_test(bitmaps_set_clear_and_find_across_words),
		cmocka_unit_test(arithmetic_helpers_do_as_linux_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
