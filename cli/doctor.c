/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proctor doctor: tries each thing that a run needs or can use, rather than looking it up, and names
 * what is missing, with what to do about it.
 */
#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/util.h"
#include "cli/scratch_memory.h"
#include "cli/tracer.h"
#include "cli/warm.h"
#include "policy/interpreter.h"
#include "tracee/abi/abi.h"
#include "tracee/landlock.h"
#include "tracee/scratch.h"
#include "tracee/trace.h"

enum finding { FINE, WEAKER, MISSING };

static enum finding worst;

static void say(enum finding finding, const char *what, const char *detail)
{
	static const char *const marks[] = { "ok     ", "weaker ", "MISSING" };

	_cleanup_buf_ struct buf shown = { 0 };

	text_args(&shown, detail ? detail : "");
	printf("%s  %s%s%s\n", marks[finding], what, detail ? ": " : "", shown.data);
	worst = MAX(worst, finding);
}

static void look_at_kernel(void)
{
	struct utsname host;

	uname(&host);
	say(FINE, "kernel", host.release);
	if (!streq(host.machine, ABI_NAME))
		say(MISSING, "architecture", "proctor knows x86-64 only");
}

static void look_at_openat2(void)
{
	const struct open_how how = { .flags = O_PATH, .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS };
	_cleanup_close_ int root = open("/", O_PATH | O_CLOEXEC);
	_cleanup_close_ int fd = (int)syscall(SYS_openat2, root, ".", &how, sizeof how);

	if (fd >= 0)
		say(FINE, "openat2", "paths are confined by the kernel itself");
	else
		say(MISSING, "openat2", errno == ENOSYS ? "needs Linux 5.6 or newer" :
							  "a seccomp filter forbids it: allow openat2 there");
}

static void look_at_seccomp(void)
{
	const uint32_t action = SECCOMP_RET_TRACE;

	if (syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0)
		say(FINE, "seccomp filters", NULL);
	else
		say(MISSING, "seccomp filters",
		    "the kernel needs CONFIG_SECCOMP_FILTER, and the container must allow seccomp(2)");
}

/* Attaches to a child of ours and reads its memory, as a run does. */
static int try_ptrace(int *ret_read)
{
	static char word[8] = "proctor";
	char copy[8] = "";
	pid_t pid = fork();
	int r;

	if (pid < 0)
		return -errno;
	if (pid == 0) {
		pause();
		_exit(0);
	}
	r = trace_seize(pid);
	if (r == 0) {
		struct iovec local = { copy, sizeof copy }, remote = { word, sizeof word };

		*ret_read = process_vm_readv(pid, &local, 1, &remote, 1, 0) == (ssize_t)sizeof word &&
				    streq(copy, word) ?
				    0 :
				    -errno;
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, __WALL);
	return r;
}

static void look_at_ptrace(void)
{
	_cleanup_free_ char *scope = NULL;
	_cleanup_buf_ struct buf tracer = { 0 };
	int read = 0, r = try_ptrace(&read);

	if (r == 0) {
		say(FINE, "ptrace", NULL);
		if (read < 0)
			say(MISSING, "process_vm_readv", "a seccomp filter forbids it: allow it there");
		return;
	}
	if (tracer_find(&tracer))
		say(MISSING, "ptrace", tracer.data);
	else if (read_file(AT_FDCWD, "/proc/sys/kernel/yama/ptrace_scope", 64, &scope, NULL) == 0 && scope[0] > '1')
		say(MISSING, "ptrace",
		    "Yama forbids it: sysctl kernel.yama.ptrace_scope=1 (or 0) as root; 3 needs a reboot");
	else
		say(MISSING, "ptrace",
		    "forbidden here: a container's seccomp profile must allow it, as Docker's default "
		    "does");
}

static void look_at_pidfd(void)
{
	_cleanup_close_ int pidfd = (int)syscall(SYS_pidfd_open, getpid(), 0);
	_cleanup_close_ int fd = pidfd < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, pidfd, pidfd, 0);

	if (fd >= 0)
		say(FINE, "pidfd_getfd", NULL);
	else if (pidfd >= 0)
		say(FINE, "pidfd_getfd", "forbidden here, as in Docker: descriptors are handed over instead");
	else
		say(MISSING, "pidfd_open", errno == ENOSYS ? "needs Linux 5.3 or newer" :
							     "a seccomp filter forbids it: allow it there");
}

static void look_at_walls(void)
{
	int abi = landlock_abi();
	char text[96];

	if (scratch_can_seal())
		say(FINE, "mseal", "the scratch is sealed by the kernel");
	else
		say(WEAKER, "mseal", "absent before Linux 6.10: the filter guards the scratch instead");
	snprintf(text, sizeof text, "ABI %d%s", abi, abi < 6 ? "; 6 and newer also scope signals and sockets" : "");
	if (abi > 0)
		say(abi < 6 ? WEAKER : FINE, "Landlock, the second wall", text);
	else
		say(WEAKER, "Landlock, the second wall",
		    "not there: Linux 5.13 or newer with landlock in the lsm= boot parameter has it");
}

/* Without a pool nothing is missing. */
static void look_at_pool(const struct interpreter *interpreter)
{
	say(FINE, "proctor pool",
	    warm_can_hold(interpreter) ? "can hold this python3" : "not for this python3: CPython 3.9 to 3.13 can be held");
}

static void look_at_scratch(void)
{
	const struct scratch_memory memory = { .bytes = 1 << 16, .files = 1, .path = "/s" };
	int mount = -1, parent = -1, root = -1, r = scratch_memory_make(&memory, &mount, &parent, &root);
	char text[160];

	snprintf(text, sizeof text, "in a directory, proctor counts: a tmpfs of its own needs Linux 5.2 and user namespaces (%s)",
		 strerror(-r));
	if (r == 0)
		say(FINE, "--scratch", "in memory, the kernel counts its bytes and files");
	else
		say(WEAKER, "--scratch", text);
	close(root);
	close(parent);
	close(mount);
}

static void look_at_python(void)
{
	struct interpreter interpreter = { 0 };
	_cleanup_buf_ struct buf message = { 0 };
	int r = interpreter_find("python3", getenv("PATH"), NULL, &interpreter, &message);
	char text[256];
	bool known;

	if (r < 0) {
		say(WEAKER, "python3",
		    "not in PATH: install Debian's python3, or say --python PATH at each run");
		return;
	}
	known = interpreter.is_python && !interpreter.is_pypy && interpreter.minor >= 9 && interpreter.minor <= 15;
	if (interpreter.is_python)
		snprintf(text, sizeof text, "%s (%s %d.%d)%s", interpreter.argv0, interpreter_kind(&interpreter),
			 interpreter.major, interpreter.minor,
			 known ? "" : ", whose Python stacks are not known: refusals are told without a line");
	else
		snprintf(text, sizeof text, "%s is no Python that proctor knows: say --python PATH at each run",
			 interpreter.argv0);
	say(known ? FINE : WEAKER, "python3", text);
	look_at_pool(&interpreter);
	interpreter_fini(&interpreter);
}

static void look_at_proc(void)
{
	if (access("/proc/self/fd", F_OK) == 0)
		say(FINE, "/proc", NULL);
	else
		say(MISSING, "/proc", "mount it: mount -t proc proc /proc");
}

int cmd_doctor(int argc, char **argv)
{
	if (argc > 1) {
		bool help = streq(argv[1], "--help") || streq(argv[1], "-h");

		if (!help)
			complain("doctor: takes no arguments");
		fputs("usage: proctor doctor [-h|--help]\n", help ? stdout : stderr);
		return help ? 0 : EXIT_USAGE;
	}
	look_at_kernel();
	look_at_proc();
	look_at_ptrace();
	look_at_seccomp();
	look_at_openat2();
	look_at_pidfd();
	look_at_walls();
	look_at_scratch();
	say(FINE, "quota of a write rule", "proctor counts, each write stops");
	look_at_python();
	puts(worst == MISSING ? "proctor cannot run here: see MISSING above." :
	     worst == WEAKER  ? "proctor runs here; see what is weaker above." :
				"proctor runs here with everything it can use.");
	return worst == MISSING ? EXIT_HOST : 0;
}
