/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of a run when its program begins: the start record, and the same facts for the verdict. */
#include "cli/run.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/digest.h"
#include "tracee/abi/abi.h"

struct record_identity run_identity_of(const struct run *run)
{
	return (struct record_identity){
		.run_id = run->run_id,
		.submission = run->command.id,
		.labels = run->command.labels,
	};
}

struct record_warm run_warm_of(const struct run *run, bool ended)
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

bool run_wants_verdict(const struct run *run)
{
	return run->command.verdict || run->command.n_emit;
}

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

void run_on_start(void *context, pid_t pid, const char *const *walls, int landlock_abi)
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
	if (!run->has_log && !run_wants_verdict(run))
		return;
	uname(&host);
	snprintf(python, sizeof python, "%d.%d", run->interpreter.major, run->interpreter.minor);
	take_policy(run->policy, &policy);
	if (run->shadow)
		take_policy(run->shadow, &shadow);
	start = (struct record_start){
		.identity = run_identity_of(run),
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
		.warm = run_warm_of(run, false),
	};
	take_script(run, sha256, &start);
	take_scratch(run, &start);
	quotas = take_quotas(run, &start);
	if (run_wants_verdict(run))
		record_put_facts(&start, &run->facts);
	if (run->has_log)
		record_start(run->recorder, &start);
	buf_fini(&policy.effective);
	buf_fini(&shadow.effective);
	free(policy.extends);
	free(shadow.extends);
}
