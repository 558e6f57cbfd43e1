/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proctor run: finds and opens what the command line asks for (interpreter, policy, log), has the
 * broker run the program, and reports the outcome (end record, verdict, exit status).
 */
#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/openat2.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/json.h"
#include "base/names.h"
#include "cli/ask.h"
#include "cli/closing.h"
#include "cli/command.h"
#include "cli/environment.h"
#include "cli/identity.h"
#include "cli/last_log.h"
#include "cli/policy_target.h"
#include "cli/probe_file.h"
#include "cli/program_text.h"
#include "cli/run_emit.h"
#include "cli/run_options.h"
#include "cli/scratch_dir.h"
#include "cli/scratch_files.h"
#include "cli/scratch_keep.h"
#include "cli/script.h"
#include "cli/target.h"
#include "cli/tracer.h"
#include "cli/warm.h"
#include "grade/worker.h"
#include "policy/interpreter.h"
#include "policy/kept.h"
#include "policy/source.h"
#include "supervisor/broker.h"
#include "supervisor/standing.h"
#include "supervisor/verdict.h"
#include "tracee/abi/abi.h"
#include "tracee/spawn.h"

enum { RUN_ID_LENGTH = 26 };

/* Everything that one run owns. */
struct run {
	struct run_command command;
	struct interpreter interpreter;
	struct policy *policy;
	struct policy *shadow; /* --shadow, or NULL */
	struct policy_context context; /* with which both policies were loaded, and its texts: */
	char **never; /* canonical paths of the run's own records, and of the policy's texts; NULL-terminated */
	bool alone;   /* the submission is the script, and nothing beside it */
	char *dash;
	const char *hide[2];
	struct asker asker; /* --ask */
	struct recorder *recorder;
	struct signing_key *signing_key; /* or NULL */
	struct live *live;
	struct script script; /* empty for -c, stdin or another program */
	int script_fd;
	struct program_text text; /* of a program that is not a file */
	struct probe_file probe;
	struct surroundings found; /* what exists in place of what the program missed */
	char *working_directory; /* where the program starts; NULL when it has none */
	int directory_fd;	 /* the same, if it is not proctor's own; else -1 */
	char **argv;
	struct environment environment;
	struct policy_source *source; /* the policy as it was read; taken when it is loaded */
	char **library;
	char run_id[RUN_ID_LENGTH + 1];
	struct identity identity;
	struct targets targets;
	struct scratch_dir scratch;
	struct warm warm;
	const struct adoption *adoption; /* what is to become the program; or NULL */
	struct buf why_cold; /* why the run is not warm although it should be */
	int *collect_fds;    /* target directories, one for each of command.collect */
	size_t n_collect_fds;
	bool collect_failed, ask_failed;
	bool policy_failed_scratch; /* the policy could not be loaded because of its scratch; this was told */
	int log_fd, live_fd;
	int last_fd;	   /* the log of a run from a terminal that asked for none (last_log.h), or -1 */
	int stdin_fd;	   /* standard input where it is a regular file, or -1 */
	off_t stdin_start; /* its offset at the start */
	struct buf facts;  /* from the start, for the verdict */
	bool has_log, kept; /* KEPT: it has been put where explain finds it */
	unsigned closed_stdio;
	sigset_t signal_mask, ignored_signals;
	struct run_result result;
	char log_sha256[65];
};

/* Of a process that carries out runs one after another, each in a thread of its own (cmd_run_work()); or NULL. */
static struct policy_kept *kept;
static struct standing *standing;
/* It is such a process, and ignores these: a run sets handlers, and never has a signal ignored. */
static bool works;
static sigset_t ignored_at_work;

static void run_fini(struct run *run)
{
	while (run->n_collect_fds)
		close(run->collect_fds[--run->n_collect_fds]);
	free(run->collect_fds);
	scratch_dir_fini(&run->scratch);
	warm_fini(&run->warm);
	buf_fini(&run->why_cold);
	buf_fini(&run->facts);
	if (run->stdin_fd >= 0)
		close(run->stdin_fd);
	run_result_fini(&run->result);
	live_free(run->live);
	recorder_free(run->recorder);
	if (run->log_fd >= 0)
		close(run->log_fd);
	if (run->last_fd >= 0)
		close(run->last_fd);
	if (run->live_fd > STDERR_FILENO)
		close(run->live_fd);
	signing_key_free(run->signing_key);
	targets_fini(&run->targets);
	identity_fini(&run->identity);
	policy_free(run->policy);
	policy_free(run->shadow);
	asker_fini(&run->asker);
	strv_free(run->never);
	free(run->dash);
	interpreter_fini(&run->interpreter);
	strv_free(run->argv);
	environment_fini(&run->environment);
	policy_source_free(run->source);
	if (run->directory_fd >= 0)
		close(run->directory_fd);
	strv_free(run->library);
	script_fini(&run->script);
	program_text_fini(&run->text);
	probe_file_fini(&run->probe);
	surroundings_fini(&run->found);
	free(run->working_directory);
	if (run->script_fd >= 0)
		close(run->script_fd);
	run_command_fini(&run->command);
}

/*
 * If one of the descriptors 0, 1, 2 is closed, the next file that proctor opens would get it, and the
 * program would inherit that file. So they are held by something harmless, and closed again in the child.
 */
static unsigned hold_stdio(void)
{
	unsigned closed = 0;
	int fd;

	for (fd = 0; fd <= 2; fd++) {
		if (fcntl(fd, F_GETFD) >= 0 || errno != EBADF)
			continue;
		closed |= 1u << fd;
		/* The lowest free number is this one. */
		if (open("/dev/null", O_RDWR | O_CLOEXEC) < 0)
			return closed;
	}
	return closed;
}

/* A ULID (time, then randomness, in Crockford's base 32): sorts by time, unique without a server. */
static void make_run_id(char id[RUN_ID_LENGTH + 1])
{
	static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	uint64_t ms = clock_ns(CLOCK_REALTIME) / 1000000;
	unsigned char random[16];
	int i;

	if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
		memset(random, 0, sizeof random);
	for (i = 9; i >= 0; i--, ms >>= 5)
		id[i] = digits[ms & 31];
	for (i = 0; i < 16; i++)
		id[10 + i] = digits[random[i] & 31];
	id[RUN_ID_LENGTH] = '\0';
}

/* ------------------------------------------------------------------ what to run */

/* Proctor itself failed, and there is no verdict. */
static int failed_status(const struct run *run)
{
	return run->command.exit_mode == EXIT_MODE_CHILD ? EXIT_PROCTOR_FAILED : EXIT_INTERNAL;
}

/* PATH is the submission: the script itself, or a directory that it lies in. 0 or the exit status, having said why. */
static int take_submission(struct run *run, const char *path)
{
	_cleanup_free_ char *real = realpath(path, NULL);
	const char *program = run->script.real ? run->script.real : run->script.directory;
	const char *why = !real ? strerror(errno) : !program ? "no script is run" : NULL;
	struct stat st = { 0 };

	if (!why && stat(real, &st) < 0)
		why = strerror(errno);
	else if (!why && S_ISDIR(st.st_mode) && !path_rest(program, real))
		why = "the script does not lie in it";
	else if (!why && !S_ISDIR(st.st_mode) && !streq(program, real))
		why = "is another file than the script";
	if (why) {
		complain("run: --submission %s: %s", path, why);
		return real ? EXIT_USAGE : EXIT_NOT_FOUND;
	}
	run->alone = !S_ISDIR(st.st_mode);
	if (!run->alone && !streq(real, run->script.directory)) {
		free(run->script.directory);
		run->script.directory = steal_ptr(&real);
		free(steal_ptr(&run->script.named));
	}
	return 0;
}

/* Before anything is known about the program: a policy may name its interpreter and its working directory. */
static int read_policy(struct run *run)
{
	_cleanup_buf_ struct buf messages = { 0 };
	int r = policy_source_read(run->command.policy, &run->source, &messages);

	if (r == 0)
		return 0;
	fprintf(stderr, "%s", messages.data);
	return EXIT_BAD_POLICY;
}

/* The working directory from the option or the policy; NULL: neither names one. */
static const char *directory_wanted(const struct run *run)
{
	return run->command.directory ? run->command.directory : run->source->cwd;
}

static int find_program(struct run *run)
{
	char **words = run->command.words;
	bool script = command_is_script(&run->command);
	const char *python = run->command.python ? run->command.python : run->source->python;
	const char *program = !script ? words[0] : python ? python : "python3";
	_cleanup_buf_ struct buf message = { 0 };
	int r = command_check(&run->command);

	if (r)
		return r;
	/* Libraries are not the program's own code: explanations look past their frames. */
	r = policy_kept_find(kept, program, getenv("PATH"), script ? words[0] : NULL, &run->interpreter, &run->library, &message);
	if (r == 0) {
		/* Python frames can only be read from CPython. */
		if (run->interpreter.is_pypy && !run->command.stack_given)
			run->command.stack = STACK_NATIVE;
		return 0;
	}
	if (!script)
		command_suggest(program, &message);
	complain("run: %s", message.data ? message.data : strerror(-r));
	return r == -ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_EXEC;
}

static void make_argv(struct run *run)
{
	char **words = run->command.words;
	char **extra = run->interpreter.script_args;
	size_t n = 0, cap = 0, i;

#define ADD(text)                                                    \
	do {                                                         \
		grow_array(&run->argv, &cap, n + 2, sizeof *run->argv); \
		run->argv[n++] = (text);                             \
		run->argv[n] = NULL;                                 \
	} while (0)
	/* CPython finds its prefix from argv[0]: the path that was found, not the word given. */
	ADD(xstrdup(run->interpreter.argv0));
	for (i = 0; extra && extra[i]; i++)
		ADD(xstrdup(extra[i]));
	if (command_is_script(&run->command))
		ADD(command_script(&run->command));
	for (i = 1; words[i]; i++)
		ADD(xstrdup(words[i]));
#undef ADD
}

/* The script, and the directory that %{submission} stands for. */
static int find_submission(struct run *run)
{
	_cleanup_buf_ struct buf message = { 0 };
	const char *module = NULL;
	int r = 0, at = run->interpreter.is_python ? python_program(run->argv, &module) : -1;

	/* A relative name is relative to proctor's own working directory. */
	if (at >= 0 && directory_wanted(run) && run->argv[at][0] != '/' && !streq(run->argv[at], "-")) {
		_cleanup_free_ char *cwd = getcwd(NULL, 0), *name = run->argv[at];

		run->argv[at] = xasprintf("%s%s%s", cwd ? cwd : "", cwd ? "/" : "", name);
	}
	if (module)
		r = script_find_module(module, &run->script, &message);
	else if (at >= 0 && !streq(run->argv[at], "-"))
		r = script_find(run->argv[at], &run->script, &message);
	if (r == 0)
		return run->command.submission ? take_submission(run, run->command.submission) : 0;
	complain("run: %s", message.data);
	return r == -ENOENT || r == -ENOTDIR ? EXIT_NOT_FOUND : EXIT_CANNOT_EXEC;
}

/* Opens directory TEXT and finds its canonical path, with the rights of the program. */
static int open_directory(struct run *run, const char *text)
{
	const struct open_how how = {
		.flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
		.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	int r = identity_enter(&run->identity), left;

	if (r < 0)
		return r;
	free(run->working_directory);
	run->working_directory = realpath(text, NULL);
	r = run->working_directory ? (int)syscall(SYS_openat2, AT_FDCWD, run->working_directory, &how, sizeof how) : -1;
	r = r < 0 ? -errno : r;
	left = identity_leave(&run->identity);
	if (r >= 0)
		run->directory_fd = r;
	return left < 0 ? left : MIN(r, 0);
}

/* Finds the program's working directory, unless that is in the scratch, which is not made yet. */
static int find_directory(struct run *run)
{
	const char *text = directory_wanted(run), *what = run->command.directory ? "--chdir" : "cwd", *rest;
	_cleanup_free_ char *path = NULL, *own = getcwd(NULL, 0);
	int r;

	if (!text || streq(text, "%{scratch}")) {
		run->working_directory = steal_ptr(&own);
		return 0;
	}
	rest = after_prefix(text, "%{submission}");
	if (rest && !run->script.directory) {
		complain("run: %s %s: no script is run", what, text);
		return run->command.directory ? EXIT_USAGE : EXIT_BAD_POLICY;
	}
	path = rest ? xasprintf("%s%s", run->script.directory, rest) : xstrdup(text);
	r = open_directory(run, path);
	if (r < 0) {
		complain("run: %s %s: %s", what, text, strerror(-r));
		return EXIT_USAGE;
	}
	/* CPython looks for the module in the working directory, and it was found in another one. */
	if (!run->script.real && run->script.directory && !streq(run->script.directory, run->working_directory)) {
		complain("run: %s %s: -m looks for the module in the working directory; start proctor there, or name the script",
			 what, text);
		return EXIT_USAGE;
	}
	return 0;
}

/* Now the scratch is made: finds a working directory in it. */
static int enter_scratch(struct run *run)
{
	const char *text = run->command.directory ? run->command.directory : run->policy->cwd;

	if (!text || !streq(text, "%{scratch}"))
		return 0;
	if (!run->scratch.path) {
		complain("run: the working directory is to be %%{scratch}, and nothing grants one: --scratch does, or write: \"%%{scratch}\"");
		return EXIT_USAGE;
	}
	run->directory_fd = fcntl(run->scratch.fd, F_DUPFD_CLOEXEC, 3);
	free(run->working_directory);
	run->working_directory = xstrdup(run->scratch.path);
	return run->directory_fd < 0 ? failed_status(run) : 0;
}

/* ------------------------------------------------------------------ policy, log, live */

static void make_environment(struct run *run)
{
	const struct environment_wish wish = {
		.is_python = run->interpreter.is_python,
		.policy = run->policy,
		.scratch = run->scratch.path,
		.given = run->command.env,
		.n_given = run->command.n_env,
	};

	environment_make(&run->environment, &wish);
}

static void override_limits(struct run *run)
{
	const struct limits *given = &run->command.limits;
	struct limits *limits = &run->policy->limits;
	static const char *const options[N_LIMITS] = {
		[LIMIT_CPU] = "--cpu",	     [LIMIT_WALL] = "--wall",	[LIMIT_MEMORY] = "--memory",
		[LIMIT_OUTPUT] = "--output", [LIMIT_TASKS] = "--tasks", [LIMIT_FILES] = "--files",
	};
	enum limit limit;

	for (limit = 0; limit < N_LIMITS; limit++) {
		if (!run->command.limit_given[limit])
			continue;
		*limits_at(limits, limit) = limits_get(given, limit);
		limits->ref[limit] = options[limit];
	}
	if (run->command.calls_given)
		run->policy->log_calls = run->command.calls;
	if (run->command.log_max_given)
		run->policy->log_max = run->command.log_max;
}

static int make_in_memory(struct run *run, const struct scratch_size *size, struct buf *message)
{
	const struct scratch_memory memory = {
		.bytes = size->bytes,
		.files = size->files,
		.of_user = run->identity.name,
		.uid = run->identity.uid,
		.gid = run->identity.gid,
	};
	/* It is made with the rights of the caller: root needs them for a user namespace too, because mapping itself
	 * there takes CAP_SETFCAP (user_namespaces(7)). The kept copy is made with the program's rights. */
	int r = scratch_dir_make(&run->scratch, run->command.keep_scratch, &memory, message), left;

	if (r < 0 || !run->command.keep_scratch)
		return r;
	r = identity_enter(&run->identity);
	if (r == 0)
		r = scratch_dir_make_kept(&run->scratch, run->command.keep_scratch, message);
	left = identity_leave(&run->identity);
	return left < 0 ? left : r;
}

/* Makes the scratch for the policy, if that grants one; on the disk with the rights of the program. */
static const char *make_scratch(void *arg, const struct scratch_size *size, bool *ret_counts)
{
	struct run *run = arg;
	_cleanup_buf_ struct buf message = { 0 };
	/* In audit mode the kernel itself looks up names, and a scratch in memory has no path. */
	bool memory = size->place != SCRATCH_IN_DIRECTORY && !run->command.audit;
	int r = memory ? make_in_memory(run, size, &message) : -EOPNOTSUPP, left;

	if (r == -EOPNOTSUPP && memory && size->place == SCRATCH_IN_MEMORY) {
		buf_lit(&message, "none in memory is to be had here (see proctor doctor)");
	} else if (r == -EOPNOTSUPP) {
		r = identity_enter(&run->identity);
		if (r == 0) {
			r = scratch_dir_make(&run->scratch, run->command.keep_scratch, NULL, &message);
			left = identity_leave(&run->identity);
			r = left < 0 ? left : r;
		}
	}
	*ret_counts = run->scratch.mount >= 0;
	if (r == 0)
		return run->scratch.path;
	run->policy_failed_scratch = true;
	complain("run: cannot make the scratch: %s", message.len ? message.data : strerror(-r));
	return NULL;
}

/* With the rights of the program, with which they are written to. 0 or the exit status, having said why. */
static int open_collections(struct run *run)
{
	const struct run_command *c = &run->command;
	_cleanup_buf_ struct buf message = { 0 };
	int fd = 0, r;

	if (c->n_collect && !run->scratch.path) {
		complain("run: --collect: there is no scratch (--scratch, or write: \"%%{scratch}\" in the policy)");
		return EXIT_USAGE;
	}
	if (c->n_collect == 0)
		return 0;
	r = identity_enter(&run->identity);
	run->collect_fds = xcalloc(c->n_collect, sizeof(*run->collect_fds));
	while (r == 0 && run->n_collect_fds < c->n_collect) {
		fd = scratch_dir_open_target(c->collect[run->n_collect_fds], &message);
		if (fd < 0)
			break;
		run->collect_fds[run->n_collect_fds++] = fd;
	}
	if (r == 0)
		r = identity_leave(&run->identity);
	if (r < 0) {
		complain("run: --collect: %s", strerror(-r));
		return failed_status(run);
	}
	if (fd < 0)
		complain("run: --collect: %s", message.data);
	return fd < 0 ? EXIT_LOG : 0;
}

/* The canonical path of the file behind descriptor FD, or of BASE in it; NULL: it has none. */
static char *path_of(int fd, const char *base)
{
	_cleanup_free_ char *name = xasprintf("/proc/self/fd/%d", fd);
	char path[PATH_MAX];
	ssize_t n = readlink(name, path, sizeof path);

	if (n <= 0 || n == sizeof path || path[0] != '/')
		return NULL;
	path[n] = '\0';
	return base ? xasprintf("%s/%s", slashed(path), base) : xstrdup(path);
}

/* The same for a log, a verdict or live output, which need not exist yet. */
static char *path_of_target(const struct target *target)
{
	if (target->kind == TARGET_NONE)
		return NULL;
	return target->kind == TARGET_DESCRIPTOR ? path_of(target->number, NULL) : path_of(target->path.dir, target->path.base);
}

/* Is it a file that belongs to this run, unlike a terminal, a pipe or /dev/null? */
static bool is_own_file(const struct target *target)
{
	struct stat st;

	return target->kind == TARGET_FILE ||
	       (target->kind == TARGET_DESCRIPTOR && fstat(target->number, &st) == 0 && S_ISREG(st.st_mode));
}

static void never_texts(struct run *run, const struct policy_source *source)
{
	char *path;
	size_t i;

	for (i = 0; i < source->n; i++) {
		path = realpath(source->documents[i].file, NULL);
		if (path)
			strv_add(&run->never, path);
	}
}

/* Collects what the program must not read: records of this run and of others, and the policy files. */
static void collect_never(struct run *run)
{
	char *path;
	size_t i;

	run->never = xcalloc(1, sizeof(*run->never));
	for (i = 0; i < TARGET_USES; i++) {
		path = is_own_file(&run->targets.of[i]) ? path_of_target(&run->targets.of[i]) : NULL;
		if (path)
			strv_add(&run->never, path);
	}
	never_texts(run, run->source);
	for (i = 0; i < run->source->n_narrower; i++)
		never_texts(run, run->source->narrower[i]);
	path = last_log_directory();
	if (path)
		strv_add(&run->never, path);
}

/* For a further policy: the scratch that was made for the first one. */
static const char *same_scratch(void *arg, const struct scratch_size *size, bool *ret_counts)
{
	(void)size;
	*ret_counts = true; /* already counted by the kernel */
	return ((struct run *)arg)->scratch.path;
}

/* The options of the command line are added to both policies: what is wrong in one only is said to be its own. */
static void tell_of_shadow(const char *messages)
{
	size_t n;

	for (; *messages; messages += n + (messages[n] == '\n')) {
		n = strcspn(messages, "\n");
		fprintf(stderr, "--shadow: %.*s\n", (int)n, messages);
	}
}

/* Loads the second policy with the same context as the first, and tells its messages. */
static int load_shadow(struct run *run)
{
	_cleanup_buf_ struct buf messages = { 0 };
	int r;

	if (!run->command.shadow)
		return 0;
	r = policy_load(run->command.shadow, &run->context, &run->shadow, &messages);
	if (r == 0)
		policy_check_syscalls(run->shadow, &messages);
	if (messages.len && (r < 0 || !run->command.quiet))
		tell_of_shadow(messages.data);
	if (r < 0 && !messages.len)
		complain("run: --shadow %s: %s", run->command.shadow, strerror(-r));
	return r < 0 ? EXIT_BAD_POLICY : 0;
}

static int load_policy(struct run *run)
{
	_cleanup_buf_ struct buf messages = { 0 };
	const char *cwd = run->working_directory;
	int r;

	collect_never(run);
	run->dash = cwd ? xasprintf("%s/-", slashed(cwd)) : NULL;
	/* For a submission that is one file, Python looks for modules in the file's directory. */
	run->hide[0] = run->alone ? run->script.directory : cwd;
	run->hide[1] = run->dash;
	run->context = (struct policy_context){
		.interpreter = &run->interpreter,
		.submission = run->alone ? run->script.real : run->script.directory,
		.read = run->command.read,
		.n_read = run->command.n_read,
		.write = run->command.write,
		.n_write = run->command.n_write,
		.connect = run->command.connect,
		.n_connect = run->command.n_connect,
		.exec = run->command.exec,
		.n_exec = run->command.n_exec,
		.bind = run->command.bind,
		.n_bind = run->command.n_bind,
		.process = run->command.process,
		.process_ref = run->command.process_given ? "--process" : NULL,
		.scratch_wanted = run->command.scratch,
		.scratch_bytes = run->command.scratch_bytes,
		.make_scratch = make_scratch,
		.scratch_arg = run,
		.script = run->script.name,
		.script_real = run->script.real,
		.hide = run->hide,
		.kept = kept,
		.never = (const char *const *)run->never,
		.n_never = strv_length(run->never),
		/* With -c and the like, CPython looks for modules in the working directory; and it looks
		 * whether "-" there is a link. */
		.n_hide = run->alone ? 1 : cwd && !run->script.directory && run->interpreter.is_python ? ARRAY_SIZE(run->hide) : 0,
	};
	r = policy_load_source(steal_ptr(&run->source), &run->context, &run->policy, &messages);
	if (r == 0)
		policy_check_syscalls(run->policy, &messages);
	if (messages.len && (r < 0 || !run->command.quiet))
		fprintf(stderr, "%s", messages.data);
	if (r < 0 && run->policy_failed_scratch)
		return failed_status(run);
	if (r < 0) {
		if (!messages.len)
			complain("run: %s: %s", run->command.policy, strerror(-r));
		return EXIT_BAD_POLICY;
	}
	make_environment(run);
	override_limits(run);
	run->context.make_scratch = run->scratch.path ? same_scratch : NULL;
	asker_take_policy(&run->asker, run->policy, &run->context);
	return load_shadow(run);
}

/* May the program write in the directory of PATH? That it cannot touch PATH itself (collect_never()) is ignored. */
static bool is_writable(const struct run *run, const char *path)
{
	const char *slash = path ? strrchr(path, '/') : NULL;

	return slash && grant_writes(policy_match(run->policy, path, MAX((size_t)(slash - path), 1)));
}

/* Does a file that POLICY was made from lie where the program may write? If so, says it. */
static bool check_texts(const struct run *run, const struct policy *policy)
{
	size_t i;

	for (i = 0; i < policy->n_narrower; i++)
		if (check_texts(run, policy->narrower[i]))
			return true;
	for (i = 0; i < policy->source->n; i++) {
		const char *file = policy->source->documents[i].file;
		_cleanup_free_ char *path = realpath(file, NULL);

		if (!is_writable(run, path))
			continue;
		complain("run: the policy %s lies where the program may write: move it, or grant less", file);
		return true;
	}
	return false;
}

/* The program must not be able to change the run's records, nor the policy files. */
static int check_records(const struct run *run)
{
	static const char *const what[TARGET_USES] = {
		[TARGET_LOG] = "log", [TARGET_VERDICT] = "verdict", [TARGET_LIVE] = "live output",
	};
	_cleanup_free_ char *asked = NULL;
	size_t i;

	if (!run->policy->writes || run->command.audit)
		return 0;
	for (i = 0; i < TARGET_USES; i++) {
		const struct target *target = &run->targets.of[i];
		_cleanup_free_ char *path = path_of_target(target);

		if (!is_writable(run, path))
			continue;
		complain("run: the %s %s would lie where the program may write: choose another place for it", what[i],
			 target->name);
		return EXIT_USAGE;
	}
	asked = run->command.ask_file ? path_of(run->asker.path.dir, run->asker.path.base) : NULL;
	if (is_writable(run, asked)) {
		complain("run: the policy %s would lie where the program may write: choose another place for it",
			 run->command.ask_file);
		return EXIT_USAGE;
	}
	return check_texts(run, run->policy) ? EXIT_USAGE : run->shadow && check_texts(run, run->shadow) ? EXIT_USAGE : 0;
}

/* Anybody with the key can sign anything: the program must neither read it, nor replace it. */
static int take_key(struct run *run)
{
	_cleanup_free_ char *real = NULL;
	_cleanup_buf_ struct buf message = { 0 };

	if (!run->command.sign)
		return 0;
	if (run->command.audit) {
		complain("run: --sign with --mode audit: nothing keeps the program from the key");
		return EXIT_USAGE;
	}
	if (!run->command.log && !run->command.verdict) {
		complain("run: --sign has nothing to sign: give --log or --verdict");
		return EXIT_USAGE;
	}
	if (signing_key_read(run->command.sign, &run->signing_key, &real, &message) < 0) {
		complain("run: --sign %s: %s", run->command.sign, message.data);
		return EXIT_USAGE;
	}
	if (policy_decide_path(run->policy, WANT_READ, real, strlen(real)).action != ACTION_ALLOW &&
	    !grant_writes(policy_match(run->policy, real, strlen(real))))
		return 0;
	complain("run: --sign %s: the policy would let the program have the key: keep it elsewhere, or grant less", run->command.sign);
	return EXIT_USAGE;
}

/*
 * If the policy grants addresses, sockets that the program inherits must be connected already: otherwise it could
 * connect them, or listen on them, instead of its own sockets.
 */
static int check_sockets(const struct run *run)
{
	int fd;

	if (!run->policy->n_net || run->command.audit)
		return 0;
	for (fd = 0; fd < 3; fd++) {
		struct sockaddr_storage peer;
		socklen_t len = sizeof peer, size = sizeof(int);
		int type;

		if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) < 0)
			continue;
		if (type != SOCK_DGRAM && getpeername(fd, (struct sockaddr *)&peer, &len) == 0)
			continue;
		complain("run: descriptor %d is a socket that is not connected; a program that may use the network "
			 "cannot be given one", fd);
		return EXIT_USAGE;
	}
	return 0;
}

/* Holds the script, so that the log describes the file that was checked here, whatever its name leads to later.
 * -1: it cannot be held, being a FIFO for example. */
static int hold_script(const char *path)
{
	const struct open_how how = {
		.flags = O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	/* If this call is forbidden, the run will fail anyway. */
	_cleanup_close_ int fd = (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof how);
	struct stat st;

	return fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? steal_fd(&fd) : -1;
}

/* Asks the pool for what is to be adopted. */
static void ask_for_warm(struct run *run)
{
	const struct warm_wish wish = {
		.socket = run->command.warm,
		.interpreter = &run->interpreter,
		.policy = run->policy,
		.script = &run->script,
		.argv = run->argv,
		.envp = run->environment.texts,
		.ignored = &run->ignored_signals,
		.working_directory = run->working_directory,
		.directory_fd = run->directory_fd,
		.closed_stdio = run->closed_stdio,
		.audit = run->command.audit,
		.user = run->command.user != NULL,
		.scratch = run->scratch.path,
	};

	if (run->command.warm && warm_ask(&wish, &run->warm, &run->why_cold))
		run->adoption = &run->warm.adoption;
}

static int try_files(struct run *run, struct buf *message)
{
	const struct policy *policy = run->command.audit ? NULL : run->policy;
	const char *home = python_reads_environment(run->argv) ? environment_get(&run->environment, "PYTHONHOME") : NULL;
	size_t i;
	/* What a held interpreter has read at its start was compared with the policy. */
	int r = run->adoption ? 0 : interpreter_try(&run->interpreter, policy, environment_get(&run->environment, "LD_LIBRARY_PATH"), home, message);

	for (i = 0; r == 0 && i < run->script.n_files; i++)
		r = readable_try(run->script.files[i], policy, message);
	if (r == 0 && run->script.real)
		run->script_fd = hold_script(run->script.real);
	return r;
}

/* Finds mistakes in the host's set-up now: later they would look like errors of the program. */
static int try_start(struct run *run)
{
	_cleanup_buf_ struct buf message = { 0 };
	int r = identity_enter(&run->identity), tried;

	if (r < 0) {
		complain("run: cannot try what the program may read: %s", strerror(-r));
		return failed_status(run);
	}
	tried = try_files(run, &message);
	r = identity_leave(&run->identity);
	if (r < 0) {
		complain("run: cannot take back the rights of the caller: %s", strerror(-r));
		return failed_status(run);
	}
	if (tried == 0)
		return 0;
	complain("run: %s%s%s", message.data, run->identity.name ? ", as user " : "",
		 run->identity.name ? run->identity.name : "");
	return EXIT_CANNOT_EXEC;
}

/* Before anything else can fail: no verdict of an earlier run may stand where this one's belongs. */
static int settle_targets(struct run *run)
{
	const struct run_command *c = &run->command;
	_cleanup_free_ const char **others = NULL;
	size_t n = 0, words = 0;
	int r = identity_find(c->user, &run->identity);

	if (r < 0) {
		complain("run: --user %s: no such user", c->user);
		return EXIT_USAGE;
	}
	while (c->words[words])
		words++;
	others = xcalloc(words + 4, sizeof(*others));
	while (n < words) {
		others[n] = c->words[n];
		n++;
	}
	others[n++] = c->policy;
	if (c->shadow)
		others[n++] = c->shadow;
	if (c->python)
		others[n++] = c->python;
	r = targets_settle(&run->targets, &run->identity, others);
	return r == EXIT_INTERNAL ? failed_status(run) : r;
}

/*
 * Nobody asked for a log, but the run was started from a terminal: keeps refusals for `proctor explain`. As nobody
 * asked, it must cost little and never end a run.
 */
static void open_last_log(struct run *run)
{
	if (run->command.log || run->command.user || !isatty(STDERR_FILENO))
		return;
	run->last_fd = last_log_open();
	if (run->last_fd < 0)
		return;
	/* The recorder closes its own duplicate. */
	run->log_fd = fcntl(run->last_fd, F_DUPFD_CLOEXEC, 3);
	if (run->log_fd < 0) {
		/* Otherwise an empty log would replace the former one. */
		close(steal_fd(&run->last_fd));
		return;
	}
	if (!run->command.calls_given)
		run->policy->log_calls = LOG_DENIED;
	run->policy->log_max = MIN(run->policy->log_max, LAST_LOG_MAX);
	run->policy->log_on_full = LOG_FULL_DROP;
}

static int open_live(struct run *run)
{
	const struct target *log = &run->targets.of[TARGET_LOG];
	int r = target_open_live(&run->targets, &run->live_fd);

	if (r)
		return r;
	if (run->live_fd < 0 && run->command.verbose)
		run->live_fd = STDERR_FILENO;
	if (run->live_fd >= 0) {
		const char *no_colour = getenv("NO_COLOR");

		run->live = live_new(run->live_fd, isatty(run->live_fd) && !(no_colour && *no_colour),
				     log->kind == TARGET_FILE ? log->name : NULL);
	}
	return 0;
}

/* ------------------------------------------------------------------ privileges */

static int drop_privileges(const struct run *run)
{
	bool of_user;
	int r = identity_become(&run->identity, &of_user);

	if (r < 0 && of_user) {
		complain("run: --user %s: %s", run->identity.name, strerror(-r));
		return EXIT_USAGE;
	}
	if (r < 0) {
		complain("run: cannot drop capabilities: %s", strerror(-r));
		return failed_status(run);
	}
	return 0;
}

/* ------------------------------------------------------------------ start and end records */

/*
 * The program has its own copies of these. If proctor kept them open too, readers of the program's output would not
 * see that it has closed it, nor writers of its input.
 */
static void release_stdio(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0)
		return;
	dup3(null, STDIN_FILENO, O_CLOEXEC);
	dup3(null, STDOUT_FILENO, O_CLOEXEC);
	close(null);
}

static struct record_warm warm_of(const struct run *run, bool ended)
{
	return (struct record_warm){
		.asked = run->command.warm != NULL,
		.why_cold = run->result.warm ? NULL : run->why_cold.data ? run->why_cold.data : "",
		.preload = run->warm.preload,
		.age_ns = run->warm.age_ns,
		.runs = run->warm.runs,
		.quick = run->warm.adoption.leave,
		.ended = ended,
		.left_early = run->result.left_early,
	};
}

/* Says at the start why the run is not warm, for users who count on it. */
static void settle_warmth(struct run *run)
{
	if (!run->command.warm || run->result.warm)
		return;
	if (run->result.warm_errno)
		buf_printf(&run->why_cold, "the fork cannot be adopted: %s", strerror(run->result.warm_errno));
	if (!run->command.quiet)
		complain("run: not warm: %s", run->why_cold.data);
}

static struct record_identity identity_of(const struct run *run)
{
	return (struct record_identity){
		.run_id = run->run_id,
		.submission = run->command.id,
		.labels = run->command.labels,
	};
}

/* Adds the texts of SOURCE but its last EXCEPT. */
static void add_texts(struct record_policy *policy, const struct policy_source *source, size_t except)
{
	size_t i, n = source->n > except ? source->n - except : 0;

	for (i = 0; i < n; i++)
		policy->extends[policy->n_extends++] =
			(struct record_text){ source->documents[i].file, source->documents[i].text };
}

/* The caller frees RET_POLICY->effective and ->extends. */
static void take_policy(const struct policy *policy, struct record_policy *ret_policy)
{
	size_t n = policy->source->n, i;

	for (i = 0; i < policy->n_narrower; i++)
		n += policy->narrower[i]->source->n;
	*ret_policy = (struct record_policy){
		.name = policy->name, .file = policy->file, .text = policy->text,
		.extends = xcalloc(n + 1, sizeof(struct record_text)),
	};
	add_texts(ret_policy, policy->source, 1);
	for (i = 0; i < policy->n_narrower; i++)
		add_texts(ret_policy, policy->narrower[i]->source, 0);
	policy_show(policy, &ret_policy->effective);
	record_hash_policy(ret_policy);
}

/* A module of -m has no script name, only a directory; one from the library has neither. SHA256: room for it. */
static void take_script(const struct run *run, char sha256[65], struct record_start *start)
{
	_cleanup_free_ char *text = NULL, *opened = xasprintf("/proc/self/fd/%d", run->script_fd);
	size_t len;

	if (!run->script.real && !run->script.n_files)
		return;
	start->script = run->script.real;
	start->script_directory = run->script.directory;
	start->script_alone = run->alone;
	start->script_named = run->script.named;
	if (run->script_fd < 0 || read_file(AT_FDCWD, opened, 64 << 20, &text, &len) < 0)
		return;
	digest_text(text, len, sha256);
	start->script_sha256 = sha256;
}

static void take_scratch(const struct run *run, struct record_start *start)
{
	start->scratch = run->scratch.path;
	start->scratch_in = run->scratch.mount >= 0 ? "memory" : "directory";
	if (run->command.audit)
		return;
	start->scratch_counts = run->scratch.mount >= 0 ? "kernel" : "proctor";
	start->scratch_bytes = run->policy->scratch.bytes;
	start->scratch_files = run->policy->scratch.files;
}

/* The directories whose quota proctor counts, without the scratch. The caller frees the list. */
static struct record_quota *take_quotas(const struct run *run, struct record_start *start)
{
	struct record_quota *quotas;
	const struct grant *grant;
	size_t i;

	if (!run->policy->counts || run->command.audit)
		return NULL;
	quotas = xcalloc(run->policy->n_grants, sizeof *quotas);
	for (i = 0; i < run->policy->n_grants; i++) {
		grant = run->policy->grants[i];
		if (grant->quota.counted && !(run->scratch.path && streq(grant->path, run->scratch.path)))
			quotas[start->n_quotas++] =
				(struct record_quota){ grant->path, grant->quota.bytes, grant->quota.files };
	}
	start->quotas = quotas;
	return quotas;
}

static struct record_limits limits_of(const struct limits *limits)
{
	return (struct record_limits){
		.cpu_ns = limits->cpu_ns,
		.wall_ns = limits->wall_ns,
		.memory_bytes = limits->memory_bytes,
		.output_bytes = limits->output_bytes,
		.tasks = limits->tasks,
		.files = limits->files,
	};
}

static bool wants_verdict(const struct run *run)
{
	return run->command.verdict || run->command.n_emit;
}

/* Holds standard input if it is a regular file: its offset shows how far the program has read. */
static void hold_stdin(struct run *run)
{
	struct stat st;

	if (fstat(STDIN_FILENO, &st) < 0 || !S_ISREG(st.st_mode))
		return;
	run->stdin_fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	run->stdin_start = lseek(run->stdin_fd, 0, SEEK_CUR);
}

static uint64_t stdin_bytes(const struct run *run)
{
	off_t now = run->stdin_fd < 0 ? 0 : lseek(run->stdin_fd, 0, SEEK_CUR);

	return now > run->stdin_start ? (uint64_t)(now - run->stdin_start) : 0;
}

static void on_start(void *context, pid_t pid, const char *const *walls, int landlock_abi)
{
	static const char *const calls[] = { "denied", "brokered", "all" };
	static const char *const stacks[] = { "none", "python", "native", "both" };
	struct run *run = context;
	struct record_policy policy, shadow = { 0 };
	char python[32], sha256[65];
	struct utsname host;
	struct record_start start;
	_cleanup_free_ struct record_quota *quotas = NULL;

	release_stdio();
	settle_warmth(run);
	if (!run->has_log && !wants_verdict(run))
		return;
	uname(&host);
	snprintf(python, sizeof python, "%d.%d", run->interpreter.major, run->interpreter.minor);
	take_policy(run->policy, &policy);
	if (run->shadow)
		take_policy(run->shadow, &shadow);
	start = (struct record_start){
		.identity = identity_of(run),
		.version = PACKAGE_VERSION,
		.kernel = host.release,
		.arch = ABI_NAME,
		.walls = walls,
		.landlock_abi = landlock_abi,
		.pid = pid,
		.argv = run->argv,
		.executable = run->interpreter.exe,
		.working_directory = run->working_directory,
		.python = run->interpreter.is_python ? python : NULL,
		.policy = &policy,
		.shadow = run->shadow ? &shadow : NULL,
		.limits = limits_of(&run->policy->limits),
		.mode = run->command.audit ? "audit" : "enforce",
		.calls = calls[run->policy->log_calls],
		.stack = stacks[run->command.stack],
		.warm = warm_of(run, false),
	};
	take_script(run, sha256, &start);
	take_scratch(run, &start);
	quotas = take_quotas(run, &start);
	if (wants_verdict(run))
		record_put_facts(&start, &run->facts);
	if (run->has_log)
		record_start(run->recorder, &start);
	buf_fini(&policy.effective);
	buf_fini(&shadow.effective);
	free(policy.extends);
	free(shadow.extends);
}

static struct cause_surroundings surroundings_of(const struct run *run)
{
	return (struct cause_surroundings){
		.submission = run->script.directory,
		.submission_named = run->script.named,
		.working_directory = run->result.exception_directory ? run->result.exception_directory :
								       run->working_directory,
		.interpreter = run->interpreter.argv0,
		.script = run->script.real,
	};
}

static size_t count_writes(const struct policy *policy)
{
	size_t i, n = 0;

	for (i = 0; i < policy->n_grants; i++)
		n += grant_writes(policy->grants[i]);
	return n;
}

/* Gathers facts for the words about what the program missed. */
static void look_around(struct run *run)
{
	const struct cause_surroundings around = surroundings_of(run);
	bool of_files;

	if (run->result.exception)
		surroundings_look(run->policy, &run->result.exception->facts, around.working_directory, around.submission,
				  (const char *const *)run->library, &run->found);
	/* If the scratch is the only place to write, only the scratch can have been full. */
	if (run->result.exception && count_writes(run->policy) == 1 && scratch_dir_is_full(&run->scratch, &of_files)) {
		run->found.scratch_bytes = of_files ? 0 : run->policy->scratch.bytes;
		run->found.scratch_files = of_files ? run->policy->scratch.files : 0;
	} else if (run->result.exception && run->result.full.counted) {
		run->found.scratch_bytes = run->result.full_of_files ? 0 : run->result.full.bytes;
		run->found.scratch_files = run->result.full_of_files ? run->result.full.files : 0;
	}
}

static struct verdict verdict_of(const struct run *run, const struct cause_surroundings *around)
{
	return (struct verdict){
		.result = &run->result,
		.policy = run->policy,
		.shadow = run->shadow,
		.identity = identity_of(run),
		.log_file = run->command.log,
		.log_sha256 = run->log_sha256,
		.log_complete = !run->result.log_failed && recorder_lost(run->recorder) == 0,
		.audit = run->command.audit,
		.warm = warm_of(run, true),
		.around = around,
		.found = &run->found,
		.facts = &run->facts,
		.stdin_known = run->stdin_fd >= 0,
		.stdin_bytes = stdin_bytes(run),
		.key = run->signing_key,
	};
}

static void record_last(struct run *run)
{
	const struct cause_surroundings around = surroundings_of(run);
	const struct verdict verdict = verdict_of(run, &around);
	const struct run_result *r = &run->result;
	_cleanup_buf_ struct buf summary = { 0 };

	if (!run->has_log)
		return;
	if (r->profile.len)
		record_members(run->recorder, "profile", &r->profile);
	json_put_u64(&summary, "wall_ns", r->wall_ns);
	json_put_u64(&summary, "supervisor_ns", r->supervisor_ns);
	json_put_members(&summary, &r->summary);
	record_members(run->recorder, "summary", &summary);
	verdict_record_end(&verdict, run->recorder);
}

/* ------------------------------------------------------------------ telling */

static int exit_status(const struct run *run)
{
	static const int by_verdict[] = { 0, 10, 11, 12, 13, 14, 15, EXIT_INTERNAL };
	const struct run_result *r = &run->result;

	if (r->log_failed || run->collect_failed || run->ask_failed)
		return EXIT_LOG;
	if (r->setup_errno == EPERM || r->setup_errno == ENOSYS)
		return EXIT_HOST;
	if (r->spawn_errno)
		return r->spawn_errno == ENOENT || r->spawn_errno == ENOTDIR ? EXIT_NOT_FOUND :
									       EXIT_CANNOT_EXEC;
	switch (run->command.exit_mode) {
	case EXIT_MODE_VERDICT:
		return by_verdict[r->status];
	case EXIT_MODE_JUDGED:
		return r->status == STATUS_XX ? EXIT_INTERNAL : 0;
	default:
		break;
	}
	if (r->status == STATUS_XX)
		return EXIT_PROCTOR_FAILED;
	if (r->status == STATUS_TO)
		return EXIT_TIME_LIMIT;
	return r->exited && !r->limited ? r->exit_code : 128 + (r->exit_signal ? r->exit_signal : SIGKILL);
}

/* What a person needs to know who has only seen the program's output. */
static void tell_closing(const struct run *run)
{
	const struct target *log = &run->targets.of[TARGET_LOG];
	const struct closing closing = {
		.result = &run->result,
		.submission = run->script.directory,
		.submission_named = run->script.named,
		.log = run->kept ? "" : log->kind == TARGET_FILE ? log->name : NULL,
		.audit = run->command.audit,
		.shadow = run->shadow ? run->shadow->file : NULL,
	};
	_cleanup_buf_ struct buf text = { 0 };

	if (run->command.quiet)
		return;
	closing_what(&closing, &text);
	if (text.len)
		complain("%s", text.data);
	buf_clear(&text);
	closing_shadow(&closing, &text);
	if (text.len)
		complain("%s", text.data);
	buf_clear(&text);
	if (isatty(STDERR_FILENO))
		closing_refusals(&closing, &text);
	if (text.len)
		complain("%s", text.data);
}

static int tell(struct run *run)
{
	const struct cause_surroundings around = surroundings_of(run);
	const struct verdict verdict = verdict_of(run, &around);
	_cleanup_buf_ struct buf text = { 0 };
	int status = exit_status(run), r, emitted;

	if (run->live)
		live_finish(run->live);
	if (run->result.error)
		complain("run: %s%s", run->result.error, status == EXIT_HOST ? " (see proctor doctor)" : "");
	tell_closing(run);
	if (run->command.verbose) {
		verdict_line(&verdict, &text);
		complain("%s", text.data);
		buf_clear(&text);
	}
	if (!wants_verdict(run))
		return status;
	verdict_format(&verdict, &text);
	spawn_raise_capabilities(UINT64_C(1) << CAP_DAC_OVERRIDE);
	r = run->command.verdict ? target_write_verdict(&run->targets, &text) : 0;
	emitted = run_emit_write(&run->command, &text);
	spawn_raise_capabilities(0);
	if (r < 0) {
		complain("run: cannot write the verdict %s: %s", run->command.verdict, strerror(-r));
		return EXIT_LOG;
	}
	return emitted ? emitted : status;
}

/* Copies what --collect names. True when that failed, which was told. */
static bool collect(const struct run *run)
{
	_cleanup_buf_ struct buf message = { 0 };
	bool failed = false;
	size_t i;

	for (i = 0; i < run->command.n_collect; i++) {
		buf_clear(&message);
		if (scratch_dir_collect(&run->scratch, run->command.collect[i], run->collect_fds[i], &message) == 0)
			continue;
		complain("run: --collect %s: %s", run->command.collect[i], message.data);
		failed = true;
	}
	return failed;
}

/* The same for --keep-scratch. */
static bool keep_scratch(const struct run *run)
{
	const char *name = run->scratch.path ? strrchr(run->scratch.path, '/') + 1 : NULL;
	_cleanup_buf_ struct buf message = { 0 };
	_cleanup_close_ int root = -1;

	if (run->scratch.kept_fd < 0)
		return false;
	root = scratch_open_own(run->scratch.parent_fd, name);
	if (root < 0)
		scratch_say(&message, ".", -root);
	else if (scratch_keep(root, run->scratch.kept_fd, &message) == 0)
		return false;
	complain("run: --keep-scratch %s: %s", run->command.keep_scratch, message.data);
	return true;
}

static int explain_start_failure(const struct run *run, int r)
{
	_cleanup_buf_ struct buf message = { 0 };

	if (r == -EPERM && tracer_find(&message))
		complain("run: %s", message.data);
	else if (r == -EPERM)
		complain("run: ptrace is forbidden here (see proctor doctor)");
	else if (r == -ENOSYS)
		complain("run: this kernel lacks something that proctor needs (see proctor doctor)");
	else
		complain("run: cannot start the program: %s", strerror(-r));
	return r == -EPERM || r == -ENOSYS ? EXIT_HOST : failed_status(run);
}

static int run_program(struct run *run)
{
	const struct recorder_options recorder = {
		.form = run->command.log_ecs ? RECORD_ECS : RECORD_PLAIN,
		.fd = steal_fd(&run->log_fd),
		.run_id = run->run_id,
		.max_bytes = run->policy->log_max,
		.drop = run->policy->log_on_full == LOG_FULL_DROP,
		.hash = run->command.verdict || run->signing_key,
	};
	const struct run_options options = {
		.policy = run->policy,
		.shadow = run->shadow,
		.ask = run->command.ask ? &run->asker.asking : NULL,
		.program = run->interpreter.argv0,
		.argv = run->argv,
		.envp = run->environment.texts,
		.directory_fd = MAX(run->directory_fd, 0),
		.standing = standing,
		.executable = run->interpreter.exe,
		.loader = run->interpreter.loader,
		.probe = run->probe.file.probe ? &run->probe.file : NULL,
		.maps_copy = run->interpreter.is_python && !run->interpreter.is_pypy && run->interpreter.major == 3 && run->interpreter.minor >= 14,
		.submission = run->script.directory,
		.submission_named = run->script.named,
		.program_text = &run->text.text,
		.program_text_name = run->text.name,
		.scratch = { run->scratch.mount >= 0 ? run->scratch.path : NULL, run->scratch.fd },
		.audit = run->command.audit,
		.stack_for_all = run->command.stack_for_all,
		.profile_hz = run->command.profile_hz,
		.profile_wall = run->command.profile_wall,
		.stack = run->command.stack,
		.native_else = !run->command.stack_given,
		.calls = run->policy->log_calls,
		.recorder = run->recorder = recorder_new(&recorder),
		.live = run->live,
		.library = (const char *const *)run->library,
		.closed_stdio = run->closed_stdio,
		.signal_mask = &run->signal_mask,
		.ignored_signals = &run->ignored_signals,
		.warm = run->adoption,
		.pin = !run->command.no_pin,
		.started = on_start,
		.context = run,
	};
	int r;

	hold_stdin(run);
	r = broker_run(&options, &run->result);
	if (r < 0)
		return run->result.error ? (complain("run: %s", run->result.error), failed_status(run)) :
					   explain_start_failure(run, r);
	run->ask_failed = asker_end(&run->asker) != 0;
	look_around(run);
	record_last(run);
	r = recorder_close(run->recorder, run->log_sha256);
	if (r < 0 && !run->result.log_failed) {
		run->result.log_failed = true;
		run->result.status = STATUS_XX;
		free(run->result.error);
		run->result.error = xasprintf("cannot write the log: %s", strerror(-r));
	}
	run->collect_failed = collect(run);
	run->collect_failed |= keep_scratch(run);
	run->kept = run->last_fd >= 0 && r == 0 && last_log_keep(run->last_fd) == 0;
	return tell(run);
}

static int prepare(struct run *run)
{
	int r = settle_targets(run);

	if (!r && run->command.ask)
		r = asker_begin(&run->asker, run->command.ask_file, &run->targets);
	/* With the rights of the run: with --user, that has to wait until they are taken. */
	if (!r && !run->command.user)
		r = run_emit_clear(&run->command);
	if (!r)
		r = read_policy(run);
	if (!r)
		r = find_program(run);
	if (r)
		return r;
	make_argv(run);
	r = find_submission(run);
	if (r)
		return r;
	r = find_directory(run);
	if (r)
		return r;
	r = load_policy(run);
	if (!r)
		r = enter_scratch(run);
	if (!r)
		r = open_collections(run);
	if (!r)
		r = check_records(run);
	if (!r)
		r = take_key(run);
	if (!r)
		r = check_sockets(run);
	if (!r)
		ask_for_warm(run);
	if (!r)
		r = try_start(run);
	if (!r && run->interpreter.is_python)
		r = program_text_take(run->argv, streq(run->command.words[0], "-"), run->policy->limits.wall_ns, &run->text);
	if (!r && (run->command.stack & STACK_PYTHON))
		probe_file_find(&run->interpreter, run->argv, environment_get(&run->environment, "LD_LIBRARY_PATH"), &run->probe);
	if (!r)
		r = target_open_log(&run->targets, &run->log_fd);
	if (!r)
		open_last_log(run);
	run->has_log = run->log_fd >= 0;
	if (!r)
		r = open_live(run);
	if (!r)
		r = drop_privileges(run);
	if (!r && run->command.user)
		r = run_emit_clear(&run->command);
	return r;
}

static void ignore_signal(int signal)
{
	(void)signal;
}

static void find_ignored_signals(sigset_t *ret)
{
	struct sigaction action;
	int signal;

	sigemptyset(ret);
	for (signal = 1; signal < 65; signal++)
		if (sigaction(signal, NULL, &action) == 0 && action.sa_handler == SIG_IGN)
			sigaddset(ret, signal);
}

/* Saves the caller's signal mask and ignored signals, with which the program is to start. */
static void save_signals(struct run *run)
{
	sigprocmask(SIG_SETMASK, NULL, &run->signal_mask);
	if (works)
		run->ignored_signals = ignored_at_work;
	else
		find_ignored_signals(&run->ignored_signals);
}

int cmd_run(int argc, char **argv)
{
	struct run run = { .scratch = { .parent_fd = -1, .fd = -1, .mount = -1, .kept_fd = -1 }, .script_fd = -1, .directory_fd = -1, .log_fd = -1, .live_fd = -1, .asker = ASKER_INIT, .last_fd = -1, .stdin_fd = -1, .closed_stdio = hold_stdio() };
	/* A handler, not SIG_IGN: an ignored signal would stay ignored in the program. */
	const struct sigaction action = { .sa_handler = ignore_signal };
	int r = run_command_parse(argc, argv, &run.command);

	warm_init(&run.warm);
	save_signals(&run);
	sigaction(SIGPIPE, &action, NULL);
	make_run_id(run.run_id);
	targets_init(&run.targets, run.command.log, run.command.verdict, run.command.live, run.closed_stdio);
	if (r == 0 && !run.command.done) {
		if (run.command.audit && !run.command.quiet)
			complain("AUDIT MODE: nothing is refused, this is no sandbox");
		r = prepare(&run);
		if (r == 0)
			r = run_program(&run);
	}
	if (r && !run.targets.settled && run.command.verdict)
		target_forget_verdict(run.command.verdict);
	run_fini(&run);
	return r;
}

/* ------------------------------------------------------------------ one run after another */

static void begin_work(void)
{
	spawn_drop_bounding_set();
	kept = policy_kept_new();
	standing = standing_new();
	find_ignored_signals(&ignored_at_work);
	warm_last();
	works = true;
}

static int run_next(int argc, char **argv)
{
	int status = cmd_run(argc, argv);

	if (standing)
		standing_settle(standing);
	return status;
}

static size_t kept_descriptors(int *fds)
{
	size_t n = standing ? standing_descriptors(standing, fds) : 0;

	if (warm_lasting() >= 0)
		fds[n++] = warm_lasting();
	return n;
}

_Static_assert((int)STANDING_MAX + 1 <= (int)WORKER_KEPT, "all of them stay open");

const struct work *cmd_run_work(void)
{
	static const struct work work = { .begin = begin_work, .run = run_next, .keeps = kept_descriptors };

	return &work;
}
