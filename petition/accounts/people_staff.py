"""The people who sign in, as operators and organisers see them: invited, given roles, disabled."""

from collections.abc import Callable

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale

from petition import addresses, keys
from petition.accounts import guarding, inviting, people, scopes, sessions, trail
from petition.accounts.cookies import CONSOLE
from petition.accounts.duties import ROLE_NAMES, Duty, Role
from petition.accounts.models import Account, Grant
from petition.accounts.people import Hand
from petition.accounts.people_forms import EVERYWHERE, GiveForm, InviteForm
from petition.accounts.people_refusals import NoSuchPerson
from petition.accounts.refusals import Refusal
from petition.extensions import db

views = Blueprint("accounts_staff", __name__, url_prefix=CONSOLE)


@views.get("/people")
@guarding.staff(Duty.PEOPLE)
def all_people() -> ResponseReturnValue:
    return _list(InviteForm(formdata=None, language=str(get_locale())))


@views.post("/people")
@guarding.write_limit
@guarding.staff(Duty.PEOPLE, fresh=True)
def invite() -> ResponseReturnValue:
    """Give a role to the owner of an address, who is invited if need be."""
    form, hand = InviteForm(), _hand()
    form.fill(hand)
    if not form.validate():
        return _list(form, status=422)
    address, role = addresses.parse(form.email.data), Role(form.role.data)
    try:
        account, invited = people.invite(hand, address, role, scopes=form.scopes, language=form.language.data)
    except Refusal as refusal:
        db.session.rollback()
        return _list(form, refusal)
    if invited:
        trail.record("account.created", scope=_only(form.scopes), subject=account.public_id)
    _record_each("account.granted", account, role, form.scopes)
    db.session.commit()
    # The same words for both: whether an address has an account elsewhere is not told.
    return redirect(url_for("accounts_staff.all_people", done="invited"), code=303)


@views.get("/people/<person>")
@guarding.staff(Duty.PEOPLE)
def one(person: str) -> ResponseReturnValue:
    return _person(_get(person))


@views.post("/people/<person>/roles")
@guarding.write_limit
@guarding.staff(Duty.PEOPLE, fresh=True)
def give(person: str) -> ResponseReturnValue:
    account, form, hand = _get(person), GiveForm(), _hand()
    form.fill(hand)
    if not form.validate():
        return _person(account, form, status=422)
    role = Role(form.role.data)
    try:
        people.give(hand, account, role, scopes=form.scopes)
    except Refusal as refusal:
        return _refused(person, refusal, form)
    _record_each("account.granted", account, role, form.scopes)
    return _done(account, "given")


@views.post("/people/<person>/roles/take-back")
@guarding.write_limit
@guarding.staff(Duty.PEOPLE, fresh=True)
def take_back(person: str) -> ResponseReturnValue:
    """One role on one declaration, or on every one."""
    account, place = _get(person), request.form.get("declaration", "")
    scope, hand = (None if place == EVERYWHERE else scopes.find(place)), _hand()
    role = request.form.get("role", "")
    if role not in set(Role) or (scope is None and place != EVERYWHERE) or not hand.sees(scope):
        abort(404)
    try:
        people.take_back(hand, account, Role(role), scope=scope)
    except Refusal as refusal:
        return _refused(person, refusal)
    trail.record("account.revoked", scope=scope, subject=account.public_id, role=role)
    return _done(account, "taken-back")


@views.post("/people/<person>/disable")
@guarding.write_limit
@guarding.staff(Duty.PEOPLE, fresh=True)
def disable(person: str) -> ResponseReturnValue:
    return _do(person, people.disable, "account.disabled", "disabled")


@views.post("/people/<person>/enable")
@guarding.write_limit
@guarding.staff(Duty.PEOPLE, fresh=True)
def enable(person: str) -> ResponseReturnValue:
    return _do(person, people.enable, "account.enabled", "enabled")


@views.post("/people/<person>/invitation")
@guarding.write_limit
@guarding.staff(Duty.PEOPLE, fresh=True)
def invite_again(person: str) -> ResponseReturnValue:
    """For somebody who lost password or second factor, or whose invitation ran out."""
    return _do(person, people.invite_again, "account.invited", "invited-again")


@views.post("/people/<person>/end-sessions")
@guarding.write_limit
@guarding.staff(Duty.PEOPLE, fresh=True)
def end_sessions(person: str) -> ResponseReturnValue:
    return _do(person, people.end_sessions, "account.signed-out-by-staff", "ended")


def _hand() -> Hand:
    return Hand(guarding.current(), guarding.scopes(Duty.PEOPLE))


def _get(person: str) -> Account:
    try:
        return people.get(_hand(), person)
    except NoSuchPerson:
        abort(404)


def _do(person: str, verb: Callable[[Hand, Account], None], act: str, done: str) -> ResponseReturnValue:
    account = _get(person)
    try:
        verb(_hand(), account)
    except Refusal as refusal:
        return _refused(person, refusal)
    trail.record(act, scope=_only([each.scope for each in account.grants]), subject=account.public_id)
    return _done(account, done)


def _refused(person: str, refusal: Refusal, form: GiveForm | None = None) -> ResponseReturnValue:
    db.session.rollback()
    return _person(_get(person), form, refusal)


def _done(account: Account, what: str) -> ResponseReturnValue:
    person = account.public_id
    db.session.commit()
    if guarding.current().public_id == person and not guarding.may(Duty.PEOPLE):
        return redirect(url_for("accounts.account"), code=303)
    return redirect(url_for("accounts_staff.one", person=person, done=what), code=303)


def _record_each(act: str, account: Account, role: Role, given: list[int] | None) -> None:
    """One entry for each declaration, so that its organisers find it on their trail."""
    for scope in [None] if given is None else given:
        trail.record(act, scope=scope, subject=account.public_id, role=role)


def _only(given: list[int] | list[int | None] | None) -> int | None:
    """The one declaration that it is about, if it is one."""
    found = set(given or ())
    return found.pop() if len(found) == 1 else None


def _list(form: InviteForm, refusal: Refusal | None = None, *, status: int = 200) -> ResponseReturnValue:
    hand = _hand()
    form.fill(hand)
    shown = people.all_of(hand)
    addressed = {account.id: _address(hand, account) for account in shown}
    given = {account.id: dict.fromkeys(grant.role for grant in _seen(hand, account)) for account in shown}
    done = request.args.get("done")
    values = {"people": shown, "addresses": addressed, "given": given, "done": done, "state": _state}
    page = render_template("accounts/people.html", form=form, refusal=refusal, roles=ROLE_NAMES, **values)
    return make_response(page, refusal.status if refusal else status)


def _person(
    account: Account, form: GiveForm | None = None, refusal: Refusal | None = None, *, status: int = 200
) -> ResponseReturnValue:
    hand, form = _hand(), form or GiveForm(formdata=None)
    form.fill(hand)
    page = render_template(
        "accounts/person.html",
        account=account,
        address=_address(hand, account),
        grants=[(grant, _place(grant), hand.reaches(grant.role, grant.scope)) for grant in _seen(hand, account)],
        held=hand.holds(account),
        oneself=account.id == hand.account.id,
        state=_state(account),
        open_sessions=len(sessions.of(account)),
        form=form,
        refusal=refusal,
        roles=ROLE_NAMES,
        everywhere=EVERYWHERE,
        done=request.args.get("done"),
    )
    return make_response(page, refusal.status if refusal else status)


def _place(grant: Grant) -> tuple[str, str] | None:
    """The slug and the name of the declaration; None for every one."""
    return None if grant.scope is None else (scopes.slug(grant.scope), scopes.name(grant.scope))


def _address(hand: Hand, account: Account) -> str:
    """Empty for who does not hold the account: it is no business of a single declaration's organisers."""
    return keys.ring().decrypt(account.address) if hand.holds(account) else ""


def _seen(hand: Hand, account: Account) -> list[Grant]:
    return [grant for grant in account.grants if hand.sees(grant.scope)]


def _state(account: Account) -> str:
    if not account.active:
        return "disabled"
    if account.joined_at is not None:
        return "active"
    return "invited" if inviting.is_invited(account) else "lapsed"
