/* SPDX-License-Identifier: Apache-2.0 */
#include "report/descriptors.h"

#include <stdlib.h>

enum { STREAMS = 3, MAX_FD = 1 << 16, DEAD_MAX = 64 };

void descriptors_init(struct descriptors *d, const struct log_health *health)
{
	*d = (struct descriptors){ .room = DESCRIPTORS_MAX, .health = health };
}

/* ------------------------------------------------------------------ one table */

/* TO is now open on OBJECT. */
static void set_object(struct descriptors *d, struct descriptor *to, int32_t object)
{
	int32_t former = to->object;

	to->object = object;
	if (d->hold && object != DESCRIPTOR_UNKNOWN)
		d->hold(d->arg, object, 1);
	if (d->hold && former != DESCRIPTOR_UNKNOWN)
		d->hold(d->arg, former, -1);
}

static void forget(struct descriptors *d, struct descriptor_table *t)
{
	for (size_t fd = 0; fd < t->n; fd++)
		set_object(d, &t->of[fd], DESCRIPTOR_UNKNOWN);
	d->room += t->n;
	free(t->of);
	t->of = NULL;
	t->n = t->cap = 0;
}

/* The descriptor FD of T, to be set; NULL when there is no room. */
static struct descriptor *at_fd(struct descriptors *d, struct descriptor_table *t, size_t fd)
{
	if (t->unknown || t->gone)
		return NULL;
	if (fd < t->n)
		return &t->of[fd];
	if (fd >= MAX_FD || fd + 1 - t->n > d->room)
		return NULL;
	d->room -= fd + 1 - t->n;
	grow_array(&t->of, &t->cap, fd + 1, sizeof *t->of);
	for (; t->n <= fd; t->n++)
		t->of[t->n] = (struct descriptor){ .object = DESCRIPTOR_UNKNOWN };
	return &t->of[fd];
}

static void lose(struct descriptors *d, struct descriptor_table *t)
{
	forget(d, t);
	t->unknown = true;
}

void descriptors_fini(struct descriptors *d)
{
	for (size_t i = 0; i < d->n; i++)
		forget(d, &d->tables[i]);
	free(d->tables);
	*d = (struct descriptors){ 0 };
}

/* ------------------------------------------------------------------ processes */

static struct descriptor_table *find(struct descriptors *d, uint64_t pid)
{
	if (d->last < d->n && d->tables[d->last].pid == pid)
		return &d->tables[d->last];
	for (size_t i = 0; i < d->n; i++)
		if (d->tables[i].pid == pid) {
			d->last = i;
			return &d->tables[i];
		}
	return NULL;
}

static void end(struct descriptors *d, struct descriptor_table *t)
{
	if (t->gone)
		return;
	forget(d, t);
	t->gone = true;
	d->dead++;
}

/* That a process is gone is kept for a while: a record of one of its threads may come after its end. */
static void bury(struct descriptors *d)
{
	size_t kept = 0;

	for (size_t i = 0; i < d->n; i++)
		if (!d->tables[i].gone)
			d->tables[kept++] = d->tables[i];
	d->n = kept;
	d->dead = 0;
}

/* An empty table; NULL when there are too many. Tables move: no pointer to one outlives this. */
static struct descriptor_table *add(struct descriptors *d, uint64_t pid)
{
	if (d->dead > DEAD_MAX || d->n >= PROCESSES_MAX)
		bury(d);
	if (d->n >= PROCESSES_MAX)
		return NULL;
	grow_array(&d->tables, &d->cap, d->n + 1, sizeof *d->tables);
	d->tables[d->n] = (struct descriptor_table){ .pid = pid, .thread = pid };
	d->last = d->n++;
	return &d->tables[d->last];
}

/* TO has what FROM had AT some moment, but where it has made calls of its own since. */
static void inherit(struct descriptors *d, const struct descriptor_table *from, struct descriptor_table *to, uint64_t at)
{
	to->inherited = true;
	if (from->unknown)
		lose(d, to);
	for (size_t fd = 0; fd < from->n; fd++) {
		const struct descriptor *had = &from->of[fd];
		struct descriptor *now = had->object != DESCRIPTOR_UNKNOWN && had->since <= at ? at_fd(d, to, fd) : NULL;

		if (!now || now->own)
			continue;
		set_object(d, now, had->object);
		now->cloexec = had->cloexec;
		now->since = had->since;
	}
}

static void begin_run(struct descriptors *d, struct descriptor_table *t)
{
	d->begun = true;
	t->inherited = t->confirmed = true;
	for (uint32_t fd = 0; fd < STREAMS && d->first; fd++) {
		struct descriptor *stream = at_fd(d, t, fd);

		if (stream)
			set_object(d, stream, d->first(d->arg, fd));
	}
}

/* The table of EVENT's process; NULL: nothing is known. */
static struct descriptor_table *table_of(struct descriptors *d, const struct event *event)
{
	const struct descriptor_table *parent;
	struct descriptor_table *t;

	if (log_has_gaps(d->health))
		return NULL;
	t = find(d, event->pid);
	if (!t) {
		t = add(d, event->pid);
		if (!t)
			return NULL;
		t->thread = event->tid;
		if (!d->begun)
			begin_run(d, t);
		/* The call that made it has not been recorded yet: with one thread its parent has made none since. */
		parent = t->inherited ? NULL : find(d, event->parent);
		if (parent && parent != t && !parent->threads && !parent->gone)
			inherit(d, parent, t, UINT64_MAX);
	}
	if (t->thread != event->tid)
		t->threads = true;
	return t;
}

/* ------------------------------------------------------------------ calls */

bool call_is_one_of(const char *name, const char *names)
{
	size_t n = strlen(name);

	for (const char *at = n ? strstr(names, name) : NULL; at; at = strstr(at + 1, name))
		if (at > names && at[-1] == ' ' && at[n] == ' ')
			return true;
	return false;
}

bool call_opens(const char *name)
{
	return call_is_one_of(name, " open openat openat2 creat ");
}

/* Calls that return a new descriptor on something without a path. */
static bool makes(const char *name)
{
	return call_is_one_of(name, " socket accept accept4 epoll_create epoll_create1 eventfd eventfd2 timerfd_create signalfd"
				    " signalfd4 memfd_create memfd_secret inotify_init inotify_init1 pidfd_open pidfd_getfd"
				    " open_by_handle_at userfaultfd io_uring_setup open_tree open_tree_attr fsopen fspick fsmount mq_open"
				    " perf_event_open landlock_create_ruleset fanotify_init bpf ");
}

bool call_changes_descriptors(const char *name)
{
	return call_opens(name) || makes(name) ||
	       call_is_one_of(name, " close close_range dup dup2 dup3 fcntl ioctl execve execveat fork vfork clone clone3 wait4"
				    " unshare exit_group ");
}

bool call_reads(const char *name)
{
	return call_is_one_of(name, " read pread64 readv preadv preadv2 recvfrom ");
}

bool call_writes(const char *name)
{
	return call_is_one_of(name, " write pwrite64 writev pwritev pwritev2 sendto ");
}

bool call_copies(const char *name, size_t *ret_from, size_t *ret_to)
{
	bool sends = streq(name, "sendfile"), copies = call_is_one_of(name, " copy_file_range splice ");

	*ret_from = sends ? 1 : 0;
	*ret_to = copies ? 2 : 0;
	return sends || copies;
}

/* Is the call NAME about its first argument, a descriptor? */
static bool names_descriptor(const char *name)
{
	return call_reads(name) || call_writes(name) ||
	       call_is_one_of(name, " close lseek fstat ioctl fcntl dup dup2 dup3 getdents getdents64 ftruncate fallocate fsync"
				    " fdatasync sync_file_range flock fadvise64 readahead fstatfs fchdir fchmod fchown fgetxattr"
				    " fsetxattr flistxattr fremovexattr ");
}

/* The descriptor in ARGS[AT]; false when that is not a descriptor. */
static bool descriptor_at(json_t *args, size_t at, uint32_t *ret_fd)
{
	const char *text = json_string_value(json_array_get(args, at));
	char *end_of;
	unsigned long fd;

	if (!text || *text < '0' || *text > '9')
		return false;
	fd = strtoul(text, &end_of, 10);
	*ret_fd = (uint32_t)fd;
	return !*end_of && fd < MAX_FD;
}

/* The number ARGS[AT], "0x4" or "4"; 0: it is none. */
static uint64_t number_at(json_t *args, size_t at)
{
	const char *text = json_string_value(json_array_get(args, at));

	return text && *text >= '0' && *text <= '9' ? strtoull(text, NULL, 0) : 0;
}

/* Nanoseconds since 1970; 0: not known. */
static uint64_t beginning(const struct event *event)
{
	return event->timed && event->time_ns > 0 ? (uint64_t)event->time_ns : 0;
}

int32_t descriptors_object(struct descriptors *d, const struct event *event, size_t at)
{
	const struct descriptor_table *t;
	uint32_t fd;

	if (!descriptor_at(event->args, at, &fd))
		return DESCRIPTOR_UNKNOWN;
	t = table_of(d, event);
	/* One that another thread opened while the call was under way is not what it began with. */
	return t && fd < t->n && (!t->threads || t->of[fd].since <= beginning(event)) ? t->of[fd].object : DESCRIPTOR_UNKNOWN;
}

/* Is EVENT about its first argument, a descriptor, though its call mostly names a path? */
static bool names_by_exception(const struct event *event)
{
	const char *path = json_string_value(json_array_get(event->args, 1));

	return (call_is_one_of(event->name, " newfstatat statx ") && event_has_flag(event, "AT_EMPTY_PATH")) ||
	       (streq(event->name, "utimensat") && path && streq(path, "NULL"));
}

int32_t descriptors_subject(struct descriptors *d, const struct event *event)
{
	size_t from = 0, to;

	/* Only for calls of which an argument is a descriptor, so that a number there is one. */
	if (call_copies(event->name, &from, &to) || names_descriptor(event->name) || names_by_exception(event))
		return descriptors_object(d, event, from);
	return DESCRIPTOR_UNKNOWN;
}

static bool duplicates(const struct event *event)
{
	const char *command = json_string_value(json_array_get(event->args, 1));

	return call_is_one_of(event->name, " dup dup2 dup3 ") ||
	       (streq(event->name, "fcntl") && command && after_prefix(command, "F_DUPFD"));
}

static void open_at(struct descriptors *d, struct descriptor_table *t, const struct event *event, int32_t object)
{
	struct descriptor *to = at_fd(d, t, (size_t)event->result);
	uint32_t fd;

	/* A copy onto itself changes nothing. */
	if (!to || (duplicates(event) && descriptor_at(event->args, 0, &fd) && fd == event->result))
		return;
	set_object(d, to, object);
	to->own = true;
	to->cloexec = event_has_flag(event, "CLOEXEC");
	if (__builtin_add_overflow(beginning(event), event->duration_ns, &to->since))
		to->since = UINT64_MAX;
}

static void close_at(struct descriptors *d, struct descriptor_table *t, const struct event *event, size_t fd)
{
	/* Without a row it is unknown already; but what a process closes before it has inherited it has to be kept. */
	struct descriptor *to = fd < t->n || !t->inherited ? at_fd(d, t, fd) : NULL;

	if (!to || (t->threads && beginning(event) < to->since))
		return;
	set_object(d, to, DESCRIPTOR_UNKNOWN);
	to->own = true;
}

static void close_some(struct descriptors *d, struct descriptor_table *t, const struct event *event)
{
	uint64_t flags = number_at(event->args, 2), last = number_at(event->args, 1);
	const char *text = json_string_value(json_array_get(event->args, 1));

	/* ~0U, as it is mostly written, is told as -1. A range of which a part is unshared leaves other threads theirs. */
	if (text && *text == '-')
		last = UINT64_MAX;
	if (flags & 2 && t->threads) {
		lose(d, t);
		return;
	}
	/* Too many rows to keep for what it has not inherited yet. */
	if (!t->inherited)
		lose(d, t);
	for (uint64_t fd = number_at(event->args, 0); fd < t->n && fd <= last; fd++) {
		if (flags & 4)
			t->of[fd].cloexec = true;
		else
			close_at(d, t, event, fd);
	}
}

static void mark_cloexec(struct descriptors *d, struct descriptor_table *t, const struct event *event)
{
	const char *command = json_string_value(json_array_get(event->args, 1));
	struct descriptor *of;
	uint32_t fd;
	bool set, clear;

	if (!command || !descriptor_at(event->args, 0, &fd))
		return;
	set = streq(command, "FIOCLEX") || (streq(command, "F_SETFD") && number_at(event->args, 2) & 1);
	clear = streq(command, "FIONCLEX") || (streq(command, "F_SETFD") && !(number_at(event->args, 2) & 1));
	of = (set || clear) && (fd < t->n || !t->inherited) ? at_fd(d, t, fd) : NULL;
	if (!of)
		return;
	of->cloexec = set;
	/* Its mark is another one than that with which it would be inherited. */
	of->own = of->own || !t->inherited;
}

static void execute(struct descriptors *d, struct descriptor_table *t)
{
	t->threads = false;
	t->thread = t->pid;
	if (!t->inherited)
		lose(d, t);
	for (size_t fd = 0; fd < t->n; fd++) {
		if (!t->of[fd].cloexec)
			continue;
		set_object(d, &t->of[fd], DESCRIPTOR_UNKNOWN);
		t->of[fd].cloexec = false;
		t->of[fd].own = true;
	}
}

/* PARENT's call EVENT has made the process CHILD: a copy of it. */
static void fork_table(struct descriptors *d, uint64_t parent, uint64_t pid, const struct event *event)
{
	struct descriptor_table *t = find(d, pid);
	const struct descriptor_table *from;

	/* Another process had the number before. */
	if (t && t->confirmed) {
		forget(d, t);
		d->dead -= t->gone;
		*t = (struct descriptor_table){ .pid = pid, .thread = pid };
	}
	if (!t)
		t = add(d, pid);
	from = find(d, parent);
	if (!t || !from)
		return;
	t->confirmed = true;
	if (!t->inherited && !t->gone)
		inherit(d, from, t, from->threads ? beginning(event) : UINT64_MAX);
}

/* A process has been waited for: it has ended, or, which is rare, been stopped; then nothing is known of it any more. */
static void end_child(struct descriptors *d, uint64_t pid)
{
	struct descriptor_table *t = find(d, pid);

	if (t)
		end(d, t);
}

static void make_process(struct descriptors *d, struct descriptor_table *t, const struct event *event)
{
	uint64_t child = (uint64_t)event->result;
	struct descriptor_table *other;

	/* clone3's flags are in memory: a thread, or more rarely a process, of which nothing is known then. */
	if (event_has_flag(event, "CLONE_THREAD") || streq(event->name, "clone3")) {
		t->threads = true;
		return;
	}
	if (!event_has_flag(event, "CLONE_FILES")) {
		fork_table(d, t->pid, child, event);
		return;
	}
	lose(d, t);
	other = find(d, child);
	if (!other)
		other = add(d, child);
	if (other)
		lose(d, other);
}

static void take_call(struct descriptors *d, struct descriptor_table *t, const struct event *event, int32_t object)
{
	bool known;
	uint32_t fd;

	if (!call_changes_descriptors(event->name))
		return;
	if (streq(event->name, "exit_group"))
		end(d, t);
	if (!event->returned || event->result < 0)
		return;
	known = call_opens(event->name) && !event_has_flag(event, "O_TMPFILE");
	if (streq(event->name, "close") && descriptor_at(event->args, 0, &fd))
		close_at(d, t, event, fd);
	else if (streq(event->name, "close_range"))
		close_some(d, t, event);
	else if (known || duplicates(event))
		open_at(d, t, event, object);
	else if (call_opens(event->name) || makes(event->name))
		open_at(d, t, event, DESCRIPTOR_UNKNOWN);
	else if (call_is_one_of(event->name, " fcntl ioctl "))
		mark_cloexec(d, t, event);
	else if (call_is_one_of(event->name, " execve execveat "))
		execute(d, t);
	else if (call_is_one_of(event->name, " fork vfork clone clone3 ") && event->result > 0)
		make_process(d, t, event);
	else if (streq(event->name, "wait4") && event->result > 0)
		end_child(d, (uint64_t)event->result);
	else if (streq(event->name, "unshare") && t->threads)
		lose(d, t);
}

void descriptors_follow(struct descriptors *d, const struct event *event, int32_t object)
{
	struct descriptor_table *t = table_of(d, event);

	if (!t)
		return;
	if (event->kind == RECORD_SIGNAL && json_bool(event->json, "fatal", false))
		end(d, t);
	else if (event->kind == RECORD_CALL && event->name)
		take_call(d, t, event, object);
}
