/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What posix_spawn(3) is about to execute; system(3) and os.system() come by it too. No frame of Python code has it, but
 * at its clone(2) the C library hands it to the child: sysdeps/unix/sysv/linux/spawni.c and x86_64/clone.S of glibc, 2.24
 * to 2.42. It is the program's to forge; what does not hold together is not taken.
 */
#ifndef PROCTOR_TRACEE_NATIVE_SPAWN_WORDS_H
#define PROCTOR_TRACEE_NATIVE_SPAWN_WORDS_H

#include "tracee/native/pages.h"
#include "tracee/stack.h"

/* The arguments, where a clone(2) that has not been made gives its child the stack CHILD_STACK, and the file to execute,
 * a word alone where it is to be looked for along PATH. 0, or -ENOENT. */
int spawn_words(struct pages *pages, uint64_t child_stack, struct stack_words *ret_arguments, struct stack_words *ret_file);

#endif
