/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The broker's decision is "allow all": linked with this in place of supervisor/audit.c, proctor sends
 * each call that it would refuse to the kernel as it stands, as --mode audit does, but behind Landlock,
 * no_new_privs and dropped capabilities. What is then still held is held by the second wall alone
 * (second_wall.py). For that test only; never installed.
 */
#include "base/util.h"
#include "supervisor/audit.h"

bool audit_lets_through(bool asked)
{
	(void)asked;
	return true;
}

/* The mark by which a test knows this program from the real one, and a person too. */
__attribute__((constructor)) static void say_so(void)
{
	complain("second_wall_allow: a test program whose broker allows everything; it is no sandbox");
}
