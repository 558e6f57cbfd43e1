/* SPDX-License-Identifier: Apache-2.0 */
/* A virtual environment is known by the pyvenv.cfg beside its executable. Private to policy/. */
#ifndef PROCTOR_POLICY_VENV_H
#define PROCTOR_POLICY_VENV_H

/* KEY's value in the pyvenv.cfg of EXECUTABLE (absolute, links kept), or NULL. The caller frees it. */
char *venv_read(const char *executable, const char *key);

#endif
