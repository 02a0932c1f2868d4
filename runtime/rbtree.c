// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Red-black trees: no red node has a red child, and all ways down from a node
 * pass as many black ones, so the tree is at most twice as deep as needed. The
 * lowest bit of __rb_parent_color is 1 for black; NULL counts as black.
 */
#include <linux/export.h>
#include <linux/rbtree.h>

#define RED   0ul
#define BLACK 1ul

enum side {
	LEFT,
	RIGHT
};

static bool is_black(const struct rb_node *node)
{
	return !node || (node->__rb_parent_color & BLACK);
}

static void set_color(struct rb_node *node, unsigned long color)
{
	node->__rb_parent_color = (node->__rb_parent_color & ~BLACK) | color;
}

static void set_parent(struct rb_node *node, struct rb_node *parent)
{
	node->__rb_parent_color = (unsigned long)parent | (node->__rb_parent_color & BLACK);
}

static struct rb_node **child_link(struct rb_node *node, enum side side)
{
	return side == LEFT ? &node->rb_left : &node->rb_right;
}

static struct rb_node *child(const struct rb_node *node, enum side side)
{
	return side == LEFT ? node->rb_left : node->rb_right;
}

static enum side side_of(const struct rb_node *parent, const struct rb_node *node)
{
	return parent->rb_left == node ? LEFT : RIGHT;
}

/* Lets what points down at @old point at @new. */
static void replace_child(struct rb_root *root, struct rb_node *parent, struct rb_node *old,
			  struct rb_node *new)
{
	if (!parent)
		root->rb_node = new;
	else
		*child_link(parent, side_of(parent, old)) = new;
}

/* @node goes down to @side, its other child takes its place. */
static void rotate(struct rb_root *root, struct rb_node *node, enum side side)
{
	struct rb_node *up = child(node, !side), *parent = rb_parent(node);
	struct rb_node *across = child(up, side);

	*child_link(node, !side) = across;
	if (across)
		set_parent(across, node);
	replace_child(root, parent, node, up);
	set_parent(up, parent);
	*child_link(up, side) = node;
	set_parent(node, up);
}

/**
 * rb_insert_color() - balance a tree after a node came
 * @node: the node, put in place with rb_link_node()
 * @root: the tree
 *
 * Context: any; under the lock of the tree's owner.
 */
void rb_insert_color(struct rb_node *node, struct rb_root *root)
{
	struct rb_node *parent;

	set_color(node, RED);
	while ((parent = rb_parent(node)) && !is_black(parent)) {
		struct rb_node *grand = rb_parent(parent);
		enum side side = side_of(grand, parent);
		struct rb_node *uncle = child(grand, !side);

		if (!is_black(uncle)) {
			set_color(parent, BLACK);
			set_color(uncle, BLACK);
			set_color(grand, RED);
			node = grand;
			continue;
		}
		if (side_of(parent, node) != side) {
			rotate(root, parent, side);
			parent = node;
		}
		set_color(parent, BLACK);
		set_color(grand, RED);
		rotate(root, grand, !side);
		break;
	}
	set_color(root->rb_node, BLACK);
}
EXPORT_SYMBOL(rb_insert_color);

/* A black node went from below @parent, where @node (or NULL) is now. */
static void rebalance_after_erase(struct rb_root *root, struct rb_node *parent,
				  struct rb_node *node)
{
	while (parent && is_black(node)) {
		enum side side = side_of(parent, node);
		struct rb_node *sibling = child(parent, !side);

		if (!is_black(sibling)) {
			set_color(sibling, BLACK);
			set_color(parent, RED);
			rotate(root, parent, side);
			sibling = child(parent, !side);
		}
		if (is_black(sibling->rb_left) && is_black(sibling->rb_right)) {
			set_color(sibling, RED);
			node = parent;
			parent = rb_parent(node);
			continue;
		}
		if (is_black(child(sibling, !side))) {
			set_color(child(sibling, side), BLACK);
			set_color(sibling, RED);
			rotate(root, sibling, !side);
			sibling = child(parent, !side);
		}
		set_color(sibling, is_black(parent) ? BLACK : RED);
		set_color(parent, BLACK);
		set_color(child(sibling, !side), BLACK);
		rotate(root, parent, side);
		return;
	}
	if (node)
		set_color(node, BLACK);
}

static struct rb_node *extreme(struct rb_node *node, enum side side)
{
	while (node && child(node, side))
		node = child(node, side);
	return node;
}

/* Puts @next, which is in no tree, where @node is. */
static void take_place(struct rb_root *root, struct rb_node *node, struct rb_node *next)
{
	*next = *node;
	replace_child(root, rb_parent(node), node, next);
	if (next->rb_left)
		set_parent(next->rb_left, next);
	if (next->rb_right)
		set_parent(next->rb_right, next);
}

/**
 * rb_erase() - take a node out of a tree
 * @node: the node
 * @root: the tree
 *
 * Context: any; under the lock of the tree's owner.
 */
void rb_erase(struct rb_node *node, struct rb_root *root)
{
	bool two = node->rb_left && node->rb_right;
	struct rb_node *out = two ? extreme(node->rb_right, LEFT) : node;
	struct rb_node *below = out->rb_left ? out->rb_left : out->rb_right;
	struct rb_node *parent = rb_parent(out);
	bool black = is_black(out);

	/* Like the colour, the place that is left is that of @out. */
	replace_child(root, parent, out, below);
	if (below)
		set_parent(below, parent);
	if (two) {
		take_place(root, node, out);
		if (parent == node)
			parent = out;
	}
	if (black)
		rebalance_after_erase(root, parent, below);
}
EXPORT_SYMBOL(rb_erase);

/**
 * rb_insert_color_cached() - rb_insert_color() for a tree that knows its first node
 * @node: the node
 * @root: the tree
 * @leftmost: whether the way down to @node went left all along
 *
 * Context: any; under the lock of the tree's owner.
 */
void rb_insert_color_cached(struct rb_node *node, struct rb_root_cached *root, bool leftmost)
{
	if (leftmost)
		root->rb_leftmost = node;
	rb_insert_color(node, &root->rb_root);
}
EXPORT_SYMBOL(rb_insert_color_cached);

/**
 * rb_erase_cached() - rb_erase() for a tree that knows its first node
 * @node: the node
 * @root: the tree
 *
 * Context: any; under the lock of the tree's owner.
 * Return: the new first node if @node was it, else NULL.
 */
struct rb_node *rb_erase_cached(struct rb_node *node, struct rb_root_cached *root)
{
	struct rb_node *first = NULL;

	if (root->rb_leftmost == node)
		first = root->rb_leftmost = rb_next(node);
	rb_erase(node, &root->rb_root);
	return first;
}
EXPORT_SYMBOL(rb_erase_cached);

/**
 * rb_replace_node() - put a node where another is
 * @victim: the one that goes
 * @new: the one that comes; it must belong at the same place
 * @root: the tree
 *
 * Context: any; under the lock of the tree's owner.
 */
void rb_replace_node(struct rb_node *victim, struct rb_node *new, struct rb_root *root)
{
	take_place(root, victim, new);
}
EXPORT_SYMBOL(rb_replace_node);

static struct rb_node *neighbour(const struct rb_node *node, enum side side)
{
	struct rb_node *parent;

	if (RB_EMPTY_NODE(node))
		return NULL;
	if (child(node, side))
		return extreme(child(node, side), !side);
	while ((parent = rb_parent(node)) && side_of(parent, node) == side)
		node = parent;
	return parent;
}

/**
 * rb_next() - the node after
 * @node: a node
 *
 * Context: any; under the lock of the tree's owner.
 * Return: the node, or NULL.
 */
struct rb_node *rb_next(const struct rb_node *node)
{
	return neighbour(node, RIGHT);
}
EXPORT_SYMBOL(rb_next);

/**
 * rb_prev() - the node before
 * @node: a node
 *
 * Context: any; under the lock of the tree's owner.
 * Return: the node, or NULL.
 */
struct rb_node *rb_prev(const struct rb_node *node)
{
	return neighbour(node, LEFT);
}
EXPORT_SYMBOL(rb_prev);

/**
 * rb_first() - the first node
 * @root: a tree
 *
 * Context: any; under the lock of the tree's owner.
 * Return: the node, or NULL.
 */
struct rb_node *rb_first(const struct rb_root *root)
{
	return extreme(root->rb_node, LEFT);
}
EXPORT_SYMBOL(rb_first);

/**
 * rb_last() - the last node
 * @root: a tree
 *
 * Context: any; under the lock of the tree's owner.
 * Return: the node, or NULL.
 */
struct rb_node *rb_last(const struct rb_root *root)
{
	return extreme(root->rb_node, RIGHT);
}
EXPORT_SYMBOL(rb_last);

static struct rb_node *deepest_first(struct rb_node *node)
{
	while (node && (node->rb_left || node->rb_right))
		node = node->rb_left ? node->rb_left : node->rb_right;
	return node;
}

/**
 * rb_first_postorder() - the first node of those that come before their parents
 * @root: a tree
 *
 * Context: any; under the lock of the tree's owner.
 * Return: the node, or NULL.
 */
struct rb_node *rb_first_postorder(const struct rb_root *root)
{
	return deepest_first(root->rb_node);
}
EXPORT_SYMBOL(rb_first_postorder);

/**
 * rb_next_postorder() - the node after, children before parents
 * @node: a node, or NULL
 *
 * Context: any; under the lock of the tree's owner.
 * Return: the node, or NULL.
 */
struct rb_node *rb_next_postorder(const struct rb_node *node)
{
	struct rb_node *parent = node ? rb_parent(node) : NULL;

	if (parent && side_of(parent, node) == LEFT && parent->rb_right)
		return deepest_first(parent->rb_right);
	return parent;
}
EXPORT_SYMBOL(rb_next_postorder);
