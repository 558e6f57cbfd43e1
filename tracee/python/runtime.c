/* SPDX-License-Identifier: Apache-2.0 */
#include "tracee/python/runtime.h"

#include <errno.h>
#include <fcntl.h>

#include "tracee/python/objects.h"

struct search {
	struct maps *maps;
	pid_t tid;
	struct image *program; /* of the executable, or NULL */
};

static struct image *image_of(struct search *s, struct module *module)
{
	return module_image(module, s->maps->cache, s->tid);
}

/* What is not known stays so. */
static uint64_t moved(uint64_t linked, uint64_t bias)
{
	return linked ? linked + bias : 0;
}

/*
 * The address of NAME. A program that embeds libpython may hold the object itself (a copy
 * relocation), and then the library's own copy is not used.
 */
static uint64_t symbol(struct search *s, struct image *im, const char *name, uint64_t *ret_size)
{
	uint64_t addr = 0;

	if (s->program && s->program != im && image_symbol(s->program, name, &addr, ret_size) == 0)
		return addr;
	return image_symbol(im, name, &addr, ret_size) == 0 ? addr : 0;
}

/* By name, else (from 3.10 on, an interpreter that exports nothing) by the section made for this. */
static uint64_t runtime_address(struct search *s, struct image *im)
{
	uint64_t addr = symbol(s, im, "_PyRuntime", NULL);
	Elf64_Shdr sh;

	if (!addr && image_section(im, ".PyRuntime", 0, &sh) == 0)
		addr = im->bias + sh.sh_addr;
	return addr;
}

/*
 * The minor version of an interpreter that publishes no offsets: by Py_Version from 3.11 on, else
 * by functions that were added in a version.
 */
static int version_of(struct image *im)
{
	uint64_t addr;
	uint32_t version;

	if (image_symbol(im, "Py_Version", &addr, NULL) == 0 &&
	    image_read(im, addr - im->bias, &version, sizeof version) == 0)
		return version >> 24 == 3 ? (int)(version >> 16 & 0xff) : 0;
	if (image_symbol(im, "PyIter_Send", &addr, NULL) == 0)
		return 10;
	return image_symbol(im, "PyFrame_GetBack", &addr, NULL) == 0 ? 9 : 0;
}

static int take_layout(struct pages *pages, int minor, struct python_runtime *r)
{
	uint64_t word[OFFSETS_DEBUG_WORDS];
	const struct python_offsets *known;
	int major = 0;

	if (pages_read(pages, r->address, word, sizeof word) < 0)
		return -EFAULT;
	if (offsets_are_published(word)) {
		offsets_version(word, &major, &r->unsupported_minor);
		return offsets_from_debug(word, &r->offsets);
	}
	r->unsupported_minor = minor;
	known = offsets_known(r->unsupported_minor);
	if (!known)
		return -ENOTSUP;
	r->offsets = *known;
	return 0;
}

/* Where IM, or the program, has the rest. */
static void take_symbols(struct search *s, struct image *im, struct python_symbols *symbols)
{
	symbols->minor = version_of(im);
	for (size_t i = 0; i < PYTHON_TYPES; i++)
		symbols->type[i] = symbol(s, im, python_types[i].symbol, NULL);
	symbols->eval = symbol(s, im, "_PyEval_EvalFrameDefault", &symbols->eval_size);
}

/* What lies at SYMBOLS, BIAS farther than linked. */
static int take_runtime(struct pages *pages, const struct python_symbols *symbols, uint64_t bias, struct python_runtime *ret)
{
	struct python_runtime r = {
		.address = symbols->runtime + bias,
		.eval = moved(symbols->eval, bias),
		.eval_size = symbols->eval_size,
	};
	int result = take_layout(pages, symbols->minor, &r);

	for (size_t i = 0; i < PYTHON_TYPES; i++)
		r.type[i] = moved(symbols->type[i], bias);
	if (result < 0)
		ret->unsupported_minor = r.unsupported_minor;
	else
		*ret = r;
	return result;
}

static int try_module(struct search *s, struct module *module, struct python_runtime *ret)
{
	struct python_symbols symbols = {0};
	struct image *im;

	if (module->not_python || !module->executable)
		return -ENOENT;
	im = image_of(s, module);
	symbols.runtime = im ? runtime_address(s, im) : 0;
	if (!symbols.runtime) {
		module->not_python = !s->maps->cache->pages->budget->spent;
		return -ENOENT;
	}
	take_symbols(s, im, &symbols);
	return take_runtime(s->maps->cache->pages, &symbols, 0, ret);
}

int runtime_symbols(struct image *im, struct python_symbols *ret)
{
	struct search s = {0};

	*ret = (struct python_symbols){0};
	ret->runtime = runtime_address(&s, im);
	if (!ret->runtime)
		return -ENOENT;
	take_symbols(&s, im, ret);
	ret->runtime = moved(ret->runtime, -im->bias);
	for (size_t i = 0; i < PYTHON_TYPES; i++)
		ret->type[i] = moved(ret->type[i], -im->bias);
	ret->eval = moved(ret->eval, -im->bias);
	return 0;
}

/* The types that an interpreter uses have been made ready by it. */
static bool types_are_ready(struct pages *pages, const struct python_runtime *r)
{
	for (size_t i = 0; i < PYTHON_TYPES; i++)
		if (r->type[i] && !type_has(&(struct objects){ pages, r }, r->type[i], TYPE_READY))
			return false;
	return true;
}

int runtime_at(struct pages *pages, const struct python_place *place, struct python_runtime *ret)
{
	struct python_runtime r = {0};
	uint64_t head;

	if (!place->symbols.runtime || take_runtime(pages, &place->symbols, place->bias, &r) < 0 ||
	    pages_word(pages, r.address + r.offsets.interpreters_head, &head) < 0 || !head || !types_are_ready(pages, &r))
		return -ENOENT;
	*ret = r;
	return 0;
}

/* Only as a prefix: "math.cpython-311-x86_64-linux-gnu.so" and other extension modules are no interpreters. */
static bool named_python(const struct module *module)
{
	const char *slash = strrchr(module->path, '/');

	return slash && (after_prefix(slash + 1, "python") || after_prefix(slash + 1, "libpython"));
}

/* The executable's image: most interpreters are the executable itself, others a library that it is linked to. */
static struct image *program_image(struct search *s)
{
	_cleanup_free_ char *link = NULL, *path = NULL;

	link = xasprintf("/proc/%d/exe", s->tid);
	if (read_link(AT_FDCWD, link, &path) < 0)
		return NULL;
	for (size_t i = 0; i < s->maps->n; i++)
		if (streq(s->maps->module[i]->path, path))
			return image_of(s, s->maps->module[i]);
	return NULL;
}

int runtime_find(struct maps *maps, pid_t tid, struct python_runtime *ret)
{
	struct search s = {.maps = maps, .tid = tid};
	int r = maps_load(maps, tid);

	if (r < 0 && r != -ETIME)
		return r;
	s.program = program_image(&s);
	/* Files with an interpreter's name first: the others are many. */
	for (int named = 1; named >= 0; named--)
		for (size_t i = 0; i < maps->n; i++) {
			struct module *module = maps->module[i];

			if (named_python(module) != named)
				continue;
			r = try_module(&s, module, ret);
			if (r != -ENOENT)
				return r;
		}
	return maps->whole && !maps->cache->pages->budget->spent ? -ENOENT : -ETIME;
}
