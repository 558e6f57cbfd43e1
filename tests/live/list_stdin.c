/* SPDX-License-Identifier: Apache-2.0 */
/* Prints the names in the directory that is standard input: no Python starts with one. */
#include <dirent.h>
#include <stdio.h>
#include <unistd.h>

int main(void)
{
	DIR *dir = fdopendir(STDIN_FILENO);
	const struct dirent *entry;

	if (!dir) {
		perror("fdopendir");
		return 1;
	}
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			puts(entry->d_name);
	return 0;
}
