/* pgp_slot.c - see pgp_slot.h. A job is a list of runs; each run is fed and read through pipes as
 * they let it, and over when gpg has ended and its output too. */
#include "proc/pgp_slot.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/time.h"
#include "net/mail_wrap.h"
#include "net/pgp_key.h"
#include "proc/gpg.h"
#include "proc/smime_key.h"

enum {
    GIVEN_MAX = 1 << 20, /* of each part */
    RESULT_MAX = 2 << 20,
    JOB_BYTES = 32 << 20, /* all of it, grown by doubling */
    SITE_BYTES = 8 << 20,
    SITE_FRESH_S = 30, /* what `minar pgp` changes counts within half a minute */
    READ_BYTES = 32 << 10,
};

/* The pipes of a run, our ends; -1: closed. */
typedef enum { TO_IN, TO_KEY, FROM_OUT, PIPES } pipe_end;

typedef struct {
    str site_list, site_keys; /* in the slot's own arena */
    int64_t until_s;          /* of the monotonic clock */
} site_known;

struct pgp_slot {
    smime_key *smime; /* NULL: none */
    int own, guest;
    arena *a; /* of the job; NULL: there is none */
    buf given[PGP_PARTS], result;
    size_t fed[PGP_PARTS], taken;
    pgp_work work;
    bool runs, forgotten;
    pgp_state state;
    int step;
    str listing; /* of the step before */
    /* the run under way */
    int channel, fd[PIPES], status;
    bool ended;
    buf out;
    arena *site_a;
    site_known site;
};

static int64_t now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec;
}

err pgp_slot_open(const char *folder, pgp_slot **ret)
{
    char path[4200];
    pgp_slot *s = calloc(1, sizeof *s);
    ASSERT(s);
    snprintf(path, sizeof path, "%s/gpg", folder);
    s->own = gpg_starter(GPG_SIGNER, path);
    snprintf(path, sizeof path, "%s/gpg-guest", folder);
    s->guest = gpg_starter(GPG_GUEST, path);
    s->channel = -1;
    for (int i = 0; i < PIPES; i++)
        s->fd[i] = -1;
    *ret = s;
    if (s->own >= 0 && s->guest >= 0) return OK;
    pgp_slot_close(s);
    return err_errno("error.proc.start", S("gpg"));
}

static void fd_shut(int *fd)
{
    if (*fd >= 0) close(*fd);
    *fd = -1;
}

static void job_drop(pgp_slot *s)
{
    for (int i = 0; i < PIPES; i++)
        fd_shut(&s->fd[i]);
    arena_free(s->a);
    s->a = NULL;
    s->runs = s->forgotten = false;
}

void pgp_slot_close(pgp_slot *s)
{
    if (!s) return;
    job_drop(s);
    arena_free(s->site_a);
    smime_key_close(s->smime);
    fd_shut(&s->own);
    fd_shut(&s->guest);
    free(s);
}

void pgp_slot_smime(pgp_slot *s, smime_key *k)
{
    smime_key_close(s->smime);
    s->smime = k;
}

void pgp_slot_forget(pgp_slot *s)
{
    s->forgotten = s->runs; /* gpg cannot be called back: its end is waited for */
    if (!s->runs) job_drop(s);
}

/* ---- a run ---- */

static bool pipe_make(int ret[2], bool ours_writes)
{
    if (pipe2(ret, O_CLOEXEC) != 0) return false;
    int ours = ret[ours_writes];
    return fcntl(ours, F_SETFL, O_NONBLOCK) == 0;
}

typedef struct {
    str arg[GPG_ARGS_MAX];
    size_t n;
    guest_work work;
} args;

static void arg_put(args *x, str word)
{
    ASSERT(x->n < GPG_ARGS_MAX);
    x->arg[x->n++] = word;
}

static bool run_begin(pgp_slot *s, int channel, const args *x, bool with_key)
{
    int in[2] = { -1, -1 }, out[2] = { -1, -1 }, key[2] = { -1, -1 };
    bool good = pipe_make(in, true) && pipe_make(out, false) && (!with_key || pipe_make(key, true));
    if (good && x->work == GUEST_GPG)
        good = gpg_start(channel, x->arg, x->n, in[0], out[1], key[0]);
    else if (good)
        good = guest_start(channel, x->work, in[0], out[1], key[0]);
    fd_shut(&in[0]);
    fd_shut(&out[1]);
    fd_shut(&key[0]);
    s->fd[TO_IN] = in[1];
    s->fd[FROM_OUT] = out[0];
    s->fd[TO_KEY] = key[1];
    s->fed[PGP_INPUT] = s->fed[PGP_KEY] = 0;
    s->out = buf_new(s->a, 4096);
    s->channel = channel;
    s->ended = false;
    return good;
}

static bool begin(pgp_slot *s, int channel, const char *const *words, size_t n, bool with_key)
{
    args x = { .n = 0 };
    for (size_t i = 0; i < n; i++)
        arg_put(&x, str_of(words[i]));
    return run_begin(s, channel, &x, with_key);
}

#define BEGIN(s, channel, with_key, ...)                                                           \
    begin(s, channel, (const char *const[]){ __VA_ARGS__ },                                        \
            sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *), with_key)

/* With every key that may sign: whoever knows one of them finds its signature. */
static bool sign_begin(pgp_slot *s)
{
    pgp_key k[PGP_KEYS_MAX];
    args x = { .n = 0 };
    size_t n = pgp_keys_read(s->a, s->site.site_list, k);
    static const char *const always[] = { "--armor", "--digest-algo", "SHA512", "--detach-sign" };
    for (size_t i = 0; i < ARRAY_LEN(always); i++)
        arg_put(&x, str_of(always[i]));
    for (size_t i = 0; i < n && x.n + 2 <= GPG_ARGS_MAX; i++) {
        if (!pgp_key_signs(&k[i], clock_now(&clock_system))) continue;
        arg_put(&x, S("--local-user"));
        arg_put(&x, k[i].fingerprint);
    }
    if (x.n > ARRAY_LEN(always)) return run_begin(s, s->own, &x, false);
    s->state = PGP_GOOD; /* nothing: there is no key */
    s->runs = false;
    return true;
}

static void over(pgp_slot *s, pgp_state state)
{
    s->state = state;
    s->runs = false;
    for (int i = 0; i < PIPES; i++)
        fd_shut(&s->fd[i]);
    if (s->forgotten) job_drop(s);
}

static void result_two(pgp_slot *s, str x, str y)
{
    s->result = buf_new(s->a, x.n + y.n + 16);
    field_put_str(&s->result, x);
    field_put_str(&s->result, y);
}

/* ---- the site's own keys: known for a while ---- */

enum { SITE_LIST, SITE_EXPORT, SITE_KNOWN };

static bool site_step(pgp_slot *s, int step)
{
    if (step == SITE_LIST)
        return BEGIN(s, s->own, false, "--with-colons", "--with-secret", "--list-keys");
    return BEGIN(s, s->own, false, "--armor", "--export");
}

static bool site_is_known(const pgp_slot *s)
{
    return s->site_a && now_s() < s->site.until_s;
}

static void site_learn(pgp_slot *s, str listing, str keys)
{
    arena_free(s->site_a);
    s->site_a = arena_new(SITE_BYTES);
    s->site = (site_known){ str_copy(s->site_a, listing), str_copy(s->site_a, keys),
        now_s() + SITE_FRESH_S };
}

/* After site keys are known. */
static bool site_then(pgp_slot *s)
{
    s->step = SITE_KNOWN;
    if (s->work == PGP_SIGN) return sign_begin(s);
    result_two(s, s->site.site_list, s->site.site_keys);
    over(s, PGP_GOOD);
    return true;
}

static bool site_ended(pgp_slot *s)
{
    str got = buf_str(&s->out);
    if (s->step == SITE_KNOWN) {
        bool good = s->status == 0 && got.n;
        s->result = s->out;
        if (!good) s->site.until_s = 0; /* a key of it may be gone: they are asked for again */
        over(s, good ? PGP_GOOD : PGP_BAD);
        return true;
    }
    if (s->status != 0) return false;
    if (s->step == SITE_LIST && got.n) {
        s->listing = got;
        s->step = SITE_EXPORT;
        return site_step(s, SITE_EXPORT);
    }
    site_learn(s, s->step == SITE_LIST ? got : s->listing, s->step == SITE_LIST ? S("") : got);
    return site_then(s);
}

/* ---- strangers' keys ---- */

#define GUEST "--weak-digest", "SHA1"

static bool guest_ended(pgp_slot *s)
{
    str got = buf_str(&s->out);
    if (s->work != PGP_LOOK) {
        s->result = s->out;
        over(s, s->status == 0 && got.n ? PGP_GOOD : PGP_BAD);
        return true;
    }
    if (s->step == 0 && str_starts(got, S("pub:"))) {
        s->listing = got;
        s->step = 1;
        return BEGIN(s, s->guest, false, GUEST, "--armor", "--import-options",
                "import-export,import-minimal", "--import");
    }
    result_two(s, s->step ? s->listing : got, s->step ? got : S(""));
    over(s, PGP_GOOD);
    return true;
}

/* ---- S/MIME ---- */

/* A few milliseconds, within the loop. */
static bool smime_own(pgp_slot *s)
{
    instant now = clock_now(&clock_system);
    str got = s->work == SMIME_SITE
                      ? smime_key_listing(s->smime, s->a, now)
                      : smime_key_sign(s->smime, buf_str(&s->given[PGP_INPUT]), now, s->a);
    s->result = buf_new(s->a, got.n + 1);
    buf_put(&s->result, got);
    over(s, PGP_GOOD);
    return true;
}

static bool smime_begin(pgp_slot *s)
{
    args x = { .work = s->work == SMIME_LOOK      ? GUEST_LOOK
                       : s->work == SMIME_ENCRYPT ? GUEST_ENCRYPT
                                                  : GUEST_ENCRYPT_GCM };
    return run_begin(s, s->guest, &x, true);
}

/* ---- a job ---- */

static bool is_own(pgp_work w)
{
    return w == PGP_SITE || w == PGP_SIGN;
}

static bool job_begin(pgp_slot *s, pgp_work work)
{
    s->work = work;
    s->step = 0;
    s->runs = true;
    s->state = PGP_RUNS;
    s->taken = 0;
    s->result = (buf){ 0 };
    if (is_own(work)) return site_is_known(s) ? site_then(s) : site_step(s, SITE_LIST);
    if (work == SMIME_SITE || work == SMIME_SIGN) return smime_own(s);
    if (work >= SMIME_LOOK) return smime_begin(s);
    if (work == PGP_LOOK) return BEGIN(s, s->guest, false, GUEST, "--with-colons", "--show-keys");
    return BEGIN(s, s->guest, true, GUEST, "--trust-model", "always", "--enable-special-filenames",
            "--armor", "--compress-algo", "none", "--recipient-file", "-&3", "--encrypt");
}

static void run_over(pgp_slot *s)
{
    for (int i = 0; i < PIPES; i++)
        fd_shut(&s->fd[i]);
    if (s->forgotten || !(is_own(s->work) ? site_ended(s) : guest_ended(s))) over(s, PGP_BAD);
}

/* ---- the pipes ---- */

static const pgp_part part_of[] = { [TO_IN] = PGP_INPUT, [TO_KEY] = PGP_KEY };

void pgp_slot_polls(const pgp_slot *s, struct pollfd w[PGP_SLOT_POLLS])
{
    for (int i = 0; i < PGP_SLOT_POLLS; i++)
        w[i] = (struct pollfd){ .fd = -1 };
    if (!s->runs) return;
    w[TO_IN] = (struct pollfd){ .fd = s->fd[TO_IN], .events = POLLOUT };
    w[TO_KEY] = (struct pollfd){ .fd = s->fd[TO_KEY], .events = POLLOUT };
    w[FROM_OUT] = (struct pollfd){ .fd = s->fd[FROM_OUT], .events = POLLIN };
    if (!s->ended) w[PIPES] = (struct pollfd){ .fd = s->channel, .events = POLLIN };
}

/* What a look at a key reads is the key, not the mail. */
static const buf *feed_of(const pgp_slot *s, pipe_end end)
{
    bool own_listing = s->work == PGP_SITE || (s->work == PGP_SIGN && s->step != SITE_KNOWN);
    static const buf nothing;
    return own_listing ? &nothing : &s->given[part_of[end]];
}

static void feed(pgp_slot *s, pipe_end end)
{
    const buf *b = feed_of(s, end);
    size_t *at = &s->fed[part_of[end]];
    ssize_t n = *at < b->n ? write(s->fd[end], b->p + *at, b->n - *at) : 0;
    if (n > 0) *at += (size_t)n;
    bool waits = n < 0 && (errno == EAGAIN || errno == EINTR);
    if (!waits && (n < 0 || *at == b->n)) fd_shut(&s->fd[end]);
}

static void drain(pgp_slot *s)
{
    char bytes[READ_BYTES];
    ssize_t n = read(s->fd[FROM_OUT], bytes, sizeof bytes);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n <= 0) {
        fd_shut(&s->fd[FROM_OUT]);
        return;
    }
    if (s->out.n + (size_t)n > RESULT_MAX)
        fd_shut(&s->fd[FROM_OUT]); /* which ends gpg, and the job with it */
    else
        buf_put(&s->out, (str){ bytes, (size_t)n });
}

void pgp_slot_turn(pgp_slot *s, const struct pollfd w[PGP_SLOT_POLLS])
{
    if (!s->runs) return;
    if (w[TO_IN].revents && s->fd[TO_IN] >= 0) feed(s, TO_IN);
    if (w[TO_KEY].revents && s->fd[TO_KEY] >= 0) feed(s, TO_KEY);
    if (w[FROM_OUT].revents && s->fd[FROM_OUT] >= 0) drain(s);
    if (w[PIPES].revents && !s->ended) {
        s->ended = true;
        if (!gpg_ended(s->channel, &s->status)) s->status = -1;
    }
    if (s->ended && s->fd[FROM_OUT] < 0) run_over(s);
}

/* ---- questions ---- */

static bool give(pgp_slot *s, const keys_question *q, keys_answer *ret)
{
    int64_t part = q->purpose & ~(int64_t)PGP_ANEW;
    if (part >= PGP_PARTS) return false;
    if (s->runs) return true;
    if (q->purpose & PGP_ANEW) {
        job_drop(s);
        s->a = arena_new(JOB_BYTES);
        for (int i = 0; i < PGP_PARTS; i++)
            s->given[i] = buf_new(s->a, 1024);
    }
    if (!s->a || s->given[part].n + q->bytes.n > GIVEN_MAX) return true;
    buf_put(&s->given[part], q->bytes);
    ret->p[ret->n++] = PGP_GOOD;
    return true;
}

static bool work(pgp_slot *s, const keys_question *q, keys_answer *ret)
{
    if (q->purpose >= PGP_WORKS) return false;
    if (!s->a || s->runs) return true;
    bool signs = q->purpose == PGP_SIGN || q->purpose == SMIME_SIGN;
    if (signs && !mail_entity_is_sane(buf_str(&s->given[PGP_INPUT]))) return true;
    if (!job_begin(s, (pgp_work)q->purpose)) over(s, PGP_BAD);
    ret->p[ret->n++] = PGP_GOOD;
    return true;
}

static void take(pgp_slot *s, keys_answer *ret)
{
    if (!s->a || s->runs) return;
    str next = str_sub(buf_str(&s->result), s->taken, KEYS_ANSWER_MAX);
    if (next.n) memcpy(ret->p, next.p, next.n);
    ret->n = next.n;
    s->taken += next.n;
    if (!next.n) job_drop(s);
}

bool pgp_slot_answer(pgp_slot *s, uint16_t kind, str payload, keys_answer *ret)
{
    keys_question q;
    ret->n = 0;
    if (!keys_get(payload, &q)) return false;
    switch (kind) {
    case KEYS_PGP_GIVE:
        return give(s, &q, ret);
    case KEYS_PGP_DO:
        return work(s, &q, ret);
    case KEYS_PGP_ASK:
        if (s->a && !s->forgotten) ret->p[ret->n++] = s->runs ? PGP_RUNS : (uint8_t)s->state;
        return true;
    default:
        ASSERT(kind == KEYS_PGP_TAKE);
        take(s, ret);
        return true;
    }
}
