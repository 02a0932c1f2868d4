/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * uevents: what the device model tells programs about objects that come, go
 * and change, in the format of Linux's NETLINK_KOBJECT_UEVENT.
 */
#ifndef UMDEV_UEVENT_H
#define UMDEV_UEVENT_H

#include <stddef.h>
#include <stdint.h>

/**
 * struct umdev_uevent - one uevent
 * @seqnum: its number, one more than the one before it, the first is 1
 * @action: add, remove, change, bind, unbind …
 * @devpath: path of the object in the tree, begins with a slash
 * @subsystem: the object's subsystem
 * @buf: the message that a netlink socket would carry: "ACTION@DEVPATH", a NUL, and then each
 *	"KEY=value" with a NUL behind it, in the order of emission
 * @len: length of @buf in bytes, the last NUL included
 *
 * Everything belongs to the emitter and is valid during the call only.
 */
struct umdev_uevent {
	uint64_t seqnum;
	const char *action;
	const char *devpath;
	const char *subsystem;
	const char *buf;
	size_t len;
};

/**
 * struct umdev_uevent_subscriber - one that is told of all uevents
 * @fn: called for each, in the thread that caused it, in order of seqnum; must not block, nor
 *	call anything of the device model, nor subscribe or unsubscribe
 * @data: for the subscriber itself
 * @next: the runtime's own
 * @pprev: the runtime's own
 *
 * Embedded in a structure of the subscriber's and owned by it.
 */
struct umdev_uevent_subscriber {
	void (*fn)(struct umdev_uevent_subscriber *sub, const struct umdev_uevent *event);
	void *data;
	struct umdev_uevent_subscriber *next;
	struct umdev_uevent_subscriber **pprev;
};

/**
 * umdev_uevent_subscribe() - be told of uevents from now on
 * @sub: the subscriber, with fn set; must not be subscribed already
 *
 * Context: any thread, not from within a subscriber's fn. Waits while an event is delivered.
 * Return: 0, or -EINVAL where @sub has no fn.
 */
int umdev_uevent_subscribe(struct umdev_uevent_subscriber *sub);

/**
 * umdev_uevent_unsubscribe() - be told no more
 * @sub: the subscriber; nothing happens where it is not subscribed
 *
 * When it returns, fn is not running and will not be called again.
 *
 * Context: any thread, not from within a subscriber's fn. Waits while an event is delivered.
 */
void umdev_uevent_unsubscribe(struct umdev_uevent_subscriber *sub);

/**
 * umdev_uevent_seqnum() - number of the latest uevent
 *
 * Context: any.
 * Return: the number, 0 before the first event; the same is in /sys/kernel/uevent_seqnum.
 */
uint64_t umdev_uevent_seqnum(void);

#endif
