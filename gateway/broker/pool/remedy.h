/* remedy.h - finds advice for the operator about an error of the container engine.
 *
 * The error texts of engines and OCI runtimes differ between versions. So a remedy is found by a
 * few words that are the same in all versions.
 */
#ifndef MAYFLY_REMEDY_H
#define MAYFLY_REMEDY_H

/* Returns a static sentence without a full stop, or NULL if no remedy is known. */
const char *remedy_for(const char *error_text);

#endif
