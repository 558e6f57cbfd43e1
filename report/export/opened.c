/* SPDX-License-Identifier: Apache-2.0 */
#include "report/export/opened.h"

#include <stdlib.h>

static void forget(struct opened *o, int32_t at)
{
	struct opened_path *of = &o->paths[at];

	json_decref(of->path);
	json_decref(of->path_b64);
	o->bytes -= of->bytes;
	*of = (struct opened_path){ .next_free = o->free };
	o->free = (size_t)at + 1;
}

/* One more or one less descriptor is open on the path numbered AT. */
static void hold(void *arg, int32_t at, int by)
{
	struct opened *o = arg;
	struct opened_path *of = &o->paths[at];

	of->descriptors = by > 0 ? of->descriptors + 1 : of->descriptors - 1;
	if (!of->descriptors)
		forget(o, at);
}

void opened_init(struct opened *o, const struct log_health *health)
{
	*o = (struct opened){ 0 };
	descriptors_init(&o->descriptors, health);
	o->descriptors.hold = hold;
	o->descriptors.arg = o;
}

void opened_fini(struct opened *o)
{
	descriptors_fini(&o->descriptors);
	free(o->paths);
	*o = (struct opened){ 0 };
}

void opened_resolve(struct opened *o, struct event *event)
{
	int32_t at = DESCRIPTOR_UNKNOWN, to = DESCRIPTOR_UNKNOWN;
	size_t from_arg, to_arg;

	if (event->kind != RECORD_CALL || !event->name || event->path)
		return;
	at = descriptors_subject(&o->descriptors, event);
	if (call_copies(event->name, &from_arg, &to_arg))
		to = descriptors_object(&o->descriptors, event, to_arg);
	if (at != DESCRIPTOR_UNKNOWN) {
		event->path = o->paths[at].path;
		event->path_b64 = o->paths[at].path_b64;
		event->path_followed = true;
	}
	if (to != DESCRIPTOR_UNKNOWN) {
		event->to_path = o->paths[to].path;
		event->to_path_b64 = o->paths[to].path_b64;
	}
}

/* The number of EVENT's path, on which no descriptor is open yet; DESCRIPTOR_UNKNOWN: there is no room. */
static int32_t keep(struct opened *o, const struct event *event)
{
	size_t bytes = json_string_length(event->path) + json_string_length(event->path_b64), at;

	if (bytes > OPENED_MAX_BYTES - o->bytes)
		return DESCRIPTOR_UNKNOWN;
	if (!o->free) {
		grow_array(&o->paths, &o->cap, o->n + 1, sizeof *o->paths);
		o->paths[o->n++].next_free = 0;
		o->free = o->n;
	}
	at = o->free - 1;
	o->free = o->paths[at].next_free;
	o->paths[at] = (struct opened_path){ .path = json_incref(event->path), .path_b64 = json_incref(event->path_b64),
					     .bytes = bytes };
	o->bytes += bytes;
	return (int32_t)at;
}

void opened_follow(struct opened *o, const struct event *event)
{
	bool opens = event->name && call_opens(event->name) && event->path && !event->path_followed;
	int32_t at = DESCRIPTOR_UNKNOWN;

	if (opens)
		at = event->returned && event->result >= 0 ? keep(o, event) : DESCRIPTOR_UNKNOWN;
	else if (event->kind == RECORD_CALL && event->name)
		at = descriptors_subject(&o->descriptors, event);
	descriptors_follow(&o->descriptors, event, at);
	/* No descriptor was opened on it after all: there is no room for it. */
	if (opens && at != DESCRIPTOR_UNKNOWN && !o->paths[at].descriptors)
		forget(o, at);
}
