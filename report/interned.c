/* SPDX-License-Identifier: Apache-2.0 */
#include "report/interned.h"

#include <stdlib.h>

void interned_init(struct interned *in)
{
	*in = (struct interned){ 0 };
	table_init(&in->object_table, INTERNED_MAX_OBJECTS, SIZE_MAX);
	table_init(&in->stack_table, INTERNED_MAX_STACKS, SIZE_MAX);
}

void interned_fini(struct interned *in)
{
	for (size_t i = 0; i < in->n_objects; i++)
		json_decref(in->objects[i]);
	for (size_t i = 0; i < in->n_stacks; i++) {
		json_decref(in->stacks[i].code);
		json_decref(in->stacks[i].members);
	}
	free(in->objects);
	free(in->stacks);
	table_fini(&in->object_table);
	table_fini(&in->stack_table);
}

/* The index in TABLE of the number VALUE; TABLE_FULL: it is not there. */
static size_t find(const struct table *table, json_t *value)
{
	json_int_t number = json_integer_value(value);

	return json_is_integer(value) ? table_find(table, &number, sizeof number) : TABLE_FULL;
}

/* A new place in TABLE for the number VALUE; TABLE_FULL: it is taken, or there is no room. */
static size_t put(struct table *table, json_t *value)
{
	json_int_t number = json_integer_value(value);
	bool is_new = false;
	size_t i = json_is_integer(value) ? table_put(table, &number, sizeof number, &is_new) : TABLE_FULL;

	return is_new ? i : TABLE_FULL;
}

/* What VALUE, an object or the number of one, stands for; borrowed, NULL: nothing. A numbered object is stored. */
static json_t *object_of(struct interned *in, json_t *value)
{
	json_t *number = json_object_get(value, "n");
	size_t i;

	if (!json_is_object(value)) {
		i = find(&in->object_table, value);
		return i == TABLE_FULL ? NULL : in->objects[i];
	}
	if (!number)
		return value;
	i = put(&in->object_table, number);
	if (i == TABLE_FULL)
		return NULL;
	grow_array(&in->objects, &in->cap_objects, i + 1, sizeof *in->objects);
	in->objects[i] = json_incref(value);
	in->n_objects = i + 1;
	json_object_del(value, "n");
	return value;
}

/* Appends to LIST the outermost frames that VALUE, {"outer":N,"of":ID}, stands for. */
static bool take_outer(struct interned *in, const char *name, json_t *value, json_t *list)
{
	size_t i = find(&in->stack_table, json_object_get(value, "of"));
	json_t *from = i == TABLE_FULL ? NULL : json_object_get(in->stacks[i].members, name);
	json_int_t outer = json_integer_value(json_object_get(value, "outer"));
	size_t n = json_array_size(from);

	if (outer < 0 || (size_t)outer > n || in->n_frames + (size_t)outer > INTERNED_MAX_FRAMES)
		return false;
	in->n_frames += (size_t)outer;
	for (i = n - (size_t)outer; i < n; i++)
		json_array_append(list, json_array_get(from, i));
	return true;
}

/* The list NAME of STACK, whole; NULL: it makes no sense, or there is no room. */
static json_t *list_of(struct interned *in, json_t *stack, const char *name)
{
	json_t *list = json_array(), *value, *object;
	bool good = true;
	size_t i;

	json_array_foreach (json_object_get(stack, name), i, value) {
		if (json_object_get(value, "of")) {
			good = take_outer(in, name, value, list);
		} else {
			object = object_of(in, value);
			good = object && in->n_frames++ < INTERNED_MAX_FRAMES && json_array_append(list, object) == 0;
		}
		if (!good)
			break;
	}
	if (good)
		return list;
	json_decref(list);
	return NULL;
}

static bool take_list(struct interned *in, json_t *stack, const char *name)
{
	json_t *list;

	if (!json_object_get(stack, name))
		return true;
	list = list_of(in, stack, name);
	return list && json_object_set_new(stack, name, list) == 0;
}

bool interned_take(struct interned *in, json_t *stack, size_t len)
{
	json_t *id = json_object_get(stack, "id"), *code = json_object_get(stack, "code");
	size_t i;

	if (!json_is_integer(id) || in->bytes + len > INTERNED_MAX_BYTES)
		return false;
	in->bytes += len;
	if (code) {
		code = object_of(in, code);
		if (!code)
			return false;
	}
	if (!take_list(in, stack, "python") || !take_list(in, stack, "native"))
		return false;
	i = put(&in->stack_table, id);
	if (i == TABLE_FULL)
		return false;
	grow_array(&in->stacks, &in->cap_stacks, i + 1, sizeof *in->stacks);
	in->stacks[i] = (struct interned_stack){ json_incref(code), json_incref(stack) };
	in->n_stacks = i + 1;
	json_object_del(stack, "id");
	json_object_del(stack, "code");
	return true;
}

bool interned_put(const struct interned *in, json_t *record)
{
	json_t *id = json_object_get(json_object_get(record, "stack"), "id");
	size_t i = id ? find(&in->stack_table, id) : TABLE_FULL;

	if (!id)
		return true;
	if (i == TABLE_FULL)
		return false;
	if (in->stacks[i].code)
		json_object_set(record, "code", in->stacks[i].code);
	json_object_set(record, "stack", in->stacks[i].members);
	return true;
}
