// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * uevents: composed here, delivered to subscribers (<umdev/uevent.h>).
 *
 * Locks: uevent_lock gives each event its number and delivers it, so that
 * subscribers see them in order; it covers the number and the list of
 * subscribers. It is taken with any lock of the device model held, and none may
 * be taken inside it.
 */
#include <linux/bug.h>
#include <linux/ctype.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/kobject.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uuid.h>
#include <umdev/uevent.h>

static DEFINE_MUTEX(uevent_lock);
static u64 uevent_last;					   /* under uevent_lock */
static struct umdev_uevent_subscriber *uevent_subscribers; /* under uevent_lock */

static const char *const kobject_actions[] = {
	[KOBJ_ADD] = "add",   [KOBJ_REMOVE] = "remove", [KOBJ_CHANGE] = "change",
	[KOBJ_MOVE] = "move", [KOBJ_ONLINE] = "online", [KOBJ_OFFLINE] = "offline",
	[KOBJ_BIND] = "bind", [KOBJ_UNBIND] = "unbind",
};

int umdev_uevent_subscribe(struct umdev_uevent_subscriber *sub)
{
	if (!sub->fn)
		return -EINVAL;
	mutex_lock(&uevent_lock);
	sub->next = uevent_subscribers;
	sub->pprev = &uevent_subscribers;
	if (sub->next)
		sub->next->pprev = &sub->next;
	uevent_subscribers = sub;
	mutex_unlock(&uevent_lock);
	return 0;
}
EXPORT_SYMBOL_GPL(umdev_uevent_subscribe);

void umdev_uevent_unsubscribe(struct umdev_uevent_subscriber *sub)
{
	mutex_lock(&uevent_lock);
	if (sub->pprev) {
		*sub->pprev = sub->next;
		if (sub->next)
			sub->next->pprev = sub->pprev;
		sub->next = NULL;
		sub->pprev = NULL;
	}
	mutex_unlock(&uevent_lock);
}
EXPORT_SYMBOL_GPL(umdev_uevent_unsubscribe);

uint64_t umdev_uevent_seqnum(void)
{
	u64 last;

	mutex_lock(&uevent_lock);
	last = uevent_last;
	mutex_unlock(&uevent_lock);
	return last;
}
EXPORT_SYMBOL_GPL(umdev_uevent_seqnum);

/**
 * add_uevent_var() - add a key to a uevent
 * @env: the event's environment
 * @format: format of "KEY=value"
 *
 * Context: any.
 * Return: 0; -ENOMEM no room for one more key or for its text, and nothing is added.
 */
int add_uevent_var(struct kobj_uevent_env *env, const char *format, ...)
{
	size_t room = sizeof(env->buf) - env->buflen;
	va_list args;
	int len;

	if (WARN(env->envp_idx >= (int)ARRAY_SIZE(env->envp), "uevent: too many keys\n"))
		return -ENOMEM;
	va_start(args, format);
	len = vsnprintf(env->buf + env->buflen, room, format, args);
	va_end(args);
	if (WARN(len < 0 || (size_t)len >= room, "uevent: keys are too long\n"))
		return -ENOMEM;
	env->envp[env->envp_idx++] = env->buf + env->buflen;
	env->buflen += len + 1;
	return 0;
}
EXPORT_SYMBOL_GPL(add_uevent_var);

/*
 * An unbound device is not to make programs load a driver for it, so MODALIAS
 * is left out of "unbind", as in Linux.
 */
static void uevent_drop_modalias(struct kobj_uevent_env *env)
{
	int i;

	for (i = 0; i < env->envp_idx; i++) {
		char *key = env->envp[i];
		int len = strlen(key) + 1;

		if (!strstarts(key, "MODALIAS="))
			continue;
		memmove(key, key + len, env->buf + env->buflen - (key + len));
		env->buflen -= len;
		env->envp_idx--;
		for (; i < env->envp_idx; i++)
			env->envp[i] = env->envp[i + 1] - len;
	}
}

/* Numbers the event and hands it to all subscribers. */
static int uevent_deliver(struct kobj_uevent_env *env, const char *action, const char *devpath,
			  const char *subsystem)
{
	struct umdev_uevent event = { .action = action,
				      .devpath = devpath,
				      .subsystem = subsystem };
	struct umdev_uevent_subscriber *sub;
	char *msg = NULL;
	int head, ret;

	mutex_lock(&uevent_lock);
	event.seqnum = ++uevent_last;
	ret = add_uevent_var(env, "SEQNUM=%llu", (unsigned long long)event.seqnum);
	if (ret || !uevent_subscribers)
		goto unlock;
	head = strlen(action) + 1 + strlen(devpath) + 1;
	msg = kmalloc(head + env->buflen, GFP_KERNEL);
	if (!msg) {
		ret = -ENOMEM;
		goto unlock;
	}
	snprintf(msg, head, "%s@%s", action, devpath);
	memcpy(msg + head, env->buf, env->buflen);
	event.buf = msg;
	event.len = head + env->buflen;
	for (sub = uevent_subscribers; sub; sub = sub->next)
		sub->fn(sub, &event);
unlock:
	mutex_unlock(&uevent_lock);
	kfree(msg);
	return ret;
}

/* The kset that decides about @kobj's uevents: its own, or that of the nearest above it. */
static struct kset *uevent_kset(struct kobject *kobj)
{
	while (!kobj->kset && kobj->parent)
		kobj = kobj->parent;
	return kobj->kset;
}

/* The keys between SUBSYSTEM and SEQNUM. */
static int uevent_add_keys(struct kobject *kobj, struct kset *kset, enum kobject_action action,
			   char *envp_ext[], struct kobj_uevent_env *env)
{
	int ret = 0;
	int i;

	for (i = 0; envp_ext && envp_ext[i] && !ret; i++)
		ret = add_uevent_var(env, "%s", envp_ext[i]);
	if (!ret && kset->uevent_ops && kset->uevent_ops->uevent)
		ret = kset->uevent_ops->uevent(kset, kobj, env);
	if (!ret && action == KOBJ_UNBIND)
		uevent_drop_modalias(env);
	return ret;
}

/**
 * kobject_uevent_env() - send a uevent with keys of its own
 * @kobj: the object it is about, in sysfs
 * @action: what happened
 * @envp_ext: "KEY=value" strings, NULL-terminated; NULL for none
 *
 * The keys are ACTION, DEVPATH, SUBSYSTEM, those of @envp_ext, those of the kset's uevent
 * callback, and SEQNUM, in this order (that of Linux; row M11).
 *
 * Context: may sleep; the caller may hold locks of the device model.
 * Return: 0, also where the event is suppressed or filtered; -EINVAL no kset above the object;
 * -ENOENT the object has no path; -ENOMEM; an error of the kset's uevent callback.
 */
int kobject_uevent_env(struct kobject *kobj, enum kobject_action action, char *envp_ext[])
{
	const char *name = kobject_actions[action];
	const struct kset_uevent_ops *ops;
	struct kobj_uevent_env *env = NULL;
	const char *subsystem;
	char *path = NULL;
	struct kset *kset;
	int ret = 0;

	if (action == KOBJ_REMOVE)
		WRITE_ONCE(kobj->state_remove_uevent_sent, true);
	kset = uevent_kset(kobj);
	if (!kset)
		return -EINVAL;
	ops = kset->uevent_ops;
	if (READ_ONCE(kobj->uevent_suppress) || (ops && ops->filter && !ops->filter(kset, kobj)))
		return 0;
	subsystem = ops && ops->name ? ops->name(kset, kobj) : kobject_name(&kset->kobj);
	if (!subsystem)
		return 0;

	env = kzalloc(sizeof(*env), GFP_KERNEL);
	if (!env)
		return -ENOMEM;
	path = kobject_get_path(kobj, GFP_KERNEL);
	if (!path) {
		ret = -ENOENT;
		goto out;
	}
	ret = add_uevent_var(env, "ACTION=%s", name);
	if (!ret)
		ret = add_uevent_var(env, "DEVPATH=%s", path);
	if (!ret)
		ret = add_uevent_var(env, "SUBSYSTEM=%s", subsystem);
	if (!ret)
		ret = uevent_add_keys(kobj, kset, action, envp_ext, env);
	if (ret)
		goto out;
	if (action == KOBJ_ADD)
		WRITE_ONCE(kobj->state_add_uevent_sent, true);
	ret = uevent_deliver(env, name, path, subsystem);
out:
	kfree(path);
	kfree(env);
	return ret;
}
EXPORT_SYMBOL_GPL(kobject_uevent_env);

/**
 * kobject_uevent() - send a uevent
 * @kobj: the object it is about
 * @action: what happened
 *
 * Context: as kobject_uevent_env().
 * Return: as kobject_uevent_env().
 */
int kobject_uevent(struct kobject *kobj, enum kobject_action action)
{
	return kobject_uevent_env(kobj, action, NULL);
}
EXPORT_SYMBOL_GPL(kobject_uevent);

/* One "KEY=VALUE", both of letters and digits, becomes "SYNTH_ARG_KEY=VALUE". */
static int uevent_synth_arg(struct kobj_uevent_env *env, const char *arg)
{
	const char *pos = arg;

	while (isalnum((unsigned char)*pos))
		pos++;
	if (pos == arg || *pos++ != '=')
		return -EINVAL;
	while (isalnum((unsigned char)*pos))
		pos++;
	return *pos ? -EINVAL : add_uevent_var(env, "SYNTH_ARG_%s", arg);
}

/* "[UUID [KEY=VALUE ...]]" behind the action; @args is modified. */
static int uevent_synth_args(struct kobj_uevent_env *env, char *args)
{
	char *arg = strsep(&args, " ");
	int ret;

	if (!arg)
		return add_uevent_var(env, "SYNTH_UUID=0");
	if (strlen(arg) != UUID_STRING_LEN || !uuid_is_valid(arg))
		return -EINVAL;
	ret = add_uevent_var(env, "SYNTH_UUID=%s", arg);
	while (!ret && (arg = strsep(&args, " ")))
		ret = uevent_synth_arg(env, arg);
	return ret;
}

static int uevent_find_action(const char *word, enum kobject_action *action)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kobject_actions); i++) {
		if (!strcmp(kobject_actions[i], word)) {
			*action = i;
			return 0;
		}
	}
	return -EINVAL;
}

/**
 * kobject_synth_uevent() - send the uevent that somebody wrote to a `uevent` file
 * @kobj: the object
 * @buf: "ACTION [UUID [KEY=VALUE ...]]", NUL-terminated, perhaps with a newline
 * @count: its length in bytes
 *
 * The event has the key SYNTH_UUID, 0 where none was given, and SYNTH_ARG_KEY for each KEY; see
 * Linux's Documentation/ABI/testing/sysfs-uevent.
 *
 * Context: may sleep.
 * Return: 0; -EINVAL not such a text; else as kobject_uevent_env().
 */
int kobject_synth_uevent(struct kobject *kobj, const char *buf, size_t count)
{
	enum kobject_action action;
	struct kobj_uevent_env *env;
	char *text, *rest;
	int ret;

	text = kstrndup(buf, count, GFP_KERNEL);
	env = kzalloc(sizeof(*env), GFP_KERNEL);
	if (!text || !env) {
		ret = -ENOMEM;
		goto out;
	}
	if (*text && text[strlen(text) - 1] == '\n')
		text[strlen(text) - 1] = '\0';
	rest = text;
	ret = uevent_find_action(strsep(&rest, " "), &action);
	if (!ret)
		ret = uevent_synth_args(env, rest);
	if (!ret)
		ret = kobject_uevent_env(kobj, action, env->envp);
out:
	kfree(env);
	kfree(text);
	if (ret)
		pr_err("%s: the uevent written is not sent: error %d\n", kobject_name(kobj), ret);
	return ret;
}
EXPORT_SYMBOL_GPL(kobject_synth_uevent);
