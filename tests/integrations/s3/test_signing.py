"""Signatures, held against the examples that Amazon publishes with its description of Signature Version 4 for S3."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import pytest

from lumi.integrations.s3.signing import EMPTY_SHA256, Asked, Key, canonical, signature, signed

# The key of the examples, in parts: it opens nothing, and looks like one that does.
EXAMPLE = Key("AKIA" + "IOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/" + "bPxRfiCYEXAMPLEKEY", "us-east-1")
AT = datetime(2013, 5, 24, tzinfo=UTC)
HOST = {"host": "examplebucket.s3.amazonaws.com"}
WELCOME = hashlib.sha256(b"Welcome to Amazon S3.").hexdigest()


@pytest.mark.parametrize(
    ("asked", "content", "proof"),
    [
        (
            Asked("GET", "/test.txt", {**HOST, "range": "bytes=0-9"}),
            EMPTY_SHA256,
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
        ),
        (
            Asked(
                "PUT",
                "/test$file.text",
                {**HOST, "date": "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY"},
            ),
            WELCOME,
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
        ),
        (
            Asked("GET", "/", HOST, [("lifecycle", "")]),
            EMPTY_SHA256,
            "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
        ),
        (
            Asked("GET", "/", HOST, [("prefix", "J"), ("max-keys", "2")]),
            EMPTY_SHA256,
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
        ),
    ],
)
def test_the_published_examples_get_the_published_signatures(asked: Asked, content: str, proof: str) -> None:
    headers = signed(asked, EXAMPLE, content_sha256=content, at=AT)

    assert headers["authorization"].endswith(f"Signature={proof}")
    assert headers["x-amz-date"] == "20130524T000000Z"
    assert headers["authorization"].startswith(f"AWS4-HMAC-SHA256 Credential={EXAMPLE.id}/20130524/us-east-1/s3/aws4_r")


def test_the_canonical_form_of_the_first_example_is_the_published_one() -> None:
    headers = {**HOST, "range": "bytes=0-9", "x-amz-content-sha256": EMPTY_SHA256, "x-amz-date": "20130524T000000Z"}
    written = canonical(Asked("GET", "/test.txt", headers))

    assert hashlib.sha256(written.encode()).hexdigest() == (
        "7344ae5b7ee6c3e7e6b0fe0640412a37625d1fbfff95c48bbb2dc43964946972"
    )


def test_whatever_changes_in_a_request_changes_its_signature() -> None:
    headers = {**HOST, "x-amz-content-sha256": EMPTY_SHA256, "x-amz-date": "20130524T000000Z"}
    plain = Asked("GET", "/a", headers)
    others = [
        Asked("PUT", "/a", headers),
        Asked("GET", "/b", headers),
        Asked("GET", "/a", {**headers, "host": "other"}),
        Asked("GET", "/a", {**headers, "x-amz-date": "20130524T000001Z"}),
        Asked("GET", "/a", headers, [("versions", "")]),
    ]
    keys = [Key(EXAMPLE.id, "another", "us-east-1"), Key(EXAMPLE.id, EXAMPLE.secret, "eu-west-3")]

    proofs = {signature(each, EXAMPLE) for each in (plain, *others)} | {signature(plain, key) for key in keys}
    assert len(proofs) == 1 + len(others) + len(keys)


def test_the_secret_is_not_shown() -> None:
    assert EXAMPLE.secret not in repr(EXAMPLE)
