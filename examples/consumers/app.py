"""An app of your own that logs its users in, by Flask and Authlib. Its variables come from the Secret of app.yaml."""

import os
import secrets
from urllib.parse import urlsplit

from authlib.integrations.flask_client import OAuth
from flask import Flask, redirect, session
from werkzeug.wrappers import Response

REDIRECT_URI = os.environ["OIDC_REDIRECT_URI"]

app = Flask(__name__)
# What signs the sessions. Of this process alone: an app of more than one pod takes it from a Secret of its own.
app.secret_key = secrets.token_bytes(32)
app.config.update(SESSION_COOKIE_SECURE=True, SESSION_COOKIE_SAMESITE="Lax")

idp = OAuth(app).register(
    "idp",
    client_id=os.environ["OIDC_CLIENT_ID"],
    client_secret=os.environ["OIDC_CLIENT_SECRET"],
    server_metadata_url=os.environ["OIDC_ISSUER"] + "/.well-known/openid-configuration",
    client_kwargs={
        "scope": "openid profile email",
        "token_endpoint_auth_method": "client_secret_basic",
        "code_challenge_method": "S256",
    },
)


@app.get("/")
def home() -> str | Response:
    """Say who is logged in, or send whoever is not to the issuer."""
    if "email" not in session:
        return idp.authorize_redirect(REDIRECT_URI)  # type: ignore[no-any-return]
    return f"Logged in as {session['email']}"


@app.get(urlsplit(REDIRECT_URI).path)
def callback() -> Response:
    """Take who comes back from there."""
    token = idp.authorize_access_token()
    session["email"] = idp.userinfo(token=token)["email"]
    return redirect("/")
