/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random trees, policies and paths. Each answer of the resolver is compared with two others:
 *
 *   the model, which walks a picture of the tree in memory, one component after the other, and
 *   knows of rules only whether a name may be looked up;
 *
 *   the kernel: whatever is found has to be the very file that openat(2) finds by the path as it
 *   was written, and whatever is said to be absent or in error has to be that natively.
 *
 *	fuzz_resolve [-s SEED] [-n TREES | -t SECONDS]
 *
 * A tree is made from its seed alone, and the next one has the next seed. So a failure, which
 * prints its seed, is seen again with -s SEED -n 1.
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "supervisor/resolve.h"
#include "tests/fuzz/run.h"

#define PATHS_PER_TREE 150
#define MAX_NODES      90
#define RESERVED       512
#define MAX_LINKS      40

/* ------------------------------------------------------------------ chance */

static uint64_t chance_state;

/* splitmix64 */
static uint64_t chance(void)
{
	uint64_t z = chance_state += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

static size_t below(size_t n)
{
	return (size_t)(chance() % n);
}

static bool one_in(size_t n)
{
	return below(n) == 0;
}

/* ------------------------------------------------------------------ the tree */

enum type { DIR_NODE, FILE_NODE, LINK_NODE };

struct node {
	enum type type;
	char path[256]; /* absolute */
	char target[256];
	ino_t inode;
};

static char place[64]; /* node 0 */
static struct node nodes[MAX_NODES];
static size_t n_nodes;
/* None that /tmp or / might have: a path can come there, and the model knows nothing of them. */
static const char *const names[] = { "~a", "~b", "~c", "~dd", "~e.x", "~\xc3\x28" };
#define N_PLAIN_NAMES 5 /* that a policy can be written with */

static const struct node *node_at(const char *path)
{
	static const struct node above = { .type = DIR_NODE };
	size_t i, n = strlen(path);

	if (strncmp(place, path, n) == 0 && (place[n] == '/' || n == 0))
		return &above;
	for (i = 0; i < n_nodes; i++)
		if (streq(nodes[i].path, path))
			return &nodes[i];
	return NULL;
}

static const struct node *any_node(enum type type)
{
	size_t i = below(n_nodes), tries;

	for (tries = 0; tries < n_nodes && nodes[i].type != type; tries++)
		i = (i + 1) % n_nodes;
	return &nodes[i]; /* node 0 is a directory; links and files need not exist */
}

/* Components such as a program might write, mostly ones that exist. */
static void put_components(struct buf *out, size_t n)
{
	while (n--) {
		if (one_in(4))
			buf_puts(out, "..");
		else if (one_in(12))
			buf_puts(out, ".");
		else
			buf_puts(out, names[below(ARRAY_SIZE(names))]);
		buf_puts(out, one_in(12) ? "//" : "/");
	}
}

static void put_known(struct buf *out)
{
	buf_puts(out, nodes[below(n_nodes)].path);
	buf_putc(out, '/');
}

static void put_path(struct buf *out)
{
	switch (below(9)) {
	case 0:
		buf_puts(out, place);
		buf_putc(out, '/');
		break;
	case 1:
		buf_printf(out, "/proc/self/%s/", one_in(2) ? "cwd" : "root");
		break;
	case 2:
		buf_printf(out, "/proc/self/root%s/", any_node(DIR_NODE)->path);
		break;
	case 3: /* relative */
	case 4:
		break;
	case 5:
		buf_puts(out, "/../");
		buf_puts(out, place + 1);
		buf_putc(out, '/');
		break;
	default:
		put_known(out);
	}
	put_components(out, below(6));
	if (!out->len)
		buf_puts(out, "./");
	if (out->len > 1 && !one_in(4))
		out->data[--out->len] = '\0';
}

static void add_node(enum type type, const char *path, const char *target)
{
	struct node *node = &nodes[n_nodes];

	if (n_nodes == MAX_NODES || strlen(path) >= sizeof node->path || strlen(target) >= sizeof node->target ||
	    node_at(path))
		return;
	node->type = type;
	strcpy(node->path, path);
	strcpy(node->target, target);
	n_nodes++;
}

static void add_some_node(void)
{
	static const enum type types[] = { DIR_NODE, DIR_NODE, FILE_NODE, LINK_NODE, LINK_NODE };
	enum type type = types[below(ARRAY_SIZE(types))];
	const char *parent = any_node(DIR_NODE)->path;
	_cleanup_free_ char *path = xasprintf("%s/%s", parent, names[below(ARRAY_SIZE(names))]);
	_cleanup_buf_ struct buf target = { 0 };

	if (type == LINK_NODE)
		put_path(&target);
	add_node(type, path, target.data ? target.data : "");
}

/* Links to links, about as many as may be followed: the last to the first of all. */
static void add_chain(void)
{
	size_t i, n = 38 + below(5);

	for (i = 0; i < n; i++) {
		_cleanup_free_ char *path = xasprintf("%s/~%zu", place, i);
		_cleanup_free_ char *target = i ? xasprintf("~%zu", i - 1) : xstrdup(one_in(2) ? "." : names[0]);

		add_node(LINK_NODE, path, target);
	}
}

static bool make_node(struct node *node)
{
	struct stat st;
	int fd;

	if (node->type == DIR_NODE && mkdir(node->path, 0700) < 0)
		return false;
	if (node->type == LINK_NODE && symlink(node->target, node->path) < 0)
		return false;
	if (node->type == FILE_NODE) {
		fd = open(node->path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
		if (fd < 0)
			return false;
		close(fd);
	}
	if (lstat(node->path, &st) < 0)
		return false;
	node->inode = st.st_ino;
	return true;
}

static bool make_tree(void)
{
	size_t i, wanted = 4 + below(36);
	struct stat st;

	n_nodes = 1;
	nodes[0].type = DIR_NODE;
	strcpy(nodes[0].path, place);
	if (mkdir(place, 0700) < 0 || lstat(place, &st) < 0)
		return false;
	nodes[0].inode = st.st_ino;
	for (i = 0; i < 3 * wanted && n_nodes < wanted; i++)
		add_some_node();
	if (one_in(6))
		add_chain();
	for (i = 1; i < n_nodes; i++)
		if (!make_node(&nodes[i]))
			return false;
	return true;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

/* ------------------------------------------------------------------ the policy */

static bool is_plain(const char *path)
{
	return !strchr(path, '\xc3');
}

static void put_rule_path(struct buf *out)
{
	_cleanup_buf_ struct buf path = { 0 };
	const char *known = nodes[below(n_nodes)].path;
	size_t n = below(3);

	buf_puts(&path, one_in(3) || !is_plain(known) ? place : known);
	while (n--) {
		buf_putc(&path, '/');
		buf_puts(&path, one_in(4) ? "*" : one_in(8) ? "?" : names[below(N_PLAIN_NAMES)]);
	}
	if (one_in(2))
		buf_puts(&path, "/**");
	else if (one_in(5))
		buf_putc(&path, '/');
	buf_printf(out, "'%s'", path.data);
}

static void put_rules(struct buf *out, const char *key, size_t n)
{
	size_t i;

	buf_printf(out, "%s: [", key);
	for (i = 0; i < n; i++) {
		buf_puts(out, i ? ", " : "");
		put_rule_path(out);
	}
	buf_puts(out, "]\n");
}

static struct policy *make_policy(bool everything, struct buf *text)
{
	struct policy_context context = { 0 };
	_cleanup_buf_ struct buf messages = { 0 };
	struct policy *policy;

	buf_clear(text);
	buf_puts(text, "version: 1\nname: fuzz\n");
	if (everything) {
		buf_puts(text, "read: ['/**']\n");
	} else {
		put_rules(text, "read", 1 + below(4));
		put_rules(text, "hide", below(3));
		put_rules(text, "never", one_in(3));
	}
	return policy_load_text(text->data, text->len, "fuzz.yaml", &context, &policy, &messages) < 0 ? NULL : policy;
}

/* ------------------------------------------------------------------ the model */

struct question {
	const char *path;
	bool follow;
	const struct node *start; /* of the relative path */
	int dirfd;
};

struct outcome {
	enum object_state state;
	int err;
	char path[PATH_MAX];
	const struct node *node;
};

struct model {
	const struct policy *policy;
	const char *cwd;
	bool follow;
	unsigned links;
	bool assumed; /* it came by a name that nobody looked at */
	struct outcome outcome;
};

static bool may_see(const struct model *model, const char *path)
{
	const char *name = *path ? path : "/";

	return policy_decide_path(model->policy, WANT_LOOKUP, name, strlen(name)).action == ACTION_ALLOW;
}

static void conclude(struct model *model, enum object_state state, int err, const char *path)
{
	model->outcome.state = state;
	model->outcome.err = err;
	snprintf(model->outcome.path, sizeof model->outcome.path, "%s", *path ? path : "/");
}

static void model_walk(struct model *model, const char *base, const char *text);

/* The walk goes on at BASE with TEXT, then REST, after a link. */
static void model_follow(struct model *model, const char *base, const char *text, const char *rest)
{
	_cleanup_free_ char *joined = xasprintf("%s%s", text, rest);

	if (++model->links > MAX_LINKS)
		conclude(model, OBJECT_ERROR, ELOOP, "");
	else
		model_walk(model, text[0] == '/' ? "" : base, joined);
}

static char *parent_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? xstrndup(path, (size_t)(slash - path)) : xstrdup("");
}

/* Where the text up to the first "..", which is NAME with nothing but it, comes to from BASE. */
static char *join(const char *base, const char *text, size_t len)
{
	_cleanup_free_ char *copy = xstrndup(text, len);
	struct buf out = { 0 };
	char *save, *name;

	buf_puts(&out, base);
	for (name = strtok_r(copy, "/", &save); name; name = strtok_r(NULL, "/", &save))
		if (!streq(name, "."))
			buf_printf(&out, "/%s", name);
	return buf_steal(&out);
}

/* Where the first ".." begins in TEXT, or its end. */
static size_t dotdot_at(const char *text)
{
	size_t i = 0;

	while (text[i]) {
		size_t n;

		i += strspn(text + i, "/");
		n = strcspn(text + i, "/");
		if (n == 2 && text[i] == '.' && text[i + 1] == '.')
			return i;
		i += n;
	}
	return i;
}

/* The proc links that the generator writes. True if PATH is one, and it was followed. */
static bool model_proc(struct model *model, const char *path, const char *rest)
{
	bool known = streq(path, "/proc/self/cwd") || streq(path, "/proc/self/root");

	if (known && ++model->links > MAX_LINKS) /* for "self" */
		conclude(model, OBJECT_ERROR, ELOOP, "");
	else if (streq(path, "/proc/self/cwd"))
		model_follow(model, model->cwd, ".", rest);
	else if (known)
		model_follow(model, "", ".", rest);
	return known;
}

/* WHOLE may not be seen. A name that no rule names is taken for a directory where REST, a way out of it, follows. */
static void model_pass_by(struct model *model, const char *whole, const char *blocked_at, const char *rest)
{
	_cleanup_free_ char *up = parent_of(whole), *text = xasprintf("%s/%s", up, rest ? rest : "");

	if (!rest || may_see(model, whole) || policy_match(model->policy, whole, strlen(whole))) {
		conclude(model, OBJECT_BLOCKED, 0, blocked_at);
		return;
	}
	model->assumed = true;
	model_walk(model, "", text);
}

static void model_walk(struct model *model, const char *base, const char *text)
{
	size_t at = 0, end = dotdot_at(text);
	bool dotdot = text[end], must_be_dir = end == 0 || text[end - 1] == '/' || (end == 1 && text[0] == '.') ||
					       (end > 1 && text[end - 1] == '.' && text[end - 2] == '/');
	_cleanup_free_ char *whole = join(base, text, end), *here = xstrdup(base), *up = NULL;
	const char *rest = text + end + (dotdot ? 2 : 0);
	const struct node *node = node_at(here);
	bool follow = model->follow || must_be_dir || dotdot;
	int missing = 0;

	while (!missing && at < end) {
		size_t n;
		char *next;
		bool last;

		at += strspn(text + at, "/");
		n = strcspn(text + at, "/");
		if (at + n > end || n == 0)
			break;
		next = xasprintf("%s/%.*s", here, (int)n, text + at);
		if (n == 1 && text[at] == '.') {
			free(next);
			at += n;
			continue;
		}
		at += n;
		free(here);
		here = next;
		last = streq(here, whole);
		if ((!last || follow) && model_proc(model, here, text + at))
			return;
		if (after_prefix(here, "/proc"))
			continue;
		node = node_at(here);
		if (node && node->type == LINK_NODE && (!last || follow)) {
			_cleanup_free_ char *dir = parent_of(here);

			if (may_see(model, here))
				model_follow(model, dir, node->target, text + at);
			else
				model_pass_by(model, whole, may_see(model, whole) ? here : whole,
					      dotdot ? rest : NULL);
			return;
		}
		if (!node)
			missing = ENOENT;
		else if (node->type != DIR_NODE && (!last || must_be_dir || dotdot))
			missing = ENOTDIR;
	}
	if (!(dotdot && streq(whole, base)) && !may_see(model, whole)) {
		model_pass_by(model, whole, whole, dotdot ? rest : NULL);
	} else if (missing) {
		conclude(model, OBJECT_ABSENT, missing, whole);
	} else if (dotdot) {
		up = parent_of(whole);
		model_walk(model, up, rest);
	} else {
		conclude(model, OBJECT_FOUND, 0, whole);
		model->outcome.node = node;
	}
}

/* ------------------------------------------------------------------ comparing */

static uint64_t n_found, n_absent, n_blocked, n_error;

static const char *state_name(enum object_state state)
{
	static const char *const states[] = { "found", "absent", "blocked", "descriptor", "error" };

	return states[state];
}

/* What is wrong, or NULL. */
static const char *compare_with_model(const struct object *object, const struct outcome *wanted)
{
	struct stat st;

	if (object->state != wanted->state)
		return "another state than the model's";
	if (object->err != wanted->err)
		return "another errno than the model's";
	if (object->state != OBJECT_ERROR && !streq(object->path, wanted->path))
		return "another name than the model's";
	if (object->state == OBJECT_FOUND && wanted->node && wanted->node->inode &&
	    (fstat(object->fd, &st) < 0 || st.st_ino != wanted->node->inode))
		return "another file than the model's";
	return NULL;
}

/* The kernel knows no way past a name without a look at it: where ASSUMED, what the way led to is compared. */
static const char *compare_with_kernel(const struct question *question, const struct object *object, bool assumed)
{
	_cleanup_free_ char *led_to = xasprintf("%s%s", object->path, object->directory ? "/." : "");
	_cleanup_close_ int fd = openat(question->dirfd, assumed ? led_to : question->path,
					O_PATH | O_CLOEXEC | (question->follow && !assumed ? 0 : O_NOFOLLOW));
	int err = errno;
	struct stat a, b;

	if (object->state == OBJECT_BLOCKED || (object->state == OBJECT_ERROR && assumed))
		return NULL;
	if (object->state != OBJECT_FOUND)
		return fd < 0 && err == object->err ? NULL : "the kernel does not say so";
	if (fd < 0 || fstat(fd, &a) < 0 || fstat(object->fd, &b) < 0)
		return "the kernel does not find it";
	return a.st_ino == b.st_ino && a.st_dev == b.st_dev ? NULL : "the kernel finds another file";
}

static const char *check_blocked(const struct policy *policy, const struct object *object, bool everything)
{
	if (object->state != OBJECT_BLOCKED)
		return NULL;
	if (everything && !after_prefix(object->path, "/proc/"))
		return "blocked although everything is granted";
	if (policy_decide_path(policy, WANT_LOOKUP, object->path, object->len).action == ACTION_ALLOW)
		return "blocked at a name that the policy allows";
	return NULL;
}

static void print_failure(uint64_t seed, const char *yaml, const struct question *question, const struct object *object,
			  const struct outcome *wanted, const char *what)
{
	size_t i;

	printf("FAILED: %s\n  again: -s %llu -n 1\n%s", what, (unsigned long long)seed, yaml);
	for (i = 0; i < n_nodes; i++)
		printf("  %c %s%s%s\n", "dfl"[nodes[i].type], nodes[i].path, nodes[i].target[0] ? " -> " : "",
		       nodes[i].target);
	printf("  path  %s%s, from %s\n", question->path, question->follow ? "" : " (no follow)", question->start->path);
	printf("  got   %s %s %s\n", state_name(object->state), strerror(object->err), object->path);
	printf("  model %s %s %s\n", state_name(wanted->state), strerror(wanted->err), wanted->path);
	for (i = 0; i < object->n_steps; i++)
		printf("    %s at %s%s%s\n", object->steps[i].name ? object->steps[i].name : "start",
		       object->steps[i].path, object->steps[i].link ? " -> " : "",
		       object->steps[i].link ? object->steps[i].link : "");
}

static void count(const struct object *object)
{
	n_found += object->state == OBJECT_FOUND;
	n_absent += object->state == OBJECT_ABSENT;
	n_blocked += object->state == OBJECT_BLOCKED;
	n_error += object->state == OBJECT_ERROR;
}

/* Asks once; true if all agree. */
static bool ask(uint64_t seed, struct resolver *resolver, const struct policy *policy, const char *yaml,
		const struct question *question, const char *cwd, bool everything)
{
	struct object object = OBJECT_INIT;
	struct model model = { .policy = policy, .cwd = cwd, .follow = question->follow };
	unsigned flags = (question->follow ? RESOLVE_FOLLOW : 0) | (one_in(2) ? RESOLVE_TRAIL : 0);
	const char *wrong;

	resolve(resolver, getpid(), getpid(), question->dirfd, RESERVED, question->path, strlen(question->path), flags,
		&object);
	count(&object);
	model_walk(&model, question->path[0] == '/' ? "" : question->start->path, question->path);
	wrong = everything ? NULL : compare_with_model(&object, &model.outcome);
	wrong = wrong ? wrong : compare_with_kernel(question, &object, model.assumed);
	wrong = wrong ? wrong : check_blocked(policy, &object, everything);
	if (wrong)
		print_failure(seed, yaml, question, &object, &model.outcome, wrong);
	object_fini(&object);
	return !wrong;
}

static bool ask_about_tree(uint64_t seed, struct resolver *resolver, const struct policy *policy, const char *yaml,
			   bool everything)
{
	const struct node *cwd = any_node(DIR_NODE), *dir = any_node(DIR_NODE);
	int dirfd = open(dir->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	bool good = dirfd >= 0 && chdir(cwd->path) == 0;
	size_t i;

	for (i = 0; good && i < PATHS_PER_TREE; i++) {
		_cleanup_buf_ struct buf path = { 0 };
		bool by_dirfd = one_in(3);
		struct question question = { .follow = !one_in(3) };

		put_path(&path);
		question.path = path.data;
		question.start = by_dirfd ? dir : cwd;
		question.dirfd = by_dirfd ? dirfd : AT_FDCWD;
		good = ask(seed, resolver, policy, yaml, &question, cwd->path, everything);
	}
	if (dirfd >= 0)
		close(dirfd);
	return chdir("/") == 0 && good;
}

static bool run_tree(uint64_t seed)
{
	_cleanup_buf_ struct buf yaml = { 0 };
	struct policy *policy = NULL;
	struct resolver *resolver = NULL;
	bool good, everything;
	int tries;

	chance_state = seed * 0x2545f4914f6cdd1dull;
	everything = one_in(8);
	good = make_tree();
	if (!good)
		printf("FAILED: the tree of seed %llu cannot be made: %s\n", (unsigned long long)seed, strerror(errno));
	for (tries = 0; good && !policy && tries < 20; tries++)
		policy = make_policy(everything, &yaml);
	if (policy) {
		good = good && resolver_new(policy, NULL, &resolver) == 0 &&
		       ask_about_tree(seed, resolver, policy, yaml.data, everything);
		resolver_free(resolver);
		policy_free(policy);
	}
	return nftw(place, remove_one, 16, FTW_DEPTH | FTW_PHYS) == 0 && good;
}

/* ------------------------------------------------------------------ */

int main(int argc, char **argv)
{
	struct fuzz_run run = { .seed = 1, .count = 200 };
	char holder[] = "/tmp/fuzz_resolve.XXXXXX";
	_cleanup_free_ char *real = NULL;
	bool good = true;
	uint64_t n = 0;

	fuzz_options(argc, argv, &run);
	real = mkdtemp(holder) ? realpath(holder, NULL) : NULL;
	if (!real || strlen(real) > 40 || chdir("/") < 0) {
		perror("fuzz_resolve");
		return EXIT_FAILURE;
	}
	snprintf(place, sizeof place, "%s/t", real);
	while (good && fuzz_goes_on(&run, n))
		good = run_tree(run.seed + n++);
	printf("%llu trees, %llu paths: %llu found, %llu absent, %llu blocked, %llu errors\n", (unsigned long long)n,
	       (unsigned long long)(n_found + n_absent + n_blocked + n_error), (unsigned long long)n_found,
	       (unsigned long long)n_absent, (unsigned long long)n_blocked, (unsigned long long)n_error);
	rmdir(real);
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
