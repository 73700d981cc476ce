"""What the values of users meet: keys, types, defaults, and the schema."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from chartgate.documents.addresses import ABSENT, steps
from chartgate.documents.shapes import is_number, type_name
from chartgate.documents.words import listed
from chartgate.kubernetes.validity.quantities import quantity
from chartgate.review.contract.changed_keys import KeyChange, says_off
from chartgate.review.contract.kube_versions import RaisedKubeVersion
from chartgate.review.contract.narrowed_schemas import Narrowing
from chartgate.review.review import Level
from chartgate.review.risks.risk_class import Hit, risk

_VALUES = "https://helm.sh/docs/chart_template_guide/values_files/"
_SCHEMAS = "https://helm.sh/docs/topics/charts/#schema-files"


class Refusal(NamedTuple):
    """Values with which the old chart renders, and the new one does not."""

    scenario: str
    error: str


@risk(level="danger", bump="major", source="https://helm.sh/docs/chart_best_practices/values/")
def default_toggled(change: KeyChange) -> Iterator[Hit]:
    """A switch is on by default that was off, or off that was on.

    Whoever has not set it gets a feature unasked, or loses one, with the upgrade. `disabled: true` is off.
    """
    if isinstance(change.before, bool) and isinstance(change.after, bool):
        is_on = change.after != says_off(steps(change.address)[-1])
        yield Hit(change.address, f"{'on' if is_on else 'off'} by default now")


@risk(level="note", bump="patch", source=_VALUES)
def default_changed(change: KeyChange) -> Iterator[Hit]:
    """A key has another default of the same type, or none any longer.

    Whoever has not set it gets the new one; what it does to the resources is listed with them. A key that is no longer
    in values.yaml, and that templates still read, has no default any longer: setting it does what it did.
    """
    if change.is_still_read and not change.renamed_to:
        yield Hit(change.address, "it has no default any longer; the templates still read it")
    if change.in_list and ABSENT in (change.before, change.after) and not change.is_read_of_no_item:
        yield Hit(change.address, f"the list {'has this now' if change.before is ABSENT else 'no longer has this'}")
    elif ABSENT in (change.before, change.after) or isinstance(change.after, bool):
        return
    elif type_name(change.before) == type_name(change.after) or change.takes_both:
        yield Hit(change.address, "another default")


@risk(level="danger", bump="major", source=_VALUES)
def values_key_removed(change: KeyChange) -> Iterator[Hit]:
    """A key of values.yaml is gone, or has another name.

    Helm says nothing about a key that no template reads: whoever sets it believes that it still counts. The same of a
    key that the items of a list had.
    """
    if change.is_read_of_no_item:
        yield Hit(change.address, f"no template reads {steps(change.address)[-1]} of its items any longer")
    if change.after is ABSENT and not change.in_list and (change.renamed_to or not change.is_still_read):
        yield Hit(change.address, f"it is {change.renamed_to} now" if change.renamed_to else "setting it does nothing")


@risk(level="danger", bump="major", source=_VALUES)
def values_key_ignored(change: KeyChange) -> Iterator[Hit]:
    """A key is still in values.yaml, and no template reads it any longer.

    Whoever sets it gets what is rendered without it, and nobody says so. A caution for one that values.yaml never had,
    such as the older name of another key; and for one that is read, but printed in another way: as no template any
    longer, or below another field, such as annotations instead of labels.
    """
    if change.printed:
        yield Hit(change.address, change.printed, "caution")
    if change.is_ignored:
        level: Level | None = "caution" if change.before is ABSENT else None
        yield Hit(change.address, "no template reads it any longer: setting it does nothing", level)


@risk(level="note", bump="minor", source=_VALUES)
def values_key_added(change: KeyChange) -> Iterator[Hit]:
    """values.yaml has a key that it did not have.

    A feature that can be used from this version on. A caution where it is a section that templates read below without
    asking for it: `helm upgrade --reuse-values` takes the defaults of what is installed, which lack it, and fails.
    """
    if change.before is ABSENT and not change.in_list and change.is_needed:
        yield Hit(change.address, "new; with --reuse-values, which leaves it out, the templates fail", "caution")
    elif change.before is ABSENT and not change.in_list:
        yield Hit(change.address, "new")


@risk(level="danger", bump="major", source=_VALUES)
def values_retyped(change: KeyChange) -> Iterator[Hit]:
    """A key has a default of another type.

    A value of the old type may be refused, or rendered as something else; not where the schema takes both. A note where
    only quotes come or go around a number, which most templates print alike, a number of pods becomes a share, the same
    amount gets another unit (`0.1` and `100m`), or what is empty is another kind of empty, and templates only print it:
    what users set there is printed as it was.
    """
    sides = change.before, change.after
    if ABSENT in sides or None in sides or change.takes_both:
        return
    was, now = map(type_name, sides)
    if was != now:
        hit = Hit(change.address, f"{was} before, {now} now")
        is_alike = change.is_printed or _is_the_same_number(*sides) or _are_amounts(*sides)
        yield hit._replace(level="note", bump="patch") if is_alike else hit


def _is_the_same_number(before: object, after: object) -> bool:
    """Tell whether one is a number and the other its text; neither `1.10`, which is no text of 1.1, nor true."""
    numbers = [side for side in (before, after) if is_number(side)]
    texts = [side for side in (before, after) if isinstance(side, str)]
    return len(numbers) == len(texts) == 1 and str(numbers[0]) == texts[0]


def _are_amounts(before: object, after: object) -> bool:
    """Tell whether one is a number and the other a share, as in `maxUnavailable`, or the same amount with a unit."""
    shares = [side for side in (before, after) if isinstance(side, str) and side[-1:] == "%" and side[:-1].isdecimal()]
    amounts = [side for side in (before, after) if isinstance(side, str) and side[-1:].isalpha()]
    numbers = [side for side in (before, after) if is_number(side)]
    if len(amounts) == len(numbers) == 1:
        return quantity(amounts[0]) == quantity(numbers[0])
    return len(shares) == len(numbers) == 1


@risk(level="danger", bump="major", source=_SCHEMAS)
def schema_narrowed(change: Narrowing) -> Iterator[Hit]:
    """values.schema.json refuses what it accepted.

    Helm refuses the upgrade of whoever has such values. A caution where these are numbers below zero, or where
    only `--reuse-values` leaves out what is demanded: a key that is new, and has a default.
    """
    yield Hit(change.address, change.reason, *(("caution", "minor") if change.is_mild else (None, None)))


@risk(level="danger", bump="major", source=_SCHEMAS)
def values_refused(change: Refusal) -> Iterator[Hit]:
    """Values that rendered are refused.

    A scenario of the matrix, or a values file, with which the old version of the chart rendered and the new one does
    not, or a key with which the templates fail now: whoever has such values cannot upgrade.
    """
    yield Hit(change.scenario, change.error)


@risk(level="danger", bump="major", source="https://helm.sh/docs/topics/charts/#the-kubeversion-field")
def kube_version_raised(change: RaisedKubeVersion) -> Iterator[Hit]:
    """Versions of Kubernetes are refused that were accepted.

    Helm refuses the upgrade in such a cluster.
    """
    yield Hit("kubeVersion", f"Kubernetes {listed(change.lost[::-1], 4)} no longer fits")
