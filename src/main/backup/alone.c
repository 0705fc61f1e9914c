/* alone.c - what the changes of the master key share (renew.c, token.c): the data folder opened as
 * its owner while no server runs, and the ledger's word on what was done. See backup.h. */
#include "access/realm.h"
#include "access/viewer.h"
#include "gen/access/auth/queries.h"
#include "main/backup/backup.h"
#include "main/program.h"
#include "proc/keys.h"
#include "store/store.h"

#include <sys/stat.h>
#include <unistd.h>

/* What another user writes there, root too, the server's own user could not read. */
static err by_owner(const command_line *l)
{
    struct stat st;
    bool other = stat(l->data_dir, &st) == 0 && st.st_uid != geteuid();
    return other ? ERR2(E_DENIED, "error.keys.renew_owner", str_of(l->data_dir), str_of(l->argv[1]))
                 : OK;
}

err keys_open_alone(const command_line *l, const uint8_t *backup, program **ret)
{
    client *c = client_of_server(l->data_dir);
    bool serves = c != NULL;
    client_close(c);
    if (serves) return ERR(E_BUSY, "error.keys.renew_server");
    TRY(by_owner(l));
    return program_open(
            &(program_options){ .data_dir = l->data_dir, .backup = backup, .want_founded = true },
            ret);
}

/* ---- the ledger's word on it ---- */

typedef struct {
    program *p;
    ledger_type type;
    str more;
} saying;

/* Whoever this user of the machine is; 0 when nobody knows. */
static err person_of(txn *t, int64_t *ret)
{
    local_user_find_row *u;
    err e = local_user_find(
            t, &(local_user_find_args){ .uid = (int64_t)getuid() }, txn_arena(t), &u);
    if (err_code_of(e) == E_ABSENT) return OK;
    TRY(e);
    *ret = u->person;
    return OK;
}

static err say_apply(txn *t, void *ctx)
{
    saying *s = ctx;
    int64_t person = 0;
    TRY(person_of(t, &person));
    return ledger_append(t, &(ledger_draft){ .type = s->type,
                                    .kind = S("master_key"),
                                    .subject = keyring_id(keys_ring(s->p->keys)),
                                    .owner = realms_live(s->p->app.realms)->site_org,
                                    .audience = LABEL_STRICT,
                                    .author = person,
                                    .more = s->more });
}

err keys_say(program *p, ledger_type type, str more)
{
    saying s = { .p = p, .type = type, .more = more };
    return store_write(realms_live(p->app.realms)->store, say_apply, &s);
}
