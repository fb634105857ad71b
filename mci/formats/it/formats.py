"""Django's Italian writes a moment as "Lunedì 23 Novembre 2026 04:30", with capitals that Italian does not have."""

DATETIME_FORMAT = "d/m/Y H:i"
