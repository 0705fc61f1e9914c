/* identify.c - what a file is: its type by content, its size and hashes, the beginning of a text.
 * Owns libmagic's cookie, opened once. One thread. */
#include "proc/open/open.h"

#include <locale.h>
#include <magic.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

enum { HEAD_BYTES = 256 << 10, PART_BYTES = 64 << 10, HASHES = 3 };

static magic_t mime_cookie, words_cookie;
static const EVP_MD *digests[HASHES];

static magic_t cookie(int flags)
{
    magic_t m = magic_open(flags | MAGIC_NO_CHECK_COMPRESS | MAGIC_NO_CHECK_TOKENS);
    if (m && magic_load(m, NULL) == 0) return m;
    if (m) magic_close(m);
    return NULL;
}

bool open_begin(void)
{
    if (mime_cookie) return true;
    setlocale(LC_CTYPE, "C.UTF-8");
    OPENSSL_init_crypto(OPENSSL_INIT_ADD_ALL_DIGESTS | OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
    digests[0] = EVP_MD_fetch(NULL, "SHA256", NULL);
    digests[1] = EVP_MD_fetch(NULL, "SHA1", NULL);
    digests[2] = EVP_MD_fetch(NULL, "MD5", NULL);
    mime_cookie = cookie(MAGIC_MIME_TYPE);
    words_cookie = cookie(MAGIC_NONE);
    open_mail_begin();
    return mime_cookie && words_cookie && digests[0] && digests[1] && digests[2];
}

str open_mime(const uint8_t *head, size_t n)
{
    const char *found = n ? magic_buffer(mime_cookie, head, n) : "inode/x-empty";
    return found ? str_of(found) : S("application/octet-stream");
}

/* ---- what a type is good for ---- */

static const char *const kind_names[OPEN_KINDS] = { "other", "archive", "mail", "picture", "text",
    "document", "program" };

const char *open_kind_name(open_kind k)
{
    ASSERT(k < OPEN_KINDS);
    return kind_names[k];
}

static const struct {
    const char *begins; /* "image/" or a whole type; "application/x-foo" also x-foo-bar */
    open_kind kind;
} kinds[] = {
    { "image/svg", OPEN_DOCUMENT }, /* it may hold script */
    { "image/", OPEN_PICTURE },
    { "message/rfc822", OPEN_MAIL },
    { "text/html", OPEN_DOCUMENT },
    { "text/rtf", OPEN_DOCUMENT },
    { "text/x-shellscript", OPEN_PROGRAM },
    { "text/x-msdos-batch", OPEN_PROGRAM },
    { "text/", OPEN_TEXT },
    { "application/json", OPEN_TEXT },
    { "application/x-ndjson", OPEN_TEXT },
    { "application/pdf", OPEN_DOCUMENT },
    { "application/msword", OPEN_DOCUMENT },
    { "application/vnd.ms-cab", OPEN_ARCHIVE },
    { "application/vnd.rar", OPEN_ARCHIVE },
    { "application/vnd.microsoft.portable-executable", OPEN_PROGRAM },
    { "application/vnd.", OPEN_DOCUMENT },
    { "application/CDF", OPEN_DOCUMENT },
    { "application/zip", OPEN_ARCHIVE },
    { "application/gzip", OPEN_ARCHIVE },
    { "application/zstd", OPEN_ARCHIVE },
    { "application/java-archive", OPEN_ARCHIVE },
    { "application/x-tar", OPEN_ARCHIVE },
    { "application/x-7z", OPEN_ARCHIVE },
    { "application/x-rar", OPEN_ARCHIVE },
    { "application/x-bzip", OPEN_ARCHIVE },
    { "application/x-xz", OPEN_ARCHIVE },
    { "application/x-lz", OPEN_ARCHIVE },
    { "application/x-lha", OPEN_ARCHIVE },
    { "application/x-cpio", OPEN_ARCHIVE },
    { "application/x-iso9660", OPEN_ARCHIVE },
    { "application/x-archive", OPEN_ARCHIVE },
    { "application/x-dosexec", OPEN_PROGRAM },
    { "application/x-executable", OPEN_PROGRAM },
    { "application/x-pie-executable", OPEN_PROGRAM },
    { "application/x-sharedlib", OPEN_PROGRAM },
    { "application/x-mach-binary", OPEN_PROGRAM },
    { "application/x-ms-shortcut", OPEN_PROGRAM },
    { "application/javascript", OPEN_PROGRAM },
};

open_kind open_kind_of(str mime)
{
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (str_starts(mime, str_of(kinds[i].begins))) return kinds[i].kind;
    return OPEN_OTHER;
}

/* ---- the hashes, in one reading ---- */

static void hash_all(const open_input *in, open_identity *ret)
{
    static uint8_t part[PART_BYTES];
    EVP_MD_CTX *c[HASHES];
    uint8_t *to[HASHES] = { ret->sha256, ret->sha1, ret->md5 };
    size_t n;
    for (int i = 0; i < HASHES; i++) {
        c[i] = EVP_MD_CTX_new();
        ASSERT(c[i] && EVP_DigestInit_ex(c[i], digests[i], NULL));
    }
    while ((n = open_get(in, ret->bytes, part, sizeof part)) > 0) {
        for (int i = 0; i < HASHES; i++)
            ASSERT(EVP_DigestUpdate(c[i], part, n));
        ret->bytes += (int64_t)n;
    }
    for (int i = 0; i < HASHES; i++) {
        ASSERT(EVP_DigestFinal_ex(c[i], to[i], NULL));
        EVP_MD_CTX_free(c[i]);
    }
}

void open_identify(const open_input *in, arena *a, open_identity *ret)
{
    uint8_t *head = arena_alloc(a, HEAD_BYTES);
    size_t n = open_get(in, 0, head, HEAD_BYTES);
    *ret = (open_identity){ 0 };
    ret->mime = text_safe(a, open_mime(head, n), 100, false, NULL);
    const char *words = n ? magic_buffer(words_cookie, head, n) : "empty";
    ret->words = text_safe(a, str_of(words ? words : ""), 300, false, NULL);
    if (open_kind_of(ret->mime) == OPEN_TEXT || str_starts(ret->mime, S("text/")))
        ret->text = text_safe(a, (str){ (char *)head, n }, OPEN_TEXT_MAX, true, NULL);
    hash_all(in, ret);
}
