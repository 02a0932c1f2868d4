// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* Module parameters: the types that drivers declare, and the line that sets them. */
#include <linux/ctype.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "modules.h"

/* Held while a parameter is read or written, by whomever. */
static DEFINE_MUTEX(param_lock);

#define DEFINE_NUMBER(name, type, format, parse)                               \
	static int set_##name(const char *val, const struct kernel_param *kp)  \
	{                                                                      \
		return parse(val, 0, (type *)kp->arg);                         \
	}                                                                      \
	static int get_##name(char *buffer, const struct kernel_param *kp)     \
	{                                                                      \
		return scnprintf(buffer, PAGE_SIZE, format, *(type *)kp->arg); \
	}                                                                      \
	const struct kernel_param_ops param_ops_##name = { .set = set_##name, .get = get_##name }

DEFINE_NUMBER(byte, unsigned char, "%hhu", kstrtou8);
EXPORT_SYMBOL(param_ops_byte);
DEFINE_NUMBER(short, short, "%hd", kstrtos16);
EXPORT_SYMBOL(param_ops_short);
DEFINE_NUMBER(ushort, unsigned short, "%hu", kstrtou16);
EXPORT_SYMBOL(param_ops_ushort);
DEFINE_NUMBER(int, int, "%i", kstrtoint);
EXPORT_SYMBOL(param_ops_int);
DEFINE_NUMBER(uint, unsigned int, "%u", kstrtouint);
EXPORT_SYMBOL(param_ops_uint);
DEFINE_NUMBER(long, long, "%li", kstrtol);
EXPORT_SYMBOL(param_ops_long);
DEFINE_NUMBER(ulong, unsigned long, "%lu", kstrtoul);
EXPORT_SYMBOL(param_ops_ulong);
DEFINE_NUMBER(ullong, unsigned long long, "%llu", kstrtoull);
EXPORT_SYMBOL(param_ops_ullong);

/**
 * param_set_int() - ->set() of an int parameter, for drivers' own operations
 * @val: text
 * @kp: the parameter
 *
 * Context: may sleep.
 * Return: 0, -EINVAL, -ERANGE.
 */
int param_set_int(const char *val, const struct kernel_param *kp)
{
	return set_int(val, kp);
}
EXPORT_SYMBOL(param_set_int);

/**
 * param_get_int() - ->get() of an int parameter
 * @buffer: a page
 * @kp: the parameter
 *
 * Context: may sleep.
 * Return: bytes in @buffer.
 */
int param_get_int(char *buffer, const struct kernel_param *kp)
{
	return get_int(buffer, kp);
}
EXPORT_SYMBOL(param_get_int);

/**
 * param_set_uint() - ->set() of an unsigned int parameter
 * @val: text
 * @kp: the parameter
 *
 * Context and return: as param_set_int().
 */
int param_set_uint(const char *val, const struct kernel_param *kp)
{
	return set_uint(val, kp);
}
EXPORT_SYMBOL(param_set_uint);

/**
 * param_get_uint() - ->get() of an unsigned int parameter
 * @buffer: a page
 * @kp: the parameter
 *
 * Context and return: as param_get_int().
 */
int param_get_uint(char *buffer, const struct kernel_param *kp)
{
	return get_uint(buffer, kp);
}
EXPORT_SYMBOL(param_get_uint);

/**
 * param_set_bool() - ->set() of a bool parameter
 * @val: text as for kstrtobool(); NULL, the name alone, is true
 * @kp: the parameter
 *
 * Context: may sleep.
 * Return: 0, -EINVAL.
 */
int param_set_bool(const char *val, const struct kernel_param *kp)
{
	return kstrtobool(val ? val : "1", kp->arg);
}
EXPORT_SYMBOL(param_set_bool);

/**
 * param_get_bool() - ->get() of a bool parameter
 * @buffer: a page
 * @kp: the parameter
 *
 * Context: may sleep.
 * Return: bytes in @buffer, which is "Y" or "N".
 */
int param_get_bool(char *buffer, const struct kernel_param *kp)
{
	return scnprintf(buffer, PAGE_SIZE, "%c", *(bool *)kp->arg ? 'Y' : 'N');
}
EXPORT_SYMBOL(param_get_bool);

const struct kernel_param_ops param_ops_bool = {
	.flags = KERNEL_PARAM_OPS_FL_NOARG,
	.set = param_set_bool,
	.get = param_get_bool,
};
EXPORT_SYMBOL(param_ops_bool);

static int set_invbool(const char *val, const struct kernel_param *kp)
{
	bool value;
	int err = kstrtobool(val, &value);

	if (!err)
		*(bool *)kp->arg = !value;
	return err;
}

static int get_invbool(char *buffer, const struct kernel_param *kp)
{
	return scnprintf(buffer, PAGE_SIZE, "%c", *(bool *)kp->arg ? 'N' : 'Y');
}

const struct kernel_param_ops param_ops_invbool = { .set = set_invbool, .get = get_invbool };
EXPORT_SYMBOL(param_ops_invbool);

/* What a string parameter pointed at at first is the driver's, what it is set to is ours. */
struct charp_value {
	struct list_head entry;
	char text[];
};

static LIST_HEAD(charp_values); /* under param_lock */

static void forget_charp(const char *text)
{
	struct charp_value *value, *next;

	list_for_each_entry_safe(value, next, &charp_values, entry) {
		if (value->text == text) {
			list_del(&value->entry);
			kfree(value);
		}
	}
}

/**
 * param_set_charp() - ->set() of a string parameter
 * @val: text of at most 1024 bytes; copied
 * @kp: the parameter
 *
 * Context: may sleep.
 * Return: 0, -ENOSPC if it is too long, -ENOMEM.
 */
int param_set_charp(const char *val, const struct kernel_param *kp)
{
	size_t len = strlen(val);
	struct charp_value *value;

	if (len > 1024)
		return -ENOSPC;
	value = kmalloc(sizeof(*value) + len + 1, GFP_KERNEL);
	if (!value)
		return -ENOMEM;
	memcpy(value->text, val, len + 1);
	forget_charp(*(char **)kp->arg);
	list_add(&value->entry, &charp_values);
	*(char **)kp->arg = value->text;
	return 0;
}
EXPORT_SYMBOL(param_set_charp);

/**
 * param_get_charp() - ->get() of a string parameter
 * @buffer: a page
 * @kp: the parameter
 *
 * Context: may sleep.
 * Return: bytes in @buffer.
 */
int param_get_charp(char *buffer, const struct kernel_param *kp)
{
	return scnprintf(buffer, PAGE_SIZE, "%s", *(char **)kp->arg);
}
EXPORT_SYMBOL(param_get_charp);

/**
 * param_free_charp() - ->free() of a string parameter
 * @arg: the parameter's variable
 *
 * Context: may sleep.
 */
void param_free_charp(void *arg)
{
	forget_charp(*(char **)arg);
	*(char **)arg = NULL;
}
EXPORT_SYMBOL(param_free_charp);

const struct kernel_param_ops param_ops_charp = {
	.set = param_set_charp,
	.get = param_get_charp,
	.free = param_free_charp,
};
EXPORT_SYMBOL(param_ops_charp);

static int set_string(const char *val, const struct kernel_param *kp)
{
	if (strlen(val) + 1 > kp->str->maxlen)
		return -ENOSPC;
	strcpy(kp->str->string, val);
	return 0;
}

static int get_string(char *buffer, const struct kernel_param *kp)
{
	return scnprintf(buffer, PAGE_SIZE, "%s", kp->str->string);
}

const struct kernel_param_ops param_ops_string = { .set = set_string, .get = get_string };
EXPORT_SYMBOL(param_ops_string);

static struct kernel_param array_element(const struct kernel_param *kp, unsigned int i)
{
	return (struct kernel_param){
		.name = kp->name,
		.ops = kp->arr->ops,
		.perm = kp->perm,
		.arg = (char *)kp->arr->elem + (size_t)i * kp->arr->elemsize,
	};
}

static int set_array(const char *val, const struct kernel_param *kp)
{
	char *copy = kstrdup(val, GFP_KERNEL), *rest = copy, *item;
	unsigned int n = 0;
	int err = 0;

	if (!copy)
		return -ENOMEM;
	while (!err && (item = strsep(&rest, ","))) {
		struct kernel_param element;

		if (n == kp->arr->max) {
			err = -EINVAL;
			break;
		}
		element = array_element(kp, n++);
		err = element.ops->set(item, &element);
	}
	if (!err && kp->arr->num)
		*kp->arr->num = n;
	kfree(copy);
	return err;
}

static int get_array(char *buffer, const struct kernel_param *kp)
{
	unsigned int n = kp->arr->num ? *kp->arr->num : kp->arr->max;
	int len = 0;

	for (unsigned int i = 0; i < n && len < (int)PAGE_SIZE / 2; i++) {
		struct kernel_param element = array_element(kp, i);

		if (i)
			buffer[len++] = ',';
		len += element.ops->get(buffer + len, &element);
	}
	return len;
}

/* All of them: a value with fewer elements, or a bad one, leaves some behind that were set. */
static void free_array(void *arg)
{
	const struct kparam_array *arr = arg;

	for (unsigned int i = 0; arr->ops->free && i < arr->max; i++)
		arr->ops->free((char *)arr->elem + (size_t)i * arr->elemsize);
}

const struct kernel_param_ops param_array_ops = {
	.set = set_array,
	.get = get_array,
	.free = free_array,
};
EXPORT_SYMBOL(param_array_ops);

ssize_t module_param_show(const struct kernel_param *param, char *buf)
{
	int len;

	if (!param->ops->get)
		return -EPERM;
	mutex_lock(&param_lock);
	len = param->ops->get(buf, param);
	mutex_unlock(&param_lock);
	if (len < 0)
		return len;
	len = min(len, (int)PAGE_SIZE - 2);
	if (!len || buf[len - 1] != '\n')
		buf[len++] = '\n';
	buf[len] = '\0';
	return len;
}

int module_param_store(const struct kernel_param *param, const char *val)
{
	int err;

	if (!param->ops->set)
		return -EPERM;
	if (!val && !(param->ops->flags & KERNEL_PARAM_OPS_FL_NOARG))
		return -EINVAL;
	mutex_lock(&param_lock);
	err = param->ops->set(val, param);
	mutex_unlock(&param_lock);
	return err;
}

static bool same_param_name(const char *a, const char *b)
{
	for (; *a && *b; a++, b++)
		if (*a != *b && !(strchr("-_", *a) && strchr("-_", *b)))
			return false;
	return !*a && !*b;
}

static int set_param(struct module *module, const char *name, const char *val,
		     struct umdev_error *err)
{
	const struct kernel_param *const *p;
	int ret;

	for_each_module_param(module, p)
	{
		if (!same_param_name((*p)->name, name))
			continue;
		ret = module_param_store(*p, val);
		if (ret && !val)
			return umdev_error_set(err, ret,
					       "%s: parameter %s needs a value (%s=VALUE)",
					       module->name, name, name);
		if (ret)
			return umdev_error_set(err, ret, "%s: \"%s\" is no value for parameter %s",
					       module->name, val, name);
		return 0;
	}
	pr_warn("%s: unknown parameter '%s' ignored\n", module->name, name);
	return 0;
}

/* Cuts the first "name", "name=value" or "name="a value"" off @args, in place; NULL at the end. */
static char *next_arg(char **args, char **val)
{
	char *p = skip_spaces(*args), *name = p;
	bool quoted = false;

	*val = NULL;
	if (!*p)
		return NULL;
	for (; *p && (quoted || !isspace((unsigned char)*p)); p++) {
		if (*p == '"')
			quoted = !quoted;
		else if (*p == '=' && !*val)
			*val = p + 1;
	}
	*args = *p ? p + 1 : p;
	*p = '\0';
	if (!*val)
		return name;
	(*val)[-1] = '\0';
	if (**val == '"') {
		++*val;
		if (p[-1] == '"' && p - 1 >= *val)
			p[-1] = '\0';
	}
	return name;
}

int module_params_parse(struct module *module, const char *args, struct umdev_error *err)
{
	char *copy, *rest, *name, *val;
	int ret = 0;

	if (!args)
		return 0;
	copy = rest = kstrdup(args, GFP_KERNEL);
	if (!copy)
		return umdev_error_set(err, -ENOMEM, "%s: no memory for its parameters",
				       module->name);
	while (!ret && (name = next_arg(&rest, &val)))
		ret = set_param(module, name, val, err);
	kfree(copy);
	return ret;
}

void module_params_free(const struct kernel_param *const *params,
			const struct kernel_param *const *end)
{
	const struct kernel_param *const *p;

	mutex_lock(&param_lock);
	for (p = params; p < end; p++)
		if ((*p)->ops->free)
			(*p)->ops->free((*p)->arg);
	mutex_unlock(&param_lock);
}
