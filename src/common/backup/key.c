/* key.c - see key.h. */
#include "common/backup/key.h"

#include <sodium.h>
#include <stdio.h>

#define CONTEXT "backupky"
enum { ID_USE = 2, GROUP = 8, LINE_HEX = 16 };
static const char first_line[] = "minar-custodian-card 1";

void backup_key_sub(const uint8_t key[BACKUP_KEY], uint64_t use, uint8_t ret[BACKUP_KEY])
{
    crypto_kdf_derive_from_key(ret, BACKUP_KEY, use, CONTEXT, key);
}

void backup_key_id(const uint8_t key[BACKUP_KEY], char ret[2 * BACKUP_KEY_ID + 1])
{
    uint8_t id[BACKUP_KEY];
    backup_key_sub(key, ID_USE, id);
    sodium_bin2hex(ret, 2 * BACKUP_KEY_ID + 1, id, BACKUP_KEY_ID);
}

/* ---- splitting ---- */

static void pair_make(const uint8_t key[BACKUP_KEY], share *x, share *y)
{
    uint8_t *mine = x->half[y->mine - 1], *other = y->half[x->mine - 1];
    randombytes_buf(mine, BACKUP_KEY);
    for (size_t i = 0; i < BACKUP_KEY; i++)
        other[i] = mine[i] ^ key[i];
}

void shares_make(const uint8_t key[BACKUP_KEY], int n, share ret[CUSTODIANS_MAX])
{
    uint8_t split[8];
    ASSERT(n >= 2 && n <= CUSTODIANS_MAX);
    randombytes_buf(split, sizeof split);
    for (int i = 0; i < n; i++) {
        ret[i] = (share){ .n = n, .mine = i + 1 };
        backup_key_id(key, ret[i].key_id);
        sodium_bin2hex(ret[i].split, sizeof ret[i].split, split, sizeof split);
    }
    for (int i = 0; i < n; i++)
        for (int k = i + 1; k < n; k++)
            pair_make(key, &ret[i], &ret[k]);
}

bool shares_join(const share *x, const share *y, uint8_t ret[BACKUP_KEY])
{
    char id[2 * BACKUP_KEY_ID + 1];
    uint8_t key[BACKUP_KEY];
    if (strcmp(x->split, y->split) != 0 || x->mine == y->mine || x->n != y->n) return false;
    for (size_t i = 0; i < BACKUP_KEY; i++)
        key[i] = x->half[y->mine - 1][i] ^ y->half[x->mine - 1][i];
    backup_key_id(key, id);
    bool good = strcmp(id, x->key_id) == 0 && strcmp(id, y->key_id) == 0;
    if (good) memcpy(ret, key, BACKUP_KEY);
    sodium_memzero(key, sizeof key);
    return good;
}

/* ---- cards ---- */

/* Four digits: whether a line was copied right. */
static void check_of(str line, const share *s, char ret[5])
{
    uint8_t hash[16];
    crypto_generichash_state st;
    crypto_generichash_init(&st, NULL, 0, sizeof hash);
    crypto_generichash_update(&st, (const uint8_t *)s->split, sizeof s->split);
    crypto_generichash_update(&st, (const uint8_t *)line.p, line.n);
    crypto_generichash_final(&st, hash, sizeof hash);
    sodium_bin2hex(ret, 5, hash, 2);
}

/* "2.1 0123abcd 4567ef01 ... 9a3c": custodian 2's counterpart, its first quarter, its check. */
static void half_put(arena *a, buf *b, const share *s, int other)
{
    char hex[2 * BACKUP_KEY + 1], check[5];
    sodium_bin2hex(hex, sizeof hex, s->half[other - 1], BACKUP_KEY);
    for (int q = 0; q < 4; q++) {
        str line = str_fmt(
                a, "%d.%d %.8s %.8s", other, q + 1, hex + q * LINE_HEX, hex + q * LINE_HEX + GROUP);
        check_of(line, s, check);
        buf_fmt(b, "%.*s %s\n", STR_ARG(line), check);
    }
    sodium_memzero(hex, sizeof hex);
}

str share_card(arena *a, const share *s, str custodian)
{
    buf b = buf_new(a, CARD_BYTES_MAX);
    buf_fmt(&b, "%s\ncustodian %d of %d: %.*s\nkey %s ceremony %s\n", first_line, s->mine, s->n,
            STR_ARG(custodian), s->key_id, s->split);
    for (int k = 1; k <= s->n; k++)
        if (k != s->mine) half_put(a, &b, s, k);
    return buf_str(&b);
}

static err wrong(int64_t row)
{
    return err_at_row(ERR(E_INVALID, "error.backup.card"), S("card"), row, 0);
}

static bool take_hex(str word, uint8_t *to, size_t bytes)
{
    size_t n = 0;
    return word.n == bytes * 2 && sodium_hex2bin(to, bytes, word.p, word.n, NULL, &n, NULL) == 0 &&
           n == bytes;
}

static bool head_read(str custodian, str ids, share *s)
{
    str word[6], part;
    int n = 0;
    int64_t mine = 0, all = 0;
    while (n < 4 && str_split(&custodian, ' ', &word[n]))
        n++;
    if (n < 4 || !str_eq(word[0], S("custodian")) || !str_eq(word[2], S("of"))) return false;
    str of = word[3];
    if (!str_split(&of, ':', &part) || !str_to_i64(part, &all) || !str_to_i64(word[1], &mine))
        return false;
    for (n = 0; n < 4 && str_split(&ids, ' ', &word[n]);)
        n++;
    if (n < 4 || ids.n || !str_eq(word[0], S("key")) || !str_eq(word[2], S("ceremony")))
        return false;
    uint8_t bytes[8];
    if (!take_hex(word[1], bytes, 8) || !take_hex(word[3], bytes, 8)) return false;
    memcpy(s->key_id, word[1].p, 16);
    memcpy(s->split, word[3].p, 16);
    s->n = (int)all;
    s->mine = (int)mine;
    return all >= 2 && all <= CUSTODIANS_MAX && mine >= 1 && mine <= all;
}

static bool quarter_read(str line, share *s, uint8_t *seen)
{
    str word[4], rest = line;
    int n = 0;
    char check[5];
    while (n < 4 && str_split(&rest, ' ', &word[n]))
        n++;
    if (n < 4 || rest.n || word[0].n != 3 || word[0].p[1] != '.') return false;
    int other = word[0].p[0] - '0', q = word[0].p[2] - '1';
    if (other < 1 || other > s->n || other == s->mine || q < 0 || q > 3) return false;
    uint8_t *to = s->half[other - 1] + q * LINE_HEX / 2;
    check_of(str_sub(line, 0, line.n - word[3].n - 1), s, check);
    seen[other - 1] |= (uint8_t)(1 << q);
    return str_eq(word[3], str_of(check)) && take_hex(word[1], to, GROUP / 2) &&
           take_hex(word[2], to + GROUP / 2, GROUP / 2);
}

err share_read(str card, share *ret)
{
    str line[3], more;
    share s = { 0 };
    uint8_t seen[CUSTODIANS_MAX] = { 0 };
    int64_t row = 0;
    if (card.n > CARD_BYTES_MAX) return ERR(E_TOO_LARGE, "error.backup.card");
    for (; row < 3; row++)
        if (!str_split(&card, '\n', &line[row])) return wrong(row + 1);
    if (!str_eq(str_trim(line[0]), str_of(first_line))) return wrong(1);
    if (!head_read(str_trim(line[1]), str_trim(line[2]), &s)) return wrong(2);
    while (str_split(&card, '\n', &more)) {
        row++;
        more = str_trim(more);
        if (more.n && !quarter_read(more, &s, seen)) return wrong(row);
    }
    for (int k = 1; k <= s.n; k++)
        if (k != s.mine && seen[k - 1] != 15) return wrong(row);
    *ret = s;
    return OK;
}
