/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/* The daemon's loop in a thread of its own, for vfio-user servers. */
#ifndef TESTS_STRESS_LOOP_THREAD_H
#define TESTS_STRESS_LOOP_THREAD_H

struct umdev_loop;

extern const struct vfio_user_loop_ops loop_thread_ops;

/* There is one. NULL where it cannot be started. */
struct umdev_loop *loop_thread_start(void);
void loop_thread_stop(void);

#endif /* TESTS_STRESS_LOOP_THREAD_H */
