/* frame.c - frames of the courier's, the keys process's and the printer's channels: cut anywhere
 * they are the same, and what is taken as a job or a result is written and read again as the same
 * bytes. */
#include "fuzz/fuzz.h"
#include "proc/courier_wire.h"
#include "proc/keys_wire.h"
#include "proc/printer_wire.h"

static void payload_try(arena *a, uint16_t kind, str payload)
{
    mail_job mail;
    fetch_job asked;
    mail_result sent;
    fetch_result got;
    err e = OK;
    size_t bytes = 0;
    buf b = buf_new(a, payload.n);
    if (kind == COURIER_MAIL && wire_get_mail(a, payload, &mail, &bytes)) {
        mail.message = (str){ payload.p, bytes };
        wire_put_mail(&b, &mail);
    } else if (kind == COURIER_FETCH && wire_get_fetch(a, payload, &asked)) {
        wire_put_fetch(&b, &asked);
    } else if (kind >= KEYS_WRAP && kind <= KEYS_LETTER) {
        keys_question q;
        if (keys_get(payload, &q)) keys_put(&b, &q);
    } else if (kind == PRINTER_DOC) {
        doc d;
        if (printer_get_doc(a, payload, &d)) printer_put_doc(&b, &d);
    } else if (kind == COURIER_MAIL_DONE && wire_get_mail_done(a, payload, &e, &sent)) {
        wire_put_mail_done(&b, e, &sent);
    } else if (kind == COURIER_FETCH_DONE && wire_get_fetch_done(payload, &e, &got)) {
        wire_put_fetch_done(&b, e, &got);
    }
    /* A fault's texts may be cut to what a fault holds. */
    if (b.n && !failed(e)) ASSERT(str_eq(buf_str(&b), payload));
}

static size_t frames_read(arena *a, str in, size_t step)
{
    frame_in stream = { 0 };
    frame_head head;
    frame_state state = FRAME_NONE;
    str payload;
    size_t frames = 0;
    for (size_t at = 0; at < in.n && state != FRAME_BROKEN; at += step) {
        frame_in_add(&stream, str_sub(in, at, step));
        while ((state = frame_in_next(&stream, &head, &payload)) == FRAME_READY) {
            frames++;
            payload_try(a, head.kind, payload);
        }
    }
    frame_in_free(&stream);
    return frames;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    CLEANUP(arena_free_p) arena *a = arena_new((size_t)1 << 28);
    str in = { (const char *)data, n };
    ASSERT(frames_read(a, in, n ? n : 1) == frames_read(a, in, 13));
    return 0;
}
