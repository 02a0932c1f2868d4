/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * What the files of fs/ share with each other and with nobody else.
 *
 * Locks: struct fs_nodes, struct fs_files, struct fs_workers and struct
 * thread_group have one mutex each. None is held while another one is taken, but for a new thread's
 * start under that of the workers.
 */
#ifndef UMDEV_FS_PRIVATE_H
#define UMDEV_FS_PRIVATE_H

#define FUSE_USE_VERSION 314
#include <fuse_lowlevel.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <linux/rbtree.h>
#include <umdev/error.h>
#include <umdev/sysfs.h>

#include "thread_group.h"

/*
 * A node of the tree that the kernel knows of; its address is the inode number
 * of the FUSE protocol. It holds one reference on @kn from the first look-up
 * until the kernel has forgotten as many as it was answered. @last is what its
 * attributes were at the latest look-up: those of a removed file that is still
 * open.
 */
struct fs_node {
	struct rb_node rb;
	struct kernfs_node *kn;
	uint64_t nlookup;
	struct stat last;
};

/*
 * All of them by address of the kernfs node, so that one file is one inode and
 * so that those the kernel never forgot can be let go at the end.
 */
struct fs_nodes {
	pthread_mutex_t lock;
	struct rb_root by_kn;
	struct kernfs_node *root; /* FUSE_ROOT_ID, never forgotten */
};

void fs_nodes_init(struct fs_nodes *nodes);
void fs_nodes_finish(struct fs_nodes *nodes);
struct kernfs_node *fs_nodes_kn(struct fs_nodes *nodes, fuse_ino_t ino);
int fs_nodes_remember(struct fs_nodes *nodes, struct kernfs_node *kn, const struct stat *st,
		      fuse_ino_t *ino);
int fs_nodes_stat(struct fs_nodes *nodes, fuse_ino_t ino, struct stat *st);
void fs_nodes_forget(struct fs_nodes *nodes, fuse_ino_t ino, uint64_t nlookup);

/*
 * The threads that take requests off a session. @stop_fd makes those that wait
 * for a request leave; the others leave when their request is done. @lock
 * covers @idle.
 */
struct fs_workers {
	struct fuse_session *session;
	int epoll_fd; /* the session's descriptor and @stop_fd */
	int stop_fd;
	struct thread_group threads;
	pthread_mutex_t lock;
	unsigned int idle; /* threads that are not in a request */
};

int fs_workers_start(struct fs_workers *workers, struct fuse_session *session);
void fs_workers_stop(struct fs_workers *workers);

/*
 * The open attributes, so that those the kernel never closed can be let go at
 * the end. @lock covers the list.
 */
struct fs_files {
	pthread_mutex_t lock;
	struct fs_file *head;
};

void fs_files_init(struct fs_files *files);
void fs_files_finish(struct fs_files *files);

/* One mounted file system; the userdata of each FUSE request. */
struct umdev_fs {
	struct fuse_session *session;
	struct fs_nodes nodes;
	struct fs_files files;
	struct fs_workers workers;
};

extern const struct fuse_lowlevel_ops fs_operations;

/*
 * A request that may block in a driver, on the stack of the thread that carries
 * it out. Exactly one of this thread and the one that brings the kernel's
 * interrupt answers it: whoever sets @answered first.
 */
struct fs_call {
	fuse_req_t req;
	pthread_t thread;
	bool interrupted_before;
	atomic_bool answered;
};

bool fs_call_begin(struct fs_call *call, fuse_req_t req);
bool fs_call_end(struct fs_call *call);
int fs_errno(int error);

/* fs_file.c: the operations on attributes */
void fs_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
void fs_read(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off, struct fuse_file_info *fi);
void fs_write(fuse_req_t req, fuse_ino_t ino, const char *buf, size_t size, off_t off,
	      struct fuse_file_info *fi);
void fs_release(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);

static inline struct umdev_fs *fs_of(fuse_req_t req)
{
	return fuse_req_userdata(req);
}

#endif
