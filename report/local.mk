# What is told to people: the words (shared with the supervisor) and the readers of logs.
WORDS_SOURCES = policy/text.c policy/text.h policy/words.c policy/words.h
LIVE_SOURCES = supervisor/live.c supervisor/live.h

noinst_LIBRARIES += libwords.a libreport.a
libwords_a_SOURCES = $(WORDS_SOURCES)
