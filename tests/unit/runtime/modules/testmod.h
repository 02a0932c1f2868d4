/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/* What the test's modules do is written down by testmod_base, which all of them use. */
#ifndef TESTS_TESTMOD_H
#define TESTS_TESTMOD_H

/* Appends "WHAT " to the text of testmod_base's parameter "journal". */
void testmod_note(const char *what);

#endif
