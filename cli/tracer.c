/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/tracer.h"

#include <fcntl.h>
#include <stdlib.h>

#include "base/util.h"

bool tracer_find(struct buf *message)
{
	_cleanup_free_ char *status = NULL, *path = NULL, *name = NULL;
	const char *line;
	long pid;

	if (read_file(AT_FDCWD, "/proc/self/status", 65536, &status, NULL) < 0)
		return false;
	line = strstr(status, "\nTracerPid:");
	pid = line ? strtol(line + strlen("\nTracerPid:"), NULL, 10) : 0;
	if (pid <= 0)
		return false;
	path = xasprintf("/proc/%ld/comm", pid);
	if (read_file(AT_FDCWD, path, 64, &name, NULL) == 0)
		name[strcspn(name, "\n")] = '\0';
	buf_lit(message, "something traces proctor already: ");
	if (name && *name)
		buf_printf(message, "%s, ", name);
	buf_printf(message, "process %ld; a program has one tracer, and that is to be proctor", pid);
	return true;
}
