/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef UMDEV_LINUX_MM_H
#define UMDEV_LINUX_MM_H

#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/kernel.h>
#include <linux/types.h>

#undef PAGE_SHIFT
#undef PAGE_SIZE
#undef PAGE_MASK
#define PAGE_SHIFT 12
#define PAGE_SIZE  (1UL << PAGE_SHIFT)
#define PAGE_MASK  (~(PAGE_SIZE - 1))

#define PAGE_ALIGN(addr)   ALIGN(addr, PAGE_SIZE)
#define PAGE_ALIGNED(addr) IS_ALIGNED((unsigned long)(addr), PAGE_SIZE)
#define offset_in_page(p)  ((unsigned long)(p) & ~PAGE_MASK)
#define PFN_UP(x)	   (((x) + PAGE_SIZE - 1) >> PAGE_SHIFT)
#define PFN_DOWN(x)	   ((x) >> PAGE_SHIFT)
#define PFN_PHYS(x)	   ((phys_addr_t)(x) << PAGE_SHIFT)
#define pfn_to_kaddr(pfn)  ((void *)((unsigned long)(pfn) << PAGE_SHIFT))
#define get_order(size)	   ((size) <= PAGE_SIZE ? 0 : fls64((u64)((size)-1) >> PAGE_SHIFT))

#define VM_READ	      0x00000001ul
#define VM_WRITE      0x00000002ul
#define VM_EXEC	      0x00000004ul
#define VM_SHARED     0x00000008ul
#define VM_PFNMAP     0x00000400ul
#define VM_IO	      0x00004000ul
#define VM_DONTEXPAND 0x00040000ul
#define VM_DONTDUMP   0x04000000ul

struct file;
struct page;
struct vm_area_struct;

typedef unsigned int vm_fault_t;
#define VM_FAULT_OOM	0x000001u
#define VM_FAULT_SIGBUS 0x000002u
#define VM_FAULT_NOPAGE 0x000100u

typedef struct {
	unsigned long pgprot;
} pgprot_t;

struct vm_fault {
	struct vm_area_struct *vma;
	unsigned int flags;
	pgoff_t pgoff;
	unsigned long address;
	struct page *page;
};

struct vm_operations_struct {
	void (*open)(struct vm_area_struct *vma);
	void (*close)(struct vm_area_struct *vma);
	vm_fault_t (*fault)(struct vm_fault *vmf);
};

/* A client's wish to map part of a file, as ->mmap() gets it. */
struct vm_area_struct {
	unsigned long vm_start;
	unsigned long vm_end;
	unsigned long vm_flags;
	unsigned long vm_pgoff; /* pages */
	pgprot_t vm_page_prot;
	const struct vm_operations_struct *vm_ops;
	struct file *vm_file;
	void *vm_private_data;
};

#endif /* UMDEV_LINUX_MM_H */
