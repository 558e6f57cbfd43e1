/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/exec_rules.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy/elf.h"
#include "policy/interpreter.h"

/* The kernel reads this much of a file to see what it is (BINPRM_BUF_SIZE). */
enum { LINE_MAX_BYTES = 256 };

/* ------------------------------------------------------------------ text to rule */

/* TEXT with its wildcards coded, or NULL with RET_WRONG. */
static char *code(const char *text, const char **ret_wrong)
{
	char *coded = xmalloc(strlen(text) + 1), *to = coded;
	const char *p;

	*ret_wrong = NULL;
	for (p = text; *p; p++) {
		if (*p == '%' && (!p[1] || !strchr("%*?", p[1])))
			*ret_wrong = "unknown % in an argument (known: %%, %*, %?)";
		if (*p == WILD_ANY || *p == WILD_ONE)
			*ret_wrong = "control character in an argument";
		*to++ = *p == '%' ? *++p : (char)(*p == '*' ? WILD_ANY : *p == '?' ? WILD_ONE : *p);
		if (*ret_wrong)
			break;
	}
	*to = '\0';
	if (!*ret_wrong)
		return coded;
	free(coded);
	return NULL;
}

static bool add_patterns(struct exec_rule *rule, const struct exec_text *text, struct messages *messages)
{
	const char *wrong = NULL;
	size_t i;

	rule->any_arguments = !text->patterns;
	if (text->n_patterns > EXEC_MAX_PATTERNS) {
		message_error(messages, text->where, "more than %d arguments", EXEC_MAX_PATTERNS);
		return false;
	}
	rule->patterns = xcalloc(text->n_patterns + 1, sizeof *rule->patterns);
	for (i = 0; i < text->n_patterns; i++) {
		const char *pattern = text->patterns[i];

		if (streq(pattern, "**")) {
			rule->any_more = true;
			if (i + 1 < text->n_patterns)
				wrong = "** must be the last of the arguments";
			break;
		}
		rule->patterns[i] = code(pattern, &wrong);
		if (!rule->patterns[i])
			break;
		rule->n_patterns++;
	}
	if (wrong)
		message_error(messages, text->where, "%s", wrong);
	return !wrong;
}

/* The path as written, with its % resolved; NULL after a message, or where %{python} is not known. */
static char *named_path(const struct policy_context *context, const struct exec_text *text, struct messages *messages)
{
	static const char python[] = "%{python}";
	const char *wrong, *wild;
	char *coded;

	if (streq(text->path, python))
		return context->interpreter ? xstrdup(context->interpreter->argv0) : NULL;
	coded = code(text->path, &wrong);
	if (!coded) {
		message_error(messages, text->where, "unknown %% in a program's path (known: %s alone, %%%%, %%*, %%?)", python);
		return NULL;
	}
	wild = strpbrk(coded, "\1\2");
	if (wild || coded[0] != '/') {
		message_error(messages, text->where,
			      wild ? "a program is named without wildcards" : "\"%s\" is relative: write an absolute path",
			      text->path);
		free(coded);
		return NULL;
	}
	return coded;
}

/* "#!", spaces, and a path, as the kernel takes it (fs/binfmt_script.c). */
static bool read_line(struct policy *policy, struct exec_rule *rule, char *line, const char *where)
{
	struct canonical canonical;
	char *path = line + 2 + strspn(line + 2, " \t");

	path[strcspn(path, " \t\n")] = '\0';
	if (*path != '/' || canonicalise(policy, path, where, &canonical) < 0)
		return false;
	rule->interpreter = canonical.path;
	return true;
}

/* Enters in RULE what kind of program FD is. Text that says why it cannot be named, or NULL. */
static const char *examine(struct policy *policy, struct exec_rule *rule, int fd, const char *where)
{
	struct elf_facts facts;
	struct canonical canonical;
	char line[LINE_MAX_BYTES + 1];
	struct stat st;
	ssize_t n;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return "is no regular file";
	if (!(st.st_mode & 0111) || faccessat(AT_FDCWD, rule->path, X_OK, AT_EACCESS) < 0)
		return "is not executable";
	if (st.st_mode & (S_ISUID | S_ISGID))
		return "is set-user-id or set-group-id, which holds for no sandboxed program";
	rule->dev = st.st_dev;
	rule->ino = st.st_ino;
	n = pread(fd, line, LINE_MAX_BYTES, 0);
	if (n > 2 && line[0] == '#' && line[1] == '!') {
		line[n] = '\0';
		if (!memchr(line, '\n', (size_t)n) || !read_line(policy, rule, line, where))
			return "has a \"#!\" line that names no interpreter";
		return NULL;
	}
	if (elf_read_facts(fd, &facts) < 0)
		return "is neither a program of this architecture nor a \"#!\" file";
	rule->search = steal_ptr(&facts.search);
	if (facts.interpreter && canonicalise(policy, facts.interpreter, where, &canonical) == 0)
		rule->loader = canonical.path;
	elf_facts_fini(&facts);
	return NULL;
}

static void append(struct policy *policy, const struct exec_rule *rule)
{
	grow_array(&policy->execs, &policy->cap_execs, policy->n_execs + 1, sizeof *policy->execs);
	policy->execs[policy->n_execs++] = *rule;
}

/* Sets RULE's path to where NAMED leads, and examines the file. Why it cannot be named, or NULL. */
static const char *find_file(struct policy *policy, struct exec_rule *rule, const char *named, const char *where)
{
	_cleanup_close_ int fd = -1;
	struct canonical canonical;

	if (strlen(named) >= PATH_MAX || canonicalise(policy, named, where, &canonical) < 0)
		return "leads nowhere";
	rule->path = canonical.path;
	if (canonical.type == PATH_MISSING)
		return "does not exist";
	fd = open(rule->path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	return fd < 0 ? "cannot be read" : examine(policy, rule, fd, where);
}

/* Whoever writes a list of arguments as subprocess takes it names the program once more. */
static void check_first(const struct exec_text *text, const struct exec_rule *rule, struct messages *messages)
{
	const char *first = rule->n_patterns ? text->patterns[0] : NULL, *slash = strrchr(text->path, '/');

	if (first && (streq(first, text->path) || (slash && streq(first, slash + 1))))
		message_warning(messages, text->where, "argv: \"%s\" is the first argument; the program's name is no part of the list",
				first);
}

void policy_add_exec(struct policy *policy, const struct policy_context *context, const struct exec_text *text,
		     struct messages *messages)
{
	struct exec_rule rule = {
		.rule = { RULE_EXEC, "exec", text->where }, .count = text->count, .narrower = text->narrower
	};
	_cleanup_free_ char *named = named_path(context, text, messages);
	const char *why;

	if (!named || !add_patterns(&rule, text, messages)) {
		exec_rule_fini(&rule);
		return;
	}
	check_first(text, &rule, messages);
	why = find_file(policy, &rule, named, text->where);
	if (policy->n_execs >= EXEC_MAX_RULES)
		message_error(messages, text->where, "more than %d rules on programs", EXEC_MAX_RULES);
	else if (why)
		message_error(messages, text->where, "%s %s", text->path, why);
	else {
		rule.text = steal_ptr(&named);
		append(policy, &rule);
		policy_add(policy, RULE_READ, GRANT_EXACT, rule.path, rule.text, text->where);
		return;
	}
	exec_rule_fini(&rule);
}

void policy_add_own_exec(struct policy *policy, const struct policy_context *context)
{
	struct exec_rule rule = { .rule = { RULE_EXEC, "process", policy->process_ref },
				  .any_arguments = true,
				  .count = UINT64_MAX };

	if (policy->process != PROCESS_FORK || !context->interpreter)
		return;
	if (find_file(policy, &rule, context->interpreter->exe, policy->process_ref)) {
		exec_rule_fini(&rule);
		return;
	}
	rule.text = xstrdup(context->interpreter->argv0);
	append(policy, &rule);
}

/* ------------------------------------------------------------------ all rules together */

/* A file that the program may write to need not stay the one that was named. */
static void check_writable(const struct policy *policy, const struct exec_rule *rule, const char *path,
			   struct messages *messages)
{
	size_t i;

	for (i = 0; path && i < policy->n_grants; i++)
		if (grant_writes(policy->grants[i]) && path_rest(path, policy->grants[i]->path)) {
			message_error(messages, rule->rule.ref, "%s is beneath %s, which can be written to (%s)", path,
				      policy->grants[i]->path, policy->grants[i]->rule.ref);
			return;
		}
}

void policy_check_exec(const struct policy *policy, struct messages *messages)
{
	size_t i;

	for (i = 0; i < policy->n_execs; i++) {
		const struct exec_rule *rule = &policy->execs[i], *by;

		check_writable(policy, rule, rule->path, messages);
		check_writable(policy, rule, rule->loader, messages);
		if (!rule->interpreter)
			continue;
		by = policy_exec_at(policy, rule->interpreter);
		if (!by)
			message_error(messages, rule->rule.ref, "%s is run by %s, which has to be named too", rule->text,
				      rule->interpreter);
		else if (by->interpreter)
			message_error(messages, rule->rule.ref, "%s is run by %s, which is a \"#!\" file itself", rule->text,
				      rule->interpreter);
	}
}
