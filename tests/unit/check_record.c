/* SPDX-License-Identifier: Apache-2.0 */
/* The recorder: what it writes is JSON, numbered without a gap, bounded, hashed, and never silently lost. */
#include "supervisor/note.h"

#include <asm/unistd_64.h>
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <nettle/sha2.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>

#include "record/interner.h"
#include "tests/unit/suite.h"

static struct policy *policy;
static int log_fd = -1; /* the recorder owns one descriptor of it, this is another */

static struct recorder_options options_for(int fd)
{
	return (struct recorder_options){
		.fd = fd,
		.run_id = "01JTEST",
		.max_bytes = UINT64_MAX,
		.hash = true,
	};
}

static enum log_calls wanted_calls = LOG_BROKERED;
static const char *const *no_user_code;
static struct source *source_of_lines;

/* As the run does it, with a recorder that is a test's own. */
static uint64_t record(struct recorder *r, const struct call *call, const struct stack *stack)
{
	struct notes notes = { r, wanted_calls, policy, no_user_code, source_of_lines, NULL, { 0 }, NULL };
	uint64_t sequence = note_call(&notes, call, stack);

	notes_fini(&notes);
	return sequence;
}

static uint64_t record_a_signal(struct recorder *r, int signal, const siginfo_t *info, bool overflow, bool fatal)
{
	struct notes notes = { .recorder = r, .policy = policy };

	return note_signal(&notes, 5, 6, signal, info, overflow, fatal, NULL);
}

static struct recorder_options usual(void)
{
	log_fd = memfd_create("log", MFD_CLOEXEC);
	ck_assert_int_ge(log_fd, 0);
	wanted_calls = LOG_BROKERED;
	no_user_code = NULL;
	return options_for(dup(log_fd));
}

static struct call *new_call(uint64_t nr, uint64_t a, uint64_t b, uint64_t c)
{
	struct user_regs_struct regs = { .orig_rax = nr, .rdi = a, .rsi = b, .rdx = c };
	struct call *call = xcalloc(1, sizeof *call);
	unsigned i;

	decode(getpid(), getpid(), &regs, &call->request);
	for (i = 0; i < REQUEST_MAX_PATHS; i++)
		call->objects[i] = (struct object)OBJECT_INIT;
	call->slot = -1;
	call->wall_ns = UINT64_C(1767607872345678901);
	call->returned = true;
	call->decision.action = ACTION_ALLOW;
	call->decision.rule = (struct rule){ RULE_SYSCALL, "registers", "builtin:syscalls" };
	return call;
}

/* open("/etc/passwd"), refused. */
static struct call *refused_open(const char *path)
{
	struct call *call = new_call(__NR_open, (uint64_t)(uintptr_t)path, O_RDONLY | O_CLOEXEC, 0);
	struct object *object = &call->objects[0];

	object->len = strlen(path);
	memcpy(object->path, path, object->len + 1);
	call->decision = (struct decision){
		.action = ACTION_DENY, .err = EACCES, .rule = { RULE_ON_DENY, "on_deny", "pure.yaml:5:1" },
	};
	call->how = HOW_SKIP;
	call->result = -EACCES;
	return call;
}

static char *written(size_t *ret_len)
{
	static char data[1 << 20];
	ssize_t n = pread(log_fd, data, sizeof data - 1, 0);

	ck_assert_int_ge(n, 0);
	data[n] = '\0';
	if (ret_len)
		*ret_len = (size_t)n;
	return data;
}

/* The lines of the log as an array of objects; each line has to be one, with every name once. */
static json_t *read_records(void)
{
	json_t *records = json_array();
	char *line = written(NULL), *end;

	for (; *line; line = end + 1) {
		json_error_t error;
		json_t *record;

		end = strchr(line, '\n');
		ck_assert_ptr_nonnull(end);
		record = json_loadb(line, (size_t)(end - line), JSON_REJECT_DUPLICATES, &error);
		ck_assert_msg(record != NULL, "%s: %.*s", error.text, (int)MIN(end - line, 1000), line);
		ck_assert_int_eq(json_integer_value(json_object_get(record, "v")), json_object_get(record, "ecs") ? 2 : 1);
		json_array_append_new(records, record);
	}
	return records;
}

/* "event.sequence" of RECORD; "a/b/c" goes down through objects and arrays. NULL when absent. */
static const json_t *at(const json_t *value, const char *path)
{
	_cleanup_free_ char *copy = xstrdup(path);
	char *saved, *name;

	for (name = strtok_r(copy, "/", &saved); name && value; name = strtok_r(NULL, "/", &saved))
		value = json_is_array(value) ? json_array_get(value, strtoul(name, NULL, 10)) :
					       json_object_get(value, name);
	return value;
}

static const char *text_at(const json_t *value, const char *path)
{
	const char *text = json_string_value(at(value, path));

	return text ? text : "(none)";
}

static void finish(struct recorder *r, struct call *call)
{
	recorder_free(r);
	if (call)
		request_fini(&call->request);
	free(call);
	close(log_fd);
	log_fd = -1;
}

/* ------------------------------------------------------------------ what a record says */

START_TEST(test_refusal_says_all)
{
	const struct recorder_options options = usual();
	struct recorder *r = recorder_new(&options);
	struct call *call = refused_open("/etc/passwd");
	json_t *records;

	call->decision.violation = true;
	call->duration_ns = 21000;
	ck_assert_uint_eq(record(r, call, NULL), 1);
	records = read_records();
	ck_assert_uint_eq(json_array_size(records), 1);
	ck_assert_str_eq(text_at(records, "0/kind"), "call");
	ck_assert_str_eq(text_at(records, "0/@timestamp"), "2026-01-05T10:11:12.345678901Z");
	ck_assert_str_eq(text_at(records, "0/run/id"), "01JTEST");
	ck_assert_str_eq(text_at(records, "0/event/action"), "open");
	ck_assert_str_eq(text_at(records, "0/event/type/0"), "denied");
	ck_assert_str_eq(text_at(records, "0/event/outcome"), "failure");
	ck_assert_int_eq(json_integer_value(at(records, "0/event/duration")), 21000);
	ck_assert_int_eq(json_integer_value(at(records, "0/process/thread/id")), getpid());
	ck_assert_int_eq(json_integer_value(at(records, "0/syscall/nr")), __NR_open);
	ck_assert_str_eq(text_at(records, "0/syscall/args/0"), "\"/etc/passwd\"");
	ck_assert_str_eq(text_at(records, "0/syscall/args/1"), "O_RDONLY|O_CLOEXEC");
	ck_assert_int_eq(json_integer_value(at(records, "0/syscall/ret")), -EACCES);
	ck_assert_str_eq(text_at(records, "0/syscall/errno"), "EACCES");
	ck_assert_str_eq(text_at(records, "0/file/path"), "/etc/passwd");
	ck_assert_str_eq(text_at(records, "0/decision/action"), "deny");
	ck_assert_str_eq(text_at(records, "0/decision/how"), "skip");
	ck_assert(json_is_true(at(records, "0/decision/enforced")));
	ck_assert(json_is_true(at(records, "0/decision/violation")));
	ck_assert_str_eq(text_at(records, "0/rule/id"), "on_deny");
	ck_assert_str_eq(text_at(records, "0/rule/ref"), "pure.yaml:5:1");
	json_decref(records);
	finish(r, call);
}
END_TEST

START_TEST(test_violation_names_the_nearest_grant)
{
	const struct recorder_options options = usual();
	struct recorder *r = recorder_new(&options);
	struct call *call = refused_open("/srv/judge/secret");
	json_t *records;

	call->decision.violation = true;
	record(r, call, NULL);
	records = read_records();
	ck_assert_str_eq(text_at(records, "0/rule/nearest_path"), "/srv/judge/data/**");
	ck_assert_str_eq(text_at(records, "0/rule/nearest"), "test.yaml:3:5");
	json_decref(records);
	finish(r, call);
}
END_TEST

START_TEST(test_path_that_is_not_utf8_has_a_twin)
{
	const struct recorder_options options = usual();
	struct recorder *r = recorder_new(&options);
	struct call *call = refused_open("/\xff\n");
	json_t *records;

	record(r, call, NULL);
	records = read_records();
	ck_assert_str_eq(text_at(records, "0/file/path"), "/\xef\xbf\xbd\n");
	ck_assert_str_eq(text_at(records, "0/file/path_b64"), "L/8K");
	ck_assert_str_eq(text_at(records, "0/syscall/args/0"), "\"/\\377\\n\"");
	json_decref(records);
	finish(r, call);
}
END_TEST

START_TEST(test_result_that_never_came_is_left_out)
{
	const struct recorder_options options = usual();
	struct recorder *r = recorder_new(&options);
	struct call *call = refused_open("/x");
	json_t *records;

	call->returned = false;
	call->decision.action = ACTION_KILL;
	call->how = HOW_KILL;
	record(r, call, NULL);
	records = read_records();
	ck_assert_ptr_null(at(records, "0/syscall/ret"));
	ck_assert_str_eq(text_at(records, "0/event/outcome"), "unknown");
	ck_assert_str_eq(text_at(records, "0/decision/how"), "kill");
	json_decref(records);
	finish(r, call);
}
END_TEST

START_TEST(test_restart_codes_and_large_results)
{
	const struct recorder_options options = usual();
	struct recorder *r = recorder_new(&options);
	struct call *call = new_call(__NR_read, 0, 0, 0);
	json_t *records;

	call->result = -512;
	record(r, call, NULL);
	call->result = INT64_MIN; /* an address, or nothing that an errno could be */
	record(r, call, NULL);
	call->result = INT64_MAX;
	record(r, call, NULL);
	recorder_flush(r);
	records = read_records();
	ck_assert_str_eq(text_at(records, "0/syscall/errno"), "ERESTARTSYS");
	ck_assert_ptr_null(at(records, "1/syscall/errno"));
	ck_assert_str_eq(text_at(records, "1/event/outcome"), "success");
	ck_assert(json_integer_value(at(records, "1/syscall/ret")) == INT64_MIN);
	ck_assert(json_integer_value(at(records, "2/syscall/ret")) == INT64_MAX);
	json_decref(records);
	finish(r, call);
}
END_TEST

START_TEST(test_signal_record)
{
	const struct recorder_options options = usual();
	struct recorder *r = recorder_new(&options);
	siginfo_t info = { .si_signo = SIGSEGV, .si_code = SEGV_MAPERR };
	json_t *records;

	info.si_addr = (void *)(uintptr_t)0x1234;
	ck_assert_uint_eq(record_a_signal(r, SIGSEGV, &info, false, true), 1);
	ck_assert_uint_eq(record_a_signal(r, SIGTERM, NULL, false, false), 2);
	recorder_flush(r);
	records = read_records();
	ck_assert_str_eq(text_at(records, "0/kind"), "signal");
	ck_assert_str_eq(text_at(records, "0/signal/name"), "SIGSEGV");
	ck_assert_str_eq(text_at(records, "0/signal/address"), "0x1234");
	ck_assert(json_is_true(at(records, "0/fatal")));
	ck_assert_int_eq(json_integer_value(at(records, "0/process/pid")), 5);
	ck_assert_ptr_null(at(records, "1/signal/code"));
	ck_assert(json_is_false(at(records, "1/fatal")));
	json_decref(records);
	finish(r, NULL);
}
END_TEST

static struct python_frame frames[] = {
	{ "<frozen codecs>", "decode", 300, false },
	{ "/usr/lib/python3.11/json/__init__.py", "load", 293, false },
	{ "/box/so\xfflve.py", "f\"x", 12, false },
	{ "/box/solve.py", "<module>", 30, true },
};

START_TEST(test_code_is_the_innermost_frame_of_the_user)
{
	static const char *const library[] = { "/usr/lib/python3.11", NULL };
	struct recorder_options options = usual();
	const struct stack stack = { .python = frames, .n_python = 4, .python_total = 4, .python_gap = 4 };
	struct recorder *r;
	struct call *call = refused_open("/x");
	json_t *records;

	no_user_code = library;
	r = recorder_new(&options);
	record(r, call, &stack);
	records = read_records();
	ck_assert_int_eq(json_integer_value(at(records, "0/code/line.number")), 12);
	ck_assert_str_eq(text_at(records, "0/code/function.name"), "f\"x");
	ck_assert_str_ne(text_at(records, "0/code/file.path_b64"), "(none)");
	ck_assert_uint_eq(json_array_size(at(records, "0/stack/python")), 4);
	json_decref(records);
	finish(r, call);
}
END_TEST

START_TEST(test_library_is_told_by_whole_directories)
{
	static const char *const library[] = { "/usr/lib/python3.11", NULL };
	struct python_frame frame = { "/usr/lib/python3.11-box/x.py", "f", 1, false };
	struct stack stack = { .python = &frame, .n_python = 1 };

	ck_assert_ptr_eq(record_user_frame(&stack, library), &frame);
	frame.file = "/usr/lib/python3.11/x.py";
	/* Where nothing is the user's, the innermost has to do. */
	ck_assert_ptr_eq(record_user_frame(&stack, library), &frame);
	stack.n_python = 0;
	ck_assert_ptr_null(record_user_frame(&stack, library));
	ck_assert_ptr_null(record_user_frame(NULL, library));
}
END_TEST

START_TEST(test_library_is_told_by_clean_names)
{
	static const char *const library[] = { "/usr/lib/python3.11", NULL };
	static const struct {
		const char *file;
		bool library;
	} cases[] = {
		{ "//usr/./lib//python3.11/x.py", true },
		{ "/usr/share/../lib/python3.11/x.py", true },
		{ "/../../usr/lib/python3.11/x.py", true },
		{ "/usr/lib/python3.11/../../../home/solve.py", false },
		{ "/usr/lib/python3.11/..", false },
		{ "usr/lib/python3.11/x.py", false },
		{ "", false },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct python_frame pair[] = { { cases[i].file, "f", 1, false }, { "/box/solve.py", "g", 2, false } };
		const struct stack stack = { .python = pair, .n_python = 2 };

		ck_assert_msg(record_user_frame(&stack, library) == &pair[cases[i].library], "%s", cases[i].file);
	}
}
END_TEST

/* A directory with a module of two lines, the second SECOND (N bytes), and a policy that grants it. */
static struct policy *make_module(char directory[32], const char *second, size_t n)
{
	_cleanup_free_ char *name = NULL, *text = NULL;
	_cleanup_buf_ struct buf messages = { 0 };
	struct policy_context context = { 0 };
	struct policy *granting;
	FILE *f;

	snprintf(directory, 32, "/tmp/check_record.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(directory));
	name = xasprintf("%s/m.py", directory);
	f = fopen(name, "w");
	ck_assert_ptr_nonnull(f);
	fputs("first\n", f);
	fwrite(second, 1, n, f);
	fclose(f);
	text = xasprintf("version: 1\nread:\n  - %s\n", directory);
	ck_assert_int_eq(policy_load_text(text, strlen(text), "test.yaml", &context, &granting, &messages), 0);
	return granting;
}

START_TEST(test_the_line_of_source_goes_with_its_place)
{
	const struct recorder_options options = usual();
	struct recorder *r = recorder_new(&options);
	struct call *call = refused_open("/x");
	char directory[32], name[64], second[300];
	struct python_frame frame = { name, "f", 2, false };
	const struct stack stack = { .python = &frame, .n_python = 1, .python_total = 1, .python_gap = 1 };
	struct resolver *resolver = NULL;
	struct policy *granting;
	struct source *source;
	json_t *records;

	memset(second, 'y', sizeof second);
	second[0] = '\xff';
	granting = make_module(directory, second, sizeof second);
	snprintf(name, sizeof name, "%s/m.py", directory);
	ck_assert_int_eq(resolver_new(granting, NULL, &resolver), 0);
	source = source_new(granting, resolver, directory, getpid(), 900);
	source_of_lines = source;
	record(r, call, &stack);
	frame.line = 1;
	record(r, call, &stack);
	frame.line = 3;
	record(r, call, &stack);
	source_of_lines = NULL;
	frame.line = 1;
	record(r, call, &stack);
	unlink(name);
	rmdir(directory);
	source_free(source);
	resolver_free(resolver);
	policy_free(granting);
	records = read_records();
	ck_assert_int_eq(strncmp(text_at(records, "0/code/source"), "\xef\xbf\xbdyyy", 6), 0);
	ck_assert_int_eq(strncmp(text_at(records, "0/code/source_b64"), "/3l5eXl5", 8), 0);
	ck_assert(json_is_true(at(records, "0/code/source_cut")));
	ck_assert_uint_eq(strlen(text_at(records, "0/code/source_sha256")), 64);
	ck_assert_str_eq(text_at(records, "1/code/source"), "first");
	ck_assert_ptr_null(at(records, "1/code/source_b64"));
	ck_assert_ptr_null(at(records, "1/code/source_cut"));
	ck_assert_str_eq(text_at(records, "1/code/source_sha256"), text_at(records, "0/code/source_sha256"));
	ck_assert_ptr_null(at(records, "2/code/source"));
	ck_assert_ptr_null(at(records, "2/code/source_sha256"));
	ck_assert_ptr_null(at(records, "3/code/source"));
	json_decref(records);
	finish(r, call);
}
END_TEST

START_TEST(test_frames_left_out_are_counted)
{
	const struct recorder_options options = usual();
	const struct stack stack = { .python = frames, .n_python = 4, .python_total = 1004, .python_gap = 2,
				     .python_note = "frames are corrupt", .native_note = "no unwind table" };
	struct recorder *r = recorder_new(&options);
	struct call *call = refused_open("/x");
	json_t *records;

	record(r, call, &stack);
	records = read_records();
	ck_assert_uint_eq(json_array_size(at(records, "0/stack/python")), 5);
	ck_assert_int_eq(json_integer_value(at(records, "0/stack/python/2/omitted")), 1000);
	ck_assert_str_eq(text_at(records, "0/stack/python_note"), "frames are corrupt");
	ck_assert_str_eq(text_at(records, "0/stack/native_note"), "no unwind table");
	json_decref(records);
	finish(r, call);
}
END_TEST

/* ------------------------------------------------------------------ how long a record can be */

static char *repeated(const char *what, size_t bytes)
{
	_cleanup_buf_ struct buf text = { 0 };

	while (text.len + strlen(what) <= bytes)
		buf_puts(&text, what);
	return buf_steal(&text);
}

/* Does ARRAY hold TEXT? */
static bool holds(const json_t *array, const char *text)
{
	size_t i;

	for (i = 0; i < json_array_size(array); i++)
		if (streq(json_string_value(json_array_get(array, i)), text))
			return true;
	return false;
}

static void add_steps(struct object *object, const char *text)
{
	size_t i;

	object->n_steps = RESOLVE_MAX_STEPS;
	object->steps = xcalloc(object->n_steps, sizeof(*object->steps));
	for (i = 0; i < object->n_steps; i++)
		object->steps[i] = (struct resolve_step){ text, text, text };
}

/* A rename of two paths of FILL, refused 256 frames of each kind down whose every text is of it. */
static size_t hostile_record(const char *fill, enum record_form form, json_t **ret_record)
{
	static struct python_frame python[STACK_MAX_FRAMES];
	static struct native_frame native[STACK_MAX_FRAMES];
	const struct stack stack = { .python = python, .n_python = STACK_MAX_FRAMES, .python_total = 20000,
				     .python_gap = 128, .native = native, .n_native = STACK_MAX_FRAMES,
				     .native_total = 20000, .native_gap = 128 };
	struct recorder_options options = usual();
	struct recorder *r;
	_cleanup_free_ char *path = repeated(fill, PATH_MAX - 2), *whole = xasprintf("/%s", path);
	struct call *call = new_call(__NR_rename, (uint64_t)(uintptr_t)whole, (uint64_t)(uintptr_t)whole, 0);
	json_t *records;
	size_t i, len;

	options.form = form;
	r = recorder_new(&options);
	call->decision = (struct decision){
		.action = ACTION_DENY, .err = EACCES, .rule = { RULE_ON_DENY, "on_deny", whole }, .violation = true
	};
	call->objects[0].len = strlen(whole);
	memcpy(call->objects[0].path, whole, strlen(whole) + 1);
	add_steps(&call->objects[0], whole);
	for (i = 0; i < STACK_MAX_FRAMES; i++) {
		python[i] = (struct python_frame){ whole, whole, INT_MAX, true };
		native[i] = (struct native_frame){ UINT64_MAX, whole, whole, i % 2 ? UINT64_MAX : INT64_MAX, true };
	}
	ck_assert_uint_eq(record(r, call, &stack), 1);
	written(&len);
	records = read_records();
	*ret_record = json_incref(json_array_get(records, 0));
	json_decref(records);
	free(call->objects[0].steps);
	finish(r, call);
	return len;
}

START_TEST(test_no_record_is_longer_than_its_bound)
{
	static const char *const fills[] = { "a", "\x01", ("\x01" "1"), "\xff", "\x7f\xff", "\"", "\\", "\xe2\x82\xac",
					     "\x01\x02\x03\x04\x05\x06\x07\x08\xff" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(fills); i++) {
		_cleanup_free_ char *path = repeated(fills[i], PATH_MAX - 2);
		json_t *record, *python, *cut;
		size_t len = hostile_record(fills[i], RECORD_ECS, &record);

		ck_assert_uint_le(len, RECORD_MAX);
		ck_assert_uint_ge(json_array_size(at(record, "proctor/stack/python")), 1);
		ck_assert(holds(at(record, "proctor/truncated"), "file.resolution"));
		json_decref(record);
		len = hostile_record(fills[i], RECORD_PLAIN, &record);
		ck_assert_uint_le(len, RECORD_MAX);
		/* The path is the subject of the decision: it is always whole. */
		if (at(record, "file/path_b64"))
			ck_assert_uint_ge(strlen(text_at(record, "file/path_b64")), strlen(path) / 3 * 4);
		else
			ck_assert_str_eq(text_at(record, "file/path") + 1, path);
		ck_assert_uint_eq(json_array_size(at(record, "syscall/args")), 2);
		cut = json_object_get(record, "truncated");
		ck_assert(holds(cut, "file.resolution"));
		ck_assert(holds(cut, "stack.python"));
		ck_assert(holds(cut, "stack.native"));
		ck_assert(holds(cut, "code"));
		ck_assert_int_eq(holds(cut, "syscall.args"),
				 strstr(text_at(record, "syscall/args/0"), "\"...") != NULL);
		python = json_object_get(json_object_get(record, "stack"), "python");
		ck_assert_uint_ge(json_array_size(python), 1);
		json_decref(record);
	}
}
END_TEST

START_TEST(test_argument_is_not_cut_within_an_escape)
{
	size_t shift;

	for (shift = 0; shift < 8; shift++) {
		_cleanup_free_ char *path = repeated("\xff", PATH_MAX - 16);
		const struct recorder_options options = usual();
		struct recorder *r = recorder_new(&options);
		struct call *call;
		json_t *records;
		const char *arg;
		size_t len;

		memset(path, 'a', shift);
		call = refused_open(path);
		record(r, call, NULL);
		records = read_records();
		arg = text_at(records, "0/syscall/args/0");
		len = strlen(arg);
		ck_assert_uint_gt(len, 4000);
		ck_assert_str_eq(arg + len - 8, "\\377\"...");
		ck_assert(holds(at(records, "0/truncated"), "syscall.args"));
		json_decref(records);
		finish(r, call);
	}
}
END_TEST

static size_t frames_written(const json_t *list, json_int_t *ret_omitted)
{
	size_t i, n = 0;

	*ret_omitted = 0;
	for (i = 0; i < json_array_size(list); i++) {
		const json_t *omitted = json_object_get(json_array_get(list, i), "omitted");

		n += omitted == NULL;
		*ret_omitted += json_integer_value(omitted);
	}
	return n;
}

START_TEST(test_stack_that_is_too_long_keeps_both_ends)
{
	static struct python_frame python[STACK_MAX_FRAMES];
	_cleanup_free_ char *file = repeated("f", 900);
	size_t with_gap;

	for (with_gap = 0; with_gap < 2; with_gap++) {
		const struct stack stack = {
			.python = python, .n_python = STACK_MAX_FRAMES,
			.python_total = STACK_MAX_FRAMES + with_gap * 1000,
			.python_gap = with_gap ? STACK_MAX_FRAMES / 2 : STACK_MAX_FRAMES,
			.python_note = with_gap ? "1000 frames in the middle are left out" : NULL,
			.python_note_of_gap = with_gap,
		};
		const struct recorder_options options = usual();
		struct recorder *r = recorder_new(&options);
		struct call *call = refused_open("/x");
		_cleanup_free_ char *note = NULL;
		json_t *records, *list;
		json_int_t omitted;
		size_t i, n;

		for (i = 0; i < STACK_MAX_FRAMES; i++)
			python[i] = (struct python_frame){ file, "f", (int)i + 1, false };
		record(r, call, &stack);
		records = read_records();
		list = (json_t *)(uintptr_t)at(records, "0/stack/python");
		n = frames_written(list, &omitted);
		ck_assert_uint_gt(n, 20);
		ck_assert_uint_eq(n + (size_t)omitted, stack.python_total);
		ck_assert_int_eq(json_integer_value(at(json_array_get(list, 0), "line")), 1);
		ck_assert_int_eq(json_integer_value(at(json_array_get(list, json_array_size(list) - 1), "line")),
				 STACK_MAX_FRAMES);
		note = xasprintf("%d frames in the middle are left out", (int)omitted);
		ck_assert_str_eq(text_at(records, "0/stack/python_note"), note);
		ck_assert(holds(at(records, "0/truncated"), "stack.python"));
		ck_assert(!holds(at(records, "0/truncated"), "code"));
		json_decref(records);
		finish(r, call);
	}
}
END_TEST

START_TEST(test_stack_that_fits_is_whole)
{
	static struct python_frame python[STACK_MAX_FRAMES];
	const struct stack stack = { .python = python, .n_python = STACK_MAX_FRAMES,
				     .python_total = STACK_MAX_FRAMES, .python_gap = STACK_MAX_FRAMES };
	const struct recorder_options options = usual();
	struct recorder *r = recorder_new(&options);
	struct call *call = refused_open("/x");
	json_t *records;
	size_t i;

	for (i = 0; i < STACK_MAX_FRAMES; i++)
		python[i] = (struct python_frame){ "/usr/lib/python3.11/asyncio/base_events.py",
						   "BaseEventLoop.run_until_complete", (int)i + 1, false };
	record(r, call, &stack);
	records = read_records();
	ck_assert_uint_eq(json_array_size(at(records, "0/stack/python")), STACK_MAX_FRAMES);
	ck_assert_ptr_null(at(records, "0/stack/python_note"));
	ck_assert_ptr_null(at(records, "0/truncated"));
	json_decref(records);
	finish(r, call);
}
END_TEST

START_TEST(test_the_stack_of_what_was_allowed_is_recorded_once)
{
	struct python_frame pair[] = { { "/box/a.py", "f", 3, false }, { "/box/a.py", "<module>", 9, false } };
	const struct stack stack = { .python = pair, .n_python = 2, .python_total = 2, .python_gap = 2 };
	const struct recorder_options options = usual();
	struct recorder *r = recorder_new(&options);
	struct call *call = new_call(__NR_read, 0, 0, 0), *refused = refused_open("/x");
	struct notes notes = { .recorder = r, .calls = LOG_BROKERED, .policy = policy };
	json_t *records;

	ck_assert_uint_eq(note_call(&notes, call, &stack), 1);
	ck_assert_uint_eq(note_call(&notes, call, &stack), 2);
	ck_assert_uint_eq(note_call(&notes, refused, &stack), 3);
	pair[0].line = 4;
	ck_assert_uint_eq(note_call(&notes, call, &stack), 4);
	recorder_flush(r);
	records = read_records();
	ck_assert_uint_eq(json_array_size(records), 6);
	ck_assert_uint_eq(recorder_count(r), 6);
	ck_assert_str_eq(text_at(records, "0/kind"), "stack");
	ck_assert_int_eq(json_integer_value(at(records, "0/stack/id")), 1);
	ck_assert_int_eq(json_integer_value(at(records, "0/stack/python/1/line")), 9);
	ck_assert_int_eq(json_integer_value(at(records, "1/stack/id")), 1);
	ck_assert_int_eq(json_integer_value(at(records, "2/stack/id")), 1);
	ck_assert_ptr_null(at(records, "2/code"));
	/* A refusal stands alone. */
	ck_assert_int_eq(json_integer_value(at(records, "3/stack/python/0/line")), 3);
	ck_assert_ptr_nonnull(at(records, "3/code"));
	ck_assert_int_eq(json_integer_value(at(records, "4/stack/python/0/line")), 4);
	ck_assert_int_eq(json_integer_value(at(records, "4/stack/python/1")), json_integer_value(at(records, "0/stack/python/1/n")));
	ck_assert_int_eq(json_integer_value(at(records, "5/stack/id")), 2);
	json_decref(records);
	notes_fini(&notes);
	free(refused);
	finish(r, call);
}
END_TEST

START_TEST(test_stacks_that_are_known_have_a_bound)
{
	char file[1000];
	struct python_frame frame = { file, "f", 1, false };
	const struct stack stack = { .python = &frame, .n_python = 1, .python_total = 1, .python_gap = 1 };
	struct recorder_options options = options_for(open("/dev/null", O_WRONLY | O_CLOEXEC));
	struct recorder *r = recorder_new(&options);
	struct call *call = new_call(__NR_read, 0, 0, 0);
	struct notes notes = { .recorder = r, .calls = LOG_BROKERED, .policy = policy };
	uint64_t records = 0;

	memset(file, 'a', sizeof file - 1);
	file[sizeof file - 1] = '\0';
	/* Two texts of about a kilobyte each: place and frame. */
	for (int i = 0; i < INTERNER_BYTES / 1000; i++) {
		frame.line = i;
		note_call(&notes, call, &stack);
	}
	records = recorder_count(r) - INTERNER_BYTES / 1000;
	ck_assert_uint_gt(records, INTERNER_BYTES / 3000);
	ck_assert_uint_lt(records, INTERNER_BYTES / 2000);
	/* One that is known goes on to be. */
	frame.line = 0;
	records = recorder_bytes(r);
	note_call(&notes, call, &stack);
	ck_assert_uint_lt(recorder_bytes(r) - records, 800);
	notes_fini(&notes);
	finish(r, call);
}
END_TEST

START_TEST(test_a_stack_that_is_cut_is_in_the_record_that_has_it)
{
	static struct python_frame python[STACK_MAX_FRAMES];
	char file[1000];
	const struct stack stack = { .python = python, .n_python = STACK_MAX_FRAMES,
				     .python_total = STACK_MAX_FRAMES, .python_gap = STACK_MAX_FRAMES };
	const struct recorder_options options = usual();
	struct recorder *r = recorder_new(&options);
	struct call *call = new_call(__NR_read, 0, 0, 0);
	json_t *records;

	memset(file, 'a', sizeof file - 1);
	file[sizeof file - 1] = '\0';
	for (int i = 0; i < STACK_MAX_FRAMES; i++)
		python[i] = (struct python_frame){ file, "f", i + 1, false };
	record(r, call, &stack);
	recorder_flush(r);
	records = read_records();
	ck_assert_uint_eq(json_array_size(records), 1);
	ck_assert_str_eq(text_at(records, "0/truncated/0"), "stack.python");
	json_decref(records);
	finish(r, call);
}
END_TEST

START_TEST(test_time)
{
	_cleanup_buf_ struct buf out = { 0 };

	record_format_time(0, &out);
	ck_assert_str_eq(out.data, "1970-01-01T00:00:00.000000000Z");
	buf_clear(&out);
	record_format_time(UINT64_C(951782400000000001), &out); /* 29 February */
	ck_assert_str_eq(out.data, "2000-02-29T00:00:00.000000001Z");
	buf_clear(&out);
	record_format_time(UINT64_C(4102444799999999999), &out);
	ck_assert_str_eq(out.data, "2099-12-31T23:59:59.999999999Z");
}
END_TEST

/* ------------------------------------------------------------------ which, when, how much */

START_TEST(test_calls_denied_leaves_out_what_is_allowed)
{
	struct recorder_options options = usual();
	struct recorder *r;
	struct call *allowed = new_call(__NR_read, 0, 0, 0), *refused = refused_open("/x");
	json_t *records;

	wanted_calls = LOG_DENIED;
	r = recorder_new(&options);
	ck_assert_uint_eq(record(r, allowed, NULL), 0);
	ck_assert_uint_eq(record(r, refused, NULL), 1);
	allowed->audited = true;
	ck_assert_uint_eq(record(r, allowed, NULL), 2);
	recorder_flush(r);
	records = read_records();
	ck_assert_uint_eq(json_array_size(records), 2);
	ck_assert(json_is_false(at(records, "1/decision/enforced")));
	json_decref(records);
	free(allowed);
	finish(r, refused);
}
END_TEST

START_TEST(test_refusal_is_written_at_once)
{
	const struct recorder_options options = usual();
	struct recorder *r = recorder_new(&options);
	struct call *allowed = new_call(__NR_read, 0, 0, 0), *refused = refused_open("/x");
	json_t *records;
	size_t len;

	record(r, allowed, NULL);
	written(&len);
	ck_assert_uint_eq(len, 0);
	record(r, refused, NULL);
	records = read_records();
	ck_assert_uint_eq(json_array_size(records), 2);
	json_decref(records);
	free(allowed);
	finish(r, refused);
}
END_TEST

START_TEST(test_buffer_is_bounded)
{
	struct recorder_options options = usual();
	struct recorder *r;
	struct call *call = new_call(__NR_read, 0, 0, 0);
	size_t len = 0;
	unsigned i;

	options.hash = false; /* no chain records among those that are counted */
	r = recorder_new(&options);
	for (i = 0; i < 1000; i++)
		record(r, call, NULL);
	written(&len);
	ck_assert_uint_gt(len, 0);
	ck_assert_uint_lt(recorder_bytes(r) - len, 64 * 1024);
	ck_assert_uint_eq(recorder_count(r), 1000);
	finish(r, call);
}
END_TEST

START_TEST(test_cap_counts_what_it_leaves_out)
{
	struct recorder_options options = usual();
	_cleanup_buf_ struct buf end = { 0 };
	struct recorder *r;
	struct call *call = refused_open("/x");
	json_t *records;
	size_t len, n;
	unsigned i;

	options.max_bytes = 3000;
	options.drop = true;
	r = recorder_new(&options);
	ck_assert(!recorder_full(r));
	for (i = 0; i < 100; i++)
		record(r, call, NULL);
	ck_assert(recorder_full(r));
	written(&len);
	ck_assert_uint_le(len, 3000);
	buf_lit(&end, "{\"v\":1,\"kind\":\"end\"}");
	record_line(r, &end);
	recorder_flush(r);
	records = read_records();
	n = json_array_size(records);
	ck_assert_uint_ge(n, 3);
	ck_assert_str_eq(text_at(json_array_get(records, n - 1), "kind"), "end");
	ck_assert_str_eq(text_at(json_array_get(records, n - 2), "kind"), "lost");
	ck_assert_uint_eq((uint64_t)json_integer_value(at(json_array_get(records, n - 2), "count")), 100 - (n - 2));
	ck_assert_uint_eq(recorder_lost(r), 100 - (n - 2));
	for (i = 0; i < n - 1; i++)
		ck_assert_int_eq(json_integer_value(at(json_array_get(records, i), "event/sequence")), (int)i + 1);
	ck_assert_uint_eq(recorder_count(r), n);
	json_decref(records);
	finish(r, call);
}
END_TEST

START_TEST(test_cap_that_ends_the_run_loses_nothing)
{
	struct recorder_options options = usual();
	struct recorder *r;
	struct call *call = refused_open("/x");
	json_t *records;
	unsigned i;

	options.max_bytes = 1000;
	options.drop = false;
	r = recorder_new(&options);
	for (i = 0; i < 10; i++)
		record(r, call, NULL);
	ck_assert(recorder_full(r));
	ck_assert_uint_eq(recorder_lost(r), 0);
	records = read_records();
	ck_assert_uint_eq(json_array_size(records), 10);
	json_decref(records);
	finish(r, call);
}
END_TEST

/* In a signal that was sent there is a pid where the address of a fault would be. */
START_TEST(test_a_signal_that_was_sent_has_a_sender_and_no_address)
{
	const struct recorder_options options = usual();
	struct recorder *r = recorder_new(&options);
	static const int codes[] = { SI_USER, SI_TKILL, SI_QUEUE, SI_KERNEL };
	json_t *records;

	for (size_t i = 0; i < ARRAY_SIZE(codes); i++) {
		siginfo_t info = { .si_signo = SIGSEGV, .si_code = codes[i] };

		info.si_pid = 15094;
		record_a_signal(r, SIGSEGV, &info, false, true);
	}
	recorder_flush(r);
	records = read_records();
	for (size_t i = 0; i < ARRAY_SIZE(codes); i++) {
		json_t *signal = json_object_get(json_array_get(records, i), "signal");

		ck_assert_int_eq(json_integer_value(json_object_get(signal, "code")), codes[i]);
		ck_assert_ptr_null(json_object_get(signal, "address"));
		ck_assert_int_eq(json_integer_value(json_object_get(signal, "sender")), i < 2 ? 15094 : 0);
	}
	json_decref(records);
	finish(r, NULL);
}
END_TEST

START_TEST(test_without_a_log_calls_are_counted)
{
	const struct recorder_options options = options_for(-1);
	struct recorder *r = recorder_new(&options);
	struct call *call = refused_open("/x");
	char hash[65] = "?";

	ck_assert_uint_eq(record(r, call, NULL), 1);
	ck_assert_uint_eq(record_a_signal(r, SIGTERM, NULL, false, false), 2);
	ck_assert_uint_eq(recorder_count(r), 2);
	ck_assert_int_eq(recorder_close(r, hash), 0);
	recorder_free(r);
	request_fini(&call->request);
	free(call);
}
END_TEST

/* ------------------------------------------------------------------ errors and the end */

START_TEST(test_error_is_kept)
{
	const struct recorder_options options = options_for(open("/dev/full", O_WRONLY | O_CLOEXEC));
	struct recorder *r = recorder_new(&options);
	struct call *call = refused_open("/x");
	char hash[65];

	ck_assert_int_eq(recorder_error(r), 0);
	record(r, call, NULL);
	ck_assert_int_eq(recorder_error(r), -ENOSPC);
	ck_assert_int_eq(recorder_flush(r), -ENOSPC);
	record(r, call, NULL);
	ck_assert_int_eq(recorder_close(r, hash), -ENOSPC);
	ck_assert_int_eq(recorder_error(r), -ENOSPC);
	recorder_free(r);
	request_fini(&call->request);
	free(call);
}
END_TEST

START_TEST(test_reader_that_has_gone_is_an_error)
{
	int ends[2];
	struct recorder_options options;
	struct recorder *r;
	struct call *call = refused_open("/x");

	signal(SIGPIPE, SIG_IGN);
	ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
	options = options_for(ends[1]);
	r = recorder_new(&options);
	record(r, call, NULL);
	ck_assert_int_eq(recorder_error(r), 0);
	close(ends[0]);
	record(r, call, NULL);
	ck_assert_int_eq(recorder_error(r), -EPIPE);
	recorder_free(r);
	request_fini(&call->request);
	free(call);
}
END_TEST

/* What a slow reader's pipe is drained into, and who records more while it is waited for. */
struct slow_pipe {
	struct recorder *recorder;
	struct call *call;
	int read_fd;
	unsigned waits;
	struct buf got;
};

static struct slow_pipe slow;

static void drain_some(void)
{
	char data[4096];
	ssize_t n = read(slow.read_fd, data, sizeof data);

	if (n > 0)
		buf_put(&slow.got, data, (size_t)n);
}

static void on_wait(void *context)
{
	ck_assert_ptr_eq(context, &slow);
	if (slow.waits++ < 3) {
		record(slow.recorder, slow.call, NULL);
		ck_assert_int_eq(recorder_flush(slow.recorder), 0);
	}
	drain_some();
}

static void on_tick(int signal)
{
	(void)signal;
}

/* A flush beneath a flush writes nothing twice and nothing in between: each record comes once, in order. */
START_TEST(test_flush_from_beneath_appends)
{
	const struct sigaction action = { .sa_handler = on_tick };
	const struct itimerval tick = { { 0, 2000 }, { 0, 2000 } }, none = { { 0, 0 }, { 0, 0 } };
	int ends[2];
	char hash[65];
	uint64_t n = 1;
	char *line, *next;

	ck_assert_int_eq(pipe(ends), 0);
	fcntl(ends[1], F_SETPIPE_SZ, 4096);
	slow = (struct slow_pipe){ .read_fd = ends[0] };
	const struct recorder_options options = options_for(ends[1]);

	slow.recorder = recorder_new(&options);
	slow.call = new_call(__NR_getpid, 0, 0, 0);
	recorder_on_wait(slow.recorder, on_wait, &slow);
	sigaction(SIGALRM, &action, NULL);
	while (n < 60)
		n = record(slow.recorder, slow.call, NULL);
	setitimer(ITIMER_REAL, &tick, NULL);
	ck_assert_int_eq(recorder_flush(slow.recorder), 0);
	setitimer(ITIMER_REAL, &none, NULL);
	ck_assert_uint_gt(slow.waits, 3);
	recorder_on_wait(slow.recorder, NULL, NULL);
	fcntl(slow.read_fd, F_SETFL, O_NONBLOCK);
	ck_assert_int_eq(recorder_close(slow.recorder, hash), 0);
	for (n = slow.got.len, drain_some(); slow.got.len > n; n = slow.got.len)
		drain_some();
	buf_putc(&slow.got, '\0');
	for (n = 0, line = slow.got.data; *line; line = next + 1) {
		json_t *record;

		next = strchr(line, '\n');
		ck_assert_ptr_nonnull(next);
		record = json_loadb(line, (size_t)(next - line), JSON_REJECT_DUPLICATES, NULL);
		ck_assert_ptr_nonnull(record);
		ck_assert_int_eq(json_integer_value(at(record, "event/sequence")), (json_int_t)++n);
		json_decref(record);
	}
	ck_assert_uint_eq(n, 63);
	buf_fini(&slow.got);
	close(slow.read_fd);
	recorder_free(slow.recorder);
	free(slow.call);
}
END_TEST

START_TEST(test_hash_is_of_what_was_written)
{
	const struct recorder_options options = usual();
	struct recorder *r = recorder_new(&options);
	struct call *call = new_call(__NR_read, 0, 0, 0);
	uint8_t digest[SHA256_DIGEST_SIZE];
	char hash[65], expected[65];
	struct sha256_ctx sha;
	size_t len, i;
	char *data;

	for (i = 0; i < 500; i++)
		record(r, call, NULL);
	ck_assert_int_eq(recorder_close(r, hash), 0);
	data = written(&len);
	ck_assert_uint_eq(len, recorder_bytes(r));
	sha256_init(&sha);
	sha256_update(&sha, len, (const uint8_t *)data);
	sha256_digest(&sha, sizeof digest, digest);
	for (i = 0; i < sizeof digest; i++)
		snprintf(expected + 2 * i, 3, "%02x", digest[i]);
	ck_assert_str_eq(hash, expected);
	finish(r, call);
}
END_TEST

/* The chain records in the log so far, each of which must be right. */
static unsigned right_chains(void)
{
	size_t len;
	const char *log = written(&len), *line = log, *end;
	unsigned n = 0, lines = 0;

	for (; line < log + len && (end = memchr(line, '\n', (size_t)(log + len - line))); line = end + 1, lines++) {
		json_t *json = json_loadb(line, (size_t)(end - line), 0, NULL);
		struct sha256_ctx ctx;
		uint8_t digest[SHA256_DIGEST_SIZE];
		char hex[65];

		if (strcmp(text_at(json, "kind"), "chain") == 0) {
			sha256_init(&ctx);
			sha256_update(&ctx, (size_t)(line - log), (const uint8_t *)log);
			sha256_digest(&ctx, sizeof digest, digest);
			for (unsigned i = 0; i < sizeof digest; i++)
				snprintf(hex + 2 * i, 3, "%02x", digest[i]);
			ck_assert_str_eq(text_at(json, "chain/sha256"), hex);
			ck_assert_int_eq(json_integer_value(at(json, "chain/bytes")), (json_int_t)(line - log));
			ck_assert_int_eq(json_integer_value(at(json, "chain/records")), (json_int_t)lines);
			n++;
		}
		json_decref(json);
	}
	return n;
}

START_TEST(test_chain_records_are_digests_of_what_is_before_them)
{
	const struct recorder_options options = usual();
	struct recorder *r = recorder_new(&options);
	struct call *call = refused_open("/x");
	_cleanup_buf_ struct buf end = { 0 };
	uint64_t bytes;
	unsigned n;

	for (unsigned i = 0; i < 300; i++)
		record(r, call, NULL);
	recorder_flush(r);
	n = right_chains();
	bytes = recorder_bytes(r);
	ck_assert_uint_ge(n, 2);
	ck_assert_uint_le(n, bytes / (32 * 1024));
	recorder_seal(r);
	buf_lit(&end, "{\"v\":1,\"kind\":\"end\"}");
	record_line(r, &end);
	recorder_flush(r);
	ck_assert_uint_eq(right_chains(), n + 1);
	ck_assert_uint_eq(recorder_count(r), 300 + n + 2);
	finish(r, call);
}
END_TEST

START_TEST(test_a_short_log_is_sealed_too)
{
	const struct recorder_options options = usual();
	struct recorder *r = recorder_new(&options);
	struct call *call = refused_open("/x");

	record(r, call, NULL);
	ck_assert_uint_eq(right_chains(), 0);
	recorder_seal(r);
	recorder_flush(r);
	ck_assert_uint_eq(right_chains(), 1);
	finish(r, call);
}
END_TEST

START_TEST(test_no_chain_unless_hashing)
{
	struct recorder_options options = usual();
	struct recorder *r;
	struct call *call = refused_open("/x");

	options.hash = false;
	r = recorder_new(&options);
	for (unsigned i = 0; i < 300; i++)
		record(r, call, NULL);
	recorder_seal(r);
	recorder_flush(r);
	ck_assert_uint_eq(right_chains(), 0);
	finish(r, call);
}
END_TEST

START_TEST(test_no_hash_unless_asked)
{
	struct recorder_options options = usual();
	struct recorder *r;
	char hash[65] = "?";

	options.hash = false;
	r = recorder_new(&options);
	ck_assert_int_eq(recorder_close(r, hash), 0);
	ck_assert_str_eq(hash, "");
	finish(r, NULL);
}
END_TEST

int main(void)
{
	static const char text[] = "version: 1\nread:\n  - /srv/judge/data/**\n";
	const struct policy_context context = { 0 };
	Suite *suite = suite_create("record");
	TCase *tc = tcase_create("record");
	_cleanup_buf_ struct buf messages = { 0 };
	int status;

	if (policy_load_text(text, strlen(text), "test.yaml", &context, &policy, &messages) < 0) {
		fprintf(stderr, "%s", messages.data);
		return 1;
	}
	tcase_add_test(tc, test_refusal_says_all);
	tcase_add_test(tc, test_violation_names_the_nearest_grant);
	tcase_add_test(tc, test_path_that_is_not_utf8_has_a_twin);
	tcase_add_test(tc, test_result_that_never_came_is_left_out);
	tcase_add_test(tc, test_restart_codes_and_large_results);
	tcase_add_test(tc, test_signal_record);
	tcase_add_test(tc, test_a_signal_that_was_sent_has_a_sender_and_no_address);
	tcase_add_test(tc, test_code_is_the_innermost_frame_of_the_user);
	tcase_add_test(tc, test_library_is_told_by_whole_directories);
	tcase_add_test(tc, test_library_is_told_by_clean_names);
	tcase_add_test(tc, test_frames_left_out_are_counted);
	tcase_add_test(tc, test_no_record_is_longer_than_its_bound);
	tcase_add_test(tc, test_argument_is_not_cut_within_an_escape);
	tcase_add_test(tc, test_stack_that_is_too_long_keeps_both_ends);
	tcase_add_test(tc, test_stack_that_fits_is_whole);
	tcase_add_test(tc, test_the_stack_of_what_was_allowed_is_recorded_once);
	tcase_add_test(tc, test_stacks_that_are_known_have_a_bound);
	tcase_add_test(tc, test_a_stack_that_is_cut_is_in_the_record_that_has_it);
	tcase_add_test(tc, test_time);
	tcase_add_test(tc, test_calls_denied_leaves_out_what_is_allowed);
	tcase_add_test(tc, test_refusal_is_written_at_once);
	tcase_add_test(tc, test_buffer_is_bounded);
	tcase_add_test(tc, test_cap_counts_what_it_leaves_out);
	tcase_add_test(tc, test_cap_that_ends_the_run_loses_nothing);
	tcase_add_test(tc, test_without_a_log_calls_are_counted);
	tcase_add_test(tc, test_error_is_kept);
	tcase_add_test(tc, test_reader_that_has_gone_is_an_error);
	tcase_add_test(tc, test_flush_from_beneath_appends);
	tcase_add_test(tc, test_hash_is_of_what_was_written);
	tcase_add_test(tc, test_chain_records_are_digests_of_what_is_before_them);
	tcase_add_test(tc, test_a_short_log_is_sealed_too);
	tcase_add_test(tc, test_no_chain_unless_hashing);
	tcase_add_test(tc, test_no_hash_unless_asked);
	suite_add_tcase(suite, tc);
	tc = tcase_create("source");
	tcase_add_test(tc, test_the_line_of_source_goes_with_its_place);
	suite_add_tcase(suite, tc);
	status = run_suite(suite);
	policy_free(policy);
	return status;
}
