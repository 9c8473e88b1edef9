/* remedy.h - tells the operator what to do about an error of the engine.
 *
 * The error texts of engines and OCI runtimes differ between versions, but a few words stay the
 * same. Pure.
 */
#ifndef MAYFLY_REMEDY_H
#define MAYFLY_REMEDY_H

/* Returns a static sentence without a full stop; NULL when no remedy is known. */
const char *remedy_for(const char *error_text);

#endif
