/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proctor run: finds and opens what the command line asks for (interpreter, policy, log), has the
 * broker run the program, and reports the outcome (end record, verdict, exit status). The order of it is here; most
 * steps are in files of their own (cli/run.h).
 */
#include "cli/run.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/signing.h"
#include "cli/command.h"
#include "cli/last_log.h"
#include "cli/run_emit.h"
#include "grade/worker.h"
#include "policy/kept.h"
#include "supervisor/standing.h"
#include "tracee/spawn.h"

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

/* ------------------------------------------------------------------ before the start */

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
		return run_failed_status(run);
	}
	tried = try_files(run, &message);
	r = identity_leave(&run->identity);
	if (r < 0) {
		complain("run: cannot take back the rights of the caller: %s", strerror(-r));
		return run_failed_status(run);
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
	return r == EXIT_INTERNAL ? run_failed_status(run) : r;
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
		return run_failed_status(run);
	}
	return 0;
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

/* ------------------------------------------------------------------ a run */

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
		.script = run->script.name ? run->script.real : NULL,
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
		.started = run_on_start,
		.context = run,
	};
	int r;

	hold_stdin(run);
	r = broker_run(&options, &run->result);
	if (r < 0)
		return run->result.error ? (complain("run: %s", run->result.error), run_failed_status(run)) :
					   run_explain_start_failure(run, r);
	run->ask_failed = asker_end(&run->asker) != 0;
	run_look_around(run);
	run_record_last(run);
	r = recorder_close(run->recorder, run->log_sha256);
	if (r < 0 && !run->result.log_failed) {
		run->result.log_failed = true;
		run->result.status = STATUS_XX;
		free(run->result.error);
		run->result.error = xasprintf("cannot write the log: %s", strerror(-r));
	}
	run->collect_failed = run_collect(run);
	run->collect_failed |= run_keep_scratch(run);
	run->kept = run->last_fd >= 0 && r == 0 && last_log_keep(run->last_fd) == 0;
	return run_tell(run);
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
		r = run_read_policy(run);
	if (!r)
		r = run_find_program(run);
	if (r)
		return r;
	run_make_argv(run);
	r = run_find_submission(run);
	if (r)
		return r;
	r = run_find_directory(run);
	if (r)
		return r;
	r = run_load_policy(run);
	if (!r)
		r = run_enter_scratch(run);
	if (!r)
		r = run_open_collections(run);
	if (!r)
		r = run_check_records(run);
	if (!r)
		r = run_take_key(run);
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
	struct run run = { .scratch = { .parent_fd = -1, .fd = -1, .mount = -1, .kept_fd = -1 }, .policies = kept, .script_fd = -1, .directory_fd = -1, .log_fd = -1, .live_fd = -1, .asker = ASKER_INIT, .last_fd = -1, .stdin_fd = -1, .closed_stdio = hold_stdio() };
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
