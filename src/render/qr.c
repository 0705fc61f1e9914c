/* qr.c - a text as a QR code, by libqrencode. Owns nothing; any thread. */
#include "render/pdf_in.h"
#include <qrencode.h>

bool pdf_qr(arena *a, str text, pdf_qr_square *square, void *ctx)
{
    if (!text.n || text.n > DOC_QR_MAX) return false;
    QRcode *q = QRcode_encodeString8bit(str_z(a, text), 0, QR_ECLEVEL_M);
    if (!q) return false;
    for (int y = 0; y < q->width; y++)
        for (int x = 0; x < q->width; x++)
            if (q->data[y * q->width + x] & 1) square(ctx, x, y, q->width);
    QRcode_free(q);
    return true;
}
