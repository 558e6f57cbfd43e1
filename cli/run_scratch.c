/* SPDX-License-Identifier: Apache-2.0 */
/* The scratch of a run: it is made for the policy, and what is in it is handed back at the end. */
#include "cli/run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/scratch_files.h"
#include "cli/scratch_keep.h"

static int make_in_memory(struct run *run, const struct scratch_size *size, struct buf *message)
{
	const struct scratch_memory memory = {
		.bytes = size->bytes,
		.files = size->files,
		.of_user = run->identity.name,
		.uid = run->identity.uid,
		.gid = run->identity.gid,
	};
	/* It is made with the rights of the caller: root needs them for a user namespace too, because mapping itself
	 * there takes CAP_SETFCAP (user_namespaces(7)). The kept copy is made with the program's rights. */
	int r = scratch_dir_make(&run->scratch, run->command.keep_scratch, &memory, message), left;

	if (r < 0 || !run->command.keep_scratch)
		return r;
	r = identity_enter(&run->identity);
	if (r == 0)
		r = scratch_dir_make_kept(&run->scratch, run->command.keep_scratch, message);
	left = identity_leave(&run->identity);
	return left < 0 ? left : r;
}

/* Makes the scratch for the policy, if that grants one; on the disk with the rights of the program. */
const char *run_make_scratch(void *arg, const struct scratch_size *size, bool *ret_counts)
{
	struct run *run = arg;
	_cleanup_buf_ struct buf message = { 0 };
	/* In audit mode the kernel itself looks up names, and a scratch in memory has no path. */
	bool memory = size->place != SCRATCH_IN_DIRECTORY && !run->command.audit;
	int r = memory ? make_in_memory(run, size, &message) : -EOPNOTSUPP, left;

	if (r == -EOPNOTSUPP && memory && size->place == SCRATCH_IN_MEMORY) {
		buf_lit(&message, "none in memory is to be had here (see proctor doctor)");
	} else if (r == -EOPNOTSUPP) {
		r = identity_enter(&run->identity);
		if (r == 0) {
			r = scratch_dir_make(&run->scratch, run->command.keep_scratch, NULL, &message);
			left = identity_leave(&run->identity);
			r = left < 0 ? left : r;
		}
	}
	*ret_counts = run->scratch.mount >= 0;
	if (r == 0)
		return run->scratch.path;
	run->policy_failed_scratch = true;
	complain("run: cannot make the scratch: %s", message.len ? message.data : strerror(-r));
	return NULL;
}

/* For a further policy: the scratch that was made for the first one. */
const char *run_same_scratch(void *arg, const struct scratch_size *size, bool *ret_counts)
{
	(void)size;
	*ret_counts = true; /* already counted by the kernel */
	return ((struct run *)arg)->scratch.path;
}

/* With the rights of the program, with which they are written to. 0 or the exit status, having said why. */
int run_open_collections(struct run *run)
{
	const struct run_command *c = &run->command;
	_cleanup_buf_ struct buf message = { 0 };
	int fd = 0, r;

	if (c->n_collect && !run->scratch.path) {
		complain("run: --collect: there is no scratch (--scratch, or write: \"%%{scratch}\" in the policy)");
		return EXIT_USAGE;
	}
	if (c->n_collect == 0)
		return 0;
	r = identity_enter(&run->identity);
	run->collect_fds = xcalloc(c->n_collect, sizeof(*run->collect_fds));
	while (r == 0 && run->n_collect_fds < c->n_collect) {
		fd = scratch_dir_open_target(c->collect[run->n_collect_fds], &message);
		if (fd < 0)
			break;
		run->collect_fds[run->n_collect_fds++] = fd;
	}
	if (r == 0)
		r = identity_leave(&run->identity);
	if (r < 0) {
		complain("run: --collect: %s", strerror(-r));
		return run_failed_status(run);
	}
	if (fd < 0)
		complain("run: --collect: %s", message.data);
	return fd < 0 ? EXIT_LOG : 0;
}

/* Copies what --collect names. True when that failed, which was told. */
bool run_collect(const struct run *run)
{
	_cleanup_buf_ struct buf message = { 0 };
	bool failed = false;
	size_t i;

	for (i = 0; i < run->command.n_collect; i++) {
		buf_clear(&message);
		if (scratch_dir_collect(&run->scratch, run->command.collect[i], run->collect_fds[i], &message) == 0)
			continue;
		complain("run: --collect %s: %s", run->command.collect[i], message.data);
		failed = true;
	}
	return failed;
}

/* The same for --keep-scratch. */
bool run_keep_scratch(const struct run *run)
{
	const char *name = run->scratch.path ? strrchr(run->scratch.path, '/') + 1 : NULL;
	_cleanup_buf_ struct buf message = { 0 };
	_cleanup_close_ int root = -1;

	if (run->scratch.kept_fd < 0)
		return false;
	root = scratch_open_own(run->scratch.parent_fd, name);
	if (root < 0)
		scratch_say(&message, ".", -root);
	else if (scratch_keep(root, run->scratch.kept_fd, &message) == 0)
		return false;
	complain("run: --keep-scratch %s: %s", run->command.keep_scratch, message.data);
	return true;
}
