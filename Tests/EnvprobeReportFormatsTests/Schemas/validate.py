"""Checks JSON on standard input against a schema beside this script. Usage: validate.py SCHEMA"""
import json
import pathlib
import sys

import jsonschema

schema = json.loads((pathlib.Path(__file__).parent / sys.argv[1]).read_text())
document = json.load(sys.stdin)
jsonschema.Draft7Validator.check_schema(schema)
problems = sorted(jsonschema.Draft7Validator(schema).iter_errors(document), key=lambda problem: list(map(str, problem.path)))
for problem in problems[:20]:
    print("/".join(map(str, problem.path)), problem.message[:300])
sys.exit(1 if problems else 0)
