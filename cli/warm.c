/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/warm.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cores.h"
#include "policy/exec.h"

enum { ANSWER_S = 120, MAX_NAME = TEMPLATE_NAME_MAX - 1 };

void warm_version(char version[32])
{
	memset(version, 0, 32);
	snprintf(version, 32, "proctor-warm/1 %s", PACKAGE_VERSION);
}

bool warm_can_hold(const struct interpreter *i)
{
	return i->is_python && !i->is_pypy && i->major == 3 && i->minor >= 9 && i->minor <= 13;
}

/* warm_last() */
static bool lasts;
static int lasting = -1;

void warm_last(void)
{
	lasts = true;
}

int warm_lasting(void)
{
	return lasting;
}

void warm_init(struct warm *warm)
{
	*warm = (struct warm){ .connection = -1, .pidfd = -1, .socket = -1, .cwd_fd = -1 };
}

void warm_fini(struct warm *warm)
{
	if (warm->lasts)
		lasting = steal_fd(&warm->connection);
	const int fds[] = { warm->connection, warm->pidfd, warm->socket, warm->cwd_fd };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(fds); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	free(warm->preload);
	free(warm->modules);
	free(warm->files);
	free(warm->texts);
	free(warm->full_name);
	free(warm->words);
	buf_fini(&warm->cmdline);
	warm_init(warm);
}

/* ------------------------------------------------------------------ can it be warm at all? */

/* Does CPython decode names as UTF-8, which it also does for the locales C and POSIX? */
static bool decodes_as_utf8(char *const *envp)
{
	static const char *const names[] = { "LC_ALL=", "LC_CTYPE=", "LANG=" };
	size_t i, k;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		for (k = 0; envp[k]; k++) {
			const char *value = after_prefix(envp[k], names[i]);

			if (value && *value)
				return streq(value, "C") || streq(value, "POSIX") || strcasestr(value, "utf-8") ||
				       strcasestr(value, "utf8");
		}
	return true;
}

static bool is_ascii(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text >= 0x80)
			return false;
	return true;
}

/* Which words a template has, and what the others are. */
struct split {
	char letter; /* 's': a script and its arguments; 'c', 'm', '-': what follows these; 0: nothing that can be warm */
	int at;	     /* the first word that no template has */
};

static struct split split_words(const struct warm_wish *wish)
{
	const char *module;
	int i, at = wish->interpreter->is_python ? python_program(wish->argv, &module) : -1;

	if (at >= 0)
		return (struct split){ wish->script->real ? 's' : '\0', at };
	for (i = 1; wish->interpreter->is_python && wish->argv[i] && wish->argv[i][0] == '-'; i++)
		if (streq(wish->argv[i], "-") || (warm_ends_options(wish->argv[i]) && wish->argv[i + 1]))
			return (struct split){ wish->argv[i][1] ? wish->argv[i][1] : '-', i + 1 };
	return (struct split){ 0 };
}

bool warm_ends_options(const char *word)
{
	return streq(word, "-c") || streq(word, "-m") || streq(word, "-");
}

static bool names_are_plain(const struct warm_wish *wish, char *const *words)
{
	bool ascii = is_ascii(wish->working_directory);
	size_t i;

	for (; *words; words++)
		ascii &= is_ascii(*words);
	for (i = 0; wish->envp[i]; i++)
		ascii &= is_ascii(wish->envp[i]);
	return ascii || decodes_as_utf8(wish->envp);
}

/* Why the run cannot be warm, as a sentence; NULL: it can. */
static const char *why_not(const struct warm_wish *wish, const struct split *split)
{
	const struct interpreter *i = wish->interpreter;
	struct stat st;
	int fd;

	if (!warm_can_hold(i))
		return "only CPython 3.9 to 3.13 can be held";
	if (!split->letter)
		return "only a script can be, and what follows -c, -m or - as words of their own";
	if (split->letter == 's' &&
	    (lstat(wish->script->real, &st) < 0 || !S_ISREG(st.st_mode) || wish->script->n_files != 1))
		return "the script is a directory or an archive";
	if (wish->audit)
		return "audit mode is cold";
	if (wish->user)
		return "a pool serves its own user, and --user names one";
	if (!wish->working_directory)
		return "the working directory has no name";
	if (wish->closed_stdio)
		return "stdin, stdout or stderr is closed";
	for (fd = 0; fd <= 2; fd++)
		if (isatty(fd))
			return "stdin, stdout or stderr is a terminal";
	if (sigismember(wish->ignored, SIGTRAP) == 1)
		return "SIGTRAP is ignored";
	if (!names_are_plain(wish, wish->argv + split->at))
		return "a name is not ASCII, and the locale is not UTF-8";
	if (wish->script->directory &&
	    (path_rest(i->exe, wish->script->directory) || path_rest(i->argv0, wish->script->directory)))
		return "the interpreter lies in the submission";
	return NULL;
}

/* ------------------------------------------------------------------ asking */

static pid_t trusted; /* 0: none */

void warm_trust(pid_t listener)
{
	trusted = listener;
}

int warm_address(const char *name, struct sockaddr_un *ret_address, socklen_t *ret_len)
{
	size_t n = strlen(name);

	*ret_address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (n >= sizeof ret_address->sun_path)
		return -ENAMETOOLONG;
	memcpy(ret_address->sun_path, name, n);
	*ret_len = sizeof *ret_address;
	if (*name == '@') {
		ret_address->sun_path[0] = '\0';
		*ret_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
	}
	return 0;
}

static int connect_pool(const char *path, bool *ret_own)
{
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	const struct timeval patience = { .tv_sec = ANSWER_S };
	struct sockaddr_un address;
	struct ucred peer;
	socklen_t len = sizeof peer, address_len;
	int r = warm_address(path, &address, &address_len);

	if (fd < 0)
		return -errno;
	if (r < 0)
		return r;
	if (connect(fd, (const struct sockaddr *)&address, address_len) < 0)
		return -errno;
	/* An adopted process has the rights of the pool that forked it. */
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0)
		return -errno;
	if (peer.uid != geteuid())
		return -EPERM;
	*ret_own = trusted && peer.pid == trusted;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) < 0)
		return -errno;
	return steal_fd(&fd);
}

static uint64_t ignored_signals(const sigset_t *set)
{
	uint64_t ignored = 0;
	int signal;

	for (signal = 1; signal < 65; signal++)
		if (sigismember(set, signal) == 1)
			ignored |= UINT64_C(1) << (signal - 1);
	return ignored;
}

/* Does the interpreter, its C library or what it loads look at the variable TEXT at the start? All others are
 * only given to the program. */
static bool is_of_start(const char *text)
{
	static const char *const beginnings[] = {
		"PYTHON", "LD_", "LC_", "LANG", "TZ", "HOME=", "PATH=", "TERM", "MALLOC_", "GLIBC_", "GCONV_", "LOCPATH=",
		"NLSPATH=", "OPENBLAS_", "OMP_", "MKL_", "GOTO_", "BLIS_", "__PYVENV_",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(beginnings); i++)
		if (after_prefix(text, beginnings[i]))
			return true;
	return false;
}

/* Are there packages of the user's beneath HOME that the policy hides? To the program there are none then. site.py */
static bool packages_are_hidden(const struct warm_wish *wish, const char *home)
{
	const struct interpreter *i = wish->interpreter;
	_cleanup_free_ char *real = realpath(home, NULL),
			    *path = real ? xasprintf("%s/.local/lib/python%d.%d/site-packages", real, i->major, i->minor) : NULL,
			    *found = path ? realpath(path, NULL) : NULL;

	return streq_or_null(path, found) && path &&
	       policy_decide_path(wish->policy, WANT_READ, path, strlen(path)).action == ACTION_HIDE;
}

/* Is it a HOME that no template may look into: in the scratch, or with packages that the policy hides? Templates are
 * started with one that does not exist, which makes no difference, because nothing is there for the program either. */
static bool is_new_home(const struct warm_wish *wish, const char *text)
{
	const char *value = after_prefix(text, "HOME=");

	return value && ((wish->scratch && streq(value, wish->scratch)) || packages_are_hidden(wish, value));
}

static int send_request(int fd, const struct warm_wish *wish, int at)
{
	struct warm_request request = { .size = sizeof(struct warm_answer), .n_argv = (uint32_t)at,
					.ignored = ignored_signals(wish->ignored) };
	_cleanup_buf_ struct buf texts = { 0 }, all = { 0 };
	ssize_t n;
	int i;

	warm_version(request.version);
	if (getrlimit(RLIMIT_STACK, &request.stack) < 0)
		return -errno;
	for (i = 0; i < at; i++)
		buf_put(&texts, wish->argv[i], strlen(wish->argv[i]) + 1);
	for (i = 0; wish->envp[i]; i++)
		if (is_of_start(wish->envp[i])) {
			const char *text = is_new_home(wish, wish->envp[i]) ? "HOME=" TEMPLATE_NO_HOME : wish->envp[i];

			buf_put(&texts, text, strlen(text) + 1);
			request.n_env++;
		}
	if (texts.len > WARM_ASKED_MAX)
		return -E2BIG;
	request.len = (uint32_t)texts.len;
	buf_put(&all, &request, sizeof request);
	buf_put(&all, texts.data, texts.len);
	do {
		n = send(fd, all.data, all.len, MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	return n == (ssize_t)all.len ? 0 : n < 0 && errno == EPIPE ? -EPIPE : -EIO;
}

static int receive_answer(struct warm *warm, struct warm_answer *answer)
{
	union {
		struct cmsghdr head;
		char space[CMSG_SPACE(2 * sizeof(int))];
	} control = { .space = "" };
	struct iovec io = { answer, sizeof *answer };
	struct msghdr message = { .msg_iov = &io, .msg_iovlen = 1, .msg_control = &control,
				  .msg_controllen = sizeof control };
	const struct cmsghdr *head;
	int fds[2];
	ssize_t n;

	/* With a time limit even a stop and SIGCONT interrupt it. signal(7) */
	do {
		n = recvmsg(warm->connection, &message, MSG_CMSG_CLOEXEC);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EAGAIN ? -ETIMEDOUT : -errno;
	if (n == 0)
		return -EPIPE;
	head = CMSG_FIRSTHDR(&message);
	if (head && head->cmsg_level == SOL_SOCKET && head->cmsg_type == SCM_RIGHTS && head->cmsg_len == CMSG_LEN(sizeof fds)) {
		memcpy(fds, CMSG_DATA(head), sizeof fds);
		warm->pidfd = fds[0];
		warm->socket = fds[1];
	}
	n += read_full(warm->connection, (char *)answer + n, sizeof *answer - (size_t)n);
	if (n != (ssize_t)sizeof *answer || answer->len > WARM_TEXT_MAX)
		return -EIO;
	warm->texts = xcalloc(1, (size_t)answer->len + 1);
	return read_full(warm->connection, warm->texts, answer->len) == (ssize_t)answer->len ? 0 : -EIO;
}

char **warm_take_list(char **at, const char *end, size_t n)
{
	char **list = xcalloc(n + 1, sizeof *list);
	size_t i;

	for (i = 0; i < n; i++) {
		if (*at >= end) {
			free(list);
			return NULL;
		}
		list[i] = *at;
		*at += strlen(*at) + 1;
	}
	return list;
}

static int take_texts(struct warm *warm, const struct warm_answer *answer)
{
	char *at = warm->texts;
	const char *end = at + answer->len;
	const size_t most = answer->len; /* each text has a byte at least */

	if (answer->n_preload > most || answer->n_modules > most || answer->n_files > most)
		return -EIO;
	warm->preload = warm_take_list(&at, end, answer->n_preload);
	warm->modules = warm->preload ? warm_take_list(&at, end, answer->n_modules) : NULL;
	warm->files = warm->modules ? warm_take_list(&at, end, answer->n_files) : NULL;
	return warm->files ? 0 : -EIO;
}

/* The number of the process behind PIDFD, in our own namespace. proc_pid_fdinfo(5). */
static int pid_of(int pidfd, pid_t *ret_pid)
{
	_cleanup_free_ char *name = xasprintf("/proc/self/fdinfo/%d", pidfd), *text = NULL;
	int r = read_file(AT_FDCWD, name, 65536, &text, NULL);
	const char *at = r == 0 ? strstr(text, "\nPid:") : NULL;

	if (!at)
		return r < 0 ? r : -EIO;
	*ret_pid = (pid_t)strtol(at + 5, NULL, 10);
	return *ret_pid > 0 ? 0 : -ESRCH;
}

/* ------------------------------------------------------------------ is it like a fork of our own? */

static bool same_place(pid_t pid)
{
	static const char *const names[] = { "ns/mnt", "ns/user", "ns/pid", "ns/net", "ns/ipc", "ns/uts", "ns/cgroup",
					     "ns/time", "root" };
	struct stat own, its;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		_cleanup_free_ char *mine = xasprintf("/proc/self/%s", names[i]),
				    *other = xasprintf("/proc/%d/%s", pid, names[i]);
		bool has = stat(mine, &own) == 0;

		if (has != (stat(other, &its) == 0) || (has && (own.st_dev != its.st_dev || own.st_ino != its.st_ino)))
			return false;
	}
	return true;
}

/* The line of FIELD in TEXT, from /proc/PID/status, with its length; "" when there is none. */
static const char *field_of(const char *text, const char *field, size_t *ret_len)
{
	const char *at = strstr(text, field);

	*ret_len = at ? strcspn(at + 1, "\n") : 0;
	return at ? at + 1 : "";
}

static bool same_field(const char *a, const char *b, const char *field)
{
	size_t n, m;
	const char *x = field_of(a, field, &n), *y = field_of(b, field, &m);

	return n == m && memcmp(x, y, n) == 0;
}

static bool has_line(const char *text, const char *line)
{
	return strstr(text, line) != NULL;
}

static bool same_filters(const char *own, const char *its)
{
	return same_field(own, its, "\nSeccomp:") && same_field(own, its, "\nSeccomp_filters:");
}

bool warm_same_filters(pid_t pid)
{
	static char *own; /* of a pool, which installs none */
	_cleanup_free_ char *name = xasprintf("/proc/%d/status", pid), *its = NULL;

	return (own || read_file(AT_FDCWD, "/proc/self/status", 65536, &own, NULL) == 0) &&
	       read_file(AT_FDCWD, name, 65536, &its, NULL) == 0 && same_filters(own, its);
}

static bool same_rights(pid_t pid)
{
	static const char *const fields[] = { "\nUid:", "\nGid:", "\nGroups:" };
	_cleanup_free_ char *name = xasprintf("/proc/%d/status", pid), *own = NULL, *its = NULL, *mine = NULL,
			    *label = NULL, *file = xasprintf("/proc/%d/attr/current", pid);
	size_t i;

	if (read_file(AT_FDCWD, "/proc/self/status", 65536, &own, NULL) < 0 ||
	    read_file(AT_FDCWD, name, 65536, &its, NULL) < 0)
		return false;
	for (i = 0; i < ARRAY_SIZE(fields); i++)
		if (!same_field(own, its, fields[i]))
			return false;
	if (!same_filters(own, its) || !has_line(its, "\nNoNewPrivs:\t1\n") || !has_line(its, "\nThreads:\t1\n") ||
	    !has_line(its, "\nCapPrm:\t0000000000000000\n") || !has_line(its, "\nCapInh:\t0000000000000000\n"))
		return false;
	/* Without a security module that has labels, neither can be read. */
	read_file(AT_FDCWD, "/proc/self/attr/current", 4096, &mine, NULL);
	read_file(AT_FDCWD, file, 4096, &label, NULL);
	return streq_or_null(mine, label);
}

static bool is_granted(const struct policy *policy, const char *path)
{
	size_t n = strlen(path);

	return policy_decide_path(policy, WANT_READ, path, n).action == ACTION_ALLOW && !grant_writes(policy_match(policy, path, n));
}

/*
 * The program can read all that the fork has in memory: so each file it read must be granted, and not for writing. By the
 * name that the pool has found each to lead to, which is in its list too; and by the one that it was opened by, for by another
 * it would not have been found.
 */
static const char *first_not_granted(const struct warm_wish *wish, char *const *files)
{
	for (; *files; files++) {
		_cleanup_free_ char *beyond = NULL;

		if (is_granted(wish->policy, *files))
			continue;
		beyond = policy_cross_links(wish->policy, *files);
		if (!beyond || !is_granted(wish->policy, beyond))
			return *files;
	}
	return NULL;
}

/* The name of a file in DIRECTORY that would have been imported instead of one of MODULES; NULL: none. */
static char *shadowing(const char *directory, char *const *modules)
{
	_cleanup_closedir_ DIR *dir = *modules ? opendir(directory) : NULL;
	const struct dirent *entry;
	size_t i;

	if (*modules && !dir)
		return xstrdup("what cannot be listed");
	while (dir && (entry = readdir(dir)))
		for (i = 0; modules[i]; i++) {
			const char *rest = after_prefix(entry->d_name, modules[i]);

			if (rest && (!*rest || *rest == '.'))
				return xstrdup(entry->d_name);
		}
	return NULL;
}

/* Looks where CPython looks for modules first: beside the script and beside the file that its name leads to, or in the
 * working directory. */
static char *find_shadow(const struct warm_wish *wish, bool script, char *const *modules)
{
	const char *real = script ? wish->script->real : NULL;
	_cleanup_free_ char *beside = real ? xstrndup(real, (size_t)(strrchr(real, '/') - real)) : xstrdup(wish->working_directory);
	char *shadow = wish->script->directory ? shadowing(wish->script->directory, modules) : NULL;

	return shadow ? shadow : shadowing(*beside ? beside : "/", modules);
}

static bool suits(const struct warm_wish *wish, const struct split *split, const struct warm *warm, struct buf *why)
{
	const char *file = first_not_granted(wish, warm->files);
	_cleanup_free_ char *shadow = find_shadow(wish, split->letter == 's', warm->modules);

	if (file)
		buf_printf(why, "the template has read %s, which the policy does not grant, or lets be changed", file);
	else if (shadow)
		buf_printf(why, "%s %s is called as a module that is preloaded", shadow,
			   split->letter == 's' ? "beside the script" : "in the working directory");
	else if (!warm->own && !same_place(warm->adoption.pid))
		buf_puts(why, "the pool runs in other namespaces");
	else if (!warm->own && !same_rights(warm->adoption.pid))
		buf_puts(why, "the pool runs with other rights");
	return why->len == 0;
}

/* ------------------------------------------------------------------ all of it */

/* What finalisers in C code do can only be seen in files and connections. */
static bool ends_unseen(const struct policy *policy)
{
	return !policy->writes && !policy->n_net;
}

/* What the words become: sys.argv, and the strings that CPython's configuration has of them. */
static void describe_words(const struct warm_wish *wish, const struct split *split, struct warm *warm)
{
	char *const *rest = wish->argv + split->at;
	const char *first = rest[0];
	struct adoption *a = &warm->adoption;
	size_t i;

	a->tail = a->words = rest;
	a->given = split->letter == '-' ? NULL : first;
	if (split->letter == 's') {
		/* As config_run_filename_abspath() in Python/initconfig.c makes it. */
		warm->full_name = *first == '/' ? xstrdup(first) : xasprintf("%s/%s", wish->working_directory, first);
	} else {
		warm->words = xcalloc(strv_length((char **)(uintptr_t)rest) + 2, sizeof *warm->words);
		warm->words[0] = wish->argv[split->at - 1];
		for (i = split->letter != '-'; rest[i]; i++)
			warm->words[i + (split->letter == '-')] = rest[i];
		a->words = warm->words;
	}
	/* As config_parse_cmdline() makes it. */
	if (split->letter == 'c')
		warm->full_name = xasprintf("%s\n", first);
	a->full_name = warm->full_name;
}

static bool describe(const struct warm_wish *wish, const struct split *split, bool quick, struct warm *warm,
		     struct buf *why)
{
	size_t i;

	describe_words(wish, split, warm);
	for (i = 0; wish->argv[i]; i++)
		buf_put(&warm->cmdline, wish->argv[i], strlen(wish->argv[i]) + 1);
	warm->cwd_fd = wish->directory_fd >= 0 ? fcntl(wish->directory_fd, F_DUPFD_CLOEXEC, 3) :
						 open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if ((warm->full_name && strlen(warm->full_name) > MAX_NAME) ||
	    (warm->adoption.given && strlen(warm->adoption.given) > MAX_NAME) || warm->cwd_fd < 0) {
		buf_puts(why, warm->cwd_fd < 0	     ? "the working directory cannot be opened" :
			      split->letter == 'c' ? "what follows -c is too long" :
						       "the program's name is too long");
		return false;
	}
	warm->adoption.facts = &warm->facts;
	warm->adoption.pidfd = warm->pidfd;
	warm->adoption.socket = warm->socket;
	warm->adoption.cmdline = warm->cmdline.data;
	warm->adoption.cmdline_len = warm->cmdline.len;
	warm->adoption.cwd_fd = warm->cwd_fd;
	warm->adoption.leave = quick && ends_unseen(wish->policy);
	warm->adoption.whole = policy_makes_processes(wish->policy);
	for (i = 0; wish->envp[i]; i++)
		if (!is_of_start(wish->envp[i]) || is_new_home(wish, wish->envp[i]))
			warm->adoption.envp = wish->envp;
	return true;
}

/* Over the connection of the run before, if that lasts: -EPIPE if it has ended. */
static int ask_again(const struct warm_wish *wish, const struct split *split, struct warm *warm, struct warm_answer *answer)
{
	int r;

	warm->connection = steal_fd(&lasting);
	if (warm->connection < 0)
		return -EPIPE;
	warm->own = true;
	r = send_request(warm->connection, wish, split->at);
	if (r == 0)
		r = receive_answer(warm, answer);
	if (r == -EPIPE || r == -ECONNRESET) {
		close(steal_fd(&warm->connection));
		warm->own = false;
		return -EPIPE;
	}
	return r;
}

static bool ask(const struct warm_wish *wish, const struct split *split, struct warm *warm, struct buf *why)
{
	struct warm_answer answer = { 0 };
	int r = ask_again(wish, split, warm, &answer);

	if (r == -EPIPE) {
		warm->connection = connect_pool(wish->socket, &warm->own);
		if (warm->connection < 0) {
			buf_printf(why, "no pool at %s: %s", wish->socket, strerror(-warm->connection));
			return false;
		}
		r = send_request(warm->connection, wish, split->at);
		if (r == 0)
			r = receive_answer(warm, &answer);
	}
	if (r == 0 && answer.refused) {
		buf_printf(why, "%s", warm->texts);
		return false;
	}
	if (r == 0)
		r = take_texts(warm, &answer);
	if (r == 0 && (warm->pidfd < 0 || warm->socket < 0))
		r = -EIO;
	warm->facts = answer.facts;
	warm->age_ns = answer.age_ns;
	warm->runs = answer.runs;
	if (r == 0 && !describe(wish, split, answer.quick, warm, why))
		return false;
	if (warm->own)
		warm->adoption.pid = answer.pid;
	else if (r == 0)
		r = pid_of(warm->pidfd, &warm->adoption.pid);
	if (r < 0)
		buf_printf(why, "the pool's answer cannot be used: %s", strerror(-r));
	warm->lasts = r == 0 && lasts && warm->own;
	return r == 0 && suits(wish, split, warm, why);
}

/* The pool forks where its client is bound to be (pool_serve.c), and the run will be here in any case: supervisor and
 * program are kept on one core. If this fails, that costs time and nothing else. BEFORE: for stay_no_longer(). */
static void stay_here(struct cores *before)
{
	struct cores here;

	if (!cores_get(0, before) || !cores_alone(before, sched_getcpu(), &here) || cores_equal(&here, before) || !cores_set(0, &here))
		before->size = 0;
}

static void stay_no_longer(const struct cores *before)
{
	if (before->size)
		cores_set(0, before);
}

bool warm_ask(const struct warm_wish *wish, struct warm *warm, struct buf *why)
{
	const struct split split = split_words(wish);
	const char *reason = why_not(wish, &split);
	struct cores before;
	bool r;

	if (reason) {
		buf_puts(why, reason);
		return false;
	}
	stay_here(&before);
	r = ask(wish, &split, warm, why);
	stay_no_longer(&before);
	return r;
}
