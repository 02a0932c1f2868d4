// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* The runtime's start and end: the initcalls of all that is built in, and their exit calls. */
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/mutex.h>
#include <linux/string.h>
#include <umdev/runtime.h>
#include "files.h"

/* The sections that <linux/init.h> fills; the linker names their bounds. */
#define section_bound(name, type) \
	extern const struct type *const name[] __attribute__((__visibility__("hidden")))
section_bound(__start_umdev_initcalls, umdev_initcall);
section_bound(__stop_umdev_initcalls, umdev_initcall);
section_bound(__start_umdev_exitcalls, umdev_exitcall);
section_bound(__stop_umdev_exitcalls, umdev_exitcall);

#define for_each_initcall(p) for (p = __start_umdev_initcalls; p < __stop_umdev_initcalls; p++)

static DEFINE_MUTEX(runtime_lock);
static bool runtime_is_up; /* under runtime_lock */

/* Initcalls run level by level, within a level as linked: whether @a runs before @b. */
static bool runs_before(const struct umdev_initcall *const *a,
			const struct umdev_initcall *const *b)
{
	return (*a)->level != (*b)->level ? (*a)->level < (*b)->level : a < b;
}

/* The initcall that runs next after @last, or first of all; NULL: none. */
static const struct umdev_initcall *const *next_initcall(const struct umdev_initcall *const *last)
{
	const struct umdev_initcall *const *next = NULL, *const * p;

	for_each_initcall(p) if ((!last || runs_before(last, p)) && (!next || runs_before(p, next)))
		next = p;
	return next;
}

static const struct umdev_initcall *const *
previous_initcall(const struct umdev_initcall *const *last)
{
	const struct umdev_initcall *const *previous = NULL, *const * p;

	for_each_initcall(p) if ((!last || runs_before(p, last)) &&
				 (!previous || runs_before(previous, p))) previous = p;
	return previous;
}

/* The initcall of @file that runs first: the file's exit call undoes all of them in its place. */
static const struct umdev_initcall *const *first_initcall_of(const char *file)
{
	const struct umdev_initcall *const *p = NULL;

	while ((p = next_initcall(p)))
		if (!strcmp((*p)->file, file))
			break;
	return p;
}

/* Calls the exit calls of the file whose first initcall is @init; NULL: of files without one. */
static void run_exitcalls(const struct umdev_initcall *const *init)
{
	const struct umdev_exitcall *const *p = __stop_umdev_exitcalls;

	while (p-- > __start_umdev_exitcalls)
		if (first_initcall_of((*p)->file) == init)
			(*p)->fn();
}

/* Undoes the initcalls before @last, or all. */
static void undo_initcalls(const struct umdev_initcall *const *last)
{
	while ((last = previous_initcall(last)))
		run_exitcalls(last);
	run_exitcalls(NULL);
}

static int run_initcalls(void)
{
	const struct umdev_initcall *const *p = NULL;
	int err;

	while ((p = next_initcall(p))) {
		err = (*p)->fn();
		if (err) {
			pr_crit("the runtime cannot start: %s() failed (%pe)\n", (*p)->name,
				ERR_PTR(err));
			undo_initcalls(p);
			return err;
		}
	}
	return 0;
}

int umdev_runtime_init(void)
{
	int err = -EALREADY;

	mutex_lock(&runtime_lock);
	if (!runtime_is_up) {
		err = run_initcalls();
		runtime_is_up = !err;
	}
	mutex_unlock(&runtime_lock);
	return err;
}
EXPORT_SYMBOL_GPL(umdev_runtime_init);

void umdev_runtime_exit(void)
{
	mutex_lock(&runtime_lock);
	if (runtime_is_up) {
		close_shared_files();
		undo_initcalls(NULL);
		runtime_is_up = false;
	}
	mutex_unlock(&runtime_lock);
}
EXPORT_SYMBOL_GPL(umdev_runtime_exit);
