"""People and the tokens that let programs act for them."""

from accounts.models.api_token import ApiToken, Scope
from accounts.models.user import PROFILE_FIELDS, User, WeekStart, validate_locale, validate_time_zone

__all__ = [
    "PROFILE_FIELDS",
    "ApiToken",
    "Scope",
    "User",
    "WeekStart",
    "validate_locale",
    "validate_time_zone",
]
