/* session.h - limits of sessions, for auth alone. */
#pragma once
#include "access/auth/token.h"

instant session_idle_end(instant used); /* when a session last used then ends by idling */
int64_t session_max_us(void);           /* how old a session may grow */
/* By what the store knows the session of a Cookie header; false: there is none. */
bool session_cookie_hash(str cookie, uint8_t ret[TOKEN_HASH]);
