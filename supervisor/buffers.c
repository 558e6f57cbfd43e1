/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/buffers.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "supervisor/lend.h"
#include "supervisor/plan.h"
#include "supervisor/call.h"

enum {
	PIPE_BYTES = 16 * ABI_PAGE, /* pipe(7); the size cannot be changed */
	WATCH_BYTES = 256,	/* fs/eventpoll.c: EP_ITEM_COST, and its place in a slab */
	USUAL_SOCKET_BYTES = 212992,
	SHARE_AT_LEAST = 8, /* one part in so many of the limit, however much is resident */
};

static const struct rule rule_memory = { RULE_LIMIT, "limit", "builtin:limits" };

/* What is sent on a socket is charged to it until it is read: net.core.wmem_default. */
uint64_t buffers_of_socket(struct buffers *buffers)
{
	int ends[2], size = 0;
	socklen_t len = sizeof size;

	if (buffers->socket_bytes)
		return buffers->socket_bytes;
	buffers->socket_bytes = USUAL_SOCKET_BYTES;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0) {
		if (getsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &size, &len) == 0 && size > 0)
			buffers->socket_bytes = (uint64_t)size;
		close(ends[0]);
		close(ends[1]);
	}
	return buffers->socket_bytes;
}

/* How much the call could come to hold; 0 for one that is not counted. */
static uint64_t cost_of(struct buffers *buffers, const struct request *request)
{
	switch (request->nr) {
	case SYS_pipe:
	case SYS_pipe2:
		return PIPE_BYTES;
	case SYS_socketpair:
	case SYS_socket: /* what it sends, and what comes */
	case SYS_accept:
	case SYS_accept4:
		return 2 * buffers_of_socket(buffers);
	case SYS_epoll_ctl:
		return (uint32_t)request->args[1] == EPOLL_CTL_ADD ? WATCH_BYTES : 0;
	default:
		return 0;
	}
}

/* ------------------------------------------------------------------ what is open */

static int compare_numbers(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* Sockets have odd numbers in the list and pipes even ones, so that each is counted once however many descriptors it has. */
static uint64_t count_distinct(uint64_t *list, size_t n, uint64_t socket)
{
	uint64_t bytes = 0;
	size_t i;

	qsort(list, n, sizeof *list, compare_numbers);
	for (i = 0; i < n; i++)
		if (i == 0 || list[i] != list[i - 1])
			bytes += list[i] & 1 ? socket : (uint64_t)PIPE_BYTES;
	return bytes;
}

/* Each watch of an epoll instance is a line "tfd: …" in its fdinfo (proc_pid_fdinfo(5)). */
static uint64_t count_watches(pid_t tid, const char *name)
{
	char path[64], line[512];
	uint64_t n = 0;
	_cleanup_fclose_ FILE *f = NULL;
	int fd;

	snprintf(path, sizeof path, "fdinfo/%.16s", name);
	fd = open_proc(tid, path, O_RDONLY);
	f = fd < 0 ? NULL : fdopen(fd, "r");
	if (!f) {
		if (fd >= 0)
			close(fd);
		return 0;
	}
	while (fgets(line, sizeof line, f))
		n += after_prefix(line, "tfd:") != NULL;
	return n;
}

/* What is open, as count_distinct() takes it, and what is watched besides. */
struct found {
	uint64_t *list;
	size_t n, room;
	uint64_t watched_bytes;
};

/* All that thread TID has open. False: it cannot be seen. */
static bool list_open(struct found *found, pid_t tid)
{
	int fd = open_proc(tid, "fd", O_RDONLY | O_DIRECTORY);
	_cleanup_closedir_ DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	if (!dir) {
		if (fd >= 0)
			close(fd);
		return false;
	}
	while ((entry = readdir(dir))) {
		char text[64];
		ssize_t len = readlinkat(dirfd(dir), entry->d_name, text, sizeof text - 1);
		bool socket;

		if (len <= 0)
			continue;
		text[len] = '\0';
		socket = after_prefix(text, "socket:[") != NULL;
		if (socket || after_prefix(text, "pipe:[")) {
			grow_array(&found->list, &found->room, found->n + 1, sizeof *found->list);
			found->list[found->n++] = strtoull(strchr(text, '[') + 1, NULL, 10) * 2 + socket;
		} else if (streq(text, "anon_inode:[eventpoll]")) {
			found->watched_bytes += count_watches(tid, entry->d_name) * WATCH_BYTES;
		}
	}
	return true;
}

/* What process PID has open, by one of its threads: the first may be gone, and then has nothing open. */
static bool list_open_of(struct found *found, const struct tasks *tasks, pid_t pid)
{
	const struct task *task;

	for (task = tasks->first; task; task = task->hh.next)
		if (task->tgid == pid && !task->gone && list_open(found, task->tid))
			return true;
	return false;
}

/* How much all that the program has open, in all of its processes, could hold. False: it cannot be seen. */
static bool count_open(const struct view *view, uint64_t *ret_bytes)
{
	const struct process *process;
	struct found found = { 0 };
	bool seen = true;

	for (process = view->tasks->processes; process && seen; process = process->hh.next)
		seen = list_open_of(&found, view->tasks, process->pid);
	*ret_bytes = found.watched_bytes;
	if (found.n)
		*ret_bytes += count_distinct(found.list, found.n, buffers_of_socket(view->buffers));
	free(found.list);
	return seen;
}

/* Calls of other threads that are under way may or may not show yet. */
static uint64_t count_under_way(const struct view *view)
{
	const struct task *task;
	uint64_t bytes = 0;

	for (task = view->tasks->first; task; task = task->hh.next)
		if (task->state == TASK_IN_CALL && task->call)
			bytes += cost_of(view->buffers, &task->call->request);
	return bytes;
}

static void count_anew(const struct view *view)
{
	struct buffers *buffers = view->buffers;
	uint64_t under_way = count_under_way(view), bytes;

	if (count_open(view, &bytes))
		buffers->bytes = MIN(buffers->bytes, bytes + under_way);
}

struct plan buffers_fit(const struct view *view, const struct request *request, struct plan plan)
{
	uint64_t limit = view->ground->policy->limits.memory_bytes, cost = cost_of(view->buffers, request), room;

	if (limit == UINT64_MAX || cost == 0 || view->ground->audits)
		return plan;
	room = MAX(limit - MIN(limit, view->watch->peak_memory), limit / SHARE_AT_LEAST);
	if (view->buffers->bytes + cost > room)
		count_anew(view);
	if (view->buffers->bytes + cost > room)
		return plan_hide(rule_memory, request->nr == SYS_epoll_ctl ? ENOSPC : ENFILE);
	plan.held = cost;
	return plan;
}

void buffers_take(struct buffers *buffers, uint64_t bytes)
{
	buffers->bytes += bytes;
}
