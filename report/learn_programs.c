/* SPDX-License-Identifier: Apache-2.0 */
#include "report/learn_programs.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/escape.h"
#include "policy/exec.h"
#include "report/learn_writes.h"

/* How many policies are tried for programs; how many process ids of one run are kept. */
enum { MAX_TRIES = 256, MAX_CHILDREN = 4096 };

/* The run's own interpreter, called by the same name as for the run. */
enum { CALLED_AS_ITSELF = 1 };

enum {
	PROCESS_OTHER = 1, /* neither fork nor what becomes one */
	PROCESS_VFORK = 2, /* its child has nothing of its own until it executes something */
};

void learn_program_fini(struct learn_program *program)
{
	free(program->name);
	free(program->path);
	free(program->argv);
	free(program->beyond);
	free(program->reason);
	free(program->place);
}

/* ------------------------------------------------------------------ what the logs say */

static struct tally_entry new_entry(const struct learn *learn, const struct refusal *r)
{
	return (struct tally_entry){ .count = 1, .runs = 1, .first_run = learn->runs, .last_run = learn->runs,
				     .place = r ? refusal_place(r) : NULL };
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static void remember_child(struct learn *learn, uint64_t pid)
{
	if (!pid || learn->n_children >= MAX_CHILDREN)
		return;
	grow_array(&learn->children, &learn->cap_children, learn->n_children + 1, sizeof(*learn->children));
	learn->children[learn->n_children++] = pid;
}

/* The program's path as it was asked for, where the log has all of that: a link to the file is a name that a policy has
 * to grant, too. Otherwise R's path. The caller frees it; NULL: neither is known. */
static char *asked_path(json_t *record, const struct refusal *r)
{
	const char *text = json_string_value(json_array_get(json_at(record, "syscall.args"), streq(r->syscall, "execveat") ? 1 : 0));
	size_t n = text ? strlen(text) : 0;

	if (r->path && n > 3 && text[0] == '"' && text[1] == '/' && text[n - 1] == '"' && !strchr(text, '\\') &&
	    !strstr(text, "//") && !strstr(text, "/."))
		return xstrndup(text + 1, n - 2);
	return r->path ? xstrdup(r->path) : NULL;
}

/* The key is the escaped name of the program, a newline, and the text of its arguments. */
static void add_program(struct learn *learn, json_t *record, const struct refusal *r, const struct run_info *info)
{
	struct tally_entry entry = new_entry(learn, r), child = new_entry(learn, NULL);
	const char *args = json_string_value(json_array_get(json_at(record, "syscall.args"), streq(r->syscall, "execveat") ? 2 : 1));
	_cleanup_buf_ struct buf list = { 0 };
	struct buf key = { 0 };
	size_t n;
	bool own = r->path && info->interpreter && streq(r->path, info->interpreter);
	char *path = own ? xstrdup(r->path) : asked_path(record, r);

	text_path(&key, own ? "%{python}" : path ? path : "a descriptor");
	buf_putc(&key, '\n');
	entry.at = key.len;
	buf_puts(&key, args ? args : "");
	entry.key = buf_steal(&key);
	entry.note = xstrdup(path ? path : "");
	if (own && info->called && learn_program_args(&entry, &list, &n) && streq(base_name(list.data), base_name(info->called)))
		entry.flags = CALLED_AS_ITSELF;
	tally_add(&learn->programs, &entry);
	remember_child(learn, json_number(record, "process.pid", 0));
	learn->started.pid = json_number(record, "process.pid", 0);
	free(learn->started.path);
	learn->started.path = path;
	/* A process that executes something was made for that. */
	child.key = xasprintf("%016" PRIx64 ":%" PRIx64, learn->runs, json_number(record, "process.pid", 0));
	tally_add(&learn->executed, &child);
}

/* Flags of clone(2), as text, that do no more than a fork does, or that posix_spawn(3) has. */
static unsigned kind_of_process(const struct refusal *r, const char *flags)
{
	static const char *const of_fork[] = { "CLONE_CHILD_SETTID", "CLONE_CHILD_CLEARTID", "CLONE_PARENT_SETTID", "SIGCHLD" };
	bool signals = false;

	if (!streq(r->syscall, "clone"))
		return streq(r->syscall, "vfork") ? PROCESS_VFORK : streq(r->syscall, "fork") ? 0 : PROCESS_OTHER;
	if (flags && streq(flags, "CLONE_VM|CLONE_VFORK|SIGCHLD"))
		return PROCESS_VFORK;
	while (flags && *flags) {
		size_t n = strcspn(flags, "|"), i;

		for (i = 0; i < ARRAY_SIZE(of_fork) && (strlen(of_fork[i]) != n || memcmp(of_fork[i], flags, n) != 0); i++)
			;
		if (i == ARRAY_SIZE(of_fork))
			return PROCESS_OTHER;
		signals = signals || i == ARRAY_SIZE(of_fork) - 1;
		flags += n + (flags[n] == '|');
	}
	return signals ? 0 : PROCESS_OTHER;
}

static void add_process(struct learn *learn, json_t *record, const struct refusal *r, const char *flags)
{
	struct tally_entry entry = new_entry(learn, r);

	remember_child(learn, json_number(record, "syscall.ret", 0));
	entry.flags = kind_of_process(r, flags);
	/* Each child has its own entry, so that find_forks() can ask whether it executed something. */
	entry.key = xasprintf("%u:%016" PRIx64 ":%" PRIx64, entry.flags, learn->runs, json_number(record, "syscall.ret", 0));
	entry.at = 2;
	entry.note = xstrdup(r->syscall);
	tally_add(&learn->processes, &entry);
}

bool learn_take_program(struct learn *learn, json_t *record, const struct refusal *r, const struct run_info *info)
{
	const char *flags = json_string_value(json_array_get(json_at(record, "syscall.args"), 0));

	if (!r->syscall)
		return false;
	if (streq(r->syscall, "execve") || streq(r->syscall, "execveat")) {
		add_program(learn, record, r, info);
		return true;
	}
	if (!streq(r->syscall, "fork") && !streq(r->syscall, "vfork") && !streq(r->syscall, "clone") && !streq(r->syscall, "clone3"))
		return false;
	if (flags && strstr(flags, "CLONE_THREAD"))
		return false;
	add_process(learn, record, r, flags);
	return true;
}

bool learn_comes_with_processes(const struct learn *learn, json_t *record, const struct refusal *r, const struct run_info *info)
{
	const char *text = json_string_value(json_array_get(json_at(record, "syscall.args"), 0));
	uint64_t pid = text ? strtoull(text, NULL, 10) : 0;
	size_t i;

	if (!r->audit || r->rule != RULE_SYSCALL || !r->syscall)
		return false;
	if (streq(r->syscall, "setsid"))
		return json_number(record, "process.pid", 0) != info->pid;
	for (i = 0; streq(r->syscall, "kill") && i < learn->n_children; i++)
		if (learn->children[i] == pid)
			return true;
	return false;
}

bool learn_is_other_process(const struct tally_entry *entry)
{
	return entry->flags & PROCESS_OTHER;
}

/* ------------------------------------------------------------------ arguments */

/* One text in quotes at *AT, as strace writes it; *AT is left behind it. */
static bool take_text(const char **at, struct buf *out)
{
	static const char letters[] = "tnvfr";
	const char *p = *at, *letter;

	if (*p++ != '"')
		return false;
	for (; *p != '"'; p++) {
		unsigned c = 0, n;

		if (!*p)
			return false;
		if (*p != '\\') {
			buf_putc(out, *p);
			continue;
		}
		p++;
		for (n = 0; n < 3 && p[n] >= '0' && p[n] <= '7'; n++)
			c = c * 8 + (unsigned)(p[n] - '0');
		letter = *p ? strchr(letters, *p) : NULL;
		if (n) {
			if (!c || c > 0xff)
				return false;
			buf_putc(out, (char)c);
			p += n - 1;
		} else if (*p == '"' || *p == '\\') {
			buf_putc(out, *p);
		} else if (letter) {
			buf_putc(out, (char)('\t' + (letter - letters)));
		} else {
			return false;
		}
	}
	*at = p + 1;
	buf_putc(out, '\0');
	return true;
}

bool learn_program_args(const struct tally_entry *entry, struct buf *out, size_t *ret_n)
{
	const char *at = tally_path(entry);

	*ret_n = 0;
	if (*at++ != '[')
		return false;
	for (;;) {
		if (!take_text(&at, out))
			return false;
		++*ret_n;
		if (streq(at, "]"))
			return true;
		if (at[0] != ',' || at[1] != ' ')
			return false;
		at += 2;
	}
}

/* TEXT as a pattern that means it alone, quoted; false: a policy cannot have it. */
static bool put_pattern(const char *text, struct buf *out)
{
	_cleanup_buf_ struct buf plain = { 0 };
	size_t i, len, n = strlen(text);

	for (i = 0; i < n; i += len) {
		text_decode(text + i, n - i, &len);
		if (!len || text[i] == 1 || text[i] == 2)
			return false;
		if (strchr("%*?", text[i]))
			buf_putc(&plain, '%');
		buf_put(&plain, text + i, len);
	}
	text_yaml_string(out, plain.data ? plain.data : "", plain.len);
	return true;
}

/* The list that means the arguments of ENTRY alone, or NULL with RET_BEYOND: why there is none. */
static char *exact_arguments(const struct tally_entry *entry, const char *real, char **ret_beyond)
{
	_cleanup_buf_ struct buf args = { 0 };
	struct buf list = { 0 };
	const char *at;
	size_t n, i;
	bool named = learn_program_args(entry, &args, &n);

	if (!named || n > 1 + EXEC_MAX_PATTERNS) {
		*ret_beyond = xstrdup(named ? "there were more than a rule can have" : "the log has not all of them");
		return NULL;
	}
	if (!(entry->flags & CALLED_AS_ITSELF) && !streq(base_name(args.data), base_name(entry->note)) &&
	    !streq(base_name(args.data), base_name(real))) {
		*ret_beyond = xstrdup("it was called by another name than its file's");
		return NULL;
	}
	buf_putc(&list, '[');
	for (i = 1, at = args.data; i < n && named; i++) {
		at += strlen(at) + 1;
		buf_puts(&list, i > 1 ? ", " : "");
		named = put_pattern(at, &list);
	}
	if (!named) {
		*ret_beyond = xstrdup("one of them is none that a policy can have");
		buf_fini(&list);
		return NULL;
	}
	buf_putc(&list, ']');
	return buf_steal(&list);
}

/* ------------------------------------------------------------------ lines */

static void put_line(const struct learn_program *program, struct buf *out)
{
	if (!program->argv && !program->policy) {
		buf_printf(out, "%s\n", program->name);
		return;
	}
	buf_printf(out, "{path: %s", program->name);
	if (program->argv)
		buf_printf(out, ", argv: %s", program->argv);
	if (program->policy)
		buf_printf(out, ", policy: \"%s\"", program->policy);
	buf_lit(out, "}\n");
}

static struct learn_program *new_program(struct learn *learn, const struct tally_entry *entry)
{
	struct learn_program program = { .count = entry->count, .runs = entry->runs, .lists = 1 };
	struct buf name = { 0 };
	struct learn_seen seen;

	learn->look(entry->note, &seen);
	program.path = xstrdup(*entry->note ? entry->note : "a descriptor");
	program.place = entry->place ? xstrdup(entry->place) : NULL;
	if (after_prefix(entry->key, "%{python}\n"))
		buf_lit(&name, "\"%{python}\"");
	else if (entry->note[0] != '/' || !put_pattern(entry->note, &name))
		program.reason = xstrdup("a policy cannot name it");
	buf_puts(&name, "");
	program.name = name.len ? buf_steal(&name) : xstrdup("");
	program.argv = exact_arguments(entry, seen.real ? seen.real : entry->note, &program.beyond);
	if (!program.reason && entry->runs < learn->min_runs)
		program.reason = xasprintf("only %" PRIu64 " of %" PRIu64 " runs executed it", entry->runs, learn->runs);
	free(seen.real);
	buf_fini(&name);
	grow_array(&learn->granted, &learn->cap_granted, learn->n_granted + 1, sizeof(*learn->granted));
	learn->granted[learn->n_granted] = program;
	return &learn->granted[learn->n_granted++];
}

/* Puts PROGRAM to INTO, which then has any arguments. */
static void join(struct learn_program *into, struct learn_program *program)
{
	free(into->argv);
	into->argv = NULL;
	into->count += program->count;
	into->runs = MAX(into->runs, program->runs);
	into->lists += program->lists;
	if (!into->beyond)
		into->beyond = steal_ptr(&program->beyond);
	learn_program_fini(program);
}

/* The lists of arguments of one program, from FROM on, become one line where they are many, or one is not known. */
static void join_lists(struct learn *learn, size_t from)
{
	size_t i, n = 0, to = from;
	struct learn_program *into = NULL;
	bool any = false;

	for (i = from; i < learn->n_granted; i++) {
		n += !learn->granted[i].reason;
		any = any || (!learn->granted[i].reason && !learn->granted[i].argv);
	}
	if (n < 2 || (!any && (!learn->collapse || n < learn->collapse)))
		return;
	for (i = from; i < learn->n_granted; i++) {
		struct learn_program *program = &learn->granted[i];

		if (into && !program->reason) {
			join(into, program);
			continue;
		}
		learn->granted[to] = *program;
		if (!program->reason)
			into = &learn->granted[to];
		to++;
	}
	learn->n_granted = to;
}

/* The error of a policy with PROGRAM and all programs granted so far, or NULL. */
static char *try_program(const struct learn *learn, const char *head, const struct learn_program *program)
{
	_cleanup_buf_ struct buf text = { 0 };
	size_t i;

	buf_printf(&text, "%sexec:\n", head);
	for (i = 0; i < learn->n_granted; i++) {
		const struct learn_program *other = &learn->granted[i];

		if ((!other->tried || other->reason) && other != program)
			continue;
		buf_lit(&text, "  - ");
		put_line(other, &text);
	}
	return learn->try_policy(learn->try_arg, text.data);
}

/* A "#!" file may be tried before its interpreter is granted: so what failed is tried a second time. */
static void try_programs(struct learn *learn, const char *head)
{
	size_t i, round, tries = 0;

	for (round = 0; round < 2; round++)
		for (i = 0; i < learn->n_granted; i++) {
			struct learn_program *program = &learn->granted[i];

			if (program->tried ? !program->refused : program->reason != NULL)
				continue;
			free(program->reason);
			program->reason = tries++ < MAX_TRIES ? try_program(learn, head, program) : xstrdup("there are too many");
			program->tried = true;
			program->refused = program->reason != NULL;
		}
}

static bool grants_programs(const struct learn *learn)
{
	size_t i;

	for (i = 0; i < learn->n_granted; i++)
		if (!learn->granted[i].reason)
			return true;
	return false;
}

/* Counts the processes that need `process: fork`. One that executes a program is allowed by `exec` already. */
static void find_forks(struct learn *learn)
{
	bool programs = grants_programs(learn);
	uint64_t last = 0;
	size_t i;

	for (i = 0; i < learn->processes.n; i++) {
		const struct tally_entry *entry = &learn->processes.entries[i];
		bool executes = entry->flags & PROCESS_VFORK || tally_find(&learn->executed, tally_path(entry));

		if (entry->flags & PROCESS_OTHER || (executes && programs))
			continue;
		learn->forks.count += entry->count;
		/* Sorted by kind and then by run. */
		learn->forks.runs += entry->first_run > last;
		last = MAX(last, entry->first_run);
		if (!learn->forks.place)
			learn->forks.place = entry->place;
	}
}

/* `process: fork` lets the interpreter be executed already. */
static bool comes_with_forks(const struct learn *learn, const struct learn_program *program)
{
	return learn_grants_forks(learn) && streq(program->name, "\"%{python}\"");
}

bool learn_grants_forks(const struct learn *learn)
{
	return learn->forks.count && learn->forks.runs >= learn->min_runs;
}

bool learn_grants_processes(const struct learn *learn)
{
	return learn_grants_forks(learn) || grants_programs(learn);
}

void learn_make_programs(struct learn *learn, const char *head)
{
	size_t i, from = 0;

	for (i = 0; i < learn->programs.n; i++) {
		const struct tally_entry *entry = &learn->programs.entries[i];

		new_program(learn, entry);
		if (i + 1 < learn->programs.n && learn->programs.entries[i + 1].at == entry->at &&
		    memcmp(learn->programs.entries[i + 1].key, entry->key, entry->at) == 0)
			continue;
		join_lists(learn, from);
		from = learn->n_granted;
	}
	try_programs(learn, head);
	find_forks(learn);
}

void learn_put_programs(const struct learn *learn, struct buf *out)
{
	bool begun = false;
	size_t i;

	if (learn_grants_forks(learn)) {
		buf_lit(out, "# ");
		tally_put_calls(out, learn->forks.count, learn->forks.runs, learn->forks.place);
		buf_lit(out, "; the interpreter may be executed again, too\nprocess: fork\n");
	}
	for (i = 0; i < learn->n_granted; i++) {
		const struct learn_program *program = &learn->granted[i];

		if (program->reason || comes_with_forks(learn, program))
			continue;
		buf_puts(out, begun ? "  # " : "exec:\n  # ");
		begun = true;
		tally_put_calls(out, program->count, program->runs, program->place);
		if (!program->argv) {
			buf_lit(out, "; with any arguments");
			if (program->lists > 1)
				buf_printf(out, ", of which %zu lists were seen", program->lists);
			if (program->beyond)
				buf_printf(out, ": %s", program->beyond);
		}
		buf_lit(out, "\n  - ");
		put_line(program, out);
	}
}

void learn_put_withheld_programs(const struct learn *learn, size_t *n, struct buf *out)
{
	size_t i;

	for (i = 0; i < learn->n_granted; i++) {
		const struct learn_program *program = &learn->granted[i];

		if (!program->reason)
			continue;
		learn_begin_withheld(n, out);
		buf_lit(out, "executing ");
		text_path(out, program->path);
		learn_end_withheld(program->reason, program->count, program->runs, program->place, out);
	}
	if (learn->forks.count && !learn_grants_forks(learn)) {
		learn_begin_withheld(n, out);
		buf_printf(out, "making processes: only %" PRIu64 " of %" PRIu64 " runs did; ", learn->forks.runs, learn->runs);
		tally_put_calls(out, learn->forks.count, learn->forks.runs, learn->forks.place);
		buf_putc(out, '\n');
	}
	for (i = 0; i < learn->processes.n; i++) {
		const struct tally_entry *entry = &learn->processes.entries[i];

		if (!learn_is_other_process(entry))
			continue;
		learn_begin_withheld(n, out);
		text_path(out, entry->note);
		learn_end_withheld("no policy line can allow a process with these flags", entry->count, entry->runs, entry->place,
				   out);
	}
}
