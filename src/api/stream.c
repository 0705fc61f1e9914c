/* stream.c - one client's end of a stream: a ring of events, put into lines as the client takes
 * them. Nothing grows while a client does not read: a full ring stops the hub's feeding for this
 * stream, and a client stuck for a minute is cut; it resumes by Last-Event-ID. The exchange's HTTP
 * thread reads, the hub's thread pushes, stream.lock between them. */
#include "api/stream_in.h"
#include "base/time.h"
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

void stream_event_drop(stream_event *e)
{
    if (atomic_fetch_sub(&e->refs, 1) == 1) free(e);
}

static void wake(stream *s)
{
    if (!s->paused) return;
    s->paused = false;
    s->read_us = monotonic_us();
    http_wake(s->w->x);
}

push_result stream_push(stream *s, stream_event *e)
{
    pthread_mutex_lock(&s->lock);
    bool room = s->n < STREAM_RING;
    s->behind = !room;
    if (room) {
        atomic_fetch_add(&e->refs, 1);
        s->ring[(s->first + s->n++) % STREAM_RING] = e;
        wake(s);
    }
    pthread_mutex_unlock(&s->lock);
    return room ? PUSHED : RING_FULL;
}

unsigned stream_room(stream *s)
{
    pthread_mutex_lock(&s->lock);
    unsigned room = STREAM_RING - s->n;
    pthread_mutex_unlock(&s->lock);
    return room;
}

void stream_finish(stream *s, stream_end how)
{
    pthread_mutex_lock(&s->lock);
    if (s->end == STREAM_OPEN) s->end = how;
    wake(s);
    pthread_mutex_unlock(&s->lock);
}

/* A sign of life shows that the client is there; one that takes nothing for long is cut. */
void stream_beat(stream *s, int64_t now_us)
{
    pthread_mutex_lock(&s->lock);
    bool idle = now_us - s->read_us > STREAM_BEAT_US;
    if (s->paused && idle) {
        s->beat = true;
        wake(s);
    } else if (!s->paused && now_us - s->read_us > STREAM_STUCK_US) {
        http_cut(s->w->x);
    }
    pthread_mutex_unlock(&s->lock);
}

static size_t put_cursor(const stream *s, int64_t number, char out[CURSOR_BYTES])
{
    cursor_scope scope = cursor_scope_of(&s->w->c);
    return cursor_seal(&scope, &(cursor){ .n = { number, s->nonce } }, out);
}

static bool set_line(stream *s, int n)
{
    ASSERT(n > 0 && n < STREAM_LINE);
    s->line_n = (uint16_t)n;
    s->line_at = 0;
    return true;
}

static bool event_line(stream *s)
{
    char id[CURSOR_BYTES];
    stream_event *e = s->ring[s->first];
    s->first = (s->first + 1) % STREAM_RING;
    s->n--;
    put_cursor(s, e->number, id);
    int n = snprintf(s->line, STREAM_LINE, "id: %s\ndata: %.*s\n\n", id, e->n, e->json);
    stream_event_drop(e);
    if (s->behind && s->n == STREAM_RING / 2) hub_wake(s->hub);
    return set_line(s, n);
}

static bool first_line(stream *s)
{
    char id[CURSOR_BYTES];
    s->started = true;
    put_cursor(s, s->at, id);
    return set_line(s, snprintf(s->line, STREAM_LINE, "retry: 2000\nid: %s\n\n", id));
}

static bool last_line(stream *s)
{
    static const char *const words[] = { [STREAM_AGAIN] = "again", [STREAM_OVER] = "over" };
    if (s->said) return false;
    s->said = true;
    return set_line(s, snprintf(s->line, STREAM_LINE, "event: %s\ndata: {}\n\n", words[s->end]));
}

/* The next text to send; false: there is none now. */
static bool next_line(stream *s)
{
    if (!s->started) return first_line(s);
    if (s->end != STREAM_OPEN) return false;
    if (s->n) return event_line(s);
    if (!s->beat) return false;
    s->beat = false;
    return set_line(s, snprintf(s->line, STREAM_LINE, ":\n\n"));
}

static size_t take_line(stream *s, char *to, size_t max)
{
    size_t n = (size_t)(s->line_n - s->line_at);
    if (n > max) n = max;
    memcpy(to, s->line + s->line_at, n);
    s->line_at = (uint16_t)(s->line_at + n);
    return n;
}

static ssize_t fill(stream *s, char *to, size_t max)
{
    size_t n = 0;
    while (n < max && (s->line_at < s->line_n || next_line(s)))
        n += take_line(s, to + n, max - n);
    if (n) return (ssize_t)n;
    if (s->end == STREAM_OPEN) {
        s->paused = true;
        http_pause(s->w->x);
        return 0;
    }
    return last_line(s) ? (ssize_t)take_line(s, to, max) : -1;
}

static ssize_t read_stream(void *ctx, char *to, size_t max)
{
    stream *s = ctx;
    pthread_mutex_lock(&s->lock);
    s->read_us = monotonic_us();
    ssize_t n = fill(s, to, max);
    pthread_mutex_unlock(&s->lock);
    return n;
}

static void stream_gone(void *ctx)
{
    stream *s = ctx;
    hub_remove(s->hub, s);
    while (s->n) {
        stream_event_drop(s->ring[s->first]);
        s->first = (s->first + 1) % STREAM_RING;
        s->n--;
    }
    pthread_mutex_destroy(&s->lock);
    free(s->line);
    free(s);
}

/* Where to begin: after the event the client had last, or now. */
static err start_at(walk *w, int64_t *ret)
{
    cursor k;
    bool found;
    int64_t head = ledger_head_now(w->c.realm->ledger).size;
    TRY(cursor_read(&w->c, w->c.last_event_id, &k, &found));
    *ret = found && k.n[0] < head ? k.n[0] : head;
    return OK;
}

static stream *stream_new(walk *w, hub *h, int64_t at)
{
    stream *s = calloc(1, sizeof *s);
    ASSERT(s);
    s->line = malloc(STREAM_LINE);
    ASSERT(s->line);
    s->hub = h;
    s->w = w;
    s->viewer = w->c.viewer;
    s->epoch = 0; /* no store's: the viewer may be older than now, so the first round asks again */
    s->at = at;
    randombytes_buf(&s->nonce, sizeof s->nonce);
    s->read_us = s->checked_us = monotonic_us();
    pthread_mutex_init(&s->lock, NULL);
    return s;
}

bool stream_start(walk *w)
{
    int64_t at = 0;
    if (!walk_fail(w, start_at(w, &at))) return false;
    hub *h = hub_of(w->api->streams, w->c.realm);
    if (!h) return walk_fail(w, ERR(E_BUSY, "error.api.busy"));
    stream *s = stream_new(w, h, at);
    http_answer_stream(w->x, &(http_stream){ read_stream, stream_gone, s });
    if (!hub_add(h, s)) stream_finish(s, STREAM_AGAIN);
    return true;
}
