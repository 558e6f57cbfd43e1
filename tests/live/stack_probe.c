/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a program and prints the stacks of every mkdir(2) and mkdirat(2) it makes, one JSON object
 * a line; the calls are refused with EPERM. Needs nothing of proctor but the stack reader, so the
 * reader can be tested by itself.
 *
 * stack_probe [-w none|python|native|both] [-o FILE] [-s] [-c] [-m] [--] PROGRAM [ARG...]
 *   -s  print only a summary, at the end: stops and the longest one
 *   -c  read each stack with a new reader (cold)
 *   -m  read also what the frames hold
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/json.h"
#include "tracee/stack.h"

enum { MAX_PROCESSES = 65536, PATH_SIZE = 512 };

static enum stack_kinds what = STACK_BOTH;
static bool summary_only, cold, memory;
static FILE *out;

/* Readers by thread group, made when first needed. */
static struct stack_reader *reader[MAX_PROCESSES];

static struct {
	uint64_t stops, wall_ns, cpu_ns, frames;
} most;

static pid_t group_of(pid_t tid)
{
	_cleanup_free_ char *name = xasprintf("/proc/%d/status", tid), *text = NULL;
	const char *at;

	if (read_file(AT_FDCWD, name, 65536, &text, NULL) < 0)
		return tid;
	at = strstr(text, "\nTgid:");
	return at ? (pid_t)strtol(at + 6, NULL, 10) : tid;
}

static struct stack_reader **reader_of(pid_t tid)
{
	pid_t group = group_of(tid);
	struct stack_reader **r = &reader[group % MAX_PROCESSES];

	if (!*r)
		*r = stack_reader_new(group);
	return r;
}

static void print_string(struct buf *b, const char *s)
{
	if (s)
		json_string(b, s);
	else
		buf_lit(b, "null");
}

static void print_python(struct buf *b, const struct stack *s)
{
	for (size_t i = 0; i < s->n_python; i++) {
		const struct python_frame *f = &s->python[i];

		buf_puts(b, i ? ",[" : "[");
		json_string(b, f->file);
		buf_printf(b, ",%d,", f->line);
		json_string(b, f->function);
		buf_printf(b, ",%s]", f->entry ? "true" : "false");
	}
}

static void print_native(struct buf *b, const struct stack *s)
{
	for (size_t i = 0; i < s->n_native; i++) {
		const struct native_frame *f = &s->native[i];

		buf_puts(b, i ? ",[" : "[");
		json_string(b, f->module);
		buf_putc(b, ',');
		print_string(b, f->symbol);
		buf_printf(b, ",%lu,%s]", f->offset, f->eval_loop ? "true" : "false");
	}
}

static void print_stack(const struct stack *s, pid_t tid, const char *path, uint64_t wall,
			uint64_t cpu)
{
	_cleanup_buf_ struct buf b = {0};

	buf_lit(&b, "{\"path\":");
	json_string(&b, path);
	buf_printf(&b,
		   ",\"tid\":%d,\"minor\":%d,\"wall_ns\":%lu,\"cpu_ns\":%lu,\"python_note\":", tid,
		   s->python_minor, wall, cpu);
	print_string(&b, s->python_note);
	buf_lit(&b, ",\"native_note\":");
	print_string(&b, s->native_note);
	buf_printf(&b,
		   ",\"python_total\":%zu,\"python_gap\":%zu,\"native_total\":%zu,\"native_gap\":%"
		   "zu,\"python\":[",
		   s->python_total, s->python_gap, s->native_total, s->native_gap);
	print_python(&b, s);
	buf_lit(&b, "],\"native\":[");
	print_native(&b, s);
	buf_lit(&b, "]}\n");
	fwrite(b.data, 1, b.len, out);
	fflush(out);
}

/* The path argument, for the test to tell its calls apart. */
static void read_path(pid_t tid, const struct user_regs_struct *regs, char *path)
{
	uint64_t at = regs->orig_rax == SYS_mkdir ? regs->rdi : regs->rsi;
	size_t size = PATH_SIZE - 1, first = MIN(size, 4096 - at % 4096);
	/* In two parts: the page behind the first need not be mapped, and then the first will do.
	 */
	struct iovec local = {path, size}, remote[] = {
						   {(void *)(uintptr_t)at, first},
						   {(void *)(uintptr_t)(at + first), size - first},
					   };
	ssize_t n = process_vm_readv(tid, &local, 1, remote, 2, 0);

	path[n < 0 ? 0 : n] = '\0';
}

static void at_call(pid_t tid)
{
	struct stack_reader **r = reader_of(tid);
	struct user_regs_struct regs;
	const struct stack *s;
	uint64_t wall, cpu;
	char path[PATH_SIZE];

	if (ptrace(PTRACE_GETREGS, tid, 0, &regs) < 0)
		return;
	if (cold) {
		stack_reader_free(*r);
		*r = stack_reader_new(tid);
	}
	wall = clock_ns(CLOCK_MONOTONIC);
	cpu = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
	s = stack_read(*r, tid, &regs, what);
	cpu = clock_ns(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	wall = clock_ns(CLOCK_MONOTONIC) - wall;
	most.stops++;
	most.frames += s->n_python;
	most.wall_ns = MAX(most.wall_ns, wall);
	most.cpu_ns = MAX(most.cpu_ns, cpu);
	if (!summary_only) {
		read_path(tid, &regs, path);
		print_stack(s, tid, path, wall, cpu);
	}
	if (memory) {
		cpu = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
		stack_held_free(stack_read_held(*r, tid, &regs));
		most.cpu_ns = MAX(most.cpu_ns, clock_ns(CLOCK_PROCESS_CPUTIME_ID) - cpu);
	}
	regs.orig_rax = (unsigned long)-1;
	regs.rax = (unsigned long)-EPERM;
	ptrace(PTRACE_SETREGS, tid, 0, &regs);
}

static int child(int go, char **argv)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mkdir, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mkdirat, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {ARRAY_SIZE(filter), filter};
	char byte;

	if (read(go, &byte, 1) != 1 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0) {
		complain("cannot install the filter: %s", strerror(errno));
		return 126;
	}
	execvp(argv[0], argv);
	complain("%s: %s", argv[0], strerror(errno));
	return 127;
}

static pid_t start(char **argv)
{
	const long options = PTRACE_O_EXITKILL | PTRACE_O_TRACESECCOMP | PTRACE_O_TRACECLONE |
			     PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC;
	int go[2];
	pid_t pid;

	if (pipe2(go, O_CLOEXEC) < 0)
		return -1;
	pid = fork();
	if (pid == 0)
		_exit(child(go[0], argv));
	if (pid > 0 && (ptrace(PTRACE_SEIZE, pid, 0, options) < 0 || write(go[1], "", 1) != 1)) {
		complain("cannot trace: %s", strerror(errno));
		return -1;
	}
	close(go[0]);
	close(go[1]);
	return pid;
}

/* What to do with one stop; returns the signal to deliver. */
static int handle(pid_t tid, int status)
{
	int event = status >> 16, signal = WSTOPSIG(status);

	if (event == PTRACE_EVENT_SECCOMP)
		at_call(tid);
	else if (event == PTRACE_EVENT_EXEC)
		stack_reader_flush(*reader_of(tid));
	return event ? 0 : signal;
}

static int run(pid_t pid)
{
	int status, code = 0;
	pid_t tid;

	while ((tid = waitpid(-1, &status, __WALL)) > 0) {
		if (WIFSTOPPED(status)) {
			int signal = handle(tid, status);

			if (status >> 16 == PTRACE_EVENT_STOP && WSTOPSIG(status) != SIGTRAP)
				ptrace(PTRACE_LISTEN, tid, 0, 0);
			else
				ptrace(PTRACE_CONT, tid, 0, signal);
			continue;
		}
		stack_reader_free(steal_ptr(&reader[tid % MAX_PROCESSES]));
		if (tid == pid)
			code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	}
	return code;
}

/* Memory in KiB; 0 when a sanitizer's own would hide the reader's. */
static long resident(void)
{
#ifdef __SANITIZE_ADDRESS__
	return 0;
#else
	/* Not ru_maxrss: that includes what the process was before execve(2). */
	_cleanup_free_ char *text = NULL;
	const char *at = NULL;

	if (read_file(AT_FDCWD, "/proc/self/status", 65536, &text, NULL) == 0)
		at = strstr(text, "\nVmHWM:");
	return at ? strtol(at + 7, NULL, 10) : -1;
#endif
}

static void print_summary(void)
{
	fprintf(out,
		"{\"stops\":%lu,\"wall_ns\":%lu,\"cpu_ns\":%lu,\"frames\":%lu,\"resident_kib\":%ld}"
		"\n",
		most.stops, most.wall_ns, most.cpu_ns, most.frames, resident());
}

static bool parse(int argc, char **argv)
{
	static const char *const names[] = {"none", "python", "native", "both"};
	bool good = true;
	int c;

	while ((c = getopt(argc, argv, "+w:o:scm")) != -1) {
		if (c == 's') {
			summary_only = true;
		} else if (c == 'c') {
			cold = true;
		} else if (c == 'm') {
			memory = true;
		} else if (c == 'o') {
			out = fopen(optarg, "we");
			good &= out != NULL;
		} else {
			size_t i = 0;

			while (c == 'w' && i < 4 && !streq(optarg, names[i]))
				i++;
			good &= c == 'w' && i < 4;
			what = (enum stack_kinds)(i & 3);
		}
	}
	return good && optind < argc;
}

int main(int argc, char **argv)
{
	int code;

	out = stdout;
	if (!parse(argc, argv)) {
		complain("usage: stack_probe [-w none|python|native|both] [-o FILE] [-sc] PROGRAM "
			 "[ARG...]");
		return EXIT_USAGE;
	}
	signal(SIGINT, SIG_IGN);
	code = start(argv + optind);
	if (code < 0)
		return EXIT_HOST;
	code = run(code);
	if (summary_only)
		print_summary();
	fclose(out);
	return code;
}
