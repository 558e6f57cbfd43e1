/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/act.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "policy/exec.h"
#include "supervisor/futex_wake.h"
#include "supervisor/lend.h"
#include "tracee/memory.h"

void actor_init(struct actor *actor)
{
	actor->scratch = NULL;
	handover_init(&actor->handover);
	shared_init(&actor->shared);
}

void actor_fini(struct actor *actor)
{
	scratch_free(actor->scratch);
	actor->scratch = NULL;
	handover_fini(&actor->handover);
	shared_fini(&actor->shared);
}

void act_release(struct actor *actor, struct call *call)
{
	unsigned i;

	for (i = 0; call->slot >= 0 && i < call->n_slots; i++)
		scratch_release(actor->scratch, call->slot + (int)i);
	call->slot = -1;
	call->n_slots = 1;
	if (call->gives_at)
		actor->shared.giving = false;
	call->gives_at = 0;
}

/* ------------------------------------------------------------------ descriptors */

/* No descriptor comes. In audit mode the kernel makes the call all the same. */
static struct plan without_descriptor(const struct view *view, const struct call *call, int err)
{
	if (!view->ground->audits || err == EBADF)
		return plan_error(err);
	return is_stdio(view, call->request.tid, (int)call->request.args[0], ANY_STDIO) ?
		       plan_deny(view->ground->policy, 0) :
		       plan_watch();
}

/* Lends what PLAN is to be done with, or takes what was handed over. 0 or -errno; -EOPNOTSUPP: it has to be handed
 * over first. */
static int take_descriptors(const struct view *view, struct call *call, struct handed *handed, const struct plan *plan,
			    int *ret_fd)
{
	pid_t tid = call->request.tid;

	call->handed = handed_is_for(handed, &call->request.regs);
	if (call->handed)
		*ret_fd = handed_take(handed, &call->second);
	else
		*ret_fd = call->lent >= 0 ? steal_fd(&call->lent) : lend_duplicate(view, tid, (int)call->request.args[0]);
	if (plan->two && !call->handed && (*ret_fd >= 0 || *ret_fd == -EOPNOTSUPP))
		call->second = lend_duplicate(view, tid, plan->second);
	if (*ret_fd < 0 && *ret_fd != -EOPNOTSUPP)
		return *ret_fd;
	if (plan->two && call->second < 0)
		return call->second;
	return MIN(*ret_fd, 0);
}

struct plan act_with_descriptor(struct actor *actor, const struct view *view, struct call *call, struct handed *handed,
				struct plan plan)
{
	const int numbers[HANDOVER_MAX] = { (int)call->request.args[0], plan.second };
	_cleanup_close_ int fd = -1;
	int r;

	if (plan.kind != PLAN_DESCRIPTOR)
		return plan;
	r = take_descriptors(view, call, handed, &plan, &fd);
	if (r == 0) {
		plan = plan.then(view, call, fd);
		if (plan.ledger == LEDGER_WRITE_BESIDE)
			call->lent = steal_fd(&fd);
		return plan;
	}
	if (call->handed || r != -EOPNOTSUPP)
		return without_descriptor(view, call, -r);
	call->rewritten = call->request.regs;
	r = handover_begin(&actor->handover, actor->scratch, call, numbers, plan.two ? 2 : 1, &call->rewritten);
	return r < 0 ? without_descriptor(view, call, -r) : plan;
}

/* ------------------------------------------------------------------ entry */

/* 0, or -EFAULT. */
static int copy_out(const struct call *call)
{
	unsigned i;

	for (i = 0; i < call->n_outs; i++)
		if (memory_write(call->request.tid, call->outs[i].addr, call->out.data + call->outs[i].at,
				 call->outs[i].size) < 0)
			return -EFAULT;
	return 0;
}

static void answer(struct call *call, int64_t result)
{
	call->how = HOW_EMULATE;
	call->result = result;
	call->returned = true;
}

/* Takes a slot of the scratch for DATA, and HOW if there is one. False: there is none, and the call is answered. */
static bool take_slot(struct actor *actor, struct call *call, const void *data, size_t len, const struct open_how *how)
{
	call->slot = scratch_take(actor->scratch);
	if (call->slot < 0) {
		answer(call, -EMFILE);
		return false;
	}
	scratch_put(actor->scratch, call->slot, data, len, how, how ? sizeof *how : 0);
	return true;
}

static void rewrite_open(struct actor *actor, struct call *call, const struct plan *plan)
{
	const char *path = plan->path ? plan->path : plan->name;

	if (!take_slot(actor, call, path, strlen(path), &plan->how))
		return;
	call->how = HOW_REWRITE;
	call->rewritten = call->request.regs;
	abi_set_nr(&call->rewritten, SYS_openat2);
	abi_set_arg(&call->rewritten, 0, (uint64_t)plan->dirfd);
	abi_set_arg(&call->rewritten, 1, scratch_path_address(call->slot));
	abi_set_arg(&call->rewritten, 2, scratch_how_address(call->slot));
	abi_set_arg(&call->rewritten, 3, sizeof plan->how);
}

/* The data has its place now: the offset that is to point into it becomes an address. */
static void relocate(struct actor *actor, const struct call *call, const struct plan *plan)
{
	uint64_t base = scratch_path_address(call->slot), word;

	memcpy(&word, (const char *)plan->data + plan->points_at, sizeof word);
	word += base;
	scratch_write(actor->scratch, call->slot, (size_t)(base - scratch_how_address(call->slot)) + plan->points_at, &word,
		      sizeof word);
}

static void rewrite_call(struct actor *actor, struct call *call, const struct plan *plan)
{
	uint64_t args[SYSCALL_MAX_ARGS];

	memcpy(args, plan->args, sizeof args);
	if (plan->data) {
		if (!take_slot(actor, call, plan->data, plan->data_len, NULL))
			return;
		args[plan->data_arg] = scratch_path_address(call->slot);
		if (plan->points_at)
			relocate(actor, call, plan);
	}
	call->how = HOW_REWRITE;
	call->futex = plan->futex;
	call->finish = plan->finish;
	call->rewritten = call->request.regs;
	abi_set_nr(&call->rewritten, plan->nr);
	abi_set_args(&call->rewritten, args);
}

/* Path and arguments as they were decided on, from the scratch; no memory of the program says what is executed. */
static void rewrite_exec(struct actor *actor, struct call *call, const struct plan *plan)
{
	const struct buf *argv = &call->request.argv;
	size_t path = strlen(plan->exec->path) + 1, n = call->request.n_argv, i;
	size_t pointers = (path + 7) & ~(size_t)7, texts = pointers + (n + 1) * sizeof(uint64_t), at = 0;
	unsigned slots = (unsigned)((texts + argv->len) / SCRATCH_SLOT_SIZE + 1);
	int slot = scratch_take_many(actor->scratch, slots);
	uint64_t base = slot < 0 ? 0 : scratch_how_address(slot), word;

	if (slot < 0) {
		answer(call, -ENOMEM);
		return;
	}
	call->slot = slot;
	call->n_slots = slots;
	scratch_write(actor->scratch, slot, 0, plan->exec->path, path);
	scratch_write(actor->scratch, slot, texts, argv->data, argv->len);
	for (i = 0; i <= n; i++) {
		word = i < n ? base + texts + at : 0;
		scratch_write(actor->scratch, slot, pointers + i * sizeof word, &word, sizeof word);
		at += i < n ? strlen(argv->data + at) + 1 : 0;
	}
	call->how = HOW_REWRITE;
	call->rewritten = call->request.regs;
	abi_set_nr(&call->rewritten, SYS_execve);
	abi_set_arg(&call->rewritten, 0, base);
	abi_set_arg(&call->rewritten, 1, base + pointers);
	abi_set_arg(&call->rewritten, 2, plan->args[2]);
}

/* The program waits in the kernel, where signals reach it. */
static void rewrite_again(struct call *call)
{
	enum { MOMENT_MS = 5 };
	const uint64_t args[SYSCALL_MAX_ARGS] = { 0, 0, MOMENT_MS };

	call->how = HOW_REWRITE;
	call->finish = FINISH_AGAIN;
	call->rewritten = call->request.regs;
	abi_set_nr(&call->rewritten, SYS_poll);
	abi_set_args(&call->rewritten, args);
}

/* The result of a wait that a signal ended: whether the call starts again is up to the signal's handler (signal(7)). */
enum { RESTART_BY_HANDLER = 512 /* ERESTARTSYS */ };

static void finish_call(struct call *call)
{
	uint32_t n = (uint32_t)call->result;
	uint64_t args[SYSCALL_MAX_ARGS];

	switch (call->finish) {
	case FINISH_PLAIN:
		break;
	case FINISH_CONNECTED: /* as connect(2) says when its time to wait (SO_SNDTIMEO) ends */
		call->result = call->result == -EAGAIN ? -EINPROGRESS : MIN(call->result, (int64_t)0);
		break;
	case FINISH_ONE_MESSAGE:
		if (call->result < 0)
			break;
		call->result = memory_write(call->request.tid, call->request.args[1] + sizeof(struct msghdr), &n,
					    sizeof n) < 0 ?
				       -EFAULT :
				       1;
		break;
	case FINISH_READY:
		call->again = call->result >= 0;
		break;
	case FINISH_WRITTEN:
		abi_get_args(&call->rewritten, args);
		if (call->result > 0)
			lseek(call->lent, (off_t)args[3] + (off_t)call->result, SEEK_SET);
		break;
	case FINISH_AGAIN:
		call->again = call->result == 0;
		if (!call->again)
			call->result = -RESTART_BY_HANDLER;
		break;
	}
}

/* ------------------------------------------------------------------ shared memory */

/* What recvmsg(2) is given, below the stack of the thread, where the kernel puts a signal's frame. The program can
 * change all of it: then a descriptor of its own comes elsewhere, and no other one can come. */
struct letter {
	alignas(16) struct msghdr message;
	struct iovec data;
	alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))];
	char byte;
};

/* Makes FD, which is given away, the result of the call, or answers with an error. */
static void rewrite_receive(struct actor *actor, struct call *call, int fd)
{
	uint64_t at = abi_below_stack(&call->request.regs, sizeof(struct letter));
	const struct letter letter = {
		.message = { .msg_iov = (struct iovec *)(uintptr_t)(at + offsetof(struct letter, data)),
			     .msg_iovlen = 1,
			     .msg_control = (void *)(uintptr_t)(at + offsetof(struct letter, control)),
			     .msg_controllen = sizeof letter.control },
		.data = { (void *)(uintptr_t)(at + offsetof(struct letter, byte)), 1 },
	};
	bool keeps = call->request.how.flags & O_CLOEXEC;
	int r = memory_write(call->request.tid, at, &letter, sizeof letter);

	if (r < 0) {
		close(fd);
		answer(call, -ENOMEM);
		return;
	}
	r = shared_send(&actor->shared, fd);
	if (r < 0) {
		answer(call, r);
		return;
	}
	actor->shared.giving = true;
	call->gives_at = at;
	call->how = HOW_REWRITE;
	call->rewritten = call->request.regs;
	abi_set_nr(&call->rewritten, SYS_recvmsg);
	abi_set_arg(&call->rewritten, 0, (uint64_t)actor->shared.number);
	abi_set_arg(&call->rewritten, 1, at);
	abi_set_arg(&call->rewritten, 2, (uint64_t)(MSG_DONTWAIT | (keeps ? MSG_CMSG_CLOEXEC : 0)));
}

/* The number of the descriptor that has come. If it did not fit into the table, the control message is missing. */
static int64_t received(const struct call *call)
{
	struct letter letter;
	struct cmsghdr header;
	int fd;

	if (call->result < 0)
		return call->result == -EAGAIN ? -ENFILE : call->result;
	if (memory_read(call->request.tid, call->gives_at, &letter, sizeof letter) < 0)
		return -EFAULT;
	memcpy(&header, letter.control, sizeof header);
	memcpy(&fd, letter.control + CMSG_LEN(0), sizeof fd);
	return header.cmsg_len == CMSG_LEN(sizeof fd) && fd >= 0 ? fd : -EMFILE;
}

/*
 * Opens the object that the resolver holds by its descriptor's name in /proc, which no change of names can redirect.
 * Of the call's flags only harmless ones are kept: making, truncating or waiting was not decided on.
 */
static void give(struct actor *actor, struct call *call)
{
	const uint64_t kept = O_DIRECTORY | O_PATH | O_NONBLOCK | O_NOATIME | O_DIRECT;
	int flags = (int)(call->request.how.flags & kept), fd;
	char path[32];

	snprintf(path, sizeof path, "/proc/self/fd/%d", call->objects[0].fd);
	/* O_NONBLOCK: otherwise a lease on the file would be waited for (fcntl(2)). */
	fd = open(path, O_RDONLY | flags | (flags & O_PATH ? 0 : O_NONBLOCK | O_NOCTTY) | O_CLOEXEC);
	if (fd >= 0 && !(flags & (O_NONBLOCK | O_PATH)) && fcntl(fd, F_SETFL, flags & (O_NOATIME | O_DIRECT)) < 0) {
		close(fd);
		fd = -1;
	}
	if (fd < 0)
		answer(call, -errno);
	else
		rewrite_receive(actor, call, fd);
}

enum { NOEXEC_SEAL = 8 }; /* MFD_NOEXEC_SEAL, of Linux 6.3 */

/* Makes a file without a name that holds LEN bytes of DATA, and gives it, for reading alone. */
static void give_text(struct actor *actor, struct call *call, const void *data, size_t len)
{
	_cleanup_close_ int fd = memfd_create("proctor-text", MFD_CLOEXEC | NOEXEC_SEAL);
	int own;

	if (fd < 0 && errno == EINVAL) /* before Linux 6.3 */
		fd = memfd_create("proctor-text", MFD_CLOEXEC);
	if (fd < 0) {
		answer(call, -errno);
		return;
	}
	own = write(fd, data, len) == (ssize_t)len ? reopen_read_only(fd) : -EIO;
	if (own < 0)
		answer(call, own);
	else
		rewrite_receive(actor, call, own);
}

static void act_shared(struct actor *actor, struct call *call, enum shared_act what)
{
	const char *name = shared_name_of(call->objects[0].path);
	const struct open_how *how = &call->request.how;
	int r;

	switch (what) {
	case SHARED_UNLINK:
		answer(call, shared_unlink(&actor->shared, name));
		break;
	case SHARED_LINK:
		answer(call, shared_link(&actor->shared, name, shared_name_of(call->objects[1].path)));
		break;
	case SHARED_MAP:
		r = shared_make(&actor->shared, (call->request.args[1] + 4095) & ~UINT64_C(4095));
		call->request.how.flags = O_CLOEXEC;
		call->maps = r >= 0;
		if (r < 0)
			answer(call, r);
		else
			rewrite_receive(actor, call, r);
		break;
	case SHARED_OPEN:
		r = shared_open(&actor->shared, name, (int)how->flags,
				(mode_t)how->mode & ~(how->flags & O_CREAT ? change_umask_of(call->request.tid) : 0));
		if (r < 0)
			answer(call, r);
		else
			rewrite_receive(actor, call, r);
		break;
	}
}

/*
 * The processes have not been waited for, and only this thread waits: their ids are still their own. The supervisor
 * sends the signal, in the caller's name: before the program itself got to that, an id could be another's. It is a
 * success if one of them was reached, as for kill(2).
 */
static int send_signal(const struct call *call, const struct plan *plan)
{
	siginfo_t info = { .si_signo = (int)plan->args[1], .si_code = SI_QUEUE };
	int r = 0, sent = 0;
	int64_t pid;
	size_t at;

	info.si_pid = call->request.tgid;
	info.si_uid = getuid();
	for (at = 0; at < plan->data_len; at += sizeof pid) {
		memcpy(&pid, (const char *)plan->data + at, sizeof pid);
		if (syscall(SYS_rt_sigqueueinfo, (pid_t)pid, info.si_signo, &info) == 0)
			sent++;
		else
			r = -errno;
	}
	return sent ? 0 : r;
}

/* What PLAN means for the call; the tracee's registers are not changed yet. */
static void take_plan(struct actor *actor, struct call *call, const struct plan *plan)
{
	int r;

	call->returned = false;
	switch (plan->kind) {
	case PLAN_REFUSE:
		call->how = call->decision.action == ACTION_KILL ? HOW_KILL : HOW_SKIP;
		call->result = -call->decision.err;
		call->returned = call->how == HOW_SKIP;
		break;
	case PLAN_ANSWER:
		r = plan->result < 0 ? 0 : copy_out(call);
		answer(call, r < 0 ? r : plan->result);
		break;
	case PLAN_PASS:
		call->how = HOW_KERNEL;
		call->watch_exit |= plan->watch;
		break;
	case PLAN_OPEN:
		rewrite_open(actor, call, plan);
		call->enters = plan->enters;
		break;
	case PLAN_GIVE:
		if (plan->data)
			give_text(actor, call, plan->data, plan->data_len);
		else
			give(actor, call);
		break;
	case PLAN_CHANGE:
		answer(call, change_make(&plan->change));
		break;
	case PLAN_CALL:
		rewrite_call(actor, call, plan);
		break;
	case PLAN_DESCRIPTOR: /* being handed over */
		call->how = HOW_REWRITE;
		break;
	case PLAN_SHARED:
		act_shared(actor, call, plan->shared);
		break;
	case PLAN_AGAIN:
		rewrite_again(call);
		break;
	case PLAN_SIGNAL:
		answer(call, send_signal(call, plan));
		break;
	case PLAN_EXEC:
		rewrite_exec(actor, call, plan);
		break;
	case PLAN_WAIT:
		call->how = HOW_WAIT;
		break;
	case PLAN_CROSSED:
		call->how = HOW_KILL;
		break;
	}
}

int act_enter(struct actor *actor, struct task *task, struct call *call, const struct plan *plan,
	      struct ending *ending, bool *ret_done)
{
	bool to_exit = false;
	int r = 0;

	take_plan(actor, call, plan);
	*ret_done = true;
	if (call->how == HOW_KILL)
		ending_say(ending, STATUS_PV);
	if (call->how == HOW_KILL || call->how == HOW_WAIT)
		return 0;
	if (ending->decided) {
		/* Something else ends the run: the call is not made. */
		call->how = HOW_KILL;
		call->returned = false;
		return 0;
	}
	switch (call->how) {
	case HOW_EMULATE:
	case HOW_SKIP:
		r = trace_skip_call(task->tid, call->result);
		break;
	case HOW_REWRITE:
		r = trace_set_call(task->tid, &call->rewritten);
		to_exit = true;
		break;
	default:
		to_exit = call->watch_exit;
		break;
	}
	if (r == 0)
		r = trace_resume(task->tid, to_exit ? RESUME_TO_EXIT : RESUME, 0);
	if (r == 0 && to_exit) {
		task->state = TASK_IN_CALL;
		task->call = call;
	}
	*ret_done = !to_exit || r < 0;
	return r;
}

/* ------------------------------------------------------------------ exit */

/* The call was replaced by one that sends its descriptors. Nothing is done with that here: the program makes the call
 * once more, and then everything is possible that is where descriptors are lent. */
static void finish_handover(struct actor *actor, struct task *task, struct call *call)
{
	int fds[HANDOVER_MAX] = { -1, -1 };
	int r = call->result < 0 ? (int)call->result : handover_receive(&actor->handover, call, fds);

	handed_keep(&task->handed, r < 0 ? r : fds[0], r < 2 ? -EBADF : fds[1], &call->request.regs);
	call->again = true;
}

/*
 * chdir(2) of a directory that was opened as it was decided on: it is entered by its descriptor, which is then closed.
 * Another thread may use that descriptor meanwhile, but only to look at what it may enter.
 */
static int enter_directory(struct task *task, struct call *call)
{
	const uint64_t args[6] = { (uint64_t)call->result };
	struct trace_injection injection;
	int64_t ignored;
	int r = trace_inject_again(task->tid, &injection);

	if (r == 0)
		r = trace_inject(&injection, SYS_fchdir, args, &call->result);
	if (r == 0)
		r = trace_inject(&injection, SYS_close, args, &ignored);
	return r < 0 ? r : trace_inject_end(&injection);
}

/* mmap(2) of shared memory without a name: its descriptor has come, is mapped, and is closed again. Another thread may
 * put another one in its place, but the program has none that can be mapped and may not be written to
 * (handlers/shared.c). */
static int map_received(struct task *task, struct call *call)
{
	const uint64_t fd = (uint64_t)call->result, *asked = call->request.args;
	const uint64_t map[6] = { asked[0], asked[1], asked[2], asked[3] & ~(uint64_t)MAP_ANONYMOUS, fd, 0 };
	const uint64_t descriptor[6] = { fd };
	struct trace_injection injection;
	int64_t ignored;
	int r;

	if (call->result < 0) {
		call->result = -ENOMEM;
		return 0;
	}
	r = trace_inject_again(task->tid, &injection);
	if (r == 0)
		r = trace_inject(&injection, SYS_mmap, map, &call->result);
	if (r == 0)
		r = trace_inject(&injection, SYS_close, descriptor, &ignored);
	return r < 0 ? r : trace_inject_end(&injection);
}

/* The registers as they were at the call's entry, except for the result: between its two stops the kernel has changed
 * nothing else in them (a signal's handler, or another image, comes after), and nobody else can. */
static int restore(pid_t tid, const struct call *call)
{
	struct user_regs_struct regs = call->request.regs;

	abi_set_result(&regs, call->result);
	if (call->again)
		abi_call_again(&regs, &call->request.regs);
	return trace_end_call(tid, &regs);
}

int act_leave(struct actor *actor, struct task *task, struct call *call, struct ending *ending)
{
	bool rewritten = call->how == HOW_REWRITE;
	int r = trace_get_result(task->tid, &call->result);

	if (r < 0)
		return r;
	call->returned = true;
	if (call->gives_at)
		call->result = received(call);
	finish_call(call);
	if (call->handover)
		finish_handover(actor, task, call);
	else if (rewritten && call->n_outs && call->result >= 0 && copy_out(call) < 0)
		call->result = -EFAULT;
	if (call->enters && call->result >= 0)
		r = enter_directory(task, call);
	else if (call->maps)
		r = map_received(task, call);
	if (r < 0)
		return r;
	futex_returned(call);
	if (call->how == HOW_KILL)
		ending_say(ending, STATUS_PV);
	if (rewritten)
		r = restore(task->tid, call);
	act_release(actor, call);
	return r;
}
