/* frame.h - what processes say to each other: framed messages over socket pairs.
 * A frame is a header of 24 bytes (little-endian: magic u32, version u16, kind u16, length u32,
 * zero u32, sequence u64) and its payload: typed fields, or raw bytes of a body.
 * Owns its buffers. Any thread; one buffer belongs to one thread at a time. */
#pragma once
#include "base/base.h"

enum { FRAME_HEAD_BYTES = 24, FRAME_BYTES_MAX = 8 << 20, FRAME_VERSION = 1 };
#define FRAME_MAGIC UINT32_C(0x524e4d31)

typedef struct {
    uint16_t kind;
    uint32_t length;   /* of the payload */
    uint64_t sequence; /* names the request that a reply belongs to */
} frame_head;

void frame_head_put(uint8_t out[FRAME_HEAD_BYTES], frame_head h); /* asserts its limits */
/* False: not ours, another version, or over its limits: the channel is of no use any more. */
MUST_USE bool frame_head_get(const uint8_t in[FRAME_HEAD_BYTES], frame_head *ret);

/* ---- fields: a tag byte, then i64 (8 bytes) or text (u32 length and its bytes) ---- */
void field_put_i64(buf *b, int64_t v);
void field_put_str(buf *b, str s);

/* A reader remembers its first fault: after that it gives zeros, and fields_end says false. */
typedef struct {
    str rest;
    bool bad;
} fields;
int64_t field_i64(fields *f, int64_t min, int64_t max);
str field_str(fields *f, size_t max_bytes); /* a slice of the payload */
MUST_USE bool fields_end(const fields *f);  /* all was read, and all was well */

/* ---- a stream's receiving side: takes bytes as they come, gives whole frames ---- */
typedef struct {
    uint8_t *p;
    size_t n, cap, used;
} frame_in;
typedef enum { FRAME_NONE, FRAME_READY, FRAME_BROKEN } frame_state;
/* One read from a non-blocking socket, or from one that has something. False: end or failure. */
MUST_USE bool frame_in_read(frame_in *in, int fd);
void frame_in_add(frame_in *in, str bytes); /* for tests and the fuzz target */
/* The next whole frame; payload stays until the next call that reads or adds. */
MUST_USE frame_state frame_in_next(frame_in *in, frame_head *head, str *payload);
void frame_in_free(frame_in *in);

/* ---- a stream's sending side that never blocks: what the peer does not take yet is kept ---- */
typedef struct {
    uint8_t *p;
    size_t n, cap, sent;
} frame_out;
void frame_out_put(frame_out *out, uint16_t kind, uint64_t sequence, str payload);
MUST_USE bool frame_out_flush(frame_out *out, int fd); /* false: the peer is gone */
static inline size_t frame_out_waiting(const frame_out *out)
{
    return out->n - out->sent;
}
void frame_out_free(frame_out *out);

/* Sends one frame whole, waiting for room as long as the socket's send timeout lets it. False: the
 * channel is broken, perhaps in the middle of a frame: shut it down. */
MUST_USE bool frame_send(int fd, uint16_t kind, uint64_t sequence, str payload);
