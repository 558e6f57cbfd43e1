# SPDX-License-Identifier: Apache-2.0
# Pages, the demonstration and the completion of the command line.
EXTRA_DIST += doc/ARCHITECTURE.md doc/bench.svg doc/DECISIONS.md doc/GLOSSARY.md doc/HOWTO_ADD_SYSCALL.md doc/PERFORMANCE.md \
	demo/run demo/invoice.py demo/prices.csv demo/nosy.py demo/endless.py completion/proctor.bash

demo: proctor$(EXEEXT)
	@PROCTOR='$(abs_top_builddir)/proctor$(EXEEXT)' sh '$(srcdir)/demo/run'
.PHONY: demo

# bash-completion finds the completion of a command by the command's name.
install-data-local: completion/proctor.bash
	$(MKDIR_P) '$(DESTDIR)$(bashcompletiondir)'
	$(INSTALL_DATA) '$(srcdir)/completion/proctor.bash' '$(DESTDIR)$(bashcompletiondir)/proctor'

uninstall-local:
	rm -f '$(DESTDIR)$(bashcompletiondir)/proctor'
