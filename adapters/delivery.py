"""Notices on their way: from the record of a case to a mail for one person.

Everything is read again for each mail: the case with its seal, the record, the directory. So nothing that is passed to
an activity gets into a mail, and a notice that does not hold any more is not sent.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from adapters import directory, logs, settings
from adapters.cases import StoredCase, read_case
from adapters.engine import Engine
from adapters.mail import Mail, NotSent, host_of_links, mailer
from approval import instants
from approval.notices import Notice, message_id, notice_id, notices, still_holds, text_of
from service.errors import InvalidSetting, MissingSetting
from service.sending import NOT_SENT, OVER, SENT, News


@dataclass(frozen=True, slots=True)
class Delivered:
    """What happened to one mail.

    Example: ``{"person": "noor", "is": "not sent", "why": "recipient-refused 550"}``

    Attributes:
        outcome: ``sent``, ``over`` (nobody has to hear it any more) or ``not sent``.
        why: a code, if it was not sent.
    """

    person: str
    outcome: str
    why: str | None = None

    def to_json(self) -> dict[str, str | None]:
        """The result of the activity."""
        return {"person": self.person, "is": self.outcome, "why": self.why}


async def people_to_tell(engine: Engine, news: News, instance_id: str) -> Sequence[str] | None:
    """Who has to hear of a move; None if there is no such case, or its record does not hold the move yet.

    Args:
        engine: the instances of this app.
        news: the case and the move.
        instance_id: of the ``Notice`` that asks. One that was started by hand has another one, and finds nothing.

    Raises:
        EngineFailed, UnreadableInput, InvalidSetting: as for ``read_case``.
    """
    case = await read_case(engine, news.case)
    if case is None or not _is_there(case, news) or instance_id != notice_id(case.id, case.run, news.move):
        return None
    return [notice.to for notice in _notices(case, news) if still_holds(notice, case.record)]


async def deliver(engine: Engine, news: News, instance_id: str, person_id: str) -> Delivered:
    """Send a person the mail about a move, if it still holds.

    A second run sends the same mail again, with the same id.

    Raises:
        EngineFailed, UnreadableInput: as for ``read_case``.
    """
    try:
        case = await read_case(engine, news.case)
        if case is None or instance_id != notice_id(case.id, case.run, news.move):
            return Delivered(person_id, OVER)
        notice = next((notice for notice in _notices(case, news) if notice.to == person_id), None)
        person = directory.people().get(person_id)
        if notice is None or person is None or not still_holds(notice, case.record):
            return Delivered(person_id, OVER)
        await mailer().send(_mail(case, news, notice, person.name, person.email))
    except NotSent as error:
        why = f"{error.reason} {error.status}" if error.status else error.reason
    except (InvalidSetting, MissingSetting) as error:
        why = f"{error.code} {error.setting}"
    else:
        logs.log_event("noticeSent", instance=news.case, kind=str(notice.kind), move=news.move)
        return Delivered(person_id, SENT)
    logs.log_event("noticeNotSent", instance=news.case, move=news.move, reason=why)
    return Delivered(person_id, NOT_SENT, why)


def _is_there(case: StoredCase, news: News) -> bool:
    """Whether the record holds the move, whole: its entries are written together."""
    return any(entry["move"] == news.move for entry in case.record)


def _notices(case: StoredCase, news: News) -> Sequence[Notice]:
    return notices(case.record, news.move, case.submission, directory.zone_of)


def _mail(case: StoredCase, news: News, notice: Notice, name: str, address: str) -> Mail:
    host = host_of_links()
    at = next(entry["at"] for entry in case.record if entry["move"] == news.move)
    return Mail(
        name=name,
        address=address,
        subject=notice.subject,
        text=text_of(notice, settings.public_base_url(), case.submission.policy.file),
        message_id=message_id(case.id, case.run, news.move, notice.to, host),
        thread_id=f"<{case.id}@{host}>",
        at=instants.read(at),
    )
