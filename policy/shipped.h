/* SPDX-License-Identifier: Apache-2.0 */
/* The policies that come with proctor, except builtin:pure and builtin:python, which are not texts. */
#ifndef PROCTOR_POLICY_SHIPPED_H
#define PROCTOR_POLICY_SHIPPED_H

struct shipped_policy {
	const char *file; /* "builtin:science" */
	const char *text; /* YAML; its first line is a comment that says what it is for */
};

/* The policy called NAME, with or without "builtin:"; NULL: there is none. Static. */
const struct shipped_policy *shipped_find(const char *name);
/* All of them, by name; the last has no file. Made from policy/examples/ when proctor is built. */
extern const struct shipped_policy shipped_texts[];

#endif
