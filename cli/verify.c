/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include <fcntl.h>
#include <getopt.h>

#include "base/escape.h"
#include "cli/log_command.h"
#include "report/verify.h"

#define EXIT_NOT_WHAT_IT_WAS 1 /* truncated, changed, or of another run */

enum { MAX_VERDICT = 16 << 20 };

static const char usage[] =
	"usage: proctor verify [-j|--json] [-h|--help] LOG [VERDICT]\n"
	"Is the log what proctor wrote? Without the verdict its own chain is looked at,\n"
	"which shows damage, but not a log that was made anew. LOG - is standard input.\n";

/* What the verdict says of its log. Both texts are the document's. */
static int read_verdict(const char *path, json_t **ret_document, const char **ret_sha256, const char **ret_run)
{
	_cleanup_free_ char *text = NULL;
	json_t *document;
	size_t len;
	int r = read_file(AT_FDCWD, path, MAX_VERDICT, &text, &len);

	if (r < 0) {
		complain("%s: %s", path, strerror(-r));
		return EXIT_NO_LOG;
	}
	document = json_loadb(text, len, 0, NULL);
	*ret_sha256 = json_text(document, "log.sha256");
	*ret_run = json_text(document, "run.id");
	if (!*ret_sha256 || strlen(*ret_sha256) != 64) {
		complain("%s: not a verdict with the digest of a log", path);
		json_decref(document);
		return EXIT_NOT_A_LOG;
	}
	*ret_document = document;
	return 0;
}

static int tell(const struct verification *v, const char *path, bool as_json)
{
	_cleanup_buf_ struct buf text = { 0 };
	json_t *json;

	if (as_json) {
		json = verify_json(v);
		json_dumpf(json, stdout, JSON_INDENT(2) | JSON_ENSURE_ASCII);
		json_decref(json);
		putchar('\n');
	} else {
		text_path(&text, path);
		buf_lit(&text, ": ");
		verify_tell(v, &text);
		puts(text.data);
	}
	if (fflush(stdout) || ferror(stdout))
		return EXIT_LOG;
	switch (v->result) {
	case VERIFY_INTACT:
		return 0;
	case VERIFY_UNPROVED:
		return EXIT_NOT_A_LOG;
	default:
		return EXIT_NOT_WHAT_IT_WAS;
	}
}

static int verify(const char *path, const char *sha256, const char *run, bool as_json)
{
	struct log_reader *reader;
	struct verification v;
	int r = open_log("", path, &reader);

	if (r)
		return r;
	r = verify_log(reader, sha256, run, &v);
	r = log_read_status("", path, r, log_health(reader));
	if (!r)
		r = tell(&v, path, as_json);
	log_close(reader);
	return r;
}

int cmd_verify(int argc, char **argv)
{
	const char *sha256 = NULL, *run = NULL;
	json_t *document = NULL;
	bool as_json = false;
	int r = log_command_options(usage, argc, argv, &as_json);

	if (r >= 0)
		return r;
	if (argc - optind < 1 || argc - optind > 2)
		return cli_usage(usage, false);
	r = argc - optind == 2 ? read_verdict(argv[optind + 1], &document, &sha256, &run) : 0;
	if (!r)
		r = verify(argv[optind], sha256, run, as_json);
	json_decref(document);
	return r;
}
