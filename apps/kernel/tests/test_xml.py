"""A stranger's XML is read when it is plain and small, and refused with the reason when it is not."""

import pytest

from apps.kernel import xml

BOUNDS = {"largest": 1_000, "deepest": 5, "most": 20}


def test_reads_what_is_plain():
    root = xml.read(b'\xef\xbb\xbf<?xml version="1.0"?><!-- said --><a><b>1</b><b>2</b></a>', **BOUNDS)
    assert [each.text for each in root] == ["1", "2"]


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"<a>" + b" " * 1_000 + b"</a>", "larger than 1000"),
        ("<a/>".encode("utf-16"), "not UTF-8"),
        (b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', "declares"),
        (b"<a><![CDATA[x]]></a>", "raw text"),
        (b"<a>" * 6 + b"</a>" * 6, "deeper"),
        (b"<a>" + b"<b/>" * 20 + b"</a>", "more elements"),
        (b"<a><b></a>", "not XML"),
        (b"<a>", "not XML"),
        (b"", "not XML"),
        (b"<a>&x;</a>", "not XML"),
    ],
)
def test_refuses_with_the_reason(raw, says):
    with pytest.raises(xml.Unreadable, match=says):
        xml.read(raw, **BOUNDS)
