// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* Windows onto kernel memory for user copies, see <linux/uaccess.h>. */
#include <linux/errno.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/uaccess.h>

static LIST_HEAD(windows);
static DEFINE_SPINLOCK(windows_lock);

void user_access_window_push(struct user_access_window *window, void *base, size_t size)
{
	window->task = current;
	window->base = base;
	window->size = size;
	spin_lock(&windows_lock);
	list_add(&window->node, &windows);
	spin_unlock(&windows_lock);
}
EXPORT_SYMBOL_GPL(user_access_window_push);

void user_access_window_pop(struct user_access_window *window)
{
	spin_lock(&windows_lock);
	list_del(&window->node);
	spin_unlock(&windows_lock);
}
EXPORT_SYMBOL_GPL(user_access_window_pop);

/* Only the task itself pushes and pops its windows, so what is found stays open meanwhile. */
static bool in_window(const void *addr, unsigned long n)
{
	struct user_access_window *window;
	bool found = false;

	spin_lock(&windows_lock);
	list_for_each_entry(window, &windows, node)
		if (window->task == current && addr >= window->base && n <= window->size &&
		    addr - window->base <= window->size - n)
			found = true;
	spin_unlock(&windows_lock);
	return found;
}

unsigned long umdev_copy_from_user(void *to, const void __user *from, unsigned long n)
{
	if (access_ok(from, n) || !in_window((__force void *)from, n))
		return (copy_from_user)(to, from, n);
	memcpy(to, (__force void *)from, n);
	return 0;
}
EXPORT_SYMBOL_GPL(umdev_copy_from_user);

unsigned long umdev_copy_to_user(void __user *to, const void *from, unsigned long n)
{
	if (access_ok(to, n) || !in_window((__force void *)to, n))
		return (copy_to_user)(to, from, n);
	memcpy((__force void *)to, from, n);
	return 0;
}
EXPORT_SYMBOL_GPL(umdev_copy_to_user);

/* Memory is what the kernel maps of it one by one; elsewhere nothing is tried. */
long umdev_copy_to_kernel_nofault(void *dst, const void *src, size_t size)
{
	if (size && (!virt_addr_valid(dst) || !virt_addr_valid(dst + size - 1)))
		return -ERANGE;
	memcpy(dst, src, size);
	return 0;
}
EXPORT_SYMBOL_GPL(umdev_copy_to_kernel_nofault);
