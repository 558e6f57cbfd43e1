/* SPDX-License-Identifier: Apache-2.0 */
#include "grade/passes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "grade/directory.h"

static const char next_name[] = "feedback/nextpass.in";

static json_t *one_pass(const struct slot *slot)
{
	static const char *const members[] = { "status", "cpu_ns", "wall_ns", "memory_bytes" };
	json_t *pass = json_object();
	size_t i;

	for (i = 0; i < ARRAY_SIZE(members); i++) {
		json_t *value = json_object_get(slot->outcome.verdict, members[i]);

		if (value)
			json_object_set(pass, members[i], value);
	}
	return pass;
}

json_t *passes_json(const struct slot *slot)
{
	json_t *all;

	if (!slot->spec->checker.passes)
		return NULL;
	all = slot->passes ? json_copy(slot->passes) : json_array();
	json_array_append_new(all, one_pass(slot));
	return all;
}

/* Moves the files that each pass makes anew to "pass-N", and the next pass's input to "input-N". */
static int put_away(struct slot *slot)
{
	static const char *const names[] = { "verdict.json", "log.jsonl", "stdout", "stderr", "checker", "interaction",
					     "expected" };
	_cleanup_free_ char *name = xasprintf("pass-%u", slot->pass), *input = xasprintf("input-%u", slot->pass + 1);
	_cleanup_close_ int fd = directory_make(slot->run_fd, name);
	size_t i;

	if (fd < 0)
		return fd;
	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (renameat(slot->run_fd, names[i], fd, names[i]) < 0 && errno != ENOENT)
			return -errno;
	return renameat(slot->run_fd, next_name, slot->run_fd, input) < 0 ? -errno : 0;
}

/* Is there to be another pass? A request at the wrong time is the validator's error. */
static bool is_asked_for(struct slot *slot)
{
	struct stat st;

	if (!slot->spec->checker.passes || !slot->checked || fstatat(slot->run_fd, next_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return false;
	if (slot->outcome.final == FINAL_AC && S_ISREG(st.st_mode) && slot->pass < slot->spec->checker.passes)
		return true;
	/* The validator accepted, but the program itself failed: that counts. */
	if (slot->outcome.final != FINAL_AC && slot->check_status == VALIDATOR_ACCEPTS)
		return false;
	if (slot->outcome.final == FINAL_JE)
		return false;
	if (slot->check_status != VALIDATOR_ACCEPTS)
		buf_printf(&slot->outcome.reason, "the validator left nextpass.in with status %d", slot->check_status);
	else if (!S_ISREG(st.st_mode))
		buf_lit(&slot->outcome.reason, "the validator left a nextpass.in that is no file");
	else
		buf_printf(&slot->outcome.reason, "the validator asked for more than %u passes", slot->pass);
	slot->outcome.final = FINAL_JE;
	return false;
}

bool passes_go_on(struct slot *slot, const struct slot_ground *ground)
{
	int r;

	if (!is_asked_for(slot))
		return false;
	r = put_away(slot);
	if (r < 0) {
		outcome_fail(&slot->outcome, "the next pass", r);
		return false;
	}
	if (!slot->passes)
		slot->passes = json_array();
	json_array_append_new(slot->passes, one_pass(slot));
	free(slot->input);
	slot->pass++;
	slot->input = xasprintf("%s/runs/%s/input-%u", ground->path, slot->spec->id, slot->pass);
	outcome_fini(&slot->outcome);
	slot->outcome = (struct outcome){ .final = FINAL_JE };
	buf_clear(&slot->check);
	slot->checked = false;
	slot->check_status = -1;
	return true;
}
