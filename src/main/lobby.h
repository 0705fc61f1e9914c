/* lobby.h - the door while the house is made ready: the server listens before its stores are open,
 * for bringing their tables forward may take minutes. Until the calls' own handler is let in,
 * /healthz says that the program is up and all else is 503 with a time to come again. Main only. */
#pragma once
#include "net/http.h"

/* What http_open takes; one door a process. */
http_handler lobby_handler(void);
/* From here on the calls' own handler answers. */
void lobby_let_in(const http_handler *inner);
