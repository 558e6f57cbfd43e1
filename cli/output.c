/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static int open_temporary(struct output *output)
{
	int fd;

	if (!output->force && access(output->name, F_OK) == 0)
		return -EEXIST;
	output->temporary = xasprintf("%s.XXXXXX", output->name);
	fd = mkostemp(output->temporary, O_CLOEXEC);
	if (fd < 0) {
		free(steal_ptr(&output->temporary));
		return -errno;
	}
	output->file = fdopen(fd, "w");
	if (output->file)
		return 0;
	close(fd);
	unlink(output->temporary);
	free(steal_ptr(&output->temporary));
	return -ENOMEM;
}

/* 0 or -errno. */
static int open_named(struct output *output)
{
	struct stat st;

	if (stat(output->name, &st) < 0 || S_ISREG(st.st_mode))
		return open_temporary(output);
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	output->file = fopen(output->name, "we");
	return output->file ? 0 : -errno;
}

int output_open(struct output *output, const char *name, bool force)
{
	int r;

	*output = (struct output){ .file = stdout, .name = name, .force = force };
	r = name ? open_named(output) : 0;
	if (r == 0)
		return 0;
	complain("%s: %s", name, r == -EEXIST ? "exists already (--force replaces it)" : strerror(-r));
	return EXIT_LOG;
}

/* Renames the temporary file to NAME. Not every file system can do that in one step without replacing. */
static int take_name(const struct output *output)
{
	if (renameat2(AT_FDCWD, output->temporary, AT_FDCWD, output->name, output->force ? 0 : RENAME_NOREPLACE) == 0)
		return 0;
	if (output->force || errno != EINVAL || link(output->temporary, output->name) < 0)
		return -errno;
	unlink(output->temporary);
	return 0;
}

int output_close(struct output *output, bool good)
{
	int r = 0;

	if (fflush(output->file) || ferror(output->file))
		r = errno ? -errno : -EIO;
	if (output->name && fclose(output->file) && !r)
		r = -errno;
	if (output->temporary && good && !r)
		r = take_name(output);
	if (output->temporary && (!good || r))
		unlink(output->temporary);
	free(output->temporary);
	if (r == 0)
		return 0;
	complain("%s: %s", output->name ? output->name : "standard output", strerror(-r));
	return EXIT_LOG;
}
