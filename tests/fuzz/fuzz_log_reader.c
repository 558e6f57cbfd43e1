/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzzes everything that reads a log: the reader, explain in all its forms, and summary.
 *
 *	fuzz_log_reader FILE|DIRECTORY...			replays inputs
 *	fuzz_log_reader -n COUNT [-s SEED] FILE|DIRECTORY...	and then COUNT mutations of them
 *
 * With clang -fsanitize=fuzzer -DFUZZ_LIBFUZZER it is a libFuzzer target. Besides not crashing:
 * no text for people ever holds a control character, whatever the log holds.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "report/explain.h"
#include "report/summary.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct explain_options forms[] = {
	{ 0 },
	{ .all = true },
	{ .student = true },
	{ .json = true, .all = true },
	{ .json = true, .student = true },
	{ .sequence = 2 },
	{ .sequence = 2, .json = true },
};

static void check_text(const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (text[i] == '\n' || ((unsigned char)text[i] >= 0x20 && text[i] != 0x7f))
			continue;
		fprintf(stderr, "fuzz_log_reader: byte %02x in the output:\n",
			(unsigned char)text[i]);
		fwrite(text, 1, n, stderr);
		abort();
	}
}

static void explain(const uint8_t *data, size_t size, const struct explain_options *options)
{
	struct log_reader *reader = log_open_memory(data, size);
	char *text = NULL;
	size_t n;
	FILE *out = open_memstream(&text, &n);

	explain_log(reader, options, "fuzz", out);
	fclose(out);
	log_close(reader);
	if (!options->json)
		check_text(text, n);
	free(text);
}

static void sum_up(const uint8_t *data, size_t size, bool recount)
{
	struct log_reader *reader = log_open_memory(data, size);
	struct summary summary;
	char *text = NULL;
	size_t n;
	FILE *out = open_memstream(&text, &n);

	if (summary_read(reader, recount, &summary) == 0) {
		summary_sort(&summary, ORDER_BROKER);
		summary_print(&summary, log_health(reader), out);
		fflush(out);
		check_text(text, n);
		summary_print_json(&summary, log_health(reader), out);
		summary_fini(&summary);
	}
	fclose(out);
	log_close(reader);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++)
		explain(data, size, &forms[i]);
	sum_up(data, size, false);
	sum_up(data, size, true);
	return 0;
}

#ifndef FUZZ_LIBFUZZER

struct input {
	char *data;
	size_t len;
};

static struct input *inputs;
static size_t n_inputs, cap_inputs;
static uint64_t state = 1;

/* xorshift64: the same mutations for the same seed on every machine. */
static size_t any(size_t n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return n ? (size_t)(state % n) : 0;
}

static void add_file(int dirfd, const char *path)
{
	struct input input;

	if (read_file(dirfd, path, 1u << 20, &input.data, &input.len) < 0) {
		complain("fuzz_log_reader: cannot read %s", path);
		exit(1);
	}
	grow_array(&inputs, &cap_inputs, n_inputs + 1, sizeof *inputs);
	inputs[n_inputs++] = input;
}

static void add_path(const char *path)
{
	_cleanup_closedir_ DIR *d = opendir(path);
	struct dirent *entry;

	if (!d)
		add_file(AT_FDCWD, path);
	while (d && (entry = readdir(d)))
		if (entry->d_name[0] != '.')
			add_file(dirfd(d), entry->d_name);
}

/* What a log is made of: random bytes alone would hardly stay JSON. */
static const char *const words[] = {
	"{\"v\":1,\"kind\":\"call\",",
	"\"kind\":\"start\"",
	"\"kind\":\"end\"",
	"\"kind\":\"signal\"",
	"\"kind\":\"lost\"",
	"\"fatal\":true",
	"\"decision\":{\"action\":\"kill\"}",
	"\"decision\":{\"action\":\"hide\"}",
	"\"rule\":{\"id\":\"limit\"}",
	"\"limit\":{\"name\":\"cpu\",\"value\":0,\"used\":9223372036854775807}",
	"\"sequence\":2",
	"\"sequence\":-1",
	"\"status\":\"PV\"",
	"\"signal\":\"SIGKILL\"",
	"\"code\":1",
	"null",
	"true",
	"[]",
	"{}",
	"\"\"",
	"1e999",
	"-0",
	"\"\\u0000\"",
	"\"\\u001b[2J\"",
	"\"\\ud800\"",
	"\"\\u202e\"",
	"\"path_b64\":\"/w==\"",
	"\"never\":[\"/**\"]",
	"\"effective\":\"never:\\n  - /etc\\nhide: [/x]\\n\"",
	"\"resolution\":[{},{\"name\":\"..\"}]",
	"\"/proc/self/mem\"",
	"\"O_WRONLY|O_CREAT\"",
	"\n",
	",",
	":",
	"[",
	"]",
	"{",
	"}",
	"\\",
	"\"",
	"\x1b]0;",
	"\x7f",
	"\xff",
};

static void insert(struct buf *b, size_t at, const char *piece, size_t n)
{
	buf_reserve(b, n);
	memmove(b->data + at + n, b->data + at, b->len - at);
	memcpy(b->data + at, piece, n);
	b->len += n;
}

static void mutate(struct buf *b)
{
	size_t at = any(b->len + 1), n;
	const struct input *other = &inputs[any(n_inputs)];
	const char *word = words[any(ARRAY_SIZE(words))];

	switch (any(5)) {
	case 0:
		if (b->len)
			b->data[any(b->len)] = (char)any(256);
		break;
	case 1: /* cut a piece out */
		n = any(MIN(b->len - at, (size_t)64) + 1);
		memmove(b->data + at, b->data + at + n, b->len - at - n);
		b->len -= n;
		break;
	case 2: /* go on with another input */
		b->len = at;
		at = any(other->len + 1);
		buf_put(b, other->data + at, other->len - at);
		break;
	default:
		insert(b, at, word, strlen(word));
	}
}

static void mutations(uint64_t count)
{
	while (count--) {
		const struct input *from = &inputs[any(n_inputs)];
		_cleanup_buf_ struct buf b = { 0 };

		buf_put(&b, from->data, from->len);
		for (size_t i = any(6) + 1; i; i--)
			mutate(&b);
		LLVMFuzzerTestOneInput((const uint8_t *)b.data, b.len);
	}
}

int main(int argc, char **argv)
{
	uint64_t count = 0;
	int c;

	while ((c = getopt(argc, argv, "n:s:")) != -1) {
		if (c == 'n')
			count = strtoull(optarg, NULL, 10);
		else if (c == 's')
			state = strtoull(optarg, NULL, 10) | 1;
		else
			return EXIT_USAGE;
	}
	for (; optind < argc; optind++)
		add_path(argv[optind]);
	if (!n_inputs)
		return 1;
	for (size_t i = 0; i < n_inputs; i++)
		LLVMFuzzerTestOneInput((const uint8_t *)inputs[i].data, inputs[i].len);
	mutations(count);
	printf("%zu inputs and %llu mutations read without harm\n", n_inputs,
	       (unsigned long long)count);
	return 0;
}

#endif
