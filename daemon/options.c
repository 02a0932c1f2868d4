// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
#include "options.h"

#include <daemon/config.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_LOG_LEVEL 6

/* One line of --help for each, and the long option. */
static const struct {
	const char *name;
	const char *argument; /* NULL: takes none */
	const char *help;
	char key;
} option_table[] = {
	{ "root", "DIR", "directory of the mount and the sockets", 'r' },
	{ "module", "NAME[,PARAM=VALUE...]", "load a module; may be given several times", 'm' },
	{ "module-dir", "DIR", "where NAME.so is looked for", 'd' },
	{ "foreground", NULL, "do not become a daemon; log to stderr", 'f' },
	{ "log-level", "LEVEL", "err, warning, notice, info (default), debug, or 0 to 7", 'l' },
	{ "allow-other", NULL, "let other users into the mount, as far as file modes do", 'o' },
	{ "udev", NULL, "pass uevents on to udev, for which the kernel wants root", 'u' },
	{ "version", NULL, "print the version", 'V' },
	{ "help", NULL, "print this", 'h' },
};

#define NOPTIONS (sizeof(option_table) / sizeof(option_table[0]))

static const char *const level_names[] = { "emerg",   "alert",	"crit", "err",
					   "warning", "notice", "info", "debug" };

static void print_help(void)
{
	char left[48];
	size_t i;

	printf("Usage: umdevd [OPTION]...\n"
	       "Run mediated device drivers in user space, and serve their sysfs tree and "
	       "devices.\n\n");
	for (i = 0; i < NOPTIONS; i++) {
		snprintf(left, sizeof(left), "--%s%s%s", option_table[i].name,
			 option_table[i].argument ? " " : "",
			 option_table[i].argument ? option_table[i].argument : "");
		printf("  %-32s %s\n", left, option_table[i].help);
	}
	printf("\nDIR of --root defaults to /run/umdev for root, $XDG_RUNTIME_DIR/umdev "
	       "otherwise.\n"
	       "Exit codes: 0 ended as asked, 1 failure, 2 usage, 3 a live daemon has the root,\n"
	       "4 the root cannot be used, 5 a module cannot be loaded, 6 shutdown was cut "
	       "short.\n");
}

static int parse_level(const char *text)
{
	int i;

	if (text[0] >= '0' && text[0] <= '7' && !text[1])
		return text[0] - '0';
	for (i = 0; i < 8; i++)
		if (!strcmp(text, level_names[i]))
			return i;
	return -1;
}

/* NAME[,param=value…] */
static int add_module(struct umdevd_options *options, const char *text)
{
	struct module_option *modules, module;
	char *p;

	modules = reallocarray(options->modules, options->nmodules + 1, sizeof(*modules));
	if (!modules)
		return -1;
	options->modules = modules;
	module.name = strdup(text);
	if (!module.name)
		return -1;
	module.parameters = strchr(module.name, ',');
	if (module.parameters)
		*module.parameters++ = '\0';
	for (p = module.parameters; p && (p = strchr(p, ',')); p++)
		*p = ' ';
	modules[options->nmodules++] = module;
	return 0;
}

static int usage_error(const char *what, const char *value, const char *expected)
{
	fprintf(stderr, "umdevd: %s \"%s\": expected %s\nTry \"umdevd --help\".\n", what, value,
		expected);
	return UMDEVD_USAGE;
}

static int take_option(struct umdevd_options *options, int key)
{
	switch (key) {
	case 'r':
		options->root = optarg;
		break;
	case 'm':
		if (optarg[0] == '\0' || optarg[0] == ',')
			return usage_error("--module", optarg, "NAME or NAME,PARAM=VALUE...");
		if (add_module(options, optarg)) {
			fprintf(stderr, "umdevd: out of memory\n");
			return UMDEVD_FAILURE;
		}
		break;
	case 'd':
		options->module_dir = optarg;
		break;
	case 'f':
		options->foreground = true;
		break;
	case 'l':
		options->log_level = parse_level(optarg);
		if (options->log_level < 0)
			return usage_error("--log-level", optarg,
					   "err, warning, notice, info, debug, or 0 to 7");
		break;
	case 'o':
		options->allow_other = true;
		break;
	case 'u':
		options->udev = true;
		break;
	case 'V':
		printf("umdevd %s\n", UMDEV_VERSION);
		return UMDEVD_OK;
	case 'h':
		print_help();
		return UMDEVD_OK;
	default:
		fprintf(stderr, "Try \"umdevd --help\".\n");
		return UMDEVD_USAGE;
	}
	return -1;
}

int options_parse(struct umdevd_options *options, int argc, char **argv)
{
	struct option longopts[NOPTIONS + 1] = { 0 };
	size_t i;
	int key, ret = -1;

	*options = (struct umdevd_options){ .log_level = DEFAULT_LOG_LEVEL };
	for (i = 0; i < NOPTIONS; i++) {
		longopts[i].name = option_table[i].name;
		longopts[i].has_arg = option_table[i].argument ? required_argument : no_argument;
		longopts[i].val = option_table[i].key;
	}
	while (ret < 0 && (key = getopt_long(argc, argv, "", longopts, NULL)) != -1)
		ret = take_option(options, key);
	if (ret < 0 && optind < argc)
		ret = usage_error("argument", argv[optind], "options only");
	if (ret >= 0)
		options_finish(options);
	return ret;
}

void options_finish(struct umdevd_options *options)
{
	size_t i;

	for (i = 0; i < options->nmodules; i++)
		free(options->modules[i].name);
	free(options->modules);
	options->modules = NULL;
	options->nmodules = 0;
}
