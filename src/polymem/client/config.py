"""Settings: where they come from, what they may be. The only reader of the environment and of configuration files.

Order of precedence: the call, the file (TOML), the environment (``POLYMEM__STORE__PATH``), the default. An unknown
setting is an error, never ignored.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias, get_args

from polymem.client.settings import SETTINGS
from polymem.client.values import checked, flat
from polymem.domain.slotted import dataclass
from polymem.errors import ConfigError

Origin: TypeAlias = Literal["call", "file", "environment", "default"]
ORIGINS: Final[tuple[Origin, ...]] = get_args(Origin)
"""What comes earlier overrides what comes later."""
PREFIX: Final = "POLYMEM__"
HOME: Final = "POLYMEM_HOME"
CONFIG_FILE: Final = "POLYMEM_CONFIG"
MASK: Final = "********"


@dataclass(frozen=True, slots=True)
class Config:
    """All settings with their values and where each comes from.

    Example:
        >>> config = load_config({"store": {"path": "/tmp/m.db"}})
        >>> config["store.path"], config.origin("store.path")
        ('/tmp/m.db', 'call')
    """

    values: Mapping[str, Any] = field(repr=False)
    origins: Mapping[str, Origin]

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def origin(self, name: str) -> Origin:
        """Return where a setting's value comes from."""
        return self.origins[name]

    def given_with(self, name: str, chosen: str) -> bool:
        """Tell whether somebody set *name* where *chosen* was decided, or in a place that overrides it."""
        if self.values[name] == SETTINGS[name].default:
            return False
        return ORIGINS.index(self.origins[name]) <= ORIGINS.index(self.origins[chosen])

    def shown(self) -> Iterator[tuple[str, Any, Origin]]:
        """Yield every setting with its value, secrets masked, and its origin."""
        for name, setting in SETTINGS.items():
            value = self.values[name]
            yield name, MASK if setting.secret and value is not None else value, self.origins[name]

    @property
    def path(self) -> Path:
        """The store's file."""
        given = self.values["store.path"]
        return Path(given).expanduser() if given else data_folder() / "memory.db"

    def key(self, section: str, *, usual: Sequence[str] = ()) -> str | None:
        """Return the key of a section's provider, None if there is none.

        Args:
            section: "llm" or "embedder".
            usual: Variables in which the provider's key is looked for if the settings name none; one has to be set.

        Raises:
            ConfigError: The variable that ``api_key_env`` names is not set, or none of the usual ones is.
        """
        key: str | None = self.values[f"{section}.api_key"]
        variable = self.values[f"{section}.api_key_env"]
        if key is not None or not (variable or usual):
            return key
        for name in (variable,) if variable else usual:
            if os.environ.get(name):
                return os.environ[name]
        wanted = variable or " or ".join(usual)
        raise ConfigError(
            f"the environment variable {wanted} is not set",
            setting=f"{section}.api_key_env" if variable else f"{section}.api_key",
        )

    @property
    def zone(self) -> tzinfo:
        """The zone in which today is meant.

        Raises:
            ConfigError: There is no such zone.
        """
        name = self.values["time.zone"]
        if name == "UTC":
            return UTC
        # The reader of time zones is loaded where there is one to read.
        from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ConfigError(f"time.zone {name!r} is not an IANA time zone", setting="time.zone") from error


def data_folder() -> Path:
    """Return the folder of the user's data: ``POLYMEM_HOME``, or where the system keeps such things."""
    home = os.environ.get(HOME)
    if home:
        return Path(home).expanduser()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", str(Path.home()))) / "polymem"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "polymem"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "polymem"


def config_file() -> Path | None:
    """Return the configuration file that applies: ``POLYMEM_CONFIG``, or ``config.toml`` in the data folder."""
    named = os.environ.get(CONFIG_FILE)
    if named:
        return Path(named).expanduser()
    usual = data_folder() / "config.toml"
    try:
        return usual if usual.is_file() else None
    except PermissionError:
        # A service may run as a user who cannot look into the home that its environment names.
        return None


def load_config(
    given: Mapping[str, Any] | str | Path | None = None, *, path: str | Path | None = None
) -> Config:
    """Gather the settings.

    Args:
        given: Settings of the call as a nested mapping, or the path of a TOML file to use instead of the usual one.
        path: Overrides ``store.path``.

    Raises:
        ConfigError: A setting is unknown or its value cannot be used; a file cannot be read.
    """
    _check_form(given)
    file = Path(given) if isinstance(given, (str, Path)) else config_file()
    layers: list[tuple[Origin, dict[str, Any]]] = [
        ("environment", _environment()),
        ("file", {} if file is None else flat(_read(file))),
        ("call", {} if given is None or isinstance(given, (str, Path)) else flat(given)),
    ]
    if path is not None:
        layers[-1][1]["store.path"] = str(path)
    values: dict[str, Any] = {name: setting.default for name, setting in SETTINGS.items()}
    origins: dict[str, Origin] = dict.fromkeys(SETTINGS, "default")
    for origin, layer in layers:
        for name, value in layer.items():
            values[name] = checked(name, value, origin=origin)
            origins[name] = origin
    return Config(values, origins)


def _check_form(given: object) -> None:
    if given is not None and not isinstance(given, (str, Path, Mapping)):
        raise ConfigError(
            f"config must be a dict of settings or the path of a TOML file, not {type(given).__name__}",
            argument="config",
        )


def _read(file: Path) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"the configuration file {str(file)!r} cannot be read", path=str(file)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"the configuration file {str(file)!r} is not TOML", path=str(file)) from error


def _environment() -> dict[str, Any]:
    return {
        key[len(PREFIX) :].lower().replace("__", "."): value
        for key, value in os.environ.items()
        if key.startswith(PREFIX)
    }
