/* session.h - limits of sessions, for auth alone. */
#pragma once
#include "base/base.h"

instant session_idle_end(instant used);  /* when a session last used then ends by idling */
int64_t session_max_us(void);            /* how old a session may grow */
