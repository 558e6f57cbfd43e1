/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls that change a file by its descriptor. A regular file that the program has open for writing, other than
 * stdin, stdout or stderr, can only come from a write grant, or is the run's own shared memory: nothing else is
 * opened so, and nothing else was inherited. The supervisor works on a duplicate that it holds, so that no other
 * thread can put stdout in the file's place between check and act; where none of the three is such a file, there is
 * nothing to put there, and the filter lets these calls pass (FACT_WRITES_FREE). What is copied from one file to such a
 * one is copied by the supervisor too.
 */
#include "supervisor/handlers/own_file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/util.h"
#include "supervisor/handlers/handlers.h"
#include "supervisor/lend.h"
#include "tracee/memory.h"

enum {
	WRITE_MAX = 64 << 20, /* of one call: a longer write is cut short, as by a signal */
	COPIED_MAX = 1 << 15, /* to copy so much costs less than the second stop of a call whose result is recorded */
	BLOCK = 1 << 17,      /* copied at a time: small enough to be in the cache still when it is written */
	PARTS_MAX = 1024, /* IOV_MAX */
	SET_ID = S_ISUID | S_ISGID,
};

static bool can_write(int flags)
{
	return flags >= 0 && !(flags & O_PATH) && (flags & O_ACCMODE) != O_RDONLY;
}

static bool is_own_stat(const struct view *view, const struct stat *st, int flags)
{
	return view->ground->policy->writes && can_write(flags) && S_ISREG(st->st_mode) &&
	       !is_stdio_stat(view->ground, st, ANY_STDIO);
}

bool is_own_file(const struct view *view, int fd, int flags)
{
	struct stat st;

	return can_write(flags) && fstat(fd, &st) == 0 && is_own_stat(view, &st, flags);
}

bool is_own_descriptor(const struct view *view, pid_t tid, int fd)
{
	_cleanup_close_ int lent = view->ground->policy->writes ? lend_look(view, tid, fd) : -EBADF;

	return lent >= 0 && is_own_file(view, lent, lend_flags(tid, fd, lent));
}

static bool is_own(const struct view *view, int fd)
{
	return is_own_file(view, fd, fcntl(fd, F_GETFL));
}

/*
 * Is FD, the supervisor's duplicate, a file or directory whose mode and times the program may change by its name? It
 * need not be open for writing for that. The name is the one that the kernel has for it now. Like any other it is
 * resolved and decided on, and has to lead to that very file: one that was opened elsewhere has another name, also if
 * it is a link to the same file, and one that was removed has none.
 */
static bool is_granted_by_name(const struct view *view, const struct call *call, int fd)
{
	const struct request *request = &call->request;
	_cleanup_free_ struct object *object = NULL;
	char path[PATH_MAX];
	struct stat st, named;
	size_t n = lend_name(fd, path, sizeof path, &st);
	bool granted;

	if (n == 0)
		return false;
	object = xcalloc(1, sizeof *object);
	*object = (struct object)OBJECT_INIT;
	resolve(view->resolver, request->tgid, request->tid, AT_FDCWD, view->ground->reserved_fd, path, n,
		0, object);
	granted = object->state == OBJECT_FOUND && fstat(object->fd, &named) == 0 && named.st_dev == st.st_dev &&
		  named.st_ino == st.st_ino &&
		  policy_decide_path(view->ground->policy, WANT_CHANGE, object->path, object->len).action == ACTION_ALLOW;
	object_fini(object);
	return granted;
}

/* The refusal that the call gets where no policy grants writing. */
static struct plan refuse(const struct view *view, const struct call *call)
{
	return plan_deny(view->ground->policy, call->request.row->err);
}

/* Refuses to change FD, which is not the program's own; with the kernel's error where it is open for reading only. */
static struct plan refuse_contents(const struct view *view, const struct call *call, int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags >= 0 && ((flags & O_PATH) || (flags & O_ACCMODE) == O_RDONLY))
		return plan_answer(call->request.nr == SYS_ftruncate && !(flags & O_PATH) ? -EINVAL : -EBADF);
	return refuse(view, call);
}

static struct plan result_of(long r)
{
	return plan_answer(r < 0 ? -errno : r);
}

/* Writing beyond the limit that proctor's caller set, for both it and the program, would end proctor by a signal. */
static bool is_too_long(const struct view *view, uint64_t offset, uint64_t size)
{
	uint64_t end;

	return __builtin_add_overflow(offset, size, &end) || end > view->ground->longest_file;
}

/* ------------------------------------------------------------------ what is stored */

/* The file behind a descriptor, where it is counted. */
struct room {
	struct counted *file;
	uint64_t end; /* how long it may become; UINT64_MAX: it is not counted */
	uint64_t size;
};

/* False: PLAN answers. A file that is not entered yet may have been opened by a call that has not returned. */
static bool find_room_of(const struct view *view, const struct stat *st, struct room *ret, struct plan *plan)
{
	*ret = (struct room){ .end = UINT64_MAX };
	if (!view->ledger)
		return true;
	ret->file = ledger_look(view->ledger, st);
	ret->size = (uint64_t)st->st_size;
	if (ret->file ? ledger_is_written(ret->file) : !ledger_may_open(view->ledger)) {
		*plan = plan_wait();
		return false;
	}
	if (ret->file)
		ret->end = ledger_reach(view->ledger, ret->file, st);
	return true;
}

static bool find_room(const struct view *view, int fd, struct room *ret, struct plan *plan)
{
	struct stat st;

	*ret = (struct room){ .end = UINT64_MAX };
	return !view->ledger || fstat(fd, &st) < 0 || find_room_of(view, &st, ret, plan);
}

/* Enters what has become of the file. */
static void settle_room(const struct room *room, int fd)
{
	if (room->file)
		ledger_settle(room->file, fd);
}

/* The same after a write: DONE bytes at AT, or an error. Nobody else has changed the file meanwhile. */
static void settle_write(const struct room *room, int fd, uint64_t at, int64_t done)
{
	if (done <= 0)
		settle_room(room, fd);
	else if (room->file)
		ledger_settle_at(room->file, MAX(room->size, at + (uint64_t)done));
}

static struct plan full(const struct view *view, const struct room *room)
{
	return plan_full(view, ledger_grant(room->file), false);
}

static struct plan set_length(const struct view *view, struct call *call, int fd)
{
	int64_t length = (int64_t)call->request.args[1];
	struct room room;
	struct plan plan;

	/* Pages of shared memory are made when they are written to, and counted then. */
	if (!is_own(view, fd) && !is_shared_piece(view, fd))
		return refuse_contents(view, call, fd);
	if (length > 0 && is_too_long(view, 0, (uint64_t)length))
		return plan_answer(-EFBIG);
	if (!find_room(view, fd, &room, &plan))
		return plan;
	if (length > 0 && (uint64_t)length > MAX(room.end, room.size))
		return full(view, &room);
	plan = result_of(ftruncate(fd, length));
	settle_room(&room, fd);
	return plan;
}

/*
 * Allocating in memory fills it before the call returns, and the supervisor would look at no limit meanwhile. Not so in
 * the scratch, which has a bound.
 */
static bool is_in_memory(const struct view *view, int fd)
{
	struct statfs fs;
	struct stat st;

	if (view->ground->detached && fstat(fd, &st) == 0 && st.st_dev == view->ground->detached_dev)
		return false;
	return fstatfs(fd, &fs) < 0 || fs.f_type == TMPFS_MAGIC || fs.f_type == RAMFS_MAGIC;
}

/* A file is counted at its length: does MODE store nothing beyond that? */
static bool keeps_to_length(int mode, uint64_t end, uint64_t size)
{
	switch (mode) {
	case 0:
	case FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE:
	case FALLOC_FL_ZERO_RANGE:
		return true;
	case FALLOC_FL_KEEP_SIZE:
	case FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE:
		return end <= size;
	default:
		return false;
	}
}

static struct plan allocate(const struct view *view, struct call *call, int fd)
{
	const uint64_t *args = call->request.args;
	int mode = (int)args[1];
	struct room room;
	struct plan plan;

	if (!is_own(view, fd))
		return refuse_contents(view, call, fd);
	if ((int64_t)args[2] < 0 || (int64_t)args[3] <= 0)
		return plan_answer(-EINVAL);
	if (is_too_long(view, args[2], args[3]))
		return plan_answer(-EFBIG);
	if (is_in_memory(view, fd))
		return plan_answer(-EOPNOTSUPP); /* posix_fallocate(3) writes to each page then */
	if (!find_room(view, fd, &room, &plan))
		return plan;
	if (room.file && !keeps_to_length(mode, args[2] + args[3], room.size))
		return plan_answer(-EOPNOTSUPP);
	if (!(mode & FALLOC_FL_PUNCH_HOLE) && args[2] + args[3] > room.end)
		return full(view, &room);
	plan = result_of(fallocate(fd, mode, (off_t)args[2], (off_t)args[3]));
	settle_room(&room, fd);
	return plan;
}

static struct plan set_mode(const struct view *view, struct call *call, int fd)
{
	mode_t mode = (mode_t)call->request.args[1] & 07777;

	if (!is_own(view, fd) && !is_granted_by_name(view, call, fd))
		return refuse(view, call);
	if (mode & SET_ID)
		return plan_deny(view->ground->policy, EPERM);
	return result_of(fchmod(fd, mode));
}

/* As root, programs give files the owner that they have already (sqlite does), even files opened for reading only.
 * Nothing is done. */
static struct plan keep_owner(const struct view *view, struct call *call, int fd)
{
	uid_t uid = (uid_t)call->request.args[1];
	gid_t gid = (gid_t)call->request.args[2];
	struct stat st;

	if (fstat(fd, &st) < 0 || (uid != (uid_t)-1 && uid != st.st_uid) ||
	    (gid != (gid_t)-1 && gid != st.st_gid))
		return refuse(view, call);
	return plan_answer(0);
}

static struct plan set_times(const struct view *view, struct call *call, int fd)
{
	struct timespec times[2] = { { .tv_nsec = UTIME_NOW }, { .tv_nsec = UTIME_NOW } };

	if (!is_own(view, fd) && !is_granted_by_name(view, call, fd))
		return refuse(view, call);
	if (call->request.args[2] && memory_read(call->request.tid, call->request.args[2], times, sizeof times) < 0)
		return plan_error(EFAULT);
	if (call->request.args[3])
		return plan_error(EINVAL);
	return result_of(futimens(fd, times));
}

/* ------------------------------------------------------------------ writing */

/*
 * Is CALL, a long write to the file of ROOM at AT, left to the kernel? PLAN does that then.
 *
 * By the run's only thread it is made as it stands: nobody can change the offset or the descriptor. Beside others it is
 * made at the offset that was looked at, whoever moves the one of the open file; calls that could put another file
 * under the number wait for it, and so does everything that changes the length of this file. It is paid for as if it
 * began at the end, where it does if O_APPEND is set meanwhile.
 */
static bool is_left_to_kernel(const struct view *view, const struct call *call, uint64_t at, const struct room *room,
			      struct plan *plan)
{
	const uint64_t *args = call->request.args;
	uint32_t nr = call->request.nr;
	bool alone = view->tasks->n == 1;
	uint64_t end;

	/* What was handed over may not be what the kernel finds now: a thread that has ended since had the time. */
	if (!room->file || call->handed || args[2] <= COPIED_MAX || (nr != SYS_write && nr != SYS_pwrite64) ||
	    __builtin_add_overflow(alone ? at : MAX(at, room->size), args[2], &end) || end > room->end)
		return false;
	*plan = alone ? plan_pass() : plan_call(call);
	plan->ledger = alone ? LEDGER_WRITE : LEDGER_WRITE_BESIDE;
	plan->stored = room->file;
	plan->stored_end = MAX(end, room->size); /* its holes too */
	if (alone)
		return true;
	if (!output_may_write_elsewhere(view->output)) {
		*plan = plan_wait();
		return true;
	}
	plan->output = OUTPUT_ELSEWHERE;
	plan->nr = SYS_pwrite64;
	plan->args[3] = at;
	plan->finish = nr == SYS_write ? FINISH_WRITTEN : FINISH_PLAIN;
	return true;
}

/* Where a call writes to: FD, at AT. MOVES: FD's own offset is there, nobody else can move it, and it goes along. */
struct place {
	int fd;
	uint64_t at;
	bool moves;
};

/* Writes SIZE bytes at ADDR to TO, DONE bytes further, in blocks through BUFFER. How many were written, or -errno if
 * none was. */
static int64_t write_at(pid_t tid, const struct place *to, uint64_t addr, uint64_t size, uint64_t offset, char *buffer)
{
	uint64_t done = 0;

	while (done < size) {
		size_t some = (size_t)MIN(size - done, (uint64_t)BLOCK);
		ssize_t n;

		if (memory_read(tid, addr + done, buffer, some) < 0)
			return done ? (int64_t)done : -EFAULT;
		n = to->moves ? write(to->fd, buffer, some) : pwrite(to->fd, buffer, some, (off_t)(offset + done));
		if (n < 0)
			return done ? (int64_t)done : -errno;
		done += (uint64_t)n;
		if ((size_t)n < some)
			break;
	}
	return (int64_t)done;
}

/* Writes the N PARTS one after the other, as far as there is room; RET_DONE is how many bytes. Returns the plan that
 * answers the call. */
static struct plan write_all(const struct view *view, const struct call *call, const struct place *to,
			     const struct iovec *parts, uint64_t n, const struct room *room, int64_t *ret_done)
{
	_cleanup_free_ char *buffer = NULL;
	struct plan plan = plan_answer(0);
	int64_t done = 0, r;
	uint64_t i;

	for (i = 0; i < n && done < WRITE_MAX; i++) {
		uint64_t size = MIN((uint64_t)parts[i].iov_len, (uint64_t)(WRITE_MAX - done)), at = to->at + (uint64_t)done;

		if (size == 0)
			continue;
		if (at >= room->end) {
			plan = full(view, room);
			break;
		}
		size = MIN(size, room->end - at);
		if (is_too_long(view, at, size)) {
			plan = plan_answer(-EFBIG);
			break;
		}
		if (!buffer) /* aligned as O_DIRECT wants it */
			buffer = aligned_alloc(ABI_PAGE, MIN((size + ABI_PAGE - 1) & ~(uint64_t)(ABI_PAGE - 1), (uint64_t)BLOCK));
		r = buffer ? write_at(call->request.tid, to, (uint64_t)(uintptr_t)parts[i].iov_base, size, at, buffer) :
			     -ENOMEM;
		if (r < 0) {
			plan = plan_answer(r);
			break;
		}
		done += r;
		if ((uint64_t)r < parts[i].iov_len)
			break;
	}
	*ret_done = done;
	return done ? plan_answer(done) : plan;
}

/* What the call is to write: one part, or a list of them, copied to PARTS. 0 or an errno. */
static int read_parts(const struct call *call, struct iovec **ret_parts, uint64_t *ret_n)
{
	const uint64_t *args = call->request.args;
	bool one = call->request.nr == SYS_write || call->request.nr == SYS_pwrite64;
	uint64_t i, n = one ? 1 : args[2];

	if (n > PARTS_MAX)
		return EINVAL;
	*ret_n = n;
	*ret_parts = xcalloc(MAX(n, 1u), sizeof **ret_parts);
	if (one)
		**ret_parts = (struct iovec){ (void *)(uintptr_t)args[1], args[2] };
	else if (n && memory_read(call->request.tid, args[1], *ret_parts, n * sizeof **ret_parts) < 0)
		return EFAULT;
	for (i = 0; i < n; i++)
		if ((int64_t)(*ret_parts)[i].iov_len < 0)
			return EINVAL;
	return 0;
}

/* Writes what CALL says to TO. RET_DONE: how many bytes. */
static struct plan write_parts(const struct view *view, const struct call *call, const struct place *to,
			       const struct room *room, int64_t *ret_done)
{
	_cleanup_free_ struct iovec *parts = NULL;
	struct plan plan;
	uint64_t n;
	int err = read_parts(call, &parts, &n);

	*ret_done = 0;
	if (err)
		return plan_answer(-err);
	plan = write_all(view, call, to, parts, n, room, ret_done);
	settle_write(room, to->fd, to->at, *ret_done);
	return plan;
}

static struct plan write_there(const struct view *view, struct call *call, int fd)
{
	const uint64_t *args = call->request.args;
	int flags = fcntl(fd, F_GETFL);
	struct room room;
	struct plan plan;
	struct stat st;
	uint64_t at;
	int64_t done;

	if (fstat(fd, &st) < 0 || !is_own_stat(view, &st, flags))
		return refuse_contents(view, call, fd);
	if (call->request.nr == SYS_pwritev2 && args[5])
		return plan_hide(rule_syscall, EOPNOTSUPP);
	if ((int64_t)args[3] < 0)
		return plan_answer(-EINVAL);
	if (!find_room_of(view, &st, &room, &plan))
		return plan;
	at = room.file && (flags & O_APPEND) ? room.size : args[3];
	if (is_left_to_kernel(view, call, at, &room, &plan))
		return plan;
	return write_parts(view, call, &(struct place){ .fd = fd, .at = at }, &room, &done);
}

/* write(2) and writev(2). The offset belongs to the open file, which other processes may share: it may change
 * meanwhile, so it is read once, and set when the data has been written. */
struct plan write_counted(const struct view *view, struct call *call, int fd)
{
	int flags = fcntl(fd, F_GETFL);
	struct room room;
	struct plan plan;
	struct place to;
	struct stat st;
	int64_t done;
	bool is_given;
	off_t at;

	if (!can_write(flags) || fstat(fd, &st) < 0)
		return plan_answer(-EBADF);
	if (!find_room_of(view, &st, &room, &plan))
		return plan;
	if (!room.file)
		return plan_again(); /* another thread has put something else in its place */
	at = flags & O_APPEND ? st.st_size : lseek(fd, 0, SEEK_CUR);
	if (at < 0)
		return plan_answer(-errno);
	/* The offset of a file that the program was given is its caller's too, who could move it. */
	is_given = is_stdio_stat(view->ground, &st, ANY_STDIO);
	if (!is_given && is_left_to_kernel(view, call, (uint64_t)at, &room, &plan))
		return plan;
	to = (struct place){ fd, (uint64_t)at, !is_given && view->tasks->n == 1 };
	plan = write_parts(view, call, &to, &room, &done);
	if (done && !to.moves)
		lseek(fd, at + done, SEEK_SET);
	return plan;
}

/* ------------------------------------------------------------------ copying */

/* One end of a copy: a duplicate of the program's descriptor, and from where. */
struct end {
	int fd;
	uint64_t addr; /* of the offset, in the program; 0: the descriptor's own counts */
	off_t at;
};

static int begin_at(const struct call *call, struct end *end)
{
	if (!end->addr)
		end->at = lseek(end->fd, 0, SEEK_CUR);
	else if (memory_read(call->request.tid, end->addr, &end->at, sizeof end->at) < 0)
		return EFAULT;
	return end->at < 0 ? EINVAL : 0;
}

static void end_at(struct call *call, const struct end *end, int64_t done)
{
	off_t at = end->at + (off_t)done;

	if (end->addr)
		plan_write(call, end->addr, &at, sizeof at);
	else
		lseek(end->fd, at, SEEK_SET);
}

/* Copies up to SIZE bytes, as far as there is room; RET_DONE is how many. Returns the plan that answers the call. */
static struct plan copy_blocks(const struct view *view, const struct end *from, const struct end *to, uint64_t size,
			       const struct room *room, int64_t *ret_done)
{
	_cleanup_free_ char *buffer = aligned_alloc(ABI_PAGE, BLOCK);
	struct plan plan = plan_answer(buffer ? 0 : -ENOMEM);
	uint64_t done = 0, at;
	ssize_t n = 1;

	for (; buffer && n > 0 && done < size; done += (uint64_t)MAX(n, 0)) {
		at = (uint64_t)to->at + done;
		n = pread(from->fd, buffer, MIN(size - done, (uint64_t)BLOCK), from->at + (off_t)done);
		if (n > 0 && at >= room->end) {
			plan = full(view, room);
			break;
		}
		n = n > 0 ? (ssize_t)MIN((uint64_t)n, room->end - at) : n;
		if (n > 0 && is_too_long(view, at, (uint64_t)n)) {
			plan = plan_answer(-EFBIG);
			break;
		}
		n = n > 0 ? pwrite(to->fd, buffer, (size_t)n, (off_t)at) : n;
		if (n < 0)
			plan = plan_answer(-errno);
	}
	*ret_done = (int64_t)done;
	return done ? plan_answer((int64_t)done) : plan;
}

/* Not offered for what is no regular file, which the supervisor would have to wait for; nor from stdout, whose offset
 * is not the program's to set. */
static bool is_copied(const struct view *view, const struct end *from, const struct end *to)
{
	struct stat st;

	return fstat(from->fd, &st) == 0 && S_ISREG(st.st_mode) && !is_stdio_stat(view->ground, &st, STDOUT_OR_STDERR) &&
	       is_own(view, to->fd);
}

static struct plan copy(const struct view *view, struct call *call, struct end *from, struct end *to, uint64_t size)
{
	bool range = call->request.nr == SYS_copy_file_range;
	int flags = fcntl(from->fd, F_GETFL), to_flags = fcntl(to->fd, F_GETFL), err;
	struct stat st, to_st;
	struct room room;
	struct plan plan;
	int64_t done;

	if (flags < 0 || to_flags < 0 || ((flags | to_flags) & O_PATH) || (flags & O_ACCMODE) == O_WRONLY ||
	    (to_flags & O_ACCMODE) == O_RDONLY)
		return plan_answer(-EBADF);
	if (!is_copied(view, from, to))
		return plan_hide(rule_syscall, ENOSYS);
	if (to_flags & O_APPEND)
		return plan_answer(range ? -EBADF : -EINVAL);
	err = begin_at(call, from);
	err = err ? err : begin_at(call, to);
	if (err)
		return plan_answer(-err);
	size = MIN(size, (uint64_t)WRITE_MAX);
	if (fstat(from->fd, &st) < 0 || fstat(to->fd, &to_st) < 0)
		return plan_answer(-errno);
	if (range && st.st_dev == to_st.st_dev && st.st_ino == to_st.st_ino &&
	    (uint64_t)from->at < (uint64_t)to->at + size && (uint64_t)to->at < (uint64_t)from->at + size)
		return plan_answer(-EINVAL);
	if (!find_room(view, to->fd, &room, &plan))
		return plan;
	plan = copy_blocks(view, from, to, size, &room, &done);
	end_at(call, from, done);
	end_at(call, to, done);
	settle_room(&room, to->fd);
	return plan;
}

static struct plan send_file(const struct view *view, struct call *call, int fd)
{
	const uint64_t *args = call->request.args;
	struct end from = { .fd = call->second, .addr = args[2] }, to = { .fd = fd };

	return copy(view, call, &from, &to, args[3]);
}

static struct plan copy_range(const struct view *view, struct call *call, int fd)
{
	const uint64_t *args = call->request.args;
	struct end from = { .fd = fd, .addr = args[1] }, to = { .fd = call->second, .addr = args[3] };

	if (args[5])
		return plan_answer(-EINVAL);
	return copy(view, call, &from, &to, args[4]);
}

struct plan handle_copy(const struct view *view, struct call *call)
{
	if (!view->ground->policy->writes || view->ground->audits)
		return plan_hide(rule_syscall, ENOSYS);
	return call->request.nr == SYS_sendfile ? plan_two_descriptors(send_file, (int)call->request.args[1]) :
						  plan_two_descriptors(copy_range, (int)call->request.args[2]);
}

/* ------------------------------------------------------------------ the calls */

static struct plan on_own(const struct view *view, const struct call *call, descriptor_fn *then)
{
	bool shared = then == set_length && (view->shared->n_pieces || view->ground->audits);

	return view->ground->policy->writes || shared ? plan_descriptor(then) : refuse(view, call);
}

struct plan handle_own_times(const struct view *view, struct call *call)
{
	return on_own(view, call, set_times);
}

struct plan handle_own_file(const struct view *view, struct call *call)
{
	static const struct {
		uint32_t nr;
		descriptor_fn *then;
	} calls[] = {
		{ SYS_ftruncate, set_length }, { SYS_fallocate, allocate },  { SYS_fchmod, set_mode },
		{ SYS_fchown, keep_owner },    { SYS_pwrite64, write_there }, { SYS_pwritev, write_there },
		{ SYS_pwritev2, write_there },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(calls); i++)
		if (calls[i].nr == call->request.nr)
			return on_own(view, call, calls[i].then);
	return refuse(view, call);
}
