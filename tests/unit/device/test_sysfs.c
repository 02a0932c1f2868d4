// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* The tree: files, groups, links, and how views see them. */
#include "device_test.h"

#include <stdlib.h>
#include <unistd.h>

#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include <umdev/fault.h>

static struct kobject *dir; /* /dir, in each test */
static char stored[8192];
static int shown;

static ssize_t number_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "number %d\n", ++shown);
}

static ssize_t number_store(struct kobject *kobj, struct kobj_attribute *attr, const char *buf,
			    size_t count)
{
	assert_int_equal(strlen(buf), count);
	strscpy(stored, buf, sizeof(stored));
	return count;
}

static struct kobj_attribute number = __ATTR_RW(number);
static struct kobj_attribute number_ro = __ATTR(ro, 0444, number_show, NULL);
static struct kobj_attribute number_wo = __ATTR(wo, 0200, NULL, number_store);

static struct attribute *number_attrs[] = { &number.attr, &number_ro.attr, &number_wo.attr, NULL };

static int dir_setup(void **state)
{
	balance_setup(state);
	shown = 0;
	dir = kobject_create_and_add("dir", NULL);
	return !dir;
}

static int dir_teardown(void **state)
{
	kobject_put(dir);
	return balance_teardown(state);
}

static struct kernfs_node *walk(const char *path)
{
	struct kernfs_node *kn = umdev_sysfs_walk(path, false);

	if (IS_ERR(kn))
		fail_msg("%s: error %ld", path, PTR_ERR(kn));
	return kn;
}

static void a_file_is_read_and_written_through_its_callbacks(void **state)
{
	assert_int_equal(sysfs_create_file(dir, &number.attr), 0);
	assert_int_equal(tree_mode("dir/number"), S_IFREG | 0644);
	assert_file("dir/number", "number 1\n");
	assert_file("/dir/number", "number 2\n");
	assert_int_equal(tree_write("dir/number", "12\n"), 3);
	assert_string_equal(stored, "12\n");
	sysfs_remove_file(dir, &number.attr);
	assert_false(tree_has("dir/number"));
	sysfs_remove_file(dir, &number.attr);
}

static void reading_further_goes_on_in_the_value_read_at_the_beginning(void **state)
{
	struct umdev_sysfs_file *file;
	struct kernfs_node *kn;
	char buf[16];

	assert_int_equal(sysfs_create_file(dir, &number.attr), 0);
	kn = walk("dir/number");
	file = umdev_sysfs_open(kn, O_RDWR);
	assert_false(IS_ERR(file));
	assert_int_equal(umdev_sysfs_read(file, buf, 4, 0), 4);
	assert_memory_equal(buf, "numb", 4);
	assert_int_equal(umdev_sysfs_read(file, buf, sizeof(buf), 4), 5);
	assert_memory_equal(buf, "er 1\n", 5);
	assert_int_equal(umdev_sysfs_read(file, buf, sizeof(buf), 9), 0);
	assert_int_equal(umdev_sysfs_read(file, buf, sizeof(buf), 90), 0);
	assert_int_equal(umdev_sysfs_read(file, buf, sizeof(buf), -1), -EINVAL);
	assert_int_equal(shown, 1);
	assert_int_equal(umdev_sysfs_read(file, buf, sizeof(buf), 0), 9);
	assert_int_equal(shown, 2);
	umdev_sysfs_release(file);
	umdev_sysfs_put(kn);
}

static void a_write_longer_than_a_page_is_cut_off(void **state)
{
	char *text = test_malloc(5001);

	memset(text, 'x', 5000);
	text[5000] = '\0';
	assert_int_equal(sysfs_create_file(dir, &number.attr), 0);
	assert_int_equal(tree_write("dir/number", text), 4096);
	assert_int_equal(strlen(stored), 4096);
	test_free(text);
}

static void an_open_that_nobody_is_allowed_gets_eacces(void **state)
{
	struct kernfs_node *kn;

	assert_int_equal(sysfs_create_files(dir, (const struct attribute *const *)number_attrs), 0);
	assert_int_equal(tree_write("dir/ro", "1"), -EACCES);
	assert_int_equal(tree_read("dir/wo", stored, sizeof(stored)), -EACCES);
	kn = walk("dir/wo");
	assert_int_equal(PTR_ERR(umdev_sysfs_open(kn, O_RDWR)), -EACCES);
	umdev_sysfs_put(kn);
	kn = walk("dir");
	assert_int_equal(PTR_ERR(umdev_sysfs_open(kn, O_RDONLY)), -EISDIR);
	umdev_sysfs_put(kn);
}

static void an_open_file_answers_only_what_it_was_opened_for(void **state)
{
	struct umdev_sysfs_file *file;
	struct kernfs_node *kn;
	char buf[8];

	assert_int_equal(sysfs_create_file(dir, &number.attr), 0);
	kn = walk("dir/number");
	file = umdev_sysfs_open(kn, O_RDONLY);
	assert_int_equal(umdev_sysfs_write(file, "1", 1, 0), -EBADF);
	umdev_sysfs_release(file);
	file = umdev_sysfs_open(kn, O_WRONLY);
	assert_int_equal(umdev_sysfs_read(file, buf, sizeof(buf), 0), -EBADF);
	umdev_sysfs_release(file);
	umdev_sysfs_release(NULL);
	umdev_sysfs_put(kn);
}

static void a_removed_attribute_answers_enodev_to_an_open_reader(void **state)
{
	struct umdev_sysfs_file *file;
	struct kernfs_node *kn;
	struct stat st;
	char buf[8];

	assert_int_equal(sysfs_create_file(dir, &number.attr), 0);
	kn = walk("dir/number");
	file = umdev_sysfs_open(kn, O_RDWR);
	sysfs_remove_file(dir, &number.attr);
	assert_int_equal(umdev_sysfs_read(file, buf, sizeof(buf), 0), -ENODEV);
	assert_int_equal(umdev_sysfs_write(file, "1", 1, 0), -ENODEV);
	assert_int_equal(umdev_sysfs_stat(kn, &st), -ENOENT);
	assert_int_equal(PTR_ERR(umdev_sysfs_open(kn, O_RDONLY)), -ENODEV);
	assert_int_equal(PTR_ERR(umdev_sysfs_parent(kn)), -ENOENT);
	assert_int_equal(shown, 0);
	umdev_sysfs_release(file);
	umdev_sysfs_put(kn);
}

static void a_second_file_of_a_name_gets_eexist_and_those_made_with_it_go(void **state)
{
	static struct kobj_attribute other = __ATTR(other, 0444, number_show, NULL);
	static struct attribute *const attrs[] = { &other.attr, &number.attr, NULL };

	assert_int_equal(sysfs_create_file(dir, &number.attr), 0);
	assert_int_equal(sysfs_create_file(dir, &number.attr), -EEXIST);
	assert_int_equal(sysfs_create_files(dir, (const struct attribute *const *)attrs), -EEXIST);
	assert_dir("dir", "number ");
}

static void a_group_with_a_name_is_a_directory_of_its_own(void **state)
{
	static const struct attribute_group group = { .name = "group", .attrs = number_attrs };

	assert_int_equal(sysfs_create_group(dir, &group), 0);
	assert_dir("dir", "group ");
	assert_dir("dir/group", "number ro wo ");
	assert_file("dir/group/ro", "number 1\n");
	assert_int_equal(sysfs_create_group(dir, &group), -EEXIST);
	assert_dir("dir/group", "number ro wo ");
	sysfs_remove_group(dir, &group);
	assert_dir("dir", "");
	sysfs_remove_group(dir, &group);
}

static bool hide_ro;

static umode_t number_visible(struct kobject *kobj, struct attribute *attr, int n)
{
	assert_ptr_equal(kobj, dir);
	assert_ptr_equal(attr, number_attrs[n]);
	if (attr == &number_ro.attr)
		return hide_ro ? 0 : 0400;
	return attr->mode;
}

static void a_group_shows_what_is_visible_with_the_mode_it_says(void **state)
{
	static const struct attribute_group group = { .attrs = number_attrs,
						      .is_visible = number_visible };

	hide_ro = true;
	assert_int_equal(sysfs_create_group(dir, &group), 0);
	assert_dir("dir", "number wo ");
	hide_ro = false;
	assert_int_equal(sysfs_update_group(dir, &group), 0);
	assert_dir("dir", "number ro wo ");
	assert_int_equal(tree_mode("dir/ro"), S_IFREG | 0400);
	sysfs_remove_group(dir, &group);
	assert_dir("dir", "");
}

static void an_update_of_a_group_that_fails_leaves_none_of_it(void **state)
{
	static const struct attribute_group group = { .attrs = number_attrs };
	unsigned long nth;

	hide_ro = false;
	for (nth = 1; nth <= 3; nth++) {
		assert_int_equal(sysfs_create_group(dir, &group), 0);
		umdev_fault_arm(nth, UMDEV_FAULT_THREAD);
		assert_int_equal(sysfs_update_group(dir, &group), -ENOMEM);
		assert_true(umdev_fault_disarm());
		assert_dir("dir", "");
	}
}

static void groups_are_made_all_or_none(void **state)
{
	static const struct attribute_group one = { .name = "one", .attrs = number_attrs };
	static const struct attribute_group two = { .attrs = number_attrs };
	static const struct attribute_group *groups[] = { &one, &two, NULL };

	assert_int_equal(sysfs_create_file(dir, &number_wo.attr), 0);
	assert_int_equal(sysfs_create_groups(dir, groups), -EEXIST);
	assert_dir("dir", "wo ");
	sysfs_remove_file(dir, &number_wo.attr);
	assert_int_equal(sysfs_create_groups(dir, groups), 0);
	assert_dir("dir", "number one ro wo ");
	sysfs_remove_groups(dir, groups);
	assert_dir("dir", "");
}

static void files_and_links_join_and_leave_a_group(void **state)
{
	static struct attribute *attrs[] = { &number.attr, NULL };
	static const struct attribute_group group = { .name = "group", .attrs = attrs };
	static struct attribute *more_attrs[] = { &number_wo.attr, NULL };
	static const struct attribute_group more = { .name = "group", .attrs = more_attrs };

	assert_int_equal(sysfs_add_file_to_group(dir, &number_ro.attr, "group"), -ENOENT);
	assert_int_equal(sysfs_merge_group(dir, &more), -ENOENT);
	assert_int_equal(sysfs_create_group(dir, &group), 0);
	assert_int_equal(sysfs_add_file_to_group(dir, &number_ro.attr, "group"), 0);
	assert_int_equal(sysfs_add_link_to_group(dir, "group", kernel_kobj, "kernel"), 0);
	assert_int_equal(sysfs_merge_group(dir, &more), 0);
	assert_dir("dir/group", "kernel number ro wo ");
	assert_link("dir/group/kernel", "../../kernel");
	sysfs_unmerge_group(dir, &more);
	sysfs_remove_link_from_group(dir, "group", "kernel");
	sysfs_remove_file_from_group(dir, &number_ro.attr, "group");
	assert_dir("dir/group", "number ");
	sysfs_remove_group(dir, &group);
}

static void links_point_to_their_target_relative_to_where_they_are(void **state)
{
	struct kobject *sub = kobject_create_and_add("sub", dir);
	struct kobject *deep = kobject_create_and_add("deep", sub);

	assert_int_equal(sysfs_create_link(deep, kernel_kobj, "far"), 0);
	assert_int_equal(sysfs_create_link(deep, dir, "up"), 0);
	assert_int_equal(sysfs_create_link(deep, sub, "parent"), 0);
	assert_int_equal(sysfs_create_link(deep, deep, "self"), 0);
	assert_int_equal(sysfs_create_link(dir, deep, "down"), 0);
	assert_int_equal(sysfs_create_link(NULL, deep, "top"), 0);
	assert_link("dir/sub/deep/far", "../../../kernel");
	assert_link("dir/sub/deep/up", "../../../dir");
	assert_link("dir/sub/deep/parent", "../../sub");
	assert_link("dir/sub/deep/self", "../deep");
	assert_link("dir/down", "sub/deep");
	assert_link("top", "dir/sub/deep");
	assert_int_equal(tree_mode("top"), S_IFLNK | 0777);

	assert_int_equal(sysfs_create_link(dir, sub, "down"), -EEXIST);
	assert_int_equal(sysfs_create_link_nowarn(dir, sub, "down"), -EEXIST);
	assert_link("dir/down", "sub/deep");
	sysfs_remove_link(NULL, "top");
	assert_false(tree_has("top"));

	kobject_del(deep);
	assert_link("dir/down", "sub/deep");
	assert_int_equal(PTR_ERR(umdev_sysfs_walk("dir/down", true)), -ENOENT);
	assert_int_equal(sysfs_create_link(dir, deep, "late"), -ENOENT);
	kobject_put(deep);
	kobject_put(sub);
}

static void a_link_to_an_entry_of_another_kobject(void **state)
{
	static const struct attribute_group group = { .name = "group", .attrs = number_attrs };
	struct kobject *sub = kobject_create_and_add("sub", dir);

	assert_int_equal(sysfs_create_group(dir, &group), 0);
	assert_int_equal(compat_only_sysfs_link_entry_to_kobj(sub, dir, "nothing", NULL), -ENOENT);
	assert_int_equal(compat_only_sysfs_link_entry_to_kobj(sub, dir, "group", NULL), 0);
	assert_int_equal(compat_only_sysfs_link_entry_to_kobj(sub, dir, "group", "alias"), 0);
	assert_link("dir/sub/group", "../group");
	assert_link("dir/sub/alias", "../group");
	kobject_put(sub);
}

static void a_path_is_walked_as_linux_walks_it(void **state)
{
	static const struct {
		const char *path;
		bool follow;
		const char *end;
		int err;
	} walks[] = {
		{ "", true, "/", 0 },
		{ "/", true, "/", 0 },
		{ "//dir//sub/", true, "/dir/sub", 0 },
		{ "dir/./sub/../number", true, "/dir/number", 0 },
		{ "..", true, "/", 0 },
		{ "dir/link", false, "/dir/link", 0 },
		{ "dir/link", true, "/dir/sub", 0 },
		{ "dir/link/", false, "/dir/sub", 0 },
		{ "dir/link/..", false, "/dir", 0 },
		{ "dir/sub/self/self/self", true, "/dir/sub", 0 },
		{ "dir/number/", true, NULL, -ENOTDIR },
		{ "dir/number/x", true, NULL, -ENOTDIR },
		{ "dir/none", true, NULL, -ENOENT },
		{ "none/x", true, NULL, -ENOENT },
	};
	struct kobject *sub = kobject_create_and_add("sub", dir);
	struct kernfs_node *kn;
	char path[8192] = "dir/sub";
	size_t i;

	assert_int_equal(sysfs_create_file(dir, &number.attr), 0);
	assert_int_equal(sysfs_create_link(dir, sub, "link"), 0);
	assert_int_equal(sysfs_create_link(sub, sub, "self"), 0);
	for (i = 0; i < ARRAY_SIZE(walks); i++) {
		kn = umdev_sysfs_walk(walks[i].path, walks[i].follow);
		if (walks[i].err) {
			assert_int_equal(PTR_ERR(kn), walks[i].err);
			continue;
		}
		if (IS_ERR(kn))
			fail_msg("%s: error %ld", walks[i].path, PTR_ERR(kn));
		assert_int_equal(umdev_sysfs_path(kn, path, sizeof(path)), strlen(walks[i].end));
		assert_string_equal(path, walks[i].end);
		umdev_sysfs_put(kn);
	}
	strcpy(path, "dir/sub");
	for (i = 0; i < 41; i++)
		strcat(path, "/self");
	assert_int_equal(PTR_ERR(umdev_sysfs_walk(path, true)), -ELOOP);
	memset(path, 'x', sizeof(path) - 1);
	path[4096] = '\0';
	assert_int_equal(PTR_ERR(umdev_sysfs_walk(path, true)), -ENAMETOOLONG);
	kobject_put(sub);
}

static void buffers_that_are_too_small_get_enametoolong(void **state)
{
	struct kernfs_node *kn;
	char buf[16];

	assert_int_equal(sysfs_create_link(dir, kernel_kobj, "link"), 0);
	kn = walk("dir/link");
	assert_int_equal(umdev_sysfs_readlink(kn, buf, 9), -ENAMETOOLONG);
	assert_int_equal(umdev_sysfs_readlink(kn, buf, 10), 9);
	assert_string_equal(buf, "../kernel");
	assert_int_equal(umdev_sysfs_path(kn, buf, 9), -ENAMETOOLONG);
	assert_int_equal(umdev_sysfs_path(kn, buf, 10), 9);
	umdev_sysfs_put(kn);
	kn = walk("dir");
	assert_int_equal(umdev_sysfs_readlink(kn, buf, sizeof(buf)), -EINVAL);
	umdev_sysfs_put(kn);
}

static void the_attributes_of_nodes_are_those_of_sysfs(void **state)
{
	struct kobject *sub = kobject_create_and_add("sub", dir);
	struct kobject *sub2 = kobject_create_and_add("sub2", dir);
	struct stat d, s, f, l;
	struct kernfs_node *kn[4];

	assert_int_equal(sysfs_create_file(dir, &number.attr), 0);
	assert_int_equal(sysfs_create_link(dir, kernel_kobj, "link"), 0);
	kn[0] = walk("dir");
	kn[1] = walk("dir/sub");
	kn[2] = walk("dir/number");
	kn[3] = walk("dir/link");
	assert_int_equal(umdev_sysfs_stat(kn[0], &d), 0);
	assert_int_equal(umdev_sysfs_stat(kn[1], &s), 0);
	assert_int_equal(umdev_sysfs_stat(kn[2], &f), 0);
	assert_int_equal(umdev_sysfs_stat(kn[3], &l), 0);
	assert_int_equal(d.st_nlink, 4);
	assert_int_equal(s.st_nlink, 2);
	assert_int_equal(f.st_nlink, 1);
	assert_int_equal(f.st_size, 4096);
	assert_int_equal(l.st_size, strlen("../kernel"));
	assert_int_equal(d.st_size, 0);
	assert_int_equal(d.st_uid, geteuid());
	assert_int_equal(d.st_gid, getegid());
	assert_true(d.st_ino != s.st_ino && s.st_ino != f.st_ino && f.st_ino != l.st_ino);
	assert_true(d.st_mtime > 0);
	kobject_put(sub2);
	assert_int_equal(umdev_sysfs_stat(kn[0], &d), 0);
	assert_int_equal(d.st_nlink, 3);
	for (int i = 0; i < 4; i++)
		umdev_sysfs_put(kn[i]);
	kobject_put(sub);
}

static void mode_and_owner_of_a_file_can_be_changed(void **state)
{
	struct stat st = { .st_mode = S_IFREG | 0660, .st_uid = 12, .st_gid = 34 };
	struct kernfs_node *kn;

	assert_int_equal(sysfs_create_file(dir, &number.attr), 0);
	kn = walk("dir/number");
	assert_int_equal(umdev_sysfs_setattr(kn, &st, UMDEV_SYSFS_GID), 0);
	assert_int_equal(umdev_sysfs_setattr(kn, &st, 8), -EINVAL);
	assert_int_equal(umdev_sysfs_stat(kn, &st), 0);
	assert_int_equal(st.st_gid, 34);
	assert_int_equal(st.st_mode, S_IFREG | 0644);
	st.st_mode = 0600;
	st.st_uid = 12;
	assert_int_equal(umdev_sysfs_setattr(kn, &st, UMDEV_SYSFS_MODE | UMDEV_SYSFS_UID), 0);
	assert_int_equal(umdev_sysfs_stat(kn, &st), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0600);
	assert_int_equal(st.st_uid, 12);
	assert_int_equal(sysfs_chmod_file(dir, &number.attr, 0400), 0);
	assert_int_equal(tree_mode("dir/number"), S_IFREG | 0400);
	assert_int_equal(sysfs_chmod_file(dir, &number_ro.attr, 0400), -ENOENT);
	sysfs_remove_file(dir, &number.attr);
	assert_int_equal(umdev_sysfs_setattr(kn, &st, UMDEV_SYSFS_MODE), -ENOENT);
	umdev_sysfs_put(kn);
}

#define MANY 1000

struct seen {
	bool name[MANY];
	int n;
	int stop_at;
	uint64_t last;
};

static int see(const char *name, const struct stat *st, uint64_t next, void *data)
{
	struct seen *seen = data;
	int i = atoi(name);

	if (seen->stop_at && seen->n == seen->stop_at)
		return 1;
	assert_true(next > seen->last && next > 2 && next < (uint64_t)INT64_MAX);
	assert_true(i >= 0 && i < MANY);
	assert_false(seen->name[i]);
	assert_true(S_ISDIR(st->st_mode));
	seen->name[i] = true;
	seen->last = next;
	seen->n++;
	return 0;
}

static void a_large_directory_is_listed_in_pieces_each_entry_once(void **state)
{
	struct kobject *sub[MANY];
	struct seen *seen = test_calloc(1, sizeof(*seen));
	struct kernfs_node *kn = walk("dir");
	uint64_t cursor = 0;
	int ret, i;
	char name[32];

	for (i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "%d", i);
		sub[i] = kobject_create_and_add(name, dir);
		assert_non_null(sub[i]);
	}
	do {
		seen->stop_at += 7;
		ret = umdev_sysfs_readdir(kn, &cursor, see, seen);
		assert_in_range(ret, 0, 1);
	} while (ret);
	assert_int_equal(seen->n, MANY);
	for (i = 0; i < MANY; i++)
		kobject_put(sub[i]);
	test_free(seen);
	umdev_sysfs_put(kn);
}

static void entries_that_stay_are_listed_though_others_go_meanwhile(void **state)
{
	struct kobject *sub[MANY];
	struct seen *seen = test_calloc(1, sizeof(*seen));
	struct kernfs_node *kn = walk("dir");
	uint64_t cursor = 0;
	char name[32];
	int i;

	for (i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "%d", i);
		sub[i] = kobject_create_and_add(name, dir);
	}
	seen->stop_at = MANY / 2;
	assert_int_equal(umdev_sysfs_readdir(kn, &cursor, see, seen), 1);
	for (i = 0; i < MANY; i += 2) {
		kobject_put(sub[i]);
		sub[i] = NULL;
	}
	seen->stop_at = 0;
	assert_int_equal(umdev_sysfs_readdir(kn, &cursor, see, seen), 0);
	for (i = 1; i < MANY; i += 2)
		assert_true(seen->name[i]);
	for (i = 0; i < MANY; i++)
		kobject_put(sub[i]);
	test_free(seen);
	umdev_sysfs_put(kn);
}

static void listing_what_is_no_directory_or_gone_is_an_error(void **state)
{
	struct kobject *sub = kobject_create_and_add("sub", dir);
	struct kernfs_node *kn = walk("dir/sub");
	uint64_t cursor = 0;

	kobject_put(sub);
	assert_int_equal(umdev_sysfs_readdir(kn, &cursor, see, NULL), -ENOENT);
	umdev_sysfs_put(kn);
	kn = walk("kernel/uevent_seqnum");
	assert_int_equal(umdev_sysfs_readdir(kn, &cursor, see, NULL), -ENOTDIR);
	assert_int_equal(PTR_ERR(umdev_sysfs_lookup(kn, "x")), -ENOTDIR);
	umdev_sysfs_put(kn);
}

static void removal_of_a_directory_removes_all_below_it(void **state)
{
	static const struct attribute_group group = { .name = "group", .attrs = number_attrs };
	struct kobject *sub = kobject_create_and_add("sub", dir);
	struct umdev_sysfs_file *file;
	struct kernfs_node *kn;

	assert_int_equal(sysfs_create_group(sub, &group), 0);
	kn = walk("dir/sub/group/number");
	file = umdev_sysfs_open(kn, O_WRONLY);
	kobject_del(dir);
	assert_int_equal(umdev_sysfs_write(file, "1", 1, 0), -ENODEV);
	assert_int_equal(PTR_ERR(umdev_sysfs_open(kn, O_RDONLY)), -ENODEV);
	umdev_sysfs_release(file);
	umdev_sysfs_put(kn);
	kobject_put(sub);
}

static ssize_t suicide_store(struct kobject *kobj, struct kobj_attribute *attr, const char *buf,
			     size_t count)
{
	if (!sysfs_remove_file_self(kobj, &attr->attr))
		return -EBUSY;
	/* Not there any more, and to be asked for again without harm. */
	assert_false(tree_has("dir/suicide"));
	assert_false(sysfs_remove_file_self(kobj, &attr->attr));
	return count;
}

static struct kobj_attribute suicide = __ATTR(suicide, 0200, NULL, suicide_store);

static void a_file_can_remove_itself_while_it_is_written(void **state)
{
	assert_int_equal(sysfs_create_file(dir, &suicide.attr), 0);
	assert_int_equal(tree_write("dir/suicide", "1"), 1);
	assert_int_equal(tree_write("dir/suicide", "1"), -ENOENT);
	assert_int_equal(sysfs_create_file(dir, &suicide.attr), 0);
	assert_int_equal(tree_write("dir/suicide", "1"), 1);
}

static ssize_t kill_dir_store(struct kobject *kobj, struct kobj_attribute *attr, const char *buf,
			      size_t count)
{
	if (!sysfs_remove_file_self(kobj, &attr->attr))
		return -EBUSY;
	kobject_del(kobj);
	return count;
}

static void a_callback_that_removed_its_file_can_remove_the_directory(void **state)
{
	static struct kobj_attribute kill_dir = __ATTR(kill, 0200, NULL, kill_dir_store);

	assert_int_equal(sysfs_create_file(dir, &kill_dir.attr), 0);
	assert_int_equal(sysfs_create_file(dir, &number.attr), 0);
	assert_int_equal(tree_write("dir/kill", "1"), 1);
	assert_false(tree_has("dir"));
}

static void removing_itself_from_elsewhere_is_refused_with_a_warning(void **state)
{
	assert_int_equal(sysfs_create_file(dir, &suicide.attr), 0);
	assert_false(sysfs_remove_file_self(dir, &suicide.attr));
	assert_true(tree_has("dir/suicide"));
	expect_warnings(1);
}

static void sysfs_emit_stays_within_its_page(void **state)
{
	char *page = test_malloc(4096);
	int len = 0;

	while (len < 4000)
		len += sysfs_emit_at(page, len, "%s", "0123456789");
	assert_int_equal(sysfs_emit_at(page, 4090, "%s", "0123456789"), 5);
	assert_int_equal(sysfs_emit(page, "%d\n", 42), 3);
	assert_string_equal(page, "42\n");
	assert_int_equal(sysfs_emit_at(page, 4096, "x"), 0);
	assert_int_equal(sysfs_emit_at(page, -1, "x"), 0);
	expect_warnings(2);
	test_free(page);
}

int main(void)
{
#define dir_test(fn) cmocka_unit_test_setup_teardown(fn, dir_setup, dir_teardown)
	const struct CMUnitTest tests[] = {
		dir_test(a_file_is_read_and_written_through_its_callbacks),
		dir_test(reading_further_goes_on_in_the_value_read_at_the_beginning),
		dir_test(a_write_longer_than_a_page_is_cut_off),
		dir_test(an_open_that_nobody_is_allowed_gets_eacces),
		dir_test(an_open_file_answers_only_what_it_was_opened_for),
		dir_test(a_removed_attribute_answers_enodev_to_an_open_reader),
		dir_test(a_second_file_of_a_name_gets_eexist_and_those_made_with_it_go),
		dir_test(a_group_with_a_name_is_a_directory_of_its_own),
		dir_test(a_group_shows_what_is_visible_with_the_mode_it_says),
		dir_test(an_update_of_a_group_that_fails_leaves_none_of_it),
		dir_test(groups_are_made_all_or_none),
		dir_test(files_and_links_join_and_leave_a_group),
		dir_test(links_point_to_their_target_relative_to_where_they_are),
		dir_test(a_link_to_an_entry_of_another_kobject),
		dir_test(a_path_is_walked_as_linux_walks_it),
		dir_test(buffers_that_are_too_small_get_enametoolong),
		dir_test(the_attributes_of_nodes_are_those_of_sysfs),
		dir_test(mode_and_owner_of_a_file_can_be_changed),
		dir_test(a_large_directory_is_listed_in_pieces_each_entry_once),
		dir_test(entries_that_stay_are_listed_though_others_go_meanwhile),
		dir_test(listing_what_is_no_directory_or_gone_is_an_error),
		dir_test(removal_of_a_directory_removes_all_below_it),
		dir_test(a_file_can_remove_itself_while_it_is_written),
		dir_test(a_callback_that_removed_its_file_can_remove_the_directory),
		dir_test(removing_itself_from_elsewhere_is_refused_with_a_warning),
		dir_test(sysfs_emit_stays_within_its_page),
	};

	return cmocka_run_group_tests(tests, runtime_setup, runtime_teardown);
}
