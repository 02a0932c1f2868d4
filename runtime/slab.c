// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Memory for drivers and for the runtime itself. Every block comes from
 * runtime_alloc() and goes through runtime_free(): the one place to count,
 * and to let allocations fail on purpose.
 */
#include <linux/bug.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>
#include <malloc.h>
#include <stdlib.h>
#include "counts.h"
#include "fault.h"

static void *runtime_alloc(size_t size, size_t align, gfp_t flags)
{
	void *p;

	if (fault_now())
		return NULL;
	if (align > _Alignof(max_align_t))
		p = aligned_alloc(align, round_up(size, align));
	else
		p = malloc(size);
	if (!p)
		return NULL;
	if (flags & __GFP_ZERO)
		memset(p, 0, size);
	count_add(COUNT_ALLOCATIONS, 1);
	return p;
}

static void runtime_free(void *p)
{
	count_add(COUNT_ALLOCATIONS, -1);
	free(p);
}

/**
 * kmalloc() - allocate memory
 * @size: bytes; more than KMALLOC_MAX_SIZE (4 MiB) fails, as in a kernel
 * @flags: GFP_…; only __GFP_ZERO changes anything
 *
 * Context: any. Semantics: Linux 5.10.
 * Return: memory aligned for any type, ZERO_SIZE_PTR for no bytes, NULL on failure.
 */
void *kmalloc(size_t size, gfp_t flags)
{
	if (!size)
		return ZERO_SIZE_PTR;
	if (size > KMALLOC_MAX_SIZE)
		return NULL;
	return runtime_alloc(size, 0, flags);
}
EXPORT_SYMBOL(kmalloc);

/**
 * kzalloc() - allocate zeroed memory
 * @size: bytes
 * @flags: as for kmalloc()
 *
 * Context and return: as kmalloc().
 */
void *kzalloc(size_t size, gfp_t flags)
{
	return kmalloc(size, flags | __GFP_ZERO);
}
EXPORT_SYMBOL(kzalloc);

/**
 * kmalloc_array() - allocate an array
 * @n: elements
 * @size: bytes of one
 * @flags: as for kmalloc()
 *
 * Context and return: as kmalloc(); NULL as well if the product overflows.
 */
void *kmalloc_array(size_t n, size_t size, gfp_t flags)
{
	return kmalloc(array_size(n, size), flags);
}
EXPORT_SYMBOL(kmalloc_array);

/**
 * kcalloc() - allocate a zeroed array
 * @n: elements
 * @size: bytes of one
 * @flags: as for kmalloc()
 *
 * Context and return: as kmalloc_array().
 */
void *kcalloc(size_t n, size_t size, gfp_t flags)
{
	return kmalloc_array(n, size, flags | __GFP_ZERO);
}
EXPORT_SYMBOL(kcalloc);

/**
 * krealloc() - change the size of a block
 * @p: from kmalloc() and its family, or NULL
 * @new_size: bytes; 0 frees @p
 * @flags: as for kmalloc(); what is added to @p is not zeroed
 *
 * Context: any.
 * Return: the block, which may have moved; NULL on failure, @p is then untouched.
 */
void *krealloc(const void *p, size_t new_size, gfp_t flags)
{
	void *new;

	if (!new_size) {
		kfree(p);
		return ZERO_SIZE_PTR;
	}
	new = kmalloc(new_size, flags);
	if (!new || ZERO_OR_NULL_PTR(p))
		return new;
	memcpy(new, p, min(ksize(p), new_size));
	kfree(p);
	return new;
}
EXPORT_SYMBOL(krealloc);

/**
 * kfree() - free a block
 * @p: from kmalloc() and its family; NULL and ZERO_SIZE_PTR are fine
 *
 * Context: any.
 */
void kfree(const void *p)
{
	if (!ZERO_OR_NULL_PTR(p))
		runtime_free((void *)p);
}
EXPORT_SYMBOL(kfree);

/**
 * kfree_sensitive() - wipe and free a block
 * @p: as for kfree()
 *
 * Context: any.
 */
void kfree_sensitive(const void *p)
{
	if (ZERO_OR_NULL_PTR(p))
		return;
	explicit_bzero((void *)p, ksize(p));
	runtime_free((void *)p);
}
EXPORT_SYMBOL(kfree_sensitive);

/**
 * kfree_const() - free what kstrdup_const() gave
 * @p: as for kfree()
 *
 * Context: any.
 */
void kfree_const(const void *p)
{
	kfree(p);
}
EXPORT_SYMBOL(kfree_const);

/**
 * ksize() - how large a block is
 * @p: from kmalloc() and its family
 *
 * Context: any.
 * Return: bytes that may be used, at least those asked for; 0 for NULL.
 */
size_t ksize(const void *p)
{
	return ZERO_OR_NULL_PTR(p) ? 0 : malloc_usable_size((void *)p);
}
EXPORT_SYMBOL(ksize);

/**
 * kvmalloc() - allocate memory of any size
 * @size: bytes
 * @flags: as for kmalloc()
 *
 * Context: may sleep.
 * Return: as kmalloc(); free it with kvfree().
 */
void *kvmalloc(size_t size, gfp_t flags)
{
	if (!size)
		return ZERO_SIZE_PTR;
	if (size > PTRDIFF_MAX)
		return NULL;
	return runtime_alloc(size, 0, flags);
}
EXPORT_SYMBOL(kvmalloc);

/**
 * kvzalloc() - allocate zeroed memory of any size
 * @size: bytes
 * @flags: as for kmalloc()
 *
 * Context and return: as kvmalloc().
 */
void *kvzalloc(size_t size, gfp_t flags)
{
	return kvmalloc(size, flags | __GFP_ZERO);
}
EXPORT_SYMBOL(kvzalloc);

/**
 * kvmalloc_array() - allocate an array of any size
 * @n: elements
 * @size: bytes of one
 * @flags: as for kmalloc()
 *
 * Context and return: as kvmalloc(); NULL as well if the product overflows.
 */
void *kvmalloc_array(size_t n, size_t size, gfp_t flags)
{
	return kvmalloc(array_size(n, size), flags);
}
EXPORT_SYMBOL(kvmalloc_array);

/**
 * kvcalloc() - allocate a zeroed array of any size
 * @n: elements
 * @size: bytes of one
 * @flags: as for kmalloc()
 *
 * Context and return: as kvmalloc_array().
 */
void *kvcalloc(size_t n, size_t size, gfp_t flags)
{
	return kvmalloc_array(n, size, flags | __GFP_ZERO);
}
EXPORT_SYMBOL(kvcalloc);

/**
 * kvfree() - free what kvmalloc() gave
 * @p: as for kfree()
 *
 * Context: may sleep.
 */
void kvfree(const void *p)
{
	kfree(p);
}
EXPORT_SYMBOL(kvfree);

/**
 * vmalloc() - allocate whole pages
 * @size: bytes
 *
 * Context: may sleep.
 * Return: memory aligned to a page, to be freed with vfree(); NULL on failure or for no bytes.
 */
void *vmalloc(unsigned long size)
{
	if (!size || size > PTRDIFF_MAX)
		return NULL;
	return runtime_alloc(size, 4096, GFP_KERNEL);
}
EXPORT_SYMBOL(vmalloc);

/**
 * vzalloc() - allocate whole zeroed pages
 * @size: bytes
 *
 * Context and return: as vmalloc().
 */
void *vzalloc(unsigned long size)
{
	if (!size || size > PTRDIFF_MAX)
		return NULL;
	return runtime_alloc(size, 4096, GFP_KERNEL | __GFP_ZERO);
}
EXPORT_SYMBOL(vzalloc);

/**
 * vfree() - free what vmalloc() gave
 * @addr: NULL is fine
 *
 * Context: may sleep.
 */
void vfree(const void *addr)
{
	kfree(addr);
}
EXPORT_SYMBOL(vfree);

/* Objects of one size. Nothing is cached: sanitizers see each of them come and go. */
struct kmem_cache {
	const char *name;
	unsigned int size;
	unsigned int align;
	void (*ctor)(void *obj);
	long live; /* atomic */
};

/**
 * kmem_cache_create() - prepare to allocate objects of one size
 * @name: for messages; copied
 * @size: bytes of an object
 * @align: its alignment, 0 for any type's
 * @flags: SLAB_PANIC makes a failure fatal; the others mean nothing here
 * @ctor: called on each new object, or NULL
 *
 * Context: may sleep.
 * Return: the cache, or NULL without memory.
 */
struct kmem_cache *kmem_cache_create(const char *name, unsigned int size, unsigned int align,
				     slab_flags_t flags, void (*ctor)(void *))
{
	struct kmem_cache *cache = kzalloc(sizeof(*cache), GFP_KERNEL);

	if (!cache)
		goto fail;
	cache->name = kstrdup(name, GFP_KERNEL);
	if (!cache->name)
		goto free_cache;
	cache->size = size;
	cache->align = align;
	cache->ctor = ctor;
	return cache;

free_cache:
	kfree(cache);
fail:
	BUG_ON(flags & SLAB_PANIC);
	return NULL;
}
EXPORT_SYMBOL(kmem_cache_create);

/**
 * kmem_cache_destroy() - give a cache up
 * @cache: all its objects must be freed, else a warning is logged; NULL is fine
 *
 * Context: may sleep.
 */
void kmem_cache_destroy(struct kmem_cache *cache)
{
	if (!cache)
		return;
	WARN(READ_ONCE(cache->live), "cache %s is destroyed with %ld objects in use", cache->name,
	     READ_ONCE(cache->live));
	kfree(cache->name);
	kfree(cache);
}
EXPORT_SYMBOL(kmem_cache_destroy);

/**
 * kmem_cache_alloc() - allocate an object
 * @cache: where from
 * @flags: as for kmalloc()
 *
 * Context: any.
 * Return: the object, or NULL.
 */
void *kmem_cache_alloc(struct kmem_cache *cache, gfp_t flags)
{
	void *obj = runtime_alloc(cache->size, cache->align, flags);

	if (!obj)
		return NULL;
	__atomic_fetch_add(&cache->live, 1, __ATOMIC_RELAXED);
	if (cache->ctor)
		cache->ctor(obj);
	return obj;
}
EXPORT_SYMBOL(kmem_cache_alloc);

/**
 * kmem_cache_zalloc() - allocate a zeroed object
 * @cache: where from
 * @flags: as for kmalloc()
 *
 * Context and return: as kmem_cache_alloc().
 */
void *kmem_cache_zalloc(struct kmem_cache *cache, gfp_t flags)
{
	return kmem_cache_alloc(cache, flags | __GFP_ZERO);
}
EXPORT_SYMBOL(kmem_cache_zalloc);

/**
 * kmem_cache_free() - free an object
 * @cache: where it is from
 * @obj: NULL is fine
 *
 * Context: any.
 */
void kmem_cache_free(struct kmem_cache *cache, void *obj)
{
	if (!obj)
		return;
	__atomic_fetch_sub(&cache->live, 1, __ATOMIC_RELAXED);
	runtime_free(obj);
}
EXPORT_SYMBOL(kmem_cache_free);
