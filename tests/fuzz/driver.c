/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/driver.h"

#ifndef FUZZ_LIBFUZZER

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>

#include "base/buf.h"
#include "tests/fuzz/run.h"

struct input {
	char *data;
	size_t len;
};

static struct input *inputs;
static size_t n_inputs, cap_inputs, n_words;
static uint64_t state;

static size_t any(size_t n)
{
	return (size_t)(xorshift(&state) % n);
}

/* ------------------------------------------------------------------ inputs */

static void add_path(const char *path);

/* In the order of their names, on which the mutations depend. */
static int add_directory(const char *path)
{
	struct dirent **entries = NULL;
	int i, n = scandir(path, &entries, NULL, alphasort);

	if (n < 0)
		return -errno;
	for (i = 0; i < n; i++) {
		_cleanup_free_ char *file = xasprintf("%s/%s", path, entries[i]->d_name);

		if (entries[i]->d_name[0] != '.')
			add_path(file);
		free(entries[i]);
	}
	free(entries);
	return 0;
}

static void add_path(const char *path)
{
	struct input input;
	int r = read_file(AT_FDCWD, path, 4u << 20, &input.data, &input.len);

	if (r == 0) {
		grow_array(&inputs, &cap_inputs, n_inputs + 1, sizeof *inputs);
		inputs[n_inputs++] = input;
	} else if (r == -EISDIR) {
		r = add_directory(path);
	}
	if (r < 0) {
		complain("%s: %s", path, strerror(-r));
		exit(EXIT_FAILURE);
	}
}

/* ------------------------------------------------------------------ mutations */

/* N more bytes at AT: what stood there follows them, and its beginning is still where it was. */
static void make_room(struct buf *b, size_t at, size_t n)
{
	buf_reserve(b, n);
	memmove(b->data + at + n, b->data + at, b->len - at);
	b->len += n;
}

static void mutate(struct buf *b)
{
	size_t at = any(b->len + 1), n;
	const struct input *other;
	const char *word;

	switch (any(6)) {
	case 0:
		if (b->len)
			b->data[any(b->len)] = (char)any(256);
		break;
	case 1: /* cut a piece out */
		n = any(MIN(b->len - at, (size_t)64) + 1);
		memmove(b->data + at, b->data + at + n, b->len - at - n);
		b->len -= n;
		break;
	case 2: /* double a piece */
		make_room(b, at, any(MIN(b->len - at, (size_t)256) + 1));
		break;
	case 3: /* take the rest from another input */
		other = &inputs[any(n_inputs)];
		b->len = at;
		at = any(other->len + 1);
		buf_put(b, other->data + at, other->len - at);
		break;
	default:
		word = fuzz_words[any(n_words)];
		n = strlen(word);
		make_room(b, at, n);
		memcpy(b->data + at, word, n);
	}
}

static void try_mutation(void)
{
	const struct input *from = &inputs[any(n_inputs)];
	_cleanup_buf_ struct buf b = { 0 };
	size_t times = 1 + any(12);

	buf_put(&b, from->data, from->len);
	while (times--)
		mutate(&b);
	LLVMFuzzerTestOneInput((const uint8_t *)b.data, b.len);
}

int main(int argc, char **argv)
{
	struct fuzz_run run = { .seed = 1 };
	uint64_t n;
	size_t i;

	fuzz_options(argc, argv, &run);
	for (; optind < argc; optind++)
		add_path(argv[optind]);
	if (!n_inputs)
		return EXIT_USAGE;
	while (fuzz_words[n_words])
		n_words++;
	state = run.seed | 1;
	for (i = 0; i < n_inputs; i++)
		LLVMFuzzerTestOneInput((const uint8_t *)inputs[i].data, inputs[i].len);
	for (n = 0; fuzz_goes_on(&run, n); n++)
		try_mutation();
	printf("%zu inputs replayed, %" PRIu64 " mutations\n", n_inputs, n);
	return EXIT_SUCCESS;
}

#endif
