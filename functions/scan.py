"""The open cases, from one scan of the engine's list: for the inbox of everybody, and for the figures.

1. A scan is at most five seconds old, and there is one at a time; it runs within the request that needs it.
2. It asks for cases that run or are suspended, by the prefix of their ids. The count of all cases goes through the
   whole list; what it sees on the way renews the open cases too.

Source: docs/decisions/0028-inbox.md
"""

from adapters import directory, logs
from adapters.cache import Cache, Kept
from adapters.engine import Engine
from approval.acts import Name
from approval.case_id import PREFIX
from service.act_errors import EngineSilent
from service.inbox import Inbox
from service.one_level_case import OneLevelPeople

KEPT_S = 5.0
LONGEST_S = 20.0
MOST_PAGES = 2_000
PAGE = 250
_DECIDER = "manager"  # of adapters.directory
_cache: Cache[Inbox] = Cache(KEPT_S)


async def open_cases(engine: Engine) -> Kept[Inbox]:
    """Everybody's open cases, at most five seconds old.

    Raises:
        EngineSilent: the engine did not list its instances.
    """
    return await _cache.get(lambda: _scanned(engine))


def empty() -> Inbox:
    """An inbox to be filled: cases of one level are in it only where no policy file is in force."""
    return Inbox(one_level())


def one_level() -> OneLevelPeople | None:
    """The people of cases of one level; None where a policy file is in force: such cases are in no inbox then."""
    if directory.policy_file() is not None:
        return None
    people = directory.people()
    return OneLevelPeople(Name(_DECIDER, people[_DECIDER].name), {each.name: each.id for each in people.values()})


def renew(inbox: Inbox, began: float) -> None:
    """Give these open cases out, which were seen since ``began`` by the monotonic clock."""
    if inbox.complete:
        _cache.keep(inbox, began)


def forget() -> None:
    """The next one who asks scans again."""
    _cache.forget()


async def _scanned(engine: Engine) -> Inbox:
    inbox = empty()
    query = {"instanceIdPrefix": PREFIX, "runtimeStatus": "Running,Suspended"}
    try:
        async for page in engine.pages(seconds=LONGEST_S, most=MOST_PAGES, top=PAGE, **query):
            inbox.add(page.answers)
            inbox.complete = not page.token
    except Exception as error:
        logs.log_event("inboxFailed", cause=logs.cause_of(error))
        raise EngineSilent from error
    return inbox
