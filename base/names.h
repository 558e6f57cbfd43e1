/* SPDX-License-Identifier: Apache-2.0 */
/* Names of errnos and signals, and the units that limits are written in. */
#ifndef PROCTOR_BASE_NAMES_H
#define PROCTOR_BASE_NAMES_H

#include "base/util.h"

/* "EACCES" for EACCES; the kernel's own restart codes too ("ERESTARTSYS"). NULL if unknown. Static. */
const char *errno_name(int err);
/* EACCES for "EACCES"; 0 if there is no such name. */
int errno_from_name(const char *name);
/* "SIGKILL" for 9; "SIGRTMIN+2" for the real-time ones; "SIG99" otherwise. Static or thread-local. */
const char *signal_name(int sig);

/*
 * "256MiB", "16M", "4096B", "1.5GiB" to bytes: K, M, G, T with or without "iB" are powers of
 * 1024, with "B" ("MB") of 1000. 0 or -EINVAL; -EDOM for a number that lacks its unit (0 needs none);
 * -ERANGE past 2^63.
 */
int parse_size(const char *text, uint64_t *ret_bytes);
/* "2s", "500ms", "1.5us", "7ns", "2m", "2min", "1h" to nanoseconds. As parse_size(). */
int parse_duration(const char *text, uint64_t *ret_ns);
/* A decimal number, nothing else. 0, -EINVAL, -ERANGE. */
int parse_count(const char *text, uint64_t *ret_count);

#endif
