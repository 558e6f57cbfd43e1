/* SPDX-License-Identifier: Apache-2.0 */
/* proctor policy list: the policies that come with proctor. */
#include "cli/policy_target.h"

#include "base/text.h"
#include "cli/cli.h"
#include "policy/shipped.h"

enum { NAME_WIDTH = 20 };

/* Appends the name of POLICY and the first line of its comment, which says what it is for. */
static void put_policy(const struct shipped_policy *policy, struct buf *out)
{
	const char *comment = after_prefix(policy->text, "# ");

	buf_printf(out, "%-*s", NAME_WIDTH, policy->file);
	if (comment)
		buf_put(out, comment, strcspn(comment, "\n"));
	buf_putc(out, '\n');
}

int policy_list(int argc, char **argv)
{
	static const struct shipped_policy builtin[] = {
		{ "builtin:pure", "# reads the script's directory, computes, and writes to standard output (the default)\n" },
		{ "builtin:python", "# what the interpreter needs to start, and nothing else\n" },
	};
	_cleanup_buf_ struct buf out = { 0 };
	const struct shipped_policy *shipped;
	size_t i;

	if (argc == 2 && (streq(argv[1], "--help") || streq(argv[1], "-h")))
		return cli_usage(policy_usage, true);
	if (argc > 1)
		return policy_bad_usage("list: %s: nothing more is expected", argv[1]);
	for (i = 0; i < ARRAY_SIZE(builtin); i++)
		put_policy(&builtin[i], &out);
	for (shipped = shipped_texts; shipped->file; shipped++)
		put_policy(shipped, &out);
	return policy_print(&out);
}
