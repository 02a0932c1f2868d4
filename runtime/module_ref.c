// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * References on modules. The count is 1 higher than that of the users until
 * the loader takes its own share back to unload the module, which succeeds only
 * if nothing else is left; from 0 no reference is given out.
 *
 * No lock: whoever asks for a reference found the module through something that
 * its exit function takes away, which keeps the module's memory there meanwhile.
 * That the module is going its count tells, up to the last moment.
 */
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/module.h>

#include "counts.h"

/*
 * What is built in, or linked into a program directly, is never loaded and does
 * not go away. A module that was loaded does not become so by being unloaded:
 * its state is still MODULE_STATE_GOING when its memory goes.
 */
static bool is_permanent(const struct module *module)
{
	return !module || READ_ONCE(module->state) == MODULE_STATE_UNFORMED;
}

/**
 * try_module_get() - take a reference on a module
 * @module: the module; NULL, as THIS_MODULE of built-in code is, always succeeds
 *
 * Context: any.
 * Return: whether it was taken; not if the module is on its way out.
 */
bool try_module_get(struct module *module)
{
	if (is_permanent(module))
		return true;
	if (!module_is_live(module) || !atomic_inc_not_zero(&module->refcnt))
		return false;
	count_add(COUNT_MODULE_REFS, 1);
	return true;
}
EXPORT_SYMBOL(try_module_get);

/**
 * __module_get() - take one more reference on a module
 * @module: the module, on which there is one already; NULL is fine
 *
 * Context: any.
 */
void __module_get(struct module *module)
{
	if (is_permanent(module))
		return;
	atomic_inc(&module->refcnt);
	count_add(COUNT_MODULE_REFS, 1);
}
EXPORT_SYMBOL(__module_get);

/**
 * module_put() - drop a reference on a module
 * @module: the module; NULL is fine
 *
 * Context: any.
 */
void module_put(struct module *module)
{
	if (is_permanent(module))
		return;
	WARN(atomic_dec_if_positive(&module->refcnt) < 0,
	     "a reference too many is dropped on module %s", module->name);
	count_add(COUNT_MODULE_REFS, -1);
}
EXPORT_SYMBOL(module_put);

/**
 * module_refcount() - how many references there are on a module
 * @module: the module
 *
 * Context: any; the answer may be old when it arrives.
 * Return: the number; -1 while it is on its way out.
 */
int module_refcount(struct module *module)
{
	return atomic_read(&module->refcnt) - 1;
}
EXPORT_SYMBOL(module_refcount);
