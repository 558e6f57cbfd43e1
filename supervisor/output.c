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

enum output_answer output_ask(const struct output *output, uint64_t len, uint64_t *ret_promised)
{
	uint64_t most = left(output);

	*ret_promised = MIN(len, most);
	if (len > 0 && most == 0)
		return output->promised > 0 ? OUTPUT_WAIT : OUTPUT_FULL;
	return OUTPUT_GO;
}

bool output_may_write_elsewhere(const struct output *output)
{
	return !output->under_way[OUTPUT_ALIAS] && !output->under_way[OUTPUT_ALIAS_WAITING];
}

bool output_may_alias(const struct output *output)
{
	return !output->under_way[OUTPUT_ELSEWHERE];
}

void output_begin(struct output *output, enum output_part part, uint64_t promised)
{
	output->promised += promised;
	output->under_way[part]++;
}

void output_settle(struct output *output, enum output_part part, uint64_t promised)
{
	output->promised -= promised;
	output->under_way[part]--;
}

bool output_wrote(struct output *output, uint64_t n, uint64_t promised, bool less)
{
	output->written += n;
	return output->written > output->limit || (less && n == promised);
}
