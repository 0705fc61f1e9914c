/* stream.h - server-sent events: each realm's ledger, told to who may see it. Included by src/api
 * only. */
#pragma once
#include "api/api.h"

struct walk;
struct api;
typedef struct streams streams;
streams *streams_new(struct api *a);
/* Starts the stream that w asks for, on its HTTP thread: it has answered when true; else w has its
 * fault. */
bool stream_start(struct walk *w);
void streams_end(streams *s); /* tells all to come again; starts no more */
void streams_free(streams *s);
/* Ends the streams of a realm that is about to be removed, and its thread. */
void streams_forget(streams *s, const realm *r);
