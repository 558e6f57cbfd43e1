/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls that make, remove, rename or link what a path names, or change its metadata. Outside the write grants they
 * are refused; but an error that the kernel would find before comes first, so that makedirs(exist_ok=True) of a
 * granted directory works. Beneath a grant they become a `struct change`.
 *
 * A link as the last component is the name itself; an earlier one is followed as in reading, component by component,
 * and only where a grant lets it. Under no grant may a program
 *   - move or link anything from one grant to another: another rule would then decide on the file; of a file without a
 *     name (O_TMPFILE) the directory it was made in counts;
 *   - move or remove a name that another rule speaks of, or that has such a name beneath it, for the same reason;
 *   - move a device, FIFO or socket that somebody else put there to where an open that was decided on would
 *     meet it, or set its mode;
 *   - make one, or set a set-id bit, an owner or an attribute.
 */
#include "supervisor/handlers/handlers.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>
#include <utime.h>

#include "policy/net.h"
#include "supervisor/handlers/look_up.h"
#include "supervisor/handlers/own_file.h"
#include "supervisor/lend.h"
#include "tracee/memory.h"

enum { NR_fchmodat2 = 452, SET_ID = S_ISUID | S_ISGID };

/* What the call does, in whichever form. */
enum act {
	ACT_NONE, /* what no grant allows: mknod, setxattr and their kin */
	ACT_MKDIR, ACT_RMDIR, ACT_UNLINK, ACT_RENAME, ACT_LINK, ACT_SYMLINK, ACT_MODE, ACT_OWNER, ACT_TIMES,
	ACT_LENGTH,
};

static enum act act_of(const struct request *request)
{
	switch (request->nr) {
	case SYS_mkdir:
	case SYS_mkdirat:
		return ACT_MKDIR;
	case SYS_rmdir:
		return ACT_RMDIR;
	case SYS_unlink:
		return ACT_UNLINK;
	case SYS_unlinkat:
		return request->args[2] & AT_REMOVEDIR ? ACT_RMDIR : ACT_UNLINK;
	case SYS_rename:
	case SYS_renameat:
	case SYS_renameat2:
		return ACT_RENAME;
	case SYS_link:
	case SYS_linkat:
		return ACT_LINK;
	case SYS_symlink:
	case SYS_symlinkat:
		return ACT_SYMLINK;
	case SYS_chmod:
	case SYS_fchmodat:
	case NR_fchmodat2:
		return ACT_MODE;
	case SYS_chown:
	case SYS_lchown:
	case SYS_fchownat:
		return ACT_OWNER;
	case SYS_utime:
	case SYS_utimes:
	case SYS_futimesat:
	case SYS_utimensat:
		return ACT_TIMES;
	case SYS_truncate:
		return ACT_LENGTH;
	default:
		return ACT_NONE;
	}
}

/* The flags, of the forms that take any; 0 for the others. */
static unsigned flags_of(const struct request *request)
{
	switch (request->nr) {
	case SYS_unlinkat:
		return (unsigned)request->args[2];
	case SYS_renameat2:
	case SYS_linkat:
	case SYS_fchownat:
		return (unsigned)request->args[4];
	case NR_fchmodat2:
	case SYS_utimensat:
		return (unsigned)request->args[3];
	default:
		return 0;
	}
}

static unsigned known_flags(const struct request *request)
{
	switch (request->nr) {
	case SYS_unlinkat:
		return AT_REMOVEDIR;
	case SYS_renameat2:
		return RENAME_NOREPLACE | RENAME_EXCHANGE;
	case SYS_linkat:
		return AT_SYMLINK_FOLLOW | AT_EMPTY_PATH;
	default:
		return AT_SYMLINK_NOFOLLOW;
	}
}

/* Is the call about the name itself, not about what a link of that name leads to? */
static bool is_about_name(enum act act)
{
	return act >= ACT_MKDIR && act <= ACT_SYMLINK;
}

static unsigned resolve_flags_of(const struct request *request, enum act act, unsigned n)
{
	unsigned flags = flags_of(request);

	switch (act) {
	case ACT_LINK:
		if (n == 1)
			return 0;
		return (flags & AT_SYMLINK_FOLLOW ? RESOLVE_FOLLOW : 0) | (flags & AT_EMPTY_PATH ? RESOLVE_EMPTY_PATH : 0);
	case ACT_MODE:
	case ACT_LENGTH:
		return flags & AT_SYMLINK_NOFOLLOW ? 0 : RESOLVE_FOLLOW;
	case ACT_OWNER:
		return request->nr == SYS_lchown || flags & AT_SYMLINK_NOFOLLOW ? 0 : RESOLVE_FOLLOW;
	case ACT_TIMES:
		return flags & AT_SYMLINK_NOFOLLOW ? 0 : RESOLVE_FOLLOW;
	default:
		return 0;
	}
}

/* ------------------------------------------------------------------ names */

/* How a path ends, which decides what becomes of rmdir("d/.") and mkdir("d/"). */
struct path_end {
	size_t len;    /* of the path without slashes at its end */
	bool slash;    /* there was one */
	bool dot, dots; /* its last name is "." or ".." */
};

static struct path_end end_of(const struct request_path *path)
{
	struct path_end ending = { .len = path->len };
	const char *name;
	size_t n;

	while (ending.len > 1 && path->text[ending.len - 1] == '/')
		ending.len--;
	ending.slash = ending.len < path->len;
	name = memrchr(path->text, '/', ending.len);
	name = name ? name + 1 : path->text;
	n = (size_t)(path->text + ending.len - name);
	ending.dot = n == 1 && name[0] == '.';
	ending.dots = n == 2 && name[0] == '.' && name[1] == '.';
	return ending;
}

/* The kernel's error where the last name is "." or ".."; otherwise 0. */
static int error_of_dots(enum act act, const struct path_end *ending)
{
	if (!ending->dot && !ending->dots)
		return 0;
	switch (act) {
	case ACT_RMDIR:
		return ending->dot ? EINVAL : ENOTEMPTY;
	case ACT_UNLINK:
		return EISDIR;
	case ACT_RENAME:
		return EBUSY;
	default:
		return EEXIST;
	}
}

/* Resolves path N of a call about names without the slashes at its end: they do not make it follow a link. */
static bool look_up_name(const struct view *view, struct call *call, enum act act, unsigned n, struct path_end *ending,
			 struct plan *plan)
{
	struct request_path *path = &call->request.paths[n];
	size_t len = path->len;
	bool found;

	*ending = end_of(path);
	path->len = ending->len;
	found = look_up(view, call, n, resolve_flags_of(&call->request, act, n), WANT_CHANGE, plan);
	path->len = len;
	return found;
}

static bool stat_object(const struct object *object, struct stat *st)
{
	return object->state == OBJECT_FOUND && fstat(object->fd, st) == 0;
}

/* May such a file get another name? */
static bool is_movable(const struct stat *st)
{
	return S_ISREG(st->st_mode) || S_ISDIR(st->st_mode) || S_ISLNK(st->st_mode);
}

/* Is OBJECT, a socket, where the program may make it? */
static bool is_own_socket(const struct policy *policy, const struct object *object)
{
	const struct net_address address = { .transport = NET_UNIX, .name = object->path, .len = object->len };

	return grant_is_scratch(policy, object->grant) ||
	       policy_decide_address(policy, NET_BIND, &address).action == ACTION_ALLOW;
}

/* Refused with ERR, by the grant in PLAN's decision; no violation: programs must expect such an error anywhere. */
static struct plan hide_by_grant(const struct plan *plan, int err)
{
	struct rule rule = plan->decision.rule;

	rule.kind = RULE_WRITE;
	return plan_hide(rule, err);
}

/* Is CALL about the file behind its first path, a descriptor of the program's? Without AT_SYMLINK_FOLLOW a path is about
 * the link in /proc. */
static bool links_descriptor(const struct call *call, enum act act)
{
	return act == ACT_LINK && call->objects[0].state == OBJECT_DESCRIPTOR &&
	       (call->request.paths[0].len == 0 || (flags_of(&call->request) & AT_SYMLINK_FOLLOW));
}

/* Is the call answered, by PLAN, before name N is changed? */
static bool is_answered(const struct view *view, const struct call *call, enum act act, unsigned n,
			const struct path_end *ending, struct plan *plan)
{
	const struct object *object = &call->objects[n];
	bool adds = act == ACT_MKDIR || act == ACT_SYMLINK || (act == ACT_LINK && n == 1);
	const struct policy *policy = view->ground->policy;
	bool moves = act == ACT_RENAME || act == ACT_UNLINK || act == ACT_RMDIR;
	int err = error_of_dots(act, ending);
	struct stat st;
	bool found = stat_object(object, &st);

	if (n == 0 && links_descriptor(call, act))
		return false;
	if (object->state == OBJECT_DESCRIPTOR) {
		/* The link itself is on another file system, /proc. */
		*plan = n == 0 && act == ACT_LINK ? hide_by_grant(plan, EXDEV) : plan_deny(view->ground->policy, 0);
		return true;
	}
	if (object->state == OBJECT_ABSENT && (!object->whole || object->err != ENOENT))
		err = object->err;
	else if (!err && found && adds)
		err = EEXIST;
	else if (!err && !found && !adds && !(act == ACT_RENAME && n == 1))
		err = ENOENT;
	else if (!err && ending->slash && found && !S_ISDIR(st.st_mode))
		err = ENOTDIR;
	else if (!err && ending->slash && !found && act != ACT_MKDIR && act != ACT_RENAME)
		err = ENOENT;
	if (err) {
		plan->result = -err;
		return true;
	}
	if (moves && policy_is_bound(policy, object->path, object->len) &&
	    !(act == ACT_UNLINK && found && S_ISSOCK(st.st_mode) && is_own_socket(policy, object))) {
		*plan = hide_by_grant(plan, EBUSY);
		return true;
	}
	return false;
}

/* The same for the two names of one call: both must be in one grant, so that no file comes under another rule. */
static bool is_pair_answered(const struct call *call, enum act act, const struct path_end endings[2], struct plan *plan)
{
	const struct object *old = &call->objects[0], *new = &call->objects[1];
	bool exchange = act == ACT_RENAME && (flags_of(&call->request) & RENAME_EXCHANGE);
	struct stat st, other;
	bool found = stat_object(new, &other);

	if (!stat_object(old, &st) || (exchange && !found)) {
		plan->result = -ENOENT;
		return true;
	}
	if (old->grant != new->grant)
		*plan = hide_by_grant(plan, EXDEV);
	else if (!is_movable(&st) || (exchange && !is_movable(&other)))
		*plan = hide_by_grant(plan, EPERM);
	else if (act == ACT_RENAME && endings[1].slash && !S_ISDIR(st.st_mode))
		plan->result = -ENOTDIR;
	else
		return false;
	return true;
}

/* ------------------------------------------------------------------ what is to be made */

static struct plan plan_change(const struct plan *by, struct change change)
{
	return (struct plan){ .kind = PLAN_CHANGE, .decision = by->decision, .change = change };
}

/* ------------------------------------------------------------------ what is stored */

/* What a change of names means to the ledger. */
static enum ledger_part part_of(const struct call *call, enum act act)
{
	const struct object *old = &call->objects[0], *new = &call->objects[1];
	struct stat st, other;

	switch (act) {
	case ACT_MKDIR:
	case ACT_SYMLINK:
		return LEDGER_MAKE;
	case ACT_LINK:
		return LEDGER_LINK;
	case ACT_RMDIR:
	case ACT_UNLINK:
		return LEDGER_REMOVE;
	case ACT_RENAME:
		/* Renaming one name of a file to another changes nothing. */
		if (flags_of(&call->request) & RENAME_EXCHANGE || !stat_object(new, &other) || !stat_object(old, &st) ||
		    (st.st_dev == other.st_dev && st.st_ino == other.st_ino))
			return LEDGER_NONE;
		return LEDGER_COVER;
	default:
		return LEDGER_NONE;
	}
}

/* PLAN, which changes names beneath a quota; or a wait, or the answer that there is no room. */
static struct plan count_names(const struct view *view, const struct call *call, enum act act, struct plan plan)
{
	const struct object *object = &call->objects[0];
	bool adds = act == ACT_MKDIR || act == ACT_SYMLINK || act == ACT_LINK;
	uint64_t bytes = act == ACT_SYMLINK ? strlen(plan.change.target) : 0;

	if (!ledger_may_open(view->ledger))
		return plan_wait();
	if (adds && !ledger_has_room(view->ledger, object->grant, 1, 0))
		return plan_full(view, object->grant, true);
	if (bytes && !ledger_has_room(view->ledger, object->grant, 1, bytes))
		return plan_full(view, object->grant, false);
	if (act == ACT_LINK)
		ledger_enter(view->ledger, object->grant, object->fd, false);
	plan.ledger = part_of(call, act);
	return plan;
}

/* The same for truncate(2). */
static struct plan count_length(const struct view *view, const struct call *call, struct plan plan)
{
	const struct object *object = &call->objects[0];
	struct counted *file = ledger_enter(view->ledger, object->grant, object->fd, false);
	struct stat st;

	if (!file || !stat_object(object, &st) || !S_ISREG(st.st_mode))
		return plan;
	if (ledger_is_written(file))
		return plan_wait();
	if (plan.change.length > st.st_size &&
	    (uint64_t)plan.change.length > ledger_reach(view->ledger, file, &st))
		return plan_full(view, object->grant, false);
	plan.ledger = LEDGER_LENGTH;
	return plan;
}

/* A link's text, copied once for the call and for its record. 0 or an errno. */
static int copy_target(struct call *call)
{
	struct request *request = &call->request;
	char text[PATH_MAX];
	ssize_t n = memory_read_string(request->tid, request->args[0], text, sizeof text);

	if (n <= 0)
		return n == 0 ? ENOENT : n == -ENAMETOOLONG ? ENAMETOOLONG : EFAULT;
	buf_clear(&call->out);
	buf_put(&call->out, text, (size_t)n + 1);
	if (request->text_size[0]) {
		request->text_size[0] = (uint16_t)MIN(request->text_size[0], (size_t)n + 1);
		memcpy(request->text + request->text_at[0], text, request->text_size[0]);
	}
	return 0;
}

/*
 * Holds the file behind a descriptor of the program's, one of its own that has no name (O_TMPFILE), in the call's first
 * object. Where it lies is what the kernel says of its descriptor: the directory that it was made in. False: PLAN
 * answers.
 */
static bool hold_unnamed(const struct view *view, struct call *call, struct plan *plan)
{
	struct object *object = &call->objects[0];
	char link[32], text[PATH_MAX];
	const char *slash;
	struct stat st;
	ssize_t n;

	object->fd = lend_duplicate(view, call->request.tid, object->self_fd);
	if (object->fd == -EBADF) {
		plan->result = call->request.paths[0].len ? -ENOENT : -EBADF;
		return false;
	}
	snprintf(link, sizeof link, "/proc/self/fd/%d", object->fd);
	n = object->fd < 0 ? -1 : readlink(link, text, sizeof text);
	slash = n < 0 ? NULL : memrchr(text, '/', (size_t)n);
	/* What has a name is linked by that, so that it is decided on. */
	if (!slash || n == sizeof text || !is_own_file(view, object->fd, fcntl(object->fd, F_GETFL)) ||
	    fstat(object->fd, &st) < 0 || st.st_nlink > 0) {
		*plan = plan_deny(view->ground->policy, 0);
		return false;
	}
	object->grant = policy_match(view->ground->policy, text, slash == text ? 1 : (size_t)(slash - text));
	if (object->grant == call->objects[1].grant)
		return true;
	*plan = hide_by_grant(plan, EXDEV);
	return false;
}

static struct plan change_names(const struct view *view, struct call *call, enum act act, struct plan by)
{
	struct change change = { .flags = flags_of(&call->request) };
	bool unnamed = links_descriptor(call, act);
	unsigned n;
	int r;

	if (unnamed && !hold_unnamed(view, call, &by))
		return by;
	for (n = unnamed; n < call->request.n_paths; n++) {
		r = resolver_hold_parent(view->resolver, &call->objects[n], &change.name[n]);
		if (r < 0) {
			by.result = r;
			return by;
		}
		change.dir[n] = call->objects[n].parent_fd;
	}
	switch (act) {
	case ACT_MKDIR:
		change.kind = CHANGE_MKDIR;
		change.mode = (mode_t)call->request.args[call->request.nr == SYS_mkdir ? 1 : 2] & 01777 &
			      ~change_umask_of(call->request.tid);
		break;
	case ACT_RMDIR:
	case ACT_UNLINK:
		change.kind = CHANGE_REMOVE;
		change.flags = act == ACT_RMDIR ? AT_REMOVEDIR : 0;
		break;
	case ACT_RENAME:
		change.kind = CHANGE_RENAME;
		break;
	case ACT_LINK:
		change.kind = unnamed ? CHANGE_NAME : CHANGE_LINK;
		change.fd = call->objects[0].fd;
		break;
	default:
		change.kind = CHANGE_SYMLINK;
		r = copy_target(call);
		if (r)
			return plan_error(r);
		change.target = call->out.data;
	}
	by = plan_change(&by, change);
	return ledger_counts(view->ledger, call->objects[0].grant) ? count_names(view, call, act, by) : by;
}

/*
 * PLAN refuses ACT on name N, which is to be there: does the program see that it is not, and nobody hides it? The kernel
 * finds that before it asks whether the directory may be changed.
 */
static bool is_absent(const struct view *view, const struct call *call, enum act act, unsigned n, const struct plan *plan)
{
	const struct object *object = &call->objects[n];
	bool adds = act == ACT_NONE || act == ACT_MKDIR || act == ACT_SYMLINK || n > 0;

	return !adds && plan->decision.action == ACTION_DENY && object->state == OBJECT_ABSENT && object->whole &&
	       object->err == ENOENT &&
	       policy_decide_path(view->ground->policy, WANT_LOOKUP, object->path, object->len).action == ACTION_ALLOW;
}

static struct plan handle_names(const struct view *view, struct call *call, enum act act)
{
	struct path_end endings[REQUEST_MAX_PATHS];
	struct plan plan;
	unsigned n;

	for (n = 0; n < call->request.n_paths; n++) {
		if (call->request.paths[n].null)
			return plan_deny(view->ground->policy, 0);
		if (look_up_name(view, call, act, n, &endings[n], &plan))
			continue;
		if (act == ACT_MKDIR && plan.decision.action == ACTION_DENY && call->objects[n].state == OBJECT_FOUND)
			return plan_hide(rule_syscall, EEXIST);
		return is_absent(view, call, act, n, &plan) ? plan_hide(rule_syscall, ENOENT) : plan;
	}
	if (flags_of(&call->request) & ~known_flags(&call->request))
		return plan_deny(view->ground->policy, EINVAL);
	for (n = 0; n < call->request.n_paths; n++)
		if (is_answered(view, call, act, n, &endings[n], &plan))
			return plan;
	if (call->request.n_paths == 2 && !links_descriptor(call, act) && is_pair_answered(call, act, endings, &plan))
		return plan;
	return change_names(view, call, act, plan);
}

/* ------------------------------------------------------------------ metadata */

static int time_of(int64_t sec, int64_t usec, struct timespec *ret_time)
{
	if (usec < 0 || usec > 999999)
		return EINVAL;
	*ret_time = (struct timespec){ .tv_sec = sec, .tv_nsec = usec * 1000 };
	return 0;
}

/* The times that the call asks for, in whichever form. 0 or an errno. */
static int read_times(const struct request *request, struct timespec times[2])
{
	uint64_t addr = request->args[request->nr == SYS_utime || request->nr == SYS_utimes ? 1 : 2];
	int64_t words[4];
	int r;

	times[0] = times[1] = (struct timespec){ .tv_nsec = UTIME_NOW };
	if (addr == 0)
		return 0;
	if (memory_read(request->tid, addr, words, request->nr == SYS_utime ? 16 : 32) < 0)
		return EFAULT;
	switch (request->nr) {
	case SYS_utime:
		times[0] = (struct timespec){ .tv_sec = words[0] };
		times[1] = (struct timespec){ .tv_sec = words[1] };
		return 0;
	case SYS_utimensat:
		times[0] = (struct timespec){ .tv_sec = words[0], .tv_nsec = words[1] };
		times[1] = (struct timespec){ .tv_sec = words[2], .tv_nsec = words[3] };
		return 0;
	default:
		r = time_of(words[0], words[1], &times[0]);
		return r ? r : time_of(words[2], words[3], &times[1]);
	}
}

/* As root, programs give files the owner that they have already; no other can be given. */
static struct plan change_owner(const struct view *view, const struct call *call, struct plan by)
{
	unsigned first = call->request.nr == SYS_fchownat ? 2 : 1;
	uid_t uid = (uid_t)call->request.args[first];
	gid_t gid = (gid_t)call->request.args[first + 1];
	struct stat st;

	if (!stat_object(&call->objects[0], &st) || (uid != (uid_t)-1 && uid != st.st_uid) ||
	    (gid != (gid_t)-1 && gid != st.st_gid))
		return plan_deny(view->ground->policy, EPERM);
	return by;
}

static struct plan handle_metadata(const struct view *view, struct call *call, enum act act)
{
	const struct request *request = &call->request;
	const struct object *object = &call->objects[0];
	struct change change = { .kind = CHANGE_TIMES };
	struct plan plan;
	struct stat st;
	int r;

	if (!look_up(view, call, 0, resolve_flags_of(request, act, 0), WANT_CHANGE, &plan))
		return is_absent(view, call, act, 0, &plan) ? plan_hide(rule_syscall, ENOENT) : plan;
	if (object->state == OBJECT_DESCRIPTOR)
		return plan_deny(view->ground->policy, 0);
	if (flags_of(request) & ~known_flags(request))
		return plan_deny(view->ground->policy, EINVAL);
	if (!stat_object(object, &st)) {
		plan.result = -(object->state == OBJECT_ABSENT ? object->err : ENOENT);
		return plan;
	}
	if (object->directory && !S_ISDIR(st.st_mode)) {
		plan.result = -ENOTDIR;
		return plan;
	}
	change.fd = object->fd;
	switch (act) {
	case ACT_OWNER:
		return change_owner(view, call, plan);
	case ACT_MODE:
		change.kind = CHANGE_MODE;
		change.mode = (mode_t)request->args[request->nr == SYS_chmod ? 1 : 2] & 07777;
		if (change.mode & SET_ID)
			return plan_deny(view->ground->policy, EPERM);
		if (!is_movable(&st) && !(S_ISSOCK(st.st_mode) && is_own_socket(view->ground->policy, object)))
			return hide_by_grant(&plan, EPERM);
		break;
	case ACT_LENGTH:
		change.kind = CHANGE_LENGTH;
		change.length = (off_t)request->args[1];
		break;
	default:
		r = read_times(request, change.times);
		if (r)
			return plan_error(r);
	}
	plan = plan_change(&plan, change);
	return act == ACT_LENGTH && ledger_counts(view->ledger, object->grant) ? count_length(view, call, plan) : plan;
}

/* Extended attributes are answered as on a file system without them, as in reading. */
static bool is_attribute(uint32_t nr)
{
	enum { NR_setxattrat = 463, NR_removexattrat = 466 };

	return nr == SYS_setxattr || nr == SYS_lsetxattr || nr == SYS_removexattr || nr == SYS_lremovexattr ||
	       nr == NR_setxattrat || nr == NR_removexattrat;
}

/* Calls that no grant allows; their paths are decided on as in others, so that a hidden name stays hidden. */
static struct plan handle_refused(const struct view *view, struct call *call)
{
	const struct request *request = &call->request;
	struct plan plan;
	unsigned n;

	for (n = 0; n < request->n_paths; n++)
		if (request->paths[n].null || !look_up(view, call, n, 0, WANT_CHANGE, &plan))
			return request->paths[n].null ? plan_deny(view->ground->policy, 0) : plan;
	return is_attribute(request->nr) ? plan_hide(rule_syscall, EOPNOTSUPP) :
					   plan_deny(view->ground->policy, request->row->err);
}

struct plan handle_write_path(const struct view *view, struct call *call)
{
	enum act act = act_of(&call->request);

	/* futimens(3) */
	if (call->request.nr == SYS_utimensat && call->request.paths[0].null)
		return handle_own_times(view, call);
	if (act != ACT_NONE && call->request.paths[0].null)
		return plan_deny(view->ground->policy, 0);
	if (is_about_name(act))
		return handle_names(view, call, act);
	return act == ACT_NONE ? handle_refused(view, call) : handle_metadata(view, call, act);
}
