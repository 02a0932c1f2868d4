// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Notifier chains. A blocking chain is called with its semaphore held for
 * reading, so a callback must not register or unregister on the chain that
 * calls it. Semantics: Linux 5.10.
 */
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/notifier.h>

static int chain_register(struct notifier_block **link, struct notifier_block *nb)
{
	for (; *link; link = &(*link)->next) {
		if (WARN(*link == nb, "a notifier is registered twice"))
			return 0;
		if (nb->priority > (*link)->priority)
			break;
	}
	nb->next = *link;
	*link = nb;
	return 0;
}

static int chain_unregister(struct notifier_block **link, struct notifier_block *nb)
{
	for (; *link; link = &(*link)->next) {
		if (*link == nb) {
			*link = nb->next;
			return 0;
		}
	}
	return -ENOENT;
}

static int chain_call(struct notifier_block *nb, unsigned long val, void *v)
{
	int ret = NOTIFY_DONE;

	while (nb && !(ret & NOTIFY_STOP_MASK)) {
		struct notifier_block *next = nb->next;

		ret = nb->notifier_call(nb, val, v);
		nb = next;
	}
	return ret;
}

/**
 * blocking_notifier_chain_register() - be told
 * @nh: the chain
 * @nb: who; told before those of a lower priority and after equals
 *
 * Context: sleeps.
 * Return: 0.
 */
int blocking_notifier_chain_register(struct blocking_notifier_head *nh, struct notifier_block *nb)
{
	int ret;

	down_write(&nh->rwsem);
	ret = chain_register(&nh->head, nb);
	up_write(&nh->rwsem);
	return ret;
}
EXPORT_SYMBOL(blocking_notifier_chain_register);

/**
 * blocking_notifier_chain_unregister() - be told no more
 * @nh: the chain
 * @nb: who; its function is not running afterwards
 *
 * Context: sleeps.
 * Return: 0, or -ENOENT if it is not registered.
 */
int blocking_notifier_chain_unregister(struct blocking_notifier_head *nh, struct notifier_block *nb)
{
	int ret;

	down_write(&nh->rwsem);
	ret = chain_unregister(&nh->head, nb);
	up_write(&nh->rwsem);
	return ret;
}
EXPORT_SYMBOL(blocking_notifier_chain_unregister);

/**
 * blocking_notifier_call_chain() - tell all
 * @nh: the chain
 * @val: what happened
 * @v: passed on
 *
 * Context: sleeps.
 * Return: what the last one called returned; one with NOTIFY_STOP_MASK set ends the round.
 */
int blocking_notifier_call_chain(struct blocking_notifier_head *nh, unsigned long val, void *v)
{
	int ret;

	down_read(&nh->rwsem);
	ret = chain_call(nh->head, val, v);
	up_read(&nh->rwsem);
	return ret;
}
EXPORT_SYMBOL(blocking_notifier_call_chain);

/**
 * atomic_notifier_chain_register() - be told
 * @nh: the chain
 * @nb: who
 *
 * Context: any.
 * Return: 0.
 */
int atomic_notifier_chain_register(struct atomic_notifier_head *nh, struct notifier_block *nb)
{
	int ret;

	spin_lock(&nh->lock);
	ret = chain_register(&nh->head, nb);
	spin_unlock(&nh->lock);
	return ret;
}
EXPORT_SYMBOL(atomic_notifier_chain_register);

/**
 * atomic_notifier_chain_unregister() - be told no more
 * @nh: the chain
 * @nb: who; its function is not running afterwards
 *
 * Context: any.
 * Return: 0, or -ENOENT if it is not registered.
 */
int atomic_notifier_chain_unregister(struct atomic_notifier_head *nh, struct notifier_block *nb)
{
	int ret;

	spin_lock(&nh->lock);
	ret = chain_unregister(&nh->head, nb);
	spin_unlock(&nh->lock);
	return ret;
}
EXPORT_SYMBOL(atomic_notifier_chain_unregister);

/**
 * atomic_notifier_call_chain() - tell all, who must not sleep
 * @nh: the chain; its lock is held meanwhile
 * @val: what happened
 * @v: passed on
 *
 * Context: any.
 * Return: as blocking_notifier_call_chain().
 */
int atomic_notifier_call_chain(struct atomic_notifier_head *nh, unsigned long val, void *v)
{
	int ret;

	spin_lock(&nh->lock);
	ret = chain_call(nh->head, val, v);
	spin_unlock(&nh->lock);
	return ret;
}
EXPORT_SYMBOL(atomic_notifier_call_chain);

/**
 * raw_notifier_chain_register() - be told
 * @nh: the chain
 * @nb: who
 *
 * Context: under the owner's lock.
 * Return: 0.
 */
int raw_notifier_chain_register(struct raw_notifier_head *nh, struct notifier_block *nb)
{
	return chain_register(&nh->head, nb);
}
EXPORT_SYMBOL(raw_notifier_chain_register);

/**
 * raw_notifier_chain_unregister() - be told no more
 * @nh: the chain
 * @nb: who
 *
 * Context: under the owner's lock.
 * Return: 0, or -ENOENT if it is not registered.
 */
int raw_notifier_chain_unregister(struct raw_notifier_head *nh, struct notifier_block *nb)
{
	return chain_unregister(&nh->head, nb);
}
EXPORT_SYMBOL(raw_notifier_chain_unregister);

/**
 * raw_notifier_call_chain() - tell all
 * @nh: the chain
 * @val: what happened
 * @v: passed on
 *
 * Context: under the owner's lock.
 * Return: as blocking_notifier_call_chain().
 */
int raw_notifier_call_chain(struct raw_notifier_head *nh, unsigned long val, void *v)
{
	return chain_call(nh->head, val, v);
}
EXPORT_SYMBOL(raw_notifier_call_chain);
