/* missing.h - what a refusal lacked, for the console's one sentence. Included by src/api only. */
#pragma once
#include "base/base.h"
#include "base/json.h"

/* "missing": {"what", "permission" or "record", "roles"} into the object that is open; nothing when
 * the fault is not a refusal, or tells of a thing rather than of a right. */
void missing_put(jsonw *w, const fault *f);
