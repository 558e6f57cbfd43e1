/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/modules.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/digest.h"
#include "base/json.h"
#include "base/util.h"
#include "supervisor/source.h"

struct module {
	char *path;
	struct stat st; /* as it was then */
	char sha256[65];
};

void modules_init(struct modules *modules, const char *submission)
{
	*modules = (struct modules){ .submission = submission };
}

void modules_fini(struct modules *modules)
{
	size_t i;

	for (i = 0; i < modules->n; i++)
		free(modules->modules[i].path);
	free(modules->modules);
	*modules = (struct modules){ 0 };
}

static bool is_module(const struct modules *modules, const char *path, size_t len)
{
	const char *rest = modules->submission ? after_prefix(path, modules->submission) : NULL;

	return rest && *rest == '/' &&
	       ((len > 3 && streq(path + len - 3, ".py")) || (len > 4 && streq(path + len - 4, ".pyc")));
}

static bool is_taken(const struct modules *modules, const char *path, const struct stat *st)
{
	size_t i;

	for (i = modules->n; i-- > 0;)
		if (source_is_same(&modules->modules[i].st, st) && streq(modules->modules[i].path, path))
			return true;
	return false;
}

static bool read_digest(int path_fd, const struct stat *st, char ret_sha256[65])
{
	_cleanup_free_ char *text = source_read(path_fd, st);

	if (text)
		digest_text(text, (size_t)st->st_size, ret_sha256);
	return text;
}

/* Has CALL opened a file to read it? */
static bool reads(const struct call *call)
{
	return call->request.row && call->request.row->handler == HANDLE_OPEN && call->returned && call->result >= 0 &&
	       !(call->request.how.flags & O_PATH) && (call->request.how.flags & O_ACCMODE) != O_WRONLY;
}

void modules_take(struct modules *modules, const struct resolver *resolver, struct call *call)
{
	struct object *object = &call->objects[0];
	size_t len = object->len;
	struct module module;

	if (!reads(call) || (object->fd < 0 && !object->looked) || !is_module(modules, object->path, len))
		return;
	/* Another file has its name by now: which of them the program has cannot be told. */
	if (resolver_hold(resolver, object) < 0) {
		modules->left_out++;
		return;
	}
	if (fstat(object->fd, &module.st) < 0 || !S_ISREG(module.st.st_mode) ||
	    is_taken(modules, object->path, &module.st))
		return;
	if (modules->n == MODULES_MAX || module.st.st_size > MODULES_MAX_FILE ||
	    modules->read + (uint64_t)module.st.st_size > MODULES_MAX_READ || modules->names + len > MODULES_MAX_NAMES ||
	    !read_digest(object->fd, &module.st, module.sha256)) {
		modules->left_out++;
		return;
	}
	module.path = xstrdup(object->path);
	modules->read += (uint64_t)module.st.st_size;
	modules->names += len;
	grow_array(&modules->modules, &modules->cap, modules->n + 1, sizeof *modules->modules);
	modules->modules[modules->n++] = module;
}

void modules_format(const struct modules *modules, struct buf *out)
{
	size_t i;

	if (!modules->n && !modules->left_out)
		return;
	json_open(out, "modules");
	json_open_list(out, "list");
	for (i = 0; i < modules->n; i++) {
		json_open(out, NULL);
		json_put_text(out, "path", modules->modules[i].path);
		json_put_u64(out, "bytes", (uint64_t)modules->modules[i].st.st_size);
		json_put_word(out, "sha256", modules->modules[i].sha256);
		json_close(out);
	}
	json_close_list(out);
	json_put_u64(out, "left_out", modules->left_out);
	json_close(out);
}
