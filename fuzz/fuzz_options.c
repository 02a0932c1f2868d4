// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * umdevd's command line, with the modules and parameters that it names, and then values written to
 * these parameters.
 *
 * Input: lines; an argument each up to the first empty line, NAME=VALUE each behind it. There is one
 * module, fuzz_params.
 */
#include <getopt.h>
#include <string.h>

#include <umdev/error.h>
#include <umdev/module.h>

#include "daemon/options.h"
#include "fuzz.h"
#include "world.h"

#define MAX_ARGS   16
#define PARAMETERS "/module/fuzz_params/parameters"

static FILE *nowhere;

void harness_up(void)
{
	const char *dir = getenv("UMDEV_FUZZ_MODULE_DIR");
	struct umdev_error err = { 0 };

	fuzz_check(dir, "UMDEV_FUZZ_MODULE_DIR is to name the directory of fuzz_params.so");
	world_up(NULL);
	fuzz_check(!umdev_module_set_dir(dir, &err), "%s", err.text);
	nowhere = fopen("/dev/null", "we");
	fuzz_check(nowhere, "no /dev/null");
	/* What does not load says so at once: harnesses take a failure for an answer. */
	fuzz_check(!umdev_module_load("fuzz_params", NULL, &err), "%s", err.text);
	umdev_module_unload_all();
}

void harness_down(void)
{
	fclose(nowhere);
	world_down();
}

/* Usage errors and --help are not for whoever fuzzes. */
static int parse_silently(struct umdevd_options *options, int argc, char **argv)
{
	FILE *out = stdout, *err = stderr;
	int ret;

	stdout = stderr = nowhere;
	optind = 0;
	ret = options_parse(options, argc, argv);
	stdout = out;
	stderr = err;
	return ret;
}

/* Whatever the value, it can be shown. */
static void check_parameter(const char *name, void *data)
{
	char path[128], value[4096];
	ssize_t len;

	snprintf(path, sizeof(path), PARAMETERS "/%s", name);
	len = world_read(path, value, sizeof(value));
	fuzz_check(len > 0 && value[len - 1] == '\n', "reading %s: %zd", path, len);
}

/* NAME=VALUE, where a NAME with a slash in it leads elsewhere, or nowhere. */
static void write_parameter(char *line)
{
	char *value = strchr(line, '='), path[512];

	if (!value)
		return;
	*value++ = '\0';
	snprintf(path, sizeof(path), PARAMETERS "/%s", line);
	world_write(path, value, strlen(value));
}

/* As umdevd does; the first that fails ends it. */
static int load_modules(const struct umdevd_options *options)
{
	struct umdev_error err = { 0 };
	size_t i;
	int ret = 0;

	for (i = 0; i < options->nmodules && !ret; i++) {
		fuzz_check(options->modules[i].name[0], "a module without a name");
		ret = umdev_module_load(options->modules[i].name, options->modules[i].parameters,
					&err);
		fuzz_check(!ret || err.text[0], "error %d without words", ret);
	}
	return ret;
}

static void try_options(const struct umdevd_options *options, char *writes)
{
	char *line;

	fuzz_check(options->log_level >= 0 && options->log_level <= 7, "log level %d",
		   options->log_level);
	load_modules(options);
	world_for_each(PARAMETERS, check_parameter, NULL);
	while ((line = strsep(&writes, "\n")))
		write_parameter(line);
	world_for_each(PARAMETERS, check_parameter, NULL);
	umdev_module_unload_all();
}

void harness_run(struct fuzz_input *in)
{
	char *text = fuzz_string(in->at, in->left), *rest = text, *line;
	char *argv[MAX_ARGS + 2] = { (char *)"umdevd" };
	struct umdevd_options options;
	struct world_mark mark;
	int argc = 1;

	world_take_mark(&mark);
	while ((line = strsep(&rest, "\n")) && *line && argc <= MAX_ARGS)
		argv[argc++] = line;
	if (parse_silently(&options, argc, argv) < 0) {
		try_options(&options, rest);
		options_finish(&options);
	}
	free(text);
	world_check_mark(&mark);
}
