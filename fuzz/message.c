/* message.c - a mail's texts: whatever they are, the message is 7-bit, its lines are short, and it
 * has its own headers and no others. Input: subject, text and HTML with zeros between. */
#include "fuzz/fuzz.h"
#include "net/message.h"
#include "net/smtp.h"

static size_t headers_count(str out)
{
    str line;
    size_t n = 0;
    while (str_split(&out, '\n', &line) && line.n > 1)
        n += line.p[0] != ' ';
    return n;
}

static void check(str out, bool html)
{
    str rest = out, line;
    const str to = S("b@c.example");
    mail_job job = { .host = S("relay"), .port = 25, .to = &to, .n_to = 1, .message = out };
    ASSERT(!failed(mail_job_check(&job)));
    ASSERT(headers_count(out) == (html ? 9 : 10));
    while (str_split(&rest, '\n', &line)) {
        ASSERT(line.n <= 79);
        for (size_t i = 0; i < line.n; i++)
            ASSERT((unsigned char)line.p[i] < 128 && line.p[i] != 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    CLEANUP(arena_free_p) arena *a = arena_new((size_t)1 << 28);
    str rest = { (const char *)data, n }, parts[3] = { { 0 } }, out;
    for (size_t i = 0; i < 3 && str_split(&rest, '\0', &parts[i]); i++)
        ;
    const mailbox to = { str_sub(parts[0], 0, 200), S("b@c.example") };
    const message m = { .from = { { 0 }, S("a@b.example") },
        .to = &to,
        .n_to = 1,
        .subject = parts[0],
        .lang = S("en"),
        .text = parts[1],
        .html = parts[2],
        .message_id = S("1@b.example") };
    err e = message_build(a, &m, &out);
    if (!failed(e)) check(out, m.html.n > 0);
    return 0;
}
