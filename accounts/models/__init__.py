from accounts.models.api import ApiAnswer, ApiKey, ApiRequest
from accounts.models.dropshipper import CompanyChange, Dropshipper
from accounts.models.member import Invitation, Member
from accounts.models.session import KeptForm, OpenSession, SecurityEvent
from accounts.models.user import EmailChange, User, UserManager

__all__ = [
    "ApiAnswer",
    "ApiKey",
    "ApiRequest",
    "CompanyChange",
    "Dropshipper",
    "EmailChange",
    "Invitation",
    "KeptForm",
    "Member",
    "OpenSession",
    "SecurityEvent",
    "User",
    "UserManager",
]
