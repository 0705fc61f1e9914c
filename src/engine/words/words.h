/* words.h - text as an index keeps it and as it is asked for: words folded in both scripts, how
 * they sound (so that Roman spellings meet the Urdu word), and values (addresses, names, hashes) as
 * one piece each. What is kept is tokens with one space between them. Pure; any thread. */
#pragma once
#include "base/base.h"

/* Rises when other tokens are made of the same text: an index is then to be made again. */
int words_version(void);

enum { WORDS_TOKEN = 80, WORDS_TEXT = 200, WORDS_BEGUN = 24, WORDS_ASKED = 8 };
/* Adds the tokens of a text to out: of its first WORDS_TEXT words; the first WORDS_BEGUN of them
 * are found by their beginnings too. */
void words_index(arena *a, str text, buf *out);
/* Of a value that is one piece: whole, and a domain with what it ends in. */
void words_index_value(arena *a, str value, buf *out);

/* One token; prefix (values alone): or what begins with it. */
typedef struct {
    str token;
    bool prefix;
} words_term;
/* One of these must be there. */
typedef struct {
    words_term *any;
    size_t n;
} words_group;
/* What is asked for: all groups (the first WORDS_ASKED words). typing: the last word may go on.
 * None when there is nothing to ask for. */
size_t words_ask(arena *a, str text, bool typing, words_group **ret);
/* Are all the groups in these tokens? For what is not in an index. */
bool words_match(const words_group *groups, size_t n, str tokens);
