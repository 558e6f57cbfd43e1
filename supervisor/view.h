/* SPDX-License-Identifier: Apache-2.0 */
/* What a handler may look at. It may change nothing of it; rooms that cache do so inside. */
#ifndef PROCTOR_SUPERVISOR_VIEW_H
#define PROCTOR_SUPERVISOR_VIEW_H

#include "supervisor/buffers.h"
#include "supervisor/ground.h"
#include "supervisor/ledger.h"
#include "supervisor/limits.h"
#include "supervisor/output.h"
#include "supervisor/own_names.h"
#include "supervisor/resolve.h"
#include "supervisor/shared_memory.h"
#include "supervisor/tasks.h"

struct view {
	const struct ground *ground;
	struct resolver *resolver;
	const struct tasks *tasks;
	const struct output *output;
	const struct watch *watch;
	struct buffers *buffers;
	const struct shared_memory *shared;
	struct own_names *own_names;
	const uint64_t *executed; /* how often each program of the policy has been; NULL: asked for another policy */
	struct ledger *ledger; /* NULL: nothing stored is counted */
};

#endif
