// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * The tree of names: nodes, their creation and removal.
 *
 * Locks, outermost first:
 *   kernfs_rwsem	who is whose child, and the members of nodes that say so;
 *			for reading to look up and list, for writing to add and
 *			remove. Never held while a callback runs, nor while a
 *			remover waits for callbacks.
 *   (nothing)		is taken inside it.
 *
 * A callback runs under an active reference on its file (kernfs_begin()). A
 * remover first deactivates, so that no callback begins any more, then waits
 * until those that run have ended, and unlinks only then. A file that has been
 * removed therefore has no callback running, nor will it have one again.
 *
 * All who wait do so on one wait queue: waiting is rare, nodes are many.
 */
#include <time.h>
#include <unistd.h>

#include <linux/err.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/rwsem.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/wait.h>

#include "counts.h"
#include "kernfs.h"

DECLARE_RWSEM(kernfs_rwsem);
static DECLARE_WAIT_QUEUE_HEAD(kernfs_wait);

/* Never reset: a number must not come back in the life of the process. */
static atomic64_t kernfs_last_ino = ATOMIC64_INIT(0);

/* Who owns new nodes: the user that the process runs as. Set with the root. */
static uid_t kernfs_uid;
static gid_t kernfs_gid;

/* Callbacks in progress that gave their active reference back; under kernfs_rwsem. */
static LIST_HEAD(kernfs_broken);

/* The callbacks in progress of this thread, innermost first. */
static _Thread_local struct kernfs_active_ref *kernfs_running;

static s64 kernfs_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

/*
 * 31 bits, never 0: with the position among equals below it, a place in a
 * directory is a cursor that is positive and above those of "." and "..".
 *
 * Numbers that follow each other get places next to each other, so that the next
 * of many thousands finds the way to its place in the caches.
 */
static u32 kernfs_hash(const char *name)
{
	u32 hash = 0;

	while (*name)
		hash = hash * 31 + (unsigned char)*name++;
	hash &= 0x7fffffff;
	return hash ? hash : 1;
}

static struct kernfs_node *kernfs_alloc(struct kernfs_node *parent, const char *name,
					unsigned int flags, umode_t mode, void *priv)
{
	size_t size = strlen(name) + 1;
	struct kernfs_node *kn = kzalloc(sizeof(*kn) + size, GFP_KERNEL);

	if (!kn)
		return NULL;
	atomic_set(&kn->count, 1);
	atomic_set(&kn->active, 0);
	kn->flags = flags;
	kn->mode = mode & 07777;
	kn->uid = kernfs_uid;
	kn->gid = kernfs_gid;
	kn->hash = kernfs_hash(name);
	kn->parent = parent ? kernfs_get(parent) : NULL;
	RB_CLEAR_NODE(&kn->rb);
	kn->ino = atomic64_inc_return(&kernfs_last_ino);
	kn->mtime = kernfs_now();
	kn->priv = priv;
	memcpy(kn->name, name, size);
	count_add(COUNT_NODES, 1);
	return kn;
}

/* Takes a reference; @kn may be NULL. */
struct kernfs_node *kernfs_get(struct kernfs_node *kn)
{
	if (kn)
		atomic_inc(&kn->count);
	return kn;
}

/* Drops a reference; the last one frees the node. @kn may be NULL. */
void kernfs_put(struct kernfs_node *kn)
{
	while (kn && atomic_dec_and_test(&kn->count)) {
		struct kernfs_node *parent = kn->parent;

		if (kernfs_type(kn) == KERNFS_LINK)
			kernfs_put(kn->target);
		kfree(kn);
		count_add(COUNT_NODES, -1);
		kn = parent;
	}
}

static bool kernfs_is_active(const struct kernfs_node *kn)
{
	return atomic_read(&kn->active) >= 0;
}

static bool kernfs_is_linked(const struct kernfs_node *kn)
{
	return !kn->parent || !RB_EMPTY_NODE(&kn->rb);
}

static struct kernfs_node *kernfs_entry(struct rb_node *rb)
{
	return rb ? rb_entry(rb, struct kernfs_node, rb) : NULL;
}

/* The first child at or behind a place; kernfs_rwsem is held. */
struct kernfs_node *kernfs_first_from(struct kernfs_node *dir, u64 place)
{
	struct rb_node *rb = dir->dir.children.rb_node;
	struct kernfs_node *best = NULL;

	while (rb) {
		struct kernfs_node *kn = kernfs_entry(rb);

		if (kernfs_place(kn) >= place) {
			best = kn;
			rb = rb->rb_left;
		} else {
			rb = rb->rb_right;
		}
	}
	return best;
}

/* The child behind @kn in their directory; kernfs_rwsem is held. */
struct kernfs_node *kernfs_next_sibling(struct kernfs_node *kn)
{
	return kernfs_entry(rb_next(&kn->rb));
}

/* Child @name of @dir; kernfs_rwsem is held. */
static struct kernfs_node *kernfs_find(struct kernfs_node *dir, const char *name)
{
	u32 hash = kernfs_hash(name);
	struct kernfs_node *kn = kernfs_first_from(dir, (u64)hash << 32);

	while (kn && kn->hash == hash) {
		if (!strcmp(kn->name, name))
			return kn;
		kn = kernfs_next_sibling(kn);
	}
	return NULL;
}

/* Puts @kn in its place; -EEXIST where the name is taken. kernfs_rwsem is held for writing. */
static int kernfs_link(struct kernfs_node *kn)
{
	struct kernfs_node *dir = kn->parent;
	struct rb_node **link = &dir->dir.children.rb_node;
	struct rb_node *above = NULL;

	if (kernfs_find(dir, kn->name))
		return -EEXIST;
	/* Behind its equals: none of those has a higher nth than the last. */
	while (*link) {
		struct kernfs_node *pos = kernfs_entry(*link);

		above = *link;
		if (kn->hash < pos->hash) {
			link = &above->rb_left;
		} else {
			if (kn->hash == pos->hash)
				kn->nth = pos->nth + 1;
			link = &above->rb_right;
		}
	}
	rb_link_node(&kn->rb, above, link);
	rb_insert_color(&kn->rb, &dir->dir.children);
	if (kernfs_type(kn) == KERNFS_DIR)
		dir->dir.subdirs++;
	dir->mtime = kn->mtime;
	return 0;
}

/* Takes @kn out; false where somebody did already. kernfs_rwsem is held for writing. */
static bool kernfs_unlink(struct kernfs_node *kn)
{
	struct kernfs_node *dir = kn->parent;

	if (RB_EMPTY_NODE(&kn->rb))
		return false;
	rb_erase(&kn->rb, &dir->dir.children);
	RB_CLEAR_NODE(&kn->rb);
	if (kernfs_type(kn) == KERNFS_DIR)
		dir->dir.subdirs--;
	dir->mtime = kernfs_now();
	return true;
}

/* Puts @kn, just allocated, into the tree, which takes a reference of its own. */
static int kernfs_add(struct kernfs_node *kn)
{
	int ret = -ENOENT;

	down_write(&kernfs_rwsem);
	if (kernfs_is_linked(kn->parent) && kernfs_is_active(kn->parent))
		ret = kernfs_link(kn);
	if (!ret)
		kernfs_get(kn);
	up_write(&kernfs_rwsem);
	return ret;
}

/**
 * kernfs_create_root() - make a tree
 *
 * Its nodes belong to the process's user.
 *
 * Return: the root, the caller's; -ENOMEM.
 */
struct kernfs_node *kernfs_create_root(void)
{
	struct kernfs_node *root;

	kernfs_uid = geteuid();
	kernfs_gid = getegid();
	root = kernfs_alloc(NULL, "", KERNFS_DIR, 0755, NULL);
	if (!root)
		return ERR_PTR(-ENOMEM);
	root->dir.children = RB_ROOT;
	return root;
}

/**
 * kernfs_create_dir() - make a directory
 * @parent: directory that it goes into
 * @name: copied
 * @mode: permission bits
 * @priv: what it stands for
 *
 * Context: may sleep; takes kernfs_rwsem.
 * Return: a reference; -EEXIST the name is taken; -ENOENT @parent is being removed; -ENOMEM.
 */
struct kernfs_node *kernfs_create_dir(struct kernfs_node *parent, const char *name, umode_t mode,
				      void *priv)
{
	struct kernfs_node *kn = kernfs_alloc(parent, name, KERNFS_DIR, mode, priv);
	int ret;

	if (!kn)
		return ERR_PTR(-ENOMEM);
	kn->dir.children = RB_ROOT;
	ret = kernfs_add(kn);
	if (ret) {
		kernfs_put(kn);
		return ERR_PTR(ret);
	}
	return kn;
}

/**
 * kernfs_create_file() - make a file
 * @parent: directory that it goes into
 * @name: copied
 * @mode: permission bits
 * @access: of KERNFS_HAS_READ and KERNFS_HAS_WRITE those that something answers
 * @priv: what it stands for
 *
 * Context: may sleep; takes kernfs_rwsem.
 * Return: 0; -EEXIST the name is taken; -ENOENT @parent is being removed; -ENOMEM.
 */
int kernfs_create_file(struct kernfs_node *parent, const char *name, umode_t mode,
		       unsigned int access, void *priv)
{
	struct kernfs_node *kn = kernfs_alloc(parent, name, KERNFS_FILE | access, mode, priv);
	int ret;

	if (!kn)
		return -ENOMEM;
	ret = kernfs_add(kn);
	kernfs_put(kn);
	return ret;
}

/**
 * kernfs_create_link() - make a symbolic link
 * @parent: directory that it goes into
 * @name: copied
 * @target: node that it points to; the link takes a reference
 *
 * Context: may sleep; takes kernfs_rwsem.
 * Return: as kernfs_create_file().
 */
int kernfs_create_link(struct kernfs_node *parent, const char *name, struct kernfs_node *target)
{
	struct kernfs_node *kn = kernfs_alloc(parent, name, KERNFS_LINK, 0777, NULL);
	int ret;

	if (!kn)
		return -ENOMEM;
	kn->target = kernfs_get(target);
	ret = kernfs_add(kn);
	kernfs_put(kn);
	return ret;
}

/**
 * kernfs_find_and_get() - a child, even one that is being removed
 * @parent: directory
 * @name: of the child
 *
 * Context: may sleep; takes kernfs_rwsem.
 * Return: a reference, or NULL.
 */
struct kernfs_node *kernfs_find_and_get(struct kernfs_node *parent, const char *name)
{
	struct kernfs_node *kn;

	down_read(&kernfs_rwsem);
	kn = kernfs_get(kernfs_find(parent, name));
	up_read(&kernfs_rwsem);
	return kn;
}

static void kernfs_put_active(struct kernfs_node *kn)
{
	if (atomic_dec_return(&kn->active) == KERNFS_DEACTIVATED)
		wake_up_all(&kernfs_wait);
}

/**
 * kernfs_begin() - a callback of a file begins
 * @ref: to be given to kernfs_end() by the same thread
 * @kn: the file; the caller has a reference
 *
 * Until kernfs_end(), removal of the file waits.
 *
 * Context: any; callbacks may nest.
 * Return: false where the file is removed or being removed; there is no kernfs_end() then.
 */
bool kernfs_begin(struct kernfs_active_ref *ref, struct kernfs_node *kn)
{
	if (!atomic_inc_unless_negative(&kn->active))
		return false;
	*ref = (struct kernfs_active_ref){ .kn = kn, .prev = kernfs_running };
	kernfs_running = ref;
	return true;
}

/**
 * kernfs_end() - a callback of a file has ended
 * @ref: the innermost of this thread
 *
 * Context: any; may sleep where the callback removed its file.
 */
void kernfs_end(struct kernfs_active_ref *ref)
{
	kernfs_running = ref->prev;
	if (!ref->broken) {
		kernfs_put_active(ref->kn);
		return;
	}
	down_write(&kernfs_rwsem);
	list_del(&ref->entry);
	if (ref->removes)
		smp_store_release(&ref->kn->self_removal, KERNFS_BY_SELF_DONE);
	up_write(&kernfs_rwsem);
	wake_up_all(&kernfs_wait);
}

/* The file of @priv in a directory of @dir_priv whose callback runs in this thread, or NULL. */
struct kernfs_node *kernfs_running_file(const void *dir_priv, const void *priv)
{
	struct kernfs_active_ref *ref = kernfs_running;

	while (ref && (ref->kn->priv != priv || ref->kn->parent->priv != dir_priv))
		ref = ref->prev;
	return ref ? ref->kn : NULL;
}

static struct kernfs_node *kernfs_leftmost(struct kernfs_node *kn)
{
	while (kernfs_type(kn) == KERNFS_DIR && rb_first(&kn->dir.children))
		kn = kernfs_entry(rb_first(&kn->dir.children));
	return kn;
}

/* The next after @pos of a walk of @top's subtree that has children before parents. */
static struct kernfs_node *kernfs_next_postorder(struct kernfs_node *pos, struct kernfs_node *top)
{
	struct rb_node *rb;

	if (pos == top)
		return NULL;
	rb = rb_next(&pos->rb);
	return rb ? kernfs_leftmost(kernfs_entry(rb)) : pos->parent;
}

/* Waits until no callback runs on @kn. Gives up kernfs_rwsem, held for writing, meanwhile. */
static void kernfs_drain(struct kernfs_node *kn)
{
	if (atomic_read_acquire(&kn->active) == KERNFS_DEACTIVATED)
		return;
	up_write(&kernfs_rwsem);
	wait_event(kernfs_wait, atomic_read_acquire(&kn->active) == KERNFS_DEACTIVATED);
	down_write(&kernfs_rwsem);
}

/*
 * Removes @kn and all below. kernfs_rwsem is held for writing, but not all the
 * time. Several may remove overlapping subtrees at once: each waits for the
 * callbacks itself, and whoever comes first unlinks.
 */
static void kernfs_remove_locked(struct kernfs_node *kn)
{
	struct kernfs_node *pos;

	if (!kernfs_is_linked(kn))
		return;
	for (pos = kernfs_leftmost(kn); pos; pos = kernfs_next_postorder(pos, kn))
		if (kernfs_is_active(pos))
			atomic_add(KERNFS_DEACTIVATED, &pos->active);

	/* A deactivated directory takes no new children, so this comes to an end. */
	kernfs_get(kn);
	do {
		pos = kernfs_get(kernfs_leftmost(kn));
		kernfs_drain(pos);
		/* Still a leaf: nothing can have been added while the lock was not held. */
		if (pos->parent && kernfs_unlink(pos))
			kernfs_put(pos);
		kernfs_put(pos);
	} while (pos != kn);
	kernfs_put(kn);
}

/**
 * kernfs_remove() - remove a node and all that is below it
 * @kn: the node, on which the caller has a reference; NULL or one already removed does nothing
 *
 * When it returns, no callback of these files runs or will run.
 *
 * Context: waits for the callbacks of these files, so not from within one (see
 * kernfs_remove_self()); takes kernfs_rwsem.
 */
void kernfs_remove(struct kernfs_node *kn)
{
	if (!kn)
		return;
	down_write(&kernfs_rwsem);
	kernfs_remove_locked(kn);
	up_write(&kernfs_rwsem);
}

/**
 * kernfs_remove_by_name() - remove a child and all that is below it
 * @parent: directory
 * @name: of the child
 *
 * Context: as kernfs_remove().
 * Return: 0; -ENOENT there is no such child.
 */
int kernfs_remove_by_name(struct kernfs_node *parent, const char *name)
{
	struct kernfs_node *kn;

	down_write(&kernfs_rwsem);
	kn = kernfs_get(kernfs_find(parent, name));
	if (kn)
		kernfs_remove_locked(kn);
	up_write(&kernfs_rwsem);
	kernfs_put(kn);
	return kn ? 0 : -ENOENT;
}

/* The removal of a tree that nobody else can reach any more. */
void kernfs_destroy_root(struct kernfs_node *root)
{
	kernfs_remove(root);
	kernfs_put(root);
}

/**
 * kernfs_remove_self() - remove a file from within a callback of it
 * @kn: the file; a callback of it runs in this thread
 *
 * Where several callbacks of the file do this at once, one of them removes it,
 * and the others wait until that one has ended.
 *
 * None of them keeps its active reference: others who remove the file, or a directory above it,
 * do not wait for these callbacks any more. (In Linux they may, and so may wait for each other.)
 *
 * Context: waits for other callbacks of the file; takes kernfs_rwsem.
 * Return: true in the one that removed it.
 */
bool kernfs_remove_self(struct kernfs_node *kn)
{
	struct kernfs_active_ref *ref = kernfs_running;

	while (ref && ref->kn != kn)
		ref = ref->prev;
	if (WARN_ON(!ref))
		return false;

	down_write(&kernfs_rwsem);
	if (!ref->broken) {
		ref->broken = true;
		list_add(&ref->entry, &kernfs_broken);
		kernfs_put_active(kn);
	}
	if (kn->self_removal == KERNFS_NOT_BY_SELF) {
		kn->self_removal = KERNFS_BY_SELF;
		ref->removes = true;
		kernfs_remove_locked(kn);
		up_write(&kernfs_rwsem);
		return true;
	}
	up_write(&kernfs_rwsem);
	if (!ref->removes)
		wait_event(kernfs_wait, smp_load_acquire(&kn->self_removal) == KERNFS_BY_SELF_DONE);
	return false;
}

static bool kernfs_any_broken(bool (*match)(const struct kernfs_node *kn, const void *data),
			      const void *data)
{
	struct kernfs_active_ref *ref;
	bool any = false;

	down_read(&kernfs_rwsem);
	list_for_each_entry(ref, &kernfs_broken, entry)
		any |= match(ref->kn, data);
	up_read(&kernfs_rwsem);
	return any;
}

/**
 * kernfs_wait_broken() - wait for callbacks that removers do not wait for
 * @match: answers whether the callbacks of a file matter; called with kernfs_rwsem held
 * @data: for @match
 *
 * A callback that removed its own file, or tried to, still runs when the file is gone. Whoever
 * takes its code away waits for it here.
 *
 * Context: waits; not from within such a callback.
 */
void kernfs_wait_broken(bool (*match)(const struct kernfs_node *kn, const void *data),
			const void *data)
{
	wait_event(kernfs_wait, !kernfs_any_broken(match, data));
}
