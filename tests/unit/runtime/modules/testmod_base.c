// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* A module with parameters of all kinds and a function that others use. */
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include "testmod.h"

static int number = 5;
module_param(number, int, 0644);
MODULE_PARM_DESC(number, "A number");
static bool flag;
module_param(flag, bool, 0444);
static char *name = "nobody";
module_param(name, charp, 0644);
MODULE_PARM_DESC(name, "A name");
static unsigned long hidden;
module_param(hidden, ulong, 0);
static int list[3];
static unsigned int list_len;
module_param_array(list, int, &list_len, 0444);
static char *names[3] = { "one", "two", "three" };
static unsigned int names_len = 2;
module_param_array(names, charp, &names_len, 0644);
static char short_text[8] = "abc";
module_param_string(short_text, short_text, sizeof(short_text), 0644);
static int fail;
module_param(fail, int, 0);

/* Modules come and go at the same time. */
static DEFINE_MUTEX(journal_lock);
static char journal[256];
module_param_string(journal, journal, sizeof(journal), 0644);

void testmod_note(const char *what)
{
	mutex_lock(&journal_lock);
	strlcat(journal, what, sizeof(journal));
	strlcat(journal, " ", sizeof(journal));
	mutex_unlock(&journal_lock);
}
EXPORT_SYMBOL(testmod_note);

static int __init testmod_base_init(void)
{
	if (fail)
		return fail;
	testmod_note("base+");
	return 0;
}

static void __exit testmod_base_exit(void)
{
}

module_init(testmod_base_init) module_exit(testmod_base_exit)

	MODULE_LICENSE("Dual BSD/GPL");
MODULE_AUTHOR("The test");
MODULE_DESCRIPTION("Parameters of all kinds");
MODULE_VERSION("1.5");
MODULE_ALIAS("test-alias-*");
