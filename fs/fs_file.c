// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Attribute files: what runs in drivers, and how it is interrupted.
 */
#include "fs_private.h"

#include <errno.h>
#include <stdlib.h>

#include <linux/err.h>

/* A value of sysfs has one page at most. */
#define FS_READ_MAX 4096

/*
 * An open attribute. The kernel may close it while a call that was interrupted
 * goes on in it, so it is counted. @next and @pprev are those of the list.
 */
struct fs_file {
	struct umdev_sysfs_file *sysfs;
	struct fs_files *files;
	struct fs_file *next;
	struct fs_file **pprev;
	atomic_uint refs;
};

static struct fs_file *file_of(struct fuse_file_info *fi)
{
	return (struct fs_file *)(uintptr_t)fi->fh;
}

static struct fs_file *file_new(struct fs_files *files, struct umdev_sysfs_file *sysfs)
{
	struct fs_file *file = malloc(sizeof(*file));

	if (!file)
		return NULL;
	file->sysfs = sysfs;
	file->files = files;
	file->pprev = &files->head;
	atomic_init(&file->refs, 1);
	pthread_mutex_lock(&files->lock);
	file->next = files->head;
	if (file->next)
		file->next->pprev = &file->next;
	files->head = file;
	pthread_mutex_unlock(&files->lock);
	return file;
}

static void file_put(struct fs_file *file)
{
	if (atomic_fetch_sub(&file->refs, 1) != 1)
		return;
	pthread_mutex_lock(&file->files->lock);
	*file->pprev = file->next;
	if (file->next)
		file->next->pprev = file->pprev;
	pthread_mutex_unlock(&file->files->lock);
	umdev_sysfs_release(file->sysfs);
	free(file);
}

void fs_files_init(struct fs_files *files)
{
	files->head = NULL;
	pthread_mutex_init(&files->lock, NULL);
}

/* No request is in progress any more, so each file has the kernel's reference only. */
void fs_files_finish(struct fs_files *files)
{
	while (files->head)
		file_put(files->head);
	pthread_mutex_destroy(&files->lock);
}

/*
 * An error as the FUSE protocol carries it: the kernel accepts none above 511
 * and lets the caller wait for ever instead. Above are those that Linux too
 * turns into another one before a program sees it, and ENOTSUPP.
 */
int fs_errno(int error)
{
	if (error > -512)
		return -error;
	return error >= -516 ? EINTR : EOPNOTSUPP;
}

static void interrupted(fuse_req_t req, void *data)
{
	struct fs_call *call = data;

	/*
	 * libfuse calls right back, with the request locked, when the
	 * interrupt overtook the request; it must not be answered under that.
	 */
	if (pthread_equal(call->thread, pthread_self())) {
		call->interrupted_before = true;
		return;
	}
	if (!atomic_exchange(&call->answered, true))
		fuse_reply_err(req, EINTR);
}

/* False if the request was interrupted before anything was done; it is answered then. */
bool fs_call_begin(struct fs_call *call, fuse_req_t req)
{
	call->req = req;
	call->thread = pthread_self();
	call->interrupted_before = false;
	atomic_init(&call->answered, false);
	fuse_req_interrupt_func(req, interrupted, call);
	if (!call->interrupted_before)
		return true;
	if (!atomic_exchange(&call->answered, true))
		fuse_reply_err(req, EINTR);
	return false;
}

/*
 * Whether the request is still to be answered, by the caller. If so, no
 * interrupt is in progress any more and none will come, so that @call may go.
 * If not, whoever answered is through with @call, and the request is gone.
 */
bool fs_call_end(struct fs_call *call)
{
	if (atomic_exchange(&call->answered, true))
		return false;
	fuse_req_interrupt_func(call->req, NULL, NULL);
	return true;
}

void fs_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct umdev_fs *fs = fs_of(req);
	struct umdev_sysfs_file *sysfs;
	struct fs_file *file;

	sysfs = umdev_sysfs_open(fs_nodes_kn(&fs->nodes, ino), fi->flags);
	if (IS_ERR(sysfs)) {
		fuse_reply_err(req, fs_errno(PTR_ERR(sysfs)));
		return;
	}
	file = file_new(&fs->files, sysfs);
	if (!file) {
		umdev_sysfs_release(sysfs);
		fuse_reply_err(req, ENOMEM);
		return;
	}
	fi->fh = (uintptr_t)file;
	fi->direct_io = 1;
	fi->noflush = 1;
#if FUSE_VERSION >= FUSE_MAKE_VERSION(3, 15)
	fi->parallel_direct_writes = 1;
#endif
	if (fuse_reply_open(req, fi) < 0)
		file_put(file);
}

void fs_read(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off, struct fuse_file_info *fi)
{
	struct fs_file *file = file_of(fi);
	char buf[FS_READ_MAX];
	struct fs_call call;
	ssize_t ret;

	/* Before an interrupt can answer: the kernel may close the file then. */
	atomic_fetch_add(&file->refs, 1);
	if (!fs_call_begin(&call, req))
		goto out;
	ret = umdev_sysfs_read(file->sysfs, buf, size < sizeof(buf) ? size : sizeof(buf), off);
	if (fs_call_end(&call)) {
		if (ret < 0)
			fuse_reply_err(req, fs_errno(ret));
		else
			fuse_reply_buf(req, buf, ret);
	}
out:
	file_put(file);
}

void fs_write(fuse_req_t req, fuse_ino_t ino, const char *buf, size_t size, off_t off,
	      struct fuse_file_info *fi)
{
	struct fs_file *file = file_of(fi);
	struct fs_call call;
	ssize_t ret;

	/* Before an interrupt can answer: the kernel may close the file then. */
	atomic_fetch_add(&file->refs, 1);
	if (!fs_call_begin(&call, req))
		goto out;
	ret = umdev_sysfs_write(file->sysfs, buf, size, off);
	if (fs_call_end(&call)) {
		if (ret < 0)
			fuse_reply_err(req, fs_errno(ret));
		else
			fuse_reply_write(req, ret);
	}
out:
	file_put(file);
}

void fs_release(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	file_put(file_of(fi));
	fuse_reply_err(req, 0);
}
