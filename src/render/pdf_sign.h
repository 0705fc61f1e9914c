/* pdf_sign.h - room for a signature in a PDF that pdf.h has made, by the rules of ISO 32000-1,
 * 12.8 and ETSI EN 319 142-1 (PAdES, baseline B-B): SubFilter ETSI.CAdES.detached, the whole file
 * but the signature's own room signed, the time in entry M. The signature itself is the caller's:
 * nothing here has a key. Pure; any thread. */
#pragma once
#include "base/base.h"

enum { PDF_SIGN_ROOM = 12000, PDF_SIGN_DIGEST = 32 }; /* bytes of the CMS structure; SHA-256 */

typedef struct {
    str name; /* who signs, as readers show it */
    str reason;
    instant at;
} pdf_signing;

typedef struct {
    str pdf;     /* in the arena; filled in place */
    size_t room; /* where the hexadecimal digits of the signature begin */
    uint8_t digest[PDF_SIGN_DIGEST];
} pdf_unsigned;
/* Adds a form field, a signature dictionary and a new catalogue behind the file's end, which stays
 * as it was. Errors: E_INVALID (error.pdf.doc): not a file of pdf.h. */
MUST_USE err pdf_sign_prepare(arena *a, str pdf, const pdf_signing *s, pdf_unsigned *ret);
/* cms: DER, at most PDF_SIGN_ROOM bytes. */
void pdf_sign_fill(pdf_unsigned *u, str cms);
