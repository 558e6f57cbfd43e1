/* SPDX-License-Identifier: Apache-2.0 */
/* Suggestions for a word that is nearly a known one. */
#ifndef PROCTOR_CLI_SUGGEST_H
#define PROCTOR_CLI_SUGGEST_H

#include <getopt.h>

/* The one of NAMES (NULL-terminated) that WORD was probably meant to be, or NULL: at most two letters differ,
 * fewer in short words, and no other name is as near. Borrowed from NAMES. */
const char *suggest_name(const char *word, const char *const *names);

/*
 * Says what is wrong with the option of proctor COMMAND that getopt_long(3) refused with RESULT ('?', or ':' if the
 * short options begin with ':'): which one it is, what it lacks, what was probably meant. EXIT_USAGE.
 */
int suggest_bad_option(const char *command, int result, char *const *argv, const struct option *options);

#endif
