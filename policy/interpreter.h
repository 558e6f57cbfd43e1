/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Python interpreter that will run, found and described without running it: what
 * builtin:python is derived from.
 */
#ifndef PROCTOR_POLICY_INTERPRETER_H
#define PROCTOR_POLICY_INTERPRETER_H

#include "policy/elf.h"
#include "policy/policy.h"

struct interpreter {
	char *argv0;	   /* absolute path to execute, symlinks kept (a venv needs it) */
	char *exe;	   /* canonical path of the ELF file */
	char *loader;	   /* the dynamic loader that it names (PT_INTERP), or NULL */
	struct elf_facts elf; /* the rest that it names: libraries, and where they are */
	bool is_python;	   /* a CPython or PyPy; false for any other ELF program (grants: itself, its loader, system libraries) */
	bool is_pypy;	   /* a PyPy: its library has another name, and its Python frames are not known */
	int major, minor;  /* 3, 11; 0, 0 when unknown */
	char *prefix;	   /* sys.prefix (the venv's), NULL unless is_python */
	char *base_prefix; /* sys.base_prefix */
	char **script_args; /* from a "#!" line: words to put before the program's own; NULL-terminated */
};

/*
 * Finds PROGRAM as execvp(3) would: with a slash as a path, otherwise along PATH_ENV. A pyenv shim
 * is followed to the version it would choose (PYENV_VERSION, .python-version upwards from PYENV_DIR
 * or the working directory, $PYENV_ROOT/version; from SCRIPT's directory only where the shim itself
 * looks there, so that the same version runs as without proctor); a "#!" file to its interpreter
 * (script_args then holds the interpreter's argument and the file; "env" is looked through).
 * SCRIPT may be NULL. 0; -ENOENT not found; -EACCES not executable; -ENOEXEC neither ELF x86-64
 * nor "#!". A message without newline is appended to MESSAGE on failure.
 */
int interpreter_find(const char *program, const char *path_env, const char *script,
		     struct interpreter *ret_interpreter, struct buf *message);
void interpreter_fini(struct interpreter *interpreter);

enum { INTERPRETER_LIB_MAX = 24 };

/* What the directory of INTERPRETER's library is called beneath lib: "python3.11", "pypy3.9". Returns NAME. */
const char *interpreter_lib(const struct interpreter *interpreter, char name[INTERPRETER_LIB_MAX]);
/* "CPython" or "PyPy". */
const char *interpreter_kind(const struct interpreter *interpreter);

/*
 * The directories of the standard library and of installed packages, absolute and without "..": their
 * frames are not the program's own code. NULL-terminated; NULL unless it is a Python. The caller frees
 * each and the list.
 */
char **interpreter_library(const struct interpreter *interpreter);

/* Adds builtin:python's rules and links for INTERPRETER to POLICY, which is not yet frozen. */
void builtin_python_add(struct policy *policy, const struct interpreter *interpreter);
struct exec_rule;
/* Adds rules for what the loader of RULE's program reads; built-in rules of POLICY begin at FIRST. */
void builtin_program_add(struct policy *policy, const struct exec_rule *rule, size_t first);

/*
 * Where a Python command line keeps its program: returns the index in ARGV (0 = interpreter) of the
 * script file, or -1 for -c, -m, stdin or none; RET_MODULE is the name after -m, borrowed from ARGV
 * ("" when there is none), or NULL. The option syntax is CPython's own (Python/getopt.c: clustered
 * short options, -X and -W with values).
 */
int python_program(char *const *argv, const char **ret_module);
/* Is the interpreter told to go on reading commands after the program (-i)? */
bool python_inspects(char *const *argv);
/* Does the interpreter heed variables such as PYTHONHOME (neither -E nor -I)? */
bool python_reads_environment(char *const *argv);
/* The text after -c, borrowed from ARGV, or NULL. */
const char *python_command(char *const *argv);

/*
 * Tries, with the rights in effect, whether INTERPRETER and its loader can be executed, and whether what it
 * reads at its start can be read: the shared libraries that its file names (and theirs), and for a CPython
 * its standard library. POLICY, unless it is NULL, must grant these too. LIBRARY_PATH: LD_LIBRARY_PATH of
 * the program, or NULL. HOME: its PYTHONHOME, where the library is then, or NULL. A file that does not exist is passed over. 0, or -EACCES with a message without
 * newline in MESSAGE.
 */
int interpreter_try(const struct interpreter *interpreter, const struct policy *policy, const char *library_path,
		    const char *home, struct buf *message);

/*
 * The file that holds the interpreter's code: the executable, or the libpython that it is linked to, as the dynamic
 * linker would find it; canonical. LIBRARY_PATH as above. NULL when it is not found. The caller frees it.
 */
char *interpreter_core(const struct interpreter *interpreter, const char *library_path);

/* The same for one file or directory: 0, or -errno with such a message. */
int readable_try(const char *path, const struct policy *policy, struct buf *message);

#endif
