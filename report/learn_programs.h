/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The part of learning (learn.h) that is about programs and processes: which calls executed a program or made a
 * process, and which lines `exec` and `process` of a policy allow them.
 *
 * Arguments come from a log as text and are taken only where all of them are there. Whether a program can be named at
 * all is asked of a policy that names it (struct learn, try_policy).
 */
#ifndef PROCTOR_REPORT_LEARN_PROGRAMS_H
#define PROCTOR_REPORT_LEARN_PROGRAMS_H

#include "report/learn.h"

void learn_program_fini(struct learn_program *program);

/* Takes RECORD, a call R that was let through, if it executed a program or made a process. */
bool learn_take_program(struct learn *learn, json_t *record, const struct refusal *r, const struct run_info *info);

/* Is R, a refused call, allowed once the program may make processes: a signal to one of them, or a session for one? */
bool learn_comes_with_processes(const struct learn *learn, json_t *record, const struct refusal *r, const struct run_info *info);

/* The arguments of an entry of `programs`, the name first, each with its NUL; false: the log has not all of them. */
bool learn_program_args(const struct tally_entry *entry, struct buf *out, size_t *ret_n);
/* Is this entry of `processes` one that no policy can allow? */
bool learn_is_other_process(const struct tally_entry *entry);

/* Makes lines of all that was taken. HEAD: the beginning of a policy, to which `exec` can be added. */
void learn_make_programs(struct learn *learn, const char *head);
bool learn_grants_forks(const struct learn *learn);
/* May the program make processes at all? */
bool learn_grants_processes(const struct learn *learn);
void learn_put_programs(const struct learn *learn, struct buf *out);
/* Programs that are not granted, as comments; N counts such comments. */
void learn_put_withheld_programs(const struct learn *learn, size_t *n, struct buf *out);

#endif
