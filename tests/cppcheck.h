/* SPDX-License-Identifier: Apache-2.0 */
/* Macros of libraries whose headers cppcheck does not read. */
#define json_array_foreach(array, index, value) for (index = 0; (value = json_array_get(array, index)); index++)
#define json_object_foreach(object, key, value) for (; (value = json_object_next(object, &key));)
#define HASH_ITER(hh, head, element, next) \
	for (element = head; element && ((next = element->hh.next), 1); element = next)
