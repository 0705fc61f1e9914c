/* qr.c - a text as a QR code, by libqrencode. Owns nothing; any thread. */
#include "render/pdf_in.h"
#include <qrencode.h>

bool pdf_qr(arena *a, str text, pdf_qr_run *run, void *ctx)
{
    if (!text.n || text.n > DOC_QR_MAX) return false;
    QRcode *q = QRcode_encodeString8bit(str_z(a, text), 0, QR_ECLEVEL_M);
    if (!q) return false;
    for (int y = 0; y < q->width; y++)
        for (int x = 0, n; x < q->width; x += n + 1) {
            const uint8_t *row = q->data + y * q->width;
            for (n = 0; x + n < q->width && row[x + n] & 1;)
                n++;
            if (n) run(ctx, x, y, n, q->width);
        }
    QRcode_free(q);
    return true;
}
