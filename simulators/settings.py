"""What the simulators are told: ports, keys and addresses, from the environment or by a test."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from simulators.providers.daraja.defaults import Daraja


def _bank() -> str:
    return f"http://127.0.0.1:{os.environ.get('KITBANK_PORT') or 8000}"


@dataclass
class Settings:
    """One run. Times are in seconds."""

    folder: Path = field(default_factory=lambda: Path(os.environ.get("KITBANK_SIMULATORS_FOLDER") or "var/simulators"))
    port: int = field(default_factory=lambda: int(os.environ.get("KITBANK_SIMULATORS_PORT") or 8100))
    mail_port: int = field(default_factory=lambda: int(os.environ.get("KITBANK_MAIL_PORT") or 8125))
    africastalking_username: str = "sandbox"
    africastalking_key: str = field(default_factory=lambda: os.environ.get("SIMULATED_AFRICASTALKING_KEY", "simulated"))
    africastalking_senders: tuple[str, ...] = ("KITBANK", "20880")
    africastalking_delivery_url: str = field(
        default_factory=lambda: (
            os.environ.get("SIMULATED_AFRICASTALKING_DELIVERY_URL")
            or f"{_bank()}/webhooks/africastalking/delivery?token=simulated-callback"
        )
    )
    africastalking_voice_url: str = field(
        default_factory=lambda: (
            os.environ.get("SIMULATED_AFRICASTALKING_VOICE_URL")
            or f"{_bank()}/webhooks/africastalking/voice?token=simulated-callback"
        )
    )
    africastalking_airtime_status_url: str = field(
        default_factory=lambda: (
            os.environ.get("SIMULATED_AFRICASTALKING_AIRTIME_STATUS_URL")
            or f"{_bank()}/webhooks/africastalking/airtime/status?token=simulated-callback"
        )
    )
    africastalking_airtime_validation_url: str = field(
        default_factory=lambda: (
            os.environ.get("SIMULATED_AFRICASTALKING_AIRTIME_VALIDATION_URL")
            or f"{_bank()}/webhooks/africastalking/airtime/validation?token=simulated-callback"
        )
    )
    africastalking_ussd_url: str = field(
        default_factory=lambda: (
            os.environ.get("SIMULATED_AFRICASTALKING_USSD_URL")
            or f"{_bank()}/webhooks/africastalking/ussd?token=simulated-callback"
        )
    )
    africastalking_opt_out_url: str = field(
        default_factory=lambda: (
            os.environ.get("SIMULATED_AFRICASTALKING_OPT_OUT_URL")
            or f"{_bank()}/webhooks/africastalking/opt-out?token=simulated-callback"
        )
    )
    africastalking_ussd_code: str = "*384*5482#"
    interbank_bank_url: str = field(
        default_factory=lambda: os.environ.get("SIMULATED_INTERBANK_BANK_URL") or f"{_bank()}/webhooks/banks"
    )
    interbank_bank_key: str = field(
        default_factory=lambda: os.environ.get("SIMULATED_INTERBANK_BANK_KEY", "simulated-banks")
    )
    exchangerate_key: str = field(default_factory=lambda: os.environ.get("SIMULATED_EXCHANGERATE_KEY", "simulated"))
    daraja: Daraja = field(default_factory=Daraja)
    callback_step: float = 0.4  # between the reports of one message
    callback_poll: float = 0.1
    stop_poll: float = 0.1  # how often the server looks whether it should stop
