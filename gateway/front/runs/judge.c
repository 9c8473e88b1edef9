#include "front/runs/judge.h"

#include <string.h>

#include "front/runs/answer.h"

static enum report_verdict verdict_of(const struct transcript *run)
{
    const char *status = answer_status(run);
    if (strcmp(status, "success") == 0)
        return REPORT_PASSED;
    if (strcmp(status, "timeout") == 0)
        return REPORT_TIMEOUT;
    return strcmp(status, "error") == 0 ? REPORT_ERROR : REPORT_FAILED;
}

struct judge judge_of(const struct test_case *test, const struct transcript *run)
{
    return (struct judge){.test = test, .run = run, .verdict = verdict_of(run)};
}

static const struct exhibit *find_file(const struct transcript *run, struct bytes path)
{
    const struct exhibit *exhibit = run->exhibits;
    while (exhibit && (exhibit->type != WIRE_FILE || exhibit->artifact.path.len != path.len ||
                       memcmp(exhibit->artifact.path.data, path.data, path.len) != 0))
        exhibit = exhibit->next;
    return exhibit;
}

static void begin(struct judge *judge, struct bytes expected, struct bytes got)
{
    struct bytes text = got.data ? got : bytes_of("", 0);
    judge->comparison = comparison_of(judge->test->comparer, expected, text);
    judge->is_comparing = true;
}

/* Output that was cut cannot be right. The verdict is FAILED if it was cut because memory was
 * out. */
static void find_cut(struct judge *judge, bool is_cut)
{
    if (!is_cut || judge->verdict != REPORT_PASSED)
        return;
    judge->verdict = judge->run->is_short ? REPORT_FAILED : REPORT_WRONG;
}

static void begin_file(struct judge *judge, const struct expected_file *file)
{
    const struct exhibit *exhibit = find_file(judge->run, file->path);
    judge->path = file->path;
    if (exhibit) {
        begin(judge, file->content, exhibit->artifact.content);
        return;
    }
    judge->verdict = judge->run->left_out_files_count > 0 ? REPORT_FAILED : REPORT_WRONG;
    judge->has_difference = true;
    judge->difference = (struct difference){.line = 1, .expected = bytes_of("", 0)};
}

static void end_comparison(struct judge *judge, enum comparison_result result)
{
    bool is_file = judge->next > 1;
    const struct exhibit *exhibit = is_file ? find_file(judge->run, judge->path) : NULL;
    judge->is_comparing = false;
    find_cut(judge, is_file ? artifact_is_cut(&exhibit->artifact)
                            : transcript_is_cut(judge->run, WIRE_STDOUT));
    if (result != COMPARISON_DIFFERENT)
        return;
    judge->has_difference = true;
    judge->difference = comparison_difference(&judge->comparison);
    if (judge->verdict == REPORT_PASSED)
        judge->verdict = REPORT_WRONG;
}

/* Begin to compare the next text. Returns false when there is none. */
static bool begin_next(struct judge *judge)
{
    const struct test_case *test = judge->test;
    if (judge->verdict != REPORT_PASSED || judge->next > test->files_count)
        return false;
    if (judge->next > 0)
        begin_file(judge, &test->files[judge->next - 1]);
    else if (test->stdout_text.data)
        begin(judge, test->stdout_text, buf_bytes(&judge->run->out.kept));
    judge->next++;
    return true;
}

bool judge_step(struct judge *judge, size_t most_bytes)
{
    if (!judge->is_comparing)
        return !begin_next(judge);
    enum comparison_result result = comparison_step(&judge->comparison, most_bytes);
    if (result != COMPARISON_MORE)
        end_comparison(judge, result);
    return false;
}

struct report judge_report(const struct judge *judge)
{
    return (struct report){.verdict = judge->verdict,
                           .has_difference = judge->has_difference,
                           .difference = judge->difference,
                           .path = judge->path};
}
