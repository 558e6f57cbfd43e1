/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The resolver against a real tree in a temporary directory, which is the working directory of
 * these tests; "@" in a policy, a path or an expected name stands for it.
 */
#include "supervisor/resolve.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "tests/unit/suite.h"

#define RESERVED 900
#define NAME_255                                                               \
	"nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn" \
	"nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn" \
	"nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn" \
	"nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn"

static char place[64];
static struct policy *policy;
static struct resolver *resolver;
static struct object object = OBJECT_INIT;

/* ------------------------------------------------------------------ the tree */

/* TEXT with the temporary directory for each "@". The caller frees. */
static char *at(const char *text)
{
	struct buf out = { 0 };

	for (; *text; text++)
		if (*text == '@')
			buf_puts(&out, place);
		else
			buf_putc(&out, *text);
	return buf_steal(&out);
}

static void make_dir(const char *path)
{
	ck_assert_msg(mkdir(path, 0755) == 0, "mkdir %s: %s", path, strerror(errno));
}

static void make_file(const char *path)
{
	int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644);

	ck_assert_msg(fd >= 0, "%s: %s", path, strerror(errno));
	close(fd);
}

static void make_link(const char *path, const char *target)
{
	_cleanup_free_ char *text = at(target);

	ck_assert_msg(symlink(text, path) == 0, "%s: %s", path, strerror(errno));
}

static void make_chain(void)
{
	char name[32], target[32] = "file";
	int i;

	for (i = 1; i <= 41; i++) {
		snprintf(name, sizeof name, "box/chain%d", i);
		make_link(name, target);
		snprintf(target, sizeof target, "chain%d", i);
	}
}

static void make_box(void)
{
	make_dir("box");
	make_file("box/file");
	make_dir("box/dir");
	make_file("box/dir/inner");
	make_dir("box/dir/deep");
	make_dir("box/dir/deep/er");
	make_file("box/dir/deep/er/leaf");
	make_link("box/rel", "dir/inner");
	make_link("box/abs", "@/box/dir/inner");
	make_link("box/up", "../box/file");
	make_link("box/dlink", "dir");
	make_link("box/deeplink", "dir/deep/er");
	make_link("box/self", ".");
	make_link("box/dotted", "dir/deep/../inner");
	make_link("box/loop", "loop");
	make_link("box/ping", "pong");
	make_link("box/pong", "ping");
	make_link("box/dangling", "nowhere");
	make_link("box/out", "@/secret/token");
	make_link("box/outrel", "../secret/token");
	make_link("box/outdir", "@/secret");
	make_link("box/proc", "/proc/self/status");
	make_link("box/supervisor", "/proc/self/environ");
	make_link("box/stdin", "/dev/stdin");
	make_link("box/slashy", "file/");
	make_link("box/dslash", "dir/");
	make_file("box/caf\xe9");
	make_file("box/" NAME_255);
	make_chain();
}

static void make_tree(void)
{
	make_box();
	make_dir("box/hidden");
	make_file("box/hidden/x");
	make_dir("box/hidden/open");
	make_file("box/hidden/open/f");
	make_link("box/hidden/open/back", "../x");
	make_link("box/hidden/link", "../file");
	make_link("box/to-hidden", "hidden/x");
	make_link("box/to-hidden-dir", "hidden");
	make_link("box/to-open", "hidden/open/f");
	make_link("box/veiled", "../behind");
	make_dir("box/never");
	make_file("box/never/x");
	make_link("box/to-never", "never/x");
	make_link("box/never/link", "../dir");
	make_dir("behind");
	make_file("behind/file");
	make_dir("secret");
	make_file("secret/token");
	make_link("link", "box");
	make_dir("exact");
	make_file("exact/one");
	make_file("exact/two");
	make_dir("bare");
	make_file("bare/file");
	make_dir("pat");
	make_dir("pat/a");
	make_dir("pat/a/data");
	make_file("pat/a/data/f");
	make_file("pat/a/other");
	make_link("pat/l", "a");
	make_link("pat/s", "@/secret");
}

static void setup_with(const char *yaml)
{
	_cleanup_buf_ struct buf messages = { 0 };
	_cleanup_free_ char *text = at(yaml);
	struct policy_context context = { 0 };
	int r = policy_load_text(text, strlen(text), "test.yaml", &context, &policy, &messages);

	ck_assert_msg(r == 0, "%s", messages.data ? messages.data : "?");
	ck_assert_int_eq(resolver_new(policy, NULL, &resolver), 0);
}

static const char standard[] = "version: 1\nname: test\n"
			       "read: ['@/box/**', '@/box/hidden/open/**', '@/exact/one', '@/bare/', '@/pat/*/data/**',"
			       " '@/link/file', '@/gone/**', /dev/null]\n"
			       "hide: ['@/box/hidden/**', '@/box/veiled', '@/box/later/', '@/curtain/**']\n"
			       "never: ['@/box/never']\n";

static void setup(void)
{
	_cleanup_free_ char *real = NULL;

	strcpy(place, "/tmp/check_resolve.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(place));
	real = realpath(place, NULL);
	ck_assert_ptr_nonnull(real);
	ck_assert_uint_lt(strlen(real), sizeof place);
	strcpy(place, real);
	ck_assert_int_eq(chdir(place), 0);
	make_tree();
	setup_with(standard);
}

static void teardown(void)
{
	_cleanup_free_ char *command = xasprintf("rm -rf '%s'", place);

	object_fini(&object);
	resolver_free(resolver);
	policy_free(policy);
	ck_assert_int_eq(chdir("/"), 0);
	ck_assert_int_eq(system(command), 0);
}

/* ------------------------------------------------------------------ asking */

/* Where a look is enough, it comes to what OBJECT is: the same answer, and what is there. */
static void look_as(pid_t pid, int dirfd, const char *text, unsigned flags)
{
	struct object seen = OBJECT_INIT;
	struct stat st;

	resolve(resolver, pid, pid, dirfd, RESERVED, text, strlen(text), flags | RESOLVE_LOOK, &seen);
	ck_assert_msg(seen.state == object.state && seen.err == object.err && streq(seen.path, object.path), "%s: %s", text,
		      seen.path);
	ck_assert(seen.grant == object.grant && seen.whole == object.whole && seen.directory == object.directory &&
		  seen.one_mount == object.one_mount && seen.self_fd == object.self_fd);
	ck_assert_int_eq(seen.fd >= 0, object.fd >= 0 && !seen.looked);
	if (seen.looked) {
		ck_assert_int_eq(seen.state, OBJECT_FOUND);
		ck_assert_int_eq(fstat(object.fd, &st), 0);
		ck_assert_msg(memcmp(&st, &seen.st, sizeof st) == 0, "%s", text);
	}
	object_fini(&seen);
}

static void ask_as(pid_t pid, int dirfd, const char *path, unsigned flags)
{
	_cleanup_free_ char *text = at(path);

	resolve(resolver, pid, pid, dirfd, RESERVED, text, strlen(text), flags, &object);
	look_as(pid, dirfd, text, flags);
}

static void ask(const char *path, unsigned flags)
{
	ask_as(getpid(), AT_FDCWD, path, flags);
}

static const char *state_name(enum object_state state)
{
	static const char *const names[] = { "FOUND", "ABSENT", "BLOCKED", "DESCRIPTOR", "ERROR" };

	return names[state];
}

static void expect(const char *asked, enum object_state state, int err, const char *path)
{
	_cleanup_free_ char *name = at(path);

	ck_assert_msg(object.state == state && object.err == err, "%s: %s %s (%s)", asked, state_name(object.state),
		      strerror(object.err), object.path);
	ck_assert_msg(streq(object.path, name), "%s is at %s, not %s", asked, object.path, name);
	ck_assert_uint_eq(object.len, strlen(object.path));
	ck_assert_int_eq(object.fd >= 0, state == OBJECT_FOUND);
	ck_assert_int_eq(object.self_fd >= 0, state == OBJECT_DESCRIPTOR);
	if (state == OBJECT_BLOCKED)
		ck_assert_int_ne(policy_decide_path(policy, WANT_LOOKUP, object.path, object.len).action, ACTION_ALLOW);
}

/* The descriptor is on what the kernel finds by the canonical name itself. */
static void expect_same_file(const char *path)
{
	_cleanup_free_ char *name = at(path);
	struct stat a, b;

	ck_assert_int_eq(fstat(object.fd, &a), 0);
	ck_assert_msg(lstat(name, &b) == 0, "%s", name);
	ck_assert_uint_eq(a.st_ino, b.st_ino);
	ck_assert_uint_eq(a.st_dev, b.st_dev);
	ck_assert_int_eq(fcntl(object.fd, F_GETFL) & O_PATH, O_PATH);
	ck_assert_int_eq(fcntl(object.fd, F_GETFD), FD_CLOEXEC);
}

static void finds(const char *path, const char *canonical)
{
	ask(path, RESOLVE_FOLLOW);
	expect(path, OBJECT_FOUND, 0, canonical);
	expect_same_file(canonical);
}

static void finds_link(const char *path, const char *canonical)
{
	struct stat st;

	ask(path, 0);
	expect(path, OBJECT_FOUND, 0, canonical);
	expect_same_file(canonical);
	ck_assert_int_eq(fstat(object.fd, &st), 0);
	ck_assert_msg(S_ISLNK(st.st_mode), "%s", path);
}

static void answers(const char *path, enum object_state state, int err, const char *canonical)
{
	ask(path, RESOLVE_FOLLOW);
	expect(path, state, err, canonical);
}

static void blocks(const char *path, const char *canonical)
{
	answers(path, OBJECT_BLOCKED, 0, canonical);
}

static void lacks(const char *path, int err, const char *canonical)
{
	answers(path, OBJECT_ABSENT, err, canonical);
}

static void fails(const char *path, int err)
{
	ask(path, RESOLVE_FOLLOW);
	ck_assert_msg(object.state == OBJECT_ERROR && object.err == err, "%s: %s %s", path, state_name(object.state),
		      strerror(object.err));
}

/* ------------------------------------------------------------------ text */

START_TEST(test_plain_names_are_found_in_a_tree)
{
	finds("@/box/file", "@/box/file");
	ck_assert_str_eq(resolver_rest(object.grant, object.path), "file");
	ck_assert_int_ge(resolver_root_of(resolver, object.grant), 0);
	finds("@/box", "@/box");
	ck_assert_str_eq(resolver_rest(object.grant, object.path), ".");
	finds("@/box/dir/deep/er/leaf", "@/box/dir/deep/er/leaf");
	ck_assert_ptr_nonnull(object.grant);
	ck_assert(!object.directory);
}
END_TEST

START_TEST(test_slashes_and_dots_are_cleaned)
{
	finds("@//box/./dir//inner", "@/box/dir/inner");
	finds("//@/box/././file", "@/box/file");
	finds("@/box/.", "@/box");
	ck_assert(object.directory);
	finds("@/box/dir/", "@/box/dir");
	ck_assert(object.directory);
	finds("@/box/dir/deep/..", "@/box/dir");
	ck_assert(object.directory);
}
END_TEST

START_TEST(test_a_trailing_slash_wants_a_directory_and_follows)
{
	static const char *const files[] = { "@/box/file/", "@/box/file/.", "@/box/rel/", "@/box/slashy" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(files); i++) {
		ask(files[i], i == 3 ? RESOLVE_FOLLOW : 0);
		ck_assert_msg(object.state == OBJECT_ABSENT && object.err == ENOTDIR, "%s", files[i]);
		ck_assert(object.directory);
	}
	ask("@/box/dlink/", 0);
	expect("dlink/", OBJECT_FOUND, 0, "@/box/dir");
	ask("@/box/dlink/.", 0);
	expect("dlink/.", OBJECT_FOUND, 0, "@/box/dir");
	finds("@/box/dslash", "@/box/dir");
	finds_link("@/box/dslash", "@/box/dslash");
	lacks("@/box/new/", ENOENT, "@/box/new");
	lacks("/dev/null/", ENOTDIR, "/dev/null");
}
END_TEST

START_TEST(test_what_is_absent_in_a_tree_is_absent)
{
	lacks("@/box/missing", ENOENT, "@/box/missing");
	ck_assert_ptr_nonnull(object.grant);
	lacks("@/box/missing/x/y", ENOENT, "@/box/missing/x/y");
	lacks("@/box/file/x", ENOTDIR, "@/box/file/x");
	lacks("@/box/dangling", ENOENT, "@/box/nowhere");
	lacks("@/box/missing/../file", ENOENT, "@/box/missing");
	lacks("@/box/file/../file", ENOTDIR, "@/box/file");
}
END_TEST

START_TEST(test_names_are_bytes)
{
	finds("@/box/caf\xe9", "@/box/caf\xe9");
	lacks("@/box/caf\xc3\xa9", ENOENT, "@/box/caf\xc3\xa9");
	lacks("@/box/\x01\xff\n", ENOENT, "@/box/\x01\xff\n");
}
END_TEST

START_TEST(test_long_names_fail_inside_grants_only)
{
	finds("@/box/" NAME_255, "@/box/" NAME_255);
	fails("@/box/n" NAME_255, ENAMETOOLONG);
	blocks("@/secret/n" NAME_255, "@/secret/n" NAME_255);
}
END_TEST

START_TEST(test_the_longest_path_is_accepted_and_a_longer_one_is_not)
{
	_cleanup_free_ char *path = at("@/box/"), *longest = xmalloc(PATH_MAX + 1);
	size_t n = strlen(path), i;

	memcpy(longest, path, n);
	for (i = n; i + 4 < PATH_MAX - 1; i++)
		longest[i] = (i - n) % 2 ? '/' : '.';
	if (longest[i - 1] == '.')
		longest[i - 1] = '/';
	strcpy(longest + i, "file");
	ck_assert_uint_eq(strlen(longest), PATH_MAX - 1);
	finds(longest, "@/box/file");
	memmove(longest + 1, longest, PATH_MAX);
	fails(longest, ENAMETOOLONG);
	for (i = 0; i < PATH_MAX - 1; i++)
		longest[i] = i % 8 ? 'a' : '/';
	longest[i] = '\0';
	answers(longest, OBJECT_BLOCKED, 0, longest);
	longest[0] = 'a'; /* relative: longer with the working directory */
	fails(longest, ENAMETOOLONG);
}
END_TEST

START_TEST(test_a_link_that_makes_the_path_too_long_fails)
{
	_cleanup_buf_ struct buf path = { 0 }, target = { 0 };
	size_t i;

	for (i = 0; i < 500; i++)
		buf_puts(&target, "./");
	buf_puts(&target, "dir");
	make_link("box/dotty", target.data);
	finds("@/box/dotty/inner", "@/box/dir/inner");
	buf_puts(&path, "@/box/dotty");
	for (i = 0; i < 1600; i++)
		buf_puts(&path, "/x");
	ask(path.data, RESOLVE_FOLLOW);
	ck_assert_int_eq(object.state, OBJECT_ERROR);
	ck_assert_int_eq(object.err, ENAMETOOLONG);
}
END_TEST

START_TEST(test_a_nul_and_the_empty_path_are_refused)
{
	fails("", ENOENT);
	ck_assert_str_eq(object.path, "");
	resolve(resolver, getpid(), getpid(), AT_FDCWD, RESERVED, "/dev\0/null", 10, RESOLVE_FOLLOW, &object);
	ck_assert_int_eq(object.state, OBJECT_ERROR);
	ck_assert_int_eq(object.err, EINVAL);
}
END_TEST

/* ------------------------------------------------------------------ links */

START_TEST(test_links_are_followed_to_where_they_are_granted)
{
	finds("@/box/rel", "@/box/dir/inner");
	finds("@/box/abs", "@/box/dir/inner");
	finds("@/box/up", "@/box/file");
	finds("@/box/dotted", "@/box/dir/inner");
	finds("@/box/dlink/inner", "@/box/dir/inner");
	finds("@/box/deeplink/leaf", "@/box/dir/deep/er/leaf");
	finds("@/box/self/self/dlink/deep/er/leaf", "@/box/dir/deep/er/leaf");
	finds("@/box/to-open", "@/box/hidden/open/f");
}
END_TEST

START_TEST(test_the_last_link_is_kept_when_it_is_asked_for)
{
	finds_link("@/box/rel", "@/box/rel");
	finds_link("@/box/loop", "@/box/loop");
	finds_link("@/box/out", "@/box/out");
	finds_link("@/box/dangling", "@/box/dangling");
	finds_link("@/box/self/dlink", "@/box/dlink");
	finds_link("@/link", "@/link"); /* recorded, and in no grant */
	ck_assert_ptr_null(object.grant);
}
END_TEST

START_TEST(test_forty_links_are_followed_and_no_more)
{
	int fd = open("box/chain40", O_RDONLY | O_CLOEXEC);

	ck_assert_int_ge(fd, 0); /* the kernel's limit is the same */
	close(fd);
	ck_assert_int_lt(open("box/chain41", O_RDONLY | O_CLOEXEC), 0);
	finds("@/box/chain40", "@/box/file");
	fails("@/box/chain41", ELOOP);
	fails("@/box/loop", ELOOP);
	fails("@/box/ping", ELOOP);
	fails("@/box/loop/x", ELOOP);
	fails("@/box/loop/..", ELOOP);
}
END_TEST

START_TEST(test_a_link_deep_in_a_long_path_is_found)
{
	_cleanup_buf_ struct buf path = { 0 };
	int i;

	buf_puts(&path, "@/box");
	for (i = 0; i < 36; i++)
		buf_puts(&path, "/self");
	buf_puts(&path, "/dlink");
	for (i = 0; i < 500; i++)
		buf_puts(&path, "/a");
	ask(path.data, RESOLVE_FOLLOW);
	ck_assert_int_eq(object.state, OBJECT_ABSENT);
	ck_assert_int_eq(object.err, ENOENT);
	ck_assert_ptr_nonnull(strstr(object.path, "/box/dir/a/a/a"));
}
END_TEST

START_TEST(test_ways_are_bounded_together)
{
	_cleanup_buf_ struct buf path = { 0 };
	_cleanup_free_ char *deepest = NULL;
	int i;

	buf_puts(&path, "box");
	for (i = 0; i < 100; i++) {
		buf_puts(&path, "/a");
		make_dir(path.data);
	}
	deepest = xasprintf("@/%s", path.data);
	/* Each ".." behind a name is a way that is opened from the root again: more than programs do … */
	for (i = 0; i < 100; i++)
		buf_puts(&path, "/../a");
	finds(path.data, deepest);
	/* … and far more. */
	for (i = 0; i < 500; i++)
		buf_puts(&path, "/../a");
	ck_assert_uint_lt(path.len + strlen(place), PATH_MAX);
	fails(path.data, ENAMETOOLONG);
	/* What is not granted is not looked at, and so costs nothing. */
	buf_clear(&path);
	buf_puts(&path, "@/secret");
	for (i = 0; i < 500; i++)
		buf_puts(&path, "/../a");
	ask(path.data, RESOLVE_FOLLOW);
	ck_assert_int_eq(object.state, OBJECT_BLOCKED);
}
END_TEST

START_TEST(test_links_in_a_deep_tree_are_followed_as_the_kernel_does)
{
	_cleanup_buf_ struct buf path = { 0 }, links = { 0 };
	_cleanup_free_ char *inner = NULL;
	int i;

	buf_puts(&path, "box");
	for (i = 0; i < 30; i++) {
		buf_puts(&path, "/a");
		make_dir(path.data);
	}
	inner = xasprintf("%s/l", path.data);
	make_link(inner, ".");
	buf_printf(&links, "@/%s", path.data);
	for (i = 0; i < 40; i++)
		buf_puts(&links, "/l");
	buf_puts(&links, "/nothing");
	ask(links.data, RESOLVE_FOLLOW);
	ck_assert_int_eq(object.state, OBJECT_ABSENT);
	ck_assert_int_eq(object.err, ENOENT);
}
END_TEST

START_TEST(test_links_out_of_a_grant_are_blocked_at_their_target)
{
	blocks("@/box/out", "@/secret/token");
	blocks("@/box/outrel", "@/secret/token");
	blocks("@/box/outdir/token", "@/secret/token");
	blocks("@/box/outdir/missing/x", "@/secret/missing/x");
	blocks("@/box/to-hidden", "@/box/hidden/x");
	blocks("@/box/to-hidden-dir/x", "@/box/hidden/x");
	blocks("@/box/hidden/open/back", "@/box/hidden/x");
	blocks("@/box/to-never", "@/box/never/x");
}
END_TEST

START_TEST(test_links_under_hide_and_never_are_not_followed)
{
	blocks("@/box/hidden/link", "@/box/hidden/link");
	blocks("@/box/never/link/inner", "@/box/never/link/inner");
	/* The name of the link is hidden, what is beneath that name is not: the walk ends at the link. */
	blocks("@/box/veiled", "@/box/veiled");
	blocks("@/box/veiled/file", "@/box/veiled");
	blocks("@/box/veiled/../file", "@/box/veiled");
	blocks("@/behind/file", "@/behind/file");
}
END_TEST

START_TEST(test_a_link_that_is_made_at_a_hidden_name_is_not_followed)
{
	lacks("@/box/later/inner", ENOENT, "@/box/later/inner");
	make_link("box/later", "dir");
	blocks("@/box/later", "@/box/later");
	blocks("@/box/later/inner", "@/box/later");
}
END_TEST

START_TEST(test_recorded_links_are_followed_without_a_grant)
{
	finds("@/link/file", "@/box/file");
	finds("@/link/dir/inner", "@/box/dir/inner");
	finds("@/link", "@/box");
	finds("@/link/../box/file", "@/box/file");
}
END_TEST

/* ------------------------------------------------------------------ dot-dot */

START_TEST(test_dotdot_is_taken_after_links_are_followed)
{
	finds("@/box/dir/../file", "@/box/file");
	finds("@/box/deeplink/../../inner", "@/box/dir/inner");
	finds("@/box/dlink/../file", "@/box/file");
	lacks("@/box/deeplink/../file", ENOENT, "@/box/dir/deep/file");
	finds("@/box/..", "@");
	ck_assert_ptr_null(object.grant);
	finds("/../..@/box/file", "@/box/file");
	finds("@/box/../exact/one", "@/exact/one");
	finds("@/box/dir/deep/../../../box/./dir/../file", "@/box/file");
}
END_TEST

START_TEST(test_dotdot_passes_what_no_rule_names_by_its_text)
{
	make_link("secret/link", "/usr/lib");
	finds("@/secret/link/../../box/file", "@/box/file");
	finds("@/secret/token/x/../../../box/dir/../file", "@/box/file");
	finds("@/missing/./../box/file", "@/box/file");
	finds("@/secret/../box/file", "@/box/file");
	finds("@/secret/missing/../../box/file", "@/box/file");
	finds("@/exact/two/../one", "@/exact/one");
	lacks("@/exact/one/x/../../one", ENOTDIR, "@/exact/one"); /* what is granted is looked at */
	blocks("@/secret/../secret/token", "@/secret/token");
	blocks("@/secret/missing/..", "@/secret");
}
END_TEST

START_TEST(test_dotdot_does_not_pass_what_may_not_be_seen)
{
	finds("@/box/hidden/../file", "@/box/file"); /* on the way to hidden/open */
	blocks("@/box/hidden/x/../../file", "@/box/hidden/x");
	blocks("@/box/never/../file", "@/box/never");
	blocks("@/box/../secret/token", "@/secret/token");
	finds("@/box/outdir/../box/file", "@/box/file"); /* a link's text is a way as any other */
}
END_TEST

START_TEST(test_dotdot_leaves_a_start_that_is_not_granted)
{
	ck_assert_int_eq(chdir("secret"), 0);
	finds("../box/file", "@/box/file");
	blocks("token", "@/secret/token");
	blocks(".", "@/secret");
	finds("../secret/../box/file", "@/box/file");
	finds("../../..@/box/file", "@/box/file");
	ck_assert_int_eq(chdir(".."), 0);
}
END_TEST

/* ------------------------------------------------------------------ shapes of rules */

START_TEST(test_an_exact_rule_holds_one_file)
{
	finds("@/exact/one", "@/exact/one");
	ck_assert_str_eq(resolver_rest(object.grant, object.path), "one");
	blocks("@/exact/two", "@/exact/two");
	blocks("@/exact/one/x", "@/exact/one/x");
	finds("@/exact", "@/exact");
	ck_assert_ptr_null(object.grant);
	finds("@/bare", "@/bare");
	ck_assert_ptr_nonnull(object.grant);
	blocks("@/bare/file", "@/bare/file");
}
END_TEST

START_TEST(test_patterns_hold_what_they_name_and_links_on_their_way)
{
	finds("@/pat/a/data/f", "@/pat/a/data/f");
	finds("@/pat/l/data/f", "@/pat/a/data/f");
	finds("@/pat/l", "@/pat/a");
	ck_assert_ptr_null(object.grant);
	finds("@/pat/l/../a/data/f", "@/pat/a/data/f");
	blocks("@/pat/a/other", "@/pat/a/other");
	blocks("@/pat/l/other", "@/pat/a/other");
	blocks("@/pat/s/data/token", "@/secret/data/token");
	blocks("@/pat/s", "@/secret");
	blocks("@/pat/s/token", "@/secret/token");
}
END_TEST

START_TEST(test_hidden_patterns_do_not_stop_links_before_them)
{
	resolver_free(resolver);
	policy_free(policy);
	setup_with("version: 1\nname: test\nread: ['@/box/**']\nhide: ['@/box/*link/inner']\n");
	blocks("@/box/dslink/inner", "@/box/dslink/inner");
	finds("@/box/dlink/inner", "@/box/dir/inner");
}
END_TEST

START_TEST(test_ancestors_are_found_by_themselves)
{
	finds("/", "/");
	ck_assert(object.directory);
	finds("/tmp", "/tmp");
	ck_assert_ptr_null(object.grant);
	finds("@/box/../", "@");
	blocks("/tmp/..nothing", "/tmp/..nothing");
}
END_TEST

START_TEST(test_a_root_that_is_not_there_holds_nothing)
{
	lacks("@/gone/file", ENOENT, "@/gone/file");
	lacks("@/gone", ENOENT, "@/gone");
	lacks("@/gone/../box/file", ENOENT, "@/gone");
	make_dir("gone");
	make_file("gone/file");
	lacks("@/gone/file", ENOENT, "@/gone/file");
}
END_TEST

START_TEST(test_a_granted_file_that_became_a_link_is_asked_about_again)
{
	ck_assert_int_eq(unlink("exact/one"), 0);
	make_link("exact/one", "../secret/token");
	blocks("@/exact/one", "@/secret/token");
	ck_assert_int_eq(unlink("exact/one"), 0);
	make_link("exact/one", "two");
	blocks("@/exact/one", "@/exact/two");
	ck_assert_int_eq(unlink("exact/one"), 0);
	make_link("exact/one", "../box/file");
	finds("@/exact/one", "@/box/file");
}
END_TEST

START_TEST(test_roots_are_shared_and_counted)
{
	size_t i, n = resolver_n_roots(resolver);

	ck_assert_uint_eq(n, 6); /* box, box/hidden/open, exact, bare, pat, /dev; link/file is in box; gone is not */
	for (i = 0; i < n; i++)
		ck_assert_int_eq(fcntl(resolver_root_fd(resolver, i), F_GETFD), FD_CLOEXEC);
	for (i = 0; i < policy->n_grants; i++) {
		int root = resolver_root_of(resolver, policy->grants[i]);
		bool open = policy->grants[i]->rule.kind == RULE_READ && !strstr(policy->grants[i]->path, "gone");

		ck_assert_msg((root >= 0) == open, "%s", policy->grants[i]->path);
	}
}
END_TEST

/* ------------------------------------------------------------------ no look outside */

static const char *const outside[] = {
	"@/secret/token",	"@/secret/missing",	 "@/secret/token/x",	"@/secret/missing/../x",
	"/etc/passwd",		"/etc/passwd-missing",	 "@/curtain/x",		"@/box/hidden/x",
	"@/box/hidden/missing", "@/box/hidden/x/../../", "@/box/never/x",	"@/box/never/missing",
	"@/box/never/link/x",	"@/exact/two",		 "@/exact/three",	"@/bare/file",
	"@/bare/missing",	"/proc/self/status",	 "/proc/1/cmdline",	"/proc/self/fd",
	"/proc/self/fd/0",	"/dev/stdin",		 "/dev/fd/77",		"/proc/self/fd/nothing",
	"/proc/self/fd/901",	"/dev/sda",		 "/proc/self/../x",	"/..//../root/x",
};

struct answer {
	enum object_state state;
	int err;
	char path[128];
};

/* In a process that the kernel kills for anything but write(2) and exit(2): mode 1 of seccomp(2). */
static void answer_strictly(int out, char **paths, size_t n)
{
	struct answer answer = { 0 };
	size_t i;
	pid_t pid = getpid();

	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) < 0)
		_exit(9);
	for (i = 0; i < n; i++) {
		resolve(resolver, pid, pid, AT_FDCWD, RESERVED, paths[i], strlen(paths[i]), RESOLVE_FOLLOW, &object);
		answer.state = object.state;
		answer.err = object.err;
		memcpy(answer.path, object.path, MIN(object.len + 1, sizeof answer.path - 1));
		if (write(out, &answer, sizeof answer) != sizeof answer)
			break;
	}
	syscall(SYS_exit, 0);
}

START_TEST(test_outside_of_grants_no_system_call_is_made)
{
	char *paths[ARRAY_SIZE(outside)];
	struct answer answer = { 0 };
	int fds[2], status;
	size_t i;
	pid_t pid;

	for (i = 0; i < ARRAY_SIZE(outside); i++)
		paths[i] = at(outside[i]);
	ck_assert_int_eq(pipe(fds), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0)
		answer_strictly(fds[1], paths, ARRAY_SIZE(outside));
	close(fds[1]);
	for (i = 0; i < ARRAY_SIZE(outside); i++) {
		ck_assert_msg(read(fds[0], &answer, sizeof answer) == sizeof answer, "a system call was made for %s",
			      outside[i]);
		ck_assert_msg(answer.state == OBJECT_BLOCKED || strstr(outside[i], "fd/") || strstr(outside[i], "/std"),
			      "%s: %s at %s", outside[i], state_name(answer.state), answer.path);
		free(paths[i]);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	close(fds[0]);
}
END_TEST

/* Only openat2(2), write(2) and exit(2) are allowed: close(2) is not, so each success shows as a number. */
static void allow_openat2_only(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 3, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit, 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_write, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { ARRAY_SIZE(filter), filter };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
		_exit(9);
}

START_TEST(test_a_plain_path_in_a_grant_takes_one_openat2_and_nothing_else)
{
	_cleanup_free_ char *path = at("@//box/dir/./inner");
	int status, next = open("/", O_PATH | O_CLOEXEC);
	pid_t pid, parent = getpid();

	ck_assert_int_ge(next, 0);
	close(next);
	pid = fork();
	if (pid == 0) {
		allow_openat2_only();
		resolve(resolver, parent, parent, 5, RESERVED, path, strlen(path), RESOLVE_FOLLOW, &object);
		syscall(SYS_exit, object.state == OBJECT_FOUND && object.fd == next ? 0 : 1);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}
END_TEST

static void looks(const char *path, bool once)
{
	_cleanup_free_ char *text = at(path);

	resolve(resolver, getpid(), getpid(), AT_FDCWD, RESERVED, text, strlen(text), RESOLVE_LOOK, &object);
	ck_assert_msg(object.state == OBJECT_FOUND && object.looked == once && (object.fd < 0) == once, "%s", path);
}

START_TEST(test_a_look_is_enough_for_a_root_and_the_names_in_it)
{
	struct stat top, dev;

	looks("@/box", true);
	looks("@/box/file", true);
	looks("@/box/dir", true);
	looks("@/exact/one", true);
	looks("@/box/rel", true);
	ck_assert(S_ISLNK(object.st.st_mode));
	/* A way of several names, a directory that has to be one. */
	looks("@/box/dir/inner", false);
	looks("@/box/dir/", false);
	looks("/", false);
	/* Another file system's. */
	ck_assert_int_eq(stat("/", &top), 0);
	ck_assert_int_eq(stat("/dev", &dev), 0);
	looks("/dev", top.st_dev == dev.st_dev);
}
END_TEST

START_TEST(test_what_was_looked_at_is_held_if_it_is_still_there)
{
	struct stat seen;

	looks("@/box/file", true);
	seen = object.st;
	ck_assert_int_eq(resolver_hold(resolver, &object), 0);
	expect("@/box/file", OBJECT_FOUND, 0, "@/box/file");
	expect_same_file("@/box/file");
	ck_assert(!object.looked);
	ck_assert_int_eq(resolver_hold(resolver, &object), 0);
	looks("@/exact/one", true);
	ck_assert_int_eq(resolver_hold(resolver, &object), 0);
	expect_same_file("@/exact/one");
	looks("@/box", true);
	ck_assert_int_eq(resolver_hold(resolver, &object), 0);
	expect_same_file("@/box");
	/* Another file, a link, nothing. */
	looks("@/box/file", true);
	ck_assert_uint_eq(object.st.st_ino, seen.st_ino);
	ck_assert_int_eq(rename("box/file", "box/former"), 0);
	make_file("box/file");
	ck_assert_int_eq(resolver_hold(resolver, &object), -ESTALE);
	ck_assert_int_eq(unlink("box/file"), 0);
	ck_assert_int_eq(resolver_hold(resolver, &object), -ENOENT);
	make_link("box/file", "former");
	ck_assert_int_eq(resolver_hold(resolver, &object), -ESTALE);
	ck_assert_int_lt(object.fd, 0);
}
END_TEST

/* ------------------------------------------------------------------ another process */

struct child {
	pid_t pid;
	int go; /* closing it ends the child */
};

/* A process in @/box/dir with descriptors 20 on @/box, 21 on @/box/file, 22 on a pipe, 23 on @/secret,
 * 24 on a directory that is removed, 25 on @/secret/token. */
static struct child child_start(void)
{
	static const char *const files[] = { "box", "box/file", NULL, "secret", "doomed", "secret/token" };
	struct child child;
	int go[2], ready[2], i;
	char c;

	make_dir("doomed");
	ck_assert_int_eq(pipe2(go, O_CLOEXEC), 0);
	ck_assert_int_eq(pipe2(ready, O_CLOEXEC), 0);
	child.pid = fork();
	ck_assert_int_ge(child.pid, 0);
	if (child.pid == 0) {
		for (i = 0; i < (int)ARRAY_SIZE(files); i++)
			dup2(files[i] ? open(files[i], O_RDONLY | O_CLOEXEC) : ready[0], 20 + i);
		close(go[1]);
		_exit(chdir("box/dir") < 0 || rmdir("../../doomed") < 0 || write(ready[1], "x", 1) != 1 ||
		      read(go[0], &c, 1) != 0);
	}
	close(go[0]);
	close(ready[1]);
	ck_assert_int_eq(read(ready[0], &c, 1), 1);
	close(ready[0]);
	child.go = go[1];
	return child;
}

static void child_end(struct child *child)
{
	int status;

	close(child->go);
	ck_assert_int_eq(waitpid(child->pid, &status, 0), child->pid);
	ck_assert_int_eq(status, 0);
}

static void child_finds(const struct child *child, int dirfd, const char *path, const char *canonical)
{
	ask_as(child->pid, dirfd, path, RESOLVE_FOLLOW);
	expect(path, OBJECT_FOUND, 0, canonical);
	expect_same_file(canonical);
}

static void child_answers(const struct child *child, int dirfd, const char *path, enum object_state state, int err,
			  const char *canonical)
{
	ask_as(child->pid, dirfd, path, RESOLVE_FOLLOW);
	expect(path, state, err, canonical);
}

START_TEST(test_relative_paths_start_at_the_tracees_directories)
{
	struct child child = child_start();

	child_finds(&child, AT_FDCWD, "inner", "@/box/dir/inner");
	child_finds(&child, AT_FDCWD, ".", "@/box/dir");
	child_finds(&child, AT_FDCWD, "../file", "@/box/file");
	child_finds(&child, AT_FDCWD, "../dlink/inner", "@/box/dir/inner");
	child_answers(&child, AT_FDCWD, "../../secret/token", OBJECT_BLOCKED, 0, "@/secret/token");
	child_answers(&child, AT_FDCWD, "missing", OBJECT_ABSENT, ENOENT, "@/box/dir/missing");
	child_finds(&child, 20, "file", "@/box/file");
	child_finds(&child, 23, "../box/file", "@/box/file");
	child_answers(&child, 23, "token", OBJECT_BLOCKED, 0, "@/secret/token");
	child_finds(&child, 77, "@/box/file", "@/box/file");
	child_end(&child);
}
END_TEST

START_TEST(test_a_dirfd_that_is_none_is_an_error)
{
	struct child child = child_start();

	child_answers(&child, 21, "x", OBJECT_ERROR, ENOTDIR, "");
	child_answers(&child, 22, "x", OBJECT_ERROR, ENOTDIR, "");
	child_answers(&child, 25, "x", OBJECT_ERROR, ENOTDIR, "");
	child_answers(&child, 77, "x", OBJECT_ERROR, EBADF, "");
	child_answers(&child, -1, "x", OBJECT_ERROR, EBADF, "");
	child_answers(&child, RESERVED, "x", OBJECT_ERROR, EBADF, "");
	child_answers(&child, RESERVED + 1, "x", OBJECT_ERROR, EBADF, "");
	child_answers(&child, 24, "x", OBJECT_ERROR, ENOENT, "");
	child_end(&child);
}
END_TEST

START_TEST(test_an_empty_path_can_mean_the_descriptor)
{
	ask_as(getpid(), 21, "", RESOLVE_EMPTY_PATH);
	expect("", OBJECT_DESCRIPTOR, 0, "");
	ck_assert_int_eq(object.self_fd, 21);
	ask_as(getpid(), RESERVED, "", RESOLVE_EMPTY_PATH);
	expect("", OBJECT_ERROR, EBADF, "");
	ask_as(getpid(), -7, "", RESOLVE_EMPTY_PATH);
	expect("", OBJECT_ERROR, EBADF, "");
	ck_assert_int_eq(chdir("box"), 0);
	ask_as(getpid(), AT_FDCWD, "", RESOLVE_EMPTY_PATH);
	expect("", OBJECT_FOUND, 0, "@/box");
	ck_assert_int_eq(chdir(".."), 0);
}
END_TEST

START_TEST(test_proc_self_is_the_tracee)
{
	struct child child = child_start();
	char path[64];

	child_answers(&child, AT_FDCWD, "/proc/self/fd/21", OBJECT_DESCRIPTOR, 0, "/proc/self/fd/21");
	ck_assert_int_eq(object.self_fd, 21);
	child_answers(&child, AT_FDCWD, "/proc/thread-self/fd/21", OBJECT_DESCRIPTOR, 0, "/proc/thread-self/fd/21");
	child_answers(&child, AT_FDCWD, "/dev/fd/25", OBJECT_DESCRIPTOR, 0, "/proc/self/fd/25");
	child_answers(&child, AT_FDCWD, "/dev/stderr", OBJECT_DESCRIPTOR, 0, "/proc/self/fd/2");
	child_finds(&child, AT_FDCWD, "/proc/self/cwd/inner", "@/box/dir/inner");
	child_finds(&child, AT_FDCWD, "/proc/self/cwd", "@/box/dir");
	child_finds(&child, AT_FDCWD, "/proc/self/root@/box/file", "@/box/file");
	child_finds(&child, AT_FDCWD, "/proc/self/root", "/");
	child_answers(&child, AT_FDCWD, "/proc/self/root/etc/passwd", OBJECT_BLOCKED, 0, "/etc/passwd");
	child_answers(&child, AT_FDCWD, "/proc/self/status", OBJECT_BLOCKED, 0, "/proc/self/status");
	child_answers(&child, AT_FDCWD, "/proc/self", OBJECT_BLOCKED, 0, "/proc/self");
	ask_as(child.pid, AT_FDCWD, "/proc/self/cwd", 0);
	expect("cwd", OBJECT_BLOCKED, 0, "/proc/self/cwd");
	snprintf(path, sizeof path, "/proc/%d/fd/21", child.pid);
	child_answers(&child, AT_FDCWD, path, OBJECT_DESCRIPTOR, 0, "/proc/self/fd/21");
	snprintf(path, sizeof path, "/proc/%d/task/%d/environ", child.pid, child.pid);
	child_answers(&child, AT_FDCWD, path, OBJECT_BLOCKED, 0, "/proc/thread-self/environ");
	snprintf(path, sizeof path, "/proc/%d/fd/1", getpid());
	child_answers(&child, AT_FDCWD, path, OBJECT_BLOCKED, 0, path);
	child_end(&child);
}
END_TEST

START_TEST(test_a_thread_is_itself_by_its_own_number)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/fd/3", 4712);
	resolve(resolver, 4711, 4712, AT_FDCWD, RESERVED, path, strlen(path), RESOLVE_FOLLOW, &object);
	expect(path, OBJECT_DESCRIPTOR, 0, "/proc/thread-self/fd/3");
	snprintf(path, sizeof path, "/proc/self/task/4713/fd/3");
	resolve(resolver, 4711, 4712, AT_FDCWD, RESERVED, path, strlen(path), RESOLVE_FOLLOW, &object);
	expect(path, OBJECT_BLOCKED, 0, path);
	snprintf(path, sizeof path, "/proc/04711/fd/3");
	resolve(resolver, 4711, 4712, AT_FDCWD, RESERVED, path, strlen(path), RESOLVE_FOLLOW, &object);
	expect(path, OBJECT_BLOCKED, 0, path);
}
END_TEST

START_TEST(test_a_descriptor_of_proc_self_can_be_walked_from)
{
	struct child child = child_start();

	child_finds(&child, AT_FDCWD, "/proc/self/fd/20/file", "@/box/file");
	child_finds(&child, AT_FDCWD, "/dev/fd/20/", "@/box");
	child_finds(&child, AT_FDCWD, "/proc/self/fd/20/../exact/one", "@/exact/one");
	child_finds(&child, AT_FDCWD, "/proc/self/fd/23/../box/file", "@/box/file");
	child_answers(&child, AT_FDCWD, "/proc/self/fd/23/token", OBJECT_BLOCKED, 0, "@/secret/token");
	child_answers(&child, AT_FDCWD, "/proc/self/fd/23/", OBJECT_BLOCKED, 0, "@/secret");
	child_answers(&child, AT_FDCWD, "/proc/self/fd/21/", OBJECT_ABSENT, ENOTDIR, "/proc/self/fd/21");
	child_answers(&child, AT_FDCWD, "/proc/self/fd/21/..", OBJECT_ABSENT, ENOTDIR, "/proc/self/fd/21");
	child_answers(&child, AT_FDCWD, "/proc/self/fd/77/x", OBJECT_ABSENT, ENOENT, "/proc/self/fd/77/x");
	child_end(&child);
}
END_TEST

START_TEST(test_descriptor_numbers_are_strict_and_reserved_ones_absent)
{
	static const char *const wrong[] = { "/proc/self/fd/00", "/proc/self/fd/-1", "/dev/fd/1x", "/proc/self/fd/+1",
					     "/proc/self/fd/4294967296", "/proc/self/fd/900", "/dev/fd/901/x",
					     "/proc/self/fd/x/../../.." };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		ask(wrong[i], RESOLVE_FOLLOW);
		ck_assert_msg(object.state == OBJECT_ABSENT && object.err == ENOENT, "%s: %s", wrong[i],
			      state_name(object.state));
	}
	answers("/dev/fd/899", OBJECT_DESCRIPTOR, 0, "/proc/self/fd/899");
}
END_TEST

START_TEST(test_links_to_proc_self_mean_the_tracee)
{
	struct child child = child_start();

	child_answers(&child, AT_FDCWD, "@/box/proc", OBJECT_BLOCKED, 0, "/proc/self/status");
	child_answers(&child, AT_FDCWD, "@/box/supervisor", OBJECT_BLOCKED, 0, "/proc/self/environ");
	child_answers(&child, AT_FDCWD, "@/box/stdin", OBJECT_DESCRIPTOR, 0, "/proc/self/fd/0");
	child_end(&child);
}
END_TEST

START_TEST(test_a_renamed_working_directory_is_followed_by_its_new_name)
{
	struct child child = child_start();

	ck_assert_int_eq(rename("box/dir", "box/moved"), 0);
	child_finds(&child, AT_FDCWD, "inner", "@/box/moved/inner");
	ck_assert_int_eq(rename("box/moved", "secret/moved"), 0);
	child_answers(&child, AT_FDCWD, "inner", OBJECT_BLOCKED, 0, "@/secret/moved/inner");
	child_end(&child);
}
END_TEST

START_TEST(test_a_directory_named_deleted_is_not_deleted)
{
	make_dir("box/x (deleted)");
	make_file("box/x (deleted)/f");
	ck_assert_int_eq(chdir("box/x (deleted)"), 0);
	finds("f", "@/box/x (deleted)/f");
	ck_assert_int_eq(unlink("f"), 0);
	ck_assert_int_eq(rmdir("../x (deleted)"), 0);
	fails("f", ENOENT);
	ck_assert_int_eq(chdir(place), 0);
}
END_TEST

/* ------------------------------------------------------------------ the trail */

START_TEST(test_the_trail_tells_every_step)
{
	static const struct resolve_step wanted[] = {
		{ NULL, "@/box", NULL },
		{ "dlink", "@/box/dlink", "dir" },
		{ "dir", "@/box/dir", NULL },
		{ "..", "@/box", NULL },
		{ "..", "@", NULL },
		{ "secret/token", "@/secret/token", NULL },
	};
	size_t i;

	ck_assert_int_eq(chdir("box"), 0);
	ask("dlink/../../secret/token", RESOLVE_FOLLOW | RESOLVE_TRAIL);
	expect("trail", OBJECT_BLOCKED, 0, "@/secret/token");
	ck_assert_uint_eq(object.n_steps, ARRAY_SIZE(wanted));
	for (i = 0; i < object.n_steps; i++) {
		_cleanup_free_ char *path = at(wanted[i].path);

		ck_assert_pstr_eq(object.steps[i].name, wanted[i].name);
		ck_assert_str_eq(object.steps[i].path, path);
		ck_assert_pstr_eq(object.steps[i].link, wanted[i].link);
	}
	object_reset(&object);
	ck_assert_ptr_null(object.steps);
	ck_assert_int_eq(chdir(".."), 0);
}
END_TEST

START_TEST(test_the_trail_is_bounded)
{
	_cleanup_buf_ struct buf path = { 0 };
	int i;

	for (i = 0; i < 1000; i++)
		buf_puts(&path, "/..");
	ask(path.data, RESOLVE_FOLLOW | RESOLVE_TRAIL);
	ck_assert_uint_eq(object.n_steps, RESOLVE_MAX_STEPS);
	ck_assert_int_eq(object.state, OBJECT_FOUND);
	ask("", RESOLVE_TRAIL);
	ck_assert_uint_eq(object.n_steps, 0);
	ask_as(getpid(), 899, "x", RESOLVE_TRAIL);
	ck_assert_uint_eq(object.n_steps, 0);
}
END_TEST

/* ------------------------------------------------------------------ races */

static atomic_bool stop;
static struct stat secret;
static struct stat secret_dir;
static unsigned found, not_found, looked;

/* A descriptor of the secret may never come out, whatever happens. */
static void race_ask(pid_t tid, int dirfd, const char *path)
{
	struct stat st;
	static const unsigned ways[] = { 0, RESOLVE_TRAIL, RESOLVE_LOOK };
	unsigned flags = RESOLVE_FOLLOW | ways[(found + not_found) % ARRAY_SIZE(ways)];

	resolve(resolver, getpid(), tid, dirfd, RESERVED, path, strlen(path), flags, &object);
	if (object.state != OBJECT_FOUND) {
		not_found++;
		return;
	}
	found++;
	looked += object.looked;
	if (object.looked)
		st = object.st;
	else
		ck_assert_int_eq(fstat(object.fd, &st), 0);
	ck_assert_msg(!S_ISLNK(st.st_mode), "%s is a link", path);
	ck_assert_msg(st.st_ino != secret.st_ino || st.st_dev != secret.st_dev, "%s leaked", path);
	ck_assert_msg(st.st_ino != secret_dir.st_ino || st.st_dev != secret_dir.st_dev, "%s leaked", path);
}

static void *flip_names(void *unused)
{
	int dir = open(place, O_PATH | O_CLOEXEC);

	(void)unused;
	while (!atomic_load_explicit(&stop, memory_order_relaxed)) {
		renameat2(dir, "box/flip", dir, "box/flop", RENAME_EXCHANGE);
		renameat2(dir, "box/deep/flip", dir, "box/deep/flop", RENAME_EXCHANGE);
		renameat2(dir, "box/flip", dir, "box/flup", RENAME_EXCHANGE);
		renameat2(dir, "box/deep", dir, "box/link", RENAME_EXCHANGE);
	}
	close(dir);
	return NULL;
}

START_TEST(test_names_that_are_exchanged_never_lead_to_the_secret)
{
	static const char *const asked[] = { "@/box/flip/token",     "@/box/deep/flip/token", "@/box/flop/token",
					     "@/box/deep/../flip/token", "@/box/flip/../secret/token",
					     "@/box/flip/../../secret/token", "@/box/link/flop/token", "@/box/flup/token",
					     "flip/token", "./flop/token", "../flip/token", "@/box/flip", "@/box/flop",
					     "@/box/deep", "@/box/link" };
	char *paths[ARRAY_SIZE(asked)];
	pthread_t thread;
	size_t i;

	make_dir("box/flip");
	make_file("box/flip/token");
	make_link("box/flop", "../secret");
	make_link("box/flup", "dir");
	make_dir("box/deep");
	make_dir("box/deep/flip");
	make_file("box/deep/flip/token");
	make_link("box/deep/flop", "@/secret");
	make_link("box/link", "../secret");
	ck_assert_int_eq(stat("secret/token", &secret), 0);
	ck_assert_int_eq(stat("secret", &secret_dir), 0);
	ck_assert_int_eq(chdir("box/deep"), 0);
	for (i = 0; i < ARRAY_SIZE(asked); i++)
		paths[i] = at(asked[i]);
	ck_assert_int_eq(pthread_create(&thread, NULL, flip_names, NULL), 0);
	for (i = 0; i < 100000; i++)
		race_ask(getpid(), AT_FDCWD, paths[i % ARRAY_SIZE(asked)]);
	atomic_store(&stop, true);
	pthread_join(thread, NULL);
	/* The race was run: both outcomes were seen. */
	ck_assert_uint_gt(found, 100);
	ck_assert_uint_gt(not_found, 100);
	ck_assert_uint_gt(looked, 100);
	for (i = 0; i < ARRAY_SIZE(asked); i++)
		free(paths[i]);
	ck_assert_int_eq(chdir(place), 0);
}
END_TEST

static atomic_int mover_tid;

static void *move_about(void *unused)
{
	int in = open("box/dir2", O_RDONLY | O_CLOEXEC), out = open("secret", O_RDONLY | O_CLOEXEC);

	(void)unused;
	dup2(in, 40);
	atomic_store(&mover_tid, gettid());
	while (!atomic_load_explicit(&stop, memory_order_relaxed)) {
		if (fchdir(out) < 0 || dup2(out, 40) < 0 || fchdir(in) < 0 || dup2(in, 40) < 0)
			break;
	}
	close(in);
	close(out);
	return NULL;
}

START_TEST(test_a_tracee_that_moves_about_never_gets_the_secret)
{
	static const char *const asked[] = { "token", "../dir2/token", "../secret/token", "./token" };
	pthread_t thread;
	size_t i;

	make_dir("box/dir2");
	make_file("box/dir2/token");
	ck_assert_int_eq(stat("secret/token", &secret), 0);
	ck_assert_int_eq(stat("secret", &secret_dir), 0);
	ck_assert_int_eq(pthread_create(&thread, NULL, move_about, NULL), 0);
	while (!atomic_load(&mover_tid))
		sched_yield();
	for (i = 0; i < 100000; i++)
		race_ask(atomic_load(&mover_tid), i % 8 < 4 ? AT_FDCWD : 40, asked[i % 4]);
	atomic_store(&stop, true);
	pthread_join(thread, NULL);
	ck_assert_uint_gt(found, 100);
	ck_assert_uint_gt(not_found, 100);
	close(40);
	ck_assert_int_eq(chdir(place), 0);
}
END_TEST

/* ------------------------------------------------------------------ */

static TCase *group(Suite *suite, const char *name)
{
	TCase *tcase = tcase_create(name);

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 120);
	suite_add_tcase(suite, tcase);
	return tcase;
}

/* ------------------------------------------------------------------ the directory that a name is in */

static void holds(const char *path, unsigned flags, const char *directory, const char *name)
{
	_cleanup_free_ char *parent = at(directory);
	const char *last = NULL;
	struct stat a, b;

	ask(path, flags);
	ck_assert_int_eq(resolver_hold_parent(resolver, &object, &last), 0);
	ck_assert_str_eq(last, name);
	ck_assert_int_eq(fstat(object.parent_fd, &a), 0);
	ck_assert_int_eq(stat(parent, &b), 0);
	ck_assert_uint_eq(a.st_ino, b.st_ino);
	ck_assert_int_eq(fcntl(object.parent_fd, F_GETFL) & O_PATH, O_PATH);
	ck_assert_int_eq(fcntl(object.parent_fd, F_GETFD), FD_CLOEXEC);
}

START_TEST(test_the_directory_that_a_name_is_in_is_held)
{
	holds("@/box/file", 0, "@/box", "file");
	holds("@/box/dir/deep/er/leaf", 0, "@/box/dir/deep/er", "leaf");
	holds("@/box/dir/none", 0, "@/box/dir", "none");
	holds("@/box/dlink/inner", 0, "@/box/dir", "inner");
	holds("@/box/dlink", 0, "@/box", "dlink");
	holds("@/box/rel", RESOLVE_FOLLOW, "@/box/dir", "inner");
	holds("@/box/dir/../file", 0, "@/box", "file");
}
END_TEST

START_TEST(test_a_root_is_in_no_directory_that_could_be_held)
{
	const char *last;

	ask("@/box", 0);
	ck_assert_int_eq(resolver_hold_parent(resolver, &object, &last), -EBUSY);
	ck_assert_int_eq(object.parent_fd, -1);
}
END_TEST

START_TEST(test_a_directory_that_became_a_link_is_not_held)
{
	const char *last;

	ask("@/box/dir/none", 0);
	ck_assert_int_eq(object.state, OBJECT_ABSENT);
	ck_assert_int_eq(rename("box/dir", "box/moved"), 0);
	make_link("box/dir", "@/secret");
	ck_assert_int_eq(resolver_hold_parent(resolver, &object, &last), -ELOOP);
	ck_assert_int_eq(unlink("box/dir"), 0);
	ck_assert_int_eq(resolver_hold_parent(resolver, &object, &last), -ENOENT);
	ck_assert_int_eq(object.parent_fd, -1);
}
END_TEST

START_TEST(test_an_absent_part_before_dotdot_is_not_the_whole_path)
{
	ask("@/box/none", 0);
	ck_assert(object.state == OBJECT_ABSENT && object.whole);
	ask("@/box/none/x", 0);
	ck_assert(object.state == OBJECT_ABSENT && object.whole);
	ask("@/box/none/../file", 0);
	ck_assert(object.state == OBJECT_ABSENT && !object.whole);
	ask("@/box/none/..", 0);
	ck_assert(object.state == OBJECT_ABSENT && !object.whole);
}
END_TEST

static void add_names(Suite *suite)
{
	TCase *text = group(suite, "text"), *links = group(suite, "links"), *dots = group(suite, "dot-dot");

	tcase_add_test(text, test_plain_names_are_found_in_a_tree);
	tcase_add_test(text, test_slashes_and_dots_are_cleaned);
	tcase_add_test(text, test_a_trailing_slash_wants_a_directory_and_follows);
	tcase_add_test(text, test_what_is_absent_in_a_tree_is_absent);
	tcase_add_test(text, test_names_are_bytes);
	tcase_add_test(text, test_long_names_fail_inside_grants_only);
	tcase_add_test(text, test_the_longest_path_is_accepted_and_a_longer_one_is_not);
	tcase_add_test(text, test_a_link_that_makes_the_path_too_long_fails);
	tcase_add_test(text, test_a_nul_and_the_empty_path_are_refused);
	tcase_add_test(links, test_links_are_followed_to_where_they_are_granted);
	tcase_add_test(links, test_the_last_link_is_kept_when_it_is_asked_for);
	tcase_add_test(links, test_forty_links_are_followed_and_no_more);
	tcase_add_test(links, test_a_link_deep_in_a_long_path_is_found);
	tcase_add_test(links, test_ways_are_bounded_together);
	tcase_add_test(links, test_links_in_a_deep_tree_are_followed_as_the_kernel_does);
	tcase_add_test(links, test_links_out_of_a_grant_are_blocked_at_their_target);
	tcase_add_test(links, test_links_under_hide_and_never_are_not_followed);
	tcase_add_test(links, test_a_link_that_is_made_at_a_hidden_name_is_not_followed);
	tcase_add_test(links, test_recorded_links_are_followed_without_a_grant);
	tcase_add_test(dots, test_dotdot_is_taken_after_links_are_followed);
	tcase_add_test(dots, test_dotdot_does_not_pass_what_may_not_be_seen);
	tcase_add_test(dots, test_dotdot_passes_what_no_rule_names_by_its_text);
	tcase_add_test(dots, test_dotdot_leaves_a_start_that_is_not_granted);
}

static void add_rules(Suite *suite)
{
	TCase *rules = group(suite, "rules"), *out = group(suite, "outside"), *races = group(suite, "races");

	tcase_add_test(rules, test_an_exact_rule_holds_one_file);
	tcase_add_test(rules, test_patterns_hold_what_they_name_and_links_on_their_way);
	tcase_add_test(rules, test_hidden_patterns_do_not_stop_links_before_them);
	tcase_add_test(rules, test_ancestors_are_found_by_themselves);
	tcase_add_test(rules, test_a_root_that_is_not_there_holds_nothing);
	tcase_add_test(rules, test_a_granted_file_that_became_a_link_is_asked_about_again);
	tcase_add_test(rules, test_roots_are_shared_and_counted);
	tcase_add_test(out, test_outside_of_grants_no_system_call_is_made);
	tcase_add_test(out, test_a_plain_path_in_a_grant_takes_one_openat2_and_nothing_else);
	tcase_add_test(out, test_a_look_is_enough_for_a_root_and_the_names_in_it);
	tcase_add_test(out, test_what_was_looked_at_is_held_if_it_is_still_there);
	tcase_add_test(rules, test_the_directory_that_a_name_is_in_is_held);
	tcase_add_test(rules, test_a_root_is_in_no_directory_that_could_be_held);
	tcase_add_test(rules, test_a_directory_that_became_a_link_is_not_held);
	tcase_add_test(rules, test_an_absent_part_before_dotdot_is_not_the_whole_path);
	tcase_add_test(races, test_names_that_are_exchanged_never_lead_to_the_secret);
	tcase_add_test(races, test_a_tracee_that_moves_about_never_gets_the_secret);
}

static void add_processes(Suite *suite)
{
	TCase *own = group(suite, "process"), *trail = group(suite, "trail");

	tcase_add_test(own, test_relative_paths_start_at_the_tracees_directories);
	tcase_add_test(own, test_a_dirfd_that_is_none_is_an_error);
	tcase_add_test(own, test_an_empty_path_can_mean_the_descriptor);
	tcase_add_test(own, test_proc_self_is_the_tracee);
	tcase_add_test(own, test_a_thread_is_itself_by_its_own_number);
	tcase_add_test(own, test_a_descriptor_of_proc_self_can_be_walked_from);
	tcase_add_test(own, test_descriptor_numbers_are_strict_and_reserved_ones_absent);
	tcase_add_test(own, test_links_to_proc_self_mean_the_tracee);
	tcase_add_test(own, test_a_renamed_working_directory_is_followed_by_its_new_name);
	tcase_add_test(own, test_a_directory_named_deleted_is_not_deleted);
	tcase_add_test(trail, test_the_trail_tells_every_step);
	tcase_add_test(trail, test_the_trail_is_bounded);
}

int main(void)
{
	Suite *suite = suite_create("resolve");

	add_names(suite);
	add_rules(suite);
	add_processes(suite);
	return run_suite(suite);
}
