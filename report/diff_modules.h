/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files that an interpreter reads when it imports its own modules: one import is fifty calls, and a person names the
 * module. Pure.
 */
#ifndef PROCTOR_REPORT_DIFF_MODULES_H
#define PROCTOR_REPORT_DIFF_MODULES_H

#include "base/buf.h"

/* The module that PATH is a file of, beneath a directory of an interpreter's modules: "json.decoder" for
 * ".../lib/python3.11/json/__pycache__/decoder.cpython-311.pyc". False, with nothing appended: it is of none. */
bool module_of_file(const char *path, struct buf *out);
/* The same for a package's directory; nothing is appended for one that holds modules of many packages. */
bool module_of_directory(const char *path, struct buf *out);

#endif
