"""The system tests that ask the shared gateway for something, once more, through the judging proxy.

The proxy answers a request itself when it cannot read its JSON, or does not know its path; the tests that ask for
that stay behind.
"""

import inspect

import test_api
import test_executions
import test_files
import test_outcomes

ANSWERED_BY_THE_PROXY = {
    # It reads JSON and queries itself, and writes them anew.
    "test_malformed_json_is_400", "test_another_media_type_is_415", "test_a_chunked_body_is_taken",
    "test_a_body_over_the_limit_is_413_before_it_has_come", "test_a_chunked_body_over_the_limit_is_413",
    "test_bad_input_has_the_same_words_in_every_form", "test_a_bad_wait_is_named",
    # It waits for the end of a stream, and changes what HEAD gets.
    "test_events_can_be_read_again_from_anywhere", "test_head_gives_the_head",
    # It knows no method and no path but those of the description.
    "test_a_wrong_method_is_405_with_allow", "test_options_tell_the_methods", "test_an_unknown_path_is_404",
    "test_health_by_a_wrong_method_is_405", "test_errors_keep_the_connection", "test_a_wrong_method_is_405",
    "test_a_wrong_path_is_404",
}


def judged(module):
    """A module's tests that only ask the shared gateway, by name."""
    return {name: test for name, test in vars(module).items()
            if name.startswith("test_") and name not in ANSWERED_BY_THE_PROXY and
            set(inspect.signature(test).parameters) & {"shared", "start", "engine"} == {"shared"}}


for module in (test_api, test_executions, test_files, test_outcomes):
    assert not judged(module).keys() & globals().keys(), "a test would hide one of the same name"
    globals().update(judged(module))
