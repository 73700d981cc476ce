"""Which keys the comments of a values.yaml name."""

from __future__ import annotations

import pytest

from chartgate.charts.chart_values.commented_keys import CommentedKeys

VALUES = """# nameOverride: ""
## @param image.digest The digest
image:
  tag: "1" # or set `variant`
  # registry: example.com

service:
  ## Of a NodePort, say
  #nodePort: 30080
  ports:
    http: 80
    # - name: metrics
    #   targetPort: 9090
# Set neither minAvailable nor maxUnavailable
budget:
  enabled: true
# ingress:
#   hosts: []
#   tls:
#     - secretName: x
"""


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("nameOverride", True),
        ("image.digest", True),
        ("image.variant", True),
        ("image.registry", True),
        ("image.nodePort", False),
        ("service.nodePort", True),
        ("service.ports.targetPort", True),
        ("service.registry", False),
        ("budget.maxUnavailable", True),
        ("ingress", True),
        ("ingress.hosts", True),
        ("tls", True),
        # A word of a sentence is no key at the top, nor is one of small letters elsewhere.
        ("service.say", False),
        ("minAvailable", False),
        ("digest", False),
        ("registryx", False),
    ],
)
def test_what_comments_name(path: str, expected: bool) -> None:
    assert CommentedKeys(VALUES).name(path.split(".")) is expected


@pytest.mark.parametrize("text", ["", "#", "# :", "a: [", "\t# x: y\n- #", "a:\n#"])
def test_odd_texts_name_nothing(text: str) -> None:
    assert not CommentedKeys(text).name(("a", "b"))
