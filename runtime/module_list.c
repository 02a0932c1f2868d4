// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Which modules there are, in what state, and who uses whom. How they get there
 * and go is in module.c.
 *
 * modules.lock covers all of it; only references on modules are taken inside it.
 */
#include <linux/err.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <umdev/module.h>
#include "counts.h"
#include "modules.h"

/* @list: all modules, the latest first. */
static struct {
	struct mutex lock;
	struct list_head list;
} modules = {
	.lock = __MUTEX_INITIALIZER(modules.lock),
	.list = LIST_HEAD_INIT(modules.list),
};

static struct loaded_module *find_module(const char *name)
{
	struct loaded_module *lm;

	list_for_each_entry(lm, &modules.list, entry)
		if (!strcmp(lm->name, name))
			return lm;
	return NULL;
}

struct module *module_get_matching(bool (*match)(struct loaded_module *lm, void *data), void *data)
{
	struct module *found = NULL;
	struct loaded_module *lm;

	mutex_lock(&modules.lock);
	list_for_each_entry(lm, &modules.list, entry) {
		if (lm->state == MODULE_STATE_LIVE && match(lm, data)) {
			if (try_module_get(lm->module))
				found = lm->module;
			break;
		}
	}
	mutex_unlock(&modules.lock);
	return found;
}

void module_set_state(struct loaded_module *lm, enum module_state state)
{
	mutex_lock(&modules.lock);
	lm->state = state;
	if (lm->module)
		WRITE_ONCE(lm->module->state, state);
	mutex_unlock(&modules.lock);
}

int module_register(struct loaded_module *lm, struct umdev_error *err)
{
	struct loaded_module *other;
	int ret = 0;

	mutex_lock(&modules.lock);
	other = find_module(lm->name);
	if (!other)
		list_add(&lm->entry, &modules.list);
	else if (other->state == MODULE_STATE_GOING)
		ret = umdev_error_set(err, -EBUSY,
				      "module %s is being unloaded; try again when it is gone",
				      lm->name);
	else if (other->state != MODULE_STATE_LIVE)
		ret = umdev_error_set(err, -ELOOP, "module %s needs itself to be loaded", lm->name);
	else
		ret = umdev_error_set(err, -EEXIST, "module %s is already loaded", lm->name);
	mutex_unlock(&modules.lock);
	if (!ret)
		count_add(COUNT_MODULES, 1);
	return ret;
}

void module_unregister(struct loaded_module *lm)
{
	mutex_lock(&modules.lock);
	list_del(&lm->entry);
	mutex_unlock(&modules.lock);
	count_add(COUNT_MODULES, -1);
}

int module_use(struct loaded_module *lm, const char *name, struct umdev_error *err)
{
	struct module_use *use = kzalloc(sizeof(*use), GFP_KERNEL);
	bool got;

	if (!use)
		return umdev_error_set(err, -ENOMEM, "no memory to load module %s", lm->name);
	mutex_lock(&modules.lock);
	use->source = lm;
	use->target = find_module(name);
	got = use->target && use->target->state == MODULE_STATE_LIVE &&
	      try_module_get(use->target->module);
	if (got) {
		list_add_tail(&use->uses_entry, &lm->uses);
		list_add_tail(&use->users_entry, &use->target->users);
	}
	mutex_unlock(&modules.lock);
	if (got)
		return 0;
	kfree(use);
	return umdev_error_set(err, -EBUSY, "module %s, which %s needs, is being unloaded", name,
			       lm->name);
}

void module_unuse_all(struct loaded_module *lm)
{
	struct module_use *use, *next;

	mutex_lock(&modules.lock);
	list_for_each_entry_safe(use, next, &lm->uses, uses_entry) {
		list_del(&use->uses_entry);
		list_del(&use->users_entry);
		module_put(use->target->module);
		kfree(use);
	}
	mutex_unlock(&modules.lock);
}

/* Under modules.lock, as the next. */
static int describe_users(struct loaded_module *lm, struct umdev_error *err)
{
	struct module_use *use;
	char names[160];
	int len = 0;

	list_for_each_entry(use, &lm->users, users_entry)
		len += scnprintf(names + len, sizeof(names) - (size_t)len, "%s%s", len ? ", " : "",
				 use->source->name);
	return umdev_error_set(err, -EBUSY, "module %s is in use by module %s", lm->name, names);
}

static int check_and_stop(struct loaded_module *lm, const char *name, struct umdev_error *err)
{
	if (!lm)
		return umdev_error_set(err, -ENOENT, "module %s is not loaded", name);
	if (!list_empty(&lm->users))
		return describe_users(lm, err);
	if (lm->state != MODULE_STATE_LIVE)
		return umdev_error_set(err, -EBUSY, "module %s is being %s", name,
				       lm->state == MODULE_STATE_GOING ? "unloaded" : "loaded");
	if (lm->module->init && !lm->module->exit)
		return umdev_error_set(err, -EBUSY,
				       "module %s has no exit function: it stays until the end",
				       name);
	if (atomic_cmpxchg(&lm->module->refcnt, 1, 0) != 1)
		return umdev_error_set(err, -EBUSY, "module %s is in use (%d references)", name,
				       module_refcount(lm->module));
	lm->state = MODULE_STATE_GOING;
	WRITE_ONCE(lm->module->state, MODULE_STATE_GOING);
	return 0;
}

struct loaded_module *module_begin_unload(const char *name, struct umdev_error *err)
{
	char wanted[MODULE_NAME_LEN];
	struct loaded_module *lm;
	int ret;

	strscpy(wanted, name, sizeof(wanted));
	strreplace(wanted, '-', '_');
	mutex_lock(&modules.lock);
	lm = find_module(wanted);
	ret = check_and_stop(lm, name, err);
	mutex_unlock(&modules.lock);
	return ret ? ERR_PTR(ret) : lm;
}

bool module_find_unloadable(char name[MODULE_NAME_LEN])
{
	struct loaded_module *lm;
	bool found = false;

	mutex_lock(&modules.lock);
	list_for_each_entry(lm, &modules.list, entry) {
		found = lm->state == MODULE_STATE_LIVE && list_empty(&lm->users) &&
			!module_refcount(lm->module) && (lm->module->exit || !lm->module->init);
		if (found) {
			strscpy(name, lm->name, MODULE_NAME_LEN);
			break;
		}
	}
	mutex_unlock(&modules.lock);
	return found;
}

int module_tell_of_left(void)
{
	struct loaded_module *lm;
	int left = 0;

	mutex_lock(&modules.lock);
	list_for_each_entry(lm, &modules.list, entry) {
		pr_warn("module %s stays: %s\n", lm->name,
			lm->state == MODULE_STATE_LIVE && !lm->module->exit
				? "it has no exit function"
				: "it is in use");
		left++;
	}
	mutex_unlock(&modules.lock);
	return left;
}

/* Under modules.lock: the names of those who use @lm, with a NULL behind. */
static const char **holders_of(struct loaded_module *lm)
{
	struct module_use *use;
	const char **names;
	size_t n = 0;

	list_for_each_entry(use, &lm->users, users_entry)
		n++;
	names = kcalloc(n + 1, sizeof(*names), GFP_KERNEL);
	if (!names)
		return NULL;
	n = 0;
	list_for_each_entry(use, &lm->users, users_entry)
		names[n++] = use->source->name;
	return names;
}

static int show_info(struct loaded_module *lm,
		     int (*fn)(const struct umdev_module_info *info, void *data), void *data)
{
	const char **holders = holders_of(lm);
	struct umdev_module_info info = {
		.name = lm->name,
		.path = lm->image.path,
		.state = module_state_name(lm->state),
		.size = lm->image.size,
		.refcnt = lm->state == MODULE_STATE_LIVE ? module_refcount(lm->module) : 0,
		.holders = holders,
	};
	int ret = holders ? fn(&info, data) : -ENOMEM;

	kfree(holders);
	return ret;
}

int umdev_module_for_each(int (*fn)(const struct umdev_module_info *info, void *data), void *data)
{
	struct loaded_module *lm;
	int ret = 0;

	mutex_lock(&modules.lock);
	list_for_each_entry(lm, &modules.list, entry) {
		ret = show_info(lm, fn, data);
		if (ret)
			break;
	}
	mutex_unlock(&modules.lock);
	return ret;
}
EXPORT_SYMBOL_GPL(umdev_module_for_each);
