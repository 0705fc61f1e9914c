/* frame_stream.c - frames over a stream socket: collecting what comes, keeping what waits.
 * Owns the buffers of frame_in and frame_out, which grow to one frame, or to what their caller lets
 * wait. One thread at a time each. */
#include "proc/frame.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>

enum { READ_BYTES = 65536, KEEP_BYTES = 1 << 20 };

static void room(uint8_t **p, size_t *cap, size_t need)
{
    if (need <= *cap) return;
    size_t more = *cap ? *cap : 4096;
    while (more < need)
        more *= 2;
    *p = realloc(*p, more);
    ASSERT(*p);
    *cap = more;
}

/* Moves what is not used yet to the front, and gives a large empty buffer back. */
static void settle(uint8_t **p, size_t *n, size_t *cap, size_t *used)
{
    if (*used) {
        memmove(*p, *p + *used, *n - *used);
        *n -= *used;
        *used = 0;
    }
    if (*n || *cap <= KEEP_BYTES) return;
    free(*p);
    *p = NULL;
    *cap = 0;
}

bool frame_in_read(frame_in *in, int fd)
{
    settle(&in->p, &in->n, &in->cap, &in->used);
    room(&in->p, &in->cap, in->n + READ_BYTES);
    ssize_t got;
    do
        got = recv(fd, in->p + in->n, in->cap - in->n, MSG_DONTWAIT);
    while (got < 0 && errno == EINTR);
    if (got < 0) return errno == EAGAIN;
    in->n += (size_t)got;
    return got > 0;
}

void frame_in_add(frame_in *in, str bytes)
{
    settle(&in->p, &in->n, &in->cap, &in->used);
    room(&in->p, &in->cap, in->n + bytes.n);
    if (bytes.n) memcpy(in->p + in->n, bytes.p, bytes.n);
    in->n += bytes.n;
}

frame_state frame_in_next(frame_in *in, frame_head *head, str *payload)
{
    size_t left = in->n - in->used;
    frame_head h;
    if (left < FRAME_HEAD_BYTES) return FRAME_NONE;
    if (!frame_head_get(in->p + in->used, &h)) return FRAME_BROKEN;
    if (left - FRAME_HEAD_BYTES < h.length) return FRAME_NONE;
    *head = h;
    *payload = (str){ (const char *)in->p + in->used + FRAME_HEAD_BYTES, h.length };
    in->used += FRAME_HEAD_BYTES + h.length;
    return FRAME_READY;
}

void frame_in_free(frame_in *in)
{
    free(in->p);
    *in = (frame_in){ 0 };
}

void frame_out_put(frame_out *out, uint16_t kind, uint64_t sequence, str payload)
{
    settle(&out->p, &out->n, &out->cap, &out->sent);
    room(&out->p, &out->cap, out->n + FRAME_HEAD_BYTES + payload.n);
    frame_head_put(out->p + out->n,
            (frame_head){ .kind = kind, .length = (uint32_t)payload.n, .sequence = sequence });
    out->n += FRAME_HEAD_BYTES;
    if (payload.n) memcpy(out->p + out->n, payload.p, payload.n);
    out->n += payload.n;
}

bool frame_out_flush(frame_out *out, int fd)
{
    while (out->sent < out->n) {
        ssize_t n = send(fd, out->p + out->sent, out->n - out->sent, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return errno == EAGAIN;
        out->sent += (size_t)n;
    }
    return true;
}

void frame_out_free(frame_out *out)
{
    free(out->p);
    *out = (frame_out){ 0 };
}

/* Takes n sent bytes off the front of two parts. */
static void parts_advance(struct iovec part[2], size_t n)
{
    for (int i = 0; i < 2; i++) {
        size_t step = n < part[i].iov_len ? n : part[i].iov_len;
        part[i].iov_base = (char *)part[i].iov_base + step;
        part[i].iov_len -= step;
        n -= step;
    }
}

bool frame_send(int fd, uint16_t kind, uint64_t sequence, str payload)
{
    uint8_t head[FRAME_HEAD_BYTES];
    frame_head_put(head,
            (frame_head){ .kind = kind, .length = (uint32_t)payload.n, .sequence = sequence });
    struct iovec part[2] = { { head, sizeof head }, { (void *)(uintptr_t)payload.p, payload.n } };
    while (part[0].iov_len + part[1].iov_len) {
        struct msghdr m = { .msg_iov = part, .msg_iovlen = 2 };
        ssize_t n = sendmsg(fd, &m, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        parts_advance(part, (size_t)n);
    }
    return true;
}
