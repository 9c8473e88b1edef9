/* remedy.h - what to do about an engine's error, for whoever runs the gateway.
 *
 * Engines say what went wrong in their own and their OCI runtime's words, which differ between
 * versions; a few of the words stay. Pure.
 */
#ifndef MAYFLY_REMEDY_H
#define MAYFLY_REMEDY_H

/* A sentence without its full stop, static; NULL where we know of none. */
const char *remedy_for(const char *error_text);

#endif
