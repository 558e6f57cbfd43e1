/* SPDX-License-Identifier: Apache-2.0 */
/* YAML of problem packages, as JSON values whose scalars are all texts. */
#ifndef PROCTOR_GRADE_YAML_H
#define PROCTOR_GRADE_YAML_H

#include "grade/grade.h"

/*
 * Reads the file PATH, at most 1 MiB, 32 levels deep and without anchors. A null scalar is an empty text. 0 and a
 * value that the caller releases; -ENOENT, silently, when there is no such file; otherwise -errno and a
 * message with file and line.
 */
int yaml_read(const char *path, json_t **ret, struct buf *message);

/*
 * The words of VALUE: a list of texts, or one text that is split at white space. They replace *RET, a list for
 * strv_free() or NULL. False: VALUE is neither.
 */
bool yaml_words(const json_t *value, char ***ret);

#endif
