"""The suite's settings: one YAML a concern under config/, every key checked, unknown keys refused."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated, Literal, TypeVar, cast
from urllib.parse import urlsplit

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from bots.cases.errors import ConfigProblem

ROOT = Path(__file__).resolve().parents[2]
Model = TypeVar("Model", bound=BaseModel)


class Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class BrowserSettings(Settings):
    path: str | None = None
    headed: bool = False
    timeout_s: float = Field(default=10.0, gt=0)
    session_hours: float = Field(default=8.0, ge=0)
    """How long a log-in is kept for the next run, encrypted; 0 keeps none."""


class PortalSettings(Settings):
    """One program: which product, where, and who logs in."""

    product: str
    portal: str
    book: str
    url: str = ""
    account: str
    totp: bool = False
    command: tuple[str, ...] = ()
    """Desktop programs: how the program is started."""
    serves: tuple[str, ...] = ()
    """Carriers: names under which the ERP knows them. Payment programs: payment methods they refund."""


class OauthSettings(Settings):
    """Where access tokens come from, for mailboxes without passwords."""

    token_url: str
    """Gmail: https://oauth2.googleapis.com/token. Microsoft 365: https://login.microsoftonline.com/TENANT/oauth2/v2.0/token"""
    client_id: str
    scope: str = ""
    """Microsoft 365: https://outlook.office365.com/.default (application) or the IMAP and SMTP scopes (delegated); Gmail: empty."""
    refresh: bool = True
    """Whether the keyring holds a refresh token (ACCOUNT-refresh); otherwise the client's own credentials are used (Microsoft 365 applications)."""


class MailSettings(Settings):
    imap: str
    """host:port"""
    smtp: str
    """host:port"""
    tls: Literal["ssl", "starttls", "none"] = "ssl"
    account: str
    address: str
    """From address of answers."""
    inbox: str = "INBOX"
    done_folder: str = "Processed"
    exceptions_folder: str = "Exceptions"
    max_mb: int = 20
    answers_a_day: int = Field(default=10, ge=0)
    """After this many answers to a customer within 24 hours, what a further mail calls forth waits for a person: loop protection."""
    answers_a_thread: int = Field(default=12, ge=0)
    """As `answers_a_day`, of one case and without end."""
    authserv_id: str = ""
    """How our own receiving server names itself in Authentication-Results."""
    oauth: OauthSettings | None = None
    """Set for XOAUTH2 instead of a password; the keyring then holds ACCOUNT-client (the client secret) and ACCOUNT-refresh."""


MAINTENANCE = r"^(Mon|Tue|Wed|Thu|Fri|Sat|Sun) ([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-4]):[0-5]\d$"


class GuardrailSettings(Settings):
    """What stops a commit before its click; amounts in minor units by currency."""

    mode: dict[str, Literal["shadow", "suggest", "auto_below_limit", "auto"]] = Field(default_factory=dict)
    cap_item: dict[str, int] = Field(default_factory=dict)
    cap_run: dict[str, int] = Field(default_factory=dict)
    cap_day: dict[str, int] = Field(default_factory=dict)
    cap_payee_day: dict[str, int] = Field(default_factory=dict)
    hours: tuple[int, int] = (0, 24)
    """Business hours (UTC) in which money may move."""
    maintenance: tuple[Annotated[str, Field(pattern=MAINTENANCE)], ...] = ()
    """Weekly windows (UTC) in which nothing is committed, such as "Sun 02:00-04:00"; both ends on the same day."""
    four_eyes: dict[str, int] = Field(default_factory=dict)
    """Above this, two different people must approve the same terms."""
    canary: bool = True
    """Whether the first refund after a change of locators or settings goes alone, and the others wait until it is read back."""
    stop_file: str = "STOP"
    """A file of this name in the workspace stops every commit at once."""


class StandInSettings(Settings):
    """What another maker's program takes the place of in a practice back office."""

    erp: PortalSettings | None = None
    payments: dict[str, PortalSettings] = Field(default_factory=dict)


class PracticeSettings(Settings):
    """The practice back office that comes with the suite; switched off for real work."""

    enabled: bool = False
    cases: int = 60
    seed: int = 1
    nights: int = 12
    products: dict[str, StandInSettings] = Field(default_factory=dict)
    """Other makers' programs by name, and the programs whose place each takes: see `demo --on`."""


class LlmSettings(Settings):
    """A language model as second reader, behind any address that speaks OpenAI's chat completions. Off unless it is switched on."""

    enabled: bool = False
    url: str = ""
    """Where it is asked, up to the version: https://llm.example.com/v1. Plain http only on this machine."""
    model: str = ""
    account: str = "llm"
    """The secret that holds its key; empty: it asks for none."""
    ask: Literal["unsure", "always"] = "unsure"
    tasks: tuple[Literal["mail", "notes", "advice", "narrative"], ...] = ("mail", "notes", "advice", "narrative")
    timeout_s: float = Field(default=20.0, gt=0, le=600)
    calls_a_day: int = Field(default=300, ge=0)
    cache_days: int = Field(default=30, ge=0)
    redact: tuple[Literal["names", "addresses", "mails", "phones", "bank"], ...] = ("names", "addresses", "mails", "phones", "bank")

    @model_validator(mode="after")
    def _whole(self) -> LlmSettings:
        if self.enabled:
            if not self.url or not self.model:
                raise ValueError("`enabled: true` needs `url` and `model`")
            place = urlsplit(self.url)
            if place.scheme != "https" and not (place.scheme == "http" and place.hostname in ("127.0.0.1", "localhost", "::1")):
                raise ValueError("`url` must begin with https:// (http:// only for 127.0.0.1, localhost or ::1): mail and key would travel in the clear")
            if place.username or place.password:
                raise ValueError("`url` holds a user or password; keep the key with `run_bot.py secrets set` and name it in `account`")
        return self


class SuiteSettings(Settings):
    """config/suite.yaml"""

    workspace: str = "workspace"
    store_url: str | None = None
    captions: Literal["en", "zh"] = "en"
    books_currency: str = "CNY"
    seller_name: str
    seller_vat: str = ""
    seller_address: str = ""
    seller_eori: str = ""
    clock_file: str | None = None
    secrets: Literal["system", "cryptfile", "practice"] = "system"
    browser: BrowserSettings = BrowserSettings()
    order_shapes: tuple[str, ...] = ()
    mailbox: MailSettings
    drop_folder: str = "in"
    erp: PortalSettings
    wms: PortalSettings
    carriers: dict[str, PortalSettings]
    payments: dict[str, PortalSettings]
    banks: dict[str, PortalSettings] = Field(default_factory=dict)
    evidence_days: int = Field(default=0, ge=0)
    """Days after its close that a case's evidence is kept; 0: for ever."""
    desks: int = Field(default=1, ge=1, le=8)
    attempts: int = Field(default=3, ge=1)
    retry_after_minutes: int = Field(default=15, ge=0)
    llm: LlmSettings = LlmSettings()
    guardrails: GuardrailSettings = GuardrailSettings()
    practice: PracticeSettings = PracticeSettings()


class Choice(Settings):
    """config/suite.yaml: which profile is in force."""

    use: str = "practice"


class Config:
    """The settings of one profile. `home` is where relative paths start: the project's folder."""

    def __init__(self, folder: Path | None = None, profile: str | None = None, *, workspace: Path | None = None, home: Path = ROOT) -> None:
        self.home = home
        self._loaded: dict[tuple[str, type[BaseModel]], BaseModel] = {}
        self.folder = folder or Path(os.environ.get("RETURNS_CONFIG") or home / "config")
        self.profile = profile or os.environ.get("RETURNS_PROFILE") or self.load("suite", Choice).use
        self.suite = self.load(self.profile, SuiteSettings)
        given = workspace or (Path(os.environ["RETURNS_WORKSPACE"]) if os.environ.get("RETURNS_WORKSPACE") else None)
        self.workspace = (given or home / self.suite.workspace).absolute()

    def load(self, name: str, model: type[Model]) -> Model:
        """Read and check `<name>.yaml` of this folder, or of the project's config/ where this folder has none; raises ConfigProblem.

        Read once a process: an edit takes effect with the next run.
        """
        if (name, model) not in self._loaded:
            self._loaded[name, model] = load_yaml(self._file_of(name), model)
        return cast(Model, self._loaded[name, model])

    def _file_of(self, name: str) -> Path:
        file = self.folder / f"{name}.yaml"
        return file if file.exists() else self.home / "config" / f"{name}.yaml"

    @property
    def profile_file(self) -> Path:
        """Where the profile in force stands."""
        return self._file_of(self.profile)

    @property
    def store_url(self) -> str:
        return os.environ.get("RETURNS_STORE") or self.suite.store_url or f"sqlite:///{self.workspace / 'cases.db'}"

    def file(self, *parts: str) -> Path:
        """A path inside the workspace; its folder is made."""
        path = self.workspace.joinpath(*parts)
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def address(self, place: str) -> str:
        """A configured address; `practice:NAME` stands for wherever the practice back office has put NAME."""
        if not place.startswith("practice:"):
            return place
        book = self.workspace / "world" / "address.json"
        try:
            return str(json.loads(book.read_text(encoding="utf-8"))[place.removeprefix("practice:")])
        except (FileNotFoundError, KeyError):
            raise ConfigProblem(
                f"{place}: the practice back office is not running (no address in {book}); start it with `run_bot.py demo` or `run_bot.py all`"
            ) from None


def load_yaml(file: Path, model: type[Model]) -> Model:
    """Read one YAML file into a checked model; raises ConfigProblem that names file, key and what is wrong."""
    try:
        data = yaml.load(file.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)) or {}
    except FileNotFoundError:
        raise ConfigProblem(f"{file}: the file is missing") from None
    except yaml.YAMLError as error:
        raise ConfigProblem(f"{file}: is not YAML: {error}") from None
    try:
        return model.model_validate(data)
    except ValidationError as error:
        lines = [f"{'.'.join(map(str, problem['loc'])) or 'file'}: {problem['msg']}" for problem in error.errors()]
        raise ConfigProblem(f"{file}: " + "; ".join(lines)) from None
