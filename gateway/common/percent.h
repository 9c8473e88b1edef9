/* percent.h - decodes the percent-encoding of URLs: "%41" is "A" (RFC 3986, 2.1). Pure. */
#ifndef MAYFLY_PERCENT_H
#define MAYFLY_PERCENT_H

#include "common/buf.h"

/* Append the decoded text, whatever bytes it holds. Returns false when a "%" is not followed by two
 * hex digits, or when the text does not fit into out, which may then hold a part of it. */
bool percent_decode(struct bytes text, struct buf *out);
/* Decode a value of a query in the same way, except that "+" is a space, as browsers write it. */
bool percent_decode_query(struct bytes text, struct buf *out);

#endif
