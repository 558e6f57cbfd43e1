/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>

#include "base/digest.h"
#include "base/escape.h"
#include "cli/log_command.h"
#include "cli/suggest.h"
#include "record/run.h"
#include "report/verify.h"

#define EXIT_NOT_WHAT_IT_WAS 1 /* truncated, changed, or of another run */

enum { MAX_VERDICT = 16 << 20 };

static const char usage[] =
	"usage: proctor verify [-k|--key PUBLIC] [-j|--json] [-h|--help] LOG [VERDICT]\n"
	"Is the log what proctor wrote? Without the verdict its own chain is looked at,\n"
	"which shows damage, but not a log that was made anew. With the public key of who\n"
	"signed it (PEM; repeatable) nothing else is believed. LOG - is standard input.\n";

struct options {
	bool json;
	struct public_key *keys;
	size_t n_keys, cap_keys;
};

/* 0, or EXIT_NO_LOG. */
static int take_key(struct options *options, const char *name)
{
	_cleanup_buf_ struct buf message = { 0 };
	struct public_key key;

	if (public_key_read(name, &key, &message) < 0) {
		complain("verify: --key %s: %s", name, message.data);
		return EXIT_NO_LOG;
	}
	grow_array(&options->keys, &options->cap_keys, options->n_keys + 1, sizeof *options->keys);
	options->keys[options->n_keys++] = key;
	return 0;
}

/* Checks the signature of the verdict, LEN bytes at TEXT. */
static void read_signature(const char *text, size_t len, struct verify_wanted *wanted)
{
	struct signature signature;
	char sha256[65];

	if (!signature_find(text, len, &signature))
		return;
	digest_text(text, signature.body, sha256);
	wanted->verdict_signature = verify_signature(&signature, SIGNED_VERDICT, sha256, wanted->keys, wanted->n_keys,
						     &wanted->verdict_signer);
}

/* Reads what the verdict says about its log. The texts belong to the document. */
static int read_verdict(const char *path, json_t **ret_document, struct verify_wanted *wanted)
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
	wanted->with_verdict = true;
	wanted->sha256 = json_text(document, "log.sha256");
	wanted->run = json_text(document, "run.id");
	if (!wanted->sha256 || strlen(wanted->sha256) != 64) {
		complain("%s: not a verdict with the digest of a log", path);
		json_decref(document);
		return EXIT_NOT_A_LOG;
	}
	read_signature(text, len, wanted);
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

static int verify(const char *path, const struct verify_wanted *wanted, bool as_json)
{
	struct log_reader *reader;
	struct verification v;
	int r = open_log("", path, &reader);

	if (r)
		return r;
	r = verify_log(reader, wanted, &v);
	r = log_read_status("", path, r, log_health(reader));
	if (!r)
		r = tell(&v, path, as_json);
	log_close(reader);
	return r;
}

/* -1 to go on, otherwise the exit status. */
static int parse_options(int argc, char **argv, struct options *options)
{
	static const struct option longs[] = {
		{ "key", required_argument, NULL, 'k' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int c, r = 0;

	optind = 0;
	opterr = 0;
	while (!r && (c = getopt_long(argc, argv, ":k:jh", longs, NULL)) != -1) {
		switch (c) {
		case 'k':
			r = take_key(options, optarg);
			break;
		case 'j':
			options->json = true;
			break;
		case 'h':
			return cli_usage(usage, true);
		default:
			return suggest_bad_option("verify", c, argv, longs);
		}
	}
	if (!r && (argc - optind < 1 || argc - optind > 2))
		return cli_usage(usage, false);
	return r ? r : -1;
}

int cmd_verify(int argc, char **argv)
{
	struct options options = { 0 };
	struct verify_wanted wanted = { 0 };
	json_t *document = NULL;
	int r = parse_options(argc, argv, &options);

	if (r < 0) {
		wanted.keys = options.keys;
		wanted.n_keys = options.n_keys;
		r = argc - optind == 2 ? read_verdict(argv[optind + 1], &document, &wanted) : 0;
		if (!r)
			r = verify(argv[optind], &wanted, options.json);
	}
	json_decref(document);
	free(options.keys);
	return r;
}
