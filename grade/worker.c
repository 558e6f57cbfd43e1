/* SPDX-License-Identifier: Apache-2.0 */
#include "grade/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"

enum {
	MAX_TEXT = 1 << 16, /* bytes of a job's words and directory */
	MAX_JOBS = 1000,    /* of one child, so that what memory falls apart into is given back */
	KEEP_BYTES = 16 << 20, /* free memory that is kept for the next job */
	STACK_BYTES = 8 << 20, STACK_GUARD = 1 << 16,
};

/* A job as it is sent, followed by the directory ("" for the child's own) and the words, each with its null byte. */
struct job_head {
	uint32_t n_words;
};

/* Its answer. */
struct job_answer {
	int32_t status;
	bool last; /* the child takes no more */
};

/* ------------------------------------------------------------------ the child */

struct serving {
	int fd, keep_fd, home; /* HOME: the directory that it was started in */
	const struct work *work;
	unsigned jobs;
	bool goes_on;
};

static int receive(int fd, char *text, size_t size, int stdio[3], size_t *ret_len)
{
	union {
		struct cmsghdr head;
		char space[CMSG_SPACE(3 * sizeof(int))];
	} control = { .space = "" };
	struct iovec io = { text, size };
	struct msghdr message = { .msg_iov = &io, .msg_iovlen = 1, .msg_control = &control,
				  .msg_controllen = sizeof control };
	const struct cmsghdr *head;
	ssize_t n;

	do {
		n = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
	} while (n < 0 && errno == EINTR);
	head = n > 0 ? CMSG_FIRSTHDR(&message) : NULL;
	if (!head || head->cmsg_type != SCM_RIGHTS || head->cmsg_len != CMSG_LEN(3 * sizeof(int)) ||
	    (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)))
		return -EPIPE;
	memcpy(stdio, CMSG_DATA(head), 3 * sizeof(int));
	*ret_len = (size_t)n;
	return 0;
}

/* Splits TEXT into the directory and the words. The caller frees the list alone. */
static char **split(char *text, size_t len, const char **ret_directory)
{
	struct job_head head;
	char *at = text + sizeof head, *end = text + len;
	char **words;
	uint32_t i;

	if (len <= sizeof head || end[-1])
		return NULL;
	memcpy(&head, text, sizeof head);
	*ret_directory = at;
	words = xcalloc((size_t)head.n_words + 1, sizeof *words);
	for (i = 0; i < head.n_words; i++) {
		at += strlen(at) + 1;
		if (at >= end) {
			free(words);
			return NULL;
		}
		words[i] = at;
	}
	return words;
}

static int enter(const struct serving *s, const int stdio[3], const char *directory)
{
	int i;

	for (i = 0; i < 3; i++)
		if (dup2(stdio[i], i) < 0)
			return -errno;
	for (i = 0; i < 3; i++)
		close(stdio[i]);
	if (fchdir(s->home) < 0 || (*directory && chdir(directory) < 0))
		return -errno;
	return 0;
}

static int compare(const void *a, const void *b)
{
	const int *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Closes all but 0 to 2 and what the child and its work need. Should one of 0 to 2 be closed, what is received would get
 * its number. */
static int close_others(const struct serving *s)
{
	int kept[3 + WORKER_KEPT] = { s->fd, s->keep_fd, s->home };
	int above = STDERR_FILENO, fd, r = 0;
	size_t i, n = 3 + (s->work->keeps ? s->work->keeps(kept + 3) : 0);

	for (fd = 0; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && dup2(s->home, fd) < 0)
			return -errno;

	qsort(kept, n, sizeof *kept, compare);
	for (i = 0; i < n; i++) {
		if (kept[i] <= above)
			continue;
		if (kept[i] > above + 1)
			r |= (int)syscall(SYS_close_range, (unsigned)above + 1, (unsigned)kept[i] - 1, 0u);
		above = kept[i];
	}
	r |= (int)syscall(SYS_close_range, (unsigned)above + 1, ~0u, 0u);
	return r < 0 ? -errno : 0;
}

/* A job that went well has no child left that nobody waits for. */
static bool has_children(void)
{
	siginfo_t info;

	return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT | __WALL) == 0 || errno != ECHILD;
}

static void *serve_one(void *arg)
{
	struct serving *s = arg;
	_cleanup_free_ char *text = xmalloc(MAX_TEXT);
	struct job_answer answer = { .status = EXIT_INTERNAL };
	const char *directory = NULL;
	char **words;
	int stdio[3], r;
	size_t len = 0;
	sigset_t none;

	if (receive(s->fd, text, MAX_TEXT, stdio, &len) < 0)
		return NULL;
	sigemptyset(&none);
	pthread_sigmask(SIG_SETMASK, &none, NULL);
	words = split(text, len, &directory);
	r = words ? enter(s, stdio, directory) : -EBADMSG;
	if (r == 0) {
		optind = 0; /* getopt(3): from the beginning */
		answer.status = s->work->run((int)strv_length(words), words);
	} else {
		complain("a run cannot be begun: %s", strerror(-r));
	}
	free(words);
	answer.last = answer.status != 0 || ++s->jobs == MAX_JOBS || has_children();
	s->goes_on = !answer.last && send(s->fd, &answer, sizeof answer, MSG_NOSIGNAL) == (ssize_t)sizeof answer;
	if (answer.last)
		send(s->fd, &answer, sizeof answer, MSG_NOSIGNAL);
	return NULL;
}

/* One stack for the threads of all jobs, with a guard below it: what glibc allocates itself it gives back at a thread's
 * end, so that the next one has to have each page anew. */
static int prepare_thread(pthread_attr_t *attributes)
{
	char *stack = mmap(NULL, STACK_GUARD + STACK_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_NORESERVE, -1, 0);

	if (stack == MAP_FAILED || mprotect(stack + STACK_GUARD, STACK_BYTES, PROT_READ | PROT_WRITE) < 0)
		return -errno;
	return pthread_attr_init(attributes) || pthread_attr_setstack(attributes, stack + STACK_GUARD, STACK_BYTES) ? -ENOMEM : 0;
}

/* Called in the child. 0, or an exit status after which there is nothing to be told. */
static int serve(void *arg)
{
	struct serving *s = arg;
	pthread_attr_t attributes;
	sigset_t all;
	pthread_t thread;

	s->home = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (s->home < 0 || prepare_thread(&attributes) < 0)
		return EXIT_NOT_FOUND;
	/* One arena, and what a job has freed stays for the next. */
	mallopt(M_ARENA_MAX, 1);
	mallopt(M_MMAP_THRESHOLD, KEEP_BYTES);
	mallopt(M_TRIM_THRESHOLD, KEEP_BYTES);
	/* All signals are for the thread that has a job. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, NULL);
	if (s->work->begin)
		s->work->begin();
	do {
		s->goes_on = false;
		if (close_others(s) < 0 || pthread_create(&thread, &attributes, serve_one, s))
			return EXIT_INTERNAL;
		pthread_join(thread, NULL);
	} while (s->goes_on);
	return 0;
}

/* ------------------------------------------------------------------ its parent */

static int start(struct worker *worker, const struct launch *launch, const struct work *work)
{
	_cleanup_close_ int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int fds[2], r;

	if (null < 0 || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
		return -errno;
	struct serving serving = { .fd = fds[1], .keep_fd = launch->keep_fd, .work = work };
	const struct launch child = { .argv = launch->argv, .run = serve, .run_arg = &serving, .in = null, .out = null,
				      .err = STDERR_FILENO, .core = launch->core, .keep_fd = launch->keep_fd,
				      .own_group = launch->own_group };

	r = launch_start(&child, &worker->child);
	close(fds[1]);
	if (r < 0) {
		close(fds[0]);
		return r;
	}
	worker->fd = fds[0];
	return 0;
}

static int send_job(const struct worker *worker, const struct launch *launch)
{
	const int fds[3] = { launch->in, launch->out, launch->err };
	const struct job_head head = { .n_words = (uint32_t)strv_length((char **)(uintptr_t)launch->argv) };
	union {
		struct cmsghdr head;
		char space[CMSG_SPACE(sizeof fds)];
	} control = { .space = "" };
	_cleanup_buf_ struct buf text = { 0 };
	const char *directory = launch->cwd ? launch->cwd : "";
	size_t i;

	buf_put(&text, &head, sizeof head);
	buf_put(&text, directory, strlen(directory) + 1);
	for (i = 0; launch->argv[i]; i++)
		buf_put(&text, launch->argv[i], strlen(launch->argv[i]) + 1);
	if (text.len > MAX_TEXT)
		return -E2BIG;
	struct iovec io = { text.data, text.len };
	const struct msghdr message = { .msg_iov = &io, .msg_iovlen = 1, .msg_control = &control,
					.msg_controllen = sizeof control };

	control.head.cmsg_level = SOL_SOCKET;
	control.head.cmsg_type = SCM_RIGHTS;
	control.head.cmsg_len = CMSG_LEN(sizeof fds);
	memcpy(CMSG_DATA(&control.head), fds, sizeof fds);
	return sendmsg(worker->fd, &message, MSG_NOSIGNAL) == (ssize_t)text.len ? 0 : -errno;
}

int worker_call(struct worker *worker, const struct launch *launch, const struct work *work)
{
	int r = worker->child.pid ? send_job(worker, launch) : -EPIPE;

	/* There is none, or it has ended since its last job. */
	if (r < 0 && r != -E2BIG) {
		worker_end(worker);
		r = start(worker, launch, work);
		if (r == 0)
			r = send_job(worker, launch);
	}
	if (r < 0 && r != -E2BIG)
		worker_end(worker);
	return r;
}

static int collect(struct worker *worker, struct child_end *ret)
{
	int r = child_collect(&worker->child, ret);

	close(worker->fd);
	*worker = WORKER_NONE;
	return r;
}

int worker_take(struct worker *worker, struct child_end *ret)
{
	struct job_answer answer;
	struct child_end end;
	ssize_t n = recv(worker->fd, &answer, sizeof answer, MSG_DONTWAIT);

	if (n != (ssize_t)sizeof answer)
		return collect(worker, ret);
	*ret = (struct child_end){ .status = W_EXITCODE(answer.status & 0xff, 0) };
	if (answer.last)
		collect(worker, &end);
	return 0;
}

void worker_end(struct worker *worker)
{
	struct child_end end;

	if (!worker->child.pid)
		return;
	child_kill(&worker->child);
	collect(worker, &end);
}
