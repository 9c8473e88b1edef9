/* Checks the escaping of bytes inside a JSON string. Escaping in pieces must give the same text as
 * escaping at once, the length counted before must be right, and the text must read back as the
 * sanitised bytes. It must contain nothing that is dangerous in HTML or on a terminal.
 *
 * The input: a byte with the size of the pieces, then the bytes to escape.
 */
#include "fuzz.h"

#include "common/escape.h"
#include "common/json.h"
#include "common/utf8.h"

static void escape(struct buf *out, struct bytes bytes, size_t piece)
{
    while (bytes.len > 0) {
        size_t put, counted;
        uint8_t *room = buf_reserve(out, ESCAPE_ROOM(piece < bytes.len ? piece : bytes.len));
        must(room != NULL);
        size_t used = escape_put(bytes.data, bytes.len, piece, room, &put);
        must(used >= 1 && used <= bytes.len && used <= piece + ESCAPE_AHEAD_MAX);
        must(put <= ESCAPE_BYTES_MAX * used);
        must(escape_count(bytes.data, bytes.len, piece, &counted) == used && counted == put);
        buf_commit(out, put);
        bytes = bytes_of(bytes.data + used, bytes.len - used);
    }
}

static void check_harmless(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        must(text.data[i] >= 0x20 && text.data[i] != 0x7F);
        must(text.data[i] != 0xC2 || text.data[i + 1] >= 0xA0);
        must(text.data[i] != '<' || i + 1 == text.len ||
             (text.data[i + 1] != '/' && text.data[i + 1] != '!'));
    }
    must(utf8_is_valid(text.data, text.len));
}

static void check_reads_back(struct bytes text, struct bytes bytes)
{
    struct buf sane, quoted;
    buf_init(&sane, 3 * bytes.len);
    buf_init(&quoted, text.len + 2);
    must(utf8_sanitize(&sane, bytes.data, bytes.len));
    must(buf_append(&quoted, "\"", 1) && buf_append(&quoted, text.data, text.len) &&
         buf_append(&quoted, "\"", 1));
    struct json *document = json_parse(quoted.data, quoted.len, NULL);
    must(document != NULL);
    must(same_bytes(json_string(document), buf_bytes(&sane)));
    json_free(document);
    buf_release(&sane);
    buf_release(&quoted);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct buf whole, parts;
    if (len < 1)
        return 0;
    struct bytes bytes = bytes_of(data + 1, len - 1);
    buf_init(&whole, ESCAPE_ROOM(len));
    buf_init(&parts, 2 * ESCAPE_ROOM(len));
    escape(&whole, bytes, len);
    escape(&parts, bytes, 1 + data[0]);
    must(same_bytes(buf_bytes(&whole), buf_bytes(&parts)));
    check_harmless(buf_bytes(&whole));
    check_reads_back(buf_bytes(&whole), bytes);
    buf_release(&whole);
    buf_release(&parts);
    return 0;
}
