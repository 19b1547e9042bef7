"""Asks the dashboard of the compose file as a stranger, with a wrong token and as a viewer:
`dashboard.py http://localhost:PORT FILE_WITH_THE_VIEWERS_TOKEN TEXT`. TEXT must be on the overview."""

import http.client
import re
import sys
import urllib.parse
from pathlib import Path

address, token_file, wanted = sys.argv[1:]
host = urllib.parse.urlsplit(address).netloc
token = Path(token_file).read_text().strip()


def ask(method: str, path: str, form: dict | None = None, cookie: str = "", name: str = host):
    """Status, headers and text of an answer, as a browser on our page would ask."""
    connection = http.client.HTTPConnection(host, timeout=30)
    headers = {"Host": name, "Sec-Fetch-Site": "same-origin", "Accept-Language": "en"}
    if cookie:
        headers["Cookie"] = cookie
    body = None
    if form is not None:
        body = urllib.parse.urlencode(form)
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    return answer.status, answer.headers, answer.read().decode()


def sign_in(given: str):
    _, _, page = ask("GET", "/login")
    csrf = re.search(r'name="csrf" value="([^"]+)"', page)[1]
    return ask("POST", "/login", {"csrf": csrf, "next": "/", "name": "ana", "token": given})


def check(passed: bool, what: str):
    if not passed:
        sys.exit(f"FAILED: {what}")
    print(f"ok: {what}")


status, headers, text = ask("GET", "/")
check(status == 303 and headers["Location"].startswith("/login") and wanted not in text, "a stranger is led to the sign-in")
status, headers, _ = sign_in("x" * 64)
check(status == 403 and headers["Set-Cookie"] is None, "a wrong token is refused")
status, headers, _ = sign_in(token)
cookie = headers["Set-Cookie"] or ""
check(status == 303 and cookie.startswith("__Host-") and "HttpOnly" in cookie and "Secure" in cookie, "a viewer signs in")
cookie = cookie.split(";")[0]
status, _, text = ask("GET", "/", cookie=cookie)
check(status == 200 and wanted in text, f"the overview shows {wanted}")
status, _, _ = ask("POST", "/operate/start", {}, cookie)
check(status == 403, "a viewer does not act")
status, _, _ = ask("GET", "/", cookie=cookie, name="evil.example")
check(status == 421, "another name is refused")
status, _, _ = ask("GET", "/healthz")
check(status == 200, "/healthz answers")
