/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/student_log.h"

#include <stdlib.h>

#include "base/exception.h"
#include "base/json.h"
#include "base/text.h"
#include "base/util.h"

enum { FIELDS = 12 };

struct input {
	unsigned type, topic, kind;
	char *field[FIELDS];
};

static void split(const uint8_t *data, size_t size, struct input *ret)
{
	char *text = xstrndup((const char *)data, MIN(size, (size_t)8192)), *rest = text, *line;
	size_t n = 0;

	*ret = (struct input){ 0 };
	line = strsep(&rest, "\n");
	if (line[0])
		ret->type = (unsigned char)line[0];
	if (line[0] && line[1])
		ret->topic = (unsigned char)line[1];
	if (line[0] && line[1] && line[2])
		ret->kind = (unsigned char)line[2];
	while (n < FIELDS && (line = strsep(&rest, "\n"))) {
		for (char *p = line; *p; p++)
			*p = *p == '\x01' ? '\n' : *p;
		ret->field[n++] = xstrdup(line);
	}
	/* What is left is told as well as what is there. */
	for (size_t i = n; i < FIELDS; i++)
		ret->field[i] = xstrdup(n ? ret->field[i % n] : "");
	free(text);
}

static void put_code(struct buf *log, const struct input *in)
{
	json_open(log, "code");
	json_put_text(log, "file.path", in->field[0]);
	json_put_u64(log, "line.number", 3);
	json_put_text(log, "function.name", in->field[1]);
	json_close(log);
	json_open(log, "stack");
	json_open_list(log, "python");
	for (size_t i = 0; i < 3; i++) {
		json_open(log, NULL);
		json_put_text(log, "file", i ? "/box/solve.py" : in->field[0]);
		json_put_text(log, "function", in->field[1 + i]);
		json_put_u64(log, "line", 3 + i);
		json_close(log);
	}
	json_close_list(log);
	json_close(log);
}

static void put_refusal(struct buf *log, const struct input *in)
{
	static const char *const topics[] = { "open", "look", "chdir", "network", "process", "write", "memory", "signal" };
	static const char *const actions[] = { "deny", "hide", "kill" };
	_cleanup_buf_ struct buf argument = { 0 };

	json_open(log, NULL);
	json_put_u64(log, "v", 1);
	json_put_text(log, "kind", "call");
	json_open(log, "event");
	json_put_u64(log, "sequence", 1);
	json_put_text(log, "action", in->topic & 1 ? "openat" : "connect");
	json_close(log);
	json_open(log, "syscall");
	json_put_text(log, "topic", topics[in->topic / 2 % ARRAY_SIZE(topics)]);
	json_put_text(log, "errno", "EACCES");
	json_open_list(log, "args");
	text_args(&argument, in->field[2]); /* as a log has it */
	json_put_text(log, NULL, argument.data ? argument.data : "");
	json_put_text(log, NULL, in->topic & 32 ? "O_RDONLY" : "O_WRONLY|O_CREAT");
	json_close_list(log);
	json_close(log);
	json_open(log, "file");
	json_put_text(log, "path", in->field[4]);
	json_close(log);
	json_open(log, "decision");
	json_put_text(log, "action", actions[in->topic / 64 % ARRAY_SIZE(actions)]);
	json_put_bool(log, "violation", true);
	json_close(log);
	json_open(log, "rule");
	json_put_text(log, "id", "on_deny");
	json_put_text(log, "ref", STUDENT_POLICY ".yaml:5:1");
	json_put_text(log, "nearest", STUDENT_POLICY ".yaml:6:1");
	json_put_text(log, "nearest_path", STUDENT_POLICY "/data/**");
	json_close(log);
	put_code(log, in);
	json_close(log);
	buf_putc(log, '\n');
}

static const char *const types[] = {
	"FileNotFoundError", "PermissionError", "IsADirectoryError", "NotADirectoryError", "FileExistsError", "OSError", "ImportError",
	"ModuleNotFoundError", "ValueError", "SyntaxError", "SystemExit", "KeyError", "IndexError", "UnicodeDecodeError",
	"UnicodeEncodeError", "AssertionError", "NameError", "AttributeError", "MemoryError", "RecursionError", "EOFError",
	"ExceptionGroup", "KeyboardInterrupt", "BrokenPipeError", "TypeError", "ZeroDivisionError",
};

static void put_exception(struct buf *log, const struct input *in)
{
	const char *type = types[in->type % ARRAY_SIZE(types)], *own = in->kind & 8 ? in->field[5] : type;
	const struct exception_frame frames[] = {
		{ .file = "/box/solve.py", .line = 1, .function = in->field[6] },
		{ .file = in->field[0], .line = 3, .function = in->field[1] },
	};
	const char *const bases[] = { type, "OSError" }, *const notes[] = { in->field[7] };
	struct exception_facts x = {
		.type = own, .module = in->kind & 16 ? in->field[8] : "builtins", .bases = bases, .n_bases = 1 + (in->kind & 1),
		.message = in->field[2], .filename = in->field[3], .name = in->field[4], .text = in->field[9], .lineno = in->type / 32,
		.error = (int)in->kind, .file = in->field[0], .line = 3, .function = in->field[1],
		.frames = frames, .n_frames = ARRAY_SIZE(frames), .notes = notes, .n_notes = 1,
	}, other = x;

	other.message = in->field[10];
	other.link = EXCEPTION_LINK_CAUSE;
	x.chain = x.group = &other;
	x.n_chain = x.n_group = 1;
	exception_format(&x, "exception", log);
	json_put_text(log, "working_directory", in->field[11]);
	json_open(log, "found");
	json_put_text(log, in->kind & 2 ? "beside" : "other_case", in->field[10]);
	json_put_text(log, "near_name", in->field[11]);
	json_put_text(log, in->kind & 4 ? "shadow" : "installed", in->field[9]);
	json_close(log);
}

static void put_limit(struct buf *log, const struct input *in)
{
	json_open_list(log, "held");
	json_open(log, NULL);
	json_put_text(log, "name", in->field[2]);
	json_put_text(log, "type", in->field[3]);
	json_put_u64(log, in->kind & 4 ? "items" : "bytes", (uint64_t)in->type << in->topic % 50);
	json_put_text(log, "file", in->field[0]);
	json_put_text(log, "function", in->field[1]);
	json_put_u64(log, "line", 4);
	json_close(log);
	json_close_list(log);
	json_open(log, "hottest");
	json_put_text(log, "file", in->field[0]);
	json_put_text(log, "function", in->field[1]);
	json_put_u64(log, "line", 4);
	json_put_u64(log, "samples", 20);
	json_put_u64(log, "of", 21);
	json_close(log);
}

static void put_end(struct buf *log, const struct input *in)
{
	enum { EXCEPTION, REFUSAL, LIMIT, ENDS } end = in->kind / 32 % ENDS;

	json_open(log, NULL);
	json_put_u64(log, "v", 1);
	json_put_text(log, "kind", "end");
	json_put_text(log, "status", end == LIMIT ? "ML" : "RE");
	if (end == LIMIT) {
		json_open(log, "limit");
		json_put_text(log, "name", in->kind & 1 ? "memory" : "cpu");
		json_put_text(log, "ref", STUDENT_POLICY ".yaml:9:1");
		json_put_u64(log, "value", 1 << 20);
		json_put_u64(log, "used", 1 << 21);
		json_close(log);
		put_code(log, in);
	}
	json_open(log, "exit");
	json_put_u64(log, "code", 1);
	json_close(log);
	json_open(log, "cause");
	json_put_text(log, "kind", end == LIMIT ? "limit" : end == REFUSAL ? "refusal" : "exception");
	json_put_bool(log, "certain", true);
	if (end == REFUSAL)
		json_put_u64(log, "seq", 1);
	if (end == LIMIT)
		put_limit(log, in);
	else
		put_exception(log, in);
	json_close(log);
	json_close(log);
	buf_putc(log, '\n');
}

static void put_start(struct buf *log)
{
	buf_lit(log, "{\"v\":1,\"kind\":\"start\",\"@timestamp\":\"2026-01-05T10:11:12Z\",\"run\":{\"id\":\"r\"},\"process\":{\"pid\":4,"
		     "\"executable\":\"/usr/bin/" STUDENT_POLICY "\",\"working_directory\":\"/box\"},\"script\":{\"path\":\"/box/solve.py\","
		     "\"directory\":\"/box\"},\"policy\":{\"name\":\"" STUDENT_POLICY "\",\"effective\":\"never:\\n  - /" STUDENT_POLICY "\\n\"}}\n");
}

void student_log(const uint8_t *data, size_t size, struct buf *out)
{
	struct input in;

	split(data, size, &in);
	put_start(out);
	put_refusal(out, &in);
	put_end(out, &in);
	for (size_t i = 0; i < FIELDS; i++)
		free(in.field[i]);
}
