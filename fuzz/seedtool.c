// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Between the texts of the corpus and the bytes that libFuzzer works with.
 *
 * usage: seedtool assemble DIRECTORY FILE...    write the bytes of each to a file of its name there
 *        seedtool print FILE                    print bytes as a text for the corpus
 */
#include "seed.h"

#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int assemble(const char *directory, char *path)
{
	struct seed seed;
	FILE *file;
	char *to;
	int ret;

	seed_read(path, &seed);
	if (asprintf(&to, "%s/%s", directory, basename(path)) < 0)
		return 1;
	file = fopen(to, "we");
	ret = !file || fwrite(seed.data, 1, seed.len, file) != seed.len;
	if (file && fclose(file))
		ret = 1;
	if (ret)
		perror(to);
	free(to);
	free(seed.data);
	return ret;
}

int main(int argc, char **argv)
{
	struct seed seed;
	int i;

	if (argc > 3 && !strcmp(argv[1], "assemble")) {
		for (i = 3; i < argc; i++)
			if (assemble(argv[2], argv[i]))
				return 1;
		return 0;
	}
	if (argc == 3 && !strcmp(argv[1], "print")) {
		seed_read(argv[2], &seed);
		seed_print(seed.data, seed.len);
		free(seed.data);
		return 0;
	}
	fprintf(stderr, "usage: seedtool assemble DIRECTORY FILE...\n"
			"       seedtool print FILE\n");
	return 2;
}
