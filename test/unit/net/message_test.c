/* message_test.c - a mail's bytes: lines, encodings and refusals. That other programs read them as
 * they were meant is message_parse_test.py's part; called with a folder, this one writes its
 * samples there for it. */
#include "unit/unit.h"

#include "base/time.h"
#include "net/message.h"
#include "net/smtp.h"

static const mailbox to_bank = { S("بینک کا سیکیورٹی ڈیسک"), S("soc@bank.example") };

static message sample(void)
{
    return (message){ .from = { S("Minar CERT"), S("cert@minar.example") },
        .to = &to_bank,
        .n_to = 1,
        .subject = S("اہم: آپ کے نیٹ ورک میں کمزور آلات ملے ہیں، براہِ کرم آج ہی دیکھیں"),
        .lang = S("ur"),
        .text = S("سلام،\nآپ کے 3 آلات\r\n.\nFrom here\n-- \nend"),
        .date = { INT64_C(1795519465) * US_PER_S },
        .message_id = S("abc.1@minar.example") };
}

static str build(arena *a, const message *m)
{
    str out = { 0 };
    assert_ok(message_build(a, m, &out));
    return out;
}

static void assert_lines_are_short(str out, size_t most)
{
    str line;
    assert_true(str_ends(out, S("\r\n")));
    while (str_split(&out, '\n', &line)) {
        assert_true(line.n <= most + 1);
        for (size_t i = 0; i < line.n; i++)
            if (i + 1 < line.n)
                assert_true((line.p[i] >= 32 && line.p[i] < 127) || line.p[i] == '\t');
        if (line.n) assert_int_equal(line.p[line.n - 1], '\r');
    }
}

static void lines_are_short_and_seven_bit(void **state)
{
    message m = sample();
    assert_lines_are_short(build(*state, &m), 78);
    m.html = S("<p dir=\"rtl\">سلام</p>");
    assert_lines_are_short(build(*state, &m), 78);
    m.text = str_fmt(*state, "%02000d é = x \n", 1);
    assert_lines_are_short(build(*state, &m), 78);
}

static void the_date_and_marks_are_there(void **state)
{
    message m = sample();
    str out = build(*state, &m);
    assert_true(str_find(out, S("Date: Tue, 24 Nov 2026 ")) >= 0);
    assert_true(str_find(out, S("\r\nAuto-Submitted: auto-generated\r\n")) >= 0);
    assert_true(str_find(out, S("\r\nContent-Language: ur\r\n")) >= 0);
    assert_true(str_find(out, S("\r\nMessage-ID: <abc.1@minar.example>\r\n")) >= 0);
    assert_true(str_find(out, S("\r\nSubject: =?UTF-8?B?")) >= 0);
}

static void plain_text_stays_readable(void **state)
{
    message m = sample();
    m.subject = S("Open ports");
    m.text = S("one\ntwo");
    str out = build(*state, &m);
    assert_true(str_find(out, S("\r\nSubject: Open ports\r\n")) >= 0);
    assert_true(str_find(out, S("Content-Transfer-Encoding: 7bit\r\n\r\none\r\ntwo\r\n")) >= 0);
}

static void headers_cannot_be_injected(void **state)
{
    static const char *const bad[] = { "x\r\nBcc: a@b.example", "x\nBcc: a@b.example", "x\ry",
        "x\x01", "x\x7f", "x\xC2\x85y", "\xff" };
    str out = S("untouched");
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        message m = sample();
        m.subject = str_of(bad[i]);
        assert_fails(message_build(*state, &m, &out), E_INVALID, "error.message.field");
        m = sample();
        m.from.name = str_of(bad[i]);
        assert_fails(message_build(*state, &m, &out), E_INVALID, "error.message.field");
        m = sample();
        m.message_id = str_cat(*state, str_of(bad[i]), S("@x.example"));
        assert_fails(message_build(*state, &m, &out), E_INVALID, "error.message.field");
        m = sample();
        m.lang = str_of(bad[i]);
        assert_fails(message_build(*state, &m, &out), E_INVALID, "error.message.field");
    }
    assert_str(out, "untouched");
}

static void addresses_are_plain(void **state)
{
    (void)state;
    static const char *const good[] = { "a@b.example", "first.last+tag@sub.b.example",
        "x@[192.0.2.1]" };
    static const char *const bad[] = { "", "a", "@b", "a@", "a b@c", "a@b c", "<a@b>", "a@b>",
        "a@b@c", "a\r\n@b", "a@b\r\nDATA", "\"a\"@b", "a@b,c@d", "a@b:25", "ا@b" };
    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        assert_true(mail_address_is_sane(str_of(good[i])));
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        if (mail_address_is_sane(str_of(bad[i]))) fail_msg("\"%s\" is taken", bad[i]);
}

static void limits_hold(void **state)
{
    str out;
    message m = sample();
    m.n_to = 0;
    assert_fails(message_build(*state, &m, &out), E_INVALID, "error.message.field");
    m = sample();
    m.text = (str){ arena_alloc(*state, MESSAGE_BODY_MAX + 1), MESSAGE_BODY_MAX + 1 };
    assert_fails(message_build(*state, &m, &out), E_TOO_LARGE, "error.message.size");
    m.text = (str){ m.text.p, 3 }; /* zeros */
    assert_fails(message_build(*state, &m, &out), E_INVALID, "error.message.field");
}

static void jobs_are_checked(void **state)
{
    (void)state;
    const str to = S("a@b.example");
    const mail_job good = { .host = S("relay.example"),
        .port = 25,
        .from = S("c@d.example"),
        .to = &to,
        .n_to = 1,
        .message = S("A: b\r\n\r\nc\r\n") };
    mail_job j = good;
    assert_ok(mail_job_check(&j));
    j.message = S("A: b\r\n\r\nc\n");
    assert_fails(mail_job_check(&j), E_INVALID, "error.courier.mail_lines");
    j.message = S("A: b\r\r\n");
    assert_fails(mail_job_check(&j), E_INVALID, "error.courier.mail_lines");
    j = good;
    j.user = S("me");
    assert_fails(mail_job_check(&j), E_INVALID, "error.courier.plain_login");
    j = good;
    j.host = S("relay.example/../x");
    assert_fails(mail_job_check(&j), E_INVALID, "error.courier.relay");
    j = good;
    j.from = S("c@d.example> SIZE=1\r\nRCPT TO:<x@y");
    assert_fails(mail_job_check(&j), E_INVALID, "error.courier.mail_address");
    j = good;
    j.n_to = 0;
    assert_fails(mail_job_check(&j), E_INVALID, "error.courier.mail_recipients");
}

static void write_sample(arena *a, const char *folder, const char *name, const message *m)
{
    str out = build(a, m);
    FILE *f = fopen(str_z(a, str_fmt(a, "%s/%s.eml", folder, name)), "w");
    assert_non_null(f);
    assert_int_equal(fwrite(out.p, 1, out.n, f), out.n);
    assert_int_equal(fclose(f), 0);
}

static int write_samples(const char *folder)
{
    arena *a = arena_new((size_t)64 << 20);
    message m = sample();
    write_sample(a, folder, "urdu", &m);
    m.html = S("<p dir=\"rtl\">سلام</p>\n<p>--=_minar_alternative--</p>");
    m.in_reply_to = S("first@minar.example");
    m.reply_to = (mailbox){ S("Desk \"One\" \\ two"), S("desk@minar.example") };
    write_sample(a, folder, "both", &m);
    m = sample();
    m.subject = S("Weekly list =?of?= ports, and a subject that is far too long for one line of a "
                  "header");
    m.text = S("café = 1  \n\n--=_minar_alternative\nFrom me\n.dot\n\ttab\t\nend");
    write_sample(a, folder, "mixed", &m);
    mailbox many[40];
    for (size_t i = 0; i < ARRAY_LEN(many); i++)
        many[i] = (mailbox){ i % 2 ? S("نام") : S("O'Neil, Pat"),
            str_fmt(a, "user%zu@bank.example", i) };
    m.to = many;
    m.n_to = ARRAY_LEN(many);
    m.text = S("");
    write_sample(a, folder, "many", &m);
    arena_free(a);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc > 1) return write_samples(argv[1]);
    const struct CMUnitTest tests[] = {
        UNIT(lines_are_short_and_seven_bit),
        UNIT(the_date_and_marks_are_there),
        UNIT(plain_text_stays_readable),
        UNIT(headers_cannot_be_injected),
        UNIT(addresses_are_plain),
        UNIT(limits_hold),
        UNIT(jobs_are_checked),
    };
    return cmocka_run_group_tests_name("net message", tests, NULL, NULL);
}
