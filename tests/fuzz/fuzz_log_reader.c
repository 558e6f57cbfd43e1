/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzzes everything that reads a log: the reader, explain in all its forms, and summary.
 * Besides not crashing: no text for people ever holds a control character, whatever the log holds.
 */
#include "tests/fuzz/driver.h"

#include <stdlib.h>

#include "report/explain.h"
#include "report/summary.h"

const char *const fuzz_words[] = {
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
	"\"source_b64\":\"/w==\"",
	"\"source\":\"\\t\\u001b\"",
	"\"source_cut\":true",
	"\"source_sha256\":\"00\"",
	"\"log_full\":true",
	"\"records\":3",
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
	NULL,
};

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
