"""An app of your own that logs its users in, by Flask and Authlib. Its variables come from the Secret of app.yaml."""

import os
import secrets
from urllib.parse import urlsplit

from authlib.integrations.flask_client import OAuth, OAuthError
from flask import Flask, Response, redirect, session
from werkzeug.wrappers import Response as Redirection

REDIRECT_URI = os.environ["OIDC_REDIRECT_URI"]

app = Flask(__name__)
# What signs the sessions. Of this process alone: an app of more than one pod takes it from a Secret of its own.
app.secret_key = secrets.token_bytes(32)
app.config.update(SESSION_COOKIE_SECURE=True, SESSION_COOKIE_SAMESITE="Lax")

idp = OAuth(app).register(
    "idp",
    client_id=os.environ["OIDC_CLIENT_ID"],
    client_secret=os.environ["OIDC_CLIENT_SECRET"],
    server_metadata_url=os.environ["OIDC_ISSUER"].removesuffix("/") + "/.well-known/openid-configuration",
    client_kwargs={
        "scope": "openid profile email",
        "token_endpoint_auth_method": "client_secret_basic",
        "code_challenge_method": "S256",
    },
)


@app.get("/")
def home() -> Response | Redirection:
    """Say who is logged in, or send whoever is not to log in."""
    if "email" not in session:
        return redirect("/login")
    return Response(f"Logged in as {session['email']}\n", mimetype="text/plain")


@app.get("/login")
def login() -> Redirection:
    """Send whoever is not logged in to the issuer."""
    if "email" in session:
        return redirect("/")
    # One login at a time: what Authlib keeps of each is in the cookie, and browsers take none of more than 4 KiB.
    session.clear()
    return idp.authorize_redirect(REDIRECT_URI)  # type: ignore[no-any-return] # authlib has no types


@app.get(urlsplit(REDIRECT_URI).path)
def callback() -> Redirection:
    """Take who comes back from there."""
    # Authlib takes nobody whose browser did not begin it, by the state (RFC 6749 section 10.12).
    token = idp.authorize_access_token()
    user = idp.userinfo(token=token)
    if user["sub"] != token["userinfo"]["sub"]:
        # "… MUST be verified to exactly match the sub Claim in the ID Token" (OpenID Connect Core section 5.3.2).
        raise OAuthError(error="invalid_userinfo")
    # Nothing of before the login stays.
    session.clear()
    session["email"] = user["email"]
    return redirect("/")


@app.errorhandler(OAuthError)
def failed(error: OAuthError) -> Response:
    """Say that a login failed; why is in the log alone."""
    # Quoted: who sent the browser here may have chosen the words.
    app.logger.warning("The login failed: %r", str(error))
    return Response("The login failed.\n", status=400, mimetype="text/plain")
