/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/shared_memory.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/util.h"

struct shared_name {
	char *name;
	uint64_t piece;
};

struct shared_piece {
	uint64_t id; /* never given twice */
	int fd;	     /* opened anew: leases know nothing of the descriptor that memfd_create(2) returns */
	unsigned names;
	dev_t dev;
	ino_t ino;
};

void shared_init(struct shared_memory *shared)
{
	*shared = (struct shared_memory){ .fd = -1, .number = -1, .theirs = -1 };
}

void shared_fini(struct shared_memory *shared)
{
	size_t i;

	for (i = 0; i < shared->n_names; i++)
		free(shared->names[i].name);
	for (i = 0; i < shared->n_pieces; i++)
		close(shared->pieces[i].fd);
	free(shared->names);
	free(shared->pieces);
	if (shared->fd >= 0)
		close(shared->fd);
	if (shared->theirs >= 0)
		close(shared->theirs);
	shared_init(shared);
}

int shared_begin(struct shared_memory *shared, int *ret_theirs)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) < 0)
		return -errno;
	shared->fd = ends[0];
	shared->theirs = fcntl(ends[1], F_DUPFD_CLOEXEC, 3);
	if (shared->theirs < 0) {
		close(ends[1]);
		return -EMFILE;
	}
	*ret_theirs = ends[1];
	return 0;
}

const char *shared_name_of(const char *path)
{
	const char *name = after_prefix(path, SHARED_DIRECTORY "/");

	return name && *name && !strchr(name, '/') ? name : NULL;
}

/* ------------------------------------------------------------------ names and pieces */

static struct shared_name *find_name(const struct shared_memory *shared, const char *name)
{
	size_t i;

	for (i = 0; i < shared->n_names; i++)
		if (streq(shared->names[i].name, name))
			return &shared->names[i];
	return NULL;
}

static struct shared_piece *find_piece(const struct shared_memory *shared, uint64_t id)
{
	size_t i = 0;

	/* Each name has a piece. */
	while (shared->pieces[i].id != id)
		i++;
	return &shared->pieces[i];
}

static int add_name(struct shared_memory *shared, const char *name, struct shared_piece *piece)
{
	if (strlen(name) > NAME_MAX)
		return -ENAMETOOLONG;
	if (shared->n_names == SHARED_MAX)
		return -ENOSPC;
	grow_array(&shared->names, &shared->cap_names, shared->n_names + 1, sizeof *shared->names);
	shared->names[shared->n_names++] = (struct shared_name){ xstrdup(name), piece->id };
	piece->names++;
	return 0;
}

/* Does nobody but the supervisor have it open or mapped? */
static bool is_alone(int fd)
{
	if (fcntl(fd, F_SETLEASE, F_WRLCK) < 0)
		return false;
	fcntl(fd, F_SETLEASE, F_UNLCK);
	return true;
}

static void give_back(struct shared_memory *shared)
{
	size_t i, kept = 0;

	for (i = 0; i < shared->n_pieces; i++) {
		struct shared_piece *piece = &shared->pieces[i];

		if (piece->names == 0 && is_alone(piece->fd))
			close(piece->fd);
		else
			shared->pieces[kept++] = *piece;
	}
	shared->n_pieces = kept;
}

static int reopen(int fd, int flags)
{
	char path[32];
	int again;

	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	again = open(path, flags | O_CLOEXEC | O_NOCTTY);
	return again < 0 ? -errno : again;
}

/* A piece without a name yet. */
static int make_piece(struct shared_memory *shared, struct shared_piece **ret_piece)
{
	static uint64_t ids;
	_cleanup_close_ int made = -1;
	struct stat st;
	int fd;

	if (shared->n_pieces == SHARED_MAX)
		give_back(shared);
	if (shared->n_pieces == SHARED_MAX)
		return -ENOSPC;
	made = memfd_create("proctor-shared", MFD_CLOEXEC);
	if (made < 0)
		return -ENFILE;
	fd = reopen(made, O_RDWR);
	if (fd < 0 || fstat(fd, &st) < 0) {
		if (fd >= 0)
			close(fd);
		return -ENFILE;
	}
	grow_array(&shared->pieces, &shared->cap_pieces, shared->n_pieces + 1, sizeof *shared->pieces);
	*ret_piece = &shared->pieces[shared->n_pieces++];
	**ret_piece = (struct shared_piece){ .id = __atomic_add_fetch(&ids, 1, __ATOMIC_RELAXED), .fd = fd,
					     .dev = st.st_dev, .ino = st.st_ino };
	return 0;
}

/* ------------------------------------------------------------------ calls */

int shared_stat(const struct shared_memory *shared, const char *name, struct stat *ret_st)
{
	const struct shared_name *found = find_name(shared, name);
	const struct shared_piece *piece;

	if (!found)
		return strlen(name) > NAME_MAX ? -ENAMETOOLONG : -ENOENT;
	piece = find_piece(shared, found->piece);
	if (fstat(piece->fd, ret_st) < 0)
		return -errno;
	ret_st->st_nlink = piece->names;
	return 0;
}

bool shared_is_piece(const struct shared_memory *shared, const struct stat *st)
{
	size_t i;

	for (i = 0; i < shared->n_pieces; i++)
		if (shared->pieces[i].dev == st->st_dev && shared->pieces[i].ino == st->st_ino)
			return true;
	return false;
}

/* The new piece is opened before its mode is set: the maker of a file may open it whatever its mode. */
static int create(struct shared_memory *shared, const char *name, int flags, mode_t mode)
{
	struct shared_piece *piece;
	int fd, r;

	if (strlen(name) > NAME_MAX)
		return -ENAMETOOLONG;
	if (shared->n_names == SHARED_MAX)
		return -ENOSPC;
	r = make_piece(shared, &piece);
	if (r < 0)
		return r;
	fd = reopen(piece->fd, flags);
	if (fd < 0)
		return fd;
	r = fchmod(piece->fd, mode & 0777) < 0 ? -errno : add_name(shared, name, piece);
	if (r < 0) {
		close(fd);
		return r;
	}
	return fd;
}

int shared_open(struct shared_memory *shared, const char *name, int flags, mode_t mode)
{
	const int kept = flags & (O_ACCMODE | O_APPEND | O_NONBLOCK | O_PATH);
	const struct shared_name *found = find_name(shared, name);

	if (!found)
		return flags & O_CREAT && !(flags & (O_DIRECTORY | O_PATH)) ?
			       create(shared, name, kept, mode) :
			       strlen(name) > NAME_MAX ? -ENAMETOOLONG : -ENOENT;
	if ((flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL) && !(flags & O_PATH))
		return -EEXIST;
	if (flags & O_DIRECTORY)
		return -ENOTDIR;
	return reopen(find_piece(shared, found->piece)->fd, kept | (flags & O_PATH ? 0 : flags & O_TRUNC));
}

int shared_make(struct shared_memory *shared, uint64_t size)
{
	struct shared_piece *piece;
	int fd;

	if (size > INT64_MAX || make_piece(shared, &piece) < 0)
		return -ENOMEM;
	fd = ftruncate(piece->fd, (off_t)size) < 0 ? -1 : reopen(piece->fd, O_RDWR);
	return fd < 0 ? -ENOMEM : fd;
}

int shared_unlink(struct shared_memory *shared, const char *name)
{
	struct shared_name *found = find_name(shared, name);

	if (!found)
		return strlen(name) > NAME_MAX ? -ENAMETOOLONG : -ENOENT;
	find_piece(shared, found->piece)->names--;
	free(found->name);
	*found = shared->names[--shared->n_names];
	give_back(shared);
	return 0;
}

int shared_link(struct shared_memory *shared, const char *from, const char *to)
{
	const struct shared_name *found = find_name(shared, from);

	if (!found)
		return strlen(from) > NAME_MAX ? -ENAMETOOLONG : -ENOENT;
	if (find_name(shared, to))
		return -EEXIST;
	return add_name(shared, to, find_piece(shared, found->piece));
}

uint64_t shared_bytes(struct shared_memory *shared)
{
	uint64_t bytes = 0;
	struct stat st;
	size_t i;

	if (shared->n_pieces)
		give_back(shared);
	for (i = 0; i < shared->n_pieces; i++)
		if (fstat(shared->pieces[i].fd, &st) == 0)
			bytes += (uint64_t)st.st_blocks * 512;
	return bytes;
}

/* ------------------------------------------------------------------ to the program */

static void take_back(struct shared_memory *shared)
{
	char byte;

	/* recv(2) has no room for the descriptors, so they are closed: unix(7). */
	while (recv(shared->theirs, &byte, 1, MSG_DONTWAIT) >= 0)
		;
}

int shared_send(struct shared_memory *shared, int fd)
{
	alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof fd)] = { 0 };
	char byte = 0;
	struct iovec data = { &byte, 1 };
	struct msghdr message = {
		.msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control
	};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	int r;

	take_back(shared);
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof fd);
	memcpy(CMSG_DATA(header), &fd, sizeof fd);
	r = sendmsg(shared->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -ENFILE : 0;
	close(fd);
	return r;
}
