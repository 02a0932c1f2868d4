// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
#include "output.h"

#include <stdio.h>
#include <stdlib.h>

static void need(int failed)
{
	if (!failed)
		return;
	fprintf(stderr, "umdev: out of memory\n");
	exit(EXIT_FAILURE);
}

struct libscols_table *table_new(const char *const *headers)
{
	struct libscols_table *table = scols_new_table();

	need(!table);
	for (; *headers; headers++)
		need(!scols_table_new_column(table, *headers, 0, 0));
	return table;
}

void table_add(struct libscols_table *table, const char *const *cells)
{
	struct libscols_line *line = scols_table_new_line(table, NULL);
	size_t i;

	need(!line);
	for (i = 0; i < scols_table_get_ncols(table); i++)
		need(scols_line_set_data(line, i, cells[i] ? cells[i] : "-"));
}

void table_print(struct libscols_table *table)
{
	scols_print_table(table);
	scols_unref_table(table);
}

void json_print(struct json_object *value)
{
	puts(json_object_to_json_string_ext(value, JSON_C_TO_STRING_PRETTY |
							   JSON_C_TO_STRING_SPACED |
							   JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(value);
}

void json_print_line(struct json_object *value)
{
	puts(json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN |
							   JSON_C_TO_STRING_NOSLASHESCAPE));
	fflush(stdout);
	json_object_put(value);
}

void json_set(struct json_object *object, const char *key, const char *value)
{
	json_object_object_add(object, key, value ? json_object_new_string(value) : NULL);
}
