// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* The harness with libFuzzer, which has main() and calls these. */
#include "fuzz.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	harness_up();
	atexit(harness_down);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };

	harness_run(&in);
	return 0;
}
