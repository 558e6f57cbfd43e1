/* SPDX-License-Identifier: Apache-2.0 */
#include "tracee/adopt.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cores.h"
#include "base/json.h"
#include "tracee/abi/abi.h"
#include "tracee/filter.h"
#include "tracee/landlock.h"
#include "tracee/memory.h"
#include "tracee/scratch.h"
#include "tracee/trace.h"

enum {
	PR_MAY_TRACE = 0x59616d61, /* PR_SET_PTRACER */
	MAX_SENT = 253,	     /* SCM_MAX_FD */
	STRINGS_MAX = 1 << 20,
	SOCKET_THERE = 3,    /* the fork's end of the pair; 4 is ours */
	FIRST_RECEIVED = 5,  /* in order: nothing else is open there */
};

/* The descriptors that are sent, in this order, before the reserved ones. */
enum { SENT_STDIN, SENT_STDOUT, SENT_STDERR, SENT_CWD, SENT_RESERVED };

/* Where in the area the message is received. */
struct message {
	struct msghdr header;
	struct iovec io;
	char byte[8];
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(MAX_SENT * sizeof(int))];
};

struct adopting {
	const struct adoption *a;
	const struct spawn *s;
	bool seal;
	size_t n_kept; /* of the reserved ones: all, or all but the scratch's */
	struct call_list list;
	uint64_t message; /* its address in the area */
	size_t n_sent;
	int landlock; /* its number among the descriptors sent, or -1 */
	struct { size_t number; uint64_t wanted; } must[CALL_LIST_MAX]; /* entries, and what they must return */
	size_t n_must;
	struct buf strings; /* command line and environment, as the kernel is to show them */
	uint64_t room;	    /* the size of the area that they are written over */
	struct template_mm_map mm;
	size_t called; /* the entry that must not return 0 */
};

#define ARGS(...) ((const uint64_t[6]){ __VA_ARGS__ })

/* A system call that has to return WANTED. */
static void must(struct adopting *g, uint64_t wanted, long nr, const uint64_t args[6])
{
	size_t number = call_list_syscall(&g->list, nr, args);

	if (g->n_must < ARRAY_SIZE(g->must)) {
		g->must[g->n_must].number = number;
		g->must[g->n_must++].wanted = wanted;
	}
}

/* ------------------------------------------------------------------ attaching */

/* Takes it out of its group stop, into a stop where calls can be made in it, with every signal blocked. */
static int take(const struct adoption *a)
{
	struct trace_stop stop;
	struct user_regs_struct regs;
	int r = trace_seize(a->pid), tries;

	if (r == 0)
		r = trace_wait_for(a->pid, &stop);
	if (r == 0 && stop.event != TRACE_GROUP_STOP)
		r = -EIO;
	if (r == 0)
		r = trace_set_signal_mask(a->pid, ~(UINT64_C(1) << (SIGCONT - 1)));
	if (r == 0 && kill(a->pid, SIGCONT) < 0)
		r = -errno;
	for (tries = 0; r == 0 && tries < 4; tries++) {
		r = trace_resume(a->pid, RESUME, 0);
		if (r == 0)
			r = trace_wait_for(a->pid, &stop);
		if (r == 0 && stop.event == TRACE_SIGNAL && stop.signal == SIGCONT)
			break;
		if (r == 0 && stop.event != TRACE_STARTED && stop.event != TRACE_GROUP_STOP)
			r = -EIO;
	}
	if (r == 0 && tries == 4)
		r = -EIO;
	if (r == 0)
		r = trace_set_signal_mask(a->pid, UINT64_MAX);
	if (r == 0)
		r = trace_get_registers(a->pid, &regs);
	/* It must not have moved since template_fork() left it. */
	return r == 0 && (abi_ip(&regs) <= CALL_AREA || abi_ip(&regs) >= CALL_AREA + CALL_CODE_SIZE) ? -EIO : r;
}

/* ------------------------------------------------------------------ descriptors */

static uint64_t received(size_t number)
{
	return FIRST_RECEIVED + number;
}

static int send_descriptors(struct adopting *g)
{
	struct message message = { .byte = "p" };
	const struct spawn *s = g->s;
	int fds[MAX_SENT], n = 0;
	struct cmsghdr *head;
	size_t i;

	if (s->n_fds + SENT_RESERVED + 1 > MAX_SENT)
		return -E2BIG;
	fds[n++] = STDIN_FILENO;
	fds[n++] = STDOUT_FILENO;
	fds[n++] = STDERR_FILENO;
	fds[n++] = g->a->cwd_fd;
	for (i = 0; i < s->n_fds; i++)
		fds[n++] = s->fds[i];
	if (s->landlock_fd >= 0) {
		g->landlock = n;
		fds[n++] = s->landlock_fd;
	}
	g->n_sent = (size_t)n;
	message.io = (struct iovec){ message.byte, 1 };
	message.header = (struct msghdr){ .msg_iov = &message.io, .msg_iovlen = 1, .msg_control = message.control,
					  .msg_controllen = CMSG_SPACE(g->n_sent * sizeof(int)) };
	head = CMSG_FIRSTHDR(&message.header);
	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(g->n_sent * sizeof(int));
	memcpy(CMSG_DATA(head), fds, g->n_sent * sizeof(int));
	/* The numbers received must not overlap the reserved ones. */
	if (received(g->n_sent) > (uint64_t)s->reserved_fd)
		return -E2BIG;
	return sendmsg(g->a->socket, &message.header, MSG_NOSIGNAL | MSG_DONTWAIT) == 1 ? 0 : -errno;
}

/* Receives the message. Its descriptors get the numbers from FIRST_RECEIVED on: check_received() makes sure later. */
static void receive_descriptors(struct adopting *g)
{
	struct message message = { .byte = "" };
	uint64_t at = call_list_put(&g->list, &message, sizeof message);

	message.io = (struct iovec){ (void *)(uintptr_t)(at + offsetof(struct message, byte)), 1 };
	message.header = (struct msghdr){
		.msg_iov = (void *)(uintptr_t)(at + offsetof(struct message, io)), .msg_iovlen = 1,
		.msg_control = (void *)(uintptr_t)(at + offsetof(struct message, control)),
		.msg_controllen = sizeof message.control,
	};
	if (!g->list.error)
		memcpy(g->list.data + (g->list.used - sizeof message), &message, sizeof message);
	g->message = at;
	must(g, 1, SYS_recvmsg, ARGS(SOCKET_THERE, at, 0));
}

static int check_received(const struct adopting *g)
{
	struct message message;
	int fds[MAX_SENT], r = call_list_read(&g->list, g->message, &message, sizeof message);
	const struct cmsghdr *head = (const struct cmsghdr *)message.control;
	size_t i;

	if (r < 0)
		return r;
	if (head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS || (message.header.msg_flags & MSG_CTRUNC) ||
	    head->cmsg_len != CMSG_LEN(g->n_sent * sizeof(int)))
		return -EIO;
	memcpy(fds, message.control + CMSG_LEN(0), g->n_sent * sizeof(int));
	for (i = 0; i < g->n_sent; i++)
		if (fds[i] != FIRST_RECEIVED + (int)i)
			return -EIO;
	return 0;
}

static void lay_out_descriptors(struct adopting *g)
{
	size_t i;

	receive_descriptors(g);
	for (i = 0; i < 3; i++)
		must(g, i, SYS_dup3, ARGS(received(i), i, 0));
	must(g, 0, SYS_fchdir, ARGS(received(SENT_CWD)));
}

/*
 * Puts the reserved descriptors where they belong, and closes all others but 0 to 2: those received, and what a fork
 * hook of a preloaded module may have opened. close_range(2) looks at each number of the table (Linux 6.18), and the
 * table grows to the reserved numbers once one of them is taken; so what lies above those received is closed before.
 */
static void reserve_descriptors(struct adopting *g)
{
	const uint64_t above = received(g->n_sent), reserved = (uint64_t)g->s->reserved_fd;
	size_t i;

	must(g, 0, SYS_close_range, ARGS(above, UINT32_MAX, 0));
	for (i = 0; i < g->n_kept; i++)
		must(g, reserved + i, SYS_dup3, ARGS(received(SENT_RESERVED + i), reserved + i, 0));
	must(g, 0, SYS_close_range, ARGS(3, above - 1, 0));
}

/* ------------------------------------------------------------------ names */

/* Decodes as Py_DecodeLocale() in a UTF-8 locale: a byte that is not UTF-8 becomes 0xdc00 + byte. Returns how many. */
static size_t decode(const char *text, uint32_t *ret)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t left = strlen(text), n = 0, len, i;

	for (; left; p += len, left -= len) {
		uint32_t c;

		len = utf8_length(p, left);
		if (len == 0) {
			len = 1;
			ret[n++] = 0xdc00u + *p;
			continue;
		}
		c = len == 1 ? *p : *p & (0x7fu >> len);
		for (i = 1; i < len; i++)
			c = c << 6 | (p[i] & 0x3f);
		ret[n++] = c;
	}
	ret[n] = 0;
	return n;
}

/* The same in marshal's format: 'u', the length in 32 bits, UTF-8 in which a lone surrogate takes three bytes. */
static void put_text(struct buf *out, const char *text)
{
	size_t at = out->len + 1, left = strlen(text), len;
	const unsigned char *p = (const unsigned char *)text;
	uint32_t size = 0;

	buf_putc(out, 'u');
	buf_put(out, &size, sizeof size);
	for (; left; p += len, left -= len) {
		len = utf8_length(p, left);
		if (len) {
			buf_put(out, p, len);
			continue;
		}
		len = 1;
		buf_putc(out, (char)0xed);
		buf_putc(out, (char)(0x80 | ((0xdc00 + *p) >> 6 & 0x3f)));
		buf_putc(out, (char)(0x80 | (*p & 0x3f)));
	}
	size = (uint32_t)(out->len - at - sizeof size);
	memcpy(out->data + at, &size, sizeof size);
}

/*
 * Is a Python stream for FD as one for the template's /dev/null? Streams remember whether it is a terminal, whether and
 * from where it can be sought, and how large its blocks are (Modules/_io). A regular file of such blocks is the same to
 * them, unless it has been read or written.
 */
static bool is_like_null(int fd, const struct stat *null)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return false;
	if (S_ISREG(st.st_mode))
		return st.st_blksize == null->st_blksize && lseek(fd, 0, SEEK_CUR) == 0;
	return S_ISCHR(st.st_mode) && !isatty(fd);
}

/* Which of stdin, stdout, stderr have to have other streams than the template's. */
static uint32_t other_streams(void)
{
	struct stat null = { 0 };
	uint32_t fix = 0;
	int fd;

	stat("/dev/null", &null);
	for (fd = 0; fd <= 2; fd++)
		if (!is_like_null(fd, &null))
			fix |= 1u << fd;
	return fix;
}

/* TEXT, if there is one. */
static int write_wide(pid_t pid, uint32_t n, const uint64_t *at, const char *text)
{
	_cleanup_free_ uint32_t *wide = NULL;
	size_t len;
	uint32_t i;
	int r = text && strlen(text) > TEMPLATE_NAME_MAX ? -E2BIG : 0;

	if (!text)
		return 0;
	wide = xcalloc(strlen(text) + 1, sizeof(uint32_t));
	len = decode(text, wide);
	for (i = 0; r == 0 && i < n && i < TEMPLATE_STRINGS; i++)
		r = memory_write(pid, at[i], wide, (len + 1) * sizeof(uint32_t));
	return r;
}

/*
 * The strings that the kernel shows as /proc/PID/cmdline and environ lie in a row, and the long name of the sentinel
 * leaves room there. The environment is written once nothing points to the old one any more: names() has made copies.
 */
static int lay_out_strings(struct adopting *g)
{
	const struct adoption *a = g->a;
	struct template_mm_map *mm = &g->mm;
	char *const *variable;

	*mm = a->facts->mm;
	if (mm->arg_end <= mm->arg_start || mm->env_start != mm->arg_end || mm->env_end < mm->env_start ||
	    mm->env_end - mm->arg_start > STRINGS_MAX)
		return -EIO;
	buf_put(&g->strings, a->cmdline, a->cmdline_len);
	for (variable = a->envp; variable && *variable; variable++)
		buf_put(&g->strings, *variable, strlen(*variable) + 1);
	g->room = (a->envp ? mm->env_end : mm->arg_end) - mm->arg_start;
	if (g->strings.len > g->room)
		return -E2BIG;
	mm->arg_end = mm->arg_start + a->cmdline_len;
	if (a->envp) {
		mm->env_start = mm->arg_end;
		mm->env_end = mm->arg_start + g->strings.len;
	}
	return 0;
}

static int write_strings(const struct adopting *g)
{
	_cleanup_free_ char *all = xcalloc(1, g->room);

	memcpy(all, g->strings.data, g->strings.len);
	return memory_write(g->a->pid, g->mm.arg_start, all, g->room);
}

static int write_names(struct adopting *g)
{
	const struct template_facts *facts = g->a->facts;
	int r = write_wide(g->a->pid, facts->n_full, facts->full, g->a->full_name);

	if (r == 0)
		r = write_wide(g->a->pid, facts->n_given, facts->given, g->a->given);
	if (r == 0)
		r = lay_out_strings(g);
	/* Setting all of it at once needs no capability (Linux 3.18, CONFIG_CHECKPOINT_RESTORE). */
	must(g, 0, SYS_prctl, ARGS(PR_SET_MM, PR_SET_MM_MAP, call_list_put(&g->list, &g->mm, sizeof g->mm), sizeof g->mm, 0));
	return r;
}

static void put_list(struct buf *out, char *const *texts)
{
	uint32_t n = texts ? (uint32_t)strv_length(texts) : 0, i;

	buf_putc(out, '[');
	buf_put(out, &n, sizeof n);
	for (i = 0; i < n; i++)
		put_text(out, texts[i]);
}

/* Makes a value for a later call. Returns its entry's number. */
static size_t unmarshal(struct adopting *g, const struct buf *value)
{
	return call_list_function(&g->list, g->a->facts->unmarshal,
				  ARGS(call_list_put(&g->list, value->data, value->len), value->len));
}

/* Is it thawed right now, instead of at the end by tracee/finish.h? */
static bool is_thawed(const struct adopting *g)
{
	return g->a->whole && g->a->facts->end.n;
}

static int take_out_stops(const struct adopting *g)
{
	const struct template_end *end = &g->a->facts->end;
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && is_thawed(g) && i < end->n; i++)
		r = trace_poke_text(g->a->pid, end->at[i], end->text[i]);
	return r;
}

static void call_names(struct adopting *g)
{
	const struct template_facts *facts = g->a->facts;
	struct call_list *list = &g->list;
	_cleanup_buf_ struct buf argv = { 0 }, tail = { 0 }, fix = { 0 }, env = { 0 };
	uint32_t streams = other_streams();
	size_t value[4], i;

	put_list(&argv, g->a->words);
	put_list(&tail, g->a->tail);
	buf_putc(&fix, 'i');
	buf_put(&fix, &streams, sizeof streams);
	put_list(&env, g->a->envp);
	/* Both are called in the fork, so that the template stays as it is. */
	call_list_function(list, facts->before_fork, ARGS(0));
	call_list_function(list, facts->after_fork_child, ARGS(0));
	value[0] = unmarshal(g, &argv);
	value[1] = unmarshal(g, &tail);
	value[2] = unmarshal(g, &fix);
	value[3] = unmarshal(g, &env);
	g->called = call_list_function(list, facts->call, ARGS(facts->names, 0, 0, 0, 0, 0));
	for (i = 0; i < ARRAY_SIZE(value); i++)
		call_list_pass(list, value[i], g->called, (unsigned)i + 1);
	if (is_thawed(g))
		call_list_function(list, facts->call, ARGS(facts->end.thaw, 0));
}

/* ------------------------------------------------------------------ walls */

static int raise_walls(struct adopting *g)
{
	const struct spawn *s = g->s;
	uint64_t scratch = received(SENT_RESERVED + s->n_fds - 1);
	struct reg_values values = s->values;
	struct sock_fprog program;
	struct filter *filter;
	int r;

	must(g, SCRATCH_ADDRESS, SYS_mmap,
	     ARGS(SCRATCH_ADDRESS, SCRATCH_SIZE, PROT_READ, MAP_SHARED | MAP_FIXED_NOREPLACE, scratch, 0));
	if (g->seal)
		must(g, 0, SCRATCH_MSEAL, ARGS(SCRATCH_ADDRESS, SCRATCH_SIZE, 0));
	must(g, 0, SYS_prctl, ARGS(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	if (g->landlock >= 0)
		must(g, 0, LANDLOCK_RESTRICT_SELF,
		     ARGS(received((size_t)g->landlock), landlock_flags(s->landlock_abi)));
	/* No longer needed: that it is killed with the template's owner, and that another process may trace it. */
	must(g, 0, SYS_prctl, ARGS(PR_SET_PDEATHSIG, 0));
	call_list_syscall(&g->list, SYS_prctl, ARGS(PR_MAY_TRACE, 0));
	reserve_descriptors(g);
	filter = xmalloc(sizeof *filter);
	values.symbol[REG_SELF] = (uint64_t)g->a->pid;
	r = filter_compile_kept(s->filter_kept, &values, s->stop_all, filter);
	if (r == 0) {
		program.len = filter->len;
		program.filter = (struct sock_filter *)(uintptr_t)call_list_put(
			&g->list, filter->code, filter->len * sizeof(struct sock_filter));
		/* Last: of our own calls only the one that unmaps the list goes through the filter. */
		must(g, 0, SYS_seccomp, ARGS(1 /* SECCOMP_SET_MODE_FILTER */, 0,
					     call_list_put(&g->list, &program, sizeof program)));
	}
	free(filter);
	return r;
}

static int set_limit(pid_t pid, int resource, const struct spawn *s)
{
	struct rlimit now, there;
	size_t i;

	if (getrlimit((__rlimit_resource_t)resource, &now) < 0 ||
	    prlimit(pid, (__rlimit_resource_t)resource, NULL, &there) < 0)
		return -errno;
	for (i = 0; i < s->n_limits; i++) {
		if (s->limits[i].resource != resource)
			continue;
		now.rlim_max = MIN(s->limits[i].hard, now.rlim_max);
		now.rlim_cur = MIN(s->limits[i].soft, now.rlim_max);
	}
	if (now.rlim_cur == there.rlim_cur && now.rlim_max == there.rlim_max)
		return 0;
	return prlimit(pid, (__rlimit_resource_t)resource, &now, NULL) < 0 ? -errno : 0;
}

/* Sets them from outside: the caller's own limits, changed by SPAWN's. */
static int set_limits(const struct adopting *g)
{
	int resource, r = 0;

	for (resource = 0; r == 0 && resource < RLIM_NLIMITS; resource++)
		r = set_limit(g->a->pid, resource, g->s);
	return r;
}

/* What a fork of the caller would inherit: the CPUs that it may use, and its nice value. */
static int set_schedule(const struct adopting *g)
{
	struct cores cores;
	pid_t pid = g->a->pid;
	int nice;

	if (!cores_get(0, &cores) || !cores_set(pid, &cores))
		return -errno;
	errno = 0;
	nice = getpriority(PRIO_PROCESS, 0);
	if (errno || (nice != getpriority(PRIO_PROCESS, (id_t)pid) && setpriority(PRIO_PROCESS, (id_t)pid, nice) < 0))
		return -errno;
	return sched_getscheduler(0) == sched_getscheduler(pid) ? 0 : -EPERM;
}

/* Room for the reserved numbers, while they are filled. */
static int make_room(const struct adopting *g)
{
	struct rlimit files;

	if (prlimit(g->a->pid, RLIMIT_NOFILE, NULL, &files) < 0)
		return -errno;
	files.rlim_cur = files.rlim_max;
	if (files.rlim_max < (rlim_t)g->s->reserved_fd + g->s->n_fds)
		return -EMFILE;
	return prlimit(g->a->pid, RLIMIT_NOFILE, &files, NULL) < 0 ? -errno : 0;
}

/* ------------------------------------------------------------------ all of it */

static int check_results(const struct adopting *g)
{
	size_t i;

	for (i = 0; i < g->n_must; i++) {
		int64_t result = (int64_t)g->list.entry[g->must[i].number].result;

		if (result != (int64_t)g->must[i].wanted)
			return result < 0 ? (int)result : -EIO;
	}
	if (!g->list.entry[g->called].result)
		return -EIO;
	return check_received(g);
}

/* Puts the registers back to where the template was held, and unmaps the list's area from there. */
static int let_stand(const struct adopting *g)
{
	struct trace_injection injection;
	int64_t result = 0;
	uint64_t mask = 0;
	int r = trace_set_registers(g->a->pid, &g->a->facts->held);

	if (r == 0)
		r = trace_inject_begin(g->a->pid, &injection);
	if (r == 0)
		r = trace_inject(&injection, SYS_munmap, ARGS(CALL_AREA, CALL_AREA_SIZE), &result);
	if (r == 0 && result)
		r = (int)result;
	if (r == 0)
		r = trace_inject_end(&injection);
	memcpy(&mask, g->s->signal_mask, sizeof mask);
	return r == 0 ? trace_set_signal_mask(g->a->pid, mask) : r;
}

static int make(struct adopting *g)
{
	mode_t mask;
	int r = send_descriptors(g);

	if (r < 0)
		return r;
	lay_out_descriptors(g);
	must(g, 0, SYS_set_robust_list, ARGS(g->a->facts->robust_list, g->a->facts->robust_list_size));
	mask = umask(0);
	umask(mask);
	call_list_syscall(&g->list, SYS_umask, ARGS(g->s->umask >= 0 ? (mode_t)g->s->umask : mask));
	r = write_names(g);
	if (r < 0)
		return r;
	call_names(g);
	r = raise_walls(g);
	if (r == 0)
		r = make_room(g);
	if (r == 0)
		r = call_list_run(&g->list);
	if (r == 0)
		r = check_results(g);
	if (r == 0)
		r = take_out_stops(g);
	if (r == 0)
		r = write_strings(g);
	if (r == 0)
		r = set_limits(g);
	if (r == 0)
		r = set_schedule(g);
	return r == 0 ? let_stand(g) : r;
}

/* Kills it. Another process is its parent and reaps it; here only its end as a tracee is awaited, if it became one. */
static void end_tracee(const struct adoption *a)
{
	struct trace_stop stop = { .event = TRACE_INTERRUPTED };

	syscall(SYS_pidfd_send_signal, a->pidfd, SIGKILL, NULL, 0);
	while (stop.event != TRACE_EXITED && trace_wait_for(a->pid, &stop) == 0)
		if (stop.event != TRACE_EXITED)
			trace_resume(a->pid, RESUME, 0);
}

int adopt_program(const struct adoption *adoption, const struct spawn *spawn, bool seal, bool keep)
{
	struct adopting *g = xcalloc(1, sizeof *g);
	int r;

	g->a = adoption;
	g->s = spawn;
	g->seal = seal;
	g->n_kept = spawn->n_fds - !keep;
	g->landlock = -1;
	call_list_init(&g->list, adoption->pid, &adoption->facts->held);
	r = take(adoption);
	if (r == 0)
		r = make(g);
	if (r < 0)
		end_tracee(adoption);
	call_list_fini(&g->list);
	buf_fini(&g->strings);
	free(g);
	return r;
}
