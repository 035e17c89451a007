"""Checks a document on standard input against a schema: JSON against .json, XML against .xsd. Usage: validate.py SCHEMA"""
import json
import pathlib
import sys

path = pathlib.Path(__file__).parent / sys.argv[1]


def json_problems():
    import jsonschema

    schema = json.loads(path.read_text())
    jsonschema.Draft7Validator.check_schema(schema)
    # Without the formats an address that is none would pass.
    validator = jsonschema.Draft7Validator(schema, format_checker=jsonschema.FormatChecker())
    for problem in sorted(validator.iter_errors(json.load(sys.stdin)), key=lambda problem: list(map(str, problem.path))):
        yield "/".join(map(str, problem.path)) + " " + problem.message[:300]


def xml_problems():
    sys.path.insert(0, str(path.parent / "python"))
    import xmlschema

    for problem in xmlschema.XMLSchema(path).iter_errors(sys.stdin.read()):
        yield f"{problem.path} {problem.reason}"[:300]


problems = list(xml_problems() if path.suffix == ".xsd" else json_problems())
print("\n".join(problems[:20]))
sys.exit(1 if problems else 0)
