/* turn.c - whose turn it is: the number that a take-over raises by one stands in the folder of the
 * copy, and each machine keeps the one under which it wrote. Whoever meets a higher one has been
 * taken over from, and stops for good. See backup.h. */
#include "base/log.h"
#include "main/backup/backup.h"

#include <sodium.h>
#include <stdio.h>
#include <unistd.h>

str turn_machine(arena *a)
{
    uint8_t id[8];
    char hex[17];
    randombytes_buf(id, sizeof id);
    sodium_bin2hex(hex, sizeof hex, id, sizeof id);
    return str_copy(a, (str){ hex, 16 });
}

static err turn_mark(arena *a, place *p, follow_epoch *ret)
{
    str text;
    err e = place_mark_get(p, a, "epoch", &text);
    *ret = (follow_epoch){ .into = "" };
    if (err_code_of(e) == E_ABSENT) return OK;
    return failed(e) ? e : follow_epoch_parse(a, text, ret);
}

err turn_set(arena *a, place *p, const follow_epoch *e)
{
    follow_epoch said = { .epoch = e->epoch, .machine = e->machine, .into = "" };
    return place_mark_put(p, "epoch", follow_epoch_text(a, &said), true);
}

/* Ours from here on: in the folder first, for what stands here alone fences nobody. */
static err claim(arena *a, place *p, const char *data_dir, const char *into, follow_epoch *mine)
{
    if (!mine->epoch) *mine = (follow_epoch){ .epoch = 1, .machine = turn_machine(a) };
    mine->into = into;
    TRY(turn_set(a, p, mine));
    return follow_epoch_write(data_dir, mine);
}

err turn_meet(arena *a, place *p, const char *data_dir, const char *into, follow_epoch *ret)
{
    follow_epoch mark;
    TRY(follow_epoch_read(a, data_dir, ret));
    TRY(turn_mark(a, p, &mark));
    bool same = mark.epoch == ret->epoch && str_eq(mark.machine, ret->machine);
    if (same && (!into || str_eq(str_of(into), str_of(ret->into)))) return OK;
    if (mark.epoch < ret->epoch || same || !mark.epoch)
        return into ? claim(a, p, data_dir, into, ret) : OK;
    str n = str_fmt(a, "%lld", (long long)mark.epoch);
    if (!ret->epoch) return ERR1(E_CONFIG, "error.backup.copy_others", n);
    TRY(follow_fence(data_dir, mark.epoch));
    return ERR1(E_CONFIG, "error.backup.fenced", n);
}

err turn_next(arena *a, place *p, follow_epoch *ret)
{
    follow_epoch mark;
    TRY(turn_mark(a, p, &mark));
    *ret = (follow_epoch){ .epoch = mark.epoch + 1, .machine = turn_machine(a), .into = "" };
    return turn_set(a, p, ret);
}

static err look_into(arena *a, const char *data_dir, const char *into)
{
    uint8_t key[BACKUP_KEY];
    follow_epoch mine;
    place *p = NULL;
    err e = backup_key_of(data_dir, key);
    if (!failed(e)) e = place_open_beside(into, key, &p);
    if (!failed(e)) e = turn_meet(a, p, data_dir, NULL, &mine);
    sodium_memzero(key, sizeof key);
    place_close(p);
    return e;
}

err turn_look(arena *a, const char *data_dir, bool alone)
{
    follow_epoch mine;
    if (follow_fenced(data_dir)) return ERR1(E_CONFIG, "error.backup.fenced", S("-"));
    TRY(follow_epoch_read(a, data_dir, &mine));
    if (!mine.into[0]) return OK;
    err e = look_into(a, data_dir, mine.into);
    if (!failed(e) || err_code_of(e) == E_CONFIG) return e;
    if (!alone) return ERR1(E_CONFIG, "error.backup.copy_away", str_of(mine.into));
    log_err("copy.away", e);
    return OK;
}
