/* domain.c - the fast way is plain ASCII in lower case, which needs no copy; the rest goes through
 * libidn2. Any thread. */
#include "engine/domain/domain.h"

#include <idn2.h>
#include <libpsl.h>
#include <stdlib.h>

enum { UPPER = 1, OTHER = 2, FOREIGN = 4 };

/* 0 for what stands in a normal name; else what is special about the byte. */
static inline unsigned byte_kind(unsigned char c)
{
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_') return 0;
    if (c >= 'A' && c <= 'Z') return UPPER;
    return c >= 0x80 ? FOREIGN : OTHER;
}

/* Checks lengths of labels and what bytes there are; false when it cannot be a name. */
static bool scan(str s, unsigned *kinds, bool *letter_last)
{
    size_t label = 0;
    unsigned seen = 0;
    bool letter = false;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c == '.') {
            if (label == 0) return false;
            label = 0;
            letter = false;
            continue;
        }
        unsigned kind = byte_kind(c);
        if (kind & OTHER) return false;
        seen |= kind;
        letter |= kind != 0 || c > '9' || c == '-';
        label++;
        if (label > DOMAIN_LABEL_MAX && !(seen & FOREIGN)) return false;
    }
    *kinds = seen;
    *letter_last = letter;
    return label > 0;
}

static bool to_ascii(arena *a, str s, str *ret)
{
    if (s.n > 1024 || !str_is_utf8(s)) return false;
    char *out = NULL;
    int rc = idn2_to_ascii_8z(str_z(a, s), &out, IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT);
    if (rc != IDN2_OK) return false;
    *ret = str_copy(a, str_of(out));
    idn2_free(out);
    return true;
}

bool domain_normalise(arena *a, str s, str *ret)
{
    unsigned kinds;
    bool letter_last;
    if (s.n > 0 && s.p[s.n - 1] == '.') s.n--;
    if (s.n == 0 || s.n > 1024 || !scan(s, &kinds, &letter_last)) return false;
    if (kinds & FOREIGN) {
        if (!to_ascii(a, s, &s) || !scan(s, &kinds, &letter_last)) return false;
    }
    if (s.n > DOMAIN_MAX || !letter_last) return false; /* a last label of digits is an address */
    *ret = kinds & UPPER ? str_lower(a, s) : s;
    return true;
}

bool domain_parent(str *name)
{
    const char *dot = memchr(name->p, '.', name->n);
    if (!dot) return false;
    size_t cut = (size_t)(dot - name->p) + 1;
    *name = (str){ name->p + cut, name->n - cut };
    return true;
}

size_t domain_labels(str name)
{
    size_t n = name.n > 0;
    for (size_t i = 0; i < name.n; i++)
        n += name.p[i] == '.';
    return n;
}

str domain_registrable(str name)
{
    char z[DOMAIN_MAX + 1];
    if (name.n == 0 || name.n > DOMAIN_MAX) return name;
    memcpy(z, name.p, name.n);
    z[name.n] = 0;
    const char *r = psl_registrable_domain(psl_builtin(), z);
    if (!r) return name;
    size_t cut = (size_t)(r - z);
    return (str){ name.p + cut, name.n - cut };
}
