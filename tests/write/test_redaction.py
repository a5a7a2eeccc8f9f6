"""What is to be redacted never reaches the file: no face, no log, no raw message, in either language."""

from __future__ import annotations

import json

import pytest

from polymem import Memory
from polymem.errors import ConfigError, InputError
from polymem.testing.clock import FrozenClock
from polymem.text.sensitive import FINDERS
from polymem.write.redact import Redactor, make_redactor

SECRETS = {
    "card": [
        "4111 1111 1111 1111",
        "4111111111111111",
        "5500-0000-0000-0004",
        "４１１１１１１１１１１１１１１１",
    ],
    "iban": ["DE89 3704 0044 0532 0130 00", "GB82WEST12345698765432"],
    "cn_id": ["11010519491231002X", "11010519491231002x"],
    "email": ["ann.lee@example.co.uk", "zhang@qq.com"],
    "phone": ["+49 170 1234567", "13812345678", "010-12345678", "(212) 555-0199"],
    "ssn": ["123-45-6789"],
    "api_key": [
        "sk-abcdefghijklmnop1234",
        "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
        "AKIAIOSFODNN7EXAMPLE",
    ],
    "ip": ["192.168.10.254", "2001:db8::8a2e:370:7334"],
    "url_credentials": ["https://bob:s3cr3tpw@db.example.org/x"],
}
HARMLESS = [
    "I have 3 cats and was born on 1990-01-02.",
    "The meeting is at 12:30:45 on 2024-06-14.",
    "Order 1234567890123 arrived; version 1.2.3.4.5 is out.",
    "Pi is 3.14159265358979323846264338327950288.",
    "My password is a secret.",
    "身份证号码不能随便告诉别人。我有三只猫，今年34岁。",
    "订单号是11010519491231002112，2024年6月14日发货。",
    "4111 1111 1111 1112 has a wrong check digit.",
    "",
]
IN = ["my secret is {} ok", "我的号码是{}，别告诉别人。", "{}", "({})", "a {}."]


def flat(name: str) -> list[tuple[str, str]]:
    return [(name, secret) for secret in SECRETS[name]]


@pytest.mark.parametrize(("name", "secret"), [pair for name in SECRETS for pair in flat(name)])
@pytest.mark.parametrize("around", IN)
def test_each_kind_is_found_alone_and_in_both_languages(name, secret, around):
    redactor = make_redactor([name], [], None)
    assert redactor is not None
    text, n = redactor.text(around.format(secret))
    hidden = "bob:s3cr3tpw" if name == "url_credentials" else secret
    assert n == 1
    assert f"[{name}]" in text
    assert hidden not in text


def whole() -> Redactor:
    """Return what knows every built-in pattern."""
    redactor = make_redactor(["all"], [], None)
    assert redactor is not None
    return redactor


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_no_secret_stays(text):
    assert whole().text(text) == (text, 0)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("password: hunter2!x and more", "password: [password] and more"),
        ("密码是abc12345。", "密码是[password]。"),
        ("API_KEY=abcdef123456", "API_KEY=[password]"),
        ("card 4111 1111 1111 1111 12/26 123", "card [card] 12/26 123"),
        ("CVV 123 5500 0000 0000 0004", "CVV 123 [card]"),
        ("两张卡4111111111111111和5500000000000004", "两张卡[card]和[card]"),
    ],
)
def test_only_the_secret_goes(text, left):
    assert whole().text(text)[0] == left


@pytest.mark.parametrize("name", FINDERS)
@pytest.mark.parametrize(
    "unit", ["a", "1", "1 ", "-", "1-", "a.", "::", "A1", "x@", "://", "+1", "密", "sk-"]
)
def test_the_time_grows_with_the_length_alone(name, unit):
    # A pattern that looked back from every place would take minutes.
    assert isinstance(list(FINDERS[name](unit * (200_000 // len(unit)))), list)


def opened(tmp_path, config=None, **more):
    return Memory(
        tmp_path / "m.db", config=config or {"redaction": {"patterns": ["all"]}}, clock=FrozenClock(), **more
    )


def bytes_of(folder) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir())


CARD, MAIL = "4111111111111111", "ann.lee@example.org"


def test_the_file_never_holds_it(tmp_path):
    with opened(tmp_path) as m:
        added = m.add(
            [
                {
                    "role": "user",
                    "content": f"My card is {CARD}. I live in Berlin. 我的邮箱是{MAIL}。",
                    "name": MAIL,
                    "metadata": {
                        "note": f"card {CARD}",
                        "deep": [{"mail": MAIL, CARD: 1}],
                        "number": int(CARD),
                    },
                },
                {
                    "role": "assistant",
                    "content": None,
                    "tool_calls": [{"function": {"name": "pay", "arguments": json.dumps({"card": CARD})}}],
                },
            ],
            user_id="ann",
            metadata={"from": MAIL},
            idempotency_key="k",
        )
        assert added.n_redacted >= 7
        item = m.update(added.items[0].id, f"The new card is {CARD}. I live in Rome.", metadata={"m": MAIL})
        assert "[card]" in item.text
        assert item.metadata == {"m": "[email]"}
        assert m.search("card", user_id="ann")
    stored = bytes_of(tmp_path)
    for secret in (CARD, MAIL, "ann.lee", "41111111"):
        assert secret.encode() not in stored
    assert b"[card]" in stored


def test_without_the_setting_nothing_is_touched(tmp_path):
    with Memory(tmp_path / "m.db", clock=FrozenClock()) as m:
        added = m.add(f"My card is {CARD}.", user_id="ann")
        assert added.n_redacted == 0
        assert CARD in added.items[0].text
    assert CARD.encode() in bytes_of(tmp_path)


def test_a_retry_is_known_again_whatever_was_redacted(tmp_path):
    with opened(tmp_path) as m:
        first = m.add(f"card {CARD}", user_id="ann", idempotency_key="k")
        again = m.add(f"card {CARD}", user_id="ann", idempotency_key="k")
        assert again.replayed
        assert again.ids == first.ids


def test_whoever_speaks_under_the_id_of_the_owner_stays_the_owner(tmp_path):
    with opened(tmp_path) as m:
        m.add({"role": "user", "name": MAIL, "content": "I live in Berlin."}, user_id=MAIL)
        assert str(m.profile(user_id=MAIL)["residence"]) == "Berlin"


def test_a_function_comes_after_the_patterns(tmp_path):
    seen = []

    def redact(text: str) -> str:
        seen.append(text)
        return text.replace("张三丰", "[名字]")

    with opened(tmp_path, redact=redact) as m:
        added = m.add(f"我的朋友张三丰的卡号是{CARD}。", user_id="ann")
        assert added.items[0].text == "我的朋友[名字]的卡号是[card]。"
        assert added.n_redacted == 2
    assert all(CARD not in text for text in seen)
    assert "张三丰".encode() not in bytes_of(tmp_path)


@pytest.mark.parametrize("wrong", [lambda text: None, lambda text: text.encode(), lambda text: 3])
def test_a_function_that_gives_no_text_stores_nothing(tmp_path, wrong):
    with opened(tmp_path, redact=wrong) as m:
        with pytest.raises(InputError) as error:
            m.add(f"card {CARD}", user_id="ann")
        assert CARD not in str(error.value)
        assert not m.get_all(user_id="ann")


async def _awaited(text: str) -> str:
    return text


@pytest.mark.parametrize("wrong", ["text", 3, _awaited])
def test_what_is_no_plain_function_is_refused(tmp_path, wrong):
    with pytest.raises(ConfigError):
        Memory(tmp_path / "m.db", redact=wrong)


def test_own_patterns_and_their_groups(tmp_path):
    own = {"staff": r"工号\d{4}", "ticket": r"ticket (?P<value>[A-Z]{2}-\d+)"}
    with opened(tmp_path, {"redaction": {"own": own}}) as m:
        added = m.add("工号1234的同事提交了 ticket AB-77，卡号" + CARD, user_id="ann")
        assert added.items[0].text == f"[staff]的同事提交了 ticket [ticket]，卡号{CARD}"
        assert added.n_redacted == 2


@pytest.mark.parametrize(
    "expression",
    [
        "(a+)+b",
        "(a|aa)*b",
        "(?:x{1,3}){2,}",
        r"(\w)\1",
        "(a?){30}a",
        "((a+))+",
        "x*",
        "(",
        "a" * 501,
        "a+b+c+d+e",
        "(?P<n>a)(?P=n)",
    ],
)
def test_expressions_that_may_take_for_ever_are_refused_and_not_shown(tmp_path, expression):
    with pytest.raises(ConfigError) as error:
        opened(tmp_path, {"redaction": {"own": {"mine": expression}}})
    assert expression not in str(error.value) or expression == "("
    assert "mine" in str(error.value)


@pytest.mark.parametrize(
    "expression", [r"\d{3}-\d+", "(ab)+c", "[a-z]+?@x", r"emp-(\d{4}|\d{6})", "(?<=x)a+(?!y)", "工号[0-9]{4}"]
)
def test_usual_expressions_pass(expression):
    assert make_redactor([], [("mine", expression)], None) is not None


@pytest.mark.parametrize(
    "config",
    [
        {"redaction": {"patterns": ["credit"]}},
        {"redaction": {"patterns": "card"}},
        {"redaction": {"own": {"card": "x"}}},
        {"redaction": {"own": {"Bad Name": "x"}}},
        {"redaction": {"own": {"all": "x"}}},
    ],
)
def test_bad_settings_are_named(tmp_path, config):
    with pytest.raises(ConfigError, match="redaction"):
        opened(tmp_path, config)


def test_an_import_that_holds_it_is_refused_whole(tmp_path):
    with Memory(tmp_path / "a.db", clock=FrozenClock()) as m:
        m.add("I live in Berlin.", user_id="ann")
        m.add(f"我的卡号是{CARD}。", user_id="ann")
        m.export(tmp_path / "out.jsonl")
    folder = tmp_path / "b"
    folder.mkdir()
    with opened(folder) as m:
        with pytest.raises(InputError) as error:
            m.import_(tmp_path / "out.jsonl")
        assert CARD not in str(error.value)
        assert int(str(error.value.record)) > 1
        assert not m.get_all(user_id="ann")
    assert CARD.encode() not in bytes_of(folder)


def test_an_import_without_it_passes(tmp_path):
    with Memory(tmp_path / "a.db", clock=FrozenClock()) as m:
        m.add("I live in Berlin. 我喜欢咖啡。", user_id="ann", metadata={"a": "b"})
        m.export(tmp_path / "out.jsonl")
    folder = tmp_path / "b"
    folder.mkdir()
    with opened(folder) as m:
        assert m.import_(tmp_path / "out.jsonl") >= 2
        assert m.verify() == []
