/* keys_main.c - the keys process: one loop over the server's channel and the supervisor's. Owns the
 * process. One thread. Order of the start: gpg's starters are forked while no key is in memory; the
 * keys are read, the master key with a token where one seals it, which then is done with; all
 * rights go, so that nothing can be opened, connected or started any more. */
#include "proc/keys_main.h"

#include <errno.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "proc/keys_wire.h"
#include "proc/pgp_slot.h"
#include "proc/rights.h"
#include "proc/smime_key.h"

enum { EXIT_CONFIG = 3, EXIT_FENCE = 75 };

typedef struct {
    keyring *ring;
    pgp_slot *pgp;
    int link; /* -1: none */
    frame_in in;
    frame_out out;
    bool stopping, supervisor_gone;
} keys_process;

static void link_drop(keys_process *p)
{
    if (p->link < 0) return;
    frame_in_free(&p->in);
    frame_out_free(&p->out);
    close(p->link);
    p->link = -1;
    pgp_slot_forget(p->pgp);
}

static void on_stop(void *ctx)
{
    ((keys_process *)ctx)->stopping = true;
}

static void on_link(void *ctx, proc_kind peer, int fd)
{
    keys_process *p = ctx;
    ASSERT(peer == PROC_SERVER);
    link_drop(p);
    p->link = fd;
}

static bool answer(keys_process *p, frame_head head, str payload)
{
    keys_answer a;
    arena *m CLEANUP(arena_free_p) = arena_new((size_t)1 << 20);
    bool pgp = head.kind >= KEYS_PGP_GIVE && head.kind <= KEYS_PGP_TAKE;
    if (pgp ? !pgp_slot_answer(p->pgp, head.kind, payload, &a)
            : !keys_work(p->ring, head.kind, payload, &a))
        return false;
    buf b = buf_new(m, a.n + 16);
    field_put_str(&b, (str){ (const char *)a.p, a.n });
    frame_out_put(&p->out, KEYS_DONE, head.sequence, buf_str(&b));
    sodium_memzero(b.p, b.n);
    sodium_memzero(a.p, a.n);
    return frame_out_flush(&p->out, p->link);
}

static void link_hear(keys_process *p)
{
    frame_head head;
    str payload;
    frame_state state = FRAME_NONE;
    bool ok = frame_in_read(&p->in, p->link);
    while (ok && (state = frame_in_next(&p->in, &head, &payload)) == FRAME_READY) {
        ok = answer(p, head, payload);
        sodium_memzero((void *)(uintptr_t)payload.p, payload.n);
    }
    if (ok && state != FRAME_BROKEN) return;
    if (state == FRAME_BROKEN) log_warn("keys.link", "broken=1");
    link_drop(p);
}

static void turn(keys_process *p, child *c)
{
    bool waits = p->link >= 0 && frame_out_waiting(&p->out) > 0;
    child_events events = { .stop = on_stop, .link = on_link, .ctx = p };
    struct pollfd w[2 + PGP_SLOT_POLLS] = { { .fd = child_fd(c), .events = POLLIN },
        { .fd = p->link, .events = (short)(POLLIN | (waits ? POLLOUT : 0)) } };
    pgp_slot_polls(p->pgp, w + 2);
    if (poll(w, ARRAY_LEN(w), -1) < 0) return;
    pgp_slot_turn(p->pgp, w + 2);
    if (waits && w[1].revents & POLLOUT && !frame_out_flush(&p->out, p->link)) {
        link_drop(p);
        return;
    }
    if (w[1].revents & (POLLIN | POLLHUP | POLLERR)) link_hear(p);
    if (w[0].revents) p->supervisor_gone = !child_read(c, &events);
}

static err open_smime(keys_process *p, const char *folder)
{
    smime_key *k;
    TRY(smime_key_open(folder, &k));
    pgp_slot_smime(p->pgp, k);
    return OK;
}

static err open_keys(keys_process *p, const char *folder, const keys_setup *s)
{
    char path[4200];
    if (mkdir(folder, 0700) != 0 && errno != EEXIST)
        return err_errno("error.realm.folder", str_of(folder));
    TRY(pgp_slot_open(folder, &p->pgp));
    TRY(letter_key_make(folder, s->name));
    snprintf(path, sizeof path, "%s/master.key", folder);
    TRY(keyring_open_by(path, folder, &s->token, &p->ring));
    TRY(open_smime(p, folder));
    return s->selector.n ? keyring_load_dkim(p->ring, folder, s->selector) : OK;
}

int keys_main(child *c, const char *folder, const keys_setup *s)
{
    keys_process p = { .link = -1 };
    signal(SIGPIPE, SIG_IGN); /* a gpg that ends before it read all */
    err e = open_keys(&p, folder, s);
    int code = failed(e) ? EXIT_CONFIG : 0;
    if (!failed(e)) {
        e = rights_apply(PROC_KEYS, NULL, NULL);
        code = failed(e) ? EXIT_FENCE : 0;
    }
    if (failed(e)) {
        log_err("keys.open", e);
        return code;
    }
    child_ready(c);
    while (!p.supervisor_gone && !p.stopping)
        turn(&p, c);
    link_drop(&p);
    keyring_close(p.ring);
    pgp_slot_close(p.pgp);
    return 0;
}
