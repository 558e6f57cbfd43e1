/* SPDX-License-Identifier: Apache-2.0 */
#include "report/page.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/names.h"
#include "base/text.h"

#define LABEL_COLUMNS 8
#define REFERENCE_COLUMN 53
#define MIN_WIDTH 40

static const char *const sgr[] = {
	[STYLE_PLAIN] = NULL, [STYLE_BAD] = "1;31", [STYLE_MILD] = "33",
	[STYLE_GOOD] = "32",  [STYLE_DIM] = "2",    [STYLE_STRONG] = "1",
};

static size_t choose_width(FILE *out, bool terminal)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;
	uint64_t n = 0;

	if (columns && parse_count(columns, &n) == 0 && n > 0 && n < 100000)
		return MAX((size_t)n, (size_t)MIN_WIDTH);
	if (terminal && ioctl(fileno(out), TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		return MAX((size_t)size.ws_col, (size_t)MIN_WIDTH);
	return terminal ? 80 : 0;
}

void page_init(struct page *page, FILE *out, bool no_colour)
{
	const char *variable = getenv("NO_COLOR");
	int fd = fileno(out);
	bool terminal = fd >= 0 && isatty(fd) == 1;

	*page = (struct page){ .out = out };
	page->width = choose_width(out, terminal);
	page->colour = terminal && !no_colour && !(variable && *variable);
}

static void put(struct page *page, const char *text, size_t n)
{
	fwrite(text, 1, n, page->out);
	page->column += text_width(text, n);
}

static void blanks(struct page *page, size_t n)
{
	fprintf(page->out, "%*s", (int)n, "");
	page->column += n;
}

void page_row(struct page *page, const char *label)
{
	blanks(page, 2);
	put(page, label, strlen(label));
	blanks(page, LABEL_COLUMNS > page->column ? LABEL_COLUMNS - page->column : 1);
	page->indent = LABEL_COLUMNS;
}

void page_heading(struct page *page)
{
	page->indent = LABEL_COLUMNS;
}

static void style_on(struct page *page, enum style style)
{
	if (page->colour && sgr[style])
		fprintf(page->out, "\033[%sm", sgr[style]);
}

static void style_off(struct page *page, enum style style)
{
	if (page->colour && sgr[style])
		fputs("\033[0m", page->out);
}

static void new_line(struct page *page)
{
	fputc('\n', page->out);
	page->column = 0;
	blanks(page, page->indent);
}

/*
 * Puts one word: on the next line if it does not fit, in pieces if no line is long enough. It is
 * measured only once; after that the width of each piece is subtracted.
 */
static void put_word(struct page *page, size_t space, const char *word, size_t n)
{
	size_t width = text_width(word, n);

	if (page->width && page->column + space + width > page->width &&
	    page->column > page->indent)
		new_line(page);
	else
		blanks(page, space);
	while (page->width && page->column + width > page->width) {
		size_t fits = text_fit(word, n, page->width - page->column), column = page->column;

		if (!fits)
			break;
		put(page, word, fits);
		width -= page->column - column;
		word += fits;
		n -= fits;
		if (n)
			new_line(page);
	}
	put(page, word, n);
}

void page_put(struct page *page, enum style style, const char *text)
{
	if (!text)
		return;
	style_on(page, style);
	while (*text) {
		size_t space = strspn(text, " "), n = strcspn(text + space, " ");

		if (n)
			put_word(page, space, text + space, n);
		else
			blanks(page, space);
		text += space + n;
	}
	style_off(page, style);
}

void page_clip(struct page *page, enum style style, const char *text)
{
	size_t n = strlen(text), left = page->width > page->column ? page->width - page->column : 0;

	style_on(page, style);
	if (page->width && text_width(text, n) > left) {
		put(page, text, text_fit(text, n, left ? left - 1 : 0));
		put(page, "…", sizeof "…" - 1);
	} else
		put(page, text, n);
	style_off(page, style);
}

void page_reference(struct page *page, const char *text)
{
	_cleanup_free_ char *apart = NULL;

	if (!text)
		return;
	if (page->column + 2 <= REFERENCE_COLUMN &&
	    (!page->width || REFERENCE_COLUMN + text_width(text, strlen(text)) <= page->width)) {
		blanks(page, REFERENCE_COLUMN - page->column);
		page_put(page, STYLE_DIM, text);
		return;
	}
	apart = xasprintf("  %s", text);
	page_put(page, STYLE_DIM, apart);
}

void page_end(struct page *page)
{
	fputc('\n', page->out);
	page->column = 0;
}
