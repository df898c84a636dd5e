"""A call written out for a terminal, for Python and for JavaScript."""

import json
import shlex
from typing import NamedTuple

from apps.open_banking.pages.developers.operations import Operation


class Sample(NamedTuple):
    """One language's way of saying it."""

    name: str
    code: str


def samples(one: Operation, root: str, client_id: str) -> list[Sample]:
    """The same call three times, with the reader's client id, and words where their secrets go."""
    url, body = f"{root}{one.path}", one.example
    if one.form:
        return _forms(one, url, client_id)
    return [
        Sample("curl", curl(one.method, url, body=body, has_token=bool(one.token))),
        Sample("Python", _python(one, url, body)),
        Sample("JavaScript", _javascript(one, url, body)),
    ]


def curl(method: str, url: str, *, body: str, has_token: bool) -> str:
    """For a terminal, quoted so that it can be pasted; the token stays a word."""
    lines = [f"curl {'' if method == 'GET' else f'-X {method} '}{shlex.quote(url)}"]
    if has_token:
        lines.append('-H "Authorization: Bearer $TOKEN"')
    if body:
        lines += ["-H 'Content-Type: application/json'", f"-d {shlex.quote(_compact(body))}"]
    return " \\\n  ".join(lines)


def _forms(one: Operation, url: str, client_id: str) -> list[Sample]:
    given = " ".join(f'-d "{name}={value}"' for name, value in one.form)
    pairs = json.dumps(dict(one.form))
    python = f'import httpx\n\nanswer = httpx.post("{url}", auth=("{client_id}", secret), data={pairs}, timeout=10)'
    script = (
        f'const answer = await fetch("{url}", {{\n  method: "POST",\n'
        f'  headers: {{ Authorization: "Basic " + btoa("{client_id}:" + secret) }},\n'
        f"  body: new URLSearchParams({pairs}),\n}});"
    )
    return [
        Sample("curl", f'curl -u "{client_id}:$SECRET" {url} \\\n  {given}'),
        Sample("Python", f"{python}\nprint(answer.json())"),
        Sample("JavaScript", f"{script}\nconsole.log(await answer.json());"),
    ]


def _compact(body: str) -> str:
    try:
        return json.dumps(json.loads(body))
    except ValueError:
        return body


def _python(one: Operation, url: str, body: str) -> str:
    given = [f'    "{url}",']
    if one.token:
        given.append('    headers={"Authorization": f"Bearer {token}"},')
    if body:
        given.append(f"    json={json.loads(body)!r},")
    call = "\n".join(given)
    return f"import httpx\n\nanswer = httpx.{one.method.lower()}(\n{call}\n    timeout=10,\n)\nprint(answer.json())"


def _javascript(one: Operation, url: str, body: str) -> str:
    headers = ["Authorization: `Bearer ${token}`"] if one.token else []
    options = [f'method: "{one.method}"'] if one.method != "GET" else []
    if body:
        headers.append('"Content-Type": "application/json"')
        options.append(f"body: JSON.stringify({_compact(body)})")
    if headers:
        options.append(f"headers: {{ {', '.join(headers)} }}")
    inner = f", {{\n  {(',' + chr(10) + '  ').join(options)},\n}}" if options else ""
    return f'const answer = await fetch("{url}"{inner});\nconsole.log(await answer.json());'
