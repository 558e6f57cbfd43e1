/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a page shows of a log, gathered in one pass.
 *
 * Theory of operation of this room. The log is read once. What explain tells is kept by explain's own
 * collection; the rest is kept here, in memory that does not grow with the log, as
 *
 *   cells   exact sums over (call, decision, errno, path, place, stack, phase, subject): every table of
 *	     the page and its filter compute from them;
 *   calls   single ones, up to a bound; beyond it only those that a reader would look for;
 *   bins    counts over time, whose width doubles when the run outgrows them;
 *   nodes   the tree of Python stacks;
 *   lines   what each line of the program's own source did.
 *
 * The samples of a profile are counted separately in nodes and lines: a sample is no call.
 *
 * When there is no room for one more cell, the call is counted in a coarser one, and `folded` says how
 * often: first the directory instead of its files, then no stack, then neither path nor place. Sums stay
 * exact. The page is written afterwards (report/html/report.c), in the order of its template; the same
 * log gives the same bytes.
 *
 * Texts kept here are fit to be shown (report/html/html.h), and short.
 */
#ifndef PROCTOR_REPORT_HTML_GATHER_H
#define PROCTOR_REPORT_HTML_GATHER_H

#include "report/collect.h"
#include "report/descriptors.h"
#include "report/event.h"
#include "report/html/grants.h"
#include "report/summary.h"
#include "report/table.h"

enum {
	GATHER_ALL = 20000,	/* so many calls are kept one by one; if there are more: */
	GATHER_SLOW = 2000,	/* the slowest, */
	GATHER_REFUSED = 2000,	/* refused ones, over all of the run, */
	GATHER_EDGE = 500,	/* the first and the last, */
	GATHER_FIRSTS = 8000,	/* and the first of each cell */
	GATHER_CELLS = 12000,
	GATHER_COARSE = 2000,	/* cells of each coarser kind */
	GATHER_NODES = 12000,
	GATHER_DEPTH = 200,	/* frames of one stack */
	GATHER_PATHS = 8000,	/* beyond it, half as many directories and refused paths */
	GATHER_NAMES = 1024,
	GATHER_LINES = 20000,
	GATHER_FILES = 256,	/* of the program's own source */
	GATHER_LANES = 48,
	GATHER_THREADS = 4096,
	GATHER_BINS = 2048,
	GATHER_POINTS = 1024,	/* of what was used over time */
	GATHER_TASKS = 1024,
	GATHER_TEXT = 24 << 20, /* bytes of all texts together */
};

/* Nanoseconds that a browser still holds exactly: seven weeks. */
#define GATHER_MAX_TIME (UINT64_C(1) << 52)

enum zone { ZONE_FOLDER, ZONE_OUTSIDE, ZONE_INTERPRETER, ZONE_STREAM };
/* What a call is about, as the timeline colours it. */
enum about {
	ABOUT_FOLDER,
	ABOUT_OUTSIDE,
	ABOUT_INTERPRETER,
	ABOUT_DESCRIPTOR,
	ABOUT_MEMORY,
	ABOUT_WAITING,
	ABOUT_PROCESS,
	ABOUT_NETWORK,
	ABOUT_OTHER,
	N_ABOUT
};
enum what { WHAT_ALLOWED, WHAT_HIDDEN, WHAT_REFUSED, WHAT_KILLED, N_WHAT };

struct text_row {
	char *text;
	enum zone zone; /* of paths */
};

struct text_rows {
	struct table table;
	struct text_row *rows;
	size_t n, cap;
};

struct frame_row {
	char *file, *function;
	uint64_t line;
	bool own;
};

struct node {
	uint32_t parent, frame;
	uint64_t samples; /* that ended here, of a profile */
};

/* Totals of a profile. */
struct samples {
	uint64_t hz, all; /* 0: none was made */
	uint64_t unread;   /* without a Python frame */
	uint64_t left_out; /* in stacks that the log leaves out */
	bool wall;	   /* of threads that waited too */
	uint64_t peak_bytes; /* the most memory that was seen; 0: not told, or not where */
	char *peak_file, *peak_function; /* the innermost place of the program's own then; raw */
	uint64_t peak_line;
};

struct cell {
	uint32_t name, err, node;
	int32_t path, frame; /* -1: none */
	uint8_t what, phase, about;
	uint64_t n, ns, got, put, violations;
	uint64_t broker_ns; /* of NS, proctor's own */
};

struct kept_call {
	uint64_t sequence, at, ns; /* AT: nanoseconds since the start */
	int64_t result;
	bool returned, first, refused;
	uint32_t lane, cell;
	char *args;
};

struct lane {
	uint64_t tid, from, to, calls, violations;
	uint32_t (*bins)[N_ABOUT + 1]; /* GATHER_BINS of them; the last counts violations */
};

struct source_file {
	char *path;   /* raw */
	char *shown;
	char *sha256; /* of the file that ran, or NULL */
	bool changed; /* it was not the same throughout the run */
};

struct source_line {
	uint32_t file;
	uint64_t line;
	uint64_t calls, ns, wait_ns, refused, hidden;
	uint64_t broker_ns; /* of NS, proctor's own */
	uint64_t through, through_ns, last; /* including what it called; the last record counted there */
	uint64_t samples, sampled; /* of a profile: in the line itself; in it or in what it called */
	uint64_t last_stack;	   /* the last stack of the profile counted there */
	char *text; /* raw, as recorded, or NULL */
	bool cut;
};

/* What was used by, or at, a moment. */
struct usage_point {
	uint64_t at, cpu_ns, memory_bytes, output_bytes; /* AT: nanoseconds since the start */
};

/* A thread, as the summary tells of it. */
struct task_row {
	uint64_t pid, tid, parent; /* PARENT: of the first thread of a process; 0: the run's own */
	uint64_t from, to, cpu_ns; /* UINT64_MAX: not told */
	char *name, *command;	   /* or NULL */
};

struct gathering {
	struct collection collection;
	struct grants grants;
	json_t *start, *summary;
	struct log_health health;
	char sha256[65];
	struct samples samples;
	uint64_t n_stacks; /* of profiles */
	bool broker_told; /* the log says how much of a call's time was proctor's */
	bool every_call; /* the log has all of them: descriptors can be followed */

	struct text_rows names, errors, paths;
	struct table frame_table, node_table, line_table, thread_table, file_table;
	struct table cell_tables[6];
	uint32_t *cell_of[6];
	size_t cell_caps[6];
	struct frame_row *frames;
	struct node *nodes;
	struct cell *cells;
	struct source_file *files;
	struct source_line *lines;
	struct lane *lanes;
	struct descriptors descriptors;
	struct kept_call *calls;
	struct usage_point *points;
	struct task_row *tasks;
	size_t n_frames, cap_frames, n_nodes, cap_nodes, n_cells, cap_cells, n_files, cap_files, n_lines,
		cap_lines, n_lanes, cap_lanes, n_calls, cap_calls;
	uint64_t bin_ns;
	uint64_t output_bins[GATHER_BINS];
	size_t n_points, cap_points, n_tasks, cap_tasks;
	bool output_told; /* in the points */
	uint64_t tasks_left_out;

	int64_t start_ns;
	bool started_at; /* START_NS is known */
	uint64_t span, program_at; /* PROGRAM_AT: UINT64_MAX: its own code was never seen */
	uint64_t total, with_stack, hidden, output_bytes, threads, folded, text_bytes, text_left_out;
	bool thinned; /* not all calls are in CALLS */
};

/* Empty; release with gathering_fini(). */
void gathering_init(struct gathering *gathering);
void gathering_fini(struct gathering *gathering);

/* Reads READER, which must be new, to its end. 0 or -errno. */
int gather(struct gathering *gathering, struct log_reader *reader);

/* Does PATH, raw, lie in the program's folder, and is no package that was installed there? */
bool gather_is_own(const struct gathering *gathering, const char *path);
/* PATH relative to the program's folder where it lies beneath; borrowed. */
const char *gather_short(const struct gathering *gathering, const char *path);
/* The number of the line LINE of the file PATH (raw), or -1. */
ssize_t gather_line(struct gathering *gathering, const char *path, uint64_t line);

#endif
