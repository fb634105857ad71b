"""What stops a start: one sentence that says what is wrong and what to do."""


class CannotStart(Exception):
    pass
