"""Rules over the fields of what makes, scales and protects pods: Deployments, Jobs, autoscalers, budgets.

Source: the functions named in each row, below https://github.com/kubernetes/kubernetes/tree/v1.36.0/pkg/apis in
apps/validation, batch/validation, autoscaling/validation and policy/validation.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import partial
from typing import Any

from chartgate.documents.addresses import ABSENT
from chartgate.documents.secret_texts.writings import PLACEHOLDER
from chartgate.documents.shapes import is_whole, whole_number
from chartgate.kubernetes.field_rules.field_rule import (
    Breach,
    Breaches,
    FieldRule,
    Part,
    between,
    exactly_one,
    listed,
    words,
)
from chartgate.kubernetes.validity.cron import schedule_problem

_LONGEST_ROLLOUT = 600
"""Seconds a rollout may take, where the Deployment does not say."""
_RUNNING_ON = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet")
METRIC_SOURCES = {
    "ContainerResource": "containerResource",
    "External": "external",
    "Object": "object",
    "Pods": "pods",
    "Resource": "resource",
}
_FOR_ZERO = ("External", "Object")
"""The metrics that are there without pods."""


def number_or_percent(*addresses: str, most: int = 100) -> Breaches:
    """Demand numbers that are not negative, or percents up to 100, or to another number."""

    def breaches(part: Part) -> Iterator[Breach]:
        for place in (part.place(address) for address in addresses):
            percent = whole_number(place.text.removesuffix("%")) if place.text.endswith("%") else None
            if isinstance(place.value, str) and (percent is None or percent > most):
                yield Breach(place, repr(place.value))
            elif is_whole(place.value) and place.value < 0:
                yield Breach(place, str(place.value))

    return breaches


def is_zero(value: Any) -> bool:
    """Tell whether a number or a percent of pods is none of them."""
    return value in (0, "0%") and not isinstance(value, bool)


def _rolling(field: str, other: str, part: Part) -> Iterator[Breach]:
    strategy = part.place(field)
    if strategy.at("type") == other and (strategy / "rollingUpdate").is_set:
        yield Breach(strategy / "rollingUpdate", f"rollingUpdate, and type {other}")


_RECREATE, _ON_DELETE = (
    partial(_rolling, "spec.strategy", "Recreate"),
    partial(_rolling, "spec.updateStrategy", "OnDelete"),
)


def _moves(part: Part) -> Iterator[Breach]:
    rolling = part.place("spec.strategy.rollingUpdate")
    if is_zero(rolling.at("maxSurge")) and is_zero(rolling.at("maxUnavailable")):
        yield Breach(rolling, "maxSurge 0 and maxUnavailable 0, so that no pod can be replaced")


def _daemon_moves(part: Part) -> Iterator[Breach]:
    """Compare the two, of which the first is 0 and the second 1 where they are left out."""
    rolling = part.place("spec.updateStrategy.rollingUpdate")
    surge, unavailable = rolling.at("maxSurge"), rolling.at("maxUnavailable")
    surges = surge not in (ABSENT, None) and not is_zero(surge)
    stops = not is_zero(unavailable)
    if rolling.is_map and surges == stops:
        shown = "1, its default" if unavailable in (ABSENT, None) else unavailable
        yield Breach(rolling, f"maxSurge {surge if surges else 0} and maxUnavailable {shown}")


def _progress(part: Part) -> Iterator[Breach]:
    ready, deadline = part.at("spec.minReadySeconds"), part.place("spec.progressDeadlineSeconds")
    longest = deadline.value if deadline.is_set else _LONGEST_ROLLOUT
    if is_whole(ready) and is_whole(longest) and ready >= longest:
        yield Breach(deadline, f"{longest}, and minReadySeconds {ready}")


def _restarted(part: Part) -> Iterator[Breach]:
    policy, deadline = (part.place(f"spec.template.spec.{key}") for key in ("restartPolicy", "activeDeadlineSeconds"))
    if policy.text in ("Never", "OnFailure"):
        yield Breach(policy, policy.text)
    if deadline.is_set:
        yield Breach(deadline, "activeDeadlineSeconds")


def _not_restarted(part: Part) -> Iterator[Breach]:
    policy = part.place("spec.template.spec.restartPolicy")
    if part.place("spec.template.spec").is_map and policy.value in (ABSENT, None, "", "Always"):
        yield Breach(policy, policy.text or "Always, by default")


def _indexed(part: Part) -> Iterator[Breach]:
    spec = part / "spec"
    if spec.at("completionMode") == "Indexed" and not (spec / "completions").is_set:
        yield Breach(spec / "completionMode", "Indexed, and no completions")
    if spec.at("completionMode") != "Indexed" and (spec / "backoffLimitPerIndex").is_set:
        yield Breach(spec / "backoffLimitPerIndex", "backoffLimitPerIndex, and completionMode not Indexed")
    if (spec / "maxFailedIndexes").is_set and not (spec / "backoffLimitPerIndex").is_set:
        yield Breach(spec / "maxFailedIndexes", "maxFailedIndexes, and no backoffLimitPerIndex")
    if (spec / "podFailurePolicy").is_set and spec.at("template.spec.restartPolicy") == "OnFailure":
        yield Breach(spec / "podFailurePolicy", "podFailurePolicy, and restartPolicy OnFailure")


def _own_selector(part: Part) -> Iterator[Breach]:
    spec = part / "spec"
    if (spec / "selector").is_set and spec.at("manualSelector") is not True:
        yield Breach(spec / "selector", "a selector, and manualSelector is not true")


def _schedule(part: Part) -> Iterator[Breach]:
    schedule, zone = part.place("spec.schedule"), part.place("spec.timeZone")
    problem = schedule_problem(schedule.text)
    if isinstance(schedule.value, str) and problem and not PLACEHOLDER.search(schedule.text):
        yield Breach(schedule, problem)
    if zone.value == "" or zone.text.lower() == "local":
        yield Breach(zone, repr(zone.value))


def _scaled(part: Part) -> Iterator[Breach]:
    least, most = part.place("spec.minReplicas"), part.place("spec.maxReplicas")
    if is_whole(most.value) and most.value < 1:
        yield Breach(most, str(most.value))
    elif is_whole(least.value) and is_whole(most.value) and most.value < least.value:
        yield Breach(most, f"{most.value}, and minReplicas {least.value}")
    types = [metric.at("type") for metric in part.place("spec.metrics").maps()]
    if is_whole(least.value) and least.value < 1 and not (least.value == 0 and set(types) & set(_FOR_ZERO)):
        yield Breach(
            least, f"{least.value}, which takes a metric of type {words([*_FOR_ZERO])}" if types else str(least.value)
        )


def _one_limit(part: Part) -> Iterator[Breach]:
    """Look at what a budget keeps. Without either, the server takes it, and then expects no pod and lets none go.

    Source: `updatePdbStatus` in https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/controller/disruption
    """
    there = listed(part / "spec", ("minAvailable", "maxUnavailable"))
    if len(there) != 1:
        found = words(there, "neither, so that no pod can be evicted")
        yield Breach(part / "spec", found, is_omission=not there)


def _metric(part: Part) -> Iterator[Breach]:
    there, wanted = listed(part, tuple(METRIC_SOURCES.values())), METRIC_SOURCES.get(str(part.at("type")))
    if wanted and there != [wanted]:
        yield Breach(part, f"type {part.at('type')}, and {words(there, 'no source')}")


RULES_OF_WORKLOADS = (
    FieldRule("Deployment", "rollingUpdate only with type RollingUpdate", "apps ValidateDeploymentStrategy", _RECREATE),
    FieldRule("Deployment", "maxSurge or maxUnavailable above 0", "apps ValidateRollingUpdateDeployment", _moves),
    FieldRule(
        "Deployment",
        "numbers, or percents from 0% to 100%",
        "apps ValidateRollingUpdateDeployment",
        number_or_percent("spec.strategy.rollingUpdate.maxUnavailable"),
    ),
    FieldRule(
        "Deployment",
        "a number or a percent of pods in addition",
        "apps ValidateRollingUpdateDeployment",
        number_or_percent("spec.strategy.rollingUpdate.maxSurge", most=sys.maxsize),
    ),
    FieldRule(
        "Deployment", "a progressDeadlineSeconds above minReadySeconds", "apps ValidateDeploymentSpec", _progress
    ),
    FieldRule("StatefulSet", "rollingUpdate only with type RollingUpdate", "apps ValidateStatefulSetSpec", _ON_DELETE),
    FieldRule(
        "StatefulSet",
        "numbers, or percents from 0% to 100%",
        "apps validateRollingUpdateStatefulSet",
        number_or_percent("spec.updateStrategy.rollingUpdate.maxUnavailable"),
    ),
    FieldRule(
        "StatefulSet",
        "no negative ordinal",
        "apps ValidateStatefulSetSpec",
        between(0, None, "spec.updateStrategy.rollingUpdate.partition", "spec.ordinals.start"),
    ),
    FieldRule(
        "DaemonSet", "one of maxSurge and maxUnavailable above 0", "apps ValidateRollingUpdateDaemonSet", _daemon_moves
    ),
    *(
        rule
        for kind in _RUNNING_ON
        for rule in (
            FieldRule(
                kind,
                "pods that run on: restartPolicy Always, and no activeDeadlineSeconds",
                f"apps Validate{kind}Spec",
                _restarted,
            ),
            FieldRule(
                kind,
                "no negative number",
                f"apps Validate{kind}Spec",
                between(0, None, "spec.replicas", "spec.minReadySeconds", "spec.revisionHistoryLimit"),
            ),
        )
    ),
    FieldRule(
        "Job", "pods that come to an end: restartPolicy OnFailure or Never", "batch validateJobSpec", _not_restarted
    ),
    FieldRule("Job", "fields that go with its completionMode and restartPolicy", "batch validateJobSpec", _indexed),
    FieldRule("Job", "no selector of its own: it is generated", "batch ValidateGeneratedSelector", _own_selector),
    FieldRule(
        "Job",
        "no negative number",
        "batch validateJobSpec",
        between(
            0,
            None,
            *(
                f"spec.{key}"
                for key in (
                    "parallelism",
                    "completions",
                    "activeDeadlineSeconds",
                    "backoffLimit",
                    "ttlSecondsAfterFinished",
                )
            ),
        ),
    ),
    FieldRule(
        "CronJob",
        "a schedule of five fields, or of a word with @; a time zone by its name",
        "batch validateScheduleFormat",
        _schedule,
    ),
    FieldRule(
        "CronJob",
        "no negative number",
        "batch ValidateCronJobSpec",
        between(
            0,
            None,
            *(
                f"spec.{key}"
                for key in ("startingDeadlineSeconds", "successfulJobsHistoryLimit", "failedJobsHistoryLimit")
            ),
        ),
    ),
    FieldRule(
        "HorizontalPodAutoscaler",
        "at least 1 replica, and no more minReplicas than maxReplicas",
        "autoscaling validateHorizontalPodAutoscalerSpec",
        _scaled,
    ),
    FieldRule("metric", "the one source that its type names", "autoscaling validateMetricSpec", _metric),
    FieldRule(
        "resource metric",
        "exactly one of averageUtilization, averageValue",
        "autoscaling validateResourceSource",
        exactly_one("averageUtilization", "averageValue"),
    ),
    FieldRule(
        "PodDisruptionBudget",
        "exactly one of minAvailable, maxUnavailable",
        "policy ValidatePodDisruptionBudgetSpec",
        _one_limit,
    ),
    FieldRule(
        "PodDisruptionBudget",
        "numbers, or percents from 0% to 100%",
        "policy ValidatePodDisruptionBudgetSpec",
        number_or_percent("spec.minAvailable", "spec.maxUnavailable"),
    ),
)
"""One row a rule."""
