"""Electronic mail by SMTP, through Django's own back end."""

import smtplib
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.message import sanitize_address

from apps.notifications.ports import Outcome, Result


class Smtp:
    """The e-mail port. A server that took the mail keeps or returns it; there is no delivery report."""

    name = "smtp"

    def send(self, *, address: str, subject: str, text: str, reference: str) -> Outcome:
        """Send one mail. Answers with what the server said; a connection lost while it was taken is UNKNOWN."""
        if not _is_an_address(address):
            return Outcome(Result.REFUSED, error="That is no address that mail can be sent to.")
        host = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].partition("@")[2] or "localhost"
        message_id = f"<{reference}@{host}>"
        line = get_connection()
        try:
            line.open()
        except (smtplib.SMTPException, OSError) as no:
            return Outcome(Result.AGAIN, error=f"The mail server was not reached: {no}"[:300])
        mail = EmailMessage(
            subject=subject, body=text, to=[address], headers={"Message-ID": message_id}, connection=line
        )
        try:
            mail.send()
        except smtplib.SMTPRecipientsRefused as no:
            code, words = next(iter(no.recipients.values()))
            return _refused(code, words, returned=True)
        except smtplib.SMTPResponseException as no:
            return _refused(no.smtp_code, no.smtp_error, returned=False)
        except (smtplib.SMTPException, OSError) as no:
            return Outcome(Result.UNKNOWN, error=f"The mail server went away: {no}"[:300])
        finally:
            line.close()
        return Outcome(Result.TAKEN, reference=message_id)


def _is_an_address(address: str) -> bool:
    try:
        sanitize_address(address, "utf-8")
    except ValueError:  # a UnicodeError among them: a host that has no name on the wire
        return False
    return True


def _refused(code: int, words: bytes | str, *, returned: bool) -> Outcome:
    """4yz is for now, 5yz is for good (RFC 5321, 4.2.1)."""
    error = f"{code} {_words(words)}"[:300]
    if 400 <= code < 500:
        return Outcome(Result.AGAIN, error=error)
    return Outcome(Result.RETURNED if returned else Result.REFUSED, error=error)


def _words(words: bytes | str) -> str:
    return words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
