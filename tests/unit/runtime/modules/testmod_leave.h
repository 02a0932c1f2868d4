/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/* What the test and the callback of testmod_leave tell each other; all of it atomic. */
#ifndef TESTMOD_LEAVE_H
#define TESTMOD_LEAVE_H

#include <linux/types.h>

/**
 * struct leave_talk - between the test and the callback; its address is what is written to the file
 * @entered: the callback has removed its file
 * @may_return: the callback is to return
 * @returning: it is about to
 */
struct leave_talk {
	bool entered;
	bool may_return;
	bool returning;
};

#endif /* TESTMOD_LEAVE_H */
