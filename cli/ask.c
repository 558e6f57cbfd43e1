/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/ask.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "policy/shipped.h"
#include "policy/source.h"

/* ------------------------------------------------------------------ lines */

/* The question asked under KEY, or the one with LINE; NULL: none. */
static struct ask_line *find_line(const struct asker *asker, const char *key, const char *line)
{
	size_t i;

	for (i = 0; i < asker->n_lines; i++)
		if (streq(asker->lines[i].key, key) || (line && streq(asker->lines[i].line, line)))
			return &asker->lines[i];
	return NULL;
}

static struct ask_line *add_line(struct asker *asker, const char *key, const char *line, enum reply reply)
{
	grow_array(&asker->lines, &asker->cap_lines, asker->n_lines + 1, sizeof(*asker->lines));
	asker->lines[asker->n_lines] = (struct ask_line){ xstrdup(key), xstrdup(line), reply };
	return &asker->lines[asker->n_lines++];
}

/* Only reading can be allowed while a program runs. */
static bool is_for_now(const char *line)
{
	return after_prefix(line, "read: ") != NULL;
}

/* Does LINE belong in the policy in force NOW, or otherwise in the one that is written? */
static bool is_allowed(const struct ask_line *line, bool now)
{
	if (now)
		return (line->reply == REPLY_ONCE || line->reply == REPLY_ALWAYS) && is_for_now(line->line);
	return line->reply == REPLY_ALWAYS;
}

/* Appends the items of all lines that begin with HEAD and end with TAIL, between OPEN and CLOSE. False: none. */
static bool put_items(const struct asker *asker, bool now, const char *head, const char *tail, const char *open,
		      const char *close, struct buf *out)
{
	bool begun = false;
	size_t i;

	for (i = 0; i < asker->n_lines; i++) {
		const char *item = is_allowed(&asker->lines[i], now) ? after_prefix(asker->lines[i].line, head) : NULL;
		size_t len = item ? strlen(item) : 0;

		if (!item || len < strlen(tail))
			continue;
		buf_puts(out, begun ? ", " : open);
		buf_put(out, item, len - strlen(tail));
		begun = true;
	}
	buf_puts(out, begun ? close : "");
	return begun;
}

/* Appends a policy that extends the run's first one, called OF; NULL: without `extends`, to be laid over it. */
static void put_policy(const struct asker *asker, bool now, const char *of, struct buf *out)
{
	bool connects;

	buf_lit(out, "version: 1\nname: asked\n");
	if (of) {
		buf_lit(out, "extends: ");
		text_yaml_string(out, of, strlen(of));
		buf_putc(out, '\n');
	}
	put_items(asker, now, "read: ", "", "read: [", "]\n", out);
	put_items(asker, now, "write: ", "", "write: [", "]\n", out);
	put_items(asker, now, "exec: ", "", "exec: [", "]\n", out);
	connects = put_items(asker, now, "net: {connect: [", "]}", "net: {connect: [", "]", out);
	if (put_items(asker, now, "net: {bind: [", "]}", connects ? ", bind: [" : "net: {bind: [", "]", out) || connects)
		buf_lit(out, "}\n");
	put_items(asker, now, "process: ", "", "process: ", "\n", out);
}

static size_t count_trees(const struct policy *policy)
{
	size_t i, n = 0;

	for (i = 0; i < policy->n_grants; i++)
		n += policy->grants[i]->rule.kind == RULE_READ && policy->grants[i]->shape == GRANT_TREE;
	return n;
}

static const struct policy *policy_now(void *context)
{
	const struct asker *asker = context;

	return asker->n_loaded ? asker->loaded[asker->n_loaded - 1] : NULL;
}

/* Loads the policy with all that has been allowed for now, LINE last; or with LINE NULL, the policy to be written.
 * NULL: it would grant something else, or cannot be loaded, of which MESSAGES tells. */
static struct policy *load(const struct asker *asker, const char *line, struct buf *messages)
{
	const struct policy *before = asker->n_loaded ? asker->loaded[asker->n_loaded - 1] : asker->policy;
	_cleanup_buf_ struct buf text = { 0 };
	struct policy *policy = NULL;

	put_policy(asker, line != NULL, NULL, &text);
	if (policy_load_source(policy_source_over(asker->policy->source, text.data, "--ask"), asker->context, &policy,
			       messages) < 0)
		return NULL;
	/* If a file has become a directory meanwhile, the line would grant all that is beneath it. */
	if (line && !strstr(line, "/**\"") && count_trees(policy) != count_trees(before)) {
		policy_free(policy);
		return NULL;
	}
	return policy;
}

static bool put_in_force(struct asker *asker, const char *line)
{
	_cleanup_buf_ struct buf messages = { 0 };
	struct policy *policy = load(asker, line, &messages);

	if (!policy)
		return false;
	grow_array(&asker->loaded, &asker->cap_loaded, asker->n_loaded + 1, sizeof(*asker->loaded));
	asker->loaded[asker->n_loaded++] = policy;
	return true;
}

/* ------------------------------------------------------------------ questions */

/* Decided by R alone: a look at the file system would tell the program something by the time it takes. */
static bool is_open(void *context, const struct refusal *r)
{
	const struct asker *asker = context;
	const struct ask_line *line;
	struct fix fix;
	bool open;

	words_fix(r, false, &fix);
	line = fix.policy.len ? find_line(asker, fix.policy.data, NULL) : NULL;
	open = fix.policy.len && (!line || line->reply == REPLY_NONE);
	fix_fini(&fix);
	return open;
}

/* What is asked about. */
struct matter {
	struct refusal r;
	struct stat st;
	bool there;
	char *key;
	struct fix fix;
};

static void matter_init(struct matter *matter, const struct refusal *r)
{
	*matter = (struct matter){ .r = *r };
	matter->there = r->path && *r->path == '/' && stat(r->path, &matter->st) == 0;
	words_fix(r, false, &matter->fix);
	matter->key = xstrdup(matter->fix.policy.len ? matter->fix.policy.data : "");
	/* For a directory, ask about its names, not about what is beneath them. */
	if (!matter->there || !S_ISDIR(matter->st.st_mode) || !is_for_now(matter->key) || r->importing)
		return;
	matter->r.topic = TOPIC_OPEN;
	matter->r.args = "O_RDONLY|O_DIRECTORY";
	fix_fini(&matter->fix);
	words_fix(&matter->r, false, &matter->fix);
	matter->r = *r;
}

static void matter_fini(struct matter *matter)
{
	free(matter->key);
	fix_fini(&matter->fix);
}

static bool is_only_later(const struct matter *matter)
{
	return !is_for_now(matter->fix.policy.data) ||
	       (matter->there && !S_ISREG(matter->st.st_mode) && !S_ISDIR(matter->st.st_mode));
}

static void write_question(const struct matter *matter, struct buf *out)
{
	buf_lit(out, "proctor: refused: ");
	words_event(out, &matter->r);
	if (matter->r.path && !matter->there)
		buf_lit(out, " (there is no such file)");
	else if (matter->there && S_ISDIR(matter->st.st_mode))
		buf_lit(out, " (a directory)");
	buf_putc(out, '\n');
	if (is_only_later(matter))
		buf_lit(out, "  This cannot be allowed while the program runs.\n");
}

static void write_why(const struct matter *matter, struct buf *out)
{
	buf_lit(out, "  because ");
	words_staff(out, &matter->r);
	buf_printf(out, "\n  the line that allows it: %s", matter->fix.policy.data);
	if (matter->fix.note.len)
		buf_printf(out, "  (%s)", matter->fix.note.data);
	buf_putc(out, '\n');
	if (matter->fix.advice.len)
		buf_printf(out, "  or change the program: %s\n", matter->fix.advice.data);
}

static void say(const struct asker *asker, const char *format, ...) _printf_(2, 3);
static void say(const struct asker *asker, const char *format, ...)
{
	_cleanup_buf_ struct buf text = { 0 };
	_cleanup_free_ char *line = NULL;
	va_list ap;

	va_start(ap, format);
	line = xvasprintf(format, ap);
	va_end(ap);
	buf_printf(&text, "proctor: %s\n", line);
	question_tell(asker->tty, &text);
}

static void take_reply(struct asker *asker, const struct matter *matter, enum reply reply)
{
	const char *text = matter->fix.policy.data;
	struct ask_line *line = find_line(asker, matter->key, NULL);

	if (line)
		line->reply = reply;
	else
		line = add_line(asker, matter->key, text, reply);
	if (reply != REPLY_ONCE && reply != REPLY_ALWAYS)
		return;
	if (is_only_later(matter))
		say(asker, "it stays refused in this run");
	else if (!put_in_force(asker, text)) {
		line->reply = REPLY_DENY;
		say(asker, "it stays refused: %s cannot become a part of the policy of this run", text);
	}
}

/* No answer came: the question may be asked again; the reason is told once. */
static void take_silence(struct asker *asker, const struct matter *matter, const char *why_not)
{
	_cleanup_buf_ struct buf event = { 0 };

	if (!why_not || find_line(asker, matter->key, NULL))
		return;
	add_line(asker, matter->key, matter->fix.policy.data, REPLY_NONE);
	words_event(&event, &matter->r);
	say(asker, "refused, and not asked about, because %s: %s", why_not, event.data);
}

static void put(void *context, const struct refusal *r)
{
	struct asker *asker = context;
	_cleanup_buf_ struct buf text = { 0 }, why = { 0 };
	const struct ask_line *answered;
	struct question question = { .text = &text, .why = &why };
	struct matter matter;
	const char *why_not;
	enum reply reply;

	matter_init(&matter, r);
	answered = matter.fix.policy.len ? find_line(asker, matter.key, matter.fix.policy.data) : NULL;
	if (answered && answered->reply != REPLY_NONE) {
		/* The same line came from another key. */
		add_line(asker, matter.key, matter.fix.policy.data, answered->reply);
	} else if (matter.fix.policy.len) {
		question.only_later = is_only_later(&matter);
		write_question(&matter, &text);
		write_why(&matter, &why);
		reply = question_ask(asker->tty, &question, &why_not);
		if (reply == REPLY_NONE)
			take_silence(asker, &matter, why_not);
		else
			take_reply(asker, &matter, reply);
	}
	matter_fini(&matter);
}

/* ------------------------------------------------------------------ begin, end */

/* Finds where the policy will be: nothing may exist there, and no other output of the run go there. */
static int find_place(struct asker *asker, const struct targets *targets)
{
	uid_t owner = 0;
	size_t i;
	int r = target_path_find(asker->name, &asker->path, &owner);

	if (r == 0 && (asker->path.number >= 0 || asker->path.object >= 0))
		r = -EEXIST;
	if (r < 0) {
		complain("run: --ask %s: %s", asker->name, r == -EPERM ? "a link of somebody else" : strerror(-r));
		return EXIT_LOG;
	}
	for (i = 0; i < TARGET_USES; i++) {
		const struct target_path *path = &targets->of[i].path;

		if (targets->of[i].kind != TARGET_FILE || !path->base || !streq(path->base, asker->path.base) ||
		    path->dir_st.st_ino != asker->path.dir_st.st_ino || path->dir_st.st_dev != asker->path.dir_st.st_dev)
			continue;
		complain("run: --ask %s: the same file as another output", asker->name);
		return EXIT_USAGE;
	}
	return 0;
}

int asker_begin(struct asker *asker, const char *name, const struct targets *targets)
{
	asker->name = name;
	asker->asking = (struct asking){ asker, is_open, put, policy_now };
	asker->tty = question_open();
	if (asker->tty < 0) {
		complain("run: --ask: there is no terminal to ask at; standard input is the program's");
		return EXIT_USAGE;
	}
	return name ? find_place(asker, targets) : 0;
}

void asker_take_policy(struct asker *asker, const struct policy *policy, const struct policy_context *context)
{
	asker->policy = policy;
	asker->context = context;
}

/* Appends the lines that were answered with REPLY, as comments after TITLE. */
static void put_comments(const struct asker *asker, enum reply reply, const char *title, struct buf *out)
{
	bool begun = false;
	size_t i;

	for (i = 0; i < asker->n_lines; i++) {
		if (asker->lines[i].reply != reply)
			continue;
		buf_printf(out, "%s#   %s\n", begun ? "" : title, asker->lines[i].line);
		begun = true;
	}
}

/* Would POLICY let the program write to the policy's own file? */
static bool lies_open(const struct asker *asker, const struct policy *policy)
{
	_cleanup_free_ char *link = xasprintf("/proc/self/fd/%d", asker->path.dir);
	char path[PATH_MAX + NAME_MAX + 2];
	ssize_t n = readlink(link, path, PATH_MAX);

	if (n <= 0)
		return false;
	n += snprintf(path + n, NAME_MAX + 2, "/%.*s", NAME_MAX, asker->path.base);
	return grant_writes(policy_match(policy, path, (size_t)n));
}

static int write_policy(const struct asker *asker, const struct buf *text)
{
	int fd = openat(asker->path.dir, asker->path.base, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
	ssize_t n = fd < 0 ? -errno : write_full(fd, text->data, text->len);

	if (fd >= 0 && close(fd) < 0 && n >= 0)
		n = -errno;
	if (n >= 0)
		return 0;
	complain("run: --ask %s: %s", asker->name, strerror((int)-n));
	return EXIT_LOG;
}

/* The name for `extends`: that of a policy that comes with proctor, or the path of its file. NULL: it is not a file. */
static char *base_name(const struct policy *policy)
{
	char *path;
	struct stat st;

	if (policy->source->n == 0 || shipped_find(policy->source->file))
		return xstrdup(policy->source->file);
	path = realpath(policy->source->file, NULL);
	if (path && stat(path, &st) == 0 && S_ISREG(st.st_mode))
		return path;
	free(path);
	return NULL;
}

/* Makes the policy's text, with comments on how it came about. False, with a message: it is impossible. */
static bool make_policy(const struct asker *asker, struct buf *text)
{
	_cleanup_free_ char *base = base_name(asker->policy);
	_cleanup_buf_ struct buf messages = { 0 };
	struct policy *tried = load(asker, NULL, &messages);
	const char *why = !base	      ? "the policy of the run is no file that another one can extend" :
			  messages.len ? messages.data :
					 "these lines cannot be loaded with it";

	if (!base || !tried) {
		complain("run: --ask %s: %.*s", asker->name, (int)strcspn(why, "\n"), why);
		policy_free(tried);
		return false;
	}
	buf_lit(text, "# Allowed at the terminal (proctor run --ask), over the policy of that run.\n");
	put_policy(asker, false, base, text);
	put_comments(asker, REPLY_ONCE, "# Allowed for that run alone:\n", text);
	if (asker->name && lies_open(asker, tried))
		say(asker, "%s lies where it lets the program write: move it before you run anything by it", asker->name);
	policy_free(tried);
	return true;
}

int asker_end(struct asker *asker)
{
	_cleanup_buf_ struct buf text = { 0 }, lines = { 0 };
	int r = 0;

	put_comments(asker, REPLY_ALWAYS, "", &lines);
	if (!lines.len)
		return 0;
	if (asker->name)
		r = make_policy(asker, &text) ? write_policy(asker, &text) : EXIT_LOG;
	if (!asker->name || r)
		say(asker, "allowed always, for a policy:\n%.*s", (int)lines.len - 1, lines.data);
	return r;
}

void asker_fini(struct asker *asker)
{
	size_t i;

	for (i = 0; i < asker->n_lines; i++) {
		free(asker->lines[i].key);
		free(asker->lines[i].line);
	}
	free(asker->lines);
	for (i = 0; i < asker->n_loaded; i++)
		policy_free(asker->loaded[i]);
	free(asker->loaded);
	target_path_fini(&asker->path);
	if (asker->tty >= 0)
		close(asker->tty);
}
