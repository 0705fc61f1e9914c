/* sound.h - how a word sounds, by its consonants: an Urdu word and its usual Roman spellings have
 * one in common. Tables: data/roman.json. Included by engine/words alone. Pure; any thread. */
#pragma once
#include "base/base.h"

typedef struct {
    uint32_t letter;
    char sound;
} sound_letter;
typedef struct {
    const char *letters, *sound, *other; /* other: heard so too; "" */
    const char *before;                  /* only when one of these follows; "" */
    bool english;                        /* only in an English word */
} sound_spelling;
extern const sound_letter sound_letters[]; /* ascending */
extern const size_t sound_letters_n;
extern const sound_spelling sound_spellings[]; /* the first that fits */
extern const size_t sound_spellings_n;
extern const char *const sound_joins[], *const sound_english[]; /* ascending */
extern const size_t sound_joins_n, sound_english_n;
extern const int sound_version;

typedef enum { WORD_OTHER, WORD_URDU, WORD_ROMAN, WORD_ENGLISH } word_script;

/* Of a folded word. WORD_OTHER: digits, mixed, or another script. */
word_script sound_script(str word);
/* A word that joins others (e, ul, of, ka): searched for only when nothing else is. */
bool sound_is_join(str word);

enum { SOUND_MAX = 24, SOUND_WAYS = 4 };
typedef struct {
    char p[SOUND_MAX];
    size_t n;
} sound;
/* The ways (at most SOUND_WAYS) in which a word of fold_spoken is heard. What has less than two
 * sounds has none. */
size_t sound_of(str word, word_script script, sound ret[SOUND_WAYS]);
