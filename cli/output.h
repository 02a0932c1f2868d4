/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * What is printed: tables for people, JSON for programs.
 */
#ifndef UMDEV_CLI_OUTPUT_H
#define UMDEV_CLI_OUTPUT_H

#include <json-c/json.h>
#include <libsmartcols.h>

/**
 * table_new - a table without lines
 * @headers: of the columns, ended by NULL
 *
 * Return: the table, for table_add() and table_print(). Ends the program if
 * memory runs out.
 */
struct libscols_table *table_new(const char *const *headers);

/**
 * table_add - add a line
 * @table: the table
 * @cells: one for each column; NULL becomes "-"
 */
void table_add(struct libscols_table *table, const char *const *cells);

/* Print a table and free it. */
void table_print(struct libscols_table *table);

/* Print a JSON value, over several lines, and release it. */
void json_print(struct json_object *value);

/* The same on one line, at once: for streams. */
void json_print_line(struct json_object *value);

/* Set a string member; NULL becomes null. */
void json_set(struct json_object *object, const char *key, const char *value);

#endif
