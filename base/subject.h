/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a system call is about. The table of calls (tracee/syscalls.c) gives each row a topic; a topic
 * belongs to a subject. Records name both, so that a reader of the log needs no list of calls; the
 * sentences about topics are in words/topics.c.
 */
#ifndef PROCTOR_BASE_SUBJECT_H
#define PROCTOR_BASE_SUBJECT_H

#include <stdbool.h>

enum subject {
	SUBJECT_LOOK,	 /* does it exist, what is it, what is in that directory */
	SUBJECT_READ,	 /* what is in a file */
	SUBJECT_WRITE,	 /* creates, changes or removes something in the file system */
	SUBJECT_PROCESS, /* processes, threads, their scheduling and limits */
	SUBJECT_NETWORK,
	SUBJECT_MEMORY,
	SUBJECT_SIGNAL,
	SUBJECT_TIME,
	SUBJECT_OTHER,
	SUBJECT_COUNT
};

/* X(NAME, subject, name in a record) */
#define TOPICS(X)                                      \
	X(NONE, OTHER, "none") /* a call without a row */ \
	X(OPEN, READ, "open")                          \
	X(INPUT, READ, "input")                        \
	X(ADVICE, READ, "advice")                      \
	X(HANDLE, READ, "handle")                      \
	X(LOOK, LOOK, "look")                          \
	X(LIST, LOOK, "list")                          \
	X(CHDIR, LOOK, "chdir")                        \
	X(WATCH, LOOK, "watch")                        \
	X(MOUNTS, LOOK, "mounts")                      \
	X(CHANGE, WRITE, "change")                     \
	X(WRITE, WRITE, "write")                       \
	X(COPY, WRITE, "copy")                         \
	X(SYNC, WRITE, "sync")                         \
	X(EXEC, PROCESS, "exec")                       \
	X(START, PROCESS, "start")                     \
	X(THREAD, PROCESS, "thread")                   \
	X(PIDFD, PROCESS, "pidfd")                     \
	X(END, PROCESS, "end")                         \
	X(SELF, PROCESS, "self")                       \
	X(ASK, PROCESS, "ask")                         \
	X(OTHERS, PROCESS, "others")                   \
	X(GROUP, PROCESS, "group")                     \
	X(PRIORITY, PROCESS, "priority")               \
	X(IO_PRIORITY, PROCESS, "io_priority")         \
	X(AFFINITY, PROCESS, "affinity")               \
	X(SCHEDULE, PROCESS, "schedule")               \
	X(LIMITS, PROCESS, "limits")                   \
	X(IPC, PROCESS, "ipc")                         \
	X(NETWORK, NETWORK, "network")                 \
	X(SOCKET, NETWORK, "socket")                   \
	X(MEMORY, MEMORY, "memory")                    \
	X(MEMORY_FILE, MEMORY, "memory_file")          \
	X(MEMORY_LOOK, MEMORY, "memory_look")          \
	X(NUMA, MEMORY, "numa")                        \
	X(FUTEX, MEMORY, "futex")                      \
	X(BARRIER, MEMORY, "barrier")                  \
	X(SIGNAL, SIGNAL, "signal")                    \
	X(SIGNAL_DATA, SIGNAL, "signal_data")          \
	X(SIGNALS, SIGNAL, "signals")                  \
	X(CLOCK, TIME, "clock")                        \
	X(CLOCK_SET, TIME, "clock_set")                \
	X(TIMER, TIME, "timer")                        \
	X(DESCRIPTOR, OTHER, "descriptor")             \
	X(SEEK, OTHER, "seek")                         \
	X(TERMINAL, OTHER, "terminal")                 \
	X(CONTROL, OTHER, "control")                   \
	X(LOCK, OTHER, "lock")                         \
	X(IDENTITY, OTHER, "identity")                 \
	X(RIGHTS, OTHER, "rights")                     \
	X(SETTINGS, OTHER, "settings")                 \
	X(SANDBOX, OTHER, "sandbox")                   \
	X(NAMESPACE, OTHER, "namespace")               \
	X(FILESYSTEM, OTHER, "filesystem")             \
	X(SYSTEM, OTHER, "system")                     \
	X(MEASURE, OTHER, "measure")                   \
	X(KEYS, OTHER, "keys")                         \
	X(ASYNC, OTHER, "async")                       \
	X(RANDOM, OTHER, "random")                     \
	X(OBSOLETE, OTHER, "obsolete")

enum topic {
#define TOPIC_MEMBER(name, subject, text) TOPIC_##name,
	TOPICS(TOPIC_MEMBER)
#undef TOPIC_MEMBER
	TOPIC_COUNT
};

/* "look", "read" …, as written in records. Static. */
const char *subject_name(enum subject subject);
/* "open", "clock" … Static. */
const char *topic_name(enum topic topic);
/* TOPIC_NONE for a name that no topic has, and for NULL. */
enum topic topic_from_name(const char *name);
enum subject topic_subject(enum topic topic);

/* Groups of calls by what they are about, as a policy names them after an @: a subject, a topic that is not also
 * the name of a subject, or "admin". */
bool group_is_known(const char *group);
bool group_has(const char *group, enum topic topic);

#endif
