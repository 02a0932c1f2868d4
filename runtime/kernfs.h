/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * The tree of names under sysfs: nodes, their place, who may still use them.
 * Private to the device model. What the nodes mean is sysfs's (sysfs.h here).
 */
#ifndef RUNTIME_KERNFS_H
#define RUNTIME_KERNFS_H

#include <limits.h>
#include <sys/stat.h>

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/rbtree.h>
#include <linux/types.h>

/* What a node is: exactly one of these. */
#define KERNFS_DIR  0x01
#define KERNFS_FILE 0x02
#define KERNFS_LINK 0x04
#define KERNFS_TYPE 0x07
/* A file that can be read, written: something answers. */
#define KERNFS_HAS_READ	 0x10
#define KERNFS_HAS_WRITE 0x20

/* Added to a node's count of active callbacks for good when its removal begins. */
#define KERNFS_DEACTIVATED (INT_MIN / 2)

/* How far the removal of a file by its own callback is. */
enum kernfs_self_removal {
	KERNFS_NOT_BY_SELF,
	KERNFS_BY_SELF,	     /* a callback has begun it */
	KERNFS_BY_SELF_DONE, /* that callback has ended */
};

/**
 * struct kernfs_node - a directory, a file or a symbolic link
 * @count: references: the tree's own while linked, each child's on its parent, each user's
 * @active: callbacks that run on the file at the moment; KERNFS_DEACTIVATED is added for good
 *	when removal begins, and none may begin from then on
 * @flags: KERNFS_DIR and so on, constant
 * @self_removal: enum kernfs_self_removal, written under the tree's lock
 * @mode: permission bits, under the tree's lock
 * @uid: owner, under the tree's lock
 * @gid: group, under the tree's lock
 * @hash: of the name, constant; with @nth the place among the parent's children
 * @nth: tells apart children with equal @hash, set when linked
 * @parent: a reference, constant; NULL for the root
 * @rb: in @parent's children, empty when not linked; under the tree's lock
 * @ino: number, unique while the process lives
 * @mtime: nanoseconds since the epoch; for a directory of the last change of its children,
 *	under the tree's lock
 * @dir: of a directory, under the tree's lock
 * @target: of a link: a reference, constant
 * @priv: constant; a directory's kobject, a file's attribute
 * @name: NUL-terminated, constant; lives as long as the node
 *
 * The tree owns a node from its creation to its removal. There are some thirty
 * of them to a mediated device, so they are kept small: one allocation each, and
 * no lock or wait queue of their own.
 */
struct kernfs_node {
	atomic_t count;
	atomic_t active;
	u8 flags;
	u8 self_removal;
	umode_t mode;
	uid_t uid;
	gid_t gid;
	u32 hash;
	u32 nth;
	struct kernfs_node *parent;
	struct rb_node rb;
	u64 ino;
	s64 mtime;
	union {
		struct {
			struct rb_root children;
			unsigned int subdirs;
		} dir;
		struct kernfs_node *target;
	};
	void *priv;
	char name[];
};

/**
 * struct kernfs_active_ref - a callback in progress on a file
 * @kn: the file
 * @prev: the callback in progress around this one in the same thread
 * @broken: kernfs_remove_self() gave the active reference back early
 * @removes: and it is this callback that removes the file
 * @entry: where @broken, in the list of such, under the tree's lock
 *
 * On the stack of the thread that runs the callback, which alone touches it but for @entry.
 */
struct kernfs_active_ref {
	struct kernfs_node *kn;
	struct kernfs_active_ref *prev;
	bool broken;
	bool removes;
	struct list_head entry;
};

/**
 * struct kernfs_entry - a child as kernfs_list() saw it
 * @kn: a reference
 * @next: cursor that goes on behind it
 * @st: its attributes at that time
 */
struct kernfs_entry {
	struct kernfs_node *kn;
	u64 next;
	struct stat st;
};

static inline unsigned int kernfs_type(const struct kernfs_node *kn)
{
	return kn->flags & KERNFS_TYPE;
}

/* Where a child is in its directory: the order of listing, and the cursor of it. */
static inline u64 kernfs_place(const struct kernfs_node *kn)
{
	return (u64)kn->hash << 32 | kn->nth;
}

extern struct rw_semaphore kernfs_rwsem;
struct kernfs_node *kernfs_first_from(struct kernfs_node *dir, u64 place);
struct kernfs_node *kernfs_next_sibling(struct kernfs_node *kn);

struct kernfs_node *kernfs_create_root(void);
void kernfs_destroy_root(struct kernfs_node *root);

struct kernfs_node *kernfs_create_dir(struct kernfs_node *parent, const char *name, umode_t mode,
				      void *priv);
int kernfs_create_file(struct kernfs_node *parent, const char *name, umode_t mode,
		       unsigned int access, void *priv);
int kernfs_create_link(struct kernfs_node *parent, const char *name, struct kernfs_node *target);

struct kernfs_node *kernfs_get(struct kernfs_node *kn);
void kernfs_put(struct kernfs_node *kn);
struct kernfs_node *kernfs_find_and_get(struct kernfs_node *parent, const char *name);

bool kernfs_begin(struct kernfs_active_ref *ref, struct kernfs_node *kn);
void kernfs_end(struct kernfs_active_ref *ref);
struct kernfs_node *kernfs_running_file(const void *dir_priv, const void *priv);

void kernfs_remove(struct kernfs_node *kn);
int kernfs_remove_by_name(struct kernfs_node *parent, const char *name);
bool kernfs_remove_self(struct kernfs_node *kn);
void kernfs_wait_broken(bool (*match)(const struct kernfs_node *kn, const void *data),
			const void *data);

/* What views see: nodes whose removal has begun are gone for them. */
int kernfs_stat(struct kernfs_node *kn, struct stat *st);
int kernfs_setattr(struct kernfs_node *kn, const struct stat *st, unsigned int valid);
ssize_t kernfs_path(struct kernfs_node *kn, char *buf, size_t size);
ssize_t kernfs_link_target(struct kernfs_node *kn, char *buf, size_t size);
struct kernfs_node *kernfs_lookup(struct kernfs_node *dir, const char *name);
bool kernfs_is_visible(struct kernfs_node *kn);
int kernfs_list(struct kernfs_node *dir, u64 from, struct kernfs_entry *entries, int max);

#endif
