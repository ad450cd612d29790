"""What people may set, read once into frozen, typed values.

`load_settings` reads, `Settings` carries the values in sections and tells where each came from. Saving a
value is the database's work; applying it is bootstrap's. `docs/settings.md` lists them all.
"""

from sublarr.settings.model import Origin, SettingInfo, Settings, is_setting, mask_secrets
from sublarr.settings.reading import load_settings, validate_saved
from sublarr.vocabulary.masking import mask_url

__all__ = [
    "Origin",
    "SettingInfo",
    "Settings",
    "is_setting",
    "load_settings",
    "mask_secrets",
    "mask_url",
    "validate_saved",
]
