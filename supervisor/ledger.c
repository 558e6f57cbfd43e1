/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/util.h"
#include "supervisor/tasks.h"
#include "tracee/abi/abi.h"

/* Removed files that are held open to ask for a lease; any more count until the run ends. */
enum { GONE_MAX = 256 };

/* What is stored beneath one rule. */
struct allowance {
	const struct grant *grant;
	uint64_t bytes, files;
};

struct identity {
	dev_t dev;
	ino_t ino;
};

struct counted {
	struct identity identity;
	struct allowance *of;
	uint64_t before;  /* what it had when it was entered */
	uint64_t charged; /* what counts of it beyond that */
	bool written;	  /* the kernel writes to it while others run: what counts is what it may have come to */
	bool promised;	  /* not all of that may be stored: a write has been left to the kernel since the last look */
	unsigned names;	  /* that this run made */
	bool several;	  /* it has had more than one name at a time */
	bool looked;	  /* an O_PATH descriptor may have it, which no lease sees */
	UT_hash_handle hh;
};

/* A removed file that somebody may still have. */
struct gone {
	struct counted *file;
	int fd;	   /* to ask for a lease on; -1: watched */
	int watch;
};

struct ledger {
	struct allowance *allowances;
	size_t n_allowances;
	struct counted *files;
	struct gone *gone;
	size_t n_gone, cap_gone, n_held;
	int inotify; /* -1: none yet, or not to be had */
	bool opening;
	const struct grant *refused;
	bool refused_files;
};

static uint64_t pages(uint64_t bytes)
{
	return bytes > UINT64_MAX - ABI_PAGE ? UINT64_MAX - ABI_PAGE + 1 : (bytes + ABI_PAGE - 1) & ~(uint64_t)(ABI_PAGE - 1);
}

struct ledger *ledger_new(const struct policy *policy)
{
	struct ledger *ledger;
	size_t i, n = 0;

	if (!policy->counts)
		return NULL;
	ledger = xcalloc(1, sizeof *ledger);
	ledger->inotify = -1;
	ledger->allowances = xcalloc(policy->n_grants, sizeof *ledger->allowances);
	for (i = 0; i < policy->n_grants; i++)
		if (policy->grants[i]->quota.counted)
			ledger->allowances[n++].grant = policy->grants[i];
	ledger->n_allowances = n;
	return ledger;
}

void ledger_free(struct ledger *ledger)
{
	struct counted *file, *next;
	size_t i;

	if (!ledger)
		return;
	HASH_ITER(hh, ledger->files, file, next) {
		HASH_DEL(ledger->files, file);
		free(file);
	}
	for (i = 0; i < ledger->n_gone; i++)
		if (ledger->gone[i].fd >= 0)
			close(ledger->gone[i].fd);
	if (ledger->inotify >= 0)
		close(ledger->inotify);
	free(ledger->gone);
	free(ledger->allowances);
	free(ledger);
}

bool ledger_counts(const struct ledger *ledger, const struct grant *grant)
{
	return ledger && grant && grant->quota.counted;
}

const struct grant *ledger_grant(const struct counted *file)
{
	return file->of->grant;
}

static struct allowance *allowance_of(const struct ledger *ledger, const struct grant *grant)
{
	size_t i;

	for (i = 0; i < ledger->n_allowances; i++)
		if (ledger->allowances[i].grant == grant)
			return &ledger->allowances[i];
	return NULL;
}

/* ------------------------------------------------------------------ files */

struct counted *ledger_look(const struct ledger *ledger, const struct stat *st)
{
	struct identity identity = { 0 };
	struct counted *file;

	identity.dev = st->st_dev;
	identity.ino = st->st_ino;
	HASH_FIND(hh, ledger->files, &identity, sizeof identity, file);
	return file;
}

struct counted *ledger_find(const struct ledger *ledger, int fd, struct stat *ret_st)
{
	return fstat(fd, ret_st) < 0 ? NULL : ledger_look(ledger, ret_st);
}

/* What counts of a file with ST. A link's text is stored in its inode, or in a page. */
static uint64_t size_of(const struct stat *st)
{
	return S_ISREG(st->st_mode) || S_ISLNK(st->st_mode) ? pages((uint64_t)st->st_size) : 0;
}

static void charge(struct counted *file, uint64_t bytes)
{
	file->of->bytes += bytes - file->charged;
	file->charged = bytes;
}

static void sweep(struct ledger *ledger);
static void forget_former(struct ledger *ledger, struct counted *file);

struct counted *ledger_enter(struct ledger *ledger, const struct grant *grant, int fd, bool made)
{
	struct allowance *allowance = allowance_of(ledger, grant);
	struct counted *file;
	struct stat st;

	sweep(ledger);
	if (!allowance || fstat(fd, &st) < 0)
		return NULL;
	file = ledger_look(ledger, &st);
	if (file && made)
		forget_former(ledger, file);
	else if (file)
		return file;
	file = xcalloc(1, sizeof *file);
	file->identity.dev = st.st_dev;
	file->identity.ino = st.st_ino;
	file->of = allowance;
	/* Its holes are not stored yet and count: a write would store them. */
	file->before = made ? 0 : MIN(size_of(&st), pages((uint64_t)st.st_blocks * 512));
	file->several = st.st_nlink > 1 && !S_ISDIR(st.st_mode);
	HASH_ADD(hh, ledger->files, identity, sizeof file->identity, file);
	if (made) {
		file->names = 1;
		file->of->files++;
		charge(file, size_of(&st));
	}
	return file;
}

void ledger_looked(struct counted *file)
{
	file->looked = true;
}

void ledger_linked(struct counted *file)
{
	file->names++;
	file->several = true;
	file->of->files++;
}

static void take_off_name(struct counted *file)
{
	if (file->names == 0)
		return;
	file->names--;
	file->of->files--;
}

static void forget(struct ledger *ledger, struct counted *file)
{
	while (file->names)
		take_off_name(file);
	charge(file, 0);
	HASH_DEL(ledger->files, file);
	free(file);
}

/* ------------------------------------------------------------------ what was removed */

/* Another descriptor of the file that FD, which is O_PATH, is open on, to ask for a lease; -1. */
static int open_again(int fd)
{
	char name[32];
	int own;

	snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
	own = open(name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	return own >= 0 ? own : open(name, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
}

/* Does nobody else have what FD is open on? The lease is given up at once: breaking it would send a signal to us. */
static bool is_alone(int fd)
{
	if (fcntl(fd, F_SETLEASE, F_WRLCK) < 0)
		return false;
	fcntl(fd, F_SETLEASE, F_UNLCK);
	return true;
}

/* Do leases see everybody? Not on an overlay: a mapping has the file beneath it open, which the lease does not
 * cover. */
static bool sees_all(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) == 0 && fs.f_type != OVERLAYFS_SUPER_MAGIC;
}

static void keep(struct ledger *ledger, struct gone gone)
{
	grow_array(&ledger->gone, &ledger->cap_gone, ledger->n_gone + 1, sizeof(*ledger->gone));
	ledger->gone[ledger->n_gone++] = gone;
	ledger->n_held += gone.fd >= 0;
}

static void drop(struct ledger *ledger, size_t i)
{
	ledger->n_held -= ledger->gone[i].fd >= 0;
	if (ledger->gone[i].fd >= 0)
		close(ledger->gone[i].fd);
	forget(ledger, ledger->gone[i].file);
	ledger->gone[i] = ledger->gone[--ledger->n_gone];
}

/* FILE is gone, for its inode number is used again. Where the report of its end was lost it is still waited for. */
static void forget_former(struct ledger *ledger, struct counted *file)
{
	size_t i;

	for (i = 0; i < ledger->n_gone; i++)
		if (ledger->gone[i].file == file) {
			drop(ledger, i);
			return;
		}
	forget(ledger, file);
}

static void drop_watched(struct ledger *ledger, int watch)
{
	size_t i;

	for (i = 0; i < ledger->n_gone; i++)
		if (ledger->gone[i].fd < 0 && ledger->gone[i].watch == watch) {
			drop(ledger, i);
			return;
		}
}

static void read_ends(struct ledger *ledger)
{
	char room[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
	const struct inotify_event *event;
	ssize_t n, at;

	while (ledger->inotify >= 0 && (n = read(ledger->inotify, room, sizeof room)) > 0)
		for (at = 0; at < n; at += (ssize_t)(sizeof *event + event->len)) {
			event = (const struct inotify_event *)(room + at);
			if (event->mask & IN_DELETE_SELF)
				drop_watched(ledger, event->wd);
		}
}

/* Stops counting what nobody has any more. */
static void sweep(struct ledger *ledger)
{
	size_t i = 0;

	read_ends(ledger);
	while (i < ledger->n_gone)
		if (ledger->gone[i].fd >= 0 && is_alone(ledger->gone[i].fd))
			drop(ledger, i);
		else
			i++;
}

/* Has the kernel report when the file that FD is open on is gone. */
static int watch_end(struct ledger *ledger, int fd)
{
	char name[32];

	if (ledger->inotify < 0)
		ledger->inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (ledger->inotify < 0)
		return -1;
	snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
	return inotify_add_watch(ledger->inotify, name, IN_DELETE_SELF);
}

void ledger_removed(struct ledger *ledger, int fd)
{
	struct stat st;
	struct counted *file = ledger_find(ledger, fd, &st);
	struct gone gone = { .file = file, .fd = -1, .watch = -1 };

	if (!file)
		return;
	if (!S_ISDIR(st.st_mode) && st.st_nlink > 0) {
		if (file->names > 1 || file->several)
			take_off_name(file);
		return;
	}
	sweep(ledger);
	if (S_ISREG(st.st_mode) && !file->looked && sees_all(fd)) {
		if (ledger->n_held < GONE_MAX)
			gone.fd = open_again(fd);
		if (gone.fd < 0)
			return;
	} else if (!file->several) {
		gone.watch = watch_end(ledger, fd);
		if (gone.watch < 0)
			return;
	} else {
		return;
	}
	keep(ledger, gone);
	if (gone.fd >= 0 && is_alone(gone.fd))
		drop(ledger, ledger->n_gone - 1);
}

/* ------------------------------------------------------------------ room */

static uint64_t beyond(uint64_t bound, uint64_t used)
{
	return bound > used ? bound - used : 0;
}

static uint64_t left(const struct allowance *allowance)
{
	return beyond(allowance->grant->quota.bytes, allowance->bytes);
}

static uint64_t reach(const struct counted *file, const struct stat *st)
{
	uint64_t most = file->before + file->charged, more = left(file->of);

	most = more > INT64_MAX - most ? INT64_MAX : (most + more) & ~(uint64_t)(ABI_PAGE - 1);
	return most < (uint64_t)st->st_size ? 0 : most;
}

/* What counts of FILE when it is SIZE long. */
static uint64_t growth(const struct counted *file, uint64_t size)
{
	return size > file->before ? size - file->before : 0;
}

/* Where there is no room, for the holes of what lay there before, nothing is charged: nothing is written to the file
 * then. */
static void settle(struct counted *file, uint64_t size)
{
	uint64_t more = growth(file, size);

	if (file->written)
		return;
	file->promised = false;
	if (more <= file->charged || more - file->charged <= left(file->of))
		charge(file, more);
}

uint64_t ledger_reach(struct ledger *ledger, struct counted *file, const struct stat *st)
{
	if (ledger->n_gone)
		sweep(ledger);
	if (file->promised)
		settle(file, size_of(st));
	return reach(file, st);
}

void ledger_promise(struct counted *file, uint64_t end)
{
	charge(file, MAX(growth(file, pages(end)), file->charged));
	file->promised = true;
}

void ledger_settle(struct counted *file, int fd)
{
	struct stat st;

	if (fstat(fd, &st) == 0)
		settle(file, size_of(&st));
}

void ledger_settle_at(struct counted *file, uint64_t size)
{
	settle(file, pages(size));
}

void ledger_begin_write(struct counted *file, uint64_t end)
{
	ledger_promise(file, end);
	file->written = true;
}

void ledger_end_write(struct counted *file, int fd)
{
	file->written = false;
	ledger_settle(file, fd);
}

bool ledger_is_written(const struct counted *file)
{
	return file->written;
}

bool ledger_has_room(struct ledger *ledger, const struct grant *grant, uint64_t n, uint64_t bytes)
{
	const struct allowance *allowance = allowance_of(ledger, grant);

	if (ledger->n_gone)
		sweep(ledger);
	return allowance && n <= beyond(grant->quota.files, allowance->files) && pages(bytes) <= left(allowance);
}

/* ------------------------------------------------------------------ */

bool ledger_may_open(const struct ledger *ledger)
{
	return !ledger->opening;
}

void ledger_begin_open(struct ledger *ledger)
{
	ledger->opening = true;
}

void ledger_end_open(struct ledger *ledger)
{
	ledger->opening = false;
}

void ledger_refused(struct ledger *ledger, const struct grant *grant, bool of_files)
{
	ledger->refused = grant;
	ledger->refused_files = of_files;
}

const struct quota *ledger_last_refused(const struct ledger *ledger, bool *ret_of_files)
{
	if (!ledger || !ledger->refused)
		return NULL;
	*ret_of_files = ledger->refused_files;
	return &ledger->refused->quota;
}
