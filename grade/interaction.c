/* SPDX-License-Identifier: Apache-2.0 */
#include "grade/interaction.h"

#include <sys/wait.h>

#include "base/names.h"

enum final interaction_decide(const struct interaction *interaction, enum final program, struct buf *reason)
{
	int status = interaction->interactor.status;
	bool rejected = WIFEXITED(status) && WEXITSTATUS(status) == VALIDATOR_REJECTS;
	bool first = interaction->first == RELAY_INTERACTOR;

	/* A program that we killed after the rejection has no end of its own, and is not to blame for that. */
	if (program == FINAL_JE && !(interaction->stopped && rejected && first))
		return FINAL_JE;
	if (interaction->late)
		buf_lit(reason, "the interactor did not come to an end");
	else if (!WIFEXITED(status))
		buf_printf(reason, "the interactor was ended by %s", signal_name(WTERMSIG(status)));
	else if (!rejected && WEXITSTATUS(status) != VALIDATOR_ACCEPTS)
		buf_printf(reason, "the interactor ended with status %d", WEXITSTATUS(status));
	else if (rejected && first)
		return FINAL_WA;
	else if (program != FINAL_OK)
		return program;
	else
		return rejected ? FINAL_WA : FINAL_AC;
	return FINAL_JE;
}

static json_t *side_json(const struct relay_told *told)
{
	return json_pack("{s:I,s:I,s:b,s:b}", "wrote_bytes", (json_int_t)told->bytes, "unread_bytes",
			 (json_int_t)told->unread, "closed_input", told->closed_input, "closed_output",
			 told->closed_output);
}

json_t *interaction_json(const struct interaction *interaction)
{
	bool first = interaction->first == RELAY_INTERACTOR;

	return json_pack("{s:s,s:I,s:b,s:b,s:o,s:o}", "first", first ? "interactor" : "program", "wall_ns",
			 (json_int_t)interaction->wall_ns, "stopped", interaction->stopped, "transcript_complete",
			 !interaction->cut, "program", side_json(&interaction->told[RELAY_PROGRAM]), "interactor",
			 side_json(&interaction->told[RELAY_INTERACTOR]));
}
