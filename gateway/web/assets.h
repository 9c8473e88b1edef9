/* assets.h - the web pages, with all files that they load. The build embeds them in the binary.
 *
 * gateway/web/build.mjs writes the table (build/web/assets.c); front/api/pages.c serves it. All of
 * it is constant and borrowed for the life of the process.
 */
#ifndef MAYFLY_ASSETS_H
#define MAYFLY_ASSETS_H

#include "common/buf.h"

enum asset_coding { ASSET_IDENTITY, ASSET_GZIP, ASSET_BROTLI, ASSET_CODINGS };

struct asset {
    const char *path; /* the path in a request */
    const char *media_type;
    const char *etag;            /* weak, so that it is the same for each coding */
    const char *security_policy; /* the Content-Security-Policy of a page; NULL for other files */
    /* the path contains a hash of the bytes, so browsers never ask again */
    bool immutable;
    struct bytes bodies[ASSET_CODINGS]; /* empty if the coding does not make the file smaller */
};

/* Ends with an entry whose path is NULL. */
extern const struct asset assets[];

/* Define a symbol for the bytes of a file. canary_job.c says why the symbol is hidden. The path is
 * relative to the folder of the build. */
#define ASSET_BYTES(name, file)                                                                    \
    __asm__(".section .rodata\n" #name ": .incbin \"" file "\"\n"                                  \
            ".previous\n");                                                                        \
    extern const uint8_t name[] __attribute__((visibility("hidden")))

#endif
