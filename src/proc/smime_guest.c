/* smime_guest.c - see smime_guest.h. */
#include "proc/smime_guest.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <unistd.h>

#include "base/time.h"
#include "net/smime_cert.h"
#include "proc/frame.h"

enum { MEMORY = 64 << 20, GIVEN_MAX = 1 << 20, CHUNK = 16 << 10, SECOND_FD = 3 };

static str read_all(arena *a, int fd)
{
    char bytes[CHUNK];
    ssize_t n;
    buf b = buf_new(a, CHUNK);
    while (b.n <= GIVEN_MAX &&
            ((n = read(fd, bytes, sizeof bytes)) > 0 || (n < 0 && errno == EINTR)))
        if (n > 0) buf_put(&b, (str){ bytes, (size_t)n });
    return buf_str(&b);
}

static bool write_all(int fd, str s)
{
    while (s.n) {
        ssize_t n = write(fd, s.p, s.n);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        s = str_sub(s, (size_t)n, s.n);
    }
    return true;
}

static str look(arena *a, str brought, str authorities)
{
    str listing, pem;
    smime_look(a, brought, authorities, clock_now(&clock_system), &listing, &pem);
    buf b = buf_new(a, listing.n + pem.n + 16);
    field_put_str(&b, listing);
    field_put_str(&b, pem);
    return buf_str(&b);
}

int smime_guest(guest_work w)
{
    arena *a = arena_new(MEMORY);
    str sealed = { 0 };
    OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
    str first = read_all(a, STDIN_FILENO), second = read_all(a, SECOND_FD);
    if (first.n > GIVEN_MAX || second.n > GIVEN_MAX) return 1;
    if (w == GUEST_LOOK) return !write_all(STDOUT_FILENO, look(a, first, second));
    mail_cipher c = w == GUEST_ENCRYPT_GCM ? MAIL_GCM : MAIL_CBC;
    return !smime_encrypt(a, first, second, c, &sealed) || !write_all(STDOUT_FILENO, sealed);
}
