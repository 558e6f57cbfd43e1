/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/memory.h"

#include <stdlib.h>
#include <string.h>

#include "base/util.h"

/* The number behind NAME at the beginning of a line, from KiB to bytes; 0 when there is none. */
static uint64_t field(const char *text, const char *name)
{
	const char *at = strstr(text, name);

	return at ? strtoull(at + strlen(name), NULL, 10) * 1024 : 0;
}

bool memory_parse_status(const char *text, struct memory *ret_memory)
{
	if (!strstr(text, "\nRssAnon:"))
		return false;
	*ret_memory = (struct memory){
		.own = field(text, "\nRssAnon:") + field(text, "\nVmSwap:") + field(text, "\nVmPTE:") +
		       field(text, "\nHugetlbPages:"),
		.shared = field(text, "\nRssShmem:"),
		.files = field(text, "\nRssFile:"),
	};
	return true;
}

bool memory_look(pid_t tid, struct memory *ret_memory)
{
	char text[4096];

	return read_proc(tid, "status", text, sizeof text) && memory_parse_status(text, ret_memory);
}

/* ------------------------------------------------------------------ what is shared counts in parts */

bool memory_parse_rollup(const char *text, uint64_t *ret_bytes)
{
	if (!strstr(text, "\nPss_Anon:"))
		return false;
	*ret_bytes = field(text, "\nPss_Anon:") + field(text, "\nSwapPss:") + field(text, "\nPrivate_Hugetlb:") +
		     field(text, "\nShared_Hugetlb:");
	return true;
}

bool memory_look_at_part(pid_t tid, uint64_t *ret_bytes)
{
	char text[4096];
	uint64_t part;

	if (!read_proc(tid, "smaps_rollup", text, sizeof text) || !memory_parse_rollup(text, &part) ||
	    !read_proc(tid, "status", text, sizeof text))
		return false;
	*ret_bytes = part + field(text, "\nVmPTE:");
	return true;
}

/* ------------------------------------------------------------------ mapping by mapping */

/* "55d0-55e0 r--p 0000 fd:00 1234    /name": the name, "" for a mapping without, NULL for another line. */
static const char *name_in(const char *line)
{
	const char *at = line + strspn(line, "0123456789abcdef");
	int field;

	if (at == line || *at != '-')
		return NULL;
	for (field = 0; field < 5; field++) {
		at += strcspn(at, " \n");
		at += strspn(at, " ");
	}
	return at;
}

/* Shared memory under the kernel's own names, and a file that has no name any more, may be the program's. */
static bool is_file(const char *name)
{
	static const char *const own[] = { "/memfd:", "/dev/zero", "/SYSV", "/anon_hugepage" };
	static const char deleted[] = " (deleted)";
	size_t len = strcspn(name, "\n"), i;

	if (name[0] != '/')
		return false;
	for (i = 0; i < ARRAY_SIZE(own); i++)
		if (after_prefix(name, own[i]))
			return false;
	return len < sizeof deleted - 1 ||
	       strncmp(name + len - (sizeof deleted - 1), deleted, sizeof deleted - 1) != 0;
}

bool memory_parse_smaps(FILE *smaps, uint64_t *ret_bytes)
{
	_cleanup_free_ char *line = NULL;
	uint64_t total = 0, resident = 0, bytes;
	bool counts = false, any = false;
	size_t room = 0;

	/* "Rss:" comes before "Anonymous:", fs/proc/task_mmu.c. A line is as long as a path at the most. */
	while (getline(&line, &room, smaps) > 0) {
		const char *name = name_in(line), *number;

		if (name) {
			any = true;
			counts = !is_file(name);
			resident = 0;
		} else if (counts && (number = after_prefix(line, "Rss:"))) {
			resident = strtoull(number, NULL, 10) * 1024;
		} else if (counts && (number = after_prefix(line, "Anonymous:"))) {
			bytes = strtoull(number, NULL, 10) * 1024;
			total += resident > bytes ? resident - bytes : 0;
		}
	}
	if (!any || ferror(smaps))
		return false;
	*ret_bytes = total;
	return true;
}

bool memory_look_at_shared(pid_t tid, uint64_t *ret_bytes)
{
	char path[64];
	_cleanup_fclose_ FILE *smaps = NULL;

	snprintf(path, sizeof path, "/proc/%d/smaps", tid);
	smaps = fopen(path, "re");
	return smaps && memory_parse_smaps(smaps, ret_bytes);
}
