/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzzes the policy parser and every question to what it makes.
 *
 *	fuzz_policy FILE|DIRECTORY...		replays inputs (make check does, with the corpus)
 *	fuzz_policy [-n RUNS] [-t SECONDS] [-s SEED] FILE|DIRECTORY...	mutates them so often, for
 *so long
 *
 * With clang -fsanitize=fuzzer -DFUZZ_LIBFUZZER it is a libFuzzer target. Besides not crashing:
 * what policy_show() prints of an accepted policy is accepted again and decides alike.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "policy/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const questions[] = {
	"/",
	"/pt",
	"/pt/a",
	"/pt/a/b/c/d/e",
	"/pt/sub/x.py",
	"/pt/sub/__pycache__/x",
	"/etc/passwd",
	"/proc/self/mem",
	"/dev/null",
	"/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab",
	"/x/y/z",
};

/* The input that is being tried, told when something is wrong with what was made of it. */
static const uint8_t *input_data;
static size_t input_size;

static void wrong(const char *what, const char *detail)
{
	fprintf(stderr, "fuzz_policy: %s\n%s\ninput of %zu bytes:\n", what, detail ? detail : "",
		input_size);
	fwrite(input_data, 1, input_size, stderr);
	abort();
}

static struct policy *load(const char *data, size_t size, struct buf *messages)
{
	static const struct policy_context context = { .submission = "/pt/sub" };
	struct policy *policy = NULL;
	int r = policy_load_text(data, size, "f", &context, &policy, messages);

	if ((r == 0) != (policy != NULL) || (r != 0 && !messages->len))
		wrong("refused without a word, or neither accepted nor refused", messages->data);
	return policy;
}

static void ask(const struct policy *a, const struct policy *b)
{
	size_t i;
	unsigned want;

	for (i = 0; i < ARRAY_SIZE(questions); i++) {
		const char *path = questions[i];
		size_t len = strlen(path);

		policy_nearest(a, path, len);
		policy_link_at(a, path, len);
		policy_forbids(a, path);
		for (want = 1; want <= WANT_CHANGE; want <<= 1) {
			struct decision x = policy_decide_path(a, want, path, len);
			struct decision y = policy_decide_path(b, want, path, len);

			if (x.action != y.action || x.err != y.err)
				wrong("the shown policy decides otherwise", path);
		}
	}
}

static void ask_shown(const struct policy *policy)
{
	struct buf shown = { 0 }, messages = { 0 };
	struct policy *again;

	policy_show(policy, &shown);
	/* A bound may be crossed by spelling out what was short. */
	again = load(shown.data, shown.len, &messages);
	if (again)
		ask(policy, again);
	else if (shown.len < 1u << 19 && !strstr(messages.data, "more than"))
		wrong("the shown policy is refused", messages.data);
	policy_free(again);
	buf_fini(&shown);
	buf_fini(&messages);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf messages = { 0 };
	struct policy *policy;

	input_data = data;
	input_size = size;
	policy = load((const char *)data, size, &messages);
	if (policy)
		ask_shown(policy);
	policy_free(policy);
	buf_fini(&messages);
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

static size_t any(size_t n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return n ? (size_t)(state % n) : 0;
}

static bool add_path(const char *path);

static bool add_directory(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *entry;
	bool good = d != NULL;

	while (d && (entry = readdir(d))) {
		char *file;

		if (entry->d_name[0] == '.')
			continue;
		file = xasprintf("%s/%s", path, entry->d_name);
		good = add_path(file) && good;
		free(file);
	}
	if (d)
		closedir(d);
	return good;
}

static bool add_path(const char *path)
{
	struct input input;
	int r = read_file(AT_FDCWD, path, 4u << 20, &input.data, &input.len);

	if (r == -EISDIR)
		return add_directory(path);
	if (r < 0) {
		complain("fuzz_policy: %s: %s", path, strerror(-r));
		return false;
	}
	grow_array(&inputs, &cap_inputs, n_inputs + 1, sizeof(*inputs));
	inputs[n_inputs++] = input;
	return true;
}

/* Words that the grammar knows: random bytes alone would hardly get past the first line. */
static const char *const words[] = {
	"version: 1\n",
	"name: ",
	"extends: builtin:pure\n",
	"extends: builtin:python\n",
	"on_deny: kill\n",
	"on_deny: errno:EPERM\n",
	"read:\n",
	"hide:\n",
	"never:\n",
	"  - ",
	"limits: {",
	"log: {",
	"cpu: 1s",
	"max: 1MiB",
	"}",
	"[",
	"]",
	", ",
	": ",
	"\n",
	"/pt",
	"/pt/a/",
	"/**",
	"/*",
	"?",
	"%{submission}",
	"%%",
	"%*",
	"/..",
	"/.",
	"//",
	"\"",
	"'",
	"\\x41",
	"\\0",
	"&a ",
	"*a ",
	"!!str ",
	"|\n",
	">\n",
	"#",
	"---\n",
	"...\n",
	"%TAG ! a\n",
	"\t",
	"\r",
	"\xef\xbb\xbf",
	"\xff\xfe",
	"\xc3\xa9",
	"/proc/self",
	"/proc/cpuinfo",
	"/dev/null",
	"/",
	"99999999999999999999",
};

static void mutate(struct buf *b)
{
	size_t at = any(b->len + 1), n, other;
	const char *word;

	switch (any(6)) {
	case 0:
		if (b->len)
			b->data[any(b->len)] = (char)any(256);
		return;
	case 1: /* cut a piece out */
		n = any(MIN(b->len - at, (size_t)64) + 1);
		memmove(b->data + at, b->data + at + n, b->len - at - n);
		b->len -= n;
		return;
	case 2: /* double a piece */
		n = any(MIN(b->len - at, (size_t)256) + 1);
		buf_reserve(b, n);
		memmove(b->data + at + n, b->data + at, b->len - at);
		b->len += n;
		return;
	case 3: /* take the rest from another input */
		other = any(n_inputs);
		b->len = at;
		at = any(inputs[other].len + 1);
		buf_put(b, inputs[other].data + at, inputs[other].len - at);
		return;
	default:
		word = words[any(ARRAY_SIZE(words))];
		n = strlen(word);
		buf_reserve(b, n);
		memmove(b->data + at + n, b->data + at, b->len - at);
		memcpy(b->data + at, word, n);
		b->len += n;
	}
}

static size_t mutate_for(size_t at_least, unsigned seconds)
{
	uint64_t end = clock_ns(CLOCK_MONOTONIC) + seconds * 1000000000ull;
	size_t runs = 0;

	while (n_inputs && (runs < at_least || clock_ns(CLOCK_MONOTONIC) < end)) {
		const struct input *from = &inputs[any(n_inputs)];
		struct buf b = { 0 };
		size_t times = 1 + any(12);

		buf_put(&b, from->data, from->len);
		while (times--)
			mutate(&b);
		LLVMFuzzerTestOneInput((const uint8_t *)b.data, b.len);
		buf_fini(&b);
		runs++;
	}
	return runs;
}

int main(int argc, char **argv)
{
	unsigned seconds = 0;
	bool good = true;
	size_t i, runs, at_least = 0;
	int option;

	while ((option = getopt(argc, argv, "n:t:s:")) != -1) {
		if (option == 'n')
			at_least = strtoul(optarg, NULL, 10);
		else if (option == 't')
			seconds = (unsigned)strtoul(optarg, NULL, 10);
		else if (option == 's')
			state = strtoull(optarg, NULL, 0) | 1;
		else
			return 64;
	}
	for (; optind < argc; optind++)
		good = add_path(argv[optind]) && good;
	for (i = 0; i < n_inputs; i++)
		LLVMFuzzerTestOneInput((const uint8_t *)inputs[i].data, inputs[i].len);
	runs = mutate_for(at_least, seconds);
	printf("%zu inputs replayed, %zu mutations\n", n_inputs, runs);
	for (i = 0; i < n_inputs; i++)
		free(inputs[i].data);
	free(inputs);
	return !good || !n_inputs;
}

#endif
