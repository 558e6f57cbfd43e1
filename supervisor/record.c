/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/record.h"

#include <errno.h>
#include <limits.h>
#include <nettle/sha2.h>
#include <poll.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/json.h"
#include "base/names.h"
#include "supervisor/record_stack.h"

enum {
	FLUSH_AT = 60 * 1024,
	CHAIN_EVERY = 32 * 1024, /* bytes of the log: a chain record is less than a hundredth of them */
	HEAD_MAX = 1024,	    /* what has no text of the program's: times, numbers, names of calls */
	ARG_MAX = 8 * 1024,	    /* one argument, in bytes as written: any path that needs no escapes */
	ARGS_MAX = 17 * 1024,	    /* all of them */
	ARG_MIN = 256,		    /* what each of them has at least */
	ARG_QUOTES = 3,
	RESOLUTION_MAX = 3 * 1024,
	RULE_TEXT_MAX = 512,
	REF_MAX = 768,
	SHADOW_MAX = 512, /* where a rule of the second policy stands */
	TAIL_MAX = 256, /* "truncated" and the closing brace */
};

/* A path is never cut: it can be of control characters, and one byte more that is not UTF-8. */
#define FILE_PATH_MAX (JSON_MEMBER_MAX(6 * PATH_MAX) - ((6 * PATH_MAX + 2) / 3 - (PATH_MAX + 2) / 3) * 4)

_Static_assert(HEAD_MAX + ARGS_MAX + FILE_PATH_MAX + RESOLUTION_MAX +
			       2 * (JSON_MEMBER_MAX(RULE_TEXT_MAX) + JSON_MEMBER_MAX(REF_MAX)) +
			       JSON_MEMBER_MAX(SHADOW_MAX) + RECORD_STACK_MIN + TAIL_MAX <=
		       RECORD_MAX,
	       "whatever the program does, its record is no longer than a record may be");

struct recorder {
	struct recorder_options options;
	struct buf run_member; /* "run":{"id":"…"} */
	struct buf buffer;
	struct buf scratch;
	uint64_t sequence, count, bytes, lost;
	uint64_t lost_reported;
	int error;
	bool full, closing;
	bool writing; /* recorder_flush() is under way, perhaps beneath this very call */
	struct sha256_ctx sha;
	uint64_t hashed, chained; /* bytes in `sha`, and in it at the last chain record */
	/* The second that the last time stamp was in, already formatted. */
	time_t second;
	char second_text[24];
	void (*waiting)(void *context);
	void *waiting_context;
	struct source *source;
	const struct tasks *tasks;
};

struct recorder *recorder_new(const struct recorder_options *options)
{
	struct recorder *r = xcalloc(1, sizeof *r);

	r->options = *options;
	r->second = -1;
	json_open(&r->run_member, "run");
	json_put_text(&r->run_member, "id", options->run_id);
	json_close(&r->run_member);
	if (options->hash)
		sha256_init(&r->sha);
	return r;
}

void recorder_free(struct recorder *recorder)
{
	if (!recorder)
		return;
	if (recorder->options.fd >= 0)
		close(recorder->options.fd);
	buf_fini(&recorder->run_member);
	buf_fini(&recorder->buffer);
	buf_fini(&recorder->scratch);
	free(recorder);
}

void recorder_on_wait(struct recorder *recorder, void (*waiting)(void *context), void *context)
{
	recorder->waiting = waiting;
	recorder->waiting_context = context;
}

void recorder_set_source(struct recorder *recorder, struct source *source)
{
	recorder->source = source;
}

void recorder_set_tasks(struct recorder *recorder, const struct tasks *tasks)
{
	recorder->tasks = tasks;
}

static bool can_write_in_time(int fd)
{
	struct pollfd ready = { .fd = fd, .events = POLLOUT };
	int r;

	do
		r = poll(&ready, 1, RECORDER_PATIENCE_MS);
	while (r < 0 && errno == EINTR);
	return r != 0;
}

/* write_full(), but who waits may look after other things. */
static int write_out(struct recorder *r)
{
	size_t done = 0;

	while (done < r->buffer.len) {
		size_t n = r->buffer.len - done;
		ssize_t put;

		/* A pipe that polls as writable takes PIPE_BUF bytes without blocking. */
		if (r->closing && !can_write_in_time(r->options.fd))
			return -ETIMEDOUT;
		put = write(r->options.fd, r->buffer.data + done, r->closing ? MIN(n, PIPE_BUF) : n);

		if (put >= 0)
			done += (size_t)put;
		else if (errno != EINTR)
			return -errno;
		else if (r->waiting)
			r->waiting(r->waiting_context);
	}
	return 0;
}

int recorder_flush(struct recorder *r)
{
	/* Who waits may record more meanwhile: it lands behind what is being written, and goes with it. */
	if (r->error || r->options.fd < 0 || r->writing)
		return r->error;
	if (r->buffer.len) {
		r->writing = true;
		r->error = write_out(r);
		r->writing = false;
		if (r->error)
			return r->error;
		if (r->options.hash)
			sha256_update(&r->sha, r->buffer.len, (const uint8_t *)r->buffer.data);
		r->hashed += r->buffer.len;
		buf_clear(&r->buffer);
	}
	return 0;
}

int recorder_error(const struct recorder *recorder)
{
	return recorder->error;
}

bool recorder_full(const struct recorder *recorder)
{
	return recorder->full;
}

uint64_t recorder_lost(const struct recorder *recorder)
{
	return recorder->lost;
}

uint64_t recorder_count(const struct recorder *recorder)
{
	return recorder->count;
}

uint64_t recorder_bytes(const struct recorder *recorder)
{
	return recorder->bytes;
}

/* SHA-256 of what was hashed so far, in hexadecimal; hashing can go on. */
static void digest_so_far(const struct recorder *r, char ret_sha256[65])
{
	struct sha256_ctx copy = r->sha;
	uint8_t digest[SHA256_DIGEST_SIZE];

	sha256_digest(&copy, sizeof digest, digest);
	hex_text(digest, sizeof digest, ret_sha256);
}

int recorder_close(struct recorder *r, char ret_sha256[65])
{
	int error;

	r->closing = true;
	error = recorder_flush(r);

	if (r->options.fd >= 0 && close(r->options.fd) < 0 && !error)
		error = r->error = -errno;
	r->options.fd = -1;
	ret_sha256[0] = '\0';
	if (r->options.hash)
		digest_so_far(r, ret_sha256);
	return error;
}

/* ------------------------------------------------------------------ pieces */

static void put_time(struct recorder *r, uint64_t realtime_ns, struct buf *out)
{
	time_t second = (time_t)(realtime_ns / 1000000000u);
	uint32_t fraction = (uint32_t)(realtime_ns % 1000000000u);
	char digits[12];
	int i;

	if (second != r->second) {
		struct tm tm;

		gmtime_r(&second, &tm);
		strftime(r->second_text, sizeof r->second_text, "%Y-%m-%dT%H:%M:%S", &tm);
		r->second = second;
	}
	buf_puts(out, r->second_text);
	digits[0] = '.';
	for (i = 9; i >= 1; i--, fraction /= 10)
		digits[i] = (char)('0' + fraction % 10);
	digits[10] = 'Z';
	buf_put(out, digits, 11);
}

void record_format_time(uint64_t realtime_ns, struct buf *out)
{
	struct recorder r = { .second = -1 };

	put_time(&r, realtime_ns, out);
}

static void put_process(const struct recorder *r, pid_t tgid, pid_t tid, struct buf *out)
{
	const struct process *process = r->tasks ? tasks_process(r->tasks, tgid) : NULL;

	json_open(out, "process");
	json_put_i64(out, "pid", tgid);
	if (process) {
		json_open(out, "parent");
		json_put_i64(out, "pid", process->parent);
		json_close(out);
	}
	json_open(out, "thread");
	json_put_i64(out, "id", tid);
	json_close(out);
	json_close(out);
}

void record_format_stack(const struct recorder *r, const struct stack *stack, struct buf *out)
{
	record_put_cut(record_put_stack(stack, r->options.library, r->source, RECORD_STACK_MAX, out), out);
}

static void put_errno(int64_t result, struct buf *out)
{
	const char *name = result < 0 && result > -4096 ? errno_name((int)-result) : NULL;

	if (name)
		json_put_word(out, "errno", name);
}

/* How much of the argument S, as strace(1) writes it, MAX bytes can hold: no escape is cut in two. */
static size_t fit_arg(const char *s, size_t n, size_t max)
{
	size_t fits = json_fit(s, n, max), i = 0, at = 0;

	if (fits == n)
		return n;
	while (i < fits) {
		at = i;
		if (s[i++] != '\\')
			continue;
		if (s[i] < '0' || s[i] > '7')
			i++;
		else
			while (i < n && i - at < 4 && s[i] >= '0' && s[i] <= '7')
				i++;
	}
	return i > fits ? at : fits;
}

/* Was it cut when it was copied? A quotation mark within a text has a backslash before it. */
static bool is_cut(const struct buf *arg)
{
	static const char mark[] = "\"...";
	const size_t n = sizeof mark - 1;

	return arg->len > n && memcmp(arg->data + arg->len - n, mark, n) == 0;
}

/* One argument in at most MAX bytes. False when it was cut: then "..." is behind it. */
static bool put_arg(const struct buf *arg, size_t max, struct buf *out)
{
	size_t n = fit_arg(arg->data, arg->len, max);

	json_key(out, NULL);
	if (n == arg->len) {
		json_string_n(out, arg->data, n);
		return !is_cut(arg);
	}
	json_string_n(out, arg->data, fit_arg(arg->data, arg->len, max - strlen("\\\"...")));
	out->len--;
	buf_puts(out, arg->data[0] == '"' ? "\\\"...\"" : "...\"");
	return false;
}

static bool put_args(struct recorder *r, const struct request *q, struct buf *out)
{
	size_t start = out->len;
	unsigned i, n = request_n_args(q);
	bool whole = true;

	for (i = 0; i < n; i++) {
		size_t left = ARGS_MAX - (out->len - start), after = (n - i - 1) * ARG_MIN;

		buf_clear(&r->scratch);
		request_format_arg(q, i, &r->scratch);
		whole = put_arg(&r->scratch, MIN((size_t)ARG_MAX, left - after - ARG_QUOTES), out) && whole;
	}
	return whole;
}

/* What the call is about. What only explains a refusal is left out of the many records of other calls. */
static void put_topic(const struct call *call, struct buf *out)
{
	const struct syscall_row *row = call->request.row;
	enum topic topic = row ? (enum topic)row->topic : TOPIC_NONE;

	json_put_word(out, "subject", subject_name(topic_subject(topic)));
	if (call->decision.action == ACTION_ALLOW)
		return;
	json_put_word(out, "topic", topic_name(topic));
	if (row && syscall_is_conditional(row))
		json_put_bool(out, "conditional", true);
}

/* Whether all of it was written; so below. */
static bool put_syscall(struct recorder *r, const struct call *call, struct buf *out)
{
	const struct request *q = &call->request;
	bool whole;

	json_open(out, "syscall");
	json_put_u64(out, "nr", q->nr);
	json_put_word(out, "arch", abi_name(q->abi));
	put_topic(call, out);
	json_open_list(out, "args");
	whole = put_args(r, q, out);
	json_close_list(out);
	if (call->returned) {
		json_put_i64(out, "ret", call->result);
		put_errno(call->result, out);
	}
	json_close(out);
	return whole;
}

static void put_step(const struct resolve_step *step, struct buf *out)
{
	json_open(out, NULL);
	if (step->name)
		json_put_text(out, "name", step->name);
	json_put_text(out, "path", step->path ? step->path : "");
	if (step->link)
		json_put_text(out, "link", step->link);
	json_close(out);
}

static bool put_steps(const struct object *object, struct buf *out)
{
	size_t start, before, i;

	json_open_list(out, "resolution");
	start = out->len;
	for (i = 0; i < object->n_steps; i++) {
		before = out->len;
		put_step(&object->steps[i], out);
		if (out->len - start > RESOLUTION_MAX - 32) {
			out->len = before;
			break;
		}
	}
	json_close_list(out);
	/* The trail of the walk has a bound of its own. */
	return i == object->n_steps && (i < RESOLVE_MAX_STEPS || streq(object->steps[i - 1].path, object->path));
}

static bool put_file(const struct call *call, struct buf *out)
{
	const struct object *object = &call->objects[call->decided];
	bool whole = true;

	if (call->undecided || call->request.n_paths == 0 || object->path[0] == '\0')
		return true;
	json_open(out, "file");
	json_put_text(out, "path", object->path);
	if (object->n_steps)
		whole = put_steps(object, out);
	json_close(out);
	return whole;
}

/*
 * ECS: whom it was to reach is the destination, where others reach it the server. What is of a path is no file that was
 * opened, so it is not among those.
 */
static bool put_network(const struct call *call, struct buf *out)
{
	const struct net_address *address = &call->net.address;
	_cleanup_buf_ struct buf text = { 0 };
	bool whole = true;

	if (!call->net.asked)
		return true;
	json_open(out, "network");
	json_put_word(out, "transport", net_transport_name(address->transport));
	if (address->transport != NET_UNIX)
		json_put_word(out, "type", address->ipv6 ? "ipv6" : "ipv4");
	json_close(out);
	json_open(out, call->net.use == NET_CONNECT ? "destination" : "server");
	if (address->transport == NET_UNIX) {
		net_put_address(&text, address);
		whole = json_put_text_cut(out, "address", after_prefix(text.data, "unix:"), RULE_TEXT_MAX);
	} else {
		net_put_ip(&text, address);
		json_put_text(out, "address", text.data);
		json_put_text(out, "ip", text.data);
		json_put_u64(out, "port", address->port);
	}
	json_close(out);
	return whole;
}

static bool is_refused(const struct call *call)
{
	return call->decision.action != ACTION_ALLOW;
}

static void put_decision(const struct call *call, struct buf *out)
{
	static const char *const hows[] = { "kernel", "emulate", "rewrite", "skip", "kill", "wait" };

	json_open(out, "decision");
	json_put_word(out, "action", call->undecided ? "none" : action_name(call->decision.action));
	json_put_word(out, "how", hows[call->how]);
	json_put_bool(out, "enforced", !call->audited);
	if (call->decision.violation)
		json_put_bool(out, "violation", true);
	json_close(out);
}

static bool put_rule(const struct call *call, const struct grant *nearest, struct buf *out)
{
	const struct rule *rule = &call->decision.rule;
	bool whole;

	if (!rule->id)
		return true;
	json_open(out, "rule");
	json_put_word(out, "id", rule->id);
	whole = json_put_text_cut(out, "ref", rule->ref ? rule->ref : "", REF_MAX);
	if (call->decision.grant && is_refused(call))
		whole = json_put_text_cut(out, "path", call->decision.grant->text, RULE_TEXT_MAX) && whole;
	if (nearest) {
		whole = json_put_text_cut(out, "nearest", nearest->rule.ref, REF_MAX) && whole;
		whole = json_put_text_cut(out, "nearest_path", nearest->text, RULE_TEXT_MAX) && whole;
	}
	json_close(out);
	return whole;
}

/* What the shadow would have answered, where that is not the decision. */
static bool put_shadow(const struct call *call, struct buf *out)
{
	const struct decision *d = &call->shadow;
	bool whole = true;

	if (!call->shadowed)
		return true;
	json_open(out, "shadow");
	json_put_word(out, "action", action_name(d->action));
	if (d->err)
		put_errno(-(int64_t)d->err, out);
	if (d->rule.id) {
		json_open(out, "rule");
		json_put_word(out, "id", d->rule.id);
		whole = json_put_text_cut(out, "ref", d->rule.ref ? d->rule.ref : "", SHADOW_MAX);
		json_close(out);
	}
	json_close(out);
	return whole;
}

static void put_event(const struct call *call, uint64_t sequence, struct buf *out)
{
	char name[32];
	const char *outcome = !call->returned	 ? "unknown" :
			      call->result < 0 && call->result > -4096 ? "failure" :
									 "success";

	json_open(out, "event");
	json_put_u64(out, "sequence", sequence);
	json_put_word(out, "action", request_name(&call->request, name));
	json_open_list(out, "type");
	json_put_word(out, NULL, call->undecided ? "error" : is_refused(call) ? "denied" : "allowed");
	json_close_list(out);
	json_put_word(out, "outcome", outcome);
	json_put_u64(out, "duration", call->duration_ns);
	json_close(out);
}

/* ------------------------------------------------------------------ records */

/* What each record begins with; the object is left open. */
static void open_record(struct recorder *r, const char *kind, uint64_t realtime_ns, struct buf *out)
{
	json_open(out, NULL);
	json_put_u64(out, "v", 1);
	json_put_word(out, "kind", kind);
	json_key(out, "@timestamp");
	buf_putc(out, '"');
	put_time(r, realtime_ns, out);
	buf_putc(out, '"');
}

static void close_record(struct buf *out)
{
	json_close(out);
	buf_putc(out, '\n');
}

static void put_lost(struct recorder *r)
{
	struct buf *out = &r->buffer;

	if (r->lost == r->lost_reported)
		return;
	open_record(r, "lost", clock_ns(CLOCK_REALTIME), out);
	json_open(out, "event");
	json_put_u64(out, "sequence", ++r->sequence);
	json_close(out);
	json_put_members(out, &r->run_member);
	json_put_u64(out, "count", r->lost - r->lost_reported);
	json_put_word(out, "reason", "log.max");
	close_record(out);
	r->lost_reported = r->lost;
	r->count++;
}

/* The buffer is empty: all that was recorded is written, and in the digest. */
static void put_chain(struct recorder *r)
{
	struct buf *out = &r->buffer;
	char digest[65];

	digest_so_far(r, digest);
	open_record(r, "chain", clock_ns(CLOCK_REALTIME), out);
	json_put_members(out, &r->run_member);
	json_open(out, "chain");
	json_put_u64(out, "bytes", r->hashed);
	json_put_u64(out, "records", r->count);
	json_put_word(out, "sha256", digest);
	json_close(out);
	close_record(out);
	r->chained = r->hashed;
	r->bytes += out->len;
	r->count++;
}

/* Before a record: a chain record where one is due. A log that is full gets none but the last. */
static void chain_if_due(struct recorder *r)
{
	if (r->options.hash && r->hashed - r->chained >= CHAIN_EVERY && r->buffer.len == 0 && !r->full && !r->error)
		put_chain(r);
}

void recorder_seal(struct recorder *r)
{
	if (!r->options.hash || r->options.fd < 0)
		return;
	put_lost(r);
	if (recorder_flush(r) == 0 && r->buffer.len == 0)
		put_chain(r);
}

/* A line was appended from START on: count it, or take it back when it does not fit any more. */
static bool commit_line(struct recorder *r, size_t start)
{
	size_t len = r->buffer.len - start;

	if (r->options.fd < 0)
		buf_clear(&r->buffer);
	else if (r->full || (r->options.max_bytes != UINT64_MAX && r->bytes + len > r->options.max_bytes)) {
		/* A run that is about to end for it keeps what is still to come: nothing is lost. */
		r->full = true;
		if (r->options.on_full == LOG_FULL_DROP) {
			r->lost++;
			r->buffer.len = start;
			return false;
		}
	}
	r->bytes += len;
	r->count++;
	return true;
}

static bool is_recorded(const struct recorder *r, const struct call *call)
{
	if (is_refused(call) || call->audited || call->shadowed)
		return true;
	if (r->options.calls == LOG_DENIED)
		return false;
	return true;
}

bool record_wants(const struct recorder *r, const struct call *call)
{
	return r->options.fd >= 0 && is_recorded(r, call);
}

static const struct grant *nearest_grant(const struct recorder *r, const struct call *call)
{
	const struct object *object = &call->objects[call->decided];

	bool none = call->decision.rule.kind == RULE_ON_DENY; /* nothing grants it */

	if ((!call->decision.violation && !none) || call->request.n_paths == 0 || !object->path[0])
		return NULL;
	return policy_nearest(r->options.policy, object->path, object->len);
}

uint64_t record_call(struct recorder *r, const struct call *call, const struct stack *stack)
{
	struct buf *out = &r->buffer;
	unsigned cut = 0;
	size_t start;

	if (!is_recorded(r, call))
		return 0;
	if (r->options.fd < 0) {
		r->count++;
		return ++r->sequence;
	}
	chain_if_due(r);
	start = out->len;
	open_record(r, "call", call->wall_ns, out);
	put_event(call, ++r->sequence, out);
	json_put_members(out, &r->run_member);
	put_process(r, call->request.tgid, call->request.tid, out);
	if (!put_syscall(r, call, out))
		cut |= CUT_ARGS;
	if (!put_file(call, out))
		cut |= CUT_RESOLUTION;
	if (!put_network(call, out))
		cut |= CUT_ARGS;
	put_decision(call, out);
	if (!put_rule(call, nearest_grant(r, call), out))
		cut |= CUT_RULE;
	if (!put_shadow(call, out))
		cut |= CUT_RULE;
	cut |= record_put_stack(stack, r->options.library, r->source, RECORD_MAX - TAIL_MAX - (out->len - start),
				 out);
	record_put_cut(cut, out);
	close_record(out);
	if (!commit_line(r, start)) {
		r->sequence--;
		return 0;
	}
	if (out->len >= FLUSH_AT || is_refused(call))
		recorder_flush(r);
	return r->sequence;
}

/*
 * Who sent it, or where the fault was: the two lie in one place of siginfo_t, and si_code alone tells which
 * it is (sigaction(2)). SI_QUEUE is what one process of the run sends to another by way of the supervisor; elsewhere
 * whoever sends it says who it was. SI_KERNEL with a fault says only that the address is not known.
 */
static void put_origin(const struct recorder *r, int signal, const siginfo_t *info, struct buf *out)
{
	bool faults = signal == SIGSEGV || signal == SIGBUS || signal == SIGFPE || signal == SIGILL;

	json_put_i64(out, "code", info->si_code);
	if (info->si_code == SI_USER || info->si_code == SI_TKILL ||
	    (info->si_code == SI_QUEUE && r->tasks && tasks_process(r->tasks, info->si_pid))) {
		json_put_i64(out, "sender", info->si_pid);
	} else if (faults && info->si_code > 0 && info->si_code != SI_KERNEL) {
		json_key(out, "address");
		buf_putc(out, '"');
		buf_hex(out, (uintptr_t)info->si_addr);
		buf_putc(out, '"');
	}
}

uint64_t record_signal(struct recorder *r, pid_t tgid, pid_t tid, int signal, const siginfo_t *info,
		       bool overflow, bool fatal, const struct stack *stack)
{
	struct buf *out = &r->buffer;
	size_t start;

	if (r->options.fd < 0) {
		r->count++;
		return ++r->sequence;
	}
	chain_if_due(r);
	start = out->len;
	open_record(r, "signal", clock_ns(CLOCK_REALTIME), out);
	json_open(out, "event");
	json_put_u64(out, "sequence", ++r->sequence);
	json_put_word(out, "action", signal_name(signal));
	json_close(out);
	json_put_members(out, &r->run_member);
	put_process(r, tgid, tid, out);
	json_open(out, "signal");
	json_put_i64(out, "number", signal);
	json_put_word(out, "name", signal_name(signal));
	if (info)
		put_origin(r, signal, info, out);
	if (overflow)
		json_put_bool(out, "overflow", true);
	json_close(out);
	json_put_bool(out, "fatal", fatal);
	record_format_stack(r, stack, out);
	close_record(out);
	if (!commit_line(r, start)) {
		r->sequence--;
		return 0;
	}
	return r->sequence;
}

void record_line(struct recorder *r, const struct buf *line)
{
	if (r->options.fd < 0)
		return;
	put_lost(r);
	buf_put(&r->buffer, line->data, line->len);
	buf_putc(&r->buffer, '\n');
	r->bytes += line->len + 1;
	r->count++;
	if (r->buffer.len >= FLUSH_AT)
		recorder_flush(r);
}
