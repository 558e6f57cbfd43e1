# SPDX-License-Identifier: Apache-2.0
# Pages, the demonstration and the completion of the command line.
EXTRA_DIST += contrib/systemd/proctor-pool.service
EXTRA_DIST += contrib/split.sh contrib/parallel/fleet.sh contrib/slurm/fleet.sh contrib/slurm/fleet.sbatch contrib/kubernetes/job.yaml \
	contrib/kubernetes/Containerfile contrib/grader.py
EXTRA_DIST += contrib/webservice/README.md contrib/webservice/app.py contrib/webservice/hooks.py contrib/webservice/runner.py \
	contrib/webservice/service.yaml contrib/webservice/static/page.css contrib/webservice/static/page.html contrib/webservice/static/page.js
EXTRA_DIST += doc/ARCHITECTURE.md doc/bench.svg doc/DECISIONS.md doc/FLEET.md doc/GLOSSARY.md doc/HOWTO_ADD_SYSCALL.md doc/PERFORMANCE.md doc/result.schema.json doc/verdict.schema.json \
	demo/run demo/invoice.py demo/prices.csv demo/nosy.py demo/endless.py completion/proctor.bash

# The picture of a report in README.md, made anew in the source tree.
EXTRA_DIST += doc/pictures.py doc/report.png
pictures: proctor$(EXEEXT)
	PYTHONDONTWRITEBYTECODE=1 $(PYTHON3) '$(srcdir)/doc/pictures.py' '$(top_builddir)/proctor$(EXEEXT)' '$(srcdir)/doc/report.png'
.PHONY: pictures

demo: proctor$(EXEEXT)
	@PROCTOR='$(abs_top_builddir)/proctor$(EXEEXT)' sh '$(srcdir)/demo/run'
.PHONY: demo

# Each shell finds the completion of a command by its name.
dist_zshcompletion_DATA = completion/_proctor
dist_fishcompletion_DATA = completion/proctor.fish
install-data-local: completion/proctor.bash
	$(MKDIR_P) '$(DESTDIR)$(bashcompletiondir)'
	$(INSTALL_DATA) '$(srcdir)/completion/proctor.bash' '$(DESTDIR)$(bashcompletiondir)/proctor'

uninstall-local:
	rm -f '$(DESTDIR)$(bashcompletiondir)/proctor'

# Directories that nobody else uses, or that are empty now. Those of the manual and of programs belong to
# the system.
uninstall-hook:
	for dir in '$(policydir)' '$(pkgdatadir)' '$(bashcompletiondir)' '$(zshcompletiondir)' '$(fishcompletiondir)'; do \
	  rmdir "$(DESTDIR)$$dir" 2>/dev/null || :; \
	done
