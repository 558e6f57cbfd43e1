/* SPDX-License-Identifier: Apache-2.0 */
/* The policy of a run with what the command line adds to it, and what it must not let the program reach. */
#include "cli/run.h"

#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/names.h"
#include "base/signing.h"
#include "cli/command.h"
#include "cli/last_log.h"
#include "cli/policy_target.h"

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

int run_load_policy(struct run *run)
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
		.make_scratch = run_make_scratch,
		.scratch_arg = run,
		.script = run->script.name,
		.script_real = run->script.real,
		.hide = run->hide,
		.kept = run->policies,
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
		return run_failed_status(run);
	if (r < 0) {
		if (!messages.len)
			complain("run: %s: %s", run->command.policy, strerror(-r));
		return EXIT_BAD_POLICY;
	}
	make_environment(run);
	override_limits(run);
	run->context.make_scratch = run->scratch.path ? run_same_scratch : NULL;
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
int run_check_records(const struct run *run)
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
int run_take_key(struct run *run)
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
