/* etag.h - entity tags in request headers. Included by src/api only. */
#pragma once
#include "base/base.h"

/* Is tag (without its quotes) in the list of an If-Match or If-None-Match header? "*" is any; a tag
 * that ends with "-" is the beginning of one. */
bool tag_listed(str list, str tag);
