"""When somebody is due."""

from tests.exploration.state import State


def due(state: State) -> float | None:
    """Return when somebody has to do something next, if nothing happens before."""
    waking = [t.wakes_at for p in state.processes if not p.asleep for t in p.tasks if t.wakes_at is not None]
    times = [*state.leader.timers.values(), *waking]
    return max(min(times), state.now) if times else None


def with_due(state: State) -> State:
    """Return the state with everything to be looked at whose time has come."""
    leader = state.leader
    keys = [k for k, t in leader.timers.items() if t <= state.now]
    timers = {k: t for k, t in leader.timers.items() if k not in keys}
    return state._replace(leader=leader.with_dirty(*keys)._replace(timers=timers))
