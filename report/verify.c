/* SPDX-License-Identifier: Apache-2.0 */
#include "report/verify.h"

#include <inttypes.h>

#include "base/escape.h"

static bool chain_agrees(const struct log_reader *reader, json_t *json)
{
	const char *claimed = json_text(json, "chain.sha256");
	char digest[65];

	log_digest_before(reader, digest);
	return claimed && streq(claimed, digest) &&
	       json_number(json, "chain.bytes", UINT64_MAX) == log_bytes_before(reader);
}

/* After a change no chain record agrees any more: only the first that does not agree shows where it is. */
static void take_chain(struct verification *v, const struct log_reader *reader, json_t *json)
{
	if (v->last_line)
		return;
	if (chain_agrees(reader, json)) {
		v->chains++;
		v->proved = v->last;
		v->proved_line = log_health(reader)->lines - 1; /* without the chain record's own line */
		return;
	}
	v->first_line = v->proved_line + 1;
	v->last_line = log_health(reader)->lines;
	v->first_changed = v->proved + 1;
	v->last_changed = v->last;
}

enum signature_state verify_signature(const struct signature *signature, enum signed_what what, const char sha256[65],
				      const struct public_key *keys, size_t n, const char **ret_signer)
{
	for (size_t i = 0; i < n; i++)
		if (memcmp(keys[i].bytes, signature->key, SIGNING_KEY) == 0) {
			if (!signature_holds(signature, what, sha256))
				return SIGNATURE_BAD;
			*ret_signer = keys[i].name;
			return SIGNATURE_GOOD;
		}
	return SIGNATURE_UNKNOWN;
}

static void take_end(struct verification *v, const struct log_reader *reader, const struct log_record *record,
		     const struct verify_wanted *wanted)
{
	struct signature signature;
	char sha256[65];

	v->end_line = log_health(reader)->lines;
	v->signature = SIGNATURE_NONE;
	v->signer = NULL;
	v->key[0] = '\0';
	if (!signature_find(record->line, record->len, &signature))
		return;
	hex_text(signature.key, sizeof signature.key, v->key);
	log_digest_within(reader, record, signature.body, sha256);
	v->signature = verify_signature(&signature, SIGNED_LOG, sha256, wanted->keys, wanted->n_keys, &v->signer);
}

static void take(struct verification *v, const struct log_reader *reader, const struct log_record *record,
		 const struct verify_wanted *wanted)
{
	const char *run = json_text(record->json, "run.id");

	if (record->kind == RECORD_START && run && !v->run[0])
		snprintf(v->run, sizeof v->run, "%s", run);
	if (record->kind == RECORD_END)
		take_end(v, reader, record, wanted);
	if (record->kind == RECORD_CHAIN)
		take_chain(v, reader, record->json);
	else if (record->sequence > v->last)
		v->last = record->sequence;
}

/* No chain record shows where the change is: it is behind the last one that agrees. */
static void changed_behind(struct verification *v)
{
	v->result = VERIFY_CHANGED;
	v->first_line = v->proved_line + 1;
	v->first_changed = v->proved + 1;
}

/* The log was found intact: does one of the keys that were given vouch for it? */
static void judge_signatures(struct verification *v, const struct verify_wanted *wanted)
{
	enum signature_state state = wanted->with_verdict ? wanted->verdict_signature : v->signature;

	if (!wanted->n_keys || v->result != VERIFY_INTACT)
		return;
	/* Anything behind the end record is not signed. */
	if (state == SIGNATURE_BAD || (!wanted->with_verdict && v->end_line != v->lines)) {
		v->result = VERIFY_CHANGED;
		v->forged = true;
	} else if (state != SIGNATURE_GOOD) {
		v->result = VERIFY_UNSIGNED;
	} else if (wanted->with_verdict) {
		v->signer = wanted->verdict_signer;
	} else {
		v->proved = v->last;
		v->proved_line = v->lines;
	}
}

static void judge_bytes(struct verification *v, const struct log_health *health, const char *sha256, const char *run)
{
	bool ended = health->has_end && !health->cut_off;

	v->lines = health->lines;
	v->by_verdict = sha256 && streq(sha256, v->sha256);
	v->other_run = run && v->run[0] && !streq(run, v->run);
	if (v->other_run) {
		v->result = VERIFY_CHANGED;
	} else if (v->by_verdict) {
		v->result = VERIFY_INTACT;
		v->proved = v->last;
		v->proved_line = v->lines;
	} else if (v->last_line) {
		v->result = VERIFY_CHANGED;
	} else if (!ended) {
		v->result = sha256 || v->chains ? VERIFY_TRUNCATED : VERIFY_UNPROVED;
	} else if (sha256) {
		changed_behind(v);
		/* proctor writes a chain record right before the end record. */
		v->rewritten = v->chains && v->proved_line + 2 >= v->lines;
	} else if (!v->chains) {
		v->result = VERIFY_UNPROVED;
	} else if (v->proved_line + 2 != v->lines || health->after_end) {
		changed_behind(v);
	}
}

int verify_log(struct log_reader *reader, const struct verify_wanted *wanted, struct verification *ret)
{
	struct verification v = { .result = VERIFY_INTACT };
	struct log_record record;
	int r;

	log_hash(reader);
	/* Every byte is hashed; of most calls only the number is needed. */
	log_skip_allowed(reader);
	while ((r = log_next(reader, &record)) > 0)
		take(&v, reader, &record, wanted);
	if (r < 0)
		return r;
	log_digest(reader, v.sha256);
	judge_bytes(&v, log_health(reader), wanted->sha256, wanted->run);
	judge_signatures(&v, wanted);
	if (v.result != VERIFY_INTACT)
		v.signer = NULL;
	*ret = v;
	return 0;
}

/* ------------------------------------------------------------------ telling */

const char *verify_name(enum verify_result result)
{
	static const char *const names[] = {
		[VERIFY_INTACT] = "intact",
		[VERIFY_TRUNCATED] = "truncated",
		[VERIFY_CHANGED] = "changed",
		[VERIFY_UNPROVED] = "unproved",
		[VERIFY_UNSIGNED] = "unsigned",
	};

	return names[result];
}

static void tell_changed(const struct verification *v, struct buf *out)
{
	if (v->other_run) {
		buf_lit(out, "the verdict is of another run");
		return;
	}
	if (v->forged) {
		buf_lit(out, "changed, or made anew: the signature is not of these bytes");
		return;
	}
	buf_lit(out, "changed");
	if (v->last_line)
		buf_printf(out, " in lines %" PRIu64 " to %" PRIu64 ", of the records #%" PRIu64 " to #%" PRIu64,
			   v->first_line, v->last_line, v->first_changed, MAX(v->last_changed, v->first_changed));
	else if (v->rewritten)
		buf_printf(out, " in its end record (line %" PRIu64 "), or anew with its chain: the verdict is of other bytes",
			   v->lines);
	else
		buf_printf(out, " at or behind line %" PRIu64 ", record #%" PRIu64, v->first_line, v->first_changed);
}

static void tell_truncated(const struct verification *v, struct buf *out)
{
	buf_printf(out, "truncated at record #%" PRIu64 ", line %" PRIu64, v->last, v->lines);
	if (v->proved_line)
		buf_printf(out, "; by its chain the lines 1 to %" PRIu64 " are as they were", v->proved_line);
	else
		buf_lit(out, "; nothing tells whether what is there is as it was");
}

void verify_tell(const struct verification *v, struct buf *out)
{
	switch (v->result) {
	case VERIFY_INTACT:
		if (v->signer) {
			buf_printf(out, "intact, lines 1 to %" PRIu64 ": signed by the key of ", v->lines);
			text_path(out, v->signer);
		} else if (v->by_verdict)
			buf_printf(out, "intact: the %" PRIu64 " lines that the verdict was written with", v->lines);
		else
			buf_printf(out,
				   "intact by its own chain, lines 1 to %" PRIu64
				   ": only a verdict shows that it was not made anew",
				   v->proved_line);
		if (!v->signer && v->key[0])
			buf_printf(out, "; it says that it is signed by the key %.16s..., which --key would check", v->key);
		return;
	case VERIFY_TRUNCATED:
		tell_truncated(v, out);
		return;
	case VERIFY_CHANGED:
		tell_changed(v, out);
		return;
	case VERIFY_UNPROVED:
		buf_lit(out, "nothing to verify it by: it has no chain records (proctor run writes them with --verdict or --sign), "
			     "and there is no verdict");
		return;
	case VERIFY_UNSIGNED:
		buf_puts(out, v->by_verdict ? "as its verdict says, but that is" : "as its chain says, but it is");
		buf_lit(out, " not signed by a key that was given: whoever could write it could have made it anew");
	}
}

json_t *verify_json(const struct verification *v)
{
	_cleanup_buf_ struct buf message = { 0 };
	json_t *json, *changed;

	verify_tell(v, &message);
	json = json_pack("{s:s, s:s, s:s, s:s, s:b, s:b}", "schema", "proctor.verify/1", "result", verify_name(v->result),
			 "message", message.data, "sha256", v->sha256, "by_verdict", v->by_verdict, "other_run",
			 v->other_run);
	json_set_number(json, "lines", v->lines);
	json_set_number(json, "chains", v->chains);
	json_set_number(json, "last", v->last);
	json_set_number(json, "proved", v->proved);
	json_set_number(json, "proved_line", v->proved_line);
	if (v->signer)
		json_object_set_new(json, "signed_by", json_string(v->signer));
	if (v->key[0])
		json_object_set_new(json, "key", json_string(v->key));
	if (v->result == VERIFY_CHANGED && !v->other_run && !v->forged) {
		changed = json_object();
		json_set_number(changed, "first_line", v->first_line);
		json_set_number(changed, "first", v->first_changed);
		if (v->last_line) {
			json_set_number(changed, "last_line", v->last_line);
			json_set_number(changed, "last", v->last_changed);
		}
		json_object_set_new(json, "changed", changed);
	}
	return json;
}
