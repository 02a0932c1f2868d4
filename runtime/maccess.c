// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Copies through addresses that may have nothing behind them: memory that a client has given as a
 * file is the client's to truncate, and an ordinary access to it would then end the process with
 * SIGBUS. The host's kernel, asked to copy, answers EFAULT instead.
 */
#include <linux/uaccess.h>

#include <linux/export.h>
#include <errno.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

/* Some sandboxes forbid these calls altogether; then the plain copy is what remains. */
static int forbidden(void)
{
	return errno == ENOSYS || errno == EPERM;
}

/**
 * copy_from_kernel_nofault() - copy from memory that may not be there
 * @dst: where to, ordinary memory
 * @src: where from
 * @size: bytes
 *
 * Context: any; costs a system call.
 * Return: 0, or -EFAULT if not all of @src can be read; part of @dst may then have been written.
 */
long copy_from_kernel_nofault(void *dst, const void *src, size_t size)
{
	struct iovec to = { .iov_base = dst, .iov_len = size };
	struct iovec from = { .iov_base = (void *)src, .iov_len = size };
	ssize_t done;

	if (!size)
		return 0;
	done = process_vm_readv(getpid(), &to, 1, &from, 1, 0);
	if (done < 0 && forbidden()) {
		memcpy(dst, src, size);
		return 0;
	}
	return done == (ssize_t)size ? 0 : -EFAULT;
}
EXPORT_SYMBOL_GPL(copy_from_kernel_nofault);

/**
 * copy_to_kernel_nofault() - copy to memory that may not be there
 * @dst: where to
 * @src: where from, ordinary memory
 * @size: bytes
 *
 * Context: any; costs a system call.
 * Return: 0, or -EFAULT if not all of @dst can be written; part of it may then have been.
 */
long copy_to_kernel_nofault(void *dst, const void *src, size_t size)
{
	struct iovec from = { .iov_base = (void *)src, .iov_len = size };
	struct iovec to = { .iov_base = dst, .iov_len = size };
	ssize_t done;

	if (!size)
		return 0;
	done = process_vm_writev(getpid(), &from, 1, &to, 1, 0);
	if (done < 0 && forbidden()) {
		memcpy(dst, src, size);
		return 0;
	}
	return done == (ssize_t)size ? 0 : -EFAULT;
}
EXPORT_SYMBOL_GPL(copy_to_kernel_nofault);
