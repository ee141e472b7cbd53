"""Pages that say what is the matter: each says what happened, that nothing is lost, and what to do now."""

from web.views import Frame, Link, StatePage

_HOME = Link("/inbox", "What waits for you")


def already_decided(frame: Frame, case_id: str, sentence: str) -> StatePage:
    """Somebody was quicker; ``sentence`` says who decided what, and when."""
    lines = (sentence, "Your answer came later and does not count.")
    return StatePage(frame, 409, "This has been decided already", lines, _case_and_home(case_id))


def repeated(frame: Frame, case_id: str, sentence: str) -> StatePage:
    """This person has voted before; ``sentence`` says what and when."""
    lines = (sentence, "One person has one vote, and the first one counts.")
    return StatePage(frame, 409, "You have decided this already", lines, _case_and_home(case_id))


def too_old(frame: Frame, case_id: str) -> StatePage:
    """The page was made for an earlier state of the case."""
    lines = (
        "The case has moved on since you opened the page. Your answer was not recorded.",
        "Look at it as it is now, and decide again if you are still asked.",
    )
    return StatePage(
        frame, 409, "That page is too old", lines, _case_and_home(case_id, "Look at the case as it is now")
    )


def too_early(frame: Frame, case_id: str) -> StatePage:
    """The case is being opened; nobody can act yet."""
    lines = ("We are still working out who is asked. Nothing was recorded; try again in a few seconds.",)
    return StatePage(frame, 409, "This case is not open yet", lines, _case_and_home(case_id))


def not_yours(frame: Frame, case_id: str, sentence: str) -> StatePage:
    """Somebody else is asked; ``sentence`` says who."""
    lines = (sentence, "Nothing was recorded.")
    return StatePage(frame, 403, "You are not asked to decide this", lines, _case_and_home(case_id))


def own_case(frame: Frame, case_id: str) -> StatePage:
    """Who has written a proposal never decides on it."""
    lines = ("Whoever has written a proposal, or worked on it, does not decide on it. Nothing was recorded.",)
    return StatePage(frame, 403, "You wrote it", lines, _case_and_home(case_id))


def not_known_yet(frame: Frame, case_id: str) -> StatePage:
    """The act is sent, and its verdict has not come within the time we wait."""
    lines = (
        "Your answer is on its way, and it is taking longer than usual. There is no need to send it again.",
        "The page of the case says in a moment whether it counts.",
    )
    return StatePage(frame, 202, "Your answer is being recorded", lines, _case_and_home(case_id))


def not_found(frame: Frame) -> StatePage:
    """There is nothing here, or nothing that this person may see; both look the same."""
    lines = (
        "There is no such page or case, or it is not for you to see.",
        "If you have typed the address, check it. Case numbers look like P-7K3M9QXV.",
    )
    return StatePage(frame, 404, "Page not found", lines, (_HOME,) if frame.person else ())


def not_signed_in(frame: Frame, after: str) -> StatePage:
    """Nobody is signed in, or no longer; ``after`` is where to go then, an address of ours."""
    lines = (
        "You have been signed out, or never were in. Nothing was recorded.",
        "To keep what you wrote, sign in in another tab. Then load this page again, and let the browser send it again.",
    )
    return StatePage(frame, 401, "Sign in first", lines, (Link(after, "Sign in"),))


def no_sign_in(frame: Frame) -> StatePage:
    """There is no way to sign in here: no identity provider is set up."""
    lines = (
        "This app does not know yet how people sign in. Whoever runs it has to set IDENTITY.",
        "On a computer of your own, `make run` sets it to local.",
    )
    return StatePage(frame, 503, "Nobody can sign in yet", lines)


def refused_form(frame: Frame, back: str = "/inbox") -> StatePage:
    """The form's token or origin is not what a form of ours sends."""
    lines = (
        "We take forms from our own pages only, while you are signed in as when you opened them. Nothing was recorded.",
        "Open the page again, and send it once more.",
    )
    return StatePage(frame, 403, "We did not take that form", lines, (Link(back, "Open the page again"),))


def unreadable_form(frame: Frame, why: str, back: str = "/inbox") -> StatePage:
    """The bytes are no form of ours; ``why`` is a sentence."""
    lines = (why, "Nothing was recorded.")
    return StatePage(frame, 400, "We could not read that form", lines, (Link(back, "Back"),))


def submits_nothing(frame: Frame) -> StatePage:
    """The policy file says that this person submits nothing."""
    lines = ("By the company's policy file you decide on proposals and submit none yourself.",)
    return StatePage(frame, 403, "You do not submit proposals here", lines, (_HOME,))


def sent_before(frame: Frame, case_id: str) -> StatePage:
    """The same form was sent before, with other answers; that case is there."""
    lines = (
        "You have sent this form before, with other answers. That proposal is submitted; this one is not.",
        "To submit another one, begin with an empty form.",
    )
    links = (Link(f"/proposals/{case_id}", "Look at the first one"), Link("/submit", "Submit another one"))
    return StatePage(frame, 409, "You have sent this form before", lines, links)


def engine_silent(frame: Frame) -> StatePage:
    """The engine did not answer in time."""
    lines = (
        "We could not reach the cases just now. They go on as they were, and nothing that was recorded is lost.",
        "Try again in a minute. If you had sent something, look at the case first: it may have arrived.",
    )
    return StatePage(frame, 503, "The cases cannot be reached", lines, (_HOME,) if frame.person else ())


def setting_missing(frame: Frame, setting: str) -> StatePage:
    """A setting is missing, so that nothing can be submitted or decided."""
    lines = (
        f"The setting {setting} is missing, so this cannot be done now. Nothing was recorded, and nothing is lost.",
        "Whoever runs this app finds in its health check what to set.",
    )
    return StatePage(frame, 503, "The app is not set up completely", lines, (_HOME,) if frame.person else ())


def setting_unfit(frame: Frame, setting: str, detail: str) -> StatePage:
    """A setting is there and does not fit; ``detail`` says why, to the one who runs the app."""
    lines = (
        f"The setting {setting} does not fit, so this cannot be done now. Nothing was recorded, and nothing is lost.",
        f"For whoever runs this app: {detail}",
    )
    return StatePage(frame, 503, "The app is not set up completely", lines, (_HOME,) if frame.person else ())


def our_fault(frame: Frame, reference: str = "") -> StatePage:
    """An error of ours."""
    lines = (
        "This is our fault, not yours. Open cases go on as they were, and nothing that was recorded is lost.",
        "Try again in a minute. If you had sent something, look at the case first: it may have arrived.",
    )
    return StatePage(frame, 500, "Something went wrong", lines, (_HOME,) if frame.person else (), reference)


def _case_and_home(case_id: str, words: str = "Look at the case") -> tuple[Link, ...]:
    return Link(f"/proposals/{case_id}", words), _HOME
