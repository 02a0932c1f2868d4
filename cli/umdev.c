// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
#include "cli.h"
#include "client.h"

#include <daemon/config.h>
#include <daemon/root_path.h>
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Accepted before the command and after it; the command's own come behind. */
static const struct cli_option common_options[] = {
	{ "root", "DIR", "the root directory of umdevd; $UMDEV_ROOT names it too" },
	{ "json", NULL, "print for programs" },
	{ "help", NULL, "print help, also on a command" },
	{ "version", NULL, "print the version" },
};

#define NCOMMON	     (sizeof(common_options) / sizeof(common_options[0]))
#define MAX_LONGOPTS (NCOMMON + CLI_OPTIONS_MAX + 1)

static void print_options(const struct cli_option *options, size_t n)
{
	char left[40];
	size_t i;

	for (i = 0; i < n && options[i].name; i++) {
		snprintf(left, sizeof(left), "--%s%s%s", options[i].name,
			 options[i].argument ? " " : "",
			 options[i].argument ? options[i].argument : "");
		printf("  %-18s %s\n", left, options[i].help);
	}
}

static void print_help(void)
{
	const struct cli_command *command;

	printf("Usage: umdev [--root DIR] [--json] COMMAND [ARGUMENT]...\n"
	       "Manage the mediated devices of umdevd.\n\nCommands:\n");
	for (command = cli_commands; command->name; command++)
		printf("  %-18s %s\n", command->name, command->summary);
	printf("\nOptions:\n");
	print_options(common_options, NCOMMON);
	printf("\nThe root directory defaults to /run/umdev for root, $XDG_RUNTIME_DIR/umdev\n"
	       "otherwise. \"umdev COMMAND --help\" says more of a command.\n"
	       "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 no daemon there, 4 timed out.\n");
}

static void print_command_help(const struct cli_command *command)
{
	printf("Usage: umdev %s%s%s%s\n%s.\n", command->name,
	       command->options[0].name ? " [OPTION]..." : "", command->arguments[0] ? " " : "",
	       command->arguments, command->summary);
	if (command->description)
		printf("\n%s\n", command->description);
	printf("\nOptions:\n");
	print_options(command->options, CLI_OPTIONS_MAX);
	print_options(common_options, NCOMMON);
}

static void print_message(const struct cli *cli, const char *fmt, va_list args)
{
	fprintf(stderr, "umdev%s%s: ", cli->command ? " " : "",
		cli->command ? cli->command->name : "");
	vfprintf(stderr, fmt, args);
	fputc('\n', stderr);
}

int cli_error(const struct cli *cli, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	print_message(cli, fmt, args);
	va_end(args);
	return CLI_FAILURE;
}

void cli_note(const struct cli *cli, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	print_message(cli, fmt, args);
	va_end(args);
}

int cli_usage_error(const struct cli *cli, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	print_message(cli, fmt, args);
	va_end(args);
	fprintf(stderr, "Try \"umdev %s%s--help\".\n", cli->command ? cli->command->name : "",
		cli->command ? " " : "");
	return CLI_USAGE;
}

const char *cli_option(const struct cli *cli, const char *name)
{
	int i;

	for (i = 0; i < CLI_OPTIONS_MAX && cli->command->options[i].name; i++)
		if (!strcmp(cli->command->options[i].name, name))
			return cli->values[i];
	return NULL;
}

int cli_number_option(const struct cli *cli, const char *name, long max, long *value)
{
	const char *text = cli_option(cli, name);
	char *end;
	long number;

	if (!text)
		return CLI_OK;
	errno = 0;
	number = strtol(text, &end, 10);
	if (end == text || *end || errno || number < 0 || number > max)
		return cli_usage_error(cli, "--%s %s: expected a number from 0 to %ld", name, text,
				       max);
	*value = number;
	return CLI_OK;
}

int cli_connect(struct cli *cli)
{
	if (cli->client)
		return CLI_OK;
	cli->client = client_connect(cli->root);
	if (cli->client)
		return CLI_OK;
	if (errno != ENOENT && errno != ECONNREFUSED)
		return cli_error(cli, "cannot connect to %s/%s: %s", cli->root, UMDEV_ROOT_CONTROL,
				 strerror(errno));
	cli_error(cli,
		  "no umdevd serves %s; start one with \"umdevd --root %s --module NAME\", or name "
		  "another root with --root or $UMDEV_ROOT",
		  cli->root, cli->root);
	return CLI_NO_DAEMON;
}

static const struct cli_command *find_command(const char *name)
{
	const struct cli_command *command;

	for (command = cli_commands; command->name; command++)
		if (!strcmp(command->name, name))
			return command;
	return NULL;
}

static void fill_long_options(struct option *longopts, const struct cli_option *options, size_t n,
			      int first_key)
{
	size_t i;

	for (i = 0; i < n && options[i].name; i++)
		*longopts++ = (struct option){
			.name = options[i].name,
			.has_arg = options[i].argument ? required_argument : no_argument,
			.val = first_key + (int)i,
		};
}

/* Keys of long options: positions in the tables. */
#define KEY_COMMON  256
#define KEY_COMMAND 512

static int take_common(struct cli *cli, int key, const char **root)
{
	switch (key - KEY_COMMON) {
	case 0:
		*root = optarg;
		return -1;
	case 1:
		cli->json = true;
		return -1;
	case 2:
		if (cli->command)
			print_command_help(cli->command);
		else
			print_help();
		return CLI_OK;
	default:
		printf("umdev %s\n", UMDEV_VERSION);
		return CLI_OK;
	}
}

/* -1 to go on. Stops at the command if it is not known yet. */
static int parse_options(struct cli *cli, int argc, char **argv, const char **root)
{
	struct option longopts[MAX_LONGOPTS] = { 0 };
	int key, ret = -1;

	fill_long_options(longopts, common_options, NCOMMON, KEY_COMMON);
	if (cli->command)
		fill_long_options(longopts + NCOMMON, cli->command->options, CLI_OPTIONS_MAX,
				  KEY_COMMAND);
	opterr = 0;
	while (ret < 0 &&
	       (key = getopt_long(argc, argv, cli->command ? ":" : "+:", longopts, NULL)) != -1) {
		if (key >= KEY_COMMAND)
			cli->values[key - KEY_COMMAND] = optarg ? optarg : "";
		else if (key >= KEY_COMMON)
			ret = take_common(cli, key, root);
		else
			ret = cli_usage_error(cli, "%s: %s", argv[optind - 1],
					      key == ':' ? "needs an argument" : "no such option");
	}
	return ret;
}

static int check_arguments(const struct cli *cli, int argc, char **argv)
{
	const struct cli_command *command = cli->command;

	if (argc < command->min_args)
		return cli_usage_error(cli, "an argument is missing; expected %s",
				       command->arguments);
	if (command->max_args >= 0 && argc > command->max_args)
		return cli_usage_error(cli, "\"%s\" is one argument too many; expected %s",
				       argv[command->max_args],
				       command->max_args ? command->arguments : "none");
	return -1;
}

static int parse_command_line(struct cli *cli, int *argc, char ***argv)
{
	const char *root = NULL, *error;
	char *name;
	int ret;

	ret = parse_options(cli, *argc, *argv, &root);
	if (ret >= 0)
		return ret;
	if (optind == *argc) {
		print_help();
		return CLI_USAGE;
	}
	name = (*argv)[optind];
	cli->command = find_command(name);
	if (!cli->command)
		return cli_usage_error(cli, "%s: no such command", name);
	*argc -= optind;
	*argv += optind;
	optind = 0;
	ret = parse_options(cli, *argc, *argv, &root);
	if (ret >= 0)
		return ret;
	*argc -= optind;
	*argv += optind;
	ret = check_arguments(cli, *argc, *argv);
	if (ret >= 0)
		return ret;
	error = umdev_root_path(root ? root : getenv("UMDEV_ROOT"), &cli->root);
	return error ? cli_usage_error(cli, "%s", error) : -1;
}

int main(int argc, char **argv)
{
	struct cli cli = { .root = NULL };
	int ret;

	ret = parse_command_line(&cli, &argc, &argv);
	if (ret < 0)
		ret = cli.command->run(&cli, argc, argv);
	client_close(cli.client);
	free(cli.root);
	if (fflush(stdout) || ferror(stdout)) {
		fprintf(stderr, "umdev: cannot write the output: %s\n", strerror(errno));
		ret = ret ? ret : CLI_FAILURE;
	}
	return ret;
}
