"""The API's documents for people: Swagger UI and ReDoc, from our own host."""

from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_update
from drf_spectacular.views import SpectacularRedocView, SpectacularSwaggerSplitView

# Both draw themselves with style elements of their own, which the pages of the bank never do; ReDoc works in a thread.
_STYLES = {"style-src": [SELF, UNSAFE_INLINE]}

swagger = csp_update(_STYLES)(SpectacularSwaggerSplitView.as_view(url_name="schema"))
redoc = csp_update({**_STYLES, "worker-src": [SELF, "blob:"]})(SpectacularRedocView.as_view(url_name="schema"))
