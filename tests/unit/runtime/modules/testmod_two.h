/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef TESTS_TESTMOD_TWO_H
#define TESTS_TESTMOD_TWO_H

/* THIS_MODULE as the other file sees it. */
struct module *testmod_two_self(void);

#endif
