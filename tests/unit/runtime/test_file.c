// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
#include "runtime_test.h"
#include <linux/anon_inodes.h>
#include <linux/err.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <umdev/files.h>
#include <pthread.h>

/* A file that is a buffer, and what was done to it. */
struct box {
	char text[16];
	int released;
	int flushed;
};

static ssize_t box_read(struct file *file, char __user *buf, size_t count, loff_t *ppos)
{
	struct box *box = file->private_data;

	return simple_read_from_buffer(buf, count, ppos, box->text, sizeof(box->text));
}

static ssize_t box_write(struct file *file, const char __user *buf, size_t count, loff_t *ppos)
{
	struct box *box = file->private_data;

	return simple_write_to_buffer(box->text, sizeof(box->text), ppos, buf, count);
}

static long box_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	return cmd == 1 ? (long)arg + 1 : -ENOIOCTLCMD;
}

static int box_flush(struct file *file, void *id)
{
	return ++((struct box *)file->private_data)->flushed == 1 ? 0 : -EIO;
}

static int box_release(struct inode *inode, struct file *file)
{
	((struct box *)file->private_data)->released++;
	return 0;
}

static const struct file_operations box_fops = {
	.read = box_read,
	.write = box_write,
	.unlocked_ioctl = box_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.llseek = noop_llseek,
	.flush = box_flush,
	.release = box_release,
};

static const struct file_operations bare_fops = { .owner = NULL };

static void the_last_reference_releases_at_once(void **state)
{
	long before = counts_now().files;
	struct box box = { .released = 0 };
	struct file *file = anon_inode_getfile("[box]", &box_fops, &box, O_RDWR);

	assert_int_equal(counts_now().files, before + 1);
	assert_string_equal(file->f_name, "[box]");
	get_file(file);
	fput(file);
	assert_int_equal(box.released, 0);
	fput(file);
	assert_int_equal(box.released, 1);
	assert_int_equal(counts_now().files, before);
}

static void an_open_file_holds_the_module_of_its_operations(void **state)
{
	struct module module = { .state = MODULE_STATE_LIVE, .refcnt = ATOMIC_INIT(1) };
	const struct file_operations fops = { .owner = &module };
	struct file *file;

	/* Anything but NULL: a module that the loader knows. */
	module.loaded = (void *)&module;
	file = anon_inode_getfile("[owned]", &fops, NULL, O_RDWR);
	assert_int_equal(module_refcount(&module), 1);
	fput(file);
	assert_int_equal(module_refcount(&module), 0);
	module.state = MODULE_STATE_GOING;
	assert_int_equal(PTR_ERR(anon_inode_getfile("[owned]", &fops, NULL, O_RDWR)), -ENOENT);
}

static void reads_and_writes_move_the_position(void **state)
{
	struct box box = { .released = 0 };
	struct file *file = anon_inode_getfile("[box]", &box_fops, &box, O_RDWR);
	struct user_access_window w;
	char buf[32] = "hello";
	loff_t pos = 2;

	user_access_window_push(&w, buf, sizeof(buf));
	assert_int_equal(vfs_write(file, buf, 5, &pos), 5);
	assert_int_equal(pos, 7);
	pos = 0;
	assert_int_equal(vfs_read(file, buf, sizeof(buf), &pos), 16);
	assert_int_equal(vfs_read(file, buf, sizeof(buf), &pos), 0);
	assert_memory_equal(buf, "\0\0hello\0", 8);
	assert_int_equal(vfs_read(file, buf + 1, sizeof(buf), &pos), -EFAULT);
	pos = -1;
	assert_int_equal(vfs_read(file, buf, 1, &pos), -EINVAL);
	user_access_window_pop(&w);
	fput(file);
}

static void a_file_does_what_it_was_opened_for_and_has_operations_for(void **state)
{
	struct box box = { .released = 0 };
	struct file *reader = anon_inode_getfile("[box]", &box_fops, &box, O_RDONLY);
	struct file *writer = anon_inode_getfile("[box]", &box_fops, &box, O_WRONLY);
	struct file *bare = anon_inode_getfile("[bare]", &bare_fops, &box, O_RDWR);
	struct vm_area_struct vma = { .vm_start = 0 };
	loff_t pos = 0;
	char c = 0;

	assert_int_equal(vfs_write(reader, &c, 1, &pos), -EBADF);
	assert_int_equal(vfs_read(writer, &c, 1, &pos), -EBADF);
	assert_int_equal(vfs_read(bare, &c, 1, &pos), -EINVAL);
	assert_int_equal(vfs_write(bare, &c, 1, &pos), -EINVAL);
	assert_int_equal(vfs_ioctl(reader, 1, 41), 42);
	assert_int_equal(vfs_ioctl(reader, 2, 0), -ENOTTY);
	assert_int_equal(vfs_ioctl(bare, 1, 0), -ENOTTY);
	assert_int_equal(compat_ptr_ioctl(reader, 1, 41), 42);
	assert_int_equal(vfs_mmap(bare, &vma), -ENODEV);
	assert_int_equal(vfs_llseek(bare, 0, SEEK_SET), -ESPIPE);
	assert_int_equal(vfs_llseek(reader, 5, SEEK_SET), 0);
	assert_int_equal(vfs_poll(bare, NULL), DEFAULT_POLLMASK);
	fput(reader);
	fput(writer);
	fput(bare);
}

static void descriptors_are_the_lowest_free_and_can_be_given_back(void **state)
{
	struct files_struct *outer = umdev_files_switch(umdev_files_create());
	struct box box = { .released = 0 };
	int reserved;

	assert_int_equal(anon_inode_getfd("[box]", &box_fops, &box, O_RDWR), 0);
	reserved = get_unused_fd_flags(O_CLOEXEC);
	assert_int_equal(reserved, 1);
	assert_null(fget(1));
	assert_int_equal(anon_inode_getfd("[box]", &box_fops, &box, O_RDWR), 2);
	put_unused_fd(1);
	assert_int_equal(close_fd(0), 0);
	assert_int_equal(box.released, 1);
	assert_int_equal(close_fd(0), -EBADF);
	assert_int_equal(close_fd(1), -EBADF);
	assert_int_equal(close_fd(12345678), -EBADF);
	assert_int_equal(close_fd(2), -EIO);
	assert_int_equal(box.released, 2);
	put_files_struct(umdev_files_switch(outer));
}

static void a_descriptor_means_something_in_its_own_table_only(void **state)
{
	struct box box = { .released = 0 };
	struct files_struct *mine = umdev_files_create(), *outer = umdev_files_switch(mine);
	int fd = anon_inode_getfd("[box]", &box_fops, &box, O_RDWR);
	struct fd f = fdget((unsigned int)fd);

	assert_ptr_equal(f.file->private_data, &box);
	fdput(f);
	get_files_struct(current);
	umdev_files_switch(outer);
	assert_null(fget((unsigned int)fd));
	put_files_struct(mine);
	assert_int_equal(box.released, 0);
	put_files_struct(mine);
	assert_int_equal(box.released, 1);
	assert_int_equal(box.flushed, 1);
}

static void a_table_grows_as_needed_and_closes_all_at_its_end(void **state)
{
	struct umdev_runtime_counts before = counts_now();
	struct files_struct *outer = umdev_files_switch(umdev_files_create());
	struct box box = { .released = 0 };

	for (int i = 0; i < 1000; i++)
		assert_int_equal(anon_inode_getfd("[box]", &box_fops, &box, O_RDWR), i);
	assert_int_equal(counts_now().files, before.files + 1000);
	put_files_struct(umdev_files_switch(outer));
	assert_int_equal(box.released, 1000);
	assert_int_equal(counts_now().files, before.files);
	assert_int_equal(counts_now().allocations, before.allocations);
}

static void *open_and_leave(void *arg)
{
	put_files_struct(umdev_files_switch(umdev_files_create()));
	return (void *)(intptr_t)anon_inode_getfd("[box]", &box_fops, arg, O_RDWR);
}

static void the_end_of_a_thread_closes_its_table(void **state)
{
	struct box box = { .released = 0 };
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, open_and_leave, &box), 0);
	pthread_join(thread, NULL);
	assert_int_equal(box.released, 1);
}

static void there_is_nothing_to_open_outside_dev(void **state)
{
	assert_int_equal(PTR_ERR(filp_open("/etc/passwd", O_RDONLY, 0)), -ENOENT);
	assert_int_equal(PTR_ERR(filp_open("/dev/no-such-device", O_RDWR, 0)), -ENOENT);
	assert_int_equal(PTR_ERR(filp_open("/dev/", O_RDWR, 0)), -ENOENT);
}

static int setup(void **state)
{
	return umdev_runtime_init();
}

static int teardown(void **state)
{
	umdev_runtime_exit();
	return counts_now().files || counts_now().allocations;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_reference_releases_at_once),
		cmocka_unit_test(an_open_file_holds_the_module_of_its_operations),
		cmocka_unit_test(reads_and_writes_move_the_position),
		cmocka_unit_test(a_file_does_what_it_was_opened_for_and_has_operations_for),
		cmocka_unit_test(descriptors_are_the_lowest_free_and_can_be_given_back),
		cmocka_unit_test(a_descriptor_means_something_in_its_own_table_only),
		cmocka_unit_test(a_table_grows_as_needed_and_closes_all_at_its_end),
		cmocka_unit_test(the_end_of_a_thread_closes_its_table),
		cmocka_unit_test(there_is_nothing_to_open_outside_dev),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
