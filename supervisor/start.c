/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Before the program's first instruction: the facts that its filter is compiled for, its reserved
 * descriptors, the second wall from the same grants, its limits, and the fork.
 */
#include "supervisor/run.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy/exec.h"
#include "supervisor/policy_facts.h"
#include "supervisor/audit.h"
#include "tracee/landlock.h"
#include "tracee/maps_copy.h"
#include "tracee/memory.h"

enum { RESERVED_FD_MAX = 4096 };

/* A rule of a ruleset that is to be made. */
struct wall_rule {
	const char *path;
	int fd;	      /* what it names; -1: not open yet */
	bool own;     /* FD is to be closed */
	bool known;   /* IS has what it is already: nothing that is open becomes another object */
	bool exact;   /* of a directory, its list alone */
	bool follows; /* links lead to what is meant */
	struct standing_rule is;
};

struct wall {
	struct wall_rule *rules;
	size_t n, cap;
};

static void wall_fini(struct wall *wall)
{
	size_t i;

	for (i = 0; i < wall->n; i++)
		if (wall->rules[i].own)
			close(wall->rules[i].fd);
	free(wall->rules);
}

static void open_rule(struct wall_rule *rule)
{
	rule->fd = open(rule->path, O_PATH | O_CLOEXEC | (rule->follows ? 0 : O_NOFOLLOW));
	rule->own = rule->fd >= 0;
}

/* Finds out what RULE is about, and what it is to let through. False: nothing. */
static bool look_at_rule(struct wall_rule *rule, bool by_name)
{
	struct stat st;

	if (rule->fd < 0 && (!by_name || rule->follows)) {
		open_rule(rule);
		if (rule->fd < 0)
			return false;
	}
	if (rule->known)
		;
	else if (by_name ? !standing_look(rule->fd < 0 ? rule->path : NULL, rule->fd, &rule->is.id) : fstat(rule->fd, &st) < 0)
		return false;
	else if (!by_name)
		rule->is.id.mode = st.st_mode;
	if (rule->exact && S_ISDIR(rule->is.id.mode))
		rule->is.access = LANDLOCK_LIST;
	return !S_ISLNK(rule->is.id.mode);
}

/* Adds RULE to WALL. BY_NAME: what is not open yet is only looked at. */
static void wall_add(struct wall *wall, struct wall_rule rule, bool by_name)
{
	if (look_at_rule(&rule, by_name)) {
		grow_array(&wall->rules, &wall->cap, wall->n + 1, sizeof *wall->rules);
		wall->rules[wall->n++] = rule;
	} else if (rule.own) {
		close(rule.fd);
	}
}

static uint32_t access_of(const struct grant *grant)
{
	return LANDLOCK_READ | (grant->extra & WANT_WRITE ? LANDLOCK_WRITE : 0u) | (grant_writes(grant) ? LANDLOCK_CREATE : 0u);
}

/* Is GRANT for one object alone, and its directory granted with all beneath and the same access? Landlock looks at all the
 * directories above an object, through mounts too, so there is nothing to add. */
static bool is_beneath_tree(const struct policy *policy, const struct grant *grant)
{
	const char *slash = grant->shape == GRANT_EXACT ? strrchr(grant->path, '/') : NULL;
	size_t len = slash ? (size_t)(slash - grant->path) : 0;
	const struct grant *tree = len ? policy_match(policy, grant->path, len) : NULL;

	return tree && tree->rule.kind == RULE_READ && tree->shape == GRANT_TREE && (access_of(grant) & ~access_of(tree)) == 0;
}

/* What GRANT of POLICY names, no link followed. The resolver has the directories of the run's own policy open, and
 * knows no other one's rules. */
static void wall_add_grant(struct wall *wall, const struct run *run, const struct policy *policy,
			   const struct grant *grant, bool by_name)
{
	const struct detached *scratch = &run->options->scratch;
	int root = policy->within ? -1 : resolver_root_of(run->resolver, grant);
	struct wall_rule rule = {
		.path = grant->shape == GRANT_PATTERN ? grant->root : grant->path,
		.fd = -1,
		.exact = grant->shape == GRANT_EXACT,
		.is.access = access_of(grant),
	};

	if (scratch->path && streq(rule.path, scratch->path))
		rule.fd = scratch->fd;
	else if (root >= 0 && streq(rule.path, grant->root))
		rule.fd = resolver_root_fd(run->resolver, (size_t)root);
	rule.known = by_name && rule.fd >= 0 && standing_known(run->options->standing, rule.fd, &rule.is.id);
	wall_add(wall, rule, by_name);
}

/* Lets PATH be executed; NULL: nothing. */
static void wall_add_program(struct wall *wall, const char *path, bool by_name)
{
	if (path)
		wall_add(wall, (struct wall_rule){ .path = path, .fd = -1, .follows = true,
						   .is.access = LANDLOCK_READ | LANDLOCK_EXECUTE }, by_name);
}

static void wall_list(struct wall *wall, const struct run *run, const struct policy *policy, bool by_name)
{
	size_t i;

	for (i = 0; i < policy->n_grants; i++)
		if (policy->grants[i]->rule.kind == RULE_READ && !is_beneath_tree(policy, policy->grants[i]))
			wall_add_grant(wall, run, policy, policy->grants[i], by_name);
	if (!policy->within) {
		wall_add_program(wall, run->options->executable, by_name);
		wall_add_program(wall, run->options->loader, by_name);
	}
	for (i = 0; i < policy->n_execs; i++) {
		wall_add_program(wall, policy->execs[i].path, by_name);
		wall_add_program(wall, policy->execs[i].loader, by_name);
	}
}

/* *RET_WHOLE: none was left out because what it names is gone. */
static int add_landlock_rules(struct wall *wall, int ruleset, int abi, bool *ret_whole)
{
	size_t i;
	int r;

	*ret_whole = true;
	for (i = 0; i < wall->n; i++) {
		struct wall_rule *rule = &wall->rules[i];

		/* Looked at by its name so far: what is opened now may be another one. */
		if (rule->fd < 0) {
			open_rule(rule);
			if (rule->fd < 0 || !look_at_rule(rule, true)) {
				*ret_whole = false;
				continue;
			}
		}
		r = landlock_allow(ruleset, abi, rule->fd, rule->is.access);
		if (r < 0)
			return r;
	}
	return 0;
}

/* What WALL is about; the caller frees it. */
static struct standing_rule *rules_of(const struct wall *wall)
{
	struct standing_rule *rules = xcalloc(wall->n + 1, sizeof *rules);
	size_t i;

	for (i = 0; i < wall->n; i++)
		rules[i] = wall->rules[i].is;
	return rules;
}

/* The ruleset of a former run that is about the same objects, or -1. */
static int find_ruleset(struct standing *standing, const struct wall *wall, int abi)
{
	_cleanup_free_ struct standing_rule *rules = standing ? rules_of(wall) : NULL;

	return standing ? standing_ruleset(standing, abi, rules, wall->n) : -1;
}

/* A ruleset from the grants of POLICY, the run's or one within it. -1: there is no Landlock, or the run ends. *RET_OWN is
 * it too, if the caller has to close it. */
static int make_landlock(struct run *run, const struct policy *policy, int abi, int *ret_own)
{
	/* The numbers of a scratch in memory are another one's as soon as it is gone, and the ruleset does not hold it. */
	struct standing *standing = policy->within || run->options->scratch.path ? NULL : run->options->standing;
	_cleanup_(wall_fini) struct wall wall = { 0 };
	_cleanup_free_ struct standing_rule *rules = NULL;
	bool whole = false;
	int fd, r;

	if (abi == 0)
		return -1;
	wall_list(&wall, run, policy, standing != NULL);
	fd = find_ruleset(standing, &wall, abi);
	if (fd >= 0)
		return fd;
	r = landlock_new(abi, &fd);
	if (r == 0)
		r = add_landlock_rules(&wall, fd, abi, &whole);
	if (r < 0) {
		ending_fail(&run->ending, "cannot make the Landlock ruleset: %s", strerror(-r));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	if (standing && whole) {
		rules = rules_of(&wall);
		standing_keep_ruleset(standing, abi, rules, wall.n, fd);
	}
	return *ret_own = fd;
}

/* Can what was written to FD, stdout or stderr, be overwritten from an offset that the program moves? Where all that is
 * written is appended it cannot, and whether it is the program may not change (set_status_flags()). */
static bool is_overwritable(const struct run *run, int fd)
{
	mode_t mode = run->ground.stdio[fd].st_mode;
	int flags = fcntl(fd, F_GETFL);

	return (S_ISREG(mode) || S_ISBLK(mode)) && (flags < 0 || (flags & (O_ACCMODE | O_APPEND)) != (O_WRONLY | O_APPEND));
}

/* Notes whether FD, one of stdin, stdout and stderr, is a file that writing at an offset could change. One that can be
 * read too can be mapped. */
static void note_writable(struct run *run, int fd, bool *writable)
{
	mode_t mode = run->ground.stdio[fd].st_mode;
	int flags = fcntl(fd, F_GETFL);

	if ((!S_ISREG(mode) && !S_ISBLK(mode)) || (flags >= 0 && (flags & O_ACCMODE) == O_RDONLY))
		return;
	*writable = true;
	if (flags < 0 || (flags & O_ACCMODE) == O_RDWR)
		run->ground.maps_stdio = true;
}

/* The facts that the filter is compiled for. */
void start_lay_ground(struct run *run)
{
	static const int files[] = { STDOUT_FILENO, STDERR_FILENO };
	struct ground *ground = &run->ground;
	bool overwritable = false, writable = false;
	struct rlimit longest;
	struct stat scratch;
	size_t i;

	*ground = (struct ground){
		.policy = run->options->policy,
		.executable = run->options->executable,
		.audits = audit_lets_through(run->options->audit),
		.stops_more = run->options->calls == LOG_ALL || run->options->shadow,
		.pidfd = -1,
		.maps_fd = -1,
	};
	if (run->options->scratch.path && fstat(run->options->scratch.fd, &scratch) == 0) {
		ground->detached = true;
		ground->detached_dev = scratch.st_dev;
	}
	cores_get(0, &ground->cores);
	for (i = 0; i < 3; i++)
		if ((run->options->closed_stdio & (1u << i)) || fstat((int)i, &run->ground.stdio[i]) < 0)
			memset(&run->ground.stdio[i], 0, sizeof run->ground.stdio[i]);
	for (i = 0; i < ARRAY_SIZE(files); i++)
		overwritable |= is_overwritable(run, files[i]);
	output_init(&run->output, run->options->policy->limits.output_bytes);
	if (!ground->audits)
		run->ledger = ledger_new(run->options->policy);
	run->output.counted |= run->ledger != NULL;
	policy_facts(run->options->policy, &run->ground.values);
	for (i = 0; i < run->options->policy->n_narrower; i++) {
		const struct policy *narrower = run->options->policy->narrower[i];

		if (narrower->hides_names)
			run->ground.values.facts &= ~(unsigned)FACT_LISTINGS_WHOLE;
		/* Its children inherit the filter: what stops for one policy stops for all. */
		ground->stops_more |= narrower->n_calls > 0;
	}
	terminal_begin(&run->terminal, run->options->policy->terminal, run->options->closed_stdio);
	if (run->terminal.served)
		run->ground.values.facts |= FACT_TERMINAL;
	/* A directory on stdin can be listed though nothing grants it. */
	for (i = 0; i < 3; i++)
		if (S_ISDIR(run->ground.stdio[i].st_mode))
			run->ground.values.facts &= ~(unsigned)FACT_LISTINGS_WHOLE;
	run->ground.longest_file = getrlimit(RLIMIT_FSIZE, &longest) < 0 ? 0 : longest.rlim_cur;
	if (scratch_can_seal())
		run->ground.values.facts |= FACT_MSEAL;
	if (!ground->detached)
		run->ground.values.facts |= FACT_NAMES_REACHABLE;
	if (!overwritable)
		run->ground.values.facts |= FACT_SEEK_FREE;
	for (i = 0; i < 3; i++)
		note_writable(run, (int)i, &writable);
	if (run->options->policy->writes && !run->options->policy->counts && !writable)
		run->ground.values.facts |= FACT_WRITES_FREE;
	run->ground.values.symbol[REG_SCRATCH_END] = SCRATCH_ADDRESS + SCRATCH_SIZE;
}

void start_lay_inner(struct run *run)
{
	const struct policy *policy = run->options->policy;
	size_t i;

	for (i = 0; i < policy->n_narrower; i++) {
		struct ground *ground = &run->inner[i].ground;

		*ground = run->ground;
		ground->policy = policy->narrower[i];
		policy_forbids(policy->narrower[i], &ground->values);
	}
}

/* What has to stop for the sake of a policy within the run's. */
static void add_stops(const struct run *run, struct reg_values *values)
{
	size_t i;

	for (i = 0; i < run->options->policy->n_narrower; i++)
		policy_forbids(run->options->policy->narrower[i], values);
}

/* Room for the reserved descriptors above what the program may open itself. */
static int reserve_descriptors(struct run *run, size_t n, rlim_t *ret_files)
{
	uint64_t limit = run->options->policy->limits.files;
	struct rlimit now;
	rlim_t first;

	if (getrlimit(RLIMIT_NOFILE, &now) < 0)
		return -errno;
	*ret_files = now.rlim_cur;
	if (now.rlim_max < n + 64)
		return -EMFILE;
	/* Just above what the program may open: a higher number costs a larger descriptor table. */
	first = MIN(now.rlim_cur, (rlim_t)RESERVED_FD_MAX);
	if (limit != UINT64_MAX && limit < 1000000)
		first = MAX(first, limit);
	run->ground.reserved_fd = (int)MIN(first, now.rlim_max - n - 16);
	run->ground.n_reserved = n;
	run->ground.values.symbol[REG_RESERVED_FD] = (uint64_t)run->ground.reserved_fd;
	if (limit != UINT64_MAX)
		*ret_files = MIN(*ret_files, limit);
	*ret_files = MIN(*ret_files, (rlim_t)run->ground.reserved_fd);
	return 0;
}

/* A fork of a template becomes the program, if it can: otherwise it has been killed, and the program is executed. */
static bool adopt(struct run *run, const struct spawn *spawn, struct spawned *ret_spawned)
{
	const struct adoption *warm = run->options->warm;
	int r = adopt_program(warm, spawn, run->ground.values.facts & FACT_MSEAL,
			      run->options->policy->n_execs > 0);

	if (r == 0 && !warm->whole)
		finishing_init(&run->finishing, &warm->facts->end, warm->leave);
	run->result->warm = r == 0;
	run->result->warm_errno = -r;
	*ret_spawned = (struct spawned){ .pid = warm->pid, .error_fd = -1 };
	return r == 0;
}

/* The rulesets of the policies within the run's. */
struct walls {
	int fd[POLICY_MAX_NARROWER];
	size_t n;
};

static void close_walls(struct walls *walls)
{
	while (walls->n)
		if (walls->fd[--walls->n] >= 0)
			close(walls->fd[walls->n]);
}

int start_program(struct run *run, struct spawned *ret_spawned)
{
	bool handover = run->actor.handover.needed, maps = run->options->maps_copy, shared = !run->ground.audits;
	const struct policy *policy = run->options->policy;
	int abi = run->options->audit ? 0 : landlock_abi();
	size_t n_roots = resolver_n_roots(run->resolver), n_walls = abi ? policy->n_narrower : 0,
	       n_fds = n_roots + maps + handover + shared + n_walls + 1, i;
	_cleanup_free_ int *fds = xcalloc(n_fds, sizeof *fds);
	int landlock_fd;
	_cleanup_close_ int own_landlock_fd = -1, maps_fd = -1, handover_fd = -1, shared_fd = -1;
	_cleanup_(close_walls) struct walls walls = { 0 };
	uint64_t cpu = run->options->policy->limits.cpu_ns;
	/* Beyond the limit that ticks check, which leaves out stops for output that is counted. */
	rlim_t files = 0, stops = run->output.counted ? 8 : 1;
	rlim_t cpu_seconds = cpu == UINT64_MAX ? RLIM_INFINITY : cpu / 1000000000u * stops + 2;
	int r = reserve_descriptors(run, n_fds, &files);
	struct reg_values filter;
	const struct spawn_limit limits[] = {
		{ RLIMIT_CORE, 0, 0 },
		{ RLIMIT_MSGQUEUE, 0, 0 },
		/* Queued signals and timers are counted per user, and the user has other processes. */
		{ RLIMIT_SIGPENDING, 4096, 4096 },
		{ RLIMIT_MEMLOCK, 1 << 16, 1 << 16 },
		{ RLIMIT_CPU, cpu_seconds, cpu_seconds },
		{ RLIMIT_NOFILE, files, files },
	};

	if (r == 0 && maps)
		r = maps_copy_new(&run->ground.maps_fd, &maps_fd);
	if (r == 0 && handover)
		r = handover_new(&run->actor.handover, &handover_fd);
	if (r == 0 && shared)
		r = shared_begin(&run->actor.shared, &shared_fd);
	if (r < 0)
		return r;
	for (i = 0; i < n_roots; i++)
		fds[i] = resolver_root_fd(run->resolver, i);
	if (maps) {
		fds[i] = maps_fd;
		run->ground.maps_number = run->ground.reserved_fd + (int)i++;
	}
	if (handover) {
		fds[i] = handover_fd;
		run->actor.handover.number = run->ground.reserved_fd + (int)i++;
	}
	if (shared) {
		fds[i] = shared_fd;
		run->actor.shared.number = run->ground.reserved_fd + (int)i++;
	}
	filter = run->ground.values;
	shadow_stops(&run->shadow, &filter);
	add_stops(run, &filter);
	run->shortens = shorten_may(&run->ground, &filter, run->options->calls == LOG_ALL);
	fds[n_fds - 1] = scratch_fd(run->actor.scratch); /* the last: set_up_program() closes it there */
	landlock_fd = make_landlock(run, policy, abi, &own_landlock_fd);
	run->ground.landlock_abi = landlock_fd >= 0 ? abi : 0;
	for (; walls.n < n_walls; walls.n++, i++) {
		walls.fd[walls.n] = -1;
		fds[i] = make_landlock(run, policy->narrower[walls.n], abi, &walls.fd[walls.n]);
		run->inner[walls.n].wall = run->ground.reserved_fd + (int)i;
	}
	if (run->ending.error)
		return -EIO;
	const struct spawn spawn = {
		.path = run->options->program,
		.argv = run->options->argv,
		.envp = run->options->envp,
		.fds = fds,
		.n_fds = n_fds,
		.reserved_fd = run->ground.reserved_fd,
		.closed_stdio = run->options->closed_stdio,
		.limits = limits,
		.n_limits = ARRAY_SIZE(limits),
		.values = filter,
		.stop_all = run->options->calls == LOG_ALL,
		.filter_kept = run->options->standing ? standing_filter(run->options->standing) : NULL,
		.landlock_fd = landlock_fd,
		.landlock_abi = abi,
		.directory_fd = run->options->directory_fd ? run->options->directory_fd : -1,
		.umask = run->options->policy->umask_ref ? (int)run->options->policy->umask : -1,
		.signal_mask = run->options->signal_mask,
		.ignored = run->options->ignored_signals,
	};
	return run->options->warm && adopt(run, &spawn, ret_spawned) ? 0 : spawn_program(&spawn, ret_spawned);
}

/* A container may block just these; find out now, not halfway through start-up. */
int start_check_host(struct run *run)
{
	const char word = 'p';
	int r = handover_needed(&run->actor.handover.needed);
	char copy;

	if (r < 0)
		return r == -EMFILE || r == -ENFILE || r == -ENOMEM ? r : -ENOSYS;
	return memory_read(getpid(), (uintptr_t)&word, &copy, 1) < 0 ? -ENOSYS : 0;
}
