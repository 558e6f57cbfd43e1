/* SPDX-License-Identifier: Apache-2.0 */
#include "grade/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cores.h"

static int set_limit(__rlimit_resource_t which, uint64_t value)
{
	struct rlimit limit;

	if (value == 0)
		return 0;
	if (getrlimit(which, &limit) < 0)
		return -errno;
	limit.rlim_max = MIN(limit.rlim_max, value);
	limit.rlim_cur = limit.rlim_max;
	return setrlimit(which, &limit) < 0 ? -errno : 0;
}

static int set_limits(const struct launch *launch)
{
	int r = set_limit(RLIMIT_CPU, (launch->cpu_ns + 999999999) / 1000000000);

	if (r == 0)
		r = set_limit(RLIMIT_AS, launch->memory_bytes);
	if (r == 0)
		r = set_limit(RLIMIT_FSIZE, launch->file_bytes);
	return r;
}

static int set_core(int core)
{
	struct cores all, one;

	if (core < 0 || !cores_get(0, &all) || !cores_alone(&all, core, &one) || cores_set(0, &one))
		return 0;
	/* The core may have been taken from us meanwhile: any other core will do. */
	return errno == EINVAL ? 0 : -errno;
}

/* 0, 1, 2 are in place when this returns 0; IN, OUT and ERR may be any numbers, the same or among 0 to 2. */
static int set_stdio(const struct launch *launch)
{
	int from[3] = { launch->in, launch->out, launch->err }, i;

	for (i = 0; i < 3; i++) {
		from[i] = fcntl(from[i], F_DUPFD_CLOEXEC, 3);
		if (from[i] < 0)
			return -errno;
	}
	for (i = 0; i < 3; i++)
		if (dup2(from[i], i) < 0)
			return -errno;
	return 0;
}

static int prepare_child(const struct launch *launch, pid_t parent)
{
	sigset_t none;
	int r;

	/* However this process ends, it must not leave runs behind. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || (getppid() != parent && getppid() != 0))
		return -ESRCH;
	if (launch->own_group && setpgid(0, 0) < 0)
		return -errno;
	if (launch->keep_fd >= 0 && fcntl(launch->keep_fd, F_SETFD, 0) < 0)
		return -errno;
	r = set_core(launch->core);
	if (r == 0)
		r = set_limits(launch);
	if (r == 0)
		r = set_stdio(launch);
	if (r == 0 && launch->cwd && chdir(launch->cwd) < 0)
		r = -errno;
	signal(SIGPIPE, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	return r;
}

int launch_start(const struct launch *launch, struct child *ret)
{
	pid_t parent = getpid(), pid;
	int pidfd, r;

	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0) {
		r = prepare_child(launch, parent);
		if (r == 0 && launch->run)
			_exit(launch->run(launch->run_arg));
		if (r == 0) {
			execvp(launch->file ? launch->file : launch->argv[0], launch->argv);
			r = -errno;
		}
		/* When the parent is gone, there is nobody to tell. */
		if (r != -ESRCH)
			complain("%s: %s", launch->argv[0], strerror(-r));
		_exit(EXIT_NOT_FOUND);
	}
	pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (pidfd < 0) {
		r = -errno;
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		return r;
	}
	*ret = (struct child){ .pid = pid, .pidfd = pidfd, .own_group = launch->own_group };
	return 0;
}

void child_kill(const struct child *child)
{
	kill(child->pid, SIGKILL);
	if (child->own_group)
		kill(-child->pid, SIGKILL);
}

int child_collect(struct child *child, struct child_end *ret)
{
	struct rusage usage;
	siginfo_t info;
	int status, r;

	/* Until the child has been collected, no other process or group can get its number. */
	do {
		r = waitid(P_PID, (id_t)child->pid, &info, WEXITED | WNOWAIT);
	} while (r < 0 && errno == EINTR);
	if (r == 0 && child->own_group)
		kill(-child->pid, SIGKILL);
	do {
		r = wait4(child->pid, &status, 0, &usage) < 0 ? -errno : 0;
	} while (r == -EINTR);
	close(child->pidfd);
	child->pidfd = -1;
	if (r < 0)
		return r;
	ret->status = status;
	ret->cpu_ns = (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000000 +
		      (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1000;
	return 0;
}
