#include "front/api/reading.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/number.h"

bool reading_is_type(struct reading *reading, const char *name, const struct json *value,
                     enum json_type type)
{
    if (json_type_of(value) == type)
        return true;
    const char *article = type == JSON_ARRAY || type == JSON_OBJECT ? "an" : "a";
    field_errors_add(reading->errors, name, "must be %s %s", article, json_type_name(type));
    return false;
}

void reading_members(struct reading *reading, const struct field *table, const char *prefix,
                     const struct json *object)
{
    const char *member;
    const struct json *value;
    size_t position = 0;
    while (json_next(object, &position, &member, &value)) {
        char name[READING_NAME_BYTES];
        snprintf(name, sizeof name, "%s%.*s", prefix, READING_NAME_SHOWN, member);
        const struct field *field = table;
        while (field->name && strcmp(field->name, member) != 0)
            field++;
        if (field->name)
            field->read(reading, name, value);
        else
            field_errors_add(reading->errors, name, "is not a field of this request");
    }
}

static void complain_of_word(struct reading *reading, const char *name, const char *const *words)
{
    char known[64] = "";
    size_t len = 0;
    for (size_t i = 0; words[i] && len < sizeof known; i++) {
        const char *before = i == 0 ? "" : words[i + 1] ? ", " : " or ";
        len += (size_t)snprintf(known + len, sizeof known - len, "%s\"%s\"", before, words[i]);
    }
    field_errors_add(reading->errors, name, "must be %s", known);
}

void reading_word(struct reading *reading, const char *name, const struct json *value,
                  const char *const *words, unsigned *word)
{
    for (unsigned i = 0; words[i]; i++) {
        if (json_type_of(value) == JSON_STRING &&
            bytes_equal_string(json_string(value), words[i])) {
            *word = i;
            return;
        }
    }
    complain_of_word(reading, name, words);
}

void reading_encoding(struct reading *reading, const char *name, const struct json *value,
                      enum output_encoding *encoding)
{
    static const char *const words[] = {[OUTPUT_UTF8] = "utf-8", [OUTPUT_BASE64] = "base64", NULL};
    unsigned word = *encoding;
    reading_word(reading, name, value, words, &word);
    *encoding = word;
}

void reading_millis(struct reading *reading, const char *name, const struct json *value,
                    uint32_t least, uint32_t most, uint32_t *millis)
{
    char least_text[NUMBER_MILLIS_BYTES], most_text[NUMBER_MILLIS_BYTES];
    if (!reading_is_type(reading, name, value, JSON_NUMBER))
        return;
    double number = json_number(value) * 1000;
    if (number >= least && number <= most)
        *millis = (uint32_t)lround(number);
    else
        field_errors_add(reading->errors, name, "must be between %s and %s",
                         number_format_millis(least_text, least),
                         number_format_millis(most_text, most));
}

void reading_integer(struct reading *reading, const char *name, const struct json *value,
                     uint64_t least, uint64_t most, uint64_t *integer)
{
    int64_t number;
    if (!reading_is_type(reading, name, value, JSON_NUMBER))
        return;
    double close = json_number(value);
    if (close < (double)least || close > (double)most)
        field_errors_add(reading->errors, name, "must be between %llu and %llu",
                         (unsigned long long)least, (unsigned long long)most);
    else if (!json_integer(value, &number))
        field_errors_add(reading->errors, name, "must be an integer");
    else
        *integer = (uint64_t)number;
}
