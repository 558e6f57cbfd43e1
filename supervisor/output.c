/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/output.h"

#include <stdlib.h>

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
	/* Cut short only when it is certain that no more is left: the others may write less than they were promised. */
	if (len > most && output->promised > 0)
		return OUTPUT_WAIT;
	return len > 0 && most == 0 ? OUTPUT_FULL : OUTPUT_GO;
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

/* ------------------------------------------------------------------ lent */

/* All that the threads of PID have written, to whatever; false: the kernel does not tell. */
static bool kernel_count(pid_t pid, uint64_t *ret)
{
	static const char key[] = "wchar: ";
	char text[512];
	const char *at = read_proc(pid, "io", text, sizeof text) ? strstr(text, key) : NULL;

	if (!at)
		return false;
	*ret = strtoull(at + strlen(key), NULL, 10);
	return true;
}

bool output_is_tight(const struct output *output, uint64_t len)
{
	return output->lent && left(output) < len;
}

bool output_lend(struct output *output, pid_t pid, uint64_t len)
{
	if (!len || left(output) < len || (output->lent && output->lender != pid))
		return false;
	if (!output->lent && !kernel_count(pid, &output->before_lent))
		return false;
	output->lender = pid;
	output->lent += len;
	output->promised += len;
	return true;
}

static uint64_t written_of_lent(const struct output *output)
{
	uint64_t now;

	if (!output->lent || !kernel_count(output->lender, &now))
		return output->lent;
	return MIN(now - output->before_lent, output->lent);
}

void output_take_back(struct output *output)
{
	if (!output->lent)
		return;
	output->written += written_of_lent(output);
	output->promised -= output->lent;
	output->lent = 0;
}

uint64_t output_so_far(const struct output *output)
{
	return output->written + written_of_lent(output);
}
