/* SPDX-License-Identifier: Apache-2.0 */
#include "tracee/native/symbols.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum { CHUNK = 512 /* symbols read at once */ };

/* One address that a module's table is searched for. */
struct want {
	struct symbol *symbol;
	uint64_t vaddr;
	Elf64_Sym best;
	bool found;
};

/* Where a table is: in the file at an offset, or in memory at a vaddr. */
struct table {
	uint64_t offset, vaddr, n, strings, strings_size;
	bool in_file;
};

void symbols_fini(struct symbols *s)
{
	/* Not touched if never used: it is some pages large. */
	if (!s->n)
		return;
	for (size_t i = 0; i < SYMBOLS_MEMO; i++)
		free(s->memo[i].name);
	memset(s, 0, sizeof *s);
}

static struct symbol *slot_of(struct symbols *s, uint64_t address)
{
	size_t i = (size_t)((address * UINT64_C(0x9e3779b97f4a7c15)) >> 54);

	while (s->memo[i].address && s->memo[i].address != address)
		i = (i + 1) % SYMBOLS_MEMO;
	return &s->memo[i];
}

static int table_of_section(struct image *im, const Elf64_Shdr *sh, struct table *ret)
{
	Elf64_Shdr strings;

	if (sh->sh_entsize != sizeof(Elf64_Sym) || image_section_at(im, sh->sh_link, &strings) < 0)
		return -ENOENT;
	*ret = (struct table){
		.offset = sh->sh_offset,
		.n = sh->sh_size / sizeof(Elf64_Sym),
		.strings = strings.sh_offset,
		.strings_size = strings.sh_size,
		.in_file = true,
	};
	return 0;
}

/* The full table, else the dynamic one; without section headers it is taken to end where its strings begin. */
static int table_find(struct image *im, struct table *ret)
{
	Elf64_Shdr sh;

	if (image_section(im, NULL, SHT_SYMTAB, &sh) == 0 && table_of_section(im, &sh, ret) == 0)
		return 0;
	if (image_section(im, NULL, SHT_DYNSYM, &sh) == 0 && table_of_section(im, &sh, ret) == 0)
		return 0;
	if (image_dynamic(im) < 0 || im->strtab <= im->symtab)
		return -ENOENT;
	*ret = (struct table){
		.vaddr = im->symtab,
		.n = (im->strtab - im->symtab) / sizeof(Elf64_Sym),
		.strings = im->strtab,
		.strings_size = im->strtab_size,
	};
	return 0;
}

/* Up to CHUNK symbols from number FIRST, not through the block cache: each is looked at only once. */
static size_t table_read(struct image *im, const struct table *t, uint64_t first, Elf64_Sym *chunk)
{
	size_t n = (size_t)MIN(t->n - first, (uint64_t)CHUNK);
	ssize_t got;

	if (!t->in_file)
		return image_read(im, t->vaddr + first * sizeof *chunk, chunk, n * sizeof *chunk) <
				       0
			       ? 0
			       : n;
	got = pread(im->fd, chunk, n * sizeof *chunk, (off_t)(t->offset + first * sizeof *chunk));
	return got < 0 ? 0 : (size_t)got / sizeof *chunk;
}

static bool is_function(const Elf64_Sym *sym)
{
	unsigned int type = ELF64_ST_TYPE(sym->st_info);

	return sym->st_shndx != SHN_UNDEF && sym->st_size &&
	       (type == STT_FUNC || type == STT_GNU_IFUNC);
}

/* The function that begins last wins; of aliases the global one. */
static bool is_better(const Elf64_Sym *sym, const struct want *w)
{
	if (!w->found || sym->st_value != w->best.st_value)
		return !w->found || sym->st_value > w->best.st_value;
	return ELF64_ST_BIND(sym->st_info) == STB_GLOBAL &&
	       ELF64_ST_BIND(w->best.st_info) != STB_GLOBAL;
}

static void compare(const Elf64_Sym *sym, struct want *want, size_t n)
{
	if (!is_function(sym))
		return;
	for (size_t i = 0; i < n; i++)
		if (want[i].vaddr - sym->st_value < sym->st_size && is_better(sym, &want[i])) {
			want[i].best = *sym;
			want[i].found = true;
		}
}

static int scan(struct image *im, const struct table *t, struct want *want, size_t n)
{
	_cleanup_free_ Elf64_Sym *chunk = xmalloc(CHUNK * sizeof *chunk);

	for (uint64_t first = 0; first < t->n;) {
		size_t got;

		if (!budget_time(im->cache->pages->budget))
			return -ETIME;
		got = table_read(im, t, first, chunk);
		if (!got)
			break;
		for (size_t i = 0; i < got; i++)
			compare(&chunk[i], want, n);
		first += got;
	}
	return 0;
}

static char *read_name(struct image *im, const struct table *t, uint32_t at)
{
	char text[SYMBOLS_NAME] = "";

	for (size_t i = 0; i < sizeof text - 1 && at + i < t->strings_size; i++) {
		uint64_t from = t->strings + at + i;

		if ((t->in_file ? image_pread(im, from, text + i, 1)
				: image_read(im, from, text + i, 1)) < 0)
			return NULL;
		if (!text[i])
			break;
	}
	return *text ? xstrdup(text) : NULL;
}

static int resolve(struct module *module, struct image_cache *cache, pid_t tid, struct want *want,
		   size_t n)
{
	struct image *im = module_image(module, cache, tid);
	struct table t;
	int r;

	for (size_t i = 0; i < n; i++) {
		want[i].vaddr = want[i].symbol->address - (im ? im->bias : module->start);
		want[i].symbol->offset = want[i].symbol->address - module->start;
	}
	if (!im || table_find(im, &t) < 0)
		return 0;
	r = scan(im, &t, want, n);
	for (size_t i = 0; i < n; i++) {
		if (!want[i].found)
			continue;
		want[i].symbol->name = read_name(im, &t, want[i].best.st_name);
		if (want[i].symbol->name)
			want[i].symbol->offset = want[i].vaddr - want[i].best.st_value;
	}
	return r;
}

/* Resolves those of NEW that lie in MODULE, and removes them from NEW. */
static int resolve_module(const struct maps *maps, pid_t tid, struct module *module,
			  struct symbol **new, size_t n)
{
	struct want want[SYMBOLS_AT_ONCE];
	size_t n_want = 0;

	for (size_t i = 0; i < n; i++)
		if (new[i] && maps_find(maps, new[i]->address) == module) {
			want[n_want++] = (struct want){.symbol = new[i]};
			new[i] = NULL;
		}
	return module ? resolve(module, maps->cache, tid, want, n_want) : 0;
}

int symbols_find(struct symbols *s, const struct maps *maps, pid_t tid, const uint64_t *address,
		 size_t n, const struct symbol **ret)
{
	struct symbol *new[SYMBOLS_AT_ONCE];
	size_t n_new = 0;
	int r = 0;

	if (s->generation != maps->generation || s->n + n > SYMBOLS_MEMO * 3 / 4) {
		symbols_fini(s);
		s->generation = maps->generation;
	}
	for (size_t i = 0; i < n; i++) {
		struct symbol *slot = slot_of(s, address[i]);

		if (!slot->address) {
			slot->address = address[i];
			s->n++;
			new[n_new++] = slot;
		}
		ret[i] = slot;
	}
	for (size_t i = 0; i < n_new; i++)
		if (new[i] &&
		    resolve_module(maps, tid, maps_find(maps, new[i]->address), new, n_new) < 0)
			r = -ETIME;
	if (r < 0)
		s->generation = UINT64_MAX; /* half-known names are not kept */
	return r;
}
