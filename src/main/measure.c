/* measure.c - the limits of this machine in a few seconds: one durable write, hashing, copying.
 * What the program makes of them is measured by ./bench against the shipped binary. */
#include "main/measure.h"
#include "base/time.h"
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { SYNCS = 200, HASH_BYTES = 64 << 20, COPY_BYTES = 256 << 20 };

static double fsync_us(const char *dir)
{
    char path[4096], block[4096] = { 1 };
    snprintf(path, sizeof path, "%s/minar-bench", dir);
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) return -1;
    unlink(path);
    int64_t from = monotonic_us();
    int n = 0;
    while (n < SYNCS && pwrite(fd, block, sizeof block, 0) == sizeof block && fdatasync(fd) == 0)
        n++;
    close(fd);
    return n == SYNCS ? (double)(monotonic_us() - from) / SYNCS : -1;
}

static double hash_mb_s(void)
{
    uint8_t out[32], *p = malloc(HASH_BYTES);
    ASSERT(p);
    memset(p, 7, HASH_BYTES);
    int64_t from = monotonic_us();
    crypto_hash_sha256(out, p, HASH_BYTES);
    double took = (double)(monotonic_us() - from);
    free(p);
    return HASH_BYTES / took;
}

static double copy_mb_s(void)
{
    char *a = malloc(COPY_BYTES), *b = malloc(COPY_BYTES);
    ASSERT(a && b);
    memset(a, 1, COPY_BYTES);
    memset(b, 2, COPY_BYTES);
    int64_t from = monotonic_us();
    memcpy(a, b, COPY_BYTES);
    __asm__ volatile("" : : "r"(a) : "memory"); /* the copy is looked at */
    double took = (double)(monotonic_us() - from);
    int keep = a[COPY_BYTES / 2];
    free(a);
    free(b);
    return keep == 2 ? COPY_BYTES / took : -1;
}

static void put(const command_line *l, const char *work, double value, const char *unit)
{
    if (l->json)
        printf("{\"bench\":\"machine\",\"work\":\"%s\",\"value\":%.1f,\"unit\":\"%s\"}\n", work,
                value, unit);
    else
        printf("%-28s %10.1f %s\n", work, value, unit);
}

int measure_run(const command_line *l)
{
    const char *dir = access(l->data_dir, W_OK) == 0 ? l->data_dir : "/tmp";
    put(l, "one 4 KB write and fdatasync", fsync_us(dir), "us");
    put(l, "SHA-256", hash_mb_s(), "MB/s");
    put(l, "memory copy", copy_mb_s(), "MB/s");
    return 0;
}
