/* SPDX-License-Identifier: Apache-2.0 */
#include "tracee/filter.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/util.h"
#include "tracee/abi/abi.h"

enum verdict { VERDICT_TRACE, VERDICT_ALLOW, VERDICT_RULES };

struct compiler {
	const struct reg_values *values;
	struct filter *filter;
	bool overflow;
};

static unsigned emit(struct compiler *c, unsigned code, unsigned k, unsigned jt, unsigned jf)
{
	unsigned at = c->filter->len;

	if (at >= FILTER_MAX || jt > 255 || jf > 255) {
		c->overflow = true;
		return 0;
	}
	c->filter->code[at] = (struct sock_filter){ (unsigned short)code, (unsigned char)jt,
						    (unsigned char)jf, k };
	c->filter->len++;
	return at;
}

static void emit_load(struct compiler *c, size_t offset)
{
	emit(c, BPF_LD | BPF_W | BPF_ABS, (unsigned)offset, 0, 0);
}

static void emit_return(struct compiler *c, unsigned action)
{
	emit(c, BPF_RET | BPF_K, action, 0, 0);
}

/*
 * A test that fails jumps to the next rule, whose place is not known yet: so an unconditional jump
 * is emitted behind the comparison, and patched when the rule's end is known.
 */
struct failures {
	unsigned at[REG_MAX_TESTS * 4];
	unsigned n;
};

static void emit_failure(struct compiler *c, struct failures *f)
{
	if (f->n >= ARRAY_SIZE(f->at)) {
		c->overflow = true;
		return;
	}
	f->at[f->n++] = emit(c, BPF_JMP | BPF_JA, 0, 0, 0);
}

static void land_failures(struct compiler *c, const struct failures *f)
{
	unsigned i;

	if (c->overflow)
		return;
	for (i = 0; i < f->n; i++)
		c->filter->code[f->at[i]].k = c->filter->len - f->at[i] - 1;
}

static size_t half_offset(unsigned arg, bool high)
{
	return offsetof(struct seccomp_data, args) + arg * 8 + (high ? 4 : 0);
}

static void emit_masked_half(struct compiler *c, const struct reg_test *t, bool high)
{
	unsigned mask = (unsigned)(high ? t->mask >> 32 : t->mask);

	emit_load(c, half_offset(t->arg, high));
	if (mask != 0xffffffffu)
		emit(c, BPF_ALU | BPF_AND | BPF_K, mask, 0, 0);
}

static void emit_equal(struct compiler *c, const struct reg_test *t, uint64_t want, struct failures *f)
{
	if (t->mask >> 32) {
		emit_masked_half(c, t, true);
		emit(c, BPF_JMP | BPF_JEQ | BPF_K, (unsigned)(want >> 32), 1, 0);
		emit_failure(c, f);
	}
	emit_masked_half(c, t, false);
	emit(c, BPF_JMP | BPF_JEQ | BPF_K, (unsigned)want, 1, 0);
	emit_failure(c, f);
}

/* x >= WANT, or x < WANT, on one or both halves. */
static void emit_order(struct compiler *c, const struct reg_test *t, uint64_t want, struct failures *f)
{
	bool ge = t->op == REG_GE;
	unsigned high = (unsigned)(want >> 32);

	if (t->mask >> 32) {
		/*  high > want: settled (true for GE); high < want: settled; equal: look at the low half */
		emit_masked_half(c, t, true);
		emit(c, BPF_JMP | BPF_JEQ | BPF_K, high, ge ? 3 : 2, 0);
		if (ge) {
			emit(c, BPF_JMP | BPF_JGT | BPF_K, high, 0, 1);
			emit(c, BPF_JMP | BPF_JA, (unsigned)t->mask == 0xffffffffu ? 4 : 5, 0, 0);
			emit_failure(c, f);
		} else {
			emit(c, BPF_JMP | BPF_JGT | BPF_K, high, 0, (unsigned)t->mask == 0xffffffffu ? 4 : 5);
			emit_failure(c, f);
		}
	}
	emit_masked_half(c, t, false);
	emit(c, BPF_JMP | BPF_JGE | BPF_K, (unsigned)want, ge ? 1 : 0, ge ? 0 : 1);
	emit_failure(c, f);
}

static void emit_rule(struct compiler *c, const struct reg_rule *rule)
{
	struct failures failures = { .n = 0 };
	unsigned i;

	for (i = 0; i < rule->n_tests; i++) {
		const struct reg_test *t = &rule->tests[i];
		uint64_t want = t->symbol ? c->values->symbol[t->symbol] : t->value;

		if (t->op == REG_EQ)
			emit_equal(c, t, want, &failures);
		else
			emit_order(c, t, want, &failures);
	}
	emit_return(c, SECCOMP_RET_ALLOW);
	land_failures(c, &failures);
}

static bool rule_applies(const struct compiler *c, const struct reg_rule *rule)
{
	return (rule->facts & c->values->facts) == rule->facts;
}

static enum verdict row_verdict(const struct compiler *c, unsigned nr)
{
	const struct syscall_row *row = syscall_row(nr);
	unsigned i;
	bool any = false;

	if (!row || syscall_is_forbidden(c->values, nr) || row->class == CLASS_UNSERVED || row->class == CLASS_BROKERED)
		return VERDICT_TRACE;
	if (row->class == CLASS_KERNEL)
		return VERDICT_ALLOW;
	for (i = 0; i < row->n_rules; i++) {
		if (!rule_applies(c, &row->rules[i]))
			continue;
		if (row->rules[i].n_tests == 0)
			return VERDICT_ALLOW;
		any = true;
	}
	return any ? VERDICT_RULES : VERDICT_TRACE;
}

/* A rule with a single equality on the low half of a register: one of a list of commands, say. */
static bool is_one_of_a_list(const struct reg_rule *rule)
{
	return rule->n_tests == 1 && rule->tests[0].op == REG_EQ && rule->tests[0].mask >> 32 == 0;
}

static void emit_rules(struct compiler *c, const struct syscall_row *row)
{
	const struct reg_test *loaded = NULL;
	unsigned i;

	for (i = 0; i < row->n_rules; i++) {
		const struct reg_rule *rule = &row->rules[i];
		const struct reg_test *t = &rule->tests[0];

		if (!rule_applies(c, rule))
			continue;
		if (!is_one_of_a_list(rule)) {
			emit_rule(c, rule);
			loaded = NULL;
			continue;
		}
		/* The next rule of such a list finds the register in the accumulator. */
		if (!loaded || loaded->arg != t->arg || loaded->mask != t->mask)
			emit_masked_half(c, t, false);
		loaded = t;
		emit(c, BPF_JMP | BPF_JEQ | BPF_K,
		     (unsigned)(t->symbol ? c->values->symbol[t->symbol] : t->value), 0, 1);
		emit_return(c, SECCOMP_RET_ALLOW);
	}
	emit_return(c, SECCOMP_RET_TRACE);
}

/* Consecutive numbers with the same verdict. */
struct segment {
	unsigned first;
	enum verdict verdict;
};

static void emit_search(struct compiler *c, const struct segment *segments, unsigned n);

/* If the left half is too long for a conditional jump: with an unconditional one. */
static void emit_long_fork(struct compiler *c, const struct segment *segments, unsigned n)
{
	unsigned middle = n / 2, jump;

	emit(c, BPF_JMP | BPF_JGE | BPF_K, segments[middle].first, 0, 1);
	jump = emit(c, BPF_JMP | BPF_JA, 0, 0, 0);
	emit_search(c, segments, middle);
	if (!c->overflow)
		c->filter->code[jump].k = c->filter->len - jump - 1;
	emit_search(c, segments + middle, n - middle);
}

/* Binary search over SEGMENTS; the accumulator holds the number. */
static void emit_search(struct compiler *c, const struct segment *segments, unsigned n)
{
	unsigned middle = n / 2, fork, distance;

	if (n == 1) {
		if (segments->verdict == VERDICT_RULES)
			emit_rules(c, syscall_row(segments->first));
		else
			emit_return(c, segments->verdict == VERDICT_ALLOW ? SECCOMP_RET_ALLOW :
									    SECCOMP_RET_TRACE);
		return;
	}
	fork = emit(c, BPF_JMP | BPF_JGE | BPF_K, segments[middle].first, 0, 0);
	emit_search(c, segments, middle);
	distance = c->filter->len - fork - 1;
	if (distance > 255 && !c->overflow) {
		c->filter->len = (unsigned short)fork;
		emit_long_fork(c, segments, n);
		return;
	}
	if (!c->overflow)
		c->filter->code[fork].jt = (unsigned char)distance;
	emit_search(c, segments + middle, n - middle);
}

static void emit_table(struct compiler *c)
{
	struct segment segments[512 + 2];
	unsigned nr, n = 0;

	for (nr = 0; nr <= syscall_limit(); nr++) {
		enum verdict verdict = row_verdict(c, nr);

		if (n > 0 && verdict != VERDICT_RULES && segments[n - 1].verdict == verdict)
			continue;
		if (n >= ARRAY_SIZE(segments)) {
			c->overflow = true;
			return;
		}
		segments[n++] = (struct segment){ nr, verdict };
	}
	emit_search(c, segments, n);
}

/*
 * Before the search: the rows with register rules that CPython programs call most (an ioctl(TCGETS)
 * for each line of input(), then reading of files).
 */
static void emit_hot(struct compiler *c)
{
	static const unsigned hot[] = { SYS_ioctl, SYS_close, SYS_lseek, SYS_mmap, SYS_futex };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(hot); i++) {
		unsigned at;

		if (row_verdict(c, hot[i]) != VERDICT_RULES)
			continue;
		emit(c, BPF_JMP | BPF_JEQ | BPF_K, hot[i], 1, 0);
		at = emit(c, BPF_JMP | BPF_JA, 0, 0, 0);
		emit_rules(c, syscall_row(hot[i]));
		if (!c->overflow)
			c->filter->code[at].k = c->filter->len - at - 1;
	}
}

/* ------------------------------------------------------------------ what is not needed is taken out */

/*
 * The kernel checks, translates and tries each instruction when a filter is installed, so each costs every start. Three
 * answers are left instead of one behind every rule, as far as a jump reaches, and no jump leads to another one.
 */
enum { RETURNS = 3, REACH = 1 + 255 };

/* Of each kind, behind the instruction that is looked at. */
struct returns {
	unsigned nearest[RETURNS], used[RETURNS];
};

static bool is_branch(const struct sock_filter *i)
{
	return BPF_CLASS(i->code) == BPF_JMP && BPF_OP(i->code) != BPF_JA;
}

static bool is_jump(const struct sock_filter *i)
{
	return BPF_CLASS(i->code) == BPF_JMP && BPF_OP(i->code) == BPF_JA;
}

static bool is_return(const struct sock_filter *i)
{
	return BPF_CLASS(i->code) == BPF_RET;
}

static unsigned kind_of(const struct sock_filter *i)
{
	return i->k == SECCOMP_RET_ALLOW ? 0 : i->k == SECCOMP_RET_TRACE ? 1 : 2;
}

/* Where one comes to who is sent to AT. */
static unsigned arrival(const struct filter *filter, unsigned at)
{
	while (is_jump(&filter->code[at]))
		at += 1 + filter->code[at].k;
	return at;
}

/* A leg of the branch at AT, which led DISTANCE further. */
static unsigned char straight(const struct filter *filter, struct returns *returns, unsigned at, unsigned distance)
{
	unsigned to = arrival(filter, at + 1 + distance);

	if (is_return(&filter->code[to])) {
		unsigned kind = kind_of(&filter->code[to]);

		/* One after the other from behind, so the nearest one will serve the most of those before. */
		if (returns->used[kind] > at + REACH)
			returns->used[kind] = returns->nearest[kind];
		to = returns->used[kind];
	}
	return (unsigned char)(to > at + REACH ? distance : to - at - 1);
}

static void straighten(struct filter *filter)
{
	struct returns returns = { { FILTER_MAX, FILTER_MAX, FILTER_MAX }, { FILTER_MAX, FILTER_MAX, FILTER_MAX } };

	for (unsigned at = filter->len; at-- > 0;) {
		struct sock_filter *i = &filter->code[at];

		if (is_return(i))
			returns.nearest[kind_of(i)] = at;
		if (is_branch(i)) {
			i->jt = straight(filter, &returns, at, i->jt);
			i->jf = straight(filter, &returns, at, i->jf);
		} else if (is_jump(i)) {
			i->k = arrival(filter, at) - at - 1;
		}
	}
}

static void take_out_unreached(struct filter *filter)
{
	bool reached[FILTER_MAX + 1] = { true };
	unsigned short now[FILTER_MAX + 1], n = 0;

	for (unsigned at = 0; at < filter->len; at++) {
		const struct sock_filter *i = &filter->code[at];

		now[at] = n;
		if (!reached[at])
			continue;
		n++;
		if (is_branch(i))
			reached[at + 1 + i->jt] = reached[at + 1 + i->jf] = true;
		else if (!is_return(i))
			reached[at + 1 + (is_jump(i) ? i->k : 0)] = true;
	}
	for (unsigned at = 0; at < filter->len; at++) {
		struct sock_filter i = filter->code[at];

		if (!reached[at])
			continue;
		if (is_branch(&i)) {
			i.jt = (unsigned char)(now[at + 1 + i.jt] - now[at] - 1);
			i.jf = (unsigned char)(now[at + 1 + i.jf] - now[at] - 1);
		} else if (is_jump(&i)) {
			i.k = now[at + 1 + i.k] - now[at] - 1u;
		}
		filter->code[now[at]] = i;
	}
	filter->len = n;
}

int filter_compile(const struct reg_values *values, bool stop_all, struct filter *ret_filter)
{
	struct compiler c = { .values = values, .filter = ret_filter };

	ret_filter->len = 0;
	emit_load(&c, offsetof(struct seccomp_data, arch));
	emit(&c, BPF_JMP | BPF_JEQ | BPF_K, ABI_AUDIT_ARCH, 1, 0);
	emit_return(&c, SECCOMP_RET_TRAP);
	if (!stop_all) {
		emit_load(&c, offsetof(struct seccomp_data, nr));
		emit(&c, BPF_JMP | BPF_JGE | BPF_K, ABI_NR_END, 0, 1);
		emit_return(&c, SECCOMP_RET_TRACE);
		emit_hot(&c);
		emit_table(&c);
	} else {
		emit_return(&c, SECCOMP_RET_TRACE);
	}
	if (c.overflow)
		return -E2BIG;
	/* Once more takes out some, and costs more than they do. */
	straighten(ret_filter);
	take_out_unreached(ret_filter);
	return 0;
}

/* The same but for the program's id? */
static bool is_same(const struct filter_kept *kept, const struct reg_values *values, bool stop_all)
{
	unsigned symbol;

	for (symbol = 0; symbol < REG_SYMBOLS; symbol++)
		if (symbol != REG_SELF && kept->values.symbol[symbol] != values->symbol[symbol])
			return false;
	return kept->there && kept->stop_all == stop_all && kept->values.facts == values->facts &&
	       memcmp(kept->values.forbidden, values->forbidden, sizeof values->forbidden) == 0;
}

/* Where the program's id is: there alone the filters for two ids differ. */
static int keep(struct filter_kept *kept, const struct reg_values *values, bool stop_all, const struct filter *filter)
{
	struct reg_values other = *values;
	unsigned at;
	int r;

	kept->there = false;
	other.symbol[REG_SELF] = ~values->symbol[REG_SELF] & INT32_MAX;
	r = filter_compile(&other, stop_all, &kept->filter);
	if (r < 0 || kept->filter.len != filter->len)
		return r;
	kept->n_self = 0;
	for (at = 0; at < filter->len; at++) {
		const struct sock_filter *a = &filter->code[at], *b = &kept->filter.code[at];

		if (a->code != b->code || a->jt != b->jt || a->jf != b->jf)
			return 0;
		if (a->k == b->k)
			continue;
		if (kept->n_self == ARRAY_SIZE(kept->self) || a->k != (unsigned)values->symbol[REG_SELF])
			return 0;
		kept->self[kept->n_self++] = (unsigned short)at;
	}
	kept->values = *values;
	kept->stop_all = stop_all;
	kept->there = true;
	return 0;
}

int filter_compile_kept(struct filter_kept *kept, const struct reg_values *values, bool stop_all, struct filter *ret_filter)
{
	size_t i;
	int r;

	if (!kept || values->symbol[REG_SELF] > INT32_MAX)
		return filter_compile(values, stop_all, ret_filter);
	if (!is_same(kept, values, stop_all)) {
		r = filter_compile(values, stop_all, ret_filter);
		return r == 0 ? keep(kept, values, stop_all, ret_filter) : r;
	}
	ret_filter->len = kept->filter.len;
	memcpy(ret_filter->code, kept->filter.code, kept->filter.len * sizeof *ret_filter->code);
	for (i = 0; i < kept->n_self; i++)
		ret_filter->code[kept->self[i]].k = (unsigned)values->symbol[REG_SELF];
	return 0;
}

int filter_install(const struct filter *filter)
{
	struct sock_fprog program = { filter->len, (struct sock_filter *)(uintptr_t)filter->code };

	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0)
		return -errno;
	return 0;
}

static void print_jump(const struct sock_filter *i, unsigned at, struct buf *out)
{
	const char *op = BPF_OP(i->code) == BPF_JEQ ? "==" : BPF_OP(i->code) == BPF_JGT ? ">" : ">=";

	if (BPF_OP(i->code) == BPF_JA)
		buf_printf(out, "goto %u", at + 1 + i->k);
	else
		buf_printf(out, "if A %s 0x%x goto %u else %u", op, i->k, at + 1 + i->jt, at + 1 + i->jf);
}

static void print_return(unsigned action, struct buf *out)
{
	buf_printf(out, "return %s",
		   action == SECCOMP_RET_ALLOW ? "ALLOW" :
		   action == SECCOMP_RET_TRACE ? "TRACE" :
						 "TRAP");
}

void filter_print(const struct filter *filter, struct buf *out)
{
	unsigned at;

	for (at = 0; at < filter->len; at++) {
		const struct sock_filter *i = &filter->code[at];

		buf_printf(out, "%4u  ", at);
		switch (BPF_CLASS(i->code)) {
		case BPF_LD:
			if (i->k == offsetof(struct seccomp_data, nr))
				buf_puts(out, "A = nr");
			else if (i->k == offsetof(struct seccomp_data, arch))
				buf_puts(out, "A = arch");
			else
				buf_printf(out, "A = arg%u.%s",
					   (i->k - (unsigned)offsetof(struct seccomp_data, args)) / 8,
					   i->k & 4 ? "high" : "low");
			break;
		case BPF_ALU:
			buf_printf(out, "A &= 0x%x", i->k);
			break;
		case BPF_JMP:
			print_jump(i, at, out);
			break;
		default:
			print_return(i->k, out);
		}
		buf_putc(out, '\n');
	}
}
