/* SPDX-License-Identifier: Apache-2.0 */
#include "report/html/html.h"

#include <inttypes.h>
#include <nettle/sha2.h>

#include "base/json.h"
#include "base/text.h"

/* ------------------------------------------------------------------ text */

/* Where a character begins at or before AT. */
static size_t character_at(const char *text, size_t at)
{
	for (size_t i = 0; i < 4 && at - i > 0; i++)
		if (((unsigned char)text[at - i] & 0xc0) != 0x80)
			return at - i;
	return at;
}

void fit_text(struct buf *out, const char *text, size_t n, size_t max, enum text_escape how)
{
	size_t head, tail;

	if (n <= max) {
		text_escape(out, text, n, how);
		return;
	}
	head = character_at(text, max * 2 / 3);
	tail = character_at(text, n - max / 3);
	text_escape(out, text, head, how);
	buf_lit(out, " …");
	text_count(out, tail - head);
	buf_lit(out, " bytes left out… ");
	text_escape(out, text + tail, n - tail, how);
}

void html_put_n(FILE *out, const char *text, size_t n)
{
	static const char *const references[256] = {
		['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;", ['"'] = "&quot;", ['\''] = "&#39;",
	};

	for (size_t i = 0; i < n; i++) {
		const char *reference = references[(unsigned char)text[i]];

		if (reference)
			fputs(reference, out);
		else
			putc_unlocked(text[i], out);
	}
}

void html_put(FILE *out, const char *text)
{
	html_put_n(out, text, strlen(text));
}

void html_hostile(FILE *out, const char *text)
{
	_cleanup_buf_ struct buf fit = { 0 };

	fit_text(&fit, text ? text : "?", text ? strlen(text) : 1, HTML_MAX_TEXT, TEXT_ARGS);
	html_put(out, fit.data);
}

void html_name(FILE *out, const char *text)
{
	fputs("<bdi class=\"m\">", out);
	html_put(out, text);
	fputs("</bdi>", out);
}

void html_hostile_name(FILE *out, const char *text)
{
	fputs("<bdi class=\"m\">", out);
	html_hostile(out, text);
	fputs("</bdi>", out);
}

/* ------------------------------------------------------------------ quantities */

void html_count(FILE *out, uint64_t n)
{
	_cleanup_buf_ struct buf text = { 0 };

	text_count(&text, n);
	fputs(text.data, out);
}

void html_plural(FILE *out, uint64_t n, const char *one, const char *many)
{
	html_count(out, n);
	fprintf(out, " %s", n == 1 ? one : many);
}

/* Three digits are enough to compare. */
static void put_three(FILE *out, double value, const char *unit)
{
	fprintf(out, "%.*f\u202f%s", value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2, value, unit);
}

void html_duration(FILE *out, uint64_t ns)
{
	if (ns >= 1000000000)
		put_three(out, (double)ns / 1e9, "s");
	else if (ns >= 1000000)
		put_three(out, (double)ns / 1e6, "ms");
	else if (ns >= 1000)
		put_three(out, (double)ns / 1e3, "µs");
	else
		fprintf(out, "%" PRIu64 "\u202fns", ns);
}

void html_size(FILE *out, uint64_t bytes)
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	double value = (double)bytes;
	size_t i = 0;

	if (bytes < 1024) {
		fprintf(out, "%" PRIu64 "\u202fB", bytes);
		return;
	}
	for (value /= 1024; value >= 1024 && i + 1 < ARRAY_SIZE(units); i++)
		value /= 1024;
	fprintf(out, "%.*f\u202f%s", value >= 100 || value == (double)(unsigned)value ? 0 : 1, value, units[i]);
}

static double percent(uint64_t part, uint64_t whole)
{
	return whole ? 100.0 * (double)part / (double)whole : 0;
}

void html_share(FILE *out, uint64_t part, uint64_t whole)
{
	double share = percent(part, whole);

	fprintf(out, "%.*f\u202f%%", share >= 10 ? 0 : 1, share);
}

/* As an image, because the page's policy allows no style outside its one sheet. */
void html_bar(FILE *out, const char *class, uint64_t part, uint64_t pale, uint64_t whole)
{
	double a = MIN(percent(part, whole), 100.0), b = MIN(percent(pale, whole), 100.0 - a);

	if (part && a < 1.5)
		a = 1.5;
	fprintf(out, "<svg class=\"%s\" viewBox=\"0 0 100 1\" preserveAspectRatio=\"none\" aria-hidden=\"true\">", class);
	if (part)
		fprintf(out, "<rect width=\"%.1f\" height=\"1\"/>", a);
	if (pale && b > 0.05)
		fprintf(out, "<rect class=\"p\" x=\"%.1f\" width=\"%.1f\" height=\"1\"/>", a, b);
	fputs("</svg>", out);
}

/* ------------------------------------------------------------------ data */

void json_put(FILE *out, const char *text)
{
	_cleanup_buf_ struct buf json = { 0 };

	json_string(&json, text);
	for (size_t i = 0; i < json.len; i++) {
		char c = json.data[i];

		if (c == '<' || c == '>' || c == '&')
			fprintf(out, "\\u%04x", c);
		else
			putc_unlocked(c, out);
	}
}

void html_csp_hash(FILE *out, const void *text, size_t n)
{
	_cleanup_buf_ struct buf base64 = { 0 };
	uint8_t digest[SHA256_DIGEST_SIZE];
	struct sha256_ctx ctx;

	sha256_init(&ctx);
	sha256_update(&ctx, n, text);
	sha256_digest(&ctx, sizeof digest, digest);
	json_base64(&base64, digest, sizeof digest);
	fprintf(out, "'sha256-%s'", base64.data);
}
