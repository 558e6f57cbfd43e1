/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "base/util.h"
#include "cli/cli.h"
#include "cli/suggest.h"

static const char usage[] =
	"usage: proctor COMMAND ...\n"
	"  run [OPTIONS] [--] PROGRAM [ARG...]  run a Python program under the broker\n"
	"  explain LOG [SEQ]                    why calls were refused, and the fix\n"
	"  summary LOG                          counts, errors and time per system call\n"
	"  report LOG...                        a log as a page to look at, in one file\n"
	"  export --to FORMAT LOG...            a log for other programs: csv, sqlite ...\n"
	"  tail LOG|DIR                         what happens now, in a run or a batch\n"
	"  verify LOG [VERDICT]                 whether a log is what was written\n"
	"  policy check|show|test POLICY        look at a policy, and try it\n"
	"  judge PROBLEM SUBMISSION...          submissions on the cases of a problem\n"
	"  batch -o DIR JOBS.jsonl|-            many runs, and what became of each\n"
	"  learn LOG... | -- PROGRAM [ARG...]   the policy that a run needs\n"
	"  why POLICY WANT OBJECT               is it allowed, and what would allow it\n"
	"  diff LOG LOG                         what the second run did otherwise\n"
	"  pool --listen SOCKET                 interpreters held for run --warm\n"
	"  doctor                               what this host supports and lacks\n"
	"  -h, --help                           this text\n"
	"      --version                        version\n"
	"proctor COMMAND --help tells more; so does proctor(1).\n";

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(int, char **);
	} commands[] = {
		{ "run", cmd_run },	  { "explain", cmd_explain }, { "summary", cmd_summary },
		{ "policy", cmd_policy }, { "doctor", cmd_doctor },   { "batch", cmd_batch },
		{ "judge", cmd_judge },	  { "pool", cmd_pool },
		{ "learn", cmd_learn },	  { "why", cmd_why },	      { "diff", cmd_diff },
		{ "tail", cmd_tail },
		{ "export", cmd_export },	  { "verify", cmd_verify },   { "report", cmd_report },
	};
	const char *names[ARRAY_SIZE(commands) + 1] = { NULL }, *near;
	size_t i;

	if (argc < 2) {
		fputs(usage, stderr);
		return EXIT_USAGE;
	}
	for (i = 0; i < ARRAY_SIZE(commands); i++)
		if (streq(argv[1], commands[i].name))
			return commands[i].run(argc - 1, argv + 1);
	if (streq(argv[1], "--help") || streq(argv[1], "-h") || streq(argv[1], "help")) {
		fputs(usage, stdout);
		return 0;
	}
	if (streq(argv[1], "--version")) {
		puts("proctor " PACKAGE_VERSION);
		return 0;
	}
	for (i = 0; i < ARRAY_SIZE(commands); i++)
		names[i] = commands[i].name;
	near = suggest_name(argv[1], names);
	complain("%s: no such command%s%s%s (proctor --help)", argv[1], near ? "; did you mean " : "", near ? near : "",
		 near ? "?" : "");
	return EXIT_USAGE;
}
