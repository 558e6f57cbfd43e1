# SPDX-License-Identifier: Apache-2.0
# Sentences for people. The supervisor writes them into a verdict, the readers of logs print them.
noinst_LIBRARIES += libwords.a
libwords_a_SOURCES = \
	words/advice.c words/advice.h \
	words/cause.c words/cause.h \
	words/cause_hints.c words/cause_hints.h \
	words/cause_table.c words/cause_table.h \
	words/cause_text.c words/cause_text.h \
	words/compile_error.c words/compile_error.h \
	words/held_words.c words/held_words.h \
	words/leads_out.c words/leads_out.h \
	words/meant.c words/meant.h \
	words/outcome.c words/outcome.h \
	words/random_name.c words/random_name.h \
	words/signal_words.c words/signal_words.h \
	words/telling.c words/telling.h \
	words/topics.c words/topics.h \
	words/words.c words/words.h
