"""The system tests that ask the shared gateway for something, once more, through the judging proxy.

The proxy answers a request itself when it cannot read its JSON, or does not know its path; the tests that ask for
that stay behind.
"""

import inspect

import test_api
import test_outcomes

ANSWERED_BY_THE_PROXY = {
    # It reads JSON itself, and writes it anew.
    "test_malformed_json_is_400", "test_another_media_type_is_415", "test_a_chunked_body_is_taken",
    "test_a_body_over_the_limit_is_413_before_it_has_come", "test_a_chunked_body_over_the_limit_is_413",
    # It knows no method and no path but those of the description.
    "test_a_wrong_method_is_405_with_allow", "test_options_tell_the_methods", "test_an_unknown_path_is_404",
    "test_health_by_a_wrong_method_is_405", "test_errors_keep_the_connection",
}


def judged(module):
    """A module's tests that only ask the shared gateway, by name."""
    return {name: test for name, test in vars(module).items()
            if name.startswith("test_") and name not in ANSWERED_BY_THE_PROXY and
            set(inspect.signature(test).parameters) & {"shared", "start", "engine"} == {"shared"}}


globals().update(judged(test_api) | judged(test_outcomes))
