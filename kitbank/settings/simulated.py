"""Outside providers answered by the `simulators` package on this machine."""

from environs import Env

env = Env()
SIMULATORS_ADDRESS = f"http://127.0.0.1:{env.int('KITBANK_SIMULATORS_PORT', 8100)}"
EMAIL_HOST = "127.0.0.1"
EMAIL_PORT = env.int("KITBANK_MAIL_PORT", 8125)
EMAIL_USE_TLS = False
AFRICASTALKING_URL = f"{SIMULATORS_ADDRESS}/africastalking"
AFRICASTALKING_VOICE_URL = f"{SIMULATORS_ADDRESS}/africastalking/voice"
AFRICASTALKING_VOICE_NUMBER = "+254711082000"
AFRICASTALKING_USERNAME = "sandbox"
AFRICASTALKING_API_KEY = "simulated"
AFRICASTALKING_SENDER = "KITBANK"
AFRICASTALKING_CALLBACK_TOKEN = "simulated-callback"  # noqa: S105 the simulator's own word
EXCHANGERATE_URL = f"{SIMULATORS_ADDRESS}/exchangerate"
EXCHANGERATE_API_KEY = "simulated"
METROPOL_URL = f"{SIMULATORS_ADDRESS}/metropol"
METROPOL_PUBLIC_KEY = "simulated-public"
METROPOL_PRIVATE_KEY = "simulated-private"  # the simulator's own word
IPRS_URL = f"{SIMULATORS_ADDRESS}/iprs"
IPRS_KEY = "simulated-registry"
BRS_URL = f"{SIMULATORS_ADDRESS}/brs"
BRS_KEY = "simulated-registrar"
INTERBANK_URLS = {who: f"{SIMULATORS_ADDRESS}/interbank/{who}" for who in ("pesalink", "bank", "abroad")}
INTERBANK_KEY = "simulated"
INTERBANK_CALLER_KEY = "simulated-banks"
DARAJA_URL = f"{SIMULATORS_ADDRESS}/daraja"
DARAJA_KEY = "simulated-key"
DARAJA_SECRET = "simulated-secret"  # noqa: S105 the simulator's own words, as the next two
DARAJA_PASSKEY = "simulated-passkey"
DARAJA_INITIATOR_PASSWORD = "Simulated#1"  # noqa: S105
DARAJA_INITIATOR = "simulatedapi"
DARAJA_SHORTCODE = "174379"
DARAJA_CERTIFICATE = f"{DARAJA_URL}/certificate.cer"
DARAJA_CALLBACK_SECRET = "simulated-callback"  # noqa: S105
DARAJA_NAMES = True
DARAJA_STATEMENT_ADDRESS = f"{DARAJA_URL}/statement/174379.csv?account=all"
DARAJA_REGISTERS_ITSELF = True
SIMULATORS_ALLOWED = True
WEBHOOKS_TO_LOOPBACK = True
SIMULATORS_APPS = ["simulators"]  # its one command; the settings that use simulators install it

__all__ = [name for name in globals() if name.isupper()]
