/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * The daemon's event loop: one thread, one epoll instance, and every file
 * descriptor that nobody has a thread for (listening sockets, signals).
 */
#ifndef UMDEV_DAEMON_LOOP_H
#define UMDEV_DAEMON_LOOP_H

#include <stdint.h>

struct umdev_loop;

/**
 * typedef umdev_loop_fn - what the loop calls when a descriptor is ready
 * @data: as given to umdev_loop_add()
 * @events: the EPOLL* bits that are set
 *
 * Context: The thread in umdev_loop_run(), no lock held. Must not block for
 * long, every other descriptor waits meanwhile. May call umdev_loop_add() and
 * umdev_loop_del(), also for its own descriptor.
 */
typedef void (*umdev_loop_fn)(void *data, uint32_t events);

/**
 * umdev_loop_create - make an event loop
 *
 * Return: the loop, to be destroyed with umdev_loop_destroy(), or NULL with
 * errno set (EMFILE, ENFILE, ENOMEM).
 */
struct umdev_loop *umdev_loop_create(void);

/**
 * umdev_loop_destroy - free a loop that is not running
 * @loop: the loop; NULL is fine
 *
 * The descriptors still added stay open, they are their owners'.
 */
void umdev_loop_destroy(struct umdev_loop *loop);

/**
 * umdev_loop_add - call a function whenever a descriptor is ready
 * @loop: the loop
 * @fd: the descriptor, level-triggered unless @events says EPOLLET
 * @events: EPOLL* bits to wait for
 * @fn: the callback
 * @data: for @fn
 *
 * Context: Any thread, also a callback of the loop.
 * Return: 0, -EEXIST if @fd is in the loop already, -EBADF, -EPERM (a regular
 * file), -ENOMEM, -ENOSPC (the user's limit of epoll watches).
 */
int umdev_loop_add(struct umdev_loop *loop, int fd, uint32_t events, umdev_loop_fn fn, void *data);

/**
 * umdev_loop_del - forget a descriptor
 * @loop: the loop
 * @fd: a descriptor added before, not closed yet
 *
 * After the return the callback does not run and will not run again, so that
 * what it uses can be freed. Called from within that very callback it returns
 * at once, and the callback is not called again.
 *
 * Context: Any thread. Waits for a callback of @fd in progress, so the caller
 * must not hold a lock that the callback takes.
 * Return: 0, or -ENOENT if @fd is not in the loop.
 */
int umdev_loop_del(struct umdev_loop *loop, int fd);

/**
 * umdev_loop_run - serve callbacks until umdev_loop_stop()
 * @loop: the loop, running in no other thread
 *
 * Return: 0 after umdev_loop_stop(), also one called before the loop ran;
 * a negative errno if waiting failed.
 */
int umdev_loop_run(struct umdev_loop *loop);

/**
 * umdev_loop_stop - make umdev_loop_run() return
 * @loop: the loop
 *
 * Context: Any thread.
 */
void umdev_loop_stop(struct umdev_loop *loop);

#endif
