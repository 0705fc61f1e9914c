/* file_in.c - see file_in.h. */
#include "common/import/file_in.h"

#include <fcntl.h>
#include <sodium.h>
#include <sys/mman.h>
#include <unistd.h>

#include "gen/records/import_run.h"
#include "store/store.h"

err file_in_map(const char *spool, int64_t bytes, str *ret)
{
    *ret = (str){ 0 };
    if (!spool || bytes == 0) return OK;
    int fd = open(spool, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return err_errno("error.import.open", S("file"));
    void *p = mmap(NULL, (size_t)bytes, PROT_READ, MAP_PRIVATE, fd, 0);
    close(fd);
    if (p == MAP_FAILED) return err_errno("error.import.open", S("file"));
    *ret = (str){ p, (size_t)bytes };
    return OK;
}

void file_in_unmap(str content)
{
    if (content.n) munmap((void *)(uintptr_t)content.p, content.n);
}

static err begin_apply(txn *t, void *ctx)
{
    file_in *f = ctx;
    const import_run_handle *h;
    uint8_t hash[32];
    crypto_hash_sha256(hash, (const uint8_t *)f->content.p, f->content.n);
    import_run_draft d = { .owner = f->v->org,
        .audience = LABEL_STRICT,
        .kind = f->kind,
        .file_name = f->file_name,
        .file_hash = { (const char *)hash, sizeof hash },
        .state = S("running"),
        .report = S("{}"),
        .bytes_total = f->bytes };
    TRY(import_run_insert(t, f->v, &d, LEDGER_import_started, &h));
    f->row = h->row;
    f->id = h->id.id;
    f->at = txn_now(t);
    return OK;
}

err file_in_begin(file_in *f)
{
    return store_write(f->realm->store, begin_apply, f);
}

err file_in_goes_on(const file_in *f, bool *ret)
{
    CLEANUP(txn_end_p) txn *t = NULL;
    const import_run_handle *h;
    TRY(txn_read(f->realm->store, 0, &t));
    TRY(import_run_read_row(t, f->v, f->row, &h));
    *ret = str_eq(h->now.state, S("running"));
    return OK;
}

static str report_text(const file_in *f)
{
    jsonw w = jsonw_new(f->a, 4096);
    jw_obj(&w);
    import_report(f->sheet, &w, f->lang);
    jw_end_obj(&w);
    return jsonw_done(&w);
}

/* One that was stopped stays so: its entry stands in the ledger already. */
static err end_apply(txn *t, void *ctx)
{
    file_in *f = ctx;
    const import_run_handle *h;
    const import_counts *n = import_counts_of(f->sheet);
    TRY(import_run_hold_row(t, f->v, f->row, &h));
    import_run_draft d = h->now;
    bool stopped = !str_eq(d.state, S("running"));
    if (stopped) f->state = str_copy(f->a, d.state);
    d.state = f->state;
    d.rows_read = n->read;
    d.rows_done = n->done;
    d.rows_same = n->same;
    d.rows_bad = n->bad;
    if (!stopped) d.bytes_done = d.bytes_total;
    d.report = report_text(f);
    d.finished = txn_now(t);
    return import_run_save(t, f->v, h, &d, stopped ? LEDGER_NONE : LEDGER_import_finished);
}

err file_in_end(file_in *f, bool whole)
{
    f->state = whole ? S("done") : S("failed");
    return store_write(f->realm->store, end_apply, f);
}

void file_in_put(const file_in *f, jsonw *w, bool dry)
{
    const import_counts *n = import_counts_of(f->sheet);
    jw_key(w, S("id"));
    if (dry)
        jw_null(w);
    else
        jw_id(w, f->id);
    jw_kstr(w, "kind", f->kind);
    jw_kstr(w, "file_name", f->file_name);
    jw_kstr(w, "state", dry ? S("preview") : f->state);
    jw_ki64(w, "rows_read", n->read);
    jw_ki64(w, "rows_done", n->done);
    jw_ki64(w, "rows_same", n->same);
    jw_ki64(w, "rows_bad", n->bad);
    import_report(f->sheet, w, f->lang);
}
