// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * The harness without libFuzzer: runs inputs that are given. For tests, with any compiler.
 *
 * usage: replay_NAME FILE|DIRECTORY...
 *
 * Each file of a directory is an input, see seed.h. The name of an input is printed before it is run.
 */
#include "fuzz.h"
#include "seed.h"

#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

static unsigned int inputs;

static void run_file(const char *path)
{
	struct fuzz_input in;
	struct seed seed;
	uint8_t *copy;

	printf("%s\n", path);
	fflush(stdout);
	seed_read(path, &seed);
	/* No longer than it is, so that reading beyond its end is seen. */
	copy = fuzz_copy(seed.data, seed.len);
	free(seed.data);
	in = (struct fuzz_input){ copy, seed.len };
	harness_run(&in);
	free(copy);
	inputs++;
}

static int not_hidden(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void run_directory(const char *path)
{
	struct dirent **entries;
	int i, n = scandir(path, &entries, not_hidden, alphasort);
	char *file;

	if (n < 0) {
		perror(path);
		exit(2);
	}
	for (i = 0; i < n; i++) {
		if (asprintf(&file, "%s/%s", path, entries[i]->d_name) < 0)
			exit(2);
		run_file(file);
		free(file);
		free(entries[i]);
	}
	free(entries);
}

int main(int argc, char **argv)
{
	struct stat st;
	int i;

	harness_up();
	for (i = 1; i < argc; i++) {
		if (!stat(argv[i], &st) && S_ISDIR(st.st_mode))
			run_directory(argv[i]);
		else
			run_file(argv[i]);
	}
	harness_down();
	printf("%u inputs\n", inputs);
	return inputs ? 0 : 2;
}
