from accounts.models.user import (
    CompanyChange,
    Dropshipper,
    EmailChange,
    Invitation,
    KeptForm,
    Member,
    OpenSession,
    SecurityEvent,
    User,
    UserManager,
)

__all__ = [
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
