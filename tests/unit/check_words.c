/* SPDX-License-Identifier: Apache-2.0 */
#include "words/words.h"

#include <check.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "tests/unit/golden.h"
#include "tests/unit/suite.h"
#include "tracee/syscalls.h"
#include "words/meant.h"
#include "words/random_name.h"
#include "words/topics.h"

/* A refused read of /etc/passwd by a program in /box. */
static struct refusal refused_read(void)
{
	return (struct refusal){
		.syscall = "openat",
		.topic = TOPIC_OPEN,
		.conditional = true,
		.args = "AT_FDCWD, \"data/../../etc/passwd\", O_RDONLY|O_CLOEXEC",
		.path = "/etc/passwd",
		.action = ACTION_DENY,
		.err = "EACCES",
		.arch = "x86_64",
		.rule = RULE_ON_DENY,
		.rule_ref = "pure.yaml:5:1",
		.file = "/box/solve.py",
		.line = 12,
		.function = "load",
		.submission = "/box",
	};
}

/* R is about SYSCALL, as the table has it. */
static void set_syscall(struct refusal *r, const char *syscall)
{
	int nr = syscall_number(syscall);
	const struct syscall_row *row = nr < 0 ? NULL : syscall_row((uint64_t)nr);

	r->syscall = syscall;
	r->topic = row ? (enum topic)row->topic : TOPIC_NONE;
	r->conditional = row && syscall_is_conditional(row);
}

static struct refusal refused_syscall(const char *syscall, const char *args)
{
	struct refusal r = refused_read();

	set_syscall(&r, syscall);
	r.args = args;
	r.path = NULL;
	r.rule = RULE_SYSCALL;
	r.rule_ref = "builtin:syscalls";
	return r;
}

typedef void words_fn(struct buf *, const struct refusal *);

static void expect(words_fn *fn, const struct refusal *r, const char *expected)
{
	_cleanup_buf_ struct buf text = { 0 };

	fn(&text, r);
	ck_assert_str_eq(text.data, expected);
}

static void expect_fix(const struct refusal *r, const char *advice, const char *policy,
		       const char *note)
{
	_cleanup_(fix_fini) struct fix fix;

	words_fix(r, false, &fix);
	ck_assert_str_eq(fix.advice.len ? fix.advice.data : "", advice);
	ck_assert_str_eq(fix.policy.len ? fix.policy.data : "", policy);
	ck_assert_str_eq(fix.note.len ? fix.note.data : "", note);
}

START_TEST(test_the_call_leaves_out_what_tells_nothing)
{
	struct refusal r = refused_read();

	expect(words_call, &r, "openat(\"data/../../etc/passwd\", O_RDONLY) = EACCES");
	r.args = "AT_FDCWD, \"a|O_CLOEXEC\", O_RDONLY|O_CLOEXEC|O_PATH";
	expect(words_call, &r, "openat(\"a|O_CLOEXEC\", O_RDONLY|O_PATH) = EACCES");
	r.args = "3, \"\\\"AT_FDCWD, \", O_CLOEXEC";
	r.action = ACTION_KILL;
	expect(words_call, &r, "openat(3, \"\\\"AT_FDCWD, \", O_CLOEXEC) = ?");
}
END_TEST

START_TEST(test_staff_see_the_rule)
{
	struct refusal r = refused_read();

	expect(words_staff, &r, "nothing grants reading it; on_deny pure.yaml:5:1");
	r.rule = RULE_HIDE;
	expect(words_staff, &r, "hidden by hide pure.yaml:5:1");
	r.rule = RULE_NEVER;
	expect(words_staff, &r, "refused by never pure.yaml:5:1");
	r.rule = RULE_READ;
	r.args = "AT_FDCWD, \"x\", O_RDWR";
	expect(words_staff, &r, "granted for reading only; read pure.yaml:5:1");
	r = refused_syscall("bpf", "");
	expect(words_staff, &r, "bpf is not for sandboxed programs; builtin:syscalls");
	r.rule = RULE_ARCH;
	r.arch = "i386";
	r.rule_ref = NULL;
	expect(words_staff, &r, "foreign architecture i386");
}
END_TEST

START_TEST(test_staff_see_how_far_over_a_limit)
{
	struct refusal r = {
		.rule = RULE_LIMIT,
		.rule_ref = "p:1:2",
		.limit = LIMIT_CPU,
		.limit_value = 2000000000,
		.limit_used = 2000000001,
	};

	expect(words_staff, &r, "limit cpu 2s crossed at 2.001s; p:1:2");
	r.limit_used = 0;
	expect(words_staff, &r, "limit cpu 2s reached; p:1:2");
}
END_TEST

START_TEST(test_students_see_no_path_outside_the_submission)
{
	struct refusal r = refused_read();

	expect(words_student, &r, "Opening that file is not allowed (solve.py:12).");
	r.path = "/box/data/in.txt";
	expect(words_student, &r, "Opening \"data/in.txt\" is not allowed (solve.py:12).");
	r.path = "/boxes/x";
	r.file = "/usr/lib/python3.11/os.py";
	expect(words_student, &r, "Opening that file is not allowed.");
	r.file = "../../etc/x.py";
	expect(words_student, &r, "Opening that file is not allowed.");
	r.file = "/box/../etc/x.py";
	expect(words_student, &r, "Opening that file is not allowed.");
	r.file = "<string>";
	r.line = 0;
	expect(words_student, &r, "Opening that file is not allowed (<string>).");
}
END_TEST

START_TEST(test_students_see_what_the_call_is_about)
{
	static const struct {
		const char *syscall, *args, *expected;
	} cases[] = {
		{ "socket", "AF_INET",
		  "Using sockets or the network is not allowed (solve.py:12)." },
		{ "fork", "",
		  "Starting other programs or processes is not allowed (solve.py:12)." },
		{ "kill", "1, SIGKILL",
		  "Sending signals to other processes is not allowed (solve.py:12)." },
		{ "ptrace", "", "Looking into or controlling other processes is not allowed (solve.py:12)." },
		{ "bpf", "", "Changing or observing the system is not allowed (solve.py:12)." },
		{ "setuid", "0", "Becoming another user or group is not allowed (solve.py:12)." },
		{ "clock_gettime", "0xfffffff6, 0x7ffc",
		  "Using the clock of another process or of a device is not allowed (solve.py:12)." },
		{ "getsid", "1", "Asking about other processes is not allowed (solve.py:12)." },
		{ "sched_setaffinity", "0, 8, [1]",
		  "Choosing the processors that a program runs on is not allowed (solve.py:12)." },
		{ "ioctl", "0, TCSETS",
		  "Changing a terminal or controlling a device is not allowed (solve.py:12)." },
		{ "fcntl", "3, F_SETLK",
		  "Locking an open file or changing how it behaves is not allowed (solve.py:12)." },
		{ "flock", "3, LOCK_SH", "Locking files is not allowed (solve.py:12)." },
		{ "setsid", "",
		  "Leaving the program's process group or session is not allowed (solve.py:12)." },
		{ "setpriority", "",
		  "Changing priorities or how processes are scheduled is not allowed (solve.py:12)." },
		{ "getxattrat", "", "Looking at that file is not allowed (solve.py:12)." },
		{ "listxattrat", "", "Looking at that file is not allowed (solve.py:12)." },
		{ "setxattrat", "",
		  "Creating, changing or removing files is not allowed (solve.py:12)." },
		{ "removexattrat", "",
		  "Creating, changing or removing files is not allowed (solve.py:12)." },
		{ "syscall_500", "", "The system call syscall_500 is not allowed (solve.py:12)." },
		{ "mkdir", "\"d\"",
		  "Creating, changing or removing files is not allowed (solve.py:12)." },
		{ "openat", "\"d\", O_WRONLY", "Writing to files is not allowed (solve.py:12)." },
		{ "openat", "\"d\", O_DIRECTORY",
		  "Listing that directory is not allowed (solve.py:12)." },
		{ "stat", "\"O_WRONLY\"", "Looking at that file is not allowed (solve.py:12)." },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct refusal r = refused_syscall(cases[i].syscall, cases[i].args);

		expect(words_student, &r, cases[i].expected);
	}
}
END_TEST

/* NULL: nothing of it was made up. */
static void expect_pattern(const char *path, bool temporary, const char *pattern)
{
	_cleanup_buf_ struct buf text = { 0 };

	buf_lit(&text, ">");
	ck_assert_msg(random_name(path, temporary, &text) == (pattern != NULL), "%s: %s", path, text.data);
	ck_assert_str_eq(text.data + 1, pattern ? pattern : "");
}

START_TEST(test_names_that_are_made_up_are_patterns)
{
	expect_pattern("/tmp/tmpab12cd_3", false, "/tmp/tmp*");
	expect_pattern("/tmp/tmpab12cd_3.csv", false, "/tmp/tmp*.csv");
	expect_pattern("/tmp/tmpab12cd_3/part.csv", false, "/tmp/tmp*/part.csv");
	expect_pattern("/tmp/tmpab12cd_34", false, NULL);
	expect_pattern("/dev/shm/sem.mp-ab12cd_3", false, "/dev/shm/sem.mp-*");
	expect_pattern("/tmp/ab12cd_3", false, NULL);
	expect_pattern("/tmp/ab12cd_3", true, "/tmp/*");
	expect_pattern("/tmp/job_ab12cd_3.tar.gz", true, "/tmp/job_*.tar.gz");
	expect_pattern("/srv/students/ab", true, NULL);
	expect_pattern("/v/014de7df-b364-4825-8646-5a06ebe8d0b7.json", false, "/v/*.json");
	expect_pattern("/v/a-014DE7DF-B364-4825-8646-5A06EBE8D0B7/b", false, "/v/a-*/b");
	expect_pattern("/v/014de7df-b364-4825-8646-5a06ebe8d0b", false, NULL);
	expect_pattern("/v/d41d8cd98f00b204e9800998ecf8427e", false, "/v/*");
	expect_pattern("/v/20260131120000000000", false, NULL);
	expect_pattern("/v/deadbeefdeadbeef", false, NULL);
	expect_pattern("/v/xd41d8cd98f00b204e9800998ecf8427e", false, NULL);
	expect_pattern("", true, NULL);
	expect_pattern("//", true, NULL);
	expect_pattern("tmp\xff\xfe", false, NULL);
}
END_TEST

START_TEST(test_a_path_cannot_pass_itself_off_as_a_flag)
{
	struct refusal r = refused_read();

	r.args = "AT_FDCWD, \"\\\", O_WRONLY, \", O_RDONLY";
	ck_assert_uint_eq(refusal_want(&r), WANT_READ);
	r.args = "AT_FDCWD, \"x\", O_RDONLY|O_TRUNC";
	ck_assert_uint_eq(refusal_want(&r), WANT_WRITE);
	r.args = "AT_FDCWD, \"unterminated O_WRONLY";
	ck_assert_uint_eq(refusal_want(&r), WANT_READ);
}
END_TEST

#define UNKNOWN "exact if it is a file"

START_TEST(test_the_fix_is_the_exact_path)
{
	struct refusal r = refused_read();

	expect_fix(&r, "", "read: \"/etc/passwd\"", UNKNOWN);
	r.args = "AT_FDCWD, \"/srv\", O_RDONLY|O_DIRECTORY";
	r.path = "/srv";
	expect_fix(&r, "", "read: \"/srv/\"", "exact: the names in it, nothing beneath");
	r.path = "/";
	expect_fix(&r, "", "", "no policy line: granting it would grant the whole file system");
	r.path = "/x/\xff";
	expect_fix(&r, "", "", "no policy line: a policy cannot name this path exactly");
}
END_TEST

START_TEST(test_an_import_gets_the_modules_and_not_the_names_alone)
{
	struct refusal r = refused_read();

	set_syscall(&r, "newfstatat");
	r.args = "AT_FDCWD, \"../shared\", 0x7ffc, 0";
	r.path = "/srv/shared";
	r.importing = true;
	expect_fix(&r, "", "read: \"/srv/shared/**\"",
		   "all that is beneath it: which modules the import needs is not known");
	r.path = "/srv/a*b";
	expect_fix(&r, "", "read: \"/srv/a%*b/**\"",
		   "all that is beneath it: which modules the import needs is not known");
	r.path = "/srv/lib.zip";
	expect_fix(&r, "", "read: \"/srv/lib.zip\"", UNKNOWN "; writing stays refused");
	/* A whole tree of the root is not given away for an import. */
	r.path = "/etc";
	expect_fix(&r, "", "read: \"/etc\"", UNKNOWN "; writing stays refused");
}
END_TEST

static void expect_option(const struct refusal *r, const char *option, const char *note)
{
	_cleanup_(fix_fini) struct fix fix;

	words_fix(r, false, &fix);
	ck_assert_str_eq(fix.option.len ? fix.option.data : "", option);
	ck_assert_str_eq(fix.note.data, note);
}

START_TEST(test_without_a_policy_file_the_fix_is_an_option)
{
	struct refusal r = refused_read(), limit = { .rule = RULE_LIMIT, .limit = LIMIT_CPU, .limit_value = 2000000000,
						     .options_only = true };
	_cleanup_(fix_fini) struct fix fix;

	expect_option(&r, "", UNKNOWN);
	r.options_only = true;
	expect_option(&r, "-r /etc/passwd", UNKNOWN);
	r.path = "/srv/it's a; $(file)";
	expect_option(&r, "-r '/srv/it'\\''s a; $(file)'", UNKNOWN);
	/* What run would take for a pattern, or nobody could type. */
	r.path = "/srv/a*";
	expect_option(&r, "", UNKNOWN);
	r.path = "/srv/\xe2\x80\xae";
	expect_option(&r, "", UNKNOWN);
	r.path = "/srv/\xc2\x9b";
	expect_option(&r, "", UNKNOWN);
	r.path = "/srv/back\\slash";
	expect_option(&r, "", UNKNOWN);
	r.path = "/srv/\x1b[31m";
	expect_option(&r, "", "no policy line: a policy cannot name this path exactly");
	r.path = "/srv";
	r.args = "AT_FDCWD, \"/srv\", O_RDONLY|O_DIRECTORY";
	expect_option(&r, "-r /srv", "all that is beneath it; in a policy the names alone: read: \"/srv/\"");
	/* The option has no arguments: what it grants is told, and the line that grants these alone. */
	set_syscall(&r, "execve");
	r.path = "/usr/bin/git";
	r.args = "\"/usr/bin/git\", [\"/usr/bin/git\", \"status\"], 0x7f";
	expect_option(&r, "--exec /usr/bin/git", "with any arguments; in a policy with these alone: exec: {path: \"/usr/bin/git\", "
		      "argv: [\"status\"]}; under these rules and limits, as all that it starts");
	r.args = "\"/usr/bin/git\", [\"git\"], 0x7f";
	r.through = "/usr/lib/python3.11/subprocess.py";
	expect_option(&r, "--exec /usr/bin/git", "with any arguments; in a policy with these alone: exec: {path: \"/usr/bin/git\", "
		      "argv: []}; under these rules and limits, as all that it starts; it was looked for along PATH: name the file "
		      "that is there");
	words_fix(&limit, false, &fix);
	ck_assert_str_eq(fix.policy.data, "--cpu 4s");
}
END_TEST

/* An address is not known when a socket is made; its kind is. */
START_TEST(test_the_fix_of_a_socket_is_of_its_kind)
{
	static const char *const kinds[][2] = {
		{ "AF_INET, SOCK_STREAM|SOCK_CLOEXEC, 0", "HOST:PORT" },
		{ "AF_INET6, SOCK_DGRAM|SOCK_CLOEXEC, 0", "udp:HOST:PORT" },
		{ "AF_UNIX, SOCK_DGRAM, 0", "unix:/PATH" },
	};
	struct refusal r = { .rule = RULE_SYSCALL, .syscall = "socket", .topic = TOPIC_SOCKET, .options_only = true };
	_cleanup_(fix_fini) struct fix fix;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		_cleanup_free_ char *note = xasprintf("no policy line yet: the address is not known before connect or bind; net: "
						      "{connect: [\"%s\"]} grants one", kinds[i][1]);

		r.args = kinds[i][0];
		expect_option(&r, "", note);
	}
	r.through = "/usr/lib/python3.11/multiprocessing/managers.py";
	words_fix(&r, false, &fix);
	ck_assert_str_eq(fix.option.data, "--scratch");
	fix_fini(&fix);
	r.scratch = true;
	words_fix(&r, false, &fix);
	ck_assert_uint_eq(fix.option.len, 0);
}
END_TEST

START_TEST(test_what_no_policy_can_grant_is_told_alike_by_rule_and_fix)
{
	struct refusal r = refused_read();

	r.rule = RULE_NEVER;
	r.rule_ref = "builtin:never";
	r.path = "/dev/tty";
	expect(words_staff, &r, "of /dev only null, zero, full, random, urandom and shm can be granted; builtin:never");
	expect_fix(&r, "read from standard input, or a file that came with the program", "",
		   "no policy line: of /dev only null, zero, full, random, urandom and shm can be granted");
	r.path = "/proc/cpuinfo";
	expect(words_staff, &r, "granted only by its exact name; builtin:never");
}
END_TEST

START_TEST(test_an_event_says_call_path_line_and_rule)
{
	struct refusal r = refused_read();

	expect(words_event, &r,
	       "openat of /etc/passwd at solve.py:12 in load(): nothing grants reading it; on_deny pure.yaml:5:1");
	r = refused_syscall("socket", "AF_INET, SOCK_STREAM|SOCK_CLOEXEC");
	expect(words_event, &r,
	       "socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC) at solve.py:12 in load(): socket is for sandboxed "
	       "programs only where the policy grants an address of its kind; builtin:syscalls");
}
END_TEST

/* Entries that cost the most to compare are not compared to the end: nothing is offered then. */
START_TEST(test_slow_entries_of_never_withhold_the_fix)
{
	enum { ENTRIES = 4096 };
	static const char *never[ENTRIES];
	char pattern[160], path[NAME_MAX + 3];
	struct refusal r = refused_read();
	_cleanup_(fix_fini) struct fix fix, one, longer;

	snprintf(pattern, sizeof pattern, "/*%0140db", 0);
	memset(path, '0', sizeof path);
	path[0] = '/';
	path[NAME_MAX + 1] = '\0';
	for (size_t i = 0; i < ENTRIES; i++)
		never[i] = pattern;
	r.path = path;
	r.never = never;
	r.n_never = 1;
	words_fix(&r, false, &one);
	ck_assert_uint_gt(one.policy.len, 0);
	r.n_never = ENTRIES;
	words_fix(&r, false, &fix);
	ck_assert_uint_eq(fix.policy.len, 0);
	/* No file has such a name. */
	path[NAME_MAX + 1] = '0';
	path[NAME_MAX + 2] = '\0';
	r.n_never = 1;
	words_fix(&r, false, &longer);
	ck_assert_uint_eq(longer.policy.len, 0);
}
END_TEST

START_TEST(test_the_fix_never_offers_what_never_forbids)
{
	static const char *const never[] = { "bpf", "/etc/shadow", "/srv/*/keys", "/var/**" };
	static const char *const forbidden[] = { "/etc/shadow", "/srv/a/keys", "/srv/a/keys/b",
						 "/var/x/y" };
	struct refusal r = refused_read();

	r.never = never;
	r.n_never = ARRAY_SIZE(never);
	for (size_t i = 0; i < ARRAY_SIZE(forbidden); i++) {
		_cleanup_(fix_fini) struct fix fix;

		r.path = forbidden[i];
		words_fix(&r, false, &fix);
		ck_assert_uint_eq(fix.policy.len, 0);
		ck_assert_ptr_nonnull(strstr(fix.note.data, "`never` forbids it"));
	}
	r.path = "/srv/a/b/keys";
	expect_fix(&r, "", "read: \"/srv/a/b/keys\"", UNKNOWN);
	r.path = "/etc/shadow-";
	expect_fix(&r, "", "read: \"/etc/shadow-\"", UNKNOWN);
}
END_TEST

START_TEST(test_a_call_that_never_names_is_told_as_the_call)
{
	static const char *const never[] = { "getdents64", "/etc/shadow" };
	struct refusal r = refused_syscall("getdents64", "3, 0x7f00, 32768");

	r.rule = RULE_NEVER;
	r.rule_ref = "pure.yaml:9:5";
	r.never = never;
	r.n_never = ARRAY_SIZE(never);
	expect(words_student, &r, "The system call getdents64 is not allowed (solve.py:12).");
	expect(words_staff, &r, "refused by never pure.yaml:9:5");
	expect_fix(&r, "leave this call out: the policy forbids it", "",
		   "no policy line: `never` forbids it at pure.yaml:9:5");
	set_syscall(&r, "stat");
	r.path = "/etc/shadow";
	expect(words_student, &r, "Looking at that file is not allowed (solve.py:12).");
}
END_TEST

START_TEST(test_the_fix_for_writing_names_a_directory_or_the_scratch)
{
	static const char advice[] = "print the result to standard output, or keep it in memory (io.StringIO, io.BytesIO)";
	struct refusal r = refused_read();

	r.args = "AT_FDCWD, \"out\", O_WRONLY|O_CREAT";
	r.path = "/srv/box/out";
	expect_fix(&r, advice, "write: \"/srv/box\"", "all that is beneath it, to be read and changed");
	r.path = "/tmp/out";
	expect_fix(&r, advice, "write: \"%{scratch}\"",
		   "a private directory, where TMPDIR and HOME lead, gone at the end; names in the shared one stay refused");
	r.path = "/out";
	expect_fix(&r, advice, "", "no policy line: a write rule names one directory, not every file there is");
	r.path = "/dev/shm2/out";
	expect_fix(&r, advice, "",
		   "no policy line: of /dev only null, zero, full, random, urandom and shm can be granted");
	r.path = "/opt/python/lib/x.py";
	r.nearest_path = "/opt/python/lib/**";
	r.nearest_ref = "builtin:python";
	expect_fix(&r, advice, "", "no policy line: the interpreter's own files are there");
	r.nearest_path = r.rule_text = "/opt/python/lib/x.py";
	r.nearest_ref = "p.yaml:1:2";
	expect_fix(&r, advice, "", "no policy line: the rule for this very path comes before one for its directory");
	set_syscall(&r, "chown");
	r.args = "\"x\", 1, 1";
	expect_fix(&r, "leave the file system as it is: keep intermediate results in memory", "",
		   "no policy line can allow it");
}
END_TEST

START_TEST(test_the_fix_changes_the_program_where_no_policy_can)
{
	struct refusal r = refused_read();

	r.args = "AT_FDCWD, \"out\", O_WRONLY|O_CREAT";
	expect_fix(&r,
		   "print the result to standard output, or keep it in memory (io.StringIO, "
		   "io.BytesIO)",
		   "", "no policy line: the system's own directories are not proposed for writing");
	r = refused_syscall("socket", "AF_INET");
	expect_fix(&r, "bring the data along as a file or on standard input: there is no network",
		   "", "no policy line can allow it");
	r = refused_read();
	set_syscall(&r, "execve");
	expect_fix(&r,
		   "do the work in this process (threads are allowed): no other program or process "
		   "can be started",
		   "exec: \"/etc/passwd\"",
		   "this program with any arguments; under these rules and limits, as all that it starts");
}
END_TEST

START_TEST(test_the_fix_of_a_limit_is_a_higher_limit)
{
	struct refusal r = { .rule = RULE_LIMIT,
			     .limit = LIMIT_CPU,
			     .limit_value = 2000000000,
			     .limit_used = 2010000000 };
	_cleanup_(fix_fini) struct fix fix;

	words_fix(&r, false, &fix);
	ck_assert_str_eq(fix.policy.data, "limits: {cpu: 4s}");
	r.limit = LIMIT_TASKS;
	r.limit_value = 4;
	r.limit_used = 5;
	fix_fini(&fix);
	words_fix(&r, false, &fix);
	ck_assert_str_eq(fix.policy.data, "limits: {tasks: 5}");
	r.rule_ref = "--tasks";
	fix_fini(&fix);
	words_fix(&r, false, &fix);
	ck_assert_str_eq(fix.policy.data, "--tasks 5");
	r.limit = LIMIT_MEMORY;
	r.limit_value = UINT64_MAX - 1;
	r.limit_used = UINT64_MAX;
	fix_fini(&fix);
	words_fix(&r, false, &fix);
	ck_assert_uint_gt(fix.policy.len, 0);
}
END_TEST

START_TEST(test_students_get_advice_and_no_policy)
{
	struct refusal r = refused_read();
	_cleanup_(fix_fini) struct fix fix;

	words_fix(&r, true, &fix);
	ck_assert_uint_gt(fix.advice.len, 0);
	ck_assert_uint_eq(fix.policy.len + fix.note.len, 0);
}
END_TEST

START_TEST(test_alike_means_the_same_call_path_place_and_rule)
{
	uint8_t one[REFUSAL_KEY_SIZE], other[REFUSAL_KEY_SIZE];
	struct refusal r = refused_read(), changed[6];

	for (size_t i = 0; i < ARRAY_SIZE(changed); i++)
		changed[i] = r;
	set_syscall(&changed[0], "stat");
	changed[1].path = "/etc/passwd2";
	changed[2].line = 13;
	changed[3].rule_ref = "pure.yaml:5:2";
	changed[4].file = NULL;
	changed[5].action = ACTION_HIDE;
	refusal_key(&r, one);
	for (size_t i = 0; i < ARRAY_SIZE(changed); i++) {
		refusal_key(&changed[i], other);
		ck_assert_mem_ne(one, other, sizeof one);
	}
	r.args = "AT_FDCWD, \"/etc//passwd\", O_RDONLY";
	refusal_key(&r, other);
	ck_assert_mem_eq(one, other, sizeof one);
}
END_TEST

/* ------------------------------------------------------------------ every row of the table */

static bool has_path(const struct syscall_row *row)
{
	for (unsigned i = 0; i < row->n_args; i++)
		if (row->args[i] == ARG_PATH)
			return true;
	return false;
}

/* A call of ROW as it is refused most naturally: by its path, by the table, or by a policy's `never`. */
static struct refusal refused_row(const struct syscall_row *row)
{
	struct refusal r = refused_syscall(row->name, "");

	if (row->class == CLASS_KERNEL) {
		r.rule = RULE_NEVER;
		r.rule_ref = "pure.yaml:9:5";
		r.never = (const char *const *)&row->name;
		r.n_never = 1;
	} else if (row->class == CLASS_UNSERVED && row->err) {
		r.action = row->err == ENOSYS ? ACTION_HIDE : ACTION_DENY;
		r.err = row->err == ENOSYS ? "ENOSYS" : "EPERM";
	} else if (has_path(row)) {
		r.rule = RULE_ON_DENY;
		r.rule_ref = "pure.yaml:5:1";
		r.path = "/etc/passwd";
		if (row->topic == TOPIC_LOOK) {
			r.action = ACTION_HIDE;
			r.err = "ENOENT";
		}
	}
	return r;
}

static void put_row(struct buf *out, const struct syscall_row *row)
{
	struct refusal r = refused_row(row);
	_cleanup_buf_ struct buf student = { 0 }, staff = { 0 };
	_cleanup_(fix_fini) struct fix fix, to_student;

	words_student(&student, &r);
	words_staff(&staff, &r);
	words_fix(&r, false, &fix);
	words_fix(&r, true, &to_student);
	ck_assert_msg(row->topic != TOPIC_NONE && row->topic < TOPIC_COUNT, "%s has no topic", row->name);
	ck_assert_msg(topic_trying(row->topic) != NULL, "%s has no sentence", row->name);
	ck_assert_msg(row->class == CLASS_KERNEL || !strstr(student.data, "The system call"),
		      "%s is told by its name: %s", row->name, student.data);
	ck_assert_msg(to_student.advice.len, "%s has no advice", row->name);
	ck_assert_msg(fix.advice.len || fix.policy.len, "%s has no fix", row->name);
	/* What may be done with other arguments may be done by a sandboxed program. */
	ck_assert_msg(!r.conditional || !fix.advice.len || !strstr(fix.advice.data, "no sandboxed program"),
		      "%s: %s", row->name, fix.advice.data);
	buf_printf(out, "%s (%s)\n  student  %s\n           %s\n  staff    %s\n           %s", row->name,
		   subject_name(topic_subject(row->topic)), student.data, to_student.advice.data, staff.data,
		   fix.advice.len ? fix.advice.data : "");
	if (fix.policy.len)
		buf_printf(out, "%s%s", fix.advice.len ? "; " : "", fix.policy.data);
	if (fix.note.len)
		buf_printf(out, " (%s)", fix.note.data);
	buf_putc(out, '\n');
}

START_TEST(test_every_row_has_its_sentences)
{
	_cleanup_buf_ struct buf out = { 0 };

	for (unsigned nr = 0; nr < syscall_limit(); nr++)
		if (syscall_row(nr))
			put_row(&out, syscall_row(nr));
	golden_check("rows.txt", out.data);
}
END_TEST

/* A forged record may name a topic and no call. */
START_TEST(test_a_topic_without_a_call_is_told)
{
	for (int topic = TOPIC_NONE; topic < TOPIC_COUNT; topic++) {
		struct refusal r = { .topic = (enum topic)topic, .rule = RULE_ON_DENY, .action = ACTION_DENY };
		_cleanup_buf_ struct buf student = { 0 }, staff = { 0 };
		_cleanup_(fix_fini) struct fix fix;

		words_student(&student, &r);
		words_staff(&staff, &r);
		words_fix(&r, false, &fix);
		ck_assert(student.len && staff.len && fix.advice.len + fix.note.len);
	}
}
END_TEST

START_TEST(test_every_topic_has_a_name_of_its_own)
{
	for (int topic = TOPIC_NONE; topic < TOPIC_COUNT; topic++) {
		ck_assert_int_eq(topic_from_name(topic_name((enum topic)topic)), topic);
		ck_assert_ptr_nonnull(subject_name(topic_subject((enum topic)topic)));
		ck_assert(topic == TOPIC_NONE || topic_trying((enum topic)topic));
	}
	ck_assert_int_eq(topic_from_name("no such topic"), TOPIC_NONE);
	ck_assert_int_eq(topic_from_name(NULL), TOPIC_NONE);
}
END_TEST

/* ------------------------------------------------------------------ against the policy itself */

static struct policy *load(const char *text)
{
	static const struct policy_context context = { 0 };
	_cleanup_buf_ struct buf messages = { 0 };
	struct policy *policy = NULL;
	int r = policy_load_text(text, strlen(text), "t.yaml", &context, &policy, &messages);

	ck_assert_msg(r == 0, "%s\n%s", text, messages.data);
	return policy;
}

static enum action decided(const struct policy *policy, unsigned want, const char *path)
{
	return policy_decide_path(policy, want, path, strlen(path)).action;
}

/* Puts the proposed line into a policy and asks that policy again. */
static void check_proposal(const char *root, const char *name, bool directory)
{
	static const char base[] = "version: 1\nname: t\non_deny: errno:EACCES\n";
	_cleanup_free_ char *path = xasprintf("%s/%s", root, name),
			    *sibling = xasprintf("%s/sibling", root),
			    *child = xasprintf("%s/%s/child", root, name), *text = NULL;
	struct policy *before = load(base), *after;
	struct refusal r = refused_read();
	_cleanup_(fix_fini) struct fix fix;

	r.args = directory ? "AT_FDCWD, \"x\", O_RDONLY|O_DIRECTORY" : "AT_FDCWD, \"x\", O_RDONLY";
	r.path = path;
	words_fix(&r, false, &fix);
	ck_assert_uint_gt(fix.policy.len, 0);
	text = xasprintf("%s%s\n", base, fix.policy.data);
	after = load(text);
	ck_assert_int_eq(decided(before, WANT_READ, path), ACTION_DENY);
	ck_assert_int_eq(decided(after, WANT_READ, path), ACTION_ALLOW);
	ck_assert_int_eq(decided(after, WANT_WRITE, path), ACTION_DENY);
	ck_assert_int_eq(decided(after, WANT_READ, sibling), ACTION_DENY);
	ck_assert_int_eq(decided(after, WANT_READ, child), ACTION_DENY);
	ck_assert_int_eq(decided(after, WANT_READ, root), ACTION_DENY);
	policy_free(before);
	policy_free(after);
}

START_TEST(test_the_proposed_line_allows_this_call_and_nothing_else)
{
	static const char *const names[] = { "plain",
					     "with space",
					     "sta*r",
					     "que?stion",
					     "per%cent",
					     "%{submission}",
					     "quo\"te",
					     "back\\slash",
					     "# hash",
					     "no",
					     "\xc3\xa4\xe2\x80\xae",
					     "\xc2\x85" };
	char root[] = "/tmp/check_words.XXXXXX";

	ck_assert_ptr_nonnull(mkdtemp(root));
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		_cleanup_free_ char *path = xasprintf("%s/%s", root, names[i]);
		FILE *f = fopen(path, "w");

		ck_assert_ptr_nonnull(f);
		fclose(f);
		check_proposal(root, names[i], false);
		unlink(path);
		ck_assert_int_eq(mkdir(path, 0700), 0);
		check_proposal(root, names[i], true);
		rmdir(path);
	}
	rmdir(root);
}
END_TEST

/* ------------------------------------------------------------------ text */

START_TEST(test_escaped_text_cannot_touch_a_terminal)
{
	_cleanup_buf_ struct buf out = { 0 };
	char all[256];

	for (size_t i = 0; i < sizeof all; i++)
		all[i] = (char)i;
	text_escape(&out, all, sizeof all, TEXT_PATH);
	for (size_t i = 0; i < out.len; i++)
		ck_assert(out.data[i] >= 0x20 && out.data[i] < 0x7f);
	buf_clear(&out);
	text_path(&out, "\xe2\x80\xae\xc2\x9b\xf3\xa0\x80\x81\\\xed\xa0\x80\xc0\x80");
	ck_assert_str_eq(out.data, "\\u{202e}\\u{9b}\\u{e0001}\\\\\\xed\\xa0\\x80\\xc0\\x80");
	buf_clear(&out);
	text_args(&out, "\"a\\n\xc3\xa9\"");
	ck_assert_str_eq(out.data, "\"a\\n\xc3\xa9\"");
}
END_TEST

START_TEST(test_width_counts_columns_and_splits_no_character)
{
	ck_assert_uint_eq(text_width("a\xc3\xa9\xe4\xb8\xad", 6), 4);
	ck_assert_uint_eq(text_width("e\xcc\x81", 3), 1);
	ck_assert_uint_eq(text_fit("a\xe4\xb8\xad", 4, 2), 1);
	ck_assert_uint_eq(text_fit("a\xe4\xb8\xad", 4, 3), 4);
}
END_TEST

START_TEST(test_quantities_are_rounded_up)
{
	static const struct {
		uint64_t value;
		const char *duration, *size;
	} cases[] = {
		{ 0, "0s", "0B" },
		{ 1, "1ns", "1B" },
		{ 2000000000, "2s", "1.863GiB" },
		{ 2000000001, "2.001s", "1.863GiB" },
		{ 350000000, "350ms", "333.787MiB" },
		{ 268435456, "268.436ms", "256MiB" },
		{ 268435457, "268.436ms", "256.001MiB" },
		{ UINT64_MAX, "18446744073.71s", "16777216TiB" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_buf_ struct buf duration = { 0 }, size = { 0 };

		text_duration(&duration, cases[i].value);
		text_size(&size, cases[i].value);
		ck_assert_str_eq(duration.data, cases[i].duration);
		ck_assert_str_eq(size.data, cases[i].size);
	}
}
END_TEST

static void purpose_is(const struct meant *meant, const char *expected)
{
	_cleanup_buf_ struct buf text = { 0 };

	ck_assert_int_eq(meant_purpose(meant, &text), expected != NULL);
	ck_assert_str_eq(text.data ? text.data : "", expected ? expected : "");
}

START_TEST(test_what_was_meant_is_a_plain_name_or_not_said)
{
	static const char *const odd[] = { "", "..", "/etc/", "a..b", "\033[31m", "a b", ".netrc", "b\303\274", "x/..", "a\n", "~" };
	char longest[66];

	purpose_is(NULL, NULL);
	purpose_is(&(struct meant){ 0 }, NULL);
	purpose_is(&(struct meant){ .command = { "/usr/bin/git" }, .n_command = 1 }, "to execute git");
	purpose_is(&(struct meant){ .command = { "git" }, .n_command = 1, .program = "/bin/echo" }, "to execute echo");
	purpose_is(&(struct meant){ .command = { "/bin/sh", "-c", " /bin/cat /etc/passwd" }, .n_command = 3 },
		   "to have a shell execute cat");
	purpose_is(&(struct meant){ .command = { "/bin/sh", "-c", "'/etc/x y'" }, .n_command = 3 }, "to execute a shell");
	purpose_is(&(struct meant){ .command = { "/bin/sh", "-c" }, .n_command = 2 }, "to execute sh");
	purpose_is(&(struct meant){ .host = "example.org" }, "to reach example.org");
	purpose_is(&(struct meant){ .target = "Class.work" }, "to run, as a process, Class.work()");
	for (size_t i = 0; i < ARRAY_SIZE(odd); i++) {
		purpose_is(&(struct meant){ .command = { odd[i] }, .n_command = 1 }, NULL);
		if (*odd[i])
			purpose_is(&(struct meant){ .host = odd[i] }, NULL);
		purpose_is(&(struct meant){ .target = odd[i] }, NULL);
	}
	memset(longest, 'x', sizeof longest);
	longest[sizeof longest - 1] = '\0';
	purpose_is(&(struct meant){ .host = longest }, NULL);
}
END_TEST

static void line_is(const struct refusal *r, const char *expected)
{
	_cleanup_(fix_fini) struct fix fix;

	words_fix(r, false, &fix);
	ck_assert_str_eq(fix.policy.len ? fix.policy.data : "", expected);
}

START_TEST(test_what_was_meant_makes_the_line_of_policy_exact)
{
	struct meant meant = { .command = { "/usr/bin/git", "log", "*" }, .n_command = 3 };
	struct refusal r = refused_syscall("vfork", "");

	r.meant = &meant;
	line_is(&r, "exec: {path: \"/usr/bin/git\", argv: [\"log\", \"%*\"]}");
	meant.command_cut = true;
	line_is(&r, "exec: \"/usr/bin/git\"");
	meant.command[0] = "git";
	line_is(&r, "process: fork");
	r = refused_syscall("socket", "AF_INET, SOCK_STREAM, 0");
	r.meant = &meant;
	meant = (struct meant){ .host = "192.0.2.1", .port = "80" };
	line_is(&r, "net: {connect: [\"192.0.2.1:80\"]}");
	/* Not what one connection needs, but all of them. */
	meant.host = "0.0.0.0/0";
	line_is(&r, "");
	meant = (struct meant){ .host = "192.0.2.1", .port = "*" };
	line_is(&r, "");
	meant = (struct meant){ .host = "192.0.2.1:80\"]}\nread: [\"/**", .port = "80" };
	line_is(&r, "");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("words");
	TCase *tcase = tcase_create("words");

	tcase_add_test(tcase, test_the_call_leaves_out_what_tells_nothing);
	tcase_add_test(tcase, test_staff_see_the_rule);
	tcase_add_test(tcase, test_staff_see_how_far_over_a_limit);
	tcase_add_test(tcase, test_students_see_no_path_outside_the_submission);
	tcase_add_test(tcase, test_students_see_what_the_call_is_about);
	tcase_add_test(tcase, test_names_that_are_made_up_are_patterns);
	tcase_add_test(tcase, test_a_path_cannot_pass_itself_off_as_a_flag);
	tcase_add_test(tcase, test_the_fix_is_the_exact_path);
	tcase_add_test(tcase, test_the_fix_never_offers_what_never_forbids);
	tcase_add_test(tcase, test_an_import_gets_the_modules_and_not_the_names_alone);
	tcase_add_test(tcase, test_without_a_policy_file_the_fix_is_an_option);
	tcase_add_test(tcase, test_what_no_policy_can_grant_is_told_alike_by_rule_and_fix);
	tcase_add_test(tcase, test_an_event_says_call_path_line_and_rule);
	tcase_add_test(tcase, test_slow_entries_of_never_withhold_the_fix);
	tcase_add_test(tcase, test_a_call_that_never_names_is_told_as_the_call);
	tcase_add_test(tcase, test_the_fix_for_writing_names_a_directory_or_the_scratch);
	tcase_add_test(tcase, test_the_fix_changes_the_program_where_no_policy_can);
	tcase_add_test(tcase, test_the_fix_of_a_limit_is_a_higher_limit);
	tcase_add_test(tcase, test_students_get_advice_and_no_policy);
	tcase_add_test(tcase, test_alike_means_the_same_call_path_place_and_rule);
	tcase_add_test(tcase, test_every_row_has_its_sentences);
	tcase_add_test(tcase, test_a_topic_without_a_call_is_told);
	tcase_add_test(tcase, test_every_topic_has_a_name_of_its_own);
	tcase_add_test(tcase, test_the_proposed_line_allows_this_call_and_nothing_else);
	tcase_add_test(tcase, test_the_fix_of_a_socket_is_of_its_kind);
	tcase_add_test(tcase, test_escaped_text_cannot_touch_a_terminal);
	tcase_add_test(tcase, test_width_counts_columns_and_splits_no_character);
	tcase_add_test(tcase, test_quantities_are_rounded_up);
	tcase_add_test(tcase, test_what_was_meant_is_a_plain_name_or_not_said);
	tcase_add_test(tcase, test_what_was_meant_makes_the_line_of_policy_exact);
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
