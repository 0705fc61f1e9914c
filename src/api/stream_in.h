/* stream_in.h - what the two files of streams share: hub.c feeds, stream.c is one client's end.
 * Lock order: hub.lock, stream.lock, hub.news_lock. Included by those two only. */
#pragma once
#include "access/audience.h"
#include "api/cursor_in.h"
#include "api/stream.h"
#include "api/walk.h"
#include "ledger/ledger.h"
#include <pthread.h>
#include <stdatomic.h>

enum {
    STREAM_RING = 32,
    STREAM_LINE = CURSOR_BYTES + 600,
    STREAM_BEAT_US = 15 * 1000000,
    STREAM_STUCK_US = 60 * 1000000
};

/* One ledger entry in the form that is sent; shared by all streams that hold it. */
typedef struct {
    atomic_int refs;
    int64_t number;
    uint16_t n;
    char json[500];
} stream_event;
void stream_event_drop(stream_event *e);

typedef enum {
    STREAM_OPEN,
    STREAM_AGAIN,
    STREAM_OVER
} stream_end; /* come again; no right any more */

typedef struct stream stream;
struct stream {
    stream *prev, *next; /* hub.lock */
    struct hub *hub;
    walk *w;              /* credentials; lives as long as the exchange */
    viewer viewer;        /* hub thread */
    uint64_t epoch;       /* when viewer was true; hub thread */
    int64_t nonce;        /* equal places look different: nobody sees whether the ledger grew */
    int64_t at;           /* entries up to here are in the ring, sent, or unseen; hub thread */
    int64_t checked_us;   /* hub thread */
    pthread_mutex_t lock; /* what follows */
    stream_event *ring[STREAM_RING];
    unsigned first, n;
    bool paused, beat, started, said, behind;
    stream_end end;
    int64_t read_us;          /* when the client last took something */
    uint16_t line_n, line_at; /* the text that is being sent */
    char *line;               /* STREAM_LINE bytes */
};

/* stream.c; any thread */
typedef enum { PUSHED, RING_FULL } push_result;
push_result stream_push(stream *s, stream_event *e);
void stream_finish(stream *s, stream_end how);
void stream_beat(stream *s, int64_t now_us);
unsigned stream_room(stream *s);

/* hub.c */
enum { HUB_BATCH = 256 };
typedef struct {
    stream_event *event;
    int64_t audience, owner, author;
    const struct record_def *part; /* of what; NULL: of nothing */
    id128 subject;
} hub_news;
typedef struct hub hub;
struct hub {
    streams *all;
    realm *realm;
    hub *next;
    pthread_mutex_t lock; /* first: held for a whole round */
    pthread_t thread;
    stream *first;
    pthread_mutex_t news_lock; /* woken, ending: held for a moment; innermost */
    pthread_cond_t news;
    bool woken, ending;
    int64_t at; /* of the ledger; hub thread */
    hub_news news_of[HUB_BATCH];
    size_t n_news;
};
struct streams {
    struct api *api;
    pthread_mutex_t lock; /* hubs, ending */
    hub *hubs;
    bool ending;
};
hub *hub_of(streams *all, realm *r); /* the realm's, started when it is the first; NULL: ending */
bool hub_add(hub *h, stream *s);     /* false: ending */
void hub_remove(hub *h, stream *s);
void hub_wake(void *hub);
