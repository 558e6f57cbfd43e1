/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The main() of a fuzzer whose input is a text:
 *
 *	FUZZER FILE|DIRECTORY...				replays inputs
 *	FUZZER [-s SEED] [-n COUNT | -t SECONDS] FILE|DIRECTORY...	and then mutations of them
 *
 * With clang -fsanitize=fuzzer -DFUZZ_LIBFUZZER there is none, and the fuzzer is a libFuzzer target.
 */
#ifndef PROCTOR_TESTS_FUZZ_DRIVER_H
#define PROCTOR_TESTS_FUZZ_DRIVER_H

#include <stddef.h>
#include <stdint.h>

/* The fuzzer's. Tries one input, which it borrows. 0; aborts after having said what is wrong. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/*
 * The fuzzer's. What its inputs are made of, NULL at the end: random bytes alone would hardly get
 * past the first line.
 */
extern const char *const fuzz_words[];

#endif
