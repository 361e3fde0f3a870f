"""What administrators do at the authorization server, and what that does by itself."""

from dataclasses import replace

from tests.exploration import invariants, recorded, settings
from tests.exploration.issuer import ISSUER, Registered
from tests.exploration.state import State
from tests.exploration.written import METADATA, Act, encoded, key, put, written


def resolves(state: State) -> State | None:
    """Look for the clients of lost answers at the server, remove them, and say so."""
    body = state.resource()
    orphans = [] if body is None else body.get("status", {}).get("suspectedOrphans", [])
    if body is None or not orphans or any(recorded.facts(b).open_kind == "register" for b in state.records()):
        # Whoever looked now would find a client whose answer is on its way, and take it for a lost one.
        return None
    word = f"{body['metadata']['uid']}/{max(o['attempt'] for o in orphans)}"
    if body["metadata"].get("annotations", {}).get(settings.RESOLVE) == word:
        return None
    unknown = invariants.unaccounted(state)
    issuer = replace(state.issuer, clients={k: c for k, c in state.issuer.clients.items() if k not in unknown})
    metadata = {**body["metadata"], "annotations": {settings.RESOLVE: word}}
    past = state.past._replace(excused=state.past.excused | unknown)
    return put(state._replace(issuer=issuer, past=past), key("web"), {**body, "metadata": metadata})


def refreshes(value: str) -> Act:
    """Let an administrator change a client at the server, and have it read."""

    def act(state: State) -> State | None:
        body = state.resource()
        annotations = {} if body is None else body["metadata"].get("annotations", {})
        if body is None or annotations.get(settings.REFRESH) in (value, "again"):
            return None
        client = state.issuer.clients.get(body.get("status", {}).get("clientID", ""))
        if client is not None:
            changed = replace(client, metadata={**client.metadata, "client_name": "changed"})
            clients = {**state.issuer.clients, client.client_id: changed}
            state = state._replace(issuer=replace(state.issuer, clients=clients))
        metadata = {**body["metadata"], "annotations": {**annotations, settings.REFRESH: value}}
        return put(state, key("web"), {**body, "metadata": metadata})

    return act


def forgets(*, all_of_them: bool) -> Act:
    """Let the server end the client that is published, or all that it has."""

    def act(state: State) -> State | None:
        body = state.resource()
        published = None if body is None else invariants.published_by(state, body)
        lost = {k for k in state.issuer.clients if all_of_them or k == published}
        if not lost:
            return None
        kept = {k: c for k, c in state.issuer.clients.items() if k not in lost}
        past = state.past._replace(gone=state.past.gone | frozenset(lost))
        return state._replace(issuer=replace(state.issuer, clients=kept), past=past)

    return act


def hands_client_over(*, made_by_hand: bool) -> Act:
    """Let an administrator make a client, or another token for the published one, and put it into a Secret."""

    def act(state: State) -> State | None:
        issuer, body = state.issuer, state.resource()
        number = issuer.number
        if made_by_hand:
            if any(c.startswith("hand") for c in issuer.clients):
                return None
            client = Registered(f"hand{number}", f"sec{number}", f"rat{number}", dict(METADATA))
        else:
            known = issuer.clients.get((None if body is None else invariants.published_by(state, body)) or "")
            if known is None or state.secret("web-client") is not None:
                return None
            client = replace(known, token=f"rat{number}")
        before = issuer.clients.get(client.client_id)
        past = state.past._replace(
            foreign=state.past.foreign | ({client.client_id} if made_by_hand else set()),
            # The token before is nobody's by now, and this one stands in a person's Secret.
            excused=state.past.excused | {client.token, *(() if before is None else (before.token,))},
        )
        clients = {**issuer.clients, client.client_id: client}
        handed = {
            "issuer": ISSUER,
            "client_id": client.client_id,
            "client_secret": client.secret,
            "registration_access_token": client.token,
            "registration_client_uri": client.members()["registration_client_uri"],
        }
        secret = {
            "kind": "Secret",
            "type": settings.HANDED_OVER,
            "data": {k: encoded(v) for k, v in handed.items()},
        }
        store, _ = written(state.store, ("secrets", settings.NAMESPACE, "web-client"), secret)
        issuer = replace(issuer, clients=clients, number=number + 1)
        return state._replace(issuer=issuer, past=past).stored(store)

    return act


def brings_token(state: State) -> State | None:
    number = state.issuer.number
    token = f"iat{number}"
    issuer = replace(state.issuer, tokens=state.issuer.tokens | {token}, number=number + 1)
    where = ("secrets", settings.NAMESPACE, "idp-token")
    data = {"token": encoded(token), "issuer": encoded(ISSUER)}
    store, _ = written(state.store, where, {"kind": "Secret", "type": settings.TOKEN_TYPE, "data": data})
    return state._replace(issuer=issuer).stored(store)
