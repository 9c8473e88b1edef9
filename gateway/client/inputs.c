#include "client/inputs.h"

#include <stdlib.h>
#include <string.h>

#include "common/sha256.h"

/* Only a digest of the content is kept: the content may be large, and is freed before the results
 * come. */
struct input {
    const char *path;
    uint8_t digest[SHA256_BYTES];
    bool is_file; /* false for a pipe and the like, which results cannot replace */
    dev_t device;
    ino_t inode;
};

bool inputs_init(struct inputs *inputs, size_t most)
{
    *inputs = (struct inputs){.all = calloc(most, sizeof(struct input)), .most = most};
    return inputs->all != NULL;
}

void inputs_release(struct inputs *inputs)
{
    free(inputs->all);
    *inputs = (struct inputs){.all = NULL};
}

void inputs_add(struct inputs *inputs, int fd, const char *path, struct bytes content)
{
    struct stat file;
    if (inputs->count == inputs->most)
        return;
    struct input *input = &inputs->all[inputs->count++];
    *input = (struct input){.path = path};
    sha256(content, input->digest);
    input->is_file = fstat(fd, &file) == 0 && S_ISREG(file.st_mode);
    if (input->is_file) {
        input->device = file.st_dev;
        input->inode = file.st_ino;
    }
}

bool inputs_have(const struct inputs *inputs, struct bytes path, struct bytes content)
{
    uint8_t digest[SHA256_BYTES];
    sha256(content, digest);
    for (size_t i = 0; i < inputs->count; i++) {
        const struct input *input = &inputs->all[i];
        if (input->path && bytes_equal_string(path, input->path) &&
            memcmp(input->digest, digest, sizeof(digest)) == 0)
            return true;
    }
    return false;
}

bool inputs_were_read_from(const struct inputs *inputs, const struct stat *file)
{
    for (size_t i = 0; i < inputs->count; i++) {
        const struct input *input = &inputs->all[i];
        if (input->is_file && input->device == file->st_dev && input->inode == file->st_ino)
            return true;
    }
    return false;
}
