// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* Symbols of modules that may or may not be loaded. */
#include <linux/export.h>
#include <linux/module.h>
#include <dlfcn.h>
#include "modules.h"
#include "object.h"

struct symbol_search {
	const char *name;
	void *addr;
};

/* dlsym() also answers with what the libraries of an object have: that does not count. */
static void *find_in(void *handle, const void *anchor, const char *name)
{
	void *addr = dlsym(handle, name);

	return addr && object_base(addr) == object_base(anchor) ? addr : NULL;
}

static bool module_has_symbol(struct loaded_module *lm, void *data)
{
	struct symbol_search *search = data;

	search->addr = find_in(lm->handle, lm->module, search->name);
	return search->addr != NULL;
}

/* Finds a symbol and takes a reference on its owner, NULL for what is built in. */
static void *find_symbol(const char *name, struct module **owner)
{
	struct symbol_search search = { .name = name };

	*owner = NULL;
	search.addr = find_in(RTLD_DEFAULT, find_symbol, name);
	if (search.addr)
		return search.addr;
	*owner = module_get_matching(module_has_symbol, &search);
	return *owner ? search.addr : NULL;
}

/**
 * __symbol_get() - find an exported symbol, if its module is there
 * @symbol: its name
 *
 * For code that would use another module but does not need it. The symbol's module stays until
 * __symbol_put(). Code that sees the symbol's declaration uses symbol_get() and symbol_put().
 *
 * Context: may sleep.
 * Return: its address; NULL: no live module exports it, or that one is on its way out.
 */
void *__symbol_get(const char *symbol)
{
	struct module *owner;

	return find_symbol(symbol, &owner);
}
EXPORT_SYMBOL_GPL(__symbol_get);

/**
 * __symbol_put() - undo __symbol_get()
 * @symbol: its name
 *
 * Context: may sleep.
 */
void __symbol_put(const char *symbol)
{
	struct module *owner;

	if (WARN(!find_symbol(symbol, &owner), "nobody has symbol %s, which is put", symbol))
		return;
	module_put(owner); /* what was taken to find it */
	module_put(owner);
}
EXPORT_SYMBOL(__symbol_put);
