"""The API's description (OpenAPI 3.1), and what it says of a path, an answer, an example.

Its schemas are JSON Schema as they stand, so that one library judges by them; references are followed in the document.
"""

import jsonschema

DIALECT = jsonschema.Draft202012Validator
METHODS = ("get", "post", "put", "delete", "patch")
PROBLEM = "application/problem+json"
# Headers that any HTTP answer may have, and that OpenAPI does not describe.
OF_HTTP = {"date", "connection", "keep-alive", "content-type", "content-length", "transfer-encoding"}


class Description:
    def __init__(self, document):
        self.document = document

    def follow(self, node):
        """Returns the node itself, or the node that it refers to."""
        while isinstance(node, dict) and "$ref" in node:
            target = self.document
            for name in node["$ref"].removeprefix("#/").split("/"):
                target = target[name.replace("~1", "/").replace("~0", "~")]
            node = target
        return node

    def schema(self, name):
        return self.document["components"]["schemas"][name]

    def example(self, name):
        return self.document["components"]["examples"][name]["value"]

    def faults(self, schema, value):
        """Returns the reasons why the schema does not accept the value; none if it does."""
        resolver = jsonschema.RefResolver("", self.document)
        errors = DIALECT(schema, resolver=resolver).iter_errors(value)
        return [f"{'/'.join(map(str, error.absolute_path))}: {error.message}" for error in errors]

    def operations(self):
        """Returns (path, METHOD, operation) of each operation."""
        for path, item in self.document["paths"].items():
            for method in METHODS:
                if method in item:
                    yield path, method.upper(), item[method]

    def operation(self, method, path):
        """Returns the operation of a request's method and path, which may have a query; None if it is not described."""
        segments = path.partition("?")[0].split("/")
        for pattern, item in self.document["paths"].items():
            names = pattern.split("/")
            if len(names) == len(segments) and all(
                    name == segment or name[:1] == "{" for name, segment in zip(names, segments)):
                return item.get(method.lower())
        return None

    def examples(self, medium):
        """(name, value) of each example of a media type."""
        if "example" in medium:
            yield "example", medium["example"]
        for name, example in medium.get("examples", {}).items():
            yield name, self.follow(example)["value"]

    def contents(self, body):
        """(media type, medium) of a request's or an answer's body."""
        yield from self.follow(body).get("content", {}).items()

    def named(self, operation, status):
        """What the operation says of a status, by itself or as one of a hundred; None: nothing."""
        responses = operation["responses"]
        return self.follow(responses.get(str(status)) or responses.get(f"{status // 100}XX"))

    def faults_of_answer(self, operation, answer):
        """Returns the reasons why an answer is not one that the operation names."""
        named = self.named(operation, answer.status)
        if named is None:
            return [f"{answer.status} is not named"]
        faults = self._faults_of_headers(named.get("headers", {}), answer.headers)
        media = named.get("content", {})
        if not media:
            return faults + (["a body where none is named"] if answer.body else [])
        given = answer.headers.get("content-type", "").partition(";")[0]
        if given not in media:
            return faults + [f"{given} is not named"]
        value = answer.json() if given.endswith("json") else answer.body.decode()
        faults += self.faults(media[given]["schema"], value)
        if given == PROBLEM and not self._has_example(media[given], answer.status, value.get("code")):
            faults.append(f"{answer.status} {value.get('code')} has no example")
        return faults

    def _faults_of_headers(self, described, given):
        named = {name.lower(): self.follow(header) for name, header in described.items()}
        faults = [f"no header {name}" for name, header in named.items() if header.get("required") and name not in given]
        faults += [f"header {name} is not named" for name in given if name not in named and name not in OF_HTTP]
        for name in given.keys() & named.keys():
            is_number = named[name]["schema"].get("type") == "integer"
            value = int(given[name]) if is_number else given[name]
            faults += [f"header {name}{fault}" for fault in self.faults(named[name]["schema"], value)]
        return faults

    def _has_example(self, medium, status, code):
        return (status, code) in ((value["status"], value["code"]) for _, value in self.examples(medium))
