/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/output.h"

#include "base/util.h"

void output_init(struct output *output, uint64_t limit)
{
	*output = (struct output){ .counted = limit != UINT64_MAX, .limit = limit };
}

static uint64_t left(const struct output *output)
{
	uint64_t taken = output->written + output->promised;

	return output->limit > taken ? output->limit - taken : 0;
}

enum output_answer output_ask(struct output *output, uint64_t len, uint64_t *ret_promised)
{
	uint64_t most = left(output);

	*ret_promised = 0;
	if (len > 0 && most == 0)
		return output->promised > 0 ? OUTPUT_WAIT : OUTPUT_FULL;
	*ret_promised = MIN(len, most);
	output->promised += *ret_promised;
	output->under_way[OUTPUT_STDOUT]++;
	return OUTPUT_GO;
}

bool output_may_write_elsewhere(struct output *output)
{
	if (output->under_way[OUTPUT_ALIAS] || output->under_way[OUTPUT_ALIAS_WAITING])
		return false;
	output->under_way[OUTPUT_ELSEWHERE]++;
	return true;
}

bool output_may_alias(struct output *output)
{
	if (output->under_way[OUTPUT_ELSEWHERE])
		return false;
	output->under_way[OUTPUT_ALIAS]++;
	return true;
}

void output_alias_waits(struct output *output)
{
	output->under_way[OUTPUT_ALIAS_WAITING]++;
}

void output_settle(struct output *output, enum output_part part, uint64_t promised)
{
	if (part == OUTPUT_NONE)
		return;
	output->promised -= promised;
	output->under_way[part]--;
}

bool output_wrote(struct output *output, uint64_t n, uint64_t promised, bool less)
{
	output->written += n;
	return output->written > output->limit || (less && n == promised);
}
