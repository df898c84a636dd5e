"""What a person or a test may turn: the provider's variants, each with the course it takes by itself."""

from simulators.house import House

SWITCHES: dict[str, str] = {
    "token_as_integer": "0",  # expires_in 3599 rather than "3599"
    "tokens_coexist": "0",  # a new token leaves the former alive
    "strict_urls": "1",  # refuse callback addresses with forbidden words
    "pending_code": "500.001.1001",  # or 4999: what a query says of a prompt nobody answered yet
    "stk_seconds": "60",  # how long a prompt waits
    "rule_17": "1",  # the same amount from the same payer to the same receiver within two minutes
    "stk_confirmation": "1",  # a prompt that was paid is confirmed as C2B too, where addresses are registered
    "start_balance": "50000",  # shillings in a wallet when it is first met
    "callback_delay": "",  # seconds from an accepted request to its result; as configured when empty
    "charges": "1",  # B2C costs the business its tariff
    "c2b_reregister": "1",  # 0: addresses are registered once, as in production
    "validation_seconds": "8",  # how long a validation may take
    "originator_in_result": "OURS",  # or PROXY: whose id a B2C v3 result carries
    "status_unknown_code": "R000002",  # result of a status query for something nobody knows
    "org_info_code": "4000",  # or 0
    "pull_spaced_keys": "0",  # `Response Status` as the live sandbox spells it
    "pull_none": "TEXT",  # or 500: what a pull without rows answers
    "qr_code": "00",  # ResponseCode of a dynamic QR; AG for the portal sample's
}


def value(house: House, name: str) -> str:
    """One switch."""
    return house.store.setting(f"daraja.{name}", SWITCHES[name])


def is_on(house: House, name: str) -> bool:
    """A switch that is on or off."""
    return value(house, name) not in {"", "0", "false", "off"}


def seconds(house: House, name: str) -> float:
    """A switch that is a time."""
    return float(value(house, name) or house.settings.daraja.callback_delay)


def turn(house: House, name: str, to: str) -> None:
    """Turn one. Raises ValueError for what is no switch or no value of it."""
    if name not in SWITCHES:
        raise ValueError(f"{name!r} is no switch")
    is_number = name in {"stk_seconds", "validation_seconds", "callback_delay", "start_balance"}
    if is_number and to and not 0 <= float(to) <= 10_000_000:
        raise ValueError(f"{to} is out of range for {name}")
    house.store.set(f"daraja.{name}", to or SWITCHES[name])


def all_of_them(house: House) -> dict[str, str]:
    """Every switch as it stands."""
    return {name: value(house, name) for name in SWITCHES}
