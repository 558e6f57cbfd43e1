/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shared memory by name (shm_open(3), sem_open(3)): the names in /dev/shm that a program makes are this run's own.
 * Behind each is memory without a name anywhere (memfd_create(2)), which the supervisor makes and holds; the file
 * system /dev/shm is never looked at. Nothing is left when the run ends, and no other process can reach it.
 *
 * The program gets its descriptor in a message: its open becomes recvmsg(2) on a reserved socket, where the supervisor
 * has just sent one. What comes is always memory of the run's own, or what a person let it read (ask.h), so it does
 * not matter that the program can change the place where it is received.
 *
 * Like a file, memory lives as long as something refers to it. The supervisor's own descriptor would keep it, so that
 * of a removed name is closed as soon as it is the last: only then does the kernel grant a lease (fcntl(2),
 * F_SETLEASE). Until then all of it counts as the program's memory, mapped or not.
 *
 * Where the program may make processes, shared memory without a name (mmap(2), MAP_SHARED|MAP_ANONYMOUS) is such a
 * piece too: once each process has let go of its pages, the kernel would keep it and report it nowhere.
 *
 * Units: bytes. Errors: -errno, as the kernel tells the program.
 */
#ifndef PROCTOR_SUPERVISOR_SHARED_MEMORY_H
#define PROCTOR_SUPERVISOR_SHARED_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

/* Bound of names, and of pieces of memory that have one or are in use without. Beyond it ENOSPC. */
enum { SHARED_MAX = 512 };
#define SHARED_DIRECTORY "/dev/shm"

struct shared_name;
struct shared_piece;

struct shared_memory {
	int fd, number; /* the supervisor's end of the socket, and the program's among the reserved ones; -1: none */
	int theirs;	/* the supervisor's own descriptor of that end; -1: none */
	bool giving;	/* a descriptor is under way: one at a time, or threads would get each other's */
	struct shared_name *names;
	struct shared_piece *pieces;
	size_t n_names, cap_names, n_pieces, cap_pieces;
};

void shared_init(struct shared_memory *shared);
void shared_fini(struct shared_memory *shared);
/* Makes the socket; RET_THEIRS is for the program to inherit, and the caller's to close. 0 or -errno. */
int shared_begin(struct shared_memory *shared, int *ret_theirs);

/* The name that canonical PATH has in the directory, or NULL. Borrowed from PATH. */
const char *shared_name_of(const char *path);

/* What NAME leads to, as stat(2) tells it; -ENOENT. */
int shared_stat(const struct shared_memory *shared, const char *name, struct stat *ret_st);
/* Is the file with ST a piece of this memory? */
bool shared_is_piece(const struct shared_memory *shared, const struct stat *st);

/* open(2) of NAME with FLAGS and MODE (umask taken off): a new descriptor, the caller's. */
int shared_open(struct shared_memory *shared, const char *name, int flags, mode_t mode);
/* A piece without a name, of SIZE bytes: a new descriptor, the caller's; -ENOMEM. */
int shared_make(struct shared_memory *shared, uint64_t size);
int shared_unlink(struct shared_memory *shared, const char *name);
int shared_link(struct shared_memory *shared, const char *from, const char *to);

/* How much all of it takes now. What nobody has any more is given back first. */
uint64_t shared_bytes(struct shared_memory *shared);

/* Sends FD to the program and closes it. An earlier one that was never fetched, because a process was killed meanwhile,
 * is dropped. 0 or -errno. */
int shared_send(struct shared_memory *shared, int fd);

#endif
