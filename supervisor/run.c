/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/run.h"

struct view run_view(struct run *run)
{
	return (struct view){
		.ground = &run->ground,
		.resolver = run->resolver,
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
