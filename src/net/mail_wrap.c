/* mail_wrap.c - see mail_wrap.h. No line of ours begins with two dashes (message_body.c), and none
 * of an armored text but its own frame, so any boundary is safe that is not used within. */
#include "net/mail_wrap.h"
#include "net/message.h"

#define ENCRYPTED "=_minar_encrypted"
#define TYPE "Content-Type: "
#define BASE64 "Content-Transfer-Encoding: base64\r\n"

const char *mail_way_name(mail_way w)
{
    return w == MAIL_SMIME ? "smime" : "openpgp";
}

mail_way mail_way_of(str name)
{
    return str_eq(name, str_of(mail_way_name(MAIL_SMIME))) ? MAIL_SMIME : MAIL_OPENPGP;
}

bool mail_split(str whole, str *ret_headers, str *ret_entity)
{
    ptrdiff_t at = str_find(whole, S("\r\n" TYPE)), end = str_find(whole, S("\r\n\r\n"));
    if (at < 0 || end < at) return false;
    *ret_headers = str_sub(whole, 0, (size_t)at + 2);
    *ret_entity = str_sub(whole, (size_t)at + 2, whole.n);
    return true;
}

bool mail_entity_is_sane(str entity)
{
    return str_starts(entity, S(TYPE)) && str_find(entity, S("\r\n\r\n")) > 0;
}

static void put_lines(buf *b, str text)
{
    str line;
    while (str_split(&text, '\n', &line)) {
        if (!line.n && !text.n) break;
        if (str_ends(line, S("\r"))) line.n--;
        buf_put(b, line);
        buf_put(b, S("\r\n"));
    }
}

/* ---- signed: each way has a boundary of its own, for one may stand in the other ---- */

typedef struct {
    const char *boundary, *head, *part;
} signed_words;

static const signed_words words_of[] = {
    [MAIL_OPENPGP] = { "=_minar_signed",
            "micalg=pgp-sha512;\r\n protocol=\"application/pgp-signature\"",
            TYPE "application/pgp-signature; name=\"signature.asc\"\r\n"
                 "Content-Description: OpenPGP digital signature\r\n"
                 "Content-Disposition: attachment; filename=\"signature.asc\"\r\n" },
    [MAIL_SMIME] = { "=_minar_smime",
            "micalg=sha-256;\r\n protocol=\"application/pkcs7-signature\"",
            TYPE "application/pkcs7-signature; name=\"smime.p7s\"\r\n" BASE64
                 "Content-Description: S/MIME digital signature\r\n"
                 "Content-Disposition: attachment; filename=\"smime.p7s\"\r\n" },
};

str mail_signed(arena *a, mail_way w, str entity, str signature)
{
    const signed_words *x = &words_of[w];
    buf b = buf_new(a, entity.n + signature.n * 3 / 2 + 1024);
    buf_fmt(&b, TYPE "multipart/signed; %s; boundary=\"%s\"\r\n\r\n--%s\r\n", x->head, x->boundary,
            x->boundary);
    buf_put(&b, entity);
    buf_fmt(&b, "\r\n--%s\r\n%s\r\n", x->boundary, x->part);
    if (w == MAIL_SMIME)
        base64_put_lines(&b, signature);
    else
        put_lines(&b, signature);
    buf_fmt(&b, "\r\n--%s--\r\n", x->boundary);
    return buf_str(&b);
}

/* ---- encrypted ---- */

static str by_openpgp(arena *a, str armored)
{
    buf b = buf_new(a, armored.n + armored.n / 32 + 1024);
    buf_put(&b,
            S(TYPE "multipart/encrypted; protocol=\"application/pgp-encrypted\";\r\n"
                   " boundary=\"" ENCRYPTED "\"\r\n\r\n"
                   "--" ENCRYPTED "\r\n" TYPE "application/pgp-encrypted\r\n"
                   "Content-Description: PGP/MIME version identification\r\n\r\n"
                   "Version: 1\r\n\r\n"
                   "--" ENCRYPTED "\r\n" TYPE "application/octet-stream; name=\"encrypted.asc\"\r\n"
                   "Content-Description: OpenPGP encrypted message\r\n"
                   "Content-Disposition: inline; filename=\"encrypted.asc\"\r\n\r\n"));
    put_lines(&b, armored);
    buf_put(&b, S("\r\n--" ENCRYPTED "--\r\n"));
    return buf_str(&b);
}

static str by_smime(arena *a, mail_cipher c, str der)
{
    buf b = buf_new(a, der.n * 3 / 2 + 1024);
    buf_put(&b, S(TYPE "application/pkcs7-mime; smime-type="));
    buf_put(&b, c == MAIL_GCM ? S("authEnveloped-data") : S("enveloped-data"));
    buf_put(&b, S(";\r\n name=\"smime.p7m\"\r\n" BASE64
                  "Content-Description: S/MIME encrypted message\r\n"
                  "Content-Disposition: attachment; filename=\"smime.p7m\"\r\n\r\n"));
    base64_put_lines(&b, der);
    return buf_str(&b);
}

mail_cipher mail_cipher_of(str name)
{
    return str_eq(name, S("gcm")) ? MAIL_GCM : MAIL_CBC;
}

str mail_encrypted(arena *a, mail_way w, mail_cipher c, str sealed)
{
    return w == MAIL_SMIME ? by_smime(a, c, sealed) : by_openpgp(a, sealed);
}
