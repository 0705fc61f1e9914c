/* keys.c - the asking side of the keys process. Owns the channel.
 * One lock, held over a question and its answer: the channel carries one at a time, and who asks
 * next waits his turn. Whatever breaks on the way shuts the channel; the supervisor brings another,
 * and the question, which changes nothing on the other side, is asked again there. */
#include "proc/keys.h"

#include <errno.h>
#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "proc/keys_in.h"

enum { WAIT_MS = 2000, ANSWER_MS = 2000, TRIES = 3 };
enum { TOKEN_MS = 65000 }; /* a little more than a visit to a token may take */

struct keys {
    keyring *own;
    pthread_mutex_t lock;
    pthread_cond_t linked;
    int fd;
    uint64_t sequence;
    int first_ms;        /* how long the first answer of a channel may take */
    _Atomic int next_fd; /* brought by keys_link; -1: none */
    _Atomic bool stop;
    pthread_mutex_t pgp; /* held over a job of OpenPGP; never within lock */
};

static keys *door(keyring *own)
{
    keys *k = calloc(1, sizeof *k);
    pthread_condattr_t attr;
    ASSERT(k);
    k->own = own;
    k->fd = -1;
    k->first_ms = ANSWER_MS;
    k->next_fd = -1;
    pthread_mutex_init(&k->lock, NULL);
    pthread_mutex_init(&k->pgp, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&k->linked, &attr);
    pthread_condattr_destroy(&attr);
    return k;
}

keys *keys_new(void)
{
    return door(NULL);
}

keys *keys_alone(keyring *own)
{
    ASSERT(own);
    return door(own);
}

keyring *keys_ring(keys *k)
{
    return k->own;
}

static void unlock(pthread_mutex_t **m)
{
    pthread_mutex_unlock(*m);
}
#define HOLD(m)                                                                                    \
    CLEANUP(unlock) pthread_mutex_t *held_ = &(m);                                                 \
    pthread_mutex_lock(held_)

void keys_wait_for_token(keys *k)
{
    k->first_ms = TOKEN_MS;
}

static void answer_within(int fd, int ms)
{
    struct timeval most = { .tv_sec = ms / 1000 };
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most);
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &most, sizeof most);
}

void keys_link(keys *k, int fd)
{
    answer_within(fd, k->first_ms);
    int old = atomic_exchange(&k->next_fd, fd);
    if (old >= 0) close(old);
    HOLD(k->lock); /* after a question under way, whose channel is dead, has seen that */
    pthread_cond_broadcast(&k->linked);
}

void keys_stop(keys *k)
{
    k->stop = true;
    HOLD(k->lock);
    pthread_cond_broadcast(&k->linked);
}

void keys_free(keys *k)
{
    if (!k) return;
    if (k->fd >= 0) close(k->fd);
    if (k->next_fd >= 0) close(k->next_fd);
    keyring_close(k->own);
    pthread_mutex_destroy(&k->lock);
    pthread_mutex_destroy(&k->pgp);
    pthread_cond_destroy(&k->linked);
    free(k);
}

bool keys_pgp_hold(keys *k)
{
    if (k->own) return false;
    pthread_mutex_lock(&k->pgp);
    return true;
}

void keys_pgp_release(keys *k)
{
    pthread_mutex_unlock(&k->pgp);
}

/* ---- one question, with the lock held ---- */

static void channel_drop(keys *k)
{
    if (k->fd >= 0) close(k->fd);
    k->fd = -1;
}

/* Waits for a channel until the moment `until`. */
static bool channel_have(keys *k, const struct timespec *until)
{
    for (;;) {
        int next = atomic_exchange(&k->next_fd, -1);
        if (next >= 0) {
            channel_drop(k);
            k->fd = next;
        }
        if (k->stop) return false;
        if (k->fd >= 0) return true;
        if (pthread_cond_timedwait(&k->linked, &k->lock, until) == ETIMEDOUT && k->next_fd < 0)
            return false;
    }
}

static bool receive(int fd, void *to, size_t n)
{
    for (size_t got = 0; got < n;) {
        ssize_t r = recv(fd, (char *)to + got, n - got, 0);
        if (r < 0 && errno == EINTR) continue;
        if (r <= 0) return false;
        got += (size_t)r;
    }
    return true;
}

static bool exchange(keys *k, keys_message kind, str payload, keys_answer *ret)
{
    uint8_t head_bytes[FRAME_HEAD_BYTES], body[KEYS_ANSWER_MAX + 16];
    frame_head head;
    if (!frame_send(k->fd, (uint16_t)kind, ++k->sequence, payload)) return false;
    if (!receive(k->fd, head_bytes, sizeof head_bytes)) return false;
    if (!frame_head_get(head_bytes, &head) || head.kind != KEYS_DONE ||
            head.sequence != k->sequence || head.length > sizeof body ||
            !receive(k->fd, body, head.length))
        return false;
    fields f = { .rest = { (char *)body, head.length } };
    str bytes = field_str(&f, KEYS_ANSWER_MAX);
    bool good = fields_end(&f);
    ret->n = good ? bytes.n : 0;
    if (ret->n) memcpy(ret->p, bytes.p, bytes.n);
    sodium_memzero(body, head.length);
    return good;
}

static err ask_process(keys *k, keys_message kind, str payload, keys_answer *ret)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += WAIT_MS / 1000;
    HOLD(k->lock);
    for (int i = 0; i < TRIES && channel_have(k, &until); i++) {
        if (exchange(k, kind, payload, ret)) {
            if (k->first_ms != ANSWER_MS) answer_within(k->fd, ANSWER_MS);
            return OK;
        }
        channel_drop(k);
    }
    return ERR(E_BUSY, "error.keys.absent");
}

err keys_ask(keys *k, keys_message kind, const keys_question *q, keys_answer *ret)
{
    arena *a CLEANUP(arena_free_p) = arena_new((size_t)1 << 20);
    buf b = buf_new(a, 256 + q->bytes.n);
    ASSERT(k && q->label.n <= KEY_LABEL_MAX);
    keys_put(&b, q);
    if (k->own)
        ASSERT(keys_work(k->own, (uint16_t)kind, buf_str(&b), ret));
    else
        TRY(ask_process(k, kind, buf_str(&b), ret));
    sodium_memzero((void *)(uintptr_t)b.p, b.n);
    return OK;
}

/* want: the answer's length. *ret_no: the keys process refused. */
static err ask(
        keys *k, keys_message kind, const keys_question *q, size_t want, uint8_t *ret, bool *ret_no)
{
    keys_answer answer;
    answer.n = 0;
    TRY(keys_ask(k, kind, q, &answer));
    ASSERT(!answer.n || answer.n == want);
    *ret_no = !answer.n;
    if (answer.n) memcpy(ret, answer.p, want);
    sodium_memzero(answer.p, answer.n);
    return OK;
}

/* ---- the questions ---- */

err keys_wrap(keys *k, str label, const uint8_t key[KEY_BYTES], uint8_t ret[KEY_WRAPPED_BYTES])
{
    bool no;
    keys_question q = { .label = label, .bytes = { (const char *)key, KEY_BYTES } };
    TRY(ask(k, KEYS_WRAP, &q, KEY_WRAPPED_BYTES, ret, &no));
    ASSERT(!no);
    return OK;
}

err keys_unwrap(keys *k, str label, str wrapped, uint8_t ret[KEY_BYTES])
{
    bool no = true;
    if (wrapped.n == KEY_WRAPPED_BYTES)
        TRY(ask(k, KEYS_UNWRAP, &(keys_question){ .label = label, .bytes = wrapped }, KEY_BYTES,
                ret, &no));
    return no ? ERR(E_CONFIG, "error.access.master_key_other") : OK;
}

err keys_derive(keys *k, derive_purpose p, uint8_t ret[KEY_BYTES])
{
    bool no;
    TRY(ask(k, KEYS_DERIVE, &(keys_question){ .purpose = p }, KEY_BYTES, ret, &no));
    ASSERT(!no);
    return OK;
}

err keys_sign(keys *k, sign_purpose p, str bytes, uint8_t ret[SIGNATURE_BYTES])
{
    bool no = true;
    if (bytes.n <= SIGN_BYTES_MAX)
        TRY(ask(k, KEYS_SIGN, &(keys_question){ .purpose = p, .bytes = bytes }, SIGNATURE_BYTES,
                ret, &no));
    return no ? ERR1(E_INVALID, "error.keys.statement", str_of(sign_purpose_name(p))) : OK;
}

err keys_public(keys *k, sign_purpose p, uint8_t ret[KEY_BYTES])
{
    bool no;
    TRY(ask(k, KEYS_PUBLIC, &(keys_question){ .purpose = p }, KEY_BYTES, ret, &no));
    ASSERT(!no);
    return OK;
}

err keys_letter(keys *k, const uint8_t digest[LETTER_DIGEST], arena *a, str *ret)
{
    keys_answer answer;
    answer.n = 0;
    keys_question q = { .bytes = { (const char *)digest, LETTER_DIGEST } };
    TRY(keys_ask(k, KEYS_LETTER, &q, &answer));
    if (!answer.n) return ERR(E_CONFIG, "error.letter_key.none");
    *ret = str_copy(a, (str){ (const char *)answer.p, answer.n });
    return OK;
}

err keys_dkim(keys *k, dkim_algorithm g, str statement, arena *a, str *ret)
{
    keys_answer answer;
    answer.n = 0;
    keys_question q = { .purpose = g, .bytes = statement };
    if (statement.n <= SIGN_BYTES_MAX) TRY(keys_ask(k, KEYS_DKIM, &q, &answer));
    if (!answer.n) return ERR(E_CONFIG, "error.dkim.refused");
    *ret = str_copy(a, (str){ (const char *)answer.p, answer.n });
    return OK;
}
