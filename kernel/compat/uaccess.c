// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Windows onto kernel memory for user copies, see <linux/uaccess.h>. The innermost window of each
 * task that has one is found by the task's number. Only the task itself changes what is there for
 * it, so what it finds stays.
 */
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/uaccess.h>
#include <linux/xarray.h>

static DEFINE_XARRAY(windows);

/* Whoever pushes cannot be told of an error, so the entry is waited for. */
void user_access_window_push(struct user_access_window *w, void *base, size_t len)
{
	w->base = base;
	w->len = len;
	w->prev = xa_store(&windows, current->pid, w, GFP_KERNEL | __GFP_NOFAIL);
}
EXPORT_SYMBOL_GPL(user_access_window_push);

void user_access_window_pop(struct user_access_window *w)
{
	xa_store(&windows, current->pid, w->prev, GFP_KERNEL);
}
EXPORT_SYMBOL_GPL(user_access_window_pop);

bool user_access_window_has(const void *addr, size_t n)
{
	struct user_access_window *w;

	for (w = xa_load(&windows, current->pid); w; w = w->prev)
		if (addr >= w->base && n <= w->len && addr - w->base <= w->len - n)
			return true;
	return false;
}
/* As the copies themselves, for all drivers. */
EXPORT_SYMBOL(user_access_window_has);
