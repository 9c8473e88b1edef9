#include "input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U /* Linux 6.3; a host may require it */
#endif
#define NAME "stdin"
#define MODE 0444
#define SEALS (F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)

static int make_file(void)
{
    int fd = memfd_create(NAME, MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);
    return fd < 0 && errno == EINVAL ? memfd_create(NAME, MFD_CLOEXEC | MFD_ALLOW_SEALING) : fd;
}

/* Open the file again, read-only and with an offset of its own. */
static int open_for_reading(int fd)
{
    char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    return open(path, O_RDONLY | O_CLOEXEC);
}

bool input_open(struct input *input, struct error *err)
{
    int fd = make_file();
    int program_fd = fd < 0 || fchmod(fd, MODE) < 0 ? -1 : open_for_reading(fd);
    if (program_fd < 0) {
        error_errno(err, "a file for stdin cannot be created");
        if (fd >= 0)
            close(fd);
        return false;
    }
    *input = (struct input){.fd = fd, .program_fd = program_fd};
    return true;
}

static bool write_all(int fd, struct bytes data)
{
    while (data.len > 0) {
        ssize_t written = write(fd, data.data, data.len);
        if (written < 0 && errno != EINTR)
            return false;
        if (written > 0)
            data = bytes_of(data.data + written, data.len - (size_t)written);
    }
    return true;
}

bool input_fill(struct input *input, struct bytes data, struct error *err)
{
    bool filled = write_all(input->fd, data) && fcntl(input->fd, F_ADD_SEALS, SEALS) == 0;
    if (!filled) {
        error_errno(err, "its stdin does not fit");
        err->kind = ERR_INVALID;
    }
    close(input->fd);
    input->fd = -1;
    return filled;
}
