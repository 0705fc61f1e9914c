/* link.c - one-time links: bound to one thing, ended by time or use, kept as hashes. Opening one
 * (link_peek) never acts. Any thread, within the transaction given. */
#include "access/auth/auth.h"
#include "access/auth/token.h"
#include "gen/access/auth/queries.h"
#include "store/store.h"

/* Ended links are kept this long, so that a late click hears that the link has ended. */
#define KEPT_US (30 * US_PER_DAY)

static const char *const kind_names[] = { "sign_in", "invite", "acknowledge", "return",
    "contacts" };

static bool kind_of(str name, link_kind *ret)
{
    for (size_t i = 0; i < ARRAY_LEN(kind_names); i++)
        if (str_eq(name, str_of(kind_names[i]))) {
            *ret = (link_kind)i;
            return true;
        }
    return false;
}

err link_make(struct txn *t, const realm *r, link_kind kind, int64_t person, int64_t subject,
        int64_t valid_us, str *ret_token)
{
    uint8_t hash[TOKEN_HASH];
    str name = str_of(kind_names[kind]);
    instant now = txn_now(t);
    if (kind == LINK_RETURN) /* who has lost a phone may have lost the mail on it */
        TRY(link_end_all(t, &(link_end_all_args){ .person = person, .now = now }, NULL));
    else if (kind != LINK_ACKNOWLEDGE)
        TRY(link_end(t, &(link_end_args){ .kind = name, .person = person, .now = now }, NULL));
    TRY(link_purge(t, &(link_purge_args){ .before = { now.us - KEPT_US } }, NULL));
    str token = token_new(txn_arena(t), r->name, hash);
    TRY(link_add(t,
            &(link_add_args){ .token_hash = { (const char *)hash, sizeof hash },
                    .kind = name,
                    .person = person,
                    .subject = subject,
                    .created = now,
                    .expires = { now.us + valid_us } },
            NULL));
    *ret_token = token;
    return OK;
}

realm *link_realm(realms *all, str token)
{
    uint8_t hash[TOKEN_HASH];
    return token_parse(all, token, hash);
}

static err hash_of(str token, uint8_t hash[TOKEN_HASH])
{
    /* The realm was found by link_realm; here only the secret's hash counts. */
    ptrdiff_t dot = str_find_byte(token, '.');
    if (dot < 0) return ERR(E_ABSENT, "error.access.link_ended");
    token_hash(str_sub(token, (size_t)dot + 1, token.n), hash);
    return OK;
}

static err find(struct txn *t, const uint8_t hash[TOKEN_HASH], link_facts *ret)
{
    link_find_row *l;
    err e = link_find(t, &(link_find_args){ .token_hash = { (const char *)hash, TOKEN_HASH } },
            txn_arena(t), &l);
    if (err_code_of(e) == E_ABSENT) return ERR(E_ABSENT, "error.access.link_ended");
    TRY(e);
    link_facts f = {
        .person = l->person, .subject = l->subject, .expires = l->expires, .used = l->used.us != 0
    };
    if (!kind_of(l->kind, &f.kind) || f.used || l->expires.us <= txn_now(t).us)
        return ERR(E_ABSENT, "error.access.link_ended");
    *ret = f;
    return OK;
}

err link_peek(struct txn *t, str token, link_facts *ret)
{
    uint8_t hash[TOKEN_HASH];
    TRY(hash_of(token, hash));
    return find(t, hash, ret);
}

err link_take(struct txn *t, str token, link_facts *ret)
{
    uint8_t hash[TOKEN_HASH];
    int64_t changed = 0;
    link_facts f;
    TRY(hash_of(token, hash));
    TRY(find(t, hash, &f));
    TRY(link_mark_used(t,
            &(link_mark_used_args){
                    .token_hash = { (const char *)hash, sizeof hash }, .used = txn_now(t) },
            &changed));
    if (changed != 1) return ERR(E_ABSENT, "error.access.link_ended");
    *ret = f;
    return OK;
}
