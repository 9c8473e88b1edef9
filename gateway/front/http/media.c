#include "front/http/media.h"

#include <string.h>
#include <strings.h>

const char *media_type_of_path(struct bytes path)
{
    static const struct {
        const char *extension, *media_type;
    } types[] = {
        {"csv", "text/csv"},
        {"gif", "image/gif"},
        {"gz", "application/gzip"},
        {"html", "text/html"},
        {"jpeg", "image/jpeg"},
        {"jpg", "image/jpeg"},
        {"json", "application/json"},
        {"jsonl", "application/jsonl"},
        {"log", "text/plain"},
        {"md", "text/markdown"},
        {"npy", "application/x-npy"},
        {"parquet", "application/vnd.apache.parquet"},
        {"pdf", "application/pdf"},
        {"png", "image/png"},
        {"py", "text/x-python"},
        {"svg", "image/svg+xml"},
        {"tar", "application/x-tar"},
        {"tsv", "text/tab-separated-values"},
        {"txt", "text/plain"},
        {"webp", "image/webp"},
        {"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
        {"xml", "application/xml"},
        {"yaml", "application/yaml"},
        {"yml", "application/yaml"},
        {"zip", "application/zip"},
    };
    const char *text = (const char *)path.data;
    const char *dot = path.len > 0 ? memrchr(text, '.', path.len) : NULL;
    size_t len = dot ? path.len - (size_t)(dot + 1 - text) : 0;
    for (size_t i = 0; len > 0 && i < sizeof types / sizeof types[0]; i++) {
        if (strlen(types[i].extension) == len && strncasecmp(types[i].extension, dot + 1, len) == 0)
            return types[i].media_type;
    }
    return "application/octet-stream";
}

static bool take_word(struct bytes *rest, const char *word)
{
    size_t len = strlen(word);
    while (rest->len > 0 && (rest->data[0] == ' ' || rest->data[0] == '\t'))
        *rest = bytes_of(rest->data + 1, rest->len - 1);
    if (rest->len < len || strncasecmp((const char *)rest->data, word, len) != 0)
        return false;
    *rest = bytes_of(rest->data + len, rest->len - len);
    return true;
}

bool media_type_is_json(struct bytes value)
{
    if (!take_word(&value, "application/json"))
        return false;
    if (take_word(&value, ";") && !take_word(&value, "charset=utf-8") &&
        !take_word(&value, "charset=\"utf-8\""))
        return false;
    take_word(&value, "");
    return value.len == 0;
}
