/* frame_test.c - frames: fields and their limits, streams cut anywhere, a peer that lies. */
#include "unit/unit.h"

#include <sys/socket.h>
#include <unistd.h>

#include "proc/courier_wire.h"
#include "proc/frame.h"

static void fields_come_back(void **state)
{
    buf b = buf_new(*state, 0);
    field_put_i64(&b, INT64_MIN);
    field_put_str(&b, S("ہے"));
    field_put_str(&b, S(""));
    field_put_i64(&b, 7);
    fields f = { .rest = buf_str(&b) };
    assert_true(field_i64(&f, INT64_MIN, INT64_MAX) == INT64_MIN);
    assert_str(field_str(&f, 10), "ہے");
    assert_false(fields_end(&f));
    assert_str(field_str(&f, 0), "");
    assert_int_equal(field_i64(&f, 7, 7), 7);
    assert_true(fields_end(&f));
    assert_int_equal(field_i64(&f, 0, 9), 0);
    assert_false(fields_end(&f));
}

static void fields_have_limits(void **state)
{
    buf b = buf_new(*state, 0);
    field_put_i64(&b, 11);
    fields f = { .rest = buf_str(&b) };
    assert_int_equal(field_i64(&f, 0, 10), 0);
    assert_true(f.bad);
    b.n = 0;
    field_put_str(&b, S("four"));
    f = (fields){ .rest = buf_str(&b) };
    assert_int_equal(field_str(&f, 3).n, 0);
    assert_true(f.bad);
    f = (fields){ .rest = buf_str(&b) };
    assert_int_equal(field_i64(&f, 0, 10), 0); /* the wrong type */
    assert_true(f.bad);
}

/* Every cut of a good payload is refused, never read beyond. */
static void cut_jobs_are_refused(void **state)
{
    arena *a = *state;
    const str to[] = { S("a@b.example"), S("c@d.example") };
    mail_job job = { .host = S("relay"),
        .port = 25,
        .from = S("x@y.example"),
        .to = to,
        .n_to = 2,
        .message = S("a\r\n") };
    mail_job back;
    size_t bytes;
    buf b = buf_new(a, 0);
    wire_put_mail(&b, &job);
    for (size_t n = 0; n < b.n; n++) {
        char *cut = malloc(n ? n : 1);
        memcpy(cut, b.p, n);
        assert_false(wire_get_mail(a, (str){ cut, n }, &back, &bytes));
        free(cut);
    }
    assert_true(wire_get_mail(a, buf_str(&b), &back, &bytes));
    assert_int_equal(bytes, 3);
    assert_int_equal(back.n_to, 2);
    assert_str(back.to[1], "c@d.example");
}

static void faults_cross_the_channel(void **state)
{
    arena *a = *state;
    buf b = buf_new(a, 0);
    fetch_result r = { .status = 404, .url = S("https://x.example/") }, back;
    err e = OK;
    wire_put_fetch_done(&b, ERR2(E_PEER, "error.courier.status", S("x.example"), S("404")), &r);
    assert_true(wire_get_fetch_done(buf_str(&b), &e, &back));
    assert_fails(e, E_PEER, "error.courier.status");
    assert_str(e.f->args[1], "404");
    assert_int_equal(back.status, 404);
    b.n = 0;
    wire_put_fetch_done(&b, OK, &r);
    assert_true(wire_get_fetch_done(buf_str(&b), &e, &back));
    assert_false(failed(e));
}

static void streams_may_be_cut_anywhere(void **state)
{
    (void)state;
    frame_out out = { 0 };
    frame_in in = { 0 };
    frame_head head;
    str payload;
    frame_out_put(&out, 5, 77, S("hello"));
    frame_out_put(&out, 6, 78, S(""));
    int seen = 0;
    for (size_t i = 0; i < out.n; i++) {
        frame_in_add(&in, (str){ (char *)out.p + i, 1 });
        while (frame_in_next(&in, &head, &payload) == FRAME_READY) {
            seen++;
            assert_int_equal(head.kind, 4 + seen);
            assert_int_equal(head.sequence, 76 + seen);
            assert_int_equal(payload.n, seen == 1 ? 5 : 0);
        }
    }
    assert_int_equal(seen, 2);
    frame_out_free(&out);
    frame_in_free(&in);
}

static void lies_break_the_channel(void **state)
{
    (void)state;
    uint8_t good[FRAME_HEAD_BYTES];
    frame_head h;
    frame_head_put(good, (frame_head){ .kind = 1, .length = FRAME_BYTES_MAX, .sequence = 9 });
    assert_true(frame_head_get(good, &h));
    const struct {
        size_t at;
        uint8_t to;
    } lies[] = { { 0, 0 }, { 4, 2 }, { 6, 0 }, { 11, 1 }, { 12, 1 } };
    for (size_t i = 0; i < ARRAY_LEN(lies); i++) {
        uint8_t bad[FRAME_HEAD_BYTES];
        memcpy(bad, good, sizeof bad);
        bad[lies[i].at] = lies[i].to;
        frame_in in = { 0 };
        str payload;
        frame_in_add(&in, (str){ (char *)bad, sizeof bad });
        assert_int_equal(frame_in_next(&in, &h, &payload), FRAME_BROKEN);
        frame_in_free(&in);
    }
}

static void sending_and_reading_over_a_socket(void **state)
{
    int pair[2];
    frame_in in = { 0 };
    frame_head head;
    str payload, big = str_fmt(*state, "%0100000d", 1);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    frame_out out = { 0 };
    frame_out_put(&out, 9, 1, big);
    frame_state got = FRAME_NONE;
    while (got == FRAME_NONE) {
        assert_true(frame_out_flush(&out, pair[0]));
        assert_true(frame_in_read(&in, pair[1]));
        got = frame_in_next(&in, &head, &payload);
    }
    assert_int_equal(got, FRAME_READY);
    assert_true(str_eq(payload, big));
    assert_true(frame_send(pair[0], 3, 2, S("x")));
    assert_true(frame_in_read(&in, pair[1]));
    assert_int_equal(frame_in_next(&in, &head, &payload), FRAME_READY);
    close(pair[0]);
    assert_false(frame_in_read(&in, pair[1]));
    close(pair[1]);
    frame_in_free(&in);
    frame_out_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT(fields_come_back),
        UNIT(fields_have_limits),
        UNIT(cut_jobs_are_refused),
        UNIT(faults_cross_the_channel),
        UNIT(streams_may_be_cut_anywhere),
        UNIT(lies_break_the_channel),
        UNIT(sending_and_reading_over_a_socket),
    };
    return cmocka_run_group_tests_name("proc frame", tests, NULL, NULL);
}
