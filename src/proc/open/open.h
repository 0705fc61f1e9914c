/* open.h - what a sandbox does with one input: says what it is, lists what is in it.
 * Owns libmagic's table, read once by open_begin. Called in an opener (sandbox_main.c), which is
 * thrown away afterwards, by tests and by fuzz targets; one thread. Nothing here opens a file. */
#pragma once
#include "base/base.h"

/* An input: bytes in memory, or an open file that is read from place to place. */
typedef struct {
    const uint8_t *p; /* NULL: fd */
    int fd;
    int64_t bytes;
} open_input;
/* At most n bytes from `at` on; 0 at the end, or when they cannot be read. */
size_t open_get(const open_input *in, int64_t at, uint8_t *to, size_t n);

/* Reads what the openers' libraries need from files: before the process gives its rights up.
 * False: libmagic's table is not there. */
MUST_USE bool open_begin(void);

enum {
    OPEN_ENTRIES_MAX = 2000, /* told; more are counted */
    OPEN_COUNT_MAX = 100000, /* counted; then it stops */
    OPEN_DEPTH_MAX = 3,      /* archives within archives */
    OPEN_INNER_BYTES = 16 << 20,
    OPEN_NAME_MAX = 512,
    OPEN_TEXT_MAX = 4096,
    OPEN_RATIO_MAX = 100, /* unpacked to packed, once OPEN_RATIO_FROM are unpacked */
    OPEN_RATIO_FROM = 64 << 20,
    OPEN_CPU_MS = 10000, /* an opener that has used so much stops by itself and says so */
};
#define OPEN_UNPACK_MAX (INT64_C(2) << 30)

/* ---- what it is ---- */
typedef struct {
    int64_t bytes;
    uint8_t sha256[32], sha1[20], md5[16];
    str mime, words; /* by content, libmagic's; words are English */
    str text;        /* the beginning of a plain text, made safe to show; else empty */
} open_identity;
void open_identify(const open_input *in, arena *a, open_identity *ret);
/* The type of a piece's beginning. Static text. */
str open_mime(const uint8_t *head, size_t n);

/* What a type is good for. */
typedef enum {
    OPEN_OTHER,
    OPEN_ARCHIVE,
    OPEN_MAIL,
    OPEN_PICTURE,
    OPEN_TEXT,
    OPEN_DOCUMENT,
    OPEN_PROGRAM,
    OPEN_KINDS
} open_kind;
const char *open_kind_name(open_kind k); /* "archive" */
open_kind open_kind_of(str mime);

/* ---- what is in it ---- */
enum {
    ENTRY_FOLDER = 1,
    ENTRY_LINK = 2, /* points elsewhere: never followed */
    ENTRY_ENCRYPTED = 4,
    ENTRY_UNSAFE_NAME = 8, /* as it stands in the archive it leads out of a folder, or misleads */
    ENTRY_INNER = 16,      /* an archive itself; its entries follow, below its name */
    ENTRY_UNREADABLE = 32,
    ENTRY_UNOPENED = 64, /* an archive too deep or too large to look into */
};
typedef struct {
    str name; /* made safe */
    str mime; /* empty: folder, link, encrypted, unreadable */
    int64_t bytes;
    int64_t marks;
    uint8_t sha256[32]; /* of a piece that could be read whole, else zeros */
} open_entry;
typedef struct {
    str format; /* "ZIP 2.0 (deflation)" */
    bool encrypted;
    /* Why it was not listed to its end: "" it was, broken entries ratio size time */
    str stopped;
    int64_t count, bytes; /* entries and unpacked bytes, as far as it came */
    open_entry *entries;
    size_t n;
} open_listing;
void open_list(const open_input *in, arena *a, open_listing *ret);

/* ---- a mail, taken apart ---- */
enum {
    OPEN_PARTS_MAX = 200,
    OPEN_URLS_MAX = 100,
    OPEN_URL_MAX = 2000,
    OPEN_MAIL_TEXT_MAX = 16 << 10,
    PART_ATTACHMENT = 1,
    PART_UNSAFE_NAME = 2,
};
typedef struct {
    str name;       /* made safe; empty: it has none */
    str said, mime; /* the type that the mail says; by content */
    int64_t bytes;  /* decoded */
    int64_t marks;
    uint8_t sha256[32];
} open_part;
/* What a report of delivery (RFC 3464) says; empty: the mail is none. Of several recipients the
 * first one that failed, else the first. */
typedef struct {
    str action;  /* failed delayed delivered relayed expanded */
    str status;  /* "5.1.1" (RFC 3463) */
    str words;   /* the other server's, safe to show */
    str came_to; /* the addresses that the report was sent to, as its headers say */
} open_report;
typedef struct {
    open_report report;
    str from, to, reply_to, subject, date, message_id; /* decoded, safe to show */
    str text;    /* what a person would read, of a page without its marks */
    str stopped; /* why not to its end: "" it was, broken depth parts size time */
    open_part *parts;
    size_t n;
    str *urls; /* "hxxps://example[.]org/..": none of them is a link any more */
    size_t n_urls;
} open_mail;
/* The text of a part message/delivery-status, and the actions that there are. */
void open_report_read(arena *a, str text, open_report *ret);
bool open_report_action_known(str action);
void open_mail_begin(void); /* within open_begin */
void open_mail_of(const open_input *in, arena *a, open_mail *ret);

/* ---- what it looks like ---- */
enum { OPEN_PICTURE_SIDE = 480, OPEN_PICTURE_BYTES = 2 << 20 };
typedef struct {
    str png; /* empty: it is no picture, or not one that is read here */
    int64_t w, h;
} open_picture;
void open_picture_of(const open_input *in, arena *a, open_picture *ret);
/* Is this a PNG of that size and of nothing but pixels? Reads its chunks, not what is in them. */
MUST_USE bool open_picture_plain(const open_picture *p);

/* ---- text that others wrote, safe to show ---- */
/* Valid UTF-8 without control characters and without marks that turn the direction; what is not is
 * U+FFFD. lines: line breaks and tabs stay. *changed (or NULL) is set when something was replaced.
 */
str text_safe(arena *a, str raw, size_t max, bool lines, bool *changed);
/* A path as it stands in an archive: no leading slash or drive, no empty, "." or ".." part. */
str path_safe(arena *a, str raw, bool *changed);
