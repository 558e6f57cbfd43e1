/* SPDX-License-Identifier: Apache-2.0 */
#include "report/html/gather.h"

#include <stdlib.h>

#include "report/html/course.h"
#include "report/html/html.h"
#include "report/html/kept.h"

/* Only digests are kept of keys, and of texts what kept_text() leaves; names of source files are kept whole. */
enum { GATHER_FILE_NAMES = 1 << 20 };

/* Rows that are there from the start, so that there is always one to count in. */
enum { NAME_BEYOND, ERROR_NONE = 0, ERROR_BEYOND = 1, PATH_BEYOND = 0, FRAME_BEYOND = 0 };
/* Each kind of cell has its own room: ordinary ones, violations, and coarser ones. */
enum { CELL_EXACT, CELL_VIOLATION, CELL_DIRECTORY, CELL_NO_STACK, CELL_NO_PLACE, CELL_BEYOND };

static const size_t cell_room[] = {
	[CELL_EXACT] = GATHER_CELLS,	   [CELL_VIOLATION] = GATHER_CELLS / 2, [CELL_DIRECTORY] = GATHER_COARSE,
	[CELL_NO_STACK] = GATHER_COARSE, [CELL_NO_PLACE] = GATHER_COARSE,	    [CELL_BEYOND] = N_WHAT,
};

static void add(uint64_t *sum, uint64_t n)
{
	if (__builtin_add_overflow(*sum, n, sum))
		*sum = UINT64_MAX;
}

/* ------------------------------------------------------------------ texts */

/* The row of the N bytes at KEY, made of TEXT when it is new; SIZE_MAX when there is no room. */
static size_t put_row(struct gathering *g, struct text_rows *rows, const void *key, size_t n, const char *text,
		      enum zone zone)
{
	bool is_new;
	size_t i = table_put(&rows->table, key, n, &is_new);

	if (i == TABLE_FULL || !is_new)
		return i;
	grow_array(&rows->rows, &rows->cap, i + 1, sizeof *rows->rows);
	rows->rows[i] = (struct text_row){
		kept_text(g, text, strlen(text), HTML_MAX_TEXT, rows == &g->paths ? TEXT_PATH : TEXT_ARGS), zone
	};
	rows->n = i + 1;
	return i;
}

static void rows_fini(struct text_rows *rows)
{
	for (size_t i = 0; i < rows->n; i++)
		free(rows->rows[i].text);
	free(rows->rows);
	table_fini(&rows->table);
}

static uint32_t put_name(struct gathering *g, const char *name)
{
	size_t i = put_row(g, &g->names, name, strlen(name), name, ZONE_OUTSIDE);

	return i == TABLE_FULL ? NAME_BEYOND : (uint32_t)i;
}

static uint32_t put_error(struct gathering *g, const char *err)
{
	size_t i = put_row(g, &g->errors, err, strlen(err), err, ZONE_OUTSIDE);

	return i == TABLE_FULL ? ERROR_BEYOND : (uint32_t)i;
}

/* ------------------------------------------------------------------ begin and end */

void gathering_init(struct gathering *g)
{
	*g = (struct gathering){ .bin_ns = 1 << 14, .program_at = UINT64_MAX };
	collection_init(&g->collection, 0);
	grants_init(&g->grants);
	table_init(&g->names.table, GATHER_NAMES, SIZE_MAX);
	table_init(&g->errors.table, 256, SIZE_MAX);
	table_init(&g->paths.table, GATHER_PATHS + GATHER_PATHS / 2, SIZE_MAX);
	table_init(&g->frame_table, 2 * GATHER_NODES, SIZE_MAX);
	table_init(&g->node_table, GATHER_NODES, SIZE_MAX);
	table_init(&g->line_table, GATHER_LINES, SIZE_MAX);
	table_init(&g->file_table, GATHER_FILES, GATHER_FILE_NAMES);
	table_init(&g->thread_table, GATHER_THREADS, SIZE_MAX);
	for (size_t i = 0; i < ARRAY_SIZE(cell_room); i++)
		table_init(&g->cell_tables[i], cell_room[i], SIZE_MAX);
	put_name(g, "(other calls)");
	put_error(g, "");
	put_error(g, "(other errors)");
	put_row(g, &g->paths, "", 1, "(other paths)", ZONE_OUTSIDE);
	grow_array(&g->frames, &g->cap_frames, 1, sizeof *g->frames);
	g->frames[g->n_frames++] = (struct frame_row){ xstrdup("(other places)"), xstrdup(""), 0, false };
	grow_array(&g->nodes, &g->cap_nodes, 1, sizeof *g->nodes);
	g->nodes[g->n_nodes++] = (struct node){ 0, FRAME_BEYOND, 0 };
}

void gathering_fini(struct gathering *g)
{
	collection_fini(&g->collection);
	grants_fini(&g->grants);
	json_decref(g->start);
	json_decref(g->summary);
	rows_fini(&g->names);
	rows_fini(&g->errors);
	rows_fini(&g->paths);
	table_fini(&g->frame_table);
	table_fini(&g->node_table);
	table_fini(&g->line_table);
	table_fini(&g->file_table);
	table_fini(&g->thread_table);
	for (size_t i = 0; i < ARRAY_SIZE(g->cell_tables); i++) {
		table_fini(&g->cell_tables[i]);
		free(g->cell_of[i]);
	}
	for (size_t i = 0; i < g->n_frames; i++) {
		free(g->frames[i].file);
		free(g->frames[i].function);
	}
	for (size_t i = 0; i < g->n_files; i++) {
		free(g->files[i].path);
		free(g->files[i].shown);
		free(g->files[i].sha256);
	}
	for (size_t i = 0; i < g->n_lines; i++)
		free(g->lines[i].text);
	for (size_t i = 0; i < g->n_lanes; i++)
		free(g->lanes[i].bins);
	for (size_t i = 0; i < g->n_calls; i++)
		free(g->calls[i].args);
	course_fini(g);
	free(g->samples.peak_file);
	free(g->samples.peak_function);
	free(g->frames);
	free(g->nodes);
	free(g->cells);
	free(g->files);
	free(g->lines);
	free(g->lanes);
	descriptors_fini(&g->descriptors);
	free(g->calls);
}

/* ------------------------------------------------------------------ paths */

bool gather_is_own(const struct gathering *g, const char *path)
{
	const char *folder = g->collection.run.submission;

	if (!path)
		return false;
	if (folder && *folder && !streq(folder, "/")) {
		const char *rest = path_rest(path, folder);

		/* An environment that lies in the folder holds what was installed there, not what was written. */
		return rest && !strstr(rest, "/site-packages/") && !strstr(rest, "/dist-packages/");
	}
	/* A program that is not a file. */
	return streq(path, "<string>") || streq(path, "<stdin>");
}

const char *gather_short(const struct gathering *g, const char *path)
{
	const char *rest = path_rest(path, g->collection.run.submission);

	if (rest)
		rest += strspn(rest, "/");
	return rest && *rest ? rest : path;
}

static enum zone zone_of(const struct gathering *g, const char *path, const struct event *event)
{
	if (path_rest(path, g->collection.run.submission))
		return ZONE_FOLDER;
	/* proctor's own rules for interpreters answered it. */
	return !event->violation && event->ref && after_prefix(event->ref, "builtin:python") ? ZONE_INTERPRETER
											      : ZONE_OUTSIDE;
}

/* The row of PATH's directory, which stands for all files in it. */
static size_t put_directory(struct gathering *g, const char *path, enum zone zone)
{
	const char *slash = strrchr(path, '/');
	_cleanup_free_ char *text = xasprintf("%.*s/…", (int)(slash ? MIN(slash - path, 4096) : 0), path);

	/* The key is one byte longer than the text, so no path has it. */
	return put_row(g, &g->paths, text, strlen(text) + 1, text, zone);
}

static int32_t put_path(struct gathering *g, const char *path, const struct event *event)
{
	enum zone zone = zone_of(g, path, event);
	size_t i = TABLE_FULL;

	if (g->paths.n < GATHER_PATHS || event->violation)
		i = put_row(g, &g->paths, path, strlen(path), path, zone);
	if (i == TABLE_FULL) {
		i = put_directory(g, path, zone);
		g->folded++;
	}
	if (i == TABLE_FULL)
		return PATH_BEYOND;
	if (event->violation && g->paths.rows[i].zone == ZONE_INTERPRETER)
		g->paths.rows[i].zone = ZONE_OUTSIDE;
	return (int32_t)i;
}

/* ------------------------------------------------------------------ descriptors */

static bool waits(const char *name)
{
	return call_is_one_of(name, " futex futex_wait futex_waitv nanosleep clock_nanosleep poll ppoll select pselect6 epoll_wait"
			       " epoll_pwait epoll_pwait2 wait4 waitid pause sched_yield rt_sigtimedwait rt_sigsuspend ");
}

/* Descriptors 0 to 2 of a process. */
static int32_t put_stream(void *arg, uint32_t fd)
{
	static const char *const streams[] = { "standard input", "standard output", "standard error" };
	struct gathering *g = arg;
	size_t row = put_row(g, &g->paths, &fd, sizeof fd, streams[fd], ZONE_STREAM);

	return row == TABLE_FULL ? DESCRIPTOR_UNKNOWN : (int32_t)row;
}

/* What EVENT is about: its path, or what its descriptor is open on; -1 when that is not known. */
static int32_t object_of(struct gathering *g, const struct event *event, const char *path)
{
	if (path)
		return put_path(g, path, event);
	return g->every_call ? descriptors_subject(&g->descriptors, event) : DESCRIPTOR_UNKNOWN;
}

static enum about about_of(const struct gathering *g, const struct event *event, int32_t path)
{
	const char *subject = json_text(event->json, "syscall.subject");

	if (waits(event->name))
		return ABOUT_WAITING;
	if (subject && streq(subject, "network"))
		return ABOUT_NETWORK;
	if (subject && streq(subject, "process"))
		return ABOUT_PROCESS;
	if (path >= 0)
		switch (g->paths.rows[path].zone) {
		case ZONE_FOLDER:
			return ABOUT_FOLDER;
		case ZONE_INTERPRETER:
			return ABOUT_INTERPRETER;
		case ZONE_STREAM:
			return ABOUT_DESCRIPTOR;
		default:
			return ABOUT_OUTSIDE;
		}
	if (subject && streq(subject, "memory"))
		return ABOUT_MEMORY;
	if (call_reads(event->name) || call_writes(event->name) ||
	    call_is_one_of(event->name, " close lseek fstat ioctl fcntl dup dup2 dup3 pipe pipe2 getdents64 "))
		return ABOUT_DESCRIPTOR;
	return ABOUT_OTHER;
}

/* ------------------------------------------------------------------ places */

static uint32_t put_frame(struct gathering *g, const char *file, const char *function, uint64_t line)
{
	_cleanup_buf_ struct buf key = { 0 };
	bool is_new;
	size_t i;

	buf_put(&key, file, strlen(file) + 1);
	buf_put(&key, function, strlen(function) + 1);
	buf_u64(&key, line);
	i = table_put(&g->frame_table, key.data, key.len, &is_new);
	if (i == TABLE_FULL)
		return FRAME_BEYOND;
	if (is_new) {
		const char *shown = gather_short(g, file);

		grow_array(&g->frames, &g->cap_frames, i + 2, sizeof *g->frames);
		g->frames[i + 1] = (struct frame_row){
			kept_text(g, shown, strlen(shown), 300, TEXT_ARGS),
			kept_text(g, function, strlen(function), 200, TEXT_ARGS), line, gather_is_own(g, file)
		};
		g->n_frames = i + 2;
	}
	return (uint32_t)(i + 1);
}

static ssize_t put_file(struct gathering *g, const char *path)
{
	bool is_new;
	size_t i = table_put(&g->file_table, path, strlen(path), &is_new);

	if (i == TABLE_FULL)
		return -1;
	if (is_new) {
		const char *shown = gather_short(g, path);

		grow_array(&g->files, &g->cap_files, i + 1, sizeof *g->files);
		g->files[i] = (struct source_file){ .path = xstrdup(path),
						    .shown = kept_text(g, shown, strlen(shown), 300, TEXT_ARGS) };
		g->n_files = i + 1;
	}
	return (ssize_t)i;
}

ssize_t gather_line(struct gathering *g, const char *path, uint64_t line)
{
	struct {
		uint64_t file, line;
	} key = { 0, line };
	ssize_t file = line ? put_file(g, path) : -1;
	bool is_new;
	size_t i;

	if (file < 0)
		return -1;
	key.file = (uint64_t)file;
	i = table_put(&g->line_table, &key, sizeof key, &is_new);
	if (i == TABLE_FULL)
		return -1;
	if (is_new) {
		grow_array(&g->lines, &g->cap_lines, i + 1, sizeof *g->lines);
		g->lines[i] = (struct source_line){ .file = (uint32_t)file, .line = line };
		g->n_lines = i + 1;
	}
	return (ssize_t)i;
}

/* Takes the text of a line, and the digest of its file, as they were recorded. */
static void take_source(struct gathering *g, struct source_line *line, json_t *code)
{
	const char *text = json_string_value(json_object_get(code, "source")),
		   *sha256 = json_string_value(json_object_get(code, "source_sha256"));
	struct source_file *file = &g->files[line->file];
	size_t n = text ? strlen(text) : 0;

	if (text && !line->text && n <= 2000 && g->text_bytes + n <= GATHER_TEXT) {
		line->text = xstrdup(text);
		line->cut = json_bool(code, "source_cut", false);
		g->text_bytes += n;
	}
	if (!sha256 || strlen(sha256) != 64)
		return;
	if (!file->sha256)
		file->sha256 = xstrdup(sha256);
	else if (!streq(file->sha256, sha256))
		file->changed = true;
}

static void count_line(struct gathering *g, const struct event *event, uint64_t ns)
{
	ssize_t at = gather_is_own(g, event->file) ? gather_line(g, event->file, event->line) : -1;
	struct source_line *line;

	if (at < 0)
		return;
	line = &g->lines[at];
	line->calls++;
	add(&line->ns, ns);
	add(&line->broker_ns, MIN(event->broker_ns, ns));
	add(&line->wait_ns, waits(event->name) ? ns - MIN(event->broker_ns, ns) : 0);
	line->refused += event->violation;
	line->hidden += event->action && streq(event->action, "hide");
	take_source(g, line, json_object_get(event->json, "code"));
}

static void count_through(struct gathering *g, const char *file, uint64_t line, uint64_t ns)
{
	ssize_t at = gather_line(g, file, line);

	if (at < 0 || g->lines[at].last == g->total)
		return;
	g->lines[at].last = g->total;
	g->lines[at].through++;
	add(&g->lines[at].through_ns, ns);
}

/* The node of FRAME beneath PARENT; PARENT when there is no room. */
static uint32_t put_node(struct gathering *g, uint32_t parent, uint32_t frame)
{
	const uint32_t key[2] = { parent, frame };
	bool is_new;
	size_t i = table_put(&g->node_table, key, sizeof key, &is_new);

	if (i == TABLE_FULL) {
		g->folded++;
		return parent;
	}
	if (is_new) {
		grow_array(&g->nodes, &g->cap_nodes, i + 2, sizeof *g->nodes);
		g->nodes[i + 1] = (struct node){ parent, frame, 0 };
		g->n_nodes = i + 2;
	}
	return (uint32_t)(i + 1);
}

static uint32_t frame_of(struct gathering *g, json_t *json)
{
	const char *file = json_text(json, "file"), *function = json_text(json, "function");
	uint64_t omitted = json_number(json, "omitted", 0);
	char text[48];

	if (omitted && !function) {
		snprintf(text, sizeof text, "(%llu frames left out)", (unsigned long long)omitted);
		return put_frame(g, "", text, 0);
	}
	return put_frame(g, file ? file : "?", function ? function : "?", json_number(json, "line", 0));
}

/* The file of the frame JSON when it is the program's own, else NULL. */
static const char *own_file(const struct gathering *g, json_t *json)
{
	const char *file = json_text(json, "file");

	return file && gather_is_own(g, file) ? file : NULL;
}

/* The node of a call's stack; *OWN is set when a frame of it is the program's. */
static uint32_t stack_of(struct gathering *g, const struct event *event, uint64_t ns, bool *own)
{
	json_t *python = json_at(event->json, "stack.python");
	size_t n = MIN(json_array_size(python), (size_t)GATHER_DEPTH);
	uint32_t node = 0;

	/* The log begins with the innermost frame; of a stack that is too deep the innermost are kept. */
	for (size_t i = n; i-- > 0;) {
		json_t *frame = json_array_get(python, i);
		const char *file = own_file(g, frame);

		if (file) {
			*own = true;
			count_through(g, file, json_number(frame, "line", 0), ns);
		}
		node = put_node(g, node, frame_of(g, frame));
	}
	g->with_stack += n > 0;
	return node;
}

/* ------------------------------------------------------------------ samples of a profile */

/* N samples in the line LINE of FILE, or, unless INNERMOST, in what it called. */
static void count_sampled(struct gathering *g, const char *file, uint64_t line, uint64_t n, bool innermost)
{
	ssize_t at = gather_line(g, file, line);

	if (at < 0)
		return;
	if (innermost)
		add(&g->lines[at].samples, n);
	/* A recursive function is in a stack more than once. */
	if (g->lines[at].last_stack == g->n_stacks)
		return;
	g->lines[at].last_stack = g->n_stacks;
	add(&g->lines[at].sampled, n);
}

static void take_samples(struct gathering *g, json_t *stack)
{
	json_t *python = json_object_get(stack, "python");
	size_t n = MIN(json_array_size(python), (size_t)GATHER_DEPTH);
	uint64_t samples = MIN(json_number(stack, "samples", 0), GATHER_MAX_TIME);
	bool innermost = true;
	uint32_t node = 0;

	g->n_stacks++;
	for (size_t i = n; i-- > 0;)
		node = put_node(g, node, frame_of(g, json_array_get(python, i)));
	for (size_t i = 0; i < n; i++) {
		json_t *frame = json_array_get(python, i);
		const char *file = own_file(g, frame);

		if (file)
			count_sampled(g, file, json_number(frame, "line", 0), samples, innermost);
		innermost = innermost && !file;
	}
	add(&g->nodes[node].samples, samples);
}

/* Where the program was when it held the most. */
static void take_peak(struct gathering *g, json_t *peak)
{
	uint64_t bytes = MIN(json_number(peak, "memory_bytes", 0), GATHER_MAX_TIME);
	json_t *frame;
	size_t i;

	json_array_foreach (json_object_get(peak, "python"), i, frame) {
		const char *file = own_file(g, frame), *function = json_text(frame, "function");

		if (!file || bytes <= g->samples.peak_bytes)
			continue;
		free(g->samples.peak_file);
		free(g->samples.peak_function);
		g->samples.peak_bytes = bytes;
		g->samples.peak_file = xstrdup(file);
		g->samples.peak_function = xstrdup(function ? function : "?");
		g->samples.peak_line = json_number(frame, "line", 0);
		return;
	}
}

static void take_profile(struct gathering *g, json_t *profile)
{
	const char *of = json_text(profile, "of");
	json_t *stack;
	size_t i;

	g->samples.hz = MAX(g->samples.hz, json_number(profile, "hz", 0));
	add(&g->samples.all, json_number(profile, "samples", 0));
	add(&g->samples.unread, json_number(profile, "unread", 0));
	add(&g->samples.left_out, json_number(profile, "left_out", 0));
	g->samples.wall = of && streq(of, "wall");
	take_peak(g, json_object_get(profile, "peak"));
	json_array_foreach (json_object_get(profile, "stacks"), i, stack)
		take_samples(g, stack);
}

/* ------------------------------------------------------------------ cells */

static size_t find_cell(struct gathering *g, size_t kind, const struct cell *cell, bool *ret_new)
{
	const int64_t key[] = { cell->name, cell->err, cell->node, cell->path, cell->frame, cell->what, cell->phase,
				cell->about };
	bool is_new;
	size_t i = table_put(&g->cell_tables[kind], key, sizeof key, &is_new);

	*ret_new = is_new;
	if (i == TABLE_FULL)
		return TABLE_FULL;
	if (is_new) {
		grow_array(&g->cell_of[kind], &g->cell_caps[kind], i + 1, sizeof *g->cell_of[kind]);
		grow_array(&g->cells, &g->cap_cells, g->n_cells + 1, sizeof *g->cells);
		g->cell_of[kind][i] = (uint32_t)g->n_cells;
		g->cells[g->n_cells++] = *cell;
	}
	return g->cell_of[kind][i];
}

/* The cell in which CELL is counted; CELL is made coarser until there is room. */
static size_t put_cell(struct gathering *g, struct cell *cell, const char *path, bool violation, bool *ret_new)
{
	size_t i = find_cell(g, violation ? CELL_VIOLATION : CELL_EXACT, cell, ret_new);

	for (size_t kind = CELL_DIRECTORY; i == TABLE_FULL && kind <= CELL_BEYOND; kind++) {
		if (kind == CELL_DIRECTORY && cell->path >= 0 && path) {
			size_t directory = put_directory(g, path, g->paths.rows[cell->path].zone);

			cell->path = directory == TABLE_FULL ? PATH_BEYOND : (int32_t)directory;
		}
		if (kind == CELL_NO_STACK)
			cell->node = 0;
		if (kind == CELL_NO_PLACE)
			cell->path = cell->frame = -1;
		if (kind == CELL_BEYOND)
			*cell = (struct cell){ .path = -1, .frame = -1, .what = cell->what, .phase = 1,
					       .about = ABOUT_OTHER };
		i = find_cell(g, kind, cell, ret_new);
		g->folded += kind == CELL_DIRECTORY;
	}
	return i;
}

/* ------------------------------------------------------------------ time */

static void double_bins(struct gathering *g)
{
	for (size_t l = 0; l < g->n_lanes; l++)
		for (size_t i = 0; i < GATHER_BINS; i++)
			for (size_t k = 0; k <= N_ABOUT; k++)
				g->lanes[l].bins[i][k] =
					i < GATHER_BINS / 2 ? g->lanes[l].bins[2 * i][k] + g->lanes[l].bins[2 * i + 1][k] : 0;
	for (size_t i = 0; i < GATHER_BINS; i++) {
		uint64_t sum = 0;

		if (i < GATHER_BINS / 2) {
			add(&sum, g->output_bins[2 * i]);
			add(&sum, g->output_bins[2 * i + 1]);
		}
		g->output_bins[i] = sum;
	}
	g->bin_ns *= 2;
}

static size_t bin_of(struct gathering *g, uint64_t at)
{
	while (at / g->bin_ns >= GATHER_BINS)
		double_bins(g);
	return (size_t)(at / g->bin_ns);
}

/* The last lane is for all threads that have none of their own. */
static uint32_t put_lane(struct gathering *g, uint64_t tid)
{
	bool is_new;
	size_t i = table_put(&g->thread_table, &tid, sizeof tid, &is_new);

	g->threads = g->thread_table.n;
	i = MIN(i, (size_t)GATHER_LANES - 1);
	if (i >= g->n_lanes) {
		grow_array(&g->lanes, &g->cap_lanes, i + 1, sizeof *g->lanes);
		g->lanes[i] = (struct lane){ .tid = tid, .from = UINT64_MAX,
					     .bins = xcalloc(GATHER_BINS, sizeof *g->lanes[i].bins) };
		g->n_lanes = i + 1;
	}
	return (uint32_t)i;
}

static void count_lane(struct gathering *g, uint32_t at, const struct kept_call *call, enum about about, bool violation)
{
	size_t bin = bin_of(g, call->at);
	struct lane *lane = &g->lanes[at];

	lane->from = MIN(lane->from, call->at);
	lane->to = MAX(lane->to, call->at + call->ns);
	lane->calls++;
	lane->violations += violation;
	lane->bins[bin][about]++;
	lane->bins[bin][N_ABOUT] += violation;
}

static uint64_t time_of(struct gathering *g, const struct event *event)
{
	if (!event->timed)
		return g->span;
	if (!g->started_at) {
		g->start_ns = event->time_ns;
		g->started_at = true;
	}
	if (event->time_ns < g->start_ns)
		return 0;
	return MIN((uint64_t)(event->time_ns - g->start_ns), GATHER_MAX_TIME);
}

/* ------------------------------------------------------------------ records */

static enum what what_of(const struct event *event)
{
	if (!event->action)
		return WHAT_ALLOWED;
	return streq(event->action, "hide")   ? WHAT_HIDDEN
	       : streq(event->action, "deny") ? WHAT_REFUSED
	       : streq(event->action, "kill") ? WHAT_KILLED
					      : WHAT_ALLOWED;
}

/* N bytes were written to the path of CELL at AT. */
static void count_written(struct gathering *g, struct cell *cell, int32_t path, uint64_t at, uint64_t n)
{
	add(&cell->put, n);
	if (path < 0 || g->paths.rows[path].zone != ZONE_STREAM)
		return;
	add(&g->output_bytes, n);
	add(&g->output_bins[bin_of(g, at)], n);
}

/* What a call that copies has written is counted in a cell of its own, in which there is no call: CELL's, for PATH. */
static void count_copied(struct gathering *g, struct cell cell, int32_t path, uint64_t at, uint64_t n)
{
	bool is_new;
	size_t i;

	if (path == DESCRIPTOR_UNKNOWN || !n)
		return;
	cell.path = path;
	cell.n = cell.ns = cell.got = cell.put = cell.violations = cell.broker_ns = 0;
	i = put_cell(g, &cell, g->paths.rows[path].text, false, &is_new);
	count_written(g, &g->cells[i], path, at, n);
}

/* The bytes that EVENT has moved, counted in cell number CELL, which is about PATH, and in that of TO. */
static void count_bytes(struct gathering *g, const struct event *event, size_t cell, uint64_t at, int32_t path, int32_t to)
{
	uint64_t n = event->returned && event->result > 0 ? (uint64_t)event->result : 0;
	size_t from_arg, to_arg;

	if (call_writes(event->name)) {
		count_written(g, &g->cells[cell], path, at, n);
		return;
	}
	if (call_reads(event->name) || call_copies(event->name, &from_arg, &to_arg))
		add(&g->cells[cell].got, n);
	count_copied(g, g->cells[cell], to, at, n);
}

static void keep_call(struct gathering *g, const struct event *event, struct kept_call *call)
{
	_cleanup_buf_ struct buf args = { 0 };

	event_args(event->args, &args);
	call->args = kept_text(g, args.len ? args.data : "", args.len, 400, TEXT_ARGS);
	call->sequence = event->sequence;
	call->returned = event->returned;
	call->result = event->result;
	kept_add(g, call);
}

/* For calls only: EVENT->name is set. */
static void take_call(struct gathering *g, const struct event *event)
{
	_cleanup_free_ char *path = json_raw(json_object_get(event->json, "file"), "path");
	struct kept_call call = { .at = time_of(g, event), .ns = MIN(event->duration_ns, GATHER_MAX_TIME) };
	struct cell cell = { .name = put_name(g, event->name), .what = (uint8_t)what_of(event), .frame = -1 };
	int32_t object, to = DESCRIPTOR_UNKNOWN;
	bool own = gather_is_own(g, event->file);
	size_t at, from_arg, to_arg;

	g->total++;
	g->hidden += cell.what == WHAT_HIDDEN;
	cell.path = object_of(g, event, path);
	cell.err = put_error(g, event->err ? event->err : "");
	cell.about = (uint8_t)about_of(g, event, cell.path);
	if (g->every_call && call_copies(event->name, &from_arg, &to_arg))
		to = descriptors_object(&g->descriptors, event, to_arg);
	if (g->every_call)
		descriptors_follow(&g->descriptors, event, cell.path);
	grants_count(&g->grants, event, path);
	if (event->file)
		cell.frame = (int32_t)put_frame(g, event->file, event->function ? event->function : "?", event->line);
	count_line(g, event, call.ns);
	cell.node = stack_of(g, event, call.ns, &own);
	if (own && g->program_at == UINT64_MAX)
		g->program_at = call.at;
	cell.phase = g->program_at != UINT64_MAX;
	call.lane = put_lane(g, event->tid);
	count_lane(g, call.lane, &call, cell.about, event->violation);
	g->span = MAX(g->span, call.at + call.ns);
	call.refused = event->violation;
	/* The call may be counted in a cell coarser than its own path. */
	object = cell.path;
	at = put_cell(g, &cell, path, event->violation, &call.first);
	call.cell = (uint32_t)at;
	g->cells[at].n++;
	g->cells[at].violations += event->violation;
	add(&g->cells[at].ns, call.ns);
	add(&g->cells[at].broker_ns, MIN(event->broker_ns, call.ns));
	g->broker_told |= event->broker_ns > 0;
	count_bytes(g, event, at, call.at, object, to);
	keep_call(g, event, &call);
}

static void take_start(struct gathering *g, const struct event *event)
{
	const char *calls = json_text(event->json, "settings.calls");

	if (g->start)
		return;
	g->start = json_incref(event->json);
	g->every_call = calls && streq(calls, "all");
	time_of(g, event);
	grants_take(&g->grants, json_text(event->json, "policy.effective"));
}

static void take(struct gathering *g, const struct log_record *record)
{
	struct event event;

	collection_take(&g->collection, record);
	if (!record->json)
		return;
	event_read(&event, record);
	if (record->kind == RECORD_START) {
		take_start(g, &event);
	} else if (record->kind == RECORD_CALL) {
		if (!event.name)
			event.name = "?";
		take_call(g, &event);
	} else if (record->kind == RECORD_SIGNAL && g->every_call) {
		descriptors_follow(&g->descriptors, &event, DESCRIPTOR_UNKNOWN);
	} else if (record->kind == RECORD_PROFILE) {
		take_profile(g, json_object_get(record->json, "profile"));
	} else if (record->kind == RECORD_SUMMARY) {
		course_take(g, record->json);
	}
}

/* Takes the line of the exception that ended the program, with its text as Python gave it. */
static void take_end(struct gathering *g)
{
	const struct outcome outcome = collection_outcome(&g->collection);
	const struct cause_record *cause = collection_cause(&g->collection, &outcome);
	const struct exception_facts *x = cause ? &cause->exception : NULL;
	ssize_t at = x && gather_is_own(g, x->file) ? gather_line(g, x->file, x->line) : -1;

	if (at >= 0 && x->source && !g->lines[at].text)
		g->lines[at].text = xstrdup(x->source);
}

int gather(struct gathering *g, struct log_reader *reader)
{
	struct log_record record;
	int r;

	log_hash(reader);
	descriptors_init(&g->descriptors, log_health(reader));
	g->descriptors.first = put_stream;
	g->descriptors.arg = g;
	while ((r = log_next(reader, &record)) > 0)
		take(g, &record);
	collection_finish(&g->collection);
	take_end(g);
	kept_finish(g);
	g->span = MAX(g->span, MIN(json_number(g->collection.run.end, "wall_ns", 0), GATHER_MAX_TIME));
	g->health = *log_health(reader);
	log_digest(reader, g->sha256);
	return r;
}
