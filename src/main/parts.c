/* parts.c - see parts.h: the order of starting is the order of knowledge, stopping its opposite. */
#include "main/parts.h"

err parts_start(app *a, realm *r)
{
    (void)a, (void)r;
    return OK;
}

void parts_stop(app *a, realm *r)
{
    (void)a, (void)r;
}

err parts_none(app *a, realm *r)
{
    (void)a, (void)r;
    return OK;
}
