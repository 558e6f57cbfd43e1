/* SPDX-License-Identifier: Apache-2.0 */
#include "grade/yaml.h"

#include <errno.h>
#include <fcntl.h>
#include <yaml.h>

enum { MAX_FILE = 1 << 20, MAX_DEPTH = 32 };

/* The file being read, as libyaml's events, one after the other. */
struct reader {
	yaml_parser_t parser;
	const char *path;
	struct buf *message;
};

static json_t *wrong(struct reader *reader, const yaml_mark_t *mark, const char *what)
{
	buf_printf(reader->message, "%s:%zu: %s", reader->path, mark->line + 1, what);
	return NULL;
}

static bool next_event(struct reader *reader, yaml_event_t *event)
{
	if (yaml_parser_parse(&reader->parser, event))
		return true;
	wrong(reader, &reader->parser.problem_mark, reader->parser.problem ? reader->parser.problem : "not YAML");
	return false;
}

static json_t *read_value(struct reader *reader, yaml_event_t *event, int depth);

static json_t *read_list(struct reader *reader, int depth)
{
	json_t *list = json_array(), *value;
	yaml_event_t event;

	while (next_event(reader, &event)) {
		if (event.type == YAML_SEQUENCE_END_EVENT) {
			yaml_event_delete(&event);
			return list;
		}
		value = read_value(reader, &event, depth + 1);
		if (!value)
			break;
		json_array_append_new(list, value);
	}
	json_decref(list);
	return NULL;
}

/* Reads one key with its value. False after a message. */
static bool read_pair(struct reader *reader, yaml_event_t *key, json_t *map, int depth)
{
	_cleanup_free_ char *name = NULL;
	yaml_mark_t mark = key->start_mark;
	yaml_event_t event;
	json_t *value;

	if (key->type != YAML_SCALAR_EVENT) {
		yaml_event_delete(key);
		return wrong(reader, &mark, "a key that is no text");
	}
	name = xstrndup((const char *)key->data.scalar.value, key->data.scalar.length);
	yaml_event_delete(key);
	if (json_object_get(map, name))
		return wrong(reader, &mark, "a key that is there twice");
	if (!next_event(reader, &event))
		return false;
	value = read_value(reader, &event, depth + 1);
	return value && json_object_set_new(map, name, value) == 0;
}

static json_t *read_map(struct reader *reader, int depth)
{
	json_t *map = json_object();
	yaml_event_t event;

	while (next_event(reader, &event)) {
		if (event.type == YAML_MAPPING_END_EVENT) {
			yaml_event_delete(&event);
			return map;
		}
		if (!read_pair(reader, &event, map, depth))
			break;
	}
	json_decref(map);
	return NULL;
}

static json_t *read_scalar(const yaml_event_t *event)
{
	const char *text = (const char *)event->data.scalar.value;
	bool plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;

	if (plain && (streq(text, "~") || streq(text, "null")))
		text = "";
	return json_string(text);
}

/* Reads the value that begins with EVENT, which is taken over. NULL after a message. */
static json_t *read_value(struct reader *reader, yaml_event_t *event, int depth)
{
	yaml_mark_t mark = event->start_mark;
	yaml_event_type_t type = event->type;
	json_t *value = type == YAML_SCALAR_EVENT ? read_scalar(event) : NULL;

	yaml_event_delete(event);
	if (type == YAML_SCALAR_EVENT)
		return value ? value : wrong(reader, &mark, "a text that is not UTF-8");
	if (depth >= MAX_DEPTH)
		return wrong(reader, &mark, "too deep");
	if (type == YAML_SEQUENCE_START_EVENT)
		return read_list(reader, depth);
	if (type == YAML_MAPPING_START_EVENT)
		return read_map(reader, depth);
	return wrong(reader, &mark, "an alias");
}

/* The first document; an empty one becomes an empty map. */
static json_t *read_document(struct reader *reader)
{
	yaml_event_t event;

	while (next_event(reader, &event)) {
		switch (event.type) {
		case YAML_STREAM_START_EVENT:
		case YAML_DOCUMENT_START_EVENT:
			yaml_event_delete(&event);
			break;
		case YAML_STREAM_END_EVENT:
			yaml_event_delete(&event);
			return json_object();
		default:
			return read_value(reader, &event, 0);
		}
	}
	return NULL;
}

int yaml_read(const char *path, json_t **ret, struct buf *message)
{
	struct reader reader = { .path = path, .message = message };
	_cleanup_free_ char *text = NULL;
	json_t *document;
	size_t n;
	int r = read_file(AT_FDCWD, path, MAX_FILE, &text, &n);

	if (r < 0) {
		if (r != -ENOENT)
			buf_printf(message, "%s: %s", path, strerror(-r));
		return r;
	}
	if (!yaml_parser_initialize(&reader.parser))
		return -ENOMEM;
	yaml_parser_set_input_string(&reader.parser, (const unsigned char *)text, n);
	document = read_document(&reader);
	yaml_parser_delete(&reader.parser);
	if (!document)
		return -EINVAL;
	*ret = document;
	return 0;
}

bool yaml_words(const json_t *value, char ***ret)
{
	const char *text = json_string_value(value);
	size_t i, n;

	strv_free(*ret);
	*ret = NULL;
	if (text) {
		for (; *(text += strspn(text, " \t\n")); text += n) {
			n = strcspn(text, " \t\n");
			strv_add(ret, xstrndup(text, n));
		}
		return true;
	}
	for (i = 0; i < json_array_size(value); i++) {
		text = json_string_value(json_array_get(value, i));
		if (!text)
			return false;
		strv_add(ret, xstrdup(text));
	}
	return json_is_array(value);
}
