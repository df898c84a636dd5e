"""The OAuth2 and OpenID provider: the toolkit, with what it lacks."""
