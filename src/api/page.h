/* page.h - the frame of a list answer: {"items":[...],"next":cursor or null}. Handlers' thread. */
#pragma once
#include "api/api.h"

void page_open(call *c);
/* last: where the next page starts; used only when there is more. */
void page_close(call *c, bool more, const cursor *last);
