/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/meant.h"

#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>

#include "base/util.h"
#include "record/stack.h"

enum { LOOKED_AT = 24 }; /* frames of the library, the innermost */

enum what { COMMAND, HOST, TARGET };

/* The library's functions, as they are in CPython 3.9 to 3.15, what was meant first. */
static const struct asked {
	const char *file, *function; /* how they end */
	enum what what;
	const char *variable, *other; /* other: the program, or the port */
} asked[] = {
	{ "/multiprocessing/process.py", "start", TARGET, "self._target", NULL },
	{ "/subprocess.py", "_execute_child", COMMAND, "args", "executable" },
	{ "/multiprocessing/util.py", "spawnv_passfds", COMMAND, "args", "path" },
	{ "/os.py", "_spawnvef", COMMAND, "args", "file" },
	{ "<frozen os>", "_spawnvef", COMMAND, "args", "file" },
	{ "/pty.py", "spawn", COMMAND, "argv", NULL },
	{ "/socket.py", "getaddrinfo", HOST, "host", "port" },
	{ "/socket.py", "create_connection", HOST, "host", "port" },
	{ "/asyncio/base_events.py", "create_connection", HOST, "host", "port" },
};

struct look {
	struct stacks *stacks;
	pid_t tgid;
	const char *const *library;
};

/* The name of a function's code has its class in front from 3.11 on. */
static bool is_called(const char *name, const char *function)
{
	size_t n = strlen(name), m = strlen(function);

	return ends_with(name, function) && (n == m || name[n - m - 1] == '.');
}

static bool read_one(const struct look *look, size_t i, const char *variable, struct stack_words *ret)
{
	return variable && stacks_variable(look->stacks, look->tgid, i, variable, ret) == 0 && ret->n > 0 && ret->word[0][0];
}

/* WORDS, where PROGRAM (or NULL) is executed. */
static struct meant *command_of(const struct stack_words *words, const struct stack_words *program)
{
	struct meant meant = { .n_command = MIN(words->n, (size_t)MEANT_WORDS), .command_cut = words->cut };

	for (size_t k = 0; k < meant.n_command; k++)
		meant.command[k] = words->word[k];
	if (!program || program->n != 1 || program->cut)
		return meant_copy(&meant);
	if (!meant.n_command) {
		/* A path object as the first word: the file to execute was made of it. */
		meant.command[meant.n_command++] = program->word[0];
		meant.command_cut = true;
	} else if (!streq(program->word[0], meant.command[0])) {
		meant.program = program->word[0];
	}
	return meant_copy(&meant);
}

static struct meant *take_command(const struct look *look, size_t i, const struct asked *row)
{
	struct stack_words words, program;

	if (!read_one(look, i, row->variable, &words))
		words.n = 0, words.cut = true;
	return command_of(&words, read_one(look, i, row->other, &program) ? &program : NULL);
}

/* posix_spawn(3) and system(3), by whatever code. */
static struct meant *take_spawned(struct stacks *stacks, const struct request *q)
{
	struct stack_words words, program;

	if (q->nr != SYS_clone || q->args[0] != (CLONE_VM | CLONE_VFORK | SIGCHLD) ||
	    stacks_spawned(stacks, q->tgid, q->args[1], &words, &program) < 0)
		return NULL;
	return command_of(&words, &program);
}

static struct meant *take_host(const struct look *look, size_t i, const struct asked *row)
{
	struct stack_words host, port;
	struct meant meant = { 0 };

	if (!read_one(look, i, row->variable, &host) || host.n != 1 || host.cut)
		return NULL;
	meant.host = host.word[0];
	if (read_one(look, i, row->other, &port) && port.n == 1 && !port.cut)
		meant.port = port.word[0];
	return meant_copy(&meant);
}

/* A pool's own function is not what the program asked for. */
static struct meant *take_target(const struct look *look, size_t i, const struct asked *row)
{
	struct stack_words words;

	if (!read_one(look, i, row->variable, &words) || words.n != 2 || words.cut ||
	    record_is_library(words.word[1], look->library))
		return NULL;
	return meant_copy(&(struct meant){ .target = words.word[0] });
}

static struct meant *take(const struct look *look, size_t i, const struct asked *row)
{
	switch (row->what) {
	case COMMAND:
		return take_command(look, i, row);
	case HOST:
		return take_host(look, i, row);
	case TARGET:
		return take_target(look, i, row);
	}
	return NULL;
}

struct meant *meant_read(struct stacks *stacks, const struct call *call, const struct stack *stack,
			 const char *const *library)
{
	const struct look look = { stacks, call->request.tgid, library };
	enum topic topic = call->request.row ? (enum topic)call->request.row->topic : TOPIC_NONE;
	struct meant *meant = NULL;
	size_t n = 0;

	if (!stack || call->decision.action == ACTION_ALLOW || topic == TOPIC_EXEC)
		return NULL;
	/* Beneath a function of the program's that the library has called, the call is that one's. */
	while (n < MIN(stack->n_python, (size_t)LOOKED_AT) && record_is_library(stack->python[n].file, library))
		n++;
	for (size_t k = 0; k < ARRAY_SIZE(asked) && !meant; k++) {
		if ((asked[k].what == HOST) == (topic == TOPIC_START))
			continue;
		for (size_t i = 0; i < n && !meant; i++)
			if (is_called(stack->python[i].function, asked[k].function) &&
			    ends_with(stack->python[i].file, asked[k].file))
				meant = take(&look, i, &asked[k]);
	}
	return meant ? meant : take_spawned(stacks, &call->request);
}
