/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * The command line of umdevd.
 */
#ifndef UMDEV_DAEMON_OPTIONS_H
#define UMDEV_DAEMON_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

/* The exit codes of umdevd, as its manual page lists them. */
enum umdevd_exit {
	UMDEVD_OK = 0,
	UMDEVD_FAILURE = 1,
	UMDEVD_USAGE = 2,
	UMDEVD_IN_USE = 3, /* a live daemon serves that root */
	UMDEVD_ROOT = 4,   /* the root cannot be used */
	UMDEVD_MODULE = 5, /* a module or the module directory */
	UMDEVD_FORCED = 6, /* a second signal cut the shutdown short */
};

/* A --module option: its name, and its parameters with blanks between them. */
struct module_option {
	char *name;
	char *parameters; /* NULL: none */
};

struct umdevd_options {
	const char *root;	       /* NULL: the default */
	const char *module_dir;	       /* NULL: the default */
	struct module_option *modules; /* in the order given */
	size_t nmodules;
	int log_level; /* as printk counts */
	bool foreground;
	bool allow_other;
	bool udev;
};

/**
 * options_parse - read the command line
 * @options: filled in; strings point into @argv unless said otherwise
 * @argc: as main() got it
 * @argv: as main() got it
 *
 * Return: -1 to go on, otherwise the process's exit code: --help or --version
 * was answered, or an error printed.
 */
int options_parse(struct umdevd_options *options, int argc, char **argv);

/**
 * options_finish - free what options_parse() allocated
 * @options: parsed options
 */
void options_finish(struct umdevd_options *options);

#endif
