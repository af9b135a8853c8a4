"""Settings come from one mapping of names to texts, and every mistake in it is named."""

import pickle
import re
import subprocess
import sys
from pathlib import Path

import pytest
from msgspec.structs import asdict
from sqlalchemy import make_url
from yarl import URL

from config.settings import Settings, load_settings
from flows.steps._fetching.addresses import host_and_port
from models.errors import ConfigError


def test_a_fresh_machine_needs_no_setting():
    """Without a single variable every documented default holds."""
    settings = load_settings({})
    assert settings.home == Path("data").absolute()
    assert settings.sqlalchemy_url == f"sqlite:///{Path('data').absolute()}/archive.db"
    assert (settings.feeds_file, settings.topics_file) == (None, None)
    assert (settings.nightly_cron, settings.timezone, settings.zone.key) == ("15 4 * * *", "UTC", "UTC")
    assert (settings.pages.per_night, settings.pages.per_host) == (3000, 200)
    fetch = settings.fetch
    assert (fetch.total_timeout_s, fetch.connect_timeout_s, fetch.read_timeout_s) == (30, 5, 10)
    assert (fetch.feed_deadline_s, fetch.concurrency, fetch.per_host, fetch.host_interval_s) == (90, 20, 2, 1)
    assert (fetch.allow_private, fetch.contact) == (frozenset(), "")


def test_two_underscores_lead_into_a_group():
    """A nested name reaches its field, in any case of letters, and the other fields keep their defaults."""
    settings = load_settings(
        {"CLIMATE_ARCHIVE_FETCH__CONCURRENCY": "3", "climate_archive_pages__per_host": "7", "HOME": "/nowhere"}
    )
    assert (settings.fetch.concurrency, settings.fetch.per_host) == (3, 2)
    assert (settings.pages.per_host, settings.pages.per_night) == (7, 3000)
    assert settings.home == Path("data").absolute()


def test_allowed_private_addresses_are_a_list_with_commas():
    """Blanks and empty places between commas do not count; IPv6 addresses keep their brackets."""
    settings = load_settings({"CLIMATE_ARCHIVE_FETCH__ALLOW_PRIVATE": "127.0.0.1:8080, [::1]:90,,Localhost:1,"})
    assert settings.fetch.allow_private == {"127.0.0.1:8080", "[::1]:90", "localhost:1"}


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        pytest.param("Proxy.Example:8080", "proxy.example:8080", id="a name in capitals"),
        pytest.param("my_proxy:8080", "my_proxy:8080", id="a name that only a container has"),
        pytest.param("proxy.example.:8080", "proxy.example.:8080", id="a name with its last dot"),
        pytest.param("Bücher.example:80", "xn--bcher-kva.example:80", id="a name in another script"),
        pytest.param("xn--bcher-kva.example:80", "xn--bcher-kva.example:80", id="such a name as it is asked for"),
        pytest.param("[2001:DB8:0:0::1]:80", "[2001:db8::1]:80", id="an IPv6 address at its longest"),
        pytest.param("[fe80::1%eth0]:80", "[fe80::1%eth0]:80", id="an IPv6 address with its zone"),
        pytest.param("127.0.0.1:0080", "127.0.0.1:80", id="a port with noughts in front"),
    ],
)
def test_a_private_server_is_named_as_it_is_asked_for(given, asked):
    """However a person writes it, it is compared with the server behind a feed's address."""
    settings = load_settings({"CLIMATE_ARCHIVE_FETCH__ALLOW_PRIVATE": given})
    assert settings.fetch.allow_private == {asked}
    assert host_and_port(URL(f"http://{given}/feed")) == asked


def test_an_empty_value_means_the_default():
    """Compose files hand over unset variables as empty texts."""
    settings = load_settings({"CLIMATE_ARCHIVE_DATABASE_URL": "", "CLIMATE_ARCHIVE_FETCH__PER_HOST": " "})
    assert settings.sqlalchemy_url.startswith("sqlite:///")
    assert settings.fetch.per_host == 2


@pytest.mark.parametrize("name", ["100% of it", "a#b", "a&b=c", "été", "%41", "a?b"])
def test_the_database_lies_in_its_folder_whatever_that_is_called(name, tmp_path):
    """An address that would name a file elsewhere is refused: two folders would share it, and no copy hold it."""
    settings = load_settings({"CLIMATE_ARCHIVE_HOME": str(tmp_path / name)})
    if "?" in name:
        with pytest.raises(ConfigError, match="holds a question mark"):
            _ = settings.sqlalchemy_url
    else:
        assert make_url(settings.sqlalchemy_url).database == str(tmp_path / name / "archive.db")


def test_a_night_is_shared_on_postgresql_alone():
    """Workers that share a night need one server for it; more than eight shards are not given out."""
    database = {"CLIMATE_ARCHIVE_DATABASE_URL": "postgresql://me@db/archive"}
    assert load_settings(database | {"CLIMATE_ARCHIVE_SHARDS": "8"}).shards == 8
    assert load_settings(database).shards == 0
    with pytest.raises(ConfigError, match="CLIMATE_ARCHIVE_SHARDS: a night is shared out on PostgreSQL alone"):
        load_settings({"CLIMATE_ARCHIVE_SHARDS": "2"})
    with pytest.raises(ConfigError, match="CLIMATE_ARCHIVE_SHARDS: "):
        load_settings(database | {"CLIMATE_ARCHIVE_SHARDS": "9"})


def test_a_password_is_never_shown():
    """The database's password is in the URL for the engine and in no representation of the settings."""
    settings = load_settings({"CLIMATE_ARCHIVE_DATABASE_URL": "postgresql://me:pa$$word@db/archive"})
    assert settings.sqlalchemy_url == "postgresql://me:pa$$word@db/archive"
    assert "pa$$word" not in f"{settings!r} {settings} {asdict(settings)}"


def test_a_tilde_is_the_home_folder_of_the_user():
    """Paths are made absolute, so that a change of the working directory moves nothing."""
    settings = load_settings({"CLIMATE_ARCHIVE_HOME": "~/archive", "CLIMATE_ARCHIVE_FEEDS_FILE": "mine.yaml"})
    assert settings.home == Path.home() / "archive"
    assert settings.feeds_file == Path("mine.yaml").absolute()


@pytest.mark.parametrize(
    ("name", "closest"),
    [
        pytest.param("CLIMATE_ARCHIVE_FEED_FILE", "CLIMATE_ARCHIVE_FEEDS_FILE", id="a letter is missing"),
        pytest.param("CLIMATE_ARCHIVE_FETCH__CONCURENCY", "CLIMATE_ARCHIVE_FETCH__CONCURRENCY", id="inside a group"),
        pytest.param("CLIMATE_ARCHIVE_PAGES_PER_HOST", "CLIMATE_ARCHIVE_PAGES__PER_HOST", id="one underscore short"),
        pytest.param("CLIMATE_ARCHIVE_FETCH", "CLIMATE_ARCHIVE_FETCH__CONTACT", id="a group is no setting"),
        pytest.param("CLIMATE_ARCHIVE_NO_SUCH_SETTING", "CLIMATE_ARCHIVE_", id="nothing like it"),
    ],
)
@pytest.mark.parametrize("value", ["1", ""], ids=["with a value", "empty"])
def test_a_misspelt_name_is_an_error_that_names_the_closest(name, closest, value):
    """A name with our prefix that is no setting stops the program, with a value or without."""
    with pytest.raises(ConfigError) as caught:
        load_settings({name: value})
    assert str(caught.value).startswith(f"{name} is not a setting; did you mean {closest}")


def test_names_of_the_pages_are_written_as_browsers_write_them():
    """In small letters, IPv6 in its shortest form; the port may be missing."""
    given = "Archive.Example.org, 10.0.0.7:8080,[2001:DB8:0:0::1]:8080,[::1]"
    names = load_settings({"CLIMATE_ARCHIVE_WEB__NAMES": given}).web.names
    assert names == ("archive.example.org", "10.0.0.7:8080", "[2001:db8::1]:8080", "[::1]")


def test_every_near_name_is_offered():
    """Where several settings are about as like the misspelt one, all of them are named, and no other."""
    with pytest.raises(ConfigError) as caught:
        load_settings({"CLIMATE_ARCHIVE_FETCH__TIMEOUT": "10"})
    names = set(re.findall(r"CLIMATE_ARCHIVE_\w+", str(caught.value).partition("; ")[2]))
    kinds = ("READ", "TOTAL", "CONNECT")
    assert names == {f"CLIMATE_ARCHIVE_FETCH__{kind}_TIMEOUT_S" for kind in kinds}


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        pytest.param("FETCH__CONCURRENCY", "many", "valid integer", id="not a number"),
        pytest.param("FETCH__CONCURRENCY", "0", "greater than 0", id="no request at all"),
        pytest.param("FETCH__READ_TIMEOUT_S", "inf", "finite", id="an endless timeout"),
        pytest.param("FETCH__HOST_INTERVAL_S", "-1", "greater than or equal to 0", id="a negative pause"),
        pytest.param("FETCH__ALLOW_PRIVATE", "127.0.0.1", "not host:port", id="a private host without a port"),
        pytest.param("FETCH__ALLOW_PRIVATE", "a:70000", "not host:port", id="a port that does not exist"),
        pytest.param("FETCH__ALLOW_PRIVATE", "http://x:80", "a scheme, a path", id="an address with its scheme"),
        pytest.param("FETCH__ALLOW_PRIVATE", "x:80/feed", "not host:port", id="a host with a path"),
        pytest.param("FETCH__ALLOW_PRIVATE", "me@x:80", "not host:port", id="a host with a person"),
        pytest.param("FETCH__ALLOW_PRIVATE", "x:80?a", "not host:port", id="a host with a query"),
        pytest.param("FETCH__ALLOW_PRIVATE", "x?y:80", "not host:port", id="a query that ends as a port does"),
        pytest.param("FETCH__ALLOW_PRIVATE", "x#y:80", "not host:port", id="a fragment that ends as a port does"),
        pytest.param("FETCH__ALLOW_PRIVATE", "a:0", "not host:port", id="a port that nobody listens at"),
        pytest.param("FETCH__ALLOW_PRIVATE", "a:\u0663", "not host:port", id="a port in other figures"),
        pytest.param("FETCH__ALLOW_PRIVATE", ":80", "not host:port", id="a port without a host"),
        pytest.param("FETCH__ALLOW_PRIVATE", "é..x:80", "no host's name", id="a name with a gap in it"),
        pytest.param("FETCH__ALLOW_PRIVATE", "[1:2]:80", "no IPv6 address", id="brackets around what is no host"),
        pytest.param("FETCH__ALLOW_PRIVATE", "::1:80", "in brackets", id="an inside address without brackets"),
        pytest.param("WEB__NAMES", "https://archive.example.org", "not HOST or HOST:PORT", id="an address for a name"),
        pytest.param("WEB__NAMES", "archive.example.org:0", "not HOST or HOST:PORT", id="a name at no port"),
        pytest.param("WEB__NAMES", "archive.example.org:", "not HOST or HOST:PORT", id="a name without its port"),
        pytest.param("WEB__NAMES", "*", "not HOST or HOST:PORT", id="a pattern for a name"),
        pytest.param("WEB__NAMES", "bücher.example", "not HOST or HOST:PORT", id="a name that no browser sends so"),
        pytest.param("WEB__NAMES", "2001:db8::1", "in brackets", id="an IPv6 address without brackets"),
        pytest.param("WEB__NAMES", "[1:2]:80", "no IPv6 address", id="brackets around what is no address"),
        pytest.param("FETCH__CONTACT", "a\nX-Header: b", "plain ASCII on one line", id="a header injected"),
        pytest.param("TIMEZONE", "Europe", "no such time zone", id="a folder of time zones"),
        pytest.param("TIMEZONE", "Mars/Base", "no such time zone", id="an unknown time zone"),
        pytest.param("TIMEZONE", "/etc/passwd", "no such time zone", id="a path for a time zone"),
        pytest.param("MEANING__SECOND_READER", "maybe", "valid boolean", id="neither yes nor no"),
        pytest.param("WEB__PORT", "65536", "less than or equal to 65535", id="a port above all ports"),
        pytest.param("HOME", "~no-such-user/a", "home folder of that user", id="a home folder of nobody"),
        pytest.param("NIGHTLY_CRON", "15 4", "five fields", id="a schedule cut short"),
        pytest.param("NIGHTLY_CRON", "0 15 4 * * *", "five fields", id="a schedule with seconds"),
        pytest.param("NIGHTLY_CRON", "99 * * * *", "bad minute", id="a minute that no hour has"),
        pytest.param("NIGHTLY_CRON", "0 0 31 2 *", "bad day-of-month", id="a day that no February has"),
        pytest.param("NIGHTLY_CRON", "0 0 LW * *", "day-of-month 'lw'", id="a last working day, which Prefect refuses"),
        pytest.param("NIGHTLY_CRON", "0 0 * * 5L", "day-of-week '5l'", id="a last Friday, which Prefect refuses"),
        pytest.param("NIGHTLY_CRON", "0 0 */2 * 1", "name one", id="a day of the month and one of the week"),
        pytest.param("NIGHTLY_CRON", "0 0 * * MON#6", "bad day-of-week", id="a sixth Monday"),
    ],
)
def test_an_impossible_value_is_named_with_its_setting(name, value, reason):
    """The sentence holds the name, the reason and the value."""
    with pytest.raises(ConfigError) as caught:
        load_settings({f"CLIMATE_ARCHIVE_{name}": value})
    message = str(caught.value)
    assert message.startswith(f"CLIMATE_ARCHIVE_{name}: ")
    assert reason in message
    assert repr(value) in message


@pytest.mark.parametrize(
    ("text", "value"),
    [("7", 7), (" +7\n", 7), ("1_000", 1000), ("5.0", 5), ("0007", 7), ("9" * 30, int("9" * 30))],
)
def test_a_whole_number_is_read_however_it_is_written(text, value):
    """Blanks around it, a sign, parts of it and a fraction of nothing are no mistakes."""
    assert load_settings({"CLIMATE_ARCHIVE_FETCH__CONCURRENCY": text}).fetch.concurrency == value


@pytest.mark.parametrize("text", ["5.5", "1e3", "1__0", "0x10", "\u0663", "5 0", "+-5", "5.", "\udcff", "9" * 5000])
def test_what_is_no_whole_number_is_not_taken_for_one(text):
    """Nor is a number in other digits than these, nor one that no machine would count to."""
    with pytest.raises(ConfigError, match="as an integer"):
        load_settings({"CLIMATE_ARCHIVE_FETCH__CONCURRENCY": text})


@pytest.mark.parametrize(("text", "value"), [(" 7 ", 7.0), ("1e3", 1000.0), (".5", 0.5), ("1_0.5", 10.5)])
def test_a_span_of_time_may_have_a_fraction(text, value):
    """It is read as Python reads numbers."""
    assert load_settings({"CLIMATE_ARCHIVE_FETCH__READ_TIMEOUT_S": text}).fetch.read_timeout_s == value


@pytest.mark.parametrize("text", ["many", "0x1", "1__0", "\u0663", "\udcff", "0", "-0.1", "nan", "-inf", "9" * 400])
def test_what_is_no_span_of_time_is_not_taken_for_one(text):
    """Nor is one that never ends, or has no length."""
    with pytest.raises(ConfigError, match=r"CLIMATE_ARCHIVE_FETCH__READ_TIMEOUT_S: Input should be "):
        load_settings({"CLIMATE_ARCHIVE_FETCH__READ_TIMEOUT_S": text})


@pytest.mark.parametrize(("texts", "value"), [("1 on ON t True y Yes", True), ("0 off f FALSE n No", False)])
def test_yes_and_no_are_read_in_every_usual_word(texts, value):
    """Their capitals do not count."""
    for text in texts.split():
        assert load_settings({"CLIMATE_ARCHIVE_MEANING__SECOND_READER": text}).meaning.second_reader is value


def test_a_share_may_be_without_bound():
    """Reading takes the share that is asked for, all it wants to, or none; less than none is a mistake."""
    shares = {
        text: load_settings({"CLIMATE_ARCHIVE_MEANING__SHARE": text}).meaning.share for text in ("0", "0.5", "inf")
    }
    assert shares == {"0": 0, "0.5": 0.5, "inf": float("inf")}
    for text in ("-1", "nan", "much"):
        with pytest.raises(ConfigError, match="CLIMATE_ARCHIVE_MEANING__SHARE: Input should be "):
            load_settings({"CLIMATE_ARCHIVE_MEANING__SHARE": text})


def test_the_defaults_are_values_that_could_be_given():
    """The schedule and the time zone that nobody chose are held to the same rules."""
    given = {f"CLIMATE_ARCHIVE_{name}": getattr(Settings(), name.lower()) for name in ("NIGHTLY_CRON", "TIMEZONE")}
    assert load_settings(given) == load_settings({})


def test_a_wrong_database_url_is_named_without_its_password():
    """A scheme that cannot be served is an error, and the URL is not repeated."""
    with pytest.raises(ConfigError) as caught:
        load_settings({"CLIMATE_ARCHIVE_DATABASE_URL": "mysql://me:secret@db/archive"})
    assert "postgresql://" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_token_is_long_and_is_never_shown():
    """One that can be guessed is an error with what it lacks; neither it nor a good one is repeated anywhere."""
    with pytest.raises(ConfigError, match="CLIMATE_ARCHIVE_WEB__TOKEN: it has 7 characters, and needs 24") as caught:
        load_settings({"CLIMATE_ARCHIVE_WEB__TOKEN": " hunter2 "})
    assert "hunter2" not in str(caught.value)
    settings = load_settings({"CLIMATE_ARCHIVE_WEB__TOKEN": " correct-horse-battery-staple "})
    assert settings.web.token is not None
    assert settings.web.token.revealed() == "correct-horse-battery-staple"
    assert "horse" not in f"{settings!r} {settings} {asdict(settings)}"
    assert load_settings({"CLIMATE_ARCHIVE_WEB__TOKEN": " "}).web.token is None


def test_every_mistake_is_told_at_once():
    """Two wrong values make two lines."""
    with pytest.raises(ConfigError) as caught:
        load_settings({"CLIMATE_ARCHIVE_TIMEZONE": "x", "CLIMATE_ARCHIVE_PAGES__PER_HOST": "x"})
    assert len(str(caught.value).splitlines()) == 2


def test_settings_do_not_change_and_travel_to_workers():
    """They are frozen all the way down, and pickle gives an equal value."""
    settings = load_settings({"CLIMATE_ARCHIVE_FETCH__ALLOW_PRIVATE": "127.0.0.1:1"})
    with pytest.raises(AttributeError):
        settings.timezone = "UTC"  # type: ignore[misc]
    with pytest.raises(AttributeError):
        settings.fetch.concurrency = 1  # type: ignore[misc]
    assert pickle.loads(pickle.dumps(settings)) == settings


def test_building_settings_by_keyword_ignores_the_environment(monkeypatch):
    """Only load_settings looks at the environment."""
    monkeypatch.setenv("CLIMATE_ARCHIVE_TIMEZONE", "Asia/Tokyo")
    assert Settings(home=Path("/x")).timezone == "UTC"


def test_importing_the_settings_imports_no_library():
    """Commands that only read must start fast."""
    code = "import sys, config.settings as s; s.load_settings({}); "
    code += "sys.exit(any(name in sys.modules for name in ('prefect', 'sqlalchemy', 'pydantic', 'cronsim')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
