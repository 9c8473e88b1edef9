#include "client/sessions.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "client/client.h"
#include "client/ending.h"
#include "client/session.h"
#include "client/filing.h"
#include "client/submission.h"
#include "client/visit.h"
#include "common/notice.h"

#define TABLE_MAX_BYTES ((size_t)16 << 20)

/* ---- new, list, rm ---- */

static bool print_id(const struct json *answer, struct error *err)
{
    struct session session;
    if (!session_read(&session, answer, err))
        return false;
    puts(session.id);
    return true;
}

static bool print_table(const struct json *answer, struct error *err)
{
    struct buf table;
    buf_init(&table, TABLE_MAX_BYTES);
    bool is_put = session_put_table(&table, answer, err);
    if (is_put)
        fwrite(table.data + table.start, 1, table.len, stdout);
    buf_release(&table);
    return is_put;
}

static int make(struct visit *visit)
{
    const struct options *options = &visit->setup.options;
    struct error why;
    if (!submission_write_session(&visit->body, options, options->session, &visit->setup.inputs,
                                  &why)) {
        notice_print("%s", why.text);
        return EXIT_TROUBLE;
    }
    if (!visit_ask(visit, "POST", SESSIONS_PATH))
        return EXIT_TROUBLE;
    return visit_print(visit, print_id);
}

static int list(struct visit *visit)
{
    return visit_ask(visit, "GET", SESSIONS_PATH) ? visit_print(visit, print_table) : EXIT_TROUBLE;
}

static int end(struct visit *visit)
{
    const struct options *options = &visit->setup.options;
    int exit_code = 0;
    for (size_t i = 0; i < options->operands_count; i++) {
        buf_truncate(&visit->path, 0);
        if (!session_put_path(&visit->path, options->operands[i], "") ||
            !visit_ask(visit, "DELETE", setup_text(&visit->path)))
            exit_code = EXIT_TROUBLE;
    }
    return exit_code;
}

/* ---- commands ---- */

static const struct {
    const char *words[2]; /* the second is NULL if there is only one */
    enum options_command command;
    int (*run)(struct visit *visit);
} commands[] = {
    {{"new", NULL}, OPTIONS_SESSION_NEW, make},
    {{"list", NULL}, OPTIONS_SESSION_LIST, list},
    {{"run", NULL}, OPTIONS_SESSION_RUN, NULL},
    {{"files", "list"}, OPTIONS_FILES_LIST, filing_list},
    {{"files", "get"}, OPTIONS_FILES_GET, filing_get},
    {{"files", "put"}, OPTIONS_FILES_PUT, filing_put},
    {{"files", "rm"}, OPTIONS_FILES_RM, filing_remove},
    {{"rm", NULL}, OPTIONS_SESSION_RM, end},
};
#define COMMANDS_COUNT (sizeof(commands) / sizeof(commands[0]))

static int print_help(void)
{
    fputs("Usage: mayfly session COMMAND\n"
          "A session is a box that keeps its interpreter: cells run in it one after the\n"
          "other, and each finds what the earlier ones have left. mayfly repl is a prompt\n"
          "for one.\n\n",
          stdout);
    for (size_t i = 0; i < COMMANDS_COUNT; i++)
        options_print_command(commands[i].command, stdout);
    fputs("\nmayfly session COMMAND --help explains a command and its options.\n", stdout);
    return 0;
}

/* Returns how many words the command with this index has, if `words` begins with it; else 0. */
static size_t words_of(size_t index, char **words)
{
    size_t count = 0;
    for (; count < 2 && commands[index].words[count]; count++)
        if (!words[count] || strcmp(words[count], commands[index].words[count]) != 0)
            return 0;
    return count;
}

static int execute(size_t index, char **words)
{
    if (commands[index].command == OPTIONS_SESSION_RUN)
        return client_run_in_session(words);
    struct visit visit;
    int exit_code;
    if (visit_init(&visit, commands[index].command, words, &exit_code))
        exit_code = commands[index].run(&visit);
    visit_release(&visit);
    if (fflush(stdout) == 0 && !ferror(stdout))
        return exit_code;
    notice_print("the output cannot be written: %s", strerror(errno));
    return EXIT_TROUBLE;
}

static bool is_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

int sessions_main(char **words)
{
    for (size_t i = 0; i < COMMANDS_COUNT; i++) {
        size_t count = words[0] ? words_of(i, words) : 0;
        if (count > 0)
            return execute(i, words + count);
    }
    for (char **word = words; *word; word++)
        if (is_help(*word))
            return print_help();
    if (!words[0])
        notice_print("session: COMMAND is missing; see mayfly session --help");
    else
        notice_print("session: there is no command \"%s\"; see mayfly session --help", words[0]);
    return EXIT_TROUBLE;
}
