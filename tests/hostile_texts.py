"""Texts that strangers could send to make a program do something."""

from __future__ import annotations

FORMULAS = (
    "=1+2", "+1+2", "-1+2", "@SUM(1,2)", "\t=1+2", "\r=1+2", "\n=1+2", " =1+2", "{=1+2}", "=cmd|' /C calc'!A0", "+cmd|' /C calc'!A0", "=DDE(\"cmd\";\"/C calc\";\"x\")", "=HYPERLINK(\"http://evil.example\",\"x\")",
    "=IMPORTXML(\"http://evil.example\",\"//a\")", "http://evil.example", "file:///etc/passwd", "\\\\evil.example\\share", "mailto:x@evil.example", "internal:Sheet1!A1", "'=1+2", "＝1+2", "1e5", "00123", "TRUE", "\x00=1", "\ufffe",
)  # fmt: skip
MARKUP = '<script>alert(1)</script><img src=x onerror="alert(1)">"><svg/onload=alert(1)>\'--&lt;b&gt; {{7*7}} <a href="javascript:alert(1)">x</a>'
NAMES = (
    "'; DROP TABLE cases; --", '" OR 1=1 --', "../../etc/passwd", "..\\..\\windows", "%2e%2e%2f", "A/B", "A?x=1#y", 'A"]:has-text("x', "A') or true", "A\\", "A\\\"", "A\nB", "{no}", "{0.__class__}", "$(id)", "`id`",
    "<b>", "A\u202eB", "ß王", "%00", "a'b\"c", "*", "[x]", ">> visible=true", "x" * 64,
)  # fmt: skip
