// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* A module that has a parameter of each type, and does nothing. */
#include <linux/module.h>
#include <linux/moduleparam.h>

#define NR 4

static unsigned char a_byte;
module_param(a_byte, byte, 0644);
static short a_short;
module_param(a_short, short, 0644);
static unsigned short a_ushort;
module_param(a_ushort, ushort, 0644);
static int an_int;
module_param(an_int, int, 0644);
static unsigned int a_uint;
module_param(a_uint, uint, 0644);
static long a_long;
module_param(a_long, long, 0644);
static unsigned long a_ulong;
module_param(a_ulong, ulong, 0644);
static unsigned long long a_ullong;
module_param(a_ullong, ullong, 0644);
static bool a_bool;
module_param(a_bool, bool, 0644);
static bool an_invbool;
module_param(an_invbool, invbool, 0644);
static char *a_charp = "initial";
module_param(a_charp, charp, 0644);
static char a_string[8];
module_param_string(a_string, a_string, sizeof(a_string), 0644);

static int ints[NR];
static unsigned int nr_ints;
module_param_array(ints, int, &nr_ints, 0644);
static bool bools[NR];
module_param_array(bools, bool, NULL, 0644);
static char *charps[NR] = { "first", "second", "third", "fourth" };
static unsigned int nr_charps;
module_param_array(charps, charp, &nr_charps, 0644);

MODULE_LICENSE("Dual BSD/GPL");
MODULE_DESCRIPTION("Parameters of all types");
