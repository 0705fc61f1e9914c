/* cache.h - viewers already resolved, by the hash of what they showed. An entry counts only under
 * the access epoch it was made in, so a revoked right acts at once. Any thread. */
#pragma once
#include "access/auth/binding.h"
#include "access/auth/token.h"
#include "access/viewer.h"

typedef struct {
    uint8_t key[TOKEN_HASH];
    realm *realm;
    viewer viewer;
    int64_t epoch;
    instant until;       /* live clock */
    key_binding binding; /* a key's, asked anew of each request */
    instant touched;     /* when the store last heard that the session, or key, is used */
    int64_t key_row;     /* 0: no key's */
} cache_entry;

/* Copies the entry for key out. false when there is none for this epoch and time. */
bool cache_get(const uint8_t key[TOKEN_HASH], int64_t epoch, instant now, cache_entry *ret);
void cache_put(const cache_entry *e);
/* Forgets every entry of a realm that is going. */
void cache_forget(const realm *r);
