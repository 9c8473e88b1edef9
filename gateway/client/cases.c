#include "client/cases.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* A naming scheme for input files and expected outputs. A test's name is its input file's name
 * without the prefix and suffix. */
struct layout {
    const char *in_folder, *in_prefix, *in_suffix;
    const char *out_folder, *out_prefix, *out_suffix;
};

/* The schemes in the order in which they are tried. The first one that finds a test is used for the
 * whole folder. */
static const struct layout layouts[] = {
    {"", "", ".in", "", "", ".out"},     {"", "", ".in", "", "", ".ans"},
    {"", "input", "", "", "output", ""}, {"input/", "", "", "output/", "", ""},
    {"in/", "", "", "out/", "", ""},     {"", "", "", "", "", ".a"},
};

static bool is_file(const char *path)
{
    struct stat what;
    return stat(path, &what) == 0 && !S_ISDIR(what.st_mode);
}

/* Returns the test's name, owned by the caller; NULL when the file is not an input in this
 * layout. */
static char *test_name(const struct layout *layout, const char *file)
{
    size_t len = strlen(file), before = strlen(layout->in_prefix);
    size_t after = strlen(layout->in_suffix);
    if (file[0] == '.' || len <= before + after || memcmp(file, layout->in_prefix, before) != 0 ||
        memcmp(file + len - after, layout->in_suffix, after) != 0)
        return NULL;
    return strndup(file + before, len - before - after);
}

static char *join(const char *folder, const char *below, const char *prefix, const char *name,
                  const char *suffix)
{
    char path[PATH_MAX];
    int len = snprintf(path, sizeof(path), "%s/%s%s%s%s", folder, below, prefix, name, suffix);
    return len > 0 && (size_t)len < sizeof(path) ? strdup(path) : NULL;
}

static void free_case(struct test_files *files)
{
    free(files->name);
    free(files->input);
    free(files->expected);
}

/* Fill *files for one file. files->input is NULL if the file is not an input. Returns false when
 * memory is out. */
static bool make_case(const struct layout *layout, const char *folder, const char *file,
                      struct test_files *files)
{
    *files = (struct test_files){.name = test_name(layout, file)};
    if (!files->name)
        return true;
    files->input = join(folder, layout->in_folder, "", file, "");
    files->expected =
        join(folder, layout->out_folder, layout->out_prefix, files->name, layout->out_suffix);
    if (files->input && files->expected)
        return true;
    free_case(files);
    return false;
}

/* Compare names so that numbers in them are ordered by value: 2 before 10. */
static int compare_names(const char *a, const char *b)
{
    while (*a && *b) {
        size_t a_len = strspn(a, "0123456789"), b_len = strspn(b, "0123456789");
        size_t a_zeros = strspn(a, "0"), b_zeros = strspn(b, "0");
        if (a_len == 0 || b_len == 0) {
            if (*a != *b)
                return (unsigned char)*a < (unsigned char)*b ? -1 : 1;
            a++;
            b++;
            continue;
        }
        if (a_len - a_zeros != b_len - b_zeros)
            return a_len - a_zeros < b_len - b_zeros ? -1 : 1;
        int order = memcmp(a + a_zeros, b + b_zeros, a_len - a_zeros);
        if (order != 0)
            return order;
        a += a_len;
        b += b_len;
    }
    return *a ? 1 : *b ? -1 : 0;
}

static int compare_cases(const void *a, const void *b)
{
    const struct test_files *one = a, *other = b;
    int order = compare_names(one->name, other->name);
    return order != 0 ? order : strcmp(one->name, other->name);
}

/* Add the test of this file, if the file is an input. A missing expected output is an error, except
 * in the last layout, where any file could be an input.
 */
static bool take_file(struct cases *cases, const struct layout *layout, const char *folder,
                      const char *file, struct error *err)
{
    struct test_files files;
    if (!make_case(layout, folder, file, &files))
        return error_set(err, ERR_SYSTEM, "out of memory");
    bool is_input = files.input && is_file(files.input);
    bool has_expected = is_input && is_file(files.expected);
    bool is_any = !layout->in_folder[0] && !layout->in_prefix[0] && !layout->in_suffix[0];
    if (is_input && !has_expected && !is_any)
        error_set(err, ERR_INVALID, "%s has no expected output: %s", files.input, files.expected);
    else if (has_expected && cases->count == CASES_MAX)
        error_set(err, ERR_INVALID, "%s has more than %d tests", folder, CASES_MAX);
    else if (has_expected) {
        cases->all[cases->count++] = files;
        return true;
    }
    free_case(&files);
    return !is_input || (is_any && !has_expected);
}

/* Add all tests of the folder in this layout. Returns false on an error. A missing subfolder is not
 * an error. */
static bool try_layout(struct cases *cases, const struct layout *layout, const char *folder,
                       struct error *err)
{
    bool fine = true;
    char *path = join(folder, layout->in_folder, "", "", "");
    DIR *stream = path ? opendir(path) : NULL;
    free(path);
    for (struct dirent *entry; fine && stream && (entry = readdir(stream)) != NULL;)
        fine = take_file(cases, layout, folder, entry->d_name, err);
    if (stream)
        closedir(stream);
    return fine;
}

static void clear(struct cases *cases)
{
    for (size_t i = 0; i < cases->count; i++)
        free_case(&cases->all[i]);
    cases->count = 0;
}

bool cases_find(struct cases *cases, const char *folder, struct error *err)
{
    struct error why = {.kind = ERR_NONE};
    DIR *stream = opendir(folder);
    if (!stream)
        return error_errno(err, "%s cannot be read", folder);
    closedir(stream);
    cases->all = calloc(CASES_MAX, sizeof(*cases->all));
    if (!cases->all)
        return error_set(err, ERR_SYSTEM, "out of memory");
    for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++) {
        struct error *kept = why.kind == ERR_NONE ? &why : NULL;
        if (try_layout(cases, &layouts[i], folder, kept) && cases->count > 0) {
            qsort(cases->all, cases->count, sizeof(*cases->all), compare_cases);
            return true;
        }
        clear(cases);
    }
    if (why.kind == ERR_NONE)
        error_set(&why, ERR_INVALID, "%s has no tests: NAME.in and NAME.out, for example", folder);
    if (err)
        *err = why;
    return false;
}

void cases_release(struct cases *cases)
{
    if (cases->all)
        clear(cases);
    free(cases->all);
    *cases = (struct cases){.all = NULL};
}
