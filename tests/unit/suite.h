/* SPDX-License-Identifier: Apache-2.0 */
/* How each unit test ends. */
#ifndef PROCTOR_TESTS_UNIT_SUITE_H
#define PROCTOR_TESTS_UNIT_SUITE_H

#include <check.h>
#include <stdlib.h>

/* Runs SUITE, which it takes, as loudly as CK_VERBOSITY says. The exit status of the test. */
static inline int run_suite(Suite *suite)
{
	SRunner *runner = srunner_create(suite);
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
