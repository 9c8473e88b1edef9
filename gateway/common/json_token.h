/* json_token.h - the tokens of JSON: strings, numbers, words, white space. A part of json_scan.h,
 * for json_scan.c alone. */
#ifndef MAYFLY_JSON_TOKEN_H
#define MAYFLY_JSON_TOKEN_H

#include "common/json_scan.h"

/* Set the scan's err, naming the offset, or the current one. Return false. */
bool json_token_fail_at(struct json_scan *s, size_t offset, const char *what);
bool json_token_fail(struct json_scan *s, const char *what);

/* Returns the current byte, 0 at the end. JSON's grammar has no NUL. */
uint8_t json_token_peek(const struct json_scan *s);
/* Step over the current byte if it equals `byte`. Returns false otherwise. */
bool json_token_accept(struct json_scan *s, char byte);
/* Step over white space, up to `until` at most. */
void json_token_skip_space(struct json_scan *s, size_t until);

/* Step over the opening quote. */
void json_token_begin_string(struct json_scan *s);
/* Read the string up to `until`, or past its closing quote if that comes first: then set *is_whole.
 * Returns false with err set. */
bool json_token_string(struct json_scan *s, size_t until, bool *is_whole);
/* Returns the part of the string read so far, unescaped; borrowed from the scan's text. */
struct bytes json_token_string_at_hand(const struct json_scan *s);

/* Read a number, or the given word, and report it to the sink. Return false with err set. */
bool json_token_number(struct json_scan *s);
bool json_token_word(struct json_scan *s, const char *word);

#endif
