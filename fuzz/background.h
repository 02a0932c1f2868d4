/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/* The daemon's event loop in a thread, for harnesses of what listens. */
#ifndef FUZZ_BACKGROUND_H
#define FUZZ_BACKGROUND_H

struct umdev_loop;

struct umdev_loop *background_up(void);
void background_down(void);

#endif /* FUZZ_BACKGROUND_H */
