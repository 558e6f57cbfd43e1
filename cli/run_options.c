/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/run_options.h"

#include <getopt.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/util.h"
#include "cli/run_emit.h"
#include "cli/suggest.h"
#include "supervisor/profile.h"
#include "policy/limit_text.h"

static const char usage[] =
	"usage: proctor run [OPTIONS] [--] PROGRAM [ARG...]\n"
	"Runs PROGRAM, a Python script (SCRIPT.py) or an interpreter with its arguments,\n"
	"under the broker.\n"
	"\n"
	"What it may do\n"
	"  -p, --policy FILE|NAME      policy (default builtin:pure)\n"
	"  -r, --read PATH             let it read PATH and all beneath it (repeatable)\n"
	"  -w, --write DIR[:QUOTA]     let it change DIR and all beneath it (repeatable)\n"
	"      --scratch[=SIZE]        let it write to a private directory, where TMPDIR\n"
	"                              and HOME lead, of SIZE (64MiB); gone at the end\n"
	"      --keep-scratch DIR      the same, in DIR, which must not exist; kept\n"
	"      --collect GLOB=DIR      copy files of the scratch that match GLOB to DIR\n"
	"                              (repeatable)\n"
	"      --process fork|no       let it make processes, copies of itself\n"
	"                              (default: the policy's, or no)\n"
	"      --ask[=FILE]            ask at the terminal about what is refused; what is\n"
	"                              allowed always is a policy in FILE at the end\n"
	"      --shadow POLICY         record what this policy would decide\n"
	"                              otherwise; it is not followed\n"
	"      --exec PROGRAM          let it execute this program, with any arguments\n"
	"      --connect ADDRESS       let it connect and send to 127.0.0.1:80, [::1]:80,\n"
	"                              udp:..., unix:/path or unix:@name (repeatable)\n"
	"      --bind ADDRESS          let its sockets have ADDRESS, listen and accept\n"
	"                              there (repeatable)\n"
	"      --python PATH           interpreter for SCRIPT.py (default python3)\n"
	"      --env NAME[=VALUE]      pass or set a variable; no others are (repeatable)\n"
	"      --submission DIR|FILE   what %{submission} is: a directory above SCRIPT\n"
	"                              (default: its own), or SCRIPT alone\n"
	"      --chdir DIR             where it starts; also %{submission}, %{scratch}\n"
	"                              (default: the policy's, or here)\n"
	"      --user NAME             run as NAME, proctor too (needs root)\n"
	"      --mode enforce|audit    audit only marks what would be refused: no sandbox\n"
	"Limits (2s, 500ms, 256MiB; none: no limit; default: the policy's)\n"
	"      --cpu TIME              CPU time of all threads\n"
	"      --wall TIME             elapsed time\n"
	"      --memory SIZE           resident memory\n"
	"      --output SIZE           bytes written to stdout and stderr\n"
	"      --tasks N               threads at one time\n"
	"      --files N               open descriptors at one time\n"
	"What is told\n"
	"  -o, --log FILE|FD           log as JSON Lines; FILE must not exist\n"
	"      --calls denied|brokered|all\n"
	"                              calls in the log (default: policy's, or brokered)\n"
	"      --log-max SIZE|none     size of the log (default: policy's, or 256MiB)\n"
	"      --log-version 1|2       its form: proctor's (default), or ECS's\n"
	"      --verdict FILE|FD       verdict as one JSON document\n"
	"      --sign KEYFILE          sign both with an Ed25519 key in PEM\n"
	"      --live FILE|FD          a line for each distinct refusal as it happens\n"
	"      --stack none|python|native|both\n"
	"                              stack in the records (default python;\n"
	"                              native of PyPy)\n"
	"      --profile[=HZ]          where it computes, by samples of stacks, HZ a\n"
	"                              second (default 100)\n"
	"      --profile-clock cpu|wall\n"
	"                              of what runs (the default), or of what waits too\n"
	"      --stack-for denied|all  which records get it (default denied)\n"
	"      --id ID                 submission's id, for log and verdict\n"
	"      --label K=V             label, for log and verdict (repeatable)\n"
	"      --emit FORMAT=FILE      the verdict as isolate, runguard or go-judge\n"
	"                              write it, or another (repeatable)\n"
	"      --exit child|verdict|judged\n"
	"                              exit status: the program's (default), the\n"
	"                              verdict's, or 0 when judged\n"
	"  -q, --quiet                 no warnings, and no closing lines\n"
	"  -v, --verbose               refusals and the verdict on standard error\n"
	"      --warm SOCKET           start from an interpreter that proctor pool holds\n"
	"      --no-pin                do not keep proctor and the program on one core\n"
	"  -h, --help                  this text\n"
	"      --version               version\n"
	"See proctor-run(1), proctor-policy(5), proctor-log(5), proctor-verdict(5).\n";

enum {
	OPT_CALLS = 256, OPT_LOG_MAX, OPT_VERDICT, OPT_LIVE, OPT_STACK, OPT_STACK_FOR, OPT_CPU, OPT_WALL, OPT_MEMORY,
	OPT_OUTPUT, OPT_TASKS, OPT_FILES, OPT_PYTHON, OPT_ENV, OPT_MODE, OPT_EXIT, OPT_ID, OPT_LABEL, OPT_EMIT, OPT_USER,
	OPT_NO_PIN, OPT_WARM, OPT_SCRATCH, OPT_KEEP_SCRATCH, OPT_COLLECT, OPT_SHADOW, OPT_CONNECT, OPT_EXEC, OPT_BIND, OPT_PROFILE,
	OPT_PROFILE_CLOCK, OPT_LOG_VERSION,
	OPT_SIGN, OPT_PROCESS, OPT_CHDIR, OPT_SUBMISSION, OPT_ASK, OPT_VERSION,
};

static const struct option options[] = {
	{ "policy", required_argument, NULL, 'p' },
	{ "read", required_argument, NULL, 'r' },
	{ "write", required_argument, NULL, 'w' },
	{ "scratch", optional_argument, NULL, OPT_SCRATCH },
	{ "keep-scratch", required_argument, NULL, OPT_KEEP_SCRATCH },
	{ "collect", required_argument, NULL, OPT_COLLECT },
	{ "connect", required_argument, NULL, OPT_CONNECT },
	{ "exec", required_argument, NULL, OPT_EXEC },
	{ "bind", required_argument, NULL, OPT_BIND },
	{ "process", required_argument, NULL, OPT_PROCESS },
	{ "log", required_argument, NULL, 'o' },
	{ "quiet", no_argument, NULL, 'q' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "help", no_argument, NULL, 'h' },
	{ "calls", required_argument, NULL, OPT_CALLS },
	{ "log-max", required_argument, NULL, OPT_LOG_MAX },
	{ "verdict", required_argument, NULL, OPT_VERDICT },
	{ "sign", required_argument, NULL, OPT_SIGN },
	{ "live", required_argument, NULL, OPT_LIVE },
	{ "stack", required_argument, NULL, OPT_STACK },
	{ "stack-for", required_argument, NULL, OPT_STACK_FOR },
	{ "cpu", required_argument, NULL, OPT_CPU },
	{ "wall", required_argument, NULL, OPT_WALL },
	{ "memory", required_argument, NULL, OPT_MEMORY },
	{ "output", required_argument, NULL, OPT_OUTPUT },
	{ "tasks", required_argument, NULL, OPT_TASKS },
	{ "files", required_argument, NULL, OPT_FILES },
	{ "python", required_argument, NULL, OPT_PYTHON },
	{ "env", required_argument, NULL, OPT_ENV },
	{ "mode", required_argument, NULL, OPT_MODE },
	{ "exit", required_argument, NULL, OPT_EXIT },
	{ "id", required_argument, NULL, OPT_ID },
	{ "label", required_argument, NULL, OPT_LABEL },
	{ "emit", required_argument, NULL, OPT_EMIT },
	{ "chdir", required_argument, NULL, OPT_CHDIR },
	{ "submission", required_argument, NULL, OPT_SUBMISSION },
	{ "user", required_argument, NULL, OPT_USER },
	{ "no-pin", no_argument, NULL, OPT_NO_PIN },
	{ "profile", optional_argument, NULL, OPT_PROFILE },
	{ "log-version", required_argument, NULL, OPT_LOG_VERSION },
	{ "profile-clock", required_argument, NULL, OPT_PROFILE_CLOCK },
	{ "ask", optional_argument, NULL, OPT_ASK },
	{ "shadow", required_argument, NULL, OPT_SHADOW },
	{ "warm", required_argument, NULL, OPT_WARM },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ NULL, 0, NULL, 0 },
};

static void add_text(const char ***list, size_t *cap, size_t *n, const char *text)
{
	grow_array(list, cap, *n + 2, sizeof **list);
	(*list)[(*n)++] = text;
	(*list)[*n] = NULL;
}

static int bad_value(const char *option, const char *value, const char *wanted)
{
	complain("run: --%s %s: %s", option, value, wanted);
	return EXIT_USAGE;
}

/* The position of VALUE in NAMES (NULL-terminated), or -1 after having said what is allowed. */
static int choose(const char *option, const char *value, const char *const *names, const char *wanted)
{
	int i;

	for (i = 0; names[i]; i++)
		if (streq(names[i], value))
			return i;
	bad_value(option, value, wanted);
	return -1;
}

static int parse_limit(enum limit limit, const char *value, struct run_command *c)
{
	const char *wrong;

	if (limit_parse(limit, value, limits_at(&c->limits, limit), &wrong) < 0)
		return bad_value(limit_name(limit), value, wrong);
	c->limit_given[limit] = true;
	return 0;
}

static int parse_scratch(const char *value, struct run_command *c)
{
	const char *wrong;

	return scratch_bytes_parse(value, &c->scratch_bytes, &wrong) < 0 ? bad_value("scratch", value, wrong) : 0;
}

static int parse_log_max(const char *value, struct run_command *c)
{
	const char *wrong;

	if (log_max_parse(value, &c->log_max, &wrong) < 0)
		return bad_value("log-max", value, wrong);
	c->log_max_given = true;
	return 0;
}

static int parse_choice(int option, const char *value, struct run_command *c)
{
	static const char *const calls[] = { "denied", "brokered", "all", NULL };
	static const char *const stacks[] = { "none", "python", "native", "both", NULL };
	static const char *const versions[] = { "1", "2", NULL };
	static const char *const clocks[] = { "cpu", "wall", NULL };
	static const char *const stack_for[] = { "denied", "all", NULL };
	static const char *const modes[] = { "enforce", "audit", NULL };
	static const char *const processes[] = { "no", "fork", NULL };
	static const char *const exits[] = { "child", "verdict", "judged", NULL };
	int n;

	switch (option) {
	case OPT_CALLS:
		n = choose("calls", value, calls, "not denied, brokered or all");
		c->calls = (enum log_calls)n;
		c->calls_given = true;
		break;
	case OPT_STACK:
		n = choose("stack", value, stacks, "not none, python, native or both");
		c->stack = (enum stack_kinds)n;
		c->stack_given = true;
		break;
	case OPT_LOG_VERSION:
		n = choose("log-version", value, versions, "not 1 or 2");
		c->log_ecs = n == 1;
		break;
	case OPT_PROFILE_CLOCK:
		n = choose("profile-clock", value, clocks, "not cpu or wall");
		c->profile_wall = n == 1;
		c->profile_hz = c->profile_hz ? c->profile_hz : PROFILE_HZ;
		break;
	case OPT_STACK_FOR:
		n = choose("stack-for", value, stack_for, "not denied or all");
		c->stack_for_all = n == 1;
		break;
	case OPT_MODE:
		n = choose("mode", value, modes, "not enforce or audit");
		c->audit = n == 1;
		break;
	case OPT_PROCESS:
		n = choose("process", value, processes, "not fork or no");
		c->process = (enum policy_process)n;
		c->process_given = true;
		break;
	default:
		n = choose("exit", value, exits, "not child, verdict or judged");
		c->exit_mode = (enum exit_mode)n;
	}
	return n < 0 ? EXIT_USAGE : 0;
}

static bool is_utf8(const char *s, size_t n)
{
	size_t i = 0, len;

	for (; i < n; i += len) {
		len = utf8_length((const unsigned char *)s + i, n - i);
		if (len == 0)
			return false;
	}
	return true;
}

static int parse_label(const char *value, struct run_command *c)
{
	size_t len = strlen(value), key = strcspn(value, "="), i;

	if (key == len || key == 0)
		return bad_value("label", value, "not K=V");
	if (!is_utf8(value, len))
		return bad_value("label", value, "not UTF-8");
	/* A name may occur only once in a JSON object (RFC 8259 section 4): the last one counts. */
	for (i = 0; i < c->n_labels; i++) {
		if (strncmp(c->labels[i], value, key + 1) == 0) {
			c->labels[i] = value;
			return 0;
		}
	}
	add_text(&c->labels, &c->cap_labels, &c->n_labels, value);
	return 0;
}

static int parse_collect(const char *value, struct run_command *c)
{
	const char *equals = strrchr(value, '=');

	if (!equals || equals == value || !equals[1])
		return bad_value("collect", value, "not GLOB=DIR");
	if (*value == '/')
		return bad_value("collect", value, "GLOB begins at the root of the scratch, without a slash");
	add_text(&c->collect, &c->cap_collect, &c->n_collect, value);
	return 0;
}

static int parse_profile(const char *value, struct run_command *c)
{
	char *end;
	unsigned long hz = value ? strtoul(value, &end, 10) : PROFILE_HZ;

	if (value && (*value < '0' || *value > '9' || *end || hz < 1 || hz > PROFILE_MAX_HZ))
		return bad_value("profile", value, "not a number of samples a second from 1 to 1000");
	c->profile_hz = (unsigned)hz;
	return 0;
}

static int parse_env(const char *value, struct run_command *c)
{
	if (*value == '=' || *value == '\0')
		return bad_value("env", value, "not NAME or NAME=VALUE");
	add_text(&c->env, &c->cap_env, &c->n_env, value);
	return 0;
}

static int parse_option(int option, char *value, struct run_command *c)
{
	switch (option) {
	case 'p':
		c->policy = value;
		return 0;
	case 'r':
		add_text(&c->read, &c->cap_read, &c->n_read, value);
		return 0;
	case 'w':
		add_text(&c->write, &c->cap_write, &c->n_write, value);
		return 0;
	case OPT_CONNECT:
		add_text(&c->connect, &c->cap_connect, &c->n_connect, value);
		return 0;
	case OPT_EXEC:
		add_text(&c->exec, &c->cap_exec, &c->n_exec, value);
		return 0;
	case OPT_BIND:
		add_text(&c->bind, &c->cap_bind, &c->n_bind, value);
		return 0;
	case OPT_SCRATCH:
		c->scratch = c->scratch ? c->scratch : "--scratch";
		return value ? parse_scratch(value, c) : 0;
	case OPT_KEEP_SCRATCH:
		c->scratch = "--keep-scratch";
		c->keep_scratch = value;
		return 0;
	case OPT_COLLECT:
		return parse_collect(value, c);
	case 'o':
		c->log = value;
		return 0;
	case 'q':
		c->quiet = true;
		return 0;
	case 'v':
		c->verbose = true;
		return 0;
	case 'h':
		fputs(usage, stdout);
		c->done = true;
		return 0;
	case OPT_VERSION:
		puts("proctor " PACKAGE_VERSION);
		c->done = true;
		return 0;
	case OPT_LOG_MAX:
		return parse_log_max(value, c);
	case OPT_VERDICT:
		c->verdict = value;
		return 0;
	case OPT_SIGN:
		c->sign = value;
		return 0;
	case OPT_LIVE:
		c->live = value;
		return 0;
	case OPT_CPU:
		return parse_limit(LIMIT_CPU, value, c);
	case OPT_WALL:
		return parse_limit(LIMIT_WALL, value, c);
	case OPT_MEMORY:
		return parse_limit(LIMIT_MEMORY, value, c);
	case OPT_OUTPUT:
		return parse_limit(LIMIT_OUTPUT, value, c);
	case OPT_TASKS:
		return parse_limit(LIMIT_TASKS, value, c);
	case OPT_FILES:
		return parse_limit(LIMIT_FILES, value, c);
	case OPT_PYTHON:
		c->python = value;
		return 0;
	case OPT_ENV:
		return parse_env(value, c);
	case OPT_ID:
		c->id = value;
		return 0;
	case OPT_LABEL:
		return parse_label(value, c);
	case OPT_EMIT:
		if (!run_emit_is_good(value))
			return bad_value("emit", value, "not isolate, runguard, go-judge or another format (proctor-run(1)), \"=\" and a file");
		add_text(&c->emit, &c->cap_emit, &c->n_emit, value);
		return 0;
	case OPT_SUBMISSION:
		c->submission = value;
		return 0;
	case OPT_CHDIR:
		c->directory = value;
		return 0;
	case OPT_USER:
		c->user = value;
		return 0;
	case OPT_PROFILE:
		return parse_profile(value, c);
	case OPT_ASK:
		c->ask = true;
		c->ask_file = value;
		return 0;
	case OPT_SHADOW:
		c->shadow = value;
		return 0;
	case OPT_WARM:
		c->warm = value;
		return 0;
	case OPT_NO_PIN:
		c->no_pin = true;
		return 0;
	default:
		return parse_choice(option, value, c);
	}
}

/* After a mistake, which was told, only the verdict's name still matters: the old file must be removed. */
static void parse_rest(int option, const char *value, struct run_command *c)
{
	if (option == OPT_VERDICT)
		c->verdict = value;
}

int run_command_parse(int argc, char **argv, struct run_command *ret_command)
{
	struct run_command *c = ret_command;
	int option, r = 0;

	*c = (struct run_command){ .stack = STACK_PYTHON, .calls = LOG_BROKERED, .policy = "builtin:pure" };
	limits_init(&c->limits);
	opterr = 0;
	/* '+': options after the program are the program's. */
	while ((option = getopt_long(argc, argv, "+:p:r:w:o:qvh", options, NULL)) >= 0) {
		if (r)
			parse_rest(option, optarg, c);
		else
			r = option == '?' || option == ':' ? suggest_bad_option("run", option, argv, options) : parse_option(option, optarg, c);
		if (c->done)
			return 0;
	}
	if (r)
		return r;
	c->words = argv + optind;
	if (c->profile_hz && c->stack_given && !(c->stack & STACK_PYTHON)) {
		complain("run: --profile reads Python stacks, which --stack leaves out");
		return EXIT_USAGE;
	}
	if (c->ask && c->audit) {
		complain("run: --ask: in audit mode nothing is refused that could be asked about");
		return EXIT_USAGE;
	}
	if (!*c->words) {
		complain("run: no program given (proctor run --help)");
		return EXIT_USAGE;
	}
	return 0;
}

void run_command_fini(struct run_command *command)
{
	free(command->read);
	free(command->write);
	free(command->collect);
	free(command->connect);
	free(command->exec);
	free(command->bind);
	free(command->env);
	free(command->labels);
	free(command->emit);
}
