"""Settings in the file .env of the working directory: none that stands there is passed over."""

import pytest

from config.settings import load_settings, setting_names
from models.errors import ConfigError


def test_a_dotenv_file_is_read_below_the_environment(tmp_path, monkeypatch):
    """The working directory's .env gives what the environment does not; its other programs' names are left alone."""
    (tmp_path / ".env").write_text(
        "POSTGRES_PASSWORD=x\nBARE\nCLIMATE_ARCHIVE_TIMEZONE=Asia/Tokyo\nCLIMATE_ARCHIVE_FETCH__CONTACT=a$HOME\n"
    )
    monkeypatch.chdir(tmp_path)
    for name in setting_names():
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CLIMATE_ARCHIVE_TIMEZONE", "Europe/Paris")
    settings = load_settings()
    assert (settings.timezone, settings.fetch.contact) == ("Europe/Paris", "a$HOME")


def test_a_dotenv_file_of_windows_is_read_from_its_first_line(tmp_path, monkeypatch):
    """A byte order mark is no part of the first name, and a carriage return none of a value."""
    (tmp_path / ".env").write_bytes(
        b"\xef\xbb\xbfCLIMATE_ARCHIVE_TIMEZONE=Asia/Tokyo\r\nCLIMATE_ARCHIVE_HOME=there\r\n"
    )
    monkeypatch.chdir(tmp_path)
    settings = load_settings()
    assert (str(settings.timezone), settings.home.name) == ("Asia/Tokyo", "there")


def test_a_misspelt_name_in_the_dotenv_file_is_an_error(tmp_path, monkeypatch):
    """A setting in .env is held to the same names."""
    (tmp_path / ".env").write_text("CLIMATE_ARCHIVE_TIMEZON=Asia/Tokyo\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match="CLIMATE_ARCHIVE_TIMEZON is not a setting"):
        load_settings()


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("CLIMATE_ARCHIVE_HOME: /srv/archive", id="as in YAML"),
        pytest.param("CLIMATE_ARCHIVE_HOME /srv/archive", id="as in a shell of old"),
        pytest.param('export CLIMATE_ARCHIVE_HOME="/srv/archive', id="a quote that nothing closes"),
        pytest.param("climate_archive_home", id="no value"),
        pytest.param("set CLIMATE_ARCHIVE_HOME=/srv/archive", id="as in a shell of Windows"),
        pytest.param('$env:CLIMATE_ARCHIVE_HOME="/srv/archive"', id="as in PowerShell"),
        pytest.param("- CLIMATE_ARCHIVE_HOME=/srv/archive", id="as in a list of compose"),
        pytest.param('"CLIMATE_ARCHIVE_HOME"="/srv/archive"', id="a name in quotes"),
        pytest.param("\u200bCLIMATE_ARCHIVE_HOME=/srv/archive", id="behind a character that nobody sees"),
        pytest.param("CLIMATE_ARCHIVE_HOME=/srv/archive CLIMATE_ARCHIVE_SHARDS=2", id="two in a line"),
    ],
)
def test_a_line_of_the_dotenv_file_that_sets_nothing_is_an_error(tmp_path, monkeypatch, line):
    """Passed over, it would begin another archive in the folder data; the line itself may hold a password."""
    (tmp_path / ".env").write_text(f"OTHER: program\n'theirs\n{line}\nCLIMATE_ARCHIVE_TIMEZONE=UTC\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=r"\.env in the working directory, line 3: .* NAME=value") as raised:
        load_settings()
    assert "/srv/archive" not in str(raised.value)


@pytest.mark.parametrize("opening", ["PASSWORD='x", "CLIMATE_ARCHIVE_FETCH__CONTACT='x"])
def test_a_setting_within_a_value_of_several_lines_is_an_error(tmp_path, monkeypatch, opening):
    """A quote that nothing closes in its own line swallows all up to the next one."""
    (tmp_path / ".env").write_text(f"\n\n{opening}\nCLIMATE_ARCHIVE_HOME=/srv/archive\nOTHER='\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=r"\.env in the working directory, line 4: .* a line before"):
        load_settings()


def test_lines_of_the_dotenv_file_that_only_speak_of_settings_are_left_alone(tmp_path, monkeypatch):
    """Comments, other programs' names and values, and a value of several lines of ours."""
    (tmp_path / ".env").write_text(
        "# CLIMATE_ARCHIVE_HOME\n\n#CLIMATE_ARCHIVE_HOME=a\nMY_CLIMATE_ARCHIVE_HOME=b\n"
        "COMMAND=docker run -e CLIMATE_ARCHIVE_HOME=c\n\n"
        "CLIMATE_ARCHIVE_TIMEZONE=Asia/Tokyo # was CLIMATE_ARCHIVE_TIMEZONE=UTC\n\n"
        "CLIMATE_ARCHIVE_ALERTS__URLS='ntfy://one,\nntfy://two'\n"
    )
    monkeypatch.chdir(tmp_path)
    settings = load_settings()
    assert (settings.timezone, settings.home.name, len(settings.alerts.urls)) == ("Asia/Tokyo", "data", 2)


@pytest.mark.parametrize("written", [b"A=\xff\xfe\n", "CLIMATE_ARCHIVE_HOME=x\n".encode("utf-16")])
def test_an_unreadable_dotenv_file_is_one_sentence(tmp_path, monkeypatch, written):
    """Bytes that are no text do not end in a traceback, and what to do is said."""
    (tmp_path / ".env").write_bytes(written)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=r"\.env in the working directory is not in UTF-8, .*: save it so"):
        load_settings()
