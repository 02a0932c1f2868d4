/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * umdev: one table of commands, and what they share.
 */
#ifndef UMDEV_CLI_CLI_H
#define UMDEV_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>

/* The exit codes of umdev, as its manual page lists them. */
enum cli_exit {
	CLI_OK = 0,
	CLI_FAILURE = 1,
	CLI_USAGE = 2,
	CLI_NO_DAEMON = 3,
	CLI_TIMEOUT = 4,
};

struct client;

#define CLI_OPTIONS_MAX 4

/* An option of a command, "--NAME" or "--NAME ARGUMENT". */
struct cli_option {
	const char *name;
	const char *argument; /* NULL: takes none */
	const char *help;
};

struct cli;

/*
 * A command. @run gets what stands after its name, options taken out, and
 * returns the exit code. @options ends with one without a name.
 */
struct cli_command {
	const char *name;
	const char *arguments;	 /* as the usage line shows them */
	const char *summary;	 /* one line */
	const char *description; /* what --help says further; NULL: nothing */
	int min_args;
	int max_args; /* -1: any number */
	struct cli_option options[CLI_OPTIONS_MAX + 1];
	int (*run)(struct cli *cli, int argc, char **argv);
};

/*
 * One run of the program, owned by main(). @values are those of the command's
 * options by position: NULL where an option is not given, "" for a flag.
 */
struct cli {
	char *root;
	bool json;
	const struct cli_command *command;
	const char *values[CLI_OPTIONS_MAX];
	struct client *client; /* NULL until cli_connect() */
};

/* All commands, ended by one without a name. */
extern const struct cli_command cli_commands[];

/**
 * cli_option - the value of one of the command's options
 * @cli: this run
 * @name: the option, without dashes
 *
 * Return: its argument, "" for a flag, NULL if it was not given.
 */
const char *cli_option(const struct cli *cli, const char *name);

/**
 * cli_number_option - an option whose argument is a number
 * @cli: this run
 * @name: the option
 * @max: the largest value accepted
 * @value: its value, left alone if it was not given
 *
 * Return: CLI_OK, or CLI_USAGE with the error printed.
 */
int cli_number_option(const struct cli *cli, const char *name, long max, long *value);

/**
 * cli_error - tell the person what went wrong
 * @cli: this run
 * @fmt: the text, without newline
 *
 * Return: CLI_FAILURE.
 */
int cli_error(const struct cli *cli, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The same for a wrong command line. Return: CLI_USAGE. */
int cli_usage_error(const struct cli *cli, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* The same for what is worth knowing and no error. */
void cli_note(const struct cli *cli, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/**
 * cli_connect - connect to the daemon, if that is not done
 * @cli: this run
 *
 * Return: CLI_OK, or CLI_NO_DAEMON or CLI_FAILURE with the error printed.
 */
int cli_connect(struct cli *cli);

/* Bytes of a UUID as text, with the NUL. */
#define CLI_UUID_SIZE 37

/**
 * cli_uuid - a UUID from the command line
 * @cli: this run
 * @text: as given
 * @uuid: receives it in lower case, as devices are named
 *
 * Return: CLI_OK, or CLI_USAGE with the error printed.
 */
int cli_uuid(const struct cli *cli, const char *text, char uuid[CLI_UUID_SIZE]);

struct client_error;

/* Tell that a device was not found, for the reason in @error. Return: CLI_FAILURE. */
int cli_no_device(const struct cli *cli, const char *uuid, const struct client_error *error);

/* What the commands are: see their rows in commands.c. */
int cmd_list(struct cli *cli, int argc, char **argv);
int cmd_types(struct cli *cli, int argc, char **argv);
int cmd_create(struct cli *cli, int argc, char **argv);
int cmd_remove(struct cli *cli, int argc, char **argv);
int cmd_show(struct cli *cli, int argc, char **argv);
int cmd_modprobe(struct cli *cli, int argc, char **argv);
int cmd_rmmod(struct cli *cli, int argc, char **argv);
int cmd_lsmod(struct cli *cli, int argc, char **argv);
int cmd_modinfo(struct cli *cli, int argc, char **argv);
int cmd_wait(struct cli *cli, int argc, char **argv);
int cmd_monitor(struct cli *cli, int argc, char **argv);
int cmd_dmesg(struct cli *cli, int argc, char **argv);
int cmd_qemu_args(struct cli *cli, int argc, char **argv);
int cmd_status(struct cli *cli, int argc, char **argv);

#endif
