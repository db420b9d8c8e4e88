"""What Google's front end says when a request never reaches a function, in its words."""

from __future__ import annotations

from html import escape

from emulator.cloud import Answer

PAGE = """
<html><head>
<meta http-equiv="content-type" content="text/html;charset=utf-8">
<title>{code} {title}</title>
</head>
<body text=#000000 bgcolor=#ffffff>
<h1>Error: {title}</h1>
<h2>{text}</h2>
<h2></h2>
</body></html>
"""


def page(code: int, title: str, text: str, **headers: str) -> Answer:
    body = PAGE.format(code=code, title=title, text=text).encode()
    return Answer(code, {"content-type": "text/html; charset=UTF-8", **headers}, body)


def plain(code: int, text: str) -> Answer:
    return Answer(code, {"content-type": "text/plain"}, text.encode())


def forbidden(path: str) -> Answer:
    return page(
        403,
        "Forbidden",
        f"Your client does not have permission to get URL <code>{escape(path)}</code> "
        "from this server.",
    )


def unauthorized(path: str) -> Answer:
    challenge = (
        'Bearer error="invalid_token" error_description="The access token could not be verified"'
    )
    return page(
        401,
        "Unauthorized",
        f"Your client does not have permission to the requested URL <code>{escape(path)}</code>.",
        **{"www-authenticate": challenge},
    )


def unknown() -> Answer:
    return page(404, "Page not found", "The requested URL was not found on this server.")


def too_large() -> Answer:
    text = "Your client issued a request that was too large."
    return page(413, "Request Entity Too Large", text)


def busy() -> Answer:
    return plain(429, "Rate exceeded.")


def died() -> Answer:
    text = (
        "The server encountered an error and could not complete your request."
        "<p>Please try again in 30 seconds."
    )
    return page(503, "Server Error", text)


def too_late() -> Answer:
    return plain(504, "upstream request timeout")
