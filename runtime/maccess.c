// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Copies through addresses that may have nothing behind them: memory that a client has given as a
 * file is the client's to truncate, and an ordinary access to it would then end the process with
 * SIGBUS. The host's kernel, asked to copy, answers EFAULT instead.
 */
#include <linux/uaccess.h>

#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
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

/* How many pages one system call looks at, by a byte of each. */
#define PROBE_PAGES 64

/* Has the host's kernel make all of these pages present; false if it can't, for any reason. */
static bool populate_run(unsigned long pfn, int npage)
{
	return !madvise(pfn_to_kaddr(pfn), (size_t)npage << PAGE_SHIFT, MADV_POPULATE_READ);
}

/* How many can be read, up to the first that cannot. */
static int probe_run(unsigned long pfn, int npage)
{
	char bytes[PROBE_PAGES];
	struct iovec to = { .iov_base = bytes, .iov_len = sizeof(bytes) };
	struct iovec from[PROBE_PAGES];
	int found = 0;

	while (found < npage) {
		int i, n = min(npage - found, PROBE_PAGES);
		ssize_t done;

		for (i = 0; i < n; i++)
			from[i] = (struct iovec){ pfn_to_kaddr(pfn + found + i), 1 };
		done = process_vm_readv(getpid(), &to, 1, from, n, 0);
		if (done < 0)
			return forbidden() ? npage : found;
		found += (int)done;
		if (done < n)
			break;
	}
	return found;
}

/**
 * count_pages_nofault() - how many pages are there
 * @pfn: their numbers: addresses >> PAGE_SHIFT
 * @npage: how many to look at
 *
 * umdev's own. What is there can be cut off in the next moment by whoever it belongs to.
 *
 * Context: may sleep; costs a system call for each run of pages that follow one another, and more
 * where one is missing or the host's kernel is older than 5.14.
 * Return: how many can be read, from the first on up to the first that cannot.
 */
int count_pages_nofault(const unsigned long *pfn, int npage)
{
	int first, run, found;

	for (first = 0; first < npage; first += run) {
		for (run = 1; first + run < npage && pfn[first + run] == pfn[first] + run;)
			run++;
		if (populate_run(pfn[first], run))
			continue;
		found = probe_run(pfn[first], run);
		if (found < run)
			return first + found;
	}
	return npage;
}
EXPORT_SYMBOL_GPL(count_pages_nofault);
