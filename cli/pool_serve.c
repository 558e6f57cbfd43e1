/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/pool_serve.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/cores.h"
#include "cli/cli.h"
#include "cli/pool_socket.h"
#include "cli/warm.h"
#include "tracee/trace.h"

enum {
	MAX_TEMPLATES = 4,
	MAX_CONNECTIONS = 256,
	AGAIN_S = 60,	  /* until a template that could not be made is tried again */
	REQUEST_S = 2,	  /* for a whole request to arrive once it has begun, and for an answer to be taken */
	SILENT_S = 30,	  /* for a request to begin: the client may have to wait for a processor */
	LOOK_NS = 200000000, /* how long files that were read are assumed unchanged */
};

/* A file that a template has read. */
struct stamp {
	char *path;
	dev_t dev;
	ino_t ino;
	off_t size;
	struct timespec changed;
};

struct held {
	struct buf key; /* the request that it was made for; empty: nothing is held here */
	struct template *template; /* or NULL: it could not be made, WHY says why */
	struct buf why;
	uint64_t runs, looked_ns, used_ns;
	struct stamp *stamps;
	size_t n_stamps;
	int bound; /* the only core that it may run on; -1: all that the pool was started with */
};

/* A connection: first a request, then a run for as long as it stays; or where connections last, until the next request. */
struct guest {
	int fd;
	pid_t peer; /* found good; 0: not looked at yet */
	struct template_fork fork; /* pid 0: no request yet */
	uint64_t since_ns;
};

struct pool {
	const struct pool_options *options;
	struct interpreter interpreter;
	char *core;
	int fd;
	struct pool_place place;
	struct held held[MAX_TEMPLATES];
	struct guest guests[MAX_CONNECTIONS];
	size_t n_guests;
	sigset_t waiting; /* the signal mask while waiting */
	int bound;	  /* as in struct held */
	struct cores cores; /* that it was started with */
};

static volatile sig_atomic_t asked_to_end, give_up;

static void on_end(int signal)
{
	asked_to_end = give_up = signal;
}

static void on_late(int signal)
{
	give_up = signal;
}

static void on_child(int signal)
{
	(void)signal;
}

/* ------------------------------------------------------------------ what may be held */

/* Is WORD an option of CPython that changes how code is run, but brings no code? */
static bool option_is_plain(const char *word)
{
	static const char *const words[] = { "-B", "-O", "-OO", "-u", "-I", "-E", "-s", "-S", "-b", "-bb", "-q", "-P" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(words); i++)
		if (streq(word, words[i]))
			return true;
	return false;
}

/* Is the variable NAME=VALUE harmless: it leads to no code, and to no file that the client chooses? */
static bool variable_is_plain(const char *text)
{
	static const char *const whole[] = { CLI_ENV_PATH, CLI_ENV_NO_BYTECODE };
	static const char *const any[] = { "TERM=", "PYTHONHASHSEED=", "PYTHONUNBUFFERED=", "PYTHONIOENCODING=", "PYTHONUTF8=",
					   "PYTHONOPTIMIZE=", "PYTHONNOUSERSITE=", "PYTHONSAFEPATH=",
					   "OPENBLAS_NUM_THREADS=", "OMP_NUM_THREADS=", "MKL_NUM_THREADS=" };
	static const char *const relative[] = { "LANG=", "LANGUAGE=", "LC_", "TZ=" };
	const char *home = getenv("HOME"), *value;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(whole); i++)
		if (streq(text, whole[i]))
			return true;
	for (i = 0; i < ARRAY_SIZE(any); i++)
		if (after_prefix(text, any[i]))
			return true;
	for (i = 0; i < ARRAY_SIZE(relative); i++)
		if (after_prefix(text, relative[i])) {
			value = strchr(text, '=');
			return value && value[1] != '/' && value[1] != ':' && !strstr(value, "..") &&
			       (streq(relative[i], "TZ=") || !strchr(value, '/'));
		}
	value = after_prefix(text, "HOME=");
	return value && (streq(value, TEMPLATE_NO_HOME) || (home && streq(value, home)));
}

static bool may_be_held(const struct pool *pool, char *const *argv, char *const *envp, struct buf *why)
{
	bool compiles = true;
	size_t i;

	if (!argv[0] || !streq(argv[0], pool->interpreter.argv0)) {
		buf_printf(why, "the pool holds %s", pool->interpreter.argv0);
		return false;
	}
	for (i = 1; argv[i]; i++)
		if (!option_is_plain(argv[i]) && (argv[i + 1] || !warm_ends_options(argv[i]))) {
			buf_printf(why, "option %s of Python's is not for a pool", argv[i]);
			return false;
		}
	for (i = 0; envp[i]; i++) {
		compiles &= !streq(envp[i], CLI_ENV_NO_BYTECODE);
		if (!variable_is_plain(envp[i])) {
			buf_printf(why, "variable %.*s is not for a pool", (int)strcspn(envp[i], "="), envp[i]);
			return false;
		}
	}
	if (compiles)
		buf_puts(why, "a template must not write compiled files");
	return !compiles;
}

/* ------------------------------------------------------------------ templates */

static void close_fork(struct template_fork *fork)
{
	close(fork->pidfd);
	close(fork->socket);
	*fork = (struct template_fork){ .pidfd = -1, .socket = -1 };
}

static void end_fork(struct template_fork *fork)
{
	syscall(SYS_pidfd_send_signal, fork->pidfd, SIGKILL, NULL, 0);
	close_fork(fork);
}

static void forget(struct held *held)
{
	size_t i;

	template_free(held->template);
	for (i = 0; i < held->n_stamps; i++)
		free(held->stamps[i].path);
	free(held->stamps);
	buf_fini(&held->key);
	buf_fini(&held->why);
	*held = (struct held){ 0 };
}

static bool look(const char *path, struct stamp *stamp)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return false;
	stamp->dev = st.st_dev;
	stamp->ino = st.st_ino;
	stamp->size = st.st_size;
	stamp->changed = st.st_ctim;
	return true;
}

/*
 * Notes the state of the files that the template read. Of its list the missing ones are removed, and where a name leads
 * through links what it leads to is put beside it.
 */
static void stamp_files(struct held *held)
{
	char **files = held->template->files, **kept = NULL;
	size_t i;

	held->stamps = xcalloc(strv_length(files) + 1, sizeof *held->stamps);
	for (i = 0; files && files[i]; i++) {
		struct stamp *stamp = &held->stamps[held->n_stamps];
		char *real;

		if (*files[i] != '/' || !look(files[i], stamp))
			continue;
		stamp->path = xstrdup(files[i]);
		held->n_stamps++;
		strv_add(&kept, xstrdup(files[i]));
		real = realpath(files[i], NULL);
		if (real && !streq(real, files[i]))
			strv_add(&kept, real);
		else
			free(real);
	}
	strv_free(files);
	held->template->files = kept;
}

static bool is_fresh(const struct pool *pool, struct held *held, uint64_t now)
{
	struct stamp stamp;
	size_t i;

	if (!held->template)
		return now - held->looked_ns < AGAIN_S * UINT64_C(1000000000);
	if (held->runs >= pool->options->renew_runs || now - held->template->started_ns >= pool->options->renew_ns)
		return false;
	if (now - held->looked_ns < LOOK_NS)
		return true;
	held->looked_ns = now;
	for (i = 0; i < held->n_stamps; i++) {
		const struct stamp *was = &held->stamps[i];

		if (!look(was->path, &stamp) || stamp.dev != was->dev || stamp.ino != was->ino || stamp.size != was->size ||
		    stamp.changed.tv_sec != was->changed.tv_sec || stamp.changed.tv_nsec != was->changed.tv_nsec)
			return false;
	}
	return true;
}

/* An unused place, or the least recently used one, emptied. */
static struct held *make_place(struct pool *pool)
{
	struct held *oldest = &pool->held[0];
	size_t i;

	for (i = 0; i < MAX_TEMPLATES; i++) {
		if (!pool->held[i].key.len)
			return &pool->held[i];
		if (pool->held[i].used_ns < oldest->used_ns)
			oldest = &pool->held[i];
	}
	forget(oldest);
	return oldest;
}

/* SIGALRM after NS and then repeatedly, because one that comes just before a wait would be lost. 0: never. */
static void set_alarm(uint64_t ns)
{
	const struct timeval in = { .tv_sec = (time_t)(ns / 1000000000), .tv_usec = (suseconds_t)(ns % 1000000000 / 1000) };
	const struct timeval again = { .tv_usec = 100000 };

	setitimer(ITIMER_REAL, &(struct itimerval){ .it_value = in, .it_interval = ns ? again : (struct timeval){ 0 } }, NULL);
}

/* If this fails, that costs time and nothing else. CORE -1: all that the pool was started with. */
static void bind_to(const struct pool *pool, pid_t pid, int core)
{
	struct cores one;

	if (core < 0)
		cores_set(pid, &pool->cores);
	else if (cores_alone(&pool->cores, core, &one))
		cores_set(pid, &one);
}

/* The core that process PID has bound itself to; -1: none. */
static int core_of(pid_t pid)
{
	struct cores cores;

	return cores_get(pid, &cores) ? cores_only(&cores) : -1;
}

/*
 * Pool and template go to the core that a client has bound itself to (warm.c), where it waits. A fork is tied to the cores
 * that have run it: each page that it gets of its own, and it gets two hundred, interrupts all of them (mm_cpumask in
 * arch/x86/mm/tlb.c, Linux 6.14). To fork in advance on another core costs more than to be waited for.
 */
static void go_to(struct pool *pool, int core)
{
	if (pool->bound != core)
		bind_to(pool, 0, core);
	pool->bound = core;
}

static void bring_along(const struct pool *pool, struct held *held)
{
	if (held->bound != pool->bound)
		bind_to(pool, held->template->pid, pool->bound);
	held->bound = pool->bound;
}

/* The outcome is kept even if it is a failure: so a template that hangs or fails does so only once. */
static struct held *make_held(struct pool *pool, const struct warm_request *request, const struct buf *key, char *const *argv,
			      char *const *envp)
{
	static char *const none[] = { NULL };
	const struct template_options options = {
		.path = pool->interpreter.argv0,
		.argv = argv,
		.envp = envp,
		.core = pool->core,
		.preload = (const char *const *)(pool->options->preload ? pool->options->preload : none),
		.ignored = request->ignored,
		.stack = request->stack,
		.give_up = &give_up,
	};
	struct held *held = make_place(pool);
	sigset_t before;
	int r;

	give_up = asked_to_end;
	sigprocmask(SIG_SETMASK, &pool->waiting, &before);
	set_alarm(pool->options->start_ns);
	r = template_new(&options, &held->template, &held->why);
	set_alarm(0);
	sigprocmask(SIG_SETMASK, &before, NULL);
	buf_put(&held->key, key->data, key->len);
	held->bound = pool->bound;
	held->used_ns = held->looked_ns = clock_ns(CLOCK_MONOTONIC);
	if (r < 0) {
		if (give_up == SIGALRM)
			buf_printf(&held->why, ", in %llu ms", (unsigned long long)pool->options->start_ns / 1000000);
		if (!asked_to_end)
			complain("pool: no template: %s", held->why.data);
		return held;
	}
	stamp_files(held);
	if (!pool->options->quiet)
		complain("pool: a template is held: process %d", held->template->pid);
	return held;
}

static struct held *find_held(struct pool *pool, const struct buf *key, uint64_t now)
{
	size_t i;

	for (i = 0; i < MAX_TEMPLATES; i++) {
		struct held *held = &pool->held[i];

		if (!held->key.len || held->key.len != key->len || memcmp(held->key.data, key->data, key->len) != 0)
			continue;
		if (is_fresh(pool, held, now))
			return held;
		forget(held);
	}
	return NULL;
}

/* ------------------------------------------------------------------ a request */

static void put_texts(struct buf *out, char *const *list, uint32_t *ret_n)
{
	*ret_n = 0;
	for (; list && *list; list++, ++*ret_n)
		buf_put(out, *list, strlen(*list) + 1);
}

/* Sends the answer, with the two descriptors of FORK, if there is one. */
static int send_answer(int fd, const struct warm_answer *answer, const struct buf *texts, const struct template_fork *fork)
{
	union {
		struct cmsghdr head;
		char space[CMSG_SPACE(2 * sizeof(int))];
	} control = { .space = "" };
	struct iovec io = { (void *)(uintptr_t)answer, sizeof *answer };
	struct msghdr message = { .msg_iov = &io, .msg_iovlen = 1 };

	if (fork) {
		const int fds[2] = { fork->pidfd, fork->socket };

		message.msg_control = &control;
		message.msg_controllen = sizeof control;
		control.head.cmsg_level = SOL_SOCKET;
		control.head.cmsg_type = SCM_RIGHTS;
		control.head.cmsg_len = CMSG_LEN(sizeof fds);
		memcpy(CMSG_DATA(&control.head), fds, sizeof fds);
	}
	if (sendmsg(fd, &message, MSG_NOSIGNAL) != (ssize_t)sizeof *answer)
		return -EIO;
	return write_full(fd, texts->data ? texts->data : "", texts->len) == (ssize_t)texts->len ? 0 : -EIO;
}

static void refuse(const struct guest *guest, const struct buf *why)
{
	struct warm_answer answer = { .refused = 1, .len = (uint32_t)why->len + 1 };
	const struct buf text = { .data = why->data, .len = why->len + 1 };

	/* If the client does not take it, nothing is lost. */
	send_answer(guest->fd, &answer, &text, NULL);
}

/* Receives the whole request; its bytes are the template's key. 0 or -errno. */
static int receive_request(const struct guest *guest, struct warm_request *request, struct buf *key)
{
	if (read_full(guest->fd, request, sizeof *request) != (ssize_t)sizeof *request || request->len > WARM_ASKED_MAX ||
	    request->n_argv > request->len || request->n_env > request->len)
		return -EIO;
	buf_put(key, request, sizeof *request);
	buf_reserve(key, request->len + 1);
	if (read_full(guest->fd, key->data + key->len, request->len) != (ssize_t)request->len)
		return -EIO;
	key->len += request->len;
	key->data[key->len] = '\0';
	return 0;
}

static bool same_version(const struct warm_request *request)
{
	char version[32];

	warm_version(version);
	return request->size == sizeof(struct warm_answer) && memcmp(version, request->version, sizeof version) == 0;
}

static bool lend(const struct pool *pool, struct held *held, struct guest *guest, pid_t peer, struct buf *why)
{
	int r;

	held->used_ns = clock_ns(CLOCK_MONOTONIC);
	bring_along(pool, held);
	r = template_fork(held->template, peer, &guest->fork);
	if (r == 0) {
		held->runs++;
		return true;
	}
	buf_printf(why, "the template cannot be forked: %s", strerror(-r));
	forget(held);
	return false;
}

static int send_lent(const struct pool *pool, const struct held *held, const struct guest *guest)
{
	struct warm_answer answer = {
		.quick = pool->options->quick,
		.pid = guest->fork.pid,
		.facts = held->template->facts,
		.runs = held->runs,
		.age_ns = held->used_ns - held->template->started_ns,
	};
	_cleanup_buf_ struct buf texts = { 0 };

	put_texts(&texts, pool->options->preload, &answer.n_preload);
	put_texts(&texts, held->template->modules, &answer.n_modules);
	put_texts(&texts, held->template->files, &answer.n_files);
	answer.len = (uint32_t)texts.len;
	return texts.len > WARM_TEXT_MAX ? -E2BIG : send_answer(guest->fd, &answer, &texts, &guest->fork);
}

/* False: the connection is to be closed. */
static bool serve(struct pool *pool, struct guest *guest, pid_t peer)
{
	_cleanup_buf_ struct buf key = { 0 }, why = { 0 };
	struct warm_request request;
	_cleanup_free_ char **argv = NULL, **envp = NULL; /* the texts are those in the key */
	char *at;
	struct held *held = NULL;
	uint64_t now = clock_ns(CLOCK_MONOTONIC);
	bool lent = false;

	if (receive_request(guest, &request, &key) < 0)
		return false;
	at = key.data + sizeof request;
	argv = warm_take_list(&at, key.data + key.len, request.n_argv);
	envp = argv ? warm_take_list(&at, key.data + key.len, request.n_env) : NULL;
	if (!same_version(&request))
		buf_puts(&why, "the pool is of another version of proctor");
	else if (!envp)
		buf_puts(&why, "the request cannot be read");
	else if (may_be_held(pool, argv, envp, &why)) {
		go_to(pool, core_of(peer));
		held = find_held(pool, &key, now);
		if (!held)
			held = make_held(pool, &request, &key, argv, envp);
	}
	if (held && !held->template)
		buf_put(&why, held->why.data, held->why.len);
	else if (held)
		lent = lend(pool, held, guest, peer, &why);
	if (lent)
		lent = send_lent(pool, held, guest) == 0;
	else
		refuse(guest, &why);
	/* Others are not to wait for the pool on a core where the run of this client computes. */
	if (pool->n_guests > 1 || !pool->options->lasting)
		go_to(pool, -1);
	return lent;
}

/* ------------------------------------------------------------------ guests */

static void part_with(struct pool *pool, size_t number)
{
	struct guest *guest = &pool->guests[number];

	if (guest->fork.pid)
		close_fork(&guest->fork);
	close(guest->fd);
	*guest = pool->guests[--pool->n_guests];
}

/* A run is over when its connection ends: the client is gone or has finished. */
static void dismiss(struct pool *pool, size_t number)
{
	struct guest *guest = &pool->guests[number];

	if (guest->fork.pid)
		end_fork(&guest->fork);
	part_with(pool, number);
}

/* Is the client of our own user and behind the same seccomp filters, so that it is no program of a run? */
static bool peer_is_good(int fd, pid_t *ret_pid)
{
	struct ucred peer;
	socklen_t len = sizeof peer;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0 || peer.uid != geteuid() || peer.pid <= 0)
		return false;
	*ret_pid = peer.pid;
	return warm_same_filters(peer.pid);
}

/* Is the client another user's? An abstract name keeps nobody out. */
static bool is_stranger(int fd)
{
	struct ucred peer;
	socklen_t len = sizeof peer;

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0 || peer.uid != geteuid();
}

static void welcome(struct pool *pool)
{
	const struct timeval patience = { .tv_sec = REQUEST_S };
	int fd = accept4(pool->fd, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0)
		return;
	if (pool->n_guests == MAX_CONNECTIONS || is_stranger(fd) || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) < 0) {
		close(fd);
		return;
	}
	pool->guests[pool->n_guests++] =
		(struct guest){ .fd = fd, .fork = { .pidfd = -1, .socket = -1 }, .since_ns = clock_ns(CLOCK_MONOTONIC) };
}

static void attend(struct pool *pool, size_t number)
{
	struct guest *guest = &pool->guests[number];

	/* If a run's client sends anything more, that ends the run as well. */
	if (guest->fork.pid && pool->options->lasting)
		end_fork(&guest->fork);
	if (guest->fork.pid || (!guest->peer && !peer_is_good(guest->fd, &guest->peer)) || !serve(pool, guest, guest->peer))
		dismiss(pool, number);
}

/* Collects ended runs, which are children here, and templates, should one have been killed. */
static void reap(struct pool *pool)
{
	struct trace_stop stop;
	struct rusage used;
	size_t i;

	while (trace_wait(false, &stop, &used) == 0 && stop.event != TRACE_INTERRUPTED && stop.event != TRACE_NONE_LEFT) {
		if (stop.event != TRACE_EXITED) {
			trace_resume(stop.tid, RESUME, 0);
			continue;
		}
		for (i = 0; i < MAX_TEMPLATES; i++) {
			struct held *held = &pool->held[i];

			if (held->template && held->template->pid == stop.tid)
				forget(held);
		}
	}
}

/* Has standard input ended? What can be read there is ignored. */
static bool stdin_has_ended(void)
{
	char ignored[256];
	ssize_t n = read(STDIN_FILENO, ignored, sizeof ignored);

	return n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN);
}

static void wait_for_guests(struct pool *pool)
{
	struct pollfd polls[MAX_CONNECTIONS + 2];
	const struct timespec pause = { .tv_sec = 1 };
	uint64_t now;
	size_t i, n = pool->n_guests;

	for (i = 0; i < n; i++)
		polls[i] = (struct pollfd){ pool->guests[i].fd, POLLIN, 0 };
	polls[n] = (struct pollfd){ pool->fd, POLLIN, 0 };
	polls[n + 1] = (struct pollfd){ pool->options->ends_with_stdin ? STDIN_FILENO : -1, POLLIN, 0 };
	if (ppoll(polls, n + 2, &pause, &pool->waiting) < 0)
		memset(polls, 0, sizeof polls);
	reap(pool);
	now = clock_ns(CLOCK_MONOTONIC);
	/* Backwards, because a guest that is removed is replaced by the last. */
	for (i = n; i-- > 0;) {
		if (polls[i].revents)
			attend(pool, i);
		else if (!pool->guests[i].fork.pid && now - pool->guests[i].since_ns > SILENT_S * UINT64_C(1000000000))
			dismiss(pool, i);
	}
	if (polls[n].revents)
		welcome(pool);
	if (polls[n + 1].revents && stdin_has_ended())
		asked_to_end = SIGHUP;
}

/* ------------------------------------------------------------------ beginning and end */

static void catch_signals(struct pool *pool)
{
	static const int ends[] = { SIGINT, SIGTERM, SIGHUP };
	sigset_t blocked;
	size_t i;

	sigemptyset(&blocked);
	for (i = 0; i < ARRAY_SIZE(ends); i++) {
		sigaction(ends[i], &(struct sigaction){ .sa_handler = on_end }, NULL);
		sigaddset(&blocked, ends[i]);
	}
	/* A client may be gone before its answer. Templates do not inherit this: requests say what is ignored. */
	sigaction(SIGPIPE, &(struct sigaction){ .sa_handler = SIG_IGN }, NULL);
	sigaction(SIGALRM, &(struct sigaction){ .sa_handler = on_late }, NULL);
	sigaddset(&blocked, SIGALRM);
	/* The signal only has to end a wait, so stops of children need not be reported. */
	sigaction(SIGCHLD, &(struct sigaction){ .sa_handler = on_child, .sa_flags = SA_NOCLDSTOP }, NULL);
	sigaddset(&blocked, SIGCHLD);
	sigprocmask(SIG_BLOCK, &blocked, &pool->waiting);
	for (i = 1; i < 65; i++)
		if (sigismember(&blocked, (int)i) == 1)
			sigdelset(&pool->waiting, (int)i);
}

static int find_interpreter(struct pool *pool)
{
	_cleanup_buf_ struct buf message = { 0 };
	const struct interpreter *i = &pool->interpreter;
	const char *python = pool->options->python;
	int r = interpreter_find(python ? python : "python3", getenv("PATH"), NULL, &pool->interpreter, &message);

	if (r < 0) {
		complain("pool: %s", message.data ? message.data : strerror(-r));
		return EXIT_NOT_FOUND;
	}
	pool->core = i->is_python ? interpreter_core(i, NULL) : NULL;
	if (!warm_can_hold(i) || !pool->core) {
		complain("pool: %s cannot be held: CPython 3.9 to 3.13 can", i->argv0);
		return EXIT_CANNOT_EXEC;
	}
	return 0;
}

static void serve_all(struct pool *pool)
{
	size_t i;

	catch_signals(pool);
	cores_get(0, &pool->cores);
	pool->bound = -1;
	if (!pool->options->quiet)
		complain("pool: %s at %s", pool->interpreter.argv0, pool->options->listen);
	while (!asked_to_end)
		wait_for_guests(pool);
	pool_leave(pool->options->listen, &pool->place);
	/* Runs go on under their clients; forks that no client has taken yet end with this process. */
	while (pool->n_guests)
		part_with(pool, pool->n_guests - 1);
	for (i = 0; i < MAX_TEMPLATES; i++)
		forget(&pool->held[i]);
}

static int listen_for(struct pool *pool)
{
	pool->fd = pool_listen(pool->options->listen, &pool->place);
	if (pool->fd >= 0)
		return 0;
	complain("pool: %s: %s", pool->options->listen, strerror(-pool->fd));
	return EXIT_USAGE;
}

int pool_serve(const struct pool_options *options, int fd)
{
	struct pool *pool = xcalloc(1, sizeof *pool);
	int r;

	pool->options = options;
	pool->fd = fd;
	r = find_interpreter(pool);
	/* Whoever finds somebody listening may count on it, so a pool that begins to listen does so only now. */
	if (r == 0 && fd < 0)
		r = listen_for(pool);
	if (r == 0)
		serve_all(pool);
	if (pool->fd >= 0)
		close(pool->fd);
	interpreter_fini(&pool->interpreter);
	free(pool->core);
	free(pool);
	return r;
}

/* ------------------------------------------------------------------ options */

void pool_options_init(struct pool_options *options)
{
	*options = (struct pool_options){ .renew_runs = 10000, .renew_ns = UINT64_C(600) * 1000000000,
					    .start_ns = UINT64_C(30) * 1000000000 };
}

int pool_take_preloads(const char *value, char ***list)
{
	while (*value) {
		size_t n = strcspn(value, ","), i;
		bool begins = true;

		for (i = 0; i < n; i++) {
			char c = value[i];
			bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';

			if (!letter && (begins || (c != '.' && !(c >= '0' && c <= '9'))))
				break;
			begins = c == '.';
		}
		if (n == 0 || i < n || begins)
			return -EINVAL;
		strv_add(list, xstrndup(value, n));
		value += n + (value[n] == ',');
	}
	return 0;
}
