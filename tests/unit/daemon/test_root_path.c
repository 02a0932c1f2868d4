// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* Where the root directory is. */
#include <daemon/root_path.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static void expect(const char *given, const char *expected)
{
	char *path;

	assert_null(umdev_root_path(given, &path));
	assert_string_equal(path, expected);
	free(path);
}

static void an_absolute_path_stays_without_slashes_at_its_end(void **state)
{
	expect("/tmp/x", "/tmp/x");
	expect("/tmp/x///", "/tmp/x");
	expect("/", "/");
}

static void a_relative_path_begins_at_the_working_directory(void **state)
{
	assert_int_equal(chdir("/usr"), 0);
	expect("x", "/usr/x");
	assert_int_equal(chdir("/"), 0);
	expect("x/", "/x");
}

static void the_default_depends_on_the_user(void **state)
{
	char *path;

	setenv("XDG_RUNTIME_DIR", "/run/user/7", 1);
	expect(NULL, geteuid() == 0 ? "/run/umdev" : "/run/user/7/umdev");
	expect("", geteuid() == 0 ? "/run/umdev" : "/run/user/7/umdev");
	if (geteuid() == 0)
		return;
	unsetenv("XDG_RUNTIME_DIR");
	assert_non_null(umdev_root_path(NULL, &path));
}

static void the_longest_root_gives_the_longest_socket_path(void **state)
{
	char root[UMDEV_ROOT_MAX + 1];

	snprintf(root, sizeof(root), "/%0*d", (int)UMDEV_ROOT_MAX - 1, 0);
	assert_int_equal(snprintf(NULL, 0, "%s/%s/%036d", root, UMDEV_ROOT_VFIO, 0),
			 UMDEV_SOCKET_PATH_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_absolute_path_stays_without_slashes_at_its_end),
		cmocka_unit_test(a_relative_path_begins_at_the_working_directory),
		cmocka_unit_test(the_default_depends_on_the_user),
		cmocka_unit_test(the_longest_root_gives_the_longest_socket_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
