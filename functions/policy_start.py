"""What an app with people and policies does when it is loaded: it reads the policy file, and health looks at more.

A wrong policy file stops the app here. What was read is in force until the next start.
"""

from adapters import directory, sealing, settings
from adapters.engine import Engine
from functions import health
from service.errors import InvalidSetting, MissingSetting
from service.health import Check, policies_fault, public_url_fault


def begin() -> None:
    """Have the policy file in force, and health look at what it needs.

    Raises:
        WrongPolicyFile: the file cannot be read or has mistakes.
    """
    directory.start()
    if checks not in health.MORE_CHECKS:
        health.MORE_CHECKS.append(checks)


def checks(engine: Engine) -> list[Check]:
    """Whether the settings are there that a policy file or a sign-in needs, and where links in mails lead."""
    return [_policies(), _public_url(engine)]


def _policies() -> Check:
    has_policies = directory.policy_file() is not None
    wrong = settings.policy_faults()
    if has_policies:
        try:
            sealing.act_keys()
        except InvalidSetting as error:
            wrong = list(dict.fromkeys([*wrong, error.setting]))
    return Check("policies", policies_fault(wrong, settings.missing(has_policies=has_policies)))


def _public_url(engine: Engine) -> Check:
    link = engine.links(health.PROBE_ID)["statusQueryGetUri"]
    try:
        public = settings.public_base_url()
    except (InvalidSetting, MissingSetting):  # the other check names it, if it is needed
        return Check("publicUrl")
    return Check("publicUrl", public_url_fault(public, link, is_on_platform=settings.is_on_platform()))
