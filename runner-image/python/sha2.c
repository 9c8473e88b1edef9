/* sha2.c - the SHA-2 code of the interpreter's module _sha2, where its static library lacks it.
 *
 * Debian's libpython3.13.a has that module, but not the HACL* code that the module calls. These
 * functions replace that code, by means of libmd. Names and signatures are those of
 * Modules/_hacl/Hacl_Hash_SHA2.h. The alternative, the shared library, is a third slower.
 *
 * A digest of 28 or 48 bytes is the beginning of one of 32 or 64: the module cuts it.
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

/* The module does not expect a failure. */
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

/* A digest is computed from a copy, so that the state can continue. */
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
