// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* A shared object that is no module. */
int plain_library_answer(void);

int plain_library_answer(void)
{
	return 42;
}
