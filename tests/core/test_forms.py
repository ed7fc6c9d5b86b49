"""Forms with one file, as we upload them."""

from lumi.core.http.forms import Upload, form


def test_a_form_says_where_each_part_ends_and_lets_no_header_in() -> None:
    body, content_type = form({"a": "é\r\n"}, Upload('x"\r\nEvil: 1\0', "text/plain\r\nEvil: 1", b"\x00--"))
    boundary = content_type.partition("boundary=")[2].encode()
    assert body.count(b"--" + boundary) == 3
    assert body.endswith(b"--" + boundary + b"--\r\n")
    assert b"\r\nEvil" not in body
    assert b"x%22%0D%0AEvil: 1%00" in body
    assert b"Content-Type: application/octet-stream" in body
