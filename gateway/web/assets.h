/* assets.h - the pages and what they load, embedded in the binary at build.
 *
 * gateway/web/build.mjs writes the table (build/web/assets.c); front/api/pages.c serves it. All of
 * it is constant and borrowed for the life of the process.
 */
#ifndef MAYFLY_ASSETS_H
#define MAYFLY_ASSETS_H

#include "common/buf.h"

enum asset_coding { ASSET_IDENTITY, ASSET_GZIP, ASSET_BROTLI, ASSET_CODINGS };

struct asset {
    const char *path; /* as requests name it */
    const char *media_type;
    const char *etag;            /* weak, so that it is the same for each coding */
    const char *security_policy; /* of a page: its Content-Security-Policy; else NULL */
    bool immutable;              /* the path has a hash of the bytes: never asked for again */
    struct bytes bodies[ASSET_CODINGS]; /* empty where the coding makes it no smaller */
};

/* Ends with an entry whose path is NULL. */
extern const struct asset assets[];

/* The bytes of a file, as a symbol; canary_job.c says why it is hidden. The path is relative to the
 * folder of the build. */
#define ASSET_BYTES(name, file)                                                                    \
    __asm__(".section .rodata\n" #name ": .incbin \"" file "\"\n"                                  \
            ".previous\n");                                                                        \
    extern const uint8_t name[] __attribute__((visibility("hidden")))

#endif
