"""Settings whose name says what another value means: in flags, in variables, in configuration of whatever form."""

from __future__ import annotations

import json

import pytest

from tests.review.object_pairs import risks_told

READER = """
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: reader}
spec: {template: {spec: {containers: [{name: a}], volumes: [{name: v, configMap: {name: web}}]}}}
"""
NAMES = READER.replace("{name: a}", "{name: a, args: [--configmap=x/web]}").replace("{name: web}", "{name: other}")
SERVICE = "\n---\n{apiVersion: v1, kind: Service, metadata: {name: new}, spec: {}}"


def _started(inside: str) -> str:
    pod = f"{{containers: [{{name: a, image: 'x:1', {inside}}}]}}"
    return f"{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: web}}, spec: {{template: {{spec: {pod}}}}}}}"


def _flag(text: str) -> str:
    return _started(f"args: [serve, {text}]")


def _variable(name: str, value: str) -> str:
    return _started(f"env: [{{name: {name}, value: '{value}'}}]")


def _file(text: str, beside: str = "") -> str:
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: web}}\ndata: {{web.conf: {json.dumps(text)}}}\n{beside}"


def _own(spec: str) -> str:
    return f"apiVersion: example.com/v1\nkind: Store\nmetadata: {{name: web}}\nspec: {{{spec}}}\n"


LEADS = "beside the old pods, another one leads"
LOST = "what it has there, it no longer finds"
GONE = "what is beyond it is deleted"
REFUSED = "it takes what it refused"
OPEN = "it no longer keeps anybody out"
PLAIN = "traffic is no longer encrypted"
INSIDE = "it is reached from its own pod only"
OUTSIDE = "it is reached from outside of its pod"
THERE = "what it has there, it may no longer find"
GONE_WITH_IT = "what it has is gone with its pod"
OTHERWISE = "it asks in another way who somebody is"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (_flag("--leader-election-id=a"), _flag("--leader-election-id=b"),
         f"start_changed caution --leader-election-id is b now: {LEADS}"),
        (_flag("'--lock-name', a"), _flag("'--lock-name', b"), f"start_changed caution --lock-name is b now: {LEADS}"),
        (_variable("LEADER_ELECTION_LEASE_NAME", "a"), _variable("LEADER_ELECTION_LEASE_NAME", "b"),
         f"start_changed caution LEADER_ELECTION_LEASE_NAME is b now: {LEADS}"),
        (_file("leaderElection: {resourceName: a}"), _file("leaderElection: {resourceName: b}"), ""),
        (_file("leaderElection: {leaseName: a}"), _file("leaderElection: {leaseName: b}"),
         f"start_changed caution leaseName is b now: {LEADS}"),
        (_flag("--txt-owner-id=a"), _flag("--txt-owner-id=b"), f"start_changed caution --txt-owner-id was a: {LOST}"),
        (_flag("--cluster-name=a"), _flag("--cluster-name=b"), f"start_changed caution --cluster-name was a: {LOST}"),
        (_variable("KAFKA_GROUP_ID", "a"), _variable("KAFKA_GROUP_ID", "b"),
         f"start_changed caution KAFKA_GROUP_ID was a: {LOST}"),
        (_variable("POSTGRES_DB", "a"), _variable("POSTGRES_DB", "b"),
         f"start_changed caution POSTGRES_DB was a: {LOST}"),
        (_file("storage:\n  s3: {bucketName: a}\n"), _file("storage:\n  s3: {bucketName: b}\n"),
         f"start_changed caution bucketName was a: {LOST}"),
        (_file("# a\n\ndb_name = a\nuser = u\n"), _file("# a\n\ndb_name = b\nuser = u\n"),
         f"start_changed caution db_name was a: {LOST}"),
        (_own("retention: 15d"), _own("retention: 24h"),
         f"data_loss danger retention was 15d, and is 24h now: {GONE}"),
        (_flag("--storage.tsdb.retention.time=15d"), _flag("--storage.tsdb.retention.time=1w"),
         f"data_loss danger --storage.tsdb.retention.time was 15d, and is 1w now: {GONE}"),
        (_flag("--older-than=30d"), _flag("--older-than=7d"),
         f"data_loss danger --older-than was 30d, and is 7d now: {GONE}"),
        (_own("retentionSize: 50GB"), _own("retentionSize: 500MB"),
         f"data_loss danger retentionSize was 50GB, and is 500MB now: {GONE}"),
        (_file("log.retention.hours=168\nlog.dirs=/x\n"), _file("log.retention.hours=24\nlog.dirs=/x\n"),
         f"data_loss danger log.retention.hours was 168, and is 24 now: {GONE}"),
        (_file("limits: {retention_period: 744h}"), _file("limits: {retention_period: 168h}"),
         f"data_loss danger retention_period was 744h, and is 168h now: {GONE}"),
        (_flag("--listen=0.0.0.0:80"), _flag("--listen=127.0.0.1:80"),
         f"network_narrowed caution --listen is 127.0.0.1:80 now: {INSIDE}"),
        (_flag("--metrics-bind-address=:8080"), _flag("--metrics-bind-address=localhost:8080"),
         f"network_narrowed caution --metrics-bind-address is localhost:8080 now: {INSIDE}"),
        (_file("endpoint: 0.0.0.0:4317\na: b"), _file("endpoint: localhost:4317\na: b"),
         f"network_narrowed caution endpoint is localhost:4317 now: {INSIDE}"),
        (_file("# of the server\nbind 0.0.0.0\nport 6379\n"), _file("# of the server\nbind 127.0.0.1\nport 6379\n"),
         f"network_narrowed caution bind is 127.0.0.1 now: {INSIDE}"),
        (_flag("--auth=true"), _flag("--auth=false"), f"exposed danger --auth is false now: {OPEN}"),
        (_flag("--disable-auth=false"), _flag("--disable-auth=true"),
         f"exposed danger --disable-auth is true now: {OPEN}"),
        (_variable("AUTH_ANONYMOUS_ENABLED", "false"), _variable("AUTH_ANONYMOUS_ENABLED", "true"),
         f"exposed danger AUTH_ANONYMOUS_ENABLED is true now: {REFUSED}"),
        (_flag("--insecure-skip-verify=false"), _flag("--insecure-skip-verify=true"),
         f"exposed danger --insecure-skip-verify is true now: {REFUSED}"),
        (_file("tls: {enabled: true}\na: b"), _file("tls: {enabled: false}\na: b"),
         f"exposed danger tls.enabled is false now: {PLAIN}"),
        (_own("persistence: {enabled: true}"), _own("persistence: {enabled: false}"),
         "data_loss danger persistence.enabled is false now: what it has is gone with its pod"),
        (_variable("HOST", "[::1]"), _variable("HOST", "[::]"), f"exposed caution HOST is [::] now: {OUTSIDE}"),
        (_file("a: {b: 1, c: 2}", READER), _file("a: {b: 1}", READER),
         "start_changed caution it is no longer told a.c"),
        (_file("a: {b: '', c: 2}", READER), _file("a: {b: null, c: 2}", READER),
         "start_changed caution it is no longer told a.b"),
        (_file("a: [x, y]\nb: 1", READER), _file("a: [x]", READER),
         "start_changed caution it is no longer told a[1], b"),
        (_file('[bot]\nname = "a"\nage = 1\n[bot.chat]\ntoken = "b"\nroom = 2', READER),
         _file('[bot]\nname = "a"\n# age = 1', READER),
         "start_changed caution it is no longer told bot.age, bot.chat"),
        (_flag("--leader-elect=true"), _flag("--leader-elect=false"),
         "start_changed caution --leader-elect is false now"),
        (_variable("ALLOW_SNIPPETS", "true"), _variable("ALLOW_SNIPPETS", "false"),
         "start_changed caution ALLOW_SNIPPETS is false now"),
        (_file("a: {enabled: true}\nb: 1", READER), _file("a: {enabled: false}\nb: 1", READER),
         "start_changed caution a.enabled is false now"),
        (_file("{a: true, b: on, c: off, d: true}", READER), _file("{a: false, b: off, c: on, d: false}", READER),
         "start_changed caution switches are turned: a is false, b is false, c is true and 1 more"),
        (_flag("--queue=a, --queue=b"), _flag("--queue=a"), "start_changed caution --queue no longer names b"),
        (_variable("DATABASE_URL", "postgres://u@old:5432/a"), _variable("DATABASE_URL", "postgres://u@new.data/a"),
         "start_changed caution DATABASE_URL leads to new.data, and led to old"),
        (_file("smtp: {host: a.example}\nb: 1", READER), _file("smtp: {host: b.example}\nb: 1", READER),
         "start_changed caution host leads to b.example, and led to a.example"),
        (_flag("--keep-last=14"), _flag("--keep-last=2"),
         f"data_loss danger --keep-last was 14, and is 2 now: {GONE}"),
        (_flag("--cors-allowed-origins=https://a"), _flag("--cors-allowed-origins=*"),
         "exposed caution --cors-allowed-origins is * now: any page may call it"),
        (_flag("--storage-engine=wiredTiger"), _flag("--storage-engine=rocksdb"),
         f"start_changed caution --storage-engine is rocksdb now, and was wiredTiger: {THERE}"),
        (_flag("--store=boltdb"), _flag("--store=inmemory"),
         f"data_loss danger --store is inmemory now: {GONE_WITH_IT}"),
        (_own("storage: {type: persistent-claim}"), _own("storage: {type: ephemeral}"),
         f"data_loss danger storage.type is ephemeral now: {GONE_WITH_IT}"),
        (_flag("--auth=oidc"), _flag("--auth=ldap"),
         f"start_changed caution --auth is ldap now, and was oidc: {OTHERWISE}"),
        (_variable("HOST_AUTH_METHOD", "md5"), _variable("HOST_AUTH_METHOD", "trust"),
         f"exposed danger HOST_AUTH_METHOD is trust now: {OPEN}"),
        (_variable("PGSSLMODE", "require"), _variable("PGSSLMODE", "prefer"),
         "exposed danger PGSSLMODE is prefer now: what is not encrypted is taken"),
        (_file("[database]\ntype = sqlite\n[log]\nmode = a\n", READER),
         _file("[database]\ntype = postgres\n[log]\nmode = b\n", READER),
         f"start_changed caution database.type is postgres now, and was sqlite: {THERE}"),
        (_variable("CACHE_BACKEND", "redis"), _variable("CACHE_BACKEND", "memory"),
         "start_changed caution CACHE_BACKEND is memory now, and was redis"),
        (_flag("--uploader-type=restic"), _flag("--uploader-type=kopia"),
         "start_changed caution --uploader-type is kopia now, and was restic"),
        (_file("Critical").replace("web.conf", "risk-level"), _file("High").replace("web.conf", "risk-level"),
         "start_changed caution risk-level is High now, and was Critical"),
        (_file("a: {use-headers: true}\nb: 1", NAMES), _file("a: {use-headers: false}\nb: 1", NAMES),
         "start_changed caution use-headers is false now"),
        (_file("{a: {mode: x}, b: {mode: x}, c: {mode: x}, d: {mode: x}}", READER),
         _file("{a: {mode: z}, b: {mode: z}, c: {mode: z}, d: {mode: z}}", READER),
         "start_changed caution other words choose what it uses: a.mode is z now, and was x,"
         " b.mode is z now, and was x, c.mode is z now, and was x and 1 more"),
    ],
)  # fmt: skip
def test_what_another_value_means(before: str, after: str, expected: str) -> None:
    assert risks_told(before, after) == [expected] * bool(expected)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (_own("retention: 15d"), _own("retention: 360h")),
        (_own("retention: 24h"), _own("retention: 15d")),
        (_own("retention: 0s"), _own("retention: 24h")),
        (_own("retention: {days: 7}"), _own("retention: [7]")),
        (_own("interval: 15d"), _own("interval: 24h")),
        (_flag("--auth=false"), _flag("--auth=true")),
        (_flag("--verbose=true"), _flag("--verbose=false")),
        (_flag("--retries=1"), _flag("--retries=0")),
        (_flag("--tag=a=1, --tag=b=1"), _flag("--tag=a=2, --tag=b=1")),
        (_variable("API_URL", "http://localhost:80"), _variable("API_URL", "http://127.0.0.1:80")),
        (_variable("API_URL", "http://a.example/x"), _variable("API_URL", "http://a.example/y")),
        (_variable("API_URL", "http://old") + SERVICE, _variable("API_URL", "http://new") + SERVICE),
        (_flag("--keep-alive=60s"), _flag("--keep-alive=30s")),
        (_flag("--content-type=json"), _flag("--content-type=protobuf")),
        (_flag("--instance-type=small"), _flag("--instance-type=large")),
        (_file("a: {use-headers: true}\nb: 1", NAMES.replace("/web", "/web-2")),
         _file("a: {use-headers: false}\nb: 1", NAMES.replace("/web", "/web-2"))),
        (_flag("--log-format=json"), _flag("--log-format=text")),
        (_flag("--mode=true"), _flag("--mode=strict")),
        (_flag("--storage-engine=v1.2"), _flag("--storage-engine=v1.3")),
        (_variable("DB_TYPE", "Postgres"), _variable("DB_TYPE", "postgres")),
        (_variable("GREETING", "hello"), _variable("GREETING", "welcome")),
        (_file("auth: {type: oidc}\na: b"), _file("auth: {type: ldap}\na: b")),
        (_flag("--disable-anonymous=false"), _flag("--disable-anonymous=true")),
        (_flag("--insecure=true"), _flag("--insecure=false")),
        (_file("metrics: {enabled: true}\na: b"), _file("metrics: {enabled: false}\na: b")),
        (_flag("--log-name=a"), _flag("--log-name=b")),
        (_flag("--release-name=a"), _flag("--release-name=b")),
        (_flag("--block-id=a"), _flag("--block-id=b")),
        (_variable("CLUSTER_NAME", ""), _variable("CLUSTER_NAME", "a")),
        (_flag("--listen=0.0.0.0:80"), _flag("--listen=127.0.0.1:81")),
        (_flag("--listen=:80"), _flag("--listen=0.0.0.0:80")),
        (_flag("--upstream=http://localhost:80"), _flag("--upstream=http://web:80")),
        (_variable("HOST", ""), _variable("HOST", "localhost")),
        (_file("db_name: a\na: b"), _file("db_name: \"a\"\na: b")),
        (_file("a: {b: 1, c: 2}"), _file("a: {b: 1}")),
        (_file("a = 1\n[b]\nc = 2\n", READER), _file("a=1\n# More.\n[b]\nd = 3\nc=2\n", READER)),
        (_file("a: {b: 1, c: null}", READER), _file("a: {b: 1}", READER)),
        (_file("a: {b: 1}", READER), _file("a: {b: 1, c: 2}", READER)),
        (_file("#!/bin/sh\nexport DB_NAME=a\n", READER), _file("#!/bin/sh\nexport DB_NAME=a # b\n", READER)),
    ],
)  # fmt: skip
def test_what_means_nothing(before: str, after: str) -> None:
    assert risks_told(before, after) == []
