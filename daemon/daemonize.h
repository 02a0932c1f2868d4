/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * Becoming a background process, and telling who waits for it.
 */
#ifndef UMDEV_DAEMON_DAEMONIZE_H
#define UMDEV_DAEMON_DAEMONIZE_H

/**
 * daemonize - go on in a background process
 *
 * Returns in the child only. The caller's process stays until the child calls
 * daemonize_ready() and ends with 0 then, or ends with the exit code of the
 * child if that ends before. Until it is ready the child keeps stderr.
 *
 * Context: Before any thread is started.
 * Return: 0, or a negative errno if there can be no child.
 */
int daemonize(void);

/**
 * daemonize_ready - let the process end that was started by the user
 *
 * Also detaches from its terminal. Does nothing where daemonize() was not
 * called.
 */
void daemonize_ready(void);

#endif
