# SPDX-License-Identifier: Apache-2.0
dist_man_MANS += man/proctor.1 man/proctor-batch.1 man/proctor-diff.1 man/proctor-doctor.1 man/proctor-judge.1 \
	man/proctor-learn.1 man/proctor-policy.1 man/proctor-pool.1 man/proctor-run.1 man/proctor-why.1 \
	man/proctor-verdict.5 man/proctor-security.7
