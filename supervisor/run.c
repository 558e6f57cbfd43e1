/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/run.h"

const struct policy *run_policy_of(const struct run *run, pid_t tgid)
{
	const struct process *process = run->options->policy->n_narrower ? tasks_process(&run->tasks, tgid) : NULL;

	return process && process->policy ? process->policy : run->options->policy;
}

static const struct inner *inner_of(const struct run *run, const struct policy *policy)
{
	size_t i;

	for (i = 0; i < run->options->policy->n_narrower; i++)
		if (run->inner[i].ground.policy == policy)
			return &run->inner[i];
	return NULL;
}

struct view run_view(struct run *run, pid_t tgid)
{
	const struct inner *inner = inner_of(run, run_policy_of(run, tgid));

	return (struct view){
		.ground = inner ? &inner->ground : &run->ground,
		.resolver = inner ? inner->resolver : run->resolver,
		.tasks = &run->tasks,
		.output = &run->output,
		.watch = &run->watch,
		.buffers = &run->buffers,
		.shared = &run->actor.shared,
		.own_names = &run->own_names,
		.executed = run->executions,
		.ledger = run->ledger,
	};
}

void run_check_log(struct run *run)
{
	const struct recorder *recorder = run->options->recorder;

	ending_check_log(&run->ending, recorder_error(recorder),
			 recorder_full(recorder) && run->options->policy->log_on_full == LOG_FULL_KILL);
}
