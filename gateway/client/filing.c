#include "client/filing.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "client/ending.h"
#include "client/folder.h"
#include "client/session.h"
#include "common/notice.h"
#include "common/path.h"

#define LIST_MAX_BYTES ((size_t)64 << 20)
#define BYTES_TYPE "application/octet-stream"

static int fail(const char *text)
{
    notice_print("%s", text);
    return EXIT_TROUBLE;
}

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* Set the path of the next request. */
static bool point_at(struct visit *visit, const char *file)
{
    const char *fault = path_fault(bytes_of_string(file));
    buf_consume(&visit->path, visit->path.len);
    if (fault)
        notice_print("\"%s\": the path %s", file, fault);
    else if (!session_put_file_path(&visit->path, visit->setup.options.session,
                                    bytes_of_string(file)))
        notice_print("\"%s\": the path is too long", file);
    else
        return true;
    return false;
}

/* ---- list ---- */

static bool print_list(const struct json *answer, struct error *err)
{
    struct buf list;
    bool is_cut;
    buf_init(&list, LIST_MAX_BYTES);
    bool is_put = session_put_files(&list, answer, &is_cut, err);
    if (is_put)
        fwrite(list.data + list.start, 1, list.len, stdout);
    if (is_put && is_cut)
        notice_print("the list is cut: the session has more files than the gateway lists");
    buf_release(&list);
    return is_put;
}

int filing_list(struct visit *visit)
{
    const struct options *options = &visit->setup.options;
    const char *glob = options->operands_count > 1 ? options->operands[1] : NULL;
    if (!session_put_list_path(&visit->path, options->session, glob))
        return fail("the glob is too long");
    return visit_ask(visit, "GET", setup_text(&visit->path)) ? visit_print(visit, print_list)
                                                             : EXIT_TROUBLE;
}

/* ---- get ---- */

/* Write through a temporary file, so that a failure leaves an existing one as it is. */
static int save(const char *local, struct bytes content)
{
    struct error why;
    char folder[PATH_BYTES_MAX + 1];
    const char *name = last_part(local);
    size_t len = (size_t)(name - local);
    if (len >= sizeof(folder))
        return fail("the path is too long");
    memcpy(folder, local, len);
    memcpy(folder + len, len > 0 ? "" : ".", len > 0 ? 1 : 2);
    int fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        notice_print("%s cannot be written to: %s", folder, strerror(errno));
        return EXIT_TROUBLE;
    }
    bool is_written = folder_write(fd, bytes_of_string(name), content, &why);
    close(fd);
    if (!is_written)
        notice_print("%s: %s", local, why.text);
    return is_written ? 0 : EXIT_TROUBLE;
}

int filing_get(struct visit *visit)
{
    const struct options *options = &visit->setup.options;
    const char *path = options->operands[1];
    const char *local = options->operands_count > 2 ? options->operands[2] : last_part(path);
    if (!point_at(visit, path) || !visit_ask(visit, "GET", setup_text(&visit->path)))
        return EXIT_TROUBLE;
    struct bytes content = buf_bytes(&visit->answer);
    if (strcmp(local, "-") != 0)
        return save(local, content);
    return fwrite(content.data, 1, content.len, stdout) == content.len ? 0 : EXIT_TROUBLE;
}

/* ---- put ---- */

static bool read_local(struct buf *content, const char *local)
{
    bool is_stdin = strcmp(local, "-") == 0;
    int fd = is_stdin ? STDIN_FILENO : open(local, O_RDONLY | O_CLOEXEC);
    bool is_read = fd >= 0 && buf_read_all(content, fd);
    if (!is_read && errno == ENOBUFS)
        notice_print("%s is larger than %zu bytes", is_stdin ? "standard input" : local,
                     content->max_bytes);
    else if (!is_read)
        notice_print("%s cannot be read: %s", is_stdin ? "standard input" : local, strerror(errno));
    if (fd >= 0 && !is_stdin)
        close(fd);
    return is_read;
}

int filing_put(struct visit *visit)
{
    const struct options *options = &visit->setup.options;
    const char *local = options->operands[1];
    bool is_named = options->operands_count > 2;
    if (!is_named && strcmp(local, "-") == 0)
        return fail("PATH is missing: standard input has no name");
    if (!point_at(visit, is_named ? options->operands[2] : last_part(local)) ||
        !read_local(&visit->body, local))
        return EXIT_TROUBLE;
    visit->body_type = BYTES_TYPE;
    return visit_ask(visit, "PUT", setup_text(&visit->path)) ? 0 : EXIT_TROUBLE;
}

/* ---- rm ---- */

int filing_remove(struct visit *visit)
{
    const struct options *options = &visit->setup.options;
    int exit_code = 0;
    for (size_t i = 1; i < options->operands_count; i++)
        if (!point_at(visit, options->operands[i]) ||
            !visit_ask(visit, "DELETE", setup_text(&visit->path)))
            exit_code = EXIT_TROUBLE;
    return exit_code;
}
