/* SPDX-License-Identifier: Apache-2.0 */
/* What became of a run: the end record, the verdict, words on the terminal, the exit status. */
#include "cli/run.h"

#include <errno.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "cli/closing.h"
#include "cli/run_emit.h"
#include "cli/tracer.h"
#include "supervisor/verdict.h"
#include "tracee/spawn.h"

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
void run_look_around(struct run *run)
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

static uint64_t stdin_bytes(const struct run *run)
{
	off_t now = run->stdin_fd < 0 ? 0 : lseek(run->stdin_fd, 0, SEEK_CUR);

	return now > run->stdin_start ? (uint64_t)(now - run->stdin_start) : 0;
}

static struct verdict verdict_of(const struct run *run, const struct cause_surroundings *around)
{
	return (struct verdict){
		.result = &run->result,
		.policy = run->policy,
		.shadow = run->shadow,
		.identity = run_identity_of(run),
		.log_file = run->command.log,
		.log_sha256 = run->log_sha256,
		.log_complete = !run->result.log_failed && recorder_lost(run->recorder) == 0,
		.audit = run->command.audit,
		.warm = run_warm_of(run, true),
		.around = around,
		.found = &run->found,
		.facts = &run->facts,
		.stdin_known = run->stdin_fd >= 0,
		.stdin_bytes = stdin_bytes(run),
		.key = run->signing_key,
	};
}

void run_record_last(struct run *run)
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

int run_tell(struct run *run)
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
	if (!run_wants_verdict(run))
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

int run_explain_start_failure(const struct run *run, int r)
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
	return r == -EPERM || r == -ENOSYS ? EXIT_HOST : run_failed_status(run);
}
