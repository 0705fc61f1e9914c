/* seeded.h - faults of access that a test build can switch on while it runs, each by its name in
 * data/faults.json, so that the access oracle (test/model) can show that it finds them. In a build
 * without the option `faults` SEEDED() is constantly false and none of this is in the program. Any
 * layer; any thread. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "gen/faults.h"

#ifdef MINAR_FAULTS
extern _Atomic bool seeded_on[SEEDED_FAULTS];
extern const char *const seeded_names[SEEDED_FAULTS];
/* The faults of the see clause that are on, as its parameter $v_seeded takes them. */
int64_t seeded_clauses(void);
#define SEEDED(name) (seeded_on[SEEDED_##name])
#else
#define SEEDED(name) (false && SEEDED_##name >= 0)
#endif
