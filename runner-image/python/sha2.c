/* sha2.c - SHA-2 functions that Python's module _sha2 needs, for a static library that lacks them.
 *
 * Debian's libpython3.13.a contains the module, but not the HACL* code that it calls. These
 * functions replace that code and use libmd. Their names and signatures are those in
 * Modules/_hacl/Hacl_Hash_SHA2.h. Linking the shared library instead would be a third slower.
 *
 * For digests of 28 and 48 bytes, 32 and 64 bytes are written: the module cuts them.
 */
#include <Python.h>

#if PY_VERSION_HEX >= 0x030D0000

#include <sha2.h>
#include <stdint.h>

#define HACL(function) python_hashlib_Hacl_Hash_SHA2_##function

#define DECLARE(bits)                                                                              \
    SHA2_CTX *HACL(malloc_##bits)(void);                                                           \
    SHA2_CTX *HACL(copy_##bits)(const SHA2_CTX *state);                                            \
    uint8_t HACL(update_##bits)(SHA2_CTX * state, const uint8_t *data, uint32_t len);              \
    void HACL(digest_##bits)(const SHA2_CTX *state, uint8_t *digest);                              \
    void HACL(free_##bits)(SHA2_CTX * state)

DECLARE(256);
DECLARE(512);
SHA2_CTX *HACL(malloc_224)(void);
SHA2_CTX *HACL(malloc_384)(void);

/* The module cannot handle a failure. */
static SHA2_CTX *new_state(void)
{
    SHA2_CTX *state = PyMem_RawCalloc(1, sizeof *state);
    if (!state)
        Py_FatalError("no memory for a digest");
    return state;
}

static SHA2_CTX *copy(const SHA2_CTX *state)
{
    SHA2_CTX *other = new_state();
    *other = *state;
    return other;
}

#define DEFINE_MALLOC(bits)                                                                        \
    SHA2_CTX *HACL(malloc_##bits)(void)                                                            \
    {                                                                                              \
        SHA2_CTX *state = new_state();                                                             \
        SHA##bits##Init(state);                                                                    \
        return state;                                                                              \
    }

/* The digest is computed from a copy, because the state can still be updated afterwards. */
#define DEFINE(bits)                                                                               \
    DEFINE_MALLOC(bits)                                                                            \
    SHA2_CTX *HACL(copy_##bits)(const SHA2_CTX *state)                                             \
    {                                                                                              \
        return copy(state);                                                                        \
    }                                                                                              \
    uint8_t HACL(update_##bits)(SHA2_CTX * state, const uint8_t *data, uint32_t len)               \
    {                                                                                              \
        SHA##bits##Update(state, data, len);                                                       \
        return 0;                                                                                  \
    }                                                                                              \
    void HACL(digest_##bits)(const SHA2_CTX *state, uint8_t *digest)                               \
    {                                                                                              \
        SHA2_CTX last = *state;                                                                    \
        SHA##bits##Final(digest, &last);                                                           \
    }                                                                                              \
    void HACL(free_##bits)(SHA2_CTX * state)                                                       \
    {                                                                                              \
        PyMem_RawFree(state);                                                                      \
    }

DEFINE(256)
DEFINE(512)
DEFINE_MALLOC(224)
DEFINE_MALLOC(384)

#endif
