"""The door against JSON that is wrong, huge, or read differently by different readers: one row each.

400: it is no JSON that two strict readers would agree on. 422: it is, and a field is not as it must be. What is taken
reaches the program to the byte.
"""

import json
import re

import pytest

from door import kept, post

MIB = 1 << 20


def sent(gateway, body, status):
    """The answer to this body, which keeps the connection whatever it says."""
    return kept(gateway, post(body), status)


def errors(response):
    return {error["field"]: error["message"] for error in response.json()["errors"]}


def last_job(gateway):
    return gateway.engine.runs[-1].job


NOT_JSON = {
    "nothing": b"", "spaces": b" \t\r\n", "half an object": b'{"code":"x"', "only a quote": b'"',
    "open string": b'{"code":"x', "open escape": b'{"code":"\\', "half a keyword": b"tru",
    "two documents": b'{"code":"x"}{"code":"y"}', "garbage behind": b'{"code":"x"}x',
    "NUL behind": b'{"code":"x"}\0', "NUL and junk behind": b'{"code":"x"}\0junk',
    "NUL before": b'\0{"code":"x"}', "comma at the end": b'{"code":"x",}', "comma first": b'{,"code":"x"}',
    "two commas": b'{"code":"x",,"stdin":""}', "comma in an array": b'{"code":"x","args":["a",]}',
    "no comma": b'{"code":"x" "stdin":""}', "no colon": b'{"code" "x"}', "no value": b'{"code":}',
    "no quotes": b'{code:"x"}', "single quotes": b"{'code':'x'}", "comment": b'{"code":"x"/*c*/}',
    "line comment": b'{"code":"x"} //c', "capital TRUE": b'{"code":TRUE}', "None": b'{"code":None}',
    "NaN": b'{"code":"x","timeout":NaN}', "Infinity": b'{"code":"x","timeout":Infinity}',
    "-Infinity": b'{"code":"x","timeout":-Infinity}', "leading zero": b'{"code":"x","timeout":05}',
    "leading plus": b'{"code":"x","timeout":+5}', "point at the end": b'{"code":"x","timeout":5.}',
    "point at the beginning": b'{"code":"x","timeout":.5}', "empty exponent": b'{"code":"x","timeout":5e}',
    "hexadecimal": b'{"code":"x","timeout":0x5}', "two minuses": b'{"code":"x","timeout":--5}',
    "2^64": b'{"code":"x","timeout":18446744073709551616}',
    "10^23 - 1": b'{"code":"x","timeout":99999999999999999999999}', "1e999": b'{"code":"x","timeout":1e999}',
    "-1e999": b'{"code":"x","timeout":-1e999}', "a million digits": b'{"code":"x","timeout":' + b"9" * MIB + b"}",
    "only a minus": b'{"code":"x","timeout":-}', "underscore": b'{"code":"x","timeout":1_0}',
    "raw tab": b'{"code":"a\tb"}', "raw newline": b'{"code":"a\nb"}', "raw NUL": b'{"code":"a\0b"}',
    "raw 0x01": b'{"code":"a\x01b"}', "raw newline in a key": b'{"co\nde":"x"}',
    "same key twice": b'{"code":"x","code":"y"}', "same key, escaped": b'{"code":"x","\\u0063ode":"y"}',
    "same key, inside": b'{"code":"x","env":{"A":"1","A":"2"}}',
    "NUL in a key": b'{"code\\u0000x":"y"}', "NUL in a key, inside": b'{"code":"x","env":{"A\\u0000":"1"}}',
    "bad escape": b'{"code":"\\x41"}', "short escape": b'{"code":"\\u41"}', "bad digits": b'{"code":"\\u00zz"}',
    "overlong slash": b'{"code":"\xc0\xaf"}', "overlong NUL": b'{"code":"\xc0\x80"}',
    "surrogate in UTF-8": b'{"code":"\xed\xa0\x80"}', "past U+10FFFF": b'{"code":"\xf4\x90\x80\x80"}',
    "half a character": b'{"code":"\xe2\x82"}', "Latin-1": b'{"code":"\xe9"}', "lone byte": b'{"code":"\x80"}',
    "bad UTF-8 in a key": b'{"\xff":"x"}', "bad UTF-8 outside": b'{"code":"x"}\xff',
    "lone high surrogate": b'{"code":"\\ud800"}', "lone low surrogate": b'{"code":"\\udc00"}',
    "reversed pair": b'{"code":"\\udc00\\ud800"}', "two highs": b'{"code":"\\ud800\\ud800"}',
    "high, then a letter": b'{"code":"\\ud800a"}', "lone surrogate in a key": b'{"\\ud800":"x"}',
    "BOM": b'\xef\xbb\xbf{"code":"x"}', "UTF-16": '{"code":"x"}'.encode("utf-16"),
    "UTF-16 without BOM": '{"code":"x"}'.encode("utf-16-le"), "wrong bracket": b'{"code":"x"]',
    "depth 33": b'{"a":' + b"[" * 32 + b"]" * 32 + b"}", "depth 100,000": b"[" * 100_000,
    "depth of objects": b'{"a":' * 100_000, "form": b"code=print(1)",
    "260,000 values": b'{"args":[' + b"0," * 260_000 + b"0]}",
    "4 million values": b'{"args":[' + b"0," * 4_000_000 + b"0]}",
}


@pytest.mark.parametrize("body", NOT_JSON.values(), ids=NOT_JSON)
def test_what_is_no_json_is_400(shared, body):
    members = sent(shared, body, 400).json()
    assert members["code"] == "malformed_json" and members["detail"]


@pytest.mark.parametrize("field, body", {
    "timeout": b'{"code":"x","timeout":1e999}', "pids": b'{"limits":{"cpus":1,"pids":99999999999999999999},"code":"x"}',
    "args": b'{"code":"x","args":["a",-1e999]}', "stdin": b'{"code":"x","stdin":"\\ud800"}',
    "x": b'{"x":' + b"[" * 40}.items())
def test_a_value_that_no_reader_agrees_on_is_named_by_its_field(shared, field, body):
    assert sent(shared, body, 400).json()["detail"].endswith(f', in "{field}"')


@pytest.mark.parametrize("body", [b"5", b"0", b"-1.5e3", b'"code"', b"true", b"null", b"[]", b"[{}]"])
def test_json_that_is_no_object_is_refused(shared, body):
    assert errors(sent(shared, body, 422)) == {"": "must be an object"}


# ---- every field, of every wrong type ----

VALUES = {
    "null": b"null", "true": b"true", "false": b"false", "0": b"0", "-0": b"-0", "-1": b"-1",
    "1.5": b"1.5", "2^53+1": b"9007199254740993", "2^63": b"9223372036854775808",
    "1e300": b"1e300", "1e-999": b"1e-999", "number in a string": b'"5"', "empty string": b'""',
    "string": b'"x"', "array": b"[]", "object": b"{}",
}
FITS = {
    "code": {"number in a string", "string"},
    "runtime": set(),
    "timeout": {"1.5"},
    "queue_timeout": {"1.5"},
    "stdin": {"number in a string", "empty string", "string"},
    "args": {"array"},
    "env": {"object"},
    "files": {"array"},
    "outputs": {"array"},
    "limits": {"object"},
    "output_encoding": set(),
    "limits.memory_bytes": set(),
    "limits.cpus": {"1.5"},
    "limits.pids": set(),
    "limits.output_bytes": set(),
}
PAIRS = [(field, name) for field in FITS for name in VALUES]


@pytest.mark.parametrize("field, name", PAIRS, ids=lambda value: value)
def test_every_field_with_every_value(shared, field, name):
    value, key = VALUES[name], field.encode()
    if field.startswith("limits."):
        key, value = b"limits", b'{"%s":%s}' % (field[len("limits."):].encode(), value)
    code = b"" if field == "code" else b'"code":"x",'
    body = b'{%s"%s":%s}' % (code, key, value)
    if name in FITS[field]:
        sent(shared, body, 200)
    else:
        assert list(errors(sent(shared, body, 422))) == [field]


@pytest.mark.parametrize("value", ["1", "1.0", "1e0", "10e-1", "30", "3e1", "29.9999"])
def test_a_timeout_may_be_written_in_many_ways(shared, value):
    sent(shared, b'{"code":"x","timeout":%s}' % value.encode(), 200)
    assert last_job(shared).timeout_ms == round(float(value) * 1000)


@pytest.mark.parametrize("value", ["64", "64.0", "6.4e1", "640e-1"])
def test_an_integer_may_be_written_in_many_ways(shared, value):
    sent(shared, b'{"code":"x","limits":{"pids":%s}}' % value.encode(), 200)
    assert last_job(shared).pids == 64


@pytest.mark.parametrize("value", ["0.09994", "30.001", "30.0005", "1e300"])
def test_a_timeout_out_of_range_is_not_rounded_into_it(shared, value):
    found = errors(sent(shared, b'{"code":"x","timeout":%s}' % value.encode(), 422))
    assert found == {"timeout": "must be between 0.1 and 30"}


# ---- what is taken reaches the program to the byte ----

TEXTS = {
    "NUL": "a\0b", "only NUL": "\0", "CRLF": "a\r\nb\rc\n", "BOM": "\ufeffprint(1)", "DEL and C1": "\x7f\x80\x9f",
    "separators": "\u2028\u2029", "not a character": "\uffff\U0010ffff", "astral": "\U0001f600", "quotes": "\"'\\/",
    "markup": "</script><!--", "one letter": "x", "right to left": "\u202e\u05d0",
}


@pytest.mark.parametrize("escaped", [True, False], ids=["escaped", "raw"])
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_code_and_stdin_are_passed_on_to_the_byte(shared, text, escaped):
    sent(shared, json.dumps({"code": text, "stdin": text}, ensure_ascii=escaped).encode(), 200)
    job = last_job(shared)
    assert job.source == job.stdin == text.encode()


def test_every_escape_is_read(shared):
    sent(shared, rb'{"code":"\"\\\/\b\f\n\r\t\u0041\u00e9\u20AC\ud83d\uDE00"}', 200)
    assert last_job(shared).source == '"\\/\b\f\n\r\tA\u00e9\u20ac\U0001f600'.encode()


def test_one_mebibyte_of_escapes_is_one_mebibyte_of_code(shared):
    sent(shared, b'{"code":"' + rb"\u0041" * MIB + b'"}', 200)
    assert last_job(shared).source == b"A" * MIB


@pytest.mark.parametrize("piece, count", [(rb"\"", MIB + 1), (rb"\u0041", MIB + 1), (rb"\u20ac", MIB // 3 + 1)])
def test_code_is_measured_after_its_escapes(shared, piece, count):
    found = errors(sent(shared, b'{"code":"' + piece * count + b'"}', 422))
    assert found == {"code": "must be between 1 and 1048576 bytes long"}


def test_a_line_of_7_mebibytes_of_stdin_is_passed_on(shared):
    sent(shared, json.dumps({"code": "x", "stdin": "y" * (7 * MIB)}).encode(), 200)
    assert last_job(shared).stdin == b"y" * (7 * MIB)


def test_a_body_over_the_limit_is_413(shared):
    response = shared.request("POST", "/api/v1/execute", b'{"code":"' + b"x" * (10 * MIB) + b'"}',
                              [("content-type", "application/json")])
    assert response.status == 413


# ---- many and deep ----

def test_depth_32_is_read(shared):
    body = b'{"code":"x","deep":' + b"[" * 31 + b"]" * 31 + b"}"
    assert list(errors(sent(shared, body, 422))) == ["deep"]


def test_of_many_unknown_fields_some_are_named_and_all_are_counted(shared):
    body = json.dumps({f"k{n}": 0 for n in range(8_000)}).encode()
    found = errors(sent(shared, body, 422))
    assert len(found) == 65 and found["k0"] == "is not a field of this request"
    assert found[""] == "further invalid fields: 7937"  # one more: code is missing


def test_too_many_arguments_are_refused(shared):
    body = json.dumps({"code": "x", "args": ["a"] * 16_000}).encode()
    assert errors(sent(shared, body, 422)) == {"args": "must have at most 256 elements"}


def test_too_many_variables_are_refused(shared):
    body = json.dumps({"code": "x", "env": {f"A{n}": "" for n in range(8_000)}}).encode()
    assert errors(sent(shared, body, 422)) == {"env": "must have at most 256 members"}


@pytest.mark.parametrize("fields, where", [
    ({f"k{n}": 0 for n in range(100_000)}, ""),
    ({"args": ["a"] * 100_000}, ', in "args"'),
    ({"files": [{} for _ in range(30_000)]}, ', in "files"'),
    ({"env": [[[]]] * 20_000}, ', in "env"'),
])
def test_more_values_than_any_good_request_has_are_refused_where_they_stand(shared, fields, where):
    body = json.dumps({"code": "x", **fields}).encode()
    problem = sent(shared, body, 400).json()
    assert problem["code"] == "malformed_json"
    assert re.fullmatch(r"too many values at byte \d+" + (where or '(, in "k[0-9]+")?'), problem["detail"])


def test_a_key_of_a_mebibyte_is_refused(shared):
    problem = sent(shared, b'{"code":"x","' + "é".encode() * (MIB // 2) + b'":1}', 400).json()
    assert problem["detail"] == "key too long at byte 12"


def test_a_long_key_is_named_in_short(shared):
    body = b'{"code":"x","' + "é".encode() * (64 << 10) + b'":1}'
    field, = errors(sent(shared, body, 422))
    assert set(field) == {"é"} and len(field.encode()) < 80


@pytest.mark.parametrize("name", ["code ", " code", "Code", "CODE", "c\u043ede", "code\u200b", ""])
def test_a_name_that_only_looks_like_a_field_is_none(shared, name):
    found = errors(sent(shared, json.dumps({name: "x"}).encode(), 422))
    assert found == {name: "is not a field of this request", "code": "is required"}


def test_all_that_args_and_env_may_hold_is_passed_on(shared):
    args = ["a" * 2000 for _ in range(256)]
    env = {f"A{n}": "é" * 500 for n in range(256)}
    sent(shared, json.dumps({"code": "x", "args": args, "env": env}).encode(), 200)
    assert last_job(shared).args == args and last_job(shared).env == env


def test_args_and_env_together_have_a_limit(shared):
    each, most = 128 * 1024, 8
    body = {"code": "x", "args": ["a" * (each - 1)] * most}
    sent(shared, json.dumps(body).encode(), 200)
    assert last_job(shared).args == body["args"]
    body["env"] = {"A": ""}
    found = errors(sent(shared, json.dumps(body).encode(), 422))
    assert found == {"args": "args and env together must be at most 1048576 bytes long"}


def test_an_argument_or_variable_has_the_kernels_limit(shared):
    """Of 128 KiB, with its NUL and a variable's name, whatever waits for it."""
    body = {"code": "x", "args": ["", "a" * 131072], "env": {"B": "b" * (131072 - 3), "NAME": "c" * (131072 - 5)}}
    assert errors(sent(shared, json.dumps(body).encode(), 422)) == {
        "args[1]": "must be at most 131071 bytes long",
        "env.NAME": "must be at most 131071 bytes long, including its NAME="}
