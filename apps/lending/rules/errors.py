"""How the arithmetic of loans says no: a stable code, and what is wrong in words."""


class BadTerms(ValueError):
    """Terms or events that cannot be computed, or would be guessed at; `code` is stable, `detail` is for people."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
