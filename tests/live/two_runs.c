/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs in one process give what they give alone: one after the other, and several at once, each in a thread
 * of its own. What belongs to the process (handlers, limits, processors) is as it was before.
 *
 * What a run gives is written as a text without what may differ (times, ids, addresses) and compared.
 */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "policy/interpreter.h"
#include "supervisor/broker.h"

enum { AT_ONCE = 3, MEMORY = 150 << 20 };

struct program {
	const char *name, *text;
	uint64_t output, wall_ns, memory; /* limits; UINT64_MAX for none */
};

static const struct program programs[] = {
	{ "much memory",
	  "x = bytearray(200 << 20)\nfor i in range(0, len(x), 4096): x[i] = 1\nraise SystemExit(3)\n",
	  UINT64_MAX, UINT64_MAX, UINT64_MAX },
	{ "refusals and threads",
	  "import os, threading\n"
	  "def go(n):\n"
	  "    for name in ('/etc/shadow', '/root', '/proc/1/mem'):\n"
	  "        try: open(name)\n"
	  "        except OSError: pass\n"
	  "for n in range(4):\n"
	  "    t = threading.Thread(target=go, args=(n,)); t.start(); t.join()\n"
	  "for _ in range(2000): os.stat('/dev/null')\n",
	  UINT64_MAX, UINT64_MAX, MEMORY },
	{ "a limit on time", "import time\ntime.sleep(60)\n", UINT64_MAX, 700000000, UINT64_MAX },
	{ "a limit on output", "import os\nwhile True: os.write(1, b'x' * 100)\n", 5000, UINT64_MAX, UINT64_MAX },
	/* How many it could come to have. */
	{ "capabilities",
	  "import ctypes\nlibc = ctypes.CDLL(None)\nraise SystemExit(sum(libc.prctl(23, n, 0, 0, 0) == 1 for n in range(64)))\n",
	  UINT64_MAX, UINT64_MAX, UINT64_MAX },
};

static struct interpreter python;
static unsigned passed, failed;

static void tell(bool fact, const char *what, const char *program, const char *got, const char *wanted)
{
	*(fact ? &passed : &failed) += 1;
	printf("%s %s: %s\n", fact ? "ok  " : "FAIL", what, program);
	if (!fact && got)
		printf("     got    %.2000s\n     wanted %.2000s\n", got, wanted);
	fflush(stdout);
}

/* A record as far as it is the same each time. */
static void put_record(struct buf *out, json_t *record)
{
	const char *kind = json_string_value(json_object_get(record, "kind"));
	json_t *event = json_object_get(record, "event"), *call = json_object_get(record, "syscall");
	const char *path = json_string_value(json_object_get(json_object_get(record, "file"), "path"));
	const char *action = json_string_value(json_object_get(event, "action"));

	if (!kind || !streq(kind, "call") || !json_boolean_value(json_object_get(json_object_get(record, "decision"), "violation")))
		return;
	buf_printf(out, "%s %s %s %s\n", action, path ? path : "-",
		   json_string_value(json_object_get(json_object_get(record, "decision"), "action")),
		   json_string_value(json_object_get(call, "errno")));
	buf_printf(out, "  %s:%d\n", json_string_value(json_object_get(json_object_get(record, "code"), "function.name")),
		   (int)json_integer_value(json_object_get(json_object_get(record, "code"), "line.number")));
}

static void put_log(struct buf *out, int fd)
{
	FILE *log = fdopen(fd, "r");
	char *line = NULL;
	size_t room = 0;

	rewind(log);
	while (getline(&line, &room, log) > 0) {
		json_t *record = json_loads(line, 0, NULL);

		if (!record)
			buf_lit(out, "not JSON\n");
		put_record(out, record);
		json_decref(record);
	}
	free(line);
	fclose(log);
}

static void put_result(struct buf *out, const struct run_result *r)
{
	buf_printf(out, "%s exited %d %d signal %d violations %llu limited %d %s error %s\n", status_name(r->status),
		   r->exited, r->exit_code, r->exit_signal, (unsigned long long)r->violations, r->limited,
		   r->limited ? limit_name(r->limit) : "-", r->error ? r->error : "-");
	/* The peak of another run would show here. */
	buf_printf(out, "more than %d MiB: %d\n", MEMORY >> 20, r->memory_bytes > MEMORY);
}

static char *run(const struct program *program)
{
	char *const argv[] = { python.argv0, (char *)"-c", (char *)program->text, NULL };
	char *const envp[] = { (char *)"PATH=/usr/bin:/bin", (char *)"PYTHONDONTWRITEBYTECODE=1", NULL };
	const struct policy_context context = { .interpreter = &python };
	_cleanup_buf_ struct buf messages = { 0 };
	struct buf out = { 0 };
	struct policy *policy = NULL;
	struct run_result result;
	sigset_t none;
	char hash[65];
	int log_fd = memfd_create("log", MFD_CLOEXEC), r;

	sigemptyset(&none);
	if (policy_load("pure", &context, &policy, &messages) < 0)
		return xasprintf("no policy: %s", messages.data);
	policy->limits.output_bytes = program->output;
	policy->limits.wall_ns = program->wall_ns;
	policy->limits.memory_bytes = program->memory;
	const struct recorder_options recorder = {
		.fd = dup(log_fd), .run_id = "R", .max_bytes = UINT64_MAX,
	};
	const struct run_options options = {
		.policy = policy, .program = python.argv0, .argv = argv, .envp = envp, .executable = python.exe,
		.loader = python.loader, .stack = STACK_PYTHON, .calls = LOG_BROKERED,
		.maps_copy = python.major == 3 && python.minor >= 14,
		.recorder = recorder_new(&recorder), .signal_mask = &none, .ignored_signals = &none, .pin = true,
	};
	r = broker_run(&options, &result);
	recorder_close(options.recorder, hash);
	if (r < 0)
		buf_printf(&out, "not started: %s\n", strerror(-r));
	put_result(&out, &result);
	put_log(&out, log_fd);
	run_result_fini(&result);
	recorder_free(options.recorder);
	policy_free(policy);
	buf_putc(&out, '\0');
	return buf_steal(&out);
}

/* ------------------------------------------------------------------ the process around them */

static void put_process(struct buf *out)
{
	static const int signals[] = { SIGALRM, SIGCHLD, SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	struct sigaction action;
	struct rlimit files;
	cpu_set_t cores;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(signals); i++) {
		sigaction(signals[i], NULL, &action);
		/* SA_RESTORER is the C library's own. */
		buf_printf(out, "%d: %p %x\n", signals[i], (void *)action.sa_handler,
			   (unsigned)action.sa_flags & ~0x04000000u);
	}
	getrlimit(RLIMIT_NOFILE, &files);
	sched_getaffinity(0, sizeof cores, &cores);
	buf_printf(out, "files %llu cores %d\n", (unsigned long long)files.rlim_cur, CPU_COUNT(&cores));
}

static char *process_state(void)
{
	struct buf out = { 0 };

	put_process(&out);
	buf_putc(&out, '\0');
	return buf_steal(&out);
}

static void *run_thread(void *program)
{
	return run(program);
}

static void at_once(char **alone)
{
	pthread_t threads[ARRAY_SIZE(programs) * AT_ONCE];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(threads); i++)
		if (pthread_create(&threads[i], NULL, run_thread, (void *)&programs[i % ARRAY_SIZE(programs)]) != 0)
			exit(EXIT_FAILURE);
	for (i = 0; i < ARRAY_SIZE(threads); i++) {
		const char *name = programs[i % ARRAY_SIZE(programs)].name, *wanted = alone[i % ARRAY_SIZE(programs)];
		void *got;

		pthread_join(threads[i], &got);
		tell(streq(got, wanted), "at once as alone", name, got, wanted);
		free(got);
	}
}

/* Alone: in a process of its own. */
static char *run_alone(const struct program *program)
{
	int ends[2];
	char text[65536];
	size_t len = 0;
	ssize_t n;
	pid_t pid;

	if (pipe(ends) < 0 || (pid = fork()) < 0)
		exit(EXIT_FAILURE);
	if (pid == 0) {
		char *got = run(program);

		_exit(write_full(ends[1], got, strlen(got)) < 0);
	}
	close(ends[1]);
	while (len < sizeof text - 1 && (n = read(ends[0], text + len, sizeof text - 1 - len)) > 0)
		len += (size_t)n;
	close(ends[0]);
	waitpid(pid, NULL, 0);
	text[len] = '\0';
	return xstrdup(text);
}

int main(void)
{
	_cleanup_buf_ struct buf message = { 0 };
	char *alone[ARRAY_SIZE(programs)], *before, *after;
	const char *want = getenv("PYTHON3");
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC), told = dup(1);
	size_t i;

	/* The programs' output is nobody's; a duplicate tells what was found. */
	if (!want || access(want, X_OK) < 0)
		want = "/usr/bin/python3";
	if (interpreter_find(want, "/usr/bin:/bin", NULL, &python, &message) < 0) {
		printf("skip: no interpreter: %s\n", message.data);
		return 77;
	}
	fcntl(told, F_SETFD, FD_CLOEXEC);
	stdout = fdopen(told, "w");
	dup2(null, 1);
	dup2(null, 2);
	for (i = 0; i < ARRAY_SIZE(programs); i++)
		alone[i] = run_alone(&programs[i]);
	tell(strstr(alone[0], "RE exited 1 3") && strstr(alone[0], "MiB: 1"), "as expected", programs[0].name, alone[0],
	     "RE 3");
	tell(strstr(alone[1], "OK exited 1 0") && strstr(alone[1], "MiB: 0") && strstr(alone[1], "go:4"), "as expected",
	     programs[1].name, alone[1], "OK, refusals in go");
	tell(strstr(alone[2], "TO ") && strstr(alone[2], "limited 1 wall"), "as expected", programs[2].name, alone[2],
	     "TO");
	tell(strstr(alone[3], "OL ") && strstr(alone[3], "limited 1 output"), "as expected", programs[3].name, alone[3],
	     "OL");
	before = process_state();
	for (i = 0; i < ARRAY_SIZE(programs); i++) {
		char *got = run(&programs[i]);

		tell(streq(got, alone[i]), "after others as alone", programs[i].name, got, alone[i]);
		free(got);
	}
	at_once(alone);
	after = process_state();
	tell(streq(before, after), "the process is as it was", "handlers, limits, cores", after, before);
	for (i = 0; i < ARRAY_SIZE(programs); i++)
		free(alone[i]);
	free(before);
	free(after);
	interpreter_fini(&python);
	printf("%u passed, %u failed\n", passed, failed);
	fflush(stdout);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
