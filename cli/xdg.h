/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PROCTOR_CLI_XDG_H
#define PROCTOR_CLI_XDG_H

/*
 * proctor's directory of one kind, by the XDG Base Directory Specification: beneath the directory that VARIABLE names,
 * which is ignored unless absolute, else beneath BELOW_HOME of the home directory. NULL when there is neither. The
 * caller frees it.
 */
char *xdg_directory(const char *variable, const char *below_home);

#endif
