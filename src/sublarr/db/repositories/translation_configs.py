"""The settings that translations were made with, each named by its hash."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from sublarr.db.models.translation import TranslationConfig
from sublarr.db.pages import Listing, Page, PageRequest, SortKey
from sublarr.db.repositories.base import Repository


@dataclass(frozen=True, slots=True)
class UsedConfig:
    """Settings that a translation is made with now."""

    config_hash: str
    model: str
    prompt_template: str
    target_language: str


@dataclass(frozen=True, slots=True)
class TranslationConfigRow:
    """Settings, and from when to when they were used."""

    id: int
    config_hash: str
    model: str
    prompt_template: str
    target_language: str
    first_used_at: datetime
    last_used_at: datetime


_COLUMNS = (
    TranslationConfig.id,
    TranslationConfig.config_hash,
    TranslationConfig.ollama_model,
    TranslationConfig.prompt_template,
    TranslationConfig.target_language,
    TranslationConfig.first_used_at,
    TranslationConfig.last_used_at,
)


class TranslationConfigRepository(Repository):
    """The `translation_config_history` table."""

    aggregate = "translation_configs"

    def record(self, used: UsedConfig) -> None:
        """Remember that these settings are in use; of known ones only the time of use moves."""
        now = self._now
        statement = self._insert_into(TranslationConfig.__table__).values(
            config_hash=used.config_hash,
            ollama_model=used.model,
            prompt_template=used.prompt_template,
            target_language=used.target_language,
            first_used_at=now,
            last_used_at=now,
        )
        statement = statement.on_conflict_do_update(
            index_elements=["config_hash"], set_={"last_used_at": statement.excluded.last_used_at}
        )
        self._run("record", statement)

    def find(self, config_hash: str) -> TranslationConfigRow | None:
        """The settings of a hash, or None."""
        statement = select(*_COLUMNS).where(TranslationConfig.config_hash == config_hash)
        row = self._run("find", statement).one_or_none()
        return None if row is None else TranslationConfigRow(*row)

    def page(self, request: PageRequest) -> Page[TranslationConfigRow]:
        """The history, what was used first for the latest time at the beginning."""
        listing = Listing("configs", select(*_COLUMNS), (SortKey(TranslationConfig.id, True),))
        return self._page(listing, request, lambda row: TranslationConfigRow(*row[: len(_COLUMNS)]))
