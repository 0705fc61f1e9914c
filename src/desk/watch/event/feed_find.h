/* feed_find.h - a feed by what stands in the path: its id or its key. WATCH only. */
#pragma once
#include "api/api.h"

typedef struct {
    int64_t row;
    id128 id;
    bool paused;
} feed_found;
/* E_ABSENT when the viewer sees none. */
MUST_USE err feed_find(call *c, str id_or_key, feed_found *ret);
