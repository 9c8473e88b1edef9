/* json_token.h - reads the tokens of JSON: strings, numbers, words, white space. Only json_scan.c
 * uses it. */
#ifndef MAYFLY_JSON_TOKEN_H
#define MAYFLY_JSON_TOKEN_H

#include "common/json_scan.h"

/* Set the scan's error, with the given or the current offset. Return false. */
bool json_token_fail_at(struct json_scan *s, size_t offset, const char *what);
bool json_token_fail(struct json_scan *s, const char *what);

/* Returns the current byte; 0 at the end of the text, because JSON allows no NUL. */
uint8_t json_token_peek(const struct json_scan *s);
/* Skip the current byte if it equals `byte`. Returns false otherwise. */
bool json_token_accept(struct json_scan *s, char byte);
/* Skip white space, at most up to `until`. */
void json_token_skip_space(struct json_scan *s, size_t until);

/* Skip the opening quote of a string. */
void json_token_begin_string(struct json_scan *s);
/* Read more of the string, at most up to `until`. Sets *is_whole if the closing quote was read.
 * Returns false, with the scan's error set, if the string is malformed. */
bool json_token_string(struct json_scan *s, size_t until, bool *is_whole);
/* Returns the unescaped part of the string read so far. Borrowed from the scan's text. */
struct bytes json_token_string_at_hand(const struct json_scan *s);

/* Read a number or the given word, and report it to the sink. Return false, with the scan's error
 * set, if it is malformed or the sink stops the scan. */
bool json_token_number(struct json_scan *s);
bool json_token_word(struct json_scan *s, const char *word);

#endif
