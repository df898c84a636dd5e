"""Whom the bank asks outside it, where they are, and what they know it by."""

from decimal import Decimal

from environs import Env

env = Env()

EMAIL_HOST = env.str("SMTP_HOST", "127.0.0.1")
EMAIL_PORT = env.int("SMTP_PORT", 587)
EMAIL_HOST_USER = env.str("SMTP_USER", "")
EMAIL_HOST_PASSWORD = env.str("SMTP_PASSWORD", "")
EMAIL_USE_TLS = env.bool("SMTP_TLS", True)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("SMTP_FROM", "KitBank <no-reply@kitbank.example>")

AFRICASTALKING_URL = env.str("AFRICASTALKING_URL", "https://api.africastalking.com")
AFRICASTALKING_USERNAME = env.str("AFRICASTALKING_USERNAME", "")
AFRICASTALKING_API_KEY = env.str("AFRICASTALKING_API_KEY", "")
AFRICASTALKING_SENDER = env.str("AFRICASTALKING_SENDER", "")
AFRICASTALKING_VOICE_URL = env.str("AFRICASTALKING_VOICE_URL", "https://voice.africastalking.com")
AFRICASTALKING_VOICE_NUMBER = env.str("AFRICASTALKING_VOICE_NUMBER", "")  # the number that calls
# Africa's Talking signs no callback, so the address we give them carries this word.
AFRICASTALKING_CALLBACK_TOKEN = env.str("AFRICASTALKING_CALLBACK_TOKEN", "")
# What customers dial, and how many shillings may leave in a day by USSD: keep it below the lowest tier's limit.
USSD_CODE = env.str("USSD_CODE", "*384*5482#")
USSD_DAILY_LIMIT = env.int("USSD_DAILY_LIMIT", 20_000)

# Exchange rates in the format of exchangerate-api.com, version 6. Free plans answer for USD and EUR as base only.
EXCHANGERATE_URL = env.str("EXCHANGERATE_URL", "https://v6.exchangerate-api.com")
EXCHANGERATE_API_KEY = env.str("EXCHANGERATE_API_KEY", "")
EXCHANGERATE_BASE = env.str("EXCHANGERATE_BASE", "USD")
FX_LARGEST_JUMP = env.decimal(
    "FX_LARGEST_JUMP", Decimal("0.10")
)  # a rate that moved by more is looked at by two people first

# The credit bureau, in the format of Metropol's API 2.1. Without keys nobody is asked, and scores say so.
METROPOL_URL = env.str("METROPOL_URL", "https://api.metropol.co.ke:5555")
METROPOL_PUBLIC_KEY = env.str("METROPOL_PUBLIC_KEY", "")
METROPOL_PRIVATE_KEY = env.str("METROPOL_PRIVATE_KEY", "")
# The registry of people behind identity papers. Without a key nobody is asked, and an officer reads the paper.
IPRS_URL = env.str("IPRS_URL", "")
IPRS_KEY = env.str("IPRS_KEY", "")
# The registrar of businesses. Without a key nobody is asked, and officers compare the papers with its own search.
BRS_URL = env.str("BRS_URL", "")
BRS_KEY = env.str("BRS_KEY", "")

# Other banks: ISO 20022 over HTTP, through the gateway each of them gives us. Who we are in their messages.
INTERBANK_URLS = {
    "pesalink": env.str("PESALINK_URL", ""),
    "bank": env.str("SETTLEMENT_BANK_URL", ""),
    "abroad": env.str("REMITTANCE_URL", ""),
}
INTERBANK_KEY = env.str("INTERBANK_KEY", "")
INTERBANK_CALLER_KEY = env.str("INTERBANK_CALLER_KEY", "")  # what they know themselves by at our doors
BANK_NAME = env.str("BANK_NAME", "KitBank")
BANK_BIC = env.str("BANK_BIC", "KITBKENA")
BANK_CODE = env.str("BANK_CODE", "99")
BANK_SETTLEMENT_ACCOUNT = env.str("BANK_SETTLEMENT_ACCOUNT", "KITBANK-SETTLEMENT")

SIM_AGES_ASKED = env.bool("SIM_AGES_ASKED", True)  # ask the operator at sign-in how old the SIM is; each one is paid
DARAJA_URL = env.str("DARAJA_URL", "https://api.safaricom.co.ke")
DARAJA_KEY = env.str("DARAJA_KEY", "")
DARAJA_SECRET = env.str("DARAJA_SECRET", "")
DARAJA_SHORTCODE = env.str("DARAJA_SHORTCODE", "")
DARAJA_PASSKEY = env.str("DARAJA_PASSKEY", "")
DARAJA_INITIATOR = env.str("DARAJA_INITIATOR", "")
DARAJA_INITIATOR_PASSWORD = env.str("DARAJA_INITIATOR_PASSWORD", "")
DARAJA_CERTIFICATE = env.str("DARAJA_CERTIFICATE", "")  # a file, or an address
DARAJA_CALLBACK_SECRET = env.str("DARAJA_CALLBACK_SECRET", "")  # a word in every address M-Pesa is given
DARAJA_CALLBACK_SECRET_BEFORE = env.str(
    "DARAJA_CALLBACK_SECRET_BEFORE", ""
)  # the one that was changed: its answers still count
DARAJA_SOURCES: list[str] = env.list("DARAJA_SOURCES", [])  # where callbacks come from; empty: not looked at
DARAJA_TILL_TYPE = env.str("DARAJA_TILL_TYPE", "2")  # the portal says 4, integrators in production use 2
DARAJA_PULL_PHONE = env.str("DARAJA_PULL_PHONE", "+254711082000")  # who Safaricom may call about the pull feed
DARAJA_STATEMENT_ADDRESS = env.str("DARAJA_STATEMENT_ADDRESS", "")  # a day's CSV; empty: staff bring it by hand
DARAJA_REGISTERS_ITSELF = False  # production takes the paybill's addresses once: manage.py register_paybill
DARAJA_NAMES = env.bool("DARAJA_NAMES", False)  # whether M-Pesa lets us ask for names before a payment
