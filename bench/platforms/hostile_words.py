"""What nobody would write who means well: names, texts, what buttons carry, languages, numbers, and wrong types."""

from typing import Any

NAMES = (
    "Kim",
    "",
    " ",
    "<b>Kim</b>",
    "Kim <3",
    "<i>Kim",
    "&lt;&amp;",
    "Ki\u202em\u2066",
    "\u200b\u200d\ufeff",
    "K\u0000m",
    "K" * 300,
    "ก็็็็็็็็็็็็",
    "👩‍👩‍👧‍👦" * 40,
    "{name} %s $x",
    "'; DROP TABLE unit; --",
    "line\nline\r\nline",
    "\ud83d",  # half of an emoji, as JSON can carry it
)

TEXTS = (
    "hi",
    "",
    "stop",
    "back",
    "red",
    "yes",
    "/",
    "//",
    "/@",
    "/start@somebody_else_bot",
    "/pair@breathing_room_bot",
    "/ pair",
    "/start " + "A" * 64,
    "/start " + "\u202e" * 64,
    "/erase",
    "/PAUSE 99999999999999999999h",
    "/pause -1h\u0000",
    "<b>unclosed <i>tags",
    "</b>&nbsp;&#0;&#x110000;",
    '<a href="tg://user?id=1">x</a><script>',
    "*_`[]()~>#+-=|{}.!",
    "\u202eright to left\u2066\u2069",
    "\u200b\u200c\u200d\ufeff",
    "z\u0335\u0321\u0322" * 500,
    "x" * 4096,
    "🫠" * 2048,
    "x" * 100_000,
    "\ud83d\ud83d",
    "\u0000",
    "v1:AAAAAAAAAAAAAAAA:0",
    "%(name)s {0} {name} ${name}",
)

DATA = ("", "-", "v1:", "v1::0", "v1:x:9999", "v1:x:99999", "v1:" + "x" * 60, "v2:x:0", "v1:x:-1", "\ud83d", "x" * 64)

LANGUAGES = ("", "en", "es", "EN-us", "zz", "../../etc", "e" * 500)

OTHERS: tuple[Any, ...] = (None, [], {}, "", 0, True, [None], {"x": {}})
"""What is never of the type that was meant."""

NUMBERS = (0, 1, -1, 2**31, -(2**31), 2**53, 2**63, -(2**63), 10**30)
