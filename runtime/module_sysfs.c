// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* /sys/module/NAME. */
#include <linux/err.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/kobject.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include "modules.h"

/* An attribute of the module itself. */
struct module_attr {
	struct attribute attr;
	ssize_t (*show)(struct loaded_module *lm, char *buf);
	ssize_t (*store)(struct module_kobject *mk, const char *buf, size_t count);
};

/* An attribute in parameters/. */
struct param_attribute {
	struct module_attr mattr;
	const struct kernel_param *param;
};

static struct module_kobject *to_module_kobject(struct kobject *kobj)
{
	return container_of(kobj, struct module_kobject, kobj);
}

static struct param_attribute *to_param_attribute(struct attribute *attr)
{
	return container_of(attr, struct param_attribute, mattr.attr);
}

static bool is_param(const struct module_kobject *mk, const struct attribute *attr)
{
	for (struct attribute **p = mk->param_group.attrs; p && *p; p++)
		if (*p == attr)
			return true;
	return false;
}

static ssize_t module_attr_show(struct kobject *kobj, struct attribute *attr, char *buf)
{
	struct module_kobject *mk = to_module_kobject(kobj);
	struct module_attr *mattr = container_of(attr, struct module_attr, attr);

	if (is_param(mk, attr))
		return module_param_show(to_param_attribute(attr)->param, buf);
	return mattr->show ? mattr->show(mk->lm, buf) : -EIO;
}

static ssize_t store_param(const struct kernel_param *param, const char *buf, size_t count)
{
	char *val =
		kmemdup_nul(buf, count && buf[count - 1] == '\n' ? count - 1 : count, GFP_KERNEL);
	int err;

	if (!val)
		return -ENOMEM;
	err = module_param_store(param, val);
	kfree(val);
	return err ? err : (ssize_t)count;
}

static ssize_t module_attr_store(struct kobject *kobj, struct attribute *attr, const char *buf,
				 size_t count)
{
	struct module_kobject *mk = to_module_kobject(kobj);
	struct module_attr *mattr = container_of(attr, struct module_attr, attr);

	if (is_param(mk, attr))
		return store_param(to_param_attribute(attr)->param, buf, count);
	return mattr->store ? mattr->store(mk, buf, count) : -EIO;
}

const char *module_state_name(enum module_state state)
{
	switch (state) {
	case MODULE_STATE_LIVE:
		return "live";
	case MODULE_STATE_GOING:
		return "going";
	default:
		return "coming";
	}
}

static ssize_t initstate_show(struct loaded_module *lm, char *buf)
{
	return sprintf(buf, "%s\n", module_state_name(READ_ONCE(lm->module->state)));
}

static ssize_t refcnt_show(struct loaded_module *lm, char *buf)
{
	return sprintf(buf, "%i\n", module_refcount(lm->module));
}

static ssize_t coresize_show(struct loaded_module *lm, char *buf)
{
	return sprintf(buf, "%zu\n", lm->image.size);
}

static ssize_t version_show(struct loaded_module *lm, char *buf)
{
	return scnprintf(buf, 4096, "%s\n", module_image_next(&lm->image, "version", NULL));
}

static ssize_t uevent_store(struct module_kobject *mk, const char *buf, size_t count)
{
	int err = kobject_synth_uevent(&mk->kobj, buf, count);

	return err ? err : (ssize_t)count;
}

static struct module_attr initstate_attr = { { .name = "initstate", .mode = 0444 },
					     initstate_show,
					     NULL };
static struct module_attr refcnt_attr = { { .name = "refcnt", .mode = 0444 }, refcnt_show, NULL };
static struct module_attr coresize_attr = { { .name = "coresize", .mode = 0444 },
					    coresize_show,
					    NULL };
static struct module_attr version_attr = { { .name = "version", .mode = 0444 },
					   version_show,
					   NULL };
static struct module_attr uevent_attr = { { .name = "uevent", .mode = 0200 }, NULL, uevent_store };

static struct attribute *module_attrs[] = {
	&initstate_attr.attr, &refcnt_attr.attr, &coresize_attr.attr,
	&version_attr.attr,   &uevent_attr.attr, NULL,
};

static umode_t module_attr_is_visible(struct kobject *kobj, struct attribute *attr, int n)
{
	struct loaded_module *lm = to_module_kobject(kobj)->lm;

	if (attr == &version_attr.attr && !module_image_next(&lm->image, "version", NULL))
		return 0;
	return attr->mode;
}

static const struct attribute_group module_attr_group = {
	.attrs = module_attrs,
	.is_visible = module_attr_is_visible,
};

static const struct sysfs_ops module_sysfs_ops = {
	.show = module_attr_show,
	.store = module_attr_store,
};

static void module_kobject_release(struct kobject *kobj)
{
	struct module_kobject *mk = to_module_kobject(kobj);

	kfree(mk->param_group.attrs);
	kfree(mk->param_attrs);
	kfree(mk);
}

static struct kobj_type module_ktype = {
	.release = module_kobject_release,
	.sysfs_ops = &module_sysfs_ops,
};

/* The parameters of a directory: those of its module that have a file. */
static bool has_file(const struct kernel_param *param, const char *modname)
{
	return param->perm && !strcmp(param->modname, modname);
}

static int prepare_params(struct module_kobject *mk, const char *modname,
			  const struct kernel_param *const *params,
			  const struct kernel_param *const *end)
{
	const struct kernel_param *const *p;
	size_t n = 0, i = 0;

	for (p = params; p < end; p++)
		n += has_file(*p, modname);
	if (!n)
		return 0;
	mk->param_group.name = "parameters";
	mk->param_attrs = kcalloc(n, sizeof(*mk->param_attrs), GFP_KERNEL);
	mk->param_group.attrs = kcalloc(n + 1, sizeof(*mk->param_group.attrs), GFP_KERNEL);
	if (!mk->param_attrs || !mk->param_group.attrs)
		return -ENOMEM;
	for (p = params; p < end; p++) {
		if (!has_file(*p, modname))
			continue;
		mk->param_attrs[i].param = *p;
		mk->param_attrs[i].mattr.attr.name = (*p)->name;
		mk->param_attrs[i].mattr.attr.mode = (*p)->perm;
		mk->param_group.attrs[i] = &mk->param_attrs[i].mattr.attr;
		i++;
	}
	return 0;
}

int module_sysfs_add(struct loaded_module *lm)
{
	struct module_kobject *mk = kzalloc(sizeof(*mk), GFP_KERNEL);
	int err;

	if (!mk)
		return -ENOMEM;
	mk->lm = lm;
	mk->kobj.kset = module_kset;
	kobject_init(&mk->kobj, &module_ktype);
	/* Before there is a file that could be read: its callback looks at them. */
	err = prepare_params(mk, lm->name, lm->module->params, lm->module->params_end);
	if (err)
		goto put;
	err = kobject_add(&mk->kobj, NULL, "%s", lm->name);
	if (err)
		goto put;
	err = sysfs_create_group(&mk->kobj, &module_attr_group);
	if (err)
		goto del;
	if (mk->param_attrs) {
		err = sysfs_create_group(&mk->kobj, &mk->param_group);
		if (err)
			goto del;
	}
	mk->holders = kobject_create_and_add("holders", &mk->kobj);
	if (!mk->holders) {
		err = -ENOMEM;
		goto del;
	}
	lm->mkobj = mk;
	return 0;

del:
	kobject_del(&mk->kobj);
put:
	kobject_put(&mk->kobj);
	return err;
}

void module_sysfs_remove(struct loaded_module *lm)
{
	struct module_kobject *mk = lm->mkobj;

	kobject_put(mk->holders);
	kobject_del(&mk->kobj);
	lm->mkobj = NULL;
	kobject_put(&mk->kobj);
}

void module_sysfs_announce(struct loaded_module *lm)
{
	kobject_uevent(&lm->mkobj->kobj, KOBJ_ADD);
}

int module_sysfs_add_holder(struct loaded_module *target, struct loaded_module *source)
{
	return sysfs_create_link(target->mkobj->holders, &source->mkobj->kobj, source->name);
}

void module_sysfs_remove_holder(struct loaded_module *target, struct loaded_module *source)
{
	sysfs_remove_link(target->mkobj->holders, source->name);
}

static struct attribute *builtin_attrs[] = { &uevent_attr.attr, NULL };
static const struct attribute_group builtin_attr_group = { .attrs = builtin_attrs };

struct module_kobject *module_sysfs_add_builtin(const char *name,
						const struct kernel_param *const *params,
						const struct kernel_param *const *end)
{
	struct module_kobject *mk = kzalloc(sizeof(*mk), GFP_KERNEL);
	int err;

	if (!mk)
		return ERR_PTR(-ENOMEM);
	mk->kobj.kset = module_kset;
	kobject_init(&mk->kobj, &module_ktype);
	err = prepare_params(mk, name, params, end);
	if (err)
		goto put;
	err = kobject_add(&mk->kobj, NULL, "%s", name);
	if (err)
		goto put;
	err = sysfs_create_group(&mk->kobj, &builtin_attr_group);
	if (!err)
		err = sysfs_create_group(&mk->kobj, &mk->param_group);
	if (err)
		goto del;
	kobject_uevent(&mk->kobj, KOBJ_ADD);
	return mk;

del:
	kobject_del(&mk->kobj);
put:
	kobject_put(&mk->kobj);
	return ERR_PTR(err);
}

void module_sysfs_remove_builtin(struct module_kobject *mk)
{
	kobject_del(&mk->kobj);
	kobject_put(&mk->kobj);
}

/* Kernel-doc: <linux/module.h>. */
struct kobject *module_kobject(struct module *module)
{
	if (!module || !module->loaded || !module->loaded->mkobj)
		return NULL;
	return &module->loaded->mkobj->kobj;
}
EXPORT_SYMBOL(module_kobject);
