// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* Copies to and from what counts as user space in a thread: see <umdev/uaccess.h>. */
#include <linux/err.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

void user_access_window_push(struct user_access_window *w, void *base, size_t len)
{
	struct task_struct *task = current;

	w->base = base;
	w->len = len;
	w->prev = task->uaccess;
	task->uaccess = w;
}
EXPORT_SYMBOL_GPL(user_access_window_push);

void user_access_window_pop(struct user_access_window *w)
{
	struct task_struct *task = current;

	BUG_ON(task->uaccess != w);
	task->uaccess = w->prev;
}
EXPORT_SYMBOL_GPL(user_access_window_pop);

/* Bytes from @ptr to the end of the window that it is in; 0: it is in none. */
static size_t room_at(const void *ptr)
{
	const struct user_access_window *w = current->uaccess;

	if (!w)
		return ptr ? SIZE_MAX - (uintptr_t)ptr : 0;
	for (; w; w = w->prev) {
		uintptr_t offset = (uintptr_t)ptr - (uintptr_t)w->base;

		if ((uintptr_t)ptr >= (uintptr_t)w->base && offset < w->len)
			return w->len - offset;
	}
	return 0;
}

/**
 * umdev_user_range_ok() - what access_ok() is
 * @ptr: first byte
 * @size: bytes
 *
 * Context: any thread.
 * Return: whether a copy of all of it would succeed.
 */
bool umdev_user_range_ok(const void __user *ptr, unsigned long size)
{
	return !size || size <= room_at(ptr);
}
EXPORT_SYMBOL(umdev_user_range_ok);

/**
 * copy_from_user() - copy from user space
 * @to: where to
 * @from: where from
 * @n: bytes
 *
 * All or nothing: unless all of it is there, @to is zeroed.
 *
 * Context: may sleep in a kernel.
 * Return: bytes that were not copied.
 */
unsigned long copy_from_user(void *to, const void __user *from, unsigned long n)
{
	if (!umdev_user_range_ok(from, n)) {
		memset(to, 0, n);
		return n;
	}
	memcpy(to, from, n);
	return 0;
}
EXPORT_SYMBOL(copy_from_user);

/**
 * copy_to_user() - copy to user space
 * @to: where to
 * @from: where from
 * @n: bytes
 *
 * All or nothing.
 *
 * Context: may sleep in a kernel.
 * Return: bytes that were not copied.
 */
unsigned long copy_to_user(void __user *to, const void *from, unsigned long n)
{
	if (!umdev_user_range_ok(to, n))
		return n;
	memcpy(to, from, n);
	return 0;
}
EXPORT_SYMBOL(copy_to_user);

/**
 * clear_user() - zero user space
 * @to: where
 * @n: bytes
 *
 * Context: may sleep in a kernel.
 * Return: bytes that were not zeroed.
 */
unsigned long clear_user(void __user *to, unsigned long n)
{
	if (!umdev_user_range_ok(to, n))
		return n;
	memset(to, 0, n);
	return 0;
}
EXPORT_SYMBOL(clear_user);

/**
 * strncpy_from_user() - copy a string from user space
 * @dst: where to
 * @src: the string
 * @count: bytes of @dst
 *
 * Context: may sleep in a kernel.
 * Return: its length; @count if it was cut off, @dst is then not terminated; -EFAULT.
 */
long strncpy_from_user(char *dst, const char __user *src, long count)
{
	size_t room = room_at(src), len;

	if (count <= 0)
		return 0;
	if (!room)
		return -EFAULT;
	len = strnlen(src, min(room, (size_t)count));
	if (len == room && len < (size_t)count)
		return -EFAULT;
	memcpy(dst, src, len < (size_t)count ? len + 1 : len);
	return (long)len;
}
EXPORT_SYMBOL(strncpy_from_user);

/**
 * strnlen_user() - length of a string in user space
 * @str: the string
 * @n: bytes to look at, at most
 *
 * Context: may sleep in a kernel.
 * Return: its length with the final NUL; more than @n if it is longer; 0 if it runs out of reach.
 */
long strnlen_user(const char __user *str, long n)
{
	size_t room = room_at(str), len;

	if (n <= 0 || !room)
		return 0;
	len = strnlen(str, min(room, (size_t)n));
	if (len == room && len < (size_t)n)
		return 0;
	return (long)len + 1;
}
EXPORT_SYMBOL(strnlen_user);

static void *dup_user(void *p, const void __user *src, size_t len)
{
	if (!p)
		return ERR_PTR(-ENOMEM);
	if (copy_from_user(p, src, len)) {
		kvfree(p);
		return ERR_PTR(-EFAULT);
	}
	return p;
}

/**
 * memdup_user() - copy from user space to memory of its own
 * @src: where from
 * @len: bytes
 *
 * Context: may sleep.
 * Return: the copy, to be freed with kfree(); ERR_PTR(-ENOMEM), ERR_PTR(-EFAULT).
 */
void *memdup_user(const void __user *src, size_t len)
{
	return dup_user(kmalloc(len, GFP_USER), src, len);
}
EXPORT_SYMBOL(memdup_user);

/**
 * vmemdup_user() - memdup_user() for any size
 * @src: where from
 * @len: bytes
 *
 * Context: may sleep.
 * Return: the copy, to be freed with kvfree(); ERR_PTR(-ENOMEM), ERR_PTR(-EFAULT).
 */
void *vmemdup_user(const void __user *src, size_t len)
{
	return dup_user(kvmalloc(len, GFP_USER), src, len);
}
EXPORT_SYMBOL(vmemdup_user);

/**
 * memdup_user_nul() - memdup_user() with a NUL behind
 * @src: where from
 * @len: bytes
 *
 * Context and return: as memdup_user().
 */
void *memdup_user_nul(const void __user *src, size_t len)
{
	char *p = len < KMALLOC_MAX_SIZE ? kmalloc(len + 1, GFP_USER) : NULL;

	if (p)
		p[len] = '\0';
	return dup_user(p, src, len);
}
EXPORT_SYMBOL(memdup_user_nul);

/**
 * strndup_user() - copy a string from user space to memory of its own
 * @s: the string
 * @n: bytes that it may have at most, the final NUL included
 *
 * Context: may sleep.
 * Return: the copy, to be freed with kfree(); ERR_PTR(-EINVAL) if it is too long;
 * ERR_PTR(-ENOMEM), ERR_PTR(-EFAULT).
 */
char *strndup_user(const char __user *s, long n)
{
	long len = strnlen_user(s, n);
	char *p;

	if (!len)
		return ERR_PTR(-EFAULT);
	if (len > n)
		return ERR_PTR(-EINVAL);
	p = memdup_user(s, (size_t)len);
	if (!IS_ERR(p))
		p[len - 1] = '\0';
	return p;
}
EXPORT_SYMBOL(strndup_user);
